#include "../base/unit.h"
#include <stdio.h>
#include "base/clock.h"
#include "base/share.h"
#include "text/date.h"

// Seconds since 1970 of the year 2026, from `date -u -d … +%s`.
#define JAN_1 INT64_C(1767222000)        // 2026-01-01 00:00 CET
#define MAR_28_NOON INT64_C(1774695600)  // 2026-03-28 12:00 CET
#define SPRING INT64_C(1774746000)       // 2026-03-29 02:00 CET becomes 03:00 CEST
#define AUTUMN INT64_C(1792890000)       // 2026-10-25 03:00 CEST becomes 02:00 CET
#define NOV_23 INT64_C(1795461300)       // 2026-11-23 19:15 UTC

static struct buf out;

static struct str put(const char *code, int64_t seconds, enum date_style style)
{
    buf_clear(&out);
    date_put(&out, text_lang(str_from(code)), seconds * CLOCK_SECOND, style);
    return buf_str(&out);
}

static struct str span(const char *code, int64_t microseconds)
{
    buf_clear(&out);
    date_put_span(&out, text_lang(str_from(code)), microseconds);
    return buf_str(&out);
}

static struct str iso(int64_t at)
{
    buf_clear(&out);
    date_put_iso(&out, at);
    return buf_str(&out);
}

static void reads_as_people_write(void **state)
{
    (void)state;
    assert_str(put("sq", NOV_23, DATE_DAY), "23 nëntor 2026");
    assert_str(put("sq", NOV_23, DATE_MINUTE), "23 nëntor 2026, 20:15");
    assert_str(put("en", NOV_23, DATE_MINUTE), "23 November 2026, 20:15");
    assert_str(put("sq", NOV_23, DATE_CLOCK), "20:15");
    assert_str(put("sq", JAN_1 - 1, DATE_MINUTE), "31 dhjetor 2025, 23:59");
    assert_str(put("sq", JAN_1, DATE_MINUTE), "1 janar 2026, 00:00");
    assert_str(put("en", -1, DATE_DAY), "1 January 1970"); // 00:59:59 in Tirana
}

static struct str near(const char *code, int64_t seconds, int64_t now)
{
    buf_clear(&out);
    date_put_near(&out, text_lang(str_from(code)), seconds * CLOCK_SECOND, now * CLOCK_SECOND);
    return buf_str(&out);
}

static void says_today_and_yesterday(void **state)
{
    (void)state;
    assert_str(near("sq", NOV_23, NOV_23 + 3 * 3600), "sot, 20:15");
    assert_str(near("en", NOV_23, NOV_23 + 3 * 3600), "today, 20:15");
    assert_str(near("sq", NOV_23, NOV_23 - 20 * 3600), "sot, 20:15"); // 00:15 of the same day
    assert_str(near("sq", NOV_23, NOV_23 - 21 * 3600), "nesër, 20:15");
    assert_str(near("en", NOV_23, NOV_23 - 21 * 3600), "tomorrow, 20:15");
    assert_str(near("sq", NOV_23, NOV_23 + 4 * 3600), "dje, 20:15");
    assert_str(near("en", NOV_23, NOV_23 + 27 * 3600), "yesterday, 20:15");
    assert_str(near("sq", NOV_23, NOV_23 + 28 * 3600), "23 nëntor 2026, 20:15");
    assert_str(near("sq", NOV_23, NOV_23 - 45 * 3600), "23 nëntor 2026, 20:15");
    assert_str(near("sq", NOV_23, NOV_23 + 365 * 86400), "23 nëntor 2026, 20:15"); // the same day of another year
    assert_str(near("sq", JAN_1 - 1, JAN_1), "dje, 23:59");
    assert_str(near("sq", SPRING - 7201, SPRING + 21 * 3600 - 1), "dje, 23:59");      // the day between has 23 hours
    assert_str(near("sq", AUTUMN - 4 * 3600, AUTUMN + 21 * 3600), "dje, 23:00");      // and this one 25
}

static void names_every_month(void **state)
{
    (void)state;
    static const char *const names[12] = {"janar",   "shkurt", "mars",    "prill", "maj",    "qershor",
                                          "korrik", "gusht",  "shtator", "tetor", "nëntor", "dhjetor"};
    for (int i = 0; i < 12; i++) {
        char expected[40];
        struct date d = date_local((JAN_1 + 14 * 86400 + i * INT64_C(2630000)) * CLOCK_SECOND);
        assert_int_equal(d.month, i + 1);
        snprintf(expected, sizeof expected, "%d %s 2026", d.day, names[i]);
        assert_str(put("sq", JAN_1 + 14 * 86400 + i * INT64_C(2630000), DATE_DAY), expected);
    }
}

static void keeps_both_nights_of_the_clock_change(void **state)
{
    (void)state;
    assert_str(put("sq", SPRING - 1, DATE_MINUTE), "29 mars 2026, 01:59");
    assert_str(put("sq", SPRING, DATE_MINUTE), "29 mars 2026, 03:00");
    assert_str(put("sq", AUTUMN - 1, DATE_CLOCK), "02:59");
    assert_str(put("sq", AUTUMN, DATE_CLOCK), "02:00");
    assert_int_equal(date_next_midnight((SPRING - 1) * CLOCK_SECOND), (SPRING + 21 * 3600) * CLOCK_SECOND);
    int64_t before = date_next_midnight(MAR_28_NOON * CLOCK_SECOND);
    assert_int_equal(before, (SPRING - 2 * 3600) * CLOCK_SECOND);
    assert_int_equal(date_next_midnight(before) - before, 23 * CLOCK_HOUR);
    int64_t autumn = date_next_midnight((AUTUMN - 4 * 3600) * CLOCK_SECOND); // 24 October 23:00 CEST
    assert_int_equal(date_next_midnight(autumn) - autumn, 25 * CLOCK_HOUR);
    assert_int_equal(date_next_midnight(AUTUMN * CLOCK_SECOND), autumn + 25 * CLOCK_HOUR);
}

static void midnight_is_always_ahead(void **state)
{
    (void)state;
    for (int64_t at = JAN_1 * CLOCK_SECOND; at < (JAN_1 + 400 * 86400) * CLOCK_SECOND; at += 7 * CLOCK_HOUR + 13) {
        int64_t next = date_next_midnight(at);
        struct date d = date_local(next), before = date_local(next - 1), now = date_local(at);
        assert_true(next > at && next - at <= 25 * CLOCK_HOUR);
        assert_true(d.hour == 0 && d.minute == 0);
        assert_true(before.day == now.day && before.month == now.month && before.hour == 23);
        assert_int_equal(d.weekday, (now.weekday + 1) % 7);
    }
    assert_int_equal(date_next_midnight(JAN_1 * CLOCK_SECOND), (JAN_1 + 86400) * CLOCK_SECOND);
    assert_int_equal(date_next_midnight(JAN_1 * CLOCK_SECOND - 1), JAN_1 * CLOCK_SECOND);
    assert_int_equal(date_local(NOV_23 * CLOCK_SECOND).weekday, 0); // a Monday
}

static void writes_iso(void **state)
{
    (void)state;
    assert_str(iso(NOV_23 * CLOCK_SECOND + 999999), "2026-11-23T19:15:00Z");
    assert_str(iso(0), "1970-01-01T00:00:00Z");
    assert_str(iso(-1), "1969-12-31T23:59:59Z");
}

static void rounds_spans_down(void **state)
{
    (void)state;
    assert_str(span("sq", 15 * CLOCK_MINUTE + 59 * CLOCK_SECOND), "15 minuta");
    assert_str(span("sq", CLOCK_MINUTE), "1 minutë");
    assert_str(span("sq", CLOCK_MINUTE - 1), "59 sekonda");
    assert_str(span("sq", 3 * CLOCK_HOUR), "3 orë");
    assert_str(span("en", CLOCK_DAY - 1), "23 hours");
    assert_str(span("en", CLOCK_DAY), "1 day");
    assert_str(span("en", 100 * CLOCK_DAY), "100 days");
    assert_str(span("en", -5), "0 seconds");
}

static void refuses_zones_that_are_not_there(void **state)
{
    (void)state;
    assert_int_equal(date_open("Europe/Nowhere"), ERR_NOT_FOUND);
    assert_int_equal(date_open("../../etc/passwd"), ERR_INVALID);
    assert_int_equal(date_open(""), ERR_INVALID);
    assert_str(put("sq", NOV_23, DATE_CLOCK), "20:15"); // as before
    assert_int_equal(date_open("Asia/Tokyo"), OK);
    assert_str(put("sq", NOV_23, DATE_CLOCK), "04:15");
    assert_int_equal(date_open(NULL), OK);
    assert_str(put("sq", NOV_23, DATE_CLOCK), "20:15");
}

static int open_languages(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    buf_init(&out, 1000);
    return text_open(share_path("locale", path, sizeof path), "sq,en", &out);
}

static int free_out(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_as_people_write),
        cmocka_unit_test(says_today_and_yesterday),
        cmocka_unit_test(names_every_month),
        cmocka_unit_test(keeps_both_nights_of_the_clock_change),
        cmocka_unit_test(midnight_is_always_ahead),
        cmocka_unit_test(writes_iso),
        cmocka_unit_test(rounds_spans_down),
        cmocka_unit_test(refuses_zones_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, open_languages, free_out);
}
