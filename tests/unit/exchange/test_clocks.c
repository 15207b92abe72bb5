// Answer clocks of referrals: elapsed where it is urgent or sexual, else working days, across weekends, holidays, both nights on which
// the clock changes and into a year without holidays; when each next place hears; when an answer is late.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/share.h"
#include "exchange/exchange.h"

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

static int64_t wall(int year, int month, int day, int hour)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_isdst = -1};
    return (int64_t)mktime(&tm) * CLOCK_SECOND;
}

static void due(int64_t urgency, bool elapsed, int64_t from, int64_t expected)
{
    int64_t at = exchange_answer_due(p, urgency, elapsed, from);
    if (at != expected)
        fail_msg("U%d: %lld h off", (int)urgency, (long long)((at - expected) / CLOCK_HOUR));
}

// The pack's: U1 2 hours, U2 24 hours, U3 three and U4 five days.
static void the_urgent_is_elapsed(void **state)
{
    (void)state;
    due(1, false, wall(2026, 11, 28, 23), wall(2026, 11, 29, 1));       // Flag Day's night, a Saturday
    due(2, false, wall(2026, 11, 28, 12), wall(2026, 11, 29, 12));
    due(2, false, wall(2026, 3, 28, 12), wall(2026, 3, 29, 13));        // a Sunday of 23 hours …
    due(2, false, wall(2026, 10, 24, 12), wall(2026, 10, 25, 11));      // … and one of 25
    due(3, true, wall(2026, 11, 27, 12), wall(2026, 11, 30, 12));       // of a sexual category: no day is left out
    due(4, true, wall(2026, 6, 5, 10), wall(2026, 6, 10, 10));
}

static void the_rest_by_working_days(void **state)
{
    (void)state;
    due(3, false, wall(2026, 6, 1, 10), wall(2026, 6, 4, 10));          // Monday to Thursday
    due(3, false, wall(2026, 6, 5, 10), wall(2026, 6, 10, 10));         // over a weekend
    due(3, false, wall(2026, 6, 6, 23), wall(2026, 6, 11, 0));          // Saturday night: from Monday's midnight
    due(4, false, wall(2026, 6, 1, 10), wall(2026, 6, 8, 10));          // a working week
    due(3, false, wall(2026, 11, 27, 12), wall(2026, 12, 4, 12));       // 28, 29 November and the two days off for them
    due(4, false, wall(2026, 12, 31, 12), wall(2027, 1, 11, 12));       // year's end: 1, 2 and 4 January
    due(3, false, wall(2026, 3, 27, 12), wall(2026, 4, 1, 12));         // the short Sunday does not count, nor the long one
    due(3, false, wall(2026, 10, 23, 12), wall(2026, 10, 28, 12));
}

// Sooner rather than not at all: nobody is kept from sharing by a calendar.
static void a_year_without_holidays_is_elapsed(void **state)
{
    (void)state;
    int64_t out = 7;
    due(3, false, wall(2027, 12, 30, 12), wall(2028, 1, 2, 12));
    due(4, false, wall(2028, 5, 5, 12), wall(2028, 5, 10, 12));
    assert_int_equal(pack_due(p, CLOCK_ANSWER_U3, wall(2027, 12, 30, 12), &out), ERR_NOT_FOUND); // the calendar itself refuses
    assert_int_equal(out, 7);
    due(1, false, wall(2028, 5, 5, 12), wall(2028, 5, 5, 14));
}

static void each_place_an_answer_time_later(void **state)
{
    (void)state;
    int64_t answer = wall(2026, 6, 4, 10); // Thursday
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 3, false, answer, 0), answer);                   // the contact has heard: the deputy next
    assert_int_equal(exchange_climb_at(p, REFERRAL_ACCEPTED, 3, false, answer, -1), answer); // of an outcome the contact hears when it is due
    assert_int_equal(exchange_climb_at(p, REFERRAL_ACCEPTED, 3, false, answer, 0), exchange_climb_at(p, REFERRAL_SENT, 3, false, answer, 1));
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 3, false, answer, 1), wall(2026, 6, 9, 10));     // the head: Friday, Monday, Tuesday
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 3, false, answer, 2), wall(2026, 6, 12, 10));    // coordinators
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 3, true, answer, 2), wall(2026, 6, 10, 10));     // elapsed
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 1, false, wall(2026, 11, 28, 23), 2), wall(2026, 11, 29, 3));
    assert_int_equal(exchange_climb_at(p, REFERRAL_SENT, 3, false, answer, EXCHANGE_CLIMBED_ALL), INT64_MIN);
}

static void late_from_the_moment_on(void **state)
{
    (void)state;
    for (unsigned s = 0; s < REFERRAL_STATES; s++)
        for (int transfer = 0; transfer < 2; transfer++) {
            bool waits = s == REFERRAL_SENT || s == REFERRAL_ASKED || (s == REFERRAL_ACCEPTED && !transfer); // a transfer, accepted, owes nothing
            assert_false(exchange_late(transfer, (enum referral_state)s, 1000, 999));
            assert_int_equal(exchange_late(transfer, (enum referral_state)s, 1000, 1000), waits); // as the courier, which climbs then
            assert_int_equal(exchange_late(transfer, (enum referral_state)s, 1000, 1001), waits);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_urgent_is_elapsed), cmocka_unit_test(the_rest_by_working_days), cmocka_unit_test(a_year_without_holidays_is_elapsed),
        cmocka_unit_test(each_place_an_answer_time_later), cmocka_unit_test(late_from_the_moment_on),
    };
    return cmocka_run_group_tests(tests, open_pack, close_pack);
}
