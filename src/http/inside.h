// inside: one request on its way through the loop and the pool, shared by the files of this floor.
#pragma once
#include <microhttpd.h>
#include <stdatomic.h>
#include "http/gate.h"
#include "http/http.h"
#include "http/pool.h"
#include "http/reap.h"

#define NS INT64_C(1000000000)

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
    size_t dropped;               // bytes of the body beyond what is kept of it
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

// Made once, sent often: what http_ready_new gives.
struct http_ready {
    struct MHD_Response *response;
    unsigned status;
    bool last;                    // says "Connection: close"; loop thread only
};

// ── head.c ──
// The request line and the head against the gate, byte by byte where the library's layout allows it; fills rq.path, rq.query
// and gate. Loop thread, once a request, before the body.
enum gate head_check(struct call *c, const char *method, const char *version);

// ── call.c: what the library calls, loop thread; and the pool's job ──
void *call_target(void *cls, const char *uri, struct MHD_Connection *connection); // cls: struct http; NULL: refused
enum MHD_Result call_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                             const char *data, size_t *n, void **context);
void call_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code);
void call_run(void *http, void *call); // pool thread
