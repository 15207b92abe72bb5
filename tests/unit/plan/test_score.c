// Scores against figures worked out on paper.
#include "unit.h"
#include "plan/amount.h"
#include "plan/score.h"

#define N(x) ((int64_t)(x) * PLAN_ONE)

static int64_t achieved(bool up, int64_t actual, int64_t base, int64_t target)
{
    return plan_part_tenths(plan_achieved(up, N(actual), N(base), N(target)));
}

static void the_way_gone(void **state)
{
    (void)state;
    assert_int_equal(achieved(true, 30, 20, 60), 250);    // 10 of 40
    assert_int_equal(achieved(true, 60, 20, 60), 1000);
    assert_int_equal(achieved(true, 70, 20, 60), 1250);   // beyond is shown
    assert_int_equal(achieved(true, 10, 20, 60), -250);   // and so is below
    assert_int_equal(achieved(true, 1, 0, 3), 333);
    assert_int_equal(achieved(true, 2, 0, 3), 667);
    assert_int_equal(achieved(true, 0, 0, 3), 0);         // zero is a value
    assert_int_equal(achieved(false, 30, 40, 0), 250);    // falling: 10 of 40
    assert_int_equal(achieved(false, 0, 40, 0), 1000);    // target 0
    assert_int_equal(achieved(false, 50, 40, 0), -250);
    assert_int_equal(achieved(true, 5, 5, 5), 1000);      // base = target: met
    assert_int_equal(achieved(true, 4, 5, 5), 0);         // or not
    assert_int_equal(achieved(false, 4, 5, 5), 1000);
    assert_int_equal(achieved(false, 6, 5, 5), 0);
    assert_int_equal(achieved(true, 0, 0, 0), 1000);
    struct plan_part far = plan_achieved(true, PLAN_AMOUNT_MAX, -PLAN_AMOUNT_MAX, PLAN_AMOUNT_MAX);
    assert_int_equal(plan_part_tenths(far), 1000);
}

static void lights(void **state)
{
    (void)state;
    // achieved of 1000, quarters gone, the light; the edges themselves count to the better side below, to "on track" above.
    static const struct { int a, quarters; enum plan_light light; } flows[] = {
        {249, 2, PLAN_FAR_BEHIND}, {250, 2, PLAN_BEHIND}, {399, 2, PLAN_BEHIND}, {400, 2, PLAN_ON_TRACK}, {600, 2, PLAN_ON_TRACK}, {601, 2, PLAN_AHEAD},
        {0, 1, PLAN_BEHIND}, {-1, 1, PLAN_FAR_BEHIND}, {150, 1, PLAN_ON_TRACK}, {149, 1, PLAN_BEHIND}, {350, 1, PLAN_ON_TRACK}, {351, 1, PLAN_AHEAD},
        {0, 0, PLAN_ON_TRACK}, {101, 0, PLAN_AHEAD}, {900, 4, PLAN_ON_TRACK}, {899, 4, PLAN_BEHIND}, {749, 4, PLAN_FAR_BEHIND}, {1100, 4, PLAN_ON_TRACK}, {1101, 4, PLAN_AHEAD}};
    for (size_t i = 0; i < sizeof flows / sizeof *flows; i++)
        assert_int_equal(plan_light((struct plan_part){flows[i].a, 1000}, plan_expected(true, flows[i].quarters)), flows[i].light);
    for (int q = 0; q <= 4; q++) // a snapshot is expected whole at any time
        assert_int_equal(plan_light((struct plan_part){740, 1000}, plan_expected(false, q)), PLAN_FAR_BEHIND);
    assert_int_equal(plan_light((struct plan_part){0, 0}, plan_expected(true, 4)), PLAN_GREY);
    struct plan_part wide = {PLAN_AMOUNT_MAX * 2 - 1, PLAN_AMOUNT_MAX * 2};
    assert_int_equal(plan_light(wide, plan_expected(true, 4)), PLAN_ON_TRACK);
    assert_string_equal(plan_light_name(PLAN_GREY), "no_data");
    assert_string_equal(plan_light_name(PLAN_AHEAD), "ahead");
}

static void trends(void **state)
{
    (void)state;
    // from 0 in 2017 to 90 in 2020: 30 a year are needed
    static const struct { int actual, year; enum plan_trend want; } rows[] = {{30, 2018, PLAN_TREND_ON_COURSE}, {29, 2018, PLAN_TREND_ON_COURSE}, {28, 2018, PLAN_TREND_SLOW},
        {57, 2019, PLAN_TREND_ON_COURSE}, {56, 2019, PLAN_TREND_SLOW}, {36, 2019, PLAN_TREND_SLOW}, {35, 2019, PLAN_TREND_STILL}, {0, 2019, PLAN_TREND_STILL},
        {-1, 2019, PLAN_TREND_BACK}, {90, 2018, PLAN_TREND_ON_COURSE}, {95, 2020, PLAN_TREND_ON_COURSE}, {10, 2017, PLAN_TREND_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(plan_trend(true, N(rows[i].actual), rows[i].year, 0, 2017, N(90), 2020), rows[i].want);
    assert_int_equal(plan_trend(false, N(70), 2018, N(100), 2017, N(10), 2020), PLAN_TREND_ON_COURSE);
    assert_int_equal(plan_trend(false, N(110), 2018, N(100), 2017, N(10), 2020), PLAN_TREND_BACK);
    assert_int_equal(plan_trend(true, N(4), 2018, N(5), 2017, N(5), 2020), PLAN_TREND_BACK);
    assert_int_equal(plan_trend(true, N(5), 2018, N(5), 2017, N(5), 2020), PLAN_TREND_ON_COURSE);
    assert_string_equal(plan_trend_name(PLAN_TREND_SLOW), "slow");
}

static void milestones_and_parts(void **state)
{
    (void)state;
    assert_int_equal(plan_milestone(PLAN_MILESTONE_NONE).of, 0);
    assert_int_equal(plan_part_tenths(plan_milestone(PLAN_NOT_BEGUN)), 0);
    assert_int_equal(plan_part_tenths(plan_milestone(PLAN_DRAFTED)), 330);
    assert_int_equal(plan_part_tenths(plan_milestone(PLAN_CONSULTED)), 670);
    assert_int_equal(plan_part_tenths(plan_milestone(PLAN_APPROVED)), 1000);
    assert_int_equal(plan_part_tenths(plan_part_of(7, 16)), 438); // 43.75: halves go up
    assert_int_equal(plan_part_tenths(plan_part_of(N(812500), N(1300000))), 625);
    assert_int_equal(plan_part_of(0, 0).of, 0);
    assert_int_equal(plan_part_of(5, 0).of, 0);
    assert_int_equal(plan_part_tenths((struct plan_part){-7, 16}), -438);
}

static void means(void **state)
{
    (void)state;
    // 125 % and -25 % count as 100 and 0 inside the mean; what has no data is left out: (100 + 0 + 50) / 3
    const struct plan_weighed activity[] = {{{5, 4}, 1}, {{-1, 4}, 1}, {{1, 2}, 1}, {{0, 0}, 1}};
    struct plan_mean m = plan_mean(activity, 4);
    assert_int_equal(plan_mean_tenths(m), 500);
    assert_int_equal(m.n, 3);
    assert_int_equal(m.of, 4);
    // (3 × 50 + 1 × 90) / 4, the activity without data left out with its weight
    const struct plan_mean all[] = {m, {.value = 0.9, .n = 2, .of = 2}, {.n = 0, .of = 5}};
    const int64_t weight[] = {3, 1, 6};
    struct plan_mean objective = plan_mean_of(all, weight, 3);
    assert_int_equal(plan_mean_tenths(objective), 600);
    assert_int_equal(objective.n, 2);
    assert_int_equal(objective.of, 3);
    assert_int_equal(plan_mean(activity + 3, 1).n, 0);
    assert_int_equal(plan_mean(NULL, 0).n, 0);
    const struct plan_weighed heavy[] = {{{1, 1}, 2}, {{0, 1}, 1}}; // 66.666…
    assert_int_equal(plan_mean_tenths(plan_mean(heavy, 2)), 667);
    const struct plan_weighed half[] = {{{1, 2000}, 1}, {{0, 1}, 1}, {{7, 2000}, 1}, {{0, 1}, 1}}; // 0.1 % exactly: (0.05 + 0.35) / 4
    assert_int_equal(plan_mean_tenths(plan_mean(half, 4)), 1);
}

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(the_way_gone), cmocka_unit_test(lights), cmocka_unit_test(trends),
                                     cmocka_unit_test(milestones_and_parts), cmocka_unit_test(means)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
