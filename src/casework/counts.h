// casework/counts: cases searched and counted by their clear columns, for rooms above.
#pragma once
#include "people/counts.h"

// The newest of one unit (the owner) behind (at, seq), by the day they were opened; at most max. With a measure: by the days their
// pages came.
MUST_USE enum err case_find_db(struct db *db, struct arena *a, const struct find *f, struct found *out, size_t max, size_t *n);
MUST_USE enum err case_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out, size_t max,
                                  size_t *n);
MUST_USE enum err case_find_number_db(struct db *db, struct arena *a, struct id unit, struct str number, struct found *out, size_t *n); // 0 or 1

// Cases opened in from ≤ opened < to, by category and county. bucket: the urgency.
MUST_USE enum err case_count_opened_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx);
// Cases that were closed then and are closed now. bucket: full hours from opening to closing.
MUST_USE enum err case_count_closed_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx);
// The same of all owners, by outcome instead of category. bucket: 0.
MUST_USE enum err case_count_outcome_db(struct db *db, int64_t from, int64_t to, count_fn *fn, void *ctx);
// Criminal routes begun then, as they stand now. bucket: the stage's place in the order of case_stage_at.
MUST_USE enum err case_count_justice_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx);
// Addresses that came to its cases then and with which somebody has begun, as they stand now. bucket: 4 × how soon they were gone
// (0 within a day, 1 within three, 2 within seven, 3 later or not) + how old they are (0 less than a day, 1 than three, 2 than seven, 3
// more) + REMOVED_BUCKETS × where they lie (0 not known, 1 here, 2 abroad, 3 with a platform).
#define REMOVED_BUCKETS 16
#define REMOVED_HOSTS 4
MUST_USE enum err case_count_removed_db(struct db *db, struct id unit, int64_t from, int64_t to, int64_t now, count_fn *fn, void *ctx);
// When the first of a unit came; INT64_MAX where it has none.
MUST_USE enum err case_count_first_db(struct db *db, struct id unit, int64_t *out);
