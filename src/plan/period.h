// plan/period: a year, a quarter or a month of the plan, as it is written in files and addresses: "2019", "2019-Q2", "2019-06".
#pragma once
#include <stdbool.h>
#include "base/arena.h"

// Months are counted year × 12 + month - 1, as in plan/rollup.h; both ends belong to it. Ordered by first, then last.
struct plan_period { int first, last; };

bool plan_period_read(struct str text, struct plan_period *out); // 2000 to 2199; false: none of the three forms
struct str plan_period_text(struct arena *a, struct plan_period p);
struct lang;
struct str plan_period_words(struct arena *a, const struct lang *l, struct plan_period p); // period_words.c: "viti 2019", "tremujori 2, 2019", "qershor 2019"
// How many months it has: 12, 3 or 1.
static inline int plan_period_months(struct plan_period p) { return p.last - p.first + 1; }
static inline int plan_period_year(struct plan_period p) { return p.first / 12; }
static inline bool plan_period_holds(struct plan_period outer, struct plan_period inner)
{
    return outer.first <= inner.first && inner.last <= outer.last;
}

// The period of that many months (1, 3, 12) in which the month lies.
static inline struct plan_period plan_period_of(int month, int months)
{
    return (struct plan_period){month - month % months, month - month % months + months - 1};
}
// In the store a month is yyyymm.
static inline int64_t plan_month_key(int month) { return (int64_t)(month / 12) * 100 + month % 12 + 1; }
static inline int plan_month_of_key(int64_t key) { return (int)(key / 100 * 12 + key % 100 - 1); }
