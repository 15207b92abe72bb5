// plan/target: what an indicator shall reach in a year: baseline, target, weight and why. The national plan gives none; they are
// entered on a page or from a table file, and until then an indicator's light is grey. Each change keeps what was before.
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "db/db.h"
#include "pack/plan.h"
#include "plan/amount.h"
#include "plan/table.h"
#include "plan/version.h"

#define PLAN_NOT_SET INT64_MIN
#define PLAN_RATIONALE_MAX 1000 // characters

struct plan_target {
    struct str indicator;
    int64_t year;
    int64_t baseline, target;    // amounts (of a percentage: the percent, 12.5), or PLAN_NOT_SET
    int64_t weight;              // amount > 0; PLAN_ONE where nothing is said
    struct str rationale;
    int64_t version, at;         // version 0: nothing is set
    struct id person;
};
#define PLAN_TARGETS_MAX (PACK_PLAN_INDICATORS_MAX * PACK_PLAN_YEARS_MAX)
// All of years from first to last, by indicator and year. *out in a.
MUST_USE enum err plan_targets_db(struct db *db, struct arena *a, int64_t first, int64_t last, struct plan_target **out, size_t *n);
// That of an indicator in a year; one with version 0 where nothing is set.
struct plan_target plan_target_of(const struct plan_target *at, size_t n, struct str indicator, int64_t year);
// Every version of a row, the newest first.
MUST_USE enum err plan_target_history_db(struct db *db, struct arena *a, struct str indicator, int64_t year, struct plan_target **out, size_t *n);
// Writes what differs from what stands there. t->version: that was looked at, ERR_CONFLICT where it is another; -1: not compared.
MUST_USE enum err plan_target_put_db(struct db *db, const struct plan_target *t);

// ── from a table file (target_import.c): columns indicator, year, baseline, target, weight, rationale ──
#define PLAN_TARGET_ROWS 10000   // rows of one file
struct plan_targets_file { struct plan_table *table; struct plan_target *target; int64_t *line; size_t n; };
// Looks through the whole file, each row against the plan of its year: table->faults > 0: nothing of it may be written. A row that says nothing of
// a cell leaves it empty: what stood there is replaced as a whole. Everything lies in the table's arena.
MUST_USE enum err plan_targets_read(struct plan_table *t, const struct plan_bases *plans, struct str file, struct plan_targets_file *out);
// All of them, in one write; person and at are put on each.
MUST_USE enum err plan_targets_put_db(struct db *db, const struct plan_targets_file *f, struct id person, int64_t at);
