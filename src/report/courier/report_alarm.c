#include "report/courier/report_alarm.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "job/presence.h"
#include "report/courier/tell.h"

#define ALARM_PEOPLE 16             // places on a roster that are climbed
#define ALARM_AGAIN CLOCK_MINUTE    // least time between two mails of one alarm

DB_QUERY(alarm_first_sql, "bi", "bi",
    "select id, take_due from desk.report where state = 'new' and unit = $1 and rank = $2 order by take_due, seq limit 1");
DB_QUERY(alarm_newest_sql, "bii", "i",
    "select seq from desk.report where seq > $3 and state = 'new' and unit = $1 and rank = $2 order by seq desc limit 1");
DB_QUERY(alarm_find_sql, "bi", "iiii", "select step, rung, next, newest from desk.alarm where unit = $1 and urgency = $2");
DB_QUERY(alarm_drop_sql, "bi", "", "delete from desk.alarm where unit = $1 and urgency = $2");
DB_QUERY(alarm_write_sql, "biiiii", "",
    "insert into desk.alarm (unit, urgency, step, rung, next, newest) values ($1, $2, $3, $4, $5, $6) "
    "on conflict (unit, urgency) do update set step = excluded.step, rung = excluded.rung, next = excluded.next, newest = excluded.newest");

struct alarm {
    bool found;                     // a row stands
    int64_t step, rung, next, newest;
};
struct look {
    struct services *sv;
    struct arena *arena;
    struct id unit;
    int64_t urgency, now;
    bool nobody;                    // out: an alarm was due, and nobody on call has an address
};

// One row of integers, or nothing.
static enum err read_alarm(struct db *db, const struct look *l, struct alarm *out)
{
    struct db_rows *rows;
    enum err e = db_query(db, &alarm_find_sql, DB_ARGS(DB_ID(l->unit), DB_I(l->urgency)), &rows);
    if (e)
        return e;
    *out = (struct alarm){0};
    if (db_next(rows))
        *out = (struct alarm){true, db_int(rows, 0), db_int(rows, 1), db_int(rows, 2), db_int(rows, 3)};
    return db_done(&rows);
}

static enum err read_first(struct db *db, const struct look *l, struct id *report, int64_t *due, bool *found)
{
    struct db_rows *rows;
    enum err e = db_query(db, &alarm_first_sql, DB_ARGS(DB_ID(l->unit), DB_I(l->urgency)), &rows);
    if (e)
        return e;
    *found = db_next(rows);
    if (*found) {
        e = id_from_bytes(db_str(rows, 0), report);
        *due = db_int(rows, 1);
    }
    enum err done = db_done(&rows);
    return e ? e : done;
}

static enum err read_newest(struct db *db, const struct look *l, int64_t after, int64_t *out)
{
    struct db_rows *rows;
    enum err e = db_query(db, &alarm_newest_sql, DB_ARGS(DB_ID(l->unit), DB_I(l->urgency), DB_I(after)), &rows);
    if (e)
        return e;
    *out = db_next(rows) ? db_int(rows, 0) : after;
    return db_done(&rows);
}

// who: NULL where nobody has an address; the webhook needs none.
static enum err call(struct db *db, const struct look *l, const struct people_oncall *who, struct id report)
{
    char hex[ID_HEX];
    const struct tell t = {.sv = l->sv, .subject = MSG_REPORT_ALARM_SUBJECT, .body = MSG_REPORT_ALARM_BODY, .urgency = l->urgency,
                           .now = l->now, .link = arena_printf(l->arena, "%s/reports/%s", l->sv->config->desk_url, id_hex(report, hex))};
    enum err e = report_tell_mail(db, &t, who);
    return e ? e : report_tell_webhook(db, l->arena, &t);
}

static int64_t until_next(const struct look *l)
{
    return pack_seconds(l->sv->pack, l->urgency == 1 ? CLOCK_RING_REPEAT_U1 : CLOCK_MAIL_AFTER) * CLOCK_SECOND;
}

// Which place of the roster is called now, or -1: nobody yet (or, below U1, everybody was).
static ptrdiff_t whom(const struct look *l, const struct alarm *a, bool watched, int64_t due, bool newer, size_t people)
{
    if (!a->found)
        return !watched || due <= l->now ? 0 : -1;
    if (a->next <= l->now && (l->urgency == 1 || a->step < (int64_t)people))
        return (ptrdiff_t)((size_t)a->step % people);
    if (newer && !watched && a->rung + ALARM_AGAIN <= l->now)
        return a->step > 0 ? (ptrdiff_t)((size_t)(a->step - 1) % people) : 0;
    return -1;
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    struct alarm a;
    struct id report;
    int64_t due, newest;
    bool untaken, watched;
    size_t n;
    l->nobody = false;
    enum err e = read_alarm(db, l, &a);
    if (!e)
        e = read_first(db, l, &report, &due, &untaken);
    if (e)
        return e;
    if (!untaken)
        return a.found ? db_exec(db, &alarm_drop_sql, DB_ARGS(DB_ID(l->unit), DB_I(l->urgency)), NULL) : OK;
    struct people_oncall *people = arena_array(l->arena, ALARM_PEOPLE, sizeof *people);
    if (!people)
        return ERR_MEMORY;
    e = presence_read(db, l->unit, l->now, &watched);
    if (!e)
        e = read_newest(db, l, a.newest, &newest);
    if (!e)
        e = people_oncall(db, l->arena, l->unit, l->now, people, ALARM_PEOPLE, &n);
    if (e)
        return e;
    ptrdiff_t place = whom(l, &a, watched, due, newest > a.newest, n ? n : 1);
    if (place < 0)
        return OK;
    l->nobody = n == 0;
    e = call(db, l, n ? &people[place] : NULL, report);
    bool climbs = !a.found || a.next <= l->now;
    return e ? e : db_exec(db, &alarm_write_sql,
                           DB_ARGS(DB_ID(l->unit), DB_I(l->urgency), DB_I(a.step + (climbs && n)), DB_I(l->now),
                                   DB_I(climbs ? l->now + until_next(l) : a.next), DB_I(newest)), NULL);
}

void report_alarm_run(struct services *sv)
{
    struct directory_unit duty;
    struct look l = {.sv = sv, .now = clock_now()};
    if (directory_duty(sv->directory, l.now, &duty))
        return;
    l.unit = duty.unit;
    for (l.urgency = 1; l.urgency <= 4; l.urgency++) {
        if (arena_new(256 * 1024, &l.arena))
            return;
        enum err e = store_write(sv->store, look_db, &l);
        if (e)
            log_event(LOG_WARN, "alarm.failed", LOG_I("urgency", l.urgency), LOG_ERR(e));
        else if (l.nobody)
            log_event(LOG_ALARM, "roster.empty", LOG_ID("unit", l.unit), LOG_I("urgency", l.urgency));
        arena_free(&l.arena);
    }
}
