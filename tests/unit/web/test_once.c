#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crypto/crypto.h"
#include "web/once.h"

static struct id of(const struct req *at, uint8_t number, const char *one, const char *two)
{
    const struct str part[] = {str_from(one), str_from(two)};
    return once_id(at, (struct id){{number}}, part, 2);
}

static void test_once(void **state)
{
    (void)state;
    assert_int_equal(crypto_start(), OK);
    struct req a = {.id = {{7}}}, session = a, place = a;
    session.token.b[31] ^= 1;
    place.id.b[15] ^= 1;
    const struct id first = of(&a, 1, "ab", "c");
    assert_true(id_equal(first, of(&a, 1, "ab", "c")));
    const struct id other[] = {of(&a, 2, "ab", "c"), of(&a, 1, "a", "bc"), of(&a, 1, "abc", ""), of(&a, 1, "c", "ab"), of(&session, 1, "ab", "c"),
                               of(&place, 1, "ab", "c"), once_id(&a, (struct id){{1}}, NULL, 0), of(&a, 0, "ab", "c")};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_false(id_equal(first, other[i]));
    assert_false(id_equal(of(&a, 0, "ab", "c"), of(&a, 0, "ab", "c"))); // without a number
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
