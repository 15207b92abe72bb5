// steps: which steps of a case its reporter is told, beside the states of the report. A country that says nothing tells none:
// whoever watches a reporter over the shoulder reads them too.
#include "pack/inside.h"

// Each has sentences in the catalogues (report/steps.c); a pack chooses among them and cannot add one.
static const char *const known[] = {"considered", "planned", "help_asked", "help_begun", "help_done", "handed_over", "removal_asked",
                                    "removed", "came_back", "deciding", "decided", "reopened"};
#define KNOWN (sizeof known / sizeof *known)

static void read_step(struct reader *r, const json_t *row, bool seen[KNOWN])
{
    struct pack *p = r->p;
    struct str code = read_word(r, row, "value", PACK_NAME_MAX, true);
    bool shown = read_flag(r, row, "shown");
    size_t i = 0;
    while (i < KNOWN && !str_equal_z(code, known[i])) {
        i++;
    }
    if (i == KNOWN) {
        read_fault(r, "\"%.*s\" is no step that there are sentences for; country/README.md lists them", STR_ARG(code));
    } else if (seen[i]) {
        read_fault(r, "\"%.*s\" stands there twice; take one out", STR_ARG(code));
    } else {
        seen[i] = true;
        if (shown) {
            p->step[p->n_steps++] = code;
        }
    }
}

void read_steps(struct reader *r)
{
    bool seen[KNOWN] = {false};
    if (json_object_get(r->all, "reporter_step") == NULL) {
        return;
    }
    const json_t *rows = read_section(r, "reporter_step", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, 2 * KNOWN) : 0;
    r->p->step = read_array(r, n, sizeof *r->p->step);
    for (size_t i = 0; i < n && r->p->step != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, json_array_get(rows, i), "value shown")) {
            read_step(r, json_array_get(rows, i), seen);
        }
        read_back(r, at);
    }
}

struct str pack_reporter_step_at(const struct pack *p, size_t i)
{
    return i < p->n_steps ? p->step[i] : (struct str){0};
}

bool pack_reporter_step(const struct pack *p, struct str code)
{
    for (size_t i = 0; i < p->n_steps; i++) {
        if (str_equal(p->step[i], code)) {
            return true;
        }
    }
    return false;
}
