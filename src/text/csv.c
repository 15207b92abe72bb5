#include "text/csv.h"
#include <stdlib.h>
#include <string.h>

#define AHEAD (16 * 1024) // bytes asked for at once; the first line's beginning is looked at in them

struct csv_reader {
    csv_source *from;
    void *ctx;
    char ahead[AHEAD];
    size_t at, n;
    bool end;
    enum err failed;            // what the source said
    char separator;
    int64_t line, row_line;
    enum csv_fault fault;
    char row[CSV_ROW_MAX];
    size_t row_n;
    size_t start[CSV_CELLS_MAX];
    struct str cell[CSV_CELLS_MAX];
    size_t cells;
};

static void fill(struct csv_reader *r)
{
    size_t n = 0;
    if (r->end)
        return;
    memmove(r->ahead, r->ahead + r->at, r->n - r->at);
    r->n -= r->at;
    r->at = 0;
    while (r->n < AHEAD && !r->end) {
        r->failed = r->from(r->ctx, r->ahead + r->n, AHEAD - r->n, &n);
        r->end = r->failed || n == 0;
        r->n += r->failed ? 0 : n;
    }
}

static int peek(struct csv_reader *r)
{
    if (r->at == r->n)
        fill(r);
    return r->at < r->n ? (unsigned char)r->ahead[r->at] : -1;
}

static char separator_of(struct str s)
{
    static const char known[] = {',', ';', '\t'};
    size_t seen[sizeof known] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < s.n && (quoted || (s.at[i] != '\n' && s.at[i] != '\r')); i++) {
        quoted ^= s.at[i] == '"';
        for (size_t k = 0; k < sizeof known && !quoted; k++)
            seen[k] += s.at[i] == known[k];
    }
    for (size_t k = 1; k < sizeof known; k++)
        best = seen[k] > seen[best] ? k : best;
    return known[best];
}

enum err csv_from_text(void *ctx, char *into, size_t max, size_t *n)
{
    struct str *rest = ctx;
    *n = rest->n < max ? rest->n : max;
    if (*n > 0)
        memcpy(into, rest->at, *n);
    *rest = str_slice(*rest, *n, rest->n);
    return OK;
}

enum err csv_open(csv_source *from, void *ctx, struct csv_reader **out)
{
    struct csv_reader *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_MEMORY;
    *r = (struct csv_reader){.from = from, .ctx = ctx, .line = 1};
    fill(r);
    if (r->n >= 3 && memcmp(r->ahead, "\xEF\xBB\xBF", 3) == 0)
        r->at = 3;
    r->separator = separator_of((struct str){r->ahead + r->at, r->n - r->at});
    *out = r;
    return OK;
}

void csv_close(struct csv_reader **r)
{
    free(*r);
    *r = NULL;
}

int64_t csv_line(const struct csv_reader *r) { return r->row_line; }
enum csv_fault csv_fault(const struct csv_reader *r) { return r->fault; }

static void put(struct csv_reader *r, int c)
{
    if (r->row_n == CSV_ROW_MAX)
        r->fault = CSV_LONG;
    else
        r->row[r->row_n++] = (char)c;
}

static void cell_begin(struct csv_reader *r)
{
    if (r->cells == CSV_CELLS_MAX)
        r->fault = CSV_MANY;
    else
        r->start[r->cells++] = r->row_n;
}

// A line end: CR LF, LF or CR. false: something else comes.
static bool line_end(struct csv_reader *r)
{
    int c = peek(r);
    if (c != '\n' && c != '\r')
        return false;
    r->at++;
    if (c == '\r' && peek(r) == '\n')
        r->at++;
    r->line++;
    return true;
}

static void quoted_read(struct csv_reader *r)
{
    r->at++;
    while (!r->fault) {
        int c = peek(r);
        if (c < 0) {
            r->fault = CSV_QUOTE;
        } else if (c == '"') {
            r->at++;
            if (peek(r) != '"')
                return;
            put(r, '"');
            r->at++;
        } else if (line_end(r)) {
            put(r, '\n');
        } else {
            put(r, c);
            r->at++;
        }
    }
}

static void cell_read(struct csv_reader *r)
{
    cell_begin(r);
    bool closed = peek(r) == '"';
    if (closed)
        quoted_read(r);
    for (int c = peek(r); !r->fault && c >= 0 && c != r->separator && c != '\n' && c != '\r'; c = peek(r)) {
        if (closed || c == '"')
            r->fault = CSV_QUOTE;
        put(r, c);
        r->at++;
    }
}

enum err csv_next(struct csv_reader *r, const struct str **cells, size_t *n)
{
    bool more = true, blank;
    do {
        r->row_line = r->line;
        r->row_n = r->cells = 0;
        if (r->fault)
            return ERR_MALFORMED;
        if (peek(r) < 0)
            return r->failed ? r->failed : ERR_NOT_FOUND;
        for (more = true; more && !r->fault;) {
            cell_read(r);
            more = !r->fault && peek(r) == r->separator;
            r->at += more;
        }
        if (!r->fault)
            line_end(r);
        blank = r->cells == 1 && r->row_n == 0;
    } while (blank && !r->fault);
    for (size_t i = 0; i < r->cells && !r->fault; i++) { // cell by cell: across a separator two halves would look whole
        size_t to = i + 1 < r->cells ? r->start[i + 1] : r->row_n;
        r->cell[i] = (struct str){r->row + r->start[i], to - r->start[i]};
        if (!str_utf8_valid(r->cell[i]))
            r->fault = CSV_ENCODING;
    }
    if (r->fault)
        return ERR_MALFORMED;
    if (r->failed)
        return r->failed;
    *cells = r->cell;
    *n = r->cells;
    return OK;
}

// ── writing ──
void csv_begin(struct buf *out)
{
    buf_put(out, STR("\xEF\xBB\xBF"));
}

// A text that has the apostrophe itself gets another, so that csv_plain gives back what was written.
static bool formula(struct str s)
{
    while (s.n > 1 && s.at[0] == '\'')
        s = str_slice(s, 1, s.n);
    if (s.n == 0 || !strchr("=+-@\t\r", s.at[0]))
        return false;
    size_t digits = 0;
    while (digits + 1 < s.n && s.at[digits + 1] >= '0' && s.at[digits + 1] <= '9')
        digits++;
    return s.at[0] != '-' || digits == 0 || digits + 1 != s.n;
}

void csv_text(struct buf *out, bool first, struct str s)
{
    buf_put(out, first ? STR("\"") : STR(",\""));
    if (formula(s))
        buf_put_c(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i] == '"')
            buf_put_c(out, '"');
        buf_put_c(out, s.at[i]);
    }
    buf_put_c(out, '"');
}

void csv_int(struct buf *out, bool first, int64_t n)
{
    if (!first)
        buf_put_c(out, ',');
    buf_put_int(out, n);
}

void csv_end(struct buf *out)
{
    buf_put(out, STR("\r\n"));
}

struct str csv_plain(struct str cell)
{
    return cell.n > 1 && cell.at[0] == '\'' && formula(str_slice(cell, 1, cell.n)) ? str_slice(cell, 1, cell.n) : cell;
}
