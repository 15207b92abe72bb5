// PostgreSQL: prepared statements and their rows, in binary format both ways.
#include "postgres.h"
#include "base/log.h"
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, OID_FLOAT8 = 701 }; // pg_type.dat of PostgreSQL

static Oid oid_of(char letter)
{
    switch (letter | 0x20) {
    case 'i': return OID_INT8;
    case 'f': return OID_FLOAT8;
    case 't': return OID_TEXT;
    case 'b': return OID_BYTEA;
    default: return 0;
    }
}

static enum err statement_verify(const struct db_query *q, const PGresult *described, const char **fault)
{
    *fault = "parameters are not $1 to $n of the declared types";
    int n = (int)strlen(q->in);
    if (libpq.nparams(described) != n) return ERR_BUG;
    for (int k = 0; k < n; k++)
        if (libpq.paramtype(described, k) != oid_of(q->in[k])) return ERR_BUG;
    *fault = "columns are not as many as declared";
    if (libpq.nfields(described) != (int)strlen(q->out)) return ERR_BUG;
    *fault = "a column has another type than declared";
    for (int c = 0; q->out[c]; c++)
        if (libpq.ftype(described, c) != oid_of(q->out[c])) return ERR_BUG;
    return OK;
}

static enum err statement_make(struct db *db, const struct db_query *q, const char *name, const char **fault)
{
    struct pg_link *l = db->link;
    Oid types[DB_PARAMS_MAX];
    *fault = "it does not compile";
    size_t n = strlen(q->in);
    if (n > DB_PARAMS_MAX) return ERR_BUG;
    for (size_t k = 0; k < n; k++) types[k] = oid_of(q->in[k]);
    enum err e = postgres_drain(db, NULL); // what failed before this is not its fault
    if (e == OK) e = postgres_sent(db, libpq.sendPrepare(l->at, name, q->sql, (int)n, types));
    if (e == OK) e = postgres_drain(db, NULL);
    if (e != OK) return e;
    PGresult *described = NULL;
    e = postgres_sent(db, libpq.sendDescribePrepared(l->at, name));
    if (e == OK) e = postgres_drain(db, &described);
    if (e == OK) e = statement_verify(q, described, fault);
    libpq.clear(described);
    return e;
}

static void statement_name(const struct pg_statement *s, const struct db_query *q, char out[static 64])
{
    snprintf(out, 64, "%.48s_%u", q->name, s->number);
}

static enum err statement_find(struct db *db, const struct db_query *q, char name[static 64])
{
    struct pg_link *l = db->link;
    size_t places = sizeof l->statements / sizeof l->statements[0];
    size_t at = ((uintptr_t)q / sizeof *q * 2654435761u) % places;
    while (l->statements[at].q && l->statements[at].q != q) at = (at + 1) % places;
    struct pg_statement *s = &l->statements[at];
    if (!s->q) {
        assert(l->statements_n < DB_STATEMENTS_MAX);
        s->number = l->statements_n + 1;
        statement_name(s, q, name);
        const char *fault;
        enum err e = statement_make(db, q, name, &fault);
        l->statements_n++; // a number is used once, even where the statement failed after it was prepared
        if (e == ERR_BUG) db_log(LOG_ALARM, "db.statement", q, e);
        if (e != OK) return e;
        s->q = q;
    }
    statement_name(s, q, name);
    return OK;
}

static enum err send_prepared(struct db *db, const struct db_query *q, struct db_args args)
{
    struct pg_link *l = db->link;
    char name[64];
    enum err e = statement_find(db, q, name);
    if (e != OK) return e;
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
    uint64_t numbers[DB_PARAMS_MAX];
    int n = (int)args.n - 1;
    for (int k = 0; k < n; k++) {
        const struct db_val *v = &args.v[k + 1];
        formats[k] = 1;
        lengths[k] = 8;
        values[k] = (const char *)&numbers[k];
        double f = v->f == 0 ? 0 : v->f; // -0 is 0, as SQLite has it
        switch (v->type) {
        case 'i': numbers[k] = htobe64((uint64_t)v->i); break;
        case 'f':
            memcpy(&numbers[k], &f, 8);
            numbers[k] = htobe64(numbers[k]);
            break;
        case 't':
        case 'b':
            if (v->s.n > INT32_MAX / 2) return ERR_TOO_LARGE;
            values[k] = v->s.n > 0 ? v->s.at : "";
            lengths[k] = (int)v->s.n;
            break;
        default: values[k] = NULL; break;
        }
    }
    return postgres_sent(db, libpq.sendQueryPrepared(l->at, name, n, values, lengths, formats, 1));
}

enum err postgres_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed)
{
    if (q->out[0] != 0) {
        db_log(LOG_ALARM, "db.exec", q, ERR_BUG); // has columns: db_query is meant
        return ERR_BUG;
    }
    enum err e = send_prepared(db, q, args);
    if (e != OK || !changed) return e;
    PGresult *r = NULL;
    e = postgres_drain(db, &r);
    if (e == OK) *changed = strtoll(libpq.cmdTuples(r), NULL, 10);
    libpq.clear(r);
    return e;
}

enum err postgres_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows *out)
{
    PGresult *r = NULL;
    enum err e = send_prepared(db, q, args);
    if (e == OK) e = postgres_drain(db, &r);
    if (e != OK) return e;
    if (!r) return ERR_BUG;
    out->of_engine = r;
    out->at = 0;
    return OK;
}

bool postgres_next(struct db_rows *r)
{
    const PGresult *result = r->of_engine;
    if (r->at >= libpq.ntuples(result)) return false;
    int row = r->at++;
    for (int c = 0; c < r->columns; c++) {
        struct db_val *v = &r->cells[c];
        *v = (struct db_val){0};
        if (libpq.getisnull(result, row, c)) continue;
        v->type = (char)(r->q->out[c] | 0x20);
        v->s = (struct str){libpq.getvalue(result, row, c), (size_t)libpq.getlength(result, row, c)};
        if (v->type == 't' || v->type == 'b') continue;
        uint64_t bits;
        assert(v->s.n == 8); // statement_verify saw int8 or float8
        memcpy(&bits, v->s.at, 8);
        bits = be64toh(bits);
        if (v->type == 'i') v->i = (int64_t)bits;
        else memcpy(&v->f, &bits, 8);
    }
    return true;
}

void postgres_done(struct db_rows *r)
{
    libpq.clear(r->of_engine);
}

enum err postgres_check(struct db *db, const struct db_query *q, struct buf *why)
{
    struct pg_link *l = db->link;
    const char *fault;
    l->message[0] = 0;
    enum err e = db->engine->begin(db);
    if (e == OK) e = statement_make(db, q, "", &fault); // the unnamed statement: the next one replaces it
    else fault = "no transaction";
    if (e != OK) buf_printf(why, "%s: %s (%s)\n", q->name, fault, l->message);
    db->engine->rollback(db);
    db->fatal = OK;
    return e;
}
