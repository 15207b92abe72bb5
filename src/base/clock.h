// clock: the only way to ask for the time. Wall times are int64 µs UTC since 1970.
// In builds with -Dtesting=true, the file named by ISIGURT_TEST_CLOCK (8 bytes: int64 µs, host order, mapped shared)
// is added to the real time, so that tests move the clock of running programs. Production builds ignore it.
#pragma once
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

int64_t clock_now(void);                 // µs UTC, moved by tests
int64_t clock_minute(int64_t at);        // cut down to the full minute
int64_t clock_mono(void);                // ns, monotonic, for measuring; never moved
void clock_sleep(int64_t microseconds);  // real time; restarted after signals
