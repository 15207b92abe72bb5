#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include "base/clock.h"
#include "http/pool.h"

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_open = PTHREAD_COND_INITIALIZER;
static bool held;
static int done;

static void work(void *ctx, void *job)
{
    int *sum = ctx;
    pthread_mutex_lock(&gate_lock);
    while (held) {
        pthread_cond_wait(&gate_open, &gate_lock);
    }
    *sum += *(int *)job;
    done++;
    pthread_mutex_unlock(&gate_lock);
}

static void hold(bool on)
{
    pthread_mutex_lock(&gate_lock);
    held = on;
    pthread_cond_broadcast(&gate_open);
    pthread_mutex_unlock(&gate_lock);
}

static void test_pool_runs_all(void **state)
{
    (void)state;
    int sum = 0, one = 1;
    struct pool *p;
    done = 0;
    hold(false);
    assert_int_equal(pool_new(4, 1000, 0, work, &sum, &p), OK);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pool_add(p, &one, false), OK);
    }
    pool_stop(p);
    assert_int_equal(sum, 1000);
    assert_int_equal(pool_add(p, &one, true), ERR_FULL); // stopped
    pool_free(&p);
    assert_null(p);
}

static void test_pool_reserved_places(void **state)
{
    (void)state;
    int sum = 0, one = 1;
    struct pool *p;
    done = 0;
    hold(true);
    assert_int_equal(pool_new(1, 2, 2, work, &sum, &p), OK);
    assert_int_equal(pool_add(p, &one, false), OK);
    for (int i = 0; i < 400 && pool_waiting(p); i++) {
        clock_sleep(5000); // until the thread holds the first
    }
    assert_int_equal(pool_waiting(p), 0);
    assert_int_equal(pool_add(p, &one, false), OK);
    assert_int_equal(pool_add(p, &one, false), OK);
    assert_false(pool_room(p, false));
    assert_int_equal(pool_add(p, &one, false), ERR_FULL);
    assert_true(pool_room(p, true));
    assert_int_equal(pool_add(p, &one, true), OK);
    assert_int_equal(pool_add(p, &one, true), OK);
    assert_int_equal(pool_add(p, &one, true), ERR_FULL);
    hold(false);
    pool_free(&p);
    assert_int_equal(sum, 5);
}

static void test_pool_limits(void **state)
{
    (void)state;
    struct pool *p;
    assert_int_equal(pool_new(0, 1, 0, work, NULL, &p), ERR_INVALID);
    assert_int_equal(pool_new(POOL_THREADS_MAX + 1, 1, 0, work, NULL, &p), ERR_INVALID);
    assert_int_equal(pool_new(1, 0, 1, work, NULL, &p), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_runs_all), cmocka_unit_test(test_pool_reserved_places), cmocka_unit_test(test_pool_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
