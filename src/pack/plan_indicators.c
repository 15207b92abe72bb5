// Passports of indicators, and the terms that say what is counted. A term that could not be answered is refused here.
#include <string.h>
#include "pack/plan_read.h"

#define CODE_MAX 30
#define IS_MAX 20
#define WHERE_MAX 4
#define POINTS_MAX 12
#define AT_MOST_MAX 8

typedef const char *name_of(int i);
static const char *kind_at(int i) { return i <= PACK_PLAN_MONEY ? pack_plan_kind_name((enum pack_plan_kind)i) : NULL; }
static const char *rule_at(int i) { return i <= PACK_PLAN_DISTINCT ? pack_plan_rule_name((enum pack_plan_rule)i) : NULL; }
static const char *direction_at(int i) { return i <= PACK_PLAN_NO_DIRECTION ? pack_plan_direction_name((enum pack_plan_direction)i) : NULL; }
static const char *source_at(int i) { return i <= PACK_PLAN_MIXED ? pack_plan_source_name((enum pack_plan_source)i) : NULL; }
static const char *part_at(int i) { return i <= PACK_PLAN_REST ? pack_plan_part_name((enum pack_plan_part)i) : NULL; }
static const char *of_at(int i) { return i <= PACK_PLAN_OF_PLAN ? pack_plan_of_name((enum pack_plan_of)i) : NULL; }
static const char *every_at(int i) { static const int every[] = {1, 3, 12}; return i < 3 ? pack_plan_every_name(every[i]) : NULL; }
static const char *level_at(int i) { return i == 0 ? "output" : i == 1 ? "outcome" : NULL; }

// One of a few words; the first where it is another, with a fault that names them all.
static int read_one(struct reader *r, const json_t *object, const char *key, name_of *name)
{
    struct str s = read_word(r, object, key, CODE_MAX, true);
    char all[200] = "";
    for (int i = 0; name(i) != NULL; i++) {
        if (str_equal_z(s, name(i))) {
            return i;
        }
        strncat(all, i > 0 ? " " : "", sizeof all - strlen(all) - 1);
        strncat(all, name(i), sizeof all - strlen(all) - 1);
    }
    if (s.n > 0) {
        read_fault(r, "\"%s\" is \"%.*s\"; it is one of: %s", key, STR_ARG(s), all);
    }
    return 0;
}

// ── terms ──
static bool has_values(const struct pack_register_field *f)
{
    return (f->kind >= PACK_CHOICE && f->kind <= PACK_INSTITUTION) || f->kind == PACK_ENTRY || f->kind == PACK_YEAR ||
           f->kind == PACK_ACTIVITY || f->kind == PACK_INDICATOR || f->counted;
}

static const struct pack_register_field *term_field(struct plan_reader *g, const struct pack_register *x, struct str name)
{
    const struct pack_register_field *f = x != NULL ? pack_register_field(x, name) : NULL;
    if (x != NULL && name.n > 0 && f == NULL) {
        read_fault(g->r, "the register \"%.*s\" has no field \"%.*s\"", STR_ARG(x->code), STR_ARG(name));
    }
    return f;
}

static void stage_check(struct plan_reader *g, const struct pack_register *x, struct str stage)
{
    if (x != NULL && stage.n > 0 && pack_register_stage(x, stage) == NULL) {
        read_fault(g->r, "the register \"%.*s\" has no stage \"%.*s\"", STR_ARG(x->code), STR_ARG(stage));
    }
}

static void read_where(struct plan_reader *g, const json_t *row, const struct pack_register *x, struct pack_plan_where *w)
{
    if (!read_keys(g->r, row, "field is")) {
        return;
    }
    w->field = read_word(g->r, row, "field", CODE_MAX, true);
    w->is = plan_words(g, row, "is", IS_MAX, &w->n);
    const struct pack_register_field *f = term_field(g, x, w->field);
    if (f != NULL && !has_values(f)) {
        read_fault(g->r, "\"%.*s\" has no values that could be compared", STR_ARG(w->field));
    }
    for (size_t i = 0; f != NULL && i < w->n; i++) {
        if ((f->kind == PACK_CHOICE || f->kind == PACK_CHOICES) && !pack_has(g->r->p, f->list.at, w->is[i])) {
            read_fault(g->r, "\"%.*s\" is no value of the list \"%.*s\"", STR_ARG(w->is[i]), STR_ARG(f->list));
        }
    }
}

static void read_wheres(struct plan_reader *g, const json_t *row, const struct pack_register *x, struct pack_plan_term *t)
{
    const json_t *rows = json_object_get(row, "where");
    if (rows == NULL) {
        return;
    }
    size_t in = read_into(g->r, ".where"), n = read_count(g->r, rows, WHERE_MAX);
    struct pack_plan_where *w = read_array(g->r, n, sizeof *w);
    t->where = w;
    for (size_t i = 0; i < n && w != NULL; i++) {
        size_t at = read_into(g->r, "[%zu]", i);
        read_where(g, json_array_get(rows, i), x, &w[t->n_where++]);
        read_back(g->r, at);
    }
    read_back(g->r, in);
}

static void read_points(struct plan_reader *g, const json_t *row, const struct pack_register *x, struct pack_plan_term *t)
{
    json_t *points = json_object_get(row, "milestones"), *value;
    const char *stage;
    size_t in = read_into(g->r, ".milestones");
    if (!json_is_object(points) || json_object_size(points) > POINTS_MAX) {
        read_fault(g->r, "must be an object of at most %d stages with hundredths of the way", POINTS_MAX);
    } else {
        struct pack_plan_point *at = read_array(g->r, json_object_size(points), sizeof *at);
        t->point = at;
        json_object_foreach(points, stage, value) {
            if (at != NULL) {
                at[t->n_points++] = (struct pack_plan_point){arena_str(g->r->p->arena, str_from(stage)), read_number(g->r, points, stage, 0, 100)};
                stage_check(g, x, at[t->n_points - 1].stage);
            }
        }
    }
    read_back(g->r, in);
}

static void register_term(struct plan_reader *g, const json_t *row, struct pack_plan_term *t)
{
    struct reader *r = g->r;
    t->reg = read_word(r, row, "register", CODE_MAX, true);
    const struct pack_register *x = pack_register(r->p, t->reg);
    if (t->reg.n > 0 && x == NULL) {
        read_fault(r, "\"%.*s\" is no register", STR_ARG(t->reg));
    }
    bool of_field = t->measure == PACK_PLAN_SUM_OF || t->measure == PACK_PLAN_DIFFERENT;
    t->field = read_word(r, row, "field", CODE_MAX, of_field);
    t->stage = read_word(r, row, "stage", CODE_MAX, false);
    t->until = read_word(r, row, "until", CODE_MAX, false);
    stage_check(g, x, t->stage);
    stage_check(g, x, t->until);
    read_wheres(g, row, x, t);
    const struct pack_register_field *f = term_field(g, x, t->field);
    if (f != NULL && t->measure == PACK_PLAN_SUM_OF && f->kind != PACK_NUMBER && f->kind != PACK_MONEY && f->kind != PACK_COUNTS) {
        read_fault(r, "\"%.*s\" is no number and cannot be summed", STR_ARG(t->field));
    }
    if (f != NULL && t->measure == PACK_PLAN_DIFFERENT && !has_values(f)) {
        read_fault(r, "\"%.*s\" has no values that could be told apart", STR_ARG(t->field));
    }
    if (!of_field && t->field.n > 0) {
        read_fault(r, "\"field\" is for \"sum\" and \"distinct\" only");
    }
    if (t->until.n > 0 && t->measure != PACK_PLAN_STANDING) {
        read_fault(r, "\"until\" is for \"standing\" only");
    }
    if (t->measure == PACK_PLAN_MILESTONE) {
        read_points(g, row, x, t);
    }
}

static void read_term(struct plan_reader *g, const json_t *row, struct pack_plan_term *t)
{
    struct reader *r = g->r;
    if (!read_keys(r, row, "of register measure field where is stage until least milestones")) {
        return;
    }
    t->of = (enum pack_plan_of)read_one(r, row, "of", of_at);
    struct str measure = read_word(r, row, "measure", CODE_MAX, true);
    t->measure = PACK_PLAN_MEASURES;
    for (int m = 0; m < PACK_PLAN_MEASURES; m++) {
        if (str_equal_z(measure, pack_plan_measure_name((enum pack_plan_measure)m)) && pack_plan_measure_of((enum pack_plan_measure)m) == t->of) {
            t->measure = (enum pack_plan_measure)m;
        }
    }
    if (t->measure == PACK_PLAN_MEASURES) {
        read_fault(r, "\"%.*s\" is nothing that can be asked of a %s", STR_ARG(measure), pack_plan_of_name(t->of));
        t->of = PACK_PLAN_OF_REPORT;
        t->measure = PACK_PLAN_RECEIVED;
        return;
    }
    t->least = json_object_get(row, "least") != NULL ? read_number(r, row, "least", 1, 1000) : 1;
    if (t->of == PACK_PLAN_OF_REGISTER) {
        register_term(g, row, t);
    }
    if (t->measure == PACK_PLAN_FIGURE) {
        t->field = read_word(r, row, "field", CODE_MAX, true);
    }
    if (t->measure == PACK_PLAN_CLOSED) {
        t->is = plan_words(g, row, "is", IS_MAX, &t->n_is);
        for (size_t i = 0; i < t->n_is; i++) {
            if (!pack_has(r->p, "case_outcome", t->is[i])) {
                read_fault(r, "\"%.*s\" is no value of the list \"case_outcome\"", STR_ARG(t->is[i]));
            }
        }
    }
}

static const struct pack_plan_term *read_terms(struct plan_reader *g, const json_t *row, const char *key, size_t *n)
{
    const json_t *rows = json_object_get(row, key);
    *n = 0;
    if (rows == NULL) {
        return NULL;
    }
    size_t in = read_into(g->r, ".%s", key), count = read_count(g->r, rows, PACK_PLAN_TERMS_MAX);
    struct pack_plan_term *t = read_array(g->r, count, sizeof *t);
    for (size_t i = 0; i < count && t != NULL; i++) {
        size_t at = read_into(g->r, "[%zu]", i);
        read_term(g, json_array_get(rows, i), &t[(*n)++]);
        read_back(g->r, at);
    }
    read_back(g->r, in);
    return t;
}

// ── one passport ──
static void read_entered(struct plan_reader *g, const json_t *row, struct pack_plan_indicator *x)
{
    struct reader *r = g->r;
    const json_t *e = json_object_get(row, "entered");
    size_t at = read_into(r, ".entered");
    if (e != NULL && read_keys(r, e, "part what by by_types until")) {
        x->part = json_object_get(e, "part") != NULL ? (enum pack_plan_part)read_one(r, e, "part", part_at) : PACK_PLAN_WHOLE;
        x->entered = plan_text(g, e, "what", false);
        x->by_types = plan_words(g, e, "by_types", IS_MAX, &x->n_by_types);
        x->by = plan_institutions(g, e, "by", x->n_by_types == 0, &x->n_by);
        x->until = read_word(r, e, "until", CODE_MAX, false);
        for (size_t i = 0; i < x->n_by_types; i++) {
            if (!pack_has(r->p, "institution_type", x->by_types[i])) {
                read_fault(r, "\"%.*s\" is not one of \"institution_types\"", STR_ARG(x->by_types[i]));
            }
        }
        bool known = x->until.n == 0;
        for (size_t i = 0; pack_plan_until_at(i) != NULL; i++) {
            known |= str_equal_z(x->until, pack_plan_until_at(i));
        }
        if (!known) {
            read_fault(r, "\"until\" is \"%.*s\", which is no room that is still to come", STR_ARG(x->until));
        }
    }
    read_back(r, at);
}

// Terms of one side are added up, so they must be alike: what happens, what stands, what is told apart.
static int nature(enum pack_plan_measure m)
{
    return m == PACK_PLAN_ANY ? 1 : m == PACK_PLAN_DIFFERENT ? 2 : m == PACK_PLAN_STANDING ? 3 : m == PACK_PLAN_MILESTONE ? 4
           : m >= PACK_PLAN_UNITS && m <= PACK_PLAN_ACCEPTED ? 5 : m == PACK_PLAN_FIGURE ? 6 : m == PACK_PLAN_GAPS ? 5 : m > PACK_PLAN_FIGURE ? 7 : 0;
}

static void alike_check(struct plan_reader *g, const struct pack_plan_term *t, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (nature(t[i].measure) != nature(t[0].measure)) {
            read_fault(g->r, "adds up \"%s\" and \"%s\", which are not alike", pack_plan_measure_name(t[0].measure),
                       pack_plan_measure_name(t[i].measure));
        }
    }
}

// What is counted, what is entered, and how it is put together must fit each other.
static void indicator_check(struct plan_reader *g, const struct pack_plan_indicator *x)
{
    struct reader *r = g->r;
    bool percent = x->kind == PACK_PLAN_PERCENT, counts = x->n_count + x->n_of > 0;
    if (x->activity.n > 0 ? pack_plan_activity(g->x, x->activity) == NULL : pack_plan_title(g->x->section, g->x->n_sections, x->section) == NULL) {
        read_fault(r, "belongs to no activity and no section of this plan");
    }
    if (pack_plan_indicator(g->x, x->code) != NULL) {
        read_fault(r, "the code \"%.*s\" stands there twice; take another", STR_ARG(x->code));
    }
    if (percent ? x->time == PACK_PLAN_SUM || x->places == PACK_PLAN_SUM : x->time == PACK_PLAN_RATIO || x->places == PACK_PLAN_RATIO) {
        read_fault(r, "percentages are never summed, and only they are a \"ratio\"");
    }
    if (!percent && (x->n_of > 0 || x->part == PACK_PLAN_NUMERATOR || x->part == PACK_PLAN_DENOMINATOR)) {
        read_fault(r, "only a percentage has a numerator and a denominator (\"of\")");
    }
    bool live = percent ? x->n_count > 0 && x->n_of > 0 : x->n_count > 0;
    bool mixed = x->part == PACK_PLAN_NUMERATOR ? x->n_count == 0 && x->n_of > 0 : x->part == PACK_PLAN_DENOMINATOR ? x->n_count > 0 && x->n_of == 0
                 : x->part == PACK_PLAN_REST && live;
    if (x->source == PACK_PLAN_LIVE && (!live || x->part != PACK_PLAN_NOTHING)) {
        read_fault(r, "is live: it needs \"count\" (a percentage \"of\" too) and has no \"entered\"");
    }
    if (x->source == PACK_PLAN_ENTRY && (counts || x->part != PACK_PLAN_WHOLE)) {
        read_fault(r, "is entered as a whole: it needs \"entered\" without a part, and has no \"count\"");
    }
    if (x->source == PACK_PLAN_MIXED && !mixed) {
        read_fault(r, "is mixed: \"entered\" needs a part (numerator, denominator, rest), and the other is counted");
    }
    alike_check(g, x->count, x->n_count);
    alike_check(g, x->of, x->n_of);
    for (size_t i = 0; i < x->n_dimensions; i++) {
        if (pack_plan_title(g->x->dimension, g->x->n_dimensions, x->dimensions[i]) == NULL) {
            read_fault(r, "\"%.*s\" is none of \"dimensions\"", STR_ARG(x->dimensions[i]));
        }
    }
}

static void read_indicator(struct plan_reader *g, const json_t *row, struct pack_plan_indicator *x)
{
    static const int every[] = {1, 3, 12};
    struct reader *r = g->r;
    if (!read_keys(r, row, "code activity section title definition unit evidence kind level over_time over_places direction accumulates every "
                           "about_persons by_county over at_most responsible dimensions source count of entered")) {
        return;
    }
    x->code = read_word(r, row, "code", CODE_MAX, true);
    x->activity = read_word(r, row, "activity", CODE_MAX, false);
    x->section = x->activity.n == 0 ? read_word(r, row, "section", CODE_MAX, true) : STR("");
    x->title = plan_text(g, row, "title", true);
    x->definition = plan_text(g, row, "definition", true);
    x->unit = plan_text(g, row, "unit", true);
    x->evidence = plan_text(g, row, "evidence", true);
    x->kind = (enum pack_plan_kind)read_one(r, row, "kind", kind_at);
    x->outcome = read_one(r, row, "level", level_at) == 1;
    x->time = (enum pack_plan_rule)read_one(r, row, "over_time", rule_at);
    x->places = (enum pack_plan_rule)read_one(r, row, "over_places", rule_at);
    x->direction = (enum pack_plan_direction)read_one(r, row, "direction", direction_at);
    x->every = every[read_one(r, row, "every", every_at)];
    x->accumulates = read_flag(r, row, "accumulates");
    x->about_persons = read_flag(r, row, "about_persons");
    x->by_county = read_flag(r, row, "by_county");
    x->over = read_flag(r, row, "over");
    x->responsible = plan_institutions(g, row, "responsible", true, &x->n_responsible);
    x->dimensions = plan_words(g, row, "dimensions", IS_MAX, &x->n_dimensions);
    x->at_most = plan_words(g, row, "at_most", AT_MOST_MAX, &x->n_at_most);
    x->source = (enum pack_plan_source)read_one(r, row, "source", source_at);
    x->count = read_terms(g, row, "count", &x->n_count);
    x->of = read_terms(g, row, "of", &x->n_of);
    read_entered(g, row, x);
    indicator_check(g, x);
    g->x->n_indicators++;
}

// What refers to other indicators, once all are known. A figure made from figures is made from counted or entered ones.
static void figure_check(struct plan_reader *g, const struct pack_plan_term *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct pack_plan_indicator *of = t[i].measure == PACK_PLAN_FIGURE ? pack_plan_indicator(g->x, t[i].field) : NULL;
        bool plain = of != NULL && of->kind != PACK_PLAN_PERCENT;
        for (size_t k = 0; of != NULL && k < of->n_count; k++) {
            plain &= of->count[k].measure != PACK_PLAN_FIGURE;
        }
        if (t[i].measure == PACK_PLAN_FIGURE && !plain) {
            read_fault(g->r, "is made from \"%.*s\", which is no indicator that is counted or entered, or is a percentage", STR_ARG(t[i].field));
        }
    }
}

void plan_indicators_read(struct plan_reader *g, const json_t *plan)
{
    const json_t *rows = json_object_get(plan, "indicators");
    size_t in = read_into(g->r, ".indicators"), n = read_count(g->r, rows, PACK_PLAN_INDICATORS_MAX);
    struct pack_plan_indicator *x = read_array(g->r, n, sizeof *x);
    g->x->indicator = x;
    for (size_t i = 0; i < n && x != NULL; i++) {
        size_t at = read_into(g->r, "[%zu]", i);
        read_indicator(g, json_array_get(rows, i), &x[g->x->n_indicators]);
        read_back(g->r, at);
    }
    for (size_t i = 0; i < g->x->n_indicators; i++) {
        size_t at = read_into(g->r, "[%zu]", i);
        figure_check(g, x[i].count, x[i].n_count);
        figure_check(g, x[i].of, x[i].n_of);
        for (size_t k = 0; k < x[i].n_at_most; k++) {
            if (pack_plan_indicator(g->x, x[i].at_most[k]) == NULL) {
                read_fault(g->r, "never exceeds \"%.*s\", which is no indicator", STR_ARG(x[i].at_most[k]));
            }
        }
        read_back(g->r, at);
    }
    read_back(g->r, in);
}
