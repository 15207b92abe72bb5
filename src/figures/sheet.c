// Tables as files. Whoever opens one runs a program that takes a cell which begins with = + - @ for a formula: such a text
// gets an apostrophe in CSV, and is written as a text in XLSX, where a formula is another kind of cell.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include "base/clock.h"
#include "figures/handlers.h"
#include "text/csv.h"

enum err sheet_csv(struct buf *out, const struct sheet *at, size_t n, struct str hidden)
{
    csv_begin(out);
    for (size_t i = 0; i < n; i++) {
        csv_text(out, true, at[i].title);
        csv_end(out);
        for (size_t r = 0; r < at[i].rows; r++) {
            for (size_t c = 0; c < at[i].cols; c++) {
                const struct cell *cell = &at[i].cell[r * at[i].cols + c];
                if (cell->kind == CELL_COUNT)
                    csv_int(out, c == 0, cell->n);
                else
                    csv_text(out, c == 0, cell->kind == CELL_HIDDEN ? hidden : cell->text);
            }
            csv_end(out);
        }
        csv_end(out);
    }
    return buf_ok(out);
}

#define CELL_MAX 2000 // bytes of a text; Excel takes 32,767 characters

static lxw_error cell_write(lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const struct cell *cell, struct str hidden, lxw_format *format)
{
    char text[CELL_MAX];
    struct str s = cell->kind == CELL_HIDDEN ? hidden : cell->text;
    if (cell->kind == CELL_COUNT)
        return worksheet_write_number(ws, row, col, (double)cell->n, format);
    size_t k = s.n < sizeof text - 1 ? s.n : sizeof text - 1;
    while (k < s.n && k > 0 && ((unsigned char)s.at[k] & 0xc0) == 0x80)
        k--;
    if (k)
        memcpy(text, s.at, k);
    text[k] = '\0';
    return worksheet_write_string(ws, row, col, text, format);
}

static lxw_error sheet_write(lxw_workbook *book, const struct sheet *s, struct str hidden, lxw_format *bold)
{
    char name[32]; // Excel's limit is 31 characters
    snprintf(name, sizeof name, "%.*s", (int)(s->name.n < 31 ? s->name.n : 31), s->name.at);
    lxw_worksheet *ws = workbook_add_worksheet(book, name);
    if (!ws)
        return LXW_ERROR_MEMORY_MALLOC_FAILED;
    const struct cell title = {.kind = CELL_TEXT, .text = s->title};
    lxw_error e = cell_write(ws, 0, 0, &title, hidden, bold);
    for (size_t r = 0; r < s->rows && !e; r++)
        for (size_t c = 0; c < s->cols && !e; c++)
            e = cell_write(ws, (lxw_row_t)(r + 2), (lxw_col_t)c, &s->cell[r * s->cols + c], hidden, r == 0 ? bold : NULL);
    worksheet_set_column(ws, 0, 0, 44, NULL);
    return e;
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

// The library writes to a name only; the name of a file in memory is one.
enum err sheet_xlsx(struct buf *out, const struct sheet *at, size_t n, struct str hidden)
{
    char path[64];
    enum err e = ERR_IO;
    int fd = memfd_create("sheet", MFD_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    lxw_workbook *book = workbook_new(path);
    if (!book) {
        close(fd);
        return ERR_MEMORY;
    }
    lxw_doc_properties about = {.title = "isigurt", .created = (time_t)(clock_now() / CLOCK_SECOND)};
    lxw_format *bold = workbook_add_format(book);
    lxw_error x = bold ? workbook_set_properties(book, &about) : LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (bold)
        format_set_bold(bold);
    for (size_t i = 0; i < n && !x; i++)
        x = sheet_write(book, &at[i], hidden, bold);
    lxw_error closed = workbook_close(book); // always: it frees the book
    if (!x && !closed)
        e = whole(fd, out);
    close(fd);
    return e;
}
