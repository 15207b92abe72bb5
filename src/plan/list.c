// The plan of a year: objectives, activities and indicators with their values and how far they have come.
#include "base/clock.h"
#include "plan/handlers.h"
#include "text/date.h"

// ── one year ──
struct reading { struct plan_year_ask ask; bool all; struct plan_read *out; };

static enum err year_read(struct db *db, void *arg)
{
    struct reading *r = arg;
    struct plan_version first;
    // Without a year: that of today, as far as the plan goes.
    if (r->ask.year == 0) {
        enum err e = plan_version_on_day_db(db, r->out->a, r->ask.pack, plan_day(r->ask.now), &first);
        if (e)
            return e;
        r->ask.year = plan_year_shown(first.plan, r->ask.now);
    }
    enum err e = r->all ? OK : plan_year_db(db, r->out->a, &r->ask, &r->out->y);
    if (!r->all)
        return e;
    // The plan's years, as far as they are read in one go, ending with its last.
    e = plan_version_of_year_db(db, r->out->a, r->ask.pack, r->ask.year, &first);
    if (e || !pack_plan_year(first.plan, r->ask.year))
        return e ? e : ERR_NOT_FOUND;
    struct plan_year_ask ask = r->ask;
    int64_t last = first.plan->years[first.plan->n_years - 1];
    ask.year = first.plan->years[0];
    if (last - ask.year >= PLAN_LIVE_YEARS)
        ask.year = r->ask.year + PLAN_LIVE_YEARS - 1 < last ? r->ask.year : last - PLAN_LIVE_YEARS + 1;
    last = last - ask.year >= PLAN_LIVE_YEARS ? ask.year + PLAN_LIVE_YEARS - 1 : last;
    r->out->n = (size_t)(last - ask.year + 1);
    e = plan_years_db(db, r->out->a, &ask, last, r->out->all);
    if (!e)
        r->out->y = r->out->all[r->ask.year - ask.year];
    return e;
}

int64_t plan_year_shown(const struct pack_plan *plan, int64_t now)
{
    int64_t year = date_local(now).year, first = plan->years[0], last = plan->years[plan->n_years - 1];
    return year < first ? first : year > last ? last : year;
}

enum err plan_read_year(struct req *rq, int64_t year, int64_t version, bool all, struct plan_read *out)
{
    struct reading r = {{rq->sv->pack, year, rq->now, version, rq->sv->demo}, all, out};
    *out = (struct plan_read){0};
    enum err e = year < 0 || version < 0 ? ERR_NOT_FOUND : arena_new(PLAN_ARENA, &out->a);
    e = e ? e : store_read_slow(rq->sv->store, year_read, &r);
    if (e)
        arena_free(&out->a);
    return e;
}

struct list plan_years(struct req *rq, const struct pack_plan *plan, int64_t on)
{
    struct choice *at = arena_array(rq->arena, plan->n_years + 1, sizeof *at);
    for (size_t i = 0; at && i < plan->n_years; i++) {
        struct str year = arena_printf(rq->arena, "%d", plan->years[i]);
        at[i] = (struct choice){year, year, plan->years[i] == on};
    }
    return (struct list){at, at ? plan->n_years : 0};
}

// ── rows ──
void plan_row_fill(struct req *rq, const struct plan_year *y, size_t i, uint32_t place, struct plan_row *out)
{
    const struct pack_plan_indicator *x = &y->version.plan->indicator[i];
    const struct plan_told *t = plan_told(y, i, place);
    const struct plan_target *g = &y->target[i];
    const bool shown = t->has && !t->hidden;
    *out = (struct plan_row){.code = arena_str(rq->arena, x->code), .activity = arena_str(rq->arena, x->activity),
                             .section = arena_str(rq->arena, x->section),
                             .title = arena_str(rq->arena, plan_label(rq, x->title)),
                             .kind = str_from(pack_plan_kind_name(x->kind)),
                             .unit = arena_str(rq->arena, plan_label(rq, x->unit)),
                             .source = str_from(pack_plan_source_name(x->source)),
                             .until = arena_str(rq->arena, x->until), .value = shown ? t->value : PLAN_NOT_SET,
                             .numerator = shown && x->kind == PACK_PLAN_PERCENT ? t->n : PLAN_NOT_SET,
                             .denominator = shown && x->kind == PACK_PLAN_PERCENT ? t->of : PLAN_NOT_SET,
                             .baseline = g->baseline, .target = g->target,
                             .achievement = shown ? plan_percent(t->achieved) : PLAN_NOT_SET,
                             .expected = plan_percent(y->expected[i]), .status = str_from(plan_light_name(t->light)),
                             .trend = str_from(plan_trend_name(t->trend)), .suppressed = t->hidden,
                             .partial = t->partial && t->has, .about_persons = x->about_persons,
                             .unit_text = x->kind == PACK_PLAN_PERCENT ? STR("") : arena_str(rq->arena, plan_label(rq, x->unit)),
                             .light_text = plan_light_text(rq, t->light), .source_text = plan_source_text(rq, x)};
    // A county's value has no target of its own.
    if (place + 1 != y->n_places)
        out->baseline = out->target = out->achievement = out->expected = PLAN_NOT_SET;
    out->value_text = t->hidden ? text_get(rq->lang, y->over ? MSG_PLAN_HIDDEN : MSG_PLAN_NOT_YET)
                      : shown ? plan_value_text(rq, x, t->value) : text_get(rq->lang, MSG_PLAN_NO_DATA);
    out->target_text = plan_value_text(rq, x, out->target);
    out->achievement_text = shown && t->achieved.of > 0 ? plan_part_text(rq, t->achieved) : STR("");
}

static struct plan_score_row score_row(struct req *rq, struct str code, struct str objective, const struct pack_text *title, struct plan_mean m)
{
    return (struct plan_score_row){.code = arena_str(rq->arena, code), .objective = arena_str(rq->arena, objective),
                                 .title = arena_str(rq->arena, plan_label(rq, title)),
                                 .score = m.n ? (int64_t)(m.value * 100 * (double)PLAN_ONE + 0.5) : PLAN_NOT_SET,
                                 .with_data = (int64_t)m.n, .of = (int64_t)m.of, .score_text = plan_mean_text(rq, m),
                                 .about = plan_sentence(rq, MSG_PLAN_OF_HAVE_DATA, TEXT_ARGS(TEXT_I("n", m.n), TEXT_I("of", m.of)))};
}

struct plan_score_row plan_activity_score(struct req *rq, const struct plan_year *y, size_t i)
{
    const struct pack_plan_activity *x = &y->version.plan->activity[i];
    struct plan_score_row out = score_row(rq, x->code, x->objective, x->title, y->activity[i]);
    const struct plan_money money = plan_work_money(&y->work, i, PLAN_ALL);
    plan_score_work(rq, &money, &y->work.steps[i], &out);
    return out;
}

// Rows of one activity or section; they stand together in the plan.
static struct list rows_of(const struct plan_row *row, size_t n, struct str activity, struct str section)
{
    size_t from = 0, to;
    while (from < n && !(activity.n ? str_equal(row[from].activity, activity) : str_equal(row[from].section, section)))
        from++;
    for (to = from; to < n && (activity.n ? str_equal(row[to].activity, activity) : str_equal(row[to].section, section)); to++)
        continue;
    return (struct list){row + from, to - from};
}

static enum err page_fill(struct req *rq, const struct plan_year *y, uint32_t place, struct plan_list_out *out)
{
    const struct pack_plan *plan = y->version.plan;
    struct plan_row *row = arena_array(rq->arena, plan->n_indicators + 1, sizeof *row);
    struct plan_score_row *objective = arena_array(rq->arena, plan->n_objectives + 1, sizeof *objective),
                          *activity = arena_array(rq->arena, plan->n_activities + 1, sizeof *activity),
                          *section = arena_array(rq->arena, plan->n_sections + 1, sizeof *section);
    if (!row || !objective || !activity || !section)
        return ERR_MEMORY;
    for (size_t i = 0; i < plan->n_indicators; i++)
        plan_row_fill(rq, y, i, place, &row[i]);
    for (size_t a = 0; a < plan->n_activities; a++) {
        activity[a] = plan_activity_score(rq, y, a);
        activity[a].rows = rows_of(row, plan->n_indicators, plan->activity[a].code, STR(""));
    }
    for (size_t o = 0; o < plan->n_objectives; o++) {
        objective[o] = score_row(rq, plan->objective[o].code, STR(""), plan->objective[o].title, y->objective[o]);
        const struct plan_money money = plan_work_objective(&y->work, plan, plan->objective[o].code, PLAN_ALL);
        const struct plan_steps steps = plan_work_steps(&y->work, plan, plan->objective[o].code);
        plan_score_work(rq, &money, &steps, &objective[o]);
        size_t from = 0, n = 0;
        while (from < plan->n_activities && !str_equal(activity[from].objective, objective[o].code))
            from++;
        while (from + n < plan->n_activities && str_equal(activity[from + n].objective, objective[o].code))
            n++;
        objective[o].activities = (struct list){activity + from, n};
    }
    for (size_t s = 0; s < plan->n_sections; s++)
        section[s] = (struct plan_score_row){.code = arena_str(rq->arena, plan->section[s].code),
                                             .title = arena_str(rq->arena, plan_label(rq, plan->section[s].title)),
                                             .rows = rows_of(row, plan->n_indicators, STR(""), plan->section[s].code)};
    out->indicators = (struct list){row, plan->n_indicators};
    out->activities = (struct list){activity, plan->n_activities};
    out->objectives = (struct list){objective, plan->n_objectives};
    out->sections = (struct list){section, plan->n_sections};
    out->year = y->year;
    out->version = y->version.number;
    out->with_data = (int64_t)y->with_data;
    out->of = (int64_t)y->n_indicators;
    out->years = plan_years(rq, plan, y->year);
    out->title = arena_str(rq->arena, y->version.title);
    out->version_text = plan_day_text(rq, y->version.from);
    out->may_edit = req_may(rq, PERM_PLAN_EDIT);
    out->running = !y->over;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_list_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_list_in *in = in_;
    struct plan_read r;
    enum err e = plan_read_year(rq, in->year, in->version, false, &r);
    if (e)
        return e;
    e = page_fill(rq, &r.y, plan_country(rq->sv->pack), out);
    arena_free(&r.a);
    return e;
}

enum err plan_list_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return plan_list_run(rq, &(struct plan_list_in){0}, out);
}

enum err plan_api_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_api_in *in = in_;
    struct plan_list_out *out = out_;
    struct plan_read r;
    int64_t version;
    if (str_int(rq->code, &version) || version < 1)
        return ERR_NOT_FOUND;
    enum err e = plan_read_year(rq, in->year, version, false, &r);
    if (e)
        return e;
    e = page_fill(rq, &r.y, in->county.n ? plan_place_of(rq->sv->pack, in->county) : plan_country(rq->sv->pack), out);
    out->county = in->county;
    arena_free(&r.a);
    return e;
}

// ── start ──
struct beginning { const struct pack *pack; int64_t now; };

static enum err begin_write(struct db *db, void *arg)
{
    const struct beginning *b = arg;
    return plan_begin_db(db, b->pack, b->now);
}

enum err plan_begin(struct services *sv)
{
    struct beginning b = {sv->pack, clock_now()};
    return store_write(sv->store, begin_write, &b);
}
