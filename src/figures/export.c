// Figures as a file. Of all institutions: the tables of a year (year.c), as published. Of one's own units: what their dashboard
// shows, whole, also of a year that is not over yet.
#include "figures/handlers.h"

#define FILE_MAX (512u * 1024)

static struct cell text_cell(struct str s) { return (struct cell){.kind = CELL_TEXT, .text = s}; }

static enum err sheet_of(struct req *rq, const struct year_table *p, struct sheet *s)
{
    bool list = p->rows == 1;
    size_t w = p->cols + 1;
    *s = (struct sheet){.name = str_from(p->name), .title = p->title, .rows = list ? w + 1 : p->rows + 2, .cols = list ? 2 : w + 1};
    s->cell = arena_array(rq->arena, s->rows * s->cols, sizeof *s->cell);
    if (!s->cell)
        return ERR_MEMORY;
    s->cell[0] = text_cell(p->head);
    if (list)
        s->cell[1] = text_cell(text_get(rq->lang, MSG_FIGURES_COUNT));
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
static enum err sheet_about(struct req *rq, const struct year *y, int64_t year, struct sheet *s)
{
    int64_t least = pack_small_number(y->tally->pack), median, p90;
    year_lengths(y, &median, &p90);
    *s = (struct sheet){.name = STR("about"), .title = text_get(rq->lang, MSG_FIGURES_ABOUT), .rows = 5, .cols = 2,
                        .cell = arena_array(rq->arena, 10, sizeof *s->cell)};
    if (!s->cell)
        return ERR_MEMORY;
    const struct cell hidden = {.kind = CELL_HIDDEN};
    const struct { enum message label; struct cell value; } lines[] = {
        {MSG_FIGURES_YEAR, {CELL_COUNT, STR(""), year}},
        {MSG_FIGURES_MADE, text_cell(req_date(rq, rq->now, DATE_DAY))},
        {MSG_FIGURES_RULE, {CELL_COUNT, STR(""), least}},
        {MSG_FIGURES_MEDIAN, median < 0 ? hidden : (struct cell){CELL_COUNT, STR(""), median}},
        {MSG_FIGURES_P90, p90 < 0 ? hidden : (struct cell){CELL_COUNT, STR(""), p90}},
    };
    for (size_t i = 0; i < 5; i++) {
        struct str label = text_get(rq->lang, lines[i].label);
        if (lines[i].label == MSG_FIGURES_MEDIAN || lines[i].label == MSG_FIGURES_P90)
            label = arena_printf(rq->arena, "%.*s (%.*s)", STR_ARG(label), STR_ARG(text_get(rq->lang, MSG_FIGURES_UNIT_HOURS)));
        s->cell[2 * i] = text_cell(label);
        s->cell[2 * i + 1] = lines[i].value;
    }
    return OK;
}

// ── of one's own units ──
static struct cell count_cell(int64_t n) { return n == INT64_MIN ? text_cell(STR("")) : (struct cell){.kind = CELL_COUNT, .n = n}; }

static enum err sheet_new(struct req *rq, const char *name, struct str title, size_t rows, size_t cols, struct sheet *s)
{
    *s = (struct sheet){.name = str_from(name), .title = title, .rows = rows, .cols = cols, .cell = arena_array(rq->arena, rows * cols, sizeof *s->cell)};
    return s->cell ? OK : ERR_MEMORY;
}

static enum err own_table(struct req *rq, const struct board_table *t, struct sheet *s)
{
    const struct board_row *row = t->rows.at;
    enum err e = sheet_new(rq, t->id.at, t->title, t->rows.n + 1 + t->sums, 2, s);
    if (e)
        return e;
    s->cell[0] = text_cell(t->name);
    s->cell[1] = text_cell(text_get(rq->lang, MSG_FIGURES_COUNT));
    for (size_t i = 0; i < t->rows.n; i++) {
        s->cell[2 * (i + 1)] = text_cell(row[i].label);
        s->cell[2 * (i + 1) + 1] = count_cell(row[i].n);
    }
    if (t->sums) {
        s->cell[2 * (t->rows.n + 1)] = text_cell(text_get(rq->lang, MSG_FIGURES_TOTAL));
        s->cell[2 * (t->rows.n + 1) + 1] = count_cell(t->total);
    }
    return OK;
}

static enum err own_about(struct req *rq, const struct boarding *b, struct str period, struct sheet *s)
{
    const struct board_kpi *k = b->out->kpis.at;
    size_t n = b->out->kpis.n;
    enum err e = sheet_new(rq, "about", text_get(rq->lang, MSG_FIGURES_ABOUT), 4 + n, 3, s);
    if (e)
        return e;
    struct str hours = text_get(rq->lang, MSG_FIGURES_UNIT_HOURS);
    const struct { enum message label; struct str text; int64_t n; } lines[] = {
        {MSG_FIGURES_PERIOD, period, 0}, {MSG_FIGURES_MADE, req_date(rq, rq->now, DATE_DAY), 0},
        {MSG_FIGURES_MEDIAN, STR(""), b->out->median_hours}, {MSG_FIGURES_P90, STR(""), b->out->p90_hours}};
    for (size_t i = 0; i < 4; i++) {
        struct str label = text_get(rq->lang, lines[i].label);
        s->cell[3 * i] = text_cell(i < 2 ? label : arena_printf(rq->arena, "%.*s (%.*s)", STR_ARG(label), STR_ARG(hours)));
        s->cell[3 * i + 1] = i < 2 ? text_cell(lines[i].text) : count_cell(lines[i].n);
    }
    for (size_t i = 0; i < n; i++) { // so many, of so many
        s->cell[3 * (4 + i)] = text_cell(k[i].name);
        s->cell[3 * (4 + i) + 1] = count_cell(k[i].n);
        s->cell[3 * (4 + i) + 2] = count_cell(k[i].of);
    }
    return OK;
}

static enum err own_sheets(struct req *rq, const struct export_in *in, struct sheet *sheets, size_t *n, struct str *of)
{
    const struct board_in all = {0};
    struct boarding b = {.rq = rq, .in = &all, .out = ARENA_NEW(rq->arena, struct board_out), .t = ARENA_NEW(rq->arena, struct tally), .own = true};
    struct board_table *tables = arena_array(rq->arena, BOARD_TABLES, sizeof *tables);
    if (!b.out || !b.t || !tables)
        return ERR_MEMORY;
    if (!rq->who.n_units)
        return req_refuse(rq, "scope", MSG_WEB_FIELD_CHOICE);
    if (board_period(in->period, rq->now, &b.t->first, &b.last))
        return req_refuse(rq, "period", MSG_FIGURES_REFUSED_PERIOD);
    *of = in->period.n ? in->period : arena_printf(rq->arena, "%d", (int)(b.t->first / 100));
    b.out->tables = (struct list){tables, 0};
    enum err e = board_own_fill(&b);
    e = e ? e : own_about(rq, &b, *of, &sheets[0]);
    for (size_t i = 0; !e && i < b.out->tables.n; i++)
        e = own_table(rq, &tables[i], &sheets[i + 1]);
    *n = e ? 0 : b.out->tables.n + 1;
    return e;
}

static enum err year_sheets(struct req *rq, int64_t year, struct sheet *sheets, size_t *n)
{
    struct year *x;
    if (!year_is_over(year, rq->now))
        return req_refuse(rq, "year", MSG_FIGURES_REFUSED_YEAR);
    enum err e = year_read(rq, year, &x);
    if (!e)
        e = sheet_about(rq, x, year, &sheets[0]);
    for (size_t i = 0; !e && i < x->n; i++)
        e = sheet_of(rq, &x->table[i], &sheets[i + 1]);
    *n = e ? 0 : x->n + 1;
    return e;
}

enum err export_run(struct req *rq, const void *in_, void *out)
{
    const struct export_in *in = in_;
    struct sheet *sheets = arena_array(rq->arena, SHEETS_MAX + 1, sizeof *sheets);
    bool xlsx = str_equal_z(in->format, "xlsx"), own = str_equal_z(in->scope, "own");
    struct str of = own ? STR("") : arena_printf(rq->arena, "%d", (int)in->year);
    size_t n = 0;
    (void)out;
    if (!sheets)
        return ERR_MEMORY;
    if (in->format.n && !xlsx && !str_equal_z(in->format, "csv"))
        return req_refuse(rq, "format", MSG_WEB_FIELD_CHOICE);
    if (in->scope.n && !own && !str_equal_z(in->scope, "all"))
        return req_refuse(rq, "scope", MSG_WEB_FIELD_CHOICE);
    enum err e = own ? own_sheets(rq, in, sheets, &n, &of) : year_sheets(rq, in->year, sheets, &n);
    struct buf b;
    buf_init(&b, FILE_MAX);
    struct str hidden = text_get(rq->lang, MSG_FIGURES_HIDDEN);
    if (!e)
        e = xlsx ? sheet_xlsx(&b, sheets, n, hidden) : sheet_csv(&b, sheets, n, hidden);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)),
                                       xlsx ? STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                                       : STR("text/csv; charset=utf-8"),
                                       arena_printf(rq->arena, "isigurt-%s%.*s.%s", own ? "own-" : "", STR_ARG(of), xlsx ? "xlsx" : "csv")};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
