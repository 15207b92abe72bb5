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

// ── against a slow reference ──
// The country's rule of time, from the law and not from the zone files: summer time from the last Sunday of March, 01:00 UTC, to the
// last Sunday of October, 01:00 UTC. Days by counting them one by one from a known Thursday. Nothing of src/pack or of mktime.
static bool slow_leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int slow_month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && slow_leap(y));
}

struct slow_day { int year, month, day, weekday; }; // weekday: 0 Monday

static struct slow_day slow_day_of(int64_t days) // since 1 January 1970
{
    struct slow_day d = {1970, 1, 1, 3};
    for (; days > 0; days--) {
        d.weekday = (d.weekday + 1) % 7;
        if (++d.day > slow_month_days(d.year, d.month)) {
            d.day = 1;
            if (++d.month > 12) {
                d.month = 1;
                d.year++;
            }
        }
    }
    return d;
}

// Days since 1970 of the last Sunday of a month.
static int64_t slow_last_sunday(int64_t day, int year, int month)
{
    int64_t found = 0;
    for (struct slow_day d = slow_day_of(day); d.year == year && d.month == month; d = slow_day_of(++day)) {
        if (d.weekday == 6) {
            found = day;
        }
    }
    return found;
}

#define SLOW_YEARS 2
#define SLOW_FIRST 2026
static struct { int64_t january, march, october; } slow_year[SLOW_YEARS + 1]; // days since 1970: the year begins, the clock changes
static struct slow_day slow_days[SLOW_YEARS * 366 + 40];

static void slow_begin(void)
{
    int64_t at = 0;
    while (slow_day_of(at).year < SLOW_FIRST) {
        at++;
    }
    for (int y = 0; y <= SLOW_YEARS; y++) {
        slow_year[y].january = at;
        slow_year[y].march = slow_last_sunday(at + 59 + slow_leap(SLOW_FIRST + y), SLOW_FIRST + y, 3);
        slow_year[y].october = slow_last_sunday(at + 273 + slow_leap(SLOW_FIRST + y), SLOW_FIRST + y, 10);
        at += 365 + slow_leap(SLOW_FIRST + y);
    }
    for (size_t i = 0; i < sizeof slow_days / sizeof *slow_days; i++) {
        slow_days[i] = slow_day_of(slow_year[0].january + (int64_t)i);
    }
}

// Hours since the first January on the clock on the wall; utc in hours since 1970.
static int64_t slow_wall_hour(int64_t utc)
{
    bool summer = false;
    for (int y = 0; y <= SLOW_YEARS; y++) {
        summer |= utc >= slow_year[y].march * 24 + 1 && utc < slow_year[y].october * 24 + 1;
    }
    return utc + 1 + summer - slow_year[0].january * 24;
}

static bool slow_works(const struct slow_day *d) // the pack's own list of days and hours, read from its file
{
    const struct pack_hours *h = &p->hours[pack_holiday(p, d->year, d->month, d->day) ? DAY_HOLIDAY : d->weekday];
    return h->n > 0;
}

static bool slow_on_duty(int64_t hour) // of the wall; the pack's stretches begin and end on the hour (looked at below)
{
    const struct slow_day *d = &slow_days[hour / 24];
    const struct pack_hours *h = &p->hours[pack_holiday(p, d->year, d->month, d->day) ? DAY_HOLIDAY : d->weekday];
    bool on = false;
    for (size_t i = 0; i < h->n; i++) {
        assert_true(h->at[i].from % 60 == 0 && h->at[i].to % 60 == 0);
        on |= hour % 24 * 60 >= h->at[i].from && hour % 24 * 60 < h->at[i].to;
    }
    return on;
}

// Hour by hour over two years: is somebody there, when next, and until when a question must be answered (or that nobody can say).
static void every_hour_of_two_years(void **state)
{
    (void)state;
    slow_begin();
    int64_t first = slow_year[0].january * 24 - 1, last = slow_year[SLOW_YEARS].january * 24 - 1, changes = 0, refused = 0;
    assert_int_equal(last - first, 2 * 365 * 24);
    for (int64_t at = first; at < last; at++) {
        int64_t hour = slow_wall_hour(at), next = at, end = at, left = pack_seconds(p, CLOCK_TAKE_U4) / 3600, got;
        changes += slow_wall_hour(at + 1) - hour != 1;
        while (next < last && !slow_on_duty(slow_wall_hour(next))) {
            next++;
        }
        bool now = pack_duty_now(p, at * CLOCK_HOUR, &got);
        int64_t expected = next < last ? next * CLOCK_HOUR : INT64_MIN;
        if (now != slow_on_duty(hour) || got != expected) {
            fail_msg("duty at hour %lld of the wall: %d, %lld h instead of %lld", (long long)hour, now, (long long)(got / CLOCK_HOUR), (long long)next);
        }
        for (; left > 0 && end < last; end++) { // an hour counts where its day is a working day
            left -= slow_works(&slow_days[slow_wall_hour(end) / 24]);
        }
        got = -1;
        enum err e = pack_due(p, CLOCK_TAKE_U4, at * CLOCK_HOUR, &got);
        if (left > 0 ? e != ERR_NOT_FOUND || got != -1 : e != OK || got != end * CLOCK_HOUR) {
            fail_msg("due from hour %lld of the wall: %d, %lld h instead of %lld", (long long)hour, e, (long long)(got / CLOCK_HOUR), (long long)end);
        }
        refused += left > 0;
    }
    assert_int_equal(changes, 4);   // both nights of both years were walked over
    assert_int_equal(refused, 71);  // three working days from the last 71 hours run into a year of which nothing is known
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holidays), cmocka_unit_test(working_days), cmocka_unit_test(nights_on_which_the_clock_changes),
        cmocka_unit_test(ends_of_years), cmocka_unit_test(clocks_by_working_days), cmocka_unit_test(clocks_over_the_nights_that_change),
        cmocka_unit_test(a_year_without_holidays_is_refused), cmocka_unit_test(every_hour_of_two_years),
    };
    return cmocka_run_group_tests(tests, open_pack, close_pack);
}
