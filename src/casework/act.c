// What workers do in a case: notes, people, assessment, plan, its state. All of it is one entry and, where lists and
// clocks need it, a clear row. Legal routes and addresses: tracks.c; tasks: tasks.c.
#include <string.h>
#include "base/clock.h"
#include "casework/handlers.h"

DB_QUERY(act_last_sql, "bt", "bb", "select person, id from desk.case_item where home = $1 and kind = $2 order by seq desc "
                                   "limit 1");
DB_QUERY(act_thing_sql, "bbt", "i", "select count(*) from desk.case_item where home = $1 and thing = $2 and kind = $3 "
         "and thing not in (select r.thing from desk.case_item r where r.home = $1 and r.kind = 'retracted')");
DB_QUERY(act_review_sql, "bi", "", "update desk.case_file set review_due = $2 where id = $1");
DB_QUERY(act_worker_sql, "bB", "", "update desk.case_file set worker = $2 where id = $1");

enum err case_act_run(struct case_work *w, struct case_act_out *out)
{
    enum err e = case_work_run(w);
    if (!e && w->told)
        report_settle_soon(w->rq->sv);
    // Also where it is refused: the form that is shown again says which version it has seen.
    *out = (struct case_act_out){.id = e ? w->rq->id : w->entry.thing, .state = str_from(case_state_name(w->at.state)),
                                 .version = w->at.version};
    return e;
}

enum err case_note_run(struct req *rq, const void *in_, void *out)
{
    const struct case_note_in *in = in_;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "note",
                          .kind = STR("note")};
    words_put(&w.words, "text", str_trim(in->text));
    enum err e = case_once(&w, in->submission, STR(""));
    return e ? e : case_act_run(&w, out);
}

// ── people ──
static enum err person_look(struct db *db, struct case_work *w)
{
    struct db_rows *r;
    if (id_zero(w->thing) || w->once) // a new one
        return OK;
    enum err e = db_query(db, &act_thing_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(w->thing), DB_T(STR("person"))), &r);
    if (e)
        return e;
    bool known = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : known ? OK : ERR_NOT_FOUND;
}

static enum err person_write(struct db *db, struct case_work *w)
{
    const bool *untold = w->more;
    return case_untold_put_db(db, w->rq->id, w->entry.thing, *untold, w->entry.seq);
}

enum err case_person_run(struct req *rq, const void *in_, void *out)
{
    const struct case_person_in *in = in_;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "person",
                          .kind = STR("person"),
                          .thing = in->person, .look = person_look, .write = person_write};
    if (str_blank(in->name) && str_blank(in->relation) && str_blank(in->text))
        return req_refuse(rq, "name", MSG_CASEWORK_REFUSED_PERSON);
    // Who must not be told is not forgotten by leaving it out: the page shows the mark and sends what was left of it; a program says so.
    bool untold = in->must_not_be_told;
    if (!id_zero(in->person) && in->version == 0)
        return req_refuse(rq, "version", MSG_CASEWORK_REFUSED_VERSION);
    if (!id_zero(in->person) && rq->json && !untold && !in->may_be_told) {
        enum err e = case_person_untold(rq, in->person, &untold);
        if (e)
            return e;
    }
    words_put(&w.words, "role", in->role);
    words_put(&w.words, "name", str_trim(in->name));
    words_put(&w.words, "born", str_trim(in->born));
    words_put(&w.words, "relation", str_trim(in->relation));
    words_put(&w.words, "contact", str_trim(in->contact));
    words_put(&w.words, "home", str_trim(in->home));
    words_put(&w.words, "school", str_trim(in->school));
    words_put(&w.words, "text", str_trim(in->text));
    w.more = &untold;
    words_put(&w.words, "must_not_be_told", untold ? STR("1") : STR(""));
    enum err e = id_zero(in->person) ? case_once(&w, in->submission, STR("")) : OK; // a correction is held by its version
    return e ? e : case_act_run(&w, out);
}

// ── assessment and plan ──
// A new plan is not the approved one: it waits for approval before the work on it begins or goes on.
static bool plan_unsettles(enum case_state from)
{
    return from == CASE_PLANNED || from == CASE_IMPLEMENTING;
}

// Later ones change no state: what was planned or begun goes on.
static bool assessment_moves(enum case_state from)
{
    return case_state_may(from, CASE_ASSESSED) && !plan_unsettles(from);
}

static enum err assessment_write(struct db *db, struct case_work *w)
{
    if (!assessment_moves(w->at.state))
        return OK;
    enum err e = case_work_state_db(db, w, CASE_ASSESSED);
    return e ? e : case_tell_db(db, w, STEP_CONSIDERED);
}

enum err case_assessment_run(struct req *rq, const void *in_, void *out)
{
    const struct case_assessment_in *in = in_;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_STATE, .history = "assessment",
                          .kind = STR("assessment"),
                          .write = assessment_write};
    words_put(&w.words, "risk", in->risk);
    words_put(&w.words, "text", str_trim(in->text));
    enum err e = case_act_run(&w, out);
    struct case_act_out *o = out;
    if (!e && assessment_moves(w.at.state))
        o->state = str_from(case_state_name(CASE_ASSESSED));
    return e;
}

static enum err plan_write(struct db *db, struct case_work *w)
{
    const int64_t *due = w->more;
    enum err e = plan_unsettles(w->at.state) ? case_work_state_db(db, w, CASE_ASSESSED) : OK;
    return e ? e : db_exec(db, &act_review_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(*due)), NULL);
}

enum err case_plan_run(struct req *rq, const void *in_, void *out)
{
    const struct case_plan_in *in = in_;
    int64_t latest = rq->now + pack_seconds(rq->sv->pack, CLOCK_CASE_REVIEW) * CLOCK_SECOND, due = clock_minute(latest);
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "plan",
                          .kind = STR("plan"), .write = plan_write,
                          .more = &due};
    if (in->review_due.n > 0 && (case_day_read(in->review_due, &due) || due > latest + CLOCK_DAY ||
                                 due < rq->now - CLOCK_DAY))
        return req_refuse(rq, "review_due", MSG_CASEWORK_REFUSED_REVIEW);
    words_put(&w.words, "text", str_trim(in->text));
    words_put(&w.words, "due", req_date(rq, due, DATE_DAY));
    enum err e = case_act_run(&w, out);
    struct case_act_out *o = out;
    if (!e && plan_unsettles(w.at.state))
        o->state = str_from(case_state_name(CASE_ASSESSED));
    return e;
}

// ── states, and who works on it ──
struct stating { enum case_state to; bool own_plan, no_plan, not_approved; };

// The newest plan: whose it is, and, where the work goes on after a review, whether it is the one that was approved. The entry of
// an approval has the plan as its thing.
static enum err state_look(struct db *db, struct case_work *w)
{
    struct stating *s = w->more;
    struct db_rows *r;
    bool goes_on = s->to == CASE_IMPLEMENTING && w->at.state == CASE_REVIEW;
    if (s->to != CASE_PLANNED && !goes_on)
        return OK;
    enum err e = db_query(db, &act_last_sql, DB_ARGS(DB_ID(w->rq->id), DB_T(STR("plan"))), &r);
    if (e)
        return e;
    struct id author = {{0}}, plan = {{0}};
    s->no_plan = !db_next(r);
    if (!s->no_plan && (id_from_bytes(db_str(r, 0), &author) || id_from_bytes(db_str(r, 1), &plan)))
        e = ERR_TAMPERED;
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!goes_on) {
        w->thing = plan;
        s->own_plan = id_equal(author, w->rq->who.id);
        return e;
    }
    if (!e)
        e = db_query(db, &act_thing_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(plan), DB_T(STR("state"))), &r);
    if (e)
        return e;
    s->not_approved = !db_next(r) || db_int(r, 0) == 0;
    return db_done(&r);
}

static enum err state_ready(struct case_work *w)
{
    const struct stating *s = w->more;
    if (!case_state_may(w->at.state, s->to))
        return case_refuse(w, MSG_CASEWORK_NOT_NOW);
    if (s->no_plan)
        return case_refuse(w, MSG_CASEWORK_NO_PLAN);
    if (s->not_approved)
        return case_refuse(w, MSG_CASEWORK_PLAN_WAITS);
    if (s->own_plan || (s->to == CASE_PLANNED && !req_may(w->rq, PERM_CASE_APPROVE)))
        return req_notice(w->rq, ERR_FORBIDDEN, MSG_CASEWORK_OWN_PLAN);
    return OK;
}

static enum err state_write(struct db *db, struct case_work *w)
{
    const struct stating *s = w->more;
    enum err e = case_work_state_db(db, w, s->to);
    return e || s->to != CASE_PLANNED ? e : case_tell_db(db, w, STEP_PLANNED);
}

// Assessed, closing and closed have ways of their own. A plan is approved by somebody else than who wrote it.
enum err case_state_run(struct req *rq, const void *in_, void *out)
{
    const struct case_state_in *in = in_;
    struct stating s = {0};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_STATE, .history = "state",
                          .kind = STR("state"),
                          .look = state_look, .ready = state_ready, .write = state_write, .more = &s};
    if (case_state_read(in->state, &s.to) || (s.to != CASE_PLANNED && s.to != CASE_IMPLEMENTING && s.to != CASE_REVIEW))
        return req_refuse(rq, "state", MSG_CASEWORK_REFUSED_STATE);
    words_put(&w.words, "state", in->state);
    words_put(&w.words, "text", str_trim(in->text));
    enum err e = case_act_run(&w, out);
    if (!e)
        *(struct case_act_out *)out = (struct case_act_out){.id = rq->id, .state = in->state, .version = w.at.version};
    return e;
}

static enum err worker_look(struct db *db, struct case_work *w)
{
    const struct case_worker_in *in = w->more;
    return case_member_check(db, w->rq, w->at.owner, in->worker);
}

static enum err worker_write(struct db *db, struct case_work *w)
{
    const struct case_worker_in *in = w->more;
    enum err e = db_exec(db, &act_worker_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(in->worker)), NULL);
    return e ? e : report_case_holder_db(db, w->rq->id, in->worker, w->rq->now);
}

enum err case_worker_run(struct req *rq, const void *in_, void *out)
{
    struct case_worker_in in = *(const struct case_worker_in *)in_;
    struct case_work w = {.rq = rq, .version = in.version, .action = AUDIT_CASE, .history = "worker",
                          .kind = STR("worker"),
                          .look = worker_look, .write = worker_write, .more = &in};
    if (id_zero(in.worker))
        in.worker = rq->who.id;
    w.thing = in.worker;
    return case_act_run(&w, out);
}
