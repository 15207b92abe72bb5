#include "plan/published.h"

DB_QUERY(plan_published_sql, "iit", "", "insert into reply.plan_published (year, at, snapshot) values ($1, $2, $3) "
         "on conflict (year) do update set at = excluded.at, snapshot = excluded.snapshot");
DB_QUERY(plan_files_away_sql, "i", "", "delete from reply.plan_file where year = $1");
DB_QUERY(plan_file_sql, "ittb", "", "insert into reply.plan_file (year, name, type, bytes) values ($1, $2, $3, $4)");
DB_QUERY(plan_published_year_sql, "i", "iit", "select year, at, snapshot from reply.plan_published where year = $1 or $1 = 0 order by year desc limit 1");
DB_QUERY(plan_published_years_sql, "", "i", "select year from reply.plan_published order by year limit 50");
DB_QUERY(plan_published_file_sql, "it", "tb", "select type, bytes from reply.plan_file where year = $1 and name = $2");

enum err plan_published_put_db(struct db *db, int64_t year, int64_t at, struct str snapshot, const struct plan_report_bytes *file, size_t n)
{
    enum err e = db_exec(db, &plan_published_sql, DB_ARGS(DB_I(year), DB_I(at), DB_T(snapshot)), NULL);
    e = e ? e : db_exec(db, &plan_files_away_sql, DB_ARGS(DB_I(year)), NULL);
    for (size_t i = 0; i < n && !e; i++)
        e = db_exec(db, &plan_file_sql, DB_ARGS(DB_I(year), DB_T(file[i].name), DB_T(file[i].type), DB_B(file[i].bytes)), NULL);
    return e;
}

enum err plan_published_db(struct db *db, struct arena *a, int64_t year, int64_t *at, struct str *snapshot, int64_t *found)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_published_year_sql, DB_ARGS(DB_I(year)), &r);
    if (e)
        return e;
    bool there = db_next(r);
    if (there) {
        *found = db_int(r, 0);
        *at = db_int(r, 1);
        *snapshot = arena_str(a, db_str(r, 2));
    }
    e = db_done(&r);
    return e ? e : there ? OK : ERR_NOT_FOUND;
}

enum err plan_published_years_db(struct db *db, struct arena *a, struct list *out)
{
    int64_t *at = arena_array(a, 50, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &plan_published_years_sql, DB_ARGS(), &r) : ERR_MEMORY;
    if (e)
        return e;
    while (n < 50 && db_next(r))
        at[n++] = db_int(r, 0);
    *out = (struct list){at, n};
    return db_done(&r);
}

enum err plan_published_file_db(struct db *db, struct arena *a, int64_t year, struct str name, struct plan_report_bytes *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_published_file_sql, DB_ARGS(DB_I(year), DB_T(name)), &r);
    if (e)
        return e;
    bool there = db_next(r);
    if (there)
        *out = (struct plan_report_bytes){name, arena_str(a, db_str(r, 0)), arena_str(a, db_str(r, 1))};
    e = db_done(&r);
    return e ? e : !there ? ERR_NOT_FOUND : arena_failed(a) ? ERR_MEMORY : OK;
}
