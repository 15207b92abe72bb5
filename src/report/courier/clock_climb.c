#include "report/courier/clock_climb.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "report/courier/tell.h"

#define CLIMB_PLACES 16                       // of the roster that a clock climbs, before the supervisors
#define CLIMB_SUPERVISORS 8                   // who are told
#define CLIMB_TIME (20 * INT64_C(1000000000)) // ns that one look may take; the rest comes with the next
#define CLIMB_GROUPS 256                      // urgency × state × place in one batch

DB_QUERY(climb_unit_sql, "ii", "b", "select unit from desk.report where climb_at <= $1 order by climb_at, seq limit $2");
// The index on climb_at, not one that begins with the unit: its reports of all years would be read for those that are due.
#define CLIMB_BATCH_SQL " from desk.report where climb_at <= $2 and (unit = $1) = true order by climb_at, seq limit $3"
DB_QUERY(climb_groups_sql, "bii", "itii", "select rank, state, climbed, count(*) from (select rank, state, climbed" CLIMB_BATCH_SQL ") as x "
         "group by rank, state, climbed order by rank, state, climbed");
DB_QUERY(climb_history_sql, "biii", "", "insert into desk.history (report, at, action) select id, $4, 'climbed'" CLIMB_BATCH_SQL);
DB_QUERY(climb_set_sql, "biiiiiii", "", "update desk.report set climbed = climbed + 1, climb_at = case when climbed >= $4 then null "
         "when rank = 1 then $5 when rank = 2 then $6 when rank = 3 then $7 else $8 end where seq in (select seq" CLIMB_BATCH_SQL ")");

struct climb {
    struct services *sv;
    struct arena *arena;
    int64_t now, next[4];       // next: when what climbs now climbs again, by urgency
    // out
    struct id unit;
    int64_t n, nobody;          // how many climbed, and of how many nobody could be told
    bool told[CLIMB_PLACES + 1][5]; // who was told already in this look, by place and urgency: one mail, not one a report
    bool fresh[CLIMB_PLACES + 1][5];
};

static enum err tell(struct db *db, const struct climb *c, const struct people_oncall *who, int64_t urgency)
{
    const struct tell t = {.sv = c->sv, .subject = MSG_DESK_CLOCK_SUBJECT, .body = MSG_DESK_CLOCK_BODY, .urgency = urgency, .now = c->now,
                           .link = arena_printf(c->arena, "%s/reports", c->sv->config->desk_url)};
    return report_tell_mail(db, &t, who);
}

struct step { int64_t rank, climbed, n; bool taken; };

static enum err steps_read(struct db *db, struct climb *c, struct step *out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &climb_groups_sql, DB_ARGS(DB_ID(c->unit), DB_I(c->now), DB_I(CLIMB_BATCH)), &r);
    if (e)
        return e;
    for (*n = 0; *n < CLIMB_GROUPS && db_next(r); (*n)++)
        out[*n] = (struct step){db_int(r, 0), db_int(r, 2), db_int(r, 3), str_equal_z(db_str(r, 1), "taken")};
    return db_done(&r);
}

// Untaken reports call the roster by report_alarm already; here its end, the supervisors, and everybody for the others.
static enum err steps_tell(struct db *db, struct climb *c, const struct step *steps, size_t n, const struct people_oncall *people, size_t places)
{
    struct people_oncall *boss = arena_array(c->arena, CLIMB_SUPERVISORS, sizeof *boss);
    size_t bosses = 0;
    if (!boss)
        return ERR_MEMORY;
    enum err e = report_tell_members(db, c->arena, c->unit, 1u << ROLE_SUPERVISOR, boss, CLIMB_SUPERVISORS, &bosses);
    for (size_t i = 0; i < n && !e; i++) {
        const struct step *s = &steps[i];
        size_t place = s->climbed < (int64_t)places ? (size_t)s->climbed : places;
        int64_t urgency = s->rank < 1 || s->rank > 4 ? 1 : s->rank;
        c->n += s->n;
        if (place < places && !s->taken)
            continue;
        c->nobody += place == places && bosses == 0 ? s->n : 0;
        if (c->told[place][urgency] || c->fresh[place][urgency])
            continue;
        c->fresh[place][urgency] = true;
        if (place < places)
            e = tell(db, c, &people[place], urgency);
        for (size_t k = 0; place == places && k < bosses && !e; k++)
            e = tell(db, c, &boss[k], urgency);
    }
    return e;
}

static enum err climb_batch(struct db *db, void *arg)
{
    struct climb *c = arg;
    struct db_rows *r;
    size_t places = 0, n = 0;
    memset(c->fresh, 0, sizeof c->fresh);
    c->n = c->nobody = 0;
    enum err e = db_query(db, &climb_unit_sql, DB_ARGS(DB_I(c->now), DB_I(1)), &r);
    if (e)
        return e;
    bool any = db_next(r);
    if (any)
        e = id_from_bytes(db_str(r, 0), &c->unit) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    if (e || done || !any)
        return e ? e : done;
    struct people_oncall *people = arena_array(c->arena, CLIMB_PLACES, sizeof *people);
    struct step *steps = arena_array(c->arena, CLIMB_GROUPS, sizeof *steps);
    if (!people || !steps)
        return ERR_MEMORY;
    e = people_oncall(db, c->arena, c->unit, c->now, people, CLIMB_PLACES, &places);
    if (!e)
        e = steps_read(db, c, steps, &n);
    if (!e)
        e = steps_tell(db, c, steps, n, people, places);
    if (!e)
        e = db_exec(db, &climb_history_sql, DB_ARGS(DB_ID(c->unit), DB_I(c->now), DB_I(CLIMB_BATCH), DB_I(c->now)), NULL);
    if (!e)
        e = db_exec(db, &climb_set_sql, DB_ARGS(DB_ID(c->unit), DB_I(c->now), DB_I(CLIMB_BATCH), DB_I(places), DB_I(c->next[0]),
                                                DB_I(c->next[1]), DB_I(c->next[2]), DB_I(c->next[3])), NULL);
    return e;
}

int64_t report_clocks_climb(struct services *sv)
{
    struct climb c = {.sv = sv, .now = clock_now()};
    struct id before = {{0}};
    int64_t from = clock_mono(), all = 0;
    for (int64_t u = 1; u <= 4; u++)
        c.next[u - 1] = report_climbs_next(sv->pack, u, c.now);
    do {
        if (arena_new(512 * 1024, &c.arena))
            return all;
        enum err e = store_write(sv->store, climb_batch, &c);
        arena_free(&c.arena);
        if (e) {
            log_event(LOG_WARN, "clock.failed", LOG_ERR(e));
            return all;
        }
        if (c.nobody)
            log_event(LOG_ALARM, "clock.nobody", LOG_ID("unit", c.unit), LOG_I("reports", c.nobody));
        if (!id_equal(before, c.unit))
            memset(c.told, 0, sizeof c.told);
        before = c.unit;
        for (size_t p = 0; p <= CLIMB_PLACES; p++)
            for (size_t u = 0; u < 5; u++)
                c.told[p][u] = c.told[p][u] || c.fresh[p][u];
        all += c.n;
    } while (c.n > 0 && clock_mono() - from < CLIMB_TIME);
    return all;
}
