// What the plan counts of its own work: values that were due and those that are approved, and reports that were published.
#include "people/counts.h"
#include "plan/live.h"
#include "plan/value_store.h"

DB_QUERY(own_approved_sql, "iii", "tiib", "select indicator, first, last, institution from desk.plan_value where state = 'approved' and first >= $1 and last <= $2 "
         "and (demo = 0 or $3 = 1) group by indicator, first, last, institution"); // by counties it is one value
DB_QUERY(own_reports_sql, "", "tiI", "select state, made_at, published_at from desk.plan_report");

#define YEARS_MONTHS (PLAN_LIVE_YEARS * 12)
struct owing { const struct plan_ask *ask; int first, now; int64_t due[YEARS_MONTHS], approved[YEARS_MONTHS]; };

// A value is due in the last month of its period, once that is over.
static void due_count(struct owing *g, const struct list *institutions)
{
    const struct pack_plan *plan = g->ask->plan;
    const struct institution *inst = institutions->at;
    const int end = (g->ask->last_year + 1) * 12;
    for (size_t i = 0; i < institutions->n; i++)
        for (size_t x = 0; x < plan->n_indicators; x++)
            if (plan_value_owed(&plan->indicator[x], inst[i].code, inst[i].type))
                for (int m = g->first; m + plan->indicator[x].every <= end && m + plan->indicator[x].every <= g->now; m += plan->indicator[x].every)
                    g->due[m + plan->indicator[x].every - 1 - g->first]++;
}

static enum err approved_count(struct db *db, struct owing *g, const struct list *institutions)
{
    struct db_rows *r;
    const int last = (g->ask->last_year + 1) * 12 - 1;
    enum err e = db_query(db, &own_approved_sql, DB_ARGS(DB_I(plan_month_key(g->first)), DB_I(plan_month_key(last)), DB_I(g->ask->demo)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct id id;
        const struct pack_plan_indicator *x = pack_plan_indicator(g->ask->plan, db_str(r, 0));
        int from = plan_month_of_key(db_int(r, 1)), to = plan_month_of_key(db_int(r, 2));
        e = id_from_bytes(db_str(r, 3), &id) ? ERR_TAMPERED : OK;
        const struct institution *of = e ? NULL : institution_by_id(institutions, id);
        // Only what is owed is counted, so that the share stays one: neither of another version's period, nor still running.
        if (x && of && plan_value_owed(x, of->code, of->type) && to - from + 1 == x->every && to < g->now)
            g->approved[to - g->first]++;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

enum err plan_own_values(struct db *db, struct arena *a, const struct plan_ask *ask, enum pack_plan_measure m, plan_own_told *told, void *ctx)
{
    struct list institutions;
    struct owing *g = ARENA_NEW(a, struct owing);
    enum err e = g ? institutions_db(db, a, false, &institutions) : ERR_MEMORY;
    if (e)
        return e;
    *g = (struct owing){.ask = ask, .first = PLAN_MONTH(ask->first_year, 1), .now = plan_month_of(ask->now)};
    due_count(g, &institutions);
    e = m == PACK_PLAN_APPROVED ? approved_count(db, g, &institutions) : OK;
    for (int i = 0; i < (ask->last_year - ask->first_year + 1) * 12 && !e; i++)
        if (g->due[i] > 0) // a month in which nothing was due has no share
            e = told(ctx, g->first + i, PLAN_NOWHERE, m == PACK_PLAN_APPROVED ? g->approved[i] : g->due[i]);
    return e;
}

// Known from the month in which the first report was begun: before that there was nobody who would have published one here.
enum err plan_own_reports(struct db *db, struct arena *a, const struct plan_ask *ask, enum pack_plan_measure m, plan_own_told *told, void *ctx)
{
    (void)a, (void)m;
    struct db_rows *r;
    int begin = INT_MAX;
    enum err e = db_query(db, &own_reports_sql, DB_ARGS(), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        int made = plan_month_of(db_int(r, 1));
        begin = made < begin ? made : begin;
        if (str_equal_z(db_str(r, 0), "published") && !db_null(r, 2))
            e = told(ctx, plan_month_of(db_int(r, 2)), PLAN_NOWHERE, 1);
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    for (int month = begin < PLAN_MONTH(ask->first_year, 1) ? PLAN_MONTH(ask->first_year, 1) : begin;
         begin != INT_MAX && month <= PLAN_MONTH(ask->last_year, 12) && !e; month++)
        e = told(ctx, month, PLAN_NOWHERE, 0);
    return e;
}
