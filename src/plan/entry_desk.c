// Who asks, for which institution and period; and words for the pages of values.
#include "plan/entry.h"

// The year that is going on, or the plan's last one.
static struct plan_period year_now(const struct req *rq, const struct pack_plan *plan)
{
    int year = date_local(rq->now).year;
    year = pack_plan_year(plan, year) ? year : plan->years[plan->n_years - 1];
    return (struct plan_period){year * 12, year * 12 + 11};
}

enum err plan_desk_db(struct db *db, struct req *rq, struct str institution, struct str period, struct plan_desk *out)
{
    const struct plan_version *v = NULL;
    *out = (struct plan_desk){.rq = rq};
    out->who = (struct plan_value_who){.person = rq->who.id, .institution = rq->who.institution, .enters = req_may(rq, PERM_PLAN_ENTER),
                                       .all = req_may(rq, PERM_PLAN_APPROVE), .approves = req_may(rq, PERM_PLAN_APPROVE)};
    bool read = plan_period_read(period, &out->period);
    enum err e = plan_kept_of_year_db(db, rq->sv->pack, read ? plan_period_year(out->period) : date_local(rq->now).year, &v);
    e = e ? e : institutions_db(db, rq->arena, str_equal_z(rq->lang_code, "en"), &out->institutions);
    if (e)
        return e;
    out->plan = v->plan;
    out->own = institution_by_id(&out->institutions, rq->who.institution);
    out->of = institution.n > 0 ? institution_by_code(&out->institutions, institution) : out->own;
    if (!out->of || (out->of != out->own && !out->who.all))
        return ERR_NOT_FOUND;
    if (period.n == 0)
        out->period = year_now(rq, v->plan);
    else if (!read || !pack_plan_year(v->plan, plan_period_year(out->period)))
        return req_refuse(rq, "period", MSG_PLAN_REFUSED_PERIOD);
    return OK;
}

struct str plan_period_label(const struct req *rq, struct plan_period p)
{
    return plan_period_words(rq->arena, rq->lang, p);
}

struct str plan_value_state_text(const struct req *rq, enum plan_value_state s)
{
    static const enum message words[] = {[PLAN_VALUE_DRAFT] = MSG_PLAN_STATE_DRAFT, [PLAN_VALUE_SUBMITTED] = MSG_PLAN_STATE_SUBMITTED,
                                         [PLAN_VALUE_RETURNED] = MSG_PLAN_STATE_RETURNED, [PLAN_VALUE_APPROVED] = MSG_PLAN_STATE_APPROVED};
    return text_get(rq->lang, words[s]);
}

struct str plan_typed_text(const struct req *rq, bool has, int64_t n)
{
    struct buf b;
    if (!has)
        return STR("");
    buf_init(&b, 64);
    plan_amount_print(&b, n);
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}
