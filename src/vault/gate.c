#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"

struct id session_sid(const struct token *t)
{
    struct id sid;
    crypto_digest(sid.b, sizeof sid.b, "isigurt.sid....1", NULL, CRYPTO_PARTS(STR_BYTES(t->b)));
    return sid;
}

void session_key(const struct vault_keys *keys, const struct token *t, struct id sid, struct key *out)
{
    crypto_digest(out->b, KEY_BYTES, "isigurt.sess...1", &keys->session, CRYPTO_PARTS(STR_BYTES(t->b), id_bytes(&sid)));
}

void gate_begin(struct work *w, enum perm perm, uint16_t action)
{
    struct gate *g = w->gate;
    *g = (struct gate){.server = w->server, .sid = session_sid(&w->x->token), .now = clock_now(), .perm = perm};
    g->line = (struct audit_line){.action = action};
}

// Session and person, as they are now. ERR_UNAUTHENTICATED, or the store's failure.
static enum err who(struct db *db, struct gate *g)
{
    const struct key *row_key = &g->server->keys->row;
    enum err e = session_get(db, row_key, g->sid, &g->session);
    if (!e && (g->now >= g->session.expires || g->now - g->session.seen >= SESSION_IDLE)) {
        e = ERR_NOT_FOUND;
    }
    e = e ? e : person_get(db, row_key, g->session.person, &g->person);
    if (e == ERR_NOT_FOUND || (!e && g->person.disabled)) {
        return ERR_UNAUTHENTICATED;
    }
    if (!e && g->now - g->session.seen >= SESSION_TOUCH) {
        g->session.seen = g->now;
        e = session_put(db, row_key, &g->session);
    }
    return e;
}

static int64_t floor_to(int64_t at, int64_t step)
{
    return at - at % step;
}

static void window(int64_t *start, int64_t *n, int64_t now_start)
{
    if (*start != now_start) {
        *start = now_start;
        *n = 0;
    }
}

// Takes one from the budget unless this home was opened for this purpose in this minute already. ERR_LIMITED with
// g->retry. *note: whether a refusal is to be written down (the first of a minute is).
static enum err take_budget(struct db *db, struct gate *g, bool *note)
{
    const struct key *row_key = &g->server->keys->row;
    int64_t minute = floor_to(g->now, CLOCK_MINUTE), before = 0;
    struct budget_row b;
    *note = false;
    enum err e = opened_get(db, row_key, g->sid, g->line.object, g->purpose, &before);
    if (e || before == minute) {
        return e;
    }
    e = budget_get(db, row_key, g->person.id, &b);
    if (e) {
        return e;
    }
    window(&b.minute, &b.minute_n, minute);
    window(&b.hour, &b.hour_n, floor_to(g->now, CLOCK_HOUR));
    window(&b.day, &b.day_n, floor_to(g->now, CLOCK_DAY));
    int64_t until = b.day_n >= BUDGET_DAY ? b.day + CLOCK_DAY
                    : b.hour_n >= BUDGET_HOUR ? b.hour + CLOCK_HOUR
                    : b.minute_n >= BUDGET_MINUTE ? minute + CLOCK_MINUTE : 0;
    if (until) {
        g->retry = (until - g->now + CLOCK_SECOND - 1) / CLOCK_SECOND;
        *note = b.refused != minute;
        b.refused = minute;
        e = *note ? budget_put(db, row_key, &b) : OK;
        return e ? e : ERR_LIMITED;
    }
    b.minute_n++;
    b.hour_n++;
    b.day_n++;
    g->half = b.hour_n == BUDGET_HOUR / 2;
    e = budget_put(db, row_key, &b);
    return e ? e : opened_put(db, row_key, g->sid, g->line.object, g->purpose, minute);
}

static enum err append(struct db *db, struct gate *g, struct audit_line *line, enum err status)
{
    line->at = g->now;
    line->person = g->person.id;
    line->sid = g->sid;
    line->status = wire_status_of(status);
    enum err e = chain_append(g->server->chain, db, line, &g->written);
    g->appended = g->appended || !e;
    return e;
}

// The member's wrap and what stands between its epoch and the one asked for.
static enum err way(struct db *db, struct gate *g)
{
    const struct key *row_key = &g->server->keys->row;
    g->n_links = 0;
    enum err e = member_get(db, row_key, *g->unit, g->person.id, &g->member);
    g->has_member = !e;
    if (e) {
        return e == ERR_NOT_FOUND ? OK : e;
    }
    e = epoch_get(db, row_key, *g->unit, g->member.epoch, &g->at);
    if (!e && g->epoch) {
        e = link_walk(db, row_key, *g->unit, g->member.epoch, g->epoch, g->links, &g->n_links);
    }
    return e == ERR_NOT_FOUND ? ERR_TAMPERED : e; // a wrap without its epoch, a chain with a hole: rows were removed
}

static enum err gate_run(struct db *db, void *arg)
{
    struct gate *g = arg;
    bool note = true;
    g->appended = g->half = false;
    g->verdict = OK;
    enum err e = who(db, g);
    if (e == ERR_UNAUTHENTICATED) {
        g->verdict = e;
        return OK;
    }
    if (!e && g->perm != PERM_SIGNED_IN &&
        (g->perm == PERM_REFUSED || !role_may(g->server->o.roles, g->person.roles, g->perm))) {
        g->verdict = ERR_FORBIDDEN;
    } else if (!e && g->budget) {
        e = take_budget(db, g, &note);
        if (e == ERR_LIMITED) {
            g->verdict = e;
            e = OK;
        }
    }
    if (!e && (g->verdict ? note : g->write)) {
        e = append(db, g, &g->line, g->verdict);
    }
    if (!e && g->half) {
        struct audit_line half = {.action = AUDIT_BUDGET_HALF, .object = g->person.id};
        e = append(db, g, &half, OK);
    }
    if (!e && !g->verdict && g->unit) {
        e = way(db, g);
    }
    if (!e && !g->verdict && g->home) {
        e = replaced_all(db, &g->server->keys->row, *g->home, g->old, &g->n_old);
    }
    return e || g->verdict || !g->then ? e : g->then(db, g);
}

static enum err note_run(struct db *db, void *arg)
{
    struct gate *g = arg;
    return chain_append(g->server->chain, db, &g->line, &g->written);
}

void gate_note(struct gate *g, enum err e)
{
    g->line.at = clock_now();
    g->line.person = g->person.id;
    g->line.sid = g->sid;
    g->line.status = wire_status_of(e);
    if (store_write(g->server->o.store, note_run, g) == OK) {
        chain_committed(g->server->chain, &g->written);
    }
    if (e == ERR_TAMPERED) {
        log_event(LOG_ALARM, "tampered", LOG_I("action", g->line.action), LOG_ID("object", g->line.object),
                  LOG_ID("person", g->person.id));
    }
}

enum err gate_pass(struct gate *g)
{
    enum err e = store_write(g->server->o.store, gate_run, g);
    if (e == ERR_TAMPERED) { // a row of the keeper's own: the transaction that would have held the entry was undone
        gate_note(g, e);
    }
    if (!e && g->appended) {
        chain_committed(g->server->chain, &g->written);
    }
    if (!e && g->half) {
        log_event(LOG_WARN, "budget-half", LOG_ID("person", g->person.id));
    }
    return e;
}

struct buf gate_detail(struct gate *g)
{
    return (struct buf){.at = (char *)g->line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
}

enum err gate_pass_strict(struct gate *g)
{
    enum err e = gate_pass(g);
    return e ? e : g->verdict;
}

enum err session_unlock(struct work *w)
{
    struct gate *g = w->gate;
    struct scratch *x = w->x;
    uint8_t ad[16 + 16 + 16 + 8 + 8];
    memcpy(ad, "isigurt.sess...1", 16);
    memcpy(ad + 16, g->session.sid.b, 16);
    memcpy(ad + 32, g->session.person.b, 16);
    for (size_t i = 0; i < 8; i++) {
        ad[48 + i] = (uint8_t)((uint64_t)g->session.created >> (8 * i));
        ad[56 + i] = (uint8_t)((uint64_t)g->session.expires >> (8 * i));
    }
    session_key(w->server->keys, &x->token, g->sid, &x->spare);
    struct buf b = {.at = (char *)x->person_sk.b, .cap = KEY_BYTES, .max = KEY_BYTES};
    return crypto_open(&b, &x->spare, STR_BYTES(ad), STR_BYTES(g->session.wrap));
}

enum err unit_walk(struct work *w, uint32_t epoch)
{
    struct gate *g = w->gate;
    struct scratch *x = w->x;
    if (epoch > g->member.epoch) {
        return ERR_NO_KEY;
    }
    enum err e = OK;
    for (size_t i = 0; !e && i < g->n_links; i++) {
        e = link_unseal(&g->links[i], *g->unit, &x->seed, &x->spare);
        if (!e) {
            x->seed = x->spare;
        }
    }
    return e;
}

enum err unit_unlock(struct work *w)
{
    struct gate *g = w->gate;
    if (!g->has_member) {
        return ERR_NO_KEY;
    }
    enum err e = member_unseal(&g->member, &g->person.pk, &w->x->person_sk, &g->at, &w->x->seed);
    return e ? e : unit_walk(w, g->epoch ? g->epoch : g->member.epoch);
}
