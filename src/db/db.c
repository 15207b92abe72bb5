// The calls that fn makes: checked here once for both engines, done by the engine.
#include "driver.h"
#include "base/clock.h"
#include "base/log.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

void db_log(int level, const char *event, const struct db_query *q, enum err e)
{
    // A query's name is a literal of the program too, though the macro for literals cannot see it.
    struct log_value values[] = {{.type = 'z', .key = "query", .z = q ? q->name : "none"}, LOG_ERR(e)};
    log_write((enum log_level)level, event, 2, values);
}

void db_begin_fn(struct db *db)
{
    assert(db->open_rows == 0);
    db->failed = OK;
    db->wrote = 0;
    db->rings_at_mark = db->rings.n;
}

enum err db_end_fn(struct db *db, enum err e)
{
    assert(db->open_rows == 0); // a fn calls db_done for each of its results
    return e == OK ? db->failed : e;
}

static bool val_fits(char want, const struct db_val *v)
{
    bool nullable = want >= 'A' && want <= 'Z';
    if (v->type == 0) return nullable;
    return v->type == (nullable ? want + ('a' - 'A') : want);
}

enum err db_check_args(const struct db_query *q, struct db_args a)
{
    size_t n = strlen(q->in);
    if (a.n != n + 1 || n > DB_PARAMS_MAX) {
        db_log(LOG_ALARM, "db.arguments", q, ERR_BUG);
        return ERR_BUG;
    }
    for (size_t i = 1; i <= n; i++) {
        const struct db_val *v = &a.v[i];
        if (!val_fits(q->in[i - 1], v)) {
            db_log(LOG_ALARM, "db.arguments", q, ERR_BUG);
            return ERR_BUG;
        }
        // What one engine would refuse, neither takes.
        if (v->type == 't' && v->s.n > 0 && (memchr(v->s.at, 0, v->s.n) || !str_utf8_valid(v->s))) return ERR_INVALID;
        if (v->type == 'f' && isnan(v->f)) return ERR_INVALID;
    }
    return OK;
}

static enum err fn_failed(struct db *db, enum err e)
{
    if (e != OK && db->failed == OK) db->failed = e;
    return e;
}

static enum err may_go_on(struct db *db)
{
    if (db->failed != OK) return db->failed;
    if (db->fatal != OK) return db->fatal;
    if (db->until != 0 && clock_mono() > db->until) return db->failed = ERR_FULL; // a read that dawdles between its queries
    return OK;
}

enum err db_exec(struct db *db, const struct db_query *q, struct db_args args, int64_t *changed)
{
    enum err e = may_go_on(db);
    if (e == OK && db->kind != LINK_WRITER) e = ERR_FORBIDDEN;
    if (e == OK) e = db_check_args(q, args);
    if (e == OK) {
        db->wrote++;
        e = db->engine->exec(db, q, args, changed);
    }
    return fn_failed(db, e);
}

enum err db_query(struct db *db, const struct db_query *q, struct db_args args, struct db_rows **out)
{
    enum err e = may_go_on(db);
    if (e == OK) e = db_check_args(q, args);
    if (e != OK) return fn_failed(db, e);
    struct db_rows *r = calloc(1, sizeof *r);
    if (!r) return fn_failed(db, ERR_MEMORY);
    r->db = db;
    r->q = q;
    r->columns = (int)strlen(q->out);
    assert(r->columns <= DB_COLUMNS_MAX);
    e = db->engine->query(db, q, args, r);
    if (e != OK) {
        free(r);
        return fn_failed(db, e);
    }
    if (db->kind == LINK_WRITER) db->wrote++; // it may be an "insert … returning"
    db->open_rows++;
    *out = r;
    return OK;
}

bool db_next(struct db_rows *r)
{
    r->on_row = false;
    if (r->err != OK) return false;
    if (!r->db->engine->next(r)) return false;
    for (int c = 0; c < r->columns; c++)
        if (!val_fits(r->q->out[c], &r->cells[c])) {
            db_log(LOG_ALARM, "db.columns", r->q, ERR_BUG);
            r->err = ERR_BUG;
            return false;
        }
    r->on_row = true;
    return true;
}

enum err db_done(struct db_rows **rows)
{
    struct db_rows *r = *rows;
    if (!r) return OK;
    enum err e = r->err;
    r->db->engine->done(r);
    assert(r->db->open_rows > 0);
    r->db->open_rows--;
    fn_failed(r->db, e);
    free(r);
    *rows = NULL;
    return e;
}

static const struct db_val *cell(const struct db_rows *r, int col, char low)
{
    assert(r->on_row && col >= 0 && col < r->columns);
    const struct db_val *v = &r->cells[col];
    assert(v->type == 0 || v->type == low || (low == 's' && (v->type == 't' || v->type == 'b')));
    return v;
}

int64_t db_int(const struct db_rows *r, int col)
{
    return cell(r, col, 'i')->i;
}

double db_float(const struct db_rows *r, int col)
{
    return cell(r, col, 'f')->f;
}

struct str db_str(const struct db_rows *r, int col)
{
    return cell(r, col, 's')->s;
}

bool db_null(const struct db_rows *r, int col)
{
    assert(r->on_row && col >= 0 && col < r->columns);
    return r->cells[col].type == 0;
}

enum err db_notify(struct db *db, const char *channel)
{
    enum err e = may_go_on(db);
    if (e != OK) return e;
    size_t n = strlen(channel);
    assert(n > 0 && n < DB_CHANNEL_MAX && strspn(channel, "abcdefghijklmnopqrstuvwxyz_") == n);
    for (size_t i = 0; i < db->rings.n; i++)
        if (strcmp(db->rings.names[i], channel) == 0) return OK;
    assert(db->rings.n < DB_CHANNELS_MAX);
    memcpy(db->rings.names[db->rings.n++], channel, n + 1);
    return fn_failed(db, db->engine->notify(db, channel));
}

enum err store_check_queries(struct store *s, struct buf *why)
{
    struct db db = {.store = s, .engine = s->engine, .kind = s->write ? LINK_WRITER : LINK_READER};
    enum err all = db.engine->connect(&db, why);
    if (all != OK) return all;
    for (const struct db_query *const *q = __start_db_queries; q && q != __stop_db_queries; q++) {
        enum err e = db.engine->check(&db, *q, why);
        if (e != OK) all = e;
    }
    db.engine->disconnect(&db);
    return all;
}

enum err store_listen(struct store *s, const char *channel, void (*fn)(void *ctx), void *ctx)
{
    size_t n = strlen(channel);
    assert(n > 0 && n < DB_CHANNEL_MAX && strspn(channel, "abcdefghijklmnopqrstuvwxyz_") == n);
    pthread_mutex_lock(&s->listen_lock);
    enum err e = s->listeners_n < DB_CHANNELS_MAX ? OK : ERR_FULL;
    if (e == OK) {
        struct listener *l = &s->listeners[s->listeners_n];
        *l = (struct listener){.fd = -1, .fn = fn, .ctx = ctx};
        memcpy(l->channel, channel, n + 1);
        e = s->engine->listen_start(s);
    }
    pthread_mutex_unlock(&s->listen_lock);
    return e;
}
