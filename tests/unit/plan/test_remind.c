// On which day a period's values are due, and on which days who owes them is told: by table.
#include "unit.h"
#include "plan/remind.h"

static const struct pack_plan_reminders when = {.due_month = 15, .due_quarter = 20, .due_year = 45, .n_before = 2, .before = {7, 0}, .n_after = 2, .after = {7, 30}};

static struct plan_period period(const char *text)
{
    struct plan_period p;
    assert_true(plan_period_read(str_from(text), &p));
    return p;
}

// Counted year by year, so that it is not the same arithmetic.
static int64_t day(int year, int month, int day_)
{
    static const int months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t n = 10957; // 1 January 2000
    for (int y = 2000; y < year; y++)
        n += y % 4 == 0 ? 366 : 365;
    for (int m = 1; m < month; m++)
        n += months[m - 1] + (m == 2 && year % 4 == 0);
    return n + day_ - 1;
}

static void due_days(void **state)
{
    (void)state;
    static const struct { const char *period; int year, month, day; } rows[] = {
        {"2019-01", 2019, 2, 15}, {"2019-02", 2019, 3, 15}, {"2020-02", 2020, 3, 15}, {"2019-12", 2020, 1, 15}, {"2019-Q1", 2019, 4, 20},
        {"2019-Q4", 2020, 1, 20}, {"2018", 2019, 2, 14}, {"2019", 2020, 2, 14}, {"2020", 2021, 2, 14},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(plan_due_day(&when, period(rows[i].period)), day(rows[i].year, rows[i].month, rows[i].day));
}

static void days_of_reminding(void **state)
{
    (void)state;
    static const struct { int month, day; bool now, begun; } rows[] = { // of January 2019, due on 15 February
        {1, 31, false, false}, {2, 1, false, false}, {2, 7, false, false}, {2, 8, true, true}, {2, 9, false, true}, {2, 14, false, true},
        {2, 15, true, true}, {2, 16, false, true}, {2, 21, false, true}, {2, 22, true, true}, {2, 23, false, true}, {3, 16, false, true},
        {3, 17, true, true}, {3, 18, false, true}, {12, 31, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t today = day(2019, rows[i].month, rows[i].day);
        assert_int_equal(plan_remind_now(&when, period("2019-01"), today - 1, today), rows[i].now);
        assert_int_equal(plan_remind_begun(&when, period("2019-01"), today), rows[i].begun);
        assert_false(plan_remind_now(&when, period("2019-01"), today, today)); // told that day already
    }
    assert_true(plan_remind_now(&when, period("2019-01"), day(2019, 2, 7), day(2019, 2, 10))); // nobody was there on the 8th
    assert_false(plan_remind_now(&when, period("2019-01"), day(2019, 2, 8), day(2019, 2, 10)));
}

static void none_is_never(void **state)
{
    (void)state;
    const struct pack_plan_reminders never = {.due_month = 15, .due_quarter = 20, .due_year = 45};
    const struct pack_plan_reminders late = {.due_month = 15, .due_quarter = 20, .due_year = 45, .n_after = 1, .after = {1}};
    assert_false(plan_remind_begun(&never, period("2019-01"), day(2030, 1, 1)));
    assert_false(plan_remind_begun(&late, period("2019-01"), day(2019, 2, 15)));
    assert_true(plan_remind_begun(&late, period("2019-01"), day(2019, 2, 16)));
}

static void local_days(void **state)
{
    (void)state;
    int64_t noon = plan_remind_noon(day(2019, 7, 1)), hour = INT64_C(3600000000);
    assert_int_equal(plan_remind_day(noon), day(2019, 7, 1));
    assert_int_equal(plan_remind_day(noon + 9 * hour), day(2019, 7, 1));   // 23:00
    assert_int_equal(plan_remind_day(noon + 10 * hour), day(2019, 7, 2));  // midnight in Tirana, 22:00 UTC
    assert_int_equal(plan_remind_day(noon - 14 * hour), day(2019, 7, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(due_days), cmocka_unit_test(days_of_reminding), cmocka_unit_test(none_is_never), cmocka_unit_test(local_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
