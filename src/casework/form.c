// What a form of a case shows besides what was typed: its lists with what was chosen, and the version as it is now, so
// that who sends again after somebody else's change does so knowingly. Needs no key.
#include <string.h>
#include "casework/handlers.h"

DB_QUERY(form_route_sql, "bb", "tt", "select kind, stage from desk.case_route where id = $1 and case_id = $2");

DB_QUERY(form_address_sql, "bb", "tt", "select '" CASE_CONTENT "', stage from desk.case_address where id = $1 and case_id = $2");

static const struct id none;

struct filling {
    struct req *rq;
    const struct db_query *thing; // that the address of the page names, where it names one
    struct case_at at;
    struct str kind, stage;      // of it
    struct list holds;
    bool alone;                  // in the unit that answers for it
    struct str asked_name;       // who asked to close it
};

static enum err form_look(struct db *db, void *arg)
{
    struct filling *f = arg;
    struct db_rows *r;
    enum err e = case_at_db(db, f->rq->arena, &f->rq->who, f->rq->id, &f->at);
    if (!e)
        e = case_holds_db(db, f->rq, f->rq->id, &f->holds);
    if (!e)
        e = people_unit_alone(db, f->at.owner, &f->alone);
    if (!e && !id_zero(f->at.asked_by))
        e = people_name(db, f->rq->arena, f->at.asked_by, &f->asked_name);
    if (e || !f->thing)
        return e;
    e = db_query(db, f->thing, DB_ARGS(DB_ID(f->rq->id2), DB_ID(f->rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found) {
        f->kind = arena_str(f->rq->arena, db_str(r, 0));
        f->stage = arena_str(f->rq->arena, db_str(r, 1));
    }
    e = db_done(&r);
    return e ? e : found ? OK : ERR_NOT_FOUND;
}

static enum err form_fill(struct req *rq, struct filling *f, struct case_act_out *out)
{
    f->rq = rq;
    enum err e = store_read(rq->sv->store, form_look, f);
    if (!e)
        *out = (struct case_act_out){.id = rq->id, .state = str_from(case_state_name(f->at.state)),
                                     .version = f->at.version, .holds = f->holds, .alone = f->alone};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err case_form_run(struct req *rq, const void *in, void *out)
{
    struct filling f = {0};
    (void)in;
    return form_fill(rq, &f, out);
}

enum err case_assessment_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_assessment_in *in = in_;
    struct case_act_out *out = out_;
    struct filling f = {0};
    enum err e = form_fill(rq, &f, out);
    out->risks = case_options(rq, "case_risk", in->risk);
    return e ? e : case_form_before(rq, "assessment", none, in->version, out);
}

enum err case_plan_fill(struct req *rq, const void *in_, void *out)
{
    const struct case_plan_in *in = in_;
    enum err e = case_form_run(rq, in_, out);
    return e ? e : case_form_before(rq, "plan", none, in->version, out);
}

enum err case_route_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_route_in *in = in_;
    struct case_act_out *out = out_;
    struct filling f = {0};
    enum err e = form_fill(rq, &f, out);
    out->kinds = case_options(rq, "route_kind", in->kind);
    out->results = case_options(rq, "route_result", in->result);
    return e;
}

enum err case_stage_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_stage_in *in = in_;
    struct case_act_out *out = out_;
    struct filling f = {.thing = &form_route_sql};
    enum err e = form_fill(rq, &f, out);
    out->stages = case_stage_options(rq, f.kind, f.stage, in->stage);
    out->results = case_options(rq, "route_result", in->result);
    return e ? e : case_form_before(rq, "route", rq->id2, in->version, out);
}

enum err case_address_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_address_in *in = in_;
    struct case_act_out *out = out_;
    enum err e = case_form_run(rq, in_, out_);
    out->hosts = case_options(rq, "content_host", in->hosted);
    return e;
}

enum err case_address_stage_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_address_stage_in *in = in_;
    struct case_act_out *out = out_;
    struct filling f = {.thing = &form_address_sql};
    enum err e = form_fill(rq, &f, out);
    out->stages = case_stage_options(rq, f.kind, f.stage, in->stage);
    out->hosts = case_options(rq, "content_host", in->hosted);
    return e ? e : case_form_before(rq, "address", rq->id2, in->version, out);
}

enum err case_close_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_close_in *in = in_;
    struct case_act_out *out = out_;
    struct filling f = {0};
    enum err e = form_fill(rq, &f, out);
    out->outcomes = case_options(rq, "case_outcome", in->outcome);
    out->is_closing = !e && f.at.state == CASE_CLOSING;
    out->is_closed = !e && f.at.state == CASE_CLOSED;
    out->asked_name = f.asked_name;
    return e;
}
