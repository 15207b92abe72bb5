#include "vault/keeper.h"
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/wire.h"

#define LINES_MAX 8                            // connections, and so calls at once
#define LINE_WAIT_SECONDS 2                    // for a free one, then ERR_FULL
#define CONNECT_WAIT (300 * INT64_C(1000))     // µs: a keeper that is being started again comes back within it
#define CONNECT_PAUSE (20 * INT64_C(1000))     // µs
#define ANSWER_SECONDS 10                      // sixteen queued sign-ins at full Argon2id are a second
#define CACHE_SLOTS 256
#define CACHE_LASTS (5 * INT64_C(1000000000))  // ns of clock_mono
#define TRIES 2

struct slot {
    int64_t read_at; // clock_mono; 0: empty
    struct keeper_session session;
};

struct line { // one connection with its packet buffers
    int fd;   // -1: not connected
    bool busy;
    uint8_t *out, *in; // WIRE_BYTES_MAX each, secret; allocated at first use
};

struct keeper {
    struct sockaddr_un address;
    pthread_mutex_t lock; // guards lines' busy, cache
    pthread_cond_t freed;
    struct line line[LINES_MAX];
    atomic_uint next_call;
    struct slot cache[CACHE_SLOTS];
    uint64_t changes; // of the cache: an answer that was on its way while it was emptied is not put in
};

enum err keeper_new(const char *socket_path, struct keeper **out)
{
    struct keeper *k = calloc(1, sizeof *k);
    if (!k) {
        return ERR_MEMORY;
    }
    k->address.sun_family = AF_UNIX;
    if (strlen(socket_path) >= sizeof k->address.sun_path) {
        free(k);
        return ERR_TOO_LARGE;
    }
    enum err e = crypto_start();
    if (e) {
        free(k);
        return e;
    }
    strcpy(k->address.sun_path, socket_path);
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->freed, NULL);
    for (size_t i = 0; i < LINES_MAX; i++) {
        k->line[i].fd = -1;
    }
    *out = k;
    return OK;
}

static void line_close(struct line *l)
{
    if (l->fd >= 0) {
        close(l->fd);
        l->fd = -1;
    }
}

void keeper_free(struct keeper **k)
{
    if (!*k) {
        return;
    }
    for (size_t i = 0; i < LINES_MAX; i++) {
        struct line *l = &(*k)->line[i];
        line_close(l);
        secret_free(l->out);
        secret_free(l->in);
    }
    pthread_mutex_destroy(&(*k)->lock);
    pthread_cond_destroy(&(*k)->freed);
    crypto_wipe(*k, sizeof **k);
    free(*k);
    *k = NULL;
}

// --- lines

static enum err line_lease(struct keeper *k, struct line **out)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LINE_WAIT_SECONDS;
    enum err e = ERR_FULL;
    pthread_mutex_lock(&k->lock);
    for (int waited = 0; e && waited != ETIMEDOUT;) {
        struct line *found = NULL;
        for (size_t i = 0; i < LINES_MAX; i++) { // a connected one first
            struct line *l = &k->line[i];
            if (!l->busy && (!found || (found->fd < 0 && l->fd >= 0))) {
                found = l;
            }
        }
        if (found) {
            found->busy = true;
            *out = found;
            e = OK;
        } else {
            waited = pthread_cond_timedwait(&k->freed, &k->lock, &until);
        }
    }
    pthread_mutex_unlock(&k->lock);
    if (!e && !(*out)->out) {
        (*out)->out = secret_new(WIRE_BYTES_MAX);
        (*out)->in = secret_new(WIRE_BYTES_MAX);
    }
    return e;
}

static void line_return(struct keeper *k, struct line *l)
{
    pthread_mutex_lock(&k->lock);
    l->busy = false;
    pthread_cond_signal(&k->freed);
    pthread_mutex_unlock(&k->lock);
}

static enum err line_connect(const struct keeper *k, struct line *l)
{
    for (int64_t waited = 0;; waited += CONNECT_PAUSE) {
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return ERR_IO;
        }
        const struct timeval limit = {.tv_sec = ANSWER_SECONDS};
        const int size = 2 * WIRE_BYTES_MAX;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        if (connect(fd, (const struct sockaddr *)&k->address, sizeof k->address) == 0) {
            l->fd = fd;
            return OK;
        }
        close(fd);
        if (waited >= CONNECT_WAIT) {
            return ERR_AWAY;
        }
        clock_sleep(CONNECT_PAUSE);
    }
}

// True where the keeper has closed a line while it was idle: nothing has been asked on it, so another may be used.
static bool line_gone(const struct line *l)
{
    char one;
    return recv(l->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) >= 0; // 0: closed; a byte: an answer nobody asked for
}

static enum err line_ask(const struct keeper *k, struct line *l, struct str request, size_t *n)
{
    if (l->fd >= 0 && line_gone(l)) {
        line_close(l);
    }
    for (int i = 0; i < TRIES; i++) {
        enum err e = l->fd < 0 ? line_connect(k, l) : OK;
        if (e) {
            return e;
        }
        if (send(l->fd, request.at, request.n, MSG_NOSIGNAL) == (ssize_t)request.n) {
            break;
        }
        line_close(l); // a packet goes whole or not at all: it may be sent again
        if (i == TRIES - 1) {
            return ERR_AWAY;
        }
    }
    ssize_t got;
    do {
        got = recv(l->fd, l->in, WIRE_BYTES_MAX, MSG_TRUNC);
    } while (got < 0 && errno == EINTR);
    if (got <= 0 || got > WIRE_BYTES_MAX) { // gone, too slow, too long: what comes later must meet nobody
        line_close(l);
        return ERR_AWAY;
    }
    *n = (size_t)got;
    return OK;
}

// --- one call

struct call {
    struct keeper *k;
    struct line *line;
    uint8_t op;
    uint32_t number;
    struct buf out; // the request, over line->out
    size_t got;     // bytes of the answer
    struct wire_answer answer;
};

static enum err call_begin(struct call *c, struct keeper *k, uint8_t op, const struct token *t)
{
    c->k = k;
    c->op = op;
    c->got = 0;
    enum err e = line_lease(k, &c->line);
    if (e) {
        return e;
    }
    c->number = atomic_fetch_add_explicit(&k->next_call, 1, memory_order_relaxed);
    c->out = (struct buf){.at = (char *)c->line->out, .cap = WIRE_BYTES_MAX, .max = WIRE_BYTES_MAX, .secret = true};
    wire_request_head(&c->out, op, c->number, t);
    return OK;
}

// Asks, and reads the answer into c->answer, which borrows from the line until call_end.
static enum err call_ask(struct call *c, size_t n_expected)
{
    enum err e = buf_ok(&c->out);
    e = e ? e : line_ask(c->k, c->line, buf_str(&c->out), &c->got);
    if (e) {
        return e;
    }
    e = wire_answer_read((struct str){(const char *)c->line->in, c->got}, c->op, n_expected, &c->answer);
    if (e || c->answer.call != c->number) {
        log_event(LOG_ALARM, "keeper-answer-unreadable");
        line_close(c->line);
        return ERR_AWAY;
    }
    return wire_err_of(c->answer.status);
}

static void call_end(struct call *c)
{
    crypto_wipe(c->line->out, c->out.n);
    crypto_wipe(c->line->in, c->got);
    line_return(c->k, c->line);
}

// A call whose answer has no fields.
static enum err call_plain(struct call *c)
{
    enum err e = call_ask(c, 0);
    call_end(c);
    return e;
}

// --- sessions

static struct id sid_of(const struct token *t)
{
    struct id sid;
    crypto_digest(sid.b, sizeof sid.b, "isigurt.sid....1", NULL, CRYPTO_PARTS(STR_BYTES(t->b)));
    return sid;
}

static void csrf_of(const struct token *t, char out[33])
{
    struct key k;
    struct id h;
    memcpy(k.b, t->b, KEY_BYTES);
    crypto_digest(h.b, sizeof h.b, "isigurt.csrf...1", &k, 0, NULL);
    crypto_wipe(&k, sizeof k);
    id_hex(h, out);
}

// One of a few slots, by the first byte of the (uniform) sid.
static struct slot *slot_of(struct keeper *k, struct id sid)
{
    return &k->cache[sid.b[0]];
}
_Static_assert(CACHE_SLOTS == 256, "slot_of takes one byte");

static bool cache_get(struct keeper *k, struct id sid, struct keeper_session *out)
{
    pthread_mutex_lock(&k->lock);
    const struct slot *s = slot_of(k, sid);
    bool found = s->read_at && clock_mono() - s->read_at < CACHE_LASTS && id_equal(s->session.sid, sid) &&
                 s->session.expires > clock_now();
    if (found) {
        *out = s->session;
    }
    pthread_mutex_unlock(&k->lock);
    return found;
}

static void cache_put(struct keeper *k, const struct keeper_session *session, int64_t asked_at, uint64_t changes)
{
    pthread_mutex_lock(&k->lock);
    if (changes == k->changes) {
        struct slot *s = slot_of(k, session->sid);
        s->read_at = asked_at;
        s->session = *session;
    }
    pthread_mutex_unlock(&k->lock);
}

// After whatever may end sessions or change roles and units: it is rare, so all go.
static void cache_clear(struct keeper *k)
{
    pthread_mutex_lock(&k->lock);
    k->changes++;
    for (size_t i = 0; i < CACHE_SLOTS; i++) {
        k->cache[i].read_at = 0;
    }
    pthread_mutex_unlock(&k->lock);
}

static uint64_t cache_changes(struct keeper *k)
{
    pthread_mutex_lock(&k->lock);
    uint64_t n = k->changes;
    pthread_mutex_unlock(&k->lock);
    return n;
}

enum err keeper_sign_in(struct keeper *k, struct str user, struct str password, struct str totp, struct id device,
                        struct token *out, struct keeper_session *session, int64_t *retry_after)
{
    if (user.n > NAME_MAX_BYTES || password.n > PASSWORD_BYTES_MAX || totp.n > WIRE_TOTP_MAX) {
        return ERR_UNAUTHENTICATED; // nobody has such a name, password or code
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_SIGNIN, NULL);
    if (e) {
        return e;
    }
    wire_put(&c.out, user);
    wire_put(&c.out, password);
    wire_put(&c.out, totp);
    wire_put(&c.out, id_bytes(&device));
    e = call_ask(&c, 0);
    if (!e) {
        memcpy(out->b, c.answer.token, TOKEN_BYTES);
        *session = c.answer.session;
        csrf_of(out, session->csrf);
    } else if (e == ERR_LIMITED && retry_after) {
        *retry_after = c.answer.seconds;
    }
    call_end(&c);
    return e;
}

enum err keeper_sign_out(struct keeper *k, const struct token *t, bool everywhere)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_SIGNOUT, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, everywhere);
    e = call_plain(&c);
    cache_clear(k);
    return e;
}

enum err keeper_session(struct keeper *k, const struct token *t, struct keeper_session *out)
{
    if (cache_get(k, sid_of(t), out)) {
        return OK;
    }
    int64_t asked_at = clock_mono();
    uint64_t changes = cache_changes(k);
    struct call c;
    enum err e = call_begin(&c, k, OP_SESSION, t);
    if (e) {
        return e;
    }
    e = call_ask(&c, 0);
    if (!e) {
        *out = c.answer.session;
        csrf_of(t, out->csrf);
        cache_put(k, out, asked_at, changes);
    }
    call_end(&c);
    return e;
}

// --- records

static bool path_fits(const struct keeper_path *path)
{
    bool fits = path->n >= 1 && path->n <= KEEPER_PATH_MAX;
    for (size_t i = 0; fits && i < path->n; i++) {
        fits = path->step[i].unit == (i == 0) && path->step[i].sealed.n == (i == 0 ? BOX_BYTES : RECORD_WRAP_BYTES);
    }
    return fits;
}

// How many of the items go into one packet, request and answer.
static size_t batch_of(const struct keeper_item *items, size_t n)
{
    size_t request = 2048, plain = 0, count = 0; // 2 KiB: head and path
    for (; count < n && count < KEEPER_ITEMS_MAX; count++) {
        request += 4 + WIRE_AD_BYTES + 4 + items[count].sealed.n;
        plain += items[count].sealed.n;
        if (count && (request > WIRE_BYTES_MAX || plain > WIRE_PLAIN_MAX)) {
            break;
        }
    }
    return count;
}

static enum err open_batch(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                           struct keeper_item *items, size_t n, struct arena *arena)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_OPEN, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, (uint8_t)purpose);
    wire_put_path(&c.out, path);
    wire_put_u8(&c.out, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        wire_put_ad(&c.out, &items[i].ad);
        wire_put(&c.out, items[i].sealed);
    }
    e = call_ask(&c, n);
    for (size_t i = 0; !e && i < n; i++) {
        items[i].plain = arena_str(arena, c.answer.plain[i]);
    }
    if (!e && arena_failed(arena)) {
        e = ERR_MEMORY;
    }
    call_end(&c);
    return e;
}

enum err keeper_open(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                     struct keeper_item *items, size_t n, struct arena *arena)
{
    if (!path_fits(path) || n < 1 || n > KEEPER_ITEMS_MAX) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].sealed.n < SEAL_EXTRA || items[i].sealed.n > WIRE_SEALED_MAX) {
            return ERR_TAMPERED;
        }
    }
    enum err e = OK;
    for (size_t done = 0; !e && done < n;) {
        size_t now = batch_of(items + done, n - done);
        e = open_batch(k, t, purpose, path, items + done, now, arena);
        done += now;
    }
    return e;
}

enum err keeper_seal(struct keeper *k, const struct token *t, const struct keeper_path *path, struct record_ad *ad,
                     struct str plain, struct buf *sealed)
{
    if (!path_fits(path)) {
        return ERR_MALFORMED;
    }
    if (plain.n > RECORD_ITEM_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_SEAL, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, path);
    wire_put_ad(&c.out, ad);
    wire_put(&c.out, plain);
    e = call_ask(&c, 0);
    if (!e) {
        buf_put(sealed, c.answer.sealed);
        e = buf_ok(sealed);
    }
    if (!e) {
        ad->kid = c.answer.kid;
    }
    call_end(&c);
    return e;
}

// --- audit, tags

enum err keeper_audit(struct keeper *k, const struct token *t, uint16_t action, struct id object, struct id object2,
                      struct str detail, struct keeper_audit_at *at)
{
    if (detail.n > AUDIT_DETAIL_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_AUDIT, t);
    if (e) {
        return e;
    }
    wire_put_u16(&c.out, action);
    wire_put(&c.out, id_bytes(&object));
    wire_put(&c.out, id_bytes(&object2));
    wire_put(&c.out, detail);
    e = call_ask(&c, 0);
    if (!e && at) {
        *at = c.answer.at;
    }
    call_end(&c);
    return e;
}

enum err keeper_tag(struct keeper *k, struct keeper_tag *tags, size_t n)
{
    if (n == 0) {
        return OK;
    }
    if (n > WIRE_TAGS_MAX) {
        return ERR_TOO_LARGE;
    }
    static const uint8_t no_box[WIRE_BOX_BYTES]; // of another length: it opens for nobody, as it should
    struct call c;
    enum err e = call_begin(&c, k, OP_TAG, NULL);
    if (e) {
        return e;
    }
    buf_put_le(&c.out, n * WIRE_TAG_BYTES, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(&c.out, id_bytes(&tags[i].report));
        buf_put(&c.out, tags[i].box.n == WIRE_BOX_BYTES ? tags[i].box : STR_BYTES(no_box));
        buf_put(&c.out, STR_BYTES(tags[i].item_hash));
    }
    e = call_ask(&c, n);
    for (size_t i = 0; !e && i < n; i++) {
        const char *at = c.answer.tags.at + i * WIRE_TAG_ANSWER_BYTES;
        tags[i].refused = at[0] != 0;
        memcpy(tags[i].page, at + 1, 16);
        memcpy(tags[i].host, at + 17, 16);
    }
    call_end(&c);
    return e;
}

enum err keeper_ping(struct keeper *k, uint64_t *audit_seq)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_PING, NULL);
    if (e) {
        return e;
    }
    e = call_ask(&c, 0);
    if (!e) {
        *audit_seq = c.answer.at.seq;
    }
    call_end(&c);
    return e;
}

// --- units and persons

static enum err unit_call(struct keeper *k, uint8_t op, const struct token *t, struct id unit, struct id person)
{
    struct call c;
    enum err e = call_begin(&c, k, op, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put(&c.out, id_bytes(&person));
    if (op == OP_ROTATE) {
        wire_put_u8(&c.out, 0);
    }
    e = call_plain(&c);
    cache_clear(k);
    return e;
}

enum err keeper_admit(struct keeper *k, const struct token *t, struct id unit, struct id person)
{
    return unit_call(k, OP_ADMIT, t, unit, person);
}

enum err keeper_rotate(struct keeper *k, const struct token *t, struct id unit, struct id leaver)
{
    return unit_call(k, OP_ROTATE, t, unit, leaver);
}

enum err keeper_recover(struct keeper *k, const struct token *t, struct id unit, struct str share_a, struct str share_b)
{
    struct call c;
    if (share_a.n != BOX_BYTES || share_b.n != BOX_BYTES) {
        return ERR_MALFORMED;
    }
    enum err e = call_begin(&c, k, OP_RECOVER, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put(&c.out, share_a);
    wire_put(&c.out, share_b);
    e = call_plain(&c);
    cache_clear(k);
    return e;
}

enum err keeper_password(struct keeper *k, const struct token *t, struct str old, struct str fresh, struct str totp)
{
    if (old.n > PASSWORD_BYTES_MAX || totp.n > WIRE_TOTP_MAX) {
        return ERR_UNAUTHENTICATED;
    }
    if (fresh.n > PASSWORD_BYTES_MAX) {
        return ERR_INVALID;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_PASSWORD, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, old);
    wire_put(&c.out, fresh);
    wire_put(&c.out, totp);
    e = call_plain(&c);
    cache_clear(k);
    return e;
}

enum err keeper_end(struct keeper *k, const struct token *t, struct id person)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_END, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&person));
    e = call_plain(&c);
    cache_clear(k);
    return e;
}

static enum err person_call(struct keeper *k, const struct token *t, enum wire_person what, struct id person, struct str user,
                            uint32_t roles, struct str password, struct id *made, struct buf *totp_secret)
{
    if (user.n > NAME_MAX_BYTES || password.n > PASSWORD_BYTES_MAX) {
        return ERR_INVALID;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_PERSON, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, (uint8_t)what);
    wire_put(&c.out, id_bytes(&person));
    wire_put(&c.out, user);
    wire_put_u32(&c.out, roles);
    wire_put(&c.out, password);
    e = call_ask(&c, 0);
    if (!e && totp_secret) {
        buf_put(totp_secret, c.answer.totp);
        e = buf_ok(totp_secret);
    }
    if (!e && made) {
        *made = c.answer.person;
    }
    call_end(&c);
    cache_clear(k);
    return e;
}

enum err keeper_person_add(struct keeper *k, const struct token *t, struct str user, uint32_t roles, struct str password,
                           struct id *person, struct buf *totp_secret)
{
    return person_call(k, t, WIRE_PERSON_CREATE, (struct id){{0}}, user, roles, password, person, totp_secret);
}

enum err keeper_person_roles(struct keeper *k, const struct token *t, struct id person, uint32_t roles)
{
    return person_call(k, t, WIRE_PERSON_ROLES, person, STR(""), roles, STR(""), NULL, NULL);
}

enum err keeper_person_disable(struct keeper *k, const struct token *t, struct id person, bool disabled)
{
    return person_call(k, t, disabled ? WIRE_PERSON_DISABLE : WIRE_PERSON_ENABLE, person, STR(""), 0, STR(""), NULL, NULL);
}

enum err keeper_person_reset(struct keeper *k, const struct token *t, struct id person, struct str password,
                             struct buf *totp_secret)
{
    return person_call(k, t, WIRE_PERSON_RESET, person, STR(""), 0, password, NULL, totp_secret);
}
