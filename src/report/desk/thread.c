// The messages of one report: its rows, opened through the keeper, and read from then on. For members of the
// unit that has it; what else they must be, the caller asks.
#include <string.h>
#include "base/log.h"
#include "report/desk/handlers.h"

#define OPEN_BYTES (100u * 1024)   // sealed bytes in one call: the keeper's packet holds 128 KiB
#define THREAD_BYTES (200u * 1024) // newest messages that one opening shows; a reporter cannot make it fail by writing much

DB_QUERY(thread_messages_sql, "bi", "biiib", "select id, direction, seq, sent, item from desk.message where thread = $1 "
         "order by sent desc, direction desc, seq desc limit $2");
// What came while the page was made stays unread.
DB_QUERY(thread_seen_sql, "ii", "", "update desk.report set unread_up = 0, message_due = null, message_climb_at = null, message_climbed = 0 "
         "where seq = $1 and unread_up = $2");

enum err report_thread_db(struct db *db, struct arena *a, const struct report_record *d, struct report_thread *out)
{
    struct db_rows *r;
    size_t bytes = 0;
    enum err e = db_query(db, &thread_messages_sql, DB_ARGS(DB_ID(d->thread), DB_I(THREAD_MAX)), &r);
    if (e)
        return e;
    for (out->n = 0; out->n < THREAD_MAX && bytes < THREAD_BYTES && db_next(r); out->n++) {
        struct keeper_item *item = &out->item[out->n];
        struct report_line *line = &out->line[out->n];
        bool up = db_int(r, 1) == RECORD_UP;
        *line = (struct report_line){.direction = up ? STR("up") : STR("down"), .up = up, .sent_at = db_int(r, 3)};
        if (id_from_bytes(db_str(r, 0), &line->id)) {
            e = ERR_TAMPERED;
            break;
        }
        *item = (struct keeper_item){.sealed = arena_str(a, db_str(r, 4))};
        report_message_ad(&item->ad, d->thread, line->id, d->thread_kid, up ? RECORD_UP : RECORD_DOWN, (uint64_t)db_int(r, 2),
                          line->sent_at);
        bytes += item->sealed.n;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err report_items_open(struct req *rq, enum keeper_purpose purpose, const struct keeper_path *path, struct keeper_item *items, size_t n)
{
    for (size_t from = 0; from < n;) {
        size_t to = from, bytes = 0;
        do
            bytes += items[to++].sealed.n;
        while (to < n && to - from < KEEPER_ITEMS_MAX && bytes + items[to].sealed.n <= OPEN_BYTES);
        enum err e = keeper_open(rq->sv->keeper, &rq->token, purpose, path, items + from, to - from, rq->arena);
        if (e)
            return e;
        from = to;
    }
    return OK;
}

enum err report_thread_open(struct req *rq, const struct report_record *d, struct report_thread *t)
{
    enum err e = report_items_open(rq, PURPOSE_READ, &d->thread_path, t->item, t->n);
    for (size_t i = 0; i < t->n && !e; i++)
        t->line[i].text = t->item[i].plain;
    for (size_t i = 0; i < t->n / 2; i++) { // oldest first
        struct report_line line = t->line[i];
        t->line[i] = t->line[t->n - 1 - i];
        t->line[t->n - 1 - i] = line;
    }
    return e;
}

enum err report_thread_seen_db(struct db *db, const struct report_record *d)
{
    return d->unread > 0 ? db_exec(db, &thread_seen_sql, DB_ARGS(DB_I(d->at.seq), DB_I(d->unread)), NULL) : OK;
}

// ── for whoever has the case ──
struct of_case { struct req *rq; struct id report; struct report_record record; struct report_thread thread; const char *action; };

static enum err of_case_read(struct db *db, void *arg)
{
    struct of_case *c = arg;
    enum err e = report_record_db(db, c->rq->arena, &c->rq->who, c->report, &c->record);
    return e ? e : report_thread_db(db, c->rq->arena, &c->record, &c->thread);
}

static enum err of_case_write(struct db *db, void *arg)
{
    const struct of_case *c = arg;
    enum err e = report_history_db(db, c->report, c->rq->who.id, c->action, c->rq->now);
    return e || strcmp(c->action, "opened") != 0 ? e : report_thread_seen_db(db, &c->record);
}

enum err report_case_thread(struct req *rq, struct id report, struct list *said, bool *withdraw_asked)
{
    struct of_case *c = ARENA_NEW(rq->arena, struct of_case);
    struct report_said *at = c ? arena_array(rq->arena, THREAD_MAX, sizeof *at) : NULL;
    if (!at)
        return ERR_MEMORY;
    c->rq = rq;
    c->report = report;
    enum err e = store_read(rq->sv->store, of_case_read, c);
    if (e)
        return e;
    e = report_thread_open(rq, &c->record, &c->thread);
    c->action = e == ERR_TAMPERED ? "tampered" : "opened";
    if (e == ERR_TAMPERED)
        log_event(LOG_ALARM, "report.tampered", LOG_ID("report", report), LOG_ID("person", rq->who.id));
    enum err written = e && e != ERR_TAMPERED ? OK : store_write(rq->sv->store, of_case_write, c); // what is read stands in the history
    for (size_t i = 0; i < c->thread.n; i++)
        at[i] = (struct report_said){.at = c->thread.line[i].sent_at, .up = c->thread.line[i].up, .text = c->thread.line[i].text};
    *said = (struct list){at, c->thread.n};
    *withdraw_asked = c->record.withdraw_asked;
    return e ? e : written;
}
