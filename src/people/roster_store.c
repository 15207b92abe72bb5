// Who is on call, and when.
#include "people/store.h"

#define SLOT_COLUMNS "select r.id, r.unit, r.person, p.name, r.starts, r.ends, r.place, p.disabled, " \
                     "(select count(*) from desk.member m where m.unit = r.unit and m.person = r.person) " \
                     "from desk.roster r join desk.person p on p.id = r.person "
#define SLOT_OUT "bbbtiIiiI"
DB_QUERY(roster_list_sql, "bii", SLOT_OUT,
         SLOT_COLUMNS "where r.unit = $1 and (r.ends is null or r.ends > $2) order by r.starts, r.place, r.id limit $3");
DB_QUERY(roster_find_sql, "b", SLOT_OUT, SLOT_COLUMNS "where r.id = $1");
DB_QUERY(roster_add_sql, "bbbiIi", "",
         "insert into desk.roster (id, unit, person, starts, ends, place) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(roster_twice_sql, "bbiI", "i", "select starts from desk.roster where unit = $1 and person = $2 and starts = $3 "
         "and coalesce(ends, 0) = coalesce($4, 0) limit 1");
DB_QUERY(roster_remove_sql, "b", "", "delete from desk.roster where id = $1");
DB_QUERY(roster_oncall_sql, "bii", "btti",
         "select p.id, p.mail, p.language, r.place from desk.roster r join desk.person p on p.id = r.person "
         "join desk.member m on m.unit = r.unit and m.person = r.person "
         "where r.unit = $1 and r.starts <= $2 and (r.ends is null or r.ends > $2) and p.disabled = 0 and p.mail <> '' "
         "order by r.place, r.starts, r.id limit $3");

static void read_slot(struct arena *a, const struct db_rows *r, void *to)
{
    *(struct people_slot *)to = (struct people_slot){
        .id = id_at(r, 0),
        .unit = id_at(r, 1),
        .person = id_at(r, 2),
        .name = arena_str(a, db_str(r, 3)),
        .starts = db_int(r, 4),
        .ends = db_null(r, 5) ? INT64_MAX : db_int(r, 5),
        .place = db_int(r, 6),
        .works = db_int(r, 7) == 0 && db_int(r, 8) > 0,
    };
}

enum err roster_list_db(struct db *db, struct arena *a, struct id unit, int64_t from, struct people_slot *out, size_t max, size_t *n)
{
    return people_rows(db, a, &roster_list_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(max)), read_slot, out, sizeof *out, max, n);
}

enum err roster_find_db(struct db *db, struct arena *a, struct id id, struct people_slot *out)
{
    return people_row(db, a, &roster_find_sql, DB_ARGS(DB_ID(id)), read_slot, out, sizeof *out);
}

enum err roster_add_db(struct db *db, const struct people_slot *s)
{
    enum err e = member_find_db(db, s->unit, s->person);
    if (e != OK) {
        return e;
    }
    struct db_val ends = s->ends == INT64_MAX ? DB_NULL : DB_I(s->ends);
    struct db_rows *r = NULL;
    e = db_query(db, &roster_twice_sql, DB_ARGS(DB_ID(s->unit), DB_ID(s->person), DB_I(s->starts), ends), &r);
    bool twice = e == OK && db_next(r);
    e = e != OK ? e : db_done(&r);
    if (e != OK || twice) {
        return e != OK ? e : ERR_CONFLICT;
    }
    return db_exec(db, &roster_add_sql, DB_ARGS(DB_ID(s->id), DB_ID(s->unit), DB_ID(s->person), DB_I(s->starts), ends, DB_I(s->place)), NULL);
}

enum err roster_remove_db(struct db *db, struct id id)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &roster_remove_sql, DB_ARGS(DB_ID(id)), &changed);
    return e == OK && changed == 0 ? ERR_NOT_FOUND : e;
}

enum err people_oncall(struct db *db, struct arena *a, struct id unit, int64_t now, struct people_oncall *out, size_t max, size_t *n)
{
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &roster_oncall_sql, DB_ARGS(DB_ID(unit), DB_I(now), DB_I(PEOPLE_SLOTS_MAX)), &rows);
    if (e != OK) {
        return e;
    }
    size_t count = 0;
    while (count < max && db_next(rows)) {
        struct id person = id_at(rows, 0);
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known |= id_equal(out[i].person, person);
        }
        if (!known) {
            out[count++] = (struct people_oncall){.person = person, .mail = arena_str(a, db_str(rows, 1)),
                                                  .language = arena_str(a, db_str(rows, 2)), .order = db_int(rows, 3)};
        }
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
