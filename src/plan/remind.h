// plan/remind: on which days who owes values of the plan is reminded of them. Pure. Days are numbered from 1 January 1970, and are
// those of the country's clock.
#pragma once
#include "pack/pack.h"
#include "plan/period.h"

int64_t plan_remind_day(int64_t at);       // the local day of a time in µs
int64_t plan_remind_noon(int64_t day);     // its noon UTC in µs, to be told to people
int64_t plan_due_day(const struct pack_plan_reminders *r, struct plan_period p); // the day on which a period's values are due
// Has the first day come on which the period is reminded of?
bool plan_remind_begun(const struct pack_plan_reminders *r, struct plan_period p, int64_t day);
// Is there a day for it behind `told` and not behind `day`? told: the last on which the same person was reminded.
bool plan_remind_now(const struct pack_plan_reminders *r, struct plan_period p, int64_t told, int64_t day);
