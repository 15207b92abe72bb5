// PostgreSQL's schemas, logins and grants.
#include "schema.h"
#include "postgres.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADVISORY_LOCK "7311871"  // one migration at a time; the number means nothing
#define COMMAND_MAX 4096

// Who may do what in which schema; PROTOCOL 2. 'w' reads and writes.
static const struct { const char *role, *schema; char may; } grants[] = {
    {"portal", "intake", 'w'}, {"portal", "reply", 'r'}, {"desk", "desk", 'w'},     {"desk", "reply", 'w'},
    {"desk", "intake", 'r'},   {"keeper", "keeper", 'w'}, {"courier", "desk", 'w'},
};
static const char *const roles[4] = {"portal", "desk", "keeper", "courier"}; // the order of store_grant's passwords

static enum err run(PGconn *at, const char *sql, const char *step, struct buf *why)
{
    PGresult *r = libpq.exec(at, sql);
    ExecStatusType status = libpq.resultStatus(r);
    enum err e = OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        e = postgres_err(libpq.resultErrorField(r, PG_DIAG_SQLSTATE));
        const char *text = libpq.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
        buf_printf(why, "store: %s: %s", step, text ? text : "connection lost");
    }
    libpq.clear(r);
    return e;
}

static enum err number(PGconn *at, const char *sql, int64_t *out, struct buf *why)
{
    PGresult *r = libpq.exec(at, sql);
    enum err e = OK;
    if (libpq.resultStatus(r) == PGRES_TUPLES_OK && libpq.ntuples(r) == 1) {
        *out = strtoll(libpq.getvalue(r, 0, 0), NULL, 10);
    } else {
        e = postgres_err(libpq.resultErrorField(r, PG_DIAG_SQLSTATE));
        buf_printf(why, "store: %s", libpq.resultErrorMessage(r));
    }
    libpq.clear(r);
    return e;
}

static enum err apply_one(PGconn *at, const struct migrations *m, size_t i, struct buf *why)
{
    struct buf text;
    buf_init(&text, MIGRATION_TEXT_MAX);
    enum err e = migration_text(m, i, &text, why);
    if (e == OK) buf_put_c(&text, 0);
    if (e == OK) e = buf_ok(&text);
    if (e == OK) e = run(at, text.at, m->v[i].name, why);
    for (int k = 0; e == OK && k < SCHEMAS; k++) {
        char sql[256]; // the name is letters, digits, _ and .: migrations_read
        snprintf(sql, sizeof sql, "insert into %s.schema_version (number, name) values (%d, '%s')", schema_names[k],
                 m->v[i].number, m->v[i].name);
        e = run(at, sql, m->v[i].name, why);
    }
    buf_free(&text);
    return e;
}

static enum err apply_all(PGconn *at, const struct migrations *m, int upto, struct buf *why)
{
    int64_t last = 0;
    enum err e = number(at, "select coalesce(max(number), 0) from intake.schema_version", &last, why);
    if (e == OK && last > m->v[m->n - 1].number) {
        buf_printf(why, "store: the schema is %04d, newer than this program: use a newer program", (int)last);
        e = ERR_CONFLICT;
    }
    for (size_t i = 0; e == OK && i < m->n; i++) {
        int64_t there = 0;
        char sql[128];
        snprintf(sql, sizeof sql, "select count(*) from intake.schema_version where number = %d", m->v[i].number);
        e = number(at, sql, &there, why);
        if (e == OK && m->v[i].number <= upto && there == 0) e = apply_one(at, m, i, why);
    }
    return e;
}

static enum err make_schemas(PGconn *at, struct buf *why)
{
    int64_t there = 0;
    enum err e = number(at, "select count(*) from pg_catalog.pg_namespace where nspname in ('intake', 'reply', 'desk', 'keeper')",
                        &there, why);
    if (e == OK && there > 0) {
        buf_put_z(why, "store: the database has a schema of that name already");
        e = ERR_CONFLICT;
    }
    for (int k = 0; e == OK && k < SCHEMAS; k++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "create schema %s; create table %s.schema_version (number bigint primary key,"
                 " name text collate \"C\" not null)",
                 schema_names[k], schema_names[k]);
        e = run(at, sql, schema_names[k], why);
    }
    return e;
}

static enum err begin(const char *url, PGconn **at, struct buf *why)
{
    enum err e = postgres_login(url, "admin", NULL, at, why);
    if (e != OK) return e;
    e = run(*at, "begin; select pg_catalog.pg_advisory_xact_lock(" ADVISORY_LOCK ")", "begin", why);
    if (e != OK) {
        libpq.finish(*at);
        *at = NULL;
    }
    return e;
}

static enum err end(PGconn *at, enum err e, struct buf *why)
{
    if (e == OK) e = run(at, "commit", "commit", why);
    libpq.finish(at); // an open transaction is rolled back
    return e;
}

enum err postgres_create(const char *url, const struct migrations *m, int upto, struct buf *why)
{
    PGconn *at;
    enum err e = begin(url, &at, why);
    if (e != OK) return e;
    e = make_schemas(at, why);
    if (e == OK) e = apply_all(at, m, upto, why);
    return end(at, e, why);
}

// Runs a command in which @ stands for the login's quoted name and # for the schema's or the database's.
static enum err grant_run(PGconn *at, const char *format, const char *login, const char *what, struct buf *why)
{
    char sql[COMMAND_MAX];
    char *quoted = libpq.escapeIdentifier(at, login, strlen(login)), *quoted_what = libpq.escapeIdentifier(at, what, strlen(what));
    enum err e = ERR_MEMORY;
    if (quoted && quoted_what) {
        struct buf b;
        buf_init(&b, sizeof sql - 1);
        for (const char *p = format; *p; p++) {
            if (*p == '@') buf_put_z(&b, quoted);
            else if (*p == '#') buf_put_z(&b, quoted_what);
            else buf_put_c(&b, *p);
        }
        e = buf_ok(&b);
        if (e == OK) {
            memcpy(sql, b.at, b.n);
            sql[b.n] = 0;
            e = run(at, sql, login, why);
        }
        buf_free(&b);
    }
    libpq.freemem(quoted);
    libpq.freemem(quoted_what);
    return e;
}

static enum err grant_schemas(PGconn *at, const char *role, const char *login, struct buf *why)
{
    enum err e = OK;
    for (int k = 0; e == OK && k < SCHEMAS; k++)
        e = grant_run(at, "revoke all on schema # from @; revoke all on all tables in schema # from @;"
                          "revoke all on all sequences in schema # from @", login, schema_names[k], why);
    for (size_t i = 0; e == OK && i < sizeof grants / sizeof grants[0]; i++) {
        if (strcmp(grants[i].role, role) != 0) continue;
        e = grant_run(at, grants[i].may == 'w'
                              ? "grant usage on schema # to @; grant select, insert, update, delete on all tables in schema # to @;"
                                "grant usage on all sequences in schema # to @;"
                                "revoke insert, update, delete on #.schema_version from @"
                              : "grant usage on schema # to @; grant select on all tables in schema # to @",
                      login, grants[i].schema, why);
    }
    return e;
}

static enum err role_exists(PGconn *at, const char *login, bool *out)
{
    const char *values[1] = {login};
    PGresult *r = libpq.execParams(at, "select 1 from pg_catalog.pg_roles where rolname = $1", 1, NULL, values, NULL, NULL, 0);
    enum err e = libpq.resultStatus(r) == PGRES_TUPLES_OK ? OK : ERR_AWAY;
    if (e == OK) *out = libpq.ntuples(r) == 1;
    libpq.clear(r);
    return e;
}

// The password is hashed here (SCRAM): the server's log never sees it.
static enum err set_password(PGconn *at, const char *login, const char *password, struct buf *why)
{
    char *hash = libpq.encryptPasswordConn(at, password, login, "scram-sha-256");
    char *name = libpq.escapeIdentifier(at, login, strlen(login)), *literal = hash ? libpq.escapeLiteral(at, hash, strlen(hash)) : NULL;
    enum err e = ERR_MEMORY;
    char sql[COMMAND_MAX];
    if (name && literal && snprintf(sql, sizeof sql, "alter role %s password %s", name, literal) < (int)sizeof sql)
        e = run(at, sql, "password", why);
    libpq.freemem(hash);
    libpq.freemem(name);
    libpq.freemem(literal);
    return e;
}

enum err postgres_grant(const char *url, const char *const passwords[4], struct buf *why)
{
    PGconn *at;
    enum err e = begin(url, &at, why);
    if (e != OK) return e;
    const char *database = libpq.db(at);
    e = grant_run(at, "revoke all on database # from public", "", database, why);
    for (int i = 0; e == OK && i < 4; i++) {
        char login[128];
        bool there = false;
        snprintf(login, sizeof login, "%.64s_%s", database, roles[i]);
        e = role_exists(at, login, &there);
        if (e == OK && !there) e = grant_run(at, "create role @ login", login, "", why);
        if (e == OK && passwords[i]) e = set_password(at, login, passwords[i], why);
        if (e == OK) e = grant_run(at, "grant connect on database # to @", login, database, why);
        if (e == OK) e = grant_schemas(at, roles[i], login, why);
    }
    return end(at, e, why);
}

enum err postgres_migrate(const char *url, const struct migrations *m, struct buf *why)
{
    PGconn *at;
    enum err e = begin(url, &at, why);
    if (e != OK) return e;
    e = apply_all(at, m, INT_MAX, why);
    for (int i = 0; e == OK && i < 4; i++) { // new tables, for the logins that there are
        char login[128];
        bool there = false;
        snprintf(login, sizeof login, "%.64s_%s", libpq.db(at), roles[i]);
        e = role_exists(at, login, &there);
        if (e == OK && there) e = grant_schemas(at, roles[i], login, why);
    }
    return end(at, e, why);
}
