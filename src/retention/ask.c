// What people do: ask for an erasure, decide about it, hold and free, run the pass now.
#include "base/clock.h"
#include "retention/handlers.h"

DB_QUERY(ask_add_sql, "btbbtbibi", "", "insert into desk.erasure (id, kind, thing, unit, reason, asked_by, asked_at, writer, seq, state) "
                                       "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'asked')");
DB_QUERY(ask_find_sql, "b", "tbbbbit", "select kind, thing, unit, asked_by, writer, seq, state from desk.erasure where id = $1");
DB_QUERY(ask_refuse_sql, "bbi", "", "update desk.erasure set state = 'refused', decided_by = $2, decided_at = $3 where id = $1 and state = 'asked'");
DB_QUERY(hold_add_sql, "btibt", "", "insert into desk.retention_hold (thing, kind, at, person, reason) values ($1, $2, $3, $4, $5)");
DB_QUERY(hold_drop_sql, "b", "", "delete from desk.retention_hold where thing = $1");

// Another unit's thing is no thing: the same sentence.
struct finding { struct req *rq; struct str said; struct found_thing f; enum err found; };

static enum err find_run(struct db *db, void *arg)
{
    struct finding *x = arg;
    x->found = retention_find_db(db, x->rq->arena, x->said, &x->f);
    return x->found == ERR_NOT_FOUND || x->found == ERR_CONFLICT ? OK : x->found;
}

static enum err find(struct req *rq, struct str said, struct found_thing *out)
{
    struct finding x = {.rq = rq, .said = str_trim(said)};
    enum err e = store_read(rq->sv->store, find_run, &x);
    if (e)
        return e;
    bool own = retention_all(rq) || person_of_unit(&rq->who, x.f.t.unit);
    if (x.found == ERR_NOT_FOUND || !own || x.f.shredded)
        return req_refuse(rq, "thing", MSG_RETENTION_NO_THING);
    if (x.found == ERR_CONFLICT)
        return req_refuse(rq, "thing", MSG_RETENTION_IN_CASE);
    *out = x.f;
    return OK;
}

enum err retention_fill(struct req *rq, const void *in_, void *out)
{
    const struct retention_ask_in *in = in_; // the hold's input begins alike
    return retention_show(rq, in->thing, out);
}

struct asking { struct req *rq; struct found_thing f; struct id id; struct str reason; struct keeper_audit_at at; };

static enum err ask_write(struct db *db, void *arg)
{
    const struct asking *a = arg;
    return db_exec(db, &ask_add_sql, DB_ARGS(DB_ID(a->id), DB_T(a->f.t.is_case ? STR("case") : STR("report")), DB_ID(a->f.t.id),
                                         DB_ID(a->f.t.unit), DB_T(a->reason), DB_ID(a->rq->who.id), DB_I(clock_minute(a->rq->now)),
                                         DB_B(STR_BYTES(a->at.writer)), DB_I(a->at.seq)), NULL);
}

enum err retention_ask_run(struct req *rq, const void *in_, void *out_)
{
    const struct retention_ask_in *in = in_;
    struct retention_list_out *out = out_;
    struct asking a = {.rq = rq, .id = id_random(), .reason = in->reason};
    enum err e = retention_show(rq, in->thing, out);
    if (!e)
        e = find(rq, in->thing, &a.f);
    if (!e && !a.f.ended)
        return req_notice(rq, ERR_CONFLICT, MSG_RETENTION_NOT_ENDED);
    if (!e && a.f.t.held)
        return req_notice(rq, ERR_CONFLICT, MSG_RETENTION_IS_HELD_NOW);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_ERASURE_ASKED, a.f.t.id, a.f.t.unit, in->reason, &a.at);
    if (!e)
        e = store_write(rq->sv->store, ask_write, &a);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_RETENTION_ASKED_ALREADY);
    out->id = a.id;
    return e;
}

struct request { struct id id; bool is_case, open; struct id thing, unit, asked_by; struct keeper_audit_at at; };

static enum err request_read(struct db *db, void *arg)
{
    struct request *q = arg;
    struct db_rows *r;
    enum err e = db_query(db, &ask_find_sql, DB_ARGS(DB_ID(q->id)), &r);
    if (e)
        return e;
    if (!db_next(r)) {
        e = ERR_NOT_FOUND;
    } else {
        struct str writer = db_str(r, 4);
        q->is_case = str_equal_z(db_str(r, 0), "case");
        q->at.seq = (uint64_t)db_int(r, 5);
        q->open = str_equal_z(db_str(r, 6), "asked");
        bool bad = id_from_bytes(db_str(r, 1), &q->thing) || id_from_bytes(db_str(r, 2), &q->unit) ||
                   id_from_bytes(db_str(r, 3), &q->asked_by) || writer.n != sizeof q->at.writer;
        for (size_t i = 0; !bad && i < writer.n; i++)
            q->at.writer[i] = (uint8_t)writer.at[i];
        e = bad ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// Whose request it is, and whether it is still open: nobody decides about his own.
static enum err decide(struct req *rq, struct request *q)
{
    q->id = rq->id;
    enum err e = store_read(rq->sv->store, request_read, q);
    if (e)
        return e;
    if (!q->open)
        return req_notice(rq, ERR_CONFLICT, MSG_RETENTION_DECIDED);
    if (!retention_decides(rq))
        return req_notice(rq, ERR_FORBIDDEN, MSG_RETENTION_NOT_ADMINISTRATOR);
    return id_equal(q->asked_by, rq->who.id) ? req_notice(rq, ERR_FORBIDDEN, MSG_RETENTION_OWN) : OK;
}

enum err retention_approve_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct retention_list_out *out = out_;
    struct request q;
    struct erasing *x = arena_array(rq->arena, 1, sizeof *x);
    enum err e = x ? retention_show(rq, STR(""), out) : ERR_MEMORY;
    if (!e)
        e = decide(rq, &q);
    if (e)
        return e;
    *x = (struct erasing){.sv = rq->sv, .token = &rq->token, .asked = &q.at, .erasure = q.id, .who = rq->who.id, .now = rq->now,
                          .thing = {.is_case = q.is_case, .id = q.thing, .unit = q.unit, .act = ACT_ERASE}};
    e = retention_shred(x);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_RETENTION_NOT_NOW);
    out->id = q.id;
    return e;
}

struct deciding { const struct request *q; struct req *rq; };

static enum err refuse_write(struct db *db, void *arg)
{
    const struct deciding *d = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &ask_refuse_sql, DB_ARGS(DB_ID(d->q->id), DB_ID(d->rq->who.id), DB_I(clock_minute(d->rq->now))), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err retention_refuse_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct retention_list_out *out = out_;
    struct request q;
    struct deciding d = {&q, rq};
    struct keeper_audit_at at;
    enum err e = retention_show(rq, STR(""), out);
    if (!e)
        e = decide(rq, &q);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_ERASURE_REFUSED, q.thing, q.id, STR(""), &at);
    if (!e)
        e = store_write(rq->sv->store, refuse_write, &d);
    out->id = q.id;
    return e;
}

// ── holds ──
static enum err hold_write(struct db *db, void *arg)
{
    const struct asking *a = arg;
    return db_exec(db, &hold_add_sql, DB_ARGS(DB_ID(a->f.t.id), DB_T(a->f.t.is_case ? STR("case") : STR("report")),
                                          DB_I(clock_minute(a->rq->now)), DB_ID(a->rq->who.id), DB_T(a->reason)), NULL);
}

enum err retention_hold_run(struct req *rq, const void *in_, void *out_)
{
    const struct retention_hold_in *in = in_;
    struct retention_list_out *out = out_;
    struct asking a = {.rq = rq, .reason = in->reason};
    enum err e = retention_show(rq, in->thing, out);
    if (!e)
        e = find(rq, in->thing, &a.f);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_RETENTION_HELD, a.f.t.id, a.f.t.unit, in->reason, &a.at);
    if (!e)
        e = store_write(rq->sv->store, hold_write, &a);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_RETENTION_HELD_ALREADY);
    out->id = a.f.t.id;
    return e;
}

static enum err lift_write(struct db *db, void *arg)
{
    const struct req *rq = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &hold_drop_sql, DB_ARGS(DB_ID(rq->id)), &changed);
    return e ? e : changed == 1 ? OK : ERR_NOT_FOUND;
}

// Only what this person sees on the page can be freed: anything else is 404.
enum err retention_lift_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct retention_list_out *out = out_;
    struct keeper_audit_at at;
    enum err e = retention_show(rq, STR(""), out);
    bool seen = false;
    for (size_t i = 0; !e && i < out->holds.n && !seen; i++)
        seen = id_equal(((const struct retention_hold *)out->holds.at)[i].thing, rq->id);
    if (!e && !seen)
        e = ERR_NOT_FOUND;
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_RETENTION_FREED, rq->id, (struct id){0}, STR(""), &at);
    if (!e)
        e = store_write(rq->sv->store, lift_write, rq);
    out->id = rq->id;
    return e;
}

enum err retention_run_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct retention_list_out *out = out_;
    size_t done = 0;
    enum err e = retention_pass(rq->sv, rq->now, &done);
    out->passed = (int64_t)done;
    return e == ERR_CONFLICT ? req_notice(rq, e, MSG_RETENTION_ELSEWHERE) : e;
}
