// The portal's own state, and what it does every few seconds.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/portal/portal.h"

#define DELETED_AT_ONCE 500 // rows of one group, so that no commit grows long

DB_QUERY(portal_done_sql, "i", "b",
    "select r.id from intake.report r where exists (select 1 from reply.done d where d.id = r.id)"
    " union all select m.id from intake.message m where exists (select 1 from reply.done d where d.id = m.id) limit $1");
DB_QUERY(portal_report_delete_sql, "b", "", "delete from intake.report where id = $1");
DB_QUERY(portal_message_delete_sql, "b", "", "delete from intake.message where id = $1");
DB_QUERY(portal_epoch_sql, "b", "i", "select epoch from intake.epoch_seen where unit = $1");
DB_QUERY(portal_epoch_write_sql, "bi", "",
    "insert into intake.epoch_seen (unit, epoch) values ($1, $2)"
    " on conflict (unit) do update set epoch = excluded.epoch where excluded.epoch > epoch_seen.epoch");

enum err report_portal_new(const struct config *c, struct report_portal **out)
{
    struct report_portal *p = calloc(1, sizeof *p);
    if (p == NULL)
        return ERR_MEMORY;
    char dir[sizeof c->store + 8] = "";
    if (strncmp(c->store, "sqlite:", 7) == 0)
        snprintf(dir, sizeof dir, "%s/intake", c->store + 7);
    p->places = c->portal_threads;
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p);
        return ERR_MEMORY;
    }
    enum err e = flood_new(c->rate_reports, c->proof_bits, c->ticket_seconds, &p->flood);
    if (!e)
        e = disk_new(dir, c->disk_reserve_mb, c->disk_free_mb, &p->disk);
    if (e) {
        report_portal_free(&p);
        return e;
    }
    disk_look(p->disk);
    *out = p;
    return OK;
}

void report_portal_free(struct report_portal **p)
{
    if (*p == NULL)
        return;
    flood_free(&(*p)->flood);
    disk_free(&(*p)->disk);
    pthread_mutex_destroy(&(*p)->lock);
    free(*p);
    *p = NULL;
}

enum err portal_duty(struct services *sv, int64_t now, struct directory_unit *out)
{
    struct report_portal *p = sv->room;
    struct directory_unit unit;
    enum err e = directory_duty(sv->directory, now, &unit);
    if (e)
        return e;
    pthread_mutex_lock(&p->lock);
    bool old = id_equal(p->epoch_unit, unit.unit) && unit.epoch < p->epoch_least;
    pthread_mutex_unlock(&p->lock);
    if (old)
        return ERR_NO_KEY;
    *out = unit;
    return OK;
}

// ── what the desk has taken in is deleted here ──

struct deleting { size_t n; struct id id[DELETED_AT_ONCE]; };

static enum err done_list(struct db *db, void *arg)
{
    struct deleting *d = arg;
    struct db_rows *r = NULL;
    d->n = 0;
    enum err e = db_query(db, &portal_done_sql, DB_ARGS(DB_I(DELETED_AT_ONCE)), &r);
    if (e)
        return e;
    while (!e && d->n < DELETED_AT_ONCE && db_next(r)) {
        e = id_from_bytes(db_str(r, 0), &d->id[d->n]);
        d->n += !e;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err done_delete(struct db *db, void *arg)
{
    const struct deleting *d = arg;
    for (size_t i = 0; i < d->n; i++) {
        enum err e = db_exec(db, &portal_report_delete_sql, DB_ARGS(DB_ID(d->id[i])), NULL);
        if (!e)
            e = db_exec(db, &portal_message_delete_sql, DB_ARGS(DB_ID(d->id[i])), NULL);
        if (e)
            return e;
    }
    return OK;
}

static void delete_done(struct services *sv)
{
    struct deleting *d = calloc(1, sizeof *d);
    if (d == NULL)
        return;
    static bool uncut; // this thread's: something was deleted, and the log still holds it
    bool deleted = false;
    enum err e;
    do {
        e = store_read(sv->store, done_list, d);
        if (!e && d->n > 0) {
            e = store_write(sv->store, done_delete, d);
            deleted = uncut = true;
        }
    } while (!e && d->n == DELETED_AT_ONCE);
    if (!e && uncut && !deleted) // a quiet moment: under load new rows run over the log anyway
        uncut = store_scrub(sv->store) != OK;
    if (e && e != ERR_AWAY)
        log_event(LOG_WARN, "report.done_kept", LOG_ERR(e));
    free(d);
}

// ── the duty unit's epoch never goes back ──

struct epoch { struct id unit; int64_t seen, now; };

static enum err epoch_read(struct db *db, void *arg)
{
    struct epoch *x = arg;
    struct db_rows *r = NULL;
    x->seen = 0;
    enum err e = db_query(db, &portal_epoch_sql, DB_ARGS(DB_ID(x->unit)), &r);
    if (e)
        return e;
    if (db_next(r))
        x->seen = db_int(r, 0);
    return db_done(&r);
}

static enum err epoch_write(struct db *db, void *arg)
{
    const struct epoch *x = arg;
    return db_exec(db, &portal_epoch_write_sql, DB_ARGS(DB_ID(x->unit), DB_I(x->now)), NULL);
}

static void watch_epoch(struct services *sv)
{
    struct report_portal *p = sv->room;
    struct directory_unit unit;
    if (directory_duty(sv->directory, clock_now(), &unit) != OK)
        return;
    struct epoch x = {.unit = unit.unit, .now = unit.epoch};
    if (id_equal(p->epoch_unit, unit.unit) && unit.epoch == p->epoch_least) // only this thread writes them
        return;
    enum err e = store_read(sv->store, epoch_read, &x);
    if (!e && x.now > x.seen)
        e = store_write(sv->store, epoch_write, &x);
    if (e)
        return;
    if (x.now < x.seen)
        log_event(LOG_ALARM, "directory.epoch_lower", LOG_ID("unit", unit.unit), LOG_I("epoch", x.now), LOG_I("seen", x.seen));
    pthread_mutex_lock(&p->lock);
    p->epoch_unit = unit.unit;
    p->epoch_least = (uint32_t)(x.now > x.seen ? x.now : x.seen);
    pthread_mutex_unlock(&p->lock);
}

void report_portal_tick(struct services *sv)
{
    struct report_portal *p = sv->room;
    disk_look(p->disk);
    watch_epoch(sv);
    delete_done(sv);
    trusted_sweep(sv);
}
