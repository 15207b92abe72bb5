// plan/live: what the platform counts for the plan's indicators, month by month and county by county: one walk of each
// room through its counts interface, all terms of all passports answered on the way. Nothing sealed is touched.
#pragma once
#include <limits.h>
#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"
#include "db/db.h"
#include "pack/plan.h"
#include "plan/rollup.h"

// Months are year * 12 + month - 1, in the country's zone.
#define PLAN_MONTH(year, month) ((int)(year) * 12 + (int)(month) - 1)
#define PLAN_LIVE_YEARS 3
int plan_month_of(int64_t at);          // of µs
int plan_month_from(int64_t yyyymm);    // 202611; INT64_MAX: INT_MAX
int64_t plan_month_name(int month);     // 202611

// Places: 0 what is of no one county, 1 … n the counties in the pack's order, n + 1 the country as a whole.
#define PLAN_NOWHERE 0u
uint32_t plan_place_of(const struct pack *p, struct str county); // an unknown one is PLAN_NOWHERE
uint32_t plan_country(const struct pack *p);                      // n + 1
// The same for very many rows: the pack's list read once, the last county found remembered.
#define PLAN_COUNTIES_MAX 128
struct plan_places { struct str county[PLAN_COUNTIES_MAX]; uint32_t n, last; };
void plan_places_open(struct plan_places *l, const struct pack *p);
uint32_t plan_places_of(struct plan_places *l, struct str county);

struct plan_ask {
    const struct pack *pack;
    const struct pack_plan *plan;
    int first_year, last_year;   // at most PLAN_LIVE_YEARS of them
    int64_t now;                 // µs; months after it have no figures
    bool demo;                   // rows of the demonstration too
};

// How the terms of one side behave in time; all of one side are alike (pack/plan_indicators.c sees to it).
enum plan_nature {
    PLAN_NOT_COUNTED, // no terms, or one that nobody answers (yet)
    PLAN_HAPPENS,     // counted by month, added up
    PLAN_STANDS,      // what there is at a month's end
    PLAN_TELLS_APART, // different values: a stretch is counted as one, and parts of it cannot be added
    PLAN_YES_NO,      // 1 or 0
    PLAN_FROM_OTHERS, // another indicator's value: put together in year.c
};
enum plan_nature plan_nature(const struct pack_plan_term *t, size_t n);

// Windows: the months, then the quarters, then the years of the years asked for. Only what is told apart has more than months.
#define PLAN_NO_FIGURE INT64_MIN
struct plan_side {
    enum plan_nature nature;
    int64_t *n;                  // [window][place], places 0 … n + 1; amounts, or PLAN_NO_FIGURE: before the room's first record, or still to come
};
struct plan_live {
    struct plan_ask ask;
    size_t n_months, n_windows, n_places; // n_places: with that of the country
    int first;                   // month
    struct plan_side *side[2];   // count, of: of each indicator, in the plan's order
};
// ERR_TOO_LARGE: a sum beyond PLAN_AMOUNT_MAX, or more terms than can be asked. What it made lies in a (a few MB).
MUST_USE enum err plan_live_db(struct db *db, struct arena *a, const struct plan_ask *ask, struct plan_live *out);
// One side (0 count, 1 of) over a stretch of months at one place, put together as its passport says. has is false where it cannot be told.
MUST_USE enum err plan_live_side(const struct plan_live *l, size_t indicator, int side, int first, int last, uint32_t place, struct plan_figure *out);

// What a term asks, in words: "rows of the register “Trainings” with …"; made from the term alone.
void plan_term_say(struct buf *out, const struct pack *p, const struct pack_plan *plan, const struct pack_plan_term *t, const struct lang *l);

// Of a plan: every indicator with its question in words, as Markdown (docs/indicators.md).
void plan_markdown(struct buf *out, const struct pack *p, const struct pack_plan *plan, const struct lang *l);

// ── own.c: what the plan counts of itself and of the network ──
// Tells what happened in each month, or what stands now (month: that of ask->now), in whole numbers or amounts as `amounts` says.
typedef enum err plan_own_told(void *ctx, int month, uint32_t place, int64_t n);
typedef enum err plan_own_fn(struct db *db, struct arena *a, const struct plan_ask *ask, enum pack_plan_measure m, plan_own_told *told, void *ctx);
plan_own_fn plan_own_values, plan_own_reports; // own_entry.c
struct plan_own { enum pack_plan_measure measure; plan_own_fn *fn; bool stands, amounts; };
const struct plan_own *plan_own_of(enum pack_plan_measure m); // NULL: nobody answers it yet
// What stands only now is counted once a day and kept (desk.plan_reading), so that months that are over keep theirs. Courier, each hour.
struct services;
void plan_keep_readings(struct services *sv);
// Readings of a measure from one month to another; fn as told.
MUST_USE enum err plan_readings_db(struct db *db, const struct pack_plan_term *t, int first, int last, plan_own_told *fn, void *ctx);
