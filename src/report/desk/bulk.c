// Many reports at once: marked as spam for one reason, and the whole undone again. What cannot be (a colleague works on it, it
// is judged already) is left as it is and counted.
#include "base/clock.h"
#include "report/desk/triage.h"

#define BULK_SHOWN 50
#define BULK_DAYS 30 // how far back the list goes

DB_QUERY(bulk_add_sql, "bbbit", "", "insert into desk.bulk (id, unit, person, at, reason) values ($1, $2, $3, $4, $5)");
DB_QUERY(bulk_report_sql, "bbtB", "", "insert into desk.bulk_report (bulk, report, state, taken_by) values ($1, $2, $3, $4)");
DB_QUERY(bulk_find_sql, "b", "bI", "select unit, undone from desk.bulk where id = $1");
DB_QUERY(bulk_reports_sql, "bi", "bt", "select report, state from desk.bulk_report where bulk = $1 order by report limit $2");
DB_QUERY(bulk_undone_sql, "bi", "", "update desk.bulk set undone = $2 where id = $1 and undone is null");
DB_QUERY(bulk_list_sql, "bii", "bbitIi", "select b.id, b.person, b.at, b.reason, b.undone, (select count(*) from desk.bulk_report r where r.bulk = b.id) "
         "from desk.bulk b where b.unit = $1 and b.at > $2 order by b.at desc limit $3");

struct bulk {
    struct req *rq;
    struct id id, unit;
    struct str reason;
    size_t n;
    struct id report[BULK_MAX];
    struct report_at at[BULK_MAX];
    bool was_new[BULK_MAX], may[BULK_MAX];
    bool undone, found;         // found: at least one of them is there for the reader
    int64_t done;
};

static enum err bulk_ids(struct req *rq, struct list reports, struct bulk *b)
{
    const struct str *hex = reports.at;
    for (size_t i = 0; i < reports.n; i++) {
        struct id id;
        bool twice = false;
        if (id_from_hex(hex[i], &id) || b->n == BULK_MAX)
            return req_refuse(rq, "reports", MSG_DESK_REFUSED_REPORTS);
        for (size_t k = 0; k < b->n; k++)
            twice = twice || id_equal(b->report[k], id);
        if (!twice)
            b->report[b->n++] = id;
    }
    return b->n > 0 ? OK : req_refuse(rq, "reports", MSG_DESK_REFUSED_REPORTS);
}

// A report that a second person must still look at is not put aside; one that is not there, or not one's own, is left too.
static enum err bulk_may(struct db *db, struct bulk *b, size_t i)
{
    const struct req *rq = b->rq;
    bool waits = false;
    enum err e = report_at_db(db, b->report[i], rq->who.units, rq->who.n_units, &b->at[i]);
    b->may[i] = false;
    if (e == ERR_NOT_FOUND)
        return OK;
    b->found = b->found || !e;
    if (!e)
        e = report_assess_settled_db(db, rq->arena, b->report[i], &waits);
    b->may[i] = !e && !waits && report_holder_may(&rq->who, &b->at[i]) && report_state_may(b->at[i].state, REPORT_SPAM);
    return e;
}

static enum err bulk_look(struct db *db, void *arg)
{
    struct bulk *b = arg;
    enum err e = OK;
    for (size_t i = 0; i < b->n && !e; i++)
        e = bulk_may(db, b, i);
    return e;
}

static enum err bulk_write(struct db *db, void *arg)
{
    struct bulk *b = arg;
    const struct req *rq = b->rq;
    b->done = 0;
    enum err e = db_exec(db, &bulk_add_sql, DB_ARGS(DB_ID(b->id), DB_ID(b->unit), DB_ID(rq->who.id), DB_I(rq->now), DB_T(b->reason)), NULL);
    for (size_t i = 0; i < b->n && !e; i++) {
        if (!b->may[i])
            continue;
        e = bulk_may(db, b, i); // as it is now
        if (e || !b->may[i])
            continue;
        const struct report_at *at = &b->at[i];
        e = db_exec(db, &bulk_report_sql, DB_ARGS(DB_ID(b->id), DB_ID(b->report[i]), DB_T(str_from(report_state_name(at->state))),
                                                  id_zero(at->taken_by) ? DB_NULL : DB_ID(at->taken_by)), NULL);
        if (!e)
            e = report_state_db(db, b->report[i], at, REPORT_SPAM, id_zero(at->taken_by) ? rq->who.id : at->taken_by, rq->now);
        if (!e)
            e = report_history_db(db, b->report[i], rq->who.id, "spam", rq->now);
        b->done += !e;
    }
    return e;
}

// One entry for each report, before anything is written.
static enum err bulk_audit(struct bulk *b, const char *detail)
{
    struct keeper_audit_at entry;
    enum err e = OK;
    for (size_t i = 0; i < b->n && !e; i++)
        if (b->may[i])
            e = keeper_audit(b->rq->sv->keeper, &b->rq->token, AUDIT_REPORT_STATE, b->report[i], b->unit, str_from(detail), &entry);
    return e;
}

static struct str counted(const struct req *rq, enum message m, int64_t n)
{
    struct buf b;
    buf_init(&b, 512);
    text_put(&b, rq->lang, m, TEXT_ARGS(TEXT_I("n", n)));
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static void bulk_out_show(const struct bulk *b, struct bulk_out *out)
{
    int64_t left = (int64_t)b->n - b->done;
    *out = (struct bulk_out){.id = b->id, .done = b->done, .left = left, .reason = b->reason,
                             .done_text = counted(b->rq, MSG_DESK_BULK_DONE, b->done),
                             .left_text = left ? counted(b->rq, MSG_DESK_BULK_LEFT, left) : STR("")};
}

enum err bulk_add_run(struct req *rq, const void *in_, void *out)
{
    const struct bulk_in *in = in_;
    struct bulk *b = ARENA_NEW(rq->arena, struct bulk);
    if (!b)
        return ERR_MEMORY;
    b->rq = rq;
    b->id = id_random();
    b->reason = in->reason;
    enum err e = bulk_ids(rq, in->reports, b);
    if (!e)
        e = store_read(rq->sv->store, bulk_look, b);
    if (e)
        return e;
    if (!b->found)
        return ERR_NOT_FOUND;
    bool any = false;
    for (size_t i = 0; i < b->n; i++) {
        if (b->may[i] && !any)
            b->unit = b->at[i].unit;
        any = any || b->may[i];
    }
    if (!any)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_BULK_NONE);
    e = bulk_audit(b, "spam");
    if (!e)
        e = store_write(rq->sv->store, bulk_write, b);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    bulk_out_show(b, out);
    return OK;
}

// ── undoing ──
static enum err undo_look(struct db *db, void *arg)
{
    struct bulk *b = arg;
    const struct req *rq = b->rq;
    struct db_rows *r;
    bool mine = false;
    enum err e = db_query(db, &bulk_find_sql, DB_ARGS(DB_ID(rq->id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        b->undone = !db_null(r, 1);
        e = id_from_bytes(db_str(r, 0), &b->unit) ? ERR_TAMPERED : OK;
        for (size_t u = 0; u < rq->who.n_units; u++)
            mine = mine || id_equal(rq->who.units[u], b->unit);
    }
    enum err done = db_done(&r);
    if (e || done)
        return e ? e : done;
    if (!mine)
        return ERR_NOT_FOUND;
    e = db_query(db, &bulk_reports_sql, DB_ARGS(DB_ID(rq->id), DB_I(BULK_MAX)), &r);
    if (e)
        return e;
    for (b->n = 0; b->n < BULK_MAX && !e && db_next(r); b->n++) {
        b->was_new[b->n] = str_equal_z(db_str(r, 1), "new");
        e = id_from_bytes(db_str(r, 0), &b->report[b->n]) ? ERR_TAMPERED : OK;
    }
    done = db_done(&r);
    e = e ? e : done;
    for (size_t i = 0; i < b->n && !e; i++) { // whoever judged it since, or has it, keeps it
        e = report_at_db(db, b->report[i], rq->who.units, rq->who.n_units, &b->at[i]);
        b->may[i] = !e && b->at[i].state == REPORT_SPAM;
        if (e == ERR_NOT_FOUND) // erased meanwhile
            e = OK;
    }
    return e;
}

static enum err undo_write(struct db *db, void *arg)
{
    struct bulk *b = arg;
    const struct req *rq = b->rq;
    int64_t changed = 0;
    b->done = 0;
    enum err e = undo_look(db, b);
    if (!e)
        e = db_exec(db, &bulk_undone_sql, DB_ARGS(DB_ID(rq->id), DB_I(rq->now)), &changed);
    if (!e && changed == 0)
        e = ERR_CONFLICT;
    for (size_t i = 0; i < b->n && !e; i++) {
        if (!b->may[i])
            continue;
        e = report_state_db(db, b->report[i], &b->at[i], REPORT_TAKEN, rq->who.id, rq->now);
        if (!e)
            e = report_history_db(db, b->report[i], rq->who.id, "reopened", rq->now);
        if (!e && b->was_new[i]) { // back into the queue, with the clock it had
            e = report_at_db(db, b->report[i], rq->who.units, rq->who.n_units, &b->at[i]);
            if (!e)
                e = report_state_db(db, b->report[i], &b->at[i], REPORT_NEW, (struct id){{0}}, rq->now);
            if (!e)
                e = report_history_db(db, b->report[i], rq->who.id, "released", rq->now);
        }
        b->done += !e;
    }
    return e;
}

enum err bulk_undo_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct bulk *b = ARENA_NEW(rq->arena, struct bulk);
    if (!b)
        return ERR_MEMORY;
    b->rq = rq;
    b->id = rq->id;
    enum err e = store_read(rq->sv->store, undo_look, b);
    if (!e && b->undone)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_BULK_UNDONE);
    if (!e)
        e = bulk_audit(b, "spam undone");
    if (!e)
        e = store_write(rq->sv->store, undo_write, b);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    bulk_out_show(b, out);
    return OK;
}

// ── what was done lately ──
struct acts { struct req *rq; size_t n; struct bulk_row at[BULK_SHOWN]; };

static enum err acts_read(struct db *db, void *arg)
{
    struct acts *a = arg;
    struct req *rq = a->rq;
    enum err e = OK;
    a->n = 0;
    for (size_t u = 0; u < rq->who.n_units && !e; u++) {
        struct db_rows *r;
        e = db_query(db, &bulk_list_sql, DB_ARGS(DB_ID(rq->who.units[u]), DB_I(rq->now - BULK_DAYS * CLOCK_DAY), DB_I(BULK_SHOWN)), &r);
        if (e)
            return e;
        while (a->n < BULK_SHOWN && !e && db_next(r)) {
            struct bulk_row *row = &a->at[a->n++];
            *row = (struct bulk_row){.at = db_int(r, 2), .reason = arena_str(rq->arena, db_str(r, 3)), .undone = !db_null(r, 4),
                                     .reports = db_int(r, 5)};
            e = id_from_bytes(db_str(r, 0), &row->id) || id_from_bytes(db_str(r, 1), &row->person) ? ERR_TAMPERED : OK;
        }
        enum err done = db_done(&r);
        e = e ? e : done;
    }
    for (size_t i = 0; i < a->n && !e; i++)
        e = people_name(db, rq->arena, a->at[i].person, &a->at[i].name);
    return e;
}

enum err bulk_list_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct bulk_list_out *out = out_;
    struct acts *a = ARENA_NEW(rq->arena, struct acts);
    if (!a)
        return ERR_MEMORY;
    a->rq = rq;
    enum err e = store_read(rq->sv->store, acts_read, a);
    if (e)
        return e;
    for (size_t i = 0; i < a->n; i++) {
        a->at[i].at_text = req_time(rq, a->at[i].at);
        a->at[i].reason_text = pack_label(rq->sv->pack, "spam_reason", a->at[i].reason, rq->lang);
    }
    out->acts = (struct list){a->at, a->n};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
