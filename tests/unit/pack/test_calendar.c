// Duty hours and holidays, with the country's changes of clock.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/share.h"
#include "pack/inside.h"

static struct pack *p;

static int open_pack(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Tirane", 1);
    tzset();
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    enum err e = pack_open(share_path("country/al", path, sizeof path), &p, &why);
    buf_free(&why);
    return e == OK ? 0 : -1;
}

static int close_pack(void **state)
{
    (void)state;
    pack_close(&p);
    return 0;
}

// A moment by the clock on the wall in Albania.
static int64_t wall(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_isdst = -1};
    return (int64_t)mktime(&tm) * CLOCK_SECOND;
}

static void expect(int64_t at, bool now, int64_t next)
{
    int64_t got;
    assert_int_equal(pack_duty_now(p, at, &got), now);
    assert_int_equal(got, next);
    assert_int_equal(pack_duty_now(p, at, NULL), now);
}

static void holidays(void **state)
{
    (void)state;
    assert_true(pack_holiday(p, 2026, 11, 28));
    assert_true(pack_holiday(p, 2026, 4, 5));   // Catholic Easter
    assert_true(pack_holiday(p, 2027, 5, 2));   // Orthodox Easter
    assert_false(pack_holiday(p, 2026, 11, 27));
    assert_false(pack_holiday(p, 2028, 1, 1));  // not known, so not claimed
    assert_true(pack_year_known(p, 2026) && pack_year_known(p, 2027));
    assert_false(pack_year_known(p, 2025) || pack_year_known(p, 2028));
}

static void working_days(void **state)
{
    (void)state;
    expect(wall(2026, 11, 25, 10, 0), true, wall(2026, 11, 25, 10, 0));
    expect(wall(2026, 11, 25, 7, 59), false, wall(2026, 11, 25, 8, 0));
    expect(wall(2026, 11, 25, 8, 0), true, wall(2026, 11, 25, 8, 0));
    expect(wall(2026, 11, 25, 16, 0), false, wall(2026, 11, 26, 8, 0));
    expect(wall(2026, 11, 26, 0, 0), false, wall(2026, 11, 26, 8, 0));
    // Friday evening before 28 and 29 November and the two days off for them.
    expect(wall(2026, 11, 27, 20, 0), false, wall(2026, 12, 2, 8, 0));
    expect(wall(2026, 12, 8, 10, 0), false, wall(2026, 12, 9, 8, 0));
}

static void nights_on_which_the_clock_changes(void **state)
{
    (void)state;
    // Spring 2026: Sunday 29 March has 23 hours; autumn: Sunday 25 October has 25.
    expect(wall(2026, 3, 28, 12, 0), false, wall(2026, 3, 30, 8, 0));
    assert_int_equal(wall(2026, 3, 30, 8, 0) - wall(2026, 3, 28, 8, 0), 47 * CLOCK_HOUR);
    expect(wall(2026, 10, 24, 12, 0), false, wall(2026, 10, 26, 8, 0));
    assert_int_equal(wall(2026, 10, 26, 8, 0) - wall(2026, 10, 24, 8, 0), 49 * CLOCK_HOUR);
}

static void ends_of_years(void **state)
{
    (void)state;
    expect(wall(2026, 12, 31, 20, 0), false, wall(2027, 1, 5, 8, 0)); // 1, 2 January and the Monday after
    // The pack has no holidays of 2028: nothing is promised.
    expect(wall(2027, 12, 31, 20, 0), false, INT64_MIN);
    expect(wall(2028, 3, 1, 10, 0), false, INT64_MIN);
    expect(wall(2025, 12, 31, 20, 0), false, INT64_MIN);
}

static void due(enum pack_clock c, int64_t from, int64_t expected)
{
    int64_t got = 0;
    assert_int_equal(pack_due(p, c, from, &got), OK);
    if (got != expected)
        fail_msg("%lld s off", (long long)((got - expected) / CLOCK_SECOND));
}

// A question is answered within 72 hours of working days; everything else is elapsed time, whatever day it is.
static void clocks_by_working_days(void **state)
{
    (void)state;
    assert_true(pack_by_days(p, CLOCK_TAKE_U4));
    assert_false(pack_by_days(p, CLOCK_TAKE_U1) || pack_by_days(p, CLOCK_TAKE_U2) || pack_by_days(p, CLOCK_ACT_U3_SEXUAL));
    due(CLOCK_TAKE_U4, wall(2026, 6, 1, 10, 0), wall(2026, 6, 4, 10, 0));    // Monday to Thursday
    due(CLOCK_TAKE_U4, wall(2026, 6, 5, 10, 0), wall(2026, 6, 10, 10, 0));   // Friday: over the weekend
    due(CLOCK_TAKE_U4, wall(2026, 6, 6, 23, 0), wall(2026, 6, 11, 0, 0));    // Saturday night: from Monday's midnight
    due(CLOCK_TAKE_U4, wall(2026, 11, 27, 12, 0), wall(2026, 12, 4, 12, 0)); // 28-29 November and the two days off for them
    due(CLOCK_TAKE_U4, wall(2026, 12, 31, 12, 0), wall(2027, 1, 7, 12, 0));  // year's end: 1, 2 and 4 January
    due(CLOCK_TAKE_U2, wall(2026, 11, 28, 2, 0), wall(2026, 11, 28, 6, 0));  // a holiday's night
    due(CLOCK_ACT_U3_SEXUAL, wall(2026, 6, 6, 1, 0), wall(2026, 6, 7, 1, 0));
}

static void clocks_over_the_nights_that_change(void **state)
{
    (void)state;
    due(CLOCK_TAKE_U2, wall(2026, 3, 29, 0, 0), wall(2026, 3, 29, 5, 0));  // 4 hours end at 5 by the wall
    due(CLOCK_TAKE_U2, wall(2026, 10, 25, 0, 0), wall(2026, 10, 25, 3, 0));
    due(CLOCK_ACT_U2, wall(2026, 3, 28, 12, 0), wall(2026, 3, 29, 13, 0));
    due(CLOCK_ACT_U2, wall(2026, 10, 24, 12, 0), wall(2026, 10, 25, 11, 0));
    due(CLOCK_TAKE_U4, wall(2026, 3, 27, 12, 0), wall(2026, 4, 1, 12, 0)); // the short Sunday does not count, so neither does its hour
    due(CLOCK_TAKE_U4, wall(2026, 10, 23, 12, 0), wall(2026, 10, 28, 12, 0));
}

static void a_year_without_holidays_is_refused(void **state)
{
    (void)state;
    int64_t got = 7;
    assert_int_equal(pack_due(p, CLOCK_TAKE_U4, wall(2027, 12, 30, 12, 0), &got), ERR_NOT_FOUND);
    assert_int_equal(pack_due(p, CLOCK_TAKE_U4, wall(2028, 5, 1, 12, 0), &got), ERR_NOT_FOUND);
    assert_int_equal(got, 7);
    due(CLOCK_TAKE_U4, wall(2027, 12, 28, 12, 0), wall(2027, 12, 31, 12, 0));
    due(CLOCK_TAKE_U1, wall(2028, 5, 1, 12, 0), wall(2028, 5, 1, 12, 15)); // elapsed time needs no calendar
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holidays), cmocka_unit_test(working_days), cmocka_unit_test(nights_on_which_the_clock_changes),
        cmocka_unit_test(ends_of_years), cmocka_unit_test(clocks_by_working_days), cmocka_unit_test(clocks_over_the_nights_that_change),
        cmocka_unit_test(a_year_without_holidays_is_refused),
    };
    return cmocka_run_group_tests(tests, open_pack, close_pack);
}
