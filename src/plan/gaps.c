// Information gaps of a year: what each institution owes of the periods that are over, and what of it is not there yet. That
// something is missing is everybody's to see; what was entered is not told here.
#include <stdlib.h>
#include <string.h>
#include "plan/entry.h"

DB_QUERY(gaps_sql, "ii", "tiibi", "select indicator, first, last, institution, "
         "cast(max(case state when 'approved' then 3 when 'submitted' then 2 else 1 end) as bigint) from desk.plan_value where first >= $1 and last <= $2 "
         "group by indicator, first, last, institution");

enum { GAP_NOTHING, GAP_BEGUN, GAP_GIVEN, GAP_APPROVED }; // as gaps_sql says it; begun: a draft, or returned

struct gaps {
    struct req *rq;
    const struct pack_plan *plan;
    struct list institutions;          // struct institution
    int year, now;                     // now: the month that is going on; a period is over before it
    uint8_t *state;                    // institution × indicator × month in which the period begins
};

static uint8_t *state_at(const struct gaps *g, size_t institution, size_t indicator, int month)
{
    return &g->state[(institution * g->plan->n_indicators + indicator) * 12 + (size_t)(month % 12)];
}

static enum err states_read(struct db *db, struct gaps *g)
{
    struct db_rows *r;
    const struct institution *all = g->institutions.at;
    enum err e = db_query(db, &gaps_sql, DB_ARGS(DB_I(plan_month_key(g->year * 12)), DB_I(plan_month_key(g->year * 12 + 11))), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct id id;
        const struct pack_plan_indicator *x = pack_plan_indicator(g->plan, db_str(r, 0));
        int first = plan_month_of_key(db_int(r, 1)), last = plan_month_of_key(db_int(r, 2));
        e = id_from_bytes(db_str(r, 3), &id) ? ERR_TAMPERED : OK;
        const struct institution *of = e ? NULL : institution_by_id(&g->institutions, id);
        if (x && of && last - first + 1 == x->every) // of another length: of a version of the plan that is not this year's
            *state_at(g, (size_t)(of - all), (size_t)(x - g->plan->indicator), first) = (uint8_t)db_int(r, 4);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err gaps_read(struct db *db, void *arg)
{
    struct gaps *g = arg;
    const struct plan_version *v = NULL;
    enum err e = plan_kept_of_year_db(db, g->rq->sv->pack, g->year ? g->year : date_local(g->rq->now).year, &v);
    if (!e && g->year == 0) { // that of today, as far as the plan goes
        g->year = (int)plan_year_shown(v->plan, g->rq->now);
        e = plan_kept_of_year_db(db, g->rq->sv->pack, g->year, &v);
    }
    e = e ? e : institutions_db(db, g->rq->arena, str_equal_z(g->rq->lang_code, "en"), &g->institutions);
    if (e)
        return e;
    g->plan = v->plan;
    if (!pack_plan_year(g->plan, g->year))
        return req_refuse(g->rq, "year", MSG_PLAN_REFUSED_YEAR);
    g->state = arena_alloc(g->rq->arena, g->institutions.n * g->plan->n_indicators * 12 + 1);
    if (!g->state)
        return ERR_MEMORY;
    memset(g->state, GAP_NOTHING, g->institutions.n * g->plan->n_indicators * 12 + 1);
    return states_read(db, g);
}

// What of it is owed and over; missing: room for PLAN_GAPS_MAX, in the plan's order.
static void row_fill(const struct gaps *g, size_t at, struct plan_gap *missing, struct plan_gap_row *row)
{
    const struct institution *of = &((const struct institution *)g->institutions.at)[at];
    struct req *rq = g->rq;
    size_t n = 0;
    *row = (struct plan_gap_row){.institution = of->code, .name = of->name};
    for (size_t i = 0; i < g->plan->n_indicators; i++) {
        const struct pack_plan_indicator *x = &g->plan->indicator[i];
        if (!plan_value_owed(x, of->code, of->type))
            continue;
        for (int month = g->year * 12; month + x->every <= g->year * 12 + 12 && month + x->every <= g->now; month += x->every) {
            uint8_t state = *state_at(g, at, i, month);
            row->owed++;
            row->given += state >= GAP_GIVEN;
            row->approved += state == GAP_APPROVED;
            if (state >= GAP_GIVEN)
                continue;
            row->absent++;
            struct plan_period p = plan_period_of(month, x->every);
            if (n < PLAN_GAPS_MAX)
                missing[n++] = (struct plan_gap){.indicator = x->code, .title = plan_label(rq, x->title), .period = plan_period_text(rq->arena, p),
                                                 .begun = state == GAP_BEGUN, .period_label = rq->json ? STR("") : plan_period_label(rq, p)};
        }
    }
    row->missing = (struct list){missing, n};
    row->more = row->absent - (int64_t)n;
}

static int most_missing_first(const void *a_, const void *b_)
{
    const struct plan_gap_row *a = a_, *b = b_;
    if (a->absent != b->absent)
        return a->absent > b->absent ? -1 : 1;
    return str_compare(a->name, b->name);
}

static struct list years_shown(const struct gaps *g)
{
    struct choice *at = arena_array(g->rq->arena, g->plan->n_years + 1, sizeof *at);
    for (size_t i = 0; at && i < g->plan->n_years; i++) {
        struct str year = arena_printf(g->rq->arena, "%d", g->plan->years[i]);
        at[i] = (struct choice){year, year, g->plan->years[i] == g->year};
    }
    return (struct list){at, at ? g->plan->n_years : 0};
}

enum err plan_gaps_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_gaps_in *in = in_;
    struct plan_gaps_out *out = out_;
    struct date today = date_local(rq->now);
    struct gaps g = {.rq = rq, .year = (int)in->year, .now = today.year * 12 + today.month - 1};
    enum err e = in->year && (in->year < 2000 || in->year > 2199) ? req_refuse(rq, "year", MSG_PLAN_REFUSED_YEAR)
                 : store_read(rq->sv->store, gaps_read, &g);
    if (e)
        return e;
    struct plan_gap_row *row = arena_array(rq->arena, g.institutions.n + 1, sizeof *row);
    struct plan_gap *missing = NULL;
    const struct institution *all = g.institutions.at;
    size_t n = 0;
    for (size_t i = 0; row && i < g.institutions.n; i++) {
        missing = missing ? missing : arena_array(rq->arena, PLAN_GAPS_MAX, sizeof *missing);
        if (!missing)
            return ERR_MEMORY;
        row_fill(&g, i, missing, &row[n]);
        row[n].may_enter = req_may(rq, PERM_PLAN_APPROVE) || (id_equal(all[i].id, rq->who.institution) && req_may(rq, PERM_PLAN_ENTER));
        out->owed += row[n].owed;
        out->given += row[n].given;
        missing = row[n].missing.n ? NULL : missing; // it is used
        n += row[n].owed > 0;
    }
    if (row)
        qsort(row, n, sizeof *row, most_missing_first);
    out->year = g.year;
    out->institutions = (struct list){row, row ? n : 0};
    out->years = years_shown(&g);
    out->any = n > 0;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
