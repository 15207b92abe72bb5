// One figure from what is counted and what is entered.
#include <stdlib.h>
#include <string.h>
#include "plan/year.h"

static enum plan_rule side_rule(enum pack_plan_rule r)
{
    return r == PACK_PLAN_RATIO ? PLAN_SUM : (enum plan_rule)r;
}

// Those of one indicator that begin in [first, last]; they stand together.
static const struct plan_given *given_of(const struct plan_values *v, size_t indicator, int first, int last, size_t *n)
{
    size_t from = 0, to = v->n_given;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct plan_given *g = &v->given[middle];
        if (g->indicator < indicator || (g->indicator == indicator && g->first < first))
            from = middle + 1;
        else
            to = middle;
    }
    for (to = from; to < v->n_given && v->given[to].indicator == indicator && v->given[to].first <= last; to++)
        continue;
    *n = to - from;
    return v->given + from;
}

// The entered values of a place, put together. of: the denominators, as if they were the values.
static enum err given_read(const struct plan_values *v, size_t indicator, int first, int last, uint32_t place, bool of,
                           bool both, struct plan_figure *out)
{
    const struct pack_plan_indicator *x = &v->live->ask.plan->indicator[indicator];
    const uint32_t country = (uint32_t)v->live->n_places - 1;
    size_t n = 0, of_it;
    const struct plan_given *g = given_of(v, indicator, first, last, &of_it);
    *out = (struct plan_figure){0};
    if (!of_it)
        return OK;
    struct plan_cell *at = malloc(of_it * sizeof *at);
    if (!at)
        return ERR_MEMORY;
    for (; of_it > 0; of_it--, g++) {
        if (g->last <= last && (place == country || g->county == place))
            at[n++] = (struct plan_cell){g->first, g->last, g->place, of ? g->of : g->n, both ? g->of : 0};
    }
    enum err e = plan_rollup(at, n, first, last, both ? (enum plan_rule)x->time : side_rule(x->time),
                             both ? (enum plan_rule)x->places : side_rule(x->places), out);
    free(at);
    return e;
}

#define STRETCH_MAX (12 * PLAN_LIVE_YEARS) // months

// Which months from first on are covered by something entered? What is counted is compared with what was entered for the same
// months only.
static void covered(const struct plan_values *v, size_t indicator, int first, int last, bool month[static STRETCH_MAX])
{
    size_t n;
    memset(month, 0, STRETCH_MAX * sizeof *month);
    for (const struct plan_given *g = given_of(v, indicator, first, last, &n); n > 0; n--, g++)
        for (int m = g->first; m <= g->last && g->last <= last; m++)
            month[m - first] = true;
}

static enum err counted(const struct plan_values *v, size_t indicator, int side, int first, int last, uint32_t place,
                        struct plan_figure *out, bool *partial)
{
    const struct pack_plan *plan = v->live->ask.plan;
    const struct pack_plan_indicator *x = &plan->indicator[indicator];
    if (v->live->side[side][indicator].nature != PLAN_FROM_OTHERS)
        return plan_live_side(v->live, indicator, side, first, last, place, out);
    const struct pack_plan_term *t = side ? x->of : x->count;
    *out = (struct plan_figure){.has = true};
    enum err e = OK;
    for (size_t i = 0; i < (side ? x->n_of : x->n_count) && !e; i++) {
        struct plan_figure one;
        e = plan_figure_of(v, (size_t)(pack_plan_indicator(plan, t[i].field) - plan->indicator), first, last, place, &one, partial);
        out->has = out->has && one.has;
        if (!e && __builtin_add_overflow(out->n, one.n, &out->n))
            e = ERR_TOO_LARGE;
    }
    return e;
}

// The same in the months that are covered by what was entered: stretch by stretch.
static enum err counted_covered(const struct plan_values *v, size_t indicator, int side, int first, int last,
                                uint32_t place, struct plan_figure *out, bool *partial)
{
    enum err e = last - first < STRETCH_MAX ? OK : ERR_TOO_LARGE;
    bool month[STRETCH_MAX];
    *out = (struct plan_figure){0};
    if (!e)
        covered(v, indicator, first, last, month);
    for (int m = first, to; m <= last && !e; m = to + 1) {
        for (to = m; to < last && month[to + 1 - first] == month[m - first]; to++)
            continue;
        struct plan_figure one;
        if (!month[m - first])
            continue;
        e = counted(v, indicator, side, m, to, place, &one, partial);
        if (!e && one.has) {
            bool latest = v->live->ask.plan->indicator[indicator].time == PACK_PLAN_LATEST;
            out->n = latest ? one.n : out->n + one.n;
            out->has = true;
        }
    }
    return e;
}

enum err plan_figure_of(const struct plan_values *v, size_t indicator, int first, int last, uint32_t place, struct plan_figure *out, bool *partial)
{
    const struct pack_plan_indicator *x = &v->live->ask.plan->indicator[indicator];
    const bool percent = x->kind == PACK_PLAN_PERCENT, country = place == v->live->n_places - 1;
    struct plan_figure n = {0}, of = {0};
    enum err e = OK;
    *out = n;
    *partial = false;
    if (!country && !x->by_county)
        return OK;
    switch (x->part) {
    case PACK_PLAN_WHOLE:
        return given_read(v, indicator, first, last, place, false, percent, out);
    case PACK_PLAN_REST:
        e = counted(v, indicator, 0, first, last, place, out, partial);
        e = e ? e : given_read(v, indicator, first, last, place, false, false, &n);
        *partial = !n.has;
        if (!e && __builtin_add_overflow(out->n, n.n, &out->n))
            e = ERR_TOO_LARGE;
        out->has |= n.has;
        return e;
    case PACK_PLAN_DENOMINATOR:
        e = given_read(v, indicator, first, last, place, true, false, &of);
        e = e ? e : counted_covered(v, indicator, 0, first, last, place, &n, partial);
        *partial = !of.has;
        break;
    case PACK_PLAN_NUMERATOR:
        e = given_read(v, indicator, first, last, place, false, false, &n);
        e = e ? e : counted_covered(v, indicator, 1, first, last, place, &of, partial);
        *partial = !n.has;
        break;
    case PACK_PLAN_NOTHING:
        e = counted(v, indicator, 0, first, last, place, &n, partial);
        if (!e && percent)
            e = counted(v, indicator, 1, first, last, place, &of, partial);
    }
    if (!e)
        *out = (struct plan_figure){.n = n.n, .of = percent ? of.n : 0, .places = n.places,
                                    .has = n.has && (!percent || of.has), .apart = n.apart || of.apart};
    return e;
}
