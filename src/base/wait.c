#include "base/wait.h"
#include <assert.h>
#include <errno.h>
#include <time.h>

void wait_init(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    int bad = pthread_condattr_init(&attr);
    bad = bad ? bad : pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    bad = bad ? bad : pthread_cond_init(c, &attr);
    assert(!bad);
    pthread_condattr_destroy(&attr);
}

bool wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until)
{
    const struct timespec at = {.tv_sec = (time_t)(until / WAIT_SECOND), .tv_nsec = (long)(until % WAIT_SECOND)};
    return pthread_cond_timedwait(c, lock, &at) != ETIMEDOUT;
}
