// plan/version: the plan that is in force, and those before and after it. A version is a whole plan, one document of the
// country pack's form (pack/plan.h). Version 1 is the pack's; from then on a coordinator drafts a new one from the newest,
// changes items of the draft, and puts it in force from a day on. What is in force never changes. What is in force at a year's
// start is the basis of that year, whatever comes later in it (SPEC P1).
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "db/db.h"
#include "pack/plan.h"

enum plan_state { PLAN_DRAFT, PLAN_IN_FORCE, PLAN_CLOSED }; // closed: the next one's day has come
const char *plan_state_name(enum plan_state s); // "in_force"; static

struct plan_version {
    int64_t number, based_on;    // based_on 0: the country pack
    int64_t from;                // yyyymmdd, 0: a draft
    int64_t until;               // the next one's first day; 0: none
    int64_t changes;             // of a draft: raised by each
    struct str title, reason, decision;
    struct id made_by, forced_by;// zeroes: the program; nobody yet
    int64_t made_at, forced_at;  // µs
    // only where one version was asked for
    const struct pack_plan *plan;
    struct str document;         // its JSON
};
enum plan_state plan_version_state(const struct plan_version *v, int64_t day);
int64_t plan_day(int64_t at);    // yyyymmdd of µs, in the country's zone
int64_t plan_day_read(struct str s); // "2026-11-23" → 20261123; 0: no day of 2000 to 2199
int64_t plan_day_noon(int64_t day);  // its noon UTC in µs, to be told to people

#define PLAN_VERSIONS_MAX 200
// All, the newest number first, without plan and document.
MUST_USE enum err plan_versions_db(struct db *db, struct arena *a, struct plan_version *out, size_t *n); // room for PLAN_VERSIONS_MAX
// One of them, read. ERR_NOT_FOUND: no such number (or there is no plan). Everything lies in a.
MUST_USE enum err plan_version_db(struct db *db, struct arena *a, const struct pack *p, int64_t number, struct plan_version *out);
// What was in force at the first of January (the first version, where it began later).
MUST_USE enum err plan_version_of_year_db(struct db *db, struct arena *a, const struct pack *p, int64_t year, struct plan_version *out);
// What is in force on a day (yyyymmdd).
MUST_USE enum err plan_version_on_day_db(struct db *db, struct arena *a, const struct pack *p, int64_t day, struct plan_version *out);

// Version 1 from the pack, where no version is there yet; from the first day of the plan. The desk calls it when it starts,
// and commands before they write. A pack without a plan: nothing.
MUST_USE enum err plan_begin_db(struct db *db, const struct pack *p, int64_t now);

// The plan of each year, by the version that is its basis: what comes in by file is checked against its own year's.
struct plan_bases {
    const struct pack_plan *plan;      // of years that are not named
    size_t n;
    struct { int year; const struct pack_plan *plan; } of[PACK_PLAN_YEARS_MAX];
};
static inline const struct pack_plan *plan_basis(const struct plan_bases *b, int64_t year)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->of[i].year == year)
            return b->of[i].plan;
    return b->plan;
}

// ── drafting (edit.c) ──
// Inside one store_write. ERR_CONFLICT: another draft is open (new), or somebody changed it since `changes` (put, force).
MUST_USE enum err plan_draft_db(struct db *db, struct arena *a, const struct pack *p, struct str title,
                                struct str reason, struct id person, int64_t now, int64_t *number);
MUST_USE enum err plan_document_put_db(struct db *db, int64_t number, int64_t changes, struct str title, struct str document);
MUST_USE enum err plan_draft_drop_db(struct db *db, int64_t number, int64_t changes);
// from: yyyymmdd, later than the newest in force (ERR_INVALID).
MUST_USE enum err plan_force_db(struct db *db, int64_t number, int64_t changes, int64_t from, struct str reason,
                                struct str decision, struct id person, int64_t now);
// The document with this object put in place of the one of its code, or added at the end. kind: "indicators" or
// "activities". Empty where memory is out or it is no JSON object.
struct str plan_document_with(struct arena *a, struct str document, const char *kind, struct str object);
struct str plan_document_item(struct arena *a, struct str document, const char *kind, struct str code); // its JSON; empty: none

// ── history (edit.c) ──
// How one item's object changed from version to version: each member that differs, as JSON. fn must not keep it.
struct plan_difference { int64_t number; struct str member, before, after; }; // before, after: empty where it was not there
typedef enum err plan_difference_fn(void *ctx, const struct plan_difference *d);
MUST_USE enum err plan_item_history_db(struct db *db, struct arena *a, const char *kind, struct str code, plan_difference_fn *fn, void *ctx);
