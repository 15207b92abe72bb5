// Steps of a case: the table, the list for queries and the pack agree; when one is told again; each has sentences that name nobody.
#include "frame.h"

static void names_read_back(void **state)
{
    (void)state;
    enum report_step step;
    enum report_state s;
    char listed[] = REPORT_STEP_CODES;
    size_t n = 0;
    for (unsigned i = 0; i < REPORT_STEPS; i++) {
        const char *name = report_step_name((enum report_step)i);
        char quoted[40];
        snprintf(quoted, sizeof quoted, "'%s'", name);
        assert_int_equal(report_step_read(str_from(name), &step), OK);
        assert_int_equal(step, i);
        assert_int_equal(report_state_read(str_from(name), &s), ERR_MALFORMED); // a state is not a step
        assert_non_null(strstr(listed, quoted));
        assert_true(pack_reporter_step(frame_pack, str_from(name)));
        assert_string_equal(pack_reporter_step_at(frame_pack, i).at, name);
    }
    for (const char *at = listed; *at; at++)
        n += *at == ',';
    assert_int_equal(n + 1, REPORT_STEPS);
    assert_int_equal(pack_reporter_step_at(frame_pack, REPORT_STEPS).n, 0);
    assert_int_equal(report_step_read(STR("in_case"), &step), ERR_MALFORMED);
    assert_string_equal(report_step_name(REPORT_STEPS), "");
}

// As report_case_step_db walks: the newest first, within a day.
static bool again(enum report_step s, const char *const *earlier)
{
    enum report_step_seen seen = TOLD_NOT;
    for (; *earlier && seen == TOLD_NOT; earlier++)
        seen = report_step_seen(s, str_from(*earlier));
    return seen != TOLD_ALREADY;
}

static void told_again_where_it_is_true(void **state)
{
    (void)state;
    assert_true(again(STEP_HELP_ASKED, (const char *const[]){"in_case", "planned", NULL}));
    assert_false(again(STEP_HELP_ASKED, (const char *const[]){"help_done", "help_begun", "help_asked", NULL}));
    assert_false(again(STEP_REMOVAL_ASKED, (const char *const[]){"help_done", "removal_asked", NULL}));
    assert_true(again(STEP_REMOVED, (const char *const[]){"came_back", "removed", NULL}));
    assert_false(again(STEP_REMOVED, (const char *const[]){"removed", "came_back", NULL}));
    assert_true(again(STEP_REOPENED, (const char *const[]){"in_case", "closed", "reopened", NULL}));
}

static void each_has_sentences(void **state)
{
    (void)state;
    static const char *const never[] = {"olic", "rokuror", "rosecut", "gjykat", "ourt", "nstitucion", "nstitution", "jësi", "rast", "case", "{"};
    for (size_t l = 0; text_each(l) != NULL; l++)
        for (unsigned s = 0; s < REPORT_STEPS; s++) {
            enum report_step step = (enum report_step)s;
            struct str said[] = {text_get(text_each(l), report_step_message(step)), text_get(text_each(l), report_step_now(step)),
                                 text_get(text_each(l), report_step_next(step))};
            for (size_t i = 0; i < 3; i++) {
                assert_true(said[i].n > 10);
                assert_true(str_utf8_count(said[i]) < 130); // short: a phone, a child of twelve
                for (size_t k = 0; k < sizeof never / sizeof *never; k++)
                    assert_int_equal(str_find_str(said[i], str_from(never[k])), -1);
            }
            for (unsigned t = 0; t < s; t++)
                assert_false(str_equal(said[0], text_get(text_each(l), report_step_message((enum report_step)t))));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_read_back), cmocka_unit_test(told_again_where_it_is_true),
                                       cmocka_unit_test(each_has_sentences)};
    return cmocka_run_group_tests(tests, frame_open, frame_close);
}
