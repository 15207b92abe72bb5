// Legal routes, read: what their entries say one after the other, and the form in which one is corrected. What is written: tracks.c.
#include "casework/handlers.h"

#define ENTRIES_MAX 200 // about one route, newest

// ── replayed ──
static struct case_route_step *step_at(const struct case_route *r, size_t i)
{
    union { const void *in; struct case_route_step *out; } at = {r->steps.at};
    return &at.out[i];
}

static void put(struct str *to, struct str said) // what an entry does not say stays
{
    if (said.n)
        *to = said;
}

static struct case_route_step *step_of(struct case_route *r, const struct words *w, int64_t at)
{
    struct str stage = words_get(w, "stage");
    bool corrected = words_get(w, "corrected").n > 0;
    size_t n = r->steps.n;
    if (!n || (!corrected && stage.n && n < CASE_ROUTE_STEPS)) {
        *step_at(r, n) = (struct case_route_step){.stage = stage, .at = at};
        r->steps.n = n + 1;
        return step_at(r, n);
    }
    if (n > 1 && corrected && str_equal(stage, step_at(r, n - 2)->stage) && !str_equal(stage, step_at(r, n - 1)->stage)) {
        r->steps.n = --n;
        r->no_appeal = r->appeal_said = false;
    }
    put(&step_at(r, n - 1)->stage, stage);
    return step_at(r, n - 1);
}

void case_route_tell(struct req *rq, struct case_route *r, const struct words *w, int64_t at)
{
    struct str appeal = words_get(w, "appeal");
    if (!r->steps.at)
        r->steps = (struct list){arena_array(rq->arena, CASE_ROUTE_STEPS, sizeof(struct case_route_step)), 0};
    if (!r->steps.at)
        return;
    struct case_route_step *s = step_of(r, w, at);
    put(&s->day, words_get(w, "day"));
    put(&s->result, words_get(w, "result"));
    put(&s->body, words_get(w, "body"));
    put(&s->number, words_get(w, "number"));
    put(&s->text, words_get(w, "text"));
    r->appeal_said = r->appeal_said || appeal.n;
    r->no_appeal = appeal.n ? str_equal_z(appeal, CASE_APPEAL_NONE) : r->no_appeal;
    r->body = r->number = r->text = STR("");
    for (size_t i = 0; i < r->steps.n; i++) { // the newest of each; a step that was taken away took its own with it
        put(&r->body, step_at(r, i)->body);
        put(&r->number, step_at(r, i)->number);
        put(&r->text, step_at(r, i)->text);
    }
}

void case_route_show(struct req *rq, struct case_route *r)
{
    for (size_t i = 0; i < r->steps.n; i++) {
        struct case_route_step *s = step_at(r, i);
        s->stage_text = case_stage_text(rq, s->stage);
        s->day_text = case_day_text(rq, s->day);
        s->result_text = pack_label(rq->sv->pack, "route_result", s->result, rq->lang);
    }
    if (r->steps.n && step_at(r, r->steps.n - 1)->day_text.n) // when it was so, not when that was written down
        r->stage_at_text = step_at(r, r->steps.n - 1)->day_text;
    bool became = r->steps.n > 1 && str_equal_z(r->stage, "final");
    r->appeal_unsaid = became && !r->appeal_said && !str_equal_z(step_at(r, r->steps.n - 2)->stage, "appeal");
}

// ── the form ──
struct route_reading { struct req *rq; struct case_route route; struct keeper_path path; struct list entries; };
DB_QUERY(legal_route_sql, "bb", "ttI", "select kind, stage, appeal_due from desk.case_route where id = $1 and case_id = $2");

static enum err reading_look(struct db *db, void *arg)
{
    struct route_reading *g = arg;
    struct req *rq = g->rq;
    struct db_rows *r;
    enum err e = case_path_db(db, rq->arena, &rq->who, rq->id, &g->path);
    if (!e)
        e = db_query(db, &legal_route_sql, DB_ARGS(DB_ID(rq->id2), DB_ID(rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found)
        g->route = (struct case_route){.id = rq->id2, .kind = arena_str(rq->arena, db_str(r, 0)), .stage = arena_str(rq->arena, db_str(r, 1)),
                                       .appeal_due = db_null(r, 2) ? INT64_MIN : db_int(r, 2)};
    e = db_done(&r);
    if (!e && !found)
        e = ERR_NOT_FOUND;
    return e ? e : case_entries_of_db(db, rq->arena, rq->id, RECORD_CASE, STR("route"), rq->id2, ENTRIES_MAX, &g->entries);
}

static enum err reading_note(struct db *db, void *arg)
{
    const struct route_reading *g = arg;
    return case_history_db(db, g->rq->id, g->rq->who.id, g->path.step[0].parent, "read", g->route.id, g->rq->now);
}

enum err case_route_open(struct req *rq, struct case_route *out)
{
    struct route_reading g = {.rq = rq};
    enum err e = store_read(rq->sv->store, reading_look, &g);
    union { const void *in; struct case_entry *out; } at = {g.entries.at};
    if (!e)
        e = case_entries_open(rq, PURPOSE_READ, &g.path, at.out, g.entries.n);
    if (!e)
        e = store_write(rq->sv->store, reading_note, &g);
    for (size_t i = 0; i < g.entries.n && !e; i++) {
        struct words w = {0};
        if (at.out[i].plain.at && !words_read(rq->arena, at.out[i].plain, &w))
            case_route_tell(rq, &g.route, &w, at.out[i].at);
    }
    if (!e)
        *out = g.route;
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── days run forward ──
static bool later(struct str day, struct str than)
{
    return day.n > 0 && str_compare(day, than) > 0;
}

enum err case_route_days(struct req *rq, const struct case_route *r, size_t before, struct str stage, struct str day, struct str appeal_due)
{
    struct str newest = STR(""), decided = STR("");
    bool after = str_equal_z(stage, "final") || str_equal_z(stage, "appeal"); // then the decision was an earlier step
    for (size_t i = 0; r && i < before; i++) {
        const struct case_route_step *s = step_at(r, i);
        newest = later(s->day, newest) ? s->day : newest;
        if (!str_equal_z(s->stage, "final") && !str_equal_z(s->stage, "appeal") && later(s->day, decided))
            decided = s->day;
    }
    if (!after && day.n)
        decided = day;
    if (day.n && later(newest, day))
        return req_refuse(rq, "day", MSG_CASEWORK_REFUSED_DAY_ORDER);
    return appeal_due.n && later(decided, appeal_due) ? req_refuse(rq, "appeal_due", MSG_CASEWORK_REFUSED_APPEAL_ORDER) : OK;
}

// in: what was typed; NULL: the form for the first time, with what stands there.
static enum err correct_show(struct req *rq, const struct case_correct_in *in, struct case_act_out *out)
{
    struct case_route *r = ARENA_NEW(rq->arena, struct case_route);
    enum err e = r ? case_form_run(rq, in, out) : ERR_MEMORY;
    if (!e)
        e = case_route_open(rq, r);
    if (e)
        return e;
    if (!r->steps.n)
        return ERR_TAMPERED;
    struct case_route_step *last = step_at(r, r->steps.n - 1);
    last->body = last->body.n ? last->body : r->body;
    last->number = last->number.n ? last->number : r->number;
    struct str appeal = r->appeal_due == INT64_MIN ? STR("") : case_day_write(rq, r->appeal_due);
    if (in)
        *last = (struct case_route_step){.stage = in->stage, .day = in->day, .result = in->result, .body = in->body, .number = in->number};
    r->appeal_text = in ? in->appeal_due : appeal;
    r->no_appeal = in ? in->no_appeal : r->no_appeal;
    r->text = in ? in->reason : STR("");
    r->steps = (struct list){last, 1};
    out->stages = case_stage_options(rq, r->kind, STR(""), last->stage.n ? last->stage : r->stage);
    out->results = case_options(rq, "route_result", last->result);
    out->route = (struct list){r, 1};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err case_correct_begin(struct req *rq, const void *in, void *out)
{
    (void)in;
    rq->refused = NULL;
    return correct_show(rq, NULL, out);
}

enum err case_correct_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_correct_in *in = in_;
    struct case_act_out *out = out_;
    enum err e = correct_show(rq, in, out);
    return e ? e : case_form_before(rq, "route", rq->id2, in->version, out);
}
