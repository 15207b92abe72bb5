#include "plan/value.h"

static const char *const names[] = {[PLAN_VALUE_DRAFT] = "draft", [PLAN_VALUE_SUBMITTED] = "submitted", [PLAN_VALUE_RETURNED] = "returned",
                                    [PLAN_VALUE_APPROVED] = "approved"};

const char *plan_value_state_name(enum plan_value_state s) { return names[s]; }

bool plan_value_state_read(struct str name, enum plan_value_state *out)
{
    for (enum plan_value_state s = 0; s < PLAN_VALUE_STATES; s++)
        if (str_equal_z(name, names[s])) {
            *out = s;
            return true;
        }
    return false;
}

enum err plan_value_may(const struct plan_value_who *w, const struct plan_value_at *v, enum plan_value_act act, enum plan_value_state *next)
{
    bool own = w->enters && (w->all || id_equal(w->institution, v->institution));
    bool open = v->state == PLAN_VALUE_DRAFT || v->state == PLAN_VALUE_RETURNED;
    switch (act) {
    case PLAN_VALUE_SAVE:
        *next = PLAN_VALUE_DRAFT;
        return !own ? ERR_FORBIDDEN : v->locked ? ERR_CONFLICT : OK;
    case PLAN_VALUE_SUBMIT:
        *next = PLAN_VALUE_SUBMITTED;
        return !own ? ERR_FORBIDDEN : v->locked || !open ? ERR_CONFLICT : OK;
    case PLAN_VALUE_RETURN:
        *next = PLAN_VALUE_RETURNED;
        return !w->approves ? ERR_FORBIDDEN : v->locked || open ? ERR_CONFLICT : OK;
    case PLAN_VALUE_APPROVE:
        *next = PLAN_VALUE_APPROVED;
        return !w->approves || id_equal(w->person, v->person) ? ERR_FORBIDDEN : v->locked || v->state != PLAN_VALUE_SUBMITTED ? ERR_CONFLICT : OK;
    }
    return ERR_BUG;
}

bool plan_value_two_parts(const struct pack_plan_indicator *x)
{
    return x->kind == PACK_PLAN_PERCENT && x->part == PACK_PLAN_WHOLE;
}

// One number; false where something stands there that is none.
static bool number(const struct pack_plan_indicator *x, struct str typed, const char *field, plan_fault_fn *fault, void *ctx, bool *has, int64_t *out)
{
    struct str s = str_trim(typed);
    *has = false;
    if (s.n == 0)
        return true;
    enum err e = plan_amount_read(s, out);
    int64_t step = x->kind == PACK_PLAN_MONEY ? PLAN_ONE / 100 : PLAN_ONE;
    if (!e && *out >= 0 && *out % step == 0) {
        *has = true;
        return true;
    }
    fault(ctx, field, e == ERR_TOO_LARGE ? MSG_PLAN_REFUSED_LARGE : e ? MSG_PLAN_REFUSED_NUMBER : *out < 0 ? MSG_PLAN_REFUSED_NEGATIVE
                    : x->kind == PACK_PLAN_MONEY ? MSG_PLAN_REFUSED_CENTS : MSG_PLAN_REFUSED_WHOLE);
    return false;
}

bool plan_value_check(const struct pack_plan_indicator *x, const struct plan_value_typed *typed, plan_fault_fn *fault,
                      void *ctx, struct plan_value_said *out)
{
    bool two = plan_value_two_parts(x);
    *out = (struct plan_value_said){.blank = str_trim(typed->blank), .comment = str_trim(typed->comment)};
    bool fine = number(x, typed->n, two ? "numerator" : "value", fault, ctx, &out->has_n, &out->n);
    if (two)
        fine = number(x, typed->of, "denominator", fault, ctx, &out->has_of, &out->of) && fine;
    else if (str_trim(typed->of).n > 0) {
        fault(ctx, "denominator", MSG_PLAN_REFUSED_ONE_PART);
        fine = false;
    }
    if (!fine)
        return false;
    if (two && out->has_n != out->has_of) {
        fault(ctx, out->has_n ? "denominator" : "numerator", MSG_PLAN_REFUSED_BOTH);
        fine = false;
    } else if (two && out->n > out->of && (!x->over || out->of == 0)) {
        fault(ctx, "numerator", MSG_PLAN_REFUSED_ABOVE);
        fine = false;
    }
    if (out->blank.n > 0 && (out->has_n || out->has_of)) {
        fault(ctx, "blank", MSG_PLAN_REFUSED_BLANK);
        fine = false;
    } else if (out->blank.n > 0 && !str_says_why(out->blank)) {
        fault(ctx, "blank", MSG_PLAN_REFUSED_REASON);
        fine = false;
    }
    if (str_utf8_count(out->blank) > PLAN_COMMENT_MAX || str_utf8_count(out->comment) > PLAN_COMMENT_MAX) {
        fault(ctx, str_utf8_count(out->blank) > PLAN_COMMENT_MAX ? "blank" : "comment", MSG_PLAN_REFUSED_LONG);
        fine = false;
    }
    return fine;
}

bool plan_value_place(const struct pack_plan *plan, const struct pack_plan_indicator *x, struct plan_period p,
                      struct str county, plan_fault_fn *fault, void *ctx)
{
    bool year = pack_plan_year(plan, plan_period_year(p)), place = county.n == 0 || x->by_county, length = plan_period_months(p) == x->every;
    if (!year)
        fault(ctx, "period", MSG_PLAN_REFUSED_PERIOD);
    else if (!length)
        fault(ctx, "period", x->every == 12 ? MSG_PLAN_REFUSED_YEARLY : x->every == 3 ? MSG_PLAN_REFUSED_QUARTERLY : MSG_PLAN_REFUSED_MONTHLY);
    if (!place)
        fault(ctx, "county", MSG_PLAN_REFUSED_COUNTY);
    return year && length && place;
}

static bool among(const struct str *at, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(at[i], s))
            return true;
    return false;
}

bool plan_value_owed(const struct pack_plan_indicator *x, struct str code, struct str type)
{
    return x->part != PACK_PLAN_NOTHING && (among(x->by, x->n_by, code) || among(x->by_types, x->n_by_types, type));
}
