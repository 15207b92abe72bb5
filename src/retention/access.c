// Requests of people who want to know what is kept about them: asked for by one worker, who says why and how identity was
// checked, and decided by another of the same unit. Codes only: who asked stands nowhere in the clear.
#include <string.h>
#include "base/clock.h"
#include "retention/handlers.h"
#include "text/date.h"

#define COLUMNS "select id, kind, thing, unit, reason, identity, asked_by, asked_at, state, decided_by, decided_at, taken from desk.access "
#define OUT "btbbttbitBIi"
DB_QUERY(access_list_sql, "bi", OUT, COLUMNS "where unit = $1 order by case when state = 'asked' then 0 else 1 end, asked_at desc, id limit $2");
DB_QUERY(access_find_sql, "b", OUT, COLUMNS "where id = $1");
DB_QUERY(access_add_sql, "btbbttbi", "", "insert into desk.access (id, kind, thing, unit, reason, identity, asked_by, asked_at, state, taken) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', 0)");
DB_QUERY(access_decide_sql, "btbi", "", "update desk.access set state = $2, decided_by = $3, decided_at = $4 where id = $1 and state = 'asked'");
DB_QUERY(access_taken_sql, "b", "", "update desk.access set taken = taken + 1 where id = $1 and state = 'approved'");

static enum err row_read(struct req *rq, const struct db_rows *r, struct access_at *to)
{
    struct arena *a = rq->arena;
    *to = (struct access_at){.row = {.of = arena_str(a, db_str(r, 1)), .reason = arena_str(a, db_str(r, 4)), .identity = arena_str(a, db_str(r, 5)),
                                     .asked_at = db_int(r, 7), .state = arena_str(a, db_str(r, 8)),
                                     .decided_at = db_null(r, 10) ? INT64_MIN : db_int(r, 10), .taken = db_int(r, 11)}};
    to->is_case = str_equal_z(to->row.of, "case");
    return id_from_bytes(db_str(r, 0), &to->row.id) || id_from_bytes(db_str(r, 2), &to->row.thing) || id_from_bytes(db_str(r, 3), &to->unit) ||
                   id_from_bytes(db_str(r, 6), &to->row.asked_by) || (!db_null(r, 9) && id_from_bytes(db_str(r, 9), &to->row.decided_by))
               ? ERR_TAMPERED
               : OK;
}

static bool in_time(const struct req *rq, const struct access_row *x)
{
    return rq->now < x->decided_at + ACCESS_DAYS * CLOCK_DAY;
}

static void row_show(struct req *rq, struct access_row *x)
{
    x->asked_text = req_date(rq, x->asked_at, DATE_DAY);
    bool approved = str_equal_z(x->state, "approved"), own = id_equal(x->asked_by, rq->who.id);
    x->open = str_equal_z(x->state, "asked");
    x->may = x->open && !own && req_may(rq, PERM_CASE_APPROVE) && !req_may(rq, PERM_PEOPLE_ADMIN);
    x->ready = approved && own && in_time(rq, x);
    x->of_text = text_get(rq->lang, str_equal_z(x->of, "case") ? MSG_RETENTION_CASE : MSG_RETENTION_REPORT);
    x->reason_text = pack_label(rq->sv->pack, "access_reason", x->reason, rq->lang);
    x->identity_text = pack_label(rq->sv->pack, "identity_check", x->identity, rq->lang);
    x->state_text = text_get(rq->lang, x->open ? MSG_RETENTION_ASKED : approved ? MSG_RETENTION_ACCESS_APPROVED : MSG_RETENTION_REFUSED);
}

struct listing { struct req *rq; struct access_list_out *out; };

static enum err list_read(struct db *db, void *arg)
{
    const struct listing *l = arg;
    struct req *rq = l->rq;
    struct access_row *at = arena_array(rq->arena, RETENTION_LIST_MAX, sizeof *at);
    size_t n = 0;
    enum err e = at ? OK : ERR_MEMORY;
    for (size_t u = 0; !e && u < rq->who.n_units; u++) {
        struct db_rows *r;
        e = db_query(db, &access_list_sql, DB_ARGS(DB_ID(rq->who.units[u]), DB_I(RETENTION_LIST_MAX)), &r);
        if (e)
            return e;
        while (!e && n < RETENTION_LIST_MAX && db_next(r)) {
            struct access_at one;
            e = row_read(rq, r, &one);
            at[n++] = one.row;
        }
        enum err done = db_done(&r);
        e = done ? done : e;
    }
    for (size_t i = 0; !e && i < n; i++) {
        row_show(rq, &at[i]);
        e = people_name(db, rq->arena, at[i].asked_by, &at[i].name);
    }
    l->out->requests = (struct list){at, n};
    return e;
}

static enum err show(struct req *rq, struct str thing, struct access_list_out *out)
{
    struct listing l = {rq, out};
    out->thing = thing;
    out->reasons = req_choices(rq, "access_reason", STR(""));
    out->identities = req_choices(rq, "identity_check", STR(""));
    enum err e = store_read(rq->sv->store, list_read, &l);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err access_list_run(struct req *rq, const void *in_, void *out)
{
    const struct access_list_in *in = in_;
    return show(rq, in->thing, out);
}

enum err access_fill(struct req *rq, const void *in_, void *out)
{
    const struct access_ask_in *in = in_;
    return show(rq, in->thing, out);
}

// ── asking ──
struct asking { struct req *rq; struct found_thing f; struct id id; const struct access_ask_in *in; enum err found; };

static enum err ask_look(struct db *db, void *arg)
{
    struct asking *a = arg;
    a->found = retention_find_db(db, a->rq->arena, str_trim(a->in->thing), &a->f);
    return a->found == ERR_NOT_FOUND || a->found == ERR_CONFLICT ? OK : a->found;
}

static enum err ask_write(struct db *db, void *arg)
{
    const struct asking *a = arg;
    return db_exec(db, &access_add_sql, DB_ARGS(DB_ID(a->id), DB_T(a->f.t.is_case ? STR("case") : STR("report")),
                                                DB_ID(a->f.t.id), DB_ID(a->f.t.unit), DB_T(a->in->reason),
                                                DB_T(a->in->identity), DB_ID(a->rq->who.id),
                                                DB_I(clock_minute(a->rq->now))), NULL);
}

enum err access_ask_run(struct req *rq, const void *in_, void *out_)
{
    const struct access_ask_in *in = in_;
    struct access_list_out *out = out_;
    struct asking a = {.rq = rq, .in = in, .id = id_random()};
    struct keeper_audit_at at;
    enum err e = show(rq, in->thing, out);
    e = e ? e : store_read(rq->sv->store, ask_look, &a);
    if (!e && a.found == ERR_CONFLICT)
        return req_refuse(rq, "thing", MSG_RETENTION_ACCESS_IN_CASE);
    if (!e && (a.found || a.f.shredded || !person_of_unit(&rq->who, a.f.t.unit))) // another unit's thing is no thing: the same sentence
        return req_refuse(rq, "thing", MSG_RETENTION_NO_THING);
    e = e ? e : keeper_audit(rq->sv->keeper, &rq->token, AUDIT_ACCESS_ASKED, a.f.t.id, a.f.t.unit, in->reason, &at);
    e = e ? e : store_write(rq->sv->store, ask_write, &a);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_RETENTION_ASKED_ALREADY);
    out->id = a.id;
    return e;
}

// ── deciding ──
struct finding { struct req *rq; struct id id; struct access_at *out; };

static enum err find_read(struct db *db, void *arg)
{
    const struct finding *f = arg;
    struct db_rows *r;
    enum err e = db_query(db, &access_find_sql, DB_ARGS(DB_ID(f->id)), &r);
    if (e)
        return e;
    e = db_next(r) ? row_read(f->rq, r, f->out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err access_find(struct req *rq, struct id id, struct access_at *out)
{
    struct finding f = {rq, id, out};
    enum err e = store_read(rq->sv->store, find_read, &f);
    if (!e && !person_of_unit(&rq->who, out->unit))
        e = ERR_NOT_FOUND;
    if (!e)
        row_show(rq, &out->row);
    return e;
}

struct deciding { struct req *rq; struct id id; const char *state; };

static enum err decide_write(struct db *db, void *arg)
{
    const struct deciding *d = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &access_decide_sql, DB_ARGS(DB_ID(d->id), DB_T(str_from(d->state)), DB_ID(d->rq->who.id), DB_I(d->rq->now)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

static enum err decide(struct req *rq, struct access_list_out *out, const char *state)
{
    struct access_at a;
    struct keeper_audit_at at;
    struct deciding d = {rq, rq->id, state};
    enum err e = show(rq, STR(""), out);
    e = e ? e : access_find(rq, rq->id, &a);
    if (e)
        return e;
    if (!a.row.open)
        return req_notice(rq, ERR_CONFLICT, MSG_RETENTION_DECIDED);
    if (!a.row.may)
        return req_notice(rq, ERR_FORBIDDEN, id_equal(a.row.asked_by, rq->who.id) ? MSG_RETENTION_OWN : MSG_RETENTION_NOT_ADMINISTRATOR);
    e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_ACCESS_DECIDED, a.row.thing, a.unit, str_from(state), &at);
    e = e ? e : store_write(rq->sv->store, decide_write, &d);
    out->id = rq->id;
    return e == ERR_CONFLICT ? req_notice(rq, e, MSG_RETENTION_DECIDED) : e;
}

enum err access_approve_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return decide(rq, out, "approved");
}

enum err access_refuse_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return decide(rq, out, "refused");
}

enum err access_ready(struct req *rq, const struct access_at *a)
{
    if (!id_equal(a->row.asked_by, rq->who.id))
        return req_notice(rq, ERR_FORBIDDEN, MSG_RETENTION_ACCESS_NOT_YOURS);
    if (!a->row.ready)
        return req_notice(rq, ERR_CONFLICT, MSG_RETENTION_ACCESS_NOT_READY);
    return OK;
}

static enum err taken_write(struct db *db, void *arg)
{
    const struct access_at *a = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &access_taken_sql, DB_ARGS(DB_ID(a->row.id)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err access_taken(struct req *rq, const struct access_at *a, const char *what)
{
    struct keeper_audit_at at;
    struct access_at copy = *a;
    enum err e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_ACCESS_TAKEN, a->row.thing, a->row.id, str_from(what), &at);
    return e ? e : store_write(rq->sv->store, taken_write, &copy);
}
