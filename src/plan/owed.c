#include "plan/owed.h"

#include <string.h>

DB_QUERY(plan_owed_sql, "ii", "tiibi",
         "select indicator, first, last, institution, cast(max(case when state = 'approved' then 4 when state = 'submitted' then 3 "
         "when state = 'draft' and blank <> '' then 2 else 1 end) as bigint) from desk.plan_value where first >= $1 and last <= $2 "
         "group by indicator, first, last, institution");

static uint8_t *state_at(const struct plan_owed *o, size_t institution, size_t indicator, int month)
{
    return &o->state[(institution * o->plan->n_indicators + indicator) * 12 + (size_t)(month % 12)];
}

enum plan_owed_state plan_owed_at(const struct plan_owed *o, size_t institution, size_t indicator, int month)
{
    return (enum plan_owed_state)*state_at(o, institution, indicator, month);
}

enum err plan_owed_db(struct db *db, struct arena *a, const struct pack_plan *plan, int year, const struct list *institutions, struct plan_owed *out)
{
    struct plan_owed o = {.plan = plan, .institutions = institutions, .year = year};
    const struct institution *all = institutions->at;
    size_t cells = institutions->n * plan->n_indicators * 12 + 1;
    struct db_rows *r;
    o.state = arena_alloc(a, cells);
    if (!o.state)
        return ERR_MEMORY;
    memset(o.state, PLAN_OWED_NOTHING, cells);
    enum err e = db_query(db, &plan_owed_sql, DB_ARGS(DB_I(plan_month_key(year * 12)), DB_I(plan_month_key(year * 12 + 11))), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct id id;
        const struct pack_plan_indicator *x = pack_plan_indicator(plan, db_str(r, 0));
        int first = plan_month_of_key(db_int(r, 1)), last = plan_month_of_key(db_int(r, 2));
        e = id_from_bytes(db_str(r, 3), &id) ? ERR_TAMPERED : OK;
        const struct institution *of = e ? NULL : institution_by_id(institutions, id);
        if (x && of && last - first + 1 == x->every) // of another length: of a version of the plan that is not this year's
            *state_at(&o, (size_t)(of - all), (size_t)(x - plan->indicator), first) = (uint8_t)db_int(r, 4);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *out = o;
    return e;
}
