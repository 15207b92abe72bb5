// PostgreSQL's half of dump and load: COPY in binary format, whose rows are counts and lengths in network order.
#include "dump.h"
#include "postgres.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX 8192
#define COPY_HEAD 19            // signature 11, flags 4, extension length 4
#define COPY_PIECE (256 << 10)  // bytes put into one CopyData

static const char copy_head[COPY_HEAD] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";

static enum err failed(PGconn *at, const PGresult *r, const char *what, struct buf *why)
{
    const char *text = libpq.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    buf_printf(why, "store: %s: %s", what, text ? text : libpq.errorMessage(at));
    return postgres_err(libpq.resultErrorField(r, PG_DIAG_SQLSTATE));
}

static enum err run(PGconn *at, const char *sql, const char *what, struct buf *why)
{
    PGresult *r = libpq.exec(at, sql);
    ExecStatusType status = libpq.resultStatus(r);
    enum err e = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? OK : failed(at, r, what, why);
    libpq.clear(r);
    return e;
}

static enum err rows(PGconn *at, const char *sql, const char *parameter, PGresult **out, struct buf *why)
{
    const char *values[1] = {parameter};
    PGresult *r = libpq.execParams(at, sql, parameter ? 1 : 0, NULL, values, NULL, NULL, 0);
    if (libpq.resultStatus(r) != PGRES_TUPLES_OK) {
        enum err e = failed(at, r, "catalogue", why);
        libpq.clear(r);
        return e;
    }
    *out = r;
    return OK;
}

static char letter_of(const char *type)
{
    if (strcmp(type, "int8") == 0) return 'i';
    if (strcmp(type, "float8") == 0) return 'f';
    if (strcmp(type, "text") == 0) return 't';
    return strcmp(type, "bytea") == 0 ? 'b' : 0;
}

static enum err describe(PGconn *at, const char *oid, struct dump_table *t, struct buf *why)
{
    PGresult *r;
    enum err e = rows(at, "select a.attname, t.typname, a.attidentity <> '' from pg_attribute a join pg_type t on t.oid = a.atttypid"
                          " where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''"
                          " order by a.attnum", oid, &r, why);
    if (e != OK) return e;
    for (int i = 0; e == OK && i < libpq.ntuples(r); i++) {
        const char *name = libpq.getvalue(r, i, 0);
        char letter = letter_of(libpq.getvalue(r, i, 1));
        if (!letter || i == DB_COLUMNS_MAX || strlen(name) >= sizeof t->column[0].name) {
            buf_printf(why, "store: %s: a column that a copy cannot hold", t->name);
            e = ERR_BUG;
            break;
        }
        t->column[i].letter = letter;
        memcpy(t->column[i].name, name, strlen(name) + 1);
        t->columns = i + 1;
        if (*libpq.getvalue(r, i, 2) == 't') {
            t->sequence = true;
            memcpy(t->sequence_column, name, strlen(name) + 1);
        }
    }
    libpq.clear(r);
    return e;
}

static uint64_t be(const char *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | (unsigned char)at[i];
    return v;
}

// One row of COPY. *end: the trailer. A row that does not fit its own lengths cannot come from a server.
static enum err parse_row(struct str s, const struct dump_table *t, struct db_val *out, bool *end)
{
    *end = s.n == 2 && be(s.at, 2) == 0xffff;
    if (*end) return OK;
    if (s.n < 2 || be(s.at, 2) != (uint64_t)t->columns) return ERR_MALFORMED;
    size_t at = 2;
    for (int c = 0; c < t->columns; c++) {
        if (s.n - at < 4) return ERR_MALFORMED;
        uint32_t n = (uint32_t)be(s.at + at, 4);
        at += 4;
        out[c] = (struct db_val){0};
        if (n == UINT32_MAX) continue;
        if (s.n - at < n) return ERR_MALFORMED;
        out[c].type = t->column[c].letter;
        out[c].s = (struct str){s.at + at, n};
        if (out[c].type == 'i' || out[c].type == 'f') {
            if (n != 8) return ERR_MALFORMED;
            out[c].i = (int64_t)be(s.at + at, 8);
            if (out[c].type == 'f') memcpy(&out[c].f, &out[c].i, 8);
        }
        at += n;
    }
    return at == s.n ? OK : ERR_MALFORMED;
}

static void column_list(const struct dump_table *t, char *sql, size_t size, size_t n)
{
    for (int c = 0; c < t->columns; c++) n += (size_t)snprintf(sql + n, size - n, "%s%s", c ? ", " : "", t->column[c].name);
}

static enum err dump_rows(PGconn *at, const struct dump_table *t, struct dump_out *d, struct buf *why)
{
    char columns[SQL_MAX / 2] = "", sql[SQL_MAX];
    column_list(t, columns, sizeof columns, 0);
    snprintf(sql, sizeof sql, "copy %s (%s) to stdout (format binary)", t->name, columns);
    PGresult *r = libpq.exec(at, sql);
    enum err e = libpq.resultStatus(r) == PGRES_COPY_OUT ? OK : failed(at, r, t->name, why);
    libpq.clear(r);
    if (e != OK) return e;
    bool first = true, end = false;
    char *row;
    int n;
    while ((n = libpq.getCopyData(at, &row, 0)) > 0) { // read to its end even after a failure
        struct str s = {row, (size_t)n};
        struct db_val values[DB_COLUMNS_MAX];
        if (first && s.n >= COPY_HEAD) s = str_slice(s, COPY_HEAD, s.n);
        first = false;
        if (e == OK && s.n > 0) {
            e = parse_row(s, t, values, &end);
            if (e == OK && !end) e = dump_row(d, t->columns, values);
        }
        libpq.freemem(row);
    }
    r = libpq.getResult(at);
    if (e == OK && libpq.resultStatus(r) != PGRES_COMMAND_OK) e = failed(at, r, t->name, why);
    while (r) {
        libpq.clear(r);
        r = libpq.getResult(at);
    }
    return e;
}

static enum err dump_last(PGconn *at, const struct dump_table *t, struct dump_out *d, struct buf *why)
{
    char sql[512];
    PGresult *r;
    snprintf(sql, sizeof sql, "select pg_get_serial_sequence('%s', '%s')", t->name, t->sequence_column);
    enum err e = rows(at, sql, NULL, &r, why);
    if (e != OK) return e;
    snprintf(sql, sizeof sql, "select case when is_called then last_value else 0 end from %s", libpq.getvalue(r, 0, 0));
    libpq.clear(r);
    e = rows(at, sql, NULL, &r, why);
    if (e != OK) return e;
    int64_t last = strtoll(libpq.getvalue(r, 0, 0), NULL, 10);
    libpq.clear(r);
    return dump_sequence(d, last);
}

static enum err dump_schema(PGconn *at, const char *schema, struct dump_out *d, struct buf *why)
{
    PGresult *list;
    enum err e = rows(at, "select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                          " where n.nspname = $1 and c.relkind = 'r' and c.relname <> 'schema_version' order by c.oid",
                      schema, &list, why);
    if (e != OK) return e;
    for (int i = 0; e == OK && i < libpq.ntuples(list); i++) {
        struct dump_table t = {0};
        snprintf(t.name, sizeof t.name, "%s.%.100s", schema, libpq.getvalue(list, i, 1));
        e = describe(at, libpq.getvalue(list, i, 0), &t, why);
        if (e == OK) e = dump_begin_table(d, &t);
        if (e == OK) e = dump_rows(at, &t, d, why);
        if (e == OK && t.sequence) e = dump_last(at, &t, d, why);
    }
    libpq.clear(list);
    return e;
}

enum err postgres_dump(const char *url, struct dump_out *d, struct buf *why)
{
    PGconn *at;
    PGresult *r;
    enum err e = postgres_login(url, "admin", NULL, &at, why);
    if (e != OK) return e;
    e = run(at, "begin isolation level repeatable read read only", "begin", why);
    if (e == OK) e = rows(at, "select max(number), count(*) from intake.schema_version", NULL, &r, why);
    if (e == OK) {
        e = dump_version(d, (uint32_t)atoi(libpq.getvalue(r, 0, 0)), (uint32_t)atoi(libpq.getvalue(r, 0, 1)));
        libpq.clear(r);
    }
    for (int i = 0; e == OK && i < SCHEMAS; i++) e = dump_schema(at, schema_names[i], d, why);
    libpq.finish(at);
    return e;
}

struct loading {
    PGconn *at;
    bool copying;
    struct buf piece;
};

static enum err piece_put(struct loading *l, struct buf *why)
{
    enum err e = buf_ok(&l->piece);
    if (e == OK && libpq.putCopyData(l->at, l->piece.at, (int)l->piece.n) != 1) {
        buf_printf(why, "store: %s", libpq.errorMessage(l->at));
        e = ERR_AWAY;
    }
    buf_clear(&l->piece);
    return e;
}

static enum err copy_end(struct loading *l, struct buf *why)
{
    if (!l->copying) return OK;
    l->copying = false;
    buf_put(&l->piece, STR("\377\377"));
    enum err e = piece_put(l, why);
    if (libpq.putCopyEnd(l->at, e == OK ? NULL : "failed") != 1 && e == OK) e = ERR_AWAY;
    PGresult *r = libpq.getResult(l->at);
    if (e == OK && libpq.resultStatus(r) != PGRES_COMMAND_OK) e = failed(l->at, r, "copy", why);
    while (r) {
        libpq.clear(r);
        r = libpq.getResult(l->at);
    }
    return e;
}

static enum err load_table(void *state, const struct dump_table *t, struct buf *why)
{
    struct loading *l = state;
    char sql[SQL_MAX], columns[SQL_MAX / 2] = "";
    enum err e = copy_end(l, why);
    snprintf(sql, sizeof sql, "delete from %s", t->name);
    if (e == OK) e = run(l->at, sql, t->name, why);
    if (e != OK) return e;
    column_list(t, columns, sizeof columns, 0);
    snprintf(sql, sizeof sql, "copy %s (%s) from stdin (format binary)", t->name, columns);
    PGresult *r = libpq.exec(l->at, sql);
    if (libpq.resultStatus(r) != PGRES_COPY_IN) e = failed(l->at, r, t->name, why);
    libpq.clear(r);
    if (e != OK) return e;
    l->copying = true;
    buf_clear(&l->piece);
    buf_put(&l->piece, (struct str){copy_head, COPY_HEAD});
    return OK;
}

static void put_be(struct buf *b, uint64_t v, size_t n)
{
    v = htobe64(v);
    buf_put(b, (struct str){(const char *)&v + 8 - n, n});
}

static enum err load_row(void *state, const struct dump_table *t, const struct db_val *values, struct buf *why)
{
    struct loading *l = state;
    if (!l->copying) return ERR_MALFORMED; // a row behind its table's sequence
    put_be(&l->piece, (uint64_t)t->columns, 2);
    for (int c = 0; c < t->columns; c++) {
        const struct db_val *v = &values[c];
        uint64_t bits = (uint64_t)v->i;
        if (v->type == 'f') memcpy(&bits, &v->f, 8);
        switch (v->type) {
        case 0: put_be(&l->piece, UINT32_MAX, 4); break;
        case 'i':
        case 'f':
            put_be(&l->piece, 8, 4);
            put_be(&l->piece, bits, 8);
            break;
        default:
            put_be(&l->piece, v->s.n, 4);
            buf_put(&l->piece, v->s);
        }
    }
    return l->piece.n >= COPY_PIECE ? piece_put(l, why) : OK;
}

static enum err load_sequence(void *state, const struct dump_table *t, int64_t last, struct buf *why)
{
    struct loading *l = state;
    char sql[512];
    PGresult *r;
    enum err e = copy_end(l, why);
    if (e != OK) return e;
    snprintf(sql, sizeof sql,
             "select pg_get_serial_sequence('%s', a.attname) from pg_attribute a where a.attrelid = '%s'::regclass"
             " and a.attidentity <> ''", t->name, t->name);
    e = rows(l->at, sql, NULL, &r, why);
    if (e != OK) return e;
    if (libpq.ntuples(r) != 1) e = ERR_MALFORMED;
    else snprintf(sql, sizeof sql, "select setval('%s', %lld, %s)", libpq.getvalue(r, 0, 0), (long long)(last > 0 ? last : 1),
                  last > 0 ? "true" : "false");
    libpq.clear(r);
    return e == OK ? run(l->at, sql, t->name, why) : e;
}

static enum err load_end(void *state, enum err e, struct buf *why)
{
    struct loading *l = state;
    if (e == OK) e = copy_end(l, why);
    if (e == OK) e = run(l->at, "commit", "commit", why);
    libpq.finish(l->at); // what was not committed is gone
    buf_free(&l->piece);
    free(l);
    return e;
}

enum err postgres_load_begin(const char *url, struct dump_in *in, struct buf *why)
{
    struct loading *l = calloc(1, sizeof *l);
    if (!l) return ERR_MEMORY;
    buf_init_secret(&l->piece, DUMP_RECORD_MAX + COPY_PIECE);
    enum err e = postgres_login(url, "admin", NULL, &l->at, why);
    if (e == OK) e = run(l->at, "begin; set constraints all deferred", "begin", why);
    if (e != OK) {
        if (l->at) libpq.finish(l->at);
        free(l);
        return e;
    }
    *in = (struct dump_in){l, load_table, load_row, load_sequence, load_end};
    return OK;
}
