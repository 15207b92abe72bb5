// db: one store on SQLite or PostgreSQL. The SQL text is shared: $1..$n; bigint, text, blob and
// double only (a flag is 0/1, a time int64 µs UTC); no casts but cast(), no engine's own functions.
// Tables are always named with their schema (intake.report, desk.report), on both engines.
//
// The same on both engines: text is valid UTF-8 without NUL and a float no NaN, else ERR_INVALID; -0.0 comes back as 0;
// the first error of a call undoes its fn as a whole, and fn counts as failed with it even if it returns OK; results are
// read as declared, a column of another type or an undeclared null is ERR_BUG and an alarm in the log.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct store;      // the process's: one writer thread with its connection, N leased readers
struct db;         // one connection inside one transaction; never kept, never shared by threads
struct db_rows;    // a result; borrowed values live until db_next or db_done

// A query is a named constant beside the function that uses it. in/out: one letter a parameter or
// column: i int64, f double, t text, b bytes; upper case = may be null. Checked against the
// statement when it is first prepared; a test prepares every one on both engines.
struct db_query { const char *name, *in, *out, *sql; };
#define DB_QUERY(id, in, out, ...) \
    static const struct db_query id = {#id, in, out, __VA_ARGS__}; \
    static const struct db_query *const id##_listed __attribute__((section("db_queries"), used)) = &id

struct db_val { char type; int64_t i; double f; struct str s; };
#define DB_I(v) (struct db_val){.type = 'i', .i = (int64_t)(v)}
#define DB_F(v) (struct db_val){.type = 'f', .f = (v)}
#define DB_T(v) (struct db_val){.type = 't', .s = (v)}
#define DB_B(v) (struct db_val){.type = 'b', .s = (v)}
#define DB_ID(v) (struct db_val){.type = 'b', .s = {(const char *)(v).b, 16}}   // v: an lvalue struct id
#define DB_NULL (struct db_val){.type = 0}
#define DB_T_OR_NULL(v) ((v).n ? DB_T(v) : DB_NULL)
struct db_args { size_t n; const struct db_val *v; };        // v[0] is unused: $1 is v[1]; n counts v[0]
#define DB_VALS(...) ((const struct db_val[]){{0}, ##__VA_ARGS__})
#define DB_ARGS(...) (struct db_args){sizeof DB_VALS(__VA_ARGS__) / sizeof(struct db_val), DB_VALS(__VA_ARGS__)}

struct store_options {
    const char *url;         // "sqlite:DIR" (DIR/intake/intake.db and so on) or "postgres://…/DB"
    const char *role;        // "portal", "desk", "keeper", "courier": PostgreSQL login DBNAME_role; "admin": as url says
    const char *password_file; // PostgreSQL; may be NULL (trust or peer)
    const char *write;       // the one schema that this store writes ("intake"); NULL: none. "*": all, role admin
    const char *read;        // further schemas, comma between, attached read-only ("intake,reply"); may be ""
    const char *ring_dir;    // SQLite: folder of the datagram sockets that db_notify reaches; may be NULL
    unsigned readers;        // 4 is plenty
    unsigned gather_us;      // least time between two commits that have company; a lone caller never waits; 0 = 4000
};
// Everything is copied. Waits up to 2 s for files or a server that are not there yet (ERR_AWAY). Refuses a schema of
// another version (ERR_CONFLICT), a wrong password or a schema that the login may not touch (ERR_FORBIDDEN). *why: a line.
MUST_USE enum err store_open(const struct store_options *o, struct store **out, struct buf *why);
// Answers what is queued, then ends the threads. Nobody may be inside a call, or start one. NULL is fine.
void store_close(struct store *s);

typedef enum err db_fn(struct db *db, void *arg);
// One snapshot, read only, on a leased reader; fn runs once. ERR_FULL where none is free within the deadline (2 s), and
// for a read that lasts longer than 1 s (an open snapshot holds up cleaning for everybody); ERR_AWAY where the database
// is gone; a reader that finds no file yet waits for its owner within the same deadline. db_exec is ERR_FORBIDDEN.
MUST_USE enum err store_read(struct store *s, db_fn *fn, void *arg);
// The same for what adds up whole years and is asked for seldom, by staff: it may last 10 s.
MUST_USE enum err store_read_slow(struct store *s, db_fn *fn, void *arg);
// Runs fn on the writer and returns once it is durable; all that wait are committed together. fn may run
// several times (SQLITE_BUSY, 40001, a neighbour's failure): touch only db and *arg; no seal, no I/O, no clock.
// An error of fn undoes its own effects only and is returned. ERR_FULL: queue (4096) or disk full, or PostgreSQL could
// not serialize it in 5 tries; ERR_AWAY: database gone — if it went during the commit, the write may have been made: make
// writes that can be sent again (by id). store_write inside fn would wait for itself: never.
MUST_USE enum err store_write(struct store *s, db_fn *fn, void *arg);
// After something was deleted that must not be read back: SQLite's log, which still holds it, is written back and cut to nothing
// (the files themselves overwrite what they delete). ERR_FULL: somebody reads in it for too long; again later. PostgreSQL:
// nothing can be done from here, see docs/retention.md.
MUST_USE enum err store_scrub(struct store *s);
int64_t store_group_count(const struct store *s); // commits so far, for metrics
// One of all processes and threads, on whatever machine, has the turn called name (a-z and _, under 32) until store_alone_end,
// its death or, on PostgreSQL, the end of its connection. For work that reads, then writes elsewhere, and does not bear company.
// s writes a schema. ERR_CONFLICT: another has had it for 2 s: it does the work, or it is tried again later.
struct alone;
MUST_USE enum err store_alone(struct store *s, const char *name, struct alone **out);
void store_alone_end(struct alone **a); // *a NULL is fine

// exec: no result wanted, so PostgreSQL may queue it (pipeline); its error may come at the next query or
// the commit, and undoes fn as a whole. changed (may be NULL) forces the answer now.
// ERR_CONFLICT: a unique or foreign key or check was violated.
MUST_USE enum err db_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed);
// Runs the statement at once ("insert … returning" is done though no row is read). PostgreSQL holds the whole result
// in memory: every list has a limit. Every result is closed by db_done before fn returns.
MUST_USE enum err db_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows **out);
bool       db_next(struct db_rows *r);               // false at the end and at an error: db_done tells which
MUST_USE enum err db_done(struct db_rows **r);       // always; frees
int64_t    db_int(const struct db_rows *r, int col); // columns count from 0
double     db_float(const struct db_rows *r, int col);
struct str db_str(const struct db_rows *r, int col); // text or bytes; borrowed
bool       db_null(const struct db_rows *r, int col);

// Rings after the commit, in every process and node; at most once per event, so also look at start and each 5 s.
// It carries no id: the listener reads the rows after the last sequence that it saw. channel: a-z and _, under 32. A
// store listens to 8 channels at most; PostgreSQL rings once more whenever the listening connection was made anew.
MUST_USE enum err db_notify(struct db *db, const char *channel);
// fn runs on a thread of the store.
MUST_USE enum err store_listen(struct store *s, const char *channel, void (*fn)(void *ctx), void *ctx);
MUST_USE enum err store_check_queries(struct store *s, struct buf *why); // prepares each DB_QUERY linked in; for tests

// Set-up and maintenance, role admin. sql_dir: share/sql/sqlite or share/sql/postgres, NNNN_name.sql in order.
// The PostgreSQL database itself must exist. ERR_CONFLICT: there is a store already. owner_of: on SQLite, called for each
// schema's folder and files so that init can give them to their users; may be NULL.
MUST_USE enum err store_create(const char *url, const char *sql_dir,
                               void (*owner_of)(const char *schema, const char *path), struct buf *why);
// An older schema to this version; the processes are stopped. Goes on where it was interrupted.
MUST_USE enum err store_migrate(const char *url, const char *sql_dir, struct buf *why);
// PostgreSQL: makes the logins DBNAME_portal, _desk, _keeper, _courier with the passwords given in this order (NULL: left
// as it is) and their grants; may be repeated. SQLite: nothing, owner_of and the files' modes do it.
MUST_USE enum err store_grant(const char *url, const char *const passwords[4], struct buf *why);
// A consistent copy of all four schemas as one stream of bytes, the same for both engines (format and consistency:
// dump.h), and back; the caller seals it. The processes may run during a dump. store_load replaces all rows of a store
// that store_create has made and nobody uses; the copy must be of this program's schema (ERR_CONFLICT). ERR_MALFORMED: cut
// or no copy. After a failure PostgreSQL is as it was; a SQLite store is to be thrown away.
typedef enum err store_sink(void *ctx, struct str piece);
typedef enum err store_source(void *ctx, char *into, size_t max, size_t *n); // *n = 0 at the end
MUST_USE enum err store_dump(const char *url, store_sink *sink, void *ctx, struct buf *why);
MUST_USE enum err store_load(const char *url, const char *sql_dir, store_source *source, void *ctx, struct buf *why);
