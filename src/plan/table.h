// plan/table: a table file (text/csv.h) read as rows of named columns; what is wrong is told by line, column and a sentence, and the
// whole file is looked through, so that somebody mends all of it at once. Targets and values come in through it.
#pragma once
#include "base/arena.h"
#include "text/text.h"

#define PLAN_COLUMNS_MAX 16
#define PLAN_LINES_TOLD 100      // faults that are named

struct plan_line { int64_t line; struct str column, message; };
struct plan_table {
    struct arena *a;             // holds what is told, and the cells
    const struct lang *l;
    const char *const *columns;  // names, in any order in the file; NULL at the end
    uint32_t needed;             // bits 1u << column: must stand in the first line
    size_t rows_max;
    // filled
    int64_t at;                  // line that is looked at
    size_t rows, faults, n_lines;// rows read; faults counted on; lines told
    struct plan_line *lines;
};
// cell: one for each column, trimmed, without the writer's apostrophe; empty where the file has none. They stay in the arena.
typedef enum err plan_row_fn(void *ctx, const struct str *cell);
// OK also where faults were found.
MUST_USE enum err plan_table_read(struct plan_table *t, struct str file, plan_row_fn *fn, void *ctx);
// of the line that is looked at; NULL: of the line as a whole
void plan_table_tell(struct plan_table *t, const char *column, enum message m, int64_t n);
