// Search and counts over a referral's clear columns. The answers' times are those of the entries they left.
#include "exchange/counts.h"
#include "base/clock.h"

#define FOUND_COLUMNS "select r.seq, r.sent, r.urgency, r.id, r.from_unit, r.to_unit, r.state, r.kind, " REFERRAL_ERASED_SQL("r.kid") " from "
#define FOUND_OUT "iiibbbtti"
#define FIND(side) FOUND_COLUMNS "(select seq, sent from desk.referral where " side " = $1 and (sent, seq) < ($2, $3) and sent >= $4 " \
    "and ($5 = 0 or urgency = $5) and ($6 = '' or state = $6) order by sent desc, seq desc limit $7) f " \
    "join desk.referral r on r.seq = f.seq order by r.sent desc, r.seq desc"
DB_QUERY(referral_find_to_sql, "biiiiti", FOUND_OUT, FIND("to_unit"));
DB_QUERY(referral_find_from_sql, "biiiiti", FOUND_OUT, FIND("from_unit"));
DB_QUERY(referral_find_id_sql, "bbbi", FOUND_OUT, FOUND_COLUMNS "desk.referral r where r.id between $2 and $3 and "
         "(r.to_unit = $1 or r.from_unit = $1) order by r.id limit $4");
// What was counted and the list of it are one sentence. One that was erased before its day was counted has lost its answer: it is
// not called late. until: where the stretch ends, or where the page before did.
#define ANSWERED(until) "(select b.*, cast(case when answered <= due then 1 when answered is null and due > $8 then 2 else 0 end as bigint) as bucket from " \
    "(select r.*, c.category, coalesce(c.county, '') as county, r.sent + case r.urgency when 1 then $4 when 2 then $5 when 3 then $6 else $7 end as due, " \
    "(select min(i.at) from desk.case_item i where i.home = r.id and i.kind in ('accept', 'decline', 'ask')) as answered " \
    "from desk.referral r join desk.case_file c on c.id = r.case_id where r.from_unit = $1 and r.sent >= $2 and " until ") b " \
    "where (state <> 'revoked' and length(kid) > 0) or answered is not null) x"
#define POLICE(r) "exists (select 1 from desk.unit u join desk.institution i on i.id = u.institution where u.id = " r ".to_unit and i.type = 'police')"
#define TO_POLICE(until) "(select r.*, c.category, coalesce(c.county, '') as county, " \
    "cast(case when r.sent - (select min(p.received) from desk.case_report m join desk.report p on p.id = m.report " \
    "where m.case_id = r.case_id) <= 86400000000 then 1 else 0 end as bigint) as bucket " \
    "from desk.referral r join desk.case_file c on c.id = r.case_id where r.from_unit = $1 and r.sent >= $2 and " until " and " POLICE("r") \
    " and not exists (select 1 from desk.referral e where e.case_id = r.case_id and e.seq < r.seq and " POLICE("e") ")) x"
#define COUNTED "select from_unit, category, county, bucket, count(*) from "
#define BY_BUCKET " group by from_unit, category, county, bucket"
// $n on: the bucket, category, county, urgency, state, how many
#define LISTED(b, c, y, u, s, n) " where bucket = " b " and (" c " = '' or category = " c ") and (" y " = '' or county = " y ") and (" u " = 0 or urgency = " u ") " \
    "and (" s " = '' or state = " s ") order by sent desc, seq desc limit " n
#define LIST "select seq, sent, urgency, id, from_unit, to_unit, state, kind, " REFERRAL_ERASED_SQL("kid") " from "
DB_QUERY(referral_answered_sql, "biiiiiii", "bttii", COUNTED ANSWERED("r.sent < $3") BY_BUCKET);
DB_QUERY(referral_find_answered_sql, "biiiiiiiiittiti", FOUND_OUT,
         LIST ANSWERED("(r.sent, r.seq) < ($3, $9)") LISTED("$10", "$11", "$12", "$13", "$14", "$15"));
DB_QUERY(referral_police_sql, "bii", "bttii", COUNTED TO_POLICE("r.sent < $3") BY_BUCKET);
DB_QUERY(referral_find_police_sql, "biiiittiti", FOUND_OUT, LIST TO_POLICE("(r.sent, r.seq) < ($3, $4)") LISTED("$5", "$6", "$7", "$8", "$9", "$10"));
DB_QUERY(count_network_sql, "", "iii", "select count(*), "
         "count(case when exists (select 1 from desk.contact c join desk.person p on p.id = c.person join desk.member m on m.unit = c.unit and m.person = c.person "
         "where c.unit = u.id and c.place = 1 and p.disabled = 0) then 1 end), "
         "count(case when exists (select 1 from desk.protocol_accepted a where a.unit = u.id and a.version >= (select max(f.version) from desk.protocol_force f)) then 1 end) "
         "from desk.unit u where u.room in ('desk', 'exchange')");
DB_QUERY(referral_count_first_sql, "b", "I", "select min(sent) from desk.referral where from_unit = $1");

static enum err found_read(struct arena *a, struct db_rows **rows, struct id unit, struct found *out, size_t max, size_t *n)
{
    enum err e = OK;
    size_t count = 0;
    while (!e && count < max && db_next(*rows)) {
        struct db_rows *r = *rows;
        struct found *f = &out[count++];
        struct id from, to;
        *f = (struct found){.seq = db_int(r, 0), .at = db_int(r, 1), .urgency = db_int(r, 2), .state = arena_str(a, db_str(r, 6)), .erased = db_int(r, 8) != 0};
        if (id_from_bytes(db_str(r, 3), &f->id) || id_from_bytes(db_str(r, 4), &from) || id_from_bytes(db_str(r, 5), &to))
            e = ERR_TAMPERED;
        else {
            f->unit = unit;
            f->other = id_equal(from, unit) ? to : from;
        }
    }
    enum err done = db_done(rows);
    e = e ? e : done ? done : arena_failed(a) ? ERR_MEMORY : OK;
    if (!e)
        *n = count;
    return e;
}

enum err referral_find_db(struct db *db, struct arena *a, const struct find *f, bool received, struct found *out, size_t max, size_t *n)
{
    struct db_rows *rows;
    if (f->measure != MEASURE_NONE) { // of what was sent
        enum err e = f->measure == MEASURE_ANSWERED
            ? db_query(db, &referral_find_answered_sql,
                       DB_ARGS(DB_ID(f->unit), DB_I(f->from), DB_I(f->at), DB_I(f->answer[0]), DB_I(f->answer[1]),
                               DB_I(f->answer[2]), DB_I(f->answer[3]), DB_I(f->now), DB_I(f->seq), DB_I(!f->late),
                               DB_T(f->category), DB_T(f->county), DB_I(f->urgency), DB_T(f->state), DB_I(max)), &rows)
            : db_query(db, &referral_find_police_sql,
                       DB_ARGS(DB_ID(f->unit), DB_I(f->from), DB_I(f->at), DB_I(f->seq), DB_I(!f->late),
                               DB_T(f->category), DB_T(f->county), DB_I(f->urgency), DB_T(f->state), DB_I(max)), &rows);
        return e ? e : found_read(a, &rows, f->unit, out, max, n);
    }
    enum err e = db_query(db, received ? &referral_find_to_sql : &referral_find_from_sql,
                          DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency), DB_T(f->state), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, f->unit, out, max, n);
}

enum err referral_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out, size_t max,
                             size_t *n)
{
    struct db_rows *rows;
    enum err e = db_query(db, &referral_find_id_sql, DB_ARGS(DB_ID(unit), DB_ID(ids->first), DB_ID(ids->last), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, unit, out, max, n);
}

enum err referral_count_answered_db(struct db *db, const struct pack *p, struct id unit, int64_t from, int64_t to, int64_t now,
                                    count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &referral_answered_sql,
                          DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to), DB_I(pack_seconds(p, CLOCK_ANSWER_U1) * CLOCK_SECOND),
                                  DB_I(pack_seconds(p, CLOCK_ANSWER_U2) * CLOCK_SECOND), DB_I(pack_seconds(p, CLOCK_ANSWER_U3) * CLOCK_SECOND),
                                  DB_I(pack_seconds(p, CLOCK_ANSWER_U4) * CLOCK_SECOND), DB_I(now)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err referral_count_police_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &referral_police_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err referral_count_first_db(struct db *db, struct id unit, int64_t *out)
{
    return count_first(db, &referral_count_first_sql, unit, out);
}

enum err exchange_count_network_db(struct db *db, struct exchange_network *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &count_network_sql, DB_ARGS(), &r);
    if (e)
        return e;
    if (db_next(r))
        *out = (struct exchange_network){db_int(r, 0), db_int(r, 1), db_int(r, 2)};
    return db_done(&r);
}
