// Tasks of a case: given, corrected, done. What is to be done is sealed; who and until when is a clear row, for lists and clocks.
#include "base/clock.h"
#include "casework/handlers.h"

DB_QUERY(task_insert_sql, "bbBi", "", "insert into desk.case_task (id, case_id, worker, due) values ($1, $2, $3, $4)");
DB_QUERY(task_sql, "bb", "BiI", "select worker, due, done from desk.case_task where id = $1 and case_id = $2");
DB_QUERY(task_again_sql, "bBi", "", "update desk.case_task set worker = $2, due = $3 where id = $1 and done is null");
DB_QUERY(task_done_sql, "bi", "", "update desk.case_task set done = $2 where id = $1 and done is null");

struct task { struct id worker; int64_t due, due_was; };

static enum err task_new_look(struct db *db, struct case_work *w)
{
    const struct task *t = w->more;
    return id_zero(t->worker) ? OK : case_member_check(db, w->rq, w->at.owner, t->worker);
}

static enum err task_write(struct db *db, struct case_work *w)
{
    const struct task *t = w->more;
    enum err e = db_exec(db, &task_insert_sql, DB_ARGS(DB_ID(w->thing), DB_ID(w->rq->id), id_zero(t->worker) ? DB_NULL : DB_ID(t->worker),
                                                       DB_I(t->due)), NULL);
    return e ? e : case_hold_db(db, w->rq->id, TRACK_TASK, w->thing, true, w->rq->now);
}

enum err case_task_run(struct req *rq, const void *in_, void *out)
{
    const struct case_task_in *in = in_;
    struct task t = {.worker = in->worker};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "task",
                          .kind = STR("task"), .thing = id_random(),
                          .look = task_new_look, .write = task_write, .more = &t};
    if (case_day_read(in->due, &t.due))
        return req_refuse(rq, "due", MSG_CASEWORK_REFUSED_DAY);
    if (t.due < rq->now)
        return req_refuse(rq, "due", MSG_CASEWORK_REFUSED_PAST);
    words_put(&w.words, "title", str_trim(in->title));
    words_put(&w.words, "due", req_date(rq, t.due, DATE_DAY));
    enum err e = case_once(&w, in->submission, id_bytes(&in->worker));
    return e ? e : case_act_run(&w, out);
}

// ── one that is there and not done ──
static enum err task_look(struct db *db, struct case_work *w)
{
    struct task *t = w->more;
    struct db_rows *r;
    enum err e = db_query(db, &task_sql, DB_ARGS(DB_ID(w->rq->id2), DB_ID(w->rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r), done = found && !db_null(r, 2);
    if (found && t)
        t->due_was = db_int(r, 1);
    e = db_done(&r);
    return e ? e : !found ? ERR_NOT_FOUND : done ? case_refuse(w, MSG_CASEWORK_TASK_DONE) : OK;
}

static enum err task_again_look(struct db *db, struct case_work *w)
{
    enum err e = task_look(db, w);
    return e ? e : task_new_look(db, w);
}

// A day that was set before may be over; a new one may not.
static enum err task_again_ready(struct case_work *w)
{
    const struct task *t = w->more;
    return t->due < w->rq->now && t->due != t->due_was ? req_refuse(w->rq, "due", MSG_CASEWORK_REFUSED_PAST) : OK;
}

static enum err task_again_write(struct db *db, struct case_work *w)
{
    const struct task *t = w->more;
    int64_t changed = 0;
    enum err e = db_exec(db, &task_again_sql, DB_ARGS(DB_ID(w->thing), id_zero(t->worker) ? DB_NULL : DB_ID(t->worker), DB_I(t->due)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err case_task_again_run(struct req *rq, const void *in_, void *out)
{
    const struct case_task_again_in *in = in_;
    struct task t = {.worker = in->worker};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "task_corrected",
                          .kind = STR("task"), .thing = rq->id2,
                          .look = task_again_look, .ready = task_again_ready, .write = task_again_write, .more = &t};
    if (case_day_read(in->due, &t.due))
        return req_refuse(rq, "due", MSG_CASEWORK_REFUSED_DAY);
    words_put(&w.words, "title", str_trim(in->title));
    words_put(&w.words, "due", req_date(rq, t.due, DATE_DAY));
    words_put(&w.words, "corrected", STR("1"));
    return case_act_run(&w, out);
}

static enum err task_done_write(struct db *db, struct case_work *w)
{
    enum err e = db_exec(db, &task_done_sql, DB_ARGS(DB_ID(w->thing), DB_I(clock_minute(w->rq->now))), NULL);
    return e ? e : case_hold_db(db, w->rq->id, TRACK_TASK, w->thing, false, w->rq->now);
}

enum err case_task_done_run(struct req *rq, const void *in_, void *out)
{
    const struct case_done_in *in = in_;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "task_done",
                          .kind = STR("task_done"),
                          .thing = rq->id2, .look = task_look, .write = task_done_write};
    words_put(&w.words, "done", STR("1"));
    words_put(&w.words, "text", str_trim(in->text));
    return case_act_run(&w, out);
}

// ── the form in which one is corrected ──
struct task_reading { struct req *rq; struct case_task task; };

static enum err task_read(struct db *db, void *arg)
{
    struct task_reading *g = arg;
    struct db_rows *r;
    enum err e = db_query(db, &task_sql, DB_ARGS(DB_ID(g->rq->id2), DB_ID(g->rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found)
        g->task = (struct case_task){.id = g->rq->id2, .due = db_int(r, 1), .due_text = case_day_write(g->rq, db_int(r, 1))};
    if (found && !db_null(r, 0) && id_from_bytes(db_str(r, 0), &g->task.worker))
        e = ERR_TAMPERED;
    enum err done = db_done(&r);
    return done ? done : e ? e : found ? OK : ERR_NOT_FOUND;
}

// in: what was typed; NULL: what stands there.
static enum err task_form(struct req *rq, const struct case_task_again_in *in, struct case_act_out *out)
{
    struct task_reading *g = ARENA_NEW(rq->arena, struct task_reading);
    struct words w = {0};
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = store_read(rq->sv->store, task_read, g);
    struct case_task_in chosen = {.worker = in ? in->worker : g->task.worker};
    if (!e)
        e = case_task_fill(rq, &chosen, out);
    if (!e && !in)
        e = case_newest_open(rq, "task", rq->id2, &w);
    if (e)
        return e;
    g->task.title = in ? in->title : words_get(&w, "title");
    if (in)
        g->task.due_text = in->due;
    out->task = (struct list){&g->task, 1};
    return OK;
}

enum err case_task_again_begin(struct req *rq, const void *in, void *out)
{
    (void)in;
    rq->refused = NULL;
    return task_form(rq, NULL, out);
}

enum err case_task_again_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_task_again_in *in = in_;
    struct case_act_out *out = out_;
    enum err e = task_form(rq, in, out);
    return e ? e : case_form_before(rq, "task", rq->id2, in->version, out);
}
