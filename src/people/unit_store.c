// Institutions, their units, and the members of units as shown.
#include "people/store.h"
#include "text/fold.h"

DB_QUERY(institution_list_sql, "Bi", "bttttI",
         "select i.id, i.code, i.type, i.name, i.name_en, (select count(*) from desk.unit u where u.institution = i.id) "
         "from desk.institution i where $1 is null or (i.fold, i.id) > (select q.fold, q.id from desk.institution q where q.id = $1) "
         "order by i.fold, i.id limit $2");
DB_QUERY(institution_find_sql, "b", "bttttI",
         "select i.id, i.code, i.type, i.name, i.name_en, (select count(*) from desk.unit u where u.institution = i.id) "
         "from desk.institution i where i.id = $1");
DB_QUERY(institution_code_sql, "t", "b", "select id from desk.institution where code = $1");
DB_QUERY(institution_add_sql, "bttttt", "",
         "insert into desk.institution (id, code, type, name, name_en, fold) values ($1, $2, $3, $4, $5, $6)");
#define UNIT_COLUMNS "select u.id, u.institution, i.code, i.name, i.name_en, u.room, u.name, " \
                     "(select count(*) from desk.member m where m.unit = u.id), i.type from desk.unit u join desk.institution i on i.id = u.institution "
#define UNIT_OUT "bbtttttIt"
// who has members can receive
DB_QUERY(unit_list_sql, "i", UNIT_OUT, UNIT_COLUMNS
         "order by case when exists (select 1 from desk.member m where m.unit = u.id) then 0 else 1 end, i.fold, u.room, u.id limit $1");
DB_QUERY(unit_find_sql, "b", UNIT_OUT, UNIT_COLUMNS "where u.id = $1");
DB_QUERY(unit_of_sql, "bi", UNIT_OUT,
         UNIT_COLUMNS "join desk.member w on w.unit = u.id where w.person = $1 order by i.fold, u.room, u.id limit $2");
DB_QUERY(unit_add_sql, "bbtt", "", "insert into desk.unit (id, institution, room, name) values ($1, $2, $3, $4)");
DB_QUERY(member_find_sql, "bb", "b", "select person from desk.member where unit = $1 and person = $2");
DB_QUERY(member_add_sql, "bb", "", "insert into desk.member (unit, person) values ($1, $2) on conflict (unit, person) do nothing");
DB_QUERY(member_remove_sql, "bb", "", "delete from desk.member where unit = $1 and person = $2");
DB_QUERY(member_clear_sql, "b", "", "delete from desk.member where person = $1");
DB_QUERY(member_slots_sql, "bb", "", "delete from desk.roster where unit = $1 and person = $2");
DB_QUERY(member_all_slots_sql, "b", "", "delete from desk.roster where person = $1");

// ── institutions ──

static void read_institution(struct arena *a, const struct db_rows *r, void *to)
{
    *(struct people_institution *)to = (struct people_institution){
        .id = id_at(r, 0),
        .code = arena_str(a, db_str(r, 1)),
        .type = arena_str(a, db_str(r, 2)),
        .name = arena_str(a, db_str(r, 3)),
        .name_en = arena_str(a, db_str(r, 4)),
        .units = db_int(r, 5),
    };
}

enum err institution_list_db(struct db *db, struct arena *a, struct id after, struct people_institution *out, size_t max, size_t *n)
{
    struct db_val from = id_zero(after) ? DB_NULL : DB_ID(after);
    return people_rows(db, a, &institution_list_sql, DB_ARGS(from, DB_I(max)), read_institution, out, sizeof *out, max, n);
}

enum err institution_find_db(struct db *db, struct arena *a, struct id id, struct people_institution *out)
{
    return people_row(db, a, &institution_find_sql, DB_ARGS(DB_ID(id)), read_institution, out, sizeof *out);
}

enum err institution_add_db(struct db *db, struct arena *a, const struct people_institution *i)
{
    return db_exec(db, &institution_add_sql, DB_ARGS(DB_ID(i->id), DB_T(i->code), DB_T(i->type), DB_T(i->name), DB_T(i->name_en),
                                                     DB_T(fold_key(a, i->name))), NULL);
}

enum err people_rows(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                     void (*row)(struct arena *a, const struct db_rows *r, void *to), void *out, size_t size, size_t max, size_t *n)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, q, args, &rows);
    if (e != OK) {
        return e;
    }
    size_t count = 0;
    while (count < max && db_next(rows)) {
        row(a, rows, (char *)out + count++ * size);
    }
    e = db_done(&rows);
    if (e == OK && arena_failed(a)) {
        e = ERR_MEMORY;
    }
    if (e == OK) {
        *n = count;
    }
    return e;
}

enum err people_row(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                    void (*row)(struct arena *a, const struct db_rows *r, void *to), void *out, size_t size)
{
    size_t n = 0;
    enum err e = people_rows(db, a, q, args, row, out, size, 1, &n);
    return e == OK && n == 0 ? ERR_NOT_FOUND : e;
}

enum err find_id_db(struct db *db, const struct db_query *q, struct db_args args, struct id *out)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, q, args, &rows);
    if (e != OK) {
        return e;
    }
    struct id id = {0};
    if (db_next(rows)) {
        id = id_at(rows, 0);
    }
    e = db_done(&rows);
    if (e == OK && id_zero(id)) {
        e = ERR_NOT_FOUND;
    }
    if (e == OK) {
        *out = id;
    }
    return e;
}

enum err people_institution_find(struct db *db, struct str code, struct id *out)
{
    return find_id_db(db, &institution_code_sql, DB_ARGS(DB_T(code)), out);
}

// ── units ──

static void read_unit(struct arena *a, const struct db_rows *r, void *to)
{
    *(struct people_unit *)to = (struct people_unit){
        .id = id_at(r, 0),
        .institution = id_at(r, 1),
        .institution_code = arena_str(a, db_str(r, 2)),
        .institution_name = arena_str(a, db_str(r, 3)),
        .institution_name_en = arena_str(a, db_str(r, 4)),
        .room = arena_str(a, db_str(r, 5)),
        .name = arena_str(a, db_str(r, 6)),
        .members = db_int(r, 7),
        .institution_type = arena_str(a, db_str(r, 8)),
    };
}

enum err unit_list_db(struct db *db, struct arena *a, struct people_unit *out, size_t max, size_t *n)
{
    return people_rows(db, a, &unit_list_sql, DB_ARGS(DB_I(max)), read_unit, out, sizeof *out, max, n);
}

enum err unit_find_db(struct db *db, struct arena *a, struct id id, struct people_unit *out)
{
    return people_row(db, a, &unit_find_sql, DB_ARGS(DB_ID(id)), read_unit, out, sizeof *out);
}

enum err member_units_db(struct db *db, struct arena *a, struct id person, struct people_unit *out, size_t max, size_t *n)
{
    return people_rows(db, a, &unit_of_sql, DB_ARGS(DB_ID(person), DB_I(max)), read_unit, out, sizeof *out, max, n);
}

enum err unit_add_db(struct db *db, struct id id, struct id institution, struct str room, struct str name)
{
    return db_exec(db, &unit_add_sql, DB_ARGS(DB_ID(id), DB_ID(institution), DB_T(room), DB_T(name)), NULL);
}

// ── members ──

enum err member_find_db(struct db *db, struct id unit, struct id person)
{
    struct id found;
    return find_id_db(db, &member_find_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), &found);
}

enum err member_add_db(struct db *db, struct id unit, struct id person)
{
    return db_exec(db, &member_add_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), NULL);
}

enum err member_remove_db(struct db *db, struct id unit, struct id person)
{
    enum err e = db_exec(db, &member_remove_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), NULL);
    return e != OK ? e : db_exec(db, &member_slots_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), NULL);
}

enum err member_clear_db(struct db *db, struct id person)
{
    enum err e = db_exec(db, &member_clear_sql, DB_ARGS(DB_ID(person)), NULL);
    return e != OK ? e : db_exec(db, &member_all_slots_sql, DB_ARGS(DB_ID(person)), NULL);
}
