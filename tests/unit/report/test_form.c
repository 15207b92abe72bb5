// The form's order of questions: what is asked depends on what was answered, and what belongs to a branch left is not sent.
#include "frame.h"
#include "report/portal/form.h"

static void walk(const struct form_answers *a, const char *expected)
{
    struct buf b;
    buf_init(&b, 1000);
    enum form_step s = STEP_WHERE;
    for (int i = 0; i < FORM_STEPS; i++) {
        buf_put(&b, form_step_name(s));
        if (s == STEP_REVIEW)
            break;
        buf_put_c(&b, ' ');
        enum form_step next = form_next(frame_pack, a, s);
        assert_int_equal(form_before(frame_pack, a, next), s); // Back leads where one came from
        s = next;
    }
    SAME(buf_str(&b), expected);
    buf_free(&b);
}

static void the_way_depends_on_the_answers(void **state)
{
    (void)state;
    struct form_answers a = {0};
    walk(&a, "where what danger who county seen text contact review");
    a.where = STR("page");
    a.reporter = STR("parent");
    walk(&a, "where address what danger who county seen text contact review");
    a = (struct form_answers){.where = STR("app"), .choice = STR("asks_images"), .reporter = STR("child"), .county = STR("Tiranë")};
    walk(&a, "where app what detail danger who age county municipality seen text contact review");
    a.county = STR("Atlantis");
    a.choice = STR("bully");
    walk(&a, "where app what danger who age county seen text contact review");
}

static void no_second_answer_takes_the_most_urgent(void **state)
{
    (void)state;
    struct form_answers a = {.where = STR("none"), .choice = STR("fraud")};
    SAME(form_given(frame_pack, &a, STR("sq")).category, "PRIV");
    a.category = STR("GAMB");
    form_tidy(frame_pack, &a);
    SAME(form_given(frame_pack, &a, STR("sq")).category, "GAMB");
    a.choice = STR("asks_images"); // the category of another choice
    form_tidy(frame_pack, &a);
    SAME(form_given(frame_pack, &a, STR("sq")).category, "GROOM");
    a.choice = (struct str){0};
    form_tidy(frame_pack, &a);
    SAME(form_given(frame_pack, &a, STR("sq")).category, "");
}

static void branches_left_are_not_sent(void **state)
{
    (void)state;
    struct form_answers a = {.where = STR("app"), .address = STR("https://a.example"), .account = STR("@x"), .reporter = STR("parent"),
                             .age_band = STR("<13"), .county = STR("Tiranë"), .municipality = STR("Devoll"), .in_danger = STR("yes")};
    form_tidy(frame_pack, &a);
    struct report_given g = form_given(frame_pack, &a, STR("en"));
    SAME(g.address, "");
    SAME(g.account, "@x");
    SAME(g.age_band, "");
    SAME(g.municipality, "");
    assert_true(g.in_danger);
    SAME(a.address, "https://a.example"); // but going back finds it
    a.in_danger = STR("no");
    assert_false(form_given(frame_pack, &a, STR("en")).in_danger);
}

static void steps_and_fields_are_known_by_name(void **state)
{
    (void)state;
    for (unsigned s = 0; s < STEP_SENT; s++)
        assert_int_equal(form_step_read(form_step_name((enum form_step)s)), s);
    assert_int_equal(form_step_read(STR("sent")), STEP_WHERE); // nobody jumps to the receipt
    assert_int_equal(form_step_read(STR("")), STEP_WHERE);
    assert_int_equal(form_field_step("category"), STEP_WHAT);
    assert_int_equal(form_field_step("age_band"), STEP_AGE);
    assert_int_equal(form_field_step("submission"), STEP_REVIEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(the_way_depends_on_the_answers), TEST(no_second_answer_takes_the_most_urgent),
                                       TEST(branches_left_are_not_sent), TEST(steps_and_fields_are_known_by_name)};
    return cmocka_run_group_tests(tests, frame_open, frame_close);
}
