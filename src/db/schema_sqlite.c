// SQLite's files: made by init as root or as the one who runs everything, then given to their users.
//
// Permissions. A schema's folder is 2750 and its files 0640, the group being its readers: they can never write, and
// the owner's -wal and -shm always exist (SQLITE_FCNTL_PERSIST_WAL), so they never need to. `desk` has two writers, desk
// and courier, and no readers: where init gives the files to users (owner_of), its folder is 2770 and its files 0660.
#include "schema.h"
#include "sqlite.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err failed(sqlite3 *at, const char *schema, const char *step, struct buf *why)
{
    buf_printf(why, "store: %s: %s: %s", schema, step, sqlite3_errmsg(at));
    enum err e = sqlite_err(at, sqlite3_errcode(at));
    return e == OK ? ERR_BUG : e;
}

static bool applied(sqlite3 *at, const char *schema, int number, int64_t *last)
{
    char sql[160];
    snprintf(sql, sizeof sql, "select count(*), (select max(number) from %s.schema_version) from %s.schema_version "
                              "where number = ?1", schema, schema);
    sqlite3_stmt *st = NULL;
    bool yes = false;
    if (sqlite3_prepare_v2(at, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_bind_int(st, 1, number) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW) {
        yes = sqlite3_column_int64(st, 0) > 0;
        *last = sqlite3_column_int64(st, 1);
    }
    sqlite3_finalize(st);
    return yes;
}

static enum err apply_one(sqlite3 *at, const char *schema, const struct migrations *m, size_t i, struct buf *why)
{
    struct buf text;
    buf_init(&text, MIGRATION_TEXT_MAX);
    char *part = NULL;
    sqlite3_stmt *st = NULL;
    enum err e = migration_text(m, i, &text, why);
    if (e != OK) goto out;
    struct str s = migration_part(buf_str(&text), schema);
    part = strndup(s.n > 0 ? s.at : "", s.n);
    if (!part) {
        e = ERR_MEMORY;
        goto out;
    }
    if (sqlite3_exec(at, part, NULL, NULL, NULL) != SQLITE_OK) {
        e = failed(at, schema, m->v[i].name, why);
        goto out;
    }
    char sql[128];
    snprintf(sql, sizeof sql, "insert into %s.schema_version (number, name) values (?1, ?2)", schema);
    if (sqlite3_prepare_v2(at, sql, -1, &st, NULL) != SQLITE_OK || sqlite3_bind_int(st, 1, m->v[i].number) != SQLITE_OK ||
        sqlite3_bind_text(st, 2, m->v[i].name, -1, SQLITE_STATIC) != SQLITE_OK || sqlite3_step(st) != SQLITE_DONE)
        e = failed(at, schema, m->v[i].name, why);
out:
    sqlite3_finalize(st);
    free(part);
    buf_free(&text);
    return e;
}

// All that is missing, in one transaction a schema: a crash leaves it as it was, and migrate goes on from there.
static enum err apply_all(sqlite3 *at, const char *schema, const struct migrations *m, int upto, struct buf *why)
{
    char sql[160];
    enum err e = sqlite_run(at, "begin immediate");
    if (e != OK) return failed(at, schema, "begin", why);
    snprintf(sql, sizeof sql,
             "create table if not exists %s.schema_version (number integer primary key not null, name text not null) strict",
             schema);
    if (sqlite_run(at, sql) != OK) e = failed(at, schema, "schema_version", why);
    int64_t last = 0;
    for (size_t i = 0; e == OK && i < m->n; i++)
        if (m->v[i].number <= upto && !applied(at, schema, m->v[i].number, &last)) e = apply_one(at, schema, m, i, why);
    if (e == OK && last > m->v[m->n - 1].number) {
        buf_printf(why, "store: %s has schema %04d, newer than this program: use a newer program", schema, (int)last);
        e = ERR_CONFLICT;
    }
    if (e == OK && sqlite_run(at, "commit") != OK) e = failed(at, schema, "commit", why);
    if (e != OK) sqlite3_exec(at, "rollback", NULL, NULL, NULL);
    return e;
}

static enum err schema_file(const char *url, const char *schema, const struct migrations *m, int upto, struct buf *why)
{
    char path[PATH_MAX];
    sqlite3 *at = NULL;
    enum err e = sqlite_path(url, schema, ".db", path, sizeof path);
    if (e == OK) e = sqlite_open_empty(&at);
    if (e != OK) return e;
    if (sqlite_attach(at, path, schema, "rw") != OK || sqlite_pragmas(at, schema, true) != OK) {
        e = failed(at, schema, "open", why);
        goto out;
    }
    e = sqlite_run(at, "pragma foreign_keys=off"); // a rebuilt table is dropped while others refer to it
    if (e == OK) e = apply_all(at, schema, m, upto, why);
out:
    sqlite3_close(at);
    return e;
}

static enum err refuse_existing(const char *url, struct buf *why)
{
    for (int i = 0; i < SCHEMAS; i++) {
        char path[PATH_MAX];
        enum err e = sqlite_path(url, schema_names[i], ".db", path, sizeof path);
        if (e == OK && file_exists(path)) {
            buf_printf(why, "store: %s exists already", path);
            e = ERR_CONFLICT;
        }
        if (e != OK) return e;
    }
    return OK;
}

static enum err make_empty(const char *url, const char *schema, mode_t folder_mode, mode_t mode, struct buf *why)
{
    char path[PATH_MAX];
    enum err e = sqlite_path(url, schema, "", path, sizeof path);
    if (e == OK) e = file_make_dirs(path, folder_mode & 0777);
    if (e != OK) {
        buf_printf(why, "store: %s cannot be made", path);
        return e;
    }
    static const char *const files[] = {".db", ".wait", ".work"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        e = sqlite_path(url, schema, files[i], path, sizeof path);
        if (e != OK) return e;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode);
        if (fd < 0 || fchmod(fd, mode) != 0) e = ERR_IO; // whatever the umask; -wal and -shm take the mode from .db
        if (fd >= 0) close(fd);
        if (e != OK) {
            buf_printf(why, "store: %s cannot be made: %s", path, strerror(errno));
            return e;
        }
    }
    return OK;
}

static enum err give_away(const char *url, const char *schema, mode_t folder_mode, mode_t mode,
                          void (*owner_of)(const char *schema, const char *path))
{
    static const char *const files[] = {"", ".db", ".db-wal", ".db-shm", ".wait", ".work"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_MAX];
        enum err e = sqlite_path(url, schema, files[i], path, sizeof path);
        if (e != OK) return e;
        if (owner_of) owner_of(schema, path);
        if (chmod(path, i == 0 ? folder_mode : mode) != 0) return ERR_IO; // after the owner, whose change may clear bits
    }
    return OK;
}

enum err sqlite_create(const char *url, const struct migrations *m, int upto,
                       void (*owner_of)(const char *schema, const char *path), struct buf *why)
{
    enum err e = refuse_existing(url, why);
    for (int i = 0; e == OK && i < SCHEMAS; i++) {
        const char *schema = schema_names[i];
        bool shared = owner_of && strcmp(schema, "desk") == 0;
        mode_t folder_mode = shared ? 02770 : 02750, mode = shared ? 0660 : 0640;
        e = make_empty(url, schema, folder_mode, mode, why);
        if (e == OK) e = schema_file(url, schema, m, upto, why);
        if (e == OK) e = give_away(url, schema, folder_mode, mode, owner_of);
    }
    return e;
}

enum err sqlite_migrate(const char *url, const struct migrations *m, struct buf *why)
{
    enum err e = OK;
    for (int i = 0; e == OK && i < SCHEMAS; i++) e = schema_file(url, schema_names[i], m, INT_MAX, why);
    return e;
}
