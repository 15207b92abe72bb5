#include "plan/live.h"
#include <stdlib.h>
#include <string.h>
#include "figures/counts.h"
#include "register/counts.h"
#include "text/date.h"

#define VALUES_MAX 500000 // values told apart, in one reading

int plan_month_of(int64_t at)
{
    struct date d = date_local(at);
    return PLAN_MONTH(d.year, d.month);
}

int plan_month_from(int64_t yyyymm)
{
    return yyyymm == INT64_MAX ? INT_MAX : PLAN_MONTH(yyyymm / 100, yyyymm % 100);
}

int64_t plan_month_name(int month)
{
    return month / 12 * 100 + month % 12 + 1;
}

uint32_t plan_place_of(const struct pack *p, struct str county)
{
    struct str at;
    for (uint32_t i = 0; county.n && (at = pack_list_at(p, "county", i)).n; i++)
        if (str_equal(at, county))
            return i + 1;
    return PLAN_NOWHERE;
}

uint32_t plan_country(const struct pack *p)
{
    uint32_t n = 0;
    while (pack_list_at(p, "county", n).n)
        n++;
    return n + 1;
}

void plan_places_open(struct plan_places *l, const struct pack *p)
{
    *l = (struct plan_places){.n = 0};
    struct str at;
    while (l->n < PLAN_COUNTIES_MAX && (at = pack_list_at(p, "county", l->n)).n)
        l->county[l->n++] = at;
}

uint32_t plan_places_of(struct plan_places *l, struct str county)
{
    for (uint32_t k = 0; k < l->n && county.n; k++) {
        const uint32_t i = (l->last + k) % l->n;
        if (str_equal(l->county[i], county)) {
            l->last = i;
            return i + 1;
        }
    }
    return PLAN_NOWHERE;
}

static enum plan_nature nature_of(enum pack_plan_measure m)
{
    const struct plan_own *own = plan_own_of(m);
    switch (m) {
    case PACK_PLAN_ROWS:
    case PACK_PLAN_SUM_OF:
    case PACK_PLAN_RECEIVED:
    case PACK_PLAN_CLOSED:
        return PLAN_HAPPENS;
    case PACK_PLAN_ANY:
        return PLAN_YES_NO;
    case PACK_PLAN_STANDING:
    case PACK_PLAN_MILESTONE:
        return PLAN_STANDS;
    case PACK_PLAN_DIFFERENT:
        return PLAN_TELLS_APART;
    case PACK_PLAN_FIGURE:
        return PLAN_FROM_OTHERS;
    default:
        return !own ? PLAN_NOT_COUNTED : own->stands ? PLAN_STANDS : PLAN_HAPPENS;
    }
}

enum plan_nature plan_nature(const struct pack_plan_term *t, size_t n)
{
    enum plan_nature first = n ? nature_of(t[0].measure) : PLAN_NOT_COUNTED;
    for (size_t i = 1; i < n; i++)
        first = nature_of(t[i].measure) == first ? first : PLAN_NOT_COUNTED;
    return first;
}

// ── while it is read ──
// One question: of which side, and of a milestone which point.
struct question { struct plan_side *side; const struct pack_plan_indicator *of; const struct pack_plan_term *term; int64_t hundredths; };
struct value { struct plan_side *side; uint32_t window, place; int64_t least; struct str value; };
struct living {
    struct db *db;
    struct plan_live *l;
    struct arena *a;
    struct question ask[ENTRY_ASKS_MAX];
    struct entry_ask entry[ENTRY_ASKS_MAX];
    int64_t begin[ENTRY_ASKS_MAX];
    size_t n;
    struct value *value;
    size_t n_values, room;
    int last, now;               // months: of the years asked for; of now
    struct plan_places places;
    struct question *one;        // that is told of now
};

static int64_t *cell(const struct plan_live *l, const struct plan_side *s, size_t window, uint32_t place)
{
    return &s->n[window * l->n_places + place];
}

static enum err add(int64_t *to, int64_t n)
{
    if (n > PLAN_AMOUNT_MAX / PLAN_ONE || __builtin_add_overflow(*to, n * PLAN_ONE, to) || *to > PLAN_AMOUNT_MAX || *to < -PLAN_AMOUNT_MAX)
        return ERR_TOO_LARGE;
    return OK;
}

// What happened in a month, or a change of what stands from that month on.
static enum err month_add(struct living *g, const struct question *q, int month, uint32_t place, int64_t n)
{
    struct plan_live *l = g->l;
    bool stands = q->term->measure == PACK_PLAN_STANDING;
    int from = month < l->first ? l->first : month, to = stands ? g->last : month;
    enum err e = OK;
    if ((month < l->first && !stands) || month > g->last)
        return OK;
    for (int m = from; m <= to && !e; m++)
        e = add(cell(l, q->side, (size_t)(m - l->first), place), n);
    return e;
}

// The furthest that any row had come by a month's end.
static enum err milestone_put(struct living *g, const struct question *q, int month, uint32_t place)
{
    for (int m = month < g->l->first ? g->l->first : month; m <= g->last; m++) {
        int64_t *at = cell(g->l, q->side, (size_t)(m - g->l->first), place);
        *at = *at < q->hundredths * PLAN_ONE ? q->hundredths * PLAN_ONE : *at;
    }
    return OK;
}

static enum err value_put(struct living *g, const struct question *q, size_t window, uint32_t place, struct str value)
{
    if (g->n_values == g->room) {
        size_t more = g->room ? g->room * 2 : 1024;
        struct value *at = more <= VALUES_MAX ? realloc(g->value, more * sizeof *at) : NULL;
        if (!at)
            return more <= VALUES_MAX ? ERR_MEMORY : ERR_TOO_LARGE;
        g->value = at;
        g->room = more;
    }
    g->value[g->n_values++] = (struct value){q->side, (uint32_t)window, place, q->term->least, value};
    return OK;
}

static size_t quarter_window(const struct plan_live *l, int m) { return l->n_months + (size_t)(m - l->first) / 3; }
static size_t year_window(const struct plan_live *l, int m) { return l->n_months + l->n_months / 3 + (size_t)(m - l->first) / 12; }

// Into each stretch that will be asked for: the month, its quarter and its year; of its county where the passport tells counties, and of the country.
static enum err apart_put(struct living *g, const struct question *q, int month, uint32_t place, struct str value)
{
    const struct plan_live *l = g->l;
    if (month < l->first || month > g->last)
        return OK;
    struct str own = arena_str(g->a, value);
    size_t window[] = {(size_t)(month - l->first), quarter_window(l, month), year_window(l, month)};
    enum err e = own.at ? OK : ERR_MEMORY;
    for (size_t i = q->of->every == 12 ? 2 : q->of->every == 3 ? 1 : 0; i < 3 && !e; i++) {
        e = value_put(g, q, window[i], (uint32_t)l->n_places - 1, own);
        if (!e && q->of->by_county)
            e = value_put(g, q, window[i], place, own);
    }
    return e;
}

// ── registers ──
static enum err entry_told(void *ctx, size_t ask, const struct entry_count *row)
{
    struct living *g = ctx;
    const struct question *q = &g->ask[ask];
    int month = plan_month_from(row->month);
    uint32_t place = plan_places_of(&g->places, row->county);
    return q->term->measure == PACK_PLAN_MILESTONE ? milestone_put(g, q, month, place)
           : q->term->measure == PACK_PLAN_DIFFERENT ? apart_put(g, q, month, place, row->value) : month_add(g, q, month, place, row->n);
}

static enum err question_put(struct living *g, struct plan_side *side, const struct pack_plan_indicator *x,
                             const struct pack_plan_term *t, struct str stage, int64_t hundredths)
{
    static const enum entry_measure what[] = {[PACK_PLAN_ROWS] = ENTRY_ROWS, [PACK_PLAN_ANY] = ENTRY_ROWS,
                                              [PACK_PLAN_SUM_OF] = ENTRY_SUM, [PACK_PLAN_DIFFERENT] = ENTRY_DISTINCT,
                                              [PACK_PLAN_STANDING] = ENTRY_STANDING,
                                              [PACK_PLAN_MILESTONE] = ENTRY_ROWS};
    if (g->n == ENTRY_ASKS_MAX)
        return ERR_TOO_LARGE;
    struct entry_where *where = arena_array(g->a, t->n_where + 1, sizeof *where);
    for (size_t i = 0; where && i < t->n_where; i++)
        where[i] = (struct entry_where){t->where[i].field, t->where[i].n, t->where[i].is};
    g->ask[g->n] = (struct question){side, x, t, hundredths};
    g->entry[g->n] = (struct entry_ask){t->reg, what[t->measure], t->field, t->n_where, where, stage, t->until, &g->begin[g->n]};
    g->n++;
    return where ? OK : ERR_MEMORY;
}

// ── reports, cases ──
static enum err month_told(void *ctx, int64_t month, struct str county, struct str outcome, int64_t n)
{
    struct living *g = ctx;
    const struct pack_plan_term *t = g->one->term;
    bool wanted = t->measure == PACK_PLAN_RECEIVED || t->n_is == 0;
    for (size_t i = 0; i < t->n_is && !wanted; i++)
        wanted = str_equal(t->is[i], outcome);
    return wanted ? month_add(g, g->one, plan_month_from(month), plan_places_of(&g->places, county), n) : OK;
}

// The rows of one kind are read once, and told to each term that counts them.
struct months { struct living *g; struct question *of; size_t n; };

static enum err months_told(void *ctx, int64_t month, struct str county, struct str outcome, int64_t n)
{
    struct months *m = ctx;
    enum err e = OK;
    for (size_t i = 0; i < m->n && !e; i++) {
        m->g->one = &m->of[i];
        e = month_told(m->g, month, county, outcome, n);
    }
    return e;
}

static enum err own_told(void *ctx, int month, uint32_t place, int64_t n)
{
    struct living *g = ctx;
    if (month < g->l->first || month > g->last || month > g->now)
        return OK;
    int64_t *at = cell(g->l, g->one->side, (size_t)(month - g->l->first), place);
    *at = *at == PLAN_NO_FIGURE ? 0 : *at;
    return plan_own_of(g->one->term->measure)->amounts ? (__builtin_add_overflow(*at, n, at) ? ERR_TOO_LARGE : OK) : add(at, n);
}

// ── sides ──
static void fill(struct living *g, struct plan_side *s, int begin)
{
    const struct plan_live *l = g->l;
    for (size_t w = 0; w < l->n_windows; w++) {
        size_t m = w < l->n_months ? w : w < l->n_months + l->n_months / 3 ? (w - l->n_months) * 3 : (w - l->n_months - l->n_months / 3) * 12;
        size_t span = w < l->n_months ? 1 : w < l->n_months + l->n_months / 3 ? 3 : 12;
        bool known = begin != INT_MAX && l->first + (int)(m + span) - 1 >= begin && l->first + (int)m <= g->now;
        for (uint32_t p = 0; p < l->n_places && !known; p++)
            *cell(l, s, w, p) = PLAN_NO_FIGURE;
    }
}

// Of the terms of a side: since when there are records at all.
static int begin_of(const struct living *g, const struct plan_side *s)
{
    int64_t begin = INT64_MAX;
    for (size_t i = 0; i < g->n; i++)
        if (g->ask[i].side == s && g->begin[i] < begin)
            begin = g->begin[i];
    return plan_month_from(begin);
}

static enum err months_ask(struct living *g, enum pack_plan_measure measure, enum figure_months what)
{
    struct plan_live *l = g->l;
    const struct pack_plan *plan = l->ask.plan;
    struct months m = {.g = g, .of = arena_array(g->a, plan->n_indicators * 2 * PACK_PLAN_TERMS_MAX, sizeof *m.of)};
    int64_t begin = INT64_MAX;
    for (size_t i = 0; m.of && i < plan->n_indicators; i++)
        for (int s = 0; s < 2; s++)
            for (size_t k = 0; k < (s ? plan->indicator[i].n_of : plan->indicator[i].n_count); k++) {
                const struct pack_plan_term *t = &(s ? plan->indicator[i].of : plan->indicator[i].count)[k];
                if (t->measure == measure)
                    m.of[m.n++] = (struct question){&l->side[s][i], &plan->indicator[i], t, 0};
            }
    enum err e = !m.of ? ERR_MEMORY
                 : m.n ? figures_months_db(g->db, g->a, l->ask.pack, what, plan_month_name(l->first),
                                           plan_month_name(g->last), l->ask.now, months_told, &m, &begin)
                       : OK;
    for (size_t i = 0; i < m.n && !e; i++)
        fill(g, m.of[i].side, plan_month_from(begin));
    return e;
}

// What stands only now: of months that are over the last reading, of this one what is counted here.
static enum err own_ask(struct living *g, struct plan_side *s, const struct pack_plan_indicator *x, const struct pack_plan_term *t)
{
    const struct plan_own *own = plan_own_of(t->measure);
    struct question q = {s, x, t, 0};
    g->one = &q;
    int last = g->now - 1 < g->last ? g->now - 1 : g->last;
    enum err e = own->stands ? plan_readings_db(g->db, t, g->l->first, last, own_told, g) : OK;
    return e ? e : own->fn(g->db, g->a, &g->l->ask, t->measure, own_told, g);
}

static enum err side_ask(struct living *g, struct plan_side *s, const struct pack_plan_indicator *x, const struct pack_plan_term *t, size_t n)
{
    enum err e = OK;
    s->nature = plan_nature(t, n);
    if (s->nature == PLAN_NOT_COUNTED || s->nature == PLAN_FROM_OTHERS)
        return OK;
    s->n = arena_array(g->a, g->l->n_windows * g->l->n_places, sizeof *s->n);
    if (s->n && plan_own_of(t[0].measure))
        fill(g, s, INT_MAX); // only what is told is known
    for (size_t i = 0; i < n && s->n && !e; i++) {
        if (t[i].of == PACK_PLAN_OF_REGISTER && t[i].measure == PACK_PLAN_MILESTONE)
            for (size_t k = 0; k < t[i].n_points && !e; k++)
                e = question_put(g, s, x, &t[i], t[i].point[k].stage, t[i].point[k].hundredths);
        else if (t[i].of == PACK_PLAN_OF_REGISTER)
            e = question_put(g, s, x, &t[i], t[i].stage, 0);
        else if (plan_own_of(t[i].measure))
            e = own_ask(g, s, x, &t[i]);
    }
    return s->n ? e : ERR_MEMORY;
}

static int by_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    if (x->window != y->window)
        return x->window < y->window ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return str_compare(x->value, y->value);
}

static void values_count(struct living *g)
{
    if (g->n_values > 1)
        qsort(g->value, g->n_values, sizeof *g->value, by_value);
    for (size_t i = 0, next; i < g->n_values; i = next) {
        next = i + 1;
        while (next < g->n_values && by_value(&g->value[i], &g->value[next]) == 0)
            next++;
        if ((int64_t)(next - i) >= g->value[i].least)
            *cell(g->l, g->value[i].side, g->value[i].window, g->value[i].place) += PLAN_ONE;
    }
}

static enum err registers_ask(struct living *g)
{
    struct plan_live *l = g->l;
    int64_t to = plan_month_name(g->last + 1) * 100 + 1;
    enum err e = g->n ? entry_counts_db(g->db, g->entry, g->n, 0, to, l->ask.demo, entry_told, g) : OK;
    if (!e)
        values_count(g);
    for (size_t i = 0; i < g->n && !e; i++) {
        struct plan_side *s = g->ask[i].side;
        for (size_t c = 0; s->nature == PLAN_YES_NO && c < l->n_windows * l->n_places; c++)
            s->n[c] = s->n[c] > PLAN_ONE ? PLAN_ONE : s->n[c];
        fill(g, s, begin_of(g, s));
    }
    return e;
}

enum err plan_live_db(struct db *db, struct arena *a, const struct plan_ask *ask, struct plan_live *out)
{
    size_t years = (size_t)(ask->last_year - ask->first_year + 1), n = ask->plan->n_indicators;
    struct plan_live l = {.ask = *ask, .n_months = years * 12, .n_windows = years * 17,
                          .n_places = plan_country(ask->pack) + 1, .first = PLAN_MONTH(ask->first_year, 1),
                          .side = {arena_array(a, n + 1, sizeof(struct plan_side)),
                                   arena_array(a, n + 1, sizeof(struct plan_side))}};
    struct living *g = ARENA_NEW(a, struct living);
    if (!g || !l.side[0] || !l.side[1] || years < 1 || years > PLAN_LIVE_YEARS)
        return years < 1 || years > PLAN_LIVE_YEARS ? ERR_INVALID : ERR_MEMORY;
    *g = (struct living){.db = db, .l = &l, .a = a, .last = PLAN_MONTH(ask->last_year, 12), .now = plan_month_of(ask->now)};
    plan_places_open(&g->places, ask->pack);
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++) {
        const struct pack_plan_indicator *x = &ask->plan->indicator[i];
        e = side_ask(g, &l.side[0][i], x, x->count, x->n_count);
        e = e ? e : side_ask(g, &l.side[1][i], x, x->of, x->n_of);
    }
    e = e ? e : registers_ask(g);
    e = e ? e : months_ask(g, PACK_PLAN_RECEIVED, FIGURES_KEPT);
    e = e ? e : months_ask(g, PACK_PLAN_CLOSED, FIGURES_OUTCOME);
    free(g->value);
    if (!e)
        *out = l;
    return e;
}

// ── put together ──
// How many months one cell of a side has: one where months are added or the last one stands, else what the passport reports by.
static int span_of(const struct pack_plan_indicator *x, enum plan_nature nature, int first, int last)
{
    const bool added = x->time == PACK_PLAN_SUM || x->time == PACK_PLAN_RATIO || x->time == PACK_PLAN_DISTINCT;
    if (nature != PLAN_TELLS_APART)
        return nature == PLAN_STANDS || added ? 1 : x->every;
    if (first % 12 == 0 && last - first == 11 && (added || x->every == 12))
        return 12;
    return first % 3 == 0 && last - first == 2 && x->every <= 3 ? 3 : x->every;
}

// What the months from m on come to at one place. false: nothing is known of them.
static bool cell_read(const struct plan_live *l, const struct plan_side *s, int m, int span, uint32_t place, int64_t *out)
{
    const bool apart = s->nature == PLAN_TELLS_APART;
    size_t window = !apart || span == 1 ? (size_t)(m - l->first) : span == 3 ? quarter_window(l, m) : year_window(l, m);
    bool has = false;
    *out = 0;
    for (size_t k = 0; k < (apart ? 1 : (size_t)span); k++) {
        int64_t one = *cell(l, s, window + k, place);
        if (one == PLAN_NO_FIGURE)
            continue;
        *out = s->nature == PLAN_HAPPENS ? *out + one : one > *out ? one : *out;
        has = true;
    }
    return has;
}

enum err plan_live_side(const struct plan_live *l, size_t indicator, int side, int first, int last, uint32_t place, struct plan_figure *out)
{
    static const enum plan_rule rules[] = {PLAN_SUM, PLAN_LATEST, PLAN_MAX, PLAN_SUM, PLAN_DISTINCT}; // each side of a ratio is added for itself
    const struct plan_side *s = &l->side[side][indicator];
    const struct pack_plan_indicator *x = &l->ask.plan->indicator[indicator];
    const bool apart = s->nature == PLAN_TELLS_APART, stands = s->nature == PLAN_STANDS;
    *out = (struct plan_figure){0};
    if (s->nature == PLAN_NOT_COUNTED || s->nature == PLAN_FROM_OTHERS)
        return OK;
    first = first < l->first ? l->first : first;
    last = last < l->first + (int)l->n_months ? last : l->first + (int)l->n_months - 1;
    const int span = span_of(x, s->nature, first, last);
    // What is told apart is told of the country as such; all else is its counties and what is of none of them.
    const bool one = apart || place + 1 < l->n_places;
    const uint32_t from = one ? place : 0, to = one ? place : (uint32_t)l->n_places - 2;
    struct plan_cell *at = first <= last ? calloc((size_t)(last - first + 1) * (to - from + 1), sizeof *at) : NULL;
    size_t n = 0;
    if (!at)
        return first <= last ? ERR_MEMORY : OK;
    for (int m = first % span ? first + span - first % span : first; m + span - 1 <= last; m += span)
        for (uint32_t p = from; p <= to; p++)
            if (cell_read(l, s, m, span, p, &at[n].n)) {
                at[n].first = m;
                at[n].last = m + span - 1;
                at[n++].place = p;
            }
    enum plan_rule time = stands && x->time != PACK_PLAN_MAX ? PLAN_LATEST : s->nature == PLAN_YES_NO ? PLAN_MAX : rules[x->time];
    enum plan_rule places = s->nature == PLAN_YES_NO ? PLAN_MAX : rules[x->places];
    // Different values alone cannot be put together; a row is one thing, wherever it counts.
    enum err e = plan_rollup(at, n, first, last, time == PLAN_DISTINCT && !apart ? PLAN_SUM : time,
                             places == PLAN_DISTINCT && !apart ? PLAN_SUM : places, out);
    free(at);
    return e;
}
