// report/counts: reports searched and counted by their clear columns, for rooms above.
#pragma once
#include "people/counts.h"

// The newest of one unit behind (at, seq); at most max. One ordered walk of the index that suits what is asked best.
MUST_USE enum err report_find_db(struct db *db, struct arena *a, const struct find *f, struct found *out, size_t max, size_t *n);
MUST_USE enum err report_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out,
                                    size_t max, size_t *n);

// Reports that came to a unit in from ≤ received < to, by category and county. bucket: the urgency, 1 to 4.
MUST_USE enum err report_count_received_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx);
// The same reports by how soon the first decision came (assessed, answered, in a case, duplicate or spam). bucket: 1 within
// a day of its receipt, 0 not, 2 there is still time.
MUST_USE enum err report_count_assessed_db(struct db *db, struct id unit, int64_t from, int64_t to, int64_t now, count_fn *fn, void *ctx);
// Reports received then that are neither spam nor a duplicate, of all units. bucket: 0.
MUST_USE enum err report_count_kept_db(struct db *db, int64_t from, int64_t to, count_fn *fn, void *ctx);
// When the first of a unit came; INT64_MAX where it has none.
MUST_USE enum err report_count_first_db(struct db *db, struct id unit, int64_t *out);
