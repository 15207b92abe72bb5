// The file of a year: the tables of year.c as sheets.
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

enum err export_run(struct req *rq, const void *in_, void *out)
{
    const struct export_in *in = in_;
    struct year *x;
    struct sheet *sheets = arena_array(rq->arena, SHEETS_MAX + 1, sizeof *sheets);
    bool xlsx = str_equal_z(in->format, "xlsx");
    (void)out;
    if (!sheets)
        return ERR_MEMORY;
    if (in->format.n && !xlsx && !str_equal_z(in->format, "csv"))
        return req_refuse(rq, "format", MSG_WEB_FIELD_CHOICE);
    if (!year_is_over(in->year, rq->now))
        return req_refuse(rq, "year", MSG_FIGURES_REFUSED_YEAR);
    enum err e = year_read(rq, in->year, &x);
    if (!e)
        e = sheet_about(rq, x, in->year, &sheets[0]);
    for (size_t i = 0; !e && i < x->n; i++)
        e = sheet_of(rq, &x->table[i], &sheets[i + 1]);
    size_t n = e ? 0 : x->n + 1;
    struct buf b;
    buf_init(&b, FILE_MAX);
    struct str hidden = text_get(rq->lang, MSG_FIGURES_HIDDEN);
    if (!e)
        e = xlsx ? sheet_xlsx(&b, sheets, n, hidden) : sheet_csv(&b, sheets, n, hidden);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)),
                                       xlsx ? STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                                       : STR("text/csv; charset=utf-8"),
                                       arena_printf(rq->arena, "isigurt-%d.%s", (int)in->year, xlsx ? "xlsx" : "csv")};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
