#include "web/events.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "web/inside.h"

#define EVENTS_KEPT 4096
#define EVENTS_DATA_MAX 1024
#define STREAMS_MAX 1000
#define STREAMS_A_SESSION 3
#define MS INT64_C(1000000)              // ns
#define FLUSH_NS (20 * MS)
#define HEARTBEAT_NS (15000 * MS)
#define RECHECK_NS (60000 * MS)
#define SLOW_NS (45000 * MS)              // nothing could be written for so long: nobody reads any more
#define GONE_MS 30000u                   // what was written and is not acknowledged for so long: the machine is gone
#define BACKLOG_MAX (1 << 20)            // bytes a new stream may be given at once, or a slow one may owe
#define PIECE_MAX (64 * 1024)
#define EVENTS_STACK (256 * 1024)

struct slot { int64_t id; struct id unit; enum perm perm; char *text; size_t n; };

enum stream_state { STREAM_FREE, STREAM_OPENING, STREAM_OPEN, STREAM_ENDING };
struct stream {
    enum stream_state state;
    uint32_t generation;                 // told apart from the stream that had this place before
    int fd;
    struct id sid, units[16];
    uint32_t roles;
    size_t n_units;
    uint64_t next;                       // the next slot to look at, counted since the start
    int64_t opened, written, checked;    // mono ns
    struct buf owed;                     // not yet written; belongs to the loop once the stream is open
    size_t owed_at;
};

struct opening { struct events *e; size_t i; };

struct events {
    struct services *sv;
    pthread_mutex_t lock;                // everything below
    struct slot slot[EVENTS_KEPT];
    uint64_t head;                       // events published since the start
    int64_t last_id;
    struct stream stream[STREAMS_MAX];
    struct token *token;                 // STREAMS_MAX, locked memory
    struct opening opening[STREAMS_MAX];
    uint64_t slow;                       // streams ended because nobody read them; for metrics
    bool woken, stopping;
    events_missed *missed;
    void *missed_ctx;
    int epoll, wake;
    pthread_t loop, checker;
    bool loop_runs, checker_runs;
    char piece[PIECE_MAX];               // the loop's own
};

static void wake(struct events *e) // lock held
{
    if (!e->woken) {
        e->woken = true;
        ssize_t n = write(e->wake, &(uint64_t){1}, 8);
        (void)n; // full means woken
    }
}

static bool mine(const struct stream *s, struct id unit)
{
    for (size_t i = 0; i < s->n_units; i++) {
        if (id_equal(s->units[i], unit)) {
            return true;
        }
    }
    return false;
}

static void event_format(struct buf *b, int64_t id, const char *event, struct str data)
{
    if (id > 0) {
        buf_printf(b, "id: %lld\n", (long long)id);
    }
    buf_printf(b, "event: %s\ndata: ", event);
    buf_put(b, data);
    buf_put(b, STR("\n\n"));
}

void events_publish(struct events *e, int64_t id, const char *event, struct id unit, enum perm perm, struct str data)
{
    if (!e || data.n > EVENTS_DATA_MAX || str_has_control(data, false)) {
        log_event(LOG_WARN, "events.unfit", LOG_I("bytes", data.n));
        return;
    }
    struct buf b;
    buf_init(&b, EVENTS_DATA_MAX + 256);
    pthread_mutex_lock(&e->lock);
    bool grows = id > e->last_id;
    event_format(&b, grows ? id : 0, event, data);
    if (buf_ok(&b) == OK) {
        struct slot *s = &e->slot[e->head % EVENTS_KEPT];
        free(s->text);
        *s = (struct slot){.id = grows ? id : 0, .unit = unit, .perm = perm, .text = b.at, .n = b.n};
        e->head++;
        e->last_id = grows ? id : e->last_id;
        wake(e);
    } else {
        buf_free(&b);
    }
    pthread_mutex_unlock(&e->lock);
}

bool events_for(const struct services *sv, uint32_t roles)
{
    return sv->roles && (role_may(sv->roles, roles, PERM_REPORT_LIST) || role_may(sv->roles, roles, PERM_REFERRAL_LIST));
}

unsigned events_watchers(struct events *e, struct id unit)
{
    unsigned n = 0;
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        n += e->stream[i].state == STREAM_OPEN && mine(&e->stream[i], unit) && role_may(e->sv->roles, e->stream[i].roles, PERM_REPORT_LIST);
    }
    pthread_mutex_unlock(&e->lock);
    return n;
}

void events_catch_up(struct events *e, events_missed *fn, void *ctx)
{
    e->missed = fn;
    e->missed_ctx = ctx;
}

void events_metrics(struct events *e, struct buf *out)
{
    pthread_mutex_lock(&e->lock);
    size_t open = 0;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        open += e->stream[i].state == STREAM_OPEN;
    }
    buf_printf(out, "# TYPE isigurt_events_streams gauge\nisigurt_events_streams %zu\n", open);
    buf_printf(out, "# TYPE isigurt_events_published_total counter\nisigurt_events_published_total %llu\n", (unsigned long long)e->head);
    buf_printf(out, "# TYPE isigurt_events_slow_total counter\nisigurt_events_slow_total %llu\n", (unsigned long long)e->slow);
    pthread_mutex_unlock(&e->lock);
}

// ── opening: in a pool thread, then in http's loop ──

static void stream_free(struct events *e, struct stream *s) // lock held
{
    if (s->fd >= 0) { // by hand: the library may still hold the other descriptor of this socket, so closing alone would not do
        epoll_ctl(e->epoll, EPOLL_CTL_DEL, s->fd, NULL);
        close(s->fd);
    }
    buf_free(&s->owed);
    crypto_wipe(&e->token[s - e->stream], sizeof e->token[0]);
    *s = (struct stream){.generation = s->generation + 1, .fd = -1};
}

static uint64_t first_after(const struct events *e, int64_t id) // lock held: the first event with a greater id
{
    uint64_t from = e->head > EVENTS_KEPT ? e->head - EVENTS_KEPT : 0;
    for (; from < e->head && e->slot[from % EVENTS_KEPT].id <= id; from++) {
    }
    return from;
}

static bool memory_reaches(const struct events *e, int64_t after) // lock held: is nothing missing between `after` and memory?
{
    uint64_t oldest = e->head > EVENTS_KEPT ? e->head - EVENTS_KEPT : 0;
    for (; oldest < e->head; oldest++) {
        if (e->slot[oldest % EVENTS_KEPT].id > 0) {
            return e->slot[oldest % EVENTS_KEPT].id <= after + 1;
        }
    }
    return false;
}

// A lid that is shut says nothing: without this the kernel goes on for a quarter of an hour, and the courier believes all
// that time that somebody looks. Behind the front's unix socket it has no meaning and fails, which does no harm.
static void gone_soon(int fd)
{
    unsigned ms = GONE_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

static void stream_taken(void *ctx, int fd)
{
    struct opening *o = ctx;
    struct events *e = o->e;
    struct stream *s = &e->stream[o->i];
    pthread_mutex_lock(&e->lock);
    s->fd = fd;
    struct epoll_event ev = {.events = EPOLLRDHUP, .data.u64 = o->i};
    bool fine = fd >= 0 && !e->stopping && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
    if (fine) {
        gone_soon(fd);
        s->state = STREAM_OPEN;
        s->opened = s->checked = s->written = clock_mono();
        wake(e);
    } else {
        stream_free(e, s);
    }
    pthread_mutex_unlock(&e->lock);
}

struct missed_to { struct buf *b; int64_t last; };

static void missed_emit(void *to, int64_t id, const char *event, struct str data)
{
    struct missed_to *m = to;
    if (id > m->last && data.n <= EVENTS_DATA_MAX && !str_has_control(data, false)) {
        event_format(m->b, id, event, data);
        m->last = id;
    }
}

static enum err place_find(struct events *e, const struct token *t, const struct keeper_session *session, size_t *place) // lock held
{
    size_t found = STREAMS_MAX, same = 0, oldest = STREAMS_MAX;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &e->stream[i];
        if (s->state == STREAM_FREE) {
            found = found == STREAMS_MAX ? i : found;
        } else if (id_equal(s->sid, session->sid) && s->state != STREAM_ENDING) {
            same++;
            oldest = s->state == STREAM_OPEN && (oldest == STREAMS_MAX || s->opened < e->stream[oldest].opened) ? i : oldest;
        }
    }
    if (found == STREAMS_MAX || e->stopping) {
        return ERR_FULL;
    }
    if (same >= STREAMS_A_SESSION) {
        if (oldest == STREAMS_MAX) {
            return ERR_LIMITED; // three are being opened this moment
        }
        e->stream[oldest].state = STREAM_ENDING;
        wake(e);
    }
    struct stream *s = &e->stream[found];
    s->state = STREAM_OPENING;
    s->fd = -1;
    s->sid = session->sid;
    s->roles = session->roles;
    s->n_units = session->n_units < 16 ? session->n_units : 16;
    memcpy(s->units, session->units, s->n_units * sizeof s->units[0]);
    e->token[found] = *t;
    *place = found;
    return OK;
}

enum err events_open_stream(struct events *e, const struct token *t, const struct keeper_session *session, int64_t after,
                            struct http_answer *a)
{
    size_t i = 0;
    pthread_mutex_lock(&e->lock);
    enum err err = place_find(e, t, session, &i);
    bool reaches = after < 0 || memory_reaches(e, after);
    pthread_mutex_unlock(&e->lock);
    if (err) {
        return err;
    }
    struct stream *s = &e->stream[i];
    buf_init(&s->owed, BACKLOG_MAX);
    buf_put(&s->owed, STR("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"
                          "X-Accel-Buffering: no\r\nConnection: close\r\n\r\nretry: 2000\n\n"));
    struct missed_to m = {.b = &s->owed, .last = after};
    if (!reaches && e->missed && role_may(e->sv->roles, session->roles, PERM_REPORT_LIST)) { // what is missed are reports
        err = e->missed(e->missed_ctx, s->units, s->n_units, after, missed_emit, &m);
    }
    err = err ? err : buf_ok(&s->owed);
    pthread_mutex_lock(&e->lock);
    if (err) {
        stream_free(e, s);
    } else {
        s->next = after < 0 ? e->head : first_after(e, m.last);
        e->opening[i] = (struct opening){e, i};
        a->take = stream_taken;
        a->take_ctx = &e->opening[i];
    }
    pthread_mutex_unlock(&e->lock);
    return err;
}

// ── the loop ──

static size_t collect(struct events *e, struct stream *s, bool *lost) // lock held: fills piece with what is new for s
{
    size_t n = 0;
    *lost = e->head - s->next > EVENTS_KEPT;
    while (!*lost && s->next < e->head) {
        const struct slot *slot = &e->slot[s->next % EVENTS_KEPT];
        if (mine(s, slot->unit) && role_may(e->sv->roles, s->roles, slot->perm)) {
            if (slot->n > PIECE_MAX - n) {
                break;
            }
            memcpy(e->piece + n, slot->text, slot->n);
            n += slot->n;
        }
        s->next++;
    }
    return n;
}

// Writes what is owed, then *piece*. False: the stream is over.
static bool stream_send(struct events *e, struct stream *s, size_t i, size_t piece, int64_t now)
{
    if (s->owed.n > s->owed_at || piece == 0) {
        buf_put(&s->owed, (struct str){e->piece, piece});
        piece = 0;
    }
    struct str from = piece ? (struct str){e->piece, piece} : str_slice(buf_str(&s->owed), s->owed_at, s->owed.n);
    if (buf_ok(&s->owed)) {
        return false; // it owes more than it may
    }
    ssize_t w = from.n ? send(s->fd, from.at, from.n, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (w < 0 && errno != EAGAIN && errno != EINTR) {
        return false;
    }
    size_t done = w > 0 ? (size_t)w : 0;
    s->written = done ? now : s->written;
    if (piece) {
        buf_put(&s->owed, str_slice(from, done, from.n));
    } else {
        s->owed_at += done;
    }
    if (s->owed_at == s->owed.n) {
        buf_clear(&s->owed);
        s->owed_at = 0;
    }
    struct epoll_event ev = {.events = EPOLLRDHUP | (s->owed.n ? EPOLLOUT : 0u), .data.u64 = i};
    return done == from.n || epoll_ctl(e->epoll, EPOLL_CTL_MOD, s->fd, &ev) == 0;
}

static void stream_turn(struct events *e, size_t i, int64_t now)
{
    struct stream *s = &e->stream[i];
    for (;;) {
        bool lost = false;
        pthread_mutex_lock(&e->lock);
        enum stream_state state = s->state;
        size_t n = state == STREAM_OPEN ? collect(e, s, &lost) : 0;
        bool more = state == STREAM_OPEN && !lost && s->next < e->head;
        pthread_mutex_unlock(&e->lock);
        if (state == STREAM_FREE || state == STREAM_OPENING) {
            return;
        }
        bool owes = s->owed.n > s->owed_at;
        bool over = state == STREAM_ENDING || lost || (owes && now - s->written > SLOW_NS);
        if (!over && n == 0 && !owes && now - s->written > HEARTBEAT_NS) {
            memcpy(e->piece, ":\n\n", 3);
            n = 3;
        }
        if (!over && (n || owes)) {
            over = !stream_send(e, s, i, n, now);
        }
        if (over) {
            pthread_mutex_lock(&e->lock);
            e->slow += state != STREAM_ENDING;
            stream_free(e, s);
            pthread_mutex_unlock(&e->lock);
            return;
        }
        if (!more) {
            return;
        }
    }
}

static void stream_event(struct events *e, size_t i, uint32_t what, int64_t now)
{
    struct stream *s = &e->stream[i];
    if (what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        pthread_mutex_lock(&e->lock);
        if (s->state == STREAM_OPEN || s->state == STREAM_ENDING) {
            stream_free(e, s);
        }
        pthread_mutex_unlock(&e->lock);
    } else if (what & EPOLLOUT) {
        struct epoll_event ev = {.events = EPOLLRDHUP, .data.u64 = i};
        epoll_ctl(e->epoll, EPOLL_CTL_MOD, s->fd, &ev); // asked for again where it is still not enough
        stream_turn(e, i, now);
    }
}

static void *events_loop(void *arg)
{
    struct events *e = arg;
    int64_t flushed = 0;
    bool dirty = false;
    for (;;) {
        struct epoll_event ev[64];
        int64_t now = clock_mono(), left = FLUSH_NS - (now - flushed);
        int wait = !dirty ? 1000 : left <= 0 ? 0 : (int)((left + MS - 1) / MS);
        int n = epoll_wait(e->epoll, ev, 64, wait);
        now = clock_mono();
        for (int i = 0; i < n; i++) {
            if (ev[i].data.u64 != UINT64_MAX) {
                stream_event(e, (size_t)ev[i].data.u64, ev[i].events, now);
                continue;
            }
            uint64_t count;
            ssize_t got = read(e->wake, &count, 8);
            (void)got;
            pthread_mutex_lock(&e->lock);
            e->woken = false;
            bool stopping = e->stopping;
            pthread_mutex_unlock(&e->lock);
            if (stopping) {
                return NULL;
            }
            dirty = true;
        }
        if ((dirty && now - flushed >= FLUSH_NS) || n == 0) {
            for (size_t i = 0; i < STREAMS_MAX; i++) {
                stream_turn(e, i, now);
            }
            flushed = now;
            dirty = false;
        }
    }
}

// ── the check of sessions: on a thread of its own, because the keeper may be slow ──

static void session_check(struct events *e, size_t i, uint32_t generation, const struct token *t)
{
    struct keeper_session session = {0};
    enum err err = e->sv->keeper ? keeper_session(e->sv->keeper, t, &session) : ERR_AWAY;
    pthread_mutex_lock(&e->lock);
    struct stream *s = &e->stream[i];
    if (s->state == STREAM_OPEN && s->generation == generation) {
        s->checked = clock_mono();
        if (err == ERR_UNAUTHENTICATED || (!err && !events_for(e->sv, session.roles))) {
            s->state = STREAM_ENDING;
            wake(e);
        } else if (!err) { // units may have changed; a keeper that is away changes nothing
            s->roles = session.roles;
            s->n_units = session.n_units < 16 ? session.n_units : 16;
            memcpy(s->units, session.units, s->n_units * sizeof s->units[0]);
        }
    }
    pthread_mutex_unlock(&e->lock);
}

static void *events_check(void *arg)
{
    struct events *e = arg;
    for (;;) {
        clock_sleep(500 * 1000);
        for (size_t i = 0; i < STREAMS_MAX; i++) {
            pthread_mutex_lock(&e->lock);
            bool stopping = e->stopping;
            struct stream *s = &e->stream[i];
            bool due = s->state == STREAM_OPEN && clock_mono() - s->checked > RECHECK_NS;
            uint32_t generation = s->generation;
            struct token t = {{0}};
            if (due) {
                t = e->token[i];
            }
            pthread_mutex_unlock(&e->lock);
            if (stopping) {
                return NULL;
            }
            if (due) {
                session_check(e, i, generation, &t);
                crypto_wipe(&t, sizeof t);
            }
        }
    }
}

enum err events_new(struct services *sv, const struct web_options *o, struct events **out)
{
    (void)o;
    struct events *e = calloc(1, sizeof *e);
    if (!e) {
        return ERR_MEMORY;
    }
    e->sv = sv;
    e->token = secret_new(STREAMS_MAX * sizeof *e->token);
    pthread_mutex_init(&e->lock, NULL);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        e->stream[i].fd = -1;
    }
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
    e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, EVENTS_STACK);
    if (e->epoll >= 0 && e->wake >= 0 && epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->wake, &ev) == 0) {
        e->loop_runs = pthread_create(&e->loop, &attr, events_loop, e) == 0;
        e->checker_runs = pthread_create(&e->checker, &attr, events_check, e) == 0;
    }
    pthread_attr_destroy(&attr);
    if (!e->loop_runs || !e->checker_runs) {
        events_free(&e);
        return ERR_IO;
    }
    *out = e;
    return OK;
}

void events_end_streams(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        if (e->stream[i].state == STREAM_OPEN) {
            e->stream[i].state = STREAM_ENDING;
        }
    }
    wake(e);
    pthread_mutex_unlock(&e->lock);
}

void events_free(struct events **ep)
{
    struct events *e = *ep;
    if (!e) {
        return;
    }
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    e->woken = false;
    wake(e);
    pthread_mutex_unlock(&e->lock);
    if (e->loop_runs) {
        pthread_join(e->loop, NULL);
    }
    if (e->checker_runs) {
        pthread_join(e->checker, NULL);
    }
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        stream_free(e, &e->stream[i]);
    }
    for (size_t i = 0; i < EVENTS_KEPT; i++) {
        free(e->slot[i].text);
    }
    if (e->epoll >= 0) {
        close(e->epoll);
    }
    if (e->wake >= 0) {
        close(e->wake);
    }
    secret_free(e->token);
    pthread_mutex_destroy(&e->lock);
    free(e);
    *ep = NULL;
}
