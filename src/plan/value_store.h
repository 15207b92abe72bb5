// plan/value_store: values in the store, with their history and the periods that are locked. Other files of this room only.
#pragma once
#include "db/db.h"
#include "plan/value.h"
#include "web/web.h"

struct plan_value_row {
    int64_t seq, version, corrections, at, decided_at; // decided_at: INT64_MIN while nobody decided
    struct id id, decided_by;
    struct str indicator, county;
    struct plan_period period;
    struct plan_value_at who;            // its institution, who entered it, state, whether its period is locked for that institution
    struct str code, name, name_en;      // the institution's
    struct plan_value_said said;
    struct str note;
    bool demo;
};
// locked is told for now. ERR_NOT_FOUND: there is none.
MUST_USE enum err plan_value_find_db(struct db *db, struct arena *a, struct id id, int64_t now, struct plan_value_row *out);
// The same for one of many: locks and unlocks of plan_locks_db, read once.
MUST_USE enum err plan_value_find_in_db(struct db *db, struct arena *a, struct id id, const struct list *locks,
                                        const struct list *unlocks, int64_t now, struct plan_value_row *out);
// The one value that is for this indicator, period, institution and county; locks: of plan_locks_db. seq 0: there is none.
MUST_USE enum err plan_value_at_db(struct db *db, struct arena *a, const struct list *locks, const struct list *unlocks,
                                   const struct plan_value_row *want, int64_t now, struct plan_value_row *out);
struct plan_value_row plan_value_none(const struct plan_value_row *want); // as it is told where there is none
// Are there numbers for the other kind of place: for counties where want is for the whole country, and the other way round?
MUST_USE enum err plan_value_overlaps_db(struct db *db, const struct plan_value_row *want, bool *out);
// Which ones: of an institution (zeroes: of all), of one period (months 0: of all within [first, last]), in one state (negative: any).
struct plan_value_ask { struct id institution; struct plan_period period; bool within; int state; int64_t now; };
// By period, institution, indicator and county; at most max.
MUST_USE enum err plan_value_list_db(struct db *db, struct arena *a, const struct plan_value_ask *ask, size_t max, struct list *out);
// Writes row as it shall stand; row->version is the one it had (0: there was none; the same value there by then is
// ERR_CONFLICT, as is any other version). action: "saved" … for the history. On OK row->version is the new one.
MUST_USE enum err plan_value_put_db(struct db *db, struct plan_value_row *row, struct str action);
// A line in its history by somebody who changed no number, and so a new version: what stands there stays.
MUST_USE enum err plan_value_note_db(struct db *db, struct plan_value_row *row, struct str action, struct id person, int64_t at);

// What counts: approved values whose periods lie in [first, last], in no order. demo: rows of the demonstration too.
struct plan_value_cell { struct str indicator, county; struct id institution; struct plan_period period; int64_t n, of; bool has_of; };
typedef enum err plan_value_cell_fn(void *ctx, const struct plan_value_cell *cell);
MUST_USE enum err plan_value_cells_db(struct db *db, struct plan_period within, bool demo, plan_value_cell_fn *fn, void *ctx);

// ── locked periods ──
struct plan_lock { struct plan_period period; int64_t at; struct id person; };
struct plan_unlock { struct plan_period period; struct id institution; struct str name, name_en, reason; int64_t until; };
MUST_USE enum err plan_locks_db(struct db *db, struct arena *a, struct list *locks, struct list *unlocks); // the newest period first
MUST_USE enum err plan_lock_db(struct db *db, struct plan_period p, struct id person, int64_t at);        // again: OK
MUST_USE enum err plan_lock_away_db(struct db *db, struct plan_period p);                                 // and what was opened of it
MUST_USE enum err plan_unlock_db(struct db *db, const struct plan_unlock *u, struct id person, int64_t at); // replaces
// Is a period locked for an institution at that time? A lock of a year locks its quarters and months.
bool plan_locked(const struct list *locks, const struct list *unlocks, struct plan_period p, struct id institution, int64_t now);
