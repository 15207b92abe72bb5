// A referral's clear row, as the handlers read and write it.
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"

#define REFERRAL_COLUMNS "select r.seq, r.id, r.case_id, r.kind, r.from_unit, r.to_unit, r.purpose, r.ground, r.consent, r.urgency, " \
    "r.fields, r.state, r.sent, r.state_at, r.answer_due, r.outcome, r.version, r.elapsed, fu.name, fi.name, fi.name_en, tu.name, ti.name, ti.name_en, " \
    "r.untold, r.taken_back " \
    "from desk.referral r join desk.unit fu on fu.id = r.from_unit join desk.institution fi on fi.id = fu.institution " \
    "join desk.unit tu on tu.id = r.to_unit join desk.institution ti on ti.id = tu.institution "
#define REFERRAL_OUT "ibbtbbttiittiiiTiittttttiI"
#define REFERRAL_WALK " and r.state = $2 and (r.urgency, r.seq) > ($3, $4) order by r.urgency, r.seq limit $5"
DB_QUERY(referral_find_sql, "b", REFERRAL_OUT, REFERRAL_COLUMNS "where r.id = $1");
DB_QUERY(referral_to_sql, "btiii", REFERRAL_OUT, REFERRAL_COLUMNS "where r.to_unit = $1" REFERRAL_WALK);
DB_QUERY(referral_from_sql, "btiii", REFERRAL_OUT, REFERRAL_COLUMNS "where r.from_unit = $1" REFERRAL_WALK);
DB_QUERY(referral_case_sql, "bi", REFERRAL_OUT, REFERRAL_COLUMNS "where r.case_id = $1 order by r.seq limit $2");
DB_QUERY(referral_add_sql, "bbtbbttiittiiibiii", "",
         "insert into desk.referral (id, case_id, kind, from_unit, to_unit, purpose, ground, consent, urgency, fields, state, sent, "
         "state_at, answer_due, climbed, climb_at, outcome, kid, generation, version, elapsed, untold) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, -1, $12, null, $15, $16, 1, $17, $18)");
DB_QUERY(referral_state_sql, "bitTiiI", "", "update desk.referral set state = $3, outcome = $4, answer_due = $5, state_at = $6, "
         "climbed = -1, climb_at = $7, version = version + 1 where id = $1 and version = $2");
DB_QUERY(referral_lock_sql, "bb", "", "delete from desk.unit_wrap where home = $1 and unit = $2");
DB_QUERY(referral_taken_sql, "bi", "", "update desk.referral set taken_back = $2 where id = $1");
DB_QUERY(referral_aware_sql, "bi", "", "update desk.referral set untold = $2 where id = $1 and untold < $2");

int64_t referral_answer_due(const struct req *rq, int64_t urgency, bool elapsed)
{
    return exchange_answer_due(rq->sv->pack, urgency, elapsed, clock_minute(rq->now));
}

struct str exchange_unit_name(const struct req *rq, const struct db_rows *r, int col)
{
    struct str own = db_str(r, col), name = db_str(r, col + 1), name_en = db_str(r, col + 2);
    return arena_str(rq->arena, own.n ? own : str_equal_z(rq->lang_code, "en") && name_en.n ? name_en : name);
}

static enum err referral_row(struct req *rq, const struct db_rows *r, struct referral *out)
{
    struct arena *a = rq->arena;
    *out = (struct referral){
        .seq = db_int(r, 0), .transfer = str_equal_z(db_str(r, 3), "transfer"), .purpose = arena_str(a, db_str(r, 6)),
        .ground = arena_str(a, db_str(r, 7)), .consent = db_int(r, 8) != 0, .urgency = db_int(r, 9), .fields = arena_str(a, db_str(r, 10)),
        .sent = db_int(r, 12), .state_at = db_int(r, 13), .answer_due = db_int(r, 14), .outcome = arena_str(a, db_str(r, 15)),
        .version = db_int(r, 16), .elapsed = db_int(r, 17) != 0, .from_name = exchange_unit_name(rq, r, 18),
        .to_name = exchange_unit_name(rq, r, 21), .untold = db_int(r, 24), .taken_back = db_null(r, 25) ? INT64_MIN : db_int(r, 25),
    };
    if (id_from_bytes(db_str(r, 1), &out->id) || id_from_bytes(db_str(r, 2), &out->case_id) || id_from_bytes(db_str(r, 4), &out->from) ||
        id_from_bytes(db_str(r, 5), &out->to) || referral_state_read(db_str(r, 11), &out->state))
        return ERR_TAMPERED;
    out->to_me = person_of_unit(&rq->who, out->to);
    return arena_failed(a) ? ERR_MEMORY : OK;
}

static enum err find(struct db *db, struct req *rq, struct id id, struct referral *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &referral_find_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = db_next(r) ? referral_row(rq, r, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err referral_db(struct db *db, struct req *rq, struct id id, struct referral *out)
{
    struct referral found;
    enum err e = find(db, rq, id, &found);
    if (!e && !found.to_me && !person_of_unit(&rq->who, found.from))
        e = ERR_NOT_FOUND;
    if (!e)
        *out = found;
    return e;
}

enum err referral_of_case_db(struct db *db, struct req *rq, struct id case_id, struct id id, struct referral *out)
{
    struct referral found;
    enum err e = find(db, rq, id, &found);
    if (!e && !id_equal(found.case_id, case_id))
        e = ERR_NOT_FOUND;
    if (!e)
        *out = found;
    return e;
}

enum err referral_walk_db(struct db *db, struct req *rq, struct id unit, bool received, enum referral_state state, int64_t urgency,
                          int64_t seq, struct referral *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, received ? &referral_to_sql : &referral_from_sql,
                          DB_ARGS(DB_ID(unit), DB_T(str_from(referral_state_name(state))), DB_I(urgency), DB_I(seq), DB_I(max)), &r);
    if (e)
        return e;
    size_t count = 0;
    while (!e && count < max && db_next(r))
        e = referral_row(rq, r, &out[count++]);
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *n = count;
    return e;
}

enum err referral_add_db(struct db *db, const struct referral *r, const struct case_entry *first)
{
    return db_exec(db, &referral_add_sql,
                   DB_ARGS(DB_ID(r->id), DB_ID(r->case_id), DB_T(r->transfer ? STR("transfer") : STR("referral")), DB_ID(r->from),
                           DB_ID(r->to), DB_T(r->purpose), DB_T(r->ground), DB_I(r->consent), DB_I(r->urgency), DB_T(r->fields),
                           DB_T(str_from(referral_state_name(r->state))), DB_I(r->sent), DB_I(r->state_at), DB_I(r->answer_due),
                           DB_B(STR_BYTES(first->kid.b)), DB_I(first->generation), DB_I(r->elapsed), DB_I(r->untold)), NULL);
}

enum err referral_state_db(struct db *db, const struct referral *r, enum referral_state to, struct str outcome, int64_t answer_due,
                           int64_t now)
{
    int64_t changed = 0;
    bool waits = to == REFERRAL_SENT || to == REFERRAL_ASKED; // somebody else's turn: that unit's contact hears at once
    enum err e = db_exec(db, &referral_state_sql,
                         DB_ARGS(DB_ID(r->id), DB_I(r->version), DB_T(str_from(referral_state_name(to))), DB_T_OR_NULL(outcome),
                                 DB_I(answer_due), DB_I(to == r->state ? r->state_at : clock_minute(now)), waits ? DB_I(clock_minute(now)) : DB_NULL), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err referral_aware_db(struct db *db, struct id id, int64_t untold)
{
    return db_exec(db, &referral_aware_sql, DB_ARGS(DB_ID(id), DB_I(untold)), NULL);
}

bool referral_unaware(const struct referral *r, int64_t untold)
{
    return untold > r->untold && r->taken_back == INT64_MIN && (!r->transfer || r->state != REFERRAL_ACCEPTED);
}

enum err referral_lock_db(struct db *db, struct id home, struct id unit, int64_t now)
{
    enum err e = db_exec(db, &referral_taken_sql, DB_ARGS(DB_ID(home), DB_I(clock_minute(now))), NULL);
    return e ? e : db_exec(db, &referral_lock_sql, DB_ARGS(DB_ID(home), DB_ID(unit)), NULL);
}

enum err referral_case_db(struct db *db, struct req *rq, struct id case_id, struct referral *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &referral_case_sql, DB_ARGS(DB_ID(case_id), DB_I(max)), &r);
    if (e)
        return e;
    size_t count = 0;
    while (!e && count < max && db_next(r))
        e = referral_row(rq, r, &out[count++]);
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *n = count;
    return e;
}

static struct list act_facts(struct req *rq, const struct referral *r, const struct case_act *a)
{
    bool sent = str_equal_z(a->action, "referral_sent") || str_equal_z(a->action, "transfer_sent");
    bool done = str_equal_z(a->action, "referral_done") && r->outcome.n;
    struct case_fact *f = sent || done ? ARENA_NEW(rq->arena, struct case_fact) : NULL;
    if (!f)
        return (struct list){0};
    *f = sent ? (struct case_fact){text_get(rq->lang, MSG_EXCHANGE_PURPOSE), pack_label(rq->sv->pack, "referral_purpose", r->purpose, rq->lang)}
              : (struct case_fact){text_get(rq->lang, MSG_EXCHANGE_OUTCOME), pack_label(rq->sv->pack, "referral_outcome", r->outcome, rq->lang)};
    return (struct list){f, 1};
}

// Whose act of the sender it was for; who acts as receiver is named already.
static void act_tell(struct req *rq, const struct referral *r, struct case_act *a)
{
    char hex[ID_HEX];
    bool reads = req_may(rq, PERM_REFERRAL_READ) && r->taken_back == INT64_MIN;
    if (!id_equal(a->thing, r->id))
        return;
    a->whom = id_equal(a->unit, r->from) ? r->to_name : STR("");
    a->facts = act_facts(rq, r, a);
    if (person_of_unit(&rq->who, r->from) || (reads && r->to_me))
        a->link = arena_printf(rq->arena, "/referrals/%s", id_hex(r->id, hex));
}

enum err exchange_case_more(struct db *db, struct req *rq, struct id case_id, struct case_more *more)
{
    size_t all = 0;
    struct referral *row = arena_array(rq->arena, REFERRAL_CASE_MAX, sizeof *row);
    enum err e = row ? referral_case_db(db, rq, case_id, row, REFERRAL_CASE_MAX, &all) : ERR_MEMORY;
    int64_t untold = 0;
    if (!e)
        e = case_untold_db(db, case_id, &untold);
    struct case_referral *at = arena_array(rq->arena, all + 1, sizeof *at);
    if (e || !at)
        return e ? e : ERR_MEMORY;
    for (size_t i = 0; i < all; i++) {
        const struct referral r = row[i];
        bool waits = r.state == REFERRAL_SENT || r.state == REFERRAL_ASKED;
        at[i] = (struct case_referral){
            .id = r.id, .from = r.from, .to = r.to, .kind = r.transfer ? STR("transfer") : STR("referral"), .purpose = r.purpose,
            .state = str_from(referral_state_name(r.state)), .outcome = r.outcome, .sent_at = r.sent, .answer_due = r.answer_due,
            .to_name = r.to_name, .purpose_text = pack_label(rq->sv->pack, "referral_purpose", r.purpose, rq->lang),
            .state_text = text_get(rq->lang, exchange_state_message(r.state)), .due_text = waits ? req_time(rq, r.answer_due) : STR(""),
            .open = referral_holds(r.transfer, r.state), .mine = r.to_me || person_of_unit(&rq->who, r.from), .unaware = referral_unaware(&r, untold),
        };
        for (size_t k = 0; k < more->n; k++)
            act_tell(rq, &row[i], &more->act[k]);
    }
    more->referrals = (struct list){at, all};
    return OK;
}
