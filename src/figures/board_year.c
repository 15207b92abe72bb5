// The dashboard of all institutions: the published tables of a year (year.c) with the numbers hidden there, and no other. A
// category or a county picks its row or column of category × county, which is in the file too.
#include "figures/handlers.h"

// Columns of one row of a published table, or the rows of one column, as a table of the page.
static void line_show(struct boarding *b, const char *id, enum message title, const struct year_table *p, size_t line, bool down, bool columns)
{
    size_t n = down ? p->rows : p->cols, w = p->cols + 1;
    struct board_table *t = board_table_new(b, id, text_get(b->rq->lang, title), p->head, n);
    for (size_t i = 0; t && i <= n; i++) {
        size_t at = down ? i * w + line : line * w + i;
        struct str label = down ? p->row[i] : p->col[i], key = down ? p->row_key[i] : p->col_key[i];
        if (i == n) {
            t->total = p->cell[at];
            t->total_hidden = p->hidden[at];
        } else if (label.n) {
            ((struct board_row *)(uintptr_t)t->rows.at)[t->rows.n++] =
                (struct board_row){.key = key, .label = columns ? str_slice(label, 5, label.n) : label,
                                   .n = p->cell[at], .hidden = p->hidden[at]};
        }
    }
    if (t) {
        t->sums = true;
        t->columns = columns;
    }
}

// A list of "in time" and "not": hidden whole, because each follows from the other two.
static void in_time_show(struct boarding *b, const struct year_table *p, enum message name, enum message note)
{
    struct board_kpi *k = board_kpi_add(b, p->name, name, note);
    if (k) {
        k->n = p->cell[0];
        k->of = p->cell[2];
        k->hidden = p->hidden[0] || p->hidden[1] || p->hidden[2];
    }
    board_kpi_finish(b, k);
}

static size_t key_place(const struct str *key, size_t n, struct str wanted)
{
    size_t i = 0;
    while (i < n && !str_equal(key[i], wanted))
        i++;
    return i;
}

void board_year_fill(struct boarding *b, const struct year *y)
{
    const struct year_table *cross = &y->table[0];
    struct board_table *at = (struct board_table *)(uintptr_t)b->out->tables.at;
    size_t row = b->in->category.n ? key_place(cross->row_key, cross->rows, b->in->category) : cross->rows;
    size_t col = b->in->county.n ? key_place(cross->col_key, cross->cols, b->in->county) : cross->cols;
    b->out->median_hours = b->out->p90_hours = INT64_MIN;
    if (!b->in->category.n)
        line_show(b, "received_category", MSG_FIGURES_BY_CATEGORY, cross, col, true, false);
    if (!b->in->county.n)
        line_show(b, "received_county", MSG_FIGURES_BY_COUNTY, cross, row, false, false);
    static const struct { const char *name, *id; enum message title; bool columns; } lists[] = {
        {"month", "received_month", MSG_FIGURES_BY_MONTH, true}, {"urgency", "received_urgency", MSG_FIGURES_BY_URGENCY, false},
        {"institution", "received_institution", MSG_FIGURES_BY_INSTITUTION, false}, {"cases_opened", "opened_category", MSG_FIGURES_OPENED, false},
        {"removed", "removed", MSG_FIGURES_REMOVED, false},
        {"justice", "justice", MSG_FIGURES_JUSTICE_NOW, false}};
    static const struct { const char *name; enum message label, note; } measures[] = {
        {"assessed_24h", MSG_FIGURES_KPI_ASSESSED, MSG_FIGURES_KPI_ASSESSED_NOTE},
        {"police_24h", MSG_FIGURES_KPI_POLICE, MSG_FIGURES_KPI_POLICE_NOTE},
        {"answered_in_time", MSG_FIGURES_KPI_ANSWERED, MSG_FIGURES_KPI_ANSWERED_NOTE}};
    bool whole = !b->in->category.n && !b->in->county.n;
    for (size_t i = 1; whole && i < y->n; i++) {
        struct str name = str_from(y->table[i].name);
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            if (str_equal_z(name, lists[k].name))
                line_show(b, lists[k].id, lists[k].title, &y->table[i], 0, false, lists[k].columns);
        for (size_t k = 0; k < sizeof measures / sizeof *measures; k++)
            if (str_equal_z(name, measures[k].name))
                in_time_show(b, &y->table[i], measures[k].label, measures[k].note);
    }
    if (whole) {
        year_lengths(y, &b->out->median_hours, &b->out->p90_hours);
    }
    for (size_t i = 0; i < b->out->tables.n; i++)
        board_table_finish(b, &at[i]);
}
