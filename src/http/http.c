// Start and stop; connections.
#include "http/http.h"
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "http/inside.h"
#include "http/listen.h"

#define STOP_NS (5 * NS)
#define STOP_WRITE_NS NS           // for the last answers to leave
#define LEAVE_NS (20 * NS)         // for connections to end by themselves where another process has taken over
#define LEAVE_IDLE_NS (5 * NS)     // … and for one that asks nothing
#define CONNECTION_MEMORY 16384u   // bytes: the request's head, a piece of its body, the answer's head
#define LOOP_STACK (256 * 1024)

static void on_connection(void *cls, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
    struct http *h = cls;
    struct conn *c = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        c = info ? conn_new(h->reaper, info->connect_fd) : NULL;
        *context = c; // without memory its requests are refused: on_target finds NULL
    } else if (c) { // told before the descriptor is closed, so that the reaper never meets a number used again
        conn_free(h->reaper, c);
        *context = NULL;
    }
}

static enum err daemon_start(struct http *h)
{
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO, 0, NULL, NULL, call_request, h,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)h->listener, MHD_OPTION_CONNECTION_LIMIT, h->o.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, call_target, h, MHD_OPTION_NOTIFY_COMPLETED, call_completed, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_THREAD_STACK_SIZE, (size_t)LOOP_STACK, MHD_OPTION_END);
    return h->daemon ? OK : ERR_IO;
}

enum err http_start(const struct http_options *o, struct http **out, struct buf *why)
{
    assert(o->handlers.look && o->handlers.run && o->handlers.refuse);
    struct http *h = calloc(1, sizeof *h);
    if (!h) {
        return ERR_MEMORY;
    }
    h->o = *o;
    h->listener = -1;
    h->exact = strncmp(MHD_get_version(), "0.9.7", 5) == 0;
    size_t queue = o->queue ? o->queue : 4 * (size_t)o->threads;
    size_t reserved = o->reserved ? o->reserved : 4 * (size_t)o->threads;
    if (listen_raise_files(o->connections)) {
        buf_printf(why, "%u connections need as many open files; raise the limit (ulimit -n) or lower `connections`", o->connections);
        http_stop(&h);
        return ERR_LIMITED;
    }
    enum err e = OK;
    if (o->listener > 0) {
        h->listener = o->listener;
        h->is_unix = strncmp(o->listen, "unix:", 5) == 0;
    } else {
        e = listen_open(o->listen, &h->listener, &h->is_unix, why);
    }
    if (!e) {
        e = pool_new(o->threads, queue, reserved, call_run, h, &h->pool);
    }
    if (!e) {
        e = reaper_new(o->connections, &h->reaper);
    }
    if (!e) {
        e = daemon_start(h);
    }
    if (e) {
        if (why->n == 0) {
            buf_printf(why, "%s: %s", o->listen, err_name(e));
        }
        http_stop(&h);
        return e;
    }
    *out = h;
    return OK;
}

void http_counts(struct http *h, struct http_counts *out)
{
    *out = (struct http_counts){.requests = atomic_load(&h->requests), .refused = atomic_load(&h->refused),
                                .full = atomic_load(&h->full), .reaped = reaper_closed(h->reaper),
                                .connections = reaper_open(h->reaper), .waiting = (unsigned)pool_waiting(h->pool)};
}

unsigned http_port(struct http *h)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    if (h->is_unix || getsockname(h->listener, (struct sockaddr *)&a, &n)) {
        return 0;
    }
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port : ((struct sockaddr_in *)&a)->sin_port);
}

int http_listener(struct http *h)
{
    return h->listener;
}

void http_leave(struct http *h, const volatile sig_atomic_t *now)
{
    atomic_store(&h->leaving, true);
    MHD_quiesce_daemon(h->daemon); // what was not accepted yet is the other's
    reaper_hurry(h->reaper, LEAVE_IDLE_NS);
    const int64_t until = clock_mono() + LEAVE_NS;
    while (reaper_open(h->reaper) && clock_mono() < until && __atomic_load_n(now, __ATOMIC_RELAXED) != 1) {
        clock_sleep(20 * 1000);
    }
}

void http_stop(struct http **hp)
{
    struct http *h = *hp;
    if (!h) {
        return;
    }
    atomic_store(&h->stop_at, clock_mono() + STOP_NS);
    if (h->daemon && !atomic_load(&h->leaving)) {
        MHD_quiesce_daemon(h->daemon); // the listener stays ours
    }
    if (h->pool) {
        pool_stop(h->pool); // every suspended connection is resumed by its job
    }
    int64_t until = clock_mono() + STOP_WRITE_NS;
    while (h->daemon && atomic_load(&h->calls) && clock_mono() < until) {
        clock_sleep(5000);
    }
    if (h->reaper) {
        reaper_stop(h->reaper);
    }
    if (h->daemon) {
        MHD_stop_daemon(h->daemon);
    }
    if (h->listener >= 0) {
        close(h->listener); // another process may listen on it still: the file of a unix socket stays
    }
    reaper_free(&h->reaper);
    pool_free(&h->pool);
    free(h);
    *hp = NULL;
}
