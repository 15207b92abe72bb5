#include "unit.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"

static int64_t *shift; // shared with the clock under test

static int64_t system_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

static void moves_with_the_tests_only(void **state)
{
    (void)state;
    for (int days = -2; days <= 2; days++) {
        *shift = days * CLOCK_DAY;
        int64_t expected = system_now();
#ifdef ISIGURT_TESTING
        expected += *shift;
#endif
        int64_t off = clock_now() - expected;
        assert_true(off >= 0 && off < 5 * CLOCK_SECOND);
    }
    *shift = 0;
}

static void cuts_to_the_minute(void **state)
{
    (void)state;
    assert_int_equal(clock_minute(0), 0);
    assert_int_equal(clock_minute(CLOCK_MINUTE - 1), 0);
    assert_int_equal(clock_minute(CLOCK_MINUTE), CLOCK_MINUTE);
    assert_int_equal(clock_minute(-1), -CLOCK_MINUTE);
    assert_int_equal(clock_minute(-CLOCK_MINUTE), -CLOCK_MINUTE);
}

static void ignore(int number)
{
    (void)number;
}

static void sleeps_through_signals(void **state)
{
    (void)state;
    signal(SIGALRM, ignore);
    struct itimerval each_5_ms = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &each_5_ms, NULL);
    int64_t start = clock_mono();
    clock_sleep(50 * 1000);
    int64_t took = clock_mono() - start;
    setitimer(ITIMER_REAL, &never, NULL);
    assert_true(took >= 50 * INT64_C(1000000));
    clock_sleep(0);
    clock_sleep(-5);
}

int main(void)
{
    char path[] = "/tmp/isigurt-clock-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, sizeof *shift)) {
        return 1;
    }
    shift = mmap(NULL, sizeof *shift, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    setenv("ISIGURT_TEST_CLOCK", path, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_with_the_tests_only),
        cmocka_unit_test(cuts_to_the_minute),
        cmocka_unit_test(sleeps_through_signals),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
