// Information gaps of a year: what each institution owes of the periods that are over, and what of it is not there yet. That
// something is missing is everybody's to see; what was entered is not told here.
#include <stdlib.h>
#include "plan/entry.h"
#include "plan/owed.h"

struct gaps {
    struct req *rq;
    const struct pack_plan *plan;
    struct list institutions;          // struct institution
    int year, now;                     // now: the month that is going on; a period is over before it
    struct plan_owed owed;
};

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
    return plan_owed_db(db, g->rq->arena, g->plan, g->year, &g->institutions, &g->owed);
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
            enum plan_owed_state state = plan_owed_at(&g->owed, at, i, month);
            row->owed++;
            row->given += state >= PLAN_OWED_GIVEN;
            row->approved += state == PLAN_OWED_APPROVED;
            if (state >= PLAN_OWED_GIVEN)
                continue;
            row->absent++;
            struct plan_period p = plan_period_of(month, x->every);
            if (n < PLAN_GAPS_MAX)
                missing[n++] = (struct plan_gap){.indicator = x->code, .title = plan_label(rq, x->title), .period = plan_period_text(rq->arena, p),
                                                 .begun = state > PLAN_OWED_NOTHING, .period_label = rq->json ? STR("") : plan_period_label(rq, p)};
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
