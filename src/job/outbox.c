#include "job/outbox.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "job/send.h"

#define OUTBOX_BATCH 50
#define OUTBOX_PASS (60 * INT64_C(1000000000)) // ns: a server that hangs must not hold up the clocks of the alarm
#define OUTBOX_TRIES 12
#define OUTBOX_KEPT (30 * CLOCK_DAY) // a mail says when somebody was called; that is also a person's working time

DB_QUERY(outbox_add_sql, "ttttii", "",
    "insert into desk.outbox (kind, recipient, subject, body, due, tries) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(outbox_due_sql, "ii", "itttti",
    "select seq, kind, recipient, subject, body, tries from desk.outbox where sent is null and due <= $1 order by due limit $2");
DB_QUERY(outbox_note_sql, "iiiI", "", "update desk.outbox set due = $2, tries = $3, sent = $4 where seq = $1");
DB_QUERY(outbox_sweep_sql, "i", "", "delete from desk.outbox where sent is not null and due < $1");

static const char *const kind_name[] = {[OUTBOX_MAIL] = "mail", [OUTBOX_WEBHOOK] = "webhook"};

enum err outbox_add(struct db *db, enum outbox_kind kind, struct str recipient, struct str subject, struct str body, int64_t due)
{
    return db_exec(db, &outbox_add_sql,
                   DB_ARGS(DB_T(str_from(kind_name[kind])), DB_T(recipient), DB_T(subject), DB_T(body), DB_I(due), DB_I(0)), NULL);
}

struct outgoing {
    int64_t seq, tries;
    bool mail;
    struct str recipient, subject, body;
};
struct outbox {
    struct arena *arena;
    int64_t now;
    size_t n;
    struct outgoing row[OUTBOX_BATCH];
};

static enum err outbox_due_db(struct db *db, void *arg)
{
    struct outbox *o = arg;
    struct db_rows *rows;
    enum err e = db_query(db, &outbox_due_sql, DB_ARGS(DB_I(o->now), DB_I(OUTBOX_BATCH)), &rows);
    if (e)
        return e;
    for (o->n = 0; o->n < OUTBOX_BATCH && db_next(rows); o->n++)
        o->row[o->n] = (struct outgoing){
            .seq = db_int(rows, 0),
            .mail = str_equal_z(db_str(rows, 1), "mail"),
            .recipient = arena_str(o->arena, db_str(rows, 2)),
            .subject = arena_str(o->arena, db_str(rows, 3)),
            .body = arena_str(o->arena, db_str(rows, 4)),
            .tries = db_int(rows, 5),
        };
    return db_done(&rows);
}

struct noted {
    int64_t seq, due, tries, sent, sweep; // sent 0: not yet
};

static enum err outbox_note_db(struct db *db, void *arg)
{
    const struct noted *n = arg;
    enum err e = db_exec(db, &outbox_note_sql,
                         DB_ARGS(DB_I(n->seq), DB_I(n->due), DB_I(n->tries), n->sent ? DB_I(n->sent) : DB_NULL), NULL);
    return e ? e : db_exec(db, &outbox_sweep_sql, DB_ARGS(DB_I(n->sweep)), NULL);
}

static void outbox_send(struct store *s, const struct config *c, int64_t now, const struct outgoing *m)
{
    enum err e = m->mail ? send_mail(c, m->recipient, m->subject, m->body) : send_webhook(c, m->body);
    struct noted n = {.seq = m->seq, .due = now, .tries = m->tries + 1, .sweep = now - OUTBOX_KEPT};
    if (!e) {
        n.sent = now;
        log_event(LOG_INFO, "outbox.sent", LOG_I("seq", m->seq));
    } else if (e == ERR_INVALID || e == ERR_MALFORMED || n.tries >= OUTBOX_TRIES) {
        n.sent = now; // given up; the queue itself still shows the report, and the alarm climbs on
        log_event(LOG_ALARM, "outbox.given_up", LOG_I("seq", m->seq), LOG_ERR(e));
    } else {
        int64_t wait = 30 * CLOCK_SECOND << (n.tries < 8 ? n.tries - 1 : 7);
        n.due = now + (wait < CLOCK_HOUR ? wait : CLOCK_HOUR);
        log_event(LOG_WARN, "outbox.later", LOG_I("seq", m->seq), LOG_I("tries", n.tries), LOG_ERR(e));
    }
    e = store_write(s, outbox_note_db, &n);
    if (e)
        log_event(LOG_WARN, "outbox.unnoted", LOG_I("seq", m->seq), LOG_ERR(e));
}

void outbox_run(struct store *s, const struct config *c, int64_t now)
{
    struct outbox o = {.now = now};
    int64_t started = clock_mono();
    if (arena_new(1 << 20, &o.arena))
        return;
    if (!store_read(s, outbox_due_db, &o))
        for (size_t i = 0; i < o.n && clock_mono() - started < OUTBOX_PASS; i++) // the rest stays due
            outbox_send(s, c, now, &o.row[i]);
    arena_free(&o.arena);
}
