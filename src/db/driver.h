// driver: what the two engines have in common inside this floor. Not for other floors.
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include "db/db.h"

#define SCHEMAS 4
#define DB_COLUMNS_MAX 64        // of one query
#define DB_PARAMS_MAX 64         // of one query
#define DB_STATEMENTS_MAX 512  // prepared on one connection: more than the queries of one program
#define DB_CHANNELS_MAX 8        // rung by one group, listened to by one store
#define BELLS_MAX 64             // sockets of all processes of one machine
#define DB_CHANNEL_MAX 32        // characters of a channel, with the NUL
#define STORE_READERS_MAX 64
#define STORE_READ_WAIT (2 * INT64_C(1000000000))  // ns until a reader must be leased
#define STORE_READ_LASTS INT64_C(1000000000)       // ns a read transaction may last
#define STORE_READ_SLOW INT64_C(10000000000)       // and a slow one
#define STORE_PASSWORD_MAX 256

extern const char *const schema_names[SCHEMAS]; // in the order of dumping; why: dump.c

enum link_kind { LINK_WRITER, LINK_READER, LINK_LONG }; // LONG: reads without a time limit, for backups

struct ring_set {
    size_t n;
    char names[DB_CHANNELS_MAX][DB_CHANNEL_MAX];
};

struct db {
    struct store *store;
    const struct engine *engine;
    enum link_kind kind;
    void *link;          // the engine's connection; NULL: not connected
    bool lost;           // the connection is of no more use: disconnect before the next transaction
    bool again;          // the transaction failed, but may succeed if tried once more (busy, 40001, connection lost)
    bool broken;         // PostgreSQL: a statement failed and nothing has undone it: the transaction can only end
    enum err failed;     // first error inside fn: every further call returns it, and fn counts as failed
    enum err fatal;      // the whole transaction cannot be saved
    unsigned wrote;      // execs since the mark
    unsigned open_rows;
    int64_t until;       // monotonic ns: end of a read transaction; 0: none
    bool slow;           // a read that may last STORE_READ_SLOW
    struct ring_set rings;
    size_t rings_at_mark;
};

struct db_rows {
    struct db *db;
    const struct db_query *q;
    enum err err;
    int columns;
    bool on_row;
    struct db_val cells[DB_COLUMNS_MAX]; // of the present row; type 0 is null
    void *of_engine;                     // statement or result
    int at;                              // PostgreSQL: number of the next row; SQLite: ROWS_…
    bool own;                            // SQLite: a statement of its own, not the connection's prepared one
};

// Every function gets a db that was zeroed but for store, engine and kind. Errors that concern the whole transaction
// are left in db->fatal, db->lost and db->again.
struct engine {
    bool always_careful; // marks cost little: never run a group without them
    enum err (*connect)(struct db *db, struct buf *why); // tries once; ERR_AWAY may be tried again
    void (*disconnect)(struct db *db);
    enum err (*begin)(struct db *db);
    enum err (*mark)(struct db *db);    // savepoint before a fn of a group
    enum err (*unmark)(struct db *db);  // it went well; waits for all that is queued
    enum err (*undo)(struct db *db);    // back to the mark
    enum err (*commit)(struct db *db);  // OK: durable
    void (*rollback)(struct db *db);    // always leaves no transaction, or db->lost
    enum err (*exec)(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed);
    enum err (*query)(struct db *db, const struct db_query *q, struct db_args args, struct db_rows *out);
    bool (*next)(struct db_rows *r);    // fills cells
    void (*done)(struct db_rows *r);
    enum err (*notify)(struct db *db, const char *channel);
    enum err (*check)(struct db *db, const struct db_query *q, struct buf *why); // prepares only
    enum err (*listen_start)(struct store *s); // the thread that hears
    void (*listen_stop)(struct store *s);
    enum err (*scrub)(struct store *s); // NULL: nothing to be done
};
extern const struct engine sqlite_engine, postgres_engine;

// A caller that waits for its group. Lives on the caller's stack.
struct request {
    db_fn *fn;
    void *arg;
    enum err result;
    bool attempted;
    _Atomic uint32_t state; // REQUEST_…: a futex
    struct request *next;
};

// Who listens on this machine, as the writer's thread last listed them.
struct bells {
    int folder, fd;           // -1: none
    struct timespec changed;  // the folder, when it was listed
    bool settled;             // and it had not changed just then
    size_t n;
    char names[BELLS_MAX][64];
};

struct writer {
    struct db db;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct request *first, **last;
    size_t queued;
    size_t wanted;        // the thread sleeps until so many are queued; 0: it does not sleep
    bool stopping;
    size_t expected;      // callers that recent groups had
    struct bells bells;
    int64_t gather;       // ns from the start of a group to the start of the next, where callers come in company
    int64_t began;        // monotonic ns: the last group's start
    _Atomic int64_t groups;
};

struct listener {
    char channel[DB_CHANNEL_MAX];
    char file[64];        // SQLite: the socket's name in ring_dir
    int fd;
    void (*fn)(void *ctx);
    void *ctx;
};

struct store {
    const struct engine *engine;
    char *url, *role, *password_file, *write, *read, *ring_dir; // copies; NULL where the option was
    struct writer writer;
    pthread_mutex_t lock;   // readers
    pthread_cond_t freed;
    struct db *readers;
    unsigned *free_readers; // stack of indices
    unsigned readers_n, free_n;
    pthread_mutex_t listen_lock;
    struct listener listeners[DB_CHANNELS_MAX];
    size_t listeners_n;
    pthread_t listen_thread;
    bool listening;
    int listen_wake;        // eventfd; a byte stops the thread or tells of a new channel
    atomic_bool listen_stop;
};

// writer.c
enum err writer_start(struct store *s, struct buf *why);
void writer_stop(struct store *s); // after the queue has been served

// db.c
void db_begin_fn(struct db *db);                                    // clears what the last fn left
enum err db_end_fn(struct db *db, enum err e);                      // e, or the error that fn did not pass on
enum err db_check_args(const struct db_query *q, struct db_args a); // count, types, nulls, UTF-8
void db_log(int level, const char *event, const struct db_query *q, enum err e);

// store.c
bool schema_listed(const char *list, const char *name); // in "a,b"; "*" lists all
bool store_may_write(const struct store *s, const char *schema);
bool store_may_read(const struct store *s, const char *schema);

// ring.c: datagrams between the processes of one machine
enum err ring_listen_start(struct store *s);
void ring_listen_stop(struct store *s);
void ring_send(const struct store *s, struct bells *b, const struct ring_set *set); // on the writer's thread
void bells_close(struct bells *b); // also makes a fresh one
