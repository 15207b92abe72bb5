// sqlite: what the files of this engine share.
#pragma once
#include "driver.h"
#include "turnstile.h"
#include <sqlite3.h>

struct statement {
    const struct db_query *q; // NULL: a free place
    sqlite3_stmt *at;
    bool busy;                               // its rows are being read
    unsigned char param[DB_PARAMS_MAX + 1];  // $k stands at SQLite's index param[k]
};

struct sqlite_link {
    sqlite3 *at;
    sqlite3_stmt *begin, *commit, *rollback, *mark, *unmark, *undo;
    sqlite3_stmt *touch[SCHEMAS];            // takes the snapshot of an attached file
    struct turnstile turns[SCHEMAS];         // of the files written; -1 elsewhere
    bool inside;                             // the turnstiles are held
    size_t statements_n;
    struct statement statements[DB_STATEMENTS_MAX * 2]; // hashed by the address of the query
};

// Names the failure, and marks db as fatal, lost or worth another try where it concerns the whole transaction.
enum err sqlite_failed(struct db *db, int rc);
enum err sqlite_err(sqlite3 *at, int rc); // the naming alone
// "DIR/desk/desk.db" of "sqlite:DIR". ERR_TOO_LARGE.
enum err sqlite_path(const char *url, const char *schema, const char *suffix, char *out, size_t size);
enum err sqlite_attach(sqlite3 *at, const char *path, const char *schema, const char *mode); // mode "ro" "rw" "rwc"
enum err sqlite_pragmas(sqlite3 *at, const char *schema, bool writable);
enum err sqlite_open_empty(sqlite3 **out); // main is :memory:
enum err sqlite_run(sqlite3 *at, const char *sql);

// sqlite_rows.c
enum err sqlite_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed);
enum err sqlite_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows *out);
bool sqlite_next(struct db_rows *r);
void sqlite_done(struct db_rows *r);
enum err sqlite_check(struct db *db, const struct db_query *q, struct buf *why);
void sqlite_statements_free(struct sqlite_link *l);
