#include "plan/rollup.h"
#include <stdlib.h>

__extension__ typedef __int128 wide;

// By place, in time; the longest first of those that begin together.
static int by_place(const void *a, const void *b)
{
    const struct plan_cell *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->last > y->last ? -1 : x->last < y->last;
}

// Is this value, the next in time, greater? Parts are compared as parts.
static bool greater(const struct plan_cell *x, const struct plan_figure *y)
{
    if (!x->of || !y->of)
        return x->of ? true : y->of ? false : x->n > y->n;
    return (wide)x->n * y->of > (wide)y->n * x->of;
}

static enum err take(struct plan_figure *f, const struct plan_cell *c, enum plan_rule rule)
{
    if (!f->has || rule == PLAN_LATEST || (rule == PLAN_MAX && greater(c, f))) {
        f->n = c->n;
        f->of = c->of;
    } else if (rule == PLAN_SUM || rule == PLAN_RATIO) {
        if (__builtin_add_overflow(f->n, c->n, &f->n) || __builtin_add_overflow(f->of, c->of, &f->of) || f->n > PLAN_AMOUNT_MAX ||
            f->n < -PLAN_AMOUNT_MAX || f->of > PLAN_AMOUNT_MAX)
            return ERR_TOO_LARGE;
    } else if (rule == PLAN_DISTINCT)
        f->apart = true;
    f->has = true;
    return OK;
}

// One place from cell i on; *next is the first cell of another place.
static enum err over_time(const struct plan_cell *at, size_t n, size_t i, int first, int last, enum plan_rule rule,
                          struct plan_figure *f, size_t *next)
{
    size_t k = i;
    int told = first - 1; // up to here a value was taken
    enum err e = OK;
    for (; k < n && at[k].place == at[i].place; k++) {
        if (e || at[k].first < first || at[k].last > last || at[k].last <= told)
            continue;
        e = take(f, &at[k], rule);
        told = at[k].last;
    }
    *next = k;
    return e;
}

enum err plan_rollup(struct plan_cell *at, size_t n, int first, int last, enum plan_rule time, enum plan_rule places, struct plan_figure *out)
{
    struct plan_figure all = {0};
    if (n > 1)
        qsort(at, n, sizeof *at, by_place);
    for (size_t i = 0, next; i < n; i = next) {
        struct plan_figure one = {0};
        enum err e = over_time(at, n, i, first, last, time, &one, &next);
        if (!e && one.has)
            e = take(&all, &(struct plan_cell){.n = one.n, .of = one.of}, places);
        if (e)
            return e;
        all.apart |= one.apart;
        all.places += one.has;
    }
    all.has &= !all.apart;
    if (!all.has)
        all.n = all.of = 0;
    *out = all;
    return OK;
}
