// An item of the plan as a form: each member of its object is one field or one a language, and what is sent makes the object.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "plan/handlers.h"

enum shape_of { TEXTS, WORD, FLAG, WORDS, YEARS, NUMBER, CHOICE, RAW };
struct member { const char *name; enum shape_of shape; enum message label, help; const char *choices; int64_t max; };
#define NO_HELP MSG_PLAN_NO_DATA // never shown: label alone

static const struct member indicator_members[] = {
    {"code", WORD, MSG_PLAN_F_CODE, MSG_PLAN_H_CODE, NULL, 30},
    {"activity", CHOICE, MSG_PLAN_F_ACTIVITY, MSG_PLAN_H_ACTIVITY, "activity", 30},
    {"section", CHOICE, MSG_PLAN_F_SECTION, MSG_PLAN_H_SECTION, "section", 30},
    {"title", TEXTS, MSG_PLAN_F_TITLE, NO_HELP, NULL, 300},
    {"definition", TEXTS, MSG_PLAN_DEFINITION, MSG_PLAN_H_DEFINITION, NULL, 300},
    {"unit", TEXTS, MSG_PLAN_UNIT, NO_HELP, NULL, 300},
    {"evidence", TEXTS, MSG_PLAN_EVIDENCE, NO_HELP, NULL, 300},
    {"kind", CHOICE, MSG_PLAN_F_KIND, NO_HELP, "count percent document money", 30},
    {"level", CHOICE, MSG_PLAN_F_LEVEL, NO_HELP, "output outcome", 30},
    {"over_time", CHOICE, MSG_PLAN_OVER_TIME, MSG_PLAN_H_OVER_TIME, "sum latest max ratio distinct", 30},
    {"over_places", CHOICE, MSG_PLAN_OVER_PLACES, NO_HELP, "sum latest max ratio distinct", 30},
    {"direction", CHOICE, MSG_PLAN_DIRECTION, NO_HELP, "up down none", 30},
    {"every", CHOICE, MSG_PLAN_EVERY, NO_HELP, "month quarter year", 30},
    {"accumulates", FLAG, MSG_PLAN_ACCUMULATES, NO_HELP, NULL, 0},
    {"about_persons", FLAG, MSG_PLAN_PERSONS, NO_HELP, NULL, 0},
    {"by_county", FLAG, MSG_PLAN_F_BY_COUNTY, NO_HELP, NULL, 0},
    {"over", FLAG, MSG_PLAN_F_OVER, NO_HELP, NULL, 0},
    {"at_most", WORDS, MSG_PLAN_F_AT_MOST, MSG_PLAN_H_CODES, NULL, 300},
    {"responsible", WORDS, MSG_PLAN_RESPONSIBLE, MSG_PLAN_H_RESPONSIBLE, NULL, 600},
    {"dimensions", WORDS, MSG_PLAN_DIMENSIONS, MSG_PLAN_H_CODES, NULL, 600},
    {"source", CHOICE, MSG_PLAN_F_SOURCE, NO_HELP, "live entry mixed", 30},
    {"count", RAW, MSG_PLAN_F_COUNT, MSG_PLAN_H_COUNT, NULL, 8000},
    {"of", RAW, MSG_PLAN_F_OF, MSG_PLAN_H_OF, NULL, 8000},
    {"entered", RAW, MSG_PLAN_F_ENTERED, MSG_PLAN_H_ENTERED, NULL, 8000},
};
static const struct member activity_members[] = {
    {"code", WORD, MSG_PLAN_F_CODE, MSG_PLAN_H_CODE, NULL, 30},
    {"objective", CHOICE, MSG_PLAN_F_OBJECTIVE, NO_HELP, "objective", 30},
    {"title", TEXTS, MSG_PLAN_F_TITLE, NO_HELP, NULL, 300},
    {"responsible", WORDS, MSG_PLAN_RESPONSIBLE, MSG_PLAN_H_RESPONSIBLE, NULL, 600},
    {"partners", WORDS, MSG_PLAN_F_PARTNERS, MSG_PLAN_H_CODES, NULL, 600},
    {"years", YEARS, MSG_PLAN_F_YEARS, MSG_PLAN_H_CODES, NULL, 100},
    {"strategies", WORDS, MSG_PLAN_F_STRATEGIES, MSG_PLAN_H_CODES, NULL, 300},
    {"weight", NUMBER, MSG_PLAN_F_WEIGHT, NO_HELP, NULL, 10},
};
#define MEMBERS(indicator) ((indicator) ? indicator_members : activity_members)
#define N_MEMBERS(indicator) ((indicator) ? sizeof indicator_members / sizeof *indicator_members : sizeof activity_members / sizeof *activity_members)

static struct str sent(const struct list *fields, struct str name)
{
    const struct html_pair *at = fields->at;
    for (size_t i = 0; i < fields->n; i++)
        if (str_equal(at[i].name, name))
            return at[i].value;
    return STR("");
}

struct str plan_field(const struct list *fields, const char *name)
{
    return str_trim(sent(fields, str_from(name)));
}

// ── to the form ──
struct forming {
    struct req *rq; const struct pack_plan *plan; const json_t *object; const struct list *typed;
    struct plan_item_field *at; size_t n;
};

static struct str raw_text(struct arena *a, const json_t *v, size_t flags)
{
    char *text = v ? json_dumps(v, flags | JSON_ENCODE_ANY) : NULL;
    struct str out = text ? arena_str(a, str_from(text)) : STR("");
    free(text);
    return out;
}

static struct str value_of(struct forming *f, const struct member *m, const json_t *v)
{
    struct arena *a = f->rq->arena;
    struct buf b;
    if (m->shape == RAW)
        return raw_text(a, v, JSON_INDENT(1));
    if (m->shape != WORDS && m->shape != YEARS)
        return json_is_integer(v) ? arena_printf(a, "%lld", (long long)json_integer_value(v))
               : json_is_true(v) ? STR("1") : arena_str(a, str_from(json_string_value(v)));
    buf_init(&b, 4000);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *one = json_array_get(v, i);
        buf_put(&b, i ? STR(" ") : STR(""));
        if (json_is_integer(one))
            buf_put_int(&b, json_integer_value(one));
        else
            buf_put(&b, str_from(json_string_value(one)));
    }
    struct str out = arena_str(a, text_arg_str(buf_str(&b)));
    buf_free(&b);
    return out;
}

static struct list options_of(struct forming *f, const char *choices, struct str on)
{
    struct req *rq = f->rq;
    const struct pack_plan *p = f->plan;
    bool activity = strcmp(choices, "activity") == 0, section = strcmp(choices, "section") == 0, objective = strcmp(choices, "objective") == 0;
    size_t n = activity ? p->n_activities : section ? p->n_sections : objective ? p->n_objectives : 8, k = 0;
    struct choice *at = arena_array(rq->arena, n + 1, sizeof *at);
    if (!at)
        return (struct list){0};
    if (activity || section)
        at[k++] = (struct choice){STR(""), STR("–"), on.n == 0};
    for (size_t i = 0; i < n && (activity || section || objective); i++) {
        struct str code = activity ? p->activity[i].code : section ? p->section[i].code : p->objective[i].code;
        const struct pack_text *title = activity ? p->activity[i].title : section ? p->section[i].title : p->objective[i].title;
        at[k++] = (struct choice){arena_str(rq->arena, code),
                                  arena_printf(rq->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(plan_label(rq, title))),
                                  str_equal(code, on)};
    }
    for (struct str rest = str_from(choices); rest.n && !activity && !section && !objective;) {
        struct str word = str_cut(&rest, ' ');
        at[k++] = (struct choice){word, word, str_equal(word, on)};
    }
    return (struct list){at, k};
}

static void field_put(struct forming *f, const struct member *m, struct str name, struct str label, struct str value)
{
    struct plan_item_field *x = &f->at[f->n++];
    value = f->typed ? sent(f->typed, name) : value;
    *x = (struct plan_item_field){.name = arena_printf(f->rq->arena, "fields.%.*s", STR_ARG(name)), .label = label,
                                  .help = m->help == NO_HELP ? STR("") : text_get(f->rq->lang, m->help), .value = value,
                                  .max = m->max,
                                  .line = m->shape != TEXTS && m->shape != CHOICE && m->shape != FLAG &&
                                          m->shape != RAW,
                                  .lines = m->shape == TEXTS || m->shape == RAW,
                                  .select = m->shape == CHOICE, .check = m->shape == FLAG, .on = value.n > 0};
    if (x->select)
        x->options = options_of(f, m->choices, value);
}

struct list plan_item_fields(struct req *rq, const struct pack_plan *plan, bool indicator, struct str object, const struct list *typed)
{
    json_t *root = json_loadb(object.n ? object.at : "{}", object.n ? object.n : 2, JSON_REJECT_DUPLICATES, NULL);
    struct forming f = {rq, plan, root, typed, arena_array(rq->arena, PLAN_FIELDS_MAX, sizeof *f.at), 0};
    const struct member *m = MEMBERS(indicator);
    for (size_t i = 0; f.at && i < N_MEMBERS(indicator); i++) {
        const json_t *v = json_object_get(root, m[i].name);
        struct str label = text_get(rq->lang, m[i].label), code;
        if (m[i].shape != TEXTS)
            field_put(&f, &m[i], str_from(m[i].name), label, value_of(&f, &m[i], v));
        for (size_t l = 0; m[i].shape == TEXTS && (code = pack_language_at(rq->sv->pack, l)).n && f.n < PLAN_FIELDS_MAX; l++)
            field_put(&f, &m[i], arena_printf(rq->arena, "%s.%.*s", m[i].name, STR_ARG(code)),
                      arena_printf(rq->arena, "%.*s (%.*s)", STR_ARG(label), STR_ARG(pack_label(rq->sv->pack, "language", code, rq->lang))),
                      arena_str(rq->arena, str_from(json_string_value(json_object_get(v, code.at)))));
    }
    json_decref(root);
    return (struct list){f.at, f.n};
}

// ── from the form ──
static json_t *text_json(struct str s) { return json_stringn(s.n ? s.at : "", s.n); }

static json_t *words_json(struct str s, bool years)
{
    json_t *list = json_array();
    for (struct str rest = s; rest.n;) {
        struct str word = str_trim(str_cut(&rest, ' '));
        int64_t year;
        if (word.n)
            json_array_append_new(list, years && str_int(word, &year) == OK ? json_integer(year) : text_json(word));
    }
    return list;
}

// What is left empty is left out; a broken piece of JSON goes in as a text, so that the reader names it.
static void member_put(json_t *into, struct arena *a, const struct pack *p, const struct member *m, const struct list *fields)
{
    struct str v = plan_field(fields, m->name), code;
    int64_t n;
    json_t *value = NULL;
    if (m->shape == TEXTS) {
        value = json_object();
        for (size_t l = 0; (code = pack_language_at(p, l)).n; l++)
            json_object_set_new(value, code.at, text_json(str_trim(sent(fields, arena_printf(a, "%s.%.*s", m->name, STR_ARG(code))))));
    } else if (m->shape == WORDS || m->shape == YEARS) {
        value = words_json(v, m->shape == YEARS);
    } else if (m->shape == RAW && v.n) {
        value = json_loadb(v.at, v.n, JSON_REJECT_DUPLICATES, NULL);
        value = value ? value : text_json(v);
    } else if (m->shape == FLAG) {
        value = v.n ? json_true() : NULL;
    } else if (m->shape == NUMBER && v.n) {
        value = str_int(v, &n) == OK ? json_integer(n) : text_json(v);
    } else if (v.n && m->shape != RAW) {
        value = text_json(v);
    }
    bool empty = m->shape == WORDS && json_array_size(value) == 0 &&
                 (strcmp(m->name, "at_most") == 0 || strcmp(m->name, "partners") == 0 ||
                  strcmp(m->name, "strategies") == 0);
    if (value && !empty)
        json_object_set(into, m->name, value);
    else
        json_object_del(into, m->name);
    json_decref(value);
}

struct str plan_item_object(struct arena *a, const struct pack *p, bool indicator, struct str before, const struct list *fields)
{
    json_t *root = json_loadb(before.n ? before.at : "{}", before.n ? before.n : 2, 0, NULL); // members that have no field (notes) stay
    const struct member *m = MEMBERS(indicator);
    for (size_t i = 0; root && i < N_MEMBERS(indicator); i++)
        member_put(root, a, p, &m[i], fields);
    if (root && str_from(json_string_value(json_object_get(root, "activity"))).n)
        json_object_del(root, "section");
    struct str out = raw_text(a, root, JSON_COMPACT);
    json_decref(root);
    return out;
}
