// plan/value_import: values from a table file with the columns indicator, period, institution, county, numerator, denominator,
// value, comment. What it names replaces what stands there, and waits for approval.
#pragma once
#include "people/counts.h"
#include "plan/table.h"
#include "plan/value_put.h"
#include "plan/version.h"

#define PLAN_VALUE_ROWS 100000        // of the command; the page takes fewer
#define PLAN_VALUE_BYTES (16u << 20)
#define PLAN_UPLOAD_ROWS 5000
#define PLAN_UPLOAD_BYTES (2u << 20)
#define PLAN_VALUE_ARENA (512u << 20) // bytes at most while a file is read
struct plan_values_file { struct plan_table *table; size_t n; struct plan_put *put; int64_t *line; };
// table: arena, language and rows_max set; each row is checked against the plan of its period's year. Looks through the whole file; table->faults > 0: nothing of it may be written.
MUST_USE enum err plan_values_read(struct plan_table *table, const struct pack *p, const struct plan_bases *plans,
                                   const struct list *institutions, struct str file, struct plan_values_file *out);
// After plan_values_put with `whole` refused: tells of each row why.
void plan_values_told(struct plan_values_file *f);
