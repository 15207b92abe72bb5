// Search and counts over the clear columns. The inner select of a search lives on one index alone, on both engines (the
// query plans stand in docs/figures.md); the row itself is read only for what is shown. `($6 = '' or state = $6)` is a
// filter that no engine turns into a choice of index: which one is walked is decided here, by which text is sent.
#include "base/clock.h"
#include "report/counts.h"

#define FOUND_COLUMNS "select r.seq, r.received, r.rank, r.id, r.unit, r.taken_by, r.state, r.category, r.county, " \
    "cast(case when r.shredded is null then 0 else 1 end as bigint) from "
#define FOUND_OUT "iiibbBttTi"
#define FIND(where) FOUND_COLUMNS "(select seq, received from desk.report where unit = $1 and " where \
    "(received, seq) < ($2, $3) and received >= $4 and ($5 = 0 or rank = $5) and ($6 = '' or state = $6) and ($7 = '' or category = $7) " \
    "and ($8 = '' or county = $8) order by received desc, seq desc limit $9) f join desk.report r on r.seq = f.seq " \
    "order by r.received desc, r.seq desc"
DB_QUERY(find_all_sql, "biiiittti", FOUND_OUT, FIND(""));
DB_QUERY(find_state_sql, "biiiittti", FOUND_OUT, FIND("state = $6 and "));
DB_QUERY(find_category_sql, "biiiittti", FOUND_OUT, FIND("category = $7 and "));
DB_QUERY(find_county_sql, "biiiittti", FOUND_OUT, FIND("county = $8 and "));
DB_QUERY(find_worker_sql, "biiiitttib", FOUND_OUT, FIND("taken_by = $10 and "));
DB_QUERY(find_id_sql, "bbbi", FOUND_OUT, FOUND_COLUMNS "desk.report r where r.id between $2 and $3 and r.unit = $1 order by r.id limit $4");
DB_QUERY(count_received_sql, "bii", "bttii", "select unit, category, coalesce(county, ''), rank, count(*) from desk.report "
         "where unit = $1 and received >= $2 and received < $3 group by unit, category, county, rank");
// One day's sentence for both: what was counted, and the list of it. young: received after that there is still time.
#define DECIDED(young) "cast(case when (select min(s.at) from desk.step s where s.report = r.id and s.code in " \
    "('assessed', 'answered', 'in_case', 'duplicate', 'spam')) - r.received <= 86400000000 then 1 when r.received > " young " then 2 else 0 end as bigint)"
DB_QUERY(count_assessed_sql, "biii", "bttii", "select unit, category, county, bucket, count(*) from (select unit, category, "
         "coalesce(county, '') as county, " DECIDED("$4") " as bucket "
         "from desk.report r where unit = $1 and received >= $2 and received < $3) x group by unit, category, county, bucket");
DB_QUERY(find_assessed_sql, "biiiitttiiiiB", FOUND_OUT, FOUND_COLUMNS "desk.report r where r.unit = $1 and (r.received, r.seq) < ($2, $3) and r.received >= $4 "
         "and ($5 = 0 or r.rank = $5) and ($6 = '' or r.state = $6) and ($7 = '' or r.category = $7) and ($8 = '' or r.county = $8) "
         "and " DECIDED("$10") " = $11 and ($12 = 0 or r.taken_by = $13) order by r.received desc, r.seq desc limit $9");
// cross join: unit by unit, so that each is one stretch of report_found; else SQLite walks all reports.
DB_QUERY(report_count_kept_sql, "ii", "bttii", "select r.unit, r.category, coalesce(r.county, ''), cast(0 as bigint), count(*) from desk.unit u cross join desk.report r "
         "where r.unit = u.id and r.received >= $1 and r.received < $2 and r.state not in ('spam', 'duplicate') group by r.unit, r.category, r.county");
DB_QUERY(report_count_first_sql, "b", "I", "select min(received) from desk.report where unit = $1");

static enum err found_read(struct arena *a, struct db_rows **rows, struct found *out, size_t max, size_t *n)
{
    enum err e = OK;
    size_t count = 0;
    while (!e && count < max && db_next(*rows)) {
        struct db_rows *r = *rows;
        struct found *f = &out[count++];
        *f = (struct found){.seq = db_int(r, 0), .at = db_int(r, 1), .urgency = db_int(r, 2), .state = arena_str(a, db_str(r, 6)),
                            .category = arena_str(a, db_str(r, 7)), .county = arena_str(a, db_str(r, 8)), .erased = db_int(r, 9) != 0};
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

enum err report_find_db(struct db *db, struct arena *a, const struct find *f, struct found *out, size_t max, size_t *n)
{
    struct db_rows *rows;
    enum err e;
    if (f->measure == MEASURE_ASSESSED)
        e = db_query(db, &find_assessed_sql, DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency), DB_T(f->state),
                                                     DB_T(f->category), DB_T(f->county), DB_I(max), DB_I(f->now - CLOCK_DAY), DB_I(!f->late),
                                                     DB_I(!id_zero(f->worker)), id_zero(f->worker) ? DB_NULL : DB_ID(f->worker)), &rows);
    else if (!id_zero(f->worker))
        e = db_query(db, &find_worker_sql, DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency), DB_T(f->state),
                                                   DB_T(f->category), DB_T(f->county), DB_I(max), DB_ID(f->worker)), &rows);
    else
        e = db_query(db, f->category.n ? &find_category_sql : f->county.n ? &find_county_sql : f->state.n ? &find_state_sql : &find_all_sql,
                     DB_ARGS(DB_ID(f->unit), DB_I(f->at), DB_I(f->seq), DB_I(f->from), DB_I(f->urgency), DB_T(f->state), DB_T(f->category),
                             DB_T(f->county), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, out, max, n);
}

enum err report_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out, size_t max,
                           size_t *n)
{
    struct db_rows *rows;
    enum err e = db_query(db, &find_id_sql, DB_ARGS(DB_ID(unit), DB_ID(ids->first), DB_ID(ids->last), DB_I(max)), &rows);
    return e ? e : found_read(a, &rows, out, max, n);
}

enum err report_count_received_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &count_received_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err report_count_assessed_db(struct db *db, struct id unit, int64_t from, int64_t to, int64_t now, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &count_assessed_sql, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to), DB_I(now - CLOCK_DAY)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err report_count_kept_db(struct db *db, int64_t from, int64_t to, count_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &report_count_kept_sql, DB_ARGS(DB_I(from), DB_I(to)), &rows);
    return e ? e : count_rows(&rows, fn, ctx);
}

enum err report_count_first_db(struct db *db, struct id unit, int64_t *out)
{
    return count_first(db, &report_count_first_sql, unit, out);
}
