// date: times as people read them, in the country's zone (TZ is set once at start; default Europe/Tirane).
#pragma once
#include "base/buf.h"
#include "text/text.h"

// Sets the zone for the whole process; call it once, before threads and before a sandbox closes the file system.
// NULL: Europe/Tirane, which is also what the first use of date_local opens where nobody called this. ERR_NOT_FOUND
// where the system's zone data lacks it (package tzdata): the C library would silently count in UTC.
MUST_USE enum err date_open(const char *zone);

enum date_style { DATE_DAY, DATE_MINUTE, DATE_CLOCK }; // "23 nëntor 2026" · "23 nëntor 2026, 20:15" · "20:15"
void date_put(struct buf *out, const struct lang *l, int64_t at, enum date_style style);
// The same day, the one before or after it, seen from now: "sot, 20:15" · "dje, 20:15" · "nesër, 20:15"; else DATE_MINUTE.
void date_put_near(struct buf *out, const struct lang *l, int64_t at, int64_t now);
void date_put_iso(struct buf *out, int64_t at);        // "2026-11-23T19:15:00Z", for JSON and <time>
void date_put_span(struct buf *out, const struct lang *l, int64_t microseconds); // "15 minuta", "3 orë", rounded down

struct date {
    int year, month, day, hour, minute, weekday; // local; month 1-12, weekday 0 = Monday
};
struct date date_local(int64_t at);
int64_t date_next_midnight(int64_t at); // the next 24:00 of the local day, DST observed
