// The plan: the section "plan" of the pack, and the same object as a version of the store. Missing: the country has none.
#include <stdlib.h>
#include "pack/plan_read.h"

#define TITLES_MAX 40
#define CODE_MAX 30
#define WORDS_MAX 40

const struct str *plan_words(struct plan_reader *g, const json_t *object, const char *key, size_t most, size_t *n)
{
    const json_t *list = json_object_get(object, key);
    *n = 0;
    if (list == NULL) {
        return NULL;
    }
    size_t at = read_into(g->r, ".%s", key), count = read_count(g->r, list, most);
    struct str *out = read_array(g->r, count, sizeof *out);
    for (size_t i = 0; i < count && out != NULL; i++) {
        struct str s = read_item(g->r, json_array_get(list, i), PACK_NAME_MAX);
        for (size_t k = 0; k < *n; k++) {
            if (str_equal(out[k], s)) {
                read_fault(g->r, "\"%.*s\" stands there twice; take one out", STR_ARG(s));
            }
        }
        out[(*n)++] = s;
    }
    read_back(g->r, at);
    return out;
}

const struct str *plan_institutions(struct plan_reader *g, const json_t *object, const char *key, bool needed, size_t *n)
{
    const struct str *out = plan_words(g, object, key, WORDS_MAX, n);
    size_t at = read_into(g->r, ".%s", key);
    if (needed && *n == 0) {
        read_fault(g->r, "names no institution; name at least one");
    }
    for (size_t i = 0; i < *n && !g->stored; i++) {
        if (pack_institution(g->r->p, out[i]) == NULL) {
            read_fault(g->r, "\"%.*s\" is not one of \"institutions\"", STR_ARG(out[i]));
        }
    }
    read_back(g->r, at);
    return out;
}

const struct pack_text *plan_text(struct plan_reader *g, const json_t *object, const char *key, bool needed)
{
    struct pack_text *t = read_array(g->r, 1, sizeof *t);
    return t != NULL && read_label(g->r, object, key, needed, t) ? t : NULL;
}

static const int *read_years(struct plan_reader *g, const json_t *object, size_t *n)
{
    const json_t *list = json_object_get(object, "years");
    size_t at = read_into(g->r, ".years"), count = read_count(g->r, list, PACK_PLAN_YEARS_MAX);
    int *out = read_array(g->r, count, sizeof *out);
    *n = 0;
    for (size_t i = 0; i < count && out != NULL; i++) {
        const json_t *v = json_array_get(list, i);
        json_int_t year = json_integer_value(v);
        if (!json_is_integer(v) || year < 2000 || year > 2199 || (*n > 0 && year <= out[*n - 1])) {
            read_fault(g->r, "must be years from 2000 to 2199, rising");
            break;
        }
        out[(*n)++] = (int)year;
    }
    if (count == 0) {
        read_fault(g->r, "names no year; name at least one");
    }
    read_back(g->r, at);
    return out;
}

static const struct pack_plan_title *read_titles(struct plan_reader *g, const json_t *plan, const char *key, bool needed, size_t *n)
{
    const json_t *list = json_object_get(plan, key);
    *n = 0;
    if (list == NULL && !needed) {
        return NULL;
    }
    size_t in = read_into(g->r, ".%s", key), count = read_count(g->r, list, TITLES_MAX);
    struct pack_plan_title *out = read_array(g->r, count, sizeof *out);
    for (size_t i = 0; i < count && out != NULL; i++) {
        const json_t *row = json_array_get(list, i);
        size_t at = read_into(g->r, "[%zu]", i);
        if (read_keys(g->r, row, "code title")) {
            struct pack_plan_title t = {read_word(g->r, row, "code", CODE_MAX, true), plan_text(g, row, "title", true)};
            if (pack_plan_title(out, *n, t.code) != NULL) {
                read_fault(g->r, "the code \"%.*s\" stands there twice; take another", STR_ARG(t.code));
            }
            out[(*n)++] = t;
        }
        read_back(g->r, at);
    }
    read_back(g->r, in);
    return out;
}

static void read_activity(struct plan_reader *g, const json_t *row, struct pack_plan_activity *a)
{
    struct reader *r = g->r;
    if (!read_keys(r, row, "code objective title responsible partners years strategies weight")) {
        return;
    }
    a->code = read_word(r, row, "code", CODE_MAX, true);
    a->objective = read_word(r, row, "objective", CODE_MAX, true);
    a->title = plan_text(g, row, "title", true);
    a->responsible = plan_institutions(g, row, "responsible", true, &a->n_responsible);
    a->partners = plan_institutions(g, row, "partners", false, &a->n_partners);
    a->years = read_years(g, row, &a->n_years);
    a->strategies = plan_words(g, row, "strategies", TITLES_MAX, &a->n_strategies);
    a->weight = json_object_get(row, "weight") != NULL ? read_number(r, row, "weight", 1, 1000) : 1;
    if (a->objective.n > 0 && pack_plan_title(g->x->objective, g->x->n_objectives, a->objective) == NULL) {
        read_fault(r, "the objective \"%.*s\" is none of \"objectives\"", STR_ARG(a->objective));
    }
    if (pack_plan_activity(g->x, a->code) != NULL) {
        read_fault(r, "the code \"%.*s\" stands there twice; take another", STR_ARG(a->code));
    }
    for (size_t i = 0; i < a->n_years; i++) {
        if (!pack_plan_year(g->x, a->years[i])) {
            read_fault(r, "%d is no year of the plan", a->years[i]);
        }
    }
    for (size_t i = 0; i < a->n_strategies; i++) {
        if (pack_plan_title(g->x->strategy, g->x->n_strategies, a->strategies[i]) == NULL) {
            read_fault(r, "\"%.*s\" is none of \"strategies\"", STR_ARG(a->strategies[i]));
        }
    }
    g->x->n_activities++;
}

static void read_activities(struct plan_reader *g, const json_t *plan)
{
    const json_t *rows = json_object_get(plan, "activities");
    size_t in = read_into(g->r, ".activities"), n = read_count(g->r, rows, PACK_PLAN_ACTIVITIES_MAX);
    struct pack_plan_activity *a = read_array(g->r, n, sizeof *a);
    g->x->activity = a;
    for (size_t i = 0; i < n && a != NULL; i++) {
        size_t at = read_into(g->r, "[%zu]", i);
        read_activity(g, json_array_get(rows, i), &a[g->x->n_activities]);
        read_back(g->r, at);
    }
    read_back(g->r, in);
}

// Who drafts and who approves the annual report, and to whom it is presented.
static void read_report(struct plan_reader *g, const json_t *plan)
{
    const json_t *report = json_object_get(plan, "report");
    if (report == NULL) {
        return;
    }
    size_t in = read_into(g->r, ".report");
    if (read_keys(g->r, report, "draft approve present")) {
        g->x->draft_by = plan_institutions(g, report, "draft", true, &g->x->n_draft_by);
        g->x->approve_by = plan_institutions(g, report, "approve", true, &g->x->n_approve_by);
        g->x->present_to = read_titles(g, report, "present", false, &g->x->n_present_to);
    }
    read_back(g->r, in);
}

static void read_signatures(struct plan_reader *g, const json_t *plan)
{
    const json_t *rows = json_object_get(plan, "signed_by");
    if (rows == NULL) {
        return;
    }
    size_t in = read_into(g->r, ".signed_by"), n = read_count(g->r, rows, TITLES_MAX);
    struct pack_plan_signature *s = read_array(g->r, n, sizeof *s);
    g->x->signature = s;
    for (size_t i = 0; i < n && s != NULL; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(g->r, "[%zu]", i);
        if (read_keys(g->r, row, "institution person")) {
            s[g->x->n_signatures++] = (struct pack_plan_signature){read_word(g->r, row, "institution", CODE_MAX, true),
                                                                   read_word(g->r, row, "person", PACK_NAME_MAX, true)};
        }
        read_back(g->r, at);
    }
    read_back(g->r, in);
}

// The reader stands at the plan's place.
static const struct pack_plan *read_whole(struct reader *r, const json_t *plan, bool stored)
{
    struct pack_plan *x = read_array(r, 1, sizeof *x);
    struct plan_reader g = {r, x, stored};
    if (x == NULL ||
        !read_keys(r, plan,
                   "code title years currency agreement signed_by report goals strategies objectives sections dimensions activities indicators")) {
        return NULL;
    }
    x->code = read_word(r, plan, "code", CODE_MAX, true);
    x->title = plan_text(&g, plan, "title", true);
    x->currency = plan_text(&g, plan, "currency", true);
    x->agreement = plan_text(&g, plan, "agreement", false);
    x->years = read_years(&g, plan, &x->n_years);
    if (x->n_years > 0 && x->years[x->n_years - 1] - x->years[0] != (int)x->n_years - 1) {
        read_fault(r, "the years of a plan have no gap; add the missing ones");
    }
    read_report(&g, plan);
    x->goal = read_titles(&g, plan, "goals", false, &x->n_goals);
    x->strategy = read_titles(&g, plan, "strategies", false, &x->n_strategies);
    x->objective = read_titles(&g, plan, "objectives", true, &x->n_objectives);
    x->section = read_titles(&g, plan, "sections", false, &x->n_sections);
    x->dimension = read_titles(&g, plan, "dimensions", false, &x->n_dimensions);
    read_signatures(&g, plan);
    read_activities(&g, plan);
    plan_indicators_read(&g, plan);
    return x;
}

void read_plan(struct reader *r)
{
    if (json_object_get(r->all, "plan") == NULL) {
        return;
    }
    const json_t *plan = read_section(r, "plan", JSON_OBJECT);
    if (plan == NULL) {
        return;
    }
    r->p->plan = read_whole(r, plan, false);
    char *text = json_dumps(plan, JSON_COMPACT);
    r->p->plan_text = arena_str(r->p->arena, str_from(text));
    r->no_memory |= text == NULL;
    if (r->p->plan_text.n > PACK_PLAN_BYTES_MAX) {
        read_fault(r, "is longer than %d bytes; shorten it", PACK_PLAN_BYTES_MAX);
    }
    free(text);
}

enum err pack_plan_read(const struct pack *p, struct arena *a, struct str json, const struct pack_plan **out, struct buf *why)
{
    struct pack at = *p; // the reader puts what it reads into its pack's arena
    at.arena = a;
    struct reader r = {.p = &at, .file = "plan", .why = why};
    json_error_t error;
    json_t *root = json.n <= PACK_PLAN_BYTES_MAX ? json_loadb(json.n > 0 ? json.at : "", json.n, JSON_REJECT_DUPLICATES, &error) : NULL;
    const struct pack_plan *x = NULL;
    if (json.n > PACK_PLAN_BYTES_MAX) {
        read_fault(&r, "is longer than %d bytes; shorten it", PACK_PLAN_BYTES_MAX);
    } else if (root == NULL) {
        read_fault(&r, "line %d, column %d: %s; mend the JSON there", error.line, error.column, error.text);
    } else {
        x = read_whole(&r, root, true);
    }
    json_decref(root);
    if (r.no_memory || arena_failed(a)) {
        return ERR_MEMORY;
    }
    if (r.faults > 0 || x == NULL) {
        return ERR_INVALID;
    }
    *out = x;
    return OK;
}
