#include "report/courier/message_climb.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "job/presence.h"
#include "report/courier/tell.h"

#define MESSAGE_PLACES 16                       // of the roster, before the supervisors
#define MESSAGE_SUPERVISORS 8
#define MESSAGE_TOLD 128                        // (person, urgency) of one look; beyond, somebody may get a mail twice
#define MESSAGE_UNITS 64                        // units looked at for whether anybody watches
#define MESSAGE_TIME (20 * INT64_C(1000000000)) // ns that one look may take; the rest comes with the next

DB_QUERY(message_fresh_sql, "ii", "b", "select distinct unit from desk.report where message_climb_at > $1 and message_climbed = 0 limit $2");
DB_QUERY(message_now_sql, "bi", "", "update desk.report set message_climb_at = $2 where unit = $1 and message_climb_at > $2 "
         "and message_climbed = 0");
DB_QUERY(message_unit_sql, "ii", "b", "select unit from desk.report where message_climb_at <= $1 order by message_climb_at, seq limit $2");
// By its time, not by the unit: the index on message_climb_at holds what waits alone.
DB_QUERY(message_due_sql, "bii", "ibiBiB", "select r.seq, r.id, r.rank, r.taken_by, r.message_climbed, "
         "(select c.case_id from desk.case_report c where c.report = r.id) from desk.report r where r.message_climb_at <= $2 "
         "and (r.unit = $1) = true order by r.message_climb_at, r.seq limit $3");
DB_QUERY(message_worker_sql, "bb", "tt", "select p.mail, p.language from desk.person p join desk.member m on m.person = p.id "
         "where p.id = $1 and m.unit = $2 and p.disabled = 0 and p.mail <> ''");
DB_QUERY(message_history_sql, "bi", "", "insert into desk.history (report, at, action) values ($1, $2, 'climbed')");
DB_QUERY(message_set_sql, "iI", "", "update desk.report set message_climbed = message_climbed + 1, message_climb_at = $2 where seq = $1");

struct waiting { int64_t seq, urgency, climbed; struct id report, worker, of_case; };

struct messages_climb {
    struct services *sv;
    struct arena *arena;
    int64_t now, next[4];   // next: when what climbs now climbs again, by urgency
    struct id unit;
    int64_t n, nobody;      // out: how many climbed, and of how many nobody could be told
    size_t n_told, n_fresh; // fresh: of this transaction, which may be undone; n_told after its commit
    struct { struct id person; int64_t urgency; } told[MESSAGE_TOLD];
    size_t places, bosses;
    struct people_oncall people[MESSAGE_PLACES], boss[MESSAGE_SUPERVISORS];
};

// Nobody looks at this unit: what came now is told now, not when its time is over.
static enum err hurry(struct db *db, const struct messages_climb *c)
{
    struct id unit[MESSAGE_UNITS];
    size_t n = 0;
    struct db_rows *r;
    enum err e = db_query(db, &message_fresh_sql, DB_ARGS(DB_I(c->now), DB_I(MESSAGE_UNITS)), &r);
    if (e)
        return e;
    while (!e && n < MESSAGE_UNITS && db_next(r))
        e = id_from_bytes(db_str(r, 0), &unit[n++]) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < n && !e; i++) {
        bool watched = false;
        e = presence_read(db, unit[i], c->now, &watched);
        if (!e && !watched)
            e = db_exec(db, &message_now_sql, DB_ARGS(DB_ID(unit[i]), DB_I(c->now)), NULL);
    }
    return e;
}

static enum err mail_once(struct db *db, struct messages_climb *c, const struct tell *t, const struct people_oncall *who)
{
    for (size_t i = 0; i < c->n_fresh; i++)
        if (id_equal(c->told[i].person, who->person) && c->told[i].urgency == t->urgency)
            return OK;
    if (c->n_fresh < MESSAGE_TOLD) {
        c->told[c->n_fresh].person = who->person;
        c->told[c->n_fresh++].urgency = t->urgency;
    }
    return report_tell_mail(db, t, who);
}

static enum err mail_worker(struct db *db, struct messages_climb *c, const struct tell *t, struct id worker, bool *told)
{
    struct people_oncall who = {.person = worker};
    struct db_rows *r;
    enum err e = id_zero(worker) ? ERR_NOT_FOUND : db_query(db, &message_worker_sql, DB_ARGS(DB_ID(worker), DB_ID(c->unit)), &r);
    if (e)
        return e == ERR_NOT_FOUND ? OK : e;
    *told = db_next(r);
    if (*told) {
        who.mail = arena_str(c->arena, db_str(r, 0));
        who.language = arena_str(c->arena, db_str(r, 1));
    }
    e = db_done(&r);
    return e || !*told ? e : mail_once(db, c, t, &who);
}

// To the case, where it is in one: whoever it was handed over to has no list of reports.
static struct str link_of(const struct messages_climb *c, const struct waiting *w)
{
    char hex[ID_HEX];
    bool in_case = !id_zero(w->of_case);
    return arena_printf(c->arena, "%s/%s/%s", c->sv->config->desk_url, in_case ? "cases" : "reports", id_hex(in_case ? w->of_case : w->report, hex));
}

static enum err climb_one(struct db *db, struct messages_climb *c, const struct waiting *w)
{
    size_t place = w->climbed < (int64_t)c->places ? (size_t)w->climbed : c->places;
    bool last = place == c->places, told = false;
    struct tell t = {.sv = c->sv, .subject = MSG_DESK_MESSAGE_SUBJECT, .body = MSG_DESK_MESSAGE_BODY, .urgency = w->urgency, .now = c->now,
                     .link = link_of(c, w)};
    enum err e = w->climbed == 0 ? mail_worker(db, c, &t, w->worker, &told) : OK;
    if (!e && !last)
        e = mail_once(db, c, &t, &c->people[place]);
    for (size_t i = 0; last && i < c->bosses && !e; i++)
        e = mail_once(db, c, &t, &c->boss[i]);
    c->n++;
    c->nobody += last && !told && c->bosses == 0;
    if (!e)
        e = db_exec(db, &message_history_sql, DB_ARGS(DB_ID(w->report), DB_I(c->now)), NULL);
    int64_t next = c->next[w->urgency < 1 ? 0 : w->urgency > 4 ? 3 : w->urgency - 1];
    return e ? e : db_exec(db, &message_set_sql, DB_ARGS(DB_I(w->seq), last ? DB_NULL : DB_I(next)), NULL);
}

static enum err unit_find(struct db *db, struct messages_climb *c, bool *any)
{
    struct db_rows *r;
    enum err e = db_query(db, &message_unit_sql, DB_ARGS(DB_I(c->now), DB_I(1)), &r);
    if (e)
        return e;
    *any = db_next(r);
    if (*any)
        e = id_from_bytes(db_str(r, 0), &c->unit) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err waiting_read(struct db *db, const struct messages_climb *c, struct waiting *out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &message_due_sql, DB_ARGS(DB_ID(c->unit), DB_I(c->now), DB_I(MESSAGE_BATCH)), &r);
    if (e)
        return e;
    for (*n = 0; !e && *n < MESSAGE_BATCH && db_next(r); (*n)++) {
        struct waiting *w = &out[*n];
        *w = (struct waiting){.seq = db_int(r, 0), .urgency = db_int(r, 2), .climbed = db_int(r, 4)};
        if (id_from_bytes(db_str(r, 1), &w->report) || (!db_null(r, 3) && id_from_bytes(db_str(r, 3), &w->worker)) ||
            (!db_null(r, 5) && id_from_bytes(db_str(r, 5), &w->of_case)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// One call of the webhook for each urgency of a batch: of what has waited longest.
static enum err webhooks(struct db *db, const struct messages_climb *c, const struct waiting *w, size_t n)
{
    bool called[5] = {0};
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++) {
        int64_t urgency = w[i].urgency < 1 || w[i].urgency > 4 ? 1 : w[i].urgency;
        const struct tell t = {.sv = c->sv, .urgency = urgency, .now = c->now, .link = link_of(c, &w[i])};
        if (!called[urgency])
            e = report_tell_webhook(db, c->arena, &t);
        called[urgency] = true;
    }
    return e;
}

static enum err climb_batch(struct db *db, void *arg)
{
    struct messages_climb *c = arg;
    bool any = false;
    size_t n = 0;
    c->n = c->nobody = 0;
    c->n_fresh = c->n_told;
    struct waiting *w = arena_array(c->arena, MESSAGE_BATCH, sizeof *w);
    enum err e = w ? hurry(db, c) : ERR_MEMORY;
    if (!e)
        e = unit_find(db, c, &any);
    if (e || !any)
        return e;
    e = people_oncall(db, c->arena, c->unit, c->now, c->people, MESSAGE_PLACES, &c->places);
    if (!e)
        e = report_tell_members(db, c->arena, c->unit, 1u << ROLE_SUPERVISOR, c->boss, MESSAGE_SUPERVISORS, &c->bosses);
    if (!e && c->bosses == 0) // a unit that a case was handed over to has neither: then its members
        e = report_tell_members(db, c->arena, c->unit, UINT32_MAX, c->boss, MESSAGE_SUPERVISORS, &c->bosses);
    if (!e)
        e = waiting_read(db, c, w, &n);
    if (!e)
        e = webhooks(db, c, w, n);
    for (size_t i = 0; i < n && !e; i++)
        e = climb_one(db, c, &w[i]);
    return e ? e : arena_failed(c->arena) ? ERR_MEMORY : OK;
}

int64_t report_messages_climb(struct services *sv)
{
    struct messages_climb c = {.sv = sv, .now = clock_now()};
    int64_t from = clock_mono(), all = 0;
    for (int64_t u = 1; u <= 4; u++)
        c.next[u - 1] = report_climbs_next(sv->pack, u, c.now);
    do {
        if (arena_new(512 * 1024, &c.arena))
            return all;
        enum err e = store_write(sv->store, climb_batch, &c);
        arena_free(&c.arena);
        if (e) {
            log_event(LOG_WARN, "message.failed", LOG_ERR(e));
            return all;
        }
        if (c.nobody)
            log_event(LOG_ALARM, "message.nobody", LOG_ID("unit", c.unit), LOG_I("reports", c.nobody));
        c.n_told = c.n_fresh;
        all += c.n;
    } while (c.n > 0 && clock_mono() - from < MESSAGE_TIME);
    return all;
}
