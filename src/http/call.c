// One request: its head in the loop, its handler in the pool, its answer in the loop again.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "http/inside.h"

#define HEAD_NS (10 * NS)          // from the request line to the end of the head
#define RATE_GRACE_NS (10 * NS)

static int64_t time_for(size_t bytes)
{
    return RATE_GRACE_NS + (int64_t)(bytes / HTTP_RATE_BYTES) * NS;
}

void *call_target(void *cls, const char *uri, struct MHD_Connection *connection)
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

// What was sent goes back with the refusal where the floor above can do that; a ready answer says it alone otherwise.
static enum MHD_Result answer_given_back(struct call *c, int status)
{
    struct http *h = c->h;
    const struct http_handlers *up = &h->o.handlers;
    if (!up->give_back || !c->rq.body.n || c->response) {
        return answer_refusal(c, status);
    }
    c->answer = (struct http_answer){0};
    buf_init(&c->answer.body, HTTP_BODY_MAX);
    const bool given = up->give_back(up->ctx, &c->rq, status, &c->answer);
    if (given) {
        answer_pack(c);
    } else {
        buf_free(&c->answer.body);
    }
    if (given && up->done) {
        up->done(up->ctx, &c->answer);
    }
    if (!c->response) {
        return answer_refusal(c, status);
    }
    atomic_fetch_add(status == 503 ? &h->full : &h->refused, 1);
    c->state = CALL_DONE;
    conn_until(c->conn, clock_mono() + time_for(HTTP_BODY_MAX));
    (void)say_last(c, c->response);
    return MHD_queue_response(c->connection, (unsigned)c->answer.status, c->response);
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
    if (chunked && c->plan.body_max > HTTP_BODY_MAX) {
        c->plan.body_max = HTTP_BODY_MAX;
    }
    size_t most = c->plan.back_max > c->plan.body_max ? c->plan.back_max : c->plan.body_max;
    if (length > (int64_t)most) {
        return answer_refusal(c, 413);
    }
    c->rq.what = c->plan.what;
    buf_init_secret(&c->body, most);
    c->receives = time_for(length > 0 ? (size_t)length : chunked ? most : 0);
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
    if (n > c->body.max - c->body.n) {
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
    if (c->body.n > c->plan.body_max) {
        return answer_given_back(c, 413);
    }
    bool urgent = false;
    if (!pool_room(h->pool, false)) {
        urgent = c->plan.urgent && c->plan.urgent(c->rq.body);
        if (!urgent || !pool_room(h->pool, true)) {
            return answer_given_back(c, 503);
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

void call_run(void *http, void *job)
{
    struct http *h = http;
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

enum MHD_Result call_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *data, size_t *n, void **context)
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
            return c->refusal == 503 ? answer_given_back(c, 503) : answer_refusal(c, c->refusal);
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

void call_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
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
