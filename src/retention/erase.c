// Emptying and forgetting one report or case with all that hangs on it. The keeper has said so first.
#include <string.h>
#include "base/log.h"
#include "casefile/casefile.h"
#include "retention/inside.h"

DB_QUERY(erase_held_sql, "b", "i", "select count(*) from desk.retention_hold where thing = $1");
DB_QUERY(erase_access_sql, "b", "", "delete from desk.access where thing = $1");
DB_QUERY(erase_done_sql, "tbbti", "", "insert into desk.retained (kind, thing, unit, act, day) values ($1, $2, $3, $4, $5) on conflict do nothing");
DB_QUERY(erase_decided_sql, "bbi", "", "update desk.erasure set state = 'done', decided_by = $2, decided_at = $3 where id = $1 and "
                                       "state = 'asked'");

// The case's evidence files go here, and here alone.
static enum err case_files_erase_db(struct db *db, struct id case_id)
{
    return case_uploads_shred_db(db, case_id);
}

static enum err gather_run(struct db *db, void *arg)
{
    struct erasing *x = arg;
    enum err e = OK;
    x->n = x->n_items = 0;
    if (x->thing.is_case) {
        e = case_keep_reports_db(db, x->thing.id, x->report, RETENTION_REPORTS_MAX, &x->n);
        if (!e && x->n == RETENTION_REPORTS_MAX)
            e = ERR_TOO_LARGE;
        x->item[x->n_items++] = (struct keeper_erase){.is_case = true, .id = x->thing.id};
    } else {
        x->report[x->n++] = x->thing.id;
    }
    for (size_t i = 0; i < x->n && !e; i++) {
        struct keeper_erase *k = &x->item[x->n_items];
        *k = (struct keeper_erase){.id = x->report[i]};
        e = report_hash_db(db, k->id, k->hash);
        if (e == ERR_NOT_FOUND) {
            e = OK; // emptied before
            continue;
        }
        if (!e)
            e = report_shred_ready_db(db, k->id);
        x->n_items++;
    }
    return e;
}

enum err retention_shred_db(struct db *db, const struct erasing *x)
{
    enum err e = x->thing.is_case ? exchange_shred_db(db, x->thing.id) : OK;
    if (!e && x->thing.is_case)
        e = case_files_erase_db(db, x->thing.id);
    if (!e && x->thing.is_case)
        e = casefile_shred_db(db, x->thing.id);
    for (size_t i = 0; i < x->n_items && !e; i++)
        if (!x->item[i].is_case)
            e = report_shred_db(db, x->item[i].id, x->item[i].hash, x->now);
    return e || !x->thing.is_case ? e : case_shred_db(db, x->thing.id, x->now);
}

static enum err held_db(struct db *db, struct id id)
{
    struct db_rows *r;
    enum err e = db_query(db, &erase_held_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    bool held = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : held ? ERR_CONFLICT : OK;
}

// Once more: it may have been held or opened again since it was looked at.
static enum err still_db(struct db *db, const struct thing *t, struct found_thing *f)
{
    char hex[ID_HEX];
    struct arena *a;
    enum err e = held_db(db, t->id);
    if (!e)
        e = arena_new(4096, &a);
    if (e)
        return e;
    e = retention_find_db(db, a, str_from(id_hex(t->id, hex)), f);
    arena_free(&a);
    return e ? e : f->ended ? OK : ERR_CONFLICT;
}

static enum err done_db(struct db *db, const struct thing *t, enum retention_act act, int64_t now)
{
    const int64_t day = now - now % (86400 * INT64_C(1000000));
    return db_exec(db, &erase_done_sql, DB_ARGS(DB_T(t->is_case ? STR("case") : STR("report")), DB_ID(t->id), DB_ID(t->unit),
                                            DB_T(str_from(retention_act_name(act))), DB_I(day)), NULL);
}

static enum err shred_run(struct db *db, void *arg)
{
    const struct erasing *x = arg;
    struct found_thing f;
    int64_t changed = 1;
    enum err e = still_db(db, &x->thing, &f);
    if (!e && !id_zero(x->erasure))
        e = db_exec(db, &erase_decided_sql, DB_ARGS(DB_ID(x->erasure), DB_ID(x->who), DB_I(x->now)), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT; // somebody else decided
    if (!e)
        e = retention_shred_db(db, x);
    return e ? e : done_db(db, &x->thing, x->thing.act, x->now);
}

static enum err ready_run(struct db *db, void *arg)
{
    struct erasing *x = arg;
    struct found_thing f;
    enum err e = still_db(db, &x->thing, &f);
    return e ? e : gather_run(db, x);
}

enum err retention_shred(struct erasing *x)
{
    enum err e = store_read(x->sv->store, ready_run, x);
    for (size_t i = 0; i < x->n_items && !e; i += KEEPER_ERASE_MAX) {
        size_t n = x->n_items - i < KEEPER_ERASE_MAX ? x->n_items - i : KEEPER_ERASE_MAX;
        e = keeper_erase(x->sv->keeper, x->token, id_zero(x->erasure) ? (struct id){0} : x->thing.id, x->asked, x->item + i, n);
    }
    if (e == ERR_CONFLICT) // its reporter may be about to be told something: then it can be emptied right after
        report_settle_soon(x->sv);
    if (e)
        return e;
    e = store_write(x->sv->store, shred_run, x);
    if (e) // said and not done: what was held or opened in this moment stays here, and a restore would empty it
        log_event(LOG_ALARM, "retention.said_not_done", LOG_ERR(e), LOG_ID("thing", x->thing.id));
    report_settle_soon(x->sv);
    return e;
}

struct forgetting { struct thing t; int64_t now; };

// A report with the requests of subject access about it: they say that somebody asked.
static enum err report_gone_db(struct db *db, struct id report)
{
    enum err e = report_forget_db(db, report);
    return e ? e : db_exec(db, &erase_access_sql, DB_ARGS(DB_ID(report)), NULL);
}

static enum err forget_run(struct db *db, void *arg)
{
    const struct forgetting *f = arg;
    struct id report[RETENTION_REPORTS_MAX];
    size_t n = 0;
    enum err e = held_db(db, f->t.id);
    if (e)
        return e;
    if (!f->t.is_case) {
        e = report_gone_db(db, f->t.id);
        return e ? e : done_db(db, &f->t, ACT_DELETE, f->now);
    }
    e = case_keep_reports_db(db, f->t.id, report, RETENTION_REPORTS_MAX, &n);
    if (!e)
        e = exchange_forget_db(db, f->t.id);
    for (size_t i = 0; i < n && !e; i++)
        e = report_gone_db(db, report[i]);
    if (!e)
        e = case_forget_db(db, f->t.id);
    if (!e)
        e = db_exec(db, &erase_access_sql, DB_ARGS(DB_ID(f->t.id)), NULL);
    return e ? e : done_db(db, &f->t, ACT_DELETE, f->now);
}

enum err retention_forget(struct services *sv, const struct thing *t, int64_t now)
{
    struct forgetting f = {*t, now};
    return store_write(sv->store, forget_run, &f);
}
