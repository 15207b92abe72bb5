// A report of a case, opened by the case's key: so that the unit to which a case was handed over reads what was reported and
// what its reporter writes, and answers, without the key of the unit that received the report.
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

// Whoever reads the case without answering for it sees the report, not what is said with its reporter.
static enum err messages_show(struct req *rq, bool owns, struct exchange_report_out *out)
{
    struct list said = {0};
    enum err e = owns ? report_case_thread(rq, rq->id2, &said, &out->withdraw_asked) : OK;
    e = e == ERR_NOT_FOUND ? OK : e;
    const struct report_said *from = said.at;
    struct exchange_said *at = arena_array(rq->arena, said.n + 1, sizeof *at);
    for (size_t i = 0; at && i < said.n; i++)
        at[i] = (struct exchange_said){.direction = from[i].up ? STR("up") : STR("down"), .sent_at = from[i].at, .text = from[i].text,
                                       .up = from[i].up, .sent_text = req_time(rq, from[i].at)};
    out->messages = (struct list){at, at ? said.n : 0};
    return e ? e : at ? OK : ERR_MEMORY;
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
    bool owns = person_of_unit(&rq->who, l->at.owner);
    e = messages_show(rq, owns, out);
    if (e)
        return e;
    out->may_answer = owns && l->at.state != CASE_CLOSED && req_may(rq, PERM_CASE_EDIT);
    out->id = rq->id2;
    out->case_id = rq->id;
    out->number = l->at.number;
    referral_values_shown(rq, &out->fields);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err exchange_answer_run(struct req *rq, const void *in_, void *out_)
{
    const struct exchange_answer_in *in = in_;
    struct exchange_answer_out *out = out_;
    char of[ID_HEX], report[ID_HEX];
    struct looking *l = ARENA_NEW(rq->arena, struct looking);
    if (!l)
        return ERR_MEMORY;
    l->rq = rq;
    enum err e = store_read(rq->sv->store, looking_read, l);
    if (!e && !person_of_unit(&rq->who, l->at.owner))
        e = ERR_FORBIDDEN;
    if (!e)
        e = report_case_answer(rq, rq->id2, in->text, in->submission, &out->seq);
    if (e)
        return e;
    out->id = rq->id2;
    rq->then = arena_printf(rq->arena, "/cases/%s/reports/%s", id_hex(rq->id, of), id_hex(rq->id2, report)).at;
    return rq->then ? OK : ERR_MEMORY;
}
