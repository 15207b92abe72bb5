// Whoever has left a unit, or may sign in no more, works on nothing: reports that such a person has taken are new again, with the clock
// they came with, so that they ring and stand in the queue. By the program itself, on the settler's thread.
#include "base/clock.h"
#include "base/log.h"
#include "report/desk/desk.h"

#define LEFT_MAX 100 // reports a transaction; what there is more waits for the next look

DB_QUERY(left_reports_sql, "i", "bb", "select r.id, r.unit from desk.unit u join desk.report r on r.unit = u.id and r.state = 'taken' "
         "where r.taken_by is not null and not exists (select 1 from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = r.unit and m.person = r.taken_by and p.disabled = 0) limit $1");

struct left { struct services *sv; int64_t now; size_t n; struct id report[LEFT_MAX], unit[LEFT_MAX]; };

static enum err left_read(struct db *db, void *arg)
{
    struct left *l = arg;
    struct db_rows *r;
    enum err e = db_query(db, &left_reports_sql, DB_ARGS(DB_I(LEFT_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < LEFT_MAX && db_next(r); l->n++)
        e = id_from_bytes(db_str(r, 0), &l->report[l->n]) || id_from_bytes(db_str(r, 1), &l->unit[l->n]) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err left_write(struct db *db, void *arg)
{
    struct left *l = arg;
    enum err e = left_read(db, l); // as it stands now
    for (size_t i = 0; i < l->n && !e; i++) {
        struct report_at at;
        e = report_at_db(db, l->report[i], &l->unit[i], 1, &at);
        if (!e)
            e = report_state_db(db, l->report[i], &at, REPORT_NEW, (struct id){0}, l->now);
        if (!e)
            e = report_history_db(db, l->report[i], (struct id){0}, "left", l->now);
    }
    return e;
}

void report_left_settle(struct services *sv)
{
    struct left l = {.sv = sv, .now = clock_now()};
    enum err e = store_read(sv->store, left_read, &l);
    if (!e && l.n)
        e = store_write(sv->store, left_write, &l);
    if (e)
        log_event(LOG_WARN, "report.left_unsettled", LOG_ERR(e));
    else if (l.n)
        log_event(LOG_INFO, "report.given_back", LOG_I("reports", l.n));
}
