// Opening and sealing, entries for the desk, tags.
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"

// What a role needs for a type of record. Cases and referrals are nobody's until their rooms come.
static enum perm perm_of(uint8_t op, enum record_type type)
{
    if (type == RECORD_REPORT) {
        return op == OP_OPEN ? PERM_REPORT_READ : PERM_REPORT_ASSESS; // a note under it; op_seal refuses anything else
    }
    if (type == RECORD_THREAD) {
        return op == OP_OPEN ? PERM_REPORT_READ : PERM_REPORT_ANSWER;
    }
    return PERM_REFUSED;
}

static struct id path_home(const struct keeper_path *path)
{
    return path->step[path->n - 1].child;
}

// The key that the path ends in, into x->home_key. Before it: session_unlock and unit_unlock.
static enum err path_walk(struct work *w)
{
    struct scratch *x = w->x;
    const struct keeper_path *path = &x->rq.path;
    struct public_key pk;
    crypto_pair(&pk, &x->unit_sk, &x->seed);
    enum err e = crypto_unwrap(&x->home_key, &pk, &x->unit_sk, path->step[0].sealed);
    if (e) {
        // A wrap of this member's own unit and epoch that does not open: made for another key.
        return ERR_TAMPERED;
    }
    for (size_t i = 1; !e && i < path->n; i++) {
        const struct keeper_step *s = &path->step[i];
        e = record_unwrap_child(&x->spare, &x->home_key, s->parent, s->child, s->kid, s->generation, s->sealed);
        if (!e) {
            x->home_key = x->spare;
        }
    }
    return e;
}

static void gate_path(struct work *w)
{
    const struct keeper_step *first = &w->x->rq.path.step[0];
    w->gate->unit = &first->parent;
    w->gate->epoch = first->epoch;
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

static enum err path_unlock(struct work *w)
{
    enum err e = session_unlock(w);
    e = e ? e : unit_unlock(w);
    return e ? e : path_walk(w);
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
    gate_begin(w, perm_of(OP_OPEN, q->item[0].ad.type), AUDIT_OPEN);
    gate_path(w);
    g->write = g->budget = true;
    g->purpose = q->purpose;
    struct buf detail = {.at = (char *)g->line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
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
    e = path_unlock(w);
    e = e ? e : open_items(w);
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
    gate_begin(w, perm_of(OP_SEAL, it->ad.type), AUDIT_SEAL);
    gate_path(w);
    enum err e = gate_pass_strict(g); // permitted? the entry needs the ciphertext's hash and follows before the answer
    if (e) {
        return e;
    }
    if (!id_equal(it->ad.home, path_home(&x->rq.path))) {
        gate_note(g, ERR_TAMPERED);
        return ERR_TAMPERED;
    }
    e = path_unlock(w);
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
    struct buf detail = {.at = (char *)g->line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
    uint8_t hash[32];
    audit_item_hash(hash, sealed);
    buf_put_le(&detail, it->ad.version, 4);
    buf_put(&detail, STR_BYTES(it->ad.kid.b));
    buf_put(&detail, STR_BYTES(hash));
    g->line.n_detail = detail.n;
    g->write = true;
    g->unit = NULL;
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

// --- tags

enum tag_state { TAG_FRESH, TAG_REPEATED, TAG_REFUSED };

struct tag_one {
    struct id report;
    uint8_t box[16], item[32], answer[32];
    bool opened; // the box held two digests
    enum tag_state state;
};

struct tag_batch {
    struct server *server;
    int64_t now;
    size_t n;
    struct tag_one one[WIRE_TAGS_MAX];
    bool appended;
    struct chain_at written;
};

static void tag_of(const struct vault_keys *keys, uint8_t out[16], const uint8_t digest[32])
{
    static const uint8_t none[32];
    if (crypto_equal(digest, none, 32)) {
        memset(out, 0, 16);
    } else {
        crypto_digest(out, 16, "isigurt.tag....1", &keys->tag, CRYPTO_PARTS({(const char *)digest, 32}));
    }
}

static void tag_open(const struct vault_keys *keys, const char *from, struct tag_one *t)
{
    struct str box = {from + 16, WIRE_BOX_BYTES};
    uint8_t both[64];
    struct buf b = {.at = (char *)both, .cap = sizeof both, .max = sizeof both};
    memcpy(t->report.b, from, 16);
    memcpy(t->item, from + 16 + WIRE_BOX_BYTES, 32);
    crypto_digest(t->box, 16, "isigurt.tagbox.1", NULL, CRYPTO_PARTS(box));
    t->opened = crypto_unwrap_bytes(&b, &keys->tag_pk, &keys->tag_sk, box) == OK && b.n == sizeof both;
    if (t->opened) {
        tag_of(keys, t->answer, both);
        tag_of(keys, t->answer + 16, both + 32);
    }
    crypto_wipe(both, sizeof both);
}

static bool tag_same(const struct tag_one *t, const uint8_t box[16], const uint8_t item[32])
{
    return memcmp(t->box, box, 16) == 0 && memcmp(t->item, item, 32) == 0;
}

static enum err tag_state_of(struct db *db, struct tag_batch *b, size_t i)
{
    struct tag_one *t = &b->one[i];
    struct tagged_row row;
    if (!t->opened) {
        t->state = TAG_REFUSED;
        return OK;
    }
    for (size_t before = 0; before < i; before++) { // the same report twice in one batch
        const struct tag_one *o = &b->one[before];
        if (o->state == TAG_FRESH && id_equal(o->report, t->report)) {
            t->state = tag_same(t, o->box, o->item) ? TAG_REPEATED : TAG_REFUSED;
            return OK;
        }
    }
    enum err e = tagged_get(db, &b->server->keys->row, t->report, &row);
    if (e == ERR_NOT_FOUND) {
        t->state = TAG_FRESH;
        return OK;
    }
    t->state = !e && tag_same(t, row.box, row.item) ? TAG_REPEATED : TAG_REFUSED;
    return e;
}

static enum err tag_append(struct db *db, struct tag_batch *b, uint32_t count, const uint8_t digest[32], const struct id *refused)
{
    struct audit_line line = {.at = clock_minute(b->now), .action = AUDIT_TAG};
    if (refused) {
        line.status = STATUS_NOT_PERMITTED;
        line.object = *refused;
    }
    struct buf detail = {.at = (char *)line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
    buf_put_le(&detail, count, 4);
    if (digest) {
        buf_put(&detail, (struct str){(const char *)digest, 32});
    }
    line.n_detail = detail.n;
    enum err e = chain_append(b->server->chain, db, &line, &b->written);
    b->appended = b->appended || !e;
    return e;
}

static enum err tag_run(struct db *db, void *arg)
{
    struct tag_batch *b = arg;
    struct str part[2 * WIRE_TAGS_MAX];
    uint32_t fresh = 0, refused = 0;
    const struct id *first_refused = NULL;
    enum err e = OK;
    b->appended = false;
    for (size_t i = 0; !e && i < b->n; i++) {
        struct tag_one *t = &b->one[i];
        e = tag_state_of(db, b, i);
        if (t->state == TAG_FRESH) {
            part[2 * fresh] = id_bytes(&t->report);
            part[2 * fresh + 1] = STR_BYTES(t->item);
            fresh++;
        } else if (t->state == TAG_REFUSED) {
            first_refused = refused++ ? first_refused : &t->report;
        }
    }
    if (!e && refused) {
        e = tag_append(db, b, refused, NULL, first_refused);
    }
    if (!e && fresh) {
        uint8_t digest[32];
        crypto_digest(digest, 32, "isigurt.tagged.1", NULL, 2 * (size_t)fresh, part);
        e = tag_append(db, b, fresh, digest, NULL);
    }
    int64_t place = 0;
    for (size_t i = 0; !e && i < b->n; i++) {
        const struct tag_one *t = &b->one[i];
        if (t->state == TAG_FRESH) {
            struct tagged_row row = {.report = t->report, .seq = b->written.seq, .place = place++};
            memcpy(row.box, t->box, 16);
            memcpy(row.item, t->item, 32);
            memcpy(row.writer, chain_writer(b->server->chain), 8);
            e = tagged_put(db, &b->server->keys->row, &row);
        }
    }
    return e;
}

enum err op_tag(struct work *w)
{
    struct str tags = w->x->rq.tags;
    struct tag_batch b = {.server = w->server, .now = clock_now(), .n = tags.n / WIRE_TAG_BYTES};
    for (size_t i = 0; i < b.n; i++) {
        tag_open(w->server->keys, tags.at + i * WIRE_TAG_BYTES, &b.one[i]);
    }
    enum err e = store_write(w->server->o.store, tag_run, &b);
    if (e) {
        return e;
    }
    if (b.appended) {
        chain_committed(w->server->chain, &b.written);
    }
    buf_put_le(w->out, b.n * WIRE_TAG_ANSWER_BYTES, 4);
    for (size_t i = 0; i < b.n; i++) {
        static const uint8_t zero[32];
        bool refused = b.one[i].state == TAG_REFUSED;
        if (refused) {
            log_event(LOG_ALARM, "tag-refused", LOG_ID("report", b.one[i].report));
        }
        buf_put_le(w->out, refused, 1);
        buf_put(w->out, (struct str){(const char *)(refused ? zero : b.one[i].answer), 32});
    }
    return buf_ok(w->out);
}
