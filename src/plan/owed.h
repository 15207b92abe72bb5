// plan/owed: how far each value of a year has come that institutions owe. That something is missing is no secret; what was
// entered is not told here.
#pragma once
#include "people/counts.h"
#include "plan/value.h"

enum plan_owed_state {
    PLAN_OWED_NOTHING,  // nothing is there
    PLAN_OWED_BEGUN,    // saved, or returned with a note
    PLAN_OWED_BLANK,    // saved as empty on purpose, not handed in yet
    PLAN_OWED_GIVEN,    // handed in
    PLAN_OWED_APPROVED,
};
struct plan_owed {
    const struct pack_plan *plan; // the version that is the year's basis
    const struct list *institutions; // struct institution
    int year;
    uint8_t *state;
};
// All is in a. By counties a value is as far as the county that has come furthest: which counties have something to tell only the
// institution knows.
MUST_USE enum err plan_owed_db(struct db *db, struct arena *a, const struct pack_plan *plan, int year,
                               const struct list *institutions, struct plan_owed *out);
// By number of the institution and of the indicator; month: the first of the period, months as in plan/period.h.
enum plan_owed_state plan_owed_at(const struct plan_owed *o, size_t institution, size_t indicator, int month);
