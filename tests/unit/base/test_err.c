#include "unit.h"
#include <string.h>
#include "base/err.h"

static void names_are_all_there_and_differ(void **state)
{
    (void)state;
    for (int a = OK; a < ERR_COUNT_; a++) {
        const char *name = err_name((enum err)a);
        assert_true(strlen(name) > 1);
        for (int b = OK; b < a; b++) {
            assert_string_not_equal(name, err_name((enum err)b));
        }
    }
    assert_string_equal(err_name(ERR_CONFLICT), "conflict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_all_there_and_differ)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
