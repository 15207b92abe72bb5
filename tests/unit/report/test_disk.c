// Room on the disk: the reserve is taken, low is told, and a store that lies elsewhere is left alone.
#include "frame.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "report/portal/portal.h"

static char dir[] = "/tmp/isigurt-disk-XXXXXX", reserve[64];

static int begin(void **state)
{
    (void)state;
    memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(reserve, sizeof reserve, "%s/reserve", dir);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(reserve);
    return rmdir(dir);
}

static void the_reserve_is_taken(void **state)
{
    (void)state;
    struct disk *d;
    struct stat s;
    assert_int_equal(disk_new(dir, 2, 0, &d), OK);
    disk_look(d);
    assert_int_equal(stat(reserve, &s), 0);
    assert_true(s.st_blocks * 512 >= 2 * 1024 * 1024);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_false(disk_low(d));
    disk_free(&d);
}

static void low_is_told(void **state)
{
    (void)state;
    struct disk *d;
    uint64_t free_now;
    assert_int_equal(file_free_bytes(dir, &free_now), OK);
    assert_int_equal(disk_new(dir, 1, (int64_t)(free_now >> 20) + 1024, &d), OK);
    disk_look(d);
    assert_true(disk_low(d));
    assert_true(file_exists(reserve)); // low for all but danger; for those the reserve is kept
    disk_free(&d);
}

static void elsewhere_is_not_watched(void **state)
{
    (void)state;
    struct disk *d;
    assert_int_equal(disk_new("", 64, INT64_C(1) << 40, &d), OK);
    disk_look(d);
    assert_false(disk_low(d));
    disk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_reserve_is_taken, begin, end), cmocka_unit_test_setup_teardown(low_is_told, begin, end),
        cmocka_unit_test_setup_teardown(elsewhere_is_not_watched, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
