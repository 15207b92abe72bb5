// Homes that several units share: wraps for another unit, a report under a case, wraps to a newer epoch (new keys of homes:
// op_home_key.c).
// No plaintext leaves here; what leaves is sealed to keys of the signed directory or to a case's own.
#include "vault/home.h"

enum perm home_perm(enum record_type type)
{
    return type == RECORD_CASE ? PERM_CASE_EDIT : type == RECORD_REFERRAL ? PERM_REFERRAL_SEND : PERM_REFUSED;
}

// Does this item lie under the key in x->home_key? Then its type is the home's.
static enum err witness_check(struct work *w, const struct wire_item *it, struct id home)
{
    struct kid kid = record_kid(&w->x->home_key);
    if (!id_equal(it->ad.home, home) || !crypto_equal(it->ad.kid.b, kid.b, sizeof kid.b)) {
        return ERR_TAMPERED;
    }
    struct buf plain;
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1);
    enum err e = record_open(&plain, &w->x->home_key, &it->ad, it->bytes);
    buf_free(&plain);
    return e;
}

enum err home_unlock(struct work *w, const struct keeper_path *path, const struct wire_item *it)
{
    struct gate *g = w->gate;
    if (path_older(path)) {
        return ERR_MALFORMED;
    }
    gate_way(g, path);
    enum err e = gate_pass(g);
    if (e) {
        if (e == ERR_CONFLICT || e == ERR_NOT_FOUND) { // of g->then, whose entry was undone with it
            gate_note(g, e);
        }
        return e;
    }
    if (g->verdict) {
        w->retry = (uint32_t)g->retry;
        return g->verdict;
    }
    e = path_unlock(w, path);
    e = e ? e : witness_check(w, it, path_home(path));
    if (e) {
        gate_note(g, e);
    }
    return e;
}

enum err home_receiver(struct db *db, struct gate *g, struct id unit, bool own, struct epoch_row *out)
{
    const struct key *row_key = &g->server->keys->row;
    struct agreed_row force, theirs;
    enum err e = epoch_newest(db, row_key, unit, out);
    e = e ? e : epoch_verify(out, &g->server->keys->directory_pk);
    if (e || own) {
        return e;
    }
    e = agreed_get(db, row_key, (struct id){{0}}, &force);
    e = e ? e : agreed_get(db, row_key, unit, &theirs);
    if (e) {
        return e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
    }
    return theirs.version >= force.version ? OK : ERR_CONFLICT; // ahead: it accepted this one before the next
}

void home_put_wrap(struct buf *out, uint32_t epoch, const uint8_t sealed[BOX_BYTES])
{
    buf_put_le(out, epoch, 4);
    buf_put(out, (struct str){(const char *)sealed, BOX_BYTES});
}

// --- GRANT

static enum err grant_then(struct db *db, struct gate *g)
{
    return home_receiver(db, g, g->line.object2, id_equal(g->line.object2, *g->unit), g->ctx);
}

enum err op_grant(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    struct epoch_row to;
    uint8_t sealed[BOX_BYTES];
    gate_begin(w, home_perm(q->item[0].ad.type), AUDIT_GRANT);
    g->line.object = path_home(&q->path);
    g->line.object2 = q->unit;
    struct buf detail = gate_detail(g);
    buf_put_le(&detail, (uint64_t)q->item[0].ad.type, 1);
    buf_put_le(&detail, q->ground, 2);
    buf_put(&detail, id_bytes(&q->basis));
    g->line.n_detail = detail.n;
    g->write = g->budget = true;
    g->purpose = PURPOSE_GRANT;
    g->then = grant_then;
    g->ctx = &to;
    enum err e = home_unlock(w, &q->path, &q->item[0]);
    if (e) {
        return e;
    }
    record_wrap_unit(sealed, &to.pk, &w->x->home_key);
    buf_put_le(w->out, WIRE_UNIT_WRAP_BYTES, 4);
    home_put_wrap(w->out, to.epoch, sealed);
    return buf_ok(w->out);
}

// --- LINK

static void link_begin(struct work *w, bool first)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    bool fits = q->item[0].ad.type == RECORD_CASE && q->item[1].ad.type == RECORD_REPORT; // a child never opens its parent
    gate_begin(w, fits ? PERM_CASE_EDIT : PERM_REFUSED, AUDIT_LINK);
    g->line.object = path_home(&q->child);
    g->line.object2 = path_home(&q->path);
    g->write = g->budget = first;
    g->purpose = PURPOSE_LINK;
}

enum err op_link(struct work *w)
{
    struct scratch *x = w->x;
    const struct wire_request *q = &x->rq;
    uint8_t wrap[RECORD_WRAP_BYTES];
    struct id parent = path_home(&q->path), child = path_home(&q->child);
    link_begin(w, true);
    enum err e = home_unlock(w, &q->path, &q->item[0]);
    if (e) {
        return e;
    }
    x->parent_key = x->home_key;
    link_begin(w, false); // the child's way may begin in another unit or epoch
    e = home_unlock(w, &q->child, &q->item[1]);
    if (e) {
        return e;
    }
    struct kid kid = record_kid(&x->home_key);
    record_wrap_child(wrap, &x->parent_key, parent, child, kid, q->item[1].ad.generation, &x->home_key);
    wire_put(w->out, STR_BYTES(wrap));
    wire_put(w->out, STR_BYTES(kid.b));
    return buf_ok(w->out);
}

// --- ROTATE with rewrap

static enum err rewrap_then(struct db *db, struct gate *g)
{
    struct epoch_row *to = g->ctx;
    enum err e = home_receiver(db, g, *g->unit, true, to);
    return e ? e : g->epoch < to->epoch ? OK : ERR_CONFLICT;
}

enum err op_rewrap(struct work *w)
{
    struct scratch *x = w->x;
    const struct wire_request *q = &x->rq;
    struct gate *g = w->gate;
    struct epoch_row to;
    struct public_key from_pk;
    size_t n = q->wraps.n / BOX_BYTES;
    gate_begin(w, PERM_UNIT_ADMIT, AUDIT_REWRAP);
    g->line.object = q->unit;
    struct buf detail = gate_detail(g);
    buf_put_le(&detail, n, 4);
    buf_put_le(&detail, q->epoch, 4);
    g->line.n_detail = detail.n;
    g->unit = &q->unit;
    g->epoch = q->epoch;
    g->write = true;
    g->then = rewrap_then;
    g->ctx = &to;
    enum err e = gate_pass_strict(g);
    if (e) {
        return e;
    }
    e = session_unlock(w);
    e = e ? e : unit_unlock(w);
    if (e) {
        gate_note(g, e);
        return e;
    }
    crypto_pair(&from_pk, &x->unit_sk, &x->seed);
    buf_put_le(w->out, n * WIRE_UNIT_WRAP_BYTES, 4);
    for (size_t i = 0; i < n; i++) { // one that does not open must not hold up the others
        uint8_t sealed[BOX_BYTES] = {0};
        bool opened = !crypto_unwrap(&x->home_key, &from_pk, &x->unit_sk, str_slice(q->wraps, i * BOX_BYTES, (i + 1) * BOX_BYTES));
        if (opened) {
            record_wrap_unit(sealed, &to.pk, &x->home_key);
        }
        home_put_wrap(w->out, opened ? to.epoch : 0, sealed);
    }
    return buf_ok(w->out);
}
