// A term's question in words: made from the term alone, so that what is told is what is asked.
#include <stdio.h>
#include "plan/live.h"

struct saying { struct buf *out; const struct pack *p; const struct pack_register *r; const struct lang *l; };

static struct str label(const struct saying *s, const struct pack_text *t)
{
    return t ? pack_words(s->p, t, s->l) : STR("");
}

static void put(const struct saying *s, enum message m, size_t n, const struct text_arg *args)
{
    text_put(s->out, s->l, m, n, args);
}

static void join(const struct saying *s, const char *with, enum message m, size_t n, const struct text_arg *args)
{
    buf_put_z(s->out, with);
    put(s, m, n, args);
}

static struct str register_name(const struct saying *s)
{
    return s->r ? label(s, s->r->label) : STR("");
}

static struct str field_name(const struct saying *s, struct str name)
{
    const struct pack_register_field *f = s->r ? pack_register_field(s->r, name) : NULL;
    return f ? label(s, f->label) : name;
}

static struct str stage_name(const struct saying *s, struct str value)
{
    const struct pack_register_stage *x = s->r ? pack_register_stage(s->r, value) : NULL;
    return x ? label(s, x->label) : value;
}

// “Police officers”, “Other officials” or “Teachers”: by the labels of a list.
static void values_put(const struct saying *s, struct buf *b, const char *list, const struct str *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str name = list ? pack_label(s->p, list, value[i], s->l) : value[i];
        if (i && i + 1 < n)
            buf_put_z(b, ", ");
        else if (i)
            buf_printf(b, " %.*s ", STR_ARG(text_get(s->l, MSG_PLAN_SAY_OR)));
        text_put(b, s->l, MSG_PLAN_SAY_QUOTED, TEXT_ARGS(TEXT_S("name", name)));
    }
}

static void where_say(const struct saying *s, const struct pack_plan_where *w)
{
    const struct pack_register_field *f = s->r ? pack_register_field(s->r, w->field) : NULL;
    struct buf b;
    buf_init(&b, 4000);
    values_put(s, &b, f && f->list.n ? f->list.at : NULL, w->is, w->n);
    if (w->n)
        join(s, ", ", MSG_PLAN_SAY_WHERE, TEXT_ARGS(TEXT_S("field", field_name(s, w->field)), TEXT_S("values", buf_str(&b))));
    else
        join(s, ", ", MSG_PLAN_SAY_WHERE_ANY, TEXT_ARGS(TEXT_S("field", field_name(s, w->field))));
    buf_free(&b);
}

static void register_say(const struct saying *s, const struct pack_plan_term *t)
{
    struct str reg = register_name(s), field = field_name(s, t->field);
    switch (t->measure) {
    case PACK_PLAN_ANY:
        put(s, MSG_PLAN_SAY_ANY, TEXT_ARGS(TEXT_S("register", reg)));
        break;
    case PACK_PLAN_SUM_OF:
        put(s, MSG_PLAN_SAY_SUM, TEXT_ARGS(TEXT_S("register", reg), TEXT_S("field", field)));
        break;
    case PACK_PLAN_DIFFERENT:
        put(s, MSG_PLAN_SAY_DISTINCT, TEXT_ARGS(TEXT_S("register", reg), TEXT_S("field", field)));
        break;
    case PACK_PLAN_MILESTONE:
        put(s, MSG_PLAN_SAY_MILESTONE, TEXT_ARGS(TEXT_S("register", reg)));
        break;
    default:
        put(s, MSG_PLAN_SAY_ROWS, TEXT_ARGS(TEXT_S("register", reg)));
    }
    for (size_t i = 0; i < t->n_where; i++)
        where_say(s, &t->where[i]);
    if (t->measure == PACK_PLAN_STANDING) {
        join(s, ", ", t->stage.n ? MSG_PLAN_SAY_STANDING_STAGE : MSG_PLAN_SAY_STANDING, TEXT_ARGS(TEXT_S("stage", stage_name(s, t->stage))));
        if (t->until.n)
            join(s, " ", MSG_PLAN_SAY_NOT_YET, TEXT_ARGS(TEXT_S("stage", stage_name(s, t->until))));
    } else if (t->measure != PACK_PLAN_MILESTONE)
        join(s, ", ", t->stage.n ? MSG_PLAN_SAY_REACHED : MSG_PLAN_SAY_DATED, TEXT_ARGS(TEXT_S("stage", stage_name(s, t->stage))));
    for (size_t i = 0; i < t->n_points; i++)
        join(s, "; ", MSG_PLAN_SAY_POINT, TEXT_ARGS(TEXT_S("stage", stage_name(s, t->point[i].stage)), TEXT_I("n", t->point[i].hundredths)));
    if (t->least > 1)
        join(s, ", ", MSG_PLAN_SAY_LEAST, TEXT_ARGS(TEXT_I("n", t->least)));
}

void plan_term_say(struct buf *out, const struct pack *p, const struct pack_plan *plan, const struct pack_plan_term *t, const struct lang *l)
{
    static const enum message words[] = {
        [PACK_PLAN_RECEIVED] = MSG_PLAN_SAY_RECEIVED, [PACK_PLAN_CLOSED] = MSG_PLAN_SAY_CLOSED,
        [PACK_PLAN_UNITS] = MSG_PLAN_SAY_UNITS, [PACK_PLAN_CONTACTS] = MSG_PLAN_SAY_CONTACTS,
        [PACK_PLAN_ACCEPTED] = MSG_PLAN_SAY_ACCEPTED, [PACK_PLAN_DUE] = MSG_PLAN_SAY_DUE,
        [PACK_PLAN_APPROVED] = MSG_PLAN_SAY_APPROVED, [PACK_PLAN_GAPS] = MSG_PLAN_SAY_GAPS,
        [PACK_PLAN_BUDGETS] = MSG_PLAN_SAY_BUDGETS, [PACK_PLAN_PLANNED] = MSG_PLAN_SAY_PLANNED,
        [PACK_PLAN_SPENT] = MSG_PLAN_SAY_SPENT, [PACK_PLAN_PUBLISHED] = MSG_PLAN_SAY_PUBLISHED,
        [PACK_PLAN_CIVIL] = MSG_PLAN_SAY_CIVIL};
    const struct saying s = {out, p, pack_register(p, t->reg), l};
    const struct pack_plan_indicator *x = t->measure == PACK_PLAN_FIGURE ? pack_plan_indicator(plan, t->field) : NULL;
    if (t->of == PACK_PLAN_OF_REGISTER)
        register_say(&s, t);
    else if (x)
        put(&s, MSG_PLAN_SAY_FIGURE, TEXT_ARGS(TEXT_S("code", x->code), TEXT_S("title", label(&s, x->title))));
    else
        put(&s, words[t->measure], 0, NULL);
    if (t->measure == PACK_PLAN_CLOSED && t->n_is) {
        struct buf b;
        buf_init(&b, 4000);
        values_put(&s, &b, "case_outcome", t->is, t->n_is);
        join(&s, ", ", MSG_PLAN_SAY_OUTCOME, TEXT_ARGS(TEXT_S("values", buf_str(&b))));
        buf_free(&b);
    }
}
