#include "unit.h"
#include <string.h>
#include "base/rand.h"

static void fills_every_byte(void **state)
{
    (void)state;
    uint8_t or[1000] = {0}, once[1000];
    for (int i = 0; i < 16; i++) { // a byte that stays 0 sixteen times: 1 in 2^128
        rand_bytes(once, sizeof once);
        for (size_t k = 0; k < sizeof or; k++) {
            or[k] |= once[k];
        }
    }
    assert_null(memchr(or, 0, sizeof or));
    rand_bytes(once, 0);
}

static void stays_below_its_limit_and_reaches_it(void **state)
{
    (void)state;
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        uint32_t v = rand_below(6);
        assert_true(v < 6);
        seen[v]++;
    }
    for (int i = 0; i < 6; i++) {
        assert_in_range(seen[i], 700, 1300); // 1000 ± 10 standard deviations
    }
    assert_int_equal(rand_below(1), 0);
    assert_true(rand_below(0x80000001u) <= 0x80000000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_every_byte),
        cmocka_unit_test(stays_below_its_limit_and_reaches_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
