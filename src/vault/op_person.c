// Persons and their sessions. Administration never opens a wrap.
#include <string.h>
#include "vault/inside.h"

struct person_arg {
    const struct wire_request *q;
    struct person_row made; // CREATE, RESET
    struct id units[UNITS_MAX]; // of which he is or was a member
    size_t n_units;
};

static enum err person_change(struct db *db, struct gate *g, const struct person_arg *a, struct person_row *p)
{
    switch (a->q->what) {
    case WIRE_PERSON_ROLES:
        if (id_equal(p->id, g->person.id)) {
            return ERR_CONFLICT; // as below; and nobody gives himself more
        }
        p->roles = a->q->roles;
        return OK;
    case WIRE_PERSON_DISABLE:
        if (id_equal(p->id, g->person.id)) {
            return ERR_CONFLICT; // nobody puts himself out: somebody must be left who can undo it
        }
        p->disabled = true;
        return session_delete_person(db, p->id, (struct id){{0}});
    case WIRE_PERSON_ENABLE:
        p->disabled = false;
        return OK;
    default: { // RESET: another key pair. What was sealed to the old one can never be opened again, so it goes.
        p->pk = a->made.pk;
        p->ops = a->made.ops;
        p->mem = a->made.mem;
        memcpy(p->salt, a->made.salt, sizeof p->salt);
        memcpy(p->wrap, a->made.wrap, sizeof p->wrap);
        memcpy(p->totp, a->made.totp, sizeof p->totp);
        p->totp_step = 0;
        enum err e = member_delete_person(db, p->id);
        return e ? e : session_delete_person(db, p->id, (struct id){{0}});
    }
    }
}

static enum err person_then(struct db *db, struct gate *g)
{
    struct person_arg *a = g->ctx;
    const struct key *row_key = &g->server->keys->row;
    struct person_row p;
    enum err e;
    if (a->q->what == WIRE_PERSON_CREATE) {
        e = person_get_name(db, row_key, str_from(a->made.name), &p);
        return e == OK ? ERR_CONFLICT : e == ERR_NOT_FOUND ? person_put(db, row_key, &a->made) : e;
    }
    e = person_get(db, row_key, a->q->person, &p);
    e = e ? e : member_units(db, row_key, p.id, a->units, &a->n_units);
    e = e ? e : person_change(db, g, a, &p);
    return e ? e : person_put(db, row_key, &p);
}

static uint16_t person_action(uint8_t what)
{
    static const uint16_t actions[] = {[WIRE_PERSON_CREATE] = AUDIT_PERSON_ADD, [WIRE_PERSON_ROLES] = AUDIT_PERSON_ROLES,
                                       [WIRE_PERSON_DISABLE] = AUDIT_PERSON_DISABLE, [WIRE_PERSON_ENABLE] = AUDIT_PERSON_ENABLE,
                                       [WIRE_PERSON_RESET] = AUDIT_PERSON_RESET};
    return actions[what];
}

enum err op_person(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    struct person_arg a = {.q = q};
    bool create = q->what == WIRE_PERSON_CREATE;
    char totp[TOTP_BASE32_MAX];
    struct buf secret = {.at = totp, .cap = sizeof totp, .max = sizeof totp, .secret = true};
    gate_begin(w, PERM_PEOPLE_ADMIN, person_action(q->what));
    enum err e = gate_pass_strict(g); // before anything costs time
    if (e) {
        return e;
    }
    struct id id = create ? id_random() : q->person;
    if (create || q->what == WIRE_PERSON_RESET) {
        e = person_make(w->server->keys, id, create ? q->user : STR("reset"), q->roles, q->password, g->now, &a.made, &secret);
    }
    if (!e) {
        g->write = true;
        g->then = person_then;
        g->ctx = &a;
        g->line.object = id;
        for (size_t i = 0; i < 4; i++) {
            g->line.detail[i] = (uint8_t)(q->roles >> (8 * i));
        }
        g->line.n_detail = create || q->what == WIRE_PERSON_ROLES ? 4 : 0;
        e = gate_pass_strict(g);
    }
    if (!e) {
        wire_put(w->out, id_bytes(&id));
        wire_put(w->out, buf_str(&secret));
        members_look(w->server, a.units, q->what == WIRE_PERSON_ROLES ? 0 : a.n_units);
    }
    crypto_wipe(totp, sizeof totp);
    return e;
}

static enum err end_then(struct db *db, struct gate *g)
{
    return session_delete_person(db, g->line.object, (struct id){{0}});
}

enum err op_end(struct work *w)
{
    struct gate *g = w->gate;
    gate_begin(w, PERM_PEOPLE_ADMIN, AUDIT_END);
    g->write = true;
    g->line.object = w->x->rq.person;
    g->then = end_then;
    return gate_pass_strict(g);
}
