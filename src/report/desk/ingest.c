// Ingest: what the portal has put into intake becomes the desk's record, byte for byte, and rings. The copy is made by
// the database itself (insert … select), so that a group of the largest reports costs no memory here.
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "report/desk/desk.h"
#include "web/events.h"

DB_QUERY(ingest_span_sql, "ii", "Ii", "select max(x.seq), count(*) from (select seq from intake.report where seq > $1 order by seq "
         "limit $2) as x");
DB_QUERY(ingest_last_sql, "", "i", "select coalesce(max(seq), 0) from desk.report");
// Every unique key may refuse a row: id (known already), lookup (somebody else's). Both are looked at afterwards.
DB_QUERY(ingest_copy_sql, "iiiiii", "",
         "insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, burst, kid, thread, "
         "thread_kid, lookup, tag_box, unit, urgency, state, take_due, climb_at, lead) "
         "select i.id, i.received, i.category, i.urgency_computed, i.in_danger, i.county, i.language, i.burst, i.kid, i.thread, "
         "i.thread_kid, i.lookup, i.tag_box, i.unit, i.urgency_computed, 'new', i.received + case i.urgency_computed "
         "when 1 then $3 when 2 then $4 when 3 then $5 else $6 end, i.received + case i.urgency_computed "
         "when 1 then $3 when 2 then $4 when 3 then $5 else $6 end, case when i.burst is null then 1 else 0 end "
         "from intake.report i where i.seq > $1 and i.seq <= $2 and not exists (select 1 from desk.tombstone t where t.id = i.id) "
         "order by i.seq on conflict do nothing"); // what was erased does not come back
// cross join: the new rows lead, on both engines
DB_QUERY(ingest_copy_sealed_sql, "i", "",
         "insert into desk.report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap) "
         "select r.seq, i.item, i.content, i.unit, i.epoch, i.unit_wrap, i.thread_wrap "
         "from desk.report r cross join intake.report i where i.id = r.id and r.seq > $1 order by r.seq");
DB_QUERY(ingest_flagged_sql, "i", "", "insert into desk.flagged (report, flagger) select f.report, f.flagger from intake.flagged f "
         "cross join desk.report r where r.id = f.report and r.seq > $1 and exists (select 1 from desk.flagger g where g.id = f.flagger) "
         "on conflict do nothing");
DB_QUERY(ingest_reply_due_sql, "i", "", "insert into desk.reply_due (report) select seq from desk.report where seq > $1 order by seq");
DB_QUERY(ingest_new_sql, "i", "ibtibBi", "select seq, id, category, rank, unit, burst, received from desk.report where seq > $1 order by seq");
DB_QUERY(ingest_due_sql, "ii", "", "update desk.report set take_due = $2, climb_at = $2 where seq = $1");
DB_QUERY(ingest_leader_sql, "bbi", "i", "select seq from desk.report where burst = $1 and unit = $2 and state = 'new' and rank = $3 "
         "and lead = 1 order by seq limit 1");
DB_QUERY(ingest_lead_sql, "i", "", "update desk.report set lead = 1 where seq = $1");
// Rows of intake that are known by id, or lie under a known lookup, but are not what was taken in.
DB_QUERY(ingest_differing_sql, "ii", "b",
         "select i.id from intake.report i where i.seq > $1 and i.seq <= $2 and not exists (select 1 from desk.report r "
         "cross join desk.report_sealed s where r.id = i.id and s.seq = r.seq and r.kid = i.kid and s.item = i.item "
         "and s.content = i.content and s.unit = i.unit and s.epoch = i.epoch "
         "and (s.unit_wrap = i.unit_wrap or length(s.unit_wrap) = 0) "
         "and r.thread = i.thread and r.thread_kid = i.thread_kid and s.thread_wrap = i.thread_wrap "
         "and (r.lookup = i.lookup or r.lookup is null) and r.received = i.received and r.category = i.category "
         "and r.urgency_computed = i.urgency_computed and r.in_danger = i.in_danger and r.language = i.language "
         "and coalesce(r.county, '') = coalesce(i.county, '')) and not exists (select 1 from desk.tombstone t where t.id = i.id) order by i.seq");

struct fresh {
    int64_t seq, urgency, received;
    struct id id, unit;
    char category[24];
    bool lead;
};

struct group { // argument and result of one transaction
    int64_t after;
    int64_t take[4]; // µs, by urgency
    const struct pack *pack;
    size_t max;
    // out
    int64_t seen, last;  // rows of intake looked at, and the last of them
    int64_t no_year;     // clocks that came into a year without holidays
    struct id differs;
    size_t differing;
    size_t n;
    struct fresh fresh[INGEST_MAX];
};

static enum err group_span(struct db *db, struct group *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &ingest_span_sql, DB_ARGS(DB_I(g->after), DB_I(g->max)), &r);
    if (e)
        return e;
    g->seen = 0;
    g->last = g->after;
    if (db_next(r)) {
        g->seen = db_int(r, 1);
        if (g->seen > 0)
            g->last = db_int(r, 0);
    }
    return db_done(&r);
}

static enum err group_before(struct db *db, int64_t *before)
{
    struct db_rows *r;
    enum err e = db_query(db, &ingest_last_sql, DB_ARGS(), &r);
    if (e)
        return e;
    *before = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

// Of a burst only the first of each urgency leads: the others stand behind it and do not ring.
static enum err group_lead(struct db *db, struct fresh *f, struct str burst)
{
    struct db_rows *r;
    enum err e = db_query(db, &ingest_leader_sql, DB_ARGS(DB_B(burst), DB_ID(f->unit), DB_I(f->urgency)), &r);
    if (e)
        return e;
    bool led = db_next(r);
    e = db_done(&r);
    if (e || led)
        return e;
    f->lead = true;
    return db_exec(db, &ingest_lead_sql, DB_ARGS(DB_I(f->seq)), NULL);
}

// The copy counts clocks as elapsed time; the few that count working days are set here.
static enum err group_due(struct db *db, struct group *g)
{
    enum err e = OK;
    g->no_year = 0;
    for (size_t i = 0; i < g->n && !e; i++) {
        const struct fresh *f = &g->fresh[i];
        struct report_due due;
        if (f->urgency != 4 || !pack_by_days(g->pack, CLOCK_TAKE_U4))
            continue;
        g->no_year += !report_clocks(g->pack, str_from(f->category), f->urgency, f->received, &due);
        e = db_exec(db, &ingest_due_sql, DB_ARGS(DB_I(f->seq), DB_I(due.take)), NULL);
    }
    return e;
}

static enum err group_fresh(struct db *db, struct group *g, int64_t before)
{
    struct db_rows *r;
    struct { bool in; char at[16]; } bursts[INGEST_MAX];
    enum err e = db_query(db, &ingest_new_sql, DB_ARGS(DB_I(before)), &r);
    if (e)
        return e;
    g->n = 0;
    while (g->n < g->max && db_next(r)) {
        struct fresh *f = &g->fresh[g->n];
        struct str category = db_str(r, 2), burst = db_str(r, 5);
        *f = (struct fresh){.seq = db_int(r, 0), .urgency = db_int(r, 3), .received = db_int(r, 6)};
        if (id_from_bytes(db_str(r, 1), &f->id) || id_from_bytes(db_str(r, 4), &f->unit)) {
            e = ERR_TAMPERED;
            break;
        }
        for (size_t i = 0; i < category.n && i + 1 < sizeof f->category; i++)
            f->category[i] = category.at[i];
        bursts[g->n].in = burst.n == sizeof bursts->at;
        if (bursts[g->n].in)
            for (size_t i = 0; i < burst.n; i++)
                bursts[g->n].at[i] = burst.at[i];
        f->lead = !bursts[g->n].in;
        g->n++;
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    for (size_t i = 0; i < g->n && !e; i++)
        if (bursts[i].in)
            e = group_lead(db, &g->fresh[i], STR_BYTES(bursts[i].at));
    return e ? e : group_due(db, g);
}

static enum err group_differing(struct db *db, struct group *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &ingest_differing_sql, DB_ARGS(DB_I(g->after), DB_I(g->last)), &r);
    if (e)
        return e;
    for (g->differing = 0; db_next(r); g->differing++)
        if (g->differing == 0)
            (void)!id_from_bytes(db_str(r, 0), &g->differs);
    return db_done(&r);
}

static enum err group_write(struct db *db, void *arg)
{
    struct group *g = arg;
    g->n = g->differing = 0;
    int64_t before = 0, copied = 0;
    enum err e = group_span(db, g);
    if (e || g->seen == 0)
        return e;
    e = group_before(db, &before);
    if (!e)
        e = db_exec(db, &ingest_copy_sql, DB_ARGS(DB_I(g->after), DB_I(g->last), DB_I(g->take[0]), DB_I(g->take[1]),
                                              DB_I(g->take[2]), DB_I(g->take[3])), &copied);
    if (!e && copied > 0)
        e = db_exec(db, &ingest_copy_sealed_sql, DB_ARGS(DB_I(before)), NULL);
    if (!e && copied > 0) // a captured portal can name a flagger, but none that the desk does not know
        e = db_exec(db, &ingest_flagged_sql, DB_ARGS(DB_I(before)), NULL);
    if (!e && copied > 0)
        e = db_exec(db, &ingest_reply_due_sql, DB_ARGS(DB_I(before)), NULL);
    if (!e && copied > 0)
        e = group_fresh(db, g, before);
    if (!e && copied < g->seen)
        e = group_differing(db, g);
    if (!e && copied > 0)
        e = db_notify(db, "ingested"); // the courier looks who is at the desk
    return e;
}

void report_event_data(struct buf *out, struct id id, struct str category, int64_t urgency)
{
    char hex[ID_HEX];
    buf_printf(out, "{\"id\":\"%s\",\"category\":\"", id_hex(id, hex));
    for (size_t i = 0; i < category.n; i++) { // came through the portal: a code, or nothing that breaks the line
        char c = category.at[i];
        buf_put_c(out, (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ? c : '?');
    }
    buf_printf(out, "\",\"urgency\":\"U%d\"}", (int)urgency);
}

static void group_publish(struct services *sv, const struct group *g)
{
    struct id known = {0};
    for (size_t i = 0; i < g->n; i++) {
        const struct fresh *f = &g->fresh[i];
        struct directory_unit unit;
        if (sv->directory && !id_equal(f->unit, known)) {
            if (directory_find(sv->directory, f->unit, clock_now(), &unit))
                log_event(LOG_ALARM, "report.unit_unknown", LOG_ID("report", f->id), LOG_ID("unit", f->unit));
            known = f->unit;
        }
        if (!sv->events)
            continue;
        char line[128];
        struct buf data = {.at = line, .cap = sizeof line, .max = sizeof line};
        report_event_data(&data, f->id, str_from(f->category), f->urgency);
        events_publish(sv->events, f->seq, f->lead ? "report" : "queue", f->unit, PERM_REPORT_LIST, buf_str(&data));
    }
}

// One group from intake, after `after`. *seen: how many rows were there; *after moves behind them.
static enum err ingest_group(struct services *sv, int64_t *after, size_t *seen)
{
    static const enum pack_clock takes[4] = {CLOCK_TAKE_U1, CLOCK_TAKE_U2, CLOCK_TAKE_U3, CLOCK_TAKE_U4};
    struct group g = {.after = *after, .max = INGEST_MAX, .pack = sv->pack}; // 20 KiB
    for (size_t i = 0; i < 4; i++)
        g.take[i] = pack_seconds(sv->pack, takes[i]) * CLOCK_SECOND;
    enum err e = store_write(sv->store, group_write, &g);
    if (e)
        return e;
    group_publish(sv, &g);
    if (g.differing > 0) // the record stands as it was taken in; what came later is not believed
        log_event(LOG_ALARM, "report.intake_differs", LOG_ID("report", g.differs), LOG_I("rows", g.differing));
    if (g.no_year > 0) // counted as elapsed time
        log_event(LOG_ALARM, "clock.no_holidays", LOG_I("reports", g.no_year));
    if (g.n > 0)
        report_settle_soon(sv);
    *after = g.last;
    *seen = (size_t)g.seen;
    return OK;
}

// Looks again at what still lies in intake: rows that became visible late, and rows that were altered.
static enum err ingest_sweep(struct report_desk *d)
{
    size_t seen = 0;
    enum err e = ingest_group(d->sv, &d->sweep_after, &seen);
    if (e || seen < INGEST_MAX)
        d->sweep_after = 0;
    d->swept = clock_mono();
    return e;
}

void report_ingest(struct services *sv)
{
    struct report_desk *d = sv->room;
    int64_t rung = clock_mono();
    pthread_mutex_lock(&d->ingesting);
    int64_t since = rung - d->ingested;
    if (d->ingested > 0 && since < INGEST_GAP)
        clock_sleep((INGEST_GAP - since) / 1000);
    size_t seen = 0, all = 0;
    enum err e = OK;
    do {
        e = ingest_group(sv, &d->after, &seen);
        all += e ? 0 : seen;
    } while (!e && seen == INGEST_MAX);
    d->ingested = clock_mono();
    if (all > 0 && !e) {
        int64_t took = d->ingested - rung;
        d->rung_n++;
        d->rung_sum += took;
        d->rung_max = took > d->rung_max ? took : d->rung_max;
    }
    if (!e)
        e = report_ingest_messages(sv);
    if (!e && all == 0 && d->ingested - d->swept > SWEEP_EVERY)
        e = ingest_sweep(d);
    pthread_mutex_unlock(&d->ingesting);
    if (e)
        log_event(LOG_WARN, "report.ingest_failed", LOG_ERR(e)); // the next ring or the next 5 s try again
}

enum err report_desk_new(struct services *sv, struct report_desk **out)
{
    struct report_desk *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_MEMORY;
    d->sv = sv;
    pthread_mutex_init(&d->ingesting, NULL);
    pthread_mutex_init(&d->lock, NULL);
    wait_init(&d->changed);
    enum err e = report_settle_start(d);
    if (e) {
        free(d);
        return e;
    }
    *out = d;
    return OK;
}

void report_desk_free(struct report_desk **out)
{
    struct report_desk *d = *out;
    if (!d)
        return;
    report_settle_stop(d);
    log_event(LOG_INFO, "report.rung", LOG_I("groups", d->rung_n),
              LOG_I("mean_us", d->rung_n ? d->rung_sum / d->rung_n / 1000 : 0), LOG_I("max_us", d->rung_max / 1000));
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    pthread_mutex_destroy(&d->ingesting);
    free(d);
    *out = NULL;
}
