// The load of the workers of one's own units: hours, breaks and what each holds; never which report. A supervisor may lift a
// limit for a colleague, with a reason, for some hours; nobody for himself.
#include "base/clock.h"
#include "report/desk/exposure_store.h"
#include "report/desk/triage.h"


DB_QUERY(load_workers_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and p.disabled = 0 order by p.fold, p.id limit $2");
DB_QUERY(load_week_sql, "bi", "i", "select cast(coalesce(sum(seconds), 0) as bigint) from desk.exposure where person = $1 and day >= $2");
DB_QUERY(load_held_sql, "bb", "i", "select count(*) from desk.report where unit = $1 and state = 'taken' and taken_by = $2");
DB_QUERY(lift_put_sql, "bibt", "", "insert into desk.exposure_lift (person, until, by_person, reason) values ($1, $2, $3, $4) "
         "on conflict (person) do update set until = excluded.until, by_person = excluded.by_person, reason = excluded.reason");
DB_QUERY(lift_member_sql, "bb", "i", "select count(*) from desk.member where unit = $1 and person = $2");

struct load { struct req *rq; size_t n; struct load_row *at; };

static enum err one_number(struct db *db, const struct db_query *q, struct db_args args, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    *out += db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

static enum err workers_read(struct db *db, struct load *l, struct id unit)
{
    struct db_rows *r;
    enum err e = db_query(db, &load_workers_sql, DB_ARGS(DB_ID(unit), DB_I(WORKERS_MAX)), &r);
    if (e)
        return e;
    while (l->n < WORKERS_MAX && db_next(r)) {
        struct load_row *w = &l->at[l->n];
        size_t same = 0;
        *w = (struct load_row){.name = arena_str(l->rq->arena, db_str(r, 1))};
        if (id_from_bytes(db_str(r, 0), &w->person)) {
            e = ERR_TAMPERED;
            break;
        }
        while (same < l->n && !id_equal(l->at[same].person, w->person))
            same++;
        l->n += same == l->n;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static struct str hours(const struct req *rq, int64_t seconds) // "4:05"
{
    return arena_printf(rq->arena, "%d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
}

static enum err worker_read(struct db *db, const struct load *l, struct load_row *w)
{
    struct req *rq = l->rq;
    struct exposure_now x;
    const struct pack_wellbeing *limit = pack_wellbeing(rq->sv->pack);
    enum err e = exposure_now_db(db, rq->sv->pack, w->person, rq->now, &x);
    if (!e)
        e = one_number(db, &load_week_sql, DB_ARGS(DB_ID(w->person), DB_I(exposure_day(rq->now) - 6 * CLOCK_DAY - CLOCK_HOUR)), &w->week);
    for (size_t u = 0; u < rq->who.n_units && !e; u++)
        e = one_number(db, &load_held_sql, DB_ARGS(DB_ID(rq->who.units[u]), DB_ID(w->person)), &w->held);
    if (e)
        return e;
    struct exposure at = exposure_at(limit, &x.at, rq->now);
    w->today = at.seconds;
    w->week += at.seconds - x.at.seconds;
    w->openings = x.at.openings;
    w->lifted = x.lifted > 0;
    w->stopped = x.stop != EXPOSURE_FREE && !w->lifted;
    w->why = str_from(exposure_stop_name(x.stop));
    static const enum message why[] = {MSG_DESK_LOAD_FREE, MSG_DESK_LOAD_DAY, MSG_DESK_LOAD_PAUSE, MSG_DESK_LOAD_LATE};
    w->why_text = text_get(rq->lang, why[x.stop]);
    w->today_text = hours(rq, w->today);
    w->week_text = hours(rq, w->week);
    w->lifted_text = x.lifted ? req_time(rq, x.lifted) : STR("");
    w->self = id_equal(w->person, rq->who.id);
    return OK;
}

static enum err load_read(struct db *db, void *arg)
{
    struct load *l = arg;
    enum err e = OK;
    l->n = 0;
    for (size_t u = 0; u < l->rq->who.n_units && !e; u++)
        e = workers_read(db, l, l->rq->who.units[u]);
    for (size_t i = 0; i < l->n && !e; i++)
        e = worker_read(db, l, &l->at[i]);
    return e;
}

enum err load_list_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct load_out *out = out_;
    struct load l = {.rq = rq, .at = arena_array(rq->arena, WORKERS_MAX, sizeof *l.at)};
    if (!l.at)
        return ERR_MEMORY;
    enum err e = store_read(rq->sv->store, load_read, &l);
    if (e)
        return e;
    out->workers = (struct list){l.at, l.n};
    out->day_text = req_span(rq, pack_wellbeing(rq->sv->pack)->day * CLOCK_SECOND);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

struct lift { const struct req *rq; struct id unit; bool member; int64_t until; struct str reason; };

static enum err lift_look(struct db *db, void *arg)
{
    struct lift *l = arg;
    enum err e = OK;
    l->member = false;
    for (size_t u = 0; u < l->rq->who.n_units && !e && !l->member; u++) {
        int64_t n = 0;
        e = one_number(db, &lift_member_sql, DB_ARGS(DB_ID(l->rq->who.units[u]), DB_ID(l->rq->id)), &n);
        l->member = n > 0;
        l->unit = l->rq->who.units[u];
    }
    return e;
}

static enum err lift_write(struct db *db, void *arg)
{
    const struct lift *l = arg;
    return db_exec(db, &lift_put_sql, DB_ARGS(DB_ID(l->rq->id), DB_I(l->until), DB_ID(l->rq->who.id), DB_T(l->reason)), NULL);
}

enum err lift_fill(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in, (void)out; // the page of a refused lifting shows the sentence and the way back
    return OK;
}

enum err lift_run(struct req *rq, const void *in_, void *out_)
{
    const struct lift_in *in = in_;
    struct lift_out *out = out_;
    struct keeper_audit_at entry;
    int64_t most = pack_wellbeing(rq->sv->pack)->lift / 3600;
    struct lift l = {.rq = rq, .reason = str_trim(in->reason)};
    enum err e = store_read(rq->sv->store, lift_look, &l);
    if (e)
        return e;
    if (!l.member)
        return ERR_NOT_FOUND;
    if (id_equal(rq->id, rq->who.id)) // somebody else must see that it is too much
        return req_notice(rq, ERR_FORBIDDEN, MSG_DESK_LIFT_SELF);
    if (in->hours < 1 || in->hours > (most > 0 ? most : 1))
        return req_refuse(rq, "hours", MSG_DESK_REFUSED_HOURS);
    l.until = rq->now + in->hours * CLOCK_HOUR;
    e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_LIMIT_LIFTED, rq->id, l.unit, arena_printf(rq->arena, "%d h", (int)in->hours), &entry);
    if (!e)
        e = store_write(rq->sv->store, lift_write, &l);
    if (e)
        return e;
    *out = (struct lift_out){.id = rq->id, .until = l.until};
    return OK;
}

enum err keys_run(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in, (void)out;
    return OK;
}
