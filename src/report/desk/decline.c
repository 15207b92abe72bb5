// A hand-over that the colleague does not take: the reports stay the giver's, who is told why until he has handed them over anew.
#include "report/desk/triage.h"

#define DECLINED_SHOWN 20

// As long as the giver still has one of the reports: handing it over anew takes it out of the old hand-over.
#define DECLINED_FROM " from desk.handover h where h.giver = $1 and h.confirmed is null and h.declined is not null and exists (select 1 " \
                      "from desk.handover_report x join desk.report r on r.id = x.report where x.handover = h.id and r.taken_by = h.giver " \
                      "and r.state in ('taken', 'assessed', 'answered'))"
DB_QUERY(decline_list_sql, "bi", "bbbii", "select h.id, h.giver, h.taker, h.declined, (select count(*) from desk.handover_report x "
         "join desk.report r on r.id = x.report where x.handover = h.id and r.taken_by = h.giver)" DECLINED_FROM " order by h.declined desc limit $2");
DB_QUERY(decline_count_sql, "b", "i", "select count(*)" DECLINED_FROM);
DB_QUERY(decline_note_sql, "bbi", "bbib", "select n.id, n.report, n.seq, n.item from desk.handover_report x join desk.report r on r.id = x.report "
         "join desk.note n on n.report = x.report where x.handover = $1 and r.taken_by is not null and n.action = 'declined' and n.person = $2 "
         "and n.at = $3 order by n.report limit 1");
DB_QUERY(decline_done_sql, "bi", "", "update desk.handover set declined = $2 where id = $1 and confirmed is null and declined is null");

enum err handover_declined_count_db(struct db *db, struct id giver, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &decline_count_sql, DB_ARGS(DB_ID(giver)), &r);
    if (e)
        return e;
    *out = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

// ── what the giver sees ──
struct declined {
    struct req *rq;
    size_t n;
    struct handover_row *row;
    struct report_record *record;    // of the report beside which the reason of that row lies
    struct keeper_item *item;        // without a text: nothing to open
};

static enum err reason_find(struct db *db, struct declined *d, size_t i)
{
    const struct handover_row *h = &d->row[i];
    struct db_rows *r;
    struct id note = {{0}}, report = {{0}};
    int64_t seq = 0;
    d->item[i] = (struct keeper_item){0};
    enum err e = db_query(db, &decline_note_sql, DB_ARGS(DB_ID(h->id), DB_ID(h->taker), DB_I(h->at)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        e = id_from_bytes(db_str(r, 0), &note) || id_from_bytes(db_str(r, 1), &report) ? ERR_TAMPERED : OK;
        seq = db_int(r, 2);
        d->item[i].sealed = arena_str(d->rq->arena, db_str(r, 3));
    }
    enum err done = db_done(&r);
    if (e || done || d->item[i].sealed.n == 0)
        return e ? e : done;
    e = report_record_db(db, d->rq->arena, &d->rq->who, report, &d->record[i]);
    if (e == ERR_NOT_FOUND) // another unit's by now
        d->item[i].sealed.n = 0;
    else if (!e)
        report_note_ad(&d->item[i].ad, &d->record[i], note, seq, h->at, h->taker, STR("declined"));
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err declined_read(struct db *db, void *arg)
{
    struct declined *d = arg;
    struct arena *a = d->rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &decline_list_sql, DB_ARGS(DB_ID(d->rq->who.id), DB_I(DECLINED_SHOWN)), &r);
    if (e)
        return e;
    for (d->n = 0; d->n < DECLINED_SHOWN && !e && db_next(r); d->n++) {
        struct handover_row *h = &d->row[d->n];
        *h = (struct handover_row){.at = db_int(r, 3), .reports = db_int(r, 4), .at_text = req_time(d->rq, db_int(r, 3))};
        e = id_from_bytes(db_str(r, 0), &h->id) || id_from_bytes(db_str(r, 1), &h->giver) || id_from_bytes(db_str(r, 2), &h->taker)
                ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    for (size_t i = 0; i < d->n && !e; i++) {
        e = people_name(db, a, d->row[i].taker, &d->row[i].taker_name);
        if (!e)
            e = people_name(db, a, d->row[i].giver, &d->row[i].giver_name);
        if (!e)
            e = reason_find(db, d, i);
    }
    return e;
}

enum err handover_declined(struct req *rq, struct list *out)
{
    struct declined d = {.rq = rq, .row = arena_array(rq->arena, DECLINED_SHOWN, sizeof *d.row),
                         .record = arena_array(rq->arena, DECLINED_SHOWN, sizeof *d.record),
                         .item = arena_array(rq->arena, DECLINED_SHOWN, sizeof *d.item)};
    if (!d.row || !d.record || !d.item)
        return ERR_MEMORY;
    enum err e = store_read(rq->sv->store, declined_read, &d);
    for (size_t i = 0; i < d.n && !e; i++) {
        if (d.item[i].sealed.n == 0)
            continue;
        e = keeper_open(rq->sv->keeper, &rq->token, PURPOSE_READ, &d.record[i].path, &d.item[i], 1, rq->arena);
        if (!e)
            d.row[i].reason = d.item[i].plain;
        if (e == ERR_TAMPERED || e == ERR_MALFORMED) // shown without its reason; the report's own page raises the alarm
            e = OK;
    }
    *out = (struct list){d.row, d.n};
    return e;
}

// ── declining ──
struct refusal {
    struct handover_receive v;
    struct report_record record[HANDOVER_MAX];
    struct handover_note note[HANDOVER_MAX];
};

static enum err decline_look(struct db *db, void *arg)
{
    struct refusal *f = arg;
    enum err e = handover_receive_db(db, &f->v);
    size_t n = 0;
    for (size_t i = 0; i < f->v.n && !e; i++) { // what is not there any more needs no reason
        e = report_record_db(db, f->v.rq->arena, &f->v.rq->who, f->v.report[i], &f->record[n]);
        if (!e)
            e = handover_note_next_db(db, f->v.report[i], &f->note[n].seq);
        n += !e;
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    f->v.n = n;
    return e;
}

static enum err decline_write(struct db *db, void *arg)
{
    const struct refusal *f = arg;
    const struct req *rq = f->v.rq;
    int64_t changed = 0;
    enum err e = db_exec(db, &decline_done_sql, DB_ARGS(DB_ID(rq->id), DB_I(rq->now)), &changed);
    if (!e && changed == 0)
        e = ERR_CONFLICT;
    for (size_t i = 0; i < f->v.n && !e; i++) {
        e = handover_note_db(db, rq, &f->record[i], "declined", &f->note[i]);
        if (!e)
            e = report_history_db(db, f->record[i].id, rq->who.id, "declined", rq->now);
    }
    return e;
}

enum err handover_decline_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    *(struct handover_act_out *)out = (struct handover_act_out){.id = rq->id};
    return OK;
}

enum err handover_decline_run(struct req *rq, const void *in_, void *out)
{
    const struct handover_decline_in *in = in_;
    struct keeper_audit_at entry;
    struct refusal *f = ARENA_NEW(rq->arena, struct refusal);
    if (!f)
        return ERR_MEMORY;
    f->v.rq = rq;
    enum err e = store_read(rq->sv->store, decline_look, f);
    if (!e && f->v.over)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    for (size_t i = 0; i < f->v.n && !e; i++)
        e = handover_note_seal(rq, &f->record[i], "declined", str_trim(in->reason), &f->note[i]);
    for (size_t i = 0; i < f->v.n && !e; i++)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REPORT_HANDOVER, f->record[i].id, f->v.giver, STR("declined"), &entry);
    if (!e)
        e = store_write(rq->sv->store, decline_write, f);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_DESK_STATE_NOT_NOW);
    return e ? e : handover_decline_fill(rq, in, out);
}
