// questions: versioned sets of what is asked of whoever assesses a report.
#include <stdlib.h>
#include <string.h>
#include "pack/inside.h"

#define SETS_MAX 20
#define OPTIONS_MAX 60

static void read_options(struct reader *r, const json_t *row, struct pack_question *q)
{
    const char *list = json_string_value(json_object_get(row, "list"));
    const struct pack_list *from = list != NULL ? pack_list(r->p, list) : NULL;
    const json_t *rows = json_object_get(row, "options");
    if ((list != NULL) == (rows != NULL) || (list != NULL && from == NULL)) {
        read_fault(r, "needs either \"options\" or \"list\", the name of a list of the pack");
        return;
    }
    q->list = from != NULL ? from->name : (struct str){0};
    size_t n = from != NULL ? from->n : read_count(r, rows, OPTIONS_MAX);
    struct pack_option *out = read_array(r, n, sizeof *out);
    struct pack_text *label = read_array(r, n, sizeof *label);
    for (size_t i = 0; i < n && out != NULL && label != NULL; i++) {
        out[i].label = &label[i];
        if (from != NULL) {
            out[i].value = from->at[i].value;
            label[i] = from->at[i].label;
            continue;
        }
        const json_t *one = json_array_get(rows, i);
        size_t at = read_into(r, ".options[%zu]", i);
        if (read_keys(r, one, "value label second")) {
            out[i].value = read_word(r, one, "value", 40, true);
            out[i].second = read_flag(r, one, "second");
            read_label(r, one, "label", true, &label[i]);
            for (size_t k = 0; k < i; k++) {
                if (str_equal(out[k].value, out[i].value)) {
                    read_fault(r, "\"%.*s\" stands there twice; take one out", STR_ARG(out[i].value));
                }
            }
        }
        read_back(r, at);
    }
    q->option = out;
    q->n = out != NULL && label != NULL ? n : 0;
    if (n == 0) {
        read_fault(r, "has no options; a question needs at least one");
    }
}

static void read_question(struct reader *r, const json_t *row, struct pack_question *q, struct pack_text *label)
{
    if (!read_keys(r, row, "id axis label options list needed when")) {
        return;
    }
    static const char *const axes[] = {"risk", "incident", "assessment"};
    bool known = false;
    q->id = read_word(r, row, "id", 40, true);
    q->axis = read_word(r, row, "axis", 20, true);
    q->when = read_word(r, row, "when", 20, false);
    q->needed = read_flag(r, row, "needed");
    q->label = label;
    read_label(r, row, "label", true, label);
    for (size_t i = 0; i < 3; i++) {
        known |= str_equal_z(q->axis, axes[i]);
    }
    if (!known) {
        read_fault(r, "\"axis\" must be risk, incident or assessment");
    }
    if (q->when.n > 0 && !str_equal_z(q->when, "second")) {
        read_fault(r, "\"when\" can be \"second\" only; leave it out where the question is always asked");
    }
    if (str_find(q->id, ':') >= 0) {
        read_fault(r, "\"id\" must not hold a colon");
    }
    read_options(r, row, q);
}

static void read_set(struct reader *r, const json_t *row, struct pack_question_set *s)
{
    if (!read_keys(r, row, "version questions")) {
        return;
    }
    s->version = read_number(r, row, "version", 1, 100000);
    const json_t *rows = json_object_get(row, "questions");
    size_t n = read_count(r, rows, PACK_QUESTIONS_MAX);
    struct pack_question *q = read_array(r, n, sizeof *q);
    struct pack_text *label = read_array(r, n, sizeof *label);
    for (size_t i = 0; i < n && q != NULL && label != NULL; i++) {
        size_t at = read_into(r, ".questions[%zu]", i);
        read_question(r, json_array_get(rows, i), &q[i], &label[i]);
        for (size_t k = 0; k < i; k++) {
            if (str_equal(q[k].id, q[i].id)) {
                read_fault(r, "the id \"%.*s\" stands there twice; take one out", STR_ARG(q[i].id));
            }
        }
        read_back(r, at);
    }
    s->question = q;
    s->n = q != NULL && label != NULL ? n : 0;
    const struct pack_question *verdict = pack_question(s, str_from(PACK_VERDICT));
    bool second = false;
    for (size_t i = 0; verdict != NULL && i < verdict->n; i++) {
        second |= verdict->option[i].second;
    }
    if (verdict == NULL || !verdict->needed || verdict->when.n > 0 || !second) {
        read_fault(r, "needs a question \"" PACK_VERDICT "\" that is \"needed\", with an option that has \"second\": true");
    }
}

void read_questions(struct reader *r)
{
    struct pack *p = r->p;
    if (json_object_get(r->all, "question_sets") == NULL) {
        return; // a desk that assesses without questions
    }
    const json_t *rows = read_section(r, "question_sets", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, SETS_MAX) : 0;
    p->set = read_array(r, n, sizeof *p->set);
    for (size_t i = 0; i < n && p->set != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_set(r, json_array_get(rows, i), &p->set[i]);
        if (i > 0 && p->set[i].version <= p->set[i - 1].version) {
            read_fault(r, "the version must be higher than that of the set before it");
        }
        p->n_sets++;
        read_back(r, at);
    }
}

const struct pack_question_set *pack_question_set(const struct pack *p, int64_t version)
{
    for (size_t i = p->n_sets; i-- > 0;) {
        if (version == 0 || p->set[i].version == version) {
            return &p->set[i];
        }
    }
    return NULL;
}

const struct pack_question *pack_question(const struct pack_question_set *s, struct str id)
{
    for (size_t i = 0; i < s->n; i++) {
        if (str_equal(s->question[i].id, id)) {
            return &s->question[i];
        }
    }
    return NULL;
}

const struct pack_option *pack_option(const struct pack_question *q, struct str value)
{
    for (size_t i = 0; i < q->n; i++) {
        if (str_equal(q->option[i].value, value)) {
            return &q->option[i];
        }
    }
    return NULL;
}

struct str pack_words(const struct pack *p, const struct pack_text *t, const struct lang *l)
{
    return t != NULL ? pack_text_in(p, t, l) : (struct str){"", 0};
}
