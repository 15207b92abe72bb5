// calendar: the hours at which somebody sits at the desk, and the days on which nobody does.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "pack/inside.h"
#include "text/date.h"

#define SEARCH_DAYS 60 // how far pack_duty_now looks for the next open day
#define DUE_DAYS 1100  // how far pack_due counts: a clock is a year at most, and most days are working days

static const char *const day_keys[PACK_DAYS] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "on_holidays"};

static bool two_digits(const char *at, int max, int *out)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9') {
        return false;
    }
    *out = (at[0] - '0') * 10 + (at[1] - '0');
    return *out <= max;
}

// "08:30" → 510; "24:00" ends a day. -1: not a time.
static int minute_of(const json_t *v)
{
    const char *s = json_string_value(v);
    int hour;
    int minute;
    if (s == NULL || strlen(s) != 5 || s[2] != ':' || !two_digits(s, 24, &hour) || !two_digits(s + 3, 59, &minute) ||
        (hour == 24 && minute > 0)) {
        return -1;
    }
    return hour * 60 + minute;
}

static void read_hours(struct reader *r, const json_t *rows, struct pack_hours *h)
{
    size_t n = read_count(r, rows, PACK_STRETCHES_MAX);
    int before = 0;
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        int from = minute_of(json_array_get(row, 0));
        int to = minute_of(json_array_get(row, 1));
        if (json_array_size(row) != 2 || from < before || to <= from) {
            read_fault(r, "row %zu must be a stretch like [\"08:00\", \"16:00\"], later than the one before it", i);
            return;
        }
        h->at[h->n++] = (struct pack_stretch){from, to};
        before = to;
    }
}

// "2026-11-28" → 20261128; -1: not a day of the calendar.
static int day_of(const char *s)
{
    int century;
    int rest;
    int month;
    int day;
    if (s == NULL || strlen(s) != 10 || s[4] != '-' || s[7] != '-' || !two_digits(s, 99, &century) || !two_digits(s + 2, 99, &rest) ||
        !two_digits(s + 5, 12, &month) || !two_digits(s + 8, 31, &day) || month == 0 || day == 0) {
        return -1;
    }
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = century * 100 + rest;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day > days[month - 1] + (month == 2 && leap) ? -1 : pack_day_key(year, month, day);
}

static int compare_int(const void *a, const void *b)
{
    int x = *(const int *)a;
    int y = *(const int *)b;
    return (x > y) - (x < y);
}

static void read_years(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = read_section(r, "holiday_years", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, 100) : 0;
    p->year = read_array(r, n, sizeof *p->year);
    for (size_t i = 0; i < n && p->year != NULL; i++) {
        const json_t *v = json_array_get(rows, i);
        if (!json_is_integer(v) || json_integer_value(v) < 2000 || json_integer_value(v) > 2999) {
            read_fault(r, "row %zu must be a year such as 2026", i);
            continue;
        }
        p->year[p->n_years++] = (int)json_integer_value(v);
    }
    if (p->year != NULL) {
        qsort(p->year, p->n_years, sizeof *p->year, compare_int);
    }
}

static void read_holidays(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = read_section(r, "holidays", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, PACK_HOLIDAYS_MAX) : 0;
    p->holiday = read_array(r, n, sizeof *p->holiday);
    for (size_t i = 0; i < n && p->holiday != NULL; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, row, "date label")) {
            struct pack_text label;
            read_label(r, row, "label", true, &label);
            int day = day_of(json_string_value(json_object_get(row, "date")));
            if (day < 0) {
                read_fault(r, "\"date\" must be a day such as \"2026-11-28\"");
            } else if (!pack_year_known(p, day / 10000)) {
                read_fault(r, "the year %d is not one of \"holiday_years\"; name it there once all its holidays stand here", day / 10000);
            } else {
                p->holiday[p->n_holidays++] = day;
            }
        }
        read_back(r, at);
    }
    if (p->holiday != NULL) {
        qsort(p->holiday, p->n_holidays, sizeof *p->holiday, compare_int);
    }
}

void read_calendar(struct reader *r)
{
    const json_t *hours = read_section(r, "duty_hours", JSON_OBJECT);
    if (hours != NULL && read_keys(r, hours, "monday tuesday wednesday thursday friday saturday sunday on_holidays")) {
        for (int i = 0; i < PACK_DAYS; i++) {
            size_t at = read_into(r, ".%s", day_keys[i]);
            read_hours(r, json_object_get(hours, day_keys[i]), &r->p->hours[i]);
            read_back(r, at);
        }
    }
    read_years(r);
    read_holidays(r);
}

static int read_minute(struct reader *r, const json_t *object, const char *key)
{
    int minute = minute_of(json_object_get(object, key));
    if (minute < 0) {
        size_t at = read_into(r, ".%s", key);
        read_fault(r, "must be a time such as \"22:00\"");
        read_back(r, at);
        return 0;
    }
    return minute;
}

// On by default: a pack that says nothing has the limits of SPEC D4.
void read_wellbeing(struct reader *r)
{
    struct pack_wellbeing *w = &r->p->wellbeing;
    *w = (struct pack_wellbeing){.day = 5 * 3600, .each = 300, .stretch = 3600, .pause = 600, .late_from = 22 * 60, .late_to = 6 * 60,
                                 .lift = 4 * 3600};
    if (json_object_get(r->all, "wellbeing") == NULL) {
        return;
    }
    const json_t *o = read_section(r, "wellbeing", JSON_OBJECT);
    if (o == NULL || !read_keys(r, o, "day each stretch pause late_from late_to lift")) {
        return;
    }
    w->day = read_number(r, o, "day", 60, 24 * 3600);
    w->each = read_number(r, o, "each", 1, 3600);
    w->stretch = read_number(r, o, "stretch", 60, 24 * 3600);
    w->pause = read_number(r, o, "pause", 1, 4 * 3600);
    w->late_from = read_minute(r, o, "late_from");
    w->late_to = read_minute(r, o, "late_to");
    w->lift = read_number(r, o, "lift", 60, 24 * 3600);
}

// ── answers ──

int pack_day_key(int year, int month, int day)
{
    return year * 10000 + month * 100 + day;
}

bool pack_holiday(const struct pack *p, int year, int month, int day)
{
    int key = pack_day_key(year, month, day);
    return bsearch(&key, p->holiday, p->n_holidays, sizeof key, compare_int) != NULL;
}

bool pack_year_known(const struct pack *p, int year)
{
    return bsearch(&year, p->year, p->n_years, sizeof year, compare_int) != NULL;
}

static const struct pack_hours *hours_of(const struct pack *p, const struct date *d)
{
    return &p->hours[pack_holiday(p, d->year, d->month, d->day) ? DAY_HOLIDAY : d->weekday];
}

// The moment when the clock on the wall of that day shows `minute`. mktime knows the zone and its changes of clock.
static int64_t moment(const struct date *d, int minute)
{
    struct tm tm = {.tm_year = d->year - 1900, .tm_mon = d->month - 1, .tm_mday = d->day, .tm_hour = minute / 60,
                    .tm_min = minute % 60, .tm_isdst = -1};
    return (int64_t)mktime(&tm) * CLOCK_SECOND;
}

bool pack_duty_now(const struct pack *p, int64_t at, int64_t *next)
{
    int64_t day = at;
    int64_t found = INT64_MIN;
    bool now = false;
    for (int i = 0; i < SEARCH_DAYS && found == INT64_MIN; i++) {
        struct date d = date_local(day);
        if (!pack_year_known(p, d.year)) {
            break;
        }
        const struct pack_hours *h = hours_of(p, &d);
        for (size_t k = 0; k < h->n && found == INT64_MIN; k++) {
            int64_t from = moment(&d, h->at[k].from);
            if (at < from) {
                found = from;
            } else if (at < moment(&d, h->at[k].to)) {
                found = at;
                now = true;
            }
        }
        day = date_next_midnight(day);
    }
    if (next != NULL) {
        *next = found;
    }
    return now;
}

bool pack_by_days(const struct pack *p, enum pack_clock c)
{
    return p->by_days[c];
}

const struct pack_wellbeing *pack_wellbeing(const struct pack *p)
{
    return &p->wellbeing;
}

enum err pack_due(const struct pack *p, enum pack_clock c, int64_t from, int64_t *out)
{
    int64_t left = pack_seconds(p, c) * CLOCK_SECOND;
    if (!p->by_days[c]) {
        *out = from + left;
        return OK;
    }
    for (int i = 0; i < DUE_DAYS; i++) {
        struct date d = date_local(from);
        if (!pack_year_known(p, d.year)) {
            return ERR_NOT_FOUND;
        }
        int64_t end = date_next_midnight(from);
        if (hours_of(p, &d)->n > 0) {
            if (left <= end - from) { // a day ends at 24:00
                *out = from + left;
                return OK;
            }
            left -= end - from;
        }
        from = end;
    }
    return ERR_NOT_FOUND; // a pack without working days
}
