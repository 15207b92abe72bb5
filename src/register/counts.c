#include "register/counts.h"
#include "pack/pack.h"

// "cross join": in the order in which they stand, else SQLite begins with all values of a field.
// $1 register, $2 from, $3 to, $4 demo, $5 where, $6 is; then the stage, then the field, where they are asked for.
#define ROWS_OF "from desk.entry e where e.register = $1 and e.counts = 1 and e.day >= $2 and e.day < $3 and (e.demo = 0 or $4 = 1) " WHERE
#define WHERE "and ($5 = '' or exists (select 1 from desk.entry_value w where w.entry = e.seq and w.field = $5 and w.value = $6)) "
#define AT_STAGE "from desk.entry_stage s cross join desk.entry e where e.seq = s.entry and s.stage = $7 and s.day >= $2 and s.day < $3 " \
    "and e.register = $1 and e.counts = 1 and (e.demo = 0 or $4 = 1) " WHERE
DB_QUERY(counts_rows_sql, "tiiitt", "btiti", "select e.institution, e.county, e.day / 100, '', count(*) " ROWS_OF "group by e.institution, e.county, e.day / 100");
DB_QUERY(counts_stage_sql, "tiiittt", "btiti", "select e.institution, e.county, s.day / 100, '', count(*) " AT_STAGE
         "group by e.institution, e.county, s.day / 100");
#define VALUES_OF "from desk.entry e cross join desk.entry_value v where v.entry = e.seq and v.field = $7 and e.register = $1 and e.counts = 1 " \
    "and e.day >= $2 and e.day < $3 and (e.demo = 0 or $4 = 1) " WHERE
DB_QUERY(counts_sum_sql, "tiiittt", "btiti", "select e.institution, e.county, e.day / 100, v.value, cast(sum(v.n) as bigint) " VALUES_OF
         "group by e.institution, e.county, e.day / 100, v.value");
DB_QUERY(counts_distinct_sql, "tiiittt", "btiti", "select e.institution, e.county, e.day / 100, v.value, count(*) " VALUES_OF
         "group by e.institution, e.county, e.day / 100, v.value");
#define VALUES_AT "from desk.entry_stage s cross join desk.entry e cross join desk.entry_value v where e.seq = s.entry and v.entry = e.seq " \
    "and v.field = $8 and s.stage = $7 and s.day >= $2 and s.day < $3 and e.register = $1 and e.counts = 1 and (e.demo = 0 or $4 = 1) " WHERE
DB_QUERY(counts_stage_sum_sql, "tiiitttt", "btiti", "select e.institution, e.county, s.day / 100, v.value, cast(sum(v.n) as bigint) " VALUES_AT
         "group by e.institution, e.county, s.day / 100, v.value");
DB_QUERY(counts_stage_distinct_sql, "tiiitttt", "btiti", "select e.institution, e.county, s.day / 100, v.value, count(*) " VALUES_AT
         "group by e.institution, e.county, s.day / 100, v.value");
DB_QUERY(counts_gaps_sql, "titt", "i", "select count(*) from desk.entry e where e.register = $1 and e.counts = 1 and (e.demo = 0 or $2 = 1) "
         "and not exists (select 1 from desk.entry_value v join desk.entry f on f.seq = v.entry where v.target = e.id and v.field = $3 "
         "and f.counts = 1 and f.stage = $4 and (f.demo = 0 or $2 = 1))");

static enum err groups_read(struct db_rows **r, entry_count_fn *fn, void *ctx)
{
    enum err e = OK;
    while (!e && db_next(*r)) {
        struct entry_count x = {.county = db_str(*r, 1), .month = db_int(*r, 2), .value = db_str(*r, 3), .n = db_int(*r, 4)};
        e = id_from_bytes(db_str(*r, 0), &x.institution) ? ERR_TAMPERED : fn(ctx, &x);
    }
    enum err done = db_done(r);
    return e ? e : done;
}

enum err entry_counts_db(struct db *db, const struct entry_ask *ask, entry_count_fn *fn, void *ctx)
{
    struct db_rows *r;
    bool staged = ask->stage.n > 0, sum = ask->what == ENTRY_SUM;
    const struct db_val reg = DB_T(ask->reg), from = DB_I(ask->from), to = DB_I(ask->to), demo = DB_I(ask->demo), where = DB_T(text_arg_str(ask->where)),
                        is = DB_T(text_arg_str(ask->is)), stage = DB_T(ask->stage), field = DB_T(text_arg_str(ask->field));
    enum err e = ask->what == ENTRY_ROWS && !staged ? db_query(db, &counts_rows_sql, DB_ARGS(reg, from, to, demo, where, is), &r)
                 : ask->what == ENTRY_ROWS ? db_query(db, &counts_stage_sql, DB_ARGS(reg, from, to, demo, where, is, stage), &r)
                 : !staged ? db_query(db, sum ? &counts_sum_sql : &counts_distinct_sql, DB_ARGS(reg, from, to, demo, where, is, field), &r)
                           : db_query(db, sum ? &counts_stage_sum_sql : &counts_stage_distinct_sql, DB_ARGS(reg, from, to, demo, where, is, stage, field), &r);
    return e ? e : groups_read(&r, fn, ctx);
}

enum err entry_gaps_db(struct db *db, const struct pack *p, struct str reg, bool demo, int64_t *out)
{
    const struct pack_register *x = pack_register(p, reg);
    struct db_rows *r;
    *out = 0;
    if (!x || x->filler.n == 0)
        return OK;
    enum err e = db_query(db, &counts_gaps_sql, DB_ARGS(DB_T(x->code), DB_I(demo), DB_T(x->filler_field), DB_T(x->filler_stage)), &r);
    if (e)
        return e;
    if (db_next(r))
        *out = db_int(r, 0);
    return db_done(&r);
}
