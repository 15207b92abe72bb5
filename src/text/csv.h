// csv: tables as text, RFC 4180. The reader takes a file of any size piece by piece, holds one row, and names the line in
// which it stopped; the writer makes what a spreadsheet opens without running anything of it.
#pragma once
#include "base/buf.h"

#define CSV_ROW_MAX (64 * 1024) // bytes of one row, without quotes
#define CSV_CELLS_MAX 256       // cells of one row

// Up to max bytes; *n = 0 at the end.
typedef enum err csv_source(void *ctx, char *into, size_t max, size_t *n);
// What lies in memory; rest: a struct str, which loses what was read.
MUST_USE enum err csv_from_text(void *rest, char *into, size_t max, size_t *n);

enum csv_fault {
    CSV_FINE = 0,
    CSV_ENCODING, // not UTF-8 (a byte order mark of UTF-8 is fine and skipped)
    CSV_QUOTE,    // a quote inside an open cell, text behind a closing quote, or a quote that is never closed
    CSV_LONG,     // a row of more than CSV_ROW_MAX bytes
    CSV_MANY,     // a row of more than CSV_CELLS_MAX cells
};

struct csv_reader;
// The separator is what stands most often outside quotes in the first line: comma, semicolon or tab; else the comma.
MUST_USE enum err csv_open(csv_source *from, void *ctx, struct csv_reader **out);
void csv_close(struct csv_reader **r); // NULL is fine
// The next row that is not blank. cells are borrowed until the next call. ERR_NOT_FOUND at the end; ERR_MALFORMED: see
// csv_fault, and nothing more is read; else what `from` said.
MUST_USE enum err csv_next(struct csv_reader *r, const struct str **cells, size_t *n);
int64_t csv_line(const struct csv_reader *r); // in which the last row began, from 1; of a fault too
enum csv_fault csv_fault(const struct csv_reader *r);

// ── writing ──
void csv_begin(struct buf *out);                        // a byte order mark, so that Excel reads UTF-8
// One cell, with a comma before it unless it is the first. Whoever opens a table runs a program that takes what begins with
// = + - @ tab or CR for a formula: such a cell gets an apostrophe, but a negative number does not.
void csv_text(struct buf *out, bool first, struct str s);
void csv_int(struct buf *out, bool first, int64_t n);
void csv_end(struct buf *out);                          // of the row
struct str csv_plain(struct str cell);                  // what was read, without the apostrophe that the writer sets
