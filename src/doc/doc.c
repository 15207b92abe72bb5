#include "doc/doc.h"

#include <string.h>

struct doc *doc_new(struct arena *a, const struct doc_words *words)
{
    struct doc *d = ARENA_NEW(a, struct doc);
    if (d) {
        d->arena = a;
        d->words = *words;
    }
    return d;
}

static struct doc_part *part_add(struct doc *d, enum doc_kind kind, struct str text)
{
    struct doc_part *p = d ? ARENA_NEW(d->arena, struct doc_part) : NULL;
    if (!p)
        return NULL;
    p->kind = kind;
    p->text = arena_str(d->arena, text);
    if (d->last)
        d->last->next = p;
    else
        d->first = p;
    d->last = p;
    return p;
}

void doc_heading(struct doc *d, int level, struct str text)
{
    struct doc_part *p = part_add(d, DOC_HEADING, text);
    if (p)
        p->level = level < 1 ? 1 : level > 3 ? 3 : level;
}

void doc_text(struct doc *d, struct str text)
{
    (void)part_add(d, DOC_PARAGRAPH, text);
}

void doc_quiet(struct doc *d, struct str text)
{
    (void)part_add(d, DOC_QUIET, text);
}

struct doc_cell *doc_table(struct doc *d, struct str title, size_t rows, size_t cols, const int *wide)
{
    struct doc_part *p = cols && cols <= DOC_COLS_MAX ? part_add(d, DOC_TABLE, title) : NULL;
    int *shares = p ? arena_array(d->arena, cols, sizeof *shares) : NULL;
    struct doc_cell *cell = shares ? arena_array(d->arena, rows * cols, sizeof *cell) : NULL;
    if (!cell)
        return NULL;
    memcpy(shares, wide, cols * sizeof *shares);
    p->rows = rows;
    p->cols = cols;
    p->wide = shares;
    return p->cell = cell;
}

static void *copy(struct arena *a, const void *at, size_t n, size_t size)
{
    void *out = arena_array(a, n, size);
    if (out)
        memcpy(out, at, n * size);
    return out;
}

void doc_bars(struct doc *d, struct str title, const struct doc_bar *at, size_t n)
{
    struct doc_part *p = n ? part_add(d, DOC_BARS, title) : NULL;
    if (p && (p->bar = copy(d->arena, at, n, sizeof *at)))
        p->bars = n;
}

void doc_map(struct doc *d, struct str title, const struct doc_tile *at, size_t n)
{
    struct doc_part *p = n ? part_add(d, DOC_MAP, title) : NULL;
    if (p && (p->tile = copy(d->arena, at, n, sizeof *at)))
        p->tiles = n;
}

#define NO_BREAK_SPACE "\xc2\xa0"

static void print_whole(struct buf *out, uint64_t n)
{
    char digits[24];
    size_t k = 0;
    do {
        digits[k++] = (char)('0' + n % 10);
    } while (n /= 10);
    while (k--) {
        buf_put_c(out, digits[k]);
        if (k && k % 3 == 0)
            buf_put_z(out, NO_BREAK_SPACE);
    }
}

static void print_fixed(struct buf *out, char decimal, int64_t n, uint64_t one)
{
    uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n, rest = size % one;
    if (n < 0)
        buf_put_z(out, "\xe2\x88\x92"); // a minus sign
    print_whole(out, size / one);
    if (rest)
        buf_put_c(out, decimal);
    for (uint64_t digit = one / 10; rest; rest %= digit, digit /= 10)
        buf_put_c(out, (char)('0' + rest / digit));
}

void doc_print(struct buf *out, const struct doc_words *w, const struct doc_cell *cell)
{
    switch (cell->kind) {
    case DOC_TEXT: buf_put(out, cell->text); break;
    case DOC_NUMBER: print_fixed(out, w->decimal, cell->n, 10000); break;
    case DOC_PERCENT:
        print_fixed(out, w->decimal, cell->n, 10);
        buf_put_z(out, NO_BREAK_SPACE "%");
        break;
    case DOC_HIDDEN: buf_put(out, w->hidden); break;
    case DOC_MISSING: buf_put(out, w->missing); break;
    }
}
