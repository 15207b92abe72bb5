// Acting on a referral: accept, decline, ask, answer, hand back, done, revoke. The keeper's audit entry comes first, then
// the sealed words, then the rows, which may still refuse because somebody else was faster.
#include <jansson.h>
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"
#include "web/events.h"
#include "web/once.h"

DB_QUERY(act_help_sql, "b", "ii", "select count(case when state in ('sent', 'asked') then 1 end), count(case when state = 'accepted' and kind = 'referral' then 1 end) "
         "from desk.referral where case_id = $1");

struct act {
    struct req *rq;
    enum referral_act act;
    enum referral_state to;
    struct referral row;
    struct person side;               // the person with the acting unit alone
    struct keeper_path path;
    struct case_entry first, entry;   // what was sent; what is done now
    struct referral_content content;  // a transfer that is accepted
    bool offered;                     // declined: the case's present owner had offered its key
    bool rekeys;                      // a unit leaves the case, or was to get it: the case gets a new key
    struct keeper_path case_path;
    struct case_rekey key;
    struct str outcome;
    struct id thing;                  // of words that change no state: the same, sent twice, are one entry
    bool again;                       // they stand there already
};

// The case's key has stood in the hands of two units: of the former owner, once a transfer is accepted; of the recipient, whom
// the transfer carried it to, once it is revoked or declined. What is written afterwards is for one of them. Who declines can
// make no key for the owner: the owner's next entry begins with one.
static enum err key_look(struct db *db, struct act *a)
{
    struct req *rq = a->rq;
    bool accepts = a->act == REFERRAL_ACCEPT;
    bool declines = a->act == REFERRAL_DECLINE;
    if (!a->row.transfer || (!accepts && !declines && a->act != REFERRAL_REVOKE))
        return OK;
    enum err e = case_rekey_look_db(db, rq->arena, a->row.case_id, &a->key);
    if (e == ERR_NOT_FOUND || (accepts && e == ERR_FULL))
        return accepts ? ERR_CONFLICT : OK;
    if (!accepts && case_rekey_cannot(a->row.case_id, e))
        return OK;
    if (e)
        return e;
    bool owns = id_equal(a->key.owner, a->row.from);
    if (accepts && !owns) // it went to somebody else meanwhile
        return ERR_CONFLICT;
    a->offered = declines && owns;
    if (declines)
        return OK;
    a->rekeys = owns;
    return accepts || !owns ? OK : case_path_db(db, rq->arena, &a->side, a->row.case_id, &a->case_path);
}

// It may have come to wait after the transfer was sent, and between the look and the write: the case stays where it can be settled.
static enum err verdict_check(struct db *db, const struct act *a)
{
    bool waits = false;
    enum err e = OK;
    if (a->act == REFERRAL_ACCEPT && a->row.transfer)
        e = case_verdict_waits_db(db, a->rq->arena, a->row.case_id, &waits);
    return e ? e : waits ? req_notice(a->rq, ERR_CONFLICT, MSG_EXCHANGE_VERDICT_THERE) : OK;
}

static enum err act_look(struct db *db, void *arg)
{
    struct act *a = arg;
    struct req *rq = a->rq;
    enum err e = referral_db(db, rq, rq->id, &a->row);
    if (e)
        return e;
    struct id unit = referral_by_sender(a->act) ? a->row.from : a->row.to;
    if (!person_of_unit(&rq->who, unit))
        return ERR_FORBIDDEN;
    a->side = rq->who;
    a->side.n_units = 1;
    a->side.units[0] = unit;
    if (!referral_may(a->act, a->row.transfer, a->row.state, &a->to) || (a->act == REFERRAL_REVOKE && a->row.taken_back != INT64_MIN))
        // before the key: revoking takes it
        return ERR_CONFLICT;
    e = case_path_db(db, rq->arena, &a->side, rq->id, &a->path);
    e = e == ERR_NOT_FOUND ? ERR_NO_KEY : e;
    if (!e)
        e = case_entry_first_db(db, rq->arena, rq->id, RECORD_REFERRAL, &a->first);
    if (!e && !id_zero(a->thing))
        e = case_thing_db(db, rq->id, a->thing, &a->again);
    if (!e)
        e = case_seq_db(db, rq->id, &a->entry.seq);
    e = e ? e : verdict_check(db, a);
    return e ? e : key_look(db, a);
}

// Who was asked helps no more: what its reporters read last must be true. Nobody else helps, or is asked: neither is said any longer.
static enum err help_settle(struct db *db, struct id case_id)
{
    struct db_rows *r;
    enum err e = db_query(db, &act_help_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool there = db_next(r), asked = there && db_int(r, 0) > 0, helps = there && db_int(r, 1) > 0;
    e = db_done(&r);
    if (!e && !helps)
        e = case_step_drop_db(db, case_id, STEP_HELP_BEGUN);
    return e || asked ? e : case_step_drop_db(db, case_id, STEP_HELP_ASKED);
}

// Whose turn it is from now on, until when, and who hears of it how: by the clock's mail at once where an answer is owed, by a mail of
// its own otherwise. A question and its answer start the clock anew; so does who accepted by saying how far it is. What the
// sender adds moves no clock. Whoever had it hears that it was taken back, and its sender where the case's owner ended it.
static struct referral_turn turn_of(const struct req *rq, const struct referral *r, enum referral_act act, enum referral_state to, struct str outcome)
{
    int64_t now = clock_minute(rq->now);
    bool asks = act == REFERRAL_ASK || act == REFERRAL_ANSWER;
    bool works = !r->transfer && (act == REFERRAL_ACCEPT || act == REFERRAL_PROGRESS);
    int64_t due = asks ? referral_answer_due(rq, r->urgency, r->elapsed)
                  : works ? exchange_outcome_due(rq->sv->pack, r->urgency, now) : r->answer_due;
    return (struct referral_turn){
        .to = to, .outcome = to != r->state ? outcome : r->outcome, .answer_due = due,
        .climb_at = act == REFERRAL_ADD ? REFERRAL_KEEP : asks ? now : works ? due : REFERRAL_NONE,
        .news_from = referral_by_sender(act) && person_of_unit(&rq->who, r->from) ? REFERRAL_KEEP : act == REFERRAL_ASK ? REFERRAL_NEWS_TOLD : REFERRAL_NEWS,
        .news_to = act == REFERRAL_DECLINE ? REFERRAL_NONE : act == REFERRAL_REVOKE || act == REFERRAL_ADD ? REFERRAL_NEWS
                   : act == REFERRAL_ANSWER ? REFERRAL_NEWS_TOLD : REFERRAL_KEEP,
    };
}

enum err referral_act_db(struct db *db, struct req *rq, const struct referral *r, enum referral_act act, enum referral_state to, struct str outcome)
{
    const struct pack *p = rq->sv->pack;
    bool moves = to != r->state;
    struct referral_turn turn = turn_of(rq, r, act, to, outcome);
    enum err e = referral_turn_db(db, r, &turn, rq->now);
    if (!e && !referral_holds(r->transfer, to))
        e = case_hold_db(db, r->case_id, TRACK_REFERRAL, r->id, false, rq->now);
    if (!e && (act == REFERRAL_REVOKE || act == REFERRAL_DECLINE))
        e = referral_lock_db(db, r->id, r->to, rq->now);
    if (!e && moves && to == REFERRAL_ACCEPTED)
        e = case_step_db(db, p, r->case_id, r->transfer ? STEP_HANDED_OVER : STEP_HELP_BEGUN, rq->now);
    if (!e && moves && (to == REFERRAL_DECLINED || to == REFERRAL_RETURNED || to == REFERRAL_REVOKED))
        e = help_settle(db, r->case_id);
    if (!e && moves && to == REFERRAL_DONE)
        e = case_step_db(db, p, r->case_id, STEP_HELP_DONE, rq->now);
    return e;
}

static enum err act_write(struct db *db, void *arg)
{
    const struct act *a = arg;
    const struct referral *r = &a->row;
    struct req *rq = a->rq;
    char action[40] = "";
    strncat(action, r->transfer ? "transfer_" : "referral_", sizeof action - 1);
    strncat(action, referral_act_name(a->act), sizeof action - strlen(action) - 1);
    enum err e = verdict_check(db, a);
    e = e ? e : referral_act_db(db, rq, r, a->act, a->to, a->outcome);
    if (!e)
        e = case_entry_db(db, &a->entry);
    // The case is the recipient's from now on. The former owner keeps what it has read and sent; its wrap of the case's key goes,
    // and a copy of it, kept, is of a key under which nothing is written any more.
    if (!e && a->rekeys)
        e = case_rekey_db(db, &a->key);
    if (!e && a->to == REFERRAL_DECLINED && r->transfer && a->offered)
        e = case_key_out_db(db, r->case_id, r->to);
    if (!e && a->act == REFERRAL_ACCEPT && r->transfer)
        e = case_owner_db(db, r->case_id, r->from, r->to, rq->who.id, rq->now);
    return e ? e : case_history_db(db, r->case_id, rq->who.id, a->side.units[0], action, r->id, rq->now);
}

// What a transfer carries: opened by the recipient's own key.
static enum err open_transfer(struct act *a)
{
    enum err e = case_entries_open(a->rq, PURPOSE_READ, &a->path, &a->first, 1);
    if (!e)
        e = a->first.plain.at ? referral_content_read(a->rq->arena, a->first.plain, &a->row, &a->content) : ERR_TAMPERED;
    if (!e && !a->content.has_wrap)
        e = ERR_TAMPERED;
    const struct keeper_wrap *w = &a->content.wrap;
    a->case_path = (struct keeper_path){.n = 1, .step = {{.unit = true, .parent = a->row.to, .child = a->row.case_id, .epoch = w->epoch,
                                                          .generation = a->content.wrap_generation, .sealed = STR_BYTES(w->sealed)}}};
    return e;
}

static enum err act_seal(struct act *a, struct str text)
{
    json_t *root = json_object();
    int bad = json_object_set_new(root, "text", json_stringn(text.n ? text.at : "", text.n));
    char *json = bad ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (!json)
        return ERR_MEMORY;
    a->entry.type = RECORD_REFERRAL;
    a->entry.home = a->row.id;
    a->entry.kind = str_from(referral_act_name(a->act));
    a->entry.thing = id_zero(a->thing) ? a->row.id : a->thing;
    enum err e = case_entry_seal(a->rq, &a->path, str_from(json), &a->entry);
    crypto_wipe(json, strlen(json));
    free(json);
    return e;
}

void referral_ring(const struct req *rq, const struct referral *r, struct id unit)
{
    char hex[ID_HEX];
    struct str data = arena_printf(rq->arena, "{\"id\":\"%s\",\"urgency\":\"U%d\"}", id_hex(r->id, hex), (int)r->urgency);
    if (data.n)
        events_publish(rq->sv->events, 0, "referral", unit, PERM_REFERRAL_LIST, data);
}

// Somebody else was faster, or the page was old: said as it is, and the page shows what stands there now beside what was typed.
static enum err conflict_show(struct act *a, struct referral_act_out *out)
{
    struct req *rq = a->rq;
    const bool still = store_read(rq->sv->store, act_look, a) == OK; // it could be done now: only something was written meanwhile
    if (still && a->again)
        return OK; // the same, sent twice at once
    const struct str said = rq->notice.n ? rq->notice : text_get(rq->lang, still ? MSG_EXCHANGE_FASTER : MSG_EXCHANGE_NOT_NOW);
    if (a->row.state < REFERRAL_STATES)
        out->state_text = text_get(rq->lang, exchange_state_message(a->row.state));
    if (still && !rq->json && referral_newest(rq, &out->entries))
        out->entries = (struct list){0}; // it can be looked at on its page
    bool words = a->act == REFERRAL_PROGRESS || a->act == REFERRAL_ADD || a->act == REFERRAL_ASK || a->act == REFERRAL_ANSWER;
    out->again = still && words ? str_from(referral_act_name(a->act)) : STR("");
    rq->notice = said;
    return ERR_CONFLICT;
}

static enum err act_run(struct req *rq, enum referral_act act, struct str text, struct str outcome,
                        struct id submission, struct referral_act_out *out)
{
    struct act *a = ARENA_NEW(rq->arena, struct act);
    struct keeper_audit_at at;
    if (!a)
        return ERR_MEMORY;
    *a = (struct act){.rq = rq, .act = act, .outcome = outcome};
    if (!id_zero(submission))
        a->thing = once_id(rq, submission, (const struct str[]){str_from(referral_act_name(act)), text}, 2);
    enum err e = store_read(rq->sv->store, act_look, a);
    out->id = rq->id;
    out->state = e ? STR("") : str_from(referral_state_name(a->to));
    if (e == OK && a->again)
        return OK;
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token,
                         act == REFERRAL_REVOKE ? AUDIT_REFERRAL_REVOKED : AUDIT_REFERRAL_STATE, rq->id, a->row.case_id,
                         str_from(act == REFERRAL_PROGRESS || act == REFERRAL_ADD ? referral_act_name(act)
                                  : referral_state_name(a->to)), &at);
    if (!e && act == REFERRAL_ACCEPT && a->row.transfer)
        e = open_transfer(a);
    if (!e && a->rekeys)
        e = case_rekey_make(rq, &a->case_path, act == REFERRAL_ACCEPT ? a->row.from : a->row.to, rq->id, &a->key);
    if (act == REFERRAL_REVOKE && a->rekeys && case_rekey_cannot(a->row.case_id, e)) {
        a->rekeys = false;
        e = OK;
    }
    if (act == REFERRAL_ACCEPT && e == ERR_FULL)
        e = ERR_CONFLICT;
    if (!e)
        e = act_seal(a, str_trim(text));
    if (!e)
        e = store_write(rq->sv->store, act_write, a);
    if (e && a->entry.sealed.n)
        keeper_unstored(rq->sv->keeper, &rq->token, rq->id, a->entry.id);
    if (e == ERR_NO_KEY && store_read(rq->sv->store, act_look, a) == ERR_CONFLICT)
        e = ERR_CONFLICT; // somebody else was first, and the key went with it
    if (e == ERR_CONFLICT)
        return conflict_show(a, out);
    if (e)
        return e;
    if (a->rekeys)
        case_rekey_settle(rq, &a->key);
    report_settle_soon(rq->sv);
    referral_ring(rq, &a->row, referral_by_sender(act) ? a->row.to : a->row.from);
    return OK;
}

static enum err with_reason(struct req *rq, enum referral_act act, const struct referral_act_in *in, struct referral_act_out *out)
{
    return act_run(rq, act, in->reason, STR(""), (struct id){0}, out);
}

static enum err with_text(struct req *rq, enum referral_act act, const struct referral_act_in *in, struct referral_act_out *out)
{
    return act_run(rq, act, in->text, STR(""), in->submission, out);
}

enum err referral_accept_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return act_run(rq, REFERRAL_ACCEPT, STR(""), STR(""), (struct id){0}, out);
}

enum err referral_decline_run(struct req *rq, const void *in, void *out)
{
    rq->then = "/referrals"; // its page is closed to who declined
    return with_reason(rq, REFERRAL_DECLINE, in, out);
}

enum err referral_ask_run(struct req *rq, const void *in, void *out)
{
    return with_text(rq, REFERRAL_ASK, in, out);
}

enum err referral_answer_run(struct req *rq, const void *in, void *out)
{
    return with_text(rq, REFERRAL_ANSWER, in, out);
}

enum err referral_progress_run(struct req *rq, const void *in, void *out)
{
    return with_text(rq, REFERRAL_PROGRESS, in, out);
}

enum err referral_add_run(struct req *rq, const void *in, void *out)
{
    return with_text(rq, REFERRAL_ADD, in, out);
}

enum err referral_return_run(struct req *rq, const void *in, void *out)
{
    return with_reason(rq, REFERRAL_RETURN, in, out);
}

enum err referral_revoke_run(struct req *rq, const void *in, void *out)
{
    return with_reason(rq, REFERRAL_REVOKE, in, out);
}

enum err referral_done_run(struct req *rq, const void *in_, void *out)
{
    const struct referral_act_in *in = in_;
    return act_run(rq, REFERRAL_FINISH, in->text, in->outcome, (struct id){0}, out);
}
