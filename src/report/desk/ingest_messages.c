// Ingest of what reporters write afterwards: the message is copied as it came, stands as unread with a clock until when
// somebody has read it, and rings where nothing of that report lay unread before.
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/desk/desk.h"
#include "web/events.h"

// A message counts only under the thread of its report; what lies under another waits for its report or is false.
DB_QUERY(ingest_messages_sql, "i", "biiibbBttiii",
         "select m.id, m.withdraw, m.sent, r.seq, r.id, r.unit, r.taken_by, r.category, r.state, r.rank, r.lead, r.unread_up "
         "from intake.message m cross join desk.report r where r.lookup = m.lookup and r.thread = m.thread "
         "and r.thread_kid = m.kid and not exists (select 1 from desk.message d where d.id = m.id) and not exists (select 1 from "
         "desk.message d where d.thread = m.thread and d.direction = 1 and d.seq = m.seq) order by m.lookup, m.seq limit $1");
// Those that are never taken in: another message has their number.
DB_QUERY(ingest_refused_sql, "", "i",
         "select count(*) from intake.message m cross join desk.report r where r.lookup = m.lookup and r.thread = m.thread "
         "and r.thread_kid = m.kid and not exists (select 1 from desk.message d where d.id = m.id) and exists (select 1 from "
         "desk.message d where d.thread = m.thread and d.direction = 1 and d.seq = m.seq)");
DB_QUERY(ingest_message_sql, "b", "", "insert into desk.message (id, thread, direction, seq, sent, kid, item) "
         "select id, thread, 1, seq, sent, kid, item from intake.message where id = $1 on conflict do nothing");
// The clock is that of the oldest unread message: a second one does not give more time.
DB_QUERY(ingest_unread_sql, "iii", "", "update desk.report set unread_up = unread_up + 1, withdraw_asked = case when $2 = 1 then 1 "
         "else withdraw_asked end, message_climb_at = case when message_due is null then $3 else message_climb_at end, "
         "message_due = coalesce(message_due, $3) where seq = $1");

struct written { // one message, and the report it is about
    struct id id, report, unit, worker;
    int64_t seq, withdraw, sent, urgency;
    char category[24];
    bool rings;
    bool added;
};

struct messages { // argument and result of one transaction
    const struct pack *pack;
    int64_t now;
    size_t n, seen;
    int64_t refused;
    struct written list[INGEST_MAX];
};

// A flood must not become a flood of rings: what was judged worthless, what stands behind another of its burst, and what is
// unread already is marked and counted only.
static enum err written_read(const struct db_rows *r, struct messages *m)
{
    struct written *w = &m->list[m->seen];
    struct str category = db_str(r, 7);
    *w = (struct written){.withdraw = db_int(r, 1), .sent = db_int(r, 2), .seq = db_int(r, 3), .urgency = db_int(r, 9)};
    w->rings = !str_equal_z(db_str(r, 8), "spam") && db_int(r, 10) && db_int(r, 11) == 0;
    for (size_t i = 0; i < m->seen; i++)
        w->rings = w->rings && m->list[i].seq != w->seq;
    for (size_t i = 0; i < category.n && i + 1 < sizeof w->category; i++)
        w->category[i] = category.at[i];
    if (id_from_bytes(db_str(r, 0), &w->id) || id_from_bytes(db_str(r, 4), &w->report) || id_from_bytes(db_str(r, 5), &w->unit) ||
        (!db_null(r, 6) && id_from_bytes(db_str(r, 6), &w->worker)))
        return ERR_TAMPERED;
    m->seen++;
    return OK;
}

static enum err messages_list(struct db *db, struct messages *m)
{
    struct db_rows *r;
    enum err e = db_query(db, &ingest_messages_sql, DB_ARGS(DB_I(INGEST_MAX)), &r);
    if (e)
        return e;
    for (m->seen = 0; !e && m->seen < INGEST_MAX && db_next(r);)
        e = written_read(r, m);
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err messages_write(struct db *db, void *arg)
{
    struct messages *m = arg;
    struct db_rows *r;
    m->n = 0;
    enum err e = messages_list(db, m);
    for (size_t i = 0; i < m->seen && !e; i++) {
        struct written *w = &m->list[i];
        int64_t copied = 0;
        e = db_exec(db, &ingest_message_sql, DB_ARGS(DB_ID(w->id)), &copied);
        if (!e && copied == 0) // its number went to another of this group
            continue;
        if (!e) // the time is the portal's: never one that has not come yet
            e = db_exec(db, &ingest_unread_sql, DB_ARGS(DB_I(w->seq), DB_I(w->withdraw),
                        DB_I(report_message_due(m->pack, w->urgency, w->sent < m->now ? w->sent : m->now))), NULL);
        if (!e)
            e = report_reply_due_db(db, w->seq, &w->id);
        w->added = !e;
        m->n += !e;
    }
    if (!e && m->n > 0)
        e = db_notify(db, "ingested"); // the courier looks who is at the desk
    if (e || m->seen == INGEST_MAX)
        return e;
    e = db_query(db, &ingest_refused_sql, DB_ARGS(), &r);
    if (e)
        return e;
    m->refused = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

// Without a number: the stream's numbers are those of reports, and a message does not move them.
static void messages_publish(struct services *sv, const struct messages *m)
{
    for (size_t i = 0; sv->events && i < m->seen; i++) {
        const struct written *w = &m->list[i];
        char line[192], hex[ID_HEX];
        struct buf data = {.at = line, .cap = sizeof line, .max = sizeof line};
        if (!w->added)
            continue;
        report_event_data(&data, w->report, str_from(w->category), w->urgency);
        if (!id_zero(w->worker)) { // who has it hears every message
            data.n--;
            buf_printf(&data, ",\"worker\":\"%s\"}", id_hex(w->worker, hex));
        }
        events_publish(sv->events, 0, w->rings ? "message" : "queue", w->unit, PERM_REPORT_LIST, buf_str(&data));
    }
}

enum err report_ingest_messages(struct services *sv)
{
    struct report_desk *d = sv->room;
    struct messages *m = calloc(1, sizeof *m);
    enum err e = m ? OK : ERR_MEMORY;
    if (!e)
        *m = (struct messages){.pack = sv->pack};
    while (!e) {
        m->now = clock_now();
        e = store_write(sv->store, messages_write, m);
        if (!e && m->n > 0) {
            messages_publish(sv, m);
            report_settle_soon(sv);
        }
        if (m->seen < INGEST_MAX || m->n == 0)
            break;
    }
    if (!e && m->refused > d->refused) // once, not at every ring
        log_event(LOG_ALARM, "report.message_refused", LOG_I("rows", m->refused));
    if (!e)
        d->refused = m->refused;
    free(m);
    return e;
}
