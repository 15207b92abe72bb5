// SQLite: prepared statements and their rows.
#include "sqlite.h"
#include "base/log.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST, ROWS_MORE, ROWS_END }; // what db_rows.at says here: the row already stepped to, others, none

static char letter_low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char letter_of_declared(const char *z)
{
    if (!z) return 0;
    if (sqlite3_stricmp(z, "integer") == 0 || sqlite3_stricmp(z, "int") == 0) return 'i';
    if (sqlite3_stricmp(z, "real") == 0) return 'f';
    if (sqlite3_stricmp(z, "text") == 0) return 't';
    if (sqlite3_stricmp(z, "blob") == 0) return 'b';
    return '?';
}

// Compares what the statement takes and gives with what the query says. What comes out of an expression has no declared
// type here; each of its values is looked at when it is read (db_next).
static enum err statement_verify(const struct db_query *q, struct statement *s, const char **fault)
{
    int n = (int)strlen(q->in);
    *fault = "parameters are not $1 to $n";
    if (n > DB_PARAMS_MAX || sqlite3_bind_parameter_count(s->at) != n) return ERR_BUG;
    for (int k = 1; k <= n; k++) {
        char name[8];
        snprintf(name, sizeof name, "$%d", k);
        int index = sqlite3_bind_parameter_index(s->at, name);
        if (index == 0) return ERR_BUG;
        s->param[k] = (unsigned char)index;
    }
    *fault = "columns are not as many as declared";
    if (sqlite3_column_count(s->at) != (int)strlen(q->out)) return ERR_BUG;
    *fault = "a column has another type than declared";
    for (int c = 0; q->out[c]; c++) {
        char declared = letter_of_declared(sqlite3_column_decltype(s->at, c));
        if (declared != 0 && declared != letter_low(q->out[c])) return ERR_BUG;
    }
    return OK;
}

static enum err statement_make(struct db *db, const struct db_query *q, unsigned flags, struct statement *out,
                               const char **fault)
{
    struct sqlite_link *l = db->link;
    struct statement s = {.q = q};
    const char *tail = NULL;
    int rc = sqlite3_prepare_v3(l->at, q->sql, -1, flags, &s.at, &tail);
    *fault = "it does not compile";
    enum err e = rc == SQLITE_OK ? OK : sqlite_failed(db, rc);
    if (e == OK && (!s.at || tail[strspn(tail, " \t\n;")] != 0)) {
        *fault = "it is not one statement";
        e = ERR_BUG;
    }
    if (e == OK) e = statement_verify(q, &s, fault);
    if (e != OK) {
        sqlite3_finalize(s.at);
        return e;
    }
    *out = s;
    return OK;
}

// The connection's prepared statement of a query; made at the first call.
static enum err statement_find(struct db *db, const struct db_query *q, struct statement **out)
{
    struct sqlite_link *l = db->link;
    size_t places = sizeof l->statements / sizeof l->statements[0];
    size_t at = ((uintptr_t)q / sizeof *q * 2654435761u) % places;
    while (l->statements[at].q && l->statements[at].q != q) at = (at + 1) % places;
    struct statement *s = &l->statements[at];
    if (!s->q) {
        assert(l->statements_n < DB_STATEMENTS_MAX);
        const char *fault;
        struct statement made;
        enum err e = statement_make(db, q, SQLITE_PREPARE_PERSISTENT, &made, &fault);
        if (e == ERR_BUG) db_log(LOG_ALARM, "db.statement", q, e);
        if (e != OK) return e;
        *s = made;
        l->statements_n++;
    }
    *out = s;
    return OK;
}

void sqlite_statements_free(struct sqlite_link *l)
{
    for (size_t i = 0; i < sizeof l->statements / sizeof l->statements[0]; i++) sqlite3_finalize(l->statements[i].at);
}

static int bind_one(sqlite3_stmt *st, int index, const struct db_val *v, sqlite3_destructor_type keep)
{
    const char *at = v->s.n > 0 ? v->s.at : ""; // a NULL pointer would bind null
    switch (v->type) {
    case 'i': return sqlite3_bind_int64(st, index, v->i);
    case 'f': return sqlite3_bind_double(st, index, v->f);
    case 't': return sqlite3_bind_text64(st, index, at, v->s.n, keep, SQLITE_UTF8);
    case 'b': return sqlite3_bind_blob64(st, index, at, v->s.n, keep);
    default: return sqlite3_bind_null(st, index);
    }
}

static int bind_all(const struct statement *s, struct db_args args, sqlite3_destructor_type keep)
{
    int rc = SQLITE_OK;
    for (size_t k = 1; rc == SQLITE_OK && k < args.n; k++) rc = bind_one(s->at, s->param[k], &args.v[k], keep);
    return rc;
}

enum err sqlite_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed)
{
    struct sqlite_link *l = db->link;
    struct statement *s;
    enum err e = statement_find(db, q, &s);
    if (e != OK) return e;
    if (s->busy || q->out[0] != 0) {
        db_log(LOG_ALARM, "db.exec", q, ERR_BUG); // has columns: db_query is meant
        return ERR_BUG;
    }
    int rc = bind_all(s, args, SQLITE_STATIC); // no copy: the step is over before the caller goes on
    if (rc == SQLITE_OK) rc = sqlite3_step(s->at);
    e = rc == SQLITE_DONE ? OK : sqlite_failed(db, rc);
    sqlite3_reset(s->at);
    sqlite3_clear_bindings(s->at);
    if (e == OK && changed) *changed = sqlite3_changes64(l->at);
    return e;
}

enum err sqlite_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows *out)
{
    struct statement *s, spare;
    enum err e = statement_find(db, q, &s);
    if (e != OK) return e;
    if (s->busy) { // the same query inside its own rows
        const char *fault;
        e = statement_make(db, q, 0, &spare, &fault);
        if (e != OK) return e;
        s = &spare;
        out->own = true;
    }
    // The first step is made here, so that "insert … returning" is done and a conflict known, as on PostgreSQL.
    int rc = bind_all(s, args, SQLITE_TRANSIENT);
    if (rc == SQLITE_OK) rc = sqlite3_step(s->at);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        e = sqlite_failed(db, rc);
        sqlite3_reset(s->at);
        sqlite3_clear_bindings(s->at);
        if (out->own) sqlite3_finalize(s->at);
        return e;
    }
    out->at = rc == SQLITE_ROW ? ROWS_FIRST : ROWS_END;
    if (out->own) {
        out->of_engine = s->at;
    } else {
        s->busy = true;
        out->of_engine = s;
    }
    return OK;
}

static sqlite3_stmt *rows_statement(const struct db_rows *r)
{
    return r->own ? r->of_engine : ((struct statement *)r->of_engine)->at;
}

bool sqlite_next(struct db_rows *r)
{
    sqlite3_stmt *st = rows_statement(r);
    int rc = r->at == ROWS_END ? SQLITE_DONE : r->at == ROWS_FIRST ? SQLITE_ROW : sqlite3_step(st);
    r->at = ROWS_MORE;
    if (rc != SQLITE_ROW) {
        r->at = ROWS_END; // a step after the end would start again
        if (rc != SQLITE_DONE) r->err = sqlite_failed(r->db, rc);
        return false;
    }
    for (int c = 0; c < r->columns; c++) {
        struct db_val *v = &r->cells[c];
        *v = (struct db_val){0};
        switch (sqlite3_column_type(st, c)) {
        case SQLITE_INTEGER: v->type = 'i'; v->i = sqlite3_column_int64(st, c); break;
        case SQLITE_FLOAT: v->type = 'f'; v->f = sqlite3_column_double(st, c); break;
        case SQLITE_TEXT:
            v->type = 't';
            v->s.at = (const char *)sqlite3_column_text(st, c);
            v->s.n = (size_t)sqlite3_column_bytes(st, c);
            break;
        case SQLITE_BLOB:
            v->type = 'b';
            v->s.at = sqlite3_column_blob(st, c);
            v->s.n = (size_t)sqlite3_column_bytes(st, c);
            if (!v->s.at) v->s.at = "";
            break;
        default: break;
        }
    }
    return true;
}

void sqlite_done(struct db_rows *r)
{
    sqlite3_stmt *st = rows_statement(r);
    if (r->own) {
        sqlite3_finalize(st);
        return;
    }
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    ((struct statement *)r->of_engine)->busy = false;
}

enum err sqlite_check(struct db *db, const struct db_query *q, struct buf *why)
{
    struct sqlite_link *l = db->link;
    struct statement s;
    const char *fault;
    enum err e = statement_make(db, q, 0, &s, &fault);
    if (e == OK) sqlite3_finalize(s.at);
    else buf_printf(why, "%s: %s (%s)\n", q->name, fault, sqlite3_errmsg(l->at));
    return e;
}
