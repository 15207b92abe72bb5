#include "unit.h"
#include "base/id.h"

static void goes_to_hex_and_back(void **state)
{
    (void)state;
    char hex[ID_HEX];
    struct id a = id_random(), b;
    assert_int_equal(id_from_hex(str_from(id_hex(a, hex)), &b), OK);
    assert_true(id_equal(a, b));
    assert_int_equal(id_from_bytes(id_bytes(&a), &b), OK);
    assert_true(id_equal(a, b));
    assert_int_equal(id_from_hex(STR("000102030405060708090a0b0c0d0eff"), &a), OK);
    assert_int_equal(a.b[15], 0xFF);
    assert_int_equal(a.b[10], 0x0A);
}

static void refuses_other_forms(void **state)
{
    (void)state;
    struct id a = {{1}};
    static const char *const bad[] = {
        "", "0", "000102030405060708090a0b0c0d0ef", "000102030405060708090a0b0c0d0eff0", "000102030405060708090A0b0c0d0eff",
        "000102030405060708090g0b0c0d0eff", "00010203-0405-0607-0809-0a0b0c0d0",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(id_from_hex(str_from(bad[i]), &a), ERR_MALFORMED);
    }
    assert_int_equal(id_from_bytes(STR("123456789012345"), &a), ERR_MALFORMED);
    assert_int_equal(a.b[0], 1);
}

static void differs_each_time(void **state)
{
    (void)state;
    assert_false(id_equal(id_random(), id_random()));
    assert_false(id_zero(id_random()));
    assert_true(id_zero((struct id){{0}}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_to_hex_and_back),
        cmocka_unit_test(refuses_other_forms),
        cmocka_unit_test(differs_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
