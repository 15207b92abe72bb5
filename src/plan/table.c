#include "plan/table.h"
#include <string.h>
#include "text/csv.h"

struct reading {
    struct plan_table *t;
    size_t of[CSV_CELLS_MAX]; // which column stands there; SIZE_MAX: none
    size_t heads, n_columns;
};

static void say(struct plan_table *t, struct str column, enum message m, int64_t n)
{
    struct buf b;
    t->faults++;
    if (t->n_lines == PLAN_LINES_TOLD || !t->lines)
        return;
    buf_init(&b, 1000);
    text_put(&b, t->l, m, TEXT_ARGS(TEXT_I("n", n)));
    struct str shown = str_slice(column, 0, column.n < 60 ? column.n : 60);
    t->lines[t->n_lines++] = (struct plan_line){t->at, str_utf8_valid(shown) ? arena_str(t->a, shown) : STR(""), arena_str(t->a, buf_str(&b))};
    buf_free(&b);
}

void plan_table_tell(struct plan_table *t, const char *column, enum message m, int64_t n)
{
    say(t, column ? str_from(column) : STR(""), m, n);
}

static void head_read(struct reading *g, const struct str *cell, size_t n)
{
    struct plan_table *t = g->t;
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        struct str name = str_trim(csv_plain(cell[i]));
        size_t c = 0;
        while (c < g->n_columns && !str_equal_z(name, t->columns[c]))
            c++;
        if (c == g->n_columns)
            say(t, name, MSG_PLAN_REFUSED_COLUMN, 0);
        else if (seen >> c & 1)
            say(t, name, MSG_WEB_FIELD_TWICE, 0);
        else
            seen |= 1u << c;
        g->of[g->heads++] = c < g->n_columns ? c : SIZE_MAX;
    }
    for (size_t c = 0; c < g->n_columns; c++)
        if ((t->needed & ~seen) >> c & 1)
            plan_table_tell(t, t->columns[c], MSG_PLAN_REFUSED_COLUMN_MISSING, 0);
}

static enum err row_read(struct reading *g, const struct str *cell, size_t n, plan_row_fn *fn, void *ctx)
{
    struct str of[PLAN_COLUMNS_MAX];
    for (size_t c = 0; c < PLAN_COLUMNS_MAX; c++)
        of[c] = STR("");
    for (size_t i = 0; i < n; i++) {
        struct str v = str_trim(csv_plain(cell[i]));
        if (i >= g->heads && v.n > 0)
            plan_table_tell(g->t, NULL, MSG_REGISTER_REFUSED_CELLS, (int64_t)g->heads);
        else if (i < g->heads && g->of[i] != SIZE_MAX && v.n > 0)
            of[g->of[i]] = arena_str(g->t->a, v);
    }
    g->t->rows++;
    return arena_failed(g->t->a) ? ERR_MEMORY : fn(ctx, of);
}

enum err plan_table_read(struct plan_table *t, struct str file, plan_row_fn *fn, void *ctx)
{
    static const enum message words[] = {[CSV_ENCODING] = MSG_REGISTER_REFUSED_ENCODING, [CSV_QUOTE] = MSG_REGISTER_REFUSED_QUOTE,
                                         [CSV_LONG] = MSG_REGISTER_REFUSED_LONG, [CSV_MANY] = MSG_REGISTER_REFUSED_CELLS};
    struct reading g = {.t = t};
    struct csv_reader *r = NULL;
    const struct str *cell;
    size_t n;
    t->lines = arena_array(t->a, PLAN_LINES_TOLD, sizeof *t->lines);
    t->rows = t->faults = t->n_lines = 0;
    while (t->columns[g.n_columns])
        g.n_columns++;
    enum err e = t->lines ? csv_open(csv_from_text, &file, &r) : ERR_MEMORY;
    if (e)
        return e;
    e = csv_next(r, &cell, &n);
    t->at = csv_line(r);
    if (!e)
        head_read(&g, cell, n);
    bool whole = e == ERR_NOT_FOUND || t->faults > 0; // without its columns a file is not looked at further
    while (!e && !whole && (e = csv_next(r, &cell, &n)) == OK) {
        t->at = csv_line(r);
        if (t->rows == t->rows_max) {
            plan_table_tell(t, NULL, MSG_REGISTER_REFUSED_MANY_IN, (int64_t)t->rows_max);
            break;
        }
        e = row_read(&g, cell, n, fn, ctx);
    }
    t->at = csv_line(r);
    if (e == ERR_MALFORMED)
        plan_table_tell(t, NULL, words[csv_fault(r)], CSV_CELLS_MAX);
    csv_close(&r);
    return arena_failed(t->a) ? ERR_MEMORY : e == ERR_MALFORMED || e == ERR_NOT_FOUND ? OK : e;
}
