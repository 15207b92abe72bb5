// Signing in and out, the session as pages see it, a person's own password.
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/wait.h"
#include "vault/inside.h"

#define BACKOFF_FREE 3                 // failures in a row that cost no waiting
#define BACKOFF_MOST (60 * CLOCK_SECOND)
#define BACKOFF_FORGET CLOCK_HOUR
#define STRANGERS_MOST 30              // sign-ins from unknown devices that may fail one after the other, whatever their names …
#define STRANGERS_EACH (2 * WAIT_SECOND) // … and one more each of these: invented names have no backoff of their own

struct sign_in {
    struct server *server;
    int64_t now;
    char name[NAME_MAX_BYTES + 1];
    struct id device; // H of the cookie
    // found
    bool found;       // a person who may sign in
    struct person_row person;
    bool known;       // this device has signed in as this person before
    struct backoff_row backoff;
    // to be written
    int64_t step;
    enum err result;  // of the check, and then of the race
    struct session_row session;
    struct keeper_session answer;
    struct chain_at written;
};

// Guessing at a name is slowed down, but not the devices that the person uses: these have tracks of their own. So nobody
// can keep the duty officer out by failing in his name.
static struct id track_of(const struct sign_in *s)
{
    static const struct id none;
    struct id track;
    crypto_digest(track.b, sizeof track.b, "isigurt.track..1", &s->server->keys->password,
                  CRYPTO_PARTS(id_bytes(s->known ? &s->device : &none), str_from(s->name)));
    return track;
}

static int64_t wait_after(const struct backoff_row *b, int64_t now)
{
    if (b->failures <= BACKOFF_FREE || now - b->last >= BACKOFF_FORGET) {
        return 0;
    }
    int64_t shift = b->failures - BACKOFF_FREE - 1;
    int64_t wait = shift > 6 ? BACKOFF_MOST : CLOCK_SECOND << shift;
    wait = wait > BACKOFF_MOST ? BACKOFF_MOST : wait;
    return b->last + wait > now ? b->last + wait - now : 0;
}

// One brake for all strangers. It looks at the device, never at whether there is such a name, so it tells nothing of it;
// devices that are known pass. 0: taken (given back where the sign-in is right); else the seconds until there is one.
static uint32_t strangers_take(struct server *s)
{
    const int64_t now = clock_mono();
    uint32_t wait = 0;
    pthread_mutex_lock(&s->lock);
    if (!s->strangers_full_at || s->strangers_full_at < now) {
        s->strangers_full_at = now;
    }
    if (s->strangers_full_at - now > (STRANGERS_MOST - 1) * STRANGERS_EACH) {
        wait = (uint32_t)(STRANGERS_EACH / WAIT_SECOND);
    } else {
        s->strangers_full_at += STRANGERS_EACH;
    }
    pthread_mutex_unlock(&s->lock);
    return wait;
}

static void strangers_give(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->strangers_full_at -= STRANGERS_EACH;
    pthread_mutex_unlock(&s->lock);
}

static enum err look(struct db *db, struct sign_in *s)
{
    const struct key *row_key = &s->server->keys->row;
    s->known = false;
    enum err e = s->name[0] ? person_get_name(db, row_key, str_from(s->name), &s->person) : ERR_NOT_FOUND;
    s->found = !e && !s->person.disabled;
    if (s->found && !id_zero(s->device)) {
        e = device_known(db, row_key, s->person.id, s->device, &s->known);
    }
    e = e == ERR_NOT_FOUND ? OK : e;
    return e ? e : backoff_get(db, row_key, track_of(s), &s->backoff);
}

static enum err look_run(struct db *db, void *arg)
{
    return look(db, arg);
}

static enum err entry(struct db *db, struct sign_in *s)
{
    struct audit_line line = {.at = s->now, .action = AUDIT_SIGN_IN, .status = wire_status_of(s->result)};
    if (s->found) {
        line.person = s->person.id;
    }
    if (!s->result) {
        line.sid = s->session.sid;
    }
    return chain_append(s->server->chain, db, &line, &s->written);
}

// Session, accepted step and entry in one; the step is looked at again, because two may have come with the same code.
static enum err succeed(struct db *db, struct sign_in *s)
{
    const struct key *row_key = &s->server->keys->row;
    s->person.totp_step = s->step;
    enum err e = person_put(db, row_key, &s->person);
    e = e ? e : session_thin(db, s->person.id, SESSIONS_OF_PERSON - 1);
    e = e ? e : session_put(db, row_key, &s->session);
    e = e ? e : backoff_delete(db, track_of(s));
    if (!e && !id_zero(s->device)) {
        e = device_put(db, row_key, s->person.id, s->device, s->now);
    }
    s->answer = (struct keeper_session){.person = s->person.id, .sid = s->session.sid, .roles = s->person.roles,
                                        .created = s->session.created, .expires = s->session.expires};
    return e ? e : member_units(db, row_key, s->person.id, s->answer.units, &s->answer.n_units);
}

static void failed_again(struct backoff_row *b, int64_t now)
{
    b->failures = now - b->last >= BACKOFF_FORGET ? 1 : b->failures + 1;
    b->last = now;
}

static enum err finish_run(struct db *db, void *arg)
{
    struct sign_in *s = arg;
    struct id was = s->person.id;
    uint8_t salt[PASSWORD_SALT_BYTES];
    bool had = s->found;
    enum err checked = s->result;
    memcpy(salt, s->person.salt, sizeof salt);
    enum err e = look(db, s);
    if (e) {
        return e;
    }
    bool same = had && s->found && id_equal(was, s->person.id) && memcmp(salt, s->person.salt, sizeof salt) == 0;
    if (!s->result && (!same || s->step <= s->person.totp_step)) {
        s->result = ERR_UNAUTHENTICATED;
    }
    if (s->result) {
        struct backoff_row b = s->backoff;
        failed_again(&b, s->now);
        e = backoff_put(db, &s->server->keys->row, &b);
    } else {
        e = succeed(db, s);
    }
    e = e ? e : entry(db, s);
    if (e) {
        s->result = checked; // it may be run again
    }
    return e;
}

static void session_make(struct work *w, struct sign_in *s)
{
    struct scratch *x = w->x;
    rand_bytes(x->token.b, TOKEN_BYTES);
    s->session = (struct session_row){.sid = session_sid(&x->token), .person = s->person.id, .created = s->now,
                                      .expires = s->now + SESSION_LASTS, .seen = s->now};
    uint8_t ad[16 + 16 + 16 + 8 + 8];
    memcpy(ad, "isigurt.sess...1", 16);
    memcpy(ad + 16, s->session.sid.b, 16);
    memcpy(ad + 32, s->session.person.b, 16);
    for (size_t i = 0; i < 8; i++) {
        ad[48 + i] = (uint8_t)((uint64_t)s->session.created >> (8 * i));
        ad[56 + i] = (uint8_t)((uint64_t)s->session.expires >> (8 * i));
    }
    session_key(w->server->keys, &x->token, s->session.sid, &x->spare);
    struct buf b = {.at = (char *)s->session.wrap, .cap = sizeof s->session.wrap, .max = sizeof s->session.wrap};
    crypto_seal(&b, &x->spare, STR_BYTES(ad), STR_BYTES(x->person_sk.b));
}

enum err op_sign_in(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct sign_in s = {.server = w->server, .now = clock_now()};
    if (person_name(q->user, s.name)) {
        s.name[0] = '\0'; // nobody's; as slow as others
    }
    if (!id_zero(q->device)) {
        crypto_digest(s.device.b, 16, "isigurt.device.1", &w->server->keys->password, CRYPTO_PARTS(id_bytes(&q->device)));
    }
    enum err e = store_read(w->server->o.store, look_run, &s);
    if (e) {
        return e;
    }
    int64_t wait = wait_after(&s.backoff, s.now);
    if (wait) {
        w->retry = (uint32_t)((wait + CLOCK_SECOND - 1) / CLOCK_SECOND);
        return ERR_LIMITED;
    }
    const bool stranger = !s.known;
    w->retry = stranger ? strangers_take(s.server) : 0;
    if (w->retry) {
        return ERR_LIMITED;
    }
    // Both factors are tried whatever the first one says, so that no failure is faster than another.
    enum err totp = s.found ? person_totp(w->server->keys, &s.person, q->totp, s.now, &s.step) : ERR_UNAUTHENTICATED;
    enum err password = person_unlock(w->server->keys, s.found ? &s.person : NULL, q->password, &w->x->person_sk);
    e = password && password != ERR_UNAUTHENTICATED ? password : totp && totp != ERR_UNAUTHENTICATED ? totp : OK;
    if (e) {
        return e; // memory, tampering: no guess, and no failure to count
    }
    s.result = totp ? totp : password;
    if (!s.result) {
        session_make(w, &s);
    }
    e = store_write(w->server->o.store, finish_run, &s);
    if (e) {
        return e;
    }
    chain_committed(w->server->chain, &s.written);
    if (!s.result) {
        if (stranger) {
            strangers_give(s.server);
        }
        wire_put(w->out, STR_BYTES(w->x->token.b));
        wire_put_session(w->out, &s.answer);
    }
    return s.result;
}

static enum err sign_out_then(struct db *db, struct gate *g)
{
    return *(const bool *)g->ctx ? session_delete_person(db, g->person.id, (struct id){{0}}) : session_delete(db, g->sid);
}

enum err op_sign_out(struct work *w)
{
    gate_begin(w, PERM_SIGNED_IN, AUDIT_SIGN_OUT);
    w->gate->write = true;
    w->gate->then = sign_out_then;
    w->gate->ctx = &w->x->rq.all;
    w->gate->line.n_detail = 1;
    w->gate->line.detail[0] = w->x->rq.all;
    return gate_pass_strict(w->gate);
}

struct session_arg {
    struct server *server;
    struct id sid;
    int64_t now;
    bool stale; // `seen` must be written
    struct keeper_session answer;
};

static enum err session_run(struct db *db, void *arg)
{
    struct session_arg *a = arg;
    const struct key *row_key = &a->server->keys->row;
    struct session_row s;
    struct person_row p;
    enum err e = session_get(db, row_key, a->sid, &s);
    e = e ? e : person_get(db, row_key, s.person, &p);
    if (e == ERR_NOT_FOUND || (!e && (p.disabled || a->now >= s.expires || a->now - s.seen >= SESSION_IDLE))) {
        return ERR_UNAUTHENTICATED;
    }
    if (!e) {
        a->stale = a->now - s.seen >= SESSION_TOUCH;
        a->answer = (struct keeper_session){.person = p.id, .sid = s.sid, .roles = p.roles, .created = s.created, .expires = s.expires};
        e = member_units(db, row_key, p.id, a->answer.units, &a->answer.n_units);
    }
    return e;
}

enum err op_session(struct work *w)
{
    struct session_arg a = {.server = w->server, .sid = session_sid(&w->x->token), .now = clock_now()};
    enum err e = store_read(w->server->o.store, session_run, &a);
    if (!e && a.stale) {
        gate_begin(w, PERM_SIGNED_IN, 0);
        e = gate_pass_strict(w->gate);
    }
    if (!e) {
        wire_put_session(w->out, &a.answer);
    }
    return e;
}

// Guessing at the old password with a stolen session is slowed down like guessing at a name; '/' is in no name.
static struct id password_track(const struct gate *g)
{
    struct id track;
    crypto_digest(track.b, sizeof track.b, "isigurt.track..1", &g->server->keys->password,
                  CRYPTO_PARTS(id_bytes(&g->person.id), STR("/password")));
    return track;
}

static enum err password_look(struct db *db, struct gate *g)
{
    struct backoff_row b;
    enum err e = backoff_get(db, &g->server->keys->row, password_track(g), &b);
    int64_t wait = e ? 0 : wait_after(&b, g->now);
    g->retry = (wait + CLOCK_SECOND - 1) / CLOCK_SECOND;
    return e ? e : wait ? ERR_LIMITED : OK;
}

static enum err password_failed(struct db *db, struct gate *g)
{
    struct backoff_row b;
    enum err e = backoff_get(db, &g->server->keys->row, password_track(g), &b);
    if (!e) {
        failed_again(&b, g->now);
        e = backoff_put(db, &g->server->keys->row, &b);
    }
    return e;
}

struct password_arg { const struct person_row *fresh; const uint8_t *old_salt; int64_t step; };

static enum err password_then(struct db *db, struct gate *g)
{
    const struct password_arg *a = g->ctx;
    struct person_row p = g->person;
    if (a->step <= p.totp_step || memcmp(p.salt, a->old_salt, sizeof p.salt) != 0) {
        return ERR_UNAUTHENTICATED;
    }
    p.ops = a->fresh->ops;
    p.mem = a->fresh->mem;
    memcpy(p.salt, a->fresh->salt, sizeof p.salt);
    memcpy(p.wrap, a->fresh->wrap, sizeof p.wrap);
    p.totp_step = a->step;
    enum err e = person_put(db, &g->server->keys->row, &p);
    e = e ? e : backoff_delete(db, password_track(g));
    return e ? e : session_delete_person(db, p.id, g->sid);
}

// A wrong old password or code: written down as refused, like a failed sign-in; the session stays.
static enum err password_refused(struct work *w, enum err e)
{
    if (e != ERR_UNAUTHENTICATED) {
        return e;
    }
    struct gate *g = w->gate;
    g->write = false;
    g->then = password_failed;
    e = gate_pass_strict(g);
    if (e) {
        return e; // not counted: not answered as a guess either
    }
    gate_note(g, ERR_FORBIDDEN);
    return ERR_FORBIDDEN;
}

enum err op_password(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    gate_begin(w, PERM_SIGNED_IN, AUDIT_PASSWORD);
    g->then = password_look;
    enum err e = gate_pass_strict(g);
    if (e) {
        w->retry = (uint32_t)g->retry;
        return e;
    }
    g->line.object = g->person.id;
    struct person_row fresh = g->person;
    int64_t step = 0;
    e = person_totp(w->server->keys, &fresh, q->totp, g->now, &step);
    enum err password = person_unlock(w->server->keys, &fresh, q->password, &w->x->person_sk);
    e = e ? e : password;
    if (e) {
        return password_refused(w, e);
    }
    e = person_rewrap(w->server->keys, &fresh, q->fresh, &w->x->person_sk);
    if (e) {
        return e;
    }
    uint8_t old_salt[PASSWORD_SALT_BYTES];
    memcpy(old_salt, g->person.salt, sizeof old_salt);
    struct password_arg a = {.fresh = &fresh, .old_salt = old_salt, .step = step};
    g->write = true;
    g->then = password_then;
    g->ctx = &a;
    e = gate_pass(g);
    return e ? password_refused(w, e) : g->verdict;
}
