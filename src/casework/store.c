// A case's clear rows, as its own room and the rooms above read and write them.
#include <string.h>
#include "base/clock.h"
#include "casework/casework.h"

DB_QUERY(case_at_sql, "b", "itibBtTitIiTBbiiBi", "select seq, number, opened, owner, worker, category, county, urgency, "
                                               "state, review_due, "
         "state_at, outcome, asked_by, kid, generation, version, key_out, steps_hidden from desk.case_file where id = $1");
DB_QUERY(case_wrap_newest_sql, "bb", "iib", "select epoch, generation, sealed from desk.unit_wrap where home = $1 and "
                                            "unit = $2 "
         "order by generation desc limit 1");
DB_QUERY(case_wrap_insert_sql, "bbiib", "", "insert into desk.unit_wrap (home, unit, epoch, generation, sealed) "
         "values ($1, $2, $3, $4, $5)");
DB_QUERY(case_hold_set_sql, "btbi", "", "insert into desk.case_hold (case_id, track, thing, since) values ($1, $2, $3, "
                                        "$4) "
         "on conflict (case_id, track, thing) do nothing");
DB_QUERY(case_hold_clear_sql, "btb", "", "delete from desk.case_hold where case_id = $1 and track = $2 and thing = $3");
DB_QUERY(case_history_insert_sql, "biBBtB", "", "insert into desk.case_history (case_id, at, person, unit, action, "
                                                "thing) "
         "values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(case_touch_sql, "bi", "", "update desk.case_file set version = version + 1 where id = $1 and version = $2");
DB_QUERY(case_owner_sql, "bbbb", "", "update desk.case_file set owner = $2, worker = $4 where id = $1 and owner = $3");

static enum err id_or_zero(const struct db_rows *r, int col, struct id *out)
{
    *out = (struct id){{0}};
    return db_null(r, col) ? OK : id_from_bytes(db_str(r, col), out);
}

static enum err at_row(struct arena *a, const struct db_rows *r, struct case_at *at)
{
    at->seq = db_int(r, 0);
    at->number = arena_str(a, db_str(r, 1));
    at->opened = db_int(r, 2);
    enum err e = id_from_bytes(db_str(r, 3), &at->owner);
    if (!e)
        e = id_or_zero(r, 4, &at->worker);
    at->category = arena_str(a, db_str(r, 5));
    at->county = arena_str(a, db_str(r, 6));
    at->urgency = db_int(r, 7);
    if (!e)
        e = case_state_read(db_str(r, 8), &at->state);
    at->review_due = db_null(r, 9) ? INT64_MIN : db_int(r, 9);
    at->state_at = db_int(r, 10);
    at->outcome = arena_str(a, db_str(r, 11));
    if (!e)
        e = id_or_zero(r, 12, &at->asked_by);
    if (!e)
        e = id_or_zero(r, 16, &at->key_out);
    struct str kid = db_str(r, 13);
    if (kid.n != sizeof at->kid.b)
        e = ERR_TAMPERED;
    else
        memcpy(at->kid.b, kid.at, sizeof at->kid.b);
    at->generation = (uint64_t)db_int(r, 14);
    at->version = db_int(r, 15);
    at->steps_hidden = db_int(r, 17) != 0;
    return e ? ERR_TAMPERED : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err case_at_db(struct db *db, struct arena *a, const struct person *who, struct id id, struct case_at *out)
{
    struct keeper_path path;
    struct case_at at = {.id = id};
    struct db_rows *r;
    enum err e = case_path_db(db, a, who, id, &path); // a key first: without one nobody learns that there is a case
    if (!e)
        e = db_query(db, &case_at_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = db_next(r) ? at_row(a, r, &at) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *out = at;
    return e;
}

enum err case_path_db(struct db *db, struct arena *a, const struct person *who, struct id home, struct keeper_path *out)
{
    for (size_t u = 0; u < who->n_units; u++) {
        struct db_rows *r;
        enum err e = db_query(db, &case_wrap_newest_sql, DB_ARGS(DB_ID(home), DB_ID(who->units[u])), &r);
        if (e)
            return e;
        bool found = db_next(r);
        struct keeper_path path = {.n = 1};
        if (found)
            path.step[0] = (struct keeper_step){.unit = true, .parent = who->units[u], .child = home,
                                                .epoch = (uint32_t)db_int(r, 0),
                                                .generation = (uint64_t)db_int(r, 1),
                                                .sealed = arena_str(a, db_str(r, 2))};
        e = db_done(&r);
        if (e)
            return e;
        if (found) {
            *out = path;
            return arena_failed(a) ? ERR_MEMORY : OK;
        }
    }
    return ERR_NOT_FOUND;
}

enum err case_wrap_db(struct db *db, struct id home, struct id unit, uint64_t generation, const struct keeper_wrap *w)
{
    return db_exec(db, &case_wrap_insert_sql, DB_ARGS(DB_ID(home), DB_ID(unit), DB_I(w->epoch), DB_I(generation),
                                                      DB_B(STR_BYTES(w->sealed))), NULL);
}

enum err case_hold_db(struct db *db, struct id case_id, enum case_track t, struct id thing, bool holds, int64_t now)
{
    struct str track = str_from(case_track_name(t));
    return holds ? db_exec(db, &case_hold_set_sql,
                           DB_ARGS(DB_ID(case_id), DB_T(track), DB_ID(thing), DB_I(clock_minute(now))), NULL)
                 : db_exec(db, &case_hold_clear_sql, DB_ARGS(DB_ID(case_id), DB_T(track), DB_ID(thing)), NULL);
}

enum err case_history_db(struct db *db, struct id case_id, struct id person, struct id unit, const char *action,
                         struct id thing, int64_t now)
{
    return db_exec(db, &case_history_insert_sql,
                   DB_ARGS(DB_ID(case_id), DB_I(clock_minute(now)), id_zero(person) ? DB_NULL : DB_ID(person),
                           id_zero(unit) ? DB_NULL : DB_ID(unit), DB_T(str_from(action)), id_zero(thing) ? DB_NULL
                           : DB_ID(thing)), NULL);
}

enum err case_touch_db(struct db *db, struct id case_id, int64_t version)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &case_touch_sql, DB_ARGS(DB_ID(case_id), DB_I(version)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err case_owner_db(struct db *db, struct id case_id, struct id from, struct id unit, struct id worker, int64_t now)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &case_owner_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit), DB_ID(from), DB_ID(worker)), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT;
    if (!e)
        e = report_case_move_db(db, case_id, unit, now);
    if (!e)
        e = report_case_holder_db(db, case_id, worker, now);
    return e ? e : case_history_db(db, case_id, (struct id){{0}}, unit, "owner", unit, now);
}
