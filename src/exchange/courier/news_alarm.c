#include "exchange/courier/news_alarm.h"
#include "base/clock.h"
#include "base/log.h"

#define NEWS_SQL(side) "select id, " side "_unit from desk.referral where news_" side " = 1 order by seq limit $1"
#define TOLD_SQL(side) "update desk.referral set news_" side " = 2 where id = $1 and news_" side " = 1"
DB_QUERY(news_from_sql, "i", "bb", NEWS_SQL("from"));
DB_QUERY(news_to_sql, "i", "bb", NEWS_SQL("to"));
DB_QUERY(told_from_sql, "b", "", TOLD_SQL("from"));
DB_QUERY(told_to_sql, "b", "", TOLD_SQL("to"));

struct news { struct id id, unit; };
struct look {
    struct services *sv;
    struct arena *arena;
    int64_t now;
    size_t n;
    size_t nobody; // out: of how many nobody could be told
    struct news at[NEWS_ALARM_MAX];
};

static enum err news_read(struct db *db, struct look *l, const struct db_query *q)
{
    struct db_rows *r;
    enum err e = db_query(db, q, DB_ARGS(DB_I(NEWS_ALARM_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < NEWS_ALARM_MAX && db_next(r); l->n++)
        e = id_from_bytes(db_str(r, 0), &l->at[l->n].id) || id_from_bytes(db_str(r, 1), &l->at[l->n].unit) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    enum err e = OK;
    l->nobody = 0;
    for (int side = 0; side < 2 && !e; side++) {
        e = news_read(db, l, side ? &news_to_sql : &news_from_sql);
        for (size_t i = 0; i < l->n && !e; i++) {
            char hex[ID_HEX];
            bool there = false;
            struct exchange_news news = {MSG_EXCHANGE_NEWS_SUBJECT, MSG_EXCHANGE_NEWS_BODY, arena_printf(l->arena, "/referrals/%s", id_hex(l->at[i].id, hex))};
            e = exchange_tell_db(db, l->sv, l->arena, l->at[i].unit, &news, l->now, &there);
            l->nobody += !e && !there;
            e = e ? e : db_exec(db, side ? &told_to_sql : &told_from_sql, DB_ARGS(DB_ID(l->at[i].id)), NULL);
        }
    }
    return e;
}

void exchange_news_run(struct services *sv)
{
    static struct look l; // one thread
    l = (struct look){.sv = sv, .now = clock_now()};
    if (arena_new(1 << 20, &l.arena))
        return;
    enum err e = store_write(sv->store, look_db, &l);
    arena_free(&l.arena);
    if (e)
        log_event(LOG_WARN, "news-alarm.failed", LOG_ERR(e));
    else if (l.nobody)
        log_event(LOG_ALARM, "referral.nobody_told", LOG_I("referrals", l.nobody));
}
