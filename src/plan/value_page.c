// One value with its history; handed in, returned, approved.
#include "base/clock.h"
#include "people/people.h"
#include "plan/entry.h"

#define HISTORY_MAX 200
DB_QUERY(plan_value_history_sql, "ii", "iibtIItttt",
         "select version, at, person, action, n, part_of, blank, comment, state, note from desk.plan_value_version where value = $1 order by version desc limit $2");

struct looking {
    struct req *rq;
    struct plan_desk d;
    struct plan_value_row v;
    const struct pack_plan_indicator *x;
    struct plan_value_step *step;
    struct list helpers;                // struct plan_helper
    size_t n;
    struct list files;
    enum plan_value_act act;            // of what is done with it
    int64_t version;
    struct str note;
};

static struct str action_text(const struct req *rq, struct str action)
{
    static const struct { const char *name; enum message m; } words[] = {
        {"saved", MSG_PLAN_ACTION_SAVED}, {"imported", MSG_PLAN_ACTION_IMPORTED}, {"submitted", MSG_PLAN_ACTION_SUBMITTED},
        {"returned", MSG_PLAN_ACTION_RETURNED}, {"approved", MSG_PLAN_ACTION_APPROVED},
        {"file", MSG_PLAN_ACTION_FILE}, {"file_removed", MSG_PLAN_ACTION_FILE_REMOVED}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_z(action, words[i].name))
            return text_get(rq->lang, words[i].m);
    return action;
}

struct str plan_said_text(const struct req *rq, const struct plan_value_said *s)
{
    if (!s->has_n)
        return s->blank;
    struct str n = plan_typed_text(rq, true, s->n);
    return s->has_of ? arena_printf(rq->arena, "%.*s / %.*s", STR_ARG(n), STR_ARG(plan_typed_text(rq, true, s->of))) : n;
}

static enum err history_read(struct looking *g, struct db *db)
{
    struct req *rq = g->rq;
    struct db_rows *r;
    g->step = arena_array(rq->arena, HISTORY_MAX, sizeof *g->step);
    struct id *person = arena_array(rq->arena, HISTORY_MAX, sizeof *person);
    enum err e = g->step && person ? db_query(db, &plan_value_history_sql, DB_ARGS(DB_I(g->v.seq), DB_I(HISTORY_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (g->n = 0; !e && g->n < HISTORY_MAX && db_next(r); g->n++) {
        struct plan_value_step *s = &g->step[g->n];
        struct plan_value_said said = {.has_n = !db_null(r, 4), .has_of = !db_null(r, 5), .blank = arena_str(rq->arena, db_str(r, 6))};
        enum plan_value_state state = PLAN_VALUE_DRAFT;
        said.n = said.has_n ? db_int(r, 4) : 0;
        said.of = said.has_of ? db_int(r, 5) : 0;
        struct str n = plan_typed_text(rq, said.has_n, said.n);
        e = plan_value_state_read(db_str(r, 8), &state) && id_from_bytes(db_str(r, 2), &person[g->n]) == OK ? OK : ERR_TAMPERED;
        *s = (struct plan_value_step){.version = db_int(r, 0), .at = db_int(r, 1), .action = arena_str(rq->arena, db_str(r, 3)),
            .value = said.has_of ? STR("") : n, .numerator = said.has_of ? n : STR(""), .denominator = plan_typed_text(rq, said.has_of, said.of),
            .blank = said.blank, .comment = arena_str(rq->arena, db_str(r, 7)), .note = arena_str(rq->arena, db_str(r, 9)),
            .state = str_from(plan_value_state_name(state)), .said = plan_said_text(rq, &said)};
        s->at_text = req_time(rq, s->at);
        s->action_text = action_text(rq, s->action);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n && !e; i++)
        e = people_name(db, rq->arena, person[i], &g->step[i].person_name);
    return e;
}

static enum err look(struct db *db, struct looking *g)
{
    struct req *rq = g->rq;
    enum err e = plan_value_find_db(db, rq->arena, rq->id, rq->now, &g->v);
    e = e ? e : plan_desk_db(db, rq, STR(""), plan_period_text(rq->arena, g->v.period), &g->d);
    if (e)
        return e;
    bool own = id_equal(g->v.who.institution, rq->who.institution);
    if (!own && !g->d.who.all && g->v.who.state != PLAN_VALUE_APPROVED)
        return ERR_FORBIDDEN;
    g->x = pack_plan_indicator(g->d.plan, g->v.indicator);
    return OK;
}

static enum err looking_read(struct db *db, void *arg)
{
    struct looking *g = arg;
    enum err e = look(db, g);
    e = e ? e : plan_helpers_db(db, g->rq, g->v.indicator, plan_period_text(g->rq->arena, g->v.period), &g->helpers);
    e = e ? e : history_read(g, db);
    g->files = (struct list){NULL, 0};
    if (e || !plan_files_see(&g->d.who, &g->v))
        return e;
    struct evidence_of of = plan_files_of(&g->v);
    return evidence_list_db(db, g->rq, &of, plan_files_base(g->rq), &g->files);
}

static enum err looking_show(struct looking *g, struct plan_value_out *out)
{
    struct req *rq = g->rq;
    enum err e = store_read(rq->sv->store, looking_read, g);
    const struct plan_value_row *v = &g->v;
    struct evidence_of of = plan_files_of(v);
    e = e ? e : evidence_names(rq, &of, &g->files);
    if (e)
        return e;
    enum plan_value_state next;
    struct plan_value_who somebody = g->d.who;
    somebody.person = (struct id){{1}};
    struct str n = plan_typed_text(rq, v->said.has_n, v->said.n), period = plan_period_text(rq->arena, v->period);
    bool two = g->x && plan_value_two_parts(g->x), en = str_equal_z(rq->lang_code, "en") && v->name_en.n > 0;
    *out = (struct plan_value_out){.id = v->id, .indicator = v->indicator, .period = period, .institution = v->code,
                                   .county = v->county, .value = two ? STR("") : n, .numerator = two ? n : STR(""),
                                   .denominator = plan_typed_text(rq, v->said.has_of, v->said.of),
                                   .blank = v->said.blank, .comment = v->said.comment,
                                   .state = str_from(plan_value_state_name(v->who.state)), .note = v->note,
                                   .version = v->version, .corrections = v->corrections, .locked = v->who.locked,
                                   .demo = v->demo, .history = {g->step, g->n}, .files = g->files,
                                   .title = g->x ? plan_label(rq, g->x->title) : v->indicator,
                                   .unit = g->x ? plan_label(rq, g->x->unit) : STR(""),
                                   .period_label = plan_period_label(rq, v->period),
                                   .institution_name = en ? v->name_en : v->name,
                                   .state_text = plan_value_state_text(rq, v->who.state),
                                   .said = plan_said_text(rq, &v->said),
                                   .entry_href = arena_printf(rq->arena, "/plan/entry?period=%.*s&institution=%.*s",
                                                              STR_ARG(period), STR_ARG(v->code))};
    out->year = arena_printf(rq->arena, "%d", plan_period_year(v->period));
    out->helpers = g->helpers;
    out->sees_files = plan_files_see(&g->d.who, v);
    out->files_href = arena_printf(rq->arena, "%.*s/files", STR_ARG(plan_files_base(rq)));
    out->may_add_file = out->sees_files && plan_files_may(&g->d.who, v, false) == OK;
    out->may_remove_file = out->sees_files && plan_files_may(&g->d.who, v, true) == OK;
    out->may_return = plan_value_may(&g->d.who, &v->who, PLAN_VALUE_RETURN, &next) == OK;
    out->may_approve = plan_value_may(&g->d.who, &v->who, PLAN_VALUE_APPROVE, &next) == OK;
    out->own_approval = !out->may_approve && plan_value_may(&somebody, &v->who, PLAN_VALUE_APPROVE, &next) == OK;
    out->may_submit = plan_value_there(&v->said) && plan_value_may(&g->d.who, &v->who, PLAN_VALUE_SUBMIT, &next) == OK;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_value_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct looking g = {.rq = rq};
    return looking_show(&g, out);
}

// ── what is done with it ──
static enum err decide_write(struct db *db, void *arg)
{
    static const char *const action[] = {[PLAN_VALUE_SUBMIT] = "submitted", [PLAN_VALUE_RETURN] = "returned", [PLAN_VALUE_APPROVE] = "approved"};
    struct looking *g = arg;
    enum plan_value_state next = PLAN_VALUE_DRAFT;
    enum err e = look(db, g);
    e = e ? e : plan_value_may(&g->d.who, &g->v.who, g->act, &next);
    e = e ? e : g->version != g->v.version || (g->act == PLAN_VALUE_SUBMIT && !plan_value_there(&g->v.said)) ? ERR_CONFLICT : OK;
    if (e)
        return e;
    g->v.who.state = next;
    g->v.note = g->act == PLAN_VALUE_RETURN ? g->note : STR("");
    if (g->act != PLAN_VALUE_SUBMIT) {
        g->v.decided_by = g->rq->who.id;
        g->v.decided_at = clock_minute(g->rq->now);
    } else {
        g->v.at = clock_minute(g->rq->now);
    }
    return plan_value_put_db(db, &g->v, str_from(action[g->act]));
}

static enum err decide(struct req *rq, enum plan_value_act act, int64_t version, struct str note, void *out)
{
    struct looking g = {.rq = rq, .act = act, .version = version, .note = str_trim(note)}, shown = {.rq = rq};
    enum err e = store_write(rq->sv->store, decide_write, &g);
    if (e && e != ERR_CONFLICT)
        return e;
    enum err seen = looking_show(&shown, out); // what stands there now, after a refusal too
    return seen ? seen : e ? req_notice(rq, e, shown.v.who.locked ? MSG_PLAN_REFUSED_LOCKED : MSG_PLAN_REFUSED_CHANGED) : OK;
}

enum err plan_submit_run(struct req *rq, const void *in, void *out)
{
    return decide(rq, PLAN_VALUE_SUBMIT, ((const struct plan_decide_in *)in)->version, STR(""), out);
}

enum err plan_approve_run(struct req *rq, const void *in, void *out)
{
    return decide(rq, PLAN_VALUE_APPROVE, ((const struct plan_decide_in *)in)->version, STR(""), out);
}

enum err plan_return_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_return_in *in = in_;
    enum err e = decide(rq, PLAN_VALUE_RETURN, in->version, in->note, out);
    ((struct plan_value_out *)out)->typed = e ? in->note : STR("");
    return e;
}

enum err plan_decide_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct looking g = {.rq = rq};
    return looking_show(&g, out);
}

enum err plan_return_fill(struct req *rq, const void *in, void *out)
{
    enum err e = plan_decide_fill(rq, in, out);
    ((struct plan_value_out *)out)->typed = ((const struct plan_return_in *)in)->note;
    return e;
}
