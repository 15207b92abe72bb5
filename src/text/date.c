#include "text/date.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/file.h"

#define DATE_ZONE "Europe/Tirane"
#define DATE_ZONE_FOLDER "/usr/share/zoneinfo"

static bool zone_open; // set by date_open, before threads

enum err date_open(const char *zone)
{
    zone = zone ? zone : DATE_ZONE;
    char path[256];
    int n = snprintf(path, sizeof path, DATE_ZONE_FOLDER "/%s", zone);
    if (n < 0 || (size_t)n >= sizeof path || zone[0] == '\0' || strstr(zone, "..")) {
        return ERR_INVALID;
    }
    if (!file_exists(path)) {
        return ERR_NOT_FOUND;
    }
    if (setenv("TZ", zone, 1)) {
        return ERR_MEMORY;
    }
    tzset();
    zone_open = true;
    return OK;
}

static void zone_default(void)
{
    if (!zone_open && date_open(NULL)) {
        fprintf(stderr, "no zone data for " DATE_ZONE "; install the package tzdata\n");
        abort(); // clocks of the law would run in the wrong zone
    }
}

static int64_t floor_seconds(int64_t at)
{
    return at / CLOCK_SECOND - (at % CLOCK_SECOND < 0);
}

static struct tm local(int64_t at)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, zone_default);
    time_t seconds = (time_t)floor_seconds(at);
    struct tm tm = {0};
    struct tm *done = localtime_r(&seconds, &tm);
    assert(done); // fails only past the year 2^31
    return tm;
}

struct date date_local(int64_t at)
{
    struct tm tm = local(at);
    return (struct date){
        .year = tm.tm_year + 1900,
        .month = tm.tm_mon + 1,
        .day = tm.tm_mday,
        .hour = tm.tm_hour,
        .minute = tm.tm_min,
        .weekday = (tm.tm_wday + 6) % 7,
    };
}

int64_t date_next_midnight(int64_t at)
{
    struct tm tm = local(at);
    struct tm next = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday + 1, .tm_isdst = -1};
    time_t seconds = mktime(&next);
    return (int64_t)seconds * CLOCK_SECOND;
}

static void put_day(struct buf *out, const struct lang *l, const struct date *d)
{
    static const enum message months[12] = {
        MSG_TEXT_MONTH_JANUARY, MSG_TEXT_MONTH_FEBRUARY, MSG_TEXT_MONTH_MARCH,     MSG_TEXT_MONTH_APRIL,
        MSG_TEXT_MONTH_MAY,     MSG_TEXT_MONTH_JUNE,     MSG_TEXT_MONTH_JULY,      MSG_TEXT_MONTH_AUGUST,
        MSG_TEXT_MONTH_SEPTEMBER, MSG_TEXT_MONTH_OCTOBER, MSG_TEXT_MONTH_NOVEMBER, MSG_TEXT_MONTH_DECEMBER,
    };
    text_put(out, l, MSG_TEXT_DATE_DAY, TEXT_ARGS(TEXT_I("day", d->day),
        TEXT_S("month", text_get(l, months[d->month - 1])), TEXT_I("year", d->year)));
}

void date_put(struct buf *out, const struct lang *l, int64_t at, enum date_style style)
{
    struct date d = date_local(at);
    char clock[16];
    snprintf(clock, sizeof clock, "%02d:%02d", d.hour, d.minute);
    if (style == DATE_CLOCK) {
        buf_put_z(out, clock);
    } else if (style == DATE_DAY) {
        put_day(out, l, &d);
    } else {
        struct buf day;
        buf_init(&day, 256);
        put_day(&day, l, &d);
        text_put(out, l, MSG_TEXT_DATE_MINUTE,
            TEXT_ARGS(TEXT_S("date", buf_str(&day)), TEXT_S("clock", str_from(clock))));
        buf_free(&day);
    }
}

static bool same_day(int64_t a, int64_t b)
{
    struct date x = date_local(a), y = date_local(b);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

void date_put_near(struct buf *out, const struct lang *l, int64_t at, int64_t now)
{
    static const enum message days[3] = {MSG_TEXT_DATE_YESTERDAY, MSG_TEXT_DATE_TODAY, MSG_TEXT_DATE_TOMORROW};
    struct tm today = local(now);
    for (int i = 0; i < 3; i++) {
        // Noon of that day: no clock change moves it to another.
        struct tm noon = {.tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday + i - 1,
                          .tm_hour = 12, .tm_isdst = -1};
        if (same_day(at, (int64_t)mktime(&noon) * CLOCK_SECOND)) {
            struct buf clock;
            buf_init(&clock, 16);
            date_put(&clock, l, at, DATE_CLOCK);
            text_put(out, l, days[i], TEXT_ARGS(TEXT_S("clock", buf_str(&clock))));
            buf_free(&clock);
            return;
        }
    }
    date_put(out, l, at, DATE_MINUTE);
}

void date_put_iso(struct buf *out, int64_t at)
{
    time_t seconds = (time_t)floor_seconds(at);
    struct tm tm = {0};
    struct tm *done = gmtime_r(&seconds, &tm);
    assert(done);
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
               tm.tm_min, tm.tm_sec);
}

void date_put_span(struct buf *out, const struct lang *l, int64_t microseconds)
{
    int64_t us = microseconds < 0 ? 0 : microseconds;
    if (us < CLOCK_MINUTE) {
        text_put(out, l, MSG_TEXT_SPAN_SECOND, TEXT_ARGS(TEXT_I("n", us / CLOCK_SECOND)));
    } else if (us < CLOCK_HOUR) {
        text_put(out, l, MSG_TEXT_SPAN_MINUTE, TEXT_ARGS(TEXT_I("n", us / CLOCK_MINUTE)));
    } else if (us < CLOCK_DAY) {
        text_put(out, l, MSG_TEXT_SPAN_HOUR, TEXT_ARGS(TEXT_I("n", us / CLOCK_HOUR)));
    } else {
        text_put(out, l, MSG_TEXT_SPAN_DAY, TEXT_ARGS(TEXT_I("n", us / CLOCK_DAY)));
    }
}
