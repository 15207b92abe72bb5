// A table with sums is a bipartite graph: its rows (with the sum's) and its columns are the nodes, its cells the edges.
// Signed so that each row and column adds up to nothing (a margin counts against its cells, the grand total for them), two
// fillings that agree with all that is published differ by a circulation over the hidden cells, and every circulation of
// whole numbers is made of cycles. So a hidden cell can be worked out exactly where no cycle of hidden cells runs through
// it along which all can give or take 1 without falling below 1. Where there is none, the cheapest one is hidden.
#include "base/suppress.h"
#include <stdlib.h>
#include <string.h>

#define NODES_MAX (2 * (SUPPRESS_SIDE_MAX + 1))
#define FAR INT64_MAX

struct table {
    const int64_t *cell;
    bool *hidden;
    size_t rows, cols;          // with the margins
    int64_t least;
};

static size_t place(const struct table *t, size_t row, size_t col)
{
    return row * t->cols + col;
}

// May the signed value of this cell change by +1 (up) or -1 without the count falling below 1?
static bool may_move(const struct table *t, size_t row, size_t col, bool up)
{
    bool margin = (row + 1 == t->rows) != (col + 1 == t->cols);
    bool grows = up != margin;
    return grows || t->cell[place(t, row, col)] >= 2;
}

// What it costs to step along a cell: nothing where it is hidden; else the count that is lost, a sum being worth more than
// all cells. Zeros stay published, so there is no way along them.
static int64_t cost(const struct table *t, size_t row, size_t col, bool more)
{
    size_t at = place(t, row, col);
    if (t->hidden[at]) {
        return 0;
    }
    if (!more || t->cell[at] == 0) {
        return FAR;
    }
    bool margin = row + 1 == t->rows || col + 1 == t->cols;
    int64_t value = t->cell[at] < INT32_MAX ? t->cell[at] : INT32_MAX;
    return margin ? value + ((int64_t)1 << 40) : value;
}

// The cheapest way between a cell's two nodes that does not run along the cell itself. Rows are nodes 0 …, columns behind
// them; going from a row to a column adds 1 to the signed cell, the other way takes 1 off. from[n]: the node before n.
static int64_t cheapest(const struct table *t, size_t row, size_t col, bool up, bool more, size_t from[NODES_MAX])
{
    size_t n = t->rows + t->cols, start = up ? t->rows + col : row, end = up ? row : t->rows + col;
    int64_t dist[NODES_MAX];
    bool done[NODES_MAX] = {false};
    for (size_t i = 0; i < n; i++) {
        dist[i] = FAR;
    }
    dist[start] = 0;
    for (;;) {
        size_t at = n;
        for (size_t i = 0; i < n; i++) {
            if (!done[i] && dist[i] != FAR && (at == n || dist[i] < dist[at])) {
                at = i;
            }
        }
        if (at == n || at == end) {
            return at == n ? FAR : dist[end];
        }
        done[at] = true;
        bool is_row = at < t->rows;
        for (size_t k = 0; k < (is_row ? t->cols : t->rows); k++) {
            size_t r = is_row ? at : k, c = is_row ? k : at - t->rows, next = is_row ? t->rows + k : k;
            int64_t step = (r == row && c == col) || done[next] || !may_move(t, r, c, is_row) ? FAR : cost(t, r, c, more);
            if (step != FAR && dist[at] + step < dist[next]) {
                dist[next] = dist[at] + step;
                from[next] = at;
            }
        }
    }
}

static bool exposed(const struct table *t, size_t row, size_t col)
{
    size_t from[NODES_MAX];
    for (int up = 0; up < 2; up++) {
        if (may_move(t, row, col, up) && cheapest(t, row, col, up, false, from) == 0) {
            return false;
        }
    }
    return true;
}

static void hide_way(struct table *t, size_t row, size_t col, bool up, const size_t from[NODES_MAX])
{
    size_t start = up ? t->rows + col : row, at = up ? row : t->rows + col;
    while (at != start) {
        size_t before = from[at];
        bool is_row = before < t->rows;
        t->hidden[place(t, is_row ? before : at, (is_row ? at : before) - t->rows)] = true;
        at = before;
    }
}

// Hides what is missing around one hidden cell. Cells on a cycle protect each other, so none needs a second look: what is
// hidden later only adds ways.
static void protect(struct table *t, size_t row, size_t col)
{
    size_t ways[2][NODES_MAX];
    int64_t price[2] = {FAR, FAR};
    for (int up = 0; up < 2; up++) {
        if (may_move(t, row, col, up)) {
            price[up] = cheapest(t, row, col, up, true, ways[up]);
        }
    }
    int up = price[1] <= price[0];
    if (price[up] == FAR) { // cannot be: the row's sum, the column's sum and the total make a cycle with every cell
        memset(t->hidden, true, t->rows * t->cols);
        return;
    }
    hide_way(t, row, col, up, ways[up]);
}

static bool sums_hold(const int64_t *cell, size_t rows, size_t cols)
{
    for (size_t r = 0; r <= rows; r++) {
        int64_t sum = 0;
        for (size_t c = 0; c <= cols; c++) {
            int64_t v = cell[r * (cols + 1) + c];
            if (v < 0 || (c < cols && __builtin_add_overflow(sum, v, &sum)) || (c == cols && v != sum)) {
                return false;
            }
        }
    }
    for (size_t c = 0; c <= cols; c++) {
        int64_t sum = 0;
        for (size_t r = 0; r < rows; r++) {
            sum += cell[r * (cols + 1) + c];
        }
        if (sum != cell[rows * (cols + 1) + c]) {
            return false;
        }
    }
    return true;
}

enum err suppress_table(const int64_t *cell, bool *hidden, size_t rows, size_t cols, int64_t least)
{
    size_t n = (rows + 1) * (cols + 1);
    bool fine = rows > 0 && cols > 0 && rows <= SUPPRESS_SIDE_MAX && cols <= SUPPRESS_SIDE_MAX && least >= 1;
    struct table t = {.cell = cell, .hidden = hidden, .rows = rows + 1, .cols = cols + 1, .least = least};
    if (fine) {
        fine = sums_hold(cell, rows, cols);
        for (size_t i = 0; i < n && fine; i++) {
            fine = !hidden[i] || cell[i] > 0;
        }
    }
    if (!fine) {
        memset(hidden, true, n);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < n; i++) {
        hidden[i] |= cell[i] > 0 && cell[i] < least;
    }
    for (size_t c = 0; rows == 1 && c <= cols; c++) { // a list's sums of columns are its cells again
        hidden[c] = hidden[place(&t, 1, c)] = hidden[c] || hidden[place(&t, 1, c)];
    }
    for (size_t i = 0; i < n; i++) {
        if (hidden[i] && exposed(&t, i / t.cols, i % t.cols)) {
            protect(&t, i / t.cols, i % t.cols);
        }
    }
    return OK;
}

enum err suppress_exposed(const int64_t *cell, const bool *hidden, size_t rows, size_t cols, size_t row, size_t col, bool *out)
{
    if (rows == 0 || cols == 0 || rows > SUPPRESS_SIDE_MAX || cols > SUPPRESS_SIDE_MAX || row > rows || col > cols) {
        return ERR_INVALID;
    }
    bool copy = hidden[row * (cols + 1) + col];
    if (!copy) {
        return ERR_INVALID;
    }
    const struct table t = {.cell = cell, .hidden = (bool *)(uintptr_t)hidden, .rows = rows + 1, .cols = cols + 1}; // only read
    *out = exposed(&t, row, col);
    return OK;
}
