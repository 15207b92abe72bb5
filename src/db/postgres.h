// postgres: what the files of this engine share. Not for other floors.
#pragma once
#include "driver.h"
#include "libpq.h"

#define POSTGRES_PENDING_MAX 256 // commands sent ahead; their answers are small and fit into the socket's buffers

struct pg_statement {
    const struct db_query *q; // NULL: a free place
    unsigned number;          // prepared as "NAME_NUMBER": two files may use one name
};

struct pg_link {
    PGconn *at;
    unsigned pending;   // commands sent whose answers have not been read
    bool transaction;   // a begin was sent
    bool aborted;       // the server skips everything up to the next sync
    char message[256];  // of the last error, for the person at the keyboard; never logged
    unsigned statements_n;
    struct pg_statement statements[DB_STATEMENTS_MAX * 2]; // hashed by the address of the query
};

// A connection of the role (its login DBNAME_ROLE, its password from the file; "admin": as the address says), UTF-8,
// no search path, quiet. Not in pipeline mode. ERR_AWAY, ERR_FORBIDDEN (password), ERR_INVALID (address).
enum err postgres_login(const char *url, const char *role, const char *password_file, PGconn **out, struct buf *why);

// Names the failure of one answer, and marks db where it concerns the whole transaction. OK for an answer that is none.
enum err postgres_failed(struct db *db, const PGresult *r);
enum err postgres_err(const char *state); // by SQLSTATE alone
enum err postgres_lost(struct db *db);    // the connection is gone
// Reads the answers to all that was sent; the first failure is returned. last (may be NULL): the last answer, the
// caller's to clear; NULL after a failure.
enum err postgres_drain(struct db *db, PGresult **last);
enum err postgres_send(struct db *db, const char *sql); // a command without parameters, queued
enum err postgres_sent(struct db *db, int ok);          // after each PQsend…: counts, drains when many

// postgres_rows.c
enum err postgres_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed);
enum err postgres_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows *out);
bool postgres_next(struct db_rows *r);
void postgres_done(struct db_rows *r);
enum err postgres_check(struct db *db, const struct db_query *q, struct buf *why);

// postgres_ring.c
enum err postgres_listen_start(struct store *s);
void postgres_listen_stop(struct store *s);
