// plan/year: all that is shown of the plan in one year: values, targets, scores, what is hidden. One reading for page, API, report,
// table files and map, so that they say the same.
#pragma once
#include "plan/live.h"
#include "plan/score.h"
#include "plan/target.h"
#include "plan/version.h"

// A value that an institution entered and that is approved (data entry makes these): of an indicator, for a stretch of
// months, told for the country (PLAN_NOWHERE) or a county. place: one number for institution and county together, so that
// "the latest" is that of each institution. n, of as the passport's part says; what is not entered is 0 and not looked at.
struct plan_given { size_t indicator; int first, last; uint32_t county, place; int64_t n, of; };

struct plan_told {               // one indicator in the year, at one place
    bool has;                    // there is a value
    bool hidden;                 // it is not told: small numbers of persons, or persons in a year that is not over
    bool partial;                // a part that institutions enter is missing
    int64_t n, of;               // amounts: of > 0 for a percentage
    int64_t value;               // amount: n, or 100 n / of
    struct plan_part achieved;   // of = 0: nothing to compare with
    enum plan_light light;
    enum plan_trend trend;
};
struct plan_year {
    int64_t year;
    const struct plan_version *version;  // the year's basis
    const struct pack *pack;
    bool over;                           // the year is
    size_t n_indicators, n_places;
    struct plan_told *told;              // [indicator][place], places as in live.h
    struct plan_target *target;          // of each indicator; version 0: none
    struct plan_part *expected;          // of each indicator: the part of the target that is expected by now
    struct plan_mean *activity, *objective, whole; // in the plan's order; of the country
    size_t with_data;                    // indicators that have a value
};
struct plan_year_ask { const struct pack *pack; int64_t year, now; bool demo; const struct plan_given *given; size_t n_given; };
// One snapshot of the store; *out lies in a (a few MB). ERR_NOT_FOUND: no plan, or the year is not one of its years.
MUST_USE enum err plan_year_db(struct db *db, struct arena *a, const struct plan_year_ask *ask, struct plan_year *out);
const struct plan_told *plan_told(const struct plan_year *y, size_t indicator, uint32_t place);

// The same for any stretch of months, raw: what the year is made of, for charts by quarter and month. Not hidden: only for
// indicators that are not about persons.
MUST_USE enum err plan_figure_of(const struct plan_live *l, const struct plan_given *given, size_t n_given, size_t indicator, int first, int last,
                                 uint32_t place, struct plan_figure *out, bool *partial);
