#include "plan/work.h"
#include "plan/live.h"
#include "plan/version.h"
#include "register/counts.h"

#define PAYERS_MAX 500
#define MONEY_MAX (INT64_C(100) * 1000 * 1000 * 1000 * 1000) // of one year: well below what an amount of the plan can say

struct working {
    const struct plan_work_ask *ask;
    struct plan_work *w;
    bool spending;
    int64_t day;                 // until when stages are looked at
    int64_t total;
};

static struct str said(const struct entry_facts *row, const char *field, int64_t *n)
{
    for (size_t i = 0; i < row->n; i++)
        if (str_equal_z(row->fact[i].field, field)) {
            *n = row->fact[i].n;
            return row->fact[i].value;
        }
    *n = 0;
    return STR("");
}

static bool has(const struct entry_facts *row, const char *field)
{
    for (size_t i = 0; i < row->n; i++)
        if (str_equal_z(row->fact[i].field, field))
            return true;
    return false;
}

static size_t activity_of(const struct working *g, const struct entry_facts *row)
{
    int64_t n;
    const struct pack_plan_activity *x = pack_plan_activity(g->ask->plan, said(row, "activity", &n));
    return x ? (size_t)(x - g->ask->plan->activity) : g->w->n_activities;
}

static size_t source_of(const struct working *g, const struct entry_facts *row)
{
    int64_t n;
    struct str source = said(row, "source", &n), at;
    for (size_t i = 0; (at = pack_list_at(g->ask->pack, PLAN_FUNDING, i)).n; i++)
        if (str_equal(at, source))
            return i;
    return g->w->n_sources;
}

static struct plan_money *payer_of(struct working *g, struct id institution)
{
    struct plan_work *w = g->w;
    for (size_t i = 0; i < w->n_payers; i++)
        if (id_equal(w->payer[i].institution, institution))
            return &w->payer[i].money;
    if (w->n_payers == PAYERS_MAX)
        return NULL;
    w->payer[w->n_payers] = (struct plan_payer){.institution = institution};
    return &w->payer[w->n_payers++].money;
}

static void money_put(struct plan_money *m, bool spending, bool moved, bool carried, int64_t n)
{
    if (moved) {
        *(spending ? &m->moved_spent : &m->moved) += n;
    } else if (spending) {
        m->has_spent = true;
        m->spent += n;
        m->spent_carried += carried ? n : 0;
    } else {
        m->has_planned = true;
        m->planned += n;
        m->carried += carried ? n : 0;
    }
}

// A row of the budget or of what was spent. Its day is in the year in which it counts; where it comes from another, it says so.
static enum err money_told(void *ctx, const struct entry_facts *row)
{
    struct working *g = ctx;
    int64_t n, from = 0, ignored;
    (void)said(row, g->spending ? "spent" : "planned", &n);
    bool carried = has(row, "carried_from"), here = row->day / 10000 == g->ask->year;
    if (carried && str_int(said(row, "carried_from", &ignored), &from))
        from = 0;
    bool moved = !here && from == g->ask->year && row->day / 10000 == from + 1;
    if (!here && !moved)
        return OK;
    if (n < 0 || __builtin_add_overflow(g->total, n, &g->total) || g->total > MONEY_MAX)
        return ERR_TOO_LARGE;
    struct plan_money *payer = payer_of(g, row->institution);
    money_put(&g->w->money[activity_of(g, row) * (g->w->n_sources + 1) + source_of(g, row)], g->spending, moved, carried, n);
    if (payer)
        money_put(payer, g->spending, moved, carried, n);
    return OK;
}

// Where a step had come by the day: the stage that it reached last; of several on one day the furthest.
static enum err step_told(void *ctx, const struct entry_facts *row)
{
    struct working *g = ctx;
    const struct pack_register *r = pack_register(g->ask->pack, STR(PLAN_STEPS));
    int64_t last = 0, hundredths = 0;
    if (row->day / 10000 != g->ask->year)
        return OK;
    for (size_t i = 0; i < row->n; i++) {
        const struct entry_counted *f = &row->fact[i];
        const struct pack_register_stage *s = f->field.n == 0 ? pack_register_stage(r, f->value) : NULL;
        // The first stage is written with the row's own day, which is when the step is due: all others come after it.
        int64_t day = s == &r->stage[0] && f->n >= row->day ? 1 : f->n;
        if (!s || s->hundredths == PACK_NO_SHARE || day > g->day || day < last || (day == last && s->hundredths < hundredths))
            continue;
        last = day;
        hundredths = s->hundredths;
    }
    struct plan_steps *x = &g->w->steps[activity_of(g, row)];
    x->due++;
    x->done += hundredths == 100;
    x->hundredths += hundredths;
    return OK;
}

enum err plan_work_db(struct db *db, struct arena *a, const struct plan_work_ask *ask, struct plan_work *out)
{
    struct plan_work w = {.year = ask->year, .n_activities = ask->plan->n_activities};
    while (pack_list_at(ask->pack, PLAN_FUNDING, w.n_sources).n)
        w.n_sources++;
    w.money = arena_array(a, (w.n_activities + 1) * (w.n_sources + 1), sizeof *w.money);
    w.steps = arena_array(a, w.n_activities + 1, sizeof *w.steps);
    w.payer = arena_array(a, PAYERS_MAX, sizeof *w.payer);
    if (!w.money || !w.steps || !w.payer)
        return ERR_MEMORY;
    int64_t today = plan_day(ask->now), end = ask->year * 10000 + 1231;
    struct working g = {.ask = ask, .w = &w, .day = today < end ? today : end};
    enum err e = pack_register(ask->pack, STR(PLAN_STEPS)) ? entry_facts_db(db, STR(PLAN_STEPS), ask->demo, step_told, &g) : OK;
    e = e ? e : entry_facts_db(db, STR(PLAN_BUDGET), ask->demo, money_told, &g);
    g.spending = true;
    g.total = 0;
    e = e ? e : entry_facts_db(db, STR(PLAN_SPENDING), ask->demo, money_told, &g);
    if (!e)
        *out = w;
    return e;
}

// ── put together ──
static void money_add(struct plan_money *to, const struct plan_money *m)
{
    to->has_planned |= m->has_planned;
    to->has_spent |= m->has_spent;
    to->planned += m->planned;
    to->carried += m->carried;
    to->spent += m->spent;
    to->spent_carried += m->spent_carried;
    to->moved += m->moved;
    to->moved_spent += m->moved_spent;
}

struct plan_money plan_work_money(const struct plan_work *w, size_t activity, size_t source)
{
    struct plan_money out = {0};
    for (size_t i = 0; i <= w->n_activities; i++)
        for (size_t s = 0; s <= w->n_sources; s++)
            if ((activity == PLAN_ALL || activity == i) && (source == PLAN_ALL || source == s))
                money_add(&out, &w->money[i * (w->n_sources + 1) + s]);
    return out;
}

struct plan_money plan_work_objective(const struct plan_work *w, const struct pack_plan *plan, struct str objective, size_t source)
{
    struct plan_money out = {0};
    for (size_t i = 0; i < w->n_activities; i++)
        if (str_equal(plan->activity[i].objective, objective)) {
            struct plan_money one = plan_work_money(w, i, source);
            money_add(&out, &one);
        }
    return out;
}

struct plan_steps plan_work_steps(const struct plan_work *w, const struct pack_plan *plan, struct str objective)
{
    struct plan_steps out = {0};
    for (size_t i = 0; i < w->n_activities; i++)
        if (objective.n == 0 || str_equal(plan->activity[i].objective, objective)) {
            out.due += w->steps[i].due;
            out.done += w->steps[i].done;
            out.hundredths += w->steps[i].hundredths;
        }
    return out;
}

struct plan_part plan_execution(const struct plan_money *m)
{
    return m->has_planned && m->has_spent ? plan_part_of(m->spent, m->planned) : (struct plan_part){0, 0};
}

struct plan_part plan_steps_reached(const struct plan_steps *s) { return plan_part_of(s->hundredths, s->due * 100); }
struct plan_part plan_steps_done(const struct plan_steps *s) { return plan_part_of(s->done, s->due); }
