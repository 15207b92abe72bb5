// doc: a document to be read, printed and calculated with: described once, written as HTML, PDF or XLSX. Knows nothing of what
// it says. The same description gives the same bytes each time: nothing is taken from the clock or the machine's language.
#pragma once
#include "base/arena.h"
#include "base/buf.h"

// What the document says of itself, all in its own language. Texts are UTF-8 and must live as long as the document.
struct doc_words {
    struct str lang;              // "sq": of the HTML, and for hyphens and shapes in the PDF
    struct str title, subtitle;   // of the cover
    struct str issuer, day;       // who publishes it, and the day in words
    struct str created;           // the same day as 2020-02-28T00:00:00Z: of the PDF's and XLSX's properties
    struct str notice;            // on the cover, in a frame: "Invented data"; may be empty
    struct str contents;          // heading of the contents
    struct str hidden, missing;   // what stands in a cell: "<5", "–"
    char decimal;                 // ',' or '.'
};

enum doc_cell_kind {
    DOC_MISSING, // no data: not the same as 0
    DOC_TEXT,
    DOC_NUMBER,  // n in ten-thousandths
    DOC_PERCENT, // n in tenths of a percent
    DOC_HIDDEN,  // a small number about persons
};
struct doc_cell { enum doc_cell_kind kind; struct str text; int64_t n; };

struct doc_bar { struct str label; struct doc_cell value; }; // MISSING and HIDDEN are said, not drawn
// A place of a tile map: where its tile lies (from 0), its name, and its value. shade: 0 none, 1 palest to 4 darkest.
struct doc_tile { struct str label; struct doc_cell value; int row, col, shade; };

enum doc_kind { DOC_HEADING, DOC_PARAGRAPH, DOC_QUIET, DOC_TABLE, DOC_BARS, DOC_MAP };
struct doc_part {
    enum doc_kind kind;
    int level;                    // HEADING: 1 begins a page and a sheet, 2, 3
    struct str text;              // the heading, the paragraph, or the title of a table, chart or map
    size_t rows, cols;            // TABLE, its heads too
    struct doc_cell *cell;        // TABLE: row after row
    const int *wide;              // TABLE: shares of the width, one for each column
    const struct doc_bar *bar; size_t bars;
    const struct doc_tile *tile; size_t tiles;
    struct doc_part *next;
};
struct doc {
    struct arena *arena;
    struct doc_words words;
    struct doc_part *first, *last;
};

// NULL where the arena is full; all below do nothing then (arena_failed tells).
struct doc *doc_new(struct arena *a, const struct doc_words *words);
void doc_heading(struct doc *d, int level, struct str text);
void doc_text(struct doc *d, struct str text);  // a paragraph; line ends within it stay
void doc_quiet(struct doc *d, struct str text); // small and grey: how a figure was computed, what a mark means
// cols ≤ DOC_COLS_MAX. The cells to be filled, all MISSING, the first row the heads; NULL where the arena is full.
#define DOC_COLS_MAX 12
struct doc_cell *doc_table(struct doc *d, struct str title, size_t rows, size_t cols, const int *wide);
// Copied. A chart stands above the table of its figures, which the caller adds.
void doc_bars(struct doc *d, struct str title, const struct doc_bar *at, size_t n);
void doc_map(struct doc *d, struct str title, const struct doc_tile *at, size_t n);

static inline struct doc_cell doc_cell_text(struct str s) { return (struct doc_cell){.kind = DOC_TEXT, .text = s}; }
static inline struct doc_cell doc_cell_number(int64_t n) { return (struct doc_cell){.kind = DOC_NUMBER, .n = n}; }
static inline struct doc_cell doc_cell_percent(int64_t n) { return (struct doc_cell){.kind = DOC_PERCENT, .n = n}; }

// A cell as it is read: "1 234,5", "12,3 %", "<5". Spaces are those that do not break.
void doc_print(struct buf *out, const struct doc_words *w, const struct doc_cell *cell);

// One file each, added to out. HTML: whole in itself, no script, nothing fetched. XLSX: a sheet for each heading of level 1,
// numbers as numbers; a text that looks like a formula stays a text.
MUST_USE enum err doc_html(const struct doc *d, struct buf *out);
MUST_USE enum err doc_xlsx(const struct doc *d, struct buf *out);
MUST_USE enum err doc_pdf(const struct doc *d, struct buf *out); // of its own library: it brings cairo and pango along
