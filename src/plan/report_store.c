#include "plan/report_store.h"
#include "people/people.h"

#define COLUMNS "id, year, state, changes, shot_at, made_by, made_at, approved_by, approved_at, presented, published_by, published_at"
#define TYPES "bitiibiBItBI"
DB_QUERY(plan_report_find_sql, "b", TYPES "t", "select " COLUMNS ", snapshot from desk.plan_report where id = $1");
DB_QUERY(plan_report_list_sql, "i", TYPES, "select " COLUMNS " from desk.plan_report order by year desc, made_at desc limit $1");
DB_QUERY(plan_report_insert_sql, "bitibi", "", "insert into desk.plan_report (id, year, state, changes, snapshot, shot_at, made_by, made_at, presented) "
         "values ($1, $2, 'draft', 1, $3, $4, $5, $6, '')");
DB_QUERY(plan_report_update_sql, "bitti" "bBItBI", "",
         "update desk.plan_report set changes = changes + 1, state = $3, snapshot = $4, shot_at = $5, made_by = $6, approved_by = $7, approved_at = $8, "
         "presented = $9, published_by = $10, published_at = $11 where id = $1 and changes = $2");
DB_QUERY(plan_report_comment_sql, "bbbit", "", "insert into desk.plan_report_comment (report, institution, person, at, text) values ($1, $2, $3, $4, $5)");
DB_QUERY(plan_report_comments_sql, "b", "ttbit", "select i.name, i.name_en, c.person, c.at, c.text from desk.plan_report_comment c "
         "join desk.institution i on i.id = c.institution where c.report = $1 order by c.seq limit 500");

static enum err row_read(const struct db_rows *r, struct arena *a, struct plan_report_row *x)
{
    *x = (struct plan_report_row){.year = db_int(r, 1), .changes = db_int(r, 3), .shot_at = db_int(r, 4),
                                  .made_at = db_int(r, 6), .approved_at = db_null(r, 8) ? INT64_MIN : db_int(r, 8),
                                  .presented = arena_str(a, db_str(r, 9)),
                                  .published_at = db_null(r, 11) ? INT64_MIN : db_int(r, 11)};
    bool fine = id_from_bytes(db_str(r, 0), &x->id) == OK && id_from_bytes(db_str(r, 5), &x->made_by) == OK &&
                plan_report_state_read(db_str(r, 2), &x->state) &&
                (db_null(r, 7) || id_from_bytes(db_str(r, 7), &x->approved_by) == OK) &&
                (db_null(r, 10) || id_from_bytes(db_str(r, 10), &x->published_by) == OK);
    return fine ? OK : ERR_TAMPERED;
}

enum err plan_report_find_db(struct db *db, struct arena *a, struct id id, struct plan_report_row *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_report_find_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = db_next(r) ? row_read(r, a, out) : ERR_NOT_FOUND;
    if (!e)
        out->snapshot = arena_str(a, db_str(r, 12));
    enum err done = db_done(&r);
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err plan_report_list_db(struct db *db, struct arena *a, struct list *out)
{
    struct plan_report_row *at = arena_array(a, PLAN_REPORTS_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &plan_report_list_sql, DB_ARGS(DB_I(PLAN_REPORTS_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < PLAN_REPORTS_MAX && db_next(r); n++)
        e = row_read(r, a, &at[n]);
    enum err done = db_done(&r);
    *out = (struct list){at, n};
    return done ? done : e;
}

static struct db_val id_or_null(const struct id *id) { return id_zero(*id) ? DB_NULL : DB_ID(*id); }
static struct db_val time_or_null(int64_t at) { return at == INT64_MIN ? DB_NULL : DB_I(at); }

enum err plan_report_put_db(struct db *db, struct plan_report_row *x)
{
    int64_t changed = 0;
    if (x->changes == 0) {
        x->changes = 1;
        return db_exec(db, &plan_report_insert_sql,
                       DB_ARGS(DB_ID(x->id), DB_I(x->year), DB_T(x->snapshot), DB_I(x->shot_at), DB_ID(x->made_by),
                               DB_I(x->made_at)), NULL);
    }
    enum err e = db_exec(db, &plan_report_update_sql,
                         DB_ARGS(DB_ID(x->id), DB_I(x->changes), DB_T(str_from(plan_report_state_name(x->state))),
                                 DB_T(x->snapshot), DB_I(x->shot_at), DB_ID(x->made_by), id_or_null(&x->approved_by),
                                 time_or_null(x->approved_at), DB_T(x->presented), id_or_null(&x->published_by),
                                 time_or_null(x->published_at)), &changed);
    x->changes++;
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err plan_report_comment_db(struct db *db, struct id report, struct id institution, struct id person, int64_t at, struct str text)
{
    return db_exec(db, &plan_report_comment_sql, DB_ARGS(DB_ID(report), DB_ID(institution), DB_ID(person), DB_I(at), DB_T(text)), NULL);
}

enum err plan_report_comments_db(struct db *db, struct arena *a, const struct req *rq, struct id report, struct list *out)
{
    struct plan_report_comment *at = arena_array(a, 500, sizeof *at);
    struct id *person = arena_array(a, 500, sizeof *person);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at && person ? db_query(db, &plan_report_comments_sql, DB_ARGS(DB_ID(report)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < 500 && db_next(r); n++) {
        bool en = str_equal_z(rq->lang_code, "en") && db_str(r, 1).n > 0;
        at[n] = (struct plan_report_comment){.institution = arena_str(a, db_str(r, en ? 1 : 0)), .at = db_int(r, 3),
                                             .text = arena_str(a, db_str(r, 4)), .at_text = req_time(rq, db_int(r, 3))};
        e = id_from_bytes(db_str(r, 2), &person[n]) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < n && !e; i++)
        e = people_name(db, a, person[i], &at[i].person);
    *out = (struct list){at, n};
    return e;
}
