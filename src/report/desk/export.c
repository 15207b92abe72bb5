// All that is kept of one report, for whoever it is about (docs/retention.md, "Subject access").
#include "base/log.h"
#include "report/desk/handlers.h"

#define NOTES_MOST 100

DB_QUERY(export_messages_sql, "bi", "biiib", "select id, direction, seq, sent, item from desk.message where thread = $1 "
         "order by sent desc, direction desc, seq desc limit $2");
DB_QUERY(export_notes_sql, "bi", "biibtb", "select id, seq, at, person, action, item from desk.note where report = $1 order by seq desc limit $2");

struct exporting {
    struct req *rq;
    struct id report;
    bool notes;
    struct report_record record;
    size_t n_notes, n_messages;
    struct keeper_item item[1 + NOTES_MOST + 1];
    struct report_said note[NOTES_MOST + 1];
    struct keeper_item message[REPORT_EXPORT_MESSAGES + 1];
    struct report_said said[REPORT_EXPORT_MESSAGES + 1];
};

static enum err messages_db(struct db *db, struct exporting *x)
{
    struct db_rows *r;
    enum err e = db_query(db, &export_messages_sql, DB_ARGS(DB_ID(x->record.thread), DB_I(REPORT_EXPORT_MESSAGES + 1)), &r);
    if (e)
        return e;
    for (x->n_messages = 0; !e && x->n_messages <= REPORT_EXPORT_MESSAGES && db_next(r); x->n_messages++) {
        struct id id = {{0}};
        bool up = db_int(r, 1) == RECORD_UP;
        e = id_from_bytes(db_str(r, 0), &id) ? ERR_TAMPERED : OK;
        x->said[x->n_messages] = (struct report_said){.at = db_int(r, 3), .up = up};
        x->message[x->n_messages] = (struct keeper_item){.sealed = arena_str(x->rq->arena, db_str(r, 4))};
        report_message_ad(&x->message[x->n_messages].ad, x->record.thread, id, x->record.thread_kid, up ? RECORD_UP : RECORD_DOWN,
                          (uint64_t)db_int(r, 2), db_int(r, 3));
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err notes_db(struct db *db, struct exporting *x)
{
    struct db_rows *r;
    enum err e = db_query(db, &export_notes_sql, DB_ARGS(DB_ID(x->record.id), DB_I(NOTES_MOST + 1)), &r);
    if (e)
        return e;
    for (x->n_notes = 0; !e && x->n_notes <= NOTES_MOST && db_next(r); x->n_notes++) {
        struct id id = {{0}}, person = {{0}};
        struct keeper_item *item = &x->item[1 + x->n_notes];
        e = id_from_bytes(db_str(r, 0), &id) || id_from_bytes(db_str(r, 3), &person) ? ERR_TAMPERED : OK;
        x->note[x->n_notes] = (struct report_said){.at = db_int(r, 2)};
        *item = (struct keeper_item){.sealed = arena_str(x->rq->arena, db_str(r, 5))};
        report_note_ad(&item->ad, &x->record, id, db_int(r, 1), db_int(r, 2), person, arena_str(x->rq->arena, db_str(r, 4)));
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err export_look(struct db *db, void *arg)
{
    struct exporting *x = arg;
    enum err e = report_record_db(db, x->rq->arena, &x->rq->who, x->report, &x->record);
    if (e)
        return e;
    x->item[0] = (struct keeper_item){.sealed = x->record.item};
    report_item_ad(&x->item[0].ad, x->record.id, x->record.kid, &x->record.clear);
    e = messages_db(db, x);
    return e || !x->notes ? e : notes_db(db, x);
}

static enum err export_note(struct db *db, void *arg)
{
    const struct exporting *x = arg;
    return report_history_db(db, x->report, x->rq->who.id, "exported", x->rq->now);
}

enum err report_export(struct req *rq, struct id report, bool notes, struct report_export *out)
{
    struct exporting *x = ARENA_NEW(rq->arena, struct exporting);
    if (!x)
        return ERR_MEMORY;
    x->rq = rq;
    x->report = report;
    x->notes = notes;
    enum err e = store_read(rq->sv->store, export_look, x);
    size_t n = x->n_messages > REPORT_EXPORT_MESSAGES ? REPORT_EXPORT_MESSAGES : x->n_messages;
    size_t notes_n = x->n_notes > NOTES_MOST ? NOTES_MOST : x->n_notes;
    e = e ? e : report_exposure_pass(rq, report);
    e = e ? e : report_items_open(rq, PURPOSE_EXPORT, &x->record.path, x->item, 1 + notes_n);
    e = e ? e : report_content_read(rq->arena, x->item[0].plain, &out->content);
    if (!e && n)
        e = report_items_open(rq, PURPOSE_EXPORT, &x->record.thread_path, x->message, n);
    if (e == ERR_TAMPERED || e == ERR_MALFORMED)
        log_event(LOG_ALARM, "report.tampered", LOG_ID("report", report), LOG_ID("person", rq->who.id));
    e = e ? e : store_write(rq->sv->store, export_note, x);
    if (e)
        return e;
    struct report_said *said = arena_array(rq->arena, n + 1, sizeof *said), *note = arena_array(rq->arena, notes_n + 1, sizeof *note);
    for (size_t i = 0; said && i < n; i++) { // oldest first
        said[i] = x->said[n - 1 - i];
        said[i].text = x->message[n - 1 - i].plain;
    }
    for (size_t i = 0; note && i < notes_n; i++) {
        note[i] = x->note[notes_n - 1 - i];
        note[i].text = x->item[notes_n - i].plain;
    }
    out->unit = x->record.at.unit;
    out->state = x->record.at.state;
    out->clear = x->record.clear;
    out->messages = (struct list){said, n};
    out->notes = (struct list){note, notes_n};
    out->more = x->n_messages > REPORT_EXPORT_MESSAGES;
    out->more_notes = x->n_notes > NOTES_MOST;
    return said && note ? OK : ERR_MEMORY;
}
