// people/counts: what rooms that search and count share, and the units whose work is counted. Each room that keeps
// records offers ROOM/counts.h in these words; metadata only, nothing sealed is touched.
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "db/db.h"
#include "web/web.h"

// ── one search within one unit, newest first ──
// What a dashboard measures: the list behind one of its numbers is what was counted there, with its other filters.
enum find_measure { MEASURE_NONE, MEASURE_ASSESSED, MEASURE_ANSWERED, MEASURE_POLICE, MEASURE_REMOVED };
struct find {
    struct id unit;
    struct str state, category, county; // empty: any
    int64_t urgency;                     // 0: any
    struct id worker;                    // zero: anybody
    int64_t from, to;                    // µs: from ≤ when it came < to
    int64_t at, seq;                     // behind this one; at = to and seq = 0 at the start
    enum find_measure measure;           // of reports: assessed; of cases with pages that came from ≤ then < to: removed; of referrals sent: the others
    bool late;                           // with a measure: those that were not in time
    int64_t now, answer[4];              // with a measure; answer: µs until a referral of U1 to U4 must be answered
    int64_t within;                      // removed: µs
    struct str hosted;                   // removed: where the page lies; empty: anywhere
};
struct found {
    int64_t seq, at, urgency;
    struct id id, unit, other, worker;   // other: the unit on a referral's other side; worker: zero for nobody
    struct str number, state, category, county; // in the arena
    bool erased;                         // nothing is left to open
};
// The ids that begin with given bytes: first ≤ id ≤ last.
struct id_range { struct id first, last; };

// ── counting: one row of a result, given to fn, which must not keep it ──
struct count_row { struct id unit; struct str category, county; int64_t bucket, n; };
typedef enum err count_fn(void *ctx, const struct count_row *row);
// Reads rows of the columns unit, category, county, bucket, n to their end, and closes them.
MUST_USE enum err count_rows(struct db_rows **rows, count_fn *fn, void *ctx);
// For q with one parameter, a unit, and one column, a time that may be null: INT64_MAX then.
MUST_USE enum err count_first(struct db *db, const struct db_query *q, struct id unit, int64_t *out);

// ── units and who is in them ──
#define COUNT_UNITS_MAX 2000
struct count_unit { struct id unit, institution; struct str name, type; }; // the unit's name, or its institution's
MUST_USE enum err count_units_db(struct db *db, struct arena *a, bool english, struct count_unit **out, size_t *n);
#define COLLEAGUES_MAX 200
struct colleague { struct id person; struct str name; };
// Members of one unit by name; at most COLLEAGUES_MAX.
MUST_USE enum err colleagues_db(struct db *db, struct arena *a, struct id unit, struct colleague *out, size_t *n);

// ── institutions ──
#define INSTITUTIONS_MAX 1000
struct institution { struct id id; struct str code, type, name; }; // name: in English where that is asked for and there is one
MUST_USE enum err institutions_db(struct db *db, struct arena *a, bool english, struct list *out); // struct institution, by name
const struct institution *institution_by_code(const struct list *all, struct str code);           // NULL: none
const struct institution *institution_by_id(const struct list *all, struct id id);
