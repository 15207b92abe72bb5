// Answering: a message down the report's thread, sealed by the keeper so that only the receipt's holder and the unit read
// it. It stands in desk first; reply, where the reporter finds it, follows.
#include "base/clock.h"
#include "report/desk/handlers.h"
#include "web/once.h"

DB_QUERY(answer_next_sql, "b", "i", "select coalesce(max(seq), 0) + 1 from desk.message where thread = $1 and direction = 2");
DB_QUERY(answer_again_sql, "bb", "i", "select seq from desk.message where id = $1 and thread = $2");
DB_QUERY(answer_insert_sql, "bbiibbb", "", "insert into desk.message (id, thread, direction, seq, sent, kid, item, author) "
         "values ($1, $2, 2, $3, $4, $5, $6, $7)");
// A request to withdraw is open until somebody writes back, as its reporter reads it too (portal/follow.c).
DB_QUERY(answer_asked_sql, "i", "", "update desk.report set withdraw_asked = 0 where seq = $1");

struct answer {
    struct req *rq;
    struct id report;
    bool of_case;            // by whoever works on its case, in the unit that has both
    struct report_record record;
    struct id message;       // given, where the sender has a number for it: then the same, sent twice, is one
    bool named, again;       // it was given; it stands there already
    int64_t seq, sent;
    struct kid kid;
    struct str sealed;
    enum report_state state; // afterwards
};

static enum err answer_look(struct db *db, void *arg)
{
    struct answer *a = arg;
    struct db_rows *r;
    enum err e = report_record_db(db, a->rq->arena, &a->rq->who, a->report, &a->record);
    if (!e)
        e = db_query(db, &answer_next_sql, DB_ARGS(DB_ID(a->record.thread)), &r);
    if (e)
        return e;
    a->seq = db_next(r) ? db_int(r, 0) : 1;
    e = db_done(&r);
    if (e || !a->named)
        return e;
    e = db_query(db, &answer_again_sql, DB_ARGS(DB_ID(a->message), DB_ID(a->record.thread)), &r);
    if (e)
        return e;
    a->again = db_next(r);
    if (a->again)
        a->seq = db_int(r, 0);
    a->state = a->record.at.state;
    return db_done(&r);
}

static bool answer_may(const struct answer *a, const struct report_at *at)
{
    return a->of_case ? at->state == REPORT_IN_CASE : at->state != REPORT_NEW && report_holder_may(&a->rq->who, at);
}

static enum err answer_write(struct db *db, void *arg)
{
    struct answer *a = arg;
    const struct req *rq = a->rq;
    struct report_at at;
    enum err e = report_at_db(db, a->report, rq->who.units, rq->who.n_units, &at);
    if (!e && !answer_may(a, &at)) // given back meanwhile, or taken by a colleague
        e = ERR_CONFLICT;
    if (!e)
        e = db_exec(db, &answer_insert_sql, DB_ARGS(DB_ID(a->message), DB_ID(a->record.thread), DB_I(a->seq), DB_I(a->sent),
                                                    DB_B(STR_BYTES(a->kid.b)), DB_B(a->sealed), DB_ID(rq->who.id)), NULL);
    if (!e)
        e = report_reply_due_db(db, at.seq, &a->message);
    if (!e)
        e = db_exec(db, &answer_asked_sql, DB_ARGS(DB_I(at.seq)), NULL);
    a->state = at.state;
    if (!e && (at.state == REPORT_TAKEN || at.state == REPORT_ASSESSED)) {
        e = report_state_db(db, a->report, &at, REPORT_ANSWERED, at.taken_by, rq->now);
        a->state = REPORT_ANSWERED;
    }
    if (!e)
        e = report_history_db(db, a->report, rq->who.id, "answered", rq->now);
    return e;
}

static enum err answer_seal(struct answer *a, struct str text)
{
    struct req *rq = a->rq;
    const struct report_record *d = &a->record;
    struct record_ad ad;
    struct buf sealed;
    a->message = a->named ? a->message : id_random();
    a->sent = clock_minute(rq->now);
    report_message_ad(&ad, d->thread, a->message, d->thread_kid, RECORD_DOWN, (uint64_t)a->seq, a->sent);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err e = keeper_seal(rq->sv->keeper, &rq->token, &d->thread_path, &ad, text, &sealed);
    if (!e && !crypto_equal(ad.kid.b, d->thread_kid.b, sizeof ad.kid.b))
        e = ERR_TAMPERED;
    a->kid = ad.kid;
    a->sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// Looks, seals, writes. text: not blank.
static enum err answer_send(struct answer *a, struct str text)
{
    struct req *rq = a->rq;
    a->named = !id_zero(a->message);
    enum err e = report_elsewhere(rq, a->report, store_read(rq->sv->store, answer_look, a));
    if (!e && a->again)
        return OK;
    if (!e && !a->of_case)
        e = report_may_act(rq, &a->record.at);
    if (!e && !a->of_case && a->record.at.state == REPORT_NEW)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_TAKE_FIRST);
    if (!e && !answer_may(a, &a->record.at))
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    if (!e)
        e = answer_seal(a, str_trim(text));
    if (!e)
        e = store_write(rq->sv->store, answer_write, a);
    if (e == ERR_CONFLICT && a->named && !store_read(rq->sv->store, answer_look, a) && a->again)
        return OK; // the same, sent twice at once
    if (e && a->sealed.n)
        keeper_unstored(rq->sv->keeper, &rq->token, a->record.thread, a->message);
    if (e == ERR_CONFLICT)
        return rq->notice.n ? e : req_notice(rq, e, MSG_DESK_ANSWER_AGAIN);
    if (!e)
        report_settle_soon(rq->sv);
    return e;
}

static struct id answer_id(const struct req *rq, struct id submission, struct str text)
{
    return id_zero(submission) ? submission : once_id(rq, submission, (const struct str[]){STR("answer"), id_bytes(&rq->id2), text}, 3);
}

enum err report_answer_run(struct req *rq, const void *in_, void *out_)
{
    const struct report_answer_in *in = in_;
    struct report_answer_out *out = out_;
    if (str_blank(in->text))
        return req_refuse(rq, "text", MSG_DESK_REFUSED_ANSWER);
    struct answer *a = ARENA_NEW(rq->arena, struct answer);
    if (!a)
        return ERR_MEMORY;
    *a = (struct answer){.rq = rq, .report = rq->id, .message = answer_id(rq, in->submission, in->text)};
    enum err e = answer_send(a, in->text);
    if (!e)
        *out = (struct report_answer_out){.id = rq->id, .state = str_from(report_state_name(a->state)), .seq = a->seq};
    return e;
}

enum err report_case_answer(struct req *rq, struct id report, struct str text, struct id submission, int64_t *seq)
{
    if (str_blank(text))
        return req_refuse(rq, "text", MSG_DESK_REFUSED_ANSWER);
    struct answer *a = ARENA_NEW(rq->arena, struct answer);
    if (!a)
        return ERR_MEMORY;
    *a = (struct answer){.rq = rq, .report = report, .of_case = true, .message = answer_id(rq, submission, text)};
    enum err e = answer_send(a, text);
    if (!e)
        *seq = a->seq;
    return e;
}
