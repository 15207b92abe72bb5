// A document as a workbook: a sheet for each part, its tables under each other, numbers as numbers. A text is written as a
// text, never as a formula, whatever it begins with.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include "doc/doc.h"

#define CELL_MAX 8000 // bytes of a text; Excel takes 32,767 characters

struct book {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *bold, *title, *number, *percent, *wrap;
    lxw_row_t row;
    int sheets;
    lxw_error failed;
};

static const char *zero_ended(char text[static CELL_MAX], struct str s)
{
    size_t k = s.n < CELL_MAX - 1 ? s.n : CELL_MAX - 1;
    while (k < s.n && k > 0 && ((unsigned char)s.at[k] & 0xc0) == 0x80)
        k--;
    if (k)
        memcpy(text, s.at, k);
    text[k] = '\0';
    return text;
}

static void keep(struct book *b, lxw_error e)
{
    if (e && !b->failed)
        b->failed = e;
}

static void text_write(struct book *b, lxw_col_t col, struct str s, lxw_format *format)
{
    char text[CELL_MAX];
    keep(b, worksheet_write_string(b->sheet, b->row, col, zero_ended(text, s), format));
}

// Excel forbids []:*?/\ in a sheet's name, more than 31 characters, and two alike: so it is numbered.
static void sheet_begin(struct book *b, struct str heading)
{
    char name[160], text[CELL_MAX];
    size_t k = (size_t)snprintf(name, sizeof name, "%d ", ++b->sheets), count = k;
    zero_ended(text, heading);
    for (size_t i = 0; text[i] && k < sizeof name - 5; i++) {
        bool begins = ((unsigned char)text[i] & 0xc0) != 0x80;
        if (begins && ++count > 31)
            break;
        name[k++] = strchr("[]:*?/\\'", text[i]) ? ' ' : text[i];
    }
    name[k] = '\0';
    b->sheet = workbook_add_worksheet(b->book, name);
    b->row = 0;
    if (!b->sheet) {
        b->failed = LXW_ERROR_MEMORY_MALLOC_FAILED;
        return;
    }
    worksheet_set_column(b->sheet, 0, 0, 44, NULL);
    worksheet_set_column(b->sheet, 1, DOC_COLS_MAX, 18, NULL);
}

static void cell_write(struct book *b, const struct doc *d, lxw_col_t col, const struct doc_cell *cell, bool head)
{
    switch (cell->kind) {
    case DOC_NUMBER: keep(b, worksheet_write_number(b->sheet, b->row, col, (double)cell->n / 10000, b->number)); break;
    case DOC_PERCENT: keep(b, worksheet_write_number(b->sheet, b->row, col, (double)cell->n / 1000, b->percent)); break;
    case DOC_TEXT: text_write(b, col, cell->text, head ? b->bold : b->wrap); break;
    case DOC_HIDDEN: text_write(b, col, d->words.hidden, NULL); break;
    case DOC_MISSING: break; // an empty cell: a mark there would be a text among numbers
    }
}

static void table_write(struct book *b, const struct doc *d, const struct doc_part *p)
{
    text_write(b, 0, p->text, b->bold);
    b->row++;
    for (size_t r = 0; r < p->rows; r++, b->row++)
        for (size_t c = 0; c < p->cols; c++)
            cell_write(b, d, (lxw_col_t)c, &p->cell[r * p->cols + c], r == 0);
    b->row++;
}

static void part_write(struct book *b, const struct doc *d, const struct doc_part *p)
{
    if (p->kind == DOC_HEADING && p->level == 1)
        sheet_begin(b, p->text);
    if (b->failed)
        return;
    switch (p->kind) {
    case DOC_HEADING:
    case DOC_PARAGRAPH:
    case DOC_QUIET:
        text_write(b, 0, p->text, p->kind == DOC_HEADING ? b->title : NULL);
        b->row++;
        break;
    case DOC_TABLE: table_write(b, d, p); break;
    case DOC_BARS:
    case DOC_MAP: break; // their figures stand in the table beside them
    }
}

static void book_write(struct book *b, const struct doc *d)
{
    b->bold = workbook_add_format(b->book);
    b->title = workbook_add_format(b->book);
    b->number = workbook_add_format(b->book);
    b->percent = workbook_add_format(b->book);
    b->wrap = workbook_add_format(b->book);
    if (!b->bold || !b->title || !b->number || !b->percent || !b->wrap) {
        b->failed = LXW_ERROR_MEMORY_MALLOC_FAILED;
        return;
    }
    format_set_bold(b->bold);
    format_set_bold(b->title);
    format_set_font_size(b->title, 14);
    format_set_num_format(b->number, "#,##0.####");
    format_set_num_format(b->percent, "0.0%");
    format_set_text_wrap(b->wrap);
    format_set_text_wrap(b->bold);
    format_set_align(b->wrap, LXW_ALIGN_VERTICAL_TOP);
    sheet_begin(b, d->words.title);
    const struct str cover[] = {d->words.title, d->words.subtitle, d->words.issuer, d->words.day, d->words.notice};
    for (size_t i = 0; i < sizeof cover / sizeof *cover && !b->failed; i++, b->row++)
        text_write(b, 0, cover[i], i == 0 ? b->title : NULL);
    for (const struct doc_part *p = d->first; p && !b->failed; p = p->next)
        part_write(b, d, p);
}

static enum err whole(int fd, struct buf *out)
{
    char piece[16 * 1024];
    off_t at = 0;
    ssize_t got;
    while ((got = pread(fd, piece, sizeof piece, at)) > 0 || (got < 0 && errno == EINTR)) {
        buf_put(out, (struct str){piece, got > 0 ? (size_t)got : 0});
        at += got > 0 ? got : 0;
    }
    return got < 0 || at == 0 ? ERR_IO : buf_ok(out);
}

static time_t created_at(struct str created)
{
    char text[32];
    struct tm t = {0};
    snprintf(text, sizeof text, "%.*s", STR_ARG(created));
    return strptime(text, "%Y-%m-%dT%H:%M:%SZ", &t) ? timegm(&t) : 0;
}

// The library writes to a name only; the name of a file in memory is one.
enum err doc_xlsx(const struct doc *d, struct buf *out)
{
    char path[64], title[CELL_MAX];
    int fd = memfd_create("doc", MFD_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct book b = {.book = workbook_new(path)};
    if (!b.book) {
        close(fd);
        return ERR_MEMORY;
    }
    zero_ended(title, d->words.title);
    lxw_doc_properties about = {.title = title, .created = created_at(d->words.created)};
    keep(&b, workbook_set_properties(b.book, &about));
    book_write(&b, d);
    lxw_error closed = workbook_close(b.book); // always: it frees the book
    enum err e = b.failed || closed ? ERR_IO : whole(fd, out);
    close(fd);
    return e;
}
