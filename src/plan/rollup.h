// plan/rollup: one figure from many values, separately over time and over places. First each place over time, then the places.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plan/amount.h"

enum plan_rule {
    PLAN_SUM,       // all together: what happened in the period
    PLAN_LATEST,    // the last one known: what stands; a cumulative value is such a one and never summed
    PLAN_MAX,       // the greatest
    PLAN_RATIO,     // numerators together, denominators together
    PLAN_DISTINCT,  // of persons or things counted once: several values cannot be put together, only one can be taken
};

// One value. Months are counted from any origin, both ends belong to it. Zero is a value like any other: what is missing
// has no cell. of: the denominator of a percentage; 0 where the value is no part of anything.
struct plan_cell { int first, last; uint32_t place; int64_t n, of; };

struct plan_figure {
    int64_t n, of;  // amounts; of = 0: no percentage, or nothing to divide by
    size_t places;  // that have a value
    bool has;
    bool apart;     // values are there, but by their rule cannot be put together; has is false
};

// The cells (reordered) that lie within [first, last]. Where a place has a value for a longer time, shorter ones within it are
// left out: they say the same again. Values of places must not overlap each other (a county and the whole country). A sum
// beyond PLAN_AMOUNT_MAX: ERR_TOO_LARGE.
MUST_USE enum err plan_rollup(struct plan_cell *at, size_t n, int first, int last, enum plan_rule time, enum plan_rule places,
                              struct plan_figure *out);
