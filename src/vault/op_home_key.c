// New keys of homes that several units share: SEAL of a new home, REKEY where a unit leaves. As in op_home.c, no plaintext
// leaves.
#include <string.h>
#include "vault/home.h"

// --- SEAL of a new home

struct home_arg {
    size_t n;
    struct id unit[KEEPER_UNITS_MAX];
    struct epoch_row to[KEEPER_UNITS_MAX];
};

static enum err home_then(struct db *db, struct gate *g)
{
    struct home_arg *a = g->ctx;
    enum err e = g->has_member ? OK : ERR_NO_KEY; // a home that its maker could not open is nobody's
    for (size_t i = 0; !e && i < a->n; i++) {
        e = home_receiver(db, g, a->unit[i], i == 0, &a->to[i]);
    }
    return e;
}

// The units named, each once: the first is that of the maker's way.
static enum err units_read(const struct wire_request *q, struct home_arg *a)
{
    a->n = q->units.n / 16;
    for (size_t i = 0; i < a->n; i++) {
        memcpy(a->unit[i].b, q->units.at + 16 * i, 16);
        for (size_t before = 0; before < i; before++) {
            if (id_equal(a->unit[i], a->unit[before])) {
                return ERR_MALFORMED;
            }
        }
    }
    return OK;
}

static void put_wraps(struct work *w, const struct home_arg *a)
{
    uint8_t sealed[BOX_BYTES];
    buf_put_le(w->out, a->n * WIRE_UNIT_WRAP_BYTES, 4);
    for (size_t i = 0; i < a->n; i++) {
        record_wrap_unit(sealed, &a->to[i].pk, &w->x->home_key);
        home_put_wrap(w->out, a->to[i].epoch, sealed);
    }
}

// The first item under a key that nobody has had, appended to w->out; its hash into the entry.
static enum err home_seal(struct work *w, struct wire_item *it)
{
    struct scratch *x = w->x;
    struct gate *g = w->gate;
    uint8_t hash[32];
    record_key(&x->home_key);
    it->ad.kid = record_kid(&x->home_key);
    buf_put_le(w->out, 0, 4);
    enum err e = record_seal(w->out, &x->home_key, &it->ad, it->bytes);
    if (e) {
        return e;
    }
    struct str sealed = str_slice(buf_str(w->out), 4, w->out->n);
    for (size_t b = 0; b < 4; b++) {
        w->out->at[b] = (char)(sealed.n >> (8 * b));
    }
    audit_item_hash(hash, sealed);
    struct buf detail = gate_detail(g);
    buf_put_le(&detail, (uint64_t)it->ad.type, 1);
    buf_put(&detail, STR_BYTES(it->ad.kid.b));
    buf_put(&detail, STR_BYTES(hash));
    buf_put(&detail, x->rq.units);
    g->line.n_detail = detail.n;
    return buf_ok(&detail);
}

enum err op_seal_home(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    const struct record_ad *ad = &q->item[0].ad;
    struct gate *g = w->gate;
    struct home_arg a;
    enum err e = units_read(q, &a);
    if (e || ad->version != 1 || ad->generation || ad->direction != RECORD_NONE) {
        return ERR_MALFORMED;
    }
    gate_begin(w, home_perm(ad->type), AUDIT_HOME);
    g->line.object = ad->home;
    g->line.object2 = ad->item;
    e = home_seal(w, &w->x->rq.item[0]);
    if (e) {
        return e;
    }
    g->unit = &a.unit[0];
    g->then = home_then;
    g->ctx = &a;
    g->write = true;
    e = gate_pass_strict(g);
    if (e == ERR_CONFLICT || e == ERR_NOT_FOUND || e == ERR_NO_KEY) {
        gate_note(g, e);
    }
    if (e) {
        return e;
    }
    wire_put(w->out, STR_BYTES(ad->kid.b));
    put_wraps(w, &a);
    return buf_ok(w->out);
}

// --- REKEY

static uint64_t u64_at(const char *at)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++) {
        v |= (uint64_t)(uint8_t)at[i] << (8 * i);
    }
    return v;
}

struct rekey_arg { struct home_arg a; const struct wire_request *q; };

static enum err rekey_check(const struct wire_request *q, const struct home_arg *a)
{
    const struct record_ad *from = &q->item[0].ad, *to = &q->item[1].ad;
    bool bad = q->path.n != 1 || id_zero(q->unit) || !id_equal(a->unit[0], q->path.step[0].parent) || to->type != from->type ||
               !id_equal(to->home, path_home(&q->path)) || to->field || to->version != 1 || to->direction != RECORD_NONE ||
               from->generation == UINT64_MAX || to->generation != from->generation + 1;
    for (size_t i = 0; i < a->n; i++) {
        bad |= id_equal(a->unit[i], q->unit); // who leaves does not stay
    }
    for (size_t at = 0; at < q->children.n; at += WIRE_CHILD_BYTES) {
        const char *child = q->children.at + at;
        bad |= memcmp(child, to->home.b, 16) == 0 && u64_at(child + 32) >= from->generation; // an older key is older
    }
    return bad ? ERR_MALFORMED : OK;
}

// The old key (x->parent_key) under the new one (x->home_key), then all that hung under the old.
static enum err rekey_children(struct work *w)
{
    struct scratch *x = w->x;
    const struct wire_request *q = &x->rq;
    const struct id home = path_home(&q->path);
    uint8_t wrap[RECORD_WRAP_BYTES];
    enum err e = OK;
    buf_put_le(w->out, (1 + q->children.n / WIRE_CHILD_BYTES) * RECORD_WRAP_BYTES, 4);
    record_wrap_child(wrap, &x->home_key, home, home, record_kid(&x->parent_key), q->item[0].ad.generation, &x->parent_key);
    buf_put(w->out, STR_BYTES(wrap));
    for (size_t at = 0; !e && at < q->children.n; at += WIRE_CHILD_BYTES) {
        const char *from = q->children.at + at;
        struct id child;
        struct kid kid;
        memcpy(child.b, from, 16);
        memcpy(kid.b, from + 16, 16);
        const uint64_t generation = u64_at(from + 32);
        e = record_unwrap_child(&x->spare, &x->parent_key, home, child, kid, generation, (struct str){from + 40, RECORD_WRAP_BYTES});
        if (!e) {
            record_wrap_child(wrap, &x->home_key, home, child, kid, generation, &x->spare);
            buf_put(w->out, STR_BYTES(wrap));
        }
    }
    return e ? e : buf_ok(w->out);
}

// The reports of the case stay with it: a wrap of one to a unit, kept by whoever leaves, opens nothing from now on, neither the
// report nor what its reporter writes afterwards. Their way is the case's, under the old key too, so a desk that dies before it
// has stored the new one goes on.
static enum err rekey_then(struct db *db, struct gate *g)
{
    const struct rekey_arg *r = g->ctx; // begins with what home_then takes
    const struct id home = path_home(&r->q->path);
    enum err e = home_then(db, g);
    for (size_t at = 0; !e && at < r->q->children.n; at += WIRE_CHILD_BYTES) {
        struct id child;
        struct kid kid;
        memcpy(child.b, r->q->children.at + at, 16);
        memcpy(kid.b, r->q->children.at + at + 16, 16);
        e = id_equal(child, home) ? OK : replaced_put(db, &g->server->keys->row, child, kid);
    }
    return e;
}

// Session, role and budget first, then the keys; the entry, which holds the hash of the new item, before the answer.
enum err op_rekey(struct work *w)
{
    struct scratch *x = w->x;
    struct wire_request *q = &x->rq;
    struct gate *g = w->gate;
    struct rekey_arg r = {.q = q};
    enum err e = units_read(q, &r.a);
    e = e ? e : rekey_check(q, &r.a);
    if (e) {
        return e;
    }
    gate_begin(w, home_perm(q->item[0].ad.type), AUDIT_REKEY);
    g->line.object = path_home(&q->path);
    g->line.object2 = q->unit;
    g->budget = true;
    g->purpose = PURPOSE_REKEY;
    e = home_unlock(w, &q->path, &q->item[0]);
    e = e ? e : g->n_old == KEEPER_OLD_MAX ? ERR_FULL : OK;
    if (e) {
        return e;
    }
    x->parent_key = x->home_key;
    e = home_seal(w, &q->item[1]);
    if (e) {
        return e;
    }
    wire_put(w->out, STR_BYTES(q->item[1].ad.kid.b));
    e = rekey_children(w);
    if (e) {
        gate_note(g, e);
        return e;
    }
    g->write = true;
    g->budget = false;
    g->then = rekey_then;
    g->ctx = &r;
    e = gate_pass_strict(g);
    if (e == ERR_CONFLICT || e == ERR_NOT_FOUND || e == ERR_NO_KEY) {
        gate_note(g, e);
    }
    if (e) {
        return e;
    }
    put_wraps(w, &r.a);
    return buf_ok(w->out);
}
