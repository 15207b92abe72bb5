// ANCHOR: oversight takes checkpoints away, to keep them where nobody who holds this database can reach them.
#include <string.h>
#include "vault/inside.h"

DB_QUERY(anchor_newest, "b", "bb", "select body, sig from keeper.checkpoint where writer = $1 order by at desc limit 1");

struct anchor {
    const struct wire_request *q;
    bool take;
    struct buf list, file;
};

static enum err anchor_put(struct anchor *a, struct str file, const struct keeper_pub *pub)
{
    struct checkpoint c;
    uint8_t digest[ANCHOR_DIGEST];
    uint64_t seq = 0;
    if (checkpoint_parse(file, pub, &c)) {
        return ERR_TAMPERED; // a row that the database's holder has written: nobody is to keep it as an anchor
    }
    for (size_t i = 0; i < c.n; i++) {
        seq = memcmp(c.head[i].writer, c.writer, 8) == 0 ? c.head[i].at.seq : seq;
    }
    anchor_digest(digest, file);
    buf_put(&a->list, STR_BYTES(c.writer));
    buf_put_le(&a->list, (uint64_t)c.at, 8);
    buf_put_le(&a->list, seq, 8);
    buf_put(&a->list, STR_BYTES(digest));
    if (a->take && memcmp(a->q->writer, c.writer, 8) == 0) {
        buf_put(&a->file, file);
    }
    return OK;
}

static enum err anchor_of(struct db *db, struct anchor *a, const uint8_t writer[8], const struct keeper_pub *pub)
{
    struct db_rows *r;
    struct buf whole;
    enum err e = db_query(db, &anchor_newest, DB_ARGS(DB_B(((struct str){(const char *)writer, 8}))), &r);
    if (e) {
        return e;
    }
    buf_init(&whole, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1);
    if (db_next(r)) {
        buf_put(&whole, db_str(r, 0));
        buf_put(&whole, db_str(r, 1));
        e = buf_ok(&whole) ? ERR_TAMPERED : anchor_put(a, buf_str(&whole), pub);
    }
    buf_free(&whole);
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err anchor_then(struct db *db, struct gate *g)
{
    struct anchor *a = g->ctx;
    const struct keeper_pub *pub = &g->server->keys->pub;
    enum err e = OK;
    buf_clear(&a->list);
    buf_clear(&a->file);
    for (size_t i = 0; !e && i < pub->n_nodes; i++) {
        e = anchor_of(db, a, pub->node[i].b, pub);
    }
    e = e ? e : a->take && !a->file.n ? ERR_NOT_FOUND : OK;
    return e ? e : buf_ok(&a->list) ? buf_ok(&a->list) : buf_ok(&a->file);
}

enum err op_anchor(struct work *w)
{
    static const uint8_t none[8];
    struct gate *g = w->gate;
    struct anchor a = {.q = &w->x->rq, .take = memcmp(w->x->rq.writer, none, sizeof none) != 0};
    buf_init(&a.list, KEEPER_ANCHORS_MAX * WIRE_ANCHOR_BYTES);
    buf_init(&a.file, WIRE_ANCHOR_FILE_MAX);
    gate_begin(w, PERM_AUDIT_READ, AUDIT_ANCHOR);
    g->write = true;
    if (a.take) {
        memcpy(g->line.detail, a.q->writer, 8);
        g->line.n_detail = 8;
    }
    g->then = anchor_then;
    g->ctx = &a;
    enum err e = gate_pass_strict(g);
    if (!e) {
        wire_put(w->out, buf_str(&a.list));
        wire_put(w->out, buf_str(&a.file));
    }
    buf_free(&a.list);
    buf_free(&a.file);
    return e;
}
