// TRAIL: oversight looks at the audit's entries. They hold no content: who did what to which id, when.
#include <string.h>
#include "vault/inside.h"

DB_QUERY(trail_down, "bii", "ib", "select seq, entry from keeper.entry where writer = $1 and seq < $2 order by seq desc limit $3");
DB_QUERY(trail_at, "bi", "ib", "select seq, entry from keeper.entry where writer = $1 and seq <= $2 order by seq desc limit 1");

struct trail {
    const struct wire_request *q;
    struct buf entries;
    size_t n;
    uint64_t next;
};

static enum err time_at(struct db *db, struct str writer, int64_t seq, int64_t *at)
{
    struct db_rows *r;
    struct audit_line line;
    enum err e = db_query(db, &trail_at, DB_ARGS(DB_B(writer), DB_I(seq)), &r);
    if (e) {
        return e;
    }
    *at = 0;
    if (db_next(r)) {
        e = audit_decode(db_str(r, 1), &line);
        *at = e ? 0 : line.at;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// The lowest seq that was written at or after `until`, at most `high`: what comes before it is asked for. Times do not fall along a chain.
static enum err before_time(struct db *db, struct str writer, int64_t until, int64_t high, int64_t *out)
{
    int64_t low = 1;
    enum err e = OK;
    while (!e && low < high) {
        int64_t middle = low + (high - low) / 2, at;
        e = time_at(db, writer, middle, &at);
        if (!e && at < until) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = high;
    return e;
}

static enum err take(struct trail *t, const struct db_rows *r)
{
    const struct wire_request *q = t->q;
    struct audit_line line;
    struct str entry = db_str(r, 1);
    enum err e = audit_decode(entry, &line);
    if (e) {
        return ERR_TAMPERED;
    }
    t->next = line.seq;
    if ((id_zero(q->person) || id_equal(q->person, line.person)) && (!q->action || q->action == line.action)) {
        wire_put(&t->entries, entry);
        t->n++;
    }
    return OK;
}

// The entry of this look is the newest and is shown too.
static enum err trail_then(struct db *db, struct gate *g)
{
    struct trail *t = g->ctx;
    struct str writer = {(const char *)chain_writer(g->server->chain), 8};
    int64_t before = t->q->before && t->q->before <= g->written.seq ? (int64_t)t->q->before : (int64_t)g->written.seq + 1;
    struct db_rows *r;
    buf_clear(&t->entries);
    t->n = 0;
    t->next = 0;
    enum err e = t->q->until ? before_time(db, writer, t->q->until, before, &before) : OK;
    e = e ? e : db_query(db, &trail_down, DB_ARGS(DB_B(writer), DB_I(before), DB_I(KEEPER_TRAIL_LOOK)), &r);
    if (e) {
        return e;
    }
    while (!e && t->n < KEEPER_TRAIL_MAX && db_next(r)) {
        e = take(t, r);
    }
    enum err done = db_done(&r);
    if (t->next <= 1) {
        t->next = 0;
    }
    return e ? e : done ? done : buf_ok(&t->entries);
}

enum err op_trail(struct work *w)
{
    struct gate *g = w->gate;
    struct trail t = {.q = &w->x->rq};
    buf_init(&t.entries, WIRE_ENTRIES_MAX);
    gate_begin(w, PERM_AUDIT_READ, AUDIT_TRAIL);
    g->write = true;
    g->line.object = t.q->person;
    g->line.detail[0] = (uint8_t)t.q->action;
    g->line.detail[1] = (uint8_t)(t.q->action >> 8);
    g->line.n_detail = t.q->action ? 2 : 0;
    g->then = trail_then;
    g->ctx = &t;
    enum err e = gate_pass_strict(g);
    if (!e) {
        wire_put_u64(w->out, t.next);
        wire_put(w->out, buf_str(&t.entries));
    }
    buf_free(&t.entries);
    return e;
}
