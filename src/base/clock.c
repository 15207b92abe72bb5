#include "base/clock.h"
#include <assert.h>
#include <errno.h>
#include <time.h>

#ifdef ISIGURT_TESTING
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int64_t no_shift;
static _Atomic int64_t *shift = &no_shift;

// A test whose clock file cannot be mapped must fail at once, not run with the wrong time.
static void shift_map(void)
{
    const char *path = getenv("ISIGURT_TEST_CLOCK");
    if (!path || !*path) {
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *at = MAP_FAILED;
    if (fd >= 0 && lseek(fd, 0, SEEK_END) >= (off_t)sizeof(int64_t)) {
        at = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (at == MAP_FAILED) {
        fprintf(stderr, "ISIGURT_TEST_CLOCK: cannot map 8 bytes of the file it names\n");
        abort();
    }
    shift = at;
}

static int64_t shift_now(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, shift_map);
    return atomic_load_explicit(shift, memory_order_relaxed);
}
#else
static int64_t shift_now(void)
{
    return 0;
}
#endif

static struct timespec ask(clockid_t which)
{
    struct timespec t;
    int bad = clock_gettime(which, &t);
    assert(!bad);
    return t;
}

int64_t clock_now(void)
{
    struct timespec t = ask(CLOCK_REALTIME);
    return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000 + shift_now();
}

int64_t clock_minute(int64_t at)
{
    int64_t over = at % CLOCK_MINUTE;
    return at - (over < 0 ? over + CLOCK_MINUTE : over);
}

int64_t clock_mono(void)
{
    struct timespec t = ask(CLOCK_MONOTONIC);
    return (int64_t)t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

void clock_sleep(int64_t microseconds)
{
    if (microseconds <= 0) {
        return;
    }
    struct timespec until = ask(CLOCK_MONOTONIC);
    until.tv_sec += microseconds / CLOCK_SECOND;
    until.tv_nsec += (microseconds % CLOCK_SECOND) * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}
