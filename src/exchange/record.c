// A referral's clear row, as the handlers read and write it.
#include <string.h>
#include "base/clock.h"
#include "exchange/counts.h"
#include "exchange/handlers.h"

#define REFERRAL_COLUMNS "select r.seq, r.id, r.case_id, r.kind, r.from_unit, r.to_unit, r.purpose, r.ground, r.consent, r.urgency, " \
    "r.fields, r.state, r.sent, r.state_at, r.answer_due, r.outcome, r.version, r.elapsed, fu.name, fi.name, fi.name_en, tu.name, ti.name, ti.name_en, " \
    "r.untold, r.taken_back, r.news_from, r.news_to, " REFERRAL_ERASED_SQL("r.kid") " " \
    "from desk.referral r join desk.unit fu on fu.id = r.from_unit join desk.institution fi on fi.id = fu.institution " \
    "join desk.unit tu on tu.id = r.to_unit join desk.institution ti on ti.id = tu.institution "
#define REFERRAL_OUT "ibbtbbttiittiiiTiittttttiIiii"
#define REFERRAL_WALK " and r.state = $2 and (r.urgency, r.seq) > ($3, $4) and ($5 = 0 or r.kind = 'referral') order by r.urgency, r.seq limit $6"
DB_QUERY(referral_find_sql, "b", REFERRAL_OUT, REFERRAL_COLUMNS "where r.id = $1");
DB_QUERY(referral_to_sql, "btiiii", REFERRAL_OUT, REFERRAL_COLUMNS "where r.to_unit = $1" REFERRAL_WALK);
DB_QUERY(referral_from_sql, "btiiii", REFERRAL_OUT, REFERRAL_COLUMNS "where r.from_unit = $1" REFERRAL_WALK);
DB_QUERY(referral_case_sql, "bi", REFERRAL_OUT, REFERRAL_COLUMNS "where r.case_id = $1 order by r.seq limit $2");
DB_QUERY(referral_add_sql, "bbtbbttiittiiibiii", "",
         "insert into desk.referral (id, case_id, kind, from_unit, to_unit, purpose, ground, consent, urgency, fields, state, sent, "
         "state_at, answer_due, climbed, climb_at, outcome, kid, generation, version, elapsed, untold, news_to) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, -1, $12, null, $15, $16, 1, $17, $18, 2)"); // 2: the clock tells of it
DB_QUERY(referral_turn_sql, "bitTiiiii", "", "update desk.referral set state = $3, outcome = $4, answer_due = $5, state_at = $6, "
         "climbed = case when $7 = -1 then climbed else -1 end, climb_at = case $7 when -1 then climb_at when 0 then null else $7 end, "
         "news_from = case when $8 = -1 or ($8 = 1 and news_from = 2) then news_from else $8 end, "
         "news_to = case when $9 = -1 or ($9 = 1 and news_to = 2) then news_to else $9 end, " // told is told, until it is opened
         "version = version + 1 where id = $1 and version = $2");
DB_QUERY(referral_seen_sql, "biii", "", "update desk.referral set news_from = case when $2 = 1 then 0 else news_from end, "
         "news_to = case when $3 = 1 then 0 else news_to end where id = $1 and version = $4"); // what came meanwhile is still new
#define NEWS_COUNT(side) "select count(*) from (select 1 from desk.referral where " side "_unit = $1 and news_" side " > 0 limit $2) as x"
DB_QUERY(referral_news_from_sql, "bi", "i", NEWS_COUNT("from"));
DB_QUERY(referral_news_to_sql, "bi", "i", NEWS_COUNT("to"));
#define NEWS_WALK(side) "where r." side "_unit = $1 and r.news_" side " > 0 and (r.urgency, r.seq) > ($2, $3) order by r.urgency, r.seq limit $4"
DB_QUERY(referral_news_walk_from_sql, "biii", REFERRAL_OUT, REFERRAL_COLUMNS NEWS_WALK("from"));
DB_QUERY(referral_news_walk_to_sql, "biii", REFERRAL_OUT, REFERRAL_COLUMNS NEWS_WALK("to"));
#define STATE_COUNT(side) "select count(*) from (select 1 from desk.referral where " side "_unit = $1 and state = $2 limit $3) as x"
DB_QUERY(referral_count_from_sql, "bti", "i", STATE_COUNT("from"));
DB_QUERY(referral_count_to_sql, "bti", "i", STATE_COUNT("to"));
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
        .erased = db_int(r, 28) != 0,
    };
    if (id_from_bytes(db_str(r, 1), &out->id) || id_from_bytes(db_str(r, 2), &out->case_id) || id_from_bytes(db_str(r, 4), &out->from) ||
        id_from_bytes(db_str(r, 5), &out->to) || referral_state_read(db_str(r, 11), &out->state))
        return ERR_TAMPERED;
    out->to_me = person_of_unit(&rq->who, out->to);
    out->news = (out->to_me && db_int(r, 27) > 0) || (db_int(r, 26) > 0 && person_of_unit(&rq->who, out->from));
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

static enum err rows_read(struct req *rq, struct db_rows *r, struct referral *out, size_t max, size_t *n)
{
    size_t count = 0;
    enum err e = OK;
    while (!e && count < max && db_next(r))
        e = referral_row(rq, r, &out[count++]);
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *n = count;
    return e;
}

enum err referral_walk_db(struct db *db, struct req *rq, struct id unit, bool received, enum referral_state state, bool owed, int64_t urgency,
                          int64_t seq, struct referral *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, received ? &referral_to_sql : &referral_from_sql,
                          DB_ARGS(DB_ID(unit), DB_T(str_from(referral_state_name(state))), DB_I(urgency), DB_I(seq), DB_I(owed), DB_I(max)), &r);
    return e ? e : rows_read(rq, r, out, max, n);
}

enum err referral_news_walk_db(struct db *db, struct req *rq, struct id unit, bool received, int64_t urgency, int64_t seq,
                               struct referral *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, received ? &referral_news_walk_to_sql : &referral_news_walk_from_sql,
                          DB_ARGS(DB_ID(unit), DB_I(urgency), DB_I(seq), DB_I(max)), &r);
    return e ? e : rows_read(rq, r, out, max, n);
}

enum err referral_add_db(struct db *db, const struct referral *r, const struct case_entry *first)
{
    return db_exec(db, &referral_add_sql,
                   DB_ARGS(DB_ID(r->id), DB_ID(r->case_id), DB_T(r->transfer ? STR("transfer") : STR("referral")), DB_ID(r->from),
                           DB_ID(r->to), DB_T(r->purpose), DB_T(r->ground), DB_I(r->consent), DB_I(r->urgency), DB_T(r->fields),
                           DB_T(str_from(referral_state_name(r->state))), DB_I(r->sent), DB_I(r->state_at), DB_I(r->answer_due),
                           DB_B(STR_BYTES(first->kid.b)), DB_I(first->generation), DB_I(r->elapsed), DB_I(r->untold)), NULL);
}

enum err referral_turn_db(struct db *db, const struct referral *r, const struct referral_turn *t, int64_t now)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &referral_turn_sql,
                         DB_ARGS(DB_ID(r->id), DB_I(r->version), DB_T(str_from(referral_state_name(t->to))),
                                 DB_T_OR_NULL(t->outcome), DB_I(t->answer_due),
                                 DB_I(t->to == r->state ? r->state_at : clock_minute(now)), DB_I(t->climb_at),
                                 DB_I(t->news_from), DB_I(t->news_to)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err referral_seen_db(struct db *db, const struct req *rq, const struct referral *r)
{
    return r->news ? db_exec(db, &referral_seen_sql, DB_ARGS(DB_ID(r->id), DB_I(person_of_unit(&rq->who, r->from)),
                                                             DB_I(r->to_me), DB_I(r->version)), NULL) : OK;
}

static enum err count(struct db *db, const struct db_query *q, struct db_args args, int64_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    *n += db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

enum err referral_news_db(struct db *db, const struct person *who, int64_t *n)
{
    enum err e = OK;
    *n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        e = count(db, &referral_news_from_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(REFERRAL_COUNT_MAX)), n);
        e = e ? e : count(db, &referral_news_to_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(REFERRAL_COUNT_MAX)), n);
    }
    return e;
}

struct waiting { const struct person *who; int64_t n; };

static enum err waits_db(struct db *db, void *arg)
{
    struct waiting *w = arg;
    return referral_news_db(db, w->who, &w->n);
}

void exchange_waits_fill(struct req *rq)
{
    struct waiting w = {.who = &rq->who};
    if (rq->nav.referrals && !store_read(rq->sv->store, waits_db, &w)) // a page is shown without the number too
        rq->nav.referral_news = w.n;
}

enum err referral_count_state_db(struct db *db, struct id unit, bool received, enum referral_state state, int64_t *n)
{
    return count(db, received ? &referral_count_to_sql : &referral_count_from_sql,
                 DB_ARGS(DB_ID(unit), DB_T(str_from(referral_state_name(state))), DB_I(REFERRAL_COUNT_MAX)), n);
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
    return e ? e : rows_read(rq, r, out, max, n);
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
        bool waits = referral_holds(r.transfer, r.state);
        at[i] = (struct case_referral){
            .id = r.id, .from = r.from, .to = r.to, .kind = r.transfer ? STR("transfer") : STR("referral"), .purpose = r.purpose,
            .state = str_from(referral_state_name(r.state)), .outcome = r.outcome, .sent_at = r.sent, .answer_due = r.answer_due,
            .to_name = r.to_name, .purpose_text = pack_label(rq->sv->pack, "referral_purpose", r.purpose, rq->lang),
            .state_text = text_get(rq->lang, exchange_state_message(r.state)), .due_text = waits ? req_time(rq, r.answer_due) : STR(""),
            .open = referral_holds(r.transfer, r.state), .works = r.state == REFERRAL_ACCEPTED,
            .mine = r.to_me || person_of_unit(&rq->who, r.from), .unaware = referral_unaware(&r, untold),
        };
        for (size_t k = 0; k < more->n; k++)
            act_tell(rq, &row[i], &more->act[k]);
    }
    more->referrals = (struct list){at, all};
    return OK;
}
