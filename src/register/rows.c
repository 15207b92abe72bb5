// Rows of a register with all that stands in them, for a room above: milestones, narratives, what an activity's page shows.
#include "register/counts.h"
#include "register/store.h"

#define COLUMNS "select e.id, i.code, i.name, i.name_en, e.stage, e.title, e.day, e.fields from desk.entry e " \
    "join desk.institution i on i.id = e.institution where e.register = $1 and e.counts = 1 and (e.demo = 0 or $2 = 1) "
#define ORDER "order by e.day, e.seq limit $3"
DB_QUERY(rows_all_sql, "tii", "btttttit", COLUMNS ORDER);
DB_QUERY(rows_of_sql, "tiitt", "btttttit", COLUMNS "and exists (select 1 from desk.entry_value v where v.entry = e.seq and v.field = $4 and v.value = $5) " ORDER);

enum err entry_rows_db(struct db *db, struct arena *a, const struct entry_rows_ask *ask, struct list *out)
{
    struct db_rows *r;
    struct entry_told *at = arena_array(a, ask->max + 1, sizeof *at);
    size_t n = 0;
    const struct db_args args = DB_ARGS(DB_T(ask->reg), DB_I(ask->demo), DB_I((int64_t)ask->max), DB_T(text_arg_str(ask->field)), DB_T(text_arg_str(ask->value)));
    const struct db_args all = {args.n - 2, args.v};
    enum err e = !at ? ERR_MEMORY : ask->field.n > 0 ? db_query(db, &rows_of_sql, args, &r) : db_query(db, &rows_all_sql, all, &r);
    if (e)
        return e;
    for (; !e && n < ask->max && db_next(r); n++) {
        struct entry_told *x = &at[n];
        *x = (struct entry_told){.institution = arena_str(a, db_str(r, 1)), .name = arena_str(a, db_str(r, 2)), .name_en = arena_str(a, db_str(r, 3)),
                                 .stage = arena_str(a, db_str(r, 4)), .title = arena_str(a, db_str(r, 5)), .day = db_int(r, 6),
                                 .values = entry_fields_read(a, db_str(r, 7))};
        e = id_from_bytes(db_str(r, 0), &x->id) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    *out = (struct list){at, n};
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

struct str entry_told_value(const struct entry_told *row, const char *name)
{
    return entry_value(&row->values, str_from(name));
}
