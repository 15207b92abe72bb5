// plan/live: what the platform counts for the plan's indicators, month by month and county by county: one walk of each
// room through its counts interface, all terms of all passports answered on the way. Nothing sealed is touched.
#pragma once
#include <stdbool.h>
#include "base/arena.h"
#include "db/db.h"
#include "pack/plan.h"
#include "plan/rollup.h"

// Months are year * 12 + month - 1, in the country's zone.
#define PLAN_MONTH(year, month) ((int)(year) * 12 + (int)(month) - 1)
#define PLAN_LIVE_MONTHS 36
int plan_month_of(int64_t at);          // of µs
int plan_month_from(int64_t yyyymm);    // 202611

// Places: 0 what is of no one county, 1 … n the counties in the pack's order, n + 1 the country as a whole.
#define PLAN_NOWHERE 0u
uint32_t plan_place_of(const struct pack *p, struct str county); // an unknown one is PLAN_NOWHERE
uint32_t plan_country(const struct pack *p);                      // n + 1

struct plan_ask {
    const struct pack *pack;
    const struct pack_plan *plan;
    int first, last;             // months, at most PLAN_LIVE_MONTHS of them
    int64_t now;                 // µs; months after it have no figures
    bool demo;                   // rows of the demonstration too
};
// One side (count, of) of one indicator. A month has a figure from the first record of its room on (begin) until now; before,
// nothing is known, so nothing is told; in between none is zero.
struct plan_side {
    bool counted;                // has terms that are answered here
    int begin;                   // first month with a figure; INT_MAX: none
    int64_t *n;                  // [window][place]; amounts; NULL where not counted
};
// Windows: the months, then the quarters, then the years that lie within first … last. What happens is counted by month and
// added up; what can be told for a longer time only as one (different values, what needs a whole period) has its own window.
struct plan_live {
    const struct plan_ask *ask;
    size_t n_months, n_quarters, n_years, n_windows, n_places;
    struct plan_side *count, *of; // of each indicator, in the plan's order
};
// ERR_TOO_LARGE: a sum beyond PLAN_AMOUNT_MAX. *out lies in a (a few MB).
MUST_USE enum err plan_live_db(struct db *db, struct arena *a, const struct plan_ask *ask, struct plan_live *out);
// One side over a stretch of months at one place, put together as its passport says. out->has is false where it cannot be told.
MUST_USE enum err plan_live_side(const struct plan_live *l, size_t indicator, bool of, int first, int last, uint32_t place, struct plan_figure *out);

// What a term asks, in words: "rows of the register “Trainings” with …". One sentence for each term, made from the term alone.
struct buf;
void plan_term_say(struct buf *out, const struct pack *p, const struct pack_plan *plan, const struct pack_plan_term *t, const struct lang *l);

// Courier, each few minutes: what stands only now is counted once a day and kept, so that months that are over keep theirs.
struct services;
void plan_keep_readings(struct services *sv);
