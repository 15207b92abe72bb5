#include "plan/target.h"
#include "text/text.h"

#define COLUMNS "indicator, year, baseline, target, weight, rationale, version, person, at"
#define COLUMNS_OUT "tiIIitibi"
DB_QUERY(plan_targets_sql, "iii", COLUMNS_OUT, "select " COLUMNS " from desk.plan_target where year between $1 and $2 order by indicator, year limit $3");
DB_QUERY(plan_target_old_sql, "tii", COLUMNS_OUT, "select " COLUMNS
         " from desk.plan_target_version where indicator = $1 and year = $2 order by version desc limit $3");
DB_QUERY(plan_target_is_sql, "ti", "IIiti", "select baseline, target, weight, rationale, version from desk.plan_target where indicator = $1 and year = $2");
#define INSERT(table) "insert into desk." table " (indicator, year, baseline, target, weight, rationale, version, person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
DB_QUERY(plan_target_put_sql, "tiIIitibi", "", INSERT("plan_target") "on conflict (indicator, year) do update set baseline = excluded.baseline, "
         "target = excluded.target, weight = excluded.weight, rationale = excluded.rationale, version = excluded.version, person = excluded.person, at = excluded.at");
DB_QUERY(plan_target_keep_sql, "tiIIitibi", "", INSERT("plan_target_version"));

#define AMOUNT_OR_NULL(v) ((v) == PLAN_NOT_SET ? DB_NULL : DB_I(v))

static int64_t amount(const struct db_rows *r, int col)
{
    return db_null(r, col) ? PLAN_NOT_SET : db_int(r, col);
}

static enum err rows_read(struct arena *a, struct db_rows **rows, size_t max, struct plan_target **out, size_t *n)
{
    struct plan_target *at = arena_array(a, max, sizeof *at);
    struct db_rows *r = *rows;
    size_t count = 0;
    enum err e = at ? OK : ERR_MEMORY;
    for (; !e && count < max && db_next(r); count++) {
        at[count] = (struct plan_target){.indicator = arena_str(a, db_str(r, 0)), .year = db_int(r, 1),
                                         .baseline = amount(r, 2), .target = amount(r, 3), .weight = db_int(r, 4),
                                         .rationale = arena_str(a, db_str(r, 5)), .version = db_int(r, 6),
                                         .at = db_int(r, 8)};
        e = id_from_bytes(db_str(r, 7), &at[count].person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(rows);
    e = done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
    if (!e) {
        *out = at;
        *n = count;
    }
    return e;
}

enum err plan_targets_db(struct db *db, struct arena *a, int64_t first, int64_t last, struct plan_target **out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_targets_sql, DB_ARGS(DB_I(first), DB_I(last), DB_I(PLAN_TARGETS_MAX)), &r);
    return e ? e : rows_read(a, &r, PLAN_TARGETS_MAX, out, n);
}

#define HISTORY_MAX 200
enum err plan_target_history_db(struct db *db, struct arena *a, struct str indicator, int64_t year, struct plan_target **out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_target_old_sql, DB_ARGS(DB_T(indicator), DB_I(year), DB_I(HISTORY_MAX)), &r);
    return e ? e : rows_read(a, &r, HISTORY_MAX, out, n);
}

struct plan_target plan_target_of(const struct plan_target *at, size_t n, struct str indicator, int64_t year)
{
    for (size_t i = 0; i < n; i++)
        if (at[i].year == year && str_equal(at[i].indicator, indicator))
            return at[i];
    return (struct plan_target){.indicator = indicator, .year = year, .baseline = PLAN_NOT_SET, .target = PLAN_NOT_SET,
                                .weight = PLAN_ONE, .rationale = STR("")};
}

enum err plan_target_put_db(struct db *db, const struct plan_target *t)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_target_is_sql, DB_ARGS(DB_T(t->indicator), DB_I(t->year)), &r);
    if (e)
        return e;
    bool there = db_next(r), same = there && amount(r, 0) == t->baseline && amount(r, 1) == t->target &&
                 db_int(r, 2) == t->weight && str_equal(db_str(r, 3), t->rationale);
    int64_t version = there ? db_int(r, 4) : 0;
    e = db_done(&r);
    if (!e && t->version >= 0 && t->version != version)
        e = ERR_CONFLICT;
    if (e || same)
        return e;
#define ROW DB_ARGS(DB_T(t->indicator), DB_I(t->year), AMOUNT_OR_NULL(t->baseline), AMOUNT_OR_NULL(t->target), \
                    DB_I(t->weight), DB_T(text_arg_str(t->rationale)), DB_I(version + 1), DB_ID(t->person), DB_I(t->at))
    e = db_exec(db, &plan_target_put_sql, ROW, NULL);
    return e ? e : db_exec(db, &plan_target_keep_sql, ROW, NULL);
}
