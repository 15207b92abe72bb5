#include "base/log.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"

#define LOG_LINE_MAX 1024 // bytes; values that do not fit are left out

static const char *log_process = "isigurt";
static enum log_level log_least = LOG_INFO;

void log_open(const char *process, enum log_level least)
{
    log_process = process;
    log_least = least;
}

static int put_value(char *at, size_t room, const struct log_value *v)
{
    char hex[ID_HEX];
    switch (v->type) {
    case 'i':
        return snprintf(at, room, " %s=%" PRId64, v->key, v->i);
    case 'd':
        return snprintf(at, room, " %s=%s", v->key, id_hex(v->id, hex));
    case 'z':
        return snprintf(at, room, " %s=%s", v->key, v->z);
    default:
        return -1; // not made by one of the macros
    }
}

void log_write(enum log_level level, const char *event, size_t n, const struct log_value *values)
{
    static const char *const names[] = {"debug", "info", "warn", "alarm"};
    assert((unsigned)level < sizeof names / sizeof *names);
    if (level < log_least) {
        return;
    }
    int64_t now = clock_now();
    time_t seconds = (time_t)(now / CLOCK_SECOND);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char line[LOG_LINE_MAX];
    char at[32];
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
    int start = snprintf(line, sizeof line, "time=%s.%03dZ level=%s process=%s event=%s", at,
                         (int)(now % CLOCK_SECOND / 1000), names[level], log_process, event);
    size_t used = start < 0 || (size_t)start > sizeof line - 2 ? 0 : (size_t)start;
    for (size_t i = 0; i < n; i++) {
        int more = put_value(line + used, sizeof line - 1 - used, &values[i]);
        if (more < 0 || (size_t)more > sizeof line - 2 - used) {
            break; // the event stays, what does not fit is left out
        }
        used += (size_t)more;
    }
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used); // one call: lines of several processes do not mix
    (void)written;                                      // there is nobody left to tell
}
