// Small numbers of persons. What is published of a year is one table for each indicator about persons: its counties, what is of none
// of them, and the country. Indicators that count the same things (reports received, cases closed) hide the same counties,
// or one table would tell what another hides. Of a percentage its parts and what is left are such tables, and it is hidden where
// one of them is. Where one counts a part of what another counts, what lies between them is a table too: from 52 cases and
// 50 of them on the platform anybody reads the two of the helpline. An indicator that is not about persons but counts a part of
// such ones (staff among all who were trained) hides nothing by itself, but where those are hidden it is too.
#include <string.h>
#include "base/suppress.h"
#include "plan/year.h"

#define NO_INDICATOR SIZE_MAX // of a table that lies between two

enum part { PART_N, PART_OF, PART_LEFT };
struct table { size_t indicator; enum part part; int64_t least; bool whole; int64_t *cell; bool *hidden; size_t group; }; // whole: it tells no counties

// ── what counts a part of what ──
static bool among(const struct str *at, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(at[i], s))
            return true;
    return false;
}

static bool all_among(const struct str *few, size_t n, const struct str *many, size_t of)
{
    for (size_t i = 0; i < n; i++)
        if (!among(many, of, few[i]))
            return false;
    return true;
}

// Does every record that a counts fulfil this condition of b?
static bool fulfils(const struct pack_plan_term *a, const struct pack_plan_where *b)
{
    for (size_t i = 0; i < a->n_where; i++)
        if (str_equal(a->where[i].field, b->field) && (b->n == 0 || (a->where[i].n > 0 && all_among(a->where[i].is, a->where[i].n, b->is, b->n))))
            return true;
    return false;
}

static bool same_term(const struct pack_plan_term *a, const struct pack_plan_term *b)
{
    return a->of == b->of && a->measure == b->measure && str_equal(a->reg, b->reg) && str_equal(a->field, b->field);
}

static bool term_within(const struct pack_plan_term *a, const struct pack_plan_term *b)
{
    bool within = same_term(a, b) && str_equal(a->stage, b->stage) && str_equal(a->until, b->until) &&
                  (b->n_is == 0 || (a->n_is > 0 && all_among(a->is, a->n_is, b->is, b->n_is)));
    for (size_t i = 0; i < b->n_where && within; i++)
        within = fulfils(a, &b->where[i]);
    return within;
}

// What one side of an indicator counts: its terms; where it is another's value, that one's; and what institutions add.
struct side { const struct pack_plan_term *t; size_t n; bool more; };

static struct side side_of(const struct pack_plan *plan, size_t indicator, enum part part)
{
    const struct pack_plan_indicator *x = &plan->indicator[indicator];
    struct side s = part == PART_N ? (struct side){x->count, x->n_count, x->part == PACK_PLAN_REST}
                    : part == PART_OF ? (struct side){x->of, x->n_of, false} : (struct side){NULL, 0, false};
    if (s.n == 1 && s.t->measure == PACK_PLAN_FIGURE && (x = pack_plan_indicator(plan, s.t->field)) != NULL)
        s = (struct side){x->count, x->n_count, x->part == PACK_PLAN_REST};
    return s;
}

// Each of a's terms lies within one of b's, and none of b's holds two of them; so a is at most b.
static bool side_within(struct side a, struct side b)
{
    uint32_t taken = 0;
    bool within = a.n > 0 && !a.more;
    for (size_t i = 0; i < a.n && within; i++) {
        within = false;
        for (size_t k = 0; k < b.n && !within; k++)
            if (!(taken >> k & 1) && term_within(&a.t[i], &b.t[k])) {
                taken |= 1u << k;
                within = true;
            }
    }
    return within;
}

static bool linked(const struct pack_plan_indicator *a, const struct pack_plan_indicator *b)
{
    for (size_t i = 0; i < a->n_count + a->n_of; i++)
        for (size_t k = 0; k < b->n_count + b->n_of; k++)
            if (same_term(i < a->n_count ? &a->count[i] : &a->of[i - a->n_count], k < b->n_count ? &b->count[k] : &b->of[k - b->n_count]))
                return true;
    return false;
}

// ── tables ──
// A cell of the part that is looked at, in whole persons; amounts below one count as one.
static int64_t persons(int64_t amount)
{
    return (amount + PLAN_ONE - 1) / PLAN_ONE;
}

static enum err table_hide(struct table *t, size_t cols, bool *hid)
{
    bool before[SUPPRESS_SIDE_MAX * 2 + 2];
    memcpy(before, t->hidden, 2 * (cols + 1));
    enum err e = suppress_table(t->cell, t->hidden, 1, cols, t->least);
    *hid |= memcmp(before, t->hidden, 2 * (cols + 1)) != 0;
    return e;
}

// All tables of a group until nothing more is hidden in any of them.
static enum err group_hide(struct table *at, size_t n, size_t group, size_t cols)
{
    enum err e = OK;
    for (bool more = true; more && !e;) {
        more = false;
        for (size_t i = 0; i < n && !e; i++)
            if (at[i].group == group)
                e = table_hide(&at[i], cols, &more);
        for (size_t i = 0; i < n && !e; i++)
            for (size_t k = 0; k < n; k++)
                for (size_t c = at[i].whole || at[k].whole ? cols : 0; c <= cols && at[i].group == group && at[k].group == group; c++)
                    if (at[i].hidden[c] && !at[k].hidden[c] && at[k].cell[c] > 0)
                        more = at[k].hidden[c] = at[k].hidden[cols + 1 + c] = true;
    }
    return e;
}

static int64_t part_of(const struct plan_told *told, enum part part)
{
    int64_t n = part == PART_N ? told->n : part == PART_OF ? told->of : told->of - told->n;
    return n > 0 ? persons(n) : 0;
}

// Where no counties are told, or their parts are not the whole, what is left is of none of them.
static void margin_put(struct table *t, size_t cols, int64_t all)
{
    int64_t sum = 0;
    for (size_t p = 0; p < cols; p++)
        sum += t->cell[p];
    if (all > sum)
        t->cell[0] += all - sum;
    t->cell[cols] = all > sum ? all : sum;
    memcpy(t->cell + cols + 1, t->cell, (cols + 1) * sizeof *t->cell); // one row, and the margin of its columns
}

static void table_fill(struct plan_year *y, struct table *t)
{
    const size_t cols = y->n_places - 1;
    t->whole = !y->version.plan->indicator[t->indicator].by_county;
    for (size_t p = 0; p < cols && !t->whole; p++)
        t->cell[p] = part_of(plan_told(y, t->indicator, (uint32_t)p), t->part);
    margin_put(t, cols, part_of(plan_told(y, t->indicator, (uint32_t)cols), t->part));
}

// What lies between two, county by county where both tell counties.
static void between_fill(struct plan_year *y, struct table *t, const struct table *part, const struct table *whole)
{
    const size_t cols = y->n_places - 1;
    t->whole = part->whole || whole->whole;
    for (size_t p = 0; p < cols && !t->whole; p++)
        t->cell[p] = whole->cell[p] > part->cell[p] ? whole->cell[p] - part->cell[p] : 0;
    margin_put(t, cols, whole->cell[cols] > part->cell[cols] ? whole->cell[cols] - part->cell[cols] : 0);
}

struct tables { struct arena *a; struct plan_year *y; struct table *at; size_t n, max; };

static enum err table_new(struct tables *g, size_t indicator, enum part part, int64_t least)
{
    const size_t cells = 2 * g->y->n_places;
    struct table *t = &g->at[g->n];
    if (g->n == g->max)
        return ERR_TOO_LARGE;
    *t = (struct table){indicator, part, least, false, arena_array(g->a, cells, sizeof(int64_t)), arena_array(g->a, cells, sizeof(bool)), g->n};
    g->n++;
    return t->cell && t->hidden ? OK : ERR_MEMORY;
}

static void join(struct tables *g, size_t a, size_t b)
{
    size_t old = g->at[a].group, into = g->at[b].group;
    for (size_t m = 0; m < g->n; m++)
        g->at[m].group = g->at[m].group == old ? into : g->at[m].group;
}

// The table of one part, and those that lie between it and what is there already.
static enum err table_add(struct tables *g, size_t indicator, enum part part, int64_t least)
{
    const struct pack_plan *plan = g->y->version.plan;
    const struct pack_plan_indicator *x = plan->indicator;
    const size_t mine = g->n;
    const struct side own = side_of(plan, indicator, part);
    enum err e = table_new(g, indicator, part, least);
    if (e)
        return e;
    table_fill(g->y, &g->at[mine]);
    for (size_t k = 0; k < mine && !e; k++) {
        const size_t other = g->at[k].indicator;
        if (other == NO_INDICATOR)
            continue;
        if (other == indicator || linked(&x[indicator], &x[other]))
            join(g, k, mine);
        const struct side that = side_of(plan, other, g->at[k].part);
        const bool up = other != indicator && side_within(own, that), down = other != indicator && !up && side_within(that, own);
        if (!up && !down)
            continue;
        const size_t between = g->n;
        e = table_new(g, NO_INDICATOR, PART_LEFT, least < g->at[k].least ? least : g->at[k].least);
        if (e)
            return e;
        between_fill(g->y, &g->at[between], &g->at[up ? mine : k], &g->at[up ? k : mine]);
        join(g, between, mine);
        join(g, k, mine);
    }
    return e;
}

// Does an indicator that is not about persons count a part of what one counts that is?
static bool follows(const struct pack_plan *plan, size_t indicator)
{
    bool within = false;
    for (size_t i = 0; i < plan->n_indicators && !within; i++)
        for (int part = PART_N; part <= PART_OF && plan->indicator[i].about_persons; part++)
            within = within || side_within(side_of(plan, indicator, PART_N), side_of(plan, i, (enum part)part));
    return within;
}

static enum err tables_make(struct tables *g, int64_t least)
{
    const struct pack_plan *plan = g->y->version.plan;
    enum err e = OK;
    for (size_t i = 0; i < plan->n_indicators && !e; i++) {
        const bool percent = plan->indicator[i].kind == PACK_PLAN_PERCENT;
        for (int part = PART_N; part <= (percent ? PART_LEFT : PART_N) && plan->indicator[i].about_persons && !e; part++)
            e = table_add(g, i, (enum part)part, least);
        if (!e && !plan->indicator[i].about_persons && follows(plan, i))
            e = table_add(g, i, PART_N, 1);
    }
    return e;
}

static void hidden_put(struct plan_year *y, const struct tables *g, size_t indicator, bool all)
{
    for (size_t p = 0; p < y->n_places; p++) {
        struct plan_told *told = &y->told[indicator * y->n_places + p];
        bool hidden = all;
        for (size_t k = 0; k < g->n; k++)
            hidden |= g->at[k].indicator == indicator && g->at[k].hidden[p];
        told->hidden = hidden && (told->has || all);
        if (told->hidden)
            told->n = told->of = told->value = 0;
    }
}

enum err plan_hide(struct arena *a, struct plan_year *y, bool all)
{
    const struct pack_plan *plan = y->version.plan;
    const size_t cols = y->n_places - 1;
    struct tables g = {.a = a, .y = y, .max = plan->n_indicators * 12 + 1};
    g.at = arena_array(a, g.max, sizeof *g.at);
    enum err e = g.at && cols <= SUPPRESS_SIDE_MAX ? OK : ERR_MEMORY;
    if (!all)
        e = e ? e : tables_make(&g, pack_small_number(y->pack));
    for (size_t i = 0, k; i < g.n && !e; i++) {
        for (k = 0; g.at[k].group != g.at[i].group; k++)
            continue;
        e = k == i ? group_hide(g.at, g.n, g.at[i].group, cols) : OK; // each group once
    }
    for (size_t i = 0; i < plan->n_indicators && !e; i++)
        hidden_put(y, &g, i, all && plan->indicator[i].about_persons);
    return e;
}
