// PostgreSQL: connections and transactions. A connection is always in pipeline mode: what needs no answer is sent ahead,
// and the answers are read at the next query, at a mark and before the commit.
#include "postgres.h"
#include "schema_version.h"
#include "base/file.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 64 // of an address

static enum err string_err(const char *state)
{
    static const struct { const char *prefix; enum err e; } table[] = {
        {"23", ERR_CONFLICT},   {"40001", ERR_FULL},    {"40P01", ERR_FULL},  {"42501", ERR_FORBIDDEN},
        {"25006", ERR_FORBIDDEN}, {"53300", ERR_AWAY},  {"53", ERR_FULL},     {"57014", ERR_FULL}, // past its time
        {"57P", ERR_AWAY},      {"25P03", ERR_AWAY},    {"08", ERR_AWAY},     {"55P03", ERR_AWAY},
        {"22", ERR_INVALID},    {"54", ERR_TOO_LARGE},  {"58", ERR_IO},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0) return table[i].e;
    return ERR_BUG;
}

enum err postgres_err(const char *state)
{
    return state ? string_err(state) : ERR_AWAY;
}

enum err postgres_lost(struct db *db)
{
    db->lost = true;
    db->again = true; // not after a commit was sent: see postgres_commit
    db->fatal = ERR_AWAY;
    return ERR_AWAY;
}

enum err postgres_failed(struct db *db, const PGresult *r)
{
    struct pg_link *l = db->link;
    switch (libpq.resultStatus(r)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC: return OK;
    case PGRES_PIPELINE_ABORTED: return OK; // the failure came before
    default: break;
    }
    const char *state = libpq.resultErrorField(r, PG_DIAG_SQLSTATE), *text = libpq.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    snprintf(l->message, sizeof l->message, "%s", text ? text : "connection lost");
    l->aborted = true;
    db->broken = true;
    if (!state || libpq.status(l->at) == CONNECTION_BAD) return postgres_lost(db);
    enum err e = string_err(state);
    if (e == ERR_AWAY && strncmp(state, "55P03", 5) != 0) return postgres_lost(db);
    if (strncmp(state, "40", 2) == 0 || e == ERR_AWAY) db->again = true;
    if (db->again || e == ERR_FULL || e == ERR_IO) db->fatal = e;
    return e;
}

enum err postgres_drain(struct db *db, PGresult **last)
{
    struct pg_link *l = db->link;
    enum err e = OK;
    PGresult *kept = NULL;
    if (l->pending > 0 && (!libpq.sendFlushRequest(l->at) || libpq.flush(l->at) < 0)) return postgres_lost(db);
    for (; l->pending > 0; l->pending--) {
        PGresult *r;
        while ((r = libpq.getResult(l->at))) { // NULL stands behind the answers to each command
            enum err one = postgres_failed(db, r);
            if (e == OK) e = one;
            libpq.clear(kept);
            kept = r;
            if (db->lost) break;
        }
        if (db->lost || (!r && libpq.status(l->at) == CONNECTION_BAD)) {
            e = postgres_lost(db);
            break;
        }
    }
    if (e == OK && l->aborted) e = db->fatal != OK ? db->fatal : ERR_BUG; // skipped for a failure already told
    if (e != OK || !last) {
        libpq.clear(kept);
        kept = NULL;
    }
    if (last) *last = kept;
    return e;
}

enum err postgres_sent(struct db *db, int ok)
{
    struct pg_link *l = db->link;
    if (!ok) return postgres_lost(db);
    l->pending++;
    return l->pending < POSTGRES_PENDING_MAX ? OK : postgres_drain(db, NULL);
}

enum err postgres_send(struct db *db, const char *sql)
{
    struct pg_link *l = db->link;
    return postgres_sent(db, libpq.sendQueryParams(l->at, sql, 0, NULL, NULL, NULL, NULL, 1));
}

// Reads all answers and ends the skipping that follows a failure. Inside a transaction it commits nothing.
static enum err sync_now(struct db *db)
{
    struct pg_link *l = db->link;
    if (!libpq.pipelineSync(l->at)) return postgres_lost(db);
    enum err e = OK;
    for (;;) {
        PGresult *r = libpq.getResult(l->at);
        if (!r) { // between two commands
            if (libpq.status(l->at) == CONNECTION_BAD) return postgres_lost(db);
            if (l->pending == 0) return postgres_lost(db); // the sync's answer must still come: the two sides disagree
            l->pending--;
            continue;
        }
        bool end = libpq.resultStatus(r) == PGRES_PIPELINE_SYNC;
        enum err one = postgres_failed(db, r);
        if (e == OK) e = one;
        libpq.clear(r);
        if (db->lost) return ERR_AWAY;
        if (end) break;
    }
    l->pending = 0;
    l->aborted = false;
    return e;
}

static void no_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

static enum err password_read(const char *path, struct buf *out, struct buf *why)
{
    enum err e = file_read(path, out);
    if (e != OK) {
        buf_printf(why, "store: %s: the password cannot be read", path);
        return e;
    }
    while (out->n > 0 && (out->at[out->n - 1] == '\n' || out->at[out->n - 1] == '\r')) out->n--;
    buf_put_c(out, 0);
    return buf_ok(out);
}

enum err postgres_login(const char *url, const char *role, const char *password_file, PGconn **out, struct buf *why)
{
    const char *keys[PARAMS_MAX + 8] = {0}, *values[PARAMS_MAX + 8] = {0};
    bool admin = strcmp(role, "admin") == 0;
    char user[128] = "", name[64];
    enum err e = libpq_load(why);
    if (e != OK) return e;
    struct buf password;
    buf_init_secret(&password, STORE_PASSWORD_MAX);
    PGconn *at = NULL;
    PQconninfoOption *options = libpq.conninfoParse(url, NULL);
    e = ERR_INVALID;
    if (!options) {
        buf_put_z(why, "store: the address is not of the form postgres://HOST:PORT/DATABASE");
        goto out;
    }
    const char *database = NULL;
    for (PQconninfoOption *o = options; o->keyword; o++)
        if (strcmp(o->keyword, "dbname") == 0) database = o->val;
    if (!database || snprintf(user, sizeof user, "%s_%s", database, role) > 63) { // NAMEDATALEN - 1
        buf_put_z(why, "store: the address names no database, or one with too long a name");
        goto out;
    }
    size_t n = 0;
    for (PQconninfoOption *o = options; o->keyword && n < PARAMS_MAX; o++) {
        bool ours = !admin && (strcmp(o->keyword, "user") == 0 || strcmp(o->keyword, "password") == 0);
        if (!o->val || ours) continue;
        keys[n] = o->keyword;
        values[n++] = o->val;
    }
    if (!admin) {
        keys[n] = "user";
        values[n++] = user;
    }
    if (password_file) {
        e = password_read(password_file, &password, why);
        if (e != OK) goto out;
        keys[n] = "password";
        values[n++] = password.at;
    }
    snprintf(name, sizeof name, "isigurt %s", role);
    // A later key of the same name wins.
    static const char *const more[][2] = {{"connect_timeout", "2"}, {"tcp_user_timeout", "5000"}, {"client_encoding", "UTF8"}};
    for (size_t i = 0; i < 3; i++) {
        keys[n] = more[i][0];
        values[n++] = more[i][1];
    }
    keys[n] = "application_name";
    values[n] = name;
    at = libpq.connectdbParams(keys, values, 0);
    e = OK;
    if (libpq.status(at) != CONNECTION_OK) {
        bool refused = at && (libpq.connectionNeedsPassword(at) || libpq.connectionUsedPassword(at));
        buf_printf(why, "store: %s", at ? libpq.errorMessage(at) : "no memory");
        while (why->n > 0 && why->at[why->n - 1] == '\n') why->n--;
        e = refused ? ERR_FORBIDDEN : ERR_AWAY;
        goto out;
    }
    libpq.setNoticeReceiver(at, no_notice, NULL);
    PGresult *r = libpq.exec(at, "set search_path = ''; set timezone = 'UTC'");
    if (libpq.resultStatus(r) != PGRES_COMMAND_OK) e = ERR_AWAY;
    libpq.clear(r);
    if (e != OK) goto out;
    *out = at;
    at = NULL;
out:
    if (at) libpq.finish(at);
    libpq.conninfoFree(options);
    buf_free(&password);
    return e;
}

static enum err version_check(PGconn *at, const char *schema, struct buf *why)
{
    char sql[128];
    snprintf(sql, sizeof sql, "select count(*), max(number) from %s.schema_version", schema);
    PGresult *r = libpq.exec(at, sql);
    enum err e = OK;
    if (libpq.resultStatus(r) != PGRES_TUPLES_OK) {
        const char *state = libpq.resultErrorField(r, PG_DIAG_SQLSTATE);
        e = postgres_err(state);
        if (state && strcmp(state, "42P01") == 0) {
            buf_printf(why, "store: %s is empty; run isigurt init", schema);
            e = ERR_CONFLICT;
        } else {
            buf_printf(why, "store: %s cannot be read: %s", schema, libpq.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
        }
    } else {
        int count = atoi(libpq.getvalue(r, 0, 0)), last = atoi(libpq.getvalue(r, 0, 1));
        if (count != SCHEMA_COUNT || last != SCHEMA_LAST) {
            buf_printf(why, "store: %s has schema %04d (%d steps), this program needs %04d (%d steps); %s", schema, last, count,
                       SCHEMA_LAST, SCHEMA_COUNT, last > SCHEMA_LAST ? "use a newer program" : "run isigurt migrate");
            e = ERR_CONFLICT;
        }
    }
    libpq.clear(r);
    return e;
}

static void postgres_disconnect(struct db *db)
{
    struct pg_link *l = db->link;
    db->link = NULL;
    libpq.finish(l->at);
    free(l);
}

static enum err postgres_connect(struct db *db, struct buf *why)
{
    struct pg_link *l = calloc(1, sizeof *l);
    if (!l) return ERR_MEMORY;
    const struct store *s = db->store;
    enum err e = postgres_login(s->url, s->role, s->password_file, &l->at, why);
    for (int i = 0; e == OK && i < SCHEMAS; i++)
        if (store_may_read(s, schema_names[i])) e = version_check(l->at, schema_names[i], why);
    if (e == OK) {
        // The server ends what this process cannot: a transaction left open holds back cleaning up for everybody.
        PGresult *r = libpq.exec(l->at, db->kind == LINK_READER
                                        ? "set statement_timeout = 1000; set idle_in_transaction_session_timeout = 2000"
                                        : "set statement_timeout = 5000; set idle_in_transaction_session_timeout = 5000;"
                                          "set lock_timeout = 5000");
        if (libpq.resultStatus(r) != PGRES_COMMAND_OK || !libpq.enterPipelineMode(l->at)) e = ERR_AWAY;
        libpq.clear(r);
    }
    if (e != OK) {
        if (l->at) libpq.finish(l->at);
        free(l);
        return e;
    }
    db->link = l;
    db->broken = false;
    return OK;
}

static enum err postgres_begin(struct db *db)
{
    struct pg_link *l = db->link;
    l->transaction = true;
    db->broken = false;
    if (db->kind == LINK_WRITER) return postgres_send(db, "begin isolation level serializable read write");
    enum err e = postgres_send(db, "begin isolation level repeatable read read only");
    if (e == OK && db->slow) e = postgres_send(db, "set local statement_timeout = 10000");
    if (e == OK && db->slow) e = postgres_send(db, "set local idle_in_transaction_session_timeout = 10000");
    return e == OK ? postgres_drain(db, NULL) : e; // a lost connection is noticed before fn runs
}

static enum err postgres_mark(struct db *db)
{
    return postgres_send(db, "savepoint one");
}

static enum err postgres_unmark(struct db *db)
{
    enum err e = postgres_send(db, "release savepoint one");
    return e == OK ? postgres_drain(db, NULL) : e;
}

static enum err postgres_undo(struct db *db)
{
    (void)sync_now(db); // reads what failed, which is known already
    if (db->lost) return ERR_AWAY;
    db->broken = false;
    enum err e = postgres_send(db, "rollback to savepoint one");
    return e == OK ? postgres_unmark(db) : e;
}

static void postgres_rollback(struct db *db)
{
    struct pg_link *l = db->link;
    if (!l->transaction || db->lost) return;
    (void)sync_now(db);
    l->transaction = false;
    if (db->lost) return;
    if (postgres_send(db, "rollback") != OK || sync_now(db) != OK) db->lost = true;
}

static enum err postgres_commit(struct db *db)
{
    struct pg_link *l = db->link;
    // All answers first: from here on a lost connection leaves open whether the server has committed.
    enum err e = postgres_drain(db, NULL);
    if (e != OK) return e;
    PGresult *r = NULL;
    e = postgres_send(db, "commit");
    if (e == OK) e = postgres_drain(db, &r);
    if (db->lost) {
        db->again = false;
    } else if (e == OK) {
        if (strcmp(libpq.cmdStatus(r), "COMMIT") != 0) e = ERR_BUG;
        l->transaction = false;
        enum err synced = sync_now(db);
        if (e == OK && synced != OK) {
            db->fatal = OK; // committed all the same; the next group finds a new connection
            db->again = false;
        }
    }
    libpq.clear(r);
    return e;
}

static enum err postgres_notify(struct db *db, const char *channel)
{
    struct pg_link *l = db->link;
    const char *values[1] = {channel};
    return postgres_sent(db, libpq.sendQueryParams(l->at, "select pg_notify($1, '')", 1, (Oid[]){25}, values, NULL, NULL, 1));
}

const struct engine postgres_engine = {
    .always_careful = false,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .begin = postgres_begin,
    .mark = postgres_mark,
    .unmark = postgres_unmark,
    .undo = postgres_undo,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .exec = postgres_exec,
    .query = postgres_query,
    .next = postgres_next,
    .done = postgres_done,
    .notify = postgres_notify,
    .check = postgres_check,
    .listen_start = postgres_listen_start,
    .listen_stop = postgres_listen_stop,
};
