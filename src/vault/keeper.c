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
#include "base/wait.h"
#include "vault/call.h"

#define LINES_MAX 8                            // connections, and so calls at once
#define SLOW_MAX 3                             // of them for Argon2id, which strangers may ask for: never all
#define SLOW_WAITING 5                         // more that wait for their turn, each in a thread of the desk: with SLOW_MAX, no more than its fewest
#define LINE_WAIT (2 * WAIT_SECOND)            // for a free one, then ERR_FULL
#define SLOW_WAIT (5 * WAIT_SECOND)            // a place for Argon2id: two are worked on at once, a tenth of a second each
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
    bool busy, slow;
    uint8_t *out, *in; // WIRE_BYTES_MAX each, secret; allocated at first use
};

struct keeper {
    struct sockaddr_un address;
    pthread_mutex_t lock; // guards lines' busy and slow, slow_waiting, cache
    pthread_cond_t freed;
    size_t slow_waiting;
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
    wait_init(&k->freed);
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

// A free one, a connected one first; NULL where there is none. n_slow: of those in use, how many wait for Argon2id.
static struct line *line_free(struct keeper *k, size_t *n_slow)
{
    struct line *found = NULL;
    *n_slow = 0;
    for (size_t i = 0; i < LINES_MAX; i++) {
        struct line *l = &k->line[i];
        *n_slow += l->busy && l->slow;
        if (!l->busy && (!found || (found->fd < 0 && l->fd >= 0))) {
            found = l;
        }
    }
    return found;
}

// A shift signs in together, so a slow call waits for its place; but those that wait hold threads of the desk, so only a few
// may, and the next is refused at once.
static enum err line_lease(struct keeper *k, bool slow, struct line **out)
{
    const int64_t until = clock_mono() + (slow ? SLOW_WAIT : LINE_WAIT);
    enum err e = ERR_FULL;
    pthread_mutex_lock(&k->lock);
    bool waits = slow && k->slow_waiting < SLOW_WAITING, in_time = !slow || waits;
    k->slow_waiting += waits;
    while (e && in_time) {
        size_t n_slow;
        struct line *found = line_free(k, &n_slow);
        if (found && !(slow && n_slow >= SLOW_MAX)) {
            found->busy = true;
            found->slow = slow;
            *out = found;
            e = OK;
        } else {
            in_time = wait_until(&k->freed, &k->lock, until);
        }
    }
    k->slow_waiting -= waits;
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
    pthread_cond_broadcast(&k->freed); // whom one wakes may be the one that must wait on, for Argon2id
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

enum err call_begin(struct call *c, struct keeper *k, uint8_t op, const struct token *t)
{
    c->k = k;
    c->op = op;
    c->got = 0;
    enum err e = line_lease(k, wire_op_slow(op), &c->line);
    if (e) {
        return e;
    }
    c->number = atomic_fetch_add_explicit(&k->next_call, 1, memory_order_relaxed);
    c->out = (struct buf){.at = (char *)c->line->out, .cap = WIRE_BYTES_MAX, .max = WIRE_BYTES_MAX, .secret = true};
    wire_request_head(&c->out, op, c->number, t);
    return OK;
}

// Asks, and reads the answer into c->answer, which borrows from the line until call_end.
enum err call_ask(struct call *c, size_t n_expected)
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

void call_end(struct call *c)
{
    crypto_wipe(c->line->out, c->out.n);
    crypto_wipe(c->line->in, c->got);
    line_return(c->k, c->line);
}

// A call whose answer has no fields.
enum err call_plain(struct call *c)
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
void call_cache_clear(struct keeper *k)
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
    call_cache_clear(k);
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
