// ERASE: says that reports and cases are erased, before the desk deletes them (docs/protocol.md, "Erasure"). In a session
// it is the second person's approval: the entry of the first one's request is looked up here, so that a captured desk
// cannot let one person erase. Without a session it is retention, in nobody's name.
#include <string.h>
#include "base/clock.h"
#include "vault/erased.h"
#include "vault/inside.h"

DB_QUERY(erase_asked, "bi", "b", "select entry from keeper.entry where writer = $1 and seq = $2");

struct erase {
    struct server *server;
    const struct wire_request *q;
    int64_t now;
    struct id person, sid;
    size_t n;
    struct erased_line line[KEEPER_ERASE_MAX];
    struct chain_at written;
};

// The request: of this thing, permitted, and somebody else's.
static enum err asked_check(struct db *db, const struct erase *x)
{
    struct db_rows *r;
    struct audit_line line;
    struct str writer = {(const char *)x->q->asked.writer, 8};
    enum err e = db_query(db, &erase_asked, DB_ARGS(DB_B(writer), DB_I(x->q->asked.seq)), &r);
    if (e) {
        return e;
    }
    bool good = db_next(r) && !audit_decode(db_str(r, 0), &line) && line.action == AUDIT_ERASURE_ASKED && line.status == STATUS_OK &&
                id_equal(line.object, x->q->object) && !id_zero(line.person) && !id_equal(line.person, x->person);
    e = db_done(&r);
    return e ? e : good ? OK : ERR_FORBIDDEN;
}

static enum err entries(struct db *db, struct erase *x)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < x->n; i++) {
        const struct erased_line *l = &x->line[i];
        struct audit_line line = {.at = x->now, .action = AUDIT_ERASE, .person = x->person, .sid = x->sid, .object = l->id,
                                  .object2 = x->q->object};
        if (l->kind == ERASED_REPORT) {
            memcpy(line.detail, l->hash, 32);
            line.n_detail = 32;
        }
        e = replaced_delete_home(db, l->id);
        e = e ? e : chain_append(x->server->chain, db, &line, &x->written);
    }
    return e;
}

static enum err erase_then(struct db *db, struct gate *g)
{
    struct erase *x = g->ctx;
    x->person = g->person.id;
    x->sid = g->sid;
    bool makes = role_may(g->server->o.roles, g->person.roles, PERM_PEOPLE_ADMIN); // could have made the one who asked
    enum err e = makes ? ERR_FORBIDDEN : asked_check(db, x);
    if (e == ERR_FORBIDDEN) { // of this person or of nobody, or by an administrator: refused, and that is written
        struct audit_line line = {.at = x->now, .action = AUDIT_ERASE, .person = x->person, .sid = x->sid, .object = x->q->object,
                                  .status = STATUS_NOT_PERMITTED};
        g->verdict = e;
        e = chain_append(g->server->chain, db, &line, &x->written);
    } else if (!e) {
        e = entries(db, x);
    }
    if (!e) {
        g->written = x->written;
        g->appended = true;
    }
    return e;
}

static enum err alone_run(struct db *db, void *arg)
{
    return entries(db, arg);
}

static enum err things_read(struct erase *x)
{
    const char *at = x->q->things.at;
    for (size_t i = 0; i < x->n; i++, at += WIRE_ERASE_BYTES) {
        struct erased_line *l = &x->line[i];
        *l = (struct erased_line){.kind = (uint8_t)at[0], .day = x->now - x->now % CLOCK_DAY};
        memcpy(l->id.b, at + 1, 16);
        memcpy(l->hash, at + 17, 32);
        if (l->kind != ERASED_REPORT && l->kind != ERASED_CASE) {
            return ERR_MALFORMED;
        }
    }
    return OK;
}

enum err op_erase(struct work *w)
{
    static const uint8_t none[TOKEN_BYTES];
    const struct wire_request *q = &w->x->rq;
    struct erase x = {.server = w->server, .q = q, .now = clock_now(), .n = q->things.n / WIRE_ERASE_BYTES};
    bool alone = memcmp(q->token, none, sizeof none) == 0;
    enum err e = things_read(&x);
    if (!e && alone) {
        x.now = clock_minute(x.now);
        e = store_write(w->server->o.store, alone_run, &x);
        if (!e) {
            chain_committed(w->server->chain, &x.written);
        }
    } else if (!e) {
        struct gate *g = w->gate;
        gate_begin(w, PERM_ERASE, AUDIT_ERASE);
        g->line.object = q->object;
        g->then = erase_then;
        g->ctx = &x;
        e = gate_pass_strict(g);
    }
    if (e) {
        return e;
    }
    // Durable before the answer: the desk deletes nothing that a restore would not know of.
    pthread_mutex_lock(&w->server->publishing);
    e = erased_append(w->server->o.head_dir, w->server->keys, x.line, x.n);
    pthread_mutex_unlock(&w->server->publishing);
    return e;
}
