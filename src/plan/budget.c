// Money of the plan in a year: planned, carried over, spent, by objective, activity, source, institution and year. What nobody
// entered is shown as not given; what was entered as 0 is 0.
#include "people/counts.h"
#include "plan/handlers.h"

static struct str money_text(const struct req *rq, int64_t amount)
{
    return amount == PLAN_NOT_SET ? text_get(rq->lang, MSG_PLAN_NOT_GIVEN) : plan_amount_text(rq, amount);
}

void plan_money_fill(struct req *rq, const struct plan_money *m, struct plan_money_row *out)
{
    out->planned = m->has_planned ? m->planned * PLAN_ONE : PLAN_NOT_SET;
    out->carried = m->has_planned ? m->carried * PLAN_ONE : PLAN_NOT_SET;
    out->spent = m->has_spent ? m->spent * PLAN_ONE : PLAN_NOT_SET;
    out->execution = plan_percent(plan_execution(m));
    out->moved = m->moved * PLAN_ONE;
    out->moved_spent = m->moved_spent * PLAN_ONE;
    if (rq->json)
        return;
    out->planned_text = money_text(rq, out->planned);
    out->spent_text = money_text(rq, out->spent);
    out->carried_text = m->carried > 0 ? plan_amount_text(rq, out->carried) : STR("");
    out->execution_text = plan_part_text(rq, plan_execution(m));
    out->moved_text = m->moved + m->moved_spent > 0
        ? plan_sentence(rq, MSG_PLAN_MOVED_ROW, TEXT_ARGS(TEXT_S("planned", plan_amount_text(rq, out->moved)),
                                                 TEXT_S("spent", plan_amount_text(rq, out->moved_spent))))
        : STR("");
}

void plan_score_work(struct req *rq, const struct plan_money *m, const struct plan_steps *s, struct plan_score_row *out)
{
    struct plan_money_row row = {0};
    plan_money_fill(rq, m, &row);
    out->milestones = plan_percent(plan_steps_reached(s));
    out->steps = s->due;
    out->steps_done = s->done;
    out->planned = row.planned;
    out->carried = row.carried;
    out->spent = row.spent;
    out->execution = row.execution;
    if (rq->json)
        return;
    if (s->due > 0)
        out->steps_text = plan_sentence(rq, MSG_PLAN_STEPS_SHORT,
                               TEXT_ARGS(TEXT_S("percent", plan_part_text(rq, plan_steps_reached(s))), TEXT_I("done", s->done),
                                         TEXT_I("n", s->due)));
    if (m->has_planned || m->has_spent)
        out->money_text = plan_sentence(rq, MSG_PLAN_MONEY_SHORT,
                               TEXT_ARGS(TEXT_S("planned", row.planned_text), TEXT_S("spent", row.spent_text),
                                         TEXT_S("execution", row.execution_text.n > 0 ? row.execution_text
                                                                                      : text_get(rq->lang, MSG_PLAN_NOT_GIVEN))));
}

// ── the page ──
static struct plan_money_row row_of(struct req *rq, struct str code, struct str activity, struct str source, struct str title,
                                    const struct plan_money *m)
{
    struct plan_money_row out = {.code = arena_str(rq->arena, code), .activity = arena_str(rq->arena, activity),
                                 .source = arena_str(rq->arena, source), .title = arena_str(rq->arena, title)};
    plan_money_fill(rq, m, &out);
    return out;
}

static bool anything(const struct plan_money *m) { return m->has_planned || m->has_spent || m->moved > 0 || m->moved_spent > 0; }

static struct str source_text(const struct req *rq, size_t i)
{
    struct str code = pack_list_at(rq->sv->pack, PLAN_FUNDING, i);
    return code.n > 0 ? pack_label(rq->sv->pack, PLAN_FUNDING, code, rq->lang) : text_get(rq->lang, MSG_PLAN_OTHER_SOURCE);
}

struct budget {
    struct req *rq;
    const struct plan_year *y;
    struct plan_budget_out *out;
    struct plan_money_row *activity, *line, *part;
    size_t lines, n_part;
};

// One activity and its sources. i beyond the plan's: rows that name an activity of another version.
static void activity_put(struct budget *g, size_t i, bool other)
{
    struct req *rq = g->rq;
    const struct plan_work *w = &g->y->work;
    const struct pack_plan_activity *x = other ? NULL : &g->y->version.plan->activity[i];
    const struct plan_money all = plan_work_money(w, i, PLAN_ALL);
    struct str code = x ? x->code : STR(""), title = x ? plan_label(rq, x->title) : text_get(rq->lang, MSG_PLAN_OTHER_ACTIVITIES);
    struct plan_money_row row = row_of(rq, code, code, STR(""), title, &all);
    row.whole = true;
    g->activity[i] = g->part[g->n_part++] = row;
    for (size_t s = 0; s <= w->n_sources; s++) {
        const struct plan_money one = plan_work_money(w, i, s);
        if (anything(&one)) {
            row = row_of(rq, STR(""), code, pack_list_at(rq->sv->pack, PLAN_FUNDING, s), source_text(rq, s), &one);
            g->line[g->lines++] = g->part[g->n_part++] = row;
        }
    }
}

static void objectives_put(struct budget *g)
{
    struct req *rq = g->rq;
    const struct pack_plan *plan = g->y->version.plan;
    const struct plan_work *w = &g->y->work;
    struct plan_money_row *objective = arena_array(rq->arena, plan->n_objectives + 1, sizeof *objective);
    struct plan_money_part *part = arena_array(rq->arena, plan->n_objectives + 2, sizeof *part);
    size_t n = 0;
    for (size_t o = 0; objective && part && o < plan->n_objectives; o++) {
        const struct plan_money m = plan_work_objective(w, plan, plan->objective[o].code, PLAN_ALL);
        size_t from = g->n_part;
        objective[o] = row_of(rq, plan->objective[o].code, STR(""), STR(""), plan_label(rq, plan->objective[o].title), &m);
        for (size_t i = 0; i < plan->n_activities; i++)
            if (str_equal(plan->activity[i].objective, plan->objective[o].code))
                activity_put(g, i, false);
        struct plan_money_row *sum = &g->part[g->n_part++];
        *sum = objective[o];
        sum->code = STR("");
        sum->title = text_get(rq->lang, MSG_PLAN_OBJECTIVE_TOTAL);
        sum->whole = true;
        part[n++] = (struct plan_money_part){objective[o].code, objective[o].title, {g->part + from, g->n_part - from}};
    }
    const struct plan_money others = plan_work_money(w, plan->n_activities, PLAN_ALL);
    size_t from = g->n_part;
    if (part && anything(&others)) {
        activity_put(g, plan->n_activities, true);
        part[n++] = (struct plan_money_part){STR(""), text_get(rq->lang, MSG_PLAN_OTHER_ACTIVITIES), {g->part + from, g->n_part - from}};
    }
    g->out->objectives = (struct list){objective, objective ? plan->n_objectives : 0};
    g->out->activities = (struct list){g->activity, plan->n_activities + anything(&others)};
    g->out->lines = (struct list){g->line, g->lines};
    g->out->parts = (struct list){part, n};
}

static void sources_put(struct budget *g)
{
    struct req *rq = g->rq;
    const struct plan_work *w = &g->y->work;
    struct plan_money_row *at = arena_array(rq->arena, w->n_sources + 1, sizeof *at);
    size_t n = 0;
    for (size_t s = 0; at && s <= w->n_sources; s++) {
        const struct plan_money m = plan_work_money(w, PLAN_ALL, s);
        struct str code = pack_list_at(rq->sv->pack, PLAN_FUNDING, s);
        if (anything(&m))
            at[n++] = row_of(rq, code, STR(""), code, source_text(rq, s), &m);
    }
    g->out->sources = (struct list){at, n};
}

static enum err institutions_read(struct db *db, void *arg)
{
    struct budget *g = arg;
    struct req *rq = g->rq;
    const struct plan_work *w = &g->y->work;
    struct list all;
    struct plan_money_row *at = arena_array(rq->arena, w->n_payers + 1, sizeof *at);
    enum err e = at ? institutions_db(db, rq->arena, str_equal_z(rq->lang_code, "en"), &all) : ERR_MEMORY;
    for (size_t i = 0; i < w->n_payers && !e; i++) {
        const struct institution *x = institution_by_id(&all, w->payer[i].institution);
        at[i] = row_of(rq, x ? x->code : STR(""), STR(""), STR(""), x ? x->name : STR("–"), &w->payer[i].money);
    }
    g->out->institutions = (struct list){at, e ? 0 : w->n_payers};
    return e;
}

static void years_put(struct budget *g, const struct plan_read *r)
{
    struct req *rq = g->rq;
    struct plan_money_row *at = arena_array(rq->arena, r->n + 1, sizeof *at);
    for (size_t i = 0; at && i < r->n; i++) {
        const struct plan_money m = plan_work_money(&r->all[i].work, PLAN_ALL, PLAN_ALL);
        struct str year = arena_printf(rq->arena, "%lld", (long long)r->all[i].year);
        at[i] = row_of(rq, year, STR(""), STR(""), year, &m);
    }
    g->out->years = (struct list){at, at ? r->n : 0};
}

static void whole_put(struct budget *g)
{
    struct req *rq = g->rq;
    const struct plan_money m = plan_work_money(&g->y->work, PLAN_ALL, PLAN_ALL);
    struct plan_money_row *row = ARENA_NEW(rq->arena, struct plan_money_row);
    if (!row)
        return;
    *row = row_of(rq, STR(""), STR(""), STR(""), text_get(rq->lang, MSG_PLAN_WHOLE), &m);
    g->out->planned = row->planned;
    g->out->carried = row->carried;
    g->out->spent = row->spent;
    g->out->execution = row->execution;
    g->out->whole = (struct list){row, 1};
    g->out->any = anything(&m);
    if (m.moved + m.moved_spent > 0) {
        g->out->next_text = arena_printf(rq->arena, "%lld", (long long)g->y->year + 1);
        g->out->moved_text = plan_amount_text(rq, row->moved);
        g->out->moved_spent_text = plan_amount_text(rq, row->moved_spent);
    }
    if (row->execution_text.n > 0)
        g->out->formula = plan_sentence(rq, MSG_PLAN_EXECUTION_FORMULA, TEXT_ARGS(TEXT_S("spent", row->spent_text), TEXT_S("planned", row->planned_text),
                                                                          TEXT_S("execution", row->execution_text)));
}

// The year's version and its money, and the money of the plan's years around it: no figure is counted for that.
struct reading { struct req *rq; struct plan_read *out; int64_t year; };

static enum err budget_read(struct db *db, void *arg)
{
    struct reading *g = arg;
    const struct pack *p = g->rq->sv->pack;
    struct plan_read *r = g->out;
    struct plan_version now;
    enum err e = g->year ? OK : plan_version_on_day_db(db, r->a, p, plan_day(g->rq->now), &now);
    if (!e && g->year == 0)
        g->year = plan_year_shown(now.plan, g->rq->now);
    e = e ? e : plan_version_of_year_db(db, r->a, p, g->year, &r->y.version);
    if (e || !pack_plan_year(r->y.version.plan, g->year))
        return e ? e : ERR_NOT_FOUND;
    const struct pack_plan *plan = r->y.version.plan;
    const size_t at = (size_t)(g->year - plan->years[0]);
    size_t first = at >= PLAN_LIVE_YEARS ? at + 1 - PLAN_LIVE_YEARS : 0;
    r->y.year = g->year;
    for (r->n = 0; !e && r->n < PLAN_LIVE_YEARS && first + r->n < plan->n_years; r->n++) {
        struct plan_year *y = &r->all[r->n];
        const struct plan_work_ask ask = {p, plan, plan->years[first + r->n], g->rq->now, g->rq->sv->demo};
        y->year = ask.year;
        e = plan_work_db(db, r->a, &ask, &y->work);
        if (y->year == g->year)
            r->y.work = y->work;
    }
    return e;
}

static enum err budget_of(struct req *rq, int64_t year, struct plan_read *out)
{
    struct reading g = {rq, out, year};
    *out = (struct plan_read){0};
    enum err e = year < 0 ? ERR_NOT_FOUND : arena_new(PLAN_ARENA, &out->a);
    e = e ? e : store_read_slow(rq->sv->store, budget_read, &g);
    if (e)
        arena_free(&out->a);
    return e;
}

enum err plan_budget_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_budget_in *in = in_;
    struct plan_budget_out *out = out_;
    struct plan_read r;
    enum err e = budget_of(rq, in->year, &r);
    if (e)
        return e;
    const struct pack_plan *plan = r.y.version.plan;
    const size_t most = (plan->n_activities + 1) * (r.y.work.n_sources + 2) + plan->n_objectives + 2;
    struct budget g = {.rq = rq, .y = &r.y, .out = out, .activity = arena_array(rq->arena, plan->n_activities + 1, sizeof *g.activity),
                       .line = arena_array(rq->arena, most, sizeof *g.line), .part = arena_array(rq->arena, most, sizeof *g.part)};
    e = g.activity && g.line && g.part ? OK : ERR_MEMORY;
    if (!e) {
        objectives_put(&g);
        sources_put(&g);
        years_put(&g, &r);
        whole_put(&g);
        e = store_read(rq->sv->store, institutions_read, &g);
    }
    out->year = r.y.year;
    out->version = r.y.version.number;
    out->currency = arena_str(rq->arena, plan_label(rq, plan->currency));
    out->year_text = arena_printf(rq->arena, "%lld", (long long)out->year);
    out->year_choices = plan_years(rq, plan, out->year);
    out->may_enter = req_may(rq, PERM_REGISTER_EDIT);
    arena_free(&r.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
