// What the reporters of a case are told of the work on it: steps without names, unless the country or a worker says no.
#include "casework/handlers.h"

DB_QUERY(told_hidden_sql, "b", "i", "select steps_hidden from desk.case_file where id = $1");
DB_QUERY(told_hide_sql, "bi", "", "update desk.case_file set steps_hidden = $2 where id = $1");
DB_QUERY(told_reports_sql, "bBi", "b", "select report from desk.case_report where case_id = $1 and ($2 is null or report > $2) "
         "order by report limit $3");

#define TOLD_BATCH 64

// Each report of the case, however many: tells it the step (p: the country's), or, without p, takes it away (REPORT_STEPS: all).
static enum err reports_each(struct db *db, const struct pack *p, struct id case_id, enum report_step s, int64_t now)
{
    struct id report[TOLD_BATCH], last = {{0}};
    size_t n = 0;
    enum err e = OK;
    do {
        struct db_rows *r;
        e = db_query(db, &told_reports_sql, DB_ARGS(DB_ID(case_id), n ? DB_ID(last) : DB_NULL, DB_I(TOLD_BATCH)), &r);
        if (e)
            return e;
        for (n = 0; n < TOLD_BATCH && db_next(r);)
            if (id_from_bytes(db_str(r, 0), &report[n++]))
                e = ERR_TAMPERED;
        enum err done = db_done(&r);
        e = done ? done : e;
        for (size_t i = 0; i < n && !e; i++)
            e = p ? report_case_step_db(db, p, report[i], s, now) : report_case_steps_drop_db(db, report[i], s);
        if (n)
            last = report[n - 1];
    } while (!e && n == TOLD_BATCH);
    return e;
}

enum err case_step_db(struct db *db, const struct pack *p, struct id case_id, enum report_step s, int64_t now)
{
    struct db_rows *r;
    if (!pack_reporter_step(p, str_from(report_step_name(s))))
        return OK;
    enum err e = db_query(db, &told_hidden_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool hidden = !db_next(r) || db_int(r, 0) != 0;
    e = db_done(&r);
    return e || hidden ? e : reports_each(db, p, case_id, s, now);
}

enum err case_step_drop_db(struct db *db, struct id case_id, enum report_step s)
{
    return reports_each(db, NULL, case_id, s, 0);
}

enum err case_tell_db(struct db *db, struct case_work *w, enum report_step s)
{
    w->told = true;
    return case_step_db(db, w->rq->sv->pack, w->rq->id, s, w->rq->now);
}

// ── the switch ──
static enum err told_write(struct db *db, struct case_work *w)
{
    const bool *hide = w->more;
    w->told = true;
    enum err e = db_exec(db, &told_hide_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(*hide)), NULL);
    return e || !*hide ? e : reports_each(db, NULL, w->rq->id, REPORT_STEPS, w->rq->now);
}

// Also of a closed case: its page can still be read over a shoulder.
enum err case_steps_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_steps_in *in = in_;
    struct case_act_out *out = out_;
    bool hide = str_equal_z(in->steps, "hidden");
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = hide ? "steps_hidden" : "steps_shown",
                          .kind = hide ? STR("steps_hidden") : STR("steps_shown"), .closed_too = true, .write = told_write, .more = &hide};
    if (!hide && !str_equal_z(in->steps, "shown"))
        return req_refuse(rq, "steps", MSG_WEB_FIELD_CHOICE);
    enum err e = case_work_run(&w);
    if (!e)
        report_settle_soon(rq->sv);
    *out = (struct case_act_out){.id = rq->id, .state = str_from(case_state_name(w.at.state)), .version = w.at.version};
    return e;
}

// For the case's page: what its reporter may be told, in the country's order.
struct list case_told_steps(struct req *rq)
{
    struct case_option *at = arena_array(rq->arena, REPORT_STEPS, sizeof *at);
    size_t n = 0;
    enum report_step s;
    for (struct str code; at && n < REPORT_STEPS && (code = pack_reporter_step_at(rq->sv->pack, n)).n > 0; n++)
        at[n] = (struct case_option){.value = code, .label = report_step_read(code, &s) ? code : text_get(rq->lang, report_step_message(s))};
    return (struct list){at, at ? n : 0};
}
