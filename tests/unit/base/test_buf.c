#include "unit.h"
#include <string.h>
#include "base/buf.h"

static void puts_every_kind(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_put(&b, STR("a"));
    buf_put(&b, str_from(NULL));
    buf_put_z(&b, "bc");
    buf_put_c(&b, ' ');
    buf_put_int(&b, INT64_MIN);
    buf_put_c(&b, ' ');
    buf_put_int(&b, 0);
    buf_put_hex(&b, "\x0f\xa0", 2);
    buf_printf(&b, " %s=%d", "x", 5);
    assert_int_equal(buf_ok(&b), OK);
    assert_str(buf_str(&b), "abc -9223372036854775808 00fa0 x=5");
    buf_clear(&b);
    buf_put_le(&b, UINT64_C(0x0102030405060708), 8);
    buf_put_le(&b, 0xABCD, 2);
    assert_true(str_equal(buf_str(&b), STR("\x08\x07\x06\x05\x04\x03\x02\x01\xcd\xab")));
    buf_free(&b);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.max, 1000);
}

static void stops_at_its_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    buf_put_z(&b, "12345");
    assert_int_equal(buf_ok(&b), OK);
    buf_put_z(&b, "6");
    buf_put_z(&b, "");
    assert_int_equal(buf_ok(&b), ERR_TOO_LARGE);
    assert_str(buf_str(&b), "12345");
    buf_clear(&b);
    assert_int_equal(buf_ok(&b), OK);
    buf_put_z(&b, "1234567"); // nothing of what does not fit
    assert_int_equal(b.n, 0);
    buf_put_c(&b, 'x'); // nor after it
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void grows_to_a_large_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 300000);
    for (int i = 0; i < 30000; i++) {
        buf_put_z(&b, "0123456789");
    }
    assert_int_equal(buf_ok(&b), OK);
    assert_int_equal(b.n, 300000);
    assert_true(b.cap <= b.max);
    assert_memory_equal(b.at + 299990, "0123456789", 10);
    buf_put_c(&b, 'x');
    assert_int_equal(buf_ok(&b), ERR_TOO_LARGE);
    buf_free(&b);
}

static void prints_what_is_long(void **state)
{
    (void)state;
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    struct buf b;
    buf_init(&b, 1999);
    buf_printf(&b, "%s", long_text);
    assert_int_equal(buf_ok(&b), OK);
    assert_str(buf_str(&b), long_text);
    buf_printf(&b, "%s", "y");
    assert_int_equal(buf_ok(&b), ERR_TOO_LARGE);
    buf_free(&b);
}

static void wipes_secrets_when_cleared(void **state)
{
    (void)state;
    struct buf b;
    buf_init_secret(&b, 4000);
    for (int i = 0; i < 100; i++) {
        buf_put_z(&b, "secret secret ");
    }
    assert_int_equal(b.n, 1400);
    assert_memory_equal(b.at + 1386, "secret secret ", 14);
    buf_clear(&b);
    for (size_t i = 0; i < 1400; i++) {
        assert_int_equal(b.at[i], 0);
    }
    buf_free(&b);
    assert_true(b.secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_every_kind),
        cmocka_unit_test(stops_at_its_maximum),
        cmocka_unit_test(grows_to_a_large_maximum),
        cmocka_unit_test(prints_what_is_long),
        cmocka_unit_test(wipes_secrets_when_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
