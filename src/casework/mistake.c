// What was written into a case by mistake: a person, task, legal route or address is taken back, a report is taken out. The words and
// the reason stay in the timeline; nothing counts on them any more.
#include <string.h>
#include "casework/handlers.h"

DB_QUERY(mistake_kind_sql, "bbi", "t", "select kind from desk.case_item where home = $1 and thing = $2 and kind in ('person', 'task', 'route', 'address', "
                                       "'retracted') order by seq desc limit $3");
DB_QUERY(mistake_task_sql, "b", "", "delete from desk.case_task where id = $1");
DB_QUERY(mistake_route_sql, "b", "", "delete from desk.case_route where id = $1");
DB_QUERY(mistake_address_sql, "b", "", "delete from desk.case_address where id = $1");
DB_QUERY(mistake_noted_sql, "bt", "", "delete from desk.case_address where id = $1 and stage = $2");
DB_QUERY(mistake_stages_sql, "bi", "t", "select stage from desk.case_route where case_id = $1 order by id limit $2");
DB_QUERY(mistake_pages_sql, "bi", "t", "select stage from desk.case_address where case_id = $1 order by id limit $2");
DB_QUERY(mistake_shared_sql, "bb", "i", "select count(*) from desk.case_report c join desk.report r on r.id = c.report join desk.report x on x.id = $2 "
         "where c.case_id = $1 and r.id <> x.id and r.page_tag = x.page_tag");
DB_QUERY(mistake_reports_sql, "b", "i", "select count(*) from desk.case_report where case_id = $1");
DB_QUERY(mistake_report_sql, "bb", "i", "select count(*) from desk.case_report where case_id = $1 and report = $2");
DB_QUERY(mistake_offered_sql, "b", "i", "select count(*) from desk.case_history where case_id = $1 and action = 'transfer_sent'");
DB_QUERY(mistake_key_sql, "bb", "", "delete from desk.child_wrap where parent = $1 and child = $2");
DB_QUERY(mistake_out_sql, "bb", "", "delete from desk.case_report where case_id = $1 and report = $2");

void case_entries_there(struct list *entries)
{
    union { const void *in; struct case_entry *out; } at = {entries->at};
    size_t n = 0;
    for (size_t i = 0; i < entries->n; i++) {
        static const char *const may[] = {"person", "task", "task_done", "route", "address"};
        bool kept = true;
        for (size_t m = 0; m < sizeof may / sizeof *may && kept; m++)
            for (size_t k = i + 1; k < entries->n && kept && str_equal_z(at.out[i].kind, may[m]); k++)
                kept = !(str_equal_z(at.out[k].kind, "retracted") && id_equal(at.out[k].thing, at.out[i].thing));
        if (kept)
            at.out[n++] = at.out[i];
    }
    entries->n = n;
}

// ── a thing ──
struct retracting { struct str kind; };

static enum err retract_look(struct db *db, struct case_work *w)
{
    struct retracting *t = w->more;
    struct db_rows *r;
    enum err e = db_query(db, &mistake_kind_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(w->rq->id2), DB_I(1)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found)
        t->kind = arena_str(w->rq->arena, db_str(r, 0));
    e = db_done(&r);
    return e ? e : !found ? ERR_NOT_FOUND : str_equal_z(t->kind, "retracted") ? case_refuse(w, MSG_CASEWORK_RETRACTED) : OK;
}

// What its reporters were told must be true of what is left: of the legal routes, and of the pages.
static enum err routes_left_db(struct db *db, struct case_work *w)
{
    struct db_rows *r;
    bool any = false, decided = false;
    enum err e = db_query(db, &mistake_stages_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        any = true;
        decided = decided || case_stage_decided(db_str(r, 0));
    }
    e = db_done(&r);
    w->told = true;
    if (!e && !decided)
        e = case_step_drop_db(db, w->rq->id, STEP_DECIDED);
    return e || any ? e : case_step_drop_db(db, w->rq->id, STEP_DECIDING);
}

static enum err pages_left_db(struct db *db, struct case_work *w)
{
    static const enum report_step steps[] = {STEP_REMOVAL_ASKED, STEP_REMOVED, STEP_CAME_BACK}; // each page's later step holds its earlier ones
    bool stands[sizeof steps / sizeof *steps] = {false};
    struct db_rows *r;
    enum err e = db_query(db, &mistake_pages_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        enum report_step last;
        bool told = case_page_step(db_str(r, 0), &last);
        for (size_t i = 0; told && i < sizeof steps / sizeof *steps; i++) {
            stands[i] = true;
            told = steps[i] != last;
        }
    }
    e = db_done(&r);
    w->told = true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !e; i++)
        e = stands[i] ? OK : case_step_drop_db(db, w->rq->id, steps[i]);
    return e;
}

static enum err retract_write(struct db *db, struct case_work *w)
{
    const struct retracting *t = w->more;
    struct id thing = w->thing;
    static const struct { const char *kind; const struct db_query *q; enum case_track track; } rows[] = {
        {"task", &mistake_task_sql, TRACK_TASK}, {"route", &mistake_route_sql, TRACK_JUSTICE}, {"address", &mistake_address_sql, TRACK_CONTENT},
    };
    if (str_equal_z(t->kind, "person"))
        return case_untold_put_db(db, w->rq->id, thing, false, w->entry.seq);
    enum err e = OK;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !e; i++) {
        if (!str_equal_z(t->kind, rows[i].kind))
            continue;
        e = db_exec(db, rows[i].q, DB_ARGS(DB_ID(thing)), NULL);
        if (!e)
            e = case_hold_db(db, w->rq->id, rows[i].track, thing, false, w->rq->now);
    }
    if (!e && str_equal_z(t->kind, "route"))
        return routes_left_db(db, w);
    return e || !str_equal_z(t->kind, "address") ? e : pages_left_db(db, w);
}

enum err case_retract_run(struct req *rq, const void *in_, void *out)
{
    const struct case_retract_in *in = in_;
    struct retracting t = {0};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "retracted", .kind = STR("retracted"),
                          .thing = rq->id2, .look = retract_look, .write = retract_write, .more = &t};
    words_put(&w.words, "text", str_trim(in->reason));
    return case_act_run(&w, out);
}

// ── a report ──
struct out_of { struct case_content content; size_t n; bool shared; struct id address[CASE_CONTENT_MAX]; }; // shared: another report names its page

// Was the case ever handed over, or offered? A new key of the case, which comes with that, shuts the reports' own ways: what has no key
// but the case's would be lost by taking it out.
static enum err offered_db(struct db *db, struct id case_id, bool *offered)
{
    struct db_rows *r;
    enum err e = db_query(db, &mistake_offered_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    *offered = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

static enum err counted_db(struct db *db, const struct db_query *q, struct db_args args, int64_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    *n = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

static enum err shared_db(struct db *db, const struct case_work *w, bool *shared)
{
    int64_t n = 0;
    enum err e = counted_db(db, &mistake_shared_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(w->rq->id2)), &n);
    *shared = n > 0;
    return e;
}

static enum err out_look(struct db *db, struct case_work *w)
{
    struct out_of *o = w->more;
    struct db_rows *r;
    enum err e = db_query(db, &mistake_report_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(w->rq->id2)), &r);
    if (e)
        return e;
    bool there = db_next(r) && db_int(r, 0) > 0, moved = false, offered = false;
    e = db_done(&r);
    if (!e && there)
        e = report_moved_db(db, w->rq->id2, &moved);
    if (!e && there)
        e = offered_db(db, w->rq->id, &offered);
    if (!e && o)
        e = shared_db(db, w, &o->shared);
    return e ? e : !there ? ERR_NOT_FOUND : moved || offered ? case_refuse(w, MSG_CASEWORK_OUT_MOVED) : OK; // it has no key but the case's
}

// The pages that came with it, with which nobody has begun, go with it; not one that another report names too.
static enum err out_ready(struct case_work *w)
{
    struct out_of *o = w->more;
    case_content_unstored(&o->content, w->rq->id); // of a first try
    o->content = (struct case_content){.rq = w->rq};
    o->n = 0;
    enum err e = o->shared ? OK : case_content_noted(w->rq, &w->path, w->rq->id2, o->address, CASE_CONTENT_MAX, &o->n);
    for (size_t i = 0; i < o->n && !e; i++) {
        words_put(&o->content.words[i], "text", words_get(&w->words, "text"));
        o->content.entry[i] = (struct case_entry){.type = RECORD_CASE, .kind = STR("retracted"), .thing = o->address[i]};
    }
    o->content.n = e ? 0 : o->n;
    return e ? e : case_content_seal(&o->content, &w->path, w->rq->id, &w->at.kid, w->at.generation, w->entry.seq + 1);
}

static enum err out_write(struct db *db, struct case_work *w)
{
    const struct out_of *o = w->more;
    const struct req *rq = w->rq;
    int64_t gone = 0;
    w->told = true;
    enum err e = report_case_out_db(db, rq->sv->pack, &rq->who, rq->id2, rq->now); // before its row: by that its steps are found
    if (!e)
        e = db_exec(db, &mistake_out_sql, DB_ARGS(DB_ID(rq->id), DB_ID(rq->id2)), &gone);
    if (!e && gone != 1)
        e = ERR_CONFLICT;
    if (!e)
        e = db_exec(db, &mistake_key_sql, DB_ARGS(DB_ID(rq->id), DB_ID(rq->id2)), NULL);
    for (size_t i = 0; i < o->n && !e; i++) {
        e = db_exec(db, &mistake_noted_sql, DB_ARGS(DB_ID(o->address[i]), DB_T(STR(CASE_CONTENT_NOTED))), &gone);
        if (!e && gone != 1) // somebody began with it in this moment
            e = ERR_CONFLICT;
        if (!e)
            e = case_entry_db(db, &o->content.entry[i]);
    }
    return e;
}

enum err case_report_out_run(struct req *rq, const void *in_, void *out)
{
    const struct case_report_out_in *in = in_;
    struct out_of *o = ARENA_NEW(rq->arena, struct out_of);
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .about = rq->id2, .history = "report_out", .kind = STR("report_out"),
                          .thing = rq->id2, .look = out_look, .ready = out_ready, .write = out_write, .more = o};
    if (!o)
        return ERR_MEMORY;
    words_put(&w.words, "text", str_trim(in->reason));
    enum err e = case_act_run(&w, out);
    if (e)
        case_content_unstored(&o->content, rq->id);
    return e;
}

// ── the forms ──
struct mistake_form { struct req *rq; struct str kind; };

static enum err kind_look(struct db *db, void *arg)
{
    struct mistake_form *f = arg;
    struct case_at at;
    struct case_work w = {.rq = f->rq};
    struct retracting t = {0};
    w.more = &t;
    enum err e = case_at_db(db, f->rq->arena, &f->rq->who, f->rq->id, &at);
    if (!e)
        e = retract_look(db, &w);
    f->kind = t.kind;
    return e == ERR_CONFLICT ? OK : e;
}

enum err case_retract_fill(struct req *rq, const void *in, void *out_)
{
    static const struct { const char *kind; enum message m; } words[] = {
        {"person", MSG_CASEWORK_RETRACT_PERSON}, {"task", MSG_CASEWORK_RETRACT_TASK}, {"route", MSG_CASEWORK_RETRACT_ROUTE}, {"address", MSG_CASEWORK_RETRACT_ADDRESS},
    };
    struct case_act_out *out = out_;
    struct mistake_form f = {.rq = rq};
    enum err e = store_read(rq->sv->store, kind_look, &f);
    if (!e)
        e = case_form_run(rq, in, out);
    for (size_t i = 0; i < sizeof words / sizeof *words && !e; i++)
        if (str_equal_z(f.kind, words[i].kind))
            out->what = text_get(rq->lang, words[i].m);
    return e;
}

struct there { struct req *rq; int64_t reports; };

static enum err report_there(struct db *db, void *arg)
{
    struct there *t = arg;
    struct case_work w = {.rq = t->rq};
    enum err e = out_look(db, &w);
    return e ? e : counted_db(db, &mistake_reports_sql, DB_ARGS(DB_ID(t->rq->id)), &t->reports);
}

enum err case_report_out_fill(struct req *rq, const void *in, void *out_)
{
    struct case_act_out *out = out_;
    struct there t = {.rq = rq};
    enum err e = case_form_run(rq, in, out);
    e = e ? e : store_read(rq->sv->store, report_there, &t);
    if (!e && t.reports == 1)
        out->what = text_get(rq->lang, MSG_CASEWORK_OUT_LAST);
    return e;
}
