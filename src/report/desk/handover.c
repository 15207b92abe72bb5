// Hand-over: who goes off duty gives the reports that are open to the next one, with a note sealed beside each of them. Until
// the next one has confirmed, the giver answers for them.
#include "base/clock.h"
#include "report/desk/triage.h"

#define HANDOVERS_SHOWN 50

DB_QUERY(handover_open_sql, "bbi", "btiit", "select id, category, rank, received, state from desk.report where taken_by = $1 and unit = $2 "
         "and state in ('taken', 'assessed', 'answered') order by rank, take_due, seq limit $3");
DB_QUERY(handover_add_sql, "bbbbi", "", "insert into desk.handover (id, unit, giver, taker, at) values ($1, $2, $3, $4, $5)");
DB_QUERY(handover_old_sql, "b", "", "delete from desk.handover_report where report = $1 and handover in (select id from desk.handover "
         "where confirmed is null)");
DB_QUERY(handover_empty_sql, "b", "", "delete from desk.handover where unit = $1 and confirmed is null and declined is null and not exists "
         "(select 1 from desk.handover_report r where r.handover = desk.handover.id)");
DB_QUERY(handover_report_sql, "bb", "", "insert into desk.handover_report (handover, report) values ($1, $2)");
DB_QUERY(handover_waiting_sql, "bi", "bbbii", "select h.id, h.giver, h.taker, h.at, (select count(*) from desk.handover_report r where r.handover = h.id) "
         "from desk.handover h where h.confirmed is null and h.declined is null and h.taker = $1 order by h.at desc limit $2");
DB_QUERY(handover_given_sql, "bi", "bbbii", "select h.id, h.giver, h.taker, h.at, (select count(*) from desk.handover_report r where r.handover = h.id) "
         "from desk.handover h where h.confirmed is null and h.declined is null and h.giver = $1 order by h.at desc limit $2");
DB_QUERY(handover_find_sql, "b", "bbbi", "select unit, giver, taker, cast(case when confirmed is null and declined is null then 0 else 1 end as bigint) from desk.handover where id = $1");
DB_QUERY(handover_reports_sql, "bi", "b", "select report from desk.handover_report where handover = $1 order by report limit $2");
DB_QUERY(handover_move_sql, "ibi", "", "update desk.report set taken_by = $2, taken_at = $3 where seq = $1");
DB_QUERY(handover_done_sql, "bi", "", "update desk.handover set confirmed = $2 where id = $1 and confirmed is null and declined is null");
DB_QUERY(handover_note_next_sql, "b", "i", "select coalesce(max(seq), 0) + 1 from desk.note where report = $1");
DB_QUERY(handover_note_sql, "bbiibtbb", "", "insert into desk.note (id, report, seq, at, person, action, kid, item) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8)");
DB_QUERY(handover_members_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and p.disabled = 0 order by p.fold, p.id limit $2");
DB_QUERY(handover_on_call_sql, "bii", "bi", "select r.person, r.place from desk.roster r join desk.person p on p.id = r.person "
         "join desk.member m on m.unit = r.unit and m.person = r.person where r.unit = $1 and r.starts <= $2 "
         "and (r.ends is null or r.ends > $2) and p.disabled = 0 order by r.place, r.starts, r.id limit $3");

// ── the page ──
struct page {
    struct req *rq;
    size_t n_open, n_waiting, n_workers;
    struct handover_report *open;
    struct handover_row *waiting;
    struct handover_worker *workers;
    struct id chosen;
};

static enum err open_read(struct db *db, struct page *p, struct id unit)
{
    struct req *rq = p->rq;
    struct db_rows *r;
    enum err e = db_query(db, &handover_open_sql, DB_ARGS(DB_ID(rq->who.id), DB_ID(unit), DB_I(HANDOVER_MAX)), &r);
    if (e)
        return e;
    while (p->n_open < HANDOVER_MAX && !e && db_next(r)) {
        struct handover_report *h = &p->open[p->n_open++];
        enum report_state state;
        *h = (struct handover_report){.category = arena_str(rq->arena, db_str(r, 1)), .urgency = db_int(r, 2)};
        h->received_text = req_time(rq, db_int(r, 3));
        h->urgency_text = desk_urgency(rq, h->urgency);
        if (!report_state_read(db_str(r, 4), &state))
            h->state_text = text_get(rq->lang, desk_state_message(state));
        e = id_from_bytes(db_str(r, 0), &h->id) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err waiting_read(struct db *db, struct page *p, const struct db_query *q)
{
    struct req *rq = p->rq;
    struct db_rows *r;
    enum err e = db_query(db, q, DB_ARGS(DB_ID(rq->who.id), DB_I(HANDOVERS_SHOWN)), &r);
    if (e)
        return e;
    while (p->n_waiting < 2 * HANDOVERS_SHOWN && !e && db_next(r)) {
        struct handover_row *h = &p->waiting[p->n_waiting++];
        *h = (struct handover_row){.at = db_int(r, 3), .reports = db_int(r, 4)};
        e = id_from_bytes(db_str(r, 0), &h->id) || id_from_bytes(db_str(r, 1), &h->giver) || id_from_bytes(db_str(r, 2), &h->taker)
                ? ERR_TAMPERED : OK;
        h->mine = id_equal(h->taker, rq->who.id);
        h->at_text = req_time(rq, h->at);
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err workers_read(struct db *db, struct page *p, struct id unit)
{
    struct db_rows *r;
    enum err e = db_query(db, &handover_members_sql, DB_ARGS(DB_ID(unit), DB_I(WORKERS_MAX)), &r);
    if (e)
        return e;
    while (p->n_workers < WORKERS_MAX && !e && db_next(r)) {
        struct handover_worker *w = &p->workers[p->n_workers++];
        *w = (struct handover_worker){.name = arena_str(p->rq->arena, db_str(r, 1))};
        e = id_from_bytes(db_str(r, 0), &w->id) ? ERR_TAMPERED : OK;
        w->chosen = id_equal(w->id, p->chosen);
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    if (!e)
        e = db_query(db, &handover_on_call_sql, DB_ARGS(DB_ID(unit), DB_I(p->rq->now), DB_I(WORKERS_MAX)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        struct id person;
        for (size_t i = 0; i < p->n_workers && !id_from_bytes(db_str(r, 0), &person); i++)
            p->workers[i].on_call = p->workers[i].on_call || id_equal(p->workers[i].id, person);
    }
    return db_done(&r);
}

static enum err page_read(struct db *db, void *arg)
{
    struct page *p = arg;
    const struct person *who = &p->rq->who;
    enum err e = OK;
    p->n_open = p->n_waiting = p->n_workers = 0;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        e = open_read(db, p, who->units[u]);
        if (!e)
            e = workers_read(db, p, who->units[u]);
    }
    if (!e)
        e = waiting_read(db, p, &handover_waiting_sql);
    if (!e)
        e = waiting_read(db, p, &handover_given_sql);
    for (size_t i = 0; i < p->n_waiting && !e; i++) {
        e = people_name(db, p->rq->arena, p->waiting[i].giver, &p->waiting[i].giver_name);
        if (!e)
            e = people_name(db, p->rq->arena, p->waiting[i].taker, &p->waiting[i].taker_name);
    }
    return e;
}

static enum err page_show(struct req *rq, struct id chosen, struct str note, struct handover_out *out)
{
    struct page p = {.rq = rq, .chosen = chosen, .open = arena_array(rq->arena, HANDOVER_MAX, sizeof *p.open),
                     .waiting = arena_array(rq->arena, 2 * HANDOVERS_SHOWN, sizeof *p.waiting),
                     .workers = arena_array(rq->arena, WORKERS_MAX, sizeof *p.workers)};
    struct handover_worker *now = arena_array(rq->arena, WORKERS_MAX, sizeof *now);
    size_t n = 0, others = 0;
    if (!p.open || !p.waiting || !p.workers || !now)
        return ERR_MEMORY;
    enum err e = store_read(rq->sv->store, page_read, &p);
    if (e)
        return e;
    for (size_t i = 0; i < p.n_workers; i++)
        if (p.workers[i].on_call)
            now[n++] = p.workers[i];
    for (size_t i = 0; i < p.n_workers; i++) // to whom it may go
        if (!id_equal(p.workers[i].id, rq->who.id))
            p.workers[others++] = p.workers[i];
    *out = (struct handover_out){.open = {p.open, p.n_open}, .waiting = {p.waiting, p.n_waiting}, .on_call = {now, n}, .gap = n == 0,
                                 .workers = {p.workers, others}, .note = note};
    e = handover_declined(rq, &out->declined);
    if (e)
        return e;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err handover_read_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return page_show(rq, (struct id){{0}}, STR(""), out);
}

enum err handover_fill(struct req *rq, const void *in_, void *out)
{
    const struct handover_in *in = in_;
    return page_show(rq, in->to, in->note, out);
}

// ── handing over ──
struct give {
    struct req *rq;
    struct id id, unit, to;
    bool member;
    size_t n;
    struct report_record *record;
    struct handover_note *note;
    struct keeper_audit_at entry;
};

static enum err give_look(struct db *db, void *arg)
{
    struct give *g = arg;
    struct req *rq = g->rq;
    enum err e = OK;
    for (size_t i = 0; i < g->n && !e; i++) {
        struct id id = g->record[i].id;
        e = report_record_db(db, rq->arena, &rq->who, id, &g->record[i]);
        if (!e && !id_equal(g->record[i].at.taken_by, rq->who.id)) // only what one holds oneself
            e = ERR_CONFLICT;
        if (!e)
            e = handover_note_next_db(db, id, &g->note[i].seq);
    }
    if (e)
        return e;
    g->unit = g->record[0].at.unit;
    for (size_t i = 1; i < g->n && !e; i++)
        if (!id_equal(g->record[i].at.unit, g->unit)) // one hand-over, one unit
            e = ERR_CONFLICT;
    struct page p = {.rq = rq, .workers = arena_array(rq->arena, WORKERS_MAX, sizeof *p.workers)};
    if (!e)
        e = p.workers ? workers_read(db, &p, g->unit) : ERR_MEMORY;
    g->member = false;
    for (size_t i = 0; i < p.n_workers && !e; i++)
        g->member = g->member || id_equal(p.workers[i].id, g->to);
    return e;
}

static enum err give_write(struct db *db, void *arg)
{
    const struct give *g = arg;
    const struct req *rq = g->rq;
    enum err e = db_exec(db, &handover_add_sql, DB_ARGS(DB_ID(g->id), DB_ID(g->unit), DB_ID(rq->who.id), DB_ID(g->to), DB_I(rq->now)), NULL);
    for (size_t i = 0; i < g->n && !e; i++) {
        const struct report_record *d = &g->record[i];
        struct report_at at;
        e = report_at_db(db, d->id, rq->who.units, rq->who.n_units, &at);
        if (!e && !id_equal(at.taken_by, rq->who.id))
            e = ERR_CONFLICT;
        if (!e)
            e = db_exec(db, &handover_old_sql, DB_ARGS(DB_ID(d->id)), NULL); // the newest hand-over of a report counts
        if (!e)
            e = db_exec(db, &handover_report_sql, DB_ARGS(DB_ID(g->id), DB_ID(d->id)), NULL);
        if (!e && g->note[i].sealed.n > 0)
            e = handover_note_db(db, rq, d, "handed_over", &g->note[i]);
        if (!e)
            e = report_history_db(db, d->id, rq->who.id, "handed_over", rq->now);
    }
    return e ? e : db_exec(db, &handover_empty_sql, DB_ARGS(DB_ID(g->unit)), NULL); // nothing is left of it for the first to take
}

enum err handover_note_seal(struct req *rq, const struct report_record *d, const char *action, struct str text, struct handover_note *out)
{
    struct record_ad ad;
    struct buf sealed;
    out->id = id_random();
    report_note_ad(&ad, d, out->id, out->seq, rq->now, rq->who.id, str_from(action));
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err e = keeper_seal(rq->sv->keeper, &rq->token, &d->path, &ad, text, &sealed);
    if (!e && !crypto_equal(ad.kid.b, d->kid.b, sizeof ad.kid.b))
        e = ERR_TAMPERED;
    out->sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err handover_note_next_db(struct db *db, struct id report, int64_t *seq)
{
    struct db_rows *r;
    enum err e = db_query(db, &handover_note_next_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    *seq = db_next(r) ? db_int(r, 0) : 1;
    return db_done(&r);
}

enum err handover_note_db(struct db *db, const struct req *rq, const struct report_record *d, const char *action, const struct handover_note *n)
{
    return db_exec(db, &handover_note_sql, DB_ARGS(DB_ID(n->id), DB_ID(d->id), DB_I(n->seq), DB_I(rq->now), DB_ID(rq->who.id),
                                                DB_T(str_from(action)), DB_B(STR_BYTES(d->kid.b)), DB_B(n->sealed)), NULL);
}

static enum err give_ids(struct give *g, struct list reports)
{
    const struct str *hex = reports.at;
    for (size_t i = 0; i < reports.n; i++) {
        struct id id;
        bool twice = false;
        if (id_from_hex(hex[i], &id) || g->n == HANDOVER_MAX)
            return req_refuse(g->rq, "reports", MSG_DESK_REFUSED_REPORTS);
        for (size_t k = 0; k < g->n; k++)
            twice = twice || id_equal(g->record[k].id, id);
        if (!twice)
            g->record[g->n++].id = id;
    }
    return g->n > 0 ? OK : req_refuse(g->rq, "reports", MSG_DESK_HANDOVER_NOTHING);
}

enum err handover_add_run(struct req *rq, const void *in_, void *out)
{
    const struct handover_in *in = in_;
    struct give g = {.rq = rq, .id = id_random(), .to = in->to};
    g.record = arena_array(rq->arena, HANDOVER_MAX, sizeof *g.record);
    g.note = arena_array(rq->arena, HANDOVER_MAX, sizeof *g.note);
    if (!g.record || !g.note)
        return ERR_MEMORY;
    enum err e = handover_fill(rq, in, out);
    if (!e)
        e = give_ids(&g, in->reports);
    if (!e && id_equal(in->to, rq->who.id))
        e = req_refuse(rq, "to", MSG_DESK_HANDOVER_SELF);
    if (!e)
        e = store_read(rq->sv->store, give_look, &g);
    if (!e && !g.member)
        e = req_refuse(rq, "to", MSG_DESK_HANDOVER_MEMBER);
    for (size_t i = 0; i < g.n && !e && !str_blank(in->note); i++)
        e = handover_note_seal(rq, &g.record[i], "handed_over", str_trim(in->note), &g.note[i]);
    for (size_t i = 0; i < g.n && !e; i++)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REPORT_HANDOVER, g.record[i].id, in->to, STR("given"), &g.entry);
    if (!e)
        e = store_write(rq->sv->store, give_write, &g);
    for (size_t i = 0; i < g.n && e; i++)
        if (g.note[i].sealed.n > 0)
            keeper_unstored(rq->sv->keeper, &rq->token, g.record[i].id, g.note[i].id);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_DESK_HANDOVER_NOT_HELD);
    return e ? e : page_show(rq, (struct id){{0}}, STR(""), out);
}

// ── confirming ──
enum err handover_receive_db(struct db *db, void *arg)
{
    struct handover_receive *v = arg;
    struct db_rows *r;
    struct id taker = {{0}};
    enum err e = db_query(db, &handover_find_sql, DB_ARGS(DB_ID(v->rq->id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        e = id_from_bytes(db_str(r, 0), &v->unit) || id_from_bytes(db_str(r, 1), &v->giver) || id_from_bytes(db_str(r, 2), &taker)
                ? ERR_TAMPERED : OK;
        v->over = db_int(r, 3) != 0;
    }
    enum err done = db_done(&r);
    if (e || done)
        return e ? e : done;
    if (id_zero(taker) || !id_equal(taker, v->rq->who.id))
        return ERR_NOT_FOUND;
    e = db_query(db, &handover_reports_sql, DB_ARGS(DB_ID(v->rq->id), DB_I(HANDOVER_MAX)), &r);
    if (e)
        return e;
    for (v->n = 0; v->n < HANDOVER_MAX && !e && db_next(r); v->n++)
        e = id_from_bytes(db_str(r, 0), &v->report[v->n]) ? ERR_TAMPERED : OK;
    done = db_done(&r);
    return e ? e : done;
}

static enum err receive_write(struct db *db, void *arg)
{
    struct handover_receive *v = arg;
    const struct req *rq = v->rq;
    int64_t changed = 0;
    v->moved = 0;
    enum err e = db_exec(db, &handover_done_sql, DB_ARGS(DB_ID(rq->id), DB_I(rq->now)), &changed);
    if (!e && changed == 0)
        e = ERR_CONFLICT;
    for (size_t i = 0; i < v->n && !e; i++) {
        struct report_at at;
        e = report_at_db(db, v->report[i], rq->who.units, rq->who.n_units, &at);
        if (e == ERR_NOT_FOUND) {
            e = OK; // gone, or handed to another unit
            continue;
        }
        if (e || !id_equal(at.taken_by, v->giver)) // somebody else has it by now
            continue;
        e = db_exec(db, &handover_move_sql, DB_ARGS(DB_I(at.seq), DB_ID(rq->who.id), DB_I(rq->now)), NULL);
        if (!e)
            e = report_history_db(db, v->report[i], rq->who.id, "received", rq->now);
        v->moved++;
    }
    return e;
}

enum err handover_confirm_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct handover_act_out *out = out_;
    struct keeper_audit_at entry;
    struct handover_receive v = {.rq = rq};
    enum err e = store_read(rq->sv->store, handover_receive_db, &v);
    if (!e && v.over)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    for (size_t i = 0; i < v.n && !e; i++)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REPORT_HANDOVER, v.report[i], v.giver, STR("confirmed"), &entry);
    if (!e)
        e = store_write(rq->sv->store, receive_write, &v);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    *out = (struct handover_act_out){.id = rq->id, .reports = v.moved};
    return OK;
}
