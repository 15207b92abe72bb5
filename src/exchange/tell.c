// Mails to units that something came to them.
#include "base/clock.h"
#include "base/log.h"
#include "exchange/exchange.h"
#include "job/outbox.h"

#define TELL_MAX 256 // things a look; what there is more waits for the next

DB_QUERY(tell_reader_sql, "bi", "tt", "select p.mail, p.language from desk.contact c join desk.person p on p.id = c.person "
         "join desk.member m on m.unit = c.unit and m.person = c.person where c.unit = $1 and c.place = $2 and p.disabled = 0 and p.mail <> ''");

struct come { struct id id, unit; };
struct look {
    struct services *sv;
    const struct exchange_news *news;
    struct arena *arena;
    int64_t now;
    size_t n;
    int64_t nobody; // out: how often nobody could be told
    struct come at[TELL_MAX];
};

enum err exchange_reader_db(struct db *db, struct arena *a, struct id unit, enum contact_place place, struct exchange_reader *out, bool *there)
{
    struct db_rows *r;
    enum err e = db_query(db, &tell_reader_sql, DB_ARGS(DB_ID(unit), DB_I(place)), &r);
    if (e)
        return e;
    *there = db_next(r);
    if (*there)
        *out = (struct exchange_reader){arena_str(a, db_str(r, 0)), arena_str(a, db_str(r, 1))};
    e = db_done(&r);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

static enum err come_read(struct db *db, struct look *l)
{
    struct db_rows *r;
    enum err e = db_query(db, l->news->waits, DB_ARGS(DB_I(TELL_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < TELL_MAX && db_next(r); l->n++)
        e = id_from_bytes(db_str(r, 0), &l->at[l->n].id) || id_from_bytes(db_str(r, 1), &l->at[l->n].unit) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err mail(struct db *db, const struct look *l, const struct come *what, const struct exchange_reader *who)
{
    const struct config *c = l->sv->config;
    const struct lang *lang = text_lang(who->language) ? text_lang(who->language) : text_default();
    struct buf subject, body;
    char hex[ID_HEX];
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    struct str link = arena_printf(l->arena, "%s%s%s", c->desk_url, l->news->path, l->news->each ? id_hex(what->id, hex) : "");
    buf_put(&subject, text_get(lang, l->news->subject));
    text_put(&body, lang, l->news->body, TEXT_ARGS(TEXT_S("link", link)));
    enum err e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e && *c->smtp_url)
        e = outbox_add(db, OUTBOX_MAIL, who->mail, buf_str(&subject), buf_str(&body), l->now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

static enum err unit_tell(struct db *db, struct look *l, const struct come *what)
{
    struct exchange_reader who;
    bool there = false;
    enum err e = OK;
    for (int place = CONTACT_FIRST; !e && !there && place <= CONTACT_PLACES; place++)
        e = exchange_reader_db(db, l->arena, what->unit, (enum contact_place)place, &who, &there);
    l->nobody += !e && !there;
    return e || !there ? e : mail(db, l, what, &who);
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    l->nobody = 0;
    enum err e = come_read(db, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        bool told = false;
        for (size_t k = 0; k < i && !l->news->each; k++)
            told = told || id_equal(l->at[k].unit, l->at[i].unit);
        e = told ? OK : unit_tell(db, l, &l->at[i]);
        e = e ? e : db_exec(db, l->news->told, DB_ARGS(DB_ID(l->at[i].id)), NULL);
    }
    return e;
}

int64_t exchange_tell(struct services *sv, const struct exchange_news *news)
{
    static struct look l; // one thread
    l = (struct look){.sv = sv, .news = news, .now = clock_now()};
    if (arena_new(1 << 20, &l.arena))
        return 0;
    enum err e = store_write(sv->store, look_db, &l);
    arena_free(&l.arena);
    if (e)
        log_event(LOG_WARN, "tell.failed", LOG_ERR(e));
    return e ? 0 : l.nobody;
}
