// Members and epochs of units: what only a present member can give, with the key that he holds.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"

#define ROTATE_TRIES 3
#define SPARE_TENTH(n) ((n) - (n) / 10) // what is beyond is kept for leavers

struct unit_arg {
    struct id unit, person;
    bool has_epoch, refused;
    struct epoch_row newest;
    struct person_row target;
    struct member_row before[MEMBERS_MAX];
    size_t n_before;
    // to be written
    struct epoch_row epoch;
    struct link_row link;
    struct member_row after[MEMBERS_MAX];
    size_t n_after;
    struct share_row share[SHARES_MAX];
    size_t n_share;
};

static enum err newest_of(struct db *db, struct gate *g, struct unit_arg *u)
{
    enum err e = epoch_newest(db, &g->server->keys->row, u->unit, &u->newest);
    u->has_epoch = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err target_of(struct db *db, struct gate *g, struct unit_arg *u)
{
    struct id units[UNITS_MAX];
    size_t n = 0;
    enum err e = person_get(db, &g->server->keys->row, u->person, &u->target);
    e = e ? e : u->target.disabled ? ERR_NOT_FOUND : OK;
    e = e ? e : member_units(db, &g->server->keys->row, u->person, units, &n);
    for (size_t i = 0; !e && i < n; i++) {
        e = id_equal(units[i], u->unit) ? ERR_CONFLICT : OK;
    }
    return e ? e : n == UNITS_MAX ? ERR_CONFLICT : OK;
}

static enum err admit_look(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    const struct role_table *roles = g->server->o.roles;
    if (!role_may(roles, g->person.roles, PERM_UNIT_ADMIT) && !role_may(roles, g->person.roles, PERM_PEOPLE_ADMIN)) {
        return ERR_FORBIDDEN; // before anything is said about units and persons
    }
    enum err e = newest_of(db, g, u);
    return e ? e : target_of(db, g, u);
}

static enum err admit_then(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    struct person_row sealed_to = u->target;
    uint32_t epoch = u->newest.epoch;
    enum err e = newest_of(db, g, u);
    e = e ? e : target_of(db, g, u);
    if (!e && (u->newest.epoch != epoch || memcmp(u->target.pk.b, sealed_to.pk.b, KEY_BYTES) != 0)) {
        e = ERR_CONFLICT; // rotated or reset meanwhile
    }
    int64_t n = 0;
    e = e ? e : member_count(db, u->unit, &n);
    e = e ? e : n >= MEMBERS_MAX ? ERR_FULL : OK;
    return e ? e : member_put(db, &g->server->keys->row, &u->after[0]);
}

// Seals the seed of the unit's newest epoch to the person, with the seed that the admitting member holds.
static enum err admit_member(struct work *w, struct unit_arg *u)
{
    struct gate *g = w->gate;
    if (!g->has_member || g->member.epoch != u->newest.epoch) {
        gate_note(g, ERR_NO_KEY);
        return ERR_NO_KEY;
    }
    enum err e = session_unlock(w);
    e = e ? e : unit_unlock(w);
    if (!e && !crypto_public_usable(&u->target.pk)) {
        e = ERR_TAMPERED;
    }
    if (e) {
        gate_note(g, e);
        return e;
    }
    member_seal(&u->after[0], u->unit, u->newest.epoch, u->person, &u->target.pk, &w->x->seed);
    g->then = admit_then;
    g->write = true;
    return gate_pass_strict(g);
}

// May there be one more epoch? The directory must stay one that can be written and read, a unit's oldest reports must stay
// within the reach of its links, and nobody uses either up in a day. In the transaction that makes it.
static enum err epoch_room(struct db *db, struct gate *g, const struct unit_arg *u)
{
    const bool leave = u->has_epoch && !id_zero(u->person);
    struct epoch_count c;
    enum err e = epoch_counts(db, u->unit, g->now - CLOCK_DAY, &c);
    if (e) {
        return e;
    }
    const int64_t links = u->has_epoch ? (int64_t)u->newest.epoch + 1 - c.unit_oldest : 0; // back to the oldest, with the new one
    if (c.all >= SPARE_TENTH(EPOCHS_MAX) || links >= SPARE_TENTH(LINKS_MAX)) {
        log_event(LOG_ALARM, "epochs-nearly-full", LOG_ID("unit", u->unit), LOG_I("rows", c.all), LOG_I("links", links));
    }
    if (c.all >= (leave ? EPOCHS_MAX : SPARE_TENTH(EPOCHS_MAX)) || links > (leave ? LINKS_MAX : SPARE_TENTH(LINKS_MAX))) {
        return ERR_FULL;
    }
    if (u->has_epoch && c.day_n >= (leave ? KEEPER_LEAVES_DAY : KEEPER_EPOCHS_DAY)) {
        g->retry = (c.day_first + CLOCK_DAY - g->now + CLOCK_SECOND - 1) / CLOCK_SECOND;
        return ERR_LIMITED;
    }
    return OK;
}

static enum err shares_put(struct db *db, struct gate *g, const struct unit_arg *u)
{
    enum err e = share_delete_unit(db, u->unit);
    for (size_t i = 0; !e && i < u->n_share; i++) {
        e = share_put(db, &g->server->keys->row, &u->share[i]);
    }
    return e;
}

static enum err first_then(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    struct person_row sealed_to = u->target;
    enum err e = newest_of(db, g, u);
    e = e ? e : u->has_epoch ? ERR_CONFLICT : target_of(db, g, u);
    if (!e && memcmp(u->target.pk.b, sealed_to.pk.b, KEY_BYTES) != 0) {
        e = ERR_CONFLICT;
    }
    e = e ? e : epoch_room(db, g, u);
    e = e ? e : epoch_put(db, &g->server->keys->row, &u->epoch);
    e = e ? e : member_put(db, &g->server->keys->row, &u->after[0]);
    struct founding_row founding = {.unit = u->unit, .person = u->person, .founder = g->person.id, .at = g->now};
    e = e ? e : founding_put(db, &g->server->keys->row, &founding);
    return e ? e : shares_put(db, g, u);
}

// A new unit: an administrator names its first member, who is not himself, once. Since he makes accounts too, somebody else
// confirms it before anything can be handed to that unit (CONFIRM, AGREE).
static enum err admit_first(struct work *w, struct unit_arg *u)
{
    struct gate *g = w->gate;
    gate_begin(w, PERM_PEOPLE_ADMIN, AUDIT_UNIT_FIRST);
    g->line.object = u->unit;
    g->line.object2 = u->person;
    if (!crypto_public_usable(&u->target.pk)) {
        return ERR_TAMPERED;
    }
    epoch_make(w->server->keys, u->unit, 1, g->now, &u->epoch, &w->x->seed);
    member_seal(&u->after[0], u->unit, 1, u->person, &u->target.pk, &w->x->seed);
    u->n_share = shares_make(w->server->keys, &u->epoch, &w->x->seed, u->share);
    g->write = true;
    g->then = first_then;
    g->ctx = u;
    enum err e = gate_pass_strict(g);
    if (!e) {
        log_event(LOG_ALARM, "unit-founded", LOG_ID("unit", u->unit), LOG_ID("person", u->person), LOG_ID("founder", g->person.id));
        server_publish_later(w->server);
    }
    return e;
}

// Neither who founded it, nor who came into it, nor anybody who makes accounts.
static enum err confirm_then(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    const struct key *row_key = &g->server->keys->row;
    struct founding_row f = {.unit = u->unit, .at = g->now};
    enum err e = epoch_newest(db, row_key, u->unit, &u->newest);
    if (!e) {
        e = founding_get(db, row_key, u->unit, &f);
        e = e == ERR_NOT_FOUND ? OK : e; // a unit of before there were such rows
    }
    u->refused = !e && (g->has_member || role_may(g->server->o.roles, g->person.roles, PERM_PEOPLE_ADMIN) ||
                        id_equal(g->person.id, f.founder) || id_equal(g->person.id, f.person));
    e = e ? e : u->refused ? ERR_FORBIDDEN : f.confirmed ? ERR_CONFLICT : OK;
    f.confirmer = g->person.id;
    f.confirmed = g->now;
    return e ? e : founding_put(db, row_key, &f);
}

enum err op_confirm(struct work *w)
{
    struct gate *g = w->gate;
    struct unit_arg *u = calloc(1, sizeof *u);
    if (!u) {
        return ERR_MEMORY;
    }
    u->unit = w->x->rq.unit;
    gate_begin(w, PERM_UNIT_CONFIRM, AUDIT_UNIT_CONFIRM);
    g->line.object = u->unit;
    g->unit = &u->unit;
    g->write = true;
    g->then = confirm_then;
    g->ctx = u;
    enum err e = gate_pass_strict(g);
    if (u->refused) { // its entry was undone with the transaction
        gate_note(g, e);
    }
    free(u);
    return e;
}

enum err op_admit(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    struct unit_arg *u = calloc(1, sizeof *u);
    if (!u) {
        return ERR_MEMORY;
    }
    u->unit = q->unit;
    u->person = q->person;
    gate_begin(w, PERM_SIGNED_IN, AUDIT_ADMIT);
    g->line.object = q->unit;
    g->line.object2 = q->person;
    g->unit = &q->unit;
    g->then = admit_look;
    g->ctx = u;
    enum err e = gate_pass_strict(g);
    bool first = !e && !u->has_epoch;
    if (!e && (first ? id_equal(q->person, g->person.id) : !role_may(w->server->o.roles, g->person.roles, PERM_UNIT_ADMIT))) {
        e = ERR_FORBIDDEN;
    }
    if (e == ERR_FORBIDDEN) {
        gate_note(g, e);
    } else if (first) {
        e = admit_first(w, u);
    } else if (!e) {
        g->perm = PERM_UNIT_ADMIT;
        e = admit_member(w, u);
    }
    if (!e) {
        members_look(w->server, &q->unit, 1);
    }
    free(u);
    return e;
}

static enum err rotate_look(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    enum err e = newest_of(db, g, u);
    e = e ? e : u->has_epoch ? OK : ERR_NOT_FOUND;
    return e ? e : member_all(db, &g->server->keys->row, u->unit, u->before, MEMBERS_MAX, &u->n_before);
}

static bool same_members(const struct member_row *a, size_t n_a, const struct member_row *b, size_t n_b)
{
    bool same = n_a == n_b;
    for (size_t i = 0; same && i < n_a; i++) {
        same = id_equal(a[i].person, b[i].person) && a[i].epoch == b[i].epoch && memcmp(a[i].sealed, b[i].sealed, BOX_BYTES) == 0;
    }
    return same;
}

static enum err rotate_then(struct db *db, struct gate *g)
{
    struct unit_arg *u = g->ctx;
    const struct key *row_key = &g->server->keys->row;
    struct epoch_row newest;
    size_t n = 0;
    struct member_row *now = malloc(MEMBERS_MAX * sizeof *now);
    enum err e = now ? epoch_newest(db, row_key, u->unit, &newest) : ERR_MEMORY;
    e = e ? e : member_all(db, row_key, u->unit, now, MEMBERS_MAX, &n);
    if (!e && (newest.epoch != u->newest.epoch || !same_members(u->before, u->n_before, now, n))) {
        e = ERR_CONFLICT; // somebody was admitted or has left meanwhile: to be done again
    }
    e = e ? e : epoch_room(db, g, u);
    e = e ? e : member_delete_unit(db, u->unit);
    e = e ? e : epoch_put(db, row_key, &u->epoch);
    e = e ? e : link_put(db, row_key, u->unit, &u->link);
    for (size_t i = 0; !e && i < u->n_after; i++) {
        e = member_put(db, row_key, &u->after[i]);
    }
    e = e ? e : shares_put(db, g, u);
    if (!e && !id_zero(u->person)) {
        e = session_delete_person(db, u->person, (struct id){{0}});
    }
    free(now);
    return e;
}

struct pk_arg { const struct key *row_key; struct id person; struct public_key pk; };

static enum err pk_run(struct db *db, void *arg)
{
    struct pk_arg *a = arg;
    struct person_row p;
    enum err e = person_get(db, a->row_key, a->person, &p);
    if (!e) {
        a->pk = p.pk;
    }
    return e;
}

static enum err rotate_make(struct work *w, struct unit_arg *u, const struct key *old_seed)
{
    struct gate *g = w->gate;
    struct key *fresh = secret_new(sizeof *fresh);
    bool leaver_found = id_zero(u->person);
    epoch_make(w->server->keys, u->unit, u->newest.epoch + 1, g->now, &u->epoch, fresh);
    link_seal(&u->link, u->unit, u->newest.epoch, old_seed, u->epoch.epoch, fresh);
    enum err e = OK;
    u->n_after = 0;
    for (size_t i = 0; !e && i < u->n_before; i++) {
        if (id_equal(u->before[i].person, u->person)) {
            leaver_found = true;
            continue;
        }
        struct pk_arg a = {.row_key = &w->server->keys->row, .person = u->before[i].person};
        e = store_read(w->server->o.store, pk_run, &a);
        e = e ? e : crypto_public_usable(&a.pk) ? OK : ERR_TAMPERED;
        if (!e) {
            member_seal(&u->after[u->n_after++], u->unit, u->epoch.epoch, a.person, &a.pk, fresh);
        }
    }
    u->n_share = shares_make(w->server->keys, &u->epoch, fresh, u->share);
    secret_free(fresh);
    return e ? e : !leaver_found ? ERR_NOT_FOUND : u->n_after ? OK : ERR_CONFLICT; // a unit is never left to nobody
}

static enum err rotate_once(struct work *w, struct unit_arg *u)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    gate_begin(w, PERM_UNIT_ADMIT, AUDIT_ROTATE);
    g->line.object = q->unit;
    g->line.object2 = q->person;
    g->unit = &q->unit;
    g->then = rotate_look;
    g->ctx = u;
    enum err e = gate_pass_strict(g);
    if (e) {
        return e;
    }
    e = g->has_member && g->member.epoch == u->newest.epoch ? session_unlock(w) : ERR_NO_KEY;
    e = e ? e : unit_unlock(w);
    if (e) {
        gate_note(g, e);
        return e;
    }
    e = rotate_make(w, u, &w->x->seed);
    if (e) {
        return e == ERR_CONFLICT ? ERR_INVALID : e;
    }
    g->then = rotate_then;
    g->write = true;
    return gate_pass_strict(g);
}

enum err op_rotate(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct unit_arg *u = calloc(1, sizeof *u);
    if (!u) {
        return ERR_MEMORY;
    }
    u->unit = q->unit;
    u->person = q->person;
    enum err e = ERR_CONFLICT;
    for (int i = 0; e == ERR_CONFLICT && i < ROTATE_TRIES; i++) {
        e = rotate_once(w, u);
    }
    e = e == ERR_INVALID ? ERR_CONFLICT : e;
    w->retry = e == ERR_LIMITED ? (uint32_t)w->gate->retry : 0;
    free(u);
    if (!e) {
        members_look(w->server, &q->unit, 1);
        server_publish_later(w->server);
    }
    return e;
}

// The seed again from two custodians' halves, each sealed anew to the person of this session, who becomes the member.
enum err op_recover(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    struct scratch *x = w->x;
    struct public_key derived;
    struct unit_arg *u = calloc(1, sizeof *u);
    if (!u) {
        return ERR_MEMORY;
    }
    gate_begin(w, PERM_UNIT_ADMIT, AUDIT_RECOVER);
    enum err e = gate_pass_strict(g);
    u->unit = q->unit;
    u->person = g->person.id;
    g->line.object = q->unit;
    g->line.object2 = u->person;
    g->then = admit_look;
    g->ctx = u;
    e = e ? e : gate_pass_strict(g);
    e = e ? e : u->has_epoch ? session_unlock(w) : ERR_NOT_FOUND;
    if (!e && (crypto_unwrap(&x->seed, &g->person.pk, &x->person_sk, q->share[0]) ||
               crypto_unwrap(&x->spare, &g->person.pk, &x->person_sk, q->share[1]))) {
        e = ERR_NO_KEY;
    }
    if (!e) {
        for (size_t i = 0; i < KEY_BYTES; i++) {
            x->seed.b[i] ^= x->spare.b[i];
        }
        crypto_pair(&derived, &x->unit_sk, &x->seed);
        e = crypto_equal(derived.b, u->newest.pk.b, KEY_BYTES) ? OK : ERR_TAMPERED;
    }
    if (e == ERR_NO_KEY || e == ERR_TAMPERED) {
        gate_note(g, e);
    }
    if (!e) {
        member_seal(&u->after[0], u->unit, u->newest.epoch, u->person, &g->person.pk, &x->seed);
        g->then = admit_then;
        g->write = true;
        e = gate_pass_strict(g);
    }
    if (!e) {
        members_look(w->server, &q->unit, 1);
    }
    free(u);
    return e;
}
