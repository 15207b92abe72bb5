// SQLite: connections and transactions. The main database of each connection is empty and in memory; the schemas that
// the process may touch are files attached under their names, read-only but for the one that it writes, so that
// BEGIN IMMEDIATE locks that one alone and a write elsewhere fails in the kernel as well as here.
#include "sqlite.h"
#include "schema_version.h"
#include "base/clock.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 5000               // somebody outside the turnstile: a command line, a checkpoint
#define READER_CACHE_KIB 256       // per attached file; SQLite's own 2 MiB took 137 MB with 64 readers
#define WRITER_CACHE_KIB 1024
#define ADMIN_CACHE_KIB (64 * 1024) // commands: one long write, whose indexes are to fit, and then nothing more
#define WAL_LIMIT_BYTES (16 << 20) // what a WAL is cut down to after a checkpoint
#define PROGRESS_STEPS 20000       // virtual machine steps between looks at the clock: about 1 ms

enum err sqlite_err(sqlite3 *at, int rc)
{
    int full = at ? sqlite3_extended_errcode(at) : rc;
    if ((full & 0xff) != (rc & 0xff)) full = rc;
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return OK;
    case SQLITE_CONSTRAINT: return full == SQLITE_CONSTRAINT_DATATYPE ? ERR_BUG : ERR_CONFLICT;
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_IOERR: {
        int no = at ? sqlite3_system_errno(at) : 0;
        if (full == SQLITE_IOERR_NOMEM) return ERR_MEMORY;
        return no == ENOSPC || no == EDQUOT || no == EFBIG || full == SQLITE_IOERR_SHMSIZE ? ERR_FULL : ERR_IO;
    }
    case SQLITE_NOMEM: return ERR_MEMORY;
    case SQLITE_TOOBIG: return ERR_TOO_LARGE;
    case SQLITE_INTERRUPT: return ERR_FULL; // a read transaction past its time
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN: return ERR_AWAY;
    case SQLITE_READONLY:
        return full == SQLITE_READONLY ? ERR_FORBIDDEN : ERR_AWAY; // no owner yet, or another file in its place
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ERR_IO;
    default: return ERR_BUG;
    }
}

enum err sqlite_failed(struct db *db, int rc)
{
    struct sqlite_link *l = db->link;
    enum err e = sqlite_err(l->at, rc);
    switch (e) {
    case ERR_FULL:
    case ERR_IO:
    case ERR_MEMORY:
    case ERR_AWAY:
        db->fatal = e;
        db->again = db->again || e == ERR_AWAY;
        if (e == ERR_IO || e == ERR_AWAY) db->lost = true; // a file that was moved or came late: look at it afresh
        break;
    default: break;
    }
    return e;
}

enum err sqlite_path(const char *url, const char *schema, const char *suffix, char *out, size_t size)
{
    assert(strncmp(url, "sqlite:", 7) == 0);
    int n = snprintf(out, size, "%s/%s%s%s%s", url + 7, schema, *suffix ? "/" : "", *suffix ? schema : "", suffix);
    return n > 0 && (size_t)n < size ? OK : ERR_TOO_LARGE;
}

enum err sqlite_run(sqlite3 *at, const char *sql)
{
    return sqlite_err(at, sqlite3_exec(at, sql, NULL, NULL, NULL));
}

static void configure_once(void)
{
    // Statement journals stay in memory: no file outside the data directory, even for a moment.
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_initialize();
}

enum err sqlite_open_empty(sqlite3 **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_once);
    sqlite3 *at = NULL;
    int rc = sqlite3_open_v2(":memory:", &at,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        sqlite3_close(at);
        return ERR_MEMORY;
    }
    sqlite3_extended_result_codes(at, 1);
    sqlite3_busy_timeout(at, BUSY_MS);
    sqlite3_db_config(at, SQLITE_DBCONFIG_DQS_DML, 0, NULL); // "name" is never a text
    sqlite3_db_config(at, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(at, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    enum err e = sqlite_run(at, "pragma temp_store=memory; pragma foreign_keys=on; pragma recursive_triggers=on;"
                                "pragma cell_size_check=on");
    if (e != OK) {
        sqlite3_close(at);
        return e;
    }
    *out = at;
    return OK;
}

enum err sqlite_attach(sqlite3 *at, const char *path, const char *schema, const char *mode)
{
    // A path becomes a URI: what has a meaning there is escaped.
    char uri[PATH_MAX * 3 + 32];
    size_t n = (size_t)snprintf(uri, sizeof uri, "file:");
    for (const char *p = path; *p && n + 16 < sizeof uri; p++) {
        if (strchr("%?# ", *p)) n += (size_t)snprintf(uri + n, sizeof uri - n, "%%%02X", (unsigned char)*p);
        else uri[n++] = *p;
    }
    snprintf(uri + n, sizeof uri - n, "?mode=%s", mode);
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(at, "attach ?1 as ?2", -1, &st, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(st, 1, uri, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 2, schema, -1, SQLITE_STATIC);
        rc = sqlite3_step(st);
    }
    enum err e = sqlite_err(at, rc);
    sqlite3_finalize(st);
    return e;
}

enum err sqlite_pragmas(sqlite3 *at, const char *schema, bool writable)
{
    char sql[512];
    snprintf(sql, sizeof sql, "pragma %s.cache_size=-%d", schema, writable ? WRITER_CACHE_KIB : READER_CACHE_KIB);
    enum err e = sqlite_run(at, sql);
    if (e != OK || !writable) return e;
    // -wal and -shm stay when the owner leaves: a reader that may not make them could otherwise not read.
    int one = 1;
    e = sqlite_err(at, sqlite3_file_control(at, schema, SQLITE_FCNTL_PERSIST_WAL, &one));
    if (e != OK) return e;
    snprintf(sql, sizeof sql,
             "pragma %s.journal_mode=wal; pragma %s.synchronous=full; pragma %s.secure_delete=on;"
             "pragma %s.journal_size_limit=%d",
             schema, schema, schema, schema, WAL_LIMIT_BYTES);
    return sqlite_run(at, sql);
}

static int progress(void *arg)
{
    struct db *db = arg;
    return db->until != 0 && clock_mono() > db->until;
}

// The program and its files must be of one version: a newer file may mean something else by the same columns.
static enum err version_check(sqlite3 *at, const char *schema, struct buf *why)
{
    char sql[128];
    snprintf(sql, sizeof sql, "select count(*), max(number) from %s.schema_version", schema);
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(at, sql, -1, &st, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(st);
    enum err e = sqlite_err(at, rc);
    if (rc == SQLITE_ERROR) {
        buf_printf(why, "store: %s is empty; run isigurt init", schema);
        e = ERR_CONFLICT;
    } else if (e == OK) {
        int64_t count = sqlite3_column_int64(st, 0), last = sqlite3_column_int64(st, 1);
        if (count != SCHEMA_COUNT || last != SCHEMA_LAST) {
            buf_printf(why, "store: %s has schema %04d (%d steps), this program needs %04d (%d steps); %s", schema, (int)last,
                       (int)count, SCHEMA_LAST, SCHEMA_COUNT,
                       last > SCHEMA_LAST ? "use a newer program" : "run isigurt migrate");
            e = ERR_CONFLICT;
        }
    } else {
        buf_printf(why, "store: %s cannot be read: %s", schema, sqlite3_errmsg(at));
    }
    sqlite3_finalize(st);
    return e;
}

static enum err prepare(struct sqlite_link *l, const char *sql, sqlite3_stmt **out)
{
    return sqlite_err(l->at, sqlite3_prepare_v3(l->at, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

static enum err prepare_all(struct db *db, struct sqlite_link *l)
{
    enum err e = prepare(l, db->kind == LINK_WRITER ? "begin immediate" : "begin", &l->begin);
    if (e == OK) e = prepare(l, "commit", &l->commit);
    if (e == OK) e = prepare(l, "rollback", &l->rollback);
    if (e == OK) e = prepare(l, "savepoint one", &l->mark);
    if (e == OK) e = prepare(l, "release one", &l->unmark);
    if (e == OK) e = prepare(l, "rollback to one", &l->undo);
    for (int i = 0; e == OK && i < SCHEMAS; i++) {
        if (!store_may_read(db->store, schema_names[i])) continue;
        char sql[128];
        snprintf(sql, sizeof sql, "select number from %s.schema_version limit 1", schema_names[i]);
        e = prepare(l, sql, &l->touch[i]);
    }
    return e;
}

static void link_free(struct sqlite_link *l)
{
    sqlite_statements_free(l);
    sqlite3_stmt *own[] = {l->begin, l->commit, l->rollback, l->mark, l->unmark, l->undo};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sqlite3_finalize(own[i]);
    for (int i = 0; i < SCHEMAS; i++) sqlite3_finalize(l->touch[i]);
    int rc = sqlite3_close(l->at);
    assert(rc == SQLITE_OK);
    for (int i = 0; i < SCHEMAS; i++) turnstile_close(&l->turns[i]);
    free(l);
}

static enum err attach_one(struct db *db, struct sqlite_link *l, int i, struct buf *why)
{
    const char *schema = schema_names[i];
    bool writable = db->kind == LINK_WRITER && store_may_write(db->store, schema);
    char path[PATH_MAX];
    enum err e = sqlite_path(db->store->url, schema, ".db", path, sizeof path);
    if (e == OK) e = sqlite_attach(l->at, path, schema, writable ? "rw" : "ro");
    if (e == OK) e = sqlite_pragmas(l->at, schema, writable);
    if (e == OK && writable && strcmp(db->store->role, "admin") == 0) {
        char sql[128];
        snprintf(sql, sizeof sql, "pragma %s.cache_size=-%d", schema, ADMIN_CACHE_KIB);
        e = sqlite_run(l->at, sql);
    }
    if (e != OK) {
        buf_printf(why, "store: %s: %s", path, sqlite3_errmsg(l->at));
        return e;
    }
    if (writable) {
        char folder[PATH_MAX];
        e = sqlite_path(db->store->url, schema, "", folder, sizeof folder);
        if (e == OK) e = turnstile_open(folder, schema, &l->turns[i]);
        if (e != OK) {
            buf_printf(why, "store: %s: cannot make the lock files", folder);
            return e;
        }
    }
    return version_check(l->at, schema, why);
}

static enum err sqlite_connect(struct db *db, struct buf *why)
{
    struct sqlite_link *l = calloc(1, sizeof *l);
    if (!l) return ERR_MEMORY;
    for (int i = 0; i < SCHEMAS; i++) l->turns[i] = (struct turnstile){-1, -1};
    enum err e = sqlite_open_empty(&l->at);
    for (int i = 0; e == OK && i < SCHEMAS; i++)
        if (store_may_read(db->store, schema_names[i])) e = attach_one(db, l, i, why);
    if (e == OK) e = prepare_all(db, l);
    if (e != OK) {
        link_free(l);
        return e;
    }
    if (db->kind == LINK_READER) sqlite3_progress_handler(l->at, PROGRESS_STEPS, progress, db);
    db->link = l;
    return OK;
}

static void sqlite_disconnect(struct db *db)
{
    struct sqlite_link *l = db->link;
    assert(!l->inside);
    db->link = NULL;
    link_free(l);
}

static enum err step(struct db *db, sqlite3_stmt *st)
{
    int rc = sqlite3_step(st);
    enum err e = rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : sqlite_failed(db, rc);
    sqlite3_reset(st);
    return e;
}

static void leave(struct sqlite_link *l)
{
    if (!l->inside) return;
    l->inside = false;
    for (int i = SCHEMAS - 1; i >= 0; i--)
        if (l->turns[i].work >= 0) turnstile_leave(&l->turns[i]);
}

static enum err sqlite_begin(struct db *db)
{
    struct sqlite_link *l = db->link;
    enum err e = OK;
    if (db->kind == LINK_WRITER) {
        int i = 0;
        for (; e == OK && i < SCHEMAS; i++)
            if (l->turns[i].work >= 0) e = turnstile_enter(&l->turns[i]);
        if (e != OK) {
            db->lost = true; // closing the files frees the locks
            return e;
        }
        l->inside = true;
    }
    e = step(db, l->begin);
    for (int i = 0; e == OK && db->kind != LINK_WRITER && i < SCHEMAS; i++)
        if (l->touch[i]) e = step(db, l->touch[i]);
    if (e != OK) leave(l);
    return e;
}

static enum err sqlite_mark(struct db *db)
{
    return step(db, ((struct sqlite_link *)db->link)->mark);
}

static enum err sqlite_unmark(struct db *db)
{
    return step(db, ((struct sqlite_link *)db->link)->unmark);
}

static enum err sqlite_undo(struct db *db)
{
    struct sqlite_link *l = db->link;
    if (sqlite3_get_autocommit(l->at)) { // SQLite has given the whole transaction up
        if (db->fatal == OK) db->fatal = ERR_BUG;
        return db->fatal;
    }
    enum err e = step(db, l->undo);
    return e == OK ? step(db, l->unmark) : e;
}

static void sqlite_rollback(struct db *db)
{
    struct sqlite_link *l = db->link;
    db->until = 0; // or the progress handler would stop it too
    if (!sqlite3_get_autocommit(l->at)) {
        sqlite3_step(l->rollback);
        sqlite3_reset(l->rollback);
        if (!sqlite3_get_autocommit(l->at)) db->lost = true;
    }
    leave(l);
}

static enum err sqlite_commit(struct db *db)
{
    struct sqlite_link *l = db->link;
    enum err e = step(db, l->commit);
    if (e != OK) return e; // the caller rolls back
    leave(l);
    return OK;
}

// The channels stand in db->rings; the writer sends them after the commit.
static enum err sqlite_notify(struct db *db, const char *channel)
{
    (void)db;
    (void)channel;
    return OK;
}

// On a connection of its own: the writer goes on beside it, but for the moment in which the log is cut.
static enum err sqlite_scrub(struct store *s)
{
    sqlite3 *at = NULL;
    enum err e = sqlite_open_empty(&at);
    for (int i = 0; e == OK && i < SCHEMAS; i++) {
        char path[PATH_MAX], sql[128];
        sqlite3_stmt *st = NULL;
        if (!store_may_write(s, schema_names[i])) continue;
        e = sqlite_path(s->url, schema_names[i], ".db", path, sizeof path);
        if (e == OK) e = sqlite_attach(at, path, schema_names[i], "rw");
        if (e == OK) e = sqlite_pragmas(at, schema_names[i], true);
        snprintf(sql, sizeof sql, "pragma %s.wal_checkpoint(truncate)", schema_names[i]);
        if (e == OK) e = sqlite_err(at, sqlite3_prepare_v2(at, sql, -1, &st, NULL));
        if (e == OK) e = sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0) == 0 ? OK : ERR_FULL;
        sqlite3_finalize(st);
    }
    if (at) sqlite3_close(at);
    return e;
}

const struct engine sqlite_engine = {
    .always_careful = true,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .begin = sqlite_begin,
    .mark = sqlite_mark,
    .unmark = sqlite_unmark,
    .undo = sqlite_undo,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .exec = sqlite_exec,
    .query = sqlite_query,
    .next = sqlite_next,
    .done = sqlite_done,
    .notify = sqlite_notify,
    .check = sqlite_check,
    .listen_start = ring_listen_start,
    .listen_stop = ring_listen_stop,
    .scrub = sqlite_scrub,
};
