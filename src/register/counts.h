// register/counts: what the plan asks of the registers. All questions are answered by one walk over the rows that count now
// (entered, and confirmed where the register wants it); rows of the demonstration only where they are asked for.
#pragma once
#include "people/counts.h"

enum entry_measure {
    ENTRY_ROWS,     // how many rows
    ENTRY_SUM,      // the sum of a number, of money, or of persons (then by cell)
    ENTRY_DISTINCT, // the different values of a choice, an institution, a row referred to or a counted text
    ENTRY_STANDING, // rows that stand: 1 in the month in which one begins to, -1 in that in which it ends; also before `from`
};
// the field has one of these values; none given: any value. A number has none
struct entry_where {
    struct str field; size_t n; const struct str *is;
};
struct entry_ask {
    struct str reg;               // the pack's code: "training"
    enum entry_measure what;
    struct str field;             // of SUM and DISTINCT
    size_t n_where;
    const struct entry_where *where; // all of them hold
    struct str stage;             // rows that have reached this stage, by the day on which they did; empty: by the register's own date
    struct str until;             // of STANDING: until they reached this one; empty: for ever
    int64_t *begin;               // out, may be NULL: month (yyyymm) of the register's first row, whatever it says; INT64_MAX: none
};
// What one row adds to one question; fn must not keep it. Values of DISTINCT are not to be summed: the same one comes again.
struct entry_count {
    struct id institution;        // that entered the row
    struct str county;            // empty: the whole country
    int64_t month;                // yyyymm
    struct str value;             // SUM of persons: the cell "f.0-13"; DISTINCT: the value; else empty
    int64_t n;                    // ROWS, DISTINCT: 1; SUM: what it adds; STANDING: 1 or -1
};
typedef enum err entry_count_fn(void *ctx, size_t ask, const struct entry_count *row);
#define ENTRY_ASKS_MAX 400
// days as yyyymmdd: from ≤ day < to.
MUST_USE enum err entry_counts_db(struct db *db, const struct entry_ask *ask, size_t n, int64_t from, int64_t to,
                                  bool demo, entry_count_fn *fn, void *ctx);

// Rows of one register that count, one by one: what of them can be counted, and the day on which each stage was reached.
struct entry_counted { struct str field, value; int64_t n; }; // of a stage the field is empty, and n its day
struct entry_facts { struct id institution; int64_t day; size_t n; const struct entry_counted *fact; };
typedef enum err entry_facts_fn(void *ctx, const struct entry_facts *row); // must not keep it
MUST_USE enum err entry_facts_db(struct db *db, struct str reg, bool demo, entry_facts_fn *fn, void *ctx);

// The same rows with all that stands in them, by their day, at most max; field: only those that have this value in it (empty: all).
struct entry_told { struct id id; struct str institution, name, name_en, stage, title; int64_t day; struct list values; }; // values: struct html_pair
struct entry_rows_ask { struct str reg, field, value; bool demo; size_t max; };
MUST_USE enum err entry_rows_db(struct db *db, struct arena *a, const struct entry_rows_ask *ask, struct list *out);
struct str entry_told_value(const struct entry_told *row, const char *name); // empty: none

// Rows of a register that are a gap now: no row that counts refers to them at the stage that the pack names (a seat of
// which nobody is a member). 0 for a register that cannot have gaps.
struct pack;
MUST_USE enum err entry_gaps_db(struct db *db, const struct pack *p, struct str reg, bool demo, int64_t *out);
