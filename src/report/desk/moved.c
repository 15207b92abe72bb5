// A case goes to another unit, and its reports with it: that unit reads what their reporters write and answers them. Their way is
// the case's key; the wraps of the unit that had them are deleted, and the keeper opens nothing by a copy of one (REKEY).
#include "report/desk/handlers.h"

#define OF_CASE "(select c.report from desk.case_report c where c.case_id = $1)"
DB_QUERY(moved_add_sql, "bbi", "", "insert into desk.report_moved (report, unit, to_unit, at) select r.id, r.unit, $2, $3 from desk.report r "
         "where r.id in " OF_CASE " and r.unit <> $2 on conflict (report, unit) do update set to_unit = excluded.to_unit, at = excluded.at");
DB_QUERY(moved_followed_sql, "bi", "b", "select r.id from desk.report r where r.id in " OF_CASE " and exists (select 1 from desk.report f "
         "where f.same_as = r.id and f.state = 'duplicate' and f.shredded is null) limit $2");
DB_QUERY(moved_back_sql, "bb", "", "delete from desk.report_moved where report in " OF_CASE " and unit = $2");
DB_QUERY(moved_wrap_sql, "bbb", "", "update desk.report_sealed set unit_wrap = $3 where seq in (select r.seq from desk.report r where r.id in "
         OF_CASE " and r.unit <> $2)");
DB_QUERY(moved_units_sql, "b", "", "delete from desk.unit_wrap where home in " OF_CASE);
DB_QUERY(moved_handed_sql, "b", "", "delete from desk.handover_report where report in " OF_CASE);
DB_QUERY(moved_history_sql, "bbi", "", "insert into desk.history (report, at, action) select r.id, $3, 'moved' from desk.report r where r.id in "
         OF_CASE " and r.unit <> $2");
// Nobody has it there yet; what lies unread is told to that unit from the beginning.
DB_QUERY(moved_unit_sql, "bb", "", "update desk.report set unit = $2, taken_by = null, taken_at = null, message_climbed = 0, message_climb_at = message_due "
         "where id in " OF_CASE " and unit <> $2");
DB_QUERY(moved_holder_sql, "bbi", "", "update desk.report set taken_by = $2, taken_at = $3 where state = 'in_case' and id in " OF_CASE);
DB_QUERY(moved_any_sql, "b", "i", "select count(*) from desk.report_moved where report = $1");
DB_QUERY(moved_find_sql, "bb", "ittt", "select m.at, u.name, i.name, i.name_en from desk.report_moved m join desk.report r on r.id = m.report "
         "join desk.unit u on u.id = r.unit join desk.institution i on i.id = u.institution where m.report = $1 and m.unit = $2");
// Only for a unit that worked on the case (its acts stand in the history), and only what it did: to whom it was handed over, not where it is now.
DB_QUERY(moved_case_sql, "bb", "ittt", "select m.at, u.name, i.name, i.name_en from desk.report_moved m join desk.case_report c on c.report = m.report "
         "join desk.unit u on u.id = m.to_unit join desk.institution i on i.id = u.institution "
         "where c.case_id = $1 and m.unit = $2 and exists (select 1 from desk.case_history h where h.case_id = $1 and h.unit = $2) order by m.at desc limit 1");

// What repeats one of its reports stays where it is, as work of its own again: nobody there follows the case any more.
static enum err followers_stay(struct db *db, struct id case_id, int64_t now)
{
    bool more = true;
    enum err e = OK;
    while (more && !e) { // one report after the other, until nothing follows any of them
        struct id report = {{0}};
        struct db_rows *r;
        e = db_query(db, &moved_followed_sql, DB_ARGS(DB_ID(case_id), DB_I(1)), &r);
        if (e)
            return e;
        more = db_next(r);
        if (more && id_from_bytes(db_str(r, 0), &report))
            e = ERR_TAMPERED;
        enum err done = db_done(&r);
        e = e ? e : done;
        if (more && !e)
            e = report_followers_db(db, report, REPORT_TAKEN, now);
    }
    return e;
}

enum err report_case_move_db(struct db *db, struct id case_id, struct id unit, int64_t now)
{
    static const struct str empty = {"", 0};
    enum err e = db_exec(db, &moved_add_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit), DB_I(now)), NULL);
    if (!e)
        e = db_exec(db, &moved_back_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit)), NULL);
    e = e ? e : followers_stay(db, case_id, now);
    if (!e)
        e = db_exec(db, &moved_wrap_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit), DB_B(empty)), NULL);
    if (!e)
        e = db_exec(db, &moved_units_sql, DB_ARGS(DB_ID(case_id)), NULL);
    if (!e)
        e = db_exec(db, &moved_handed_sql, DB_ARGS(DB_ID(case_id)), NULL);
    if (!e)
        e = db_exec(db, &moved_history_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit), DB_I(now)), NULL);
    return e ? e : db_exec(db, &moved_unit_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit)), NULL);
}

enum err report_case_holder_db(struct db *db, struct id case_id, struct id person, int64_t now)
{
    return db_exec(db, &moved_holder_sql, DB_ARGS(DB_ID(case_id), DB_ID(person), DB_I(now)), NULL);
}

enum err report_moved_db(struct db *db, struct id report, bool *moved)
{
    struct db_rows *r;
    enum err e = db_query(db, &moved_any_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    *moved = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

DB_QUERY(moved_erased_sql, "bb", "i", "select shredded from desk.report where id = $1 and unit = $2 and shredded is not null");
DB_QUERY(moved_erased_case_sql, "bb", "i", "select shredded from desk.case_file where id = $1 and owner = $2 and shredded is not null");

// query, erased: where it is now, and whether nothing is left of it.
struct elsewhere { struct req *rq; const struct db_query *query, *erased; struct id of; int64_t at; struct str name; bool found, gone; };

static enum err elsewhere_read(struct db *db, void *arg)
{
    struct elsewhere *x = arg;
    const struct req *rq = x->rq;
    enum err e = OK;
    for (size_t u = 0; u < rq->who.n_units && !e && !x->found; u++) {
        struct db_rows *r;
        e = db_query(db, x->query, DB_ARGS(DB_ID(x->of), DB_ID(rq->who.units[u])), &r);
        if (e)
            return e;
        x->found = db_next(r);
        if (x->found) {
            struct str own = db_str(r, 1), name = db_str(r, 2), name_en = db_str(r, 3);
            x->at = db_int(r, 0);
            x->name = arena_str(rq->arena, own.n ? own : str_equal_z(rq->lang_code, "en") && name_en.n ? name_en : name);
        }
        e = db_done(&r);
        if (!e && !x->found)
            e = db_query(db, x->erased, DB_ARGS(DB_ID(x->of), DB_ID(rq->who.units[u])), &r);
        if (e || x->found)
            continue;
        x->gone = x->found = db_next(r);
        x->at = x->found ? db_int(r, 0) : 0;
        e = db_done(&r);
    }
    return e;
}

static enum err elsewhere(struct elsewhere *x, enum message moved, enum message gone, enum err e)
{
    struct req *rq = x->rq;
    if (e != ERR_NOT_FOUND || store_read(rq->sv->store, elsewhere_read, x) || !x->found)
        return e;
    struct buf b;
    buf_init(&b, 2048);
    text_put(&b, rq->lang, x->gone ? gone : moved, TEXT_ARGS(TEXT_S("unit", x->name), TEXT_S("day", req_date(rq, x->at, DATE_DAY))));
    rq->notice = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return x->gone ? ERR_NOT_FOUND : ERR_FORBIDDEN;
}

enum err report_elsewhere(struct req *rq, struct id report, enum err e)
{
    struct elsewhere x = {.rq = rq, .query = &moved_find_sql, .erased = &moved_erased_sql, .of = report};
    return elsewhere(&x, MSG_DESK_MOVED, MSG_DESK_ERASED, e);
}

enum err report_case_elsewhere(struct req *rq, struct id case_id, enum err e)
{
    struct elsewhere x = {.rq = rq, .query = &moved_case_sql, .erased = &moved_erased_case_sql, .of = case_id};
    return elsewhere(&x, MSG_DESK_MOVED_CASE, MSG_DESK_ERASED_CASE, e);
}
