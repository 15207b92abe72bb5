// Real answer times: the median of each urgency; what still waits counts once it waits too long; too few give no figure.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "report/desk/desk.h"

#define MINUTE (60 * INT64_C(1000000))
static const int64_t now = 1000000 * MINUTE;
static const int64_t take[] = {15 * MINUTE, 240 * MINUTE, 1440 * MINUTE, 4320 * MINUTE};
static const int64_t act[] = {60 * MINUTE, 1440 * MINUTE, 4320 * MINUTE, 4320 * MINUTE};

// Received so many minutes ago; opened and answered so many minutes after that, -1: not yet.
static struct report_pace_row row(int64_t urgency, int64_t ago, int64_t looked, int64_t answered, bool ended)
{
    int64_t received = now - ago * MINUTE;
    return (struct report_pace_row){.urgency = urgency, .received = received, .ended = ended,
        .looked = looked < 0 ? INT64_MIN : received + looked * MINUTE, .answered = answered < 0 ? INT64_MIN : received + answered * MINUTE};
}

static void the_middle_one(void **state)
{
    (void)state;
    const struct report_pace_row rows[] = {row(2, 900, 30, 100, false), row(2, 800, 10, 50, true), row(2, 700, 600, 650, true),
        row(2, 600, 20, 60, false), row(2, 500, 40, 90, false), row(1, 400, 1, 2, true)};
    struct report_pace out[4];
    assert_int_equal(report_pace_measure(rows, 6, now, take, act, out), OK);
    assert_true(out[1].looked.known && !out[1].looked.over);
    assert_int_equal(out[1].looked.median, 30 * MINUTE);
    assert_int_equal(out[1].answered.median, 90 * MINUTE);
    for (size_t i = 0; i < 4; i++)
        assert_true(i == 1 || (!out[i].looked.known && !out[i].answered.known)); // one report is no figure
}

static void who_still_waits_counts(void **state)
{
    (void)state;
    // Two were quick; four lie there past the four hours; the last has come just now and tells nothing yet.
    const struct report_pace_row rows[] = {row(2, 900, 5, 6, true), row(2, 900, 5, 6, true), row(2, 500, -1, -1, false),
        row(2, 600, -1, -1, false), row(2, 700, -1, -1, false), row(2, 800, -1, -1, false), row(2, 1, -1, -1, false)};
    struct report_pace out[4];
    assert_int_equal(report_pace_measure(rows, 7, now, take, act, out), OK);
    assert_true(out[1].looked.known && out[1].looked.over);
    assert_int_equal(out[1].looked.median, 600 * MINUTE);
    assert_false(out[1].answered.known); // nobody has waited a day for an answer, and two are too few
}

static void what_ended_unanswered_does_not_wait(void **state)
{
    (void)state;
    struct report_pace_row rows[10];
    for (size_t i = 0; i < 10; i++)
        rows[i] = row(4, 9000, 10, i < 5 ? 20 : -1, i >= 5);
    struct report_pace out[4];
    assert_int_equal(report_pace_measure(rows, 10, now, take, act, out), OK);
    assert_true(out[3].answered.known && !out[3].answered.over);
    assert_int_equal(out[3].answered.median, 20 * MINUTE);
    assert_int_equal(report_pace_measure(NULL, 0, now, take, act, out), OK);
    assert_false(out[3].looked.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_middle_one), cmocka_unit_test(who_still_waits_counts),
                                       cmocka_unit_test(what_ended_unanswered_does_not_wait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
