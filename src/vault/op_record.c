// Opening and sealing, entries for the desk.
#include <string.h>
#include "vault/inside.h"

// What a role needs for a type of record; wire.c has refused any other type.
static enum perm perm_of(uint8_t op, enum record_type type)
{
    if (type == RECORD_REPORT) {
        return op == OP_OPEN ? PERM_REPORT_READ : PERM_REPORT_ASSESS; // a note under it; op_seal refuses anything else
    }
    if (type == RECORD_THREAD) {
        return op == OP_OPEN ? PERM_REPORT_READ : PERM_REPORT_ANSWER;
    }
    if (type == RECORD_CASE) {
        return op == OP_OPEN ? PERM_CASE_READ : PERM_CASE_EDIT;
    }
    return op == OP_OPEN ? PERM_REFERRAL_READ : PERM_REFERRAL_ACT; // the sender writes into it too: SEND and ACT go together
}

// A report that hangs under another home hangs under a case (keeper_link makes no other wrap of it), and its thread under it: who
// may work on the case may read it and answer, the unit to which the case was handed over too.
static enum perm perm_by_way(uint8_t op, enum record_type type, const struct keeper_path *path)
{
    bool opens = op == OP_OPEN && ((type == RECORD_REPORT && path->n > 1) || (type == RECORD_THREAD && path->n > 2));
    bool answers = op == OP_SEAL && type == RECORD_THREAD && path->n > 2;
    return opens ? PERM_CASE_READ : answers ? PERM_CASE_EDIT : perm_of(op, type);
}

struct id path_home(const struct keeper_path *path)
{
    return path->step[path->n - 1].child;
}

bool path_older(const struct keeper_path *path)
{
    return path->n == 2 && id_equal(path->step[1].parent, path->step[1].child);
}

// A key that was replaced is reached through its successor alone: a unit's wrap of it, kept by whoever has left, opens nothing.
static bool replaced(const struct gate *g, const struct key *k)
{
    struct kid kid = record_kid(k);
    for (size_t i = 0; g->home && i < g->n_old; i++) {
        if (crypto_equal(g->old[i].b, kid.b, sizeof kid.b)) {
            return true;
        }
    }
    return false;
}

// The key that the path ends in, into x->home_key. Before it: session_unlock and unit_unlock.
static enum err path_walk(struct work *w, const struct keeper_path *path)
{
    struct scratch *x = w->x;
    struct public_key pk;
    crypto_pair(&pk, &x->unit_sk, &x->seed);
    enum err e = crypto_unwrap(&x->home_key, &pk, &x->unit_sk, path->step[0].sealed);
    if (e) {
        // A wrap of this member's own unit and epoch that does not open: made for another key.
        return ERR_TAMPERED;
    }
    if (replaced(w->gate, &x->home_key)) {
        return ERR_NO_KEY;
    }
    for (size_t i = 1; !e && i < path->n; i++) {
        const struct keeper_step *s = &path->step[i];
        e = id_equal(s->parent, s->child) && !path_older(path) ? ERR_MALFORMED : OK; // nothing hangs under an older key
        e = e ? e : record_unwrap_child(&x->spare, &x->home_key, s->parent, s->child, s->kid, s->generation, s->sealed);
        if (!e) {
            x->home_key = x->spare;
        }
    }
    return e;
}

void gate_way(struct gate *g, const struct keeper_path *path)
{
    g->unit = &path->step[0].parent;
    g->epoch = path->step[0].epoch;
    g->home = &path->step[0].child;
}

static void gate_path(struct work *w)
{
    gate_way(w->gate, &w->x->rq.path);
    w->gate->line.object = path_home(&w->x->rq.path);
    w->gate->line.object2 = w->x->rq.item[0].ad.item;
}

static enum err open_items(struct work *w)
{
    struct scratch *x = w->x;
    const struct id home = path_home(&x->rq.path);
    const struct kid kid = record_kid(&x->home_key);
    for (size_t i = 0; i < x->rq.n_items; i++) {
        const struct wire_item *it = &x->rq.item[i];
        if (!id_equal(it->ad.home, home) || !crypto_equal(it->ad.kid.b, kid.b, sizeof kid.b)) {
            return ERR_TAMPERED;
        }
        if (path_older(&x->rq.path) && it->ad.generation != x->rq.path.step[1].generation) {
            return ERR_TAMPERED;
        }
        size_t at = w->out->n;
        buf_put_le(w->out, 0, 4);
        enum err e = record_open(w->out, &x->home_key, &it->ad, it->bytes);
        if (e) {
            return e;
        }
        size_t n = w->out->n - at - 4;
        for (size_t b = 0; b < 4; b++) {
            w->out->at[at + b] = (char)(n >> (8 * b));
        }
    }
    return buf_ok(w->out);
}

enum err path_unlock(struct work *w, const struct keeper_path *path)
{
    enum err e = session_unlock(w);
    e = e ? e : unit_unlock(w);
    return e ? e : path_walk(w, path);
}

struct older { const struct server *server; struct id home; struct kid kid; };

static enum err older_run(struct db *db, void *arg)
{
    const struct older *o = arg;
    return replaced_put(db, &o->server->keys->row, o->home, o->kid);
}

// Items of an older key were opened through a newer one: the desk has stored that one, so the older is shut from now on. Not
// when the new key is made: a desk that dies before it has stored the answer goes on with the old.
static enum err older_learn(struct work *w)
{
    const struct keeper_step *last = &w->x->rq.path.step[w->x->rq.path.n - 1];
    const struct gate *g = w->gate;
    struct older o = {.server = w->server, .home = last->child, .kid = last->kid};
    for (size_t i = 0; i < g->n_old; i++) {
        if (crypto_equal(g->old[i].b, last->kid.b, sizeof last->kid.b)) {
            return OK;
        }
    }
    return path_older(&w->x->rq.path) ? store_write(w->server->o.store, older_run, &o) : OK;
}

enum err op_open(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    for (size_t i = 1; i < q->n_items; i++) {
        if (q->item[i].ad.type != q->item[0].ad.type) {
            return ERR_MALFORMED;
        }
    }
    struct gate *g = w->gate;
    gate_begin(w, perm_by_way(OP_OPEN, q->item[0].ad.type, &q->path), AUDIT_OPEN);
    gate_path(w);
    g->write = g->budget = true;
    g->purpose = q->purpose;
    struct buf detail = gate_detail(g);
    buf_put_le(&detail, q->purpose, 1);
    buf_put_le(&detail, (uint64_t)q->item[0].ad.type, 1);
    buf_put_le(&detail, q->n_items, 1);
    buf_put(&detail, id_bytes(&q->path.step[0].parent));
    g->line.n_detail = detail.n;
    enum err e = gate_pass(g);
    if (e || g->verdict) {
        w->retry = (uint32_t)g->retry;
        return e ? e : g->verdict;
    }
    e = path_unlock(w, &w->x->rq.path);
    e = e ? e : open_items(w);
    e = e ? e : older_learn(w);
    if (e) {
        gate_note(g, e);
    }
    return e;
}

enum err op_seal(struct work *w)
{
    struct scratch *x = w->x;
    struct gate *g = w->gate;
    struct wire_item *it = &x->rq.item[0];
    if (it->ad.type == RECORD_THREAD && it->ad.direction != RECORD_DOWN) {
        return ERR_FORBIDDEN; // nobody writes in the reporter's name
    }
    if (it->ad.type == RECORD_REPORT && (it->ad.field != RECORD_FIELD_NOTE || it->ad.direction != RECORD_NONE)) {
        return ERR_FORBIDDEN; // and nobody writes again what was reported: a worker's note stands beside it
    }
    if (path_older(&x->rq.path)) {
        return ERR_MALFORMED;
    }
    gate_begin(w, perm_by_way(OP_SEAL, it->ad.type, &x->rq.path), AUDIT_SEAL);
    gate_path(w);
    enum err e = gate_pass_strict(g); // permitted? the entry needs the ciphertext's hash and follows before the answer
    if (e) {
        return e;
    }
    if (!id_equal(it->ad.home, path_home(&x->rq.path))) {
        gate_note(g, ERR_TAMPERED);
        return ERR_TAMPERED;
    }
    e = path_unlock(w, &w->x->rq.path);
    if (e) {
        gate_note(g, e);
        return e;
    }
    it->ad.kid = record_kid(&x->home_key);
    buf_put_le(w->out, 0, 4);
    e = record_seal(w->out, &x->home_key, &it->ad, it->bytes);
    if (e) {
        return e;
    }
    struct str sealed = str_slice(buf_str(w->out), 4, w->out->n);
    for (size_t b = 0; b < 4; b++) {
        w->out->at[b] = (char)(sealed.n >> (8 * b));
    }
    wire_put(w->out, STR_BYTES(it->ad.kid.b));
    struct buf detail = gate_detail(g);
    uint8_t hash[32];
    audit_item_hash(hash, sealed);
    buf_put_le(&detail, it->ad.version, 4);
    buf_put(&detail, STR_BYTES(it->ad.kid.b));
    buf_put(&detail, STR_BYTES(hash));
    const struct keeper_step *last = &x->rq.path.step[x->rq.path.n - 1];
    const struct id above = last->unit ? (struct id){{0}} : last->parent;
    buf_put_le(&detail, (uint64_t)it->ad.type, 1);
    buf_put_le(&detail, it->ad.seq, 8);
    buf_put(&detail, id_bytes(&above));
    g->line.n_detail = detail.n;
    g->write = true;
    g->unit = g->home = NULL;
    e = gate_pass_strict(g);
    return e ? e : buf_ok(w->out);
}

enum err op_audit(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    if (q->action < AUDIT_DESK_FIRST || q->action > AUDIT_DESK_LAST) {
        return ERR_MALFORMED; // the keeper's own actions are the keeper's to write
    }
    gate_begin(w, PERM_SIGNED_IN, q->action);
    g->write = true;
    g->line.object = q->object;
    g->line.object2 = q->object2;
    g->line.n_detail = q->detail.n;
    if (q->detail.n) {
        memcpy(g->line.detail, q->detail.at, q->detail.n);
    }
    enum err e = gate_pass_strict(g);
    if (!e) {
        struct keeper_audit_at at = {.seq = g->written.seq};
        memcpy(at.writer, chain_writer(w->server->chain), 8);
        wire_put_at(w->out, &at);
    }
    return e;
}

enum err op_ping(struct work *w)
{
    struct keeper_audit_at at = {.seq = chain_seq(w->server->chain)};
    memcpy(at.writer, chain_writer(w->server->chain), 8);
    wire_put_at(w->out, &at);
    return OK;
}
