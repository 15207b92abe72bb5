// What a receipt may see and add: the thread of messages between the reporter and the desk.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/portal/portal.h"

DB_QUERY(thread_intake_sql, "b", "bbii", "select thread, thread_kid, received, urgency_computed from intake.report where lookup = $1");
DB_QUERY(thread_reply_sql, "b", "bbtiI", "select thread, thread_kid, state, received, urgency from reply.thread where lookup = $1");
DB_QUERY(thread_acknowledged_sql, "b", "i", "select received from reply.acknowledgement where lookup = $1");
DB_QUERY(thread_steps_sql, "bi", "ti", "select code, at from reply.step where lookup = $1 order by seq desc limit $2");
DB_QUERY(thread_up_sql, "bi", "iibibb",
    "select cast(1 as bigint), seq, id, sent, kid, item from intake.message where lookup = $1 order by seq desc limit $2");
DB_QUERY(thread_both_sql, "bi", "iibibb",
    "select direction, seq, id, sent, kid, item from reply.message where lookup = $1 order by sent desc, direction desc, seq desc limit $2");
// The reporter's last number, whatever is shown.
DB_QUERY(thread_up_last_sql, "b", "i", "select coalesce(max(seq), 0) from intake.message where lookup = $1");
DB_QUERY(thread_reply_last_sql, "b", "i", "select coalesce(max(seq), 0) from reply.message where lookup = $1 and direction = 1");
DB_QUERY(thread_add_sql, "bbbiiibb", "",
    "insert into intake.message (id, lookup, thread, seq, sent, withdraw, kid, item)"
    " select $1, $2, $3, $4, $5, $6, $7, $8"
    " where not exists (select 1 from intake.message where id = $1)"
    " and not exists (select 1 from reply.message where lookup = $2 and id = $1)");

struct finding {
    struct arena *a;
    const uint8_t *lookup;
    struct thread out;
    size_t bytes;
    bool found;
};

static enum err read_id(const struct db_rows *r, int col, void *out)
{
    struct str s = db_str(r, col);
    if (s.n != 16)
        return ERR_TAMPERED;
    memcpy(out, s.at, 16);
    return OK;
}

static enum err find_intake(struct db *db, struct finding *f)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, &thread_intake_sql, DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16}))), &r);
    if (e)
        return e;
    if (db_next(r)) {
        f->found = true;
        f->out.received = db_int(r, 2);
        f->out.urgency = db_int(r, 3);
        e = read_id(r, 0, &f->out.id);
        if (!e)
            e = read_id(r, 1, &f->out.kid);
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err find_reply(struct db *db, struct finding *f)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, &thread_reply_sql, DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16}))), &r);
    if (e)
        return e;
    if (db_next(r)) { // the desk's record is the one that counts
        f->found = f->out.ingested = true;
        f->out.state = arena_str(f->a, db_str(r, 2));
        f->out.received = db_int(r, 3);
        if (!db_null(r, 4))
            f->out.urgency = db_int(r, 4);
        e = read_id(r, 0, &f->out.id);
        if (!e)
            e = read_id(r, 1, &f->out.kid);
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err find_acknowledged(struct db *db, struct finding *f)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, &thread_acknowledged_sql, DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16}))), &r);
    if (e)
        return e;
    f->out.acknowledged = db_next(r);
    return db_done(&r);
}

static enum err find_steps(struct db *db, struct finding *f)
{
    struct db_rows *r = NULL;
    struct thread_step *steps = arena_array(f->a, THREAD_STEPS_MAX, sizeof *steps);
    if (steps == NULL)
        return ERR_MEMORY;
    enum err e = db_query(db, &thread_steps_sql,
        DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16})), DB_I(THREAD_STEPS_MAX)), &r);
    if (e)
        return e;
    size_t n = 0;
    while (n < THREAD_STEPS_MAX && db_next(r))
        steps[n++] = (struct thread_step){.code = arena_str(f->a, db_str(r, 0)), .at = db_int(r, 1)};
    for (size_t i = 0; i < n / 2; i++) { // oldest first
        struct thread_step step = steps[i];
        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = step;
    }
    f->out.steps = steps;
    f->out.n_steps = n;
    return db_done(&r);
}

static bool known_already(const struct thread *t, enum record_direction direction, int64_t seq)
{
    for (size_t i = 0; i < t->n_messages; i++)
        if (t->messages[i].direction == direction && t->messages[i].seq == seq)
            return true;
    return false;
}

// Newest first, until there are enough. A message that lies in both places while the desk takes it in is shown once.
static enum err find_messages(struct db *db, struct finding *f, const struct db_query *q)
{
    struct thread *t = &f->out;
    struct db_rows *r = NULL;
    enum err e = db_query(db, q, DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16})), DB_I(THREAD_MESSAGES_MAX + 1)), &r);
    if (e)
        return e;
    size_t n = 0;
    while (!e && db_next(r)) {
        struct thread_message m = {.direction = (enum record_direction)db_int(r, 0), .seq = db_int(r, 1), .sent = db_int(r, 3)};
        struct str sealed = db_str(r, 5);
        if (known_already(t, m.direction, m.seq))
            continue;
        if (n++ >= THREAD_MESSAGES_MAX || t->n_messages >= 2 * THREAD_MESSAGES_MAX || f->bytes + sealed.n > THREAD_BYTES_MAX) {
            t->cut = true;
            break;
        }
        f->bytes += sealed.n;
        m.sealed = arena_str(f->a, sealed);
        e = read_id(r, 2, &m.id);
        if (!e)
            e = read_id(r, 4, &m.kid);
        t->messages[t->n_messages++] = m;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err find_last(struct db *db, struct finding *f, const struct db_query *q)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, q, DB_ARGS(DB_B(((struct str){(const char *)f->lookup, 16}))), &r);
    if (e)
        return e;
    if (db_next(r) && db_int(r, 0) > f->out.up_seq)
        f->out.up_seq = db_int(r, 0);
    return db_done(&r);
}

// intake first: what left it meanwhile stands in reply already.
static enum err find(struct db *db, void *arg)
{
    struct finding *f = arg;
    f->out = (struct thread){0};
    f->bytes = 0;
    f->found = false;
    f->out.messages = arena_array(f->a, 2 * THREAD_MESSAGES_MAX, sizeof *f->out.messages);
    if (f->out.messages == NULL)
        return ERR_MEMORY;
    enum err e = find_intake(db, f);
    if (!e)
        e = find_messages(db, f, &thread_up_sql);
    if (!e)
        e = find_last(db, f, &thread_up_last_sql);
    if (!e)
        e = find_reply(db, f);
    if (!e)
        e = find_acknowledged(db, f);
    if (!e)
        e = find_steps(db, f);
    if (!e)
        e = find_messages(db, f, &thread_both_sql);
    if (!e)
        e = find_last(db, f, &thread_reply_last_sql);
    if (!e && f->out.urgency > 0)
        e = pace_find_db(db, f->out.urgency, &f->out.pace);
    return e;
}

static int older_first(const void *x, const void *y)
{
    const struct thread_message *a = x, *b = y;
    if (a->sent != b->sent)
        return a->sent < b->sent ? -1 : 1;
    if (a->direction != b->direction)
        return a->direction < b->direction ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

enum err thread_find(struct store *store, struct arena *a, const uint8_t lookup[16], struct thread *out)
{
    struct finding f = {.a = a, .lookup = lookup};
    enum err e = store_read(store, find, &f);
    if (e)
        return e;
    if (arena_failed(a))
        return ERR_MEMORY;
    if (!f.found)
        return ERR_NOT_FOUND;
    qsort(f.out.messages, f.out.n_messages, sizeof *f.out.messages, older_first);
    *out = f.out;
    return OK;
}

enum err thread_open(struct thread *t, struct arena *a, const struct key *k)
{
    struct buf plain;
    size_t kept = 0;
    struct kid kid = record_kid(k);
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1);
    for (size_t i = 0; i < t->n_messages; i++) {
        struct thread_message m = t->messages[i];
        struct record_ad ad;
        buf_clear(&plain);
        report_message_ad(&ad, t->id, m.id, kid, m.direction, (uint64_t)m.seq, m.sent);
        if (record_open(&plain, k, &ad, m.sealed) != OK) {
            log_event(LOG_ALARM, "report.message_tampered", LOG_ID("message", m.id));
            continue;
        }
        m.text = arena_str(a, buf_str(&plain));
        t->messages[kept++] = m;
    }
    t->n_messages = kept;
    buf_free(&plain);
    return arena_failed(a) ? ERR_MEMORY : OK;
}

struct adding {
    struct id id, thread;
    uint8_t lookup[16];
    int64_t seq, sent;
    bool withdraw;
    struct kid kid;
    struct str sealed;
};

static enum err add(struct db *db, void *arg)
{
    const struct adding *m = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &thread_add_sql,
        DB_ARGS(DB_ID(m->id), DB_B(STR_BYTES(m->lookup)), DB_ID(m->thread), DB_I(m->seq), DB_I(m->sent), DB_I(m->withdraw),
                DB_B(STR_BYTES(m->kid.b)), DB_B(m->sealed)),
        &changed);
    if (e || changed == 0) // nothing changed: the same message once more
        return e;
    return db_notify(db, "intake");
}

#define TRIES 5 // two windows of one reporter may ask for the same number; more are not a person

enum err thread_write(struct store *store, const struct receipt *r, struct id id, struct str text, bool withdraw, int64_t now)
{
    struct adding m = {.id = id, .sent = clock_minute(now), .withdraw = withdraw};
    struct key k;
    struct buf sealed;
    enum err e = ERR_CONFLICT;
    buf_init(&sealed, RECORD_ITEM_MAX + 65536 + SEAL_EXTRA);
    receipt_thread_key(r, &k);
    receipt_lookup(r, m.lookup);
    m.kid = record_kid(&k);
    for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
        struct arena *a = NULL;
        struct thread t;
        e = arena_new(2 * THREAD_BYTES_MAX, &a);
        if (e)
            break;
        e = thread_find(store, a, m.lookup, &t);
        if (!e && t.up_seq >= THREAD_UP_MAX)
            e = ERR_LIMITED;
        if (!e) {
            struct record_ad ad;
            m.thread = t.id;
            m.seq = t.up_seq + 1;
            report_message_ad(&ad, m.thread, m.id, m.kid, RECORD_UP, (uint64_t)m.seq, m.sent);
            buf_clear(&sealed);
            e = record_seal(&sealed, &k, &ad, text);
        }
        arena_free(&a);
        m.sealed = buf_str(&sealed);
        if (!e)
            e = store_write(store, add, &m);
    }
    crypto_wipe(&k, sizeof k);
    buf_free(&sealed);
    return e;
}
