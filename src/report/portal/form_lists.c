// What a page of the form shows besides its question: kept answers, options, the look-over.
#include "html/html.h"
#include "report/portal/form.h"
#include "report/portal/form_fields.h"

#define OPTIONS_MAX 128 // a country's longest list: its categories or one county's municipalities

struct options { struct form_option *at; size_t n; };

static void put_option(struct options *o, struct str value, struct str label, struct str chosen)
{
    if (o->n < OPTIONS_MAX)
        o->at[o->n++] = (struct form_option){.value = value, .label = label, .on = str_equal(value, chosen)};
}

static void put_list(struct req *rq, struct options *o, const char *list, struct str chosen)
{
    struct str v;
    for (size_t i = 0; (v = pack_list_at(rq->sv->pack, list, i)).n > 0; i++)
        put_option(o, v, pack_label(rq->sv->pack, list, v, rq->lang), chosen);
}

static void put_choices(struct req *rq, struct options *o, struct str chosen)
{
    const struct pack_choice *c;
    for (size_t i = 0; (c = pack_choice_at(rq->sv->pack, i)) != NULL; i++)
        put_option(o, c->id, pack_choice_label(rq->sv->pack, c->id, rq->lang), chosen);
}

static void put_details(struct req *rq, struct options *o, const struct form_answers *a)
{
    const struct pack_choice *c = pack_choice(rq->sv->pack, a->choice);
    for (size_t i = 0; c != NULL && i < c->n; i++)
        put_option(o, c->codes[i], pack_category_option(rq->sv->pack, c->codes[i], rq->lang), a->category);
}

static void fill_options(struct req *rq, struct report_form_out *out)
{
    const struct form_answers *a = &out->a;
    struct options o = {.at = arena_array(rq->arena, OPTIONS_MAX, sizeof(struct form_option))};
    struct str name;
    if (o.at == NULL)
        return;
    switch (out->step) {
    case STEP_WHERE: put_list(rq, &o, "where", a->where); break;
    case STEP_APP: put_list(rq, &o, "app", a->app); break;
    case STEP_WHAT: put_choices(rq, &o, a->choice); break;
    case STEP_DETAIL: put_details(rq, &o, a); break;
    case STEP_WHO: put_list(rq, &o, "reporter", a->reporter); break;
    case STEP_AGE: put_list(rq, &o, "age_band", a->age_band); break;
    case STEP_COUNTY: put_list(rq, &o, "county", a->county); break;
    case STEP_MUNICIPALITY:
        for (size_t i = 0; (name = pack_municipality_at(rq->sv->pack, a->county, i)).n > 0; i++)
            put_option(&o, name, name, a->municipality);
        break;
    default: break;
    }
    out->options = (struct list){o.at, o.n};
    out->question = pack_choice_question(rq->sv->pack, a->choice, rq->lang);
}

static void fill_kept(struct req *rq, struct str language, struct report_form_out *out)
{
    struct html_pair *pairs = arena_array(rq->arena, FORM_FIELDS + 3, sizeof *pairs);
    size_t n = 0;
    if (pairs == NULL)
        return;
    pairs[n++] = (struct html_pair){STR("step"), form_step_name(out->step)};
    pairs[n++] = (struct html_pair){STR("language"), language};
    pairs[n++] = (struct html_pair){STR("submission"), out->submission};
    for (size_t i = 0; i < FORM_FIELDS; i++) {
        struct str v = *form_value(&out->a, i);
        if (v.n > 0 && form_fields[i].step != out->step)
            pairs[n++] = (struct html_pair){str_from(form_fields[i].name), v};
    }
    out->kept = (struct list){pairs, n};
}

// ── the look-over ──

struct overview { struct req *rq; struct form_answer *at; size_t n; };

static void put_answer(struct overview *v, enum message label, struct str text, enum form_step s)
{
    struct str name = form_step_name(s);
    if (text.n == 0)
        text = text_get(v->rq->lang, MSG_REPORT_REVIEW_EMPTY);
    v->at[v->n++] = (struct form_answer){
        .label = text_get(v->rq->lang, label), .text = text, .go = arena_printf(v->rq->arena, "to-%.*s", STR_ARG(name)),
    };
}

static struct str label_of(struct req *rq, const char *list, struct str value)
{
    return value.n > 0 ? pack_label(rq->sv->pack, list, value, rq->lang) : value;
}

static struct str what_of(struct req *rq, const struct form_answers *a)
{
    const struct pack_choice *c = pack_choice(rq->sv->pack, a->choice);
    struct str label = c == NULL ? (struct str){0} : pack_choice_label(rq->sv->pack, a->choice, rq->lang);
    if (c == NULL || c->n < 2 || a->category.n == 0)
        return label;
    struct str option = pack_category_option(rq->sv->pack, a->category, rq->lang);
    return arena_printf(rq->arena, "%.*s: %.*s", STR_ARG(label), STR_ARG(option));
}

static struct str joined(struct req *rq, struct str a, struct str b)
{
    if (a.n == 0 || b.n == 0)
        return a.n > 0 ? a : b;
    return arena_printf(rq->arena, "%.*s\n%.*s", STR_ARG(a), STR_ARG(b));
}

static void fill_answers(struct req *rq, struct report_form_out *out)
{
    const struct form_answers *a = &out->a;
    struct overview v = {.rq = rq, .at = arena_array(rq->arena, FORM_FIELDS, sizeof(struct form_answer))};
    if (v.at == NULL)
        return;
    bool yes = str_equal_z(a->in_danger, "yes");
    put_answer(&v, MSG_REPORT_REVIEW_WHERE, label_of(rq, "where", a->where), STEP_WHERE);
    if (str_equal_z(a->where, "page"))
        put_answer(&v, MSG_REPORT_REVIEW_ADDRESS, a->address, STEP_ADDRESS);
    if (str_equal_z(a->where, "app"))
        put_answer(&v, MSG_REPORT_REVIEW_APP, joined(rq, a->app, a->account), STEP_APP);
    put_answer(&v, MSG_REPORT_REVIEW_WHAT, what_of(rq, a), STEP_WHAT);
    put_answer(&v, MSG_REPORT_REVIEW_DANGER, text_get(rq->lang, yes ? MSG_REPORT_DANGER_YES : MSG_REPORT_DANGER_NO), STEP_DANGER);
    put_answer(&v, MSG_REPORT_REVIEW_WHO, label_of(rq, "reporter", a->reporter), STEP_WHO);
    if (str_equal_z(a->reporter, "child"))
        put_answer(&v, MSG_REPORT_REVIEW_AGE, label_of(rq, "age_band", a->age_band), STEP_AGE);
    put_answer(&v, MSG_REPORT_REVIEW_COUNTY, joined(rq, a->county, a->municipality), STEP_COUNTY);
    put_answer(&v, MSG_REPORT_REVIEW_SEEN, a->seen, STEP_SEEN);
    put_answer(&v, MSG_REPORT_REVIEW_TEXT, a->text, STEP_TEXT);
    put_answer(&v, MSG_REPORT_REVIEW_CONTACT, joined(rq, a->contact, a->safe_to_contact), STEP_CONTACT);
    out->answers = (struct list){v.at, v.n};
}

void form_fill(struct req *rq, struct str language, struct report_form_out *out)
{
    out->at = out->of = 0;
    for (unsigned s = STEP_WHERE; s <= STEP_REVIEW; s++) {
        bool asked = form_active(rq->sv->pack, &out->a, (enum form_step)s);
        out->of += asked;
        out->at += asked && s <= out->step;
    }
    out->first = out->step == STEP_WHERE;
    out->yes = str_equal_z(out->a.in_danger, "yes");
    out->no = str_equal_z(out->a.in_danger, "no");
    out->danger = str_equal_z(out->a.in_danger, "yes") && out->step != STEP_DANGER; // which shows the numbers anyway
    out->may_send = out->step > STEP_DANGER && out->step < STEP_REVIEW;
    fill_options(rq, out);
    fill_kept(rq, language, out);
    if (out->step == STEP_REVIEW)
        fill_answers(rq, out);
}
