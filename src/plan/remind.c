#include "plan/remind.h"

#include <time.h>

#include "text/date.h"

#define DAY_SECONDS 86400

static int64_t day_of(int year, int month, int day) // month from 1; day 0 is the last of the month before
{
    struct tm t = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return (int64_t)timegm(&t) / DAY_SECONDS; // of years from 2000 on
}

int64_t plan_remind_day(int64_t at)
{
    struct date d = date_local(at);
    return day_of(d.year, d.month, d.day);
}

int64_t plan_remind_noon(int64_t day)
{
    return (day * DAY_SECONDS + DAY_SECONDS / 2) * 1000000;
}

int64_t plan_due_day(const struct pack_plan_reminders *r, struct plan_period p)
{
    int months = plan_period_months(p), next = p.last + 1;
    return day_of(next / 12, next % 12 + 1, 0) + (months == 1 ? r->due_month : months == 3 ? r->due_quarter : r->due_year);
}

bool plan_remind_now(const struct pack_plan_reminders *r, struct plan_period p, int64_t told, int64_t day)
{
    int64_t due = plan_due_day(r, p);
    bool now = false;
    for (size_t i = 0; i < r->n_before; i++)
        now |= told < due - r->before[i] && due - r->before[i] <= day;
    for (size_t i = 0; i < r->n_after; i++)
        now |= told < due + r->after[i] && due + r->after[i] <= day;
    return now;
}

bool plan_remind_begun(const struct pack_plan_reminders *r, struct plan_period p, int64_t day)
{
    return plan_remind_now(r, p, INT64_MIN, day);
}
