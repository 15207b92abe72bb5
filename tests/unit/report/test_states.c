// The life of a report: names read back, every state can be reached and left, each has its own sentence in both languages.
#include "frame.h"

static void names_read_back(void **state)
{
    (void)state;
    enum report_state s;
    for (unsigned i = 0; i < REPORT_STATES; i++) {
        assert_int_equal(report_state_read(str_from(report_state_name((enum report_state)i)), &s), OK);
        assert_int_equal(s, i);
    }
    assert_int_equal(report_state_read(STR("received"), &s), ERR_MALFORMED);
    assert_int_equal(report_state_read(STR(""), &s), ERR_MALFORMED);
    assert_string_equal(report_state_name(REPORT_STATES), "");
}

static void the_table_holds_together(void **state)
{
    (void)state;
    for (unsigned s = 0; s < REPORT_STATES; s++) {
        bool left = false, reached = s == REPORT_NEW;
        assert_false(report_state_may((enum report_state)s, (enum report_state)s));
        for (unsigned t = 0; t < REPORT_STATES; t++) {
            left |= report_state_may((enum report_state)s, (enum report_state)t);
            reached |= report_state_may((enum report_state)t, (enum report_state)s);
        }
        assert_true(left && reached);
    }
    assert_false(report_state_may(REPORT_NEW, REPORT_CLOSED)); // nothing closes that nobody took
    assert_false(report_state_may(REPORT_NEW, REPORT_WITHDRAWN)); // a request is not a withdrawal
    assert_false(report_state_may(REPORT_CLOSED, REPORT_NEW));
    assert_true(report_state_may(REPORT_CLOSED, REPORT_IN_CASE)); // with its case
    assert_false(report_state_may(REPORT_STATES, REPORT_NEW));
    assert_false(report_state_may(REPORT_NEW, REPORT_STATES));
}

static void each_has_a_sentence(void **state)
{
    (void)state;
    for (size_t l = 0; text_each(l) != NULL; l++)
        for (unsigned s = 0; s < REPORT_STATES; s++) {
            struct str one = text_get(text_each(l), report_state_message((enum report_state)s));
            assert_true(one.n > 10);
            assert_true(text_get(text_each(l), report_state_now((enum report_state)s)).n > 10);
            assert_true(text_get(text_each(l), report_state_next((enum report_state)s)).n > 10);
            for (unsigned t = 0; t < s; t++)
                assert_false(str_equal(one, text_get(text_each(l), report_state_message((enum report_state)t))));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_read_back), cmocka_unit_test(the_table_holds_together),
                                       cmocka_unit_test(each_has_a_sentence)};
    return cmocka_run_group_tests(tests, frame_open, frame_close);
}
