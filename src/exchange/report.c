// A report of a case, opened by the case's key: so that the unit to which a case was handed over reads what was reported,
// without the key of the unit that received the report.
#include "exchange/handlers.h"

DB_QUERY(report_of_case_sql, "bb", "i", "select count(*) from desk.case_report where case_id = $1 and report = $2");

struct looking { struct req *rq; struct case_at at; struct keeper_path path; };

static enum err looking_read(struct db *db, void *arg)
{
    struct looking *l = arg;
    enum err e = case_at_db(db, l->rq->arena, &l->rq->who, l->rq->id, &l->at);
    struct db_rows *r;
    if (!e)
        e = case_path_db(db, l->rq->arena, &l->rq->who, l->rq->id, &l->path);
    if (!e)
        e = db_query(db, &report_of_case_sql, DB_ARGS(DB_ID(l->rq->id), DB_ID(l->rq->id2)), &r);
    if (e)
        return e;
    bool of_case = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : of_case ? OK : ERR_NOT_FOUND;
}

static enum err looked_write(struct db *db, void *arg)
{
    const struct looking *l = arg;
    return case_history_db(db, l->rq->id, l->rq->who.id, l->path.step[0].parent, "report_opened", l->rq->id2, l->rq->now);
}

enum err exchange_report_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct exchange_report_out *out = out_;
    struct looking *l = ARENA_NEW(rq->arena, struct looking);
    if (!l)
        return ERR_MEMORY;
    l->rq = rq;
    enum err e = store_read(rq->sv->store, looking_read, l);
    if (!e)
        e = report_exposure_pass(rq, rq->id2);
    if (!e)
        e = referral_report_copy(rq, &l->path, rq->id, rq->id2, &out->fields);
    if (!e)
        e = store_write(rq->sv->store, looked_write, l); // what is read stands in the history, or is not shown
    if (e)
        return e;
    out->id = rq->id2;
    out->case_id = rq->id;
    out->number = l->at.number;
    referral_values_shown(rq, &out->fields);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
