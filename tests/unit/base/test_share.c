#include "unit.h"
#include <string.h>
#include "base/file.h"
#include "base/share.h"

static void finds_the_build_tree(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    assert_ptr_equal(share_path(".isigurt-build", path, sizeof path), path);
    assert_int_equal(path[0], '/');
    assert_true(file_exists(path)); // this test runs inside the build tree
    assert_string_not_equal(path, SHARE_INSTALLED "/.isigurt-build");
    assert_true(file_exists(share_path("locale/sq.mo", path, sizeof path)));
    assert_true(file_exists(share_path("sql", path, sizeof path)));
    assert_false(file_exists(share_path("nothing", path, sizeof path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_build_tree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
