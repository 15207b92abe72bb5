// Closing: asked for by one person with the outcome, approved by another; refused while a track is open. Opening again.
#include <string.h>
#include "base/clock.h"
#include "casework/handlers.h"

DB_QUERY(close_ask_sql, "btb", "", "update desk.case_file set outcome = $2, asked_by = $3 where id = $1");
DB_QUERY(close_reopen_sql, "bi", "", "update desk.case_file set outcome = null, asked_by = null, review_due = $2 where "
                                     "id = $1");
DB_QUERY(close_reports_sql, "bi", "b", "select report from desk.case_report where case_id = $1 order by added, report "
                                       "limit $2");
DB_QUERY(close_held_sql, "b", "i", "select count(*) from desk.case_hold where case_id = $1");
DB_QUERY(close_done_sql, "b", "", "update desk.case_file set review_due = null where id = $1");

struct closing { struct str outcome; struct list holds; };

static enum err holds_look(struct db *db, struct case_work *w)
{
    struct closing *c = w->more;
    return case_holds_db(db, w->rq, w->rq->id, &c->holds);
}

// Once more inside the write: a track may have been opened, or a verdict given, since the look.
static enum err held_db(struct db *db, struct case_work *w)
{
    struct id verdict[CASE_THINGS_MAX];
    struct db_rows *r;
    size_t verdicts = 0;
    enum err e = db_query(db, &close_held_sql, DB_ARGS(DB_ID(w->rq->id)), &r);
    if (e)
        return e;
    int64_t n = db_next(r) ? db_int(r, 0) : 0;
    e = db_done(&r);
    if (!e)
        e = case_verdicts_db(db, w->rq->arena, w->rq->id, verdict, &verdicts);
    return e ? e : n > 0 || verdicts > 0 ? case_refuse(w, MSG_CASEWORK_HELD) : OK;
}

static enum err holds_again(struct db *db, void *arg)
{
    return holds_look(db, arg);
}

// What holds it may have come between the look and the write: then it is read once more, for the answer.
static enum err close_out(struct case_work *w, enum err e, enum case_state to, struct case_act_out *out)
{
    struct closing *c = w->more;
    if (e == ERR_CONFLICT && w->refused == MSG_CASEWORK_HELD && c->holds.n == 0 &&
        store_read(w->rq->sv->store, holds_again, w))
        c->holds = (struct list){0};
    *out = (struct case_act_out){.id = w->rq->id, .state = str_from(case_state_name(e ? w->at.state : to)),
                                 .version = w->at.version,
                                 .holds = c->holds};
    return e;
}

static enum err ask_ready(struct case_work *w)
{
    const struct closing *c = w->more;
    if (!case_state_may(w->at.state, CASE_CLOSING))
        return case_refuse(w, MSG_CASEWORK_NOT_NOW);
    return c->holds.n > 0 ? case_refuse(w, MSG_CASEWORK_HELD) : OK;
}

static enum err ask_write(struct db *db, struct case_work *w)
{
    const struct closing *c = w->more;
    enum err e = held_db(db, w);
    if (!e)
        e = case_work_state_db(db, w, CASE_CLOSING);
    return e ? e : db_exec(db, &close_ask_sql, DB_ARGS(DB_ID(w->rq->id), DB_T(c->outcome), DB_ID(w->rq->who.id)), NULL);
}

enum err case_close_run(struct req *rq, const void *in_, void *out)
{
    const struct case_close_in *in = in_;
    struct closing c = {.outcome = in->outcome};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_CLOSE_ASKED, .history = "close_asked",
                          .kind = STR("close"),
                          .look = holds_look, .ready = ask_ready, .write = ask_write, .more = &c};
    words_put(&w.words, "outcome", in->outcome);
    words_put(&w.words, "text", str_trim(in->text));
    enum err e = case_work_run(&w);
    return close_out(&w, e, CASE_CLOSING, out);
}

static enum err approve_ready(struct case_work *w)
{
    const struct closing *c = w->more;
    if (!case_state_may(w->at.state, CASE_CLOSED))
        return case_refuse(w, MSG_CASEWORK_NOT_NOW);
    if (id_equal(w->at.asked_by, w->rq->who.id))
        return req_notice(w->rq, ERR_FORBIDDEN, MSG_CASEWORK_OWN_CLOSE);
    return c->holds.n > 0 ? case_refuse(w, MSG_CASEWORK_HELD) : OK;
}

static enum err reports_move(struct db *db, struct case_work *w,
                             enum err (*move)(struct db *, struct id report, struct id person, int64_t now))
{
    struct id report[CASE_THINGS_MAX];
    struct db_rows *r;
    size_t n = 0;
    enum err e = db_query(db, &close_reports_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (n < CASE_THINGS_MAX && db_next(r))
        if (id_from_bytes(db_str(r, 0), &report[n++]))
            e = ERR_TAMPERED;
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < n && !e; i++)
        e = move(db, report[i], w->rq->who.id, w->rq->now);
    return e;
}

static enum err approve_write(struct db *db, struct case_work *w)
{
    enum err e = held_db(db, w);
    if (!e)
        e = case_work_state_db(db, w, CASE_CLOSED);
    if (!e)
        e = db_exec(db, &close_done_sql, DB_ARGS(DB_ID(w->rq->id)), NULL);
    return e ? e : reports_move(db, w, report_case_leave_db);
}

enum err case_approve_run(struct req *rq, const void *in_, void *out)
{
    const struct case_approve_in *in = in_;
    struct closing c = {0};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_CLOSED, .history = "closed",
                          .kind = STR("closed"),
                          .look = holds_look, .ready = approve_ready, .write = approve_write, .more = &c};
    enum err e = case_work_run(&w);
    e = close_out(&w, e, CASE_CLOSED, out);
    if (!e)
        report_settle_soon(rq->sv);
    return e;
}

static enum err reopen_ready(struct case_work *w)
{
    return w->at.state == CASE_CLOSED ? OK : case_refuse(w, MSG_CASEWORK_NOT_NOW);
}

static enum err reopen_write(struct db *db, struct case_work *w)
{
    enum err e = case_work_state_db(db, w, CASE_REVIEW);
    if (!e)
        e = db_exec(db, &close_reopen_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(clock_minute(w->rq->now))), NULL);
    if (!e)
        e = reports_move(db, w, report_case_return_db);
    return e ? e : case_tell_db(db, w, STEP_REOPENED);
}

// Its closed reports come back with it: whoever reported sees that it is worked on again.
enum err case_reopen_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_reopen_in *in = in_;
    struct case_act_out *out = out_;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_REOPENED, .history = "reopened",
                          .kind = STR("reopened"),
                          .closed_too = true, .ready = reopen_ready, .write = reopen_write};
    words_put(&w.words, "text", str_trim(in->reason));
    enum err e = case_work_run(&w);
    if (!e)
        report_settle_soon(rq->sv);
    *out = (struct case_act_out){.id = rq->id, .state = str_from(case_state_name(e ? w.at.state : CASE_REVIEW)),
                                 .version = w.at.version};
    return e;
}
