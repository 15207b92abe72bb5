// numbers: whom to call, as every page shows them, and the day on which somebody last looked at them.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "text/date.h"
#include "web/inside.h"

#define NUMBERS_MAX 16
#define DAY_MAX 64 // bytes of "23 nëntor 2026"

// The oldest of the days on which somebody last looked at a number; empty where one of them is no day.
static struct str oldest_day(struct req *rq)
{
    const struct pack_number *n = rq->numbers.at;
    struct str day = {0};
    for (size_t i = 0; i < rq->numbers.n; i++) {
        if (day.n == 0 || str_compare(n[i].verified_on, day) < 0) {
            day = n[i].verified_on;
        }
    }
    char text[11] = "";
    struct tm tm = {.tm_hour = 12, .tm_isdst = -1};
    if (day.n != 10) {
        return (struct str){0};
    }
    memcpy(text, day.at, 10);
    if (sscanf(text, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3) {
        return (struct str){0};
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct buf b;
    buf_init(&b, DAY_MAX);
    date_put(&b, rq->lang, (int64_t)timegm(&tm) * 1000000, DATE_DAY);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

void web_numbers_fill(struct req *rq)
{
    if (!rq->sv->pack || rq->numbers.n) {
        return;
    }
    struct pack_number *at = arena_array(rq->arena, NUMBERS_MAX, sizeof *at);
    size_t n = 0;
    while (at && n < NUMBERS_MAX && pack_number_at(rq->sv->pack, n, rq->lang, &at[n])) {
        n++;
    }
    rq->numbers = (struct list){at, at ? n : 0};
    rq->numbers_day = oldest_day(rq);
    rq->exit = pack_exit(rq->sv->pack, rq->lang);
}
