// Each clear column changes what the ciphertext is bound to.
#include "frame.h"

static void every_column_counts(void **state)
{
    (void)state;
    const struct report_clear base = {.received = 60, .category = STR("SEXT"), .urgency_computed = 2, .county = STR("Fier"),
                                      .language = STR("sq"), .burst = STR("0123456789abcdef")};
    struct report_clear c[8];
    for (size_t i = 0; i < 8; i++)
        c[i] = base;
    c[1].received = 120;
    c[2].category = STR("SOLIC");
    c[3].urgency_computed = 4;
    c[4].in_danger = true;
    c[5].county = (struct str){0};
    c[6].language = STR("en");
    c[7].burst = (struct str){0};
    uint8_t m[8][32], again[32];
    for (size_t i = 0; i < 8; i++)
        report_meta(m[i], &c[i]);
    report_meta(again, &base);
    assert_memory_equal(again, m[0], 32);
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(m[i], m[j], 32);
}

static void columns_do_not_run_together(void **state)
{
    (void)state;
    struct report_clear a = {.county = STR("ab"), .language = STR("c")}, b = {.county = STR("a"), .language = STR("bc")};
    uint8_t x[32], y[32];
    report_meta(x, &a);
    report_meta(y, &b);
    assert_memory_not_equal(x, y, 32);
}

static void an_item_opens_only_as_what_it_was(void **state)
{
    (void)state;
    struct key k;
    record_key(&k);
    struct id thread = id_random(), message = id_random();
    struct record_ad ad, other;
    struct buf sealed, plain;
    buf_init(&sealed, 1 << 17);
    buf_init(&plain, 1 << 17);
    report_message_ad(&ad, thread, message, record_kid(&k), RECORD_UP, 3, 600);
    assert_int_equal(record_seal(&sealed, &k, &ad, STR("hello")), OK);
    assert_int_equal(record_open(&plain, &k, &ad, buf_str(&sealed)), OK);
    SAME(buf_str(&plain), "hello");
    report_message_ad(&other, thread, message, record_kid(&k), RECORD_DOWN, 3, 600);
    assert_int_equal(record_open(&plain, &k, &other, buf_str(&sealed)), ERR_TAMPERED);
    report_message_ad(&other, thread, message, record_kid(&k), RECORD_UP, 4, 600);
    assert_int_equal(record_open(&plain, &k, &other, buf_str(&sealed)), ERR_TAMPERED);
    report_message_ad(&other, thread, message, record_kid(&k), RECORD_UP, 3, 660);
    assert_int_equal(record_open(&plain, &k, &other, buf_str(&sealed)), ERR_TAMPERED);
    report_message_ad(&other, message, message, record_kid(&k), RECORD_UP, 3, 600);
    assert_int_equal(record_open(&plain, &k, &other, buf_str(&sealed)), ERR_TAMPERED);
    buf_free(&sealed);
    buf_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_column_counts), cmocka_unit_test(columns_do_not_run_together),
                                       cmocka_unit_test(an_item_opens_only_as_what_it_was)};
    return crypto_start() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
