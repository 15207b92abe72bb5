// register/counts: what the plan asks of the registers. One query for all the months of one question; only rows that count
// now (entered, and confirmed where the register wants it), and rows of the demonstration only where they are asked for.
#pragma once
#include "people/counts.h"

enum entry_measure {
    ENTRY_ROWS,     // how many rows
    ENTRY_SUM,      // the sum of a number, of money, or of persons (then by cell)
    ENTRY_DISTINCT, // the different values of a choice, an institution, a row referred to or a counted text
};
struct entry_ask {
    struct str reg;               // the pack's code: "training"
    enum entry_measure what;
    struct str field;             // of SUM and DISTINCT
    struct str where, is;         // only rows whose field `where` has the value `is`; empty: all. A number has no value
    struct str stage;             // rows that have reached this stage, by the day on which they did; empty: by the register's own date
    int64_t from, to;             // days as yyyymmdd: from ≤ day < to
    bool demo;                    // rows of the demonstration too: only where everything that is shown is invented
};
// One group; fn must not keep it. Groups are never to be summed for DISTINCT: the same value may stand in several.
struct entry_count {
    struct id institution;        // that entered the rows
    struct str county;            // empty: the whole country
    int64_t month;                // yyyymm
    struct str value;             // SUM of persons: the cell "f.0-13"; DISTINCT: the value; else empty
    int64_t n;                    // ROWS: rows; SUM: the sum; DISTINCT: rows with the value
};
typedef enum err entry_count_fn(void *ctx, const struct entry_count *row);
MUST_USE enum err entry_counts_db(struct db *db, const struct entry_ask *ask, entry_count_fn *fn, void *ctx);

// Rows of a register that are a gap now: no row that counts refers to them at the stage that the pack names (a seat of
// which nobody is a member). 0 for a register that cannot have gaps.
struct pack;
MUST_USE enum err entry_gaps_db(struct db *db, const struct pack *p, struct str reg, bool demo, int64_t *out);
