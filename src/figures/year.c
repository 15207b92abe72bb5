// What is published of a year, all institutions together: one set of tables with one set of hidden numbers, for the page and
// for the file. There is no other cut of the same numbers to subtract it from: a year that is not over, or whose days are
// not all settled, has none; and the tables that share a total hide it together.
#include <string.h>
#include "base/clock.h"
#include "base/suppress.h"
#include "casework/casework.h"
#include "figures/handlers.h"

#define SETTLED (3 * CLOCK_DAY)  // after the year's end: the last day's reports have been assessed or not

static struct year_table *plan_new(struct year *x, const char *name, enum message title, enum message head, size_t rows, size_t cols, bool linked)
{
    struct arena *a = x->req->arena;
    struct year_table *p = &x->table[x->n];
    *p = (struct year_table){.name = name, .title = text_get(x->req->lang, title), .head = text_get(x->req->lang, head), .rows = rows, .cols = cols,
                       .linked = linked, .row = arena_array(a, rows + 1, sizeof *p->row), .col = arena_array(a, cols + 1, sizeof *p->col),
                       .row_key = arena_array(a, rows + 1, sizeof *p->row_key), .col_key = arena_array(a, cols + 1, sizeof *p->col_key),
                       .cell = arena_array(a, (rows + 1) * (cols + 1), sizeof *p->cell),
                       .hidden = arena_array(a, (rows + 1) * (cols + 1), sizeof *p->hidden)};
    if (!p->row || !p->col || !p->row_key || !p->col_key || !p->cell || !p->hidden)
        return NULL;
    x->n++;
    p->row[rows] = p->col[cols] = text_get(x->req->lang, MSG_FIGURES_TOTAL);
    return p;
}

static void put(struct year_table *p, size_t row, size_t col, int64_t n)
{
    if (!p || row >= p->rows || col >= p->cols)
        return;
    size_t w = p->cols + 1;
    p->cell[row * w + col] += n;
    p->cell[row * w + p->cols] += n;
    p->cell[p->rows * w + col] += n;
    p->cell[p->rows * w + p->cols] += n;
}

// A list: one row of a table, each value a column.
static void list_put(struct year_table *p, size_t i, struct str key, struct str label, int64_t n)
{
    if (p && i < p->cols) {
        p->col_key[i] = key;
        p->col[i] = label;
        put(p, 0, i, n);
    }
}

static struct str category_label(const struct year *x, size_t i)
{
    const struct pack *p = x->tally->pack;
    struct str code = pack_list_at(p, "category", i);
    return arena_printf(x->req->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(pack_category_label(p, code, x->req->lang)));
}

static void plans_reports(struct year *x)
{
    const struct tally *t = x->tally;
    struct req *rq = x->req;
    struct year_table *p = plan_new(x, "category_county", MSG_FIGURES_BY_CROSS, MSG_FIGURES_CATEGORY, t->n_categories, t->n_counties + 1, true);
    for (size_t i = 0; p && i < t->n_categories; i++) {
        p->row[i] = category_label(x, i);
        p->row_key[i] = pack_list_at(t->pack, "category", i);
        for (size_t k = 0; k <= t->n_counties; k++) {
            struct str county = k < t->n_counties ? pack_list_at(t->pack, "county", k) : STR("");
            p->col_key[k] = county;
            p->col[k] = county.n ? pack_label(t->pack, "county", county, rq->lang) : text_get(rq->lang, MSG_FIGURES_NO_COUNTY);
            put(p, i, k, t->cross[i][k]);
        }
    }
    p = plan_new(x, "month", MSG_FIGURES_BY_MONTH, MSG_FIGURES_MONTH, 1, 12, true);
    for (size_t i = 0; i < 12; i++) {
        struct str month = arena_printf(rq->arena, "%04d-%02d", (int)(t->first / 100), (int)i + 1);
        list_put(p, i, month, month, t->by_month[i]);
    }
    char hex[ID_HEX];
    size_t units = 0;
    for (size_t i = 0; i < t->n_units; i++)
        units += t->by_unit[i] > 0;
    p = plan_new(x, "institution", MSG_FIGURES_BY_INSTITUTION, MSG_FIGURES_INSTITUTION, 1, units ? units : 1, true);
    for (size_t i = 0, at = 0; i < t->n_units; i++)
        if (t->by_unit[i] > 0)
            list_put(p, at++, arena_str(rq->arena, str_from(id_hex(t->unit[i].unit, hex))), t->unit[i].name, t->by_unit[i]);
    p = plan_new(x, "urgency", MSG_FIGURES_BY_URGENCY, MSG_FIGURES_URGENCY, 1, 4, true);
    for (size_t u = 1; u <= 4; u++) {
        struct str urgency = arena_printf(rq->arena, "U%d", (int)u);
        list_put(p, u - 1, urgency, urgency, t->by_urgency[u]);
    }
}

static void plan_yes_no(struct year *x, const char *name, enum message title, int64_t yes, int64_t no, bool linked)
{
    struct year_table *p = plan_new(x, name, title, MSG_FIGURES_IN_TIME, 1, 2, linked);
    list_put(p, 0, STR("yes"), text_get(x->req->lang, MSG_FIGURES_YES), yes);
    list_put(p, 1, STR("no"), text_get(x->req->lang, MSG_FIGURES_NO), no);
}

static void plans_cases(struct year *x)
{
    const struct tally *t = x->tally;
    const char *stage;
    size_t stages = 0;
    plan_yes_no(x, "assessed_24h", MSG_FIGURES_KPI_ASSESSED, t->assessed[1], t->assessed[0] + t->assessed[2], true);
    plan_yes_no(x, "police_24h", MSG_FIGURES_KPI_POLICE, t->police[1], t->police[0], false);
    plan_yes_no(x, "answered_in_time", MSG_FIGURES_KPI_ANSWERED, t->answered[1], t->answered[0], false);
    struct year_table *p = plan_new(x, "cases_opened", MSG_FIGURES_OPENED, MSG_FIGURES_CATEGORY, 1, t->n_categories, false);
    for (size_t i = 0; i < t->n_categories; i++)
        list_put(p, i, pack_list_at(t->pack, "category", i), category_label(x, i), t->opened_category[i]);
    // One list, not three shares: what lies between two of them would be a small number that nobody hides.
    int64_t gone[4] = {0};
    for (size_t i = 0; i < REMOVED_BUCKETS; i++)
        gone[i / 4] += t->removed[i];
    static const struct { const char *key; enum message m; } soon[] = {
        {"1d", MSG_FIGURES_REMOVED_1}, {"3d", MSG_FIGURES_REMOVED_3}, {"7d", MSG_FIGURES_REMOVED_7}, {"more", MSG_FIGURES_REMOVED_MORE}};
    p = plan_new(x, "removed", MSG_FIGURES_REMOVED, MSG_FIGURES_LENGTH, 1, 4, false);
    for (size_t i = 0; i < 4; i++)
        list_put(p, i, str_from(soon[i].key), text_get(x->req->lang, soon[i].m), gone[i]);
    while (stages < TALLY_STAGES && case_stage_at(STR("criminal"), stages))
        stages++;
    p = plan_new(x, "justice", MSG_FIGURES_JUSTICE_NOW, MSG_FIGURES_STAGE, 1, stages, false);
    for (size_t i = 0; i < stages && (stage = case_stage_at(STR("criminal"), i)); i++) {
        enum message m;
        struct str label = str_from(stage);
        if (!text_message(arena_printf(x->req->arena, "figures_stage_%s", stage), &m))
            label = text_get(x->req->lang, m);
        list_put(p, i, str_from(stage), label, t->stage[i]);
    }
}

// Hides in every table; where one must hide the total that several share, all hide it.
static enum err plans_hide(struct year *x)
{
    int64_t least = pack_small_number(x->tally->pack);
    bool shared = false, again;
    do {
        again = false;
        for (size_t i = 0; i < x->n; i++) {
            struct year_table *p = &x->table[i];
            size_t cells = (p->rows + 1) * (p->cols + 1);
            memset(p->hidden, 0, cells);
            if (p->linked && p->cell[cells - 1] != x->table[0].cell[(x->table[0].rows + 1) * (x->table[0].cols + 1) - 1])
                p->linked = false; // not the same reports after all: nothing follows from its total
            p->hidden[cells - 1] = p->linked && shared;
            enum err e = suppress_table(p->cell, p->hidden, p->rows, p->cols, least);
            if (e)
                return e;
            again = again || (p->linked && !shared && p->hidden[cells - 1]);
        }
        shared = shared || again;
    } while (again);
    return OK;
}

bool year_is_over(int64_t year, int64_t now)
{
    return year >= 2000 && year <= 2199 && figures_month_start((year + 1) * 100 + 1) + SETTLED <= now;
}

enum err year_read(struct req *rq, int64_t year, struct year **out)
{
    struct year *x = ARENA_NEW(rq->arena, struct year);
    struct tally *t = ARENA_NEW(rq->arena, struct tally);
    if (!x || !t)
        return ERR_MEMORY;
    *x = (struct year){.req = rq, .tally = t};
    *out = x;
    t->first = year * 100 + 1;
    struct tally_ask ask = {.req = rq, .t = t, .own = false, .last = year * 100 + 12};
    enum err e = tally_read(&ask);
    if (!e && !t->settled)
        e = ERR_AWAY; // the courier has not added all of the year yet
    if (e)
        return e;
    plans_reports(x);
    plans_cases(x);
    return arena_failed(rq->arena) ? ERR_MEMORY : plans_hide(x);
}

void year_lengths(const struct year *y, int64_t *median, int64_t *p90)
{
    bool few = y->tally->closed < 2 * pack_small_number(y->tally->pack);
    *median = few ? INT64_MIN : tally_length(y->tally, 50);
    *p90 = few ? INT64_MIN : tally_length(y->tally, 90);
}
