// The sealed item: what is written comes back, the same content gives the same bytes, nothing foreign harms.
#include "frame.h"

static void comes_back(void **state)
{
    (void)state;
    struct report_content c = {
        .language = STR("sq"), .where = STR("page"), .typed = STR("https://ok.example/\"\\\n\x01\u202e"), .address = STR("https://ok.example/"),
        .page = STR("http://ok.example"), .host = STR("ok.example"), .app = STR("a"), .account = STR("b"), .category = STR("HARM"),
        .reporter = STR("child"), .age_band = STR("<13"), .county = STR("Korçë"), .municipality = STR("Maliq"), .in_danger = true,
        .seen = STR("dje"), .text = STR("rreshti 1\r\nrreshti 2\t😔 \x7f"), .contact = STR("c"), .safe_to_contact = STR("d"),
    }, back;
    struct buf one, two;
    buf_init(&one, 1 << 17);
    buf_init(&two, 1 << 17);
    assert_int_equal(report_content_write(&one, &c), OK);
    assert_int_equal(report_content_write(&two, &c), OK);
    assert_true(str_equal(buf_str(&one), buf_str(&two)));
    assert_int_equal(report_content_read(frame_arena, buf_str(&one), &back), OK);
    buf_clear(&two);
    assert_int_equal(report_content_write(&two, &back), OK);
    assert_true(str_equal(buf_str(&one), buf_str(&two)));
    assert_true(str_equal(back.typed, c.typed));
    assert_true(str_equal(back.text, c.text));
    assert_true(back.in_danger);
    buf_free(&one);
    buf_free(&two);
}

static void empty_fields_are_left_out(void **state)
{
    (void)state;
    struct report_content c = {.in_danger = true}, back;
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(report_content_write(&b, &c), OK);
    SAME(buf_str(&b), "{\"in_danger\":true}");
    c.in_danger = false;
    buf_clear(&b);
    assert_int_equal(report_content_write(&b, &c), OK);
    SAME(buf_str(&b), "{}");
    assert_int_equal(report_content_read(frame_arena, buf_str(&b), &back), OK);
    assert_int_equal(back.text.n, 0);
    buf_free(&b);
}

static void too_large_is_said(void **state)
{
    (void)state;
    char *text = malloc(56000);
    memset(text, '"', 56000); // each becomes two
    struct report_content c = {.text = {text, 56000}};
    struct buf b;
    buf_init(&b, 1 << 18);
    assert_int_equal(report_content_write(&b, &c), ERR_TOO_LARGE);
    c.text.n = 30000;
    buf_clear(&b);
    assert_int_equal(report_content_write(&b, &c), OK);
    buf_free(&b);
    free(text);
}

static void foreign_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "{", "{\"text\":1}", "{\"text\":null}", "{\"text\":\"a\",\"text\":\"b\"}", "{} x",
                                      "{\"in_danger\":\"true\"}", "{\"x\":{}}"};
    struct report_content c = {.where = STR("untouched")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(report_content_read(frame_arena, str_from(bad[i]), &c), ERR_MALFORMED);
    SAME(c.where, "untouched");
    assert_int_equal(report_content_read(frame_arena, STR("{\"later\":\"version\",\"text\":\"x\"}"), &c), OK);
    SAME(c.text, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(comes_back), TEST(empty_fields_are_left_out), TEST(too_large_is_said),
                                       TEST(foreign_bytes_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
