// Numbers of the plan, read and written.
#include "unit.h"
#include "plan/amount.h"

static void what_is_a_number(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t n; } rows[] = {{"0", 0}, {"7", 70000}, {"-3", -30000}, {"12.5", 125000}, {"12,5", 125000},
        {"0.0001", 1}, {"-0.25", -2500}, {"007", 70000}, {"10000000000000", PLAN_AMOUNT_MAX}, {"-10000000000000", -PLAN_AMOUNT_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t n = 99;
        assert_int_equal(plan_amount_read(str_from(rows[i].text), &n), OK);
        assert_int_equal(n, rows[i].n);
    }
}

static void what_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-", ".", "1.", ".5", "1.23456", "1 000", "1.000,5", "+1", "1e3", "0x1", "--1", "1-", "NaN", "١", "=1", " 1", "1\n"};
    int64_t n = 99;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(plan_amount_read(str_from(bad[i]), &n), ERR_INVALID);
    static const char *const large[] = {"10000000000000.0001", "10000000000001", "99999999999999999999999999", "18446744073709551616"};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        assert_int_equal(plan_amount_read(str_from(large[i]), &n), ERR_TOO_LARGE);
    assert_int_equal(n, 99);
}

static void what_is_printed_is_read(void **state)
{
    (void)state;
    static const struct { int64_t n; const char *text; } rows[] = {{0, "0"}, {1, "0.0001"}, {-2500, "-0.25"}, {125000, "12.5"}, {1000, "0.1"},
        {10010, "1.001"}, {PLAN_AMOUNT_MAX, "10000000000000"}, {-PLAN_AMOUNT_MAX + 1, "-9999999999999.9999"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = {.max = 64};
        plan_amount_print(&b, rows[i].n);
        assert_str(buf_str(&b), rows[i].text);
        int64_t n = 0;
        assert_int_equal(plan_amount_read(buf_str(&b), &n), OK);
        assert_int_equal(n, rows[i].n);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(what_is_a_number), cmocka_unit_test(what_is_none), cmocka_unit_test(what_is_printed_is_read)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
