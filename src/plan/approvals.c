// What institutions have handed in, of all periods, looked through and approved many at a time. What has changed since the
// page was shown is passed over: nobody approves what he has not seen.
#include "base/clock.h"
#include "plan/entry.h"

#define BEFORE_MAX 2000
#define BEFORE_BYTES (4u << 20)
#define WAITING_MAX 200 // on one page; the oldest period first

struct waiting {
    struct req *rq;
    struct plan_desk d;
    struct str institution;
    struct arena *a;                    // of the approved ones
    struct list values, before;         // before: approved ones, to compare with
    int64_t more;
};
DB_QUERY(plan_waiting_count_sql, "B", "i", "select count(*) from desk.plan_value where state = 'submitted' and ($1 is null or institution = $1)");

static enum err waiting_read(struct db *db, void *arg)
{
    struct waiting *g = arg;
    struct req *rq = g->rq;
    struct db_rows *r;
    enum err e = plan_desk_db(db, rq, g->institution, STR(""), &g->d);
    if (e)
        return e;
    struct plan_value_ask ask = {.period = {2000 * 12, 2200 * 12}, .within = true, .state = PLAN_VALUE_SUBMITTED, .now = rq->now};
    if (g->institution.n > 0)
        ask.institution = g->d.of->id;
    e = plan_value_list_db(db, rq->arena, &ask, WAITING_MAX, &g->values);
    ask.state = PLAN_VALUE_APPROVED;
    ask.period = g->values.n ? (struct plan_period){((const struct plan_value_row *)g->values.at)->period.first - 12, 2200 * 12} : ask.period;
    e = e || !g->values.n ? e : plan_value_list_db(db, g->a, &ask, BEFORE_MAX, &g->before);
    e = e ? e : db_query(db, &plan_waiting_count_sql, DB_ARGS(g->institution.n ? DB_ID(g->d.of->id) : DB_NULL), &r);
    if (e)
        return e;
    g->more = db_next(r) ? db_int(r, 0) - (int64_t)g->values.n : 0;
    return db_done(&r);
}

// Worth a second look before it is approved, never a reason to refuse it: more than ten times the period before, or less than
// a tenth of it.
static bool far_from_before(const struct plan_value_row *v, const struct list *all)
{
    const struct plan_value_row *at = all->at;
    for (size_t i = 0; i < all->n; i++) {
        if (!str_equal(at[i].indicator, v->indicator) || !id_equal(at[i].who.institution, v->who.institution) ||
            !at[i].said.has_n || !v->said.has_n ||
            at[i].period.first != v->period.first - plan_period_months(v->period) ||
            !str_equal(at[i].county, v->county))
            continue;
        int64_t before = at[i].said.n, now = v->said.n;
        return now > before ? now / 10 > before : before / 10 > now;
    }
    return false;
}

static enum err waiting_put(struct waiting *g, struct plan_waiting_out *out)
{
    struct req *rq = g->rq;
    const struct plan_value_row *v = g->values.at;
    const struct institution *each = g->d.institutions.at;
    struct plan_waiting_row *at = arena_array(rq->arena, g->values.n + 1, sizeof *at);
    struct choice *inst = arena_array(rq->arena, g->d.institutions.n + 1, sizeof *inst);
    if (!at || !inst)
        return ERR_MEMORY;
    for (size_t i = 0; i < g->values.n; i++) {
        const struct pack_plan_indicator *x = pack_plan_indicator(g->d.plan, v[i].indicator);
        struct str n = plan_typed_text(rq, v[i].said.has_n, v[i].said.n);
        bool two = v[i].said.has_of, en = str_equal_z(rq->lang_code, "en") && v[i].name_en.n > 0;
        at[i] = (struct plan_waiting_row){.id = v[i].id, .indicator = v[i].indicator,
                                          .period = plan_period_text(rq->arena, v[i].period), .institution = v[i].code,
                                          .county = v[i].county, .value = two ? STR("") : n,
                                          .numerator = two ? n : STR(""),
                                          .denominator = plan_typed_text(rq, two, v[i].said.of),
                                          .blank = v[i].said.blank, .comment = v[i].said.comment,
                                          .version = v[i].version,
                                          .title = x ? plan_label(rq, x->title) : v[i].indicator,
                                          .period_label = plan_period_label(rq, v[i].period),
                                          .institution_name = en ? v[i].name_en : v[i].name,
                                          .said = plan_said_text(rq, &v[i].said),
                                          .own = id_equal(v[i].who.person, rq->who.id)};
        at[i].far = far_from_before(&v[i], &g->before);
        out->some_mine = out->some_mine || at[i].own;
    }
    for (size_t i = 0; i < g->d.institutions.n; i++)
        inst[i] = (struct choice){each[i].code, each[i].name, str_equal(each[i].code, g->institution)};
    out->values = (struct list){at, g->values.n};
    out->more = g->more;
    out->institutions = (struct list){inst, g->d.institutions.n};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err waiting_show(struct waiting *g, struct plan_waiting_out *out)
{
    enum err e = arena_new(BEFORE_BYTES, &g->a);
    e = e ? e : store_read(g->rq->sv->store, waiting_read, g);
    e = e ? e : waiting_put(g, out);
    arena_free(&g->a);
    return e;
}

enum err plan_waiting_run(struct req *rq, const void *in_, void *out)
{
    struct waiting g = {.rq = rq, .institution = ((const struct plan_waiting_in *)in_)->institution};
    return waiting_show(&g, out);
}

// ── approved, as many as were ticked ──
struct approving { struct req *rq; struct arena *a; const struct list *values; struct plan_value_who who; int64_t approved, passed; };

static enum err approve_write(struct db *db, void *arg)
{
    struct approving *g = arg;
    const struct html_pair *at = g->values->at;
    struct list locks, unlocks;
    enum err e = plan_locks_db(db, g->a, &locks, &unlocks);
    g->approved = g->passed = 0;
    for (size_t i = 0; i < g->values->n && !e; i++) {
        struct plan_value_row v;
        enum plan_value_state next;
        struct id id;
        int64_t version;
        if (id_from_hex(at[i].name, &id) || str_int(at[i].value, &version))
            return ERR_INVALID;
        e = plan_value_find_in_db(db, g->a, id, &locks, &unlocks, g->rq->now, &v);
        enum err may = e ? e : plan_value_may(&g->who, &v.who, PLAN_VALUE_APPROVE, &next);
        if (e == ERR_NOT_FOUND || (!e && (may || version != v.version))) {
            g->passed++;
            e = OK;
            continue;
        }
        v.who.state = PLAN_VALUE_APPROVED;
        v.note = STR("");
        v.decided_by = g->rq->who.id;
        v.decided_at = clock_minute(g->rq->now);
        e = e ? e : plan_value_put_db(db, &v, STR("approved"));
        g->approved += !e;
    }
    return e;
}

enum err plan_approve_all_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_approve_all_in *in = in_;
    struct plan_waiting_out *out = out_;
    struct waiting shown = {.rq = rq, .institution = in->institution};
    struct approving g = {.rq = rq, .values = &in->values,
                          .who = {.person = rq->who.id, .institution = rq->who.institution,
                                  .approves = req_may(rq, PERM_PLAN_APPROVE)}};
    enum err e = arena_new(BEFORE_BYTES, &g.a);
    e = e ? e : store_write(rq->sv->store, approve_write, &g);
    arena_free(&g.a);
    e = e ? e : waiting_show(&shown, out);
    out->approved = g.approved;
    out->passed = g.passed;
    out->looked = true;
    return e;
}

enum err plan_waiting_fill(struct req *rq, const void *in_, void *out)
{
    struct waiting g = {.rq = rq, .institution = ((const struct plan_approve_all_in *)in_)->institution};
    return waiting_show(&g, out);
}
