// What institutions entered and others approved, as cells of the roll-up.
#include <stdlib.h>
#include <string.h>
#include "plan/value_store.h"
#include "plan/year.h"

#define CODES 1024 // a power of two, thrice the most indicators
_Static_assert(CODES > 3 * PACK_PLAN_INDICATORS_MAX, "a free slot is soon found");
#define SLOTS 4096 // of institutions, a power of two; ten times as many as a country has

struct giving {
    const struct plan_ask *ask;
    struct arena *a;
    struct plan_given *at;
    size_t n, room;
    uint16_t indicator[CODES];      // by a hash of its code: its number + 1
    struct id slot[SLOTS];
    uint32_t number[SLOTS], institutions; // 1 …
    struct plan_places counties;
};

// Institutions by number, in the order in which they are met.
static uint32_t number_of(struct giving *g, struct id institution)
{
    uint32_t hash;
    memcpy(&hash, institution.b, sizeof hash);
    for (size_t i = hash & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        if (g->number[i] == 0) {
            g->slot[i] = institution;
            g->number[i] = ++g->institutions;
        }
        if (id_equal(g->slot[i], institution))
            return g->number[i];
    }
}

static size_t code_slot(struct str code)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < code.n; i++)
        h = (h ^ (uint8_t)code.at[i]) * 16777619u;
    return (h ^ h >> 15) & (CODES - 1);
}

static void indicators_put(struct giving *g)
{
    for (size_t i = 0; i < g->ask->plan->n_indicators; i++) {
        size_t at = code_slot(g->ask->plan->indicator[i].code);
        while (g->indicator[at])
            at = (at + 1) & (CODES - 1);
        g->indicator[at] = (uint16_t)(i + 1);
    }
}

static bool indicator_of(struct giving *g, struct str code, size_t *out)
{
    for (size_t at = code_slot(code); g->indicator[at]; at = (at + 1) & (CODES - 1))
        if (str_equal(g->ask->plan->indicator[g->indicator[at] - 1].code, code)) {
            *out = g->indicator[at] - 1u;
            return true;
        }
    return false;
}

static enum err cell_put(void *ctx, const struct plan_value_cell *cell)
{
    struct giving *g = ctx;
    size_t indicator = 0;
    if (!indicator_of(g, cell->indicator, &indicator)) // of another version of the plan
        return OK;
    if (g->institutions >= SLOTS / 2)
        return ERR_TOO_LARGE;
    if (g->n == g->room) {
        struct plan_given *more = arena_array(g->a, 2 * g->room + 64, sizeof *more);
        if (!more)
            return ERR_MEMORY;
        if (g->n > 0)
            memcpy(more, g->at, g->n * sizeof *more);
        g->at = more;
        g->room = 2 * g->room + 64;
    }
    uint32_t county = plan_places_of(&g->counties, cell->county), places = g->counties.n + 2;
    bool denominator = g->ask->plan->indicator[indicator].part == PACK_PLAN_DENOMINATOR;
    g->at[g->n++] = (struct plan_given){.indicator = indicator, .first = cell->period.first, .last = cell->period.last, .county = county,
                                        .place = number_of(g, cell->institution) * places + county, .n = denominator ? 0 : cell->n,
                                        .of = denominator ? cell->n : cell->of};
    return OK;
}

static int by_indicator(const void *a, const void *b)
{
    const struct plan_given *x = a, *y = b;
    if (x->indicator != y->indicator)
        return x->indicator < y->indicator ? -1 : 1;
    return x->first != y->first ? x->first - y->first : x->last - y->last;
}

enum err plan_given_db(struct db *db, struct arena *a, const struct plan_ask *ask, struct plan_given **out, size_t *n)
{
    struct giving *g = arena_alloc(a, sizeof *g);
    if (!g)
        return ERR_MEMORY;
    *g = (struct giving){.ask = ask, .a = a};
    plan_places_open(&g->counties, ask->pack);
    indicators_put(g);
    enum err e = plan_value_cells_db(db, (struct plan_period){ask->first_year * 12, ask->last_year * 12 + 11}, ask->demo, cell_put, g);
    if (!e && g->n > 1)
        qsort(g->at, g->n, sizeof *g->at, by_indicator);
    *out = g->at;
    *n = g->n;
    if (!e && !g->at)
        *out = arena_array(a, 1, sizeof **out);
    return e ? e : *out ? OK : ERR_MEMORY;
}
