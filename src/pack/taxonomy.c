// taxonomy: categories, the portal's plain choices, and how urgent each is.
#include <string.h>
#include "pack/inside.h"

#define CATEGORIES_MAX 100
#define CHOICES_MAX 40
#define CODES_MAX 8 // of one choice

static bool code_fine(struct str code)
{
    for (size_t i = 0; i < code.n; i++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", code.at[i]) == NULL) {
            return false;
        }
    }
    return code.n > 0;
}

static void read_category(struct reader *r, const json_t *row, struct pack_list *labels)
{
    struct pack *p = r->p;
    if (!read_keys(r, row, "code label urgency choice option sexual child_page")) {
        return;
    }
    struct pack_category c = {.code = read_word(r, row, "code", 16, true), .choice = read_word(r, row, "choice", 40, false),
                              .urgency = read_number(r, row, "urgency", 1, 4), .sexual = read_flag(r, row, "sexual"),
                              .child_page = read_flag(r, row, "child_page")};
    struct pack_entry entry = {.value = c.code};
    read_label(r, row, "label", true, &entry.label);
    if (!code_fine(c.code)) {
        read_fault(r, "the code may have capitals, digits and - only");
    }
    if (pack_entry(labels, c.code) != NULL) {
        read_fault(r, "the code \"%.*s\" stands there twice; take one out", STR_ARG(c.code));
    }
    read_label(r, row, "option", false, &p->option[p->n_categories]);
    p->category[p->n_categories++] = c;
    labels->at[labels->n++] = entry;
}

static void read_categories(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = read_section(r, "categories", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, CATEGORIES_MAX) : 0;
    struct pack_list *labels = read_new_list(r, "category", n);
    p->category = read_array(r, n, sizeof *p->category);
    p->option = read_array(r, n, sizeof *p->option);
    for (size_t i = 0; i < n && labels != NULL && p->category != NULL && p->option != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_category(r, json_array_get(rows, i), labels);
        read_back(r, at);
    }
    if (rows != NULL && p->n_categories == 0) {
        read_fault(r, "is empty; a report needs a category");
    }
}

// The codes of one choice: each known, most urgent first, and each saying that it belongs here.
static void read_codes(struct reader *r, const json_t *codes, struct pack_choice *c, struct str *into)
{
    struct pack *p = r->p;
    size_t n = read_count(r, codes, CODES_MAX);
    int64_t before = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = read_into(r, "[%zu]", i);
        struct str code = read_item(r, json_array_get(codes, i), 16);
        const struct pack_category *category = pack_category(p, code);
        if (category == NULL) {
            read_fault(r, "\"%.*s\" is not one of \"categories\"; mend the code", STR_ARG(code));
        } else {
            if (category->urgency < before) {
                read_fault(r, "\"%.*s\" is more urgent than the code before it; put the most urgent first", STR_ARG(code));
            }
            before = category->urgency;
            if (!str_equal(category->choice, c->id)) {
                read_fault(r, "the category \"%.*s\" does not name this choice; write \"choice\": \"%.*s\" there", STR_ARG(code),
                           STR_ARG(c->id));
            }
            if (n > 1 && p->option[category - p->category].in[0].n == 0) {
                read_fault(r, "the category \"%.*s\" needs an \"option\", because this choice asks one more question", STR_ARG(code));
            }
        }
        into[c->n++] = code;
        read_back(r, at);
    }
    c->codes = into;
    if (c->n == 0) {
        read_fault(r, "needs at least one code of a category");
    }
}

static void read_choice(struct reader *r, const json_t *row, struct pack_list *labels)
{
    struct pack *p = r->p;
    if (!read_keys(r, row, "id codes label question")) {
        return;
    }
    struct pack_choice c = {.id = read_word(r, row, "id", 40, true)};
    struct pack_entry entry = {.value = c.id};
    read_label(r, row, "label", true, &entry.label);
    if (pack_entry(labels, c.id) != NULL) {
        read_fault(r, "the id \"%.*s\" stands there twice; take one out", STR_ARG(c.id));
    }
    const json_t *codes = json_object_get(row, "codes");
    bool asks = read_label(r, row, "question", false, &p->question[p->n_choices]);
    if (asks != (json_array_size(codes) > 1)) {
        read_fault(r, "a choice with several codes needs a \"question\", one with a single code has none");
    }
    struct str *into = read_array(r, CODES_MAX, sizeof *into);
    if (into == NULL) {
        return;
    }
    size_t at = read_into(r, ".codes");
    read_codes(r, codes, &c, into);
    read_back(r, at);
    p->choice[p->n_choices++] = c;
    labels->at[labels->n++] = entry;
}

static void read_choices(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = read_section(r, "choices", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, CHOICES_MAX) : 0;
    struct pack_list *labels = read_new_list(r, "choice", n);
    p->choice = read_array(r, n, sizeof *p->choice);
    p->question = read_array(r, n, sizeof *p->question);
    for (size_t i = 0; i < n && labels != NULL && p->choice != NULL && p->question != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_choice(r, json_array_get(rows, i), labels);
        read_back(r, at);
    }
    for (size_t i = 0; i < p->n_categories; i++) {
        struct pack_category *c = &p->category[i];
        const struct pack_choice *choice = c->choice.n > 0 ? pack_choice(p, c->choice) : NULL;
        bool listed = c->choice.n == 0;
        for (size_t k = 0; choice != NULL && k < choice->n; k++) {
            listed |= str_equal(choice->codes[k], c->code);
        }
        if (!listed) {
            read_fault(r, "the category \"%.*s\" names the choice \"%.*s\", which does not list it; add it there", STR_ARG(c->code),
                       STR_ARG(c->choice));
        }
    }
}

void read_taxonomy(struct reader *r)
{
    struct pack *p = r->p;
    read_categories(r);
    read_choices(r);
    const json_t *rules = read_section(r, "urgency_rules", JSON_OBJECT);
    if (rules == NULL || !read_keys(r, rules, "in_danger young")) {
        return;
    }
    p->danger_urgency = read_number(r, rules, "in_danger", 1, 4);
    const json_t *young = json_object_get(rules, "young");
    read_into(r, ".young");
    if (read_keys(r, young, "reporter age_band urgency")) {
        p->young_urgency = read_number(r, young, "urgency", 1, 4);
        p->young_reporter = read_word(r, young, "reporter", PACK_NAME_MAX, true);
        p->young_band = read_word(r, young, "age_band", PACK_NAME_MAX, true);
        if (!pack_has(p, "reporter", p->young_reporter) || !pack_has(p, "age_band", p->young_band)) {
            read_fault(r, "names a reporter or an age band that the lists do not have; write values of \"reporter\" and \"age_band\"");
        }
    }
}
