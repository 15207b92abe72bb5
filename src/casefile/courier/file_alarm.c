#include "casefile/courier/file_alarm.h"

#include "base/clock.h"
#include "base/log.h"
#include "exchange/exchange.h"
#include "job/outbox.h"

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

static enum err tell(struct db *db, const struct look *l, const struct exchange_reader *who)
{
    const struct config *c = l->sv->config;
    const struct lang *lang = text_lang(who->language) ? text_lang(who->language) : text_default();
    struct buf subject, body;
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    buf_put(&subject, text_get(lang, MSG_CASEFILE_ALARM_SUBJECT));
    text_put(&body, lang, MSG_CASEFILE_ALARM_BODY, TEXT_ARGS(TEXT_S("link", arena_printf(l->arena, "%s/casefiles", c->desk_url))));
    enum err e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e && *c->smtp_url)
        e = outbox_add(db, OUTBOX_MAIL, who->mail, buf_str(&subject), buf_str(&body), l->now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

static enum err unit_tell(struct db *db, struct look *l, struct id unit)
{
    struct exchange_reader who;
    bool there = false;
    enum err e = OK;
    for (int place = CONTACT_FIRST; !e && !there && place <= CONTACT_PLACES; place++)
        e = exchange_reader_db(db, l->arena, unit, (enum contact_place)place, &who, &there);
    l->nobody += !e && !there;
    return e || !there ? e : tell(db, l, &who);
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    l->nobody = 0;
    enum err e = waits_read(db, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        bool told = false;
        for (size_t k = 0; k < i; k++)
            told |= id_equal(l->at[k].unit, l->at[i].unit);
        e = told ? OK : unit_tell(db, l, l->at[i].unit);
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
