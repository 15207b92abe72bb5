// When an assessment is settled, and how exposure is counted: rules without a store.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "report/desk/assess.h"
#include "report/desk/exposure.h"

static struct id person(uint8_t n)
{
    return (struct id){.b = {n}};
}

// "Ai" person A says illegal, "An" not illegal, "Au" undetermined.
static enum assess_status settle(const char *said, const char **verdict)
{
    struct assess_verdict v[ASSESS_MAX];
    size_t n = 0, of = 0;
    for (; *said; said += 2, n++)
        v[n] = (struct assess_verdict){person((uint8_t)said[0]), {said + 1, 1}, said[1] == 'i' || said[1] == 'j'};
    enum assess_status s = assess_settle(v, n, &of);
    *verdict = s == ASSESS_SETTLED ? v[of].verdict.at : "-";
    return s;
}

static void settling(void **state)
{
    (void)state;
    static const struct { const char *said; enum assess_status status; char verdict; } rows[] = {
        {"", ASSESS_NONE, '-'},        {"An", ASSESS_SETTLED, 'n'},       {"Ai", ASSESS_SECOND, '-'},
        {"AiAi", ASSESS_SECOND, '-'},  {"AiAiAi", ASSESS_SECOND, '-'},    {"AiBi", ASSESS_SETTLED, 'i'},
        {"AiBn", ASSESS_DIFFER, '-'},  {"AiBj", ASSESS_DIFFER, '-'}, /* two kinds of illegal are not the same */
        {"AiBnBi", ASSESS_SETTLED, 'i'}, {"AiBnCi", ASSESS_SETTLED, 'i'}, {"AiBnCn", ASSESS_SETTLED, 'n'},
        {"AiAn", ASSESS_SECOND, '-'}, {"AiAnBn", ASSESS_SETTLED, 'n'}, {"AiAnBi", ASSESS_DIFFER, '-'}, {"AiBiAnBn", ASSESS_SETTLED, 'n'},
        {"AnAiAn", ASSESS_SECOND, '-'}, {"AnBi", ASSESS_DIFFER, '-'},      {"AnBu", ASSESS_SETTLED, 'u'},
        {"AiBiAn", ASSESS_DIFFER, '-'}, {"AiBjCu", ASSESS_DIFFER, '-'},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *verdict;
        enum assess_status s = settle(rows[i].said, &verdict);
        if (s != rows[i].status || *verdict != rows[i].verdict)
            fail_msg("%s: %s %c", rows[i].said, assess_status_name(s), *verdict);
    }
}

static const struct pack_wellbeing limits = {.day = 18000, .each = 300, .stretch = 3600, .pause = 600, .late_from = 22 * 60, .late_to = 6 * 60,
                                             .lift = 14400};
#define AT(minutes) (INT64_C(1800000000) * CLOCK_SECOND + (minutes) * CLOCK_MINUTE)

static enum exposure_stop look(const struct exposure *e, int64_t minutes, int64_t *wait)
{
    return exposure_look(&limits, e, AT(minutes), 12 * 60, false, wait);
}

static void counting(void **state)
{
    (void)state;
    struct exposure e = {0};
    int64_t wait;
    assert_int_equal(look(&e, 0, &wait), EXPOSURE_FREE);
    e = exposure_open(&limits, &e, AT(0));
    assert_int_equal(e.seconds, 0);
    e = exposure_open(&limits, &e, AT(2)); // until the next opening
    assert_int_equal(e.seconds, 120);
    e = exposure_open(&limits, &e, AT(9)); // at most five minutes
    assert_int_equal(e.seconds, 420);
    assert_int_equal(e.stretch, 420);      // two minutes are no break
    assert_int_equal(e.openings, 3);
    assert_int_equal(exposure_at(&limits, &e, AT(10)).seconds, 480);
    assert_int_equal(exposure_at(&limits, &e, AT(1000)).seconds, 720);
    assert_int_equal(exposure_at(&limits, &e, AT(9 + 14)).stretch, 720);
    assert_int_equal(exposure_at(&limits, &e, AT(9 + 15)).stretch, 0); // ten minutes without
    e = exposure_open(&limits, &e, AT(8)); // a clock set back takes nothing away
    assert_int_equal(e.seconds, 420);
}

static void breaks(void **state)
{
    (void)state;
    struct exposure e = {0};
    int64_t wait, minute = 0;
    for (; look(&e, minute, &wait) == EXPOSURE_FREE; minute += 4)
        e = exposure_open(&limits, &e, AT(minute));
    assert_int_equal(minute, 60); // an hour
    assert_int_equal(wait, 300 + 600 - 240);
    assert_int_equal(look(&e, 70, &wait), EXPOSURE_PAUSE);
    assert_int_equal(look(&e, 71, &wait), EXPOSURE_FREE);
    e.seconds = 18000;
    assert_int_equal(look(&e, 71, &wait), EXPOSURE_DAY);
}

static void late_hours(void **state)
{
    (void)state;
    struct exposure e = {0};
    int64_t wait;
    static const struct { int64_t minute; bool late; } rows[] = {{0, true}, {359, true}, {360, false}, {720, false}, {1319, false}, {1320, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(exposure_look(&limits, &e, AT(0), rows[i].minute, false, &wait) == EXPOSURE_LATE, rows[i].late);
        assert_int_equal(exposure_look(&limits, &e, AT(0), rows[i].minute, true, &wait), EXPOSURE_FREE); // on call
    }
    struct pack_wellbeing never = limits;
    never.late_to = never.late_from;
    assert_int_equal(exposure_look(&never, &e, AT(0), 0, false, &wait), EXPOSURE_FREE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settling), cmocka_unit_test(counting), cmocka_unit_test(breaks), cmocka_unit_test(late_hours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
