// Figures by month. What a day came to is added to its month once the day is settled, and stays; what is not added yet is
// counted when somebody looks. So a year costs a few thousand small rows however many reports it had.
#include <stdio.h>
#include "base/clock.h"
#include "base/log.h"
#include "figures/handlers.h"
#include "text/date.h"

#define SETTLED_DAYS 3          // after a day's end, reports and cases: late arrivals, a day to assess in
#define PLAN_SETTLED_DAYS 14    // for the plan: whether a report was spam or a duplicate, and whether a case stays closed, is known by then
#define LIVE_DAYS 40            // what nobody added is counted at most so far back when somebody looks
#define EMPTY_DAYS 60           // added by one write at most
#define LENGTH_HOURS 72         // up to here lengths are kept by the hour, then by the day

// The plan's are of all units together; the others are of dashboards, unit by unit.
enum room { ROOM_REPORT, ROOM_CASE, ROOM_REFERRAL, ROOM_PLAN, ROOM_KEPT = ROOM_PLAN, ROOM_OUTCOME, ROOMS };
static const char *const room_names[ROOMS] = {"report", "case", "referral", "kept", "outcome"};
static const char *const figure_names[] = {"received", "assessed", "opened", "closed", "answered", "police", "kept", "outcome"};

DB_QUERY(figure_add_sql, "tibttii", "", "insert into desk.figure (what, month, unit, category, county, bucket, n) "
         "values ($1, $2, $3, $4, $5, $6, $7) on conflict (what, month, unit, category, county, bucket) "
         "do update set n = desk.figure.n + excluded.n");
DB_QUERY(figure_months_sql, "tii", "ibttii", "select month, unit, category, county, bucket, n from desk.figure where what = $1 "
         "and month between $2 and $3 order by month, unit, category, county, bucket");
// $4 = 1: by category too (of outcomes, which stand there).
DB_QUERY(figure_sums_sql, "tiii", "itti", "select month, county, of, cast(sum(n) as bigint) from (select month, county, case when $4 = 1 then category else '' end as of, n "
         "from desk.figure where what = $1 and month between $2 and $3) x group by month, county, of");
DB_QUERY(figure_begin_sql, "t", "I", "select min(month) from desk.figure where what = $1");
DB_QUERY(figure_upto_sql, "t", "i", "select upto from desk.figure_upto where room = $1");
DB_QUERY(figure_upto_add_sql, "ti", "", "insert into desk.figure_upto (room, upto) values ($1, $2) on conflict (room) do nothing");
DB_QUERY(figure_upto_set_sql, "tii", "", "update desk.figure_upto set upto = $3 where room = $1 and upto = $2");

int64_t figure_bucket(int64_t hours)
{
    int64_t b = hours < LENGTH_HOURS ? hours : LENGTH_HOURS + hours / 24 - LENGTH_HOURS / 24;
    return b < 0 ? 0 : b < TALLY_LENGTHS ? b : TALLY_LENGTHS - 1;
}

int64_t figure_hours(int64_t bucket)
{
    return bucket < LENGTH_HOURS ? bucket : (bucket - LENGTH_HOURS + LENGTH_HOURS / 24) * 24;
}

struct gather { enum figure what; int64_t month; figure_fn *fn; void *ctx; };

static enum err gathered(void *ctx, const struct count_row *row)
{
    const struct gather *g = ctx;
    struct figure_row out = {g->what, g->month, *row};
    if (g->what == FIGURE_CLOSED)
        out.row.bucket = figure_bucket(row->bucket);
    return g->fn(g->ctx, &out);
}

// What one unit's records of a room (the plan's: those of all units) came to in a stretch that lies within one month.
static enum err count_stretch(struct db *db, const struct pack *p, enum room room, struct id unit, int64_t from, int64_t to, int64_t now,
                              figure_fn *fn, void *ctx)
{
    struct gather g = {.month = figures_month_of(from), .fn = fn, .ctx = ctx};
    enum err e = OK;
    switch (room) {
    case ROOM_REPORT:
        g.what = FIGURE_RECEIVED;
        e = report_count_received_db(db, unit, from, to, gathered, &g);
        g.what = FIGURE_ASSESSED;
        return e ? e : report_count_assessed_db(db, unit, from, to, now, gathered, &g);
    case ROOM_CASE:
        g.what = FIGURE_OPENED;
        e = case_count_opened_db(db, unit, from, to, gathered, &g);
        g.what = FIGURE_CLOSED;
        return e ? e : case_count_closed_db(db, unit, from, to, gathered, &g);
    case ROOM_KEPT:
        g.what = FIGURE_KEPT;
        return report_count_kept_db(db, from, to, gathered, &g);
    case ROOM_OUTCOME:
        g.what = FIGURE_OUTCOME;
        return case_count_outcome_db(db, from, to, gathered, &g);
    default:
        g.what = FIGURE_ANSWERED;
        e = referral_count_answered_db(db, p, unit, from, to, now, gathered, &g);
        g.what = FIGURE_POLICE;
        return e ? e : referral_count_police_db(db, unit, from, to, gathered, &g);
    }
}

static enum err count_units_stretch(struct db *db, const struct pack *p, enum room room, const struct id *units,
                                    size_t n, int64_t from, int64_t to, int64_t now, figure_fn *fn, void *ctx)
{
    enum err e = OK;
    for (size_t i = 0; i < (room < ROOM_PLAN ? n : 1) && !e; i++)
        e = count_stretch(db, p, room, room < ROOM_PLAN ? units[i] : (struct id){{0}}, from, to, now, fn, ctx);
    return e;
}

static enum err upto_read(struct db *db, enum room room, int64_t *out) // INT64_MIN: nothing was added yet
{
    struct db_rows *rows;
    enum err e = db_query(db, &figure_upto_sql, DB_ARGS(DB_T(str_from(room_names[room]))), &rows);
    if (e)
        return e;
    *out = db_next(rows) ? db_int(rows, 0) : INT64_MIN;
    return db_done(&rows);
}

// ── adding ──

struct adding {
    struct services *sv;
    struct arena *arena;
    enum room room;
    int64_t now;
    struct db *db;
    int64_t rows;               // out: of the last day
    bool more;                  // out: another day may be added
};

static int64_t settled(const struct pack *p, enum room room)
{
    int64_t longest = 0;
    for (int c = CLOCK_ANSWER_U1; c <= CLOCK_ANSWER_U4; c++)
        longest = pack_seconds(p, (enum pack_clock)c) > longest ? pack_seconds(p, (enum pack_clock)c) : longest;
    return room == ROOM_REFERRAL ? longest * CLOCK_SECOND + CLOCK_DAY : (room < ROOM_PLAN ? SETTLED_DAYS : PLAN_SETTLED_DAYS) * CLOCK_DAY;
}

static enum err added(void *ctx, const struct figure_row *f)
{
    struct adding *a = ctx;
    a->rows++;
    return db_exec(a->db, &figure_add_sql, DB_ARGS(DB_T(str_from(figure_names[f->what])), DB_I(f->month), DB_ID(f->row.unit), DB_T(f->row.category),
                                                 DB_T(f->row.county), DB_I(f->row.bucket), DB_I(f->row.n)), NULL);
}

static enum err first_of(struct db *db, enum room room, const struct id *unit, size_t n, int64_t *out)
{
    int64_t first = INT64_MAX, one = INT64_MAX;
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++) {
        e = room == ROOM_REPORT || room == ROOM_KEPT ? report_count_first_db(db, unit[i], &one)
            : room == ROOM_CASE || room == ROOM_OUTCOME ? case_count_first_db(db, unit[i], &one) : referral_count_first_db(db, unit[i], &one);
        first = !e && one < first ? one : first;
    }
    if (!e)
        *out = first;
    return e;
}

static int64_t day_start(int64_t at)
{
    struct date d = date_local(at);
    int64_t start;
    char text[32];
    int n = snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
    return figures_day_read((struct str){text, (size_t)n}, 0, &start) ? at : start;
}

static enum err unit_ids(struct db *db, struct arena *a, struct id **out, size_t *n)
{
    struct count_unit *unit;
    enum err e = count_units_db(db, a, false, &unit, n);
    struct id *ids = e ? NULL : arena_array(a, *n + 1, sizeof *ids);
    for (size_t i = 0; ids && i < *n; i++)
        ids[i] = unit[i].unit;
    *out = ids;
    return e ? e : ids ? OK : ERR_MEMORY;
}

static enum err day_write(struct db *db, void *arg)
{
    struct adding *a = arg;
    struct id *unit;
    size_t n;
    int64_t upto;
    struct str room = str_from(room_names[a->room]);
    a->more = false;
    enum err e = unit_ids(db, a->arena, &unit, &n);
    if (!e)
        e = upto_read(db, a->room, &upto);
    if (!e && upto == INT64_MIN) {
        e = first_of(db, a->room, unit, n, &upto);
        if (e || upto == INT64_MAX)
            return e;
        upto = day_start(upto);
        e = db_exec(db, &figure_upto_add_sql, DB_ARGS(DB_T(room), DB_I(upto)), NULL);
    }
    if (e)
        return e;
    a->db = db;
    a->rows = 0;
    // One day with something in it a write, so that nobody waits long for the store; empty ones go along.
    for (int day = 0; day < EMPTY_DAYS && !e && a->rows == 0; day++) {
        int64_t next = date_next_midnight(upto), changed = 0;
        if (next + settled(a->sv->pack, a->room) > a->now)
            return OK;
        e = db_exec(db, &figure_upto_set_sql, DB_ARGS(DB_T(room), DB_I(upto), DB_I(next)), &changed);
        if (!e && changed != 1)
            return OK; // another node was faster
        if (!e)
            e = count_units_stretch(db, a->sv->pack, a->room, unit, n, upto, next, a->now, added, a);
        upto = next;
    }
    a->more = !e;
    return e;
}

void figures_add_days(struct services *sv)
{
    int64_t from = clock_mono();
    struct adding a = {.sv = sv, .now = clock_now()};
    for (unsigned room = 0; room < ROOMS; room++) {
        enum err e = OK;
        a.room = (enum room)room;
        do {
            if (arena_new(1 << 20, &a.arena))
                return;
            e = store_write(sv->store, day_write, &a);
            arena_free(&a.arena);
        } while (!e && a.more && clock_mono() - from < FIGURES_TIME);
        if (e)
            log_event(LOG_WARN, "figures.not_added", LOG_I("room", room), LOG_ERR(e));
    }
}

// ── reading ──

static enum err months_read(struct db *db, enum figure what, int64_t first, int64_t last, figure_fn *fn, void *ctx)
{
    struct db_rows *rows;
    enum err e = db_query(db, &figure_months_sql, DB_ARGS(DB_T(str_from(figure_names[what])), DB_I(first), DB_I(last)), &rows);
    if (e)
        return e;
    while (!e && db_next(rows)) {
        struct figure_row f = {what, db_int(rows, 0), {.category = db_str(rows, 2), .county = db_str(rows, 3), .bucket = db_int(rows, 4),
                                                       .n = db_int(rows, 5)}};
        e = id_from_bytes(db_str(rows, 1), &f.row.unit) ? ERR_TAMPERED : fn(ctx, &f);
    }
    enum err done = db_done(&rows);
    return e ? e : done;
}

static enum err live_read(struct db *db, const struct pack *p, enum room room, const struct id *units, size_t n, int64_t from, int64_t to,
                          int64_t now, figure_fn *fn, void *ctx)
{
    enum err e = OK;
    while (from < to && !e) {
        int64_t next = figures_month_start(figures_month_next(figures_month_of(from)));
        next = next < to ? next : to;
        e = count_units_stretch(db, p, room, units, n, from, next, now, fn, ctx);
        from = next;
    }
    return e;
}

enum err figures_read_db(struct db *db, const struct pack *p, const struct id *units, size_t n, int64_t first, int64_t last, int64_t now,
                         figure_fn *fn, void *ctx, int64_t *missing_from, bool *settled)
{
    int64_t begin = figures_month_start(first), end = figures_month_start(figures_month_next(last));
    enum err e = OK;
    *missing_from = INT64_MAX;
    *settled = true;
    for (int what = 0; what < FIGURES && !e; what++)
        e = months_read(db, (enum figure)what, first, last, fn, ctx);
    for (unsigned room = 0; room < ROOM_PLAN && !e; room++) {
        int64_t upto = INT64_MIN, behind = now - LIVE_DAYS * CLOCK_DAY;
        e = upto_read(db, (enum room)room, &upto);
        if (!e && upto == INT64_MIN) // a young installation: all of it is live
            e = first_of(db, (enum room)room, units, n, &upto);
        if (e)
            break;
        *settled = *settled && upto >= end;
        if (upto < behind) {
            *missing_from = upto < *missing_from ? upto : *missing_from;
            upto = behind;
        }
        int64_t from = upto > begin ? upto : begin, to = end < now ? end : now + 1;
        if (from < to)
            e = live_read(db, p, (enum room)room, units, n, from, to, now, fn, ctx);
    }
    return e;
}

// ── for the plan ──

struct months { figure_month_fn *fn; void *ctx; };

static enum err month_told(void *ctx, const struct figure_row *f)
{
    const struct months *m = ctx;
    return m->fn(m->ctx, f->month, f->row.county, f->what == FIGURE_OUTCOME ? f->row.category : STR(""), f->row.n);
}

static enum err sums_read(struct db *db, enum figure what, int64_t first, int64_t last, const struct months *m)
{
    struct db_rows *r;
    enum err e = db_query(db, &figure_sums_sql, DB_ARGS(DB_T(str_from(figure_names[what])), DB_I(first), DB_I(last),
                                                        DB_I(what == FIGURE_OUTCOME)), &r);
    if (e)
        return e;
    while (!e && db_next(r))
        e = m->fn(m->ctx, db_int(r, 0), db_str(r, 1), db_str(r, 2), db_int(r, 3));
    enum err done = db_done(&r);
    return e ? e : done;
}

enum err figures_months_db(struct db *db, struct arena *a, const struct pack *p, enum figure_months what, int64_t first,
                           int64_t last, int64_t now, figure_month_fn *fn, void *ctx, int64_t *begin)
{
    const enum room room = what == FIGURES_KEPT ? ROOM_KEPT : ROOM_OUTCOME;
    const enum figure figure = what == FIGURES_KEPT ? FIGURE_KEPT : FIGURE_OUTCOME;
    struct months m = {fn, ctx};
    struct db_rows *r;
    struct id *units = NULL;
    size_t n;
    int64_t upto = INT64_MIN, oldest = INT64_MAX;
    enum err e = db_query(db, &figure_begin_sql, DB_ARGS(DB_T(str_from(figure_names[what == FIGURES_KEPT ? FIGURE_RECEIVED : FIGURE_OPENED]))), &r);
    if (e)
        return e;
    bool kept = db_next(r) && !db_null(r, 0);
    *begin = kept ? db_int(r, 0) : INT64_MAX;
    e = db_done(&r);
    e = e ? e : unit_ids(db, a, &units, &n);
    e = e ? e : upto_read(db, room, &upto);
    if (!e && (!kept || upto == INT64_MIN)) {
        e = first_of(db, room, units, n, &oldest);
        int64_t month = oldest == INT64_MAX ? INT64_MAX : figures_month_of(oldest);
        *begin = month < *begin ? month : *begin;
        upto = upto == INT64_MIN ? oldest : upto;
    }
    e = e ? e : sums_read(db, figure, first, last, &m);
    int64_t from = figures_month_start(first), end = figures_month_start(figures_month_next(last));
    from = upto > from ? upto : from;
    end = end < now ? end : now + 1;
    return e || from >= end ? e : live_read(db, p, room, units, n, from, end, now, month_told, &m);
}
