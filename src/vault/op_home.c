// Homes that several units share: new ones, wraps for another unit, a report under a case, a new key where a unit leaves,
// wraps to a newer epoch.
// No plaintext leaves here; what leaves is sealed to keys of the signed directory or to a case's own.
#include <string.h>
#include "base/clock.h"
#include "vault/inside.h"

// Purposes of the budget beside enum keeper_purpose: who gets a wrap can read, so it costs what reading costs.
#define PURPOSE_GRANT 5
#define PURPOSE_LINK 6
#define PURPOSE_REKEY 7

// Reports stay in their unit, threads belong to whoever holds the code: what is shared is a record of its own.
static enum perm shared_perm(enum record_type type)
{
    return type == RECORD_CASE ? PERM_CASE_EDIT : type == RECORD_REFERRAL ? PERM_REFERRAL_SEND : PERM_REFUSED;
}

static struct buf detail_of(struct gate *g)
{
    return (struct buf){.at = (char *)g->line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
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

// Permission, budget and entry first, the key after it. What goes wrong is written down too.
static enum err home_unlock(struct work *w, const struct keeper_path *path, const struct wire_item *it)
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

// The unit's newest key, where it may receive: its own unit always, others once they have accepted the version in force.
static enum err receiver(struct db *db, struct gate *g, struct id unit, bool own, struct epoch_row *out)
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
    return e == ERR_NOT_FOUND ? ERR_CONFLICT : e ? e : theirs.version >= force.version ? OK : ERR_CONFLICT; // ahead: it accepted this one before the next
}

static void put_wrap(struct buf *out, uint32_t epoch, const uint8_t sealed[BOX_BYTES])
{
    buf_put_le(out, epoch, 4);
    buf_put(out, (struct str){(const char *)sealed, BOX_BYTES});
}

// --- GRANT

static enum err grant_then(struct db *db, struct gate *g)
{
    return receiver(db, g, g->line.object2, id_equal(g->line.object2, *g->unit), g->ctx);
}

enum err op_grant(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    struct epoch_row to;
    uint8_t sealed[BOX_BYTES];
    gate_begin(w, shared_perm(q->item[0].ad.type), AUDIT_GRANT);
    g->line.object = path_home(&q->path);
    g->line.object2 = q->unit;
    struct buf detail = detail_of(g);
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
    put_wrap(w->out, to.epoch, sealed);
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
        e = receiver(db, g, a->unit[i], i == 0, &a->to[i]);
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
        put_wrap(w->out, a->to[i].epoch, sealed);
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
    struct buf detail = detail_of(g);
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
    gate_begin(w, shared_perm(ad->type), AUDIT_HOME);
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
    gate_begin(w, shared_perm(q->item[0].ad.type), AUDIT_REKEY);
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

// --- ROTATE with rewrap

static enum err rewrap_then(struct db *db, struct gate *g)
{
    struct epoch_row *to = g->ctx;
    enum err e = receiver(db, g, *g->unit, true, to);
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
    struct buf detail = detail_of(g);
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
        put_wrap(w->out, opened ? to.epoch : 0, sealed);
    }
    return buf_ok(w->out);
}

// --- AGREE

static enum err agree_then(struct db *db, struct gate *g)
{
    const struct wire_request *q = g->ctx;
    const struct key *row_key = &g->server->keys->row;
    struct agreed_row force, theirs = {.version = 0}, row = {.unit = q->unit, .version = q->version, .person = g->person.id, .at = g->now};
    enum err e = agreed_get(db, row_key, (struct id){{0}}, &force);
    if (id_zero(q->unit)) {
        bool higher = e == ERR_NOT_FOUND ? q->version > 0 : !e && q->version > force.version;
        e = e && e != ERR_NOT_FOUND ? e : higher ? OK : ERR_CONFLICT;
    } else {
        e = e == ERR_NOT_FOUND ? ERR_CONFLICT : e;
        struct founding_row founding = {.confirmed = 0};
        enum err f = founding_get(db, row_key, q->unit, &founding);
        e = e ? e : f && f != ERR_NOT_FOUND ? f : OK;
        enum err t = agreed_get(db, row_key, q->unit, &theirs);
        e = e ? e : t && t != ERR_NOT_FOUND ? t : OK;
        // The next version may be accepted before it comes into force, by who has accepted the one that is: so that the exchange goes on.
        bool now = q->version == force.version && theirs.version <= force.version, next = q->version == force.version + 1 && theirs.version >= force.version;
        e = e ? e : !g->has_member ? ERR_NO_KEY : !founding.confirmed ? ERR_INVALID : now || next ? OK : ERR_CONFLICT;
    }
    return e ? e : agreed_put(db, row_key, &row);
}

enum err op_agree(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    bool force = id_zero(q->unit);
    gate_begin(w, force ? PERM_PEOPLE_ADMIN : PERM_UNIT_ADMIT, AUDIT_AGREE);
    g->line.object = q->unit;
    struct buf detail = detail_of(g);
    buf_put_le(&detail, q->version, 4);
    g->line.n_detail = detail.n;
    g->unit = force ? NULL : &q->unit;
    g->write = true;
    g->then = agree_then;
    g->ctx = &w->x->rq;
    enum err e = gate_pass_strict(g);
    if (e == ERR_NO_KEY || e == ERR_INVALID) {
        gate_note(g, e);
    }
    return e;
}
