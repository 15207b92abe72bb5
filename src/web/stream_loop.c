// The loop that writes to all streams of events: a thread of its own.
#include "web/stream.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"

#define FLUSH_NS (20 * MS)
#define HEARTBEAT_NS (15000 * MS)
#define SLOW_NS (45000 * MS) // nothing could be written for so long: nobody reads any more

static size_t collect(struct events *e, struct stream *s, bool *lost) // lock held: fills piece with what is new for s
{
    size_t n = 0;
    *lost = e->head - s->next > EVENTS_KEPT;
    while (!*lost && s->next < e->head) {
        const struct slot *slot = &e->slot[s->next % EVENTS_KEPT];
        if (stream_in(s, slot->unit) && role_may(e->sv->roles, s->roles, slot->perm)) {
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

void *events_loop(void *arg)
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
