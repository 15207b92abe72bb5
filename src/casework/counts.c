// Search and counts over a case's clear columns: one index each, see docs/figures.md.
#include "casework/counts.h"
#include "casework/casework.h"

#define FOUND_COLUMNS "select c.seq, c.opened, c.urgency, c.id, c.owner, c.worker, c.number, c.state, c.category, c.county, " \
    "cast(case when c.shredded is null then 0 else 1 end as bigint) from "
#define FOUND_OUT "iiibbBtttTi"
#define ANYBODY "($9 is null or worker = $9) "
DB_QUERY(case_find_sql, "biiiitttBi", FOUND_OUT,
         FOUND_COLUMNS "(select seq, opened from desk.case_file where owner = $1 and (opened, seq) < ($2, $3) and opened >= $4 "
         "and ($5 = 0 or urgency = $5) and ($6 = '' or state = $6) and ($7 = '' or category = $7) and ($8 = '' or county = $8) and " ANYBODY
         "order by opened desc, seq desc limit $10) f join desk.case_file c on c.seq = f.seq order by c.opened desc, c.seq desc");
// Cases that have such a page. $11: within, $12: late ones, $13: the last time that has no time left, $14: where it lies
DB_QUERY(case_find_removed_sql, "biiiitttBiiiiti", FOUND_OUT,
         FOUND_COLUMNS "desk.case_file c where c.owner = $1 and (c.opened, c.seq) < ($2, $3) and ($5 = 0 or c.urgency = $5) "
         "and ($6 = '' or c.state = $6) and ($7 = '' or c.category = $7) and ($8 = '' or c.county = $8) and ($9 is null or c.worker = $9) "
         "and exists (select 1 from desk.case_address a where a.case_id = c.id and a.opened >= $4 and a.opened < $15 and a.stage <> '" CASE_CONTENT_NOTED "' "
         "and ($14 = '' or a.hosted = $14) and a.opened <= $13 and case when a.stage = 'gone' and a.stage_at - a.opened <= $11 then 0 else 1 end = $12) order by c.opened desc, c.seq desc limit $10");
DB_QUERY(case_find_id_sql, "bbbi", FOUND_OUT,
         FOUND_COLUMNS "desk.case_file c where c.id between $2 and $3 and c.owner = $1 order by c.id limit $4");
DB_QUERY(case_find_number_sql, "bt", FOUND_OUT, FOUND_COLUMNS "desk.case_file c where c.number = $2 and c.owner = $1");
DB_QUERY(case_opened_sql, "bii", "bttii", "select owner, category, coalesce(county, ''), urgency, count(*) from desk.case_file "
         "where owner = $1 and opened >= $2 and opened < $3 group by owner, category, county, urgency");
DB_QUERY(case_closed_sql, "bii", "bttii", "select owner, category, coalesce(county, ''), hours, count(*) from (select owner, category, county, "
         "(state_at - opened) / 3600000000 as hours from desk.case_file where owner = $1 and state = 'closed' and state_at >= $2 "
         "and state_at < $3) x group by owner, category, county, hours");
// cross join: SQLite keeps to this order, and begins with the few routes instead of all cases of the unit.
DB_QUERY(case_justice_sql, "bii", "bttti", "select c.owner, c.category, coalesce(c.county, ''), r.stage, count(*) from desk.case_route r "
         "cross join desk.case_file c where c.id = r.case_id and r.kind = 'criminal' and r.opened >= $2 and r.opened < $3 and c.owner = $1 "
         "group by c.owner, c.category, c.county, r.stage");
// Of what nobody has begun with nothing is expected. A page that came back counts as still there. An age says which days are over for it.
DB_QUERY(case_removed_pages_sql, "biii", "bttii", "select owner, category, county, bucket, count(*) from (select c.owner, c.category, "
         "coalesce(c.county, '') as county, "
         "cast(case when a.stage <> 'gone' then 12 when a.stage_at - a.opened <= 86400000000 then 0 when a.stage_at - a.opened <= 259200000000 then 4 "
         "when a.stage_at - a.opened <= 604800000000 then 8 else 12 end "
         "+ case when a.opened > $4 - 86400000000 then 0 when a.opened > $4 - 259200000000 then 1 when a.opened > $4 - 604800000000 then 2 else 3 end "
         "+ case a.hosted when 'here' then 16 when 'abroad' then 32 when 'platform' then 48 else 0 end as bigint) as bucket from desk.case_address a cross join desk.case_file c "
         "where c.id = a.case_id and a.opened >= $2 and a.opened < $3 and a.stage <> '" CASE_CONTENT_NOTED "' and c.owner = $1) x "
         "group by owner, category, county, bucket");
// cross join: unit by unit, each one stretch of case_closed.
DB_QUERY(case_outcome_sql, "ii", "bttii", "select c.owner, coalesce(c.outcome, ''), coalesce(c.county, ''), cast(0 as bigint), count(*) from desk.unit u cross join desk.case_file c "
         "where c.owner = u.id and c.state = 'closed' and c.state_at >= $1 and c.state_at < $2 group by c.owner, c.outcome, c.county");
DB_QUERY(case_count_first_sql, "b", "I", "select min(opened) from desk.case_file where owner = $1");

static enum err found_read(struct arena *a, struct db_rows **rows, struct found *out, size_t max, size_t *n)
{
    enum err e = OK;
    size_t count = 0;
    while (!e && count < max && db_next(*rows)) {
        struct db_rows *r = *rows;
        struct found *f = &out[count++];
        *f = (struct found){.seq = db_int(r, 0), .at = db_int(r, 1), .urgency = db_int(r, 2),
                            .number = arena_str(a, db_str(r, 6)), .state = arena_str(a, db_str(r, 7)),
                            .category = arena_str(a, db_str(r, 8)), .county = arena_str(a, db_str(r, 9)), .erased = db_int(r, 10) != 0};
        if (id_from_bytes(db_str(r, 3), &f->id) || id_from_bytes(db_str(r, 4), &f->unit) ||
            (!db_null(r, 5) && id_from_bytes(db_str(r, 5), &f->worker)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(rows);
    e = e ? e : done ? done : arena_failed(a) ? ERR_MEMORY : OK;
    if (!e)
        *n = count;
    return e;
}

enum err case_find_db(struct db *db, struct arena *a, const struct find *f, struct found *out, size_t max, size_t *n)
{
    struct db_rows *rows;
    enum err e;
    if (f->measure == MEASURE_REMOVED) {
        e = db_query(db, &case_find_removed_sql,
                     DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency), DB_T(f->state), DB_T(f->category),
                             DB_T(f->county), id_zero(f->worker) ? DB_NULL : DB_ID(f->worker), DB_I(max), DB_I(f->within), DB_I(f->late),
                             DB_I(f->now - f->within), DB_T(f->hosted), DB_I(f->to)), &rows);
        return e ? e : found_read(a, &rows, out, max, n);
    }
    e = db_query(db, &case_find_sql,
                          DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency),
                                  DB_T(f->state), DB_T(f->category), DB_T(f->county),
                                  id_zero(f->worker) ? DB_NULL : DB_ID(f->worker), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, out, max, n);
}

enum err case_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out,
                         size_t max, size_t *n)
{
    struct db_rows *rows;
    enum err e = db_query(db, &case_find_id_sql, DB_ARGS(DB_ID(unit), DB_ID(ids->first), DB_ID(ids->last), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, out, max, n);
}

enum err case_find_number_db(struct db *db, struct arena *a, struct id unit, struct str number, struct found *out, size_t *n)
{
    struct db_rows *rows;
    enum err e = db_query(db, &case_find_number_sql, DB_ARGS(DB_ID(unit), DB_T(number)), &rows);
    return e ? e : found_read(a, &rows, out, 1, n);
}

static enum err counted(struct db *db, const struct db_query *q, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, q, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err case_count_opened_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    return counted(db, &case_opened_sql, unit, from, to, fn, ctx);
}

enum err case_count_closed_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    return counted(db, &case_closed_sql, unit, from, to, fn, ctx);
}

enum err case_count_outcome_db(struct db *db, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &case_outcome_sql, DB_ARGS(DB_I(from), DB_I(to)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err case_count_justice_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_justice_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct count_row row = {.category = db_str(r, 1), .county = db_str(r, 2), .n = db_int(r, 4)};
        const char *stage = case_stage_at(STR("criminal"), 0);
        for (size_t i = 0; stage && !str_equal_z(db_str(r, 3), stage); i++, row.bucket++)
            stage = case_stage_at(STR("criminal"), i + 1);
        e = !stage || id_from_bytes(db_str(r, 0), &row.unit) ? ERR_TAMPERED : fn(ctx, &row);
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

enum err case_count_removed_db(struct db *db, struct id unit, int64_t from, int64_t to, int64_t now, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &case_removed_pages_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to), DB_I(now)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err case_count_first_db(struct db *db, struct id unit, int64_t *out)
{
    return count_first(db, &case_count_first_sql, unit, out);
}
