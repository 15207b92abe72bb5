// Reports for the room above that gathers them into cases: what a case takes from a report, and the report's steps with
// it.
#include "base/clock.h"
#include "report/desk/handlers.h"

#define STEP_AGAIN CLOCK_DAY // until then the same step is not told again

DB_QUERY(case_step_earlier_sql, "bi", "t", "select code from desk.step where report = $1 and at > $2 order by seq desc");
DB_QUERY(case_step_drop_sql, "bt", "", "delete from desk.step where report = $1 and code = $2");
DB_QUERY(case_steps_drop_sql, "b", "", "delete from desk.step where report = $1 and code in (" REPORT_STEP_CODES ")");
DB_QUERY(case_messages_sql, "bi", "biB", "select id, sent, author from (select m.id, m.sent, m.author, m.direction, m.seq from desk.report r "
         "join desk.message m on m.thread = r.thread where r.id = $1 order by m.sent desc, m.direction desc, m.seq desc limit $2) x "
         "order by sent, direction, seq");
DB_QUERY(case_category_sql, "b", "t", "select category from desk.report where id = $1");
DB_QUERY(case_held_sql, "b", "b", "select unit from desk.report where id = $1");

enum err report_key_db(struct db *db, struct arena *a, const struct person *who, struct id report,
                       struct report_key *out)
{
    struct report_record *r = ARENA_NEW(a, struct report_record);
    if (!r)
        return ERR_MEMORY;
    enum err e = report_record_db(db, a, who, report, r);
    if (e)
        return e;
    *out = (struct report_key){.id = report, .unit = r->at.unit, .holder = r->at.taken_by, .state = r->at.state,
                               .urgency = r->at.rank, .unread = r->unread, .withdraw_asked = r->withdraw_asked,
                               .received = r->clear.received, .category = r->clear.category, .county = r->clear.county,
                               .path = r->path, .item = {.sealed = r->item}};
    report_item_ad(&out->item.ad, report, r->kid, &r->clear);
    return OK;
}

enum err report_messages_db(struct db *db, struct arena *a, struct id report, size_t max, struct list *out)
{
    struct report_message *at = arena_array(a, max ? max : 1, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &case_messages_sql, DB_ARGS(DB_ID(report), DB_I(max)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; n < max && db_next(r); n++) {
        at[n] = (struct report_message){.sent = db_int(r, 1)};
        if (id_from_bytes(db_str(r, 0), &at[n].id) || (!db_null(r, 2) && id_from_bytes(db_str(r, 2), &at[n].author)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *out = (struct list){at, n};
    return e;
}

enum err report_case_enter_db(struct db *db, const struct person *who, struct id report, int64_t now)
{
    struct report_at at;
    enum err e = report_at_db(db, report, who->units, who->n_units, &at);
    if (!e && (!report_holder_may(who, &at) || at.state == REPORT_CLOSED)) // closed: comes back with its own case only
        e = ERR_CONFLICT;
    if (!e && at.state == REPORT_NEW) { // whoever opens a case of it takes it
        e = report_state_db(db, report, &at, REPORT_TAKEN, who->id, now);
        if (!e)
            e = report_history_db(db, report, who->id, "taken", now);
        if (!e)
            e = report_at_db(db, report, who->units, who->n_units, &at);
    }
    if (!e)
        e = report_state_db(db, report, &at, REPORT_IN_CASE, id_zero(at.taken_by) ? who->id : at.taken_by, now);
    return e ? e : report_history_db(db, report, who->id, "in_case", now);
}

// The report as it stands, whatever unit it is of: the caller answers for its case. ERR_NOT_FOUND: gone by its own way.
static enum err held_at_db(struct db *db, struct id report, struct report_at *out)
{
    struct id unit = {{0}};
    struct db_rows *r;
    enum err e = db_query(db, &case_held_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found && id_from_bytes(db_str(r, 0), &unit))
        e = ERR_TAMPERED;
    enum err done = db_done(&r);
    if (e || done)
        return e ? e : done;
    return found ? report_at_db(db, report, &unit, 1, out) : ERR_NOT_FOUND;
}

enum err report_case_leave_db(struct db *db, struct id report, struct id person, int64_t now)
{
    struct report_at at;
    enum err e = held_at_db(db, report, &at);
    if (e == ERR_NOT_FOUND || (!e && !report_state_may(at.state, REPORT_CLOSED)))
        return OK;
    if (!e)
        e = report_state_db(db, report, &at, REPORT_CLOSED, at.taken_by, now);
    return e ? e : report_history_db(db, report, person, "closed", now);
}

enum err report_case_out_db(struct db *db, const struct pack *p, const struct person *who, struct id report, int64_t now)
{
    struct report_at at;
    struct report_due due = {0};
    struct db_rows *r;
    enum err e = held_at_db(db, report, &at);
    if (e == ERR_NOT_FOUND || (!e && at.state != REPORT_IN_CASE)) // gone, or it goes its own way already
        return OK;
    if (!e)
        e = db_query(db, &case_category_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    (void)report_clocks(p, db_next(r) ? db_str(r, 0) : STR(""), at.rank, now, &due);
    e = db_done(&r);
    if (!e)
        e = report_case_steps_drop_db(db, report, REPORT_STEPS);
    bool mine = person_of_unit(who, at.unit);
    if (!e)
        e = report_state_db(db, report, &at, REPORT_TAKEN, mine || id_zero(at.taken_by) ? who->id : at.taken_by, now);
    if (!e)
        e = report_act_due_db(db, at.seq, due.act);
    return e ? e : report_history_db(db, report, who->id, "taken", now);
}

enum err report_case_return_db(struct db *db, struct id report, struct id person, int64_t now)
{
    struct report_at at;
    enum err e = held_at_db(db, report, &at);
    if (e == ERR_NOT_FOUND || (!e && at.state != REPORT_CLOSED)) // taken up by itself meanwhile, or gone
        return OK;
    if (!e)
        e = report_state_db(db, report, &at, REPORT_IN_CASE, id_zero(at.taken_by) ? person : at.taken_by, now);
    return e ? e : report_history_db(db, report, person, "in_case", now);
}

static enum err step_told_db(struct db *db, struct id report, enum report_step s, int64_t now, bool *told)
{
    struct db_rows *r;
    enum report_step_seen seen = TOLD_NOT;
    enum err e = db_query(db, &case_step_earlier_sql, DB_ARGS(DB_ID(report), DB_I(clock_minute(now) - STEP_AGAIN)), &r);
    if (e)
        return e;
    while (seen == TOLD_NOT && db_next(r))
        seen = report_step_seen(s, db_str(r, 0));
    *told = seen == TOLD_ALREADY;
    return db_done(&r);
}

enum err report_case_step_db(struct db *db, const struct pack *p, struct id report, enum report_step s, int64_t now)
{
    struct report_at at;
    struct str code = str_from(report_step_name(s));
    bool told = true;
    if (!pack_reporter_step(p, code))
        return OK;
    enum err e = held_at_db(db, report, &at);
    if (e == ERR_NOT_FOUND || (!e && at.state != REPORT_IN_CASE)) // it goes its own way: its own states are told
        return OK;
    if (!e)
        e = step_told_db(db, report, s, now, &told);
    return e || told ? e : report_step_code_db(db, report, &at, code, now);
}

enum err report_case_steps_drop_db(struct db *db, struct id report, enum report_step s)
{
    struct report_at at;
    int64_t changed = 0;
    enum err e = held_at_db(db, report, &at);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    e = s < REPORT_STEPS ? db_exec(db, &case_step_drop_sql, DB_ARGS(DB_ID(report), DB_T(str_from(report_step_name(s)))), &changed)
                         : db_exec(db, &case_steps_drop_sql, DB_ARGS(DB_ID(report)), &changed);
    return e || changed == 0 ? e : report_reply_due_db(db, at.seq, NULL);
}
