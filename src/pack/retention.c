// How long things are kept: the section "retention". Without it nothing is anonymised or deleted by itself.
#include <string.h>
#include "pack/inside.h"

#define RULES_MAX 200
#define DAYS_MAX 36500

// What a report or case can have ended as. The rooms' own tables say the same (tests/unit/pack/test_retention.c).
static const struct { bool is_case; const char *state; } ends[] = {
    {false, "closed"}, {false, "duplicate"}, {false, "spam"}, {false, "withdrawn"}, {true, "closed"},
};
#define ENDS (sizeof ends / sizeof *ends)

static bool end_known(bool is_case, struct str state)
{
    for (size_t i = 0; i < ENDS; i++) {
        if (ends[i].is_case == is_case && str_equal_z(state, ends[i].state)) {
            return true;
        }
    }
    return false;
}

static const struct pack_retention *exact(const struct pack *p, bool is_case, struct str state, struct str category)
{
    for (size_t i = 0; i < p->n_retention; i++) {
        const struct pack_retention *x = &p->retention[i];
        if (x->is_case == is_case && str_equal(x->state, state) && str_equal(x->category, category)) {
            return x;
        }
    }
    return NULL;
}

static void read_rule(struct reader *r, const json_t *row)
{
    struct pack *p = r->p;
    struct str of = read_word(r, row, "of", PACK_NAME_MAX, true);
    struct pack_retention x = {.is_case = str_equal_z(of, "case"), .state = read_word(r, row, "state", PACK_NAME_MAX, true),
                               .category = read_word(r, row, "category", PACK_NAME_MAX, true),
                               .anonymise = read_number(r, row, "anonymise", 1, DAYS_MAX), .remove = read_number(r, row, "delete", 1, DAYS_MAX)};
    if (of.n > 0 && !x.is_case && !str_equal_z(of, "report")) {
        read_fault(r, "\"of\" is \"%.*s\"; write \"report\" or \"case\"", STR_ARG(of));
    } else if (x.state.n > 0 && !end_known(x.is_case, x.state)) {
        read_fault(r, "a %s that is \"%.*s\" has not ended; write \"closed\"%s", x.is_case ? "case" : "report", STR_ARG(x.state),
                   x.is_case ? "" : ", \"duplicate\", \"spam\" or \"withdrawn\"");
    }
    if (x.category.n > 0 && !str_equal_z(x.category, "*") && pack_category(p, x.category) == NULL) {
        read_fault(r, "the category \"%.*s\" is not one of \"categories\"; add it there, or write \"*\" for all", STR_ARG(x.category));
    }
    if (x.anonymise > 0 && x.remove > 0 && x.remove <= x.anonymise) {
        read_fault(r, "is deleted after %lld days and anonymised only after %lld; \"delete\" must be the later of the two",
                   (long long)x.remove, (long long)x.anonymise);
    }
    if (exact(p, x.is_case, x.state, x.category) != NULL) {
        read_fault(r, "is there twice for one state and category; take one out");
    }
    p->retention[p->n_retention++] = x;
}

void read_retention(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = json_object_get(r->all, "retention") != NULL ? read_section(r, "retention", JSON_ARRAY) : NULL;
    if (rows == NULL) {
        return;
    }
    size_t n = read_count(r, rows, RULES_MAX);
    p->retention = read_array(r, n, sizeof *p->retention);
    for (size_t i = 0; i < n && p->retention != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, json_array_get(rows, i), "of state category anonymise delete")) {
            read_rule(r, json_array_get(rows, i));
        }
        read_back(r, at);
    }
    for (size_t i = 0; i < ENDS && p->retention != NULL; i++) {
        if (exact(p, ends[i].is_case, str_from(ends[i].state), STR("*")) == NULL) {
            read_fault(r, "has no rule for a %s that is \"%s\", category \"*\"; it would be kept for ever: add one",
                       ends[i].is_case ? "case" : "report", ends[i].state);
        }
    }
}

const struct pack_retention *pack_retention(const struct pack *p, bool is_case, struct str state, struct str category)
{
    const struct pack_retention *x = exact(p, is_case, state, category);
    return x != NULL ? x : exact(p, is_case, state, STR("*"));
}

int64_t pack_retention_first(const struct pack *p)
{
    int64_t first = 0;
    for (size_t i = 0; i < p->n_retention; i++) {
        if (first == 0 || p->retention[i].anonymise < first) {
            first = p->retention[i].anonymise;
        }
    }
    return first;
}

const struct pack_retention *pack_retention_at(const struct pack *p, size_t i)
{
    return i < p->n_retention ? &p->retention[i] : NULL;
}
