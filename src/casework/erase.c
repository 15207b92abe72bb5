// Retention's side of a case: which are closed, and how one is emptied and later forgotten.
#include "casework/casework.h"

#define DAY_US (86400 * INT64_C(1000000))
#define KEEP_OUT "ibbttiI"
#define KEEP_COLUMNS "select seq, id, owner, state, category, state_at, shredded from desk.case_file "
DB_QUERY(case_keep_walk_sql, "iii", KEEP_OUT, KEEP_COLUMNS "where seq > $1 and opened < $2 order by seq limit $3");
DB_QUERY(case_keep_one_sql, "b", KEEP_OUT, KEEP_COLUMNS "where id = $1");
DB_QUERY(case_keep_reports_sql, "bi", "b", "select report from desk.case_report where case_id = $1 order by report limit $2");

DB_QUERY(case_shred_units_sql, "b", "", "delete from desk.unit_wrap where home = $1");
DB_QUERY(case_shred_children_sql, "b", "", "delete from desk.child_wrap where child = $1");
DB_QUERY(case_shred_parents_sql, "b", "", "delete from desk.child_wrap where parent = $1");
DB_QUERY(case_shred_items_sql, "b", "", "delete from desk.case_item where home = $1");
DB_QUERY(case_shred_untold_sql, "b", "", "delete from desk.case_untold where case_id = $1");
DB_QUERY(case_shred_row_sql, "biib", "", "update desk.case_file set state = 'closed', shredded = $2, opened = $3, kid = $4, county = null, worker = null, "
                                         "review_due = null, version = version + 1 where id = $1");
DB_QUERY(case_opened_sql, "b", "iIi", "select opened, shredded, state_at from desk.case_file where id = $1");

DB_QUERY(case_forget_reports_sql, "b", "", "delete from desk.case_report where case_id = $1");
DB_QUERY(case_forget_holds_sql, "b", "", "delete from desk.case_hold where case_id = $1");
DB_QUERY(case_forget_routes_sql, "b", "", "delete from desk.case_route where case_id = $1");
DB_QUERY(case_forget_addresses_sql, "b", "", "delete from desk.case_address where case_id = $1");
DB_QUERY(case_forget_tasks_sql, "b", "", "delete from desk.case_task where case_id = $1");
DB_QUERY(case_forget_history_sql, "b", "", "delete from desk.case_history where case_id = $1");
DB_QUERY(case_forget_row_sql, "b", "", "delete from desk.case_file where id = $1 and shredded is not null");

static enum err keep_read(struct arena *a, const struct db_rows *r, struct case_keep *out)
{
    *out = (struct case_keep){.seq = db_int(r, 0), .category = arena_str(a, db_str(r, 4)), .since = db_int(r, 5),
                              .shredded = db_null(r, 6) ? INT64_MIN : db_int(r, 6)};
    bool bad = id_from_bytes(db_str(r, 1), &out->id) || id_from_bytes(db_str(r, 2), &out->owner) ||
               case_state_read(db_str(r, 3), &out->state);
    return bad ? ERR_TAMPERED : OK;
}

enum err case_keep_db(struct db *db, struct arena *a, int64_t after, int64_t before, struct case_keep *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_keep_walk_sql, DB_ARGS(DB_I(after), DB_I(before), DB_I(max)), &r);
    if (e)
        return e;
    for (*n = 0; !e && *n < max && db_next(r);)
        e = keep_read(a, r, &out[(*n)++]);
    enum err done = db_done(&r);
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err case_keep_one_db(struct db *db, struct arena *a, struct id case_id, struct case_keep *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_keep_one_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    e = db_next(r) ? keep_read(a, r, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err case_keep_reports_db(struct db *db, struct id case_id, struct id *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_keep_reports_sql, DB_ARGS(DB_ID(case_id), DB_I(max)), &r);
    if (e)
        return e;
    for (*n = 0; !e && *n < max && db_next(r);)
        e = id_from_bytes(db_str(r, 0), &out[(*n)++]) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err case_shred_db(struct db *db, struct id case_id, int64_t now)
{
    static const struct db_query *const all[] = {&case_shred_units_sql, &case_shred_children_sql, &case_shred_parents_sql,
                                                 &case_shred_items_sql, &case_shred_untold_sql};
    static const struct str empty = {"", 0};
    int64_t opened = 0, ended = 0;
    bool there = false, gone = false;
    struct db_rows *r;
    enum err e = db_query(db, &case_opened_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    there = db_next(r);
    if (there) {
        opened = db_int(r, 0);
        gone = !db_null(r, 1);
        ended = db_int(r, 2);
    }
    e = db_done(&r);
    if (!e && !there)
        e = ERR_NOT_FOUND;
    if (e || gone)
        return e;
    for (size_t i = 0; i < sizeof all / sizeof *all && !e; i++)
        e = db_exec(db, all[i], DB_ARGS(DB_ID(case_id)), NULL);
    return e ? e : db_exec(db, &case_shred_row_sql, DB_ARGS(DB_ID(case_id), DB_I(now - now % DAY_US), DB_I(ended > now - REPORT_COUNTED_DAYS * DAY_US ? opened : opened - opened % DAY_US),
                                                        DB_B(empty)), NULL);
}

enum err case_forget_db(struct db *db, struct id case_id)
{
    static const struct db_query *const all[] = {&case_forget_reports_sql, &case_forget_holds_sql, &case_forget_routes_sql, &case_forget_addresses_sql,
                                                 &case_forget_tasks_sql, &case_forget_history_sql};
    int64_t gone = 0;
    enum err e = db_exec(db, &case_forget_row_sql, DB_ARGS(DB_ID(case_id)), &gone);
    if (!e && gone == 0)
        e = ERR_CONFLICT; // not emptied, or not there
    for (size_t i = 0; i < sizeof all / sizeof *all && !e; i++)
        e = db_exec(db, all[i], DB_ARGS(DB_ID(case_id)), NULL);
    return e;
}
