// The store's side of exposure: what a worker has opened today, whether another may be opened, and the sentence where not.
#include "report/desk/exposure_store.h"
#include "base/clock.h"

DB_QUERY(exposure_newest_sql, "bi", "iiiii", "select day, seconds, openings, last, stretch from desk.exposure where person = $1 "
         "order by day desc limit $2");
DB_QUERY(exposure_put_sql, "biiiii", "", "insert into desk.exposure (person, day, seconds, openings, last, stretch) "
         "values ($1, $2, $3, $4, $5, $6) on conflict (person, day) do update set seconds = excluded.seconds, "
         "openings = excluded.openings, last = excluded.last, stretch = excluded.stretch");
DB_QUERY(exposure_old_sql, "bi", "", "delete from desk.exposure where person = $1 and day < $2");
DB_QUERY(exposure_lift_sql, "b", "i", "select until from desk.exposure_lift where person = $1");
DB_QUERY(exposure_on_call_sql, "bii", "i", "select place from desk.roster where person = $1 and starts <= $2 and (ends is null or ends > $2) "
         "limit $3");

DB_QUERY(exposure_report_sql, "b", "ti", "select category, rank from desk.report where id = $1");

int64_t exposure_day(int64_t now) // the local midnight before it
{
    int64_t at = date_next_midnight(now - 2 * CLOCK_DAY);
    for (int64_t next; (next = date_next_midnight(at)) <= now;)
        at = next;
    return at;
}

enum err exposure_db(struct db *db, struct id person, int64_t now, struct exposure *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &exposure_newest_sql, DB_ARGS(DB_ID(person), DB_I(1)), &r);
    if (e)
        return e;
    *out = (struct exposure){0};
    if (db_next(r)) {
        bool today = db_int(r, 0) == exposure_day(now);
        *out = (struct exposure){.seconds = today ? db_int(r, 1) : 0, .openings = today ? db_int(r, 2) : 0, .last = db_int(r, 3),
                                 .stretch = db_int(r, 4)};
    }
    return db_done(&r);
}

static enum err number(struct db *db, const struct db_query *q, struct db_args args, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    *out = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

enum err exposure_now_db(struct db *db, const struct pack *p, struct id person, int64_t now, struct exposure_now *out)
{
    struct date d = date_local(now);
    int64_t until = 0, place = 0;
    enum err e = exposure_db(db, person, now, &out->at);
    if (!e)
        e = number(db, &exposure_lift_sql, DB_ARGS(DB_ID(person)), &until);
    if (!e)
        e = number(db, &exposure_on_call_sql, DB_ARGS(DB_ID(person), DB_I(now), DB_I(1)), &place);
    if (e)
        return e;
    out->lifted = until > now ? until : 0;
    out->stop = exposure_look(pack_wellbeing(p), &out->at, now, d.hour * 60 + d.minute, place > 0, &out->wait);
    return OK;
}

enum err exposure_open_db(struct db *db, const struct pack *p, struct id person, int64_t now)
{
    struct exposure e_now;
    int64_t day = exposure_day(now);
    enum err e = exposure_db(db, person, now, &e_now);
    if (e)
        return e;
    struct exposure x = exposure_open(pack_wellbeing(p), &e_now, now);
    if (e_now.openings == 0) // once a day: what is older is nobody's business any more
        e = db_exec(db, &exposure_old_sql, DB_ARGS(DB_ID(person), DB_I(day - EXPOSURE_KEPT_DAYS * CLOCK_DAY)), NULL);
    return e ? e : db_exec(db, &exposure_put_sql, DB_ARGS(DB_ID(person), DB_I(day), DB_I(x.seconds), DB_I(x.openings), DB_I(x.last),
                                                          DB_I(x.stretch)), NULL);
}

enum err exposure_refuse(struct req *rq, const struct exposure_now *x)
{
    static const enum message said[] = {MSG_NONE, MSG_DESK_EXPOSURE_DAY, MSG_DESK_EXPOSURE_PAUSE, MSG_DESK_EXPOSURE_LATE};
    const struct pack_wellbeing *w = pack_wellbeing(rq->sv->pack);
    struct buf b;
    buf_init(&b, 2048);
    text_put(&b, rq->lang, said[x->stop], TEXT_ARGS(TEXT_S("span", req_span(rq, w->day * CLOCK_SECOND)),
                                                    TEXT_S("pause", req_span(rq, (x->wait + 59) / 60 * CLOCK_MINUTE))));
    rq->notice = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    rq->retry_after = x->wait;
    return ERR_LIMITED;
}

struct pass {
    const struct req *rq;
    struct id report;
    int64_t urgency;
    bool sexual;             // of a category that the pack does not know too
    struct exposure_now now;
};

static enum err pass_of(struct db *db, struct pass *p)
{
    struct db_rows *r;
    enum err e = db_query(db, &exposure_report_sql, DB_ARGS(DB_ID(p->report)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found) {
        const struct pack_category *k = pack_category(p->rq->sv->pack, db_str(r, 0));
        p->sexual = !k || k->sexual;
        p->urgency = db_int(r, 1);
    }
    e = db_done(&r);
    return e ? e : found ? OK : ERR_NOT_FOUND;
}

static enum err pass_look(struct db *db, void *arg)
{
    struct pass *p = arg;
    enum err e = pass_of(db, p);
    return e || !p->sexual ? e : exposure_now_db(db, p->rq->sv->pack, p->rq->who.id, p->rq->now, &p->now);
}

static enum err pass_write(struct db *db, void *arg)
{
    const struct pass *p = arg;
    return exposure_open_db(db, p->rq->sv->pack, p->rq->who.id, p->rq->now);
}

enum err report_exposure_pass(struct req *rq, struct id report)
{
    struct pass p = {.rq = rq, .report = report};
    enum err e = store_read(rq->sv->store, pass_look, &p);
    if (!e && p.sexual && p.now.stop != EXPOSURE_FREE && !p.now.lifted && p.urgency > 1)
        e = exposure_refuse(rq, &p.now);
    return e || !p.sexual ? e : store_write(rq->sv->store, pass_write, &p);
}
