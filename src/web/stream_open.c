// Opening a stream of events: in a pool thread, then in http's loop.
#include "web/stream.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/clock.h"

#define STREAMS_A_SESSION 3
#define GONE_MS 30000u        // what was written and is not acknowledged for so long: the machine is gone
#define BACKLOG_MAX (1 << 20) // bytes a new stream may be given at once, or a slow one may owe

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
        events_wake(e);
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
        events_format(m->b, id, event, data);
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
        events_wake(e);
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
