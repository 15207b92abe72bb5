// The file of a year: one set of tables for everybody, of all institutions, of a year that is over. There is no other cut of
// the same numbers to subtract it from, and the tables that share a total hide it together.
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/suppress.h"
#include "casework/casework.h"
#include "figures/handlers.h"

#define SETTLED (3 * CLOCK_DAY)  // after the year's end: the last day's reports have been assessed or not
#define FILE_MAX (512u * 1024)

struct plan { // one table before it is a sheet
    const char *name;
    struct str title, head;
    size_t rows, cols;
    struct str *row, *col;
    int64_t *cell;               // (rows + 1) × (cols + 1), with the sums
    bool *hidden;
    bool linked;                 // its total is that of the reports received
};
struct export { struct req *rq; struct tally *t; struct plan plan[SHEETS_MAX]; size_t n; };

static struct plan *plan_new(struct export *x, const char *name, enum message title, enum message head, size_t rows, size_t cols, bool linked)
{
    struct arena *a = x->rq->arena;
    struct plan *p = &x->plan[x->n];
    *p = (struct plan){.name = name, .title = text_get(x->rq->lang, title), .head = text_get(x->rq->lang, head), .rows = rows, .cols = cols,
                       .linked = linked, .row = arena_array(a, rows + 1, sizeof *p->row), .col = arena_array(a, cols + 1, sizeof *p->col),
                       .cell = arena_array(a, (rows + 1) * (cols + 1), sizeof *p->cell),
                       .hidden = arena_array(a, (rows + 1) * (cols + 1), sizeof *p->hidden)};
    if (!p->row || !p->col || !p->cell || !p->hidden)
        return NULL;
    x->n++;
    p->row[rows] = p->col[cols] = text_get(x->rq->lang, MSG_FIGURES_TOTAL);
    return p;
}

static void put(struct plan *p, size_t row, size_t col, int64_t n)
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
static void list_put(struct plan *p, size_t i, struct str label, int64_t n)
{
    if (p && i < p->cols) {
        p->col[i] = label;
        put(p, 0, i, n);
    }
}

static struct str category_label(const struct export *x, size_t i)
{
    const struct pack *p = x->t->pack;
    struct str code = pack_list_at(p, "category", i);
    return arena_printf(x->rq->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(pack_category_label(p, code, x->rq->lang)));
}

static void plans_reports(struct export *x)
{
    const struct tally *t = x->t;
    struct req *rq = x->rq;
    struct plan *p = plan_new(x, "category_county", MSG_FIGURES_BY_CROSS, MSG_FIGURES_CATEGORY, t->n_categories, t->n_counties + 1, true);
    for (size_t i = 0; p && i < t->n_categories; i++) {
        p->row[i] = category_label(x, i);
        for (size_t k = 0; k <= t->n_counties; k++) {
            struct str county = k < t->n_counties ? pack_list_at(t->pack, "county", k) : STR("");
            p->col[k] = county.n ? pack_label(t->pack, "county", county, rq->lang) : text_get(rq->lang, MSG_FIGURES_NO_COUNTY);
            put(p, i, k, t->cross[i][k]);
        }
    }
    p = plan_new(x, "month", MSG_FIGURES_BY_MONTH, MSG_FIGURES_MONTH, 1, 12, true);
    for (size_t i = 0; i < 12; i++)
        list_put(p, i, arena_printf(rq->arena, "%04d-%02d", (int)(t->first / 100), (int)i + 1), t->by_month[i]);
    size_t units = 0;
    for (size_t i = 0; i < t->n_units; i++)
        units += t->by_unit[i] > 0;
    p = plan_new(x, "institution", MSG_FIGURES_BY_INSTITUTION, MSG_FIGURES_INSTITUTION, 1, units ? units : 1, true);
    for (size_t i = 0, at = 0; i < t->n_units; i++)
        if (t->by_unit[i] > 0)
            list_put(p, at++, t->unit[i].name, t->by_unit[i]);
    p = plan_new(x, "urgency", MSG_FIGURES_BY_URGENCY, MSG_FIGURES_URGENCY, 1, 4, true);
    for (size_t u = 1; u <= 4; u++)
        list_put(p, u - 1, arena_printf(rq->arena, "U%d", (int)u), t->by_urgency[u]);
}

static void plan_yes_no(struct export *x, const char *name, enum message title, int64_t yes, int64_t no, bool linked)
{
    struct plan *p = plan_new(x, name, title, MSG_FIGURES_IN_TIME, 1, 2, linked);
    list_put(p, 0, text_get(x->rq->lang, MSG_FIGURES_YES), yes);
    list_put(p, 1, text_get(x->rq->lang, MSG_FIGURES_NO), no);
}

static void plans_cases(struct export *x)
{
    const struct tally *t = x->t;
    const char *stage;
    size_t stages = 0;
    plan_yes_no(x, "assessed_24h", MSG_FIGURES_KPI_ASSESSED, t->assessed[1], t->assessed[0] + t->assessed[2], true);
    plan_yes_no(x, "police_24h", MSG_FIGURES_KPI_POLICE, t->police[1], t->police[0], false);
    plan_yes_no(x, "answered_in_time", MSG_FIGURES_KPI_ANSWERED, t->answered[1], t->answered[0], false);
    struct plan *p = plan_new(x, "cases_opened", MSG_FIGURES_OPENED, MSG_FIGURES_CATEGORY, 1, t->n_categories, false);
    for (size_t i = 0; i < t->n_categories; i++)
        list_put(p, i, category_label(x, i), t->opened_category[i]);
    while (stages < TALLY_STAGES && case_stage_at(STR("criminal"), stages))
        stages++;
    p = plan_new(x, "justice", MSG_FIGURES_JUSTICE_NOW, MSG_FIGURES_STAGE, 1, stages, false);
    for (size_t i = 0; i < stages && (stage = case_stage_at(STR("criminal"), i)); i++) {
        enum message m;
        struct str label = str_from(stage);
        if (!text_message(arena_printf(x->rq->arena, "figures_stage_%s", stage), &m))
            label = text_get(x->rq->lang, m);
        list_put(p, i, label, t->stage[i]);
    }
}

// Hides in every table; where one must hide the total that several share, all hide it.
static enum err plans_hide(struct export *x)
{
    int64_t least = pack_small_number(x->t->pack);
    bool shared = false, again;
    do {
        again = false;
        for (size_t i = 0; i < x->n; i++) {
            struct plan *p = &x->plan[i];
            size_t cells = (p->rows + 1) * (p->cols + 1);
            memset(p->hidden, 0, cells);
            if (p->linked && p->cell[cells - 1] != x->plan[0].cell[(x->plan[0].rows + 1) * (x->plan[0].cols + 1) - 1])
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

static struct cell text_cell(struct str s) { return (struct cell){.kind = CELL_TEXT, .text = s}; }

static enum err sheet_of(struct export *x, const struct plan *p, struct sheet *s)
{
    bool list = p->rows == 1;
    size_t w = p->cols + 1;
    *s = (struct sheet){.name = str_from(p->name), .title = p->title, .rows = list ? w + 1 : p->rows + 2, .cols = list ? 2 : w + 1};
    s->cell = arena_array(x->rq->arena, s->rows * s->cols, sizeof *s->cell);
    if (!s->cell)
        return ERR_MEMORY;
    s->cell[0] = text_cell(p->head);
    if (list)
        s->cell[1] = text_cell(text_get(x->rq->lang, MSG_FIGURES_COUNT));
    for (size_t r = 0; r < (list ? 1 : p->rows + 1); r++)
        for (size_t c = 0; c < w; c++) {
            const struct cell count = {.kind = p->hidden[r * w + c] ? CELL_HIDDEN : CELL_COUNT, .n = p->cell[r * w + c]};
            if (list) {
                s->cell[(c + 1) * 2] = text_cell(p->col[c]);
                s->cell[(c + 1) * 2 + 1] = count;
            } else {
                s->cell[c + 1] = text_cell(p->col[c]);
                s->cell[(r + 1) * s->cols] = text_cell(p->row[r]);
                s->cell[(r + 1) * s->cols + c + 1] = count;
            }
        }
    return OK;
}

// What the file is, when, by which rule; lengths of cases, which are no counts.
static enum err sheet_about(struct export *x, int64_t year, struct sheet *s)
{
    struct req *rq = x->rq;
    const struct tally *t = x->t;
    int64_t least = pack_small_number(t->pack);
    bool few = t->closed < 2 * least;
    *s = (struct sheet){.name = STR("about"), .title = text_get(rq->lang, MSG_FIGURES_ABOUT), .rows = 6, .cols = 2,
                        .cell = arena_array(rq->arena, 12, sizeof *s->cell)};
    if (!s->cell)
        return ERR_MEMORY;
    const struct cell hidden = {.kind = CELL_HIDDEN};
    const struct { enum message label; struct cell value; } lines[] = {
        {MSG_FIGURES_YEAR, {CELL_COUNT, STR(""), year}},
        {MSG_FIGURES_MADE, text_cell(figures_day_text(rq, rq->now))},
        {MSG_FIGURES_RULE, {CELL_COUNT, STR(""), least}},
        {MSG_FIGURES_MEDIAN, few ? hidden : (struct cell){CELL_COUNT, STR(""), tally_length(t, 50)}},
        {MSG_FIGURES_P90, few ? hidden : (struct cell){CELL_COUNT, STR(""), tally_length(t, 90)}},
        {MSG_FIGURES_KPI_REMOVED_NOTE, text_cell(text_get(rq->lang, MSG_FIGURES_NONE))},
    };
    for (size_t i = 0; i < 6; i++) {
        struct str label = text_get(rq->lang, lines[i].label);
        if (lines[i].label == MSG_FIGURES_MEDIAN || lines[i].label == MSG_FIGURES_P90)
            label = arena_printf(rq->arena, "%.*s (%.*s)", STR_ARG(label), STR_ARG(text_get(rq->lang, MSG_FIGURES_UNIT_HOURS)));
        s->cell[2 * i] = text_cell(label);
        s->cell[2 * i + 1] = lines[i].value;
    }
    return OK;
}

enum err export_run(struct req *rq, const void *in_, void *out)
{
    const struct export_in *in = in_;
    struct export *x = ARENA_NEW(rq->arena, struct export);
    struct tally *t = ARENA_NEW(rq->arena, struct tally);
    struct sheet *sheets = arena_array(rq->arena, SHEETS_MAX + 1, sizeof *sheets);
    bool xlsx = str_equal_z(in->format, "xlsx");
    (void)out;
    if (!x || !t || !sheets)
        return ERR_MEMORY;
    if (in->format.n && !xlsx && !str_equal_z(in->format, "csv"))
        return req_refuse(rq, "format", MSG_WEB_FIELD_CHOICE);
    if (in->year < 2000 || in->year > 2199 || figures_month_start((in->year + 1) * 100 + 1) + SETTLED > rq->now)
        return req_refuse(rq, "year", MSG_FIGURES_REFUSED_YEAR);
    *x = (struct export){.rq = rq, .t = t};
    t->first = in->year * 100 + 1;
    struct tally_ask ask = {.req = rq, .t = t, .own = false, .last = in->year * 100 + 12};
    enum err e = tally_read(&ask);
    if (!e && t->missing_from < figures_month_start((in->year + 1) * 100 + 1))
        e = ERR_AWAY; // the courier has not added all of the year yet
    if (e)
        return e;
    plans_reports(x);
    plans_cases(x);
    e = arena_failed(rq->arena) ? ERR_MEMORY : plans_hide(x);
    if (!e)
        e = sheet_about(x, in->year, &sheets[0]);
    for (size_t i = 0; i < x->n && !e; i++)
        e = sheet_of(x, &x->plan[i], &sheets[i + 1]);
    struct buf b;
    buf_init(&b, FILE_MAX);
    struct str hidden = text_get(rq->lang, MSG_FIGURES_HIDDEN);
    if (!e)
        e = xlsx ? sheet_xlsx(&b, sheets, x->n + 1, hidden) : sheet_csv(&b, sheets, x->n + 1, hidden);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)),
                                       xlsx ? STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") : STR("text/csv; charset=utf-8"),
                                       arena_printf(rq->arena, "isigurt-%d.%s", (int)in->year, xlsx ? "xlsx" : "csv")};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
