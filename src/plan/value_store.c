#include "plan/value_store.h"

#define LOCKS_MAX 200   // as the queries say
#define UNLOCKS_MAX 500

#define ROW "v.seq, v.id, v.indicator, v.first, v.last, v.institution, i.code, i.name, i.name_en, v.county, v.n, v.part_of, v.blank, v.comment, v.state, " \
            "v.note, v.demo, v.version, v.corrections, v.person, v.at, v.decided_by, v.decided_at "
#define ROW_TYPES "ibtiibttttIItttt" "iiibiBI"
DB_QUERY(plan_value_find_sql, "b", ROW_TYPES, "select " ROW "from desk.plan_value v join desk.institution i on i.id = v.institution where v.id = $1");
DB_QUERY(plan_value_at_sql, "tiibt", ROW_TYPES, "select " ROW "from desk.plan_value v join desk.institution i on i.id = v.institution "
         "where v.indicator = $1 and v.first = $2 and v.last = $3 and v.institution = $4 and v.county = $5");
DB_QUERY(plan_value_overlaps_sql, "tiibi", "i", "select count(*) from desk.plan_value where indicator = $1 and first = $2 and last = $3 and institution = $4 "
         "and n is not null and (($5 = 1 and county <> '') or ($5 = 0 and county = ''))");
DB_QUERY(plan_value_own_sql, "biiiti", ROW_TYPES,
         "select " ROW "from desk.plan_value v join desk.institution i on i.id = v.institution "
         "where v.institution = $1 and v.first >= $2 and v.last <= $3 and ($4 = 0 or (v.first = $2 and v.last = $3)) and ($5 = '' or v.state = $5) "
         "order by v.first, v.last, v.indicator, v.county limit $6");
DB_QUERY(plan_value_all_sql, "iiiti", ROW_TYPES,
         "select " ROW "from desk.plan_value v join desk.institution i on i.id = v.institution "
         "where v.first >= $1 and v.last <= $2 and ($3 = 0 or (v.first = $1 and v.last = $2)) and ($4 = '' or v.state = $4) "
         "order by v.first, v.last, i.fold, v.indicator, v.county limit $5");
DB_QUERY(plan_value_count_sql, "Biiit", "i",
         "select count(*) from desk.plan_value where ($1 is null or institution = $1) and first >= $2 and last <= $3 "
         "and ($4 = 0 or (first = $2 and last = $3)) and ($5 = '' or state = $5)");
DB_QUERY(plan_value_insert_sql, "btiibtIIttttibiBI", "i",
         "insert into desk.plan_value (id, indicator, first, last, institution, county, n, part_of, blank, comment, state, note, demo, version, corrections, "
         "person, at, decided_by, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, 0, $14, $15, $16, $17) returning seq");
DB_QUERY(plan_value_update_sql, "iiIIttttibiBI", "",
         "update desk.plan_value set version = version + 1, n = $3, part_of = $4, blank = $5, comment = $6, state = $7, note = $8, corrections = $9, "
         "person = $10, at = $11, decided_by = $12, decided_at = $13 where seq = $1 and version = $2");
DB_QUERY(plan_value_touch_sql, "ii", "", "update desk.plan_value set version = version + 1 where seq = $1 and version = $2");
DB_QUERY(plan_value_version_sql, "iiibtIItttt", "",
         "insert into desk.plan_value_version (value, version, at, person, action, n, part_of, blank, comment, state, note) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
DB_QUERY(plan_value_cells_sql, "iii", "tiibtII",
         "select indicator, first, last, institution, county, n, part_of from desk.plan_value "
         "where state = 'approved' and blank = '' and first >= $1 and last <= $2 and (demo = 0 or $3 = 1)");
DB_QUERY(plan_locks_sql, "", "iibi", "select first, last, person, at from desk.plan_lock order by first desc, last desc limit 200");
DB_QUERY(plan_unlocks_sql, "", "iibttti",
         "select u.first, u.last, u.institution, i.name, i.name_en, u.reason, u.until from desk.plan_unlock u "
         "join desk.institution i on i.id = u.institution order by u.first desc, u.last desc, i.fold limit 500");
DB_QUERY(plan_lock_sql, "iibi", "", "insert into desk.plan_lock (first, last, person, at) values ($1, $2, $3, $4) on conflict (first, last) do nothing");
DB_QUERY(plan_lock_away_sql, "ii", "", "delete from desk.plan_lock where first = $1 and last = $2");
DB_QUERY(plan_unlocks_away_sql, "ii", "", "delete from desk.plan_unlock where first = $1 and last = $2");
DB_QUERY(plan_unlock_sql, "iibitbi", "",
         "insert into desk.plan_unlock (first, last, institution, until, reason, person, at) values ($1, $2, $3, $4, $5, $6, $7) "
         "on conflict (first, last, institution) do update set until = excluded.until, reason = excluded.reason, person = excluded.person, at = excluded.at");

static struct plan_period period_of(int64_t first, int64_t last)
{
    return (struct plan_period){plan_month_of_key(first), plan_month_of_key(last)};
}

static enum err row_read(const struct db_rows *r, struct arena *a, struct plan_value_row *x)
{
    *x = (struct plan_value_row){
        .seq = db_int(r, 0), .indicator = arena_str(a, db_str(r, 2)), .period = period_of(db_int(r, 3), db_int(r, 4)),
        .code = arena_str(a, db_str(r, 6)),
        .name = arena_str(a, db_str(r, 7)), .name_en = arena_str(a, db_str(r, 8)), .county = arena_str(a, db_str(r, 9)),
        .said = {.has_n = !db_null(r, 10), .has_of = !db_null(r, 11), .blank = arena_str(a, db_str(r, 12)), .comment = arena_str(a, db_str(r, 13))},
        .note = arena_str(a, db_str(r, 15)), .demo = db_int(r, 16) != 0, .version = db_int(r, 17), .corrections = db_int(r, 18), .at = db_int(r, 20),
        .decided_at = db_null(r, 22) ? INT64_MIN : db_int(r, 22),
    };
    x->said.n = x->said.has_n ? db_int(r, 10) : 0;
    x->said.of = x->said.has_of ? db_int(r, 11) : 0;
    bool decided = !db_null(r, 21);
    bool fine = id_from_bytes(db_str(r, 1), &x->id) == OK && id_from_bytes(db_str(r, 5), &x->who.institution) == OK &&
                id_from_bytes(db_str(r, 19), &x->who.person) == OK && plan_value_state_read(db_str(r, 14), &x->who.state) &&
                (!decided || id_from_bytes(db_str(r, 21), &x->decided_by) == OK);
    return fine ? OK : ERR_TAMPERED;
}

enum err plan_value_find_in_db(struct db *db, struct arena *a, struct id id, const struct list *locks,
                               const struct list *unlocks, int64_t now, struct plan_value_row *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_value_find_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    e = db_next(r) ? row_read(r, a, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        out->who.locked = plan_locked(locks, unlocks, out->period, out->who.institution, now);
    return e;
}

enum err plan_value_find_db(struct db *db, struct arena *a, struct id id, int64_t now, struct plan_value_row *out)
{
    struct list locks, unlocks;
    enum err e = plan_locks_db(db, a, &locks, &unlocks);
    return e ? e : plan_value_find_in_db(db, a, id, &locks, &unlocks, now, out);
}

struct plan_value_row plan_value_none(const struct plan_value_row *want)
{
    return (struct plan_value_row){.indicator = want->indicator, .county = want->county, .period = want->period,
                                   .who = {.institution = want->who.institution},
                                   .said = {.blank = STR(""), .comment = STR("")}, .note = STR(""),
                                   .decided_at = INT64_MIN};
}

enum err plan_value_at_db(struct db *db, struct arena *a, const struct list *locks, const struct list *unlocks, const struct plan_value_row *want,
                          int64_t now, struct plan_value_row *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_value_at_sql,
                          DB_ARGS(DB_T(want->indicator), DB_I(plan_month_key(want->period.first)),
                                  DB_I(plan_month_key(want->period.last)), DB_ID(want->who.institution),
                                  DB_T(want->county)), &r);
    if (e)
        return e;
    *out = plan_value_none(want);
    if (db_next(r))
        e = row_read(r, a, out);
    out->who.locked = plan_locked(locks, unlocks, want->period, want->who.institution, now);
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err plan_value_overlaps_db(struct db *db, const struct plan_value_row *want, bool *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_value_overlaps_sql,
                          DB_ARGS(DB_T(want->indicator), DB_I(plan_month_key(want->period.first)),
                                  DB_I(plan_month_key(want->period.last)), DB_ID(want->who.institution),
                                  DB_I(want->county.n == 0)), &r);
    if (e)
        return e;
    *out = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

enum err plan_value_list_db(struct db *db, struct arena *a, const struct plan_value_ask *ask, size_t max, struct list *out)
{
    struct str state = ask->state < 0 ? STR("") : str_from(plan_value_state_name((enum plan_value_state)ask->state));
    struct db_val from = DB_I(plan_month_key(ask->period.first)), to = DB_I(plan_month_key(ask->period.last)), exact = DB_I(!ask->within);
    struct list locks, unlocks;
    struct db_rows *r;
    size_t n = 0;
    enum err e = db_query(db, &plan_value_count_sql,
                          DB_ARGS(id_zero(ask->institution) ? DB_NULL : DB_ID(ask->institution), from, to, exact,
                                  DB_T(state)), &r);
    if (e)
        return e;
    size_t all = db_next(r) ? (size_t)db_int(r, 0) : 0; // memory for what there is, not for what there might be
    max = all < max ? all : max;
    e = db_done(&r);
    struct plan_value_row *at = arena_array(a, max + 1, sizeof *at);
    e = e ? e : at ? plan_locks_db(db, a, &locks, &unlocks) : ERR_MEMORY;
    if (e)
        return e;
    e = id_zero(ask->institution) ? db_query(db, &plan_value_all_sql, DB_ARGS(from, to, exact, DB_T(state), DB_I(max)), &r)
                                  : db_query(db, &plan_value_own_sql, DB_ARGS(DB_ID(ask->institution), from, to, exact, DB_T(state), DB_I(max)), &r);
    if (e)
        return e;
    for (; !e && n < max && db_next(r); n++) {
        e = row_read(r, a, &at[n]);
        at[n].who.locked = plan_locked(&locks, &unlocks, at[n].period, at[n].who.institution, ask->now);
    }
    enum err done = db_done(&r);
    *out = (struct list){at, n};
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

static struct db_val number(bool has, int64_t n)
{
    return has ? DB_I(n) : DB_NULL;
}

enum err plan_value_put_db(struct db *db, struct plan_value_row *x, struct str action)
{
    struct db_val n = number(x->said.has_n, x->said.n), of = number(x->said.has_of, x->said.of),
        state = DB_T(str_from(plan_value_state_name(x->who.state)));
    struct db_val by = id_zero(x->decided_by) ? DB_NULL : DB_ID(x->decided_by), decided = number(x->decided_at != INT64_MIN, x->decided_at);
    struct db_rows *r;
    int64_t changed = 0;
    enum err e;
    if (x->version == 0) {
        e = db_query(db, &plan_value_insert_sql,
                     DB_ARGS(DB_ID(x->id), DB_T(x->indicator), DB_I(plan_month_key(x->period.first)),
                             DB_I(plan_month_key(x->period.last)), DB_ID(x->who.institution), DB_T(x->county), n, of,
                             DB_T(x->said.blank), DB_T(x->said.comment), state, DB_T(x->note), DB_I(x->demo),
                             DB_ID(x->who.person), DB_I(x->at), by, decided), &r);
        if (e)
            return e;
        if (db_next(r))
            x->seq = db_int(r, 0);
        e = db_done(&r);
    } else {
        e = db_exec(db, &plan_value_update_sql, DB_ARGS(DB_I(x->seq), DB_I(x->version), n, of, DB_T(x->said.blank),
                                                        DB_T(x->said.comment), state, DB_T(x->note),
                                                        DB_I(x->corrections), DB_ID(x->who.person), DB_I(x->at), by,
                                                        decided), &changed);
        e = e ? e : changed == 1 ? OK : ERR_CONFLICT;
    }
    if (e)
        return e;
    x->version++;
    bool decision = x->who.state == PLAN_VALUE_RETURNED || x->who.state == PLAN_VALUE_APPROVED;
    return db_exec(db, &plan_value_version_sql,
                   DB_ARGS(DB_I(x->seq), DB_I(x->version), DB_I(decision ? x->decided_at : x->at),
                           decision ? by : DB_ID(x->who.person), DB_T(action), n, of, DB_T(x->said.blank),
                           DB_T(x->said.comment), state, DB_T(x->note)), NULL);
}

enum err plan_value_note_db(struct db *db, struct plan_value_row *x, struct str action, struct id person, int64_t at)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &plan_value_touch_sql, DB_ARGS(DB_I(x->seq), DB_I(x->version)), &changed);
    e = e ? e : changed == 1 ? OK : ERR_CONFLICT;
    if (e)
        return e;
    x->version++;
    return db_exec(db, &plan_value_version_sql,
                   DB_ARGS(DB_I(x->seq), DB_I(x->version), DB_I(at), DB_ID(person), DB_T(action), number(x->said.has_n, x->said.n),
                           number(x->said.has_of, x->said.of), DB_T(x->said.blank), DB_T(x->said.comment),
                           DB_T(str_from(plan_value_state_name(x->who.state))), DB_T(x->note)), NULL);
}

enum err plan_value_cells_db(struct db *db, struct plan_period within, bool demo, plan_value_cell_fn *fn, void *ctx)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_value_cells_sql, DB_ARGS(DB_I(plan_month_key(within.first)), DB_I(plan_month_key(within.last)), DB_I(demo)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct plan_value_cell c = {.indicator = db_str(r, 0), .period = period_of(db_int(r, 1), db_int(r, 2)),
                                    .county = db_str(r, 4), .has_of = !db_null(r, 6)};
        c.of = c.has_of ? db_int(r, 6) : 0;
        if (db_null(r, 5))
            continue;
        c.n = db_int(r, 5);
        e = id_from_bytes(db_str(r, 3), &c.institution) ? ERR_TAMPERED : fn(ctx, &c);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// ── locked periods ──
enum err plan_locks_db(struct db *db, struct arena *a, struct list *locks, struct list *unlocks)
{
    struct plan_lock *lock = arena_array(a, LOCKS_MAX, sizeof *lock);
    struct plan_unlock *un = arena_array(a, UNLOCKS_MAX, sizeof *un);
    struct db_rows *r;
    size_t n = 0, k = 0;
    enum err e = lock && un ? db_query(db, &plan_locks_sql, DB_ARGS(), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < LOCKS_MAX && db_next(r); n++) {
        lock[n] = (struct plan_lock){.period = period_of(db_int(r, 0), db_int(r, 1)), .at = db_int(r, 3)};
        e = id_from_bytes(db_str(r, 2), &lock[n].person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = done ? done : e ? e : db_query(db, &plan_unlocks_sql, DB_ARGS(), &r);
    if (e)
        return e;
    for (; !e && k < UNLOCKS_MAX && db_next(r); k++) {
        un[k] = (struct plan_unlock){.period = period_of(db_int(r, 0), db_int(r, 1)),
                                     .name = arena_str(a, db_str(r, 3)), .name_en = arena_str(a, db_str(r, 4)),
                                     .reason = arena_str(a, db_str(r, 5)), .until = db_int(r, 6)};
        e = id_from_bytes(db_str(r, 2), &un[k].institution) ? ERR_TAMPERED : OK;
    }
    done = db_done(&r);
    *locks = (struct list){lock, n};
    *unlocks = (struct list){un, k};
    return done ? done : e;
}

enum err plan_lock_db(struct db *db, struct plan_period p, struct id person, int64_t at)
{
    return db_exec(db, &plan_lock_sql, DB_ARGS(DB_I(plan_month_key(p.first)), DB_I(plan_month_key(p.last)), DB_ID(person), DB_I(at)), NULL);
}

enum err plan_lock_away_db(struct db *db, struct plan_period p)
{
    struct db_val first = DB_I(plan_month_key(p.first)), last = DB_I(plan_month_key(p.last));
    enum err e = db_exec(db, &plan_unlocks_away_sql, DB_ARGS(first, last), NULL);
    return e ? e : db_exec(db, &plan_lock_away_sql, DB_ARGS(first, last), NULL);
}

enum err plan_unlock_db(struct db *db, const struct plan_unlock *u, struct id person, int64_t at)
{
    return db_exec(db, &plan_unlock_sql,
                   DB_ARGS(DB_I(plan_month_key(u->period.first)), DB_I(plan_month_key(u->period.last)),
                           DB_ID(u->institution), DB_I(u->until), DB_T(u->reason), DB_ID(person), DB_I(at)), NULL);
}

bool plan_locked(const struct list *locks, const struct list *unlocks, struct plan_period p, struct id institution, int64_t now)
{
    const struct plan_lock *lock = locks->at;
    const struct plan_unlock *un = unlocks->at;
    for (size_t i = 0; i < locks->n; i++) {
        if (!plan_period_holds(lock[i].period, p))
            continue;
        bool open = false;
        for (size_t k = 0; k < unlocks->n && !open; k++)
            open = id_equal(un[k].institution, institution) && un[k].until > now && plan_period_holds(un[k].period, p);
        if (!open)
            return true;
    }
    return false;
}
