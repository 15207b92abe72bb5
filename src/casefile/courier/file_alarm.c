#include "casefile/courier/file_alarm.h"

#include "base/clock.h"
#include "base/log.h"
#include "exchange/exchange.h"

DB_QUERY(file_waits_sql, "i", "bb", "select id, to_unit from desk.casefile where told is null and to_unit is not null and revoked_at is null "
         "order by seq limit $1");
DB_QUERY(file_told_sql, "bi", "", "update desk.casefile set told = $2 where id = $1");

struct waiting { struct id id, unit; };
struct look {
    struct services *sv;
    struct arena *arena;
    int64_t now;
    size_t n;
    size_t nobody; // out: units of which nobody could be told
    struct waiting at[FILE_ALARM_MAX];
};

static enum err waits_read(struct db *db, struct look *l)
{
    struct db_rows *r;
    enum err e = db_query(db, &file_waits_sql, DB_ARGS(DB_I(FILE_ALARM_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < FILE_ALARM_MAX && db_next(r); l->n++)
        e = id_from_bytes(db_str(r, 0), &l->at[l->n].id) || id_from_bytes(db_str(r, 1), &l->at[l->n].unit) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static const struct exchange_news file_news = {MSG_CASEFILE_ALARM_SUBJECT, MSG_CASEFILE_ALARM_BODY, {"/casefiles", 10}};

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    l->nobody = 0;
    enum err e = waits_read(db, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        bool told = false;
        for (size_t k = 0; k < i; k++)
            told |= id_equal(l->at[k].unit, l->at[i].unit);
        bool there = told;
        e = told ? OK : exchange_tell_db(db, l->sv, l->arena, l->at[i].unit, &file_news, l->now, &there);
        l->nobody += !e && !there;
        if (!e)
            e = db_exec(db, &file_told_sql, DB_ARGS(DB_ID(l->at[i].id), DB_I(clock_minute(l->now))), NULL);
    }
    return e;
}

void casefile_alarm_run(struct services *sv)
{
    static struct look l; // one thread
    l = (struct look){.sv = sv, .now = clock_now()};
    if (arena_new(1 << 20, &l.arena))
        return;
    enum err e = store_write(sv->store, look_db, &l);
    arena_free(&l.arena);
    if (e)
        log_event(LOG_WARN, "file-alarm.failed", LOG_ERR(e));
    else if (l.nobody)
        log_event(LOG_ALARM, "casefile.nobody", LOG_I("units", l.nobody));
}
