#include "people/store.h"
#include "text/fold.h"

#define PERSON_COLUMNS "select p.id, p.username, p.name, p.mail, p.language, p.institution, i.code, i.name, i.name_en, p.roles, p.disabled " \
                       "from desk.person p join desk.institution i on i.id = p.institution "
#define PERSON_OUT "bttttbtttii"

#define PERSON_WORDS "p.fold || ' ' || p.username"
DB_QUERY(person_list_sql, "Bti", PERSON_OUT,
         PERSON_COLUMNS "where ($1 is null or (p.fold, p.id) > (select q.fold, q.id from desk.person q where q.id = $1)) "
                        "and ($2 = '' or replace(" PERSON_WORDS ", $2, '') <> " PERSON_WORDS ") order by p.fold, p.id limit $3"); // replace: a part of it, without signs that mean something
DB_QUERY(person_find_sql, "b", PERSON_OUT, PERSON_COLUMNS "where p.id = $1");
DB_QUERY(unit_able_sql, "b", "i", "select count(*) from desk.member m join desk.person p on p.id = m.person where m.unit = $1 and p.disabled = 0");
DB_QUERY(person_members_sql, "bi", PERSON_OUT,
         PERSON_COLUMNS "join desk.member m on m.person = p.id where m.unit = $1 order by p.fold, p.id limit $2");
DB_QUERY(person_name_sql, "b", "t", "select name from desk.person where id = $1");
DB_QUERY(unit_name_sql, "b", "ttt", "select u.name, i.name, i.name_en from desk.unit u join desk.institution i on i.id = u.institution where u.id = $1");
DB_QUERY(person_user_sql, "t", "b", "select id from desk.person where username = $1");
DB_QUERY(person_print_sql, "", "ttti",
         "select p.username, p.name, i.code, p.disabled from desk.person p join desk.institution i on i.id = p.institution order by p.fold, p.id");
DB_QUERY(person_add_sql, "btttttbii", "",
         "insert into desk.person (id, username, name, fold, mail, language, institution, roles, disabled) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
DB_QUERY(person_change_sql, "bttttb", "",
         "update desk.person set name = $2, fold = $3, mail = $4, language = $5, institution = $6 where id = $1");
DB_QUERY(person_roles_sql, "bi", "", "update desk.person set roles = $2 where id = $1");
DB_QUERY(person_disable_sql, "bi", "", "update desk.person set disabled = $2 where id = $1");

static void read_person(struct arena *a, const struct db_rows *r, void *to)
{
    *(struct people_person *)to = (struct people_person){
        .id = id_at(r, 0),
        .user = arena_str(a, db_str(r, 1)),
        .name = arena_str(a, db_str(r, 2)),
        .mail = arena_str(a, db_str(r, 3)),
        .language = arena_str(a, db_str(r, 4)),
        .institution = id_at(r, 5),
        .institution_code = arena_str(a, db_str(r, 6)),
        .institution_name = arena_str(a, db_str(r, 7)),
        .institution_name_en = arena_str(a, db_str(r, 8)),
        .roles = (uint32_t)db_int(r, 9),
        .disabled = db_int(r, 10) != 0,
    };
}

enum err person_list_db(struct db *db, struct arena *a, struct id after, struct str part, struct people_person *out, size_t max, size_t *n)
{
    struct db_val from = id_zero(after) ? DB_NULL : DB_ID(after);
    return people_rows(db, a, &person_list_sql, DB_ARGS(from, DB_T(part), DB_I(max)), read_person, out, sizeof *out, max, n);
}

enum err member_list_db(struct db *db, struct arena *a, struct id unit, struct people_person *out, size_t max, size_t *n)
{
    return people_rows(db, a, &person_members_sql, DB_ARGS(DB_ID(unit), DB_I(max)), read_person, out, sizeof *out, max, n);
}

enum err person_find_db(struct db *db, struct arena *a, struct id id, struct people_person *out)
{
    return people_row(db, a, &person_find_sql, DB_ARGS(DB_ID(id)), read_person, out, sizeof *out);
}

enum err people_name(struct db *db, struct arena *a, struct id person, struct str *out)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &person_name_sql, DB_ARGS(DB_ID(person)), &rows);
    if (e != OK) {
        return e;
    }
    struct str name = {0};
    if (db_next(rows)) {
        name = arena_str(a, db_str(rows, 0));
    }
    e = db_done(&rows);
    if (e == OK && name.n == 0) {
        char hex[ID_HEX];
        name = arena_str(a, str_slice(str_from(id_hex(person, hex)), 0, 8));
    }
    if (e == OK && arena_failed(a)) {
        e = ERR_MEMORY;
    }
    if (e == OK) {
        *out = name;
    }
    return e;
}

enum err people_unit_alone(struct db *db, struct id unit, bool *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &unit_able_sql, DB_ARGS(DB_ID(unit)), &r);
    if (e)
        return e;
    *out = !db_next(r) || db_int(r, 0) < 2;
    return db_done(&r);
}

enum err people_unit_name(struct db *db, struct arena *a, bool english, struct id unit, struct str *out)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &unit_name_sql, DB_ARGS(DB_ID(unit)), &rows);
    if (e != OK) {
        return e;
    }
    struct str name = {0};
    if (db_next(rows)) {
        struct str own = db_str(rows, 0), first = db_str(rows, 1), second = db_str(rows, 2);
        name = arena_str(a, own.n ? own : english && second.n ? second : first);
    }
    e = db_done(&rows);
    if (e == OK && arena_failed(a)) {
        e = ERR_MEMORY;
    }
    if (e == OK) {
        *out = name;
    }
    return e;
}

enum err person_add_db(struct db *db, struct arena *a, const struct people_person *p)
{
    return db_exec(db, &person_add_sql,
                   DB_ARGS(DB_ID(p->id), DB_T(p->user), DB_T(p->name), DB_T(fold_key(a, p->name)), DB_T(p->mail), DB_T(p->language),
                           DB_ID(p->institution), DB_I(p->roles), DB_I(p->disabled)), NULL);
}

// Runs an update of one row: no row is ERR_NOT_FOUND.
static enum err change_one(struct db *db, const struct db_query *q, struct db_args args)
{
    int64_t changed = 0;
    enum err e = db_exec(db, q, args, &changed);
    return e == OK && changed == 0 ? ERR_NOT_FOUND : e;
}

enum err person_change_db(struct db *db, struct arena *a, const struct people_person *p)
{
    return change_one(db, &person_change_sql, DB_ARGS(DB_ID(p->id), DB_T(p->name), DB_T(fold_key(a, p->name)), DB_T(p->mail),
                                                      DB_T(p->language), DB_ID(p->institution)));
}

enum err person_roles_db(struct db *db, struct id id, uint32_t roles)
{
    return change_one(db, &person_roles_sql, DB_ARGS(DB_ID(id), DB_I(roles)));
}

DB_QUERY(person_left_sql, "bb", "i", "select count(*) from desk.person p where p.id = $2 and (p.disabled = 1 or not exists (select 1 from "
         "desk.member m where m.person = p.id and m.unit = $1))");

enum err people_left_db(struct db *db, struct id unit, struct id person, bool *left)
{
    struct db_rows *r;
    enum err e = db_query(db, &person_left_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), &r);
    if (e) {
        return e;
    }
    *left = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

enum err person_disable_db(struct db *db, struct id id, bool disabled)
{
    return change_one(db, &person_disable_sql, DB_ARGS(DB_ID(id), DB_I(disabled)));
}

enum err people_find_user(struct db *db, struct str user, struct id *out)
{
    return find_id_db(db, &person_user_sql, DB_ARGS(DB_T(user)), out);
}

enum err people_print(struct db *db, FILE *to)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &person_print_sql, DB_ARGS(), &rows);
    if (e != OK) {
        return e;
    }
    while (db_next(rows)) {
        fprintf(to, "%-20.*s %-30.*s %-12.*s%s\n", STR_ARG(db_str(rows, 0)), STR_ARG(db_str(rows, 1)), STR_ARG(db_str(rows, 2)),
                db_int(rows, 3) != 0 ? " disabled" : "");
    }
    return db_done(&rows);
}
