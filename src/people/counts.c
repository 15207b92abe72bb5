#include "people/counts.h"

DB_QUERY(count_units_sql, "i", "bbtttt", "select u.id, u.institution, u.name, i.name, i.name_en, i.type from desk.unit u "
         "join desk.institution i on i.id = u.institution order by i.fold, u.room, u.id limit $1");
DB_QUERY(institutions_sql, "i", "btttt", "select id, code, type, name, name_en from desk.institution order by fold, id limit $1");
DB_QUERY(colleagues_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person where m.unit = $1 "
         "order by p.fold, p.id limit $2");

enum err count_rows(struct db_rows **rows, count_fn *fn, void *ctx)
{
    enum err e = OK;
    while (e == OK && db_next(*rows)) {
        struct count_row row = {.category = db_str(*rows, 1), .county = db_str(*rows, 2), .bucket = db_int(*rows, 3), .n = db_int(*rows, 4)};
        e = id_from_bytes(db_str(*rows, 0), &row.unit) != OK ? ERR_TAMPERED : fn(ctx, &row);
    }
    enum err done = db_done(rows);
    return e != OK ? e : done;
}

enum err count_first(struct db *db, const struct db_query *q, struct id unit, int64_t *out)
{
    struct db_rows *rows = NULL;
    int64_t at = INT64_MAX;
    enum err e = db_query(db, q, DB_ARGS(DB_ID(unit)), &rows);
    if (e != OK) {
        return e;
    }
    if (db_next(rows) && !db_null(rows, 0)) {
        at = db_int(rows, 0);
    }
    e = db_done(&rows);
    if (e == OK) {
        *out = at;
    }
    return e;
}

enum err count_units_db(struct db *db, struct arena *a, bool english, struct count_unit **out, size_t *n)
{
    struct db_rows *rows = NULL;
    struct count_unit *at = arena_array(a, COUNT_UNITS_MAX, sizeof *at);
    enum err e = at == NULL ? ERR_MEMORY : db_query(db, &count_units_sql, DB_ARGS(DB_I(COUNT_UNITS_MAX)), &rows);
    if (e != OK) {
        return e;
    }
    size_t count = 0;
    while (e == OK && count < COUNT_UNITS_MAX && db_next(rows)) {
        struct str own = db_str(rows, 2), name = db_str(rows, 3), name_en = db_str(rows, 4);
        struct count_unit *u = &at[count++];
        u->name = arena_str(a, own.n > 0 ? own : english && name_en.n > 0 ? name_en : name);
        u->type = arena_str(a, db_str(rows, 5));
        if (id_from_bytes(db_str(rows, 0), &u->unit) != OK || id_from_bytes(db_str(rows, 1), &u->institution) != OK) {
            e = ERR_TAMPERED;
        }
    }
    enum err done = db_done(&rows);
    e = e != OK ? e : done != OK ? done : arena_failed(a) ? ERR_MEMORY : OK;
    if (e == OK) {
        *out = at;
        *n = count;
    }
    return e;
}

enum err colleagues_db(struct db *db, struct arena *a, struct id unit, struct colleague *out, size_t *n)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &colleagues_sql, DB_ARGS(DB_ID(unit), DB_I(COLLEAGUES_MAX)), &rows);
    if (e != OK) {
        return e;
    }
    size_t count = 0;
    while (e == OK && count < COLLEAGUES_MAX && db_next(rows)) {
        e = id_from_bytes(db_str(rows, 0), &out[count].person) != OK ? ERR_TAMPERED : OK;
        out[count++].name = arena_str(a, db_str(rows, 1));
    }
    enum err done = db_done(&rows);
    e = e != OK ? e : done != OK ? done : arena_failed(a) ? ERR_MEMORY : OK;
    if (e == OK) {
        *n = count;
    }
    return e;
}

enum err institutions_db(struct db *db, struct arena *a, bool english, struct list *out)
{
    struct db_rows *r;
    struct institution *at = arena_array(a, INSTITUTIONS_MAX, sizeof *at);
    size_t n = 0;
    enum err e = at ? db_query(db, &institutions_sql, DB_ARGS(DB_I(INSTITUTIONS_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < INSTITUTIONS_MAX && db_next(r); n++) {
        bool en = english && db_str(r, 4).n > 0;
        at[n] = (struct institution){.code = arena_str(a, db_str(r, 1)), .type = arena_str(a, db_str(r, 2)),
                                     .name = arena_str(a, db_str(r, en ? 4 : 3))};
        e = id_from_bytes(db_str(r, 0), &at[n].id) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    *out = (struct list){at, n};
    return done ? done : e;
}

const struct institution *institution_by_code(const struct list *all, struct str code)
{
    const struct institution *at = all->at;
    for (size_t i = 0; i < all->n; i++)
        if (str_equal(at[i].code, code))
            return &at[i];
    return NULL;
}

const struct institution *institution_by_id(const struct list *all, struct id id)
{
    const struct institution *at = all->at;
    for (size_t i = 0; i < all->n; i++)
        if (id_equal(at[i].id, id))
            return &at[i];
    return NULL;
}
