// plan/year: all that is shown of the plan in one year: values, targets, scores, what is hidden. One reading for page, API, report,
// table files and map, so that they say the same.
#pragma once
#include "plan/live.h"
#include "plan/score.h"
#include "plan/target.h"
#include "plan/version.h"
#include "plan/work.h"

// A value that an institution entered and that is approved (data entry makes these): of an indicator, for a stretch of
// months, told for the country (PLAN_NOWHERE) or a county. place: one number for institution and county together, so that
// "the latest" is that of each institution. n, of as the passport's part says: of a percentage entered as a whole both, of a
// part that one; the other is not looked at.
struct plan_given { size_t indicator; int first, last; uint32_t county, place; int64_t n, of; };

struct plan_told {               // one indicator in the year, at one place
    bool has;                    // there is a value; a percentage of nothing has none
    bool hidden;                 // it is not told: small numbers of persons, or persons in a year that is not over
    bool partial;                // a part that institutions enter is missing
    int64_t n, of;               // amounts: of > 0 for a percentage. 0 where hidden, and so is value
    int64_t value;               // amount: n, or 100 n / of
    struct plan_part achieved;   // of = 0: nothing to compare with
    enum plan_light light;
    enum plan_trend trend;
};
struct plan_year {
    int64_t year;
    struct plan_version version;         // the year's basis, or the one asked for
    const struct pack *pack;
    bool over;                           // the year is
    size_t n_indicators, n_places;
    struct plan_told *told;              // [indicator][place], places as in live.h
    struct plan_target *target;          // of each indicator; version 0: none
    struct plan_part *expected;          // of each indicator: the part of the target that is expected by now
    struct plan_mean *activity, *objective, whole; // in the plan's order; of the country
    struct plan_work work;               // milestones and money of the year
    size_t with_data;                    // indicators that have a value
    struct plan_live live;               // what was counted, for charts of what is not about persons
};
struct plan_year_ask {
    const struct pack *pack;
    int64_t year, now;
    int64_t version;             // 0: the year's basis. With another one persons are not told: two versions could be subtracted
    bool demo;
};
// One snapshot of the store; what it made lies in a (a few MB). ERR_NOT_FOUND: no plan or version, or the year is not one of its years.
MUST_USE enum err plan_year_db(struct db *db, struct arena *a, const struct plan_year_ask *ask, struct plan_year *out);
// The same of up to PLAN_LIVE_YEARS years, ask->year to last, into out[0] …: what has the same basis is counted in one go.
MUST_USE enum err plan_years_db(struct db *db, struct arena *a, const struct plan_year_ask *ask, int64_t last, struct plan_year *out);
const struct plan_told *plan_told(const struct plan_year *y, size_t indicator, uint32_t place);

// A value over any stretch of months within what was counted: live, entered, or both. Not hidden: only for indicators that are not
// about persons, or for closed years behind plan_hide.
// given: by indicator, as plan_given_db gives them.
struct plan_values { const struct plan_live *live; const struct plan_given *given; size_t n_given; };
MUST_USE enum err plan_figure_of(const struct plan_values *v, size_t indicator, int first, int last, uint32_t place,
                                 struct plan_figure *out, bool *partial);

// hide.c: of one year, which values about persons stay hidden, county by county; those that count the same things hide together.
MUST_USE enum err plan_hide(struct arena *a, struct plan_year *y, bool all);

// What was entered and approved of these years, by indicator and then by first month.
MUST_USE enum err plan_given_db(struct db *db, struct arena *a, const struct plan_ask *ask, struct plan_given **out, size_t *n);
