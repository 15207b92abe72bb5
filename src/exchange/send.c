// Sending: a new home with a copy of the chosen fields, sealed by the keeper for the case's own unit and the receiving one.
// The keeper refuses a unit that has not accepted the data-exchange protocol in force. A transfer carries the case's key
// for the new owner inside the sealed copy; it is put to use when the recipient accepts.
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"
#include "web/once.h"

DB_QUERY(referral_moving_sql, "b", "i", "select count(*) from desk.referral where case_id = $1 and kind = 'transfer' and state in ('sent', 'asked')");
DB_QUERY(referral_same_sql, "bbttt", "i", "select count(*) from desk.referral where case_id = $1 and to_unit = $2 and kind = $3 and purpose = $4 and fields = $5 "
         "and state in ('sent', 'asked')");

struct sending {
    struct req *rq;
    struct case_at at;
    struct keeper_path path;
    struct case_entry proof;          // an entry under the case's key: only that can have made it
    struct id to;
    int64_t untold;                   // case_untold_db
    bool known, moves;                // moves: a transfer
    bool again;                       // it was sent before, by the same submission
    bool same;                        // the unit has one like it that waits for its answer
    struct str to_name, to_type;      // of its institution: which template
    struct referral row;
    struct case_entry first;
    struct keeper_wrap wrap[2];
};

static enum err to_read(struct db *db, struct sending *s, struct id unit)
{
    enum err e = exchange_unit_db(db, s->rq, unit, &s->to_name, &s->to_type);
    s->known = !e && !id_equal(unit, s->at.owner);
    return e == ERR_NOT_FOUND ? OK : e;
}

// ── sending ──
// Whoever a case goes to need not assess: its reports would wait for their second person for ever.
static enum err verdict_check(struct req *rq, struct db *db, struct id case_id)
{
    bool waits = false;
    enum err e = case_verdict_waits_db(db, rq->arena, case_id, &waits);
    return e ? e : waits ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_VERDICT) : OK;
}

// Two transfers of a case at once would leave one that the new owner can neither see nor end. The table's index refuses what comes between.
static enum err moving_check(struct req *rq, struct db *db, struct id case_id)
{
    struct db_rows *r;
    enum err e = db_query(db, &referral_moving_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool moving = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : moving ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_MOVING) : OK;
}

// Another of the same waits for its answer: its receiver would have to find out that it is one. Once it is accepted, a case that
// grows may be shared anew.
static enum err same_look(struct db *db, struct sending *s)
{
    struct db_rows *r;
    const struct referral *n = &s->row;
    enum err e = db_query(db, &referral_same_sql,
                          DB_ARGS(DB_ID(n->case_id), DB_ID(n->to),
                                  DB_T(n->transfer ? STR("transfer") : STR("referral")), DB_T(n->purpose),
                                  DB_T(n->fields)), &r);
    if (e)
        return e;
    s->same = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

static enum err again_look(struct db *db, void *arg)
{
    struct sending *s = arg;
    struct referral before;
    enum err e = referral_db(db, s->rq, s->row.id, &before);
    s->again = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err send_look(struct db *db, void *arg)
{
    struct sending *s = arg;
    struct req *rq = s->rq;
    enum err e = again_look(db, s);
    if (e || s->again)
        return e;
    e = case_at_db(db, rq->arena, &rq->who, rq->id, &s->at);
    struct person side = rq->who; // the owner's way, not that of another unit of the same person
    side.n_units = 1;
    side.units[0] = s->at.owner;
    if (!e && !person_of_unit(&rq->who, s->at.owner))
        e = ERR_FORBIDDEN;
    if (!e)
        e = case_path_db(db, rq->arena, &side, rq->id, &s->path);
    if (!e)
        e = case_entry_proof_db(db, rq->arena, rq->id, RECORD_CASE, s->at.generation, &s->proof);
    if (!e)
        e = case_untold_db(db, rq->id, &s->untold);
    if (!e && s->moves)
        e = moving_check(rq, db, rq->id);
    if (!e && s->moves)
        e = verdict_check(rq, db, rq->id);
    if (!e)
        e = same_look(db, s);
    return e ? e : to_read(db, s, s->to);
}

static enum err send_write(struct db *db, void *arg)
{
    struct sending *s = arg;
    const struct req *rq = s->rq;
    struct case_at now_at; // closed or handed over meanwhile?
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &now_at);
    if (!e && (now_at.state == CASE_CLOSED || !id_equal(now_at.owner, s->at.owner)))
        e = ERR_CONFLICT;
    if (!e && s->moves)
        e = verdict_check(s->rq, db, rq->id);
    if (!e)
        e = same_look(db, s);
    if (!e && s->same)
        e = ERR_CONFLICT;
    if (!e)
        e = referral_add_db(db, &s->row, &s->first);
    if (!e)
        e = case_wrap_db(db, s->row.id, s->row.from, 0, &s->wrap[0]);
    if (!e)
        e = case_wrap_db(db, s->row.id, s->row.to, 0, &s->wrap[1]);
    if (!e)
        e = case_entry_db(db, &s->first);
    if (!e)
        e = case_hold_db(db, rq->id, TRACK_REFERRAL, s->row.id, true, rq->now);
    if (!e)
        e = case_history_db(db, rq->id, rq->who.id, s->row.from, s->row.transfer ? "transfer_sent" : "referral_sent", s->row.id, rq->now);
    return e ? e : case_step_db(db, rq->sv->pack, rq->id, STEP_HELP_ASKED, rq->now);
}

static uint16_t ground_number(const struct req *rq, struct str ground) // its place in the pack's list, from 1
{
    for (size_t i = 0; i < UINT16_MAX; i++) {
        struct str at = pack_list_at(rq->sv->pack, "legal_ground", i);
        if (!at.n)
            return 0;
        if (str_equal(at, ground))
            return (uint16_t)(i + 1);
    }
    return 0;
}

// The case's key for the new owner. The keeper wants to see an entry of the case.
static enum err grant(struct sending *s, struct referral_content *c)
{
    struct req *rq = s->rq;
    struct keeper_item item = {.sealed = s->proof.sealed};
    case_entry_ad(&item.ad, &s->proof);
    c->has_wrap = true;
    c->wrap_generation = s->at.generation;
    return keeper_grant(rq->sv->keeper, &rq->token, &s->path, &item, s->row.to, ground_number(rq, s->row.ground), s->row.id, &c->wrap);
}

static enum err seal(struct sending *s, const struct referral_content *c)
{
    struct req *rq = s->rq;
    struct record_ad ad;
    struct buf plain, sealed;
    const struct id units[2] = {s->row.from, s->row.to};
    buf_init_secret(&plain, CASE_ENTRY_BYTES_MAX);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    s->first = (struct case_entry){.type = RECORD_REFERRAL, .home = s->row.id, .seq = 1, .kind = STR("sent"), .thing = s->row.id};
    case_entry_begin(rq, s->row.from, &s->first);
    case_entry_ad(&ad, &s->first);
    enum err e = referral_content_write(&plain, &s->row, c);
    if (!e)
        e = keeper_seal_home(rq->sv->keeper, &rq->token, &ad, buf_str(&plain), units, 2, &sealed, s->wrap);
    s->first.kid = ad.kid;
    s->first.sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&plain);
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static struct str names_joined(struct req *rq, const struct list *names)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < names->n; i++) {
        buf_put_z(&b, i ? "," : "");
        buf_put(&b, ((const struct str *)names->at)[i]);
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err exchange_consent_check(struct req *rq, struct str ground, bool consent, bool reason)
{
    if (!consent && str_equal_z(ground, "consent"))
        return req_refuse(rq, "ground", MSG_EXCHANGE_REFUSED_GROUND);
    return consent || reason ? OK : req_refuse_number(rq, "reason", MSG_EXCHANGE_REFUSED_CONSENT, STR_WHY_MIN);
}

static enum err send_checks(struct req *rq, const struct referral_send_in *in)
{
    if (in->kind.n && !str_equal_z(in->kind, "referral") && !str_equal_z(in->kind, "transfer"))
        return req_refuse(rq, "kind", MSG_WEB_FIELD_CHOICE);
    return exchange_consent_check(rq, in->ground, in->consent, str_says_why(in->reason) || str_says_why(in->note));
}

// Names of what is shared beyond the template's minimum, a comma between: they need a reason, and stand in the audit. Of a
// program, which has no second field to fill before it knows the template, the note or reason may hold it.
static enum err more_checks(struct sending *s, const struct referral_send_in *in, struct buf *more)
{
    struct req *rq = s->rq;
    const struct pack_template *t = pack_template(rq->sv->pack, in->purpose, s->to_type);
    const struct str *names = in->fields.at;
    for (size_t i = 0; i < in->fields.n; i++)
        if (!referral_in_template(t, names[i])) {
            buf_put_z(more, more->n ? "," : "");
            buf_put(more, names[i]);
        }
    bool said = str_says_why(in->more_reason) || (rq->json && (str_says_why(in->reason) || str_says_why(in->note)));
    return more->n && !said ? req_refuse_number(rq, "more_reason", MSG_EXCHANGE_REFUSED_MORE, STR_WHY_MIN) : OK;
}

// Whoever receives it sees the urgency alone: it is not lowered in passing.
static enum err urgency_check(const struct sending *s, const struct referral_send_in *in)
{
    bool lower = in->urgency > s->at.urgency; // U4 is the least
    return !lower || str_says_why(in->urgency_reason) ? OK
           : req_refuse_number(s->rq, "urgency_reason", MSG_EXCHANGE_REFUSED_URGENCY, STR_WHY_MIN);
}

#define MORE_SHOWN 150 // bytes of names in the audit's detail; how many there are in all is always told

static enum err send_audit(struct sending *s, struct str more)
{
    struct req *rq = s->rq;
    struct keeper_audit_at entry;
    char detail[250];
    size_t n = more.n > 0;
    for (size_t i = 0; i < more.n; i++)
        n += more.at[i] == ',';
    snprintf(detail, sizeof detail, "%s %s, urgency U%d of U%d, ground %u, beyond the template %zu: %.*s", s->row.transfer ? "transfer" : "referral",
             s->row.consent ? "with consent" : "without consent", (int)s->row.urgency, (int)s->at.urgency, ground_number(rq, s->row.ground), n,
             STR_ARG(str_slice(more, 0, MORE_SHOWN)));
    return keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REFERRAL, s->row.id, rq->id, str_from(detail), &entry);
}

static enum err send_sealed(struct sending *s, const struct referral_send_in *in, struct str more)
{
    struct req *rq = s->rq;
    struct referral_content c = {.note = str_trim(in->note), .reason = str_trim(in->reason), .more_reason = str_trim(in->more_reason),
                                  .urgency_reason = in->urgency > s->at.urgency ? str_trim(in->urgency_reason) : STR(""),
                                  .untold = s->untold > 0};
    enum err e = send_audit(s, more);
    if (!e)
        e = referral_copy(rq, &s->path, rq->id, s->at.number, &in->fields, &c.values);
    if (!e && s->row.transfer)
        e = grant(s, &c);
    if (!e)
        e = seal(s, &c);
    if (e == ERR_TOO_LARGE)
        return req_refuse(rq, "fields", MSG_EXCHANGE_REFUSED_LARGE);
    return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_NOT_AGREED) : e;
}

// What is sent, as far as the form says it; the case adds the rest.
static void row_begin(struct sending *s, const struct referral_send_in *in)
{
    struct req *rq = s->rq;
    struct str fields = names_joined(rq, &in->fields);
    const struct str said[] = {STR("referral"), id_bytes(&in->unit), in->kind, in->purpose, in->ground, fields,
                               in->note, in->reason, in->more_reason, in->urgency_reason,
                               in->consent ? STR("1") : STR("0"), arena_printf(rq->arena, "%d", (int)in->urgency)};
    s->row = (struct referral){
        .id = once_id(rq, in->submission, said, sizeof said / sizeof *said), .case_id = rq->id, .to = in->unit,
        .transfer = str_equal_z(in->kind, "transfer"),
        .consent = in->consent, .state = REFERRAL_SENT, .purpose = in->purpose, .ground = in->ground, .fields = fields,
        .sent = clock_minute(rq->now), .state_at = clock_minute(rq->now), .taken_back = INT64_MIN,
    };
}

static void row_finish(struct sending *s, const struct referral_send_in *in)
{
    struct req *rq = s->rq;
    struct referral *r = &s->row;
    const struct pack_category *category = pack_category(rq->sv->pack, s->at.category);
    r->from = s->at.owner;
    r->urgency = in->urgency ? in->urgency : s->at.urgency;
    r->elapsed = !category || category->sexual; // nothing sexual waits for a working day; nor what the pack no longer knows
    r->answer_due = referral_answer_due(rq, r->urgency, r->elapsed);
    r->untold = s->untold;
}

static enum err send_new(struct sending *s, const struct referral_send_in *in)
{
    struct req *rq = s->rq;
    struct buf more;
    if (!s->known)
        return req_refuse(rq, "unit", MSG_EXCHANGE_REFUSED_UNIT);
    if (s->at.state == CASE_CLOSED)
        return req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_CASE_CLOSED);
    buf_init(&more, 4096);
    enum err e = more_checks(s, in, &more);
    struct str beyond = arena_str(rq->arena, buf_str(&more));
    buf_free(&more);
    if (!e)
        e = urgency_check(s, in);
    if (!e && s->same)
        e = req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_SAME);
    if (e)
        return e;
    row_finish(s, in);
    e = send_sealed(s, in, beyond);
    if (e)
        return e;
    e = store_write(rq->sv->store, send_write, s);
    if (e)
        keeper_unstored(rq->sv->keeper, &rq->token, s->row.id, s->first.id);
    if (e == ERR_CONFLICT) { // perhaps of the same, sent twice at once
        enum err looked = store_read(rq->sv->store, again_look, s);
        e = looked ? looked : s->again ? OK : e;
    }
    if (e == ERR_CONFLICT)
        return rq->notice.n ? e : req_notice(rq, e, s->same ? MSG_EXCHANGE_SAME : s->moves ? MSG_EXCHANGE_MOVED : MSG_EXCHANGE_CASE_CLOSED);
    if (!e) {
        report_settle_soon(rq->sv);
        referral_ring(rq, &s->row, s->row.to);
    }
    return e;
}

static enum err send_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_send_in *in = in_;
    struct referral_send_out *out = out_;
    struct sending *s = ARENA_NEW(rq->arena, struct sending);
    char hex[ID_HEX];
    if (!s)
        return ERR_MEMORY;
    *s = (struct sending){.rq = rq, .to = in->unit, .moves = str_equal_z(in->kind, "transfer")};
    enum err e = rq->json ? OK : referral_form_show(rq, in, false, out);
    if (!e)
        e = send_checks(rq, in);
    if (e)
        return e;
    row_begin(s, in);
    e = arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, send_look, s);
    if (!e && !s->again)
        e = send_new(s, in);
    out->id = s->row.id;
    struct str then = arena_printf(rq->arena, "/referrals/%s", id_hex(s->row.id, hex));
    rq->then = then.at;
    return e ? e : then.at ? OK : ERR_MEMORY;
}

// The form that is shown again still says who must not be told.
enum err referral_send_run(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = send_run(rq, in, out);
    if (rq->json || (e != ERR_INVALID && e != ERR_CONFLICT))
        return e;
    enum err shown = exchange_untold(rq, rq->id, &out->untold);
    return shown == ERR_MEMORY ? shown : e;
}
