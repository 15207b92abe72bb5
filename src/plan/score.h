// plan/score: how far an indicator, an activity, an objective has come. Pure: no I/O, no clock. Whatever decides a light or
// is printed to a digit is worked out in whole numbers; only means of many are floating. Each rule is explained to readers in
// docs/plan.md in the same words.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// n of of. of = 0: there is none (no data, or nothing to compare with); else of > 0.
struct plan_part { int64_t n, of; };

// (actual - base) / (target - base), the same where falling is good (target < base). Where base and target are equal it is
// 1 or 0: actual is at or beyond the target in the good direction (up: not below it), or not. Amounts of plan/amount.h.
struct plan_part plan_achieved(bool up, int64_t actual, int64_t base, int64_t target);

// The part of a year's target that is expected by now: what accumulates over the year by quarters gone (0 to 4), a snapshot
// whole at any time.
struct plan_part plan_expected(bool accumulates, int quarters_gone);

enum plan_light { PLAN_GREY, PLAN_FAR_BEHIND, PLAN_BEHIND, PLAN_ON_TRACK, PLAN_AHEAD };
// By points of a hundred: below expected - 25 far behind, below expected - 10 behind, up to expected + 10 on track, above
// ahead. Grey where either is not there.
enum plan_light plan_light(struct plan_part achieved, struct plan_part expected);
const char *plan_light_name(enum plan_light light); // "far_behind"; static

// Growth seen for growth needed: how much of the way from base (in base_year) to target (in target_year) was gone by year,
// for the years gone. 0.95 and more: on course; 0.60: slow; 0: standing still; below: going back. Target reached: on course.
enum plan_trend { PLAN_TREND_NONE, PLAN_TREND_BACK, PLAN_TREND_STILL, PLAN_TREND_SLOW, PLAN_TREND_ON_COURSE };
enum plan_trend plan_trend(bool up, int64_t actual, int year, int64_t base, int base_year, int64_t target, int target_year);
const char *plan_trend_name(enum plan_trend trend); // "on_course"; static

// A document's way: not begun 0, drafted 33, consulted 67, approved 100 (of a hundred).
enum plan_milestone { PLAN_MILESTONE_NONE, PLAN_NOT_BEGUN, PLAN_DRAFTED, PLAN_CONSULTED, PLAN_APPROVED };
struct plan_part plan_milestone(enum plan_milestone at);

// n of of where there is something to divide by: activities fully done of those planned to be done, spent of planned.
struct plan_part plan_part_of(int64_t n, int64_t of);

// One figure in a mean: its part, its weight (> 0; 1 where nothing else is said).
struct plan_weighed { struct plan_part part; int64_t weight; };
struct plan_mean { double value; size_t n, of; }; // 0 to 1; n of of have data; n = 0: value means nothing
// Σ wᵢaᵢ / Σ wᵢ over those that have data, each capped to 0…1 inside the mean only.
struct plan_mean plan_mean(const struct plan_weighed *at, size_t n);
// The same over means: an objective over its activities.
struct plan_mean plan_mean_of(const struct plan_mean *at, const int64_t *weight, size_t n);

// In tenths of a percent, halves away from zero: 0.12345 → 123, that is 12.3 %.
int64_t plan_part_tenths(struct plan_part p); // p.of > 0
int64_t plan_mean_tenths(struct plan_mean m); // m.n > 0
