// One activity in a year: what of it is counted, what was planned to be done and paid for, and what its owners tell.
#include "people/counts.h"
#include "plan/handlers.h"
#include "register/counts.h"

#define ROWS_MAX 300 // milestones, narratives of one activity

struct showing {
    struct req *rq;
    const struct plan_year *y;
    size_t activity;
    struct plan_activity_out *out;
    struct list steps, narratives, institutions;
};

static enum err rows_read(struct db *db, void *arg)
{
    struct showing *g = arg;
    struct req *rq = g->rq;
    const struct pack_plan_activity *x = &g->y->version.plan->activity[g->activity];
    struct entry_rows_ask ask = {STR(PLAN_STEPS), STR("activity"), x->code, rq->sv->demo, ROWS_MAX};
    enum err e = entry_rows_db(db, rq->arena, &ask, &g->steps);
    ask.reg = STR(PLAN_NARRATIVES);
    e = e ? e : entry_rows_db(db, rq->arena, &ask, &g->narratives);
    return e ? e : institutions_db(db, rq->arena, str_equal_z(rq->lang_code, "en"), &g->institutions);
}

// ── rows ──
static struct str name_of(const struct showing *g, const struct entry_told *row)
{
    return str_equal_z(g->rq->lang_code, "en") && row->name_en.n > 0 ? row->name_en : row->name;
}

static void steps_put(struct showing *g)
{
    struct req *rq = g->rq;
    const struct pack_register *reg = pack_register(rq->sv->pack, STR(PLAN_STEPS));
    const struct entry_told *row = g->steps.at;
    struct plan_step_row *at = arena_array(rq->arena, g->steps.n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && reg && i < g->steps.n; i++) {
        const struct pack_register_stage *s = pack_register_stage(reg, row[i].stage);
        if (row[i].day / 10000 != g->y->year)
            continue;
        at[n] = (struct plan_step_row){.id = row[i].id, .title = row[i].title, .institution = row[i].institution, .start = entry_told_value(&row[i], "start"),
                                       .due = entry_told_value(&row[i], "date"), .stage = row[i].stage, .hundredths = s ? s->hundredths : 0,
                                       .name = name_of(g, &row[i]), .stage_text = s ? pack_words(rq->sv->pack, s->label, rq->lang) : row[i].stage,
                                       .due_text = plan_day_text(rq, row[i].day)};
        at[n].late = at[n].hundredths < 100 && row[i].day < plan_day(rq->now);
        n++;
    }
    g->out->milestone_rows = (struct list){at, n};
}

static void narratives_put(struct showing *g)
{
    struct req *rq = g->rq;
    const struct entry_told *row = g->narratives.at;
    struct plan_told_row *at = arena_array(rq->arena, g->narratives.n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < g->narratives.n; i++) {
        int64_t share;
        struct str percent = entry_told_value(&row[i], "share");
        if (row[i].day / 10000 != g->y->year)
            continue;
        bool told = percent.n > 0 && !str_int(percent, &share);
        at[n++] = (struct plan_told_row){.id = row[i].id, .title = row[i].title, .institution = row[i].institution, .done = entry_told_value(&row[i], "done"),
                                         .difficulties = entry_told_value(&row[i], "difficulties"), .next = entry_told_value(&row[i], "next"),
                                         .share = told ? share * PLAN_ONE : PLAN_NOT_SET, .name = name_of(g, &row[i]),
                                         .share_text = told ? plan_sentence(rq, MSG_PLAN_PERCENT, TEXT_ARGS(TEXT_S("n", percent))) : STR("")};
    }
    g->out->narratives = (struct list){at, n};
}

static void money_put(struct showing *g)
{
    struct req *rq = g->rq;
    const struct plan_work *w = &g->y->work;
    const struct pack *p = rq->sv->pack;
    struct plan_money_row *at = arena_array(rq->arena, w->n_sources + 2, sizeof *at);
    size_t n = 0;
    for (size_t s = 0; at && s <= w->n_sources; s++) {
        const struct plan_money m = plan_work_money(w, g->activity, s);
        struct str source = pack_list_at(p, PLAN_FUNDING, s);
        if (!m.has_planned && !m.has_spent && m.moved + m.moved_spent == 0)
            continue;
        at[n] = (struct plan_money_row){.activity = g->out->code, .source = source,
                                        .title = source.n > 0 ? pack_label(p, PLAN_FUNDING, source, rq->lang) : text_get(rq->lang, MSG_PLAN_OTHER_SOURCE)};
        plan_money_fill(rq, &m, &at[n++]);
    }
    if (at && n > 1 && !rq->json) { // the sum of the sources, for people
        const struct plan_money m = plan_work_money(w, g->activity, PLAN_ALL);
        at[n] = (struct plan_money_row){.title = text_get(rq->lang, MSG_PLAN_WHOLE), .whole = true};
        plan_money_fill(rq, &m, &at[n++]);
    }
    g->out->money = (struct list){at, n};
}

static void indicators_put(struct showing *g)
{
    const struct pack_plan *plan = g->y->version.plan;
    struct plan_row *at = arena_array(g->rq->arena, plan->n_indicators + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < plan->n_indicators; i++)
        if (str_equal(plan->indicator[i].activity, plan->activity[g->activity].code))
            plan_row_fill(g->rq, g->y, i, plan_country(g->rq->sv->pack), &at[n++]);
    g->out->indicators = (struct list){at, n};
}

// ── words ──
static struct list codes(struct req *rq, const struct str *at, size_t n)
{
    struct str *out = arena_array(rq->arena, n + 1, sizeof *out);
    for (size_t i = 0; out && i < n; i++)
        out[i] = arena_str(rq->arena, at[i]);
    return (struct list){out, out ? n : 0};
}

static struct str names(const struct showing *g, const struct list *of)
{
    struct buf b;
    buf_init(&b, 16 * 1024);
    for (size_t i = 0; i < of->n; i++) {
        const struct str code = ((const struct str *)of->at)[i];
        const struct institution *x = institution_by_code(&g->institutions, code);
        buf_put_z(&b, i > 0 ? ", " : "");
        buf_put(&b, x ? x->name : code);
    }
    struct str out = arena_str(g->rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

// "How was this computed?": each score with its numbers.
static void how_put(struct showing *g)
{
    struct req *rq = g->rq;
    struct plan_activity_out *out = g->out;
    const struct plan_steps *s = &g->y->work.steps[g->activity];
    const struct plan_money m = plan_work_money(&g->y->work, g->activity, PLAN_ALL);
    struct plan_money_row row = {0};
    plan_money_fill(rq, &m, &row);
    out->score_how = out->score_text.n > 0
        ? plan_sentence(rq, MSG_PLAN_ACTIVITY_HOW, TEXT_ARGS(TEXT_S("score", out->score_text), TEXT_I("n", out->with_data), TEXT_I("of", out->of)))
        : text_get(rq->lang, MSG_PLAN_SCORE_NO_DATA);
    out->steps_text = plan_part_text(rq, plan_steps_reached(s));
    out->implementation_text = plan_part_text(rq, plan_steps_done(s));
    out->steps_how = s->due > 0
        ? plan_sentence(rq, MSG_PLAN_STEPS_HOW, TEXT_ARGS(TEXT_I("sum", s->hundredths), TEXT_I("n", s->due), TEXT_S("score", out->steps_text),
                                                 TEXT_I("done", s->done), TEXT_S("rate", out->implementation_text)))
        : text_get(rq->lang, MSG_PLAN_STEPS_NONE);
    out->execution_text = row.execution_text;
    out->execution_how = row.execution_text.n > 0
        ? plan_sentence(rq, MSG_PLAN_EXECUTION_FORMULA, TEXT_ARGS(TEXT_S("spent", row.spent_text), TEXT_S("planned", row.planned_text),
                                                         TEXT_S("execution", row.execution_text)))
        : text_get(rq->lang, MSG_PLAN_EXECUTION_NONE);
}

static void head_put(struct showing *g)
{
    struct req *rq = g->rq;
    struct plan_activity_out *out = g->out;
    const struct pack_plan *plan = g->y->version.plan;
    const struct pack_plan_activity *x = &plan->activity[g->activity];
    const struct pack_plan_title *objective = pack_plan_title(plan->objective, plan->n_objectives, x->objective);
    const struct plan_score_row score = plan_activity_score(rq, g->y, g->activity);
    struct buf years;
    buf_init(&years, 200);
    for (size_t i = 0; i < x->n_years; i++)
        buf_printf(&years, "%s%d", i > 0 ? ", " : "", x->years[i]);
    *out = (struct plan_activity_out){
        .year = g->y->year, .version = g->y->version.number, .code = score.code, .objective = score.objective, .title = score.title,
        .responsible = codes(rq, x->responsible, x->n_responsible), .partners = codes(rq, x->partners, x->n_partners),
        .score = score.score, .with_data = score.with_data, .of = score.of, .milestones = score.milestones, .steps = score.steps,
        .steps_done = score.steps_done, .implementation = PLAN_NOT_SET, .planned = score.planned, .carried = score.carried, .spent = score.spent,
        .execution = score.execution, .year_text = arena_printf(rq->arena, "%lld", (long long)g->y->year), .years_text = arena_str(rq->arena, buf_str(&years)),
        .objective_text = objective ? arena_printf(rq->arena, "%.*s. %.*s", STR_ARG(objective->code), STR_ARG(plan_label(rq, objective->title))) : STR(""),
        .score_text = score.score_text, .about = score.about, .year_choices = plan_years(rq, plan, g->y->year),
        .may_enter = req_may(rq, PERM_REGISTER_EDIT)};
    const struct plan_part done = plan_steps_done(&g->y->work.steps[g->activity]);
    if (done.of > 0)
        out->implementation = 100 * PLAN_ONE * done.n / done.of;
    buf_free(&years);
}

enum err plan_activity_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_activity_in *in = in_;
    struct plan_read r;
    enum err e = plan_read_year(rq, in->year, 0, false, &r);
    if (e)
        return e;
    const struct pack_plan *plan = r.y.version.plan;
    const struct pack_plan_activity *x = pack_plan_activity(plan, rq->code);
    struct showing g = {.rq = rq, .y = &r.y, .activity = x ? (size_t)(x - plan->activity) : 0, .out = out_};
    e = x ? store_read_slow(rq->sv->store, rows_read, &g) : ERR_NOT_FOUND;
    if (!e) {
        head_put(&g);
        indicators_put(&g);
        steps_put(&g);
        money_put(&g);
        narratives_put(&g);
        if (!rq->json) {
            g.out->responsible_text = names(&g, &g.out->responsible);
            g.out->partners_text = names(&g, &g.out->partners);
            how_put(&g);
        }
    }
    arena_free(&r.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
