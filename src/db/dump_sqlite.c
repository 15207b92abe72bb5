// SQLite's half of dump and load.
#include "dump.h"
#include "sqlite.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_ROWS 20000 // of one transaction: bounds the WAL
#define SQL_MAX 8192

static enum err failed(sqlite3 *at, const char *what, struct buf *why)
{
    buf_printf(why, "store: %s: %s", what, sqlite3_errmsg(at));
    enum err e = sqlite_err(at, sqlite3_errcode(at));
    return e == OK ? ERR_BUG : e;
}

static char letter_of(const char *declared)
{
    if (sqlite3_stricmp(declared, "integer") == 0 || sqlite3_stricmp(declared, "int") == 0) return 'i';
    if (sqlite3_stricmp(declared, "real") == 0) return 'f';
    if (sqlite3_stricmp(declared, "text") == 0) return 't';
    return sqlite3_stricmp(declared, "blob") == 0 ? 'b' : 0;
}

static enum err open_all(const char *url, const char *mode, sqlite3 **out, struct buf *why)
{
    sqlite3 *at = NULL;
    enum err e = sqlite_open_empty(&at);
    for (int i = 0; e == OK && i < SCHEMAS; i++) {
        char path[PATH_MAX];
        e = sqlite_path(url, schema_names[i], ".db", path, sizeof path);
        if (e == OK && (sqlite_attach(at, path, schema_names[i], mode) != OK ||
                        sqlite_pragmas(at, schema_names[i], strcmp(mode, "rw") == 0) != OK))
            e = failed(at, path, why);
    }
    if (e != OK) {
        sqlite3_close(at);
        return e;
    }
    *out = at;
    return OK;
}

static enum err describe(sqlite3 *at, const char *schema, const char *table, struct dump_table *t, struct buf *why)
{
    sqlite3_stmt *st = NULL;
    enum err e = OK;
    int rc = sqlite3_prepare_v2(at, "select name, type from pragma_table_xinfo(?1, ?2) where hidden = 0 order by cid", -1, &st, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(st, 2, schema, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && e == OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        const char *name = (const char *)sqlite3_column_text(st, 0);
        char letter = letter_of((const char *)sqlite3_column_text(st, 1));
        if (!letter || t->columns == DB_COLUMNS_MAX || strlen(name) >= sizeof t->column[0].name) {
            buf_printf(why, "store: %s.%s: a column that a copy cannot hold", schema, table);
            e = ERR_BUG;
            break;
        }
        struct dump_column *c = &t->column[t->columns++];
        c->letter = letter;
        snprintf(c->name, sizeof c->name, "%s", name);
    }
    if (e == OK && rc != SQLITE_DONE) e = failed(at, table, why);
    sqlite3_finalize(st);
    return e;
}

static void row_values(sqlite3_stmt *st, const struct dump_table *t, struct db_val *v)
{
    for (int c = 0; c < t->columns; c++) {
        v[c] = (struct db_val){0};
        if (sqlite3_column_type(st, c) == SQLITE_NULL) continue;
        v[c].type = t->column[c].letter;
        switch (v[c].type) {
        case 'i': v[c].i = sqlite3_column_int64(st, c); break;
        case 'f': v[c].f = sqlite3_column_double(st, c); break;
        default:
            v[c].s.at = sqlite3_column_blob(st, c); // the bytes of a text too
            v[c].s.n = (size_t)sqlite3_column_bytes(st, c);
        }
    }
}

static enum err dump_rows(sqlite3 *at, const struct dump_table *t, struct dump_out *d, struct buf *why)
{
    char sql[SQL_MAX];
    size_t n = (size_t)snprintf(sql, sizeof sql, "select ");
    for (int c = 0; c < t->columns; c++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", c ? ", " : "", t->column[c].name);
    snprintf(sql + n, sizeof sql - n, " from %s", t->name);
    sqlite3_stmt *st = NULL;
    enum err e = OK;
    int rc = sqlite3_prepare_v2(at, sql, -1, &st, NULL);
    if (rc != SQLITE_OK) return failed(at, t->name, why);
    while (e == OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct db_val values[DB_COLUMNS_MAX];
        row_values(st, t, values);
        e = dump_row(d, t->columns, values);
    }
    if (e == OK && rc != SQLITE_DONE) e = failed(at, t->name, why);
    sqlite3_finalize(st);
    return e;
}

static enum err dump_last(sqlite3 *at, const char *schema, const char *table, struct dump_out *d, struct buf *why)
{
    char sql[160];
    snprintf(sql, sizeof sql, "select coalesce(max(seq), 0) from %s.sqlite_sequence where name = ?1", schema);
    sqlite3_stmt *st = NULL;
    enum err e = OK;
    if (sqlite3_prepare_v2(at, sql, -1, &st, NULL) != SQLITE_OK ||
        sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW)
        e = failed(at, table, why);
    else e = dump_sequence(d, sqlite3_column_int64(st, 0));
    sqlite3_finalize(st);
    return e;
}

// Tables in the order in which they were made: who refers to another comes after it.
static enum err dump_schema(sqlite3 *at, const char *schema, struct dump_out *d, struct buf *why)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "select name, sql like '%%autoincrement%%' from %s.sqlite_schema where type = 'table'"
             " and name not like 'sqlite\\_%%' escape '\\' and name <> 'schema_version' order by rowid", schema);
    sqlite3_stmt *st = NULL;
    enum err e = OK;
    int rc = sqlite3_prepare_v2(at, sql, -1, &st, NULL);
    if (rc != SQLITE_OK) return failed(at, schema, why);
    while (e == OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct dump_table t = {.sequence = sqlite3_column_int(st, 1)};
        const char *name = (const char *)sqlite3_column_text(st, 0);
        snprintf(t.name, sizeof t.name, "%s.%.100s", schema, name);
        e = describe(at, schema, name, &t, why);
        if (e == OK) e = dump_begin_table(d, &t);
        if (e == OK) e = dump_rows(at, &t, d, why);
        if (e == OK && t.sequence) e = dump_last(at, schema, name, d, why);
    }
    if (e == OK && rc != SQLITE_DONE) e = failed(at, schema, why);
    sqlite3_finalize(st);
    return e;
}

static enum err number(sqlite3 *at, const char *sql, int64_t *out, struct buf *why)
{
    sqlite3_stmt *st = NULL;
    enum err e = OK;
    if (sqlite3_prepare_v2(at, sql, -1, &st, NULL) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW) e = failed(at, "read", why);
    else *out = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return e;
}

enum err sqlite_dump(const char *url, struct dump_out *d, struct buf *why)
{
    sqlite3 *at = NULL;
    int64_t last = 0, count = 0;
    enum err e = open_all(url, "ro", &at, why);
    if (e != OK) return e;
    if (sqlite_run(at, "begin") != OK) e = failed(at, "begin", why);
    for (int i = 0; e == OK && i < SCHEMAS; i++) { // takes the snapshots, in this order
        char sql[128];
        snprintf(sql, sizeof sql, "select max(number) from %s.schema_version", schema_names[i]);
        e = number(at, sql, &last, why);
        snprintf(sql, sizeof sql, "select count(*) from %s.schema_version", schema_names[i]);
        if (e == OK) e = number(at, sql, &count, why);
    }
    if (e == OK) e = dump_version(d, (uint32_t)last, (uint32_t)count);
    for (int i = 0; e == OK && i < SCHEMAS; i++) e = dump_schema(at, schema_names[i], d, why);
    sqlite3_close(at);
    return e;
}

struct loading {
    sqlite3 *at;
    sqlite3_stmt *insert;
    int64_t rows;
};

static enum err load_table(void *state, const struct dump_table *t, struct buf *why)
{
    struct loading *l = state;
    char sql[SQL_MAX];
    sqlite3_finalize(l->insert);
    l->insert = NULL;
    snprintf(sql, sizeof sql, "delete from %s", t->name);
    if (sqlite_run(l->at, sql) != OK) return failed(l->at, t->name, why);
    size_t n = (size_t)snprintf(sql, sizeof sql, "insert into %s (", t->name);
    for (int c = 0; c < t->columns; c++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", c ? ", " : "", t->column[c].name);
    n += (size_t)snprintf(sql + n, sizeof sql - n, ") values (");
    for (int c = 0; c < t->columns; c++) n += (size_t)snprintf(sql + n, sizeof sql - n, "%s?%d", c ? ", " : "", c + 1);
    snprintf(sql + n, sizeof sql - n, ")");
    if (sqlite3_prepare_v2(l->at, sql, -1, &l->insert, NULL) != SQLITE_OK) return failed(l->at, t->name, why);
    return OK;
}

static enum err load_row(void *state, const struct dump_table *t, const struct db_val *values, struct buf *why)
{
    struct loading *l = state;
    int rc = SQLITE_OK;
    for (int c = 0; rc == SQLITE_OK && c < t->columns; c++) {
        const struct db_val *v = &values[c];
        const char *bytes = v->s.n > 0 ? v->s.at : "";
        switch (v->type) {
        case 'i': rc = sqlite3_bind_int64(l->insert, c + 1, v->i); break;
        case 'f': rc = sqlite3_bind_double(l->insert, c + 1, v->f); break;
        case 't': rc = sqlite3_bind_text64(l->insert, c + 1, bytes, v->s.n, SQLITE_STATIC, SQLITE_UTF8); break;
        case 'b': rc = sqlite3_bind_blob64(l->insert, c + 1, bytes, v->s.n, SQLITE_STATIC); break;
        default: rc = sqlite3_bind_null(l->insert, c + 1);
        }
    }
    if (rc == SQLITE_OK) rc = sqlite3_step(l->insert);
    enum err e = rc == SQLITE_DONE ? OK : failed(l->at, t->name, why);
    sqlite3_reset(l->insert);
    if (e == OK && ++l->rows % LOAD_ROWS == 0 && sqlite_run(l->at, "commit; begin immediate") != OK)
        e = failed(l->at, t->name, why);
    return e;
}

static enum err load_sequence(void *state, const struct dump_table *t, int64_t last, struct buf *why)
{
    struct loading *l = state;
    const char *dot = strchr(t->name, '.');
    char sql[512];
    snprintf(sql, sizeof sql,
             "delete from %.*s.sqlite_sequence where name = '%s';"
             "insert into %.*s.sqlite_sequence (name, seq) values ('%s', %lld)",
             (int)(dot - t->name), t->name, dot + 1, (int)(dot - t->name), t->name, dot + 1, (long long)last);
    return sqlite_run(l->at, sql) == OK ? OK : failed(l->at, t->name, why);
}

static enum err load_end(void *state, enum err e, struct buf *why)
{
    struct loading *l = state;
    sqlite3_finalize(l->insert);
    if (e == OK && sqlite_run(l->at, "commit") != OK) e = failed(l->at, "commit", why);
    int64_t odd = 0;
    if (e == OK) {
        for (int i = 0; e == OK && i < SCHEMAS; i++) {
            char sql[128];
            snprintf(sql, sizeof sql, "select count(*) from pragma_foreign_key_check(null, '%s')", schema_names[i]);
            int64_t n = 0;
            e = number(l->at, sql, &n, why);
            odd += n;
        }
        if (e == OK && odd > 0) {
            buf_put_z(why, "store: the copy has rows that refer to none");
            e = ERR_CONFLICT;
        }
    }
    sqlite3_close(l->at);
    free(l);
    return e;
}

enum err sqlite_load_begin(const char *url, struct dump_in *in, struct buf *why)
{
    struct loading *l = calloc(1, sizeof *l);
    if (!l) return ERR_MEMORY;
    enum err e = open_all(url, "rw", &l->at, why);
    // Rows come in no order of references; they are checked at the end.
    if (e == OK && sqlite_run(l->at, "pragma foreign_keys=off; begin immediate") != OK) e = failed(l->at, "begin", why);
    if (e != OK) {
        sqlite3_close(l->at);
        free(l);
        return e;
    }
    *in = (struct dump_in){l, load_table, load_row, load_sequence, load_end};
    return OK;
}
