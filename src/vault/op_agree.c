// AGREE: a version of the data-exchange protocol comes into force, or a member accepts it for his unit.
#include "vault/inside.h"

static enum err agree_then(struct db *db, struct gate *g)
{
    const struct wire_request *q = g->ctx;
    const struct key *row_key = &g->server->keys->row;
    struct agreed_row force, theirs = {.version = 0};
    struct agreed_row row = {.unit = q->unit, .version = q->version, .person = g->person.id, .at = g->now};
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
        // The next version may be accepted before it comes into force, by who has accepted the one that is: so that the exchange
        // goes on.
        bool now = q->version == force.version && theirs.version <= force.version;
        bool next = q->version == force.version + 1 && theirs.version >= force.version;
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
    struct buf detail = gate_detail(g);
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
