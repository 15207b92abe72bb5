// Retention's side of a report: which have ended, and how one is emptied and later forgotten. Emptied (shredded): every
// wrap of its key and every sealed byte is deleted, so nothing readable remains; what is left counts in figures.
#include <string.h>
#include "report/desk/desk.h"
#include "vault/audit.h"

#define DAY_US (86400 * INT64_C(1000000))

#define KEEP_OUT "ibbttiIIiI"
#define KEEP_COLUMNS "select r.seq, r.id, r.unit, r.state, r.category, r.received, r.shredded, (select max(s.at) from desk.step s where " \
    "s.report = r.id), (select count(*) from desk.case_report c where c.report = r.id), " \
    "(select max(m.sent) from desk.message m where m.thread = r.thread) from desk.report r "
DB_QUERY(keep_walk_sql, "iii", KEEP_OUT, KEEP_COLUMNS "where r.seq > $1 and r.received < $2 order by r.seq limit $3");
DB_QUERY(keep_one_sql, "b", KEEP_OUT, KEEP_COLUMNS "where r.id = $1");

DB_QUERY(shred_find_sql, "b", "ibIi", "select seq, thread, shredded, received from desk.report where id = $1");
DB_QUERY(shred_waits_sql, "i", "i", "select count(*) from desk.reply_due where report = $1");
DB_QUERY(shred_same_sql, "b", "", "update desk.report set same_as = null where same_as = $1");
DB_QUERY(shred_item_sql, "i", "b", "select item from desk.report_sealed where seq = $1");
DB_QUERY(shred_reply_sql, "b", "", "insert into desk.reply_gone (lookup) select lookup from desk.report where id = $1 and lookup is not "
                                   "null on conflict do nothing");
DB_QUERY(shred_stone_sql, "bib", "", "insert into desk.tombstone (id, day, item_hash) values ($1, $2, $3) on conflict do nothing");
DB_QUERY(shred_sealed_sql, "i", "", "delete from desk.report_sealed where seq = $1");
DB_QUERY(shred_units_sql, "bb", "", "delete from desk.unit_wrap where home = $1 or home = $2");
DB_QUERY(shred_children_sql, "bb", "", "delete from desk.child_wrap where child = $1 or child = $2");
DB_QUERY(shred_parents_sql, "bb", "", "delete from desk.child_wrap where parent = $1 or parent = $2");
DB_QUERY(shred_messages_sql, "b", "", "delete from desk.message where thread = $1");
DB_QUERY(shred_notes_sql, "b", "", "delete from desk.note where report = $1");
DB_QUERY(shred_answers_sql, "bb", "", "update desk.assessment set item = $2, kid = $2 where report = $1");
// thread and kids are of no use without wraps, and are overwritten all the same; the report's own id stands in for the thread.
DB_QUERY(shred_row_sql, "biib", "",
         "update desk.report set state = case when state in ('closed', 'duplicate', 'spam', 'withdrawn') then state else 'closed' end, lead = 1, "
         "shredded = $2, received = $3, kid = $4, thread = id, thread_kid = $4, lookup = null, tag_box = null, "
         "page_tag = null, host_tag = null, same_as = null, burst = null, county = null, taken_by = null, taken_at = null, unread_up = 0, climb_at = null, "
         "withdraw_asked = 0, second_waits = 0, message_due = null, message_climb_at = null "
         "where id = $1");

DB_QUERY(forget_steps_sql, "b", "", "delete from desk.step where report = $1");
DB_QUERY(forget_history_sql, "b", "", "delete from desk.history where report = $1");
DB_QUERY(forget_answers_sql, "b", "", "delete from desk.assessment where report = $1");
DB_QUERY(forget_handed_sql, "b", "", "delete from desk.handover_report where report = $1");
DB_QUERY(forget_bulk_sql, "b", "", "delete from desk.bulk_report where report = $1");
DB_QUERY(forget_flagged_sql, "b", "", "delete from desk.flagged where report = $1");
DB_QUERY(forget_moved_sql, "b", "", "delete from desk.report_moved where report = $1");
DB_QUERY(forget_row_sql, "b", "", "delete from desk.report where id = $1 and shredded is not null");

static enum err keep_read(struct arena *a, const struct db_rows *r, struct report_keep *out)
{
    *out = (struct report_keep){.seq = db_int(r, 0), .category = arena_str(a, db_str(r, 4)), .received = db_int(r, 5),
                                .shredded = db_null(r, 6) ? INT64_MIN : db_int(r, 6),
                                .since = db_null(r, 7) ? db_int(r, 5) : db_int(r, 7), .in_case = db_int(r, 8) > 0};
    if (!db_null(r, 9) && db_int(r, 9) > out->since) // a thread that is still written in has not ended
        out->since = db_int(r, 9);
    bool bad = id_from_bytes(db_str(r, 1), &out->id) || id_from_bytes(db_str(r, 2), &out->unit) ||
               report_state_read(db_str(r, 3), &out->state);
    return bad ? ERR_TAMPERED : OK;
}

enum err report_keep_db(struct db *db, struct arena *a, int64_t after, int64_t before, struct report_keep *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &keep_walk_sql, DB_ARGS(DB_I(after), DB_I(before), DB_I(max)), &r);
    if (e)
        return e;
    for (*n = 0; !e && *n < max && db_next(r);)
        e = keep_read(a, r, &out[(*n)++]);
    enum err done = db_done(&r);
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err report_keep_one_db(struct db *db, struct arena *a, struct id report, struct report_keep *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &keep_one_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    e = db_next(r) ? keep_read(a, r, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    return done ? done : e;
}

struct shredding { int64_t seq, received; struct id thread; bool done; };

static enum err shred_find(struct db *db, struct id report, struct shredding *s)
{
    struct db_rows *r;
    enum err e = db_query(db, &shred_find_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    if (!db_next(r))
        e = ERR_NOT_FOUND;
    else if (id_from_bytes(db_str(r, 1), &s->thread))
        e = ERR_TAMPERED;
    else {
        s->seq = db_int(r, 0);
        s->done = !db_null(r, 2);
        s->received = db_int(r, 3);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err report_hash_db(struct db *db, struct id report, uint8_t hash[32])
{
    struct shredding s;
    struct db_rows *r;
    enum err e = shred_find(db, report, &s);
    if (!e)
        e = db_query(db, &shred_item_sql, DB_ARGS(DB_I(s.seq)), &r);
    if (e)
        return e;
    if (db_next(r))
        audit_item_hash(hash, db_str(r, 0));
    else
        e = ERR_NOT_FOUND; // emptied before
    enum err done = db_done(&r);
    return done ? done : e;
}

// What reply has not been told yet would be told after it was made to forget.
static enum err shred_waits(struct db *db, int64_t seq)
{
    struct db_rows *r;
    enum err e = db_query(db, &shred_waits_sql, DB_ARGS(DB_I(seq)), &r);
    if (e)
        return e;
    bool waits = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : waits ? ERR_CONFLICT : OK;
}

enum err report_shred_ready_db(struct db *db, struct id report)
{
    struct shredding s;
    enum err e = shred_find(db, report, &s);
    return e || s.done ? e : shred_waits(db, s.seq);
}

enum err report_shred_db(struct db *db, struct id report, const uint8_t hash[32], int64_t now)
{
    static const struct str empty = {"", 0};
    struct shredding s;
    const int64_t day = now - now % DAY_US;
    enum err e = shred_find(db, report, &s);
    if (e || s.done)
        return e;
    e = shred_waits(db, s.seq);
    if (!e)
        e = report_followers_db(db, report, REPORT_TAKEN, now); // they cannot follow what is not there
    if (!e)
        e = db_exec(db, &shred_same_sql, DB_ARGS(DB_ID(report)), NULL);
    struct db_args both = DB_ARGS(DB_ID(report), DB_ID(s.thread));
    if (!e)
        e = db_exec(db, &shred_reply_sql, DB_ARGS(DB_ID(report)), NULL);
    if (!e)
        e = db_exec(db, &shred_stone_sql, DB_ARGS(DB_ID(report), DB_I(day), DB_B(((struct str){(const char *)hash, 32}))), NULL);
    if (!e)
        e = db_exec(db, &shred_sealed_sql, DB_ARGS(DB_I(s.seq)), NULL);
    if (!e)
        e = db_exec(db, &shred_units_sql, both, NULL);
    if (!e)
        e = db_exec(db, &shred_children_sql, both, NULL);
    if (!e)
        e = db_exec(db, &shred_parents_sql, both, NULL);
    if (!e)
        e = db_exec(db, &shred_messages_sql, DB_ARGS(DB_ID(s.thread)), NULL);
    if (!e)
        e = db_exec(db, &shred_notes_sql, DB_ARGS(DB_ID(report)), NULL);
    if (!e)
        e = db_exec(db, &shred_answers_sql, DB_ARGS(DB_ID(report), DB_B(empty)), NULL);
    bool counted = s.received <= now - REPORT_COUNTED_DAYS * DAY_US;
    int64_t received = counted ? s.received - s.received % DAY_US : s.received;
    return e ? e : db_exec(db, &shred_row_sql, DB_ARGS(DB_ID(report), DB_I(day), DB_I(received), DB_B(empty)), NULL);
}

enum err report_forget_db(struct db *db, struct id report)
{
    static const struct db_query *const all[] = {&forget_steps_sql, &forget_history_sql, &forget_answers_sql, &forget_handed_sql,
                                                 &forget_bulk_sql, &forget_flagged_sql, &forget_moved_sql};
    int64_t gone = 0;
    enum err e = db_exec(db, &forget_row_sql, DB_ARGS(DB_ID(report)), &gone);
    if (!e && gone == 0)
        e = ERR_CONFLICT; // not emptied, or not there
    for (size_t i = 0; i < sizeof all / sizeof *all && !e; i++)
        e = db_exec(db, all[i], DB_ARGS(DB_ID(report)), NULL);
    return e;
}
