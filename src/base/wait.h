// wait: a condition with a limit of time, by the clock that nobody can set (CLOCK_MONOTONIC): a corrected wall clock must
// make no wait an hour longer.
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define WAIT_SECOND INT64_C(1000000000) // ns, the unit of clock_mono

void wait_init(pthread_cond_t *c); // instead of pthread_cond_init; pthread_cond_destroy as ever
// With the lock held, as pthread_cond_timedwait. until: of clock_mono. False once the time has come; may wake before, as
// every condition may.
bool wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t until);
