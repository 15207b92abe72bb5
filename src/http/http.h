// http: moves bytes, and knows nothing of pages, sessions or languages. A thin layer over libmicrohttpd (epoll, one loop
// thread) that adds what the library leaves out: a strict gate for the request's head, deadlines for slow clients, a
// bounded pool of threads for the work, answers kept ready for what needs no work, and a clean stop.
//
// A request's way: loop reads the head → gate → look() (loop thread) chooses a ready answer or the pool → body is read →
// run() (pool thread) → loop writes the answer. Floors above implement look() and run().
#pragma once
#include <signal.h>
#include "base/buf.h"

#define HTTP_TARGET_MAX 2048   // bytes of path and query
#define HTTP_HEAD_MAX 8192     // bytes of the whole head: 431 above
#define HTTP_FIELDS_MAX 64     // header lines
#define HTTP_BODY_MAX (1 << 20) // bytes; look() may only ask for less …
#define HTTP_LARGE_MAX (21 << 20) // … but for what takes a file in: then with a length told before, and
#define HTTP_LARGE_AT_ONCE 4      // only so many at once, and only of those whom admit() lets in. Bounds what can be filled

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };
enum http_header { // the headers that are kept; all others are only checked
    HTTP_HOST, HTTP_COOKIE, HTTP_ACCEPT_LANGUAGE, HTTP_ACCEPT_ENCODING, HTTP_AUTHORIZATION, HTTP_CONTENT_TYPE,
    HTTP_CONTENT_ENCODING, HTTP_CONTENT_LENGTH, HTTP_TRANSFER_ENCODING, HTTP_ORIGIN, HTTP_FETCH_SITE, HTTP_CSRF, HTTP_PREFIX,
    HTTP_IF_NONE_MATCH, HTTP_LAST_EVENT_ID, HTTP_HEADERS
};

struct http_request {                // lives until the answer is written; everything in it is borrowed
    enum http_method method;
    struct str path;                 // begins with '/', only A-Z a-z 0-9 / - . _ ~ @ + , : ! and no empty, "." or ".." part
    struct str query;                // behind '?', still encoded, printable ASCII; or empty
    struct str header[HTTP_HEADERS]; // white space trimmed; no control characters; n is 0 where there is none
    struct str body;                 // in run() and urgent()
    bool unix_socket;                // it came over a unix socket: from the front, whose headers may be believed
    const void *what;                // what look() left for run()
};

struct http_pair { const char *name; struct str value; }; // one header line of an answer

// ── answers kept ready: made once, shared by all connections, any thread ──
struct http_ready;
MUST_USE enum err http_ready_new(int status, const struct http_pair *pairs, size_t n, struct str body, struct http_ready **out);
void http_ready_free(struct http_ready **r); // what is being sent goes on being sent

// ── answers made by run() ──
#define HTTP_PAIRS_MAX 24
struct http_answer {
    int status;
    struct buf body;                          // handed over to the floor: freed by it, wiped where it is a secret buf
    size_t n;
    struct http_pair pair[HTTP_PAIRS_MAX];    // copied before done() is called
    // Instead of an answer: the socket itself, for a stream that somebody else serves. Called in the loop thread with a
    // descriptor that now belongs to the callee; -1 where the connection was lost: then only free ctx.
    void (*take)(void *ctx, int fd);
    void *take_ctx;
    void *owner;                              // the upper floor's own, for done()
};

enum http_step { HTTP_READY, HTTP_RUN };
struct http_plan {
    enum http_step step;
    struct http_ready *ready;                 // HTTP_READY; kept alive by the caller until look() is called again
    size_t body_max;                          // HTTP_RUN: bytes; a longer body is refused (413)
    size_t back_max;                          // HTTP_RUN: up to so many bytes a body that is too long is read all the same, for
                                              // give_back(); 0: it is not
    bool (*urgent)(struct str body);          // HTTP_RUN, may be NULL: asked when the queue is full; true: a reserved place
    const void *what;
};
struct http_handlers {
    void *ctx;
    // Loop thread; must not block. The head passed the gate.
    void (*look)(void *ctx, const struct http_request *rq, struct http_plan *plan);
    // Pool thread; may block. Fills *answer (body is already initialised with HTTP_BODY_MAX as its maximum).
    void (*run)(void *ctx, const struct http_request *rq, struct http_answer *answer);
    // Pool thread, after the pairs of the answer were copied: frees what run() made for them. May be NULL.
    void (*done)(void *ctx, struct http_answer *answer);
    // Pool thread; may block. Before a body of more than HTTP_BODY_MAX is taken in, with the head alone: 0, or the status of a
    // refusal. What is refused here, or finds all HTTP_LARGE_AT_ONCE places taken (503), is read to its end and thrown away
    // before the answer: who still sends would meet a reset instead. May be NULL: everybody is let in.
    int (*admit)(void *ctx, const struct http_request *rq);
    // Loop thread; quick, must not block. A request whose body is there, but too long (413) or without a place in the pool (503):
    // the answer may give back what was sent. Fills *answer as run() does, done() follows. False: refuse() answers. May be NULL.
    bool (*give_back)(void *ctx, const struct http_request *rq, int status, struct http_answer *answer);
    // Loop thread: the answer to a refusal of this floor (400, 404, 413, 431, 503) or of admit(). Never NULL.
    struct http_ready *(*refuse)(void *ctx, const struct http_request *rq, int status);
};
struct http_options {
    const char *listen;      // HOST:PORT | unix:PATH (made with mode 0660, replaced where nobody listens)
    int listener;            // a socket that listens there already, of a process that leaves (see http_leave); 0: none
    unsigned threads;        // of the pool
    unsigned connections;    // open at once; RLIMIT_NOFILE is raised to hold them
    unsigned queue;          // requests that wait for a thread; 0: 4 × threads
    unsigned reserved;       // more places for urgent ones; 0: 4 × threads
    struct http_handlers handlers;
};
struct http_counts { uint64_t requests, refused, full, reaped; unsigned connections, waiting; };

struct http;
MUST_USE enum err http_start(const struct http_options *o, struct http **out, struct buf *why);
void http_counts(struct http *h, struct http_counts *out);
unsigned http_port(struct http *h); // 0 for a unix socket; tells which one port 0 became
int http_listener(struct http *h); // the socket; stays h's
// Another process listens on the same socket now: takes no more connections, tells each client with its next answer to come
// on a new one, and waits until all are gone: idle ones are closed after 5 s, all after 20 s or once *now is 1.
void http_leave(struct http *h, const volatile sig_atomic_t *now);
// Takes no more connections, lets what is under way finish (≤ 5 s of waiting for the queue), then closes all. The file of a
// unix socket stays: others may listen on it too, and whoever started them all removes it at the end.
void http_stop(struct http **h);
