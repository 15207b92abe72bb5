#include "http/http.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include "base/clock.h"
#include "http/gate.h"
#include "http/listen.h"
#include "http/pool.h"
#include "http/reap.h"

#define NS INT64_C(1000000000)
#define HEAD_NS (10 * NS)          // from the request line to the end of the head
#define RATE_GRACE_NS (10 * NS)
#define STOP_NS (5 * NS)
#define STOP_WRITE_NS NS           // for the last answers to leave
#define LEAVE_NS (20 * NS)         // for connections to end by themselves where another process has taken over
#define LEAVE_IDLE_NS (5 * NS)     // … and for one that asks nothing
#define CONNECTION_MEMORY 16384u   // bytes: the request's head, a piece of its body, the answer's head
#define LOOP_STACK (256 * 1024)

enum call_state { CALL_HEAD, CALL_ADMIT, CALL_ADMITTED, CALL_BODY, CALL_POOL, CALL_DONE };
struct call { // one request, from its request line to the end of its answer
    struct http *h;
    struct conn *conn;
    struct MHD_Connection *connection;
    enum call_state state;
    struct http_request rq;
    struct http_plan plan;
    struct gate_head gate;
    struct buf body;
    size_t dropped;               // bytes of the body beyond body_max
    bool large;                   // counted in http.large
    int64_t receives;             // ns that the body may take
    int refusal;                  // status, 0: none
    struct MHD_Response *response; // made in the pool
    struct http_answer answer;
    const char *uri;              // where the target stands in the library's buffer, while the head is checked
    size_t target_n;
    char target[];                // as sent, NUL-terminated
};

struct http {
    struct http_options o;
    struct MHD_Daemon *daemon;
    struct pool *pool;
    int listener;
    bool is_unix, exact;          // exact: the library lays the head out in a way that lets us account for every byte
    struct reaper *reaper;
    _Atomic int64_t stop_at;      // mono ns; jobs that start later are not run any more
    atomic_bool leaving;          // another process listens: each answer is the last of its connection
    atomic_uint calls, large;
    atomic_ullong requests, refused, full;
};

struct http_ready {
    struct MHD_Response *response;
    unsigned status;
    bool last;                    // says "Connection: close"; loop thread only
};

enum err http_ready_new(int status, const struct http_pair *pairs, size_t n, struct str body, struct http_ready **out)
{
    struct http_ready *r = calloc(1, sizeof *r);
    if (!r) {
        return ERR_MEMORY;
    }
    union { const char *in; void *out; } at = {body.n ? body.at : ""}; // the library only reads it
    r->status = (unsigned)status;
    r->response = MHD_create_response_from_buffer(body.n, at.out, MHD_RESPMEM_MUST_COPY);
    bool fine = r->response;
    for (size_t i = 0; fine && i < n; i++) {
        char value[1024];
        fine = pairs[i].value.n < sizeof value;
        if (fine) {
            memcpy(value, pairs[i].value.at, pairs[i].value.n);
            value[pairs[i].value.n] = '\0';
            fine = MHD_add_response_header(r->response, pairs[i].name, value) == MHD_YES;
        }
    }
    if (!fine) {
        http_ready_free(&r);
        return ERR_MEMORY;
    }
    *out = r;
    return OK;
}

void http_ready_free(struct http_ready **r)
{
    if (*r) {
        if ((*r)->response) {
            MHD_destroy_response((*r)->response);
        }
        free(*r);
        *r = NULL;
    }
}

// ── connections ──

static int64_t time_for(size_t bytes)
{
    return RATE_GRACE_NS + (int64_t)(bytes / HTTP_RATE_BYTES) * NS;
}

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

// ── the gate, fed from the library ──

static void *on_target(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http *h = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *conn = info ? info->socket_context : NULL;
    size_t n = strlen(uri);
    struct call *c = conn ? calloc(1, sizeof *c + n + 1) : NULL;
    if (!c) {
        return NULL;
    }
    c->h = h;
    c->conn = conn;
    c->connection = connection;
    c->uri = uri;
    c->target_n = n;
    memcpy(c->target, uri, n + 1);
    conn_receives(conn, clock_mono() + HEAD_NS);
    atomic_fetch_add(&h->calls, 1);
    return c;
}

struct lines { // walks the head where it lies in the library's buffer
    struct gate_head *gate;
    const char *end; // where the next line must begin, by what was seen so far
    bool exact;      // every byte so far is accounted for
};

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
    struct lines *l = cls;
    (void)kind;
    gate_field(l->gate, (struct str){name, name_n}, (struct str){value, value_n});
    if (l->exact && (name != l->end || !value || value <= name + name_n || value - name > HTTP_HEAD_MAX)) {
        l->exact = false;
    }
    for (const char *p = name + name_n + 1; l->exact && p < value; p++) { // the colon stood at name + name_n
        l->exact = *p == ' ' || *p == '\t';
    }
    l->end = value ? value + value_n + 2 : NULL;
    return MHD_YES;
}

// libmicrohttpd 0.9.75 joins folded lines, stops names and values at a NUL, takes a bare LF for a line's end and spaces
// for one. It parses in place and leaves name, value, name, value in the order sent, two bytes between lines: so any
// byte that it dropped shows as a gap. 1.0 and later refuse these by themselves and lay things out differently.
static enum gate head_check(struct call *c, const char *method, const char *version)
{
    struct lines l = {.gate = &c->gate, .end = version + 8 + 2, .exact = true};
    gate_head_start(&c->gate);
    enum gate target = gate_target((struct str){c->target, c->target_n}, &c->rq.path, &c->rq.query);
    MHD_get_connection_values_n(c->connection, MHD_HEADER_KIND, on_field, &l);
    enum gate head = gate_head_end(&c->gate, str_from(version));
    if (c->h->exact) {
        const union MHD_ConnectionInfo *size = MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
        bool line = version == c->uri + c->target_n + 1 && method + strlen(method) + 1 == c->uri;
        if (!line || !l.exact || !size || (size_t)(l.end + 2 - method) != size->header_size) {
            return GATE_BAD;
        }
    }
    return head ? head : target;
}

// ── one request ──

// The answer's head is written by the loop alone, so a line may be added here to what all connections share.
static bool say_last(struct call *c, struct MHD_Response *r)
{
    return atomic_load(&c->h->leaving) && MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES;
}

static enum MHD_Result answer_ready(struct call *c, struct http_ready *r)
{
    r->last = r->last || say_last(c, r->response);
    c->state = CALL_DONE;
    conn_until(c->conn, clock_mono() + time_for(HTTP_HEAD_MAX));
    return MHD_queue_response(c->connection, r->status, r->response);
}

static enum MHD_Result answer_refusal(struct call *c, int status)
{
    struct http *h = c->h;
    atomic_fetch_add(status == 503 ? &h->full : &h->refused, 1);
    return answer_ready(c, h->o.handlers.refuse(h->o.handlers.ctx, &c->rq, status));
}

// State: seen by the loop, because resuming takes the library's lock.
static void body_begins(struct call *c, enum call_state state)
{
    c->state = state;
    conn_receives(c->conn, clock_mono() + c->receives);
}

// Who asks is looked at before a large body is read, in the pool because it may wait; the body comes after.
static void to_admit(struct call *c)
{
    struct http *h = c->h;
    if (!pool_room(h->pool, false)) {
        c->refusal = 503;
        body_begins(c, CALL_BODY);
        return;
    }
    c->state = CALL_ADMIT;
    conn_until(c->conn, 0);
    MHD_suspend_connection(c->connection); // before the job can end and resume it
    if (pool_add(h->pool, c, false)) {
        c->refusal = 503; // only while stopping
        body_begins(c, CALL_ADMITTED);
        MHD_resume_connection(c->connection);
    }
}

static void admit_job(struct call *c)
{
    struct http *h = c->h;
    c->refusal = h->o.handlers.admit ? h->o.handlers.admit(h->o.handlers.ctx, &c->rq) : 0;
    if (!c->refusal) {
        c->large = atomic_fetch_add(&h->large, 1) < HTTP_LARGE_AT_ONCE;
        if (!c->large) {
            atomic_fetch_sub(&h->large, 1);
            c->refusal = 503;
        }
    }
    body_begins(c, CALL_ADMITTED);
    MHD_resume_connection(c->connection);
}

static enum MHD_Result on_head(struct call *c, const char *method, const char *version)
{
    struct http *h = c->h;
    enum gate verdict = head_check(c, method, version);
    c->uri = NULL;
    c->rq.method = gate_method(str_from(method));
    c->rq.unix_socket = h->is_unix;
    for (int i = 0; i < HTTP_HEADERS; i++) {
        c->rq.header[i] = c->gate.kept[i];
    }
    if (verdict == GATE_BAD || verdict == GATE_LARGE) {
        return answer_refusal(c, verdict == GATE_BAD ? 400 : 431);
    }
    if (verdict == GATE_NOWHERE) {
        return answer_refusal(c, 404);
    }
    int64_t length = gate_length(&c->gate);
    bool chunked = c->gate.kept[HTTP_TRANSFER_ENCODING].n;
    bool reads = c->rq.method == HTTP_GET || c->rq.method == HTTP_HEAD;
    if (reads && (length > 0 || chunked)) {
        return answer_refusal(c, 400);
    }
    h->o.handlers.look(h->o.handlers.ctx, &c->rq, &c->plan);
    if (c->plan.step == HTTP_READY && !reads) {
        return answer_ready(c, c->plan.ready); // before the body: the library closes the connection afterwards
    }
    if (length > (int64_t)c->plan.body_max) {
        return answer_refusal(c, 413);
    }
    if (chunked && c->plan.body_max > HTTP_BODY_MAX) {
        c->plan.body_max = HTTP_BODY_MAX;
    }
    c->rq.what = c->plan.what;
    buf_init_secret(&c->body, c->plan.body_max);
    c->receives = time_for(length > 0 ? (size_t)length : chunked ? c->plan.body_max : 0);
    if (length > HTTP_BODY_MAX) {
        to_admit(c);
        return MHD_YES;
    }
    body_begins(c, CALL_BODY);
    return MHD_YES;
}

static enum MHD_Result on_body(struct call *c, const char *data, size_t n)
{
    conn_received(c->conn, n);
    if (c->refusal) { // admit() or the count of places said no: read to its end, and kept nowhere
        return MHD_YES;
    }
    if (n > c->plan.body_max - c->body.n) {
        c->dropped += n;
        return c->dropped > HTTP_BODY_MAX ? MHD_NO : MHD_YES; // an answer is only possible after the body's end
    }
    buf_put(&c->body, (struct str){data, n});
    return buf_ok(&c->body) ? MHD_NO : MHD_YES;
}

static enum MHD_Result to_pool(struct call *c)
{
    struct http *h = c->h;
    if (c->refusal || c->dropped) {
        return answer_refusal(c, c->refusal ? c->refusal : 413);
    }
    c->rq.body = buf_str(&c->body);
    bool urgent = false;
    if (!pool_room(h->pool, false)) {
        urgent = c->plan.urgent && c->plan.urgent(c->rq.body);
        if (!urgent || !pool_room(h->pool, true)) {
            return answer_refusal(c, 503);
        }
    }
    c->state = CALL_POOL;
    conn_until(c->conn, 0);
    MHD_suspend_connection(c->connection); // before the job can end and resume it
    if (pool_add(h->pool, c, urgent)) {
        c->refusal = 503; // only while stopping
        c->state = CALL_DONE;
        MHD_resume_connection(c->connection);
    }
    return MHD_YES;
}

static void body_free(void *cls)
{
    struct buf *b = cls;
    buf_free(b);
    free(b);
}

static void answer_pack(struct call *c)
{
    struct http_answer *a = &c->answer;
    struct buf *kept = malloc(sizeof *kept);
    if (!kept || buf_ok(&a->body)) {
        free(kept);
        buf_free(&a->body);
        c->refusal = 500;
        return;
    }
    *kept = a->body;
    union { const char *in; void *out; } at = {kept->n ? kept->at : ""};
    c->response = MHD_create_response_from_buffer_with_free_callback_cls(kept->n, at.out, body_free, kept);
    if (!c->response) {
        body_free(kept);
        c->refusal = 500;
        return;
    }
    for (size_t i = 0; i < a->n; i++) {
        char value[2048];
        size_t n = a->pair[i].value.n;
        bool fits = n < sizeof value;
        if (fits && n) {
            memcpy(value, a->pair[i].value.at, n);
        }
        value[fits ? n : 0] = '\0';
        if (!fits || MHD_add_response_header(c->response, a->pair[i].name, value) != MHD_YES) {
            c->refusal = 500; // a line end in a value, too: nothing of ours makes one
        }
        explicit_bzero(value, n < sizeof value ? n : 0); // it may be the session's cookie
    }
}

static void run_job(void *ctx, void *job)
{
    struct http *h = ctx;
    struct call *c = job;
    if (c->state == CALL_ADMIT) {
        admit_job(c);
        return;
    }
    int64_t stop_at = atomic_load(&h->stop_at);
    if (stop_at && clock_mono() > stop_at) {
        c->refusal = 503;
    } else {
        buf_init(&c->answer.body, HTTP_BODY_MAX);
        h->o.handlers.run(h->o.handlers.ctx, &c->rq, &c->answer);
        if (!c->answer.take) {
            answer_pack(c);
        }
        if (h->o.handlers.done) {
            h->o.handlers.done(h->o.handlers.ctx, &c->answer);
        }
    }
    conn_until(c->conn, clock_mono() + time_for(c->answer.body.n));
    c->state = CALL_DONE; // seen by the loop: resuming takes the library's lock
    MHD_resume_connection(c->connection);
}

// The library never gives a socket away except for "Upgrade". A second descriptor of the same socket does: the library
// closes its own without shutdown(2), because MHD_USE_TURBO tells it not to. Tested by test_http.c.
static enum MHD_Result hand_over(struct call *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info ? fcntl(info->connect_fd, F_DUPFD_CLOEXEC, 0) : -1;
    void (*take)(void *, int) = c->answer.take;
    c->answer.take = NULL;
    take(c->answer.take_ctx, fd);
    return MHD_NO;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **context)
{
    struct call *c = *context;
    (void)cls, (void)url, (void)connection;
    if (!c) {
        return MHD_NO;
    }
    switch (c->state) {
    case CALL_HEAD: // neither answered nor suspended here, but for refusals: the library would close the connection afterwards
        atomic_fetch_add(&c->h->requests, 1);
        return on_head(c, method, version);
    case CALL_ADMITTED: // resumed: the library may show the head once more, before the body
        c->state = CALL_BODY;
        if (*n == 0) {
            return MHD_YES;
        }
        // fallthrough
    case CALL_BODY:
        if (*n) {
            enum MHD_Result r = on_body(c, data, *n);
            *n = 0;
            return r;
        }
        return c->plan.step == HTTP_READY ? answer_ready(c, c->plan.ready) : to_pool(c);
    case CALL_DONE:
        if (c->refusal) {
            return answer_refusal(c, c->refusal);
        }
        if (c->answer.take) {
            return hand_over(c);
        }
        if (c->response) {
            (void)say_last(c, c->response);
        }
        return c->response ? MHD_queue_response(connection, (unsigned)c->answer.status, c->response) : MHD_YES;
    case CALL_ADMIT:
    case CALL_POOL:
        break; // suspended: the library does not call
    }
    return MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    struct call *c = *context;
    (void)cls, (void)connection, (void)code;
    if (!c) {
        return;
    }
    if (c->answer.take) {
        c->answer.take(c->answer.take_ctx, -1);
    }
    if (c->response) {
        MHD_destroy_response(c->response);
    }
    buf_free(&c->body);
    conn_idle(c->conn);
    if (c->large) {
        atomic_fetch_sub(&c->h->large, 1);
    }
    atomic_fetch_sub(&c->h->calls, 1);
    explicit_bzero(c->target, c->target_n);
    free(c);
    *context = NULL;
}

// ── start and stop ──

static enum err daemon_start(struct http *h)
{
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO, 0, NULL, NULL, on_request, h,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)h->listener, MHD_OPTION_CONNECTION_LIMIT, h->o.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
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
        e = pool_new(o->threads, queue, reserved, run_job, h, &h->pool);
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
