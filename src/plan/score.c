#include "plan/score.h"
#include <assert.h>

__extension__ typedef __int128 wide; // products of two amounts

struct plan_part plan_achieved(bool up, int64_t actual, int64_t base, int64_t target)
{
    if (base == target)
        return (struct plan_part){up ? actual >= target : actual <= target, 1};
    int64_t way = target - base, gone = actual - base;
    return way > 0 ? (struct plan_part){gone, way} : (struct plan_part){-gone, -way};
}

struct plan_part plan_expected(bool accumulates, int quarters_gone)
{
    assert(quarters_gone >= 0 && quarters_gone <= 4);
    return accumulates ? (struct plan_part){quarters_gone, 4} : (struct plan_part){1, 1};
}

// The sign of 100 (a - g) - points.
static int beyond(struct plan_part a, struct plan_part g, int points)
{
    wide left = (wide)100 * ((wide)a.n * g.of - (wide)g.n * a.of), right = (wide)points * a.of * g.of;
    return left < right ? -1 : left > right;
}

enum plan_light plan_light(struct plan_part achieved, struct plan_part expected)
{
    if (!achieved.of || !expected.of)
        return PLAN_GREY;
    if (beyond(achieved, expected, -25) < 0)
        return PLAN_FAR_BEHIND;
    if (beyond(achieved, expected, -10) < 0)
        return PLAN_BEHIND;
    return beyond(achieved, expected, 10) > 0 ? PLAN_AHEAD : PLAN_ON_TRACK;
}

const char *plan_light_name(enum plan_light light)
{
    static const char *const names[] = {"no_data", "far_behind", "behind", "on_track", "ahead"};
    return names[light];
}

enum plan_trend plan_trend(bool up, int64_t actual, int year, int64_t base, int base_year, int64_t target, int target_year)
{
    if (year <= base_year || target_year <= base_year)
        return PLAN_TREND_NONE;
    struct plan_part a = plan_achieved(up, actual, base, target);
    if (a.n >= a.of)
        return PLAN_TREND_ON_COURSE;
    if (base == target)
        return PLAN_TREND_BACK; // it was there, and is no longer
    wide seen = (wide)a.n * (target_year - base_year) * 100, needed = (wide)a.of * (year - base_year);
    if (seen >= needed * 95)
        return PLAN_TREND_ON_COURSE;
    if (seen >= needed * 60)
        return PLAN_TREND_SLOW;
    return seen >= 0 ? PLAN_TREND_STILL : PLAN_TREND_BACK;
}

const char *plan_trend_name(enum plan_trend trend)
{
    static const char *const names[] = {"no_data", "back", "still", "slow", "on_course"};
    return names[trend];
}

struct plan_part plan_milestone(enum plan_milestone at)
{
    static const int of_hundred[] = {0, 0, 33, 67, 100};
    return (struct plan_part){of_hundred[at], at == PLAN_MILESTONE_NONE ? 0 : 100};
}

struct plan_part plan_part_of(int64_t n, int64_t of)
{
    return of > 0 ? (struct plan_part){n, of} : (struct plan_part){0, 0};
}

static double capped(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

struct plan_mean plan_mean(const struct plan_weighed *at, size_t n)
{
    double sum = 0, weights = 0;
    size_t has = 0;
    for (size_t i = 0; i < n; i++) {
        if (!at[i].part.of)
            continue;
        assert(at[i].weight > 0);
        sum += capped((double)at[i].part.n / (double)at[i].part.of) * (double)at[i].weight;
        weights += (double)at[i].weight;
        has++;
    }
    return (struct plan_mean){has ? sum / weights : 0, has, n};
}

struct plan_mean plan_mean_of(const struct plan_mean *at, const int64_t *weight, size_t n)
{
    double sum = 0, weights = 0;
    size_t has = 0;
    for (size_t i = 0; i < n; i++) {
        if (!at[i].n)
            continue;
        assert(weight[i] > 0);
        sum += at[i].value * (double)weight[i];
        weights += (double)weight[i];
        has++;
    }
    return (struct plan_mean){has ? sum / weights : 0, has, n};
}

int64_t plan_part_tenths(struct plan_part p)
{
    assert(p.of > 0);
    wide twice = (wide)2000 * p.n, of = p.of;
    return (int64_t)((twice < 0 ? twice - of : twice + of) / (2 * of));
}

// A mean of exact parts is off by some 1e-15 at most; a half that falls short by that much is still a half.
int64_t plan_mean_tenths(struct plan_mean m)
{
    return (int64_t)(m.value * 1000 + 0.5 + 1e-9);
}
