// The rows of case files that are sealed. What is in one stands in none of their columns.
#include "base/clock.h"
#include "casefile/handlers.h"
#include "people/people.h"

#define CASEFILE_OUT "ibbbBbiiiIIttttttt"
#define CASEFILE_COLUMNS "select f.seq, f.id, f.case_id, f.from_unit, f.to_unit, f.person, f.made, f.size, f.opened, f.opened_at, f.revoked_at, " \
    "c.number, fu.name, fi.name, fi.name_en, coalesce(tu.name, ''), coalesce(ti.name, ''), coalesce(ti.name_en, '') from desk.casefile f " \
    "join desk.case_file c on c.id = f.case_id join desk.unit fu on fu.id = f.from_unit join desk.institution fi on fi.id = fu.institution " \
    "left join desk.unit tu on tu.id = f.to_unit left join desk.institution ti on ti.id = tu.institution "
DB_QUERY(casefile_one_sql, "b", CASEFILE_OUT, CASEFILE_COLUMNS "where f.id = $1");
DB_QUERY(casefile_to_sql, "bii", CASEFILE_OUT, CASEFILE_COLUMNS "where f.to_unit = $1 and f.seq < $2 order by f.seq desc limit $3");
DB_QUERY(casefile_from_sql, "bii", CASEFILE_OUT, CASEFILE_COLUMNS "where f.from_unit = $1 and f.seq < $2 order by f.seq desc limit $3");
DB_QUERY(casefile_case_sql, "bi", CASEFILE_OUT, CASEFILE_COLUMNS "where f.case_id = $1 order by f.seq desc limit $2");
DB_QUERY(casefile_add_sql, "bbbBbiib", "", "insert into desk.casefile (id, case_id, from_unit, to_unit, person, made, size, sealed, opened, opened_at, "
         "revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, null, null)");
DB_QUERY(casefile_sealed_sql, "b", "B", "select sealed from desk.casefile where id = $1");
DB_QUERY(casefile_opened_sql, "bi", "", "update desk.casefile set opened = opened + 1, opened_at = $2 where id = $1 and revoked_at is null");
DB_QUERY(casefile_revoke_sql, "bi", "", "update desk.casefile set revoked_at = $2, sealed = null where id = $1 and revoked_at is null and "
                                        "(to_unit is null or opened = 0)");
DB_QUERY(casefile_lock_sql, "b", "", "delete from desk.unit_wrap where home = $1");
DB_QUERY(casefile_empty_sql, "b", "", "delete from desk.case_item where home = $1");
#define OF_CASE "(select id from desk.casefile where case_id = $1)"
DB_QUERY(casefile_shred_units_sql, "b", "", "delete from desk.unit_wrap where home in " OF_CASE);
DB_QUERY(casefile_shred_items_sql, "b", "", "delete from desk.case_item where home in " OF_CASE);
DB_QUERY(casefile_shred_sql, "b", "", "delete from desk.casefile where case_id = $1");

// The unit's own name, else its institution's in the reader's language.
static struct str name_of(const struct req *rq, const struct db_rows *r, int col)
{
    struct str own_name = db_str(r, col), name = db_str(r, col + 1), name_en = db_str(r, col + 2);
    return arena_str(rq->arena, own_name.n ? own_name : str_equal_z(rq->lang_code, "en") && name_en.n ? name_en : name);
}

static enum err row_read(struct req *rq, const struct db_rows *r, struct casefile_row *out)
{
    *out = (struct casefile_row){.seq = db_int(r, 0), .made = db_int(r, 6), .size = db_int(r, 7), .opened = db_int(r, 8),
                                 .opened_at = db_null(r, 9) ? INT64_MIN : db_int(r, 9), .revoked_at = db_null(r, 10) ? INT64_MIN : db_int(r, 10),
                                 .from_name = name_of(rq, r, 12), .to_name = name_of(rq, r, 15)};
    if (id_from_bytes(db_str(r, 1), &out->id) || id_from_bytes(db_str(r, 2), &out->case_id) || id_from_bytes(db_str(r, 3), &out->from) ||
        (!db_null(r, 4) && id_from_bytes(db_str(r, 4), &out->to)) || id_from_bytes(db_str(r, 5), &out->person))
        return ERR_TAMPERED;
    out->mine = person_of_unit(&rq->who, out->from);
    out->to_me = person_of_unit(&rq->who, out->to);
    out->there = out->revoked_at == INT64_MIN;
    if (out->mine)
        out->number = arena_str(rq->arena, db_str(r, 11));
    return OK;
}

enum err casefile_row_db(struct db *db, struct req *rq, struct id id, struct casefile_row *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &casefile_one_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = db_next(r) ? row_read(rq, r, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    e = done ? done : e;
    return e ? e : out->mine || out->to_me ? OK : ERR_NOT_FOUND;
}

static enum err rows_read(struct req *rq, struct db_rows *r, struct casefile_row *out, size_t max, size_t *n)
{
    enum err e = OK;
    for (size_t from = *n; !e && *n - from < max && db_next(r);)
        e = row_read(rq, r, &out[(*n)++]);
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err walk(struct db *db, const struct db_query *q, struct req *rq, struct id unit, int64_t before,
                     struct casefile_row *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, q, DB_ARGS(DB_ID(unit), DB_I(before), DB_I(max)), &r);
    return e ? e : rows_read(rq, r, out, max, n);
}

enum err casefile_walk_db(struct db *db, struct req *rq, struct id unit, int64_t before, struct casefile_row *out, size_t max, size_t *n)
{
    enum err e = walk(db, &casefile_to_sql, rq, unit, before, out, max, n);
    e = e ? e : walk(db, &casefile_from_sql, rq, unit, before, out, max, n);
    for (size_t i = 0; !e && i < *n; i++)
        if (!out[i].by.n)
            e = people_name(db, rq->arena, out[i].person, &out[i].by);
    return e;
}

enum err casefile_case_db(struct db *db, struct req *rq, struct id case_id, struct casefile_row *out, size_t *n)
{
    struct db_rows *r;
    *n = 0;
    enum err e = db_query(db, &casefile_case_sql, DB_ARGS(DB_ID(case_id), DB_I(CASEFILE_CASE_MAX)), &r);
    return e ? e : rows_read(rq, r, out, CASEFILE_CASE_MAX, n);
}

enum err casefile_case_more(struct db *db, struct req *rq, struct id case_id, struct case_more *more)
{
    size_t n = 0;
    struct casefile_row *at = arena_array(rq->arena, CASEFILE_CASE_MAX, sizeof *at);
    enum err e = at ? casefile_case_db(db, rq, case_id, at, &n) : ERR_MEMORY;
    for (size_t k = 0; k < n && !e; k++)
        for (size_t i = 0; i < more->n; i++) {
            const struct casefile_row *row = &at[k];
            struct case_act *a = &more->act[i];
            if (!id_equal(a->thing, row->id))
                continue;
            a->whom = !row->mine || id_equal(a->unit, row->to) ? STR("")
                      : id_zero(row->to) ? text_get(rq->lang, MSG_CASEFILE_SOMEBODY_OUTSIDE) : row->to_name;
            a->link = row->mine || row->to_me ? STR("/casefiles") : STR("");
        }
    return e;
}

enum err casefile_add_db(struct db *db, const struct casefile_row *r, struct str sealed)
{
    return db_exec(db, &casefile_add_sql, DB_ARGS(DB_ID(r->id), DB_ID(r->case_id), DB_ID(r->from), id_zero(r->to) ? DB_NULL : DB_ID(r->to),
                                              DB_ID(r->person), DB_I(r->made), DB_I(r->size), DB_B(sealed)), NULL);
}

enum err casefile_sealed_db(struct db *db, struct id id, struct buf *out)
{
    struct db_rows *r;
    buf_clear(out);
    enum err e = db_query(db, &casefile_sealed_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = !db_next(r) ? ERR_NOT_FOUND : db_null(r, 0) ? ERR_NO_KEY : OK;
    if (!e)
        buf_put(out, db_str(r, 0));
    enum err done = db_done(&r);
    return done ? done : e ? e : buf_ok(out);
}

enum err casefile_opened_db(struct db *db, struct id id, int64_t now)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &casefile_opened_sql, DB_ARGS(DB_ID(id), DB_I(clock_minute(now))), &changed);
    return e ? e : changed == 1 ? OK : ERR_NO_KEY;
}

enum err casefile_revoke_db(struct db *db, struct id id, int64_t now)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &casefile_revoke_sql, DB_ARGS(DB_ID(id), DB_I(clock_minute(now))), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT;
    e = e ? e : db_exec(db, &casefile_lock_sql, DB_ARGS(DB_ID(id)), NULL);
    return e ? e : db_exec(db, &casefile_empty_sql, DB_ARGS(DB_ID(id)), NULL);
}

enum err casefile_shred_db(struct db *db, struct id case_id)
{
    enum err e = db_exec(db, &casefile_shred_units_sql, DB_ARGS(DB_ID(case_id)), NULL);
    e = e ? e : db_exec(db, &casefile_shred_items_sql, DB_ARGS(DB_ID(case_id)), NULL);
    return e ? e : db_exec(db, &casefile_shred_sql, DB_ARGS(DB_ID(case_id)), NULL);
}
