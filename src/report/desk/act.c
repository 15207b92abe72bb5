// Acting on a report: take, give back, change the urgency, judge. The keeper's audit entry comes first, then the rows,
// which may still refuse because somebody else was faster: the trail says what was asked, the history what came of it.
#include <string.h>
#include "base/clock.h"
#include "report/desk/handlers.h"
#include "report/desk/triage.h"

DB_QUERY(act_clear_sql, "b", "ti", "select category, received from desk.report where id = $1");
DB_QUERY(act_urgency_sql, "iibiii", "", "update desk.report set urgency = $2, urgency_writer = $3, urgency_seq = $4, take_due = $5, "
         "act_due = $6, climbed = 0, climb_at = case when state = 'new' then $5 when state = 'taken' then $6 else null end, "
         "lead = 1 where seq = $1");
DB_QUERY(act_note_next_sql, "b", "i", "select coalesce(max(seq), 0) + 1 from desk.note where report = $1");
DB_QUERY(act_note_sql, "bbiibtbb", "", "insert into desk.note (id, report, seq, at, person, action, kid, item) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8)");

struct act {
    struct req *rq;
    struct report_at at;
    enum report_state to;
    struct id holder;      // from now on
    const char *history;
    bool inherits;         // takes it from somebody who works there no more, as it is: its state and its clock stay
    struct id of;          // what a duplicate repeats
    bool judges;           // puts the report aside: not while a second person must still look at it
    bool waits;            // out: that is why not
    int64_t received;
    struct str category;
};

static enum err act_look(struct db *db, void *arg)
{
    struct act *a = arg;
    struct db_rows *r;
    enum err e = report_at_db(db, a->rq->id, a->rq->who.units, a->rq->who.n_units, &a->at);
    if (!e)
        e = db_query(db, &act_clear_sql, DB_ARGS(DB_ID(a->rq->id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        a->category = arena_str(a->rq->arena, db_str(r, 0));
        a->received = db_int(r, 1);
    }
    return db_done(&r);
}

// What a duplicate repeats: another report, worked on by the same unit. ERR_INVALID where it is not.
static enum err act_of_db(struct db *db, const struct act *a)
{
    struct report_at of;
    if (id_equal(a->of, a->rq->id))
        return ERR_INVALID;
    enum err e = report_at_db(db, a->of, a->rq->who.units, a->rq->who.n_units, &of);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_INVALID : e;
    return report_state_open(of.state) && id_equal(of.unit, a->at.unit) ? OK : ERR_INVALID;
}

static enum err act_of_look(struct db *db, void *arg)
{
    return act_of_db(db, arg);
}

static enum err act_write(struct db *db, void *arg)
{
    struct act *a = arg;
    struct report_at now_at; // as it is now, not as it was before the audit
    enum err e = report_at_db(db, a->rq->id, a->rq->who.units, a->rq->who.n_units, &now_at);
    if (!e && (now_at.state != a->at.state || !id_equal(now_at.taken_by, a->at.taken_by) || now_at.left != a->at.left))
        e = ERR_CONFLICT;
    if (!e && a->judges)
        e = report_assess_settled_db(db, a->rq->arena, a->rq->id, &a->waits);
    if (!e && a->waits)
        e = ERR_CONFLICT;
    if (!e && a->to == REPORT_DUPLICATE && !a->inherits)
        e = act_of_db(db, a);
    if (!e && a->inherits)
        e = report_holder_db(db, now_at.seq, a->holder, a->rq->now);
    else if (!e)
        e = report_state_db(db, a->rq->id, &now_at, a->to, a->holder, a->rq->now);
    if (!e && !a->inherits && a->to == REPORT_DUPLICATE)
        e = report_same_db(db, a->rq->id, now_at.seq, a->of);
    if (!e && !a->inherits && a->to == REPORT_TAKEN) { // opened again: as if it had come now
        struct report_due due;
        (void)report_clocks(a->rq->sv->pack, a->category, now_at.rank, now_at.state == REPORT_NEW ? a->received : a->rq->now, &due);
        e = report_act_due_db(db, now_at.seq, due.act);
    }
    if (!e)
        e = report_history_db(db, a->rq->id, a->rq->who.id, a->history, a->rq->now);
    return e;
}

// Looks, audits, writes. notice: what a worker reads where the state does not allow it.
static enum err act_run(struct act *a, uint16_t action, struct report_act_out *out)
{
    struct req *rq = a->rq;
    struct keeper_audit_at entry;
    if (!a->inherits && !report_state_may(a->at.state, a->to))
        return req_notice(rq, ERR_CONFLICT, a->to == REPORT_TAKEN ? MSG_DESK_TAKEN_ALREADY : MSG_DESK_STATE_NOT_NOW);
    enum err e = keeper_audit(rq->sv->keeper, &rq->token, action, rq->id, a->at.unit, str_from(report_state_name(a->to)), &entry);
    if (!e)
        e = store_write(rq->sv->store, act_write, a);
    if (e == ERR_INVALID)
        return req_refuse(rq, "of", MSG_DESK_REFUSED_SAME_AS);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, a->waits ? MSG_DESK_ASSESS_SECOND_FIRST : a->inherits || a->to == REPORT_TAKEN ? MSG_DESK_TAKEN_ALREADY : MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    *out = (struct report_act_out){.id = rq->id, .state = str_from(report_state_name(a->to)), .urgency = a->at.rank};
    return OK;
}

enum err report_take_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct act a = {.rq = rq, .to = REPORT_TAKEN, .holder = rq->who.id, .history = "taken"};
    enum err e = store_read(rq->sv->store, act_look, &a);
    a.inherits = !e && a.at.left && a.at.state != REPORT_NEW && a.at.state != REPORT_CLOSED;
    a.to = a.inherits ? a.at.state : REPORT_TAKEN;
    if (!e && a.at.state != REPORT_NEW && !a.inherits) // reopening is a judgement, not a taking
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_TAKEN_ALREADY);
    return e ? e : act_run(&a, AUDIT_REPORT_TAKE, out);
}

enum err report_release_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct act a = {.rq = rq, .to = REPORT_NEW, .history = "released"};
    enum err e = store_read(rq->sv->store, act_look, &a);
    if (!e)
        e = report_may_act(rq, &a.at);
    return e ? e : act_run(&a, AUDIT_REPORT_RELEASE, out);
}

// By its id, or by the address of its page, which ends with that.
static enum err state_of(const struct report_state_in *in, struct id *out)
{
    struct str rest = str_trim(in->of.n > 0 ? in->of : in->link), text = str_cut(&rest, '#');
    rest = text;
    text = str_cut(&rest, '?');
    while (text.n > 0 && text.at[text.n - 1] == '/')
        text.n--;
    return text.n < 32 ? ERR_INVALID : id_from_hex((struct str){text.at + text.n - 32, 32}, out);
}

// Taking, giving back, answering and cases have ways of their own.
enum err report_state_run(struct req *rq, const void *in_, void *out)
{
    const struct report_state_in *in = in_;
    struct act a = {.rq = rq};
    if (report_state_read(in->state, &a.to) || a.to == REPORT_NEW || a.to == REPORT_ANSWERED || a.to == REPORT_IN_CASE)
        return req_refuse(rq, "state", MSG_DESK_REFUSED_STATE);
    if (a.to == REPORT_ASSESSED && pack_question_set(rq->sv->pack, 0))
        return req_refuse(rq, "state", MSG_DESK_REFUSED_ASSESS);
    enum err e = store_read(rq->sv->store, act_look, &a);
    if (!e)
        e = report_may_act(rq, &a.at);
    if (!e && (a.at.state == REPORT_NEW || a.at.state == REPORT_ASSESSED) && a.to == REPORT_TAKEN) // taken, judged: not by hand
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    if (!e && a.at.state == REPORT_IN_CASE) // its reporter would read that it is over while others work on it
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_WITH_CASE);
    if (!e && a.to == REPORT_DUPLICATE && report_state_may(a.at.state, a.to)) {
        if (state_of(in, &a.of))
            return req_refuse(rq, "of", MSG_DESK_REFUSED_SAME_AS_NONE);
        e = store_read(rq->sv->store, act_of_look, &a);
        if (e == ERR_INVALID)
            return req_refuse(rq, "of", MSG_DESK_REFUSED_SAME_AS);
    }
    if (e)
        return e;
    a.history = a.to == REPORT_TAKEN ? "reopened" : report_state_name(a.to);
    a.judges = a.to != REPORT_TAKEN;
    a.holder = a.to == REPORT_TAKEN ? rq->who.id : a.at.taken_by;
    return act_run(&a, AUDIT_REPORT_STATE, out);
}

// ── urgency ──
struct urgency {
    struct req *rq;
    struct report_record record;
    int64_t urgency, note_seq;
    struct report_due due;
    struct id note;
    bool waits;            // a verdict about it waits for its second person
    struct keeper_audit_at entry;
    struct kid kid;
    struct str sealed;
};

static enum err urgency_look(struct db *db, void *arg)
{
    struct urgency *u = arg;
    struct db_rows *r;
    enum err e = report_record_db(db, u->rq->arena, &u->rq->who, u->rq->id, &u->record);
    if (!e)
        e = report_assess_settled_db(db, u->rq->arena, u->rq->id, &u->waits);
    if (!e)
        e = db_query(db, &act_note_next_sql, DB_ARGS(DB_ID(u->rq->id)), &r);
    if (e)
        return e;
    u->note_seq = db_next(r) ? db_int(r, 0) : 1;
    return db_done(&r);
}

static enum err urgency_write(struct db *db, void *arg)
{
    struct urgency *u = arg;
    struct report_at at;
    const struct req *rq = u->rq;
    enum err e = report_at_db(db, rq->id, rq->who.units, rq->who.n_units, &at);
    if (!e && (!report_holder_may(&rq->who, &at) || at.rank != u->record.at.rank)) // taken or changed by a colleague meanwhile
        e = ERR_CONFLICT;
    if (!e)
        e = report_assess_settled_db(db, rq->arena, rq->id, &u->waits);
    if (!e && u->waits && u->urgency > at.rank)
        e = ERR_CONFLICT;
    if (!e && at.state == REPORT_NEW && at.rank != u->urgency)
        e = report_lead_pass_db(db, &at);
    if (!e)
        e = db_exec(db, &act_urgency_sql, DB_ARGS(DB_I(at.seq), DB_I(u->urgency), DB_B(STR_BYTES(u->entry.writer)), DB_I(u->entry.seq),
                                                  DB_I(u->due.take), DB_I(u->due.act)), NULL);
    if (!e)
        e = db_exec(db, &act_note_sql, DB_ARGS(DB_ID(u->note), DB_ID(rq->id), DB_I(u->note_seq), DB_I(rq->now), DB_ID(rq->who.id),
                                               DB_T(STR("urgency")), DB_B(STR_BYTES(u->kid.b)), DB_B(u->sealed)), NULL);
    if (!e)
        e = report_history_db(db, rq->id, rq->who.id, "urgency", rq->now);
    return e;
}

static enum err urgency_seal(struct urgency *u, struct str reason)
{
    struct req *rq = u->rq;
    struct record_ad ad;
    struct buf sealed;
    u->note = id_random();
    report_note_ad(&ad, &u->record, u->note, u->note_seq, rq->now, rq->who.id, STR("urgency"));
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err e = keeper_seal(rq->sv->keeper, &rq->token, &u->record.path, &ad, reason, &sealed);
    if (!e && !crypto_equal(ad.kid.b, u->record.kid.b, sizeof ad.kid.b))
        e = ERR_TAMPERED;
    u->kid = ad.kid;
    u->sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err report_urgency_run(struct req *rq, const void *in_, void *out_)
{
    const struct report_urgency_in *in = in_;
    struct report_act_out *out = out_;
    if (in->urgency < 1 || in->urgency > 4)
        return req_refuse(rq, "urgency", MSG_DESK_REFUSED_URGENCY);
    struct urgency *u = ARENA_NEW(rq->arena, struct urgency);
    if (!u)
        return ERR_MEMORY;
    u->rq = rq;
    u->urgency = in->urgency;
    enum err e = store_read(rq->sv->store, urgency_look, u);
    if (!e)
        e = report_may_act(rq, &u->record.at);
    if (e)
        return e;
    if (in->was && in->was != u->record.at.rank) {
        out->urgency = u->record.at.rank;
        return req_notice(rq, ERR_CONFLICT, MSG_WEB_ERROR_CONFLICT);
    }
    if (in->urgency > u->record.at.rank) { // lowered: said in more than a letter, and never behind the back of whoever must still look
        if (u->waits)
            return req_notice(rq, ERR_CONFLICT, MSG_DESK_URGENCY_SECOND);
        if (!str_says_why(in->reason))
            return req_refuse_number(rq, "reason", MSG_WEB_FIELD_WHY, STR_WHY_MIN);
    } else if (!str_says(in->reason)) { // to raise it is never held up by how long the reason is
        return req_refuse(rq, "reason", MSG_DESK_REFUSED_REASON);
    }
    if (!report_clocks(rq->sv->pack, u->record.clear.category, in->urgency, u->record.clear.received, &u->due))
        return req_refuse(rq, "urgency", MSG_DESK_REFUSED_YEAR);
    char detail[] = "U0 U0";
    detail[1] = (char)('0' + u->record.at.rank);
    detail[4] = (char)('0' + in->urgency);
    e = urgency_seal(u, str_trim(in->reason));
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REPORT_URGENCY, rq->id, u->record.at.unit, str_from(detail), &u->entry);
    if (!e)
        e = store_write(rq->sv->store, urgency_write, u);
    if (e && u->sealed.n)
        keeper_unstored(rq->sv->keeper, &rq->token, rq->id, u->note);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, u->waits && in->urgency > u->record.at.rank ? MSG_DESK_URGENCY_SECOND : MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    *out = (struct report_act_out){.id = rq->id, .state = str_from(report_state_name(u->record.at.state)), .urgency = in->urgency};
    return OK;
}
