// Steps of a report's life: one place where its state changes, so that the table of states, the step that the reporter
// sees, the lead of a burst and what reply lacks always move together.
#include "base/clock.h"
#include "report/desk/desk.h"

DB_QUERY(report_at_one_sql, "b", "iiitbBBi", "select seq, rank, lead, state, unit, taken_by, burst, " REPORT_LEFT_SQL " from desk.report "
         "where id = $1 and shredded is null"); // without keys it is nobody's to work on
DB_QUERY(report_state_set_sql, "itBIi", "", "update desk.report set state = $2, lead = 1, taken_by = $3, taken_at = $4, climbed = 0, "
         "withdraw_asked = case when $2 in ('withdrawn', 'closed') then 0 else withdraw_asked end, same_as = case when $2 = 'closed' then same_as else null end, "
         "climb_at = case when $5 = 1 then take_due else null end where seq = $1");
#define FOLLOWERS " from desk.report r where r.same_as = $1 and r.state = $2 and r.shredded is null" // $2: where they are now
DB_QUERY(report_same_sql, "ib", "", "update desk.report set same_as = $2 where seq = $1");
DB_QUERY(report_followers_pass_sql, "bb", "", "update desk.report set same_as = $2 where same_as = $1 and state = 'duplicate'");
DB_QUERY(report_followers_step_sql, "btti", "", "insert into desk.step (report, seq, code, at) select r.id, (select coalesce(max(s.seq), 0) + 1 "
         "from desk.step s where s.report = r.id), $3, $4" FOLLOWERS);
DB_QUERY(report_followers_due_sql, "bt", "", "insert into desk.reply_due (report) select r.seq" FOLLOWERS);
DB_QUERY(report_followers_history_sql, "btit", "", "insert into desk.history (report, at, action) select r.id, $3, $4" FOLLOWERS);
// One that is taken again has as long as it had at first: act_due counts from when it came.
#define FOLLOWERS_DUE "case when $3 = 'taken' then $4 + case when act_due > received then act_due - received else 0 end else "
DB_QUERY(report_followers_state_sql, "btti", "", "update desk.report set state = $3, same_as = case when $3 = 'taken' then null else same_as end, "
         "withdraw_asked = case when $3 = 'closed' then 0 else withdraw_asked end, climbed = 0, act_due = " FOLLOWERS_DUE "act_due end, "
         "climb_at = " FOLLOWERS_DUE "null end where same_as = $1 and state = $2 and shredded is null");
DB_QUERY(report_holder_set_sql, "ibi", "", "update desk.report set taken_by = $2, taken_at = $3 where seq = $1");
DB_QUERY(report_act_due_sql, "ii", "", "update desk.report set act_due = $2, climb_at = $2, climbed = 0 where seq = $1");
DB_QUERY(report_step_insert_sql, "bti", "", "insert into desk.step (report, seq, code, at) "
         "select $1, coalesce(max(seq), 0) + 1, $2, $3 from desk.step where report = $1");
DB_QUERY(report_due_insert_sql, "iB", "", "insert into desk.reply_due (report, message) values ($1, $2)");
DB_QUERY(report_history_insert_sql, "biBt", "", "insert into desk.history (report, at, person, action) values ($1, $2, $3, $4)");
DB_QUERY(report_lead_next_sql, "bbiii", "i", "select seq from desk.report where burst = $1 and unit = $2 and state = 'new' "
         "and rank = $3 and seq <> $4 order by seq limit $5");
DB_QUERY(report_lead_set_sql, "i", "", "update desk.report set lead = 1 where seq = $1");

enum err report_at_db(struct db *db, struct id report, const struct id *units, size_t n, struct report_at *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &report_at_one_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    struct report_at at = {0};
    bool mine = false;
    if (db_next(r)) {
        at = (struct report_at){.seq = db_int(r, 0), .rank = db_int(r, 1), .lead = db_int(r, 2)};
        struct str burst = db_str(r, 6);
        e = report_state_read(db_str(r, 3), &at.state);
        if (!e)
            e = id_from_bytes(db_str(r, 4), &at.unit);
        at.left = db_int(r, 7) != 0;
        if (!e && !db_null(r, 5) && !at.left)
            e = id_from_bytes(db_str(r, 5), &at.taken_by);
        at.in_burst = burst.n == sizeof at.burst;
        for (size_t i = 0; at.in_burst && i < sizeof at.burst; i++)
            at.burst[i] = (uint8_t)burst.at[i];
        for (size_t i = 0; i < n; i++)
            mine = mine || id_equal(units[i], at.unit);
    }
    enum err done = db_done(&r);
    if (done)
        return done;
    if (e)
        return ERR_TAMPERED;
    if (!mine)
        return ERR_NOT_FOUND;
    *out = at;
    return OK;
}

enum err report_lead_pass_db(struct db *db, const struct report_at *at)
{
    if (!at->in_burst || !at->lead || at->state != REPORT_NEW)
        return OK;
    struct db_rows *r;
    enum err e = db_query(db, &report_lead_next_sql,
                          DB_ARGS(DB_B(STR_BYTES(at->burst)), DB_ID(at->unit), DB_I(at->rank), DB_I(at->seq), DB_I(1)), &r);
    if (e)
        return e;
    int64_t next = db_next(r) ? db_int(r, 0) : 0;
    e = db_done(&r);
    if (e || next == 0)
        return e;
    return db_exec(db, &report_lead_set_sql, DB_ARGS(DB_I(next)), NULL);
}

enum err report_reply_due_db(struct db *db, int64_t seq, const struct id *message)
{
    return db_exec(db, &report_due_insert_sql, DB_ARGS(DB_I(seq), message ? DB_ID(*message) : DB_NULL), NULL);
}

enum err report_history_db(struct db *db, struct id report, struct id person, const char *action, int64_t now)
{
    return db_exec(db, &report_history_insert_sql, DB_ARGS(DB_ID(report), DB_I(now), id_zero(person) ? DB_NULL : DB_ID(person),
                                                       DB_T(str_from(action))), NULL);
}

enum err report_followers_db(struct db *db, struct id report, enum report_state to, int64_t now)
{
    const struct db_val id = DB_ID(report), from = DB_T(str_from(report_state_name(to == REPORT_DUPLICATE ? REPORT_CLOSED : REPORT_DUPLICATE)));
    struct str code = str_from(report_state_name(to));
    enum err e = db_exec(db, &report_followers_step_sql, DB_ARGS(id, from, DB_T(code), DB_I(clock_minute(now))), NULL);
    e = e ? e : db_exec(db, &report_followers_due_sql, DB_ARGS(id, from), NULL);
    e = e ? e : db_exec(db, &report_followers_history_sql, DB_ARGS(id, from, DB_I(now), DB_T(to == REPORT_TAKEN ? STR("reopened") : code)), NULL);
    return e ? e : db_exec(db, &report_followers_state_sql, DB_ARGS(id, from, DB_T(code), DB_I(now)), NULL);
}

enum err report_same_db(struct db *db, struct id report, int64_t seq, struct id of)
{
    enum err e = db_exec(db, &report_followers_pass_sql, DB_ARGS(DB_ID(report), DB_ID(of)), NULL);
    return e ? e : db_exec(db, &report_same_sql, DB_ARGS(DB_I(seq), DB_ID(of)), NULL);
}

enum err report_state_db(struct db *db, struct id report, const struct report_at *at, enum report_state to, struct id taken_by,
                         int64_t now)
{
    if (!report_state_may(at->state, to))
        return ERR_CONFLICT;
    struct str code = str_from(report_state_name(to));
    bool held = !id_zero(taken_by);
    enum err e = report_lead_pass_db(db, at);
    if (!e)
        e = db_exec(db, &report_state_set_sql, DB_ARGS(DB_I(at->seq), DB_T(code), held ? DB_ID(taken_by) : DB_NULL,
                                                   held ? DB_I(now) : DB_NULL, DB_I(to == REPORT_NEW)), NULL);
    if (!e && (to == REPORT_CLOSED || to == REPORT_SPAM || to == REPORT_WITHDRAWN))
        e = report_followers_db(db, report, to == REPORT_CLOSED ? REPORT_CLOSED : REPORT_TAKEN, now);
    if (!e && at->state == REPORT_CLOSED && report_state_open(to))
        e = report_followers_db(db, report, REPORT_DUPLICATE, now);
    return e ? e : report_step_code_db(db, report, at, code, now);
}

enum err report_step_code_db(struct db *db, struct id report, const struct report_at *at, struct str code, int64_t now)
{
    enum err e = db_exec(db, &report_step_insert_sql, DB_ARGS(DB_ID(report), DB_T(code), DB_I(clock_minute(now))), NULL);
    return e ? e : report_reply_due_db(db, at->seq, NULL);
}

enum err report_act_due_db(struct db *db, int64_t seq, int64_t due)
{
    return db_exec(db, &report_act_due_sql, DB_ARGS(DB_I(seq), DB_I(due)), NULL);
}

enum err report_holder_db(struct db *db, int64_t seq, struct id person, int64_t now)
{
    return db_exec(db, &report_holder_set_sql, DB_ARGS(DB_I(seq), DB_ID(person), DB_I(now)), NULL);
}

struct step_arg { struct id report; enum report_state state; int64_t now; };

static enum err step_write(struct db *db, void *arg)
{
    const struct step_arg *s = arg;
    struct report_at at;
    struct db_rows *r;
    struct id unit = {0};
    // Called by rooms above, which have looked at who may: the report's own unit is the one asked for.
    enum err e = db_query(db, &report_at_one_sql, DB_ARGS(DB_ID(s->report)), &r);
    if (e)
        return e;
    if (db_next(r))
        e = id_from_bytes(db_str(r, 4), &unit);
    enum err done = db_done(&r);
    if (e || done)
        return e ? e : done;
    e = report_at_db(db, s->report, &unit, 1, &at);
    if (!e)
        e = report_state_db(db, s->report, &at, s->state, at.taken_by, s->now);
    return e;
}

enum err report_step_add(struct services *sv, struct id report, enum report_state state, int64_t now)
{
    struct step_arg s = {.report = report, .state = state, .now = now};
    enum err e = store_write(sv->store, step_write, &s);
    if (!e)
        report_settle_soon(sv);
    return e;
}
