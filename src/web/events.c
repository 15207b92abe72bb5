// events: what was published, kept for those who come back, and the sessions behind the streams (opening them: stream_open.c;
// writing to them: stream_loop.c).
#include "web/stream.h"
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"

#define RECHECK_NS (60000 * MS)
#define EVENTS_STACK (256 * 1024)

void events_wake(struct events *e)
{
    if (!e->woken) {
        e->woken = true;
        ssize_t n = write(e->wake, &(uint64_t){1}, 8);
        (void)n; // full means woken
    }
}

bool stream_in(const struct stream *s, struct id unit)
{
    for (size_t i = 0; i < s->n_units; i++) {
        if (id_equal(s->units[i], unit)) {
            return true;
        }
    }
    return false;
}

void events_format(struct buf *b, int64_t id, const char *event, struct str data)
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
    events_format(&b, grows ? id : 0, event, data);
    if (buf_ok(&b) == OK) {
        struct slot *s = &e->slot[e->head % EVENTS_KEPT];
        free(s->text);
        *s = (struct slot){.id = grows ? id : 0, .unit = unit, .perm = perm, .text = b.at, .n = b.n};
        e->head++;
        e->last_id = grows ? id : e->last_id;
        events_wake(e);
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
        n += e->stream[i].state == STREAM_OPEN && stream_in(&e->stream[i], unit) && role_may(e->sv->roles, e->stream[i].roles, PERM_REPORT_LIST);
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

void stream_free(struct events *e, struct stream *s)
{
    if (s->fd >= 0) { // by hand: the library may still hold the other descriptor of this socket, so closing alone would not do
        epoll_ctl(e->epoll, EPOLL_CTL_DEL, s->fd, NULL);
        close(s->fd);
    }
    buf_free(&s->owed);
    crypto_wipe(&e->token[s - e->stream], sizeof e->token[0]);
    *s = (struct stream){.generation = s->generation + 1, .fd = -1};
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
            events_wake(e);
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
    events_wake(e);
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
    events_wake(e);
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
