// stream: the open streams of events and the memory behind them; what the files of events.h share. Not for others.
#pragma once
#include <pthread.h>
#include "base/buf.h"
#include "crypto/crypto.h"
#include "web/events.h"
#include "web/inside.h"

#define EVENTS_KEPT 4096
#define EVENTS_DATA_MAX 1024
#define STREAMS_MAX 1000
#define MS INT64_C(1000000) // ns
#define PIECE_MAX (64 * 1024)

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

void events_wake(struct events *e); // lock held: the loop looks at what is new
void events_format(struct buf *b, int64_t id, const char *event, struct str data); // as it is sent
bool stream_in(const struct stream *s, struct id unit); // lock held: is its person a member?
void stream_free(struct events *e, struct stream *s);   // lock held
void *events_loop(void *arg); // a thread: writes to all streams until e->stopping; arg: struct events
