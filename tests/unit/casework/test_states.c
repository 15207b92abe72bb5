// The life of a case and of legal routes: every step from each to each, written down a second time, and every way to
// its end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "casework/casework.h"

// docs/casework.md: rows are from, columns to, in the order of enum case_state.
static const char *const life[CASE_STATES] = {
    [CASE_REGISTERED] = ".x...x.", [CASE_ASSESSED] = "..x..x.", [CASE_PLANNED] = "...x.x.",
        [CASE_IMPLEMENTING] = "....xx.",
    [CASE_REVIEW] = ".xxx.x.",     [CASE_CLOSING] = "....x.x", [CASE_CLOSED] = "....x..",
};

static void each_state_to_each(void **state)
{
    (void)state;
    for (unsigned from = 0; from < CASE_STATES; from++)
        for (unsigned to = 0; to < CASE_STATES; to++)
            if (case_state_may((enum case_state)from, (enum case_state)to) != (life[from][to] == 'x'))
                fail_msg("%s to %s", case_state_name((enum case_state)from), case_state_name((enum case_state)to));
    assert_false(case_state_may(CASE_STATES, CASE_CLOSED));
    assert_false(case_state_may(CASE_CLOSING, CASE_STATES));
}

static void names_are_read_back(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CASE_STATES; s++) {
        enum case_state back;
        assert_int_equal(case_state_read(str_from(case_state_name((enum case_state)s)), &back), OK);
        assert_int_equal(back, s);
    }
    enum case_state untouched = CASE_REVIEW;
    assert_int_equal(case_state_read(STR("identified"), &untouched), ERR_MALFORMED);
    assert_int_equal(case_state_read(STR(""), &untouched), ERR_MALFORMED);
    assert_int_equal(untouched, CASE_REVIEW);
    for (unsigned t = 0; t < CASE_TRACKS; t++)
        assert_true(strlen(case_track_name((enum case_track)t)) > 0);
}

// Nothing is closed but by way of closing, where somebody else looks; and closed is never more than two steps away.
static void closing_is_the_only_way(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CASE_STATES; s++) {
        assert_int_equal(case_state_may((enum case_state)s, CASE_CLOSED), s == CASE_CLOSING);
        if (s != CASE_CLOSING && s != CASE_CLOSED)
            assert_true(case_state_may((enum case_state)s, CASE_CLOSING));
    }
}

static const struct { const char *kind, *steps; } ways[] = {
    {"criminal", "reported>registered reported>dismissed reported>withdrawn registered>investigation "
                 "registered>dismissed "
                 "registered>withdrawn investigation>prosecutor investigation>dismissed investigation>withdrawn "
                 "prosecutor>investigation "
                 "prosecutor>dismissed prosecutor>court prosecutor>withdrawn dismissed>prosecutor court>first_instance "
                 "court>withdrawn "
                 "first_instance>appeal first_instance>final appeal>final appeal>first_instance "},
    {"civil", "filed>hearing filed>decided filed>withdrawn hearing>decided hearing>withdrawn decided>appeal "
              "decided>final "
              "appeal>hearing appeal>final appeal>withdrawn "},
    {"protection", "filed>hearing filed>decided filed>withdrawn hearing>decided hearing>withdrawn decided>appeal "
                   "decided>final "
                   "appeal>hearing appeal>final appeal>withdrawn "},
    {"administrative", "filed>examined filed>decided filed>withdrawn examined>decided examined>withdrawn "
                       "decided>appeal decided>final "
                       "appeal>examined appeal>final appeal>withdrawn "},
};

static void each_stage_to_each(void **state)
{
    (void)state;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct str kind = str_from(ways[w].kind);
        size_t n = 0, found = 0, wanted = 0;
        for (const char *p = ways[w].steps; (p = strchr(p, '>')); p++)
            wanted++;
        while (case_stage_at(kind, n))
            n++;
        assert_true(n >= 6);
        for (size_t from = 0; from < n; from++)
            for (size_t to = 0; to < n; to++) {
                char step[80];
                snprintf(step, sizeof step, "%s>%s ", case_stage_at(kind, from), case_stage_at(kind, to));
                bool may = case_stage_may(kind, str_from(case_stage_at(kind, from)), str_from(case_stage_at(kind, to)));
                const char *at = strstr(ways[w].steps, step);
                bool want = at && (at == ways[w].steps || at[-1] == ' ');
                if (may != want)
                    fail_msg("%s: %s", ways[w].kind, step);
                found += may;
            }
        assert_int_equal(found, wanted);
    }
    assert_false(case_stage_may(STR("criminal"), STR("filed"), STR("hearing")));
    // somebody decided: also who sends it back after an appeal, not what became final by time, never the content track
    assert_true(case_stage_decides(STR("criminal"), STR("court"), STR("first_instance")));
    assert_true(case_stage_decides(STR("criminal"), STR("prosecutor"), STR("dismissed")));
    assert_true(case_stage_decides(STR("civil"), STR("appeal"), STR("hearing")));
    assert_true(case_stage_decides(STR("civil"), STR("appeal"), STR("final")));
    assert_false(case_stage_decides(STR("civil"), STR("appeal"), STR("withdrawn")));
    assert_false(case_stage_decides(STR("civil"), STR("decided"), STR("final")));
    assert_false(case_stage_decides(STR("criminal"), STR("prosecutor"), STR("court")));
    assert_false(case_stage_decides(STR(CASE_CONTENT), STR("asked"), STR("gone")));
    assert_false(case_stage_decides(STR("civil"), STR("hearing"), STR("dismissed"))); // of another kind
    assert_false(case_stage_known(STR("civil"), STR("reported")));
    assert_false(case_stage_known(STR("other"), STR("filed")));
    assert_null(case_stage_at(STR("other"), 0));
}

// From wherever one stands, an end can be reached; an end with no way on is an end, and no other stage is one.
static bool reaches_end(struct str kind, struct str from, unsigned seen)
{
    if (case_stage_ends(kind, from))
        return true;
    for (size_t i = 0; case_stage_at(kind, i); i++)
        if (!(seen >> i & 1) && case_stage_may(kind, from, str_from(case_stage_at(kind, i))) &&
            reaches_end(kind, str_from(case_stage_at(kind, i)), seen | 1u << i))
            return true;
    return false;
}

static void every_route_can_end(void **state)
{
    (void)state;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct str kind = str_from(ways[w].kind);
        for (size_t i = 0; case_stage_at(kind, i); i++) {
            struct str stage = str_from(case_stage_at(kind, i));
            assert_true(reaches_end(kind, stage, 1u << i));
            assert_int_equal(case_stage_ends(kind, stage),
                             str_equal_z(stage, "final") || str_equal_z(stage, "withdrawn") ||
                                 str_equal_z(stage, "dismissed"));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_to_each), cmocka_unit_test(names_are_read_back),
            cmocka_unit_test(closing_is_the_only_way),
        cmocka_unit_test(each_stage_to_each), cmocka_unit_test(every_route_can_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
