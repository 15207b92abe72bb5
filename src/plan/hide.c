// Small numbers of persons. What is published of a year is one table for each indicator about persons: its counties, what is of none
// of them, and the country. Indicators that count the same things (reports received, cases closed) hide the same counties,
// or one table would tell what another hides. Of a percentage its parts and what is left are such tables, and it is hidden where
// one of them is.
#include <string.h>
#include "base/suppress.h"
#include "plan/year.h"

struct table { size_t indicator; int64_t *cell; bool *hidden; size_t group; };

static bool same_term(const struct pack_plan_term *a, const struct pack_plan_term *b)
{
    return a->of == b->of && a->measure == b->measure && str_equal(a->reg, b->reg) && str_equal(a->field, b->field);
}

static bool linked(const struct pack_plan_indicator *a, const struct pack_plan_indicator *b)
{
    for (size_t i = 0; i < a->n_count + a->n_of; i++)
        for (size_t k = 0; k < b->n_count + b->n_of; k++)
            if (same_term(i < a->n_count ? &a->count[i] : &a->of[i - a->n_count], k < b->n_count ? &b->count[k] : &b->of[k - b->n_count]))
                return true;
    return false;
}

// A cell of the part that is looked at, in whole persons; amounts below one count as one.
static int64_t persons(int64_t amount)
{
    return (amount + PLAN_ONE - 1) / PLAN_ONE;
}

static enum err table_hide(struct table *t, size_t cols, int64_t least, bool *hid)
{
    bool before[SUPPRESS_SIDE_MAX * 2 + 2];
    memcpy(before, t->hidden, 2 * (cols + 1));
    enum err e = suppress_table(t->cell, t->hidden, 1, cols, least);
    *hid |= memcmp(before, t->hidden, 2 * (cols + 1)) != 0;
    return e;
}

// All tables of a group until nothing more is hidden in any of them.
static enum err group_hide(struct table *at, size_t n, size_t group, size_t cols, int64_t least)
{
    enum err e = OK;
    for (bool more = true; more && !e;) {
        more = false;
        for (size_t i = 0; i < n && !e; i++)
            if (at[i].group == group)
                e = table_hide(&at[i], cols, least, &more);
        for (size_t i = 0; i < n && !e; i++)
            for (size_t k = 0; k < n; k++)
                for (size_t c = 0; c <= cols && at[i].group == group && at[k].group == group; c++)
                    if (at[i].hidden[c] && !at[k].hidden[c] && at[k].cell[c] > 0)
                        more = at[k].hidden[c] = at[k].hidden[cols + 1 + c] = true;
    }
    return e;
}

enum part { PART_N, PART_OF, PART_LEFT };

static int64_t part_of(const struct plan_told *told, enum part part)
{
    int64_t n = part == PART_N ? told->n : part == PART_OF ? told->of : told->of - told->n;
    return n > 0 ? persons(n) : 0;
}

static void table_fill(struct plan_year *y, struct table *t, enum part part)
{
    const size_t cols = y->n_places - 1;
    int64_t sum = 0;
    bool counties = y->version.plan->indicator[t->indicator].by_county;
    for (size_t p = 0; p < cols; p++) {
        t->cell[p] = counties ? part_of(plan_told(y, t->indicator, (uint32_t)p), part) : 0;
        sum += t->cell[p];
    }
    // Where no counties are told, or their parts are not the whole, what is left is of none of them.
    int64_t all = part_of(plan_told(y, t->indicator, (uint32_t)cols), part);
    if (all > sum)
        t->cell[0] += all - sum;
    t->cell[cols] = all > sum ? all : sum;
    memcpy(t->cell + cols + 1, t->cell, (cols + 1) * sizeof *t->cell); // one row, and the margin of its columns
}

// The n-th table; it joins the group of each that it is linked with, and so do theirs.
static enum err table_add(struct arena *a, struct plan_year *y, struct table *at, size_t n, size_t indicator, enum part part)
{
    const struct pack_plan_indicator *x = y->version.plan->indicator;
    const size_t cells = 2 * y->n_places;
    at[n] = (struct table){indicator, arena_array(a, cells, sizeof(int64_t)), arena_array(a, cells, sizeof(bool)), n};
    if (!at[n].cell || !at[n].hidden)
        return ERR_MEMORY;
    table_fill(y, &at[n], part);
    for (size_t k = 0; k < n; k++) {
        size_t old = at[k].group;
        if (at[k].indicator == indicator || linked(&x[indicator], &x[at[k].indicator]))
            for (size_t m = 0; m < n; m++)
                at[m].group = at[m].group == old ? n : at[m].group;
    }
    return OK;
}

enum err plan_hide(struct arena *a, struct plan_year *y, bool all)
{
    const struct pack_plan *plan = y->version.plan;
    const size_t cols = y->n_places - 1;
    struct table *at = arena_array(a, plan->n_indicators * 3 + 1, sizeof *at);
    size_t n = 0;
    enum err e = at && cols <= SUPPRESS_SIDE_MAX ? OK : ERR_MEMORY;
    for (size_t i = 0; i < plan->n_indicators && !all && !e; i++)
        for (int part = PART_N; part <= (plan->indicator[i].kind == PACK_PLAN_PERCENT ? PART_LEFT : PART_N) &&
             plan->indicator[i].about_persons && !e; part++)
            e = table_add(a, y, at, n++, i, (enum part)part);
    for (size_t i = 0; i < n && !e; i++)
        e = group_hide(at, n, at[i].group, cols, pack_small_number(y->pack));
    for (size_t i = 0; i < plan->n_indicators && !e; i++)
        for (size_t p = 0; p < y->n_places && plan->indicator[i].about_persons; p++) {
            struct plan_told *told = &y->told[i * y->n_places + p];
            bool hidden = all;
            for (size_t k = 0; k < n; k++)
                hidden |= at[k].indicator == i && at[k].hidden[p];
            told->hidden = hidden && (told->has || all);
            if (told->hidden)
                told->n = told->of = told->value = 0;
        }
    return e;
}
