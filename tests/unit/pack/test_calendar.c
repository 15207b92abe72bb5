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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holidays), cmocka_unit_test(working_days), cmocka_unit_test(nights_on_which_the_clock_changes),
        cmocka_unit_test(ends_of_years),
    };
    return cmocka_run_group_tests(tests, open_pack, close_pack);
}
