#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "pack/inside.h"

struct str pack_timezone(const struct pack *p)
{
    return p->timezone;
}

struct str pack_language_at(const struct pack *p, size_t i)
{
    return i < p->n_languages ? p->language[i] : (struct str){0};
}

// ── lists ──

const struct pack_list *pack_list(const struct pack *p, const char *name)
{
    for (size_t i = 0; i < p->n_lists; i++) {
        if (str_equal_z(p->list[i].name, name)) {
            return &p->list[i];
        }
    }
    return NULL;
}

const struct pack_entry *pack_entry(const struct pack_list *l, struct str value)
{
    for (size_t i = 0; l != NULL && i < l->n; i++) {
        if (str_equal(l->at[i].value, value)) {
            return &l->at[i];
        }
    }
    return NULL;
}

struct str pack_text_in(const struct pack *p, const struct pack_text *t, const struct lang *l)
{
    const char *code = l != NULL ? text_code(l) : "";
    for (size_t i = 0; i < p->n_languages; i++) {
        if (str_equal_z(p->language[i], code)) {
            return t->in[i];
        }
    }
    return t->in[0];
}

bool pack_has(const struct pack *p, const char *list, struct str value)
{
    return pack_entry(pack_list(p, list), value) != NULL;
}

struct str pack_list_at(const struct pack *p, const char *list, size_t i)
{
    const struct pack_list *l = pack_list(p, list);
    return l != NULL && i < l->n ? l->at[i].value : (struct str){0};
}

struct str pack_label(const struct pack *p, const char *list, struct str value, const struct lang *l)
{
    const struct pack_entry *entry = pack_entry(pack_list(p, list), value);
    return entry != NULL ? pack_text_in(p, &entry->label, l) : value;
}

// ── taxonomy ──

const struct pack_category *pack_category(const struct pack *p, struct str code)
{
    for (size_t i = 0; i < p->n_categories; i++) {
        if (str_equal(p->category[i].code, code)) {
            return &p->category[i];
        }
    }
    return NULL;
}

struct str pack_category_label(const struct pack *p, struct str code, const struct lang *l)
{
    return pack_label(p, "category", code, l);
}

struct str pack_category_option(const struct pack *p, struct str code, const struct lang *l)
{
    const struct pack_category *c = pack_category(p, code);
    if (c != NULL && p->option[c - p->category].in[0].n > 0) {
        return pack_text_in(p, &p->option[c - p->category], l);
    }
    return pack_category_label(p, code, l);
}

int64_t pack_urgency(const struct pack *p, const struct pack_category *c, struct str reporter, struct str age_band, bool in_danger)
{
    int64_t urgency = c->urgency;
    if (in_danger && p->danger_urgency < urgency) {
        urgency = p->danger_urgency;
    }
    if (str_equal(reporter, p->young_reporter) && str_equal(age_band, p->young_band) && p->young_urgency < urgency) {
        urgency = p->young_urgency;
    }
    return urgency;
}

const struct pack_choice *pack_choice_at(const struct pack *p, size_t i)
{
    return i < p->n_choices ? &p->choice[i] : NULL;
}

const struct pack_choice *pack_choice(const struct pack *p, struct str id)
{
    for (size_t i = 0; i < p->n_choices; i++) {
        if (str_equal(p->choice[i].id, id)) {
            return &p->choice[i];
        }
    }
    return NULL;
}

struct str pack_choice_label(const struct pack *p, struct str id, const struct lang *l)
{
    return pack_label(p, "choice", id, l);
}

struct str pack_choice_question(const struct pack *p, struct str id, const struct lang *l)
{
    const struct pack_choice *c = pack_choice(p, id);
    return c != NULL ? pack_text_in(p, &p->question[c - p->choice], l) : (struct str){0};
}

// ── places ──

static const struct pack_county *county_find(const struct pack *p, struct str name)
{
    for (size_t i = 0; i < p->n_counties; i++) {
        if (str_equal(p->county[i].name, name)) {
            return &p->county[i];
        }
    }
    return NULL;
}

struct str pack_municipality_at(const struct pack *p, struct str county, size_t i)
{
    const struct pack_county *c = county_find(p, county);
    return c != NULL && i < c->n ? c->municipality[i] : (struct str){0};
}

bool pack_municipality_in(const struct pack *p, struct str county, struct str municipality)
{
    const struct pack_county *c = county_find(p, county);
    for (size_t i = 0; c != NULL && i < c->n; i++) {
        if (str_equal(c->municipality[i], municipality)) {
            return true;
        }
    }
    return false;
}

bool pack_county_tile(const struct pack *p, struct str county, int *row, int *column)
{
    const struct pack_county *c = county_find(p, county);
    if (c == NULL) {
        return false;
    }
    *row = c->row;
    *column = c->column;
    return true;
}

// ── hosts ──

static int compare_host(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool host_in(const struct str *hosts, size_t n, struct str host)
{
    return n > 0 && bsearch(&host, hosts, n, sizeof host, compare_host) != NULL;
}

bool pack_host_shared(const struct pack *p, struct str host)
{
    struct str bare = str_starts(host, "www.") ? str_slice(host, 4, host.n) : host;
    if (host_in(p->parent, p->n_parents, bare)) {
        return true;
    }
    for (struct str rest = host; rest.n > 0; str_cut(&rest, '.')) {
        if (host_in(p->host, p->n_hosts, rest)) {
            return true;
        }
    }
    return false;
}

// ── numbers, clocks, institutions ──

bool pack_number_at(const struct pack *p, size_t i, const struct lang *l, struct pack_number *out)
{
    if (i >= p->n_numbers) {
        return false;
    }
    const struct pack_phone *n = &p->number[i];
    *out = (struct pack_number){.id = n->id, .number = n->number, .label = pack_text_in(p, &n->label, l),
                                .when = pack_text_in(p, &n->when, l), .free = n->free, .verified_on = n->verified_on};
    return true;
}

struct str pack_exit(const struct pack *p, const struct lang *l) { return pack_text_in(p, &p->exit, l); }

int64_t pack_small_number(const struct pack *p)
{
    return p->small_number;
}

int64_t pack_seconds(const struct pack *p, enum pack_clock c)
{
    assert(c < PACK_CLOCKS);
    return p->clock[c];
}

const struct pack_institution *pack_institution_at(const struct pack *p, size_t i)
{
    return i < p->n_institutions ? &p->institution[i] : NULL;
}

const struct pack_institution *pack_institution(const struct pack *p, struct str code)
{
    for (size_t i = 0; i < p->n_institutions; i++) {
        if (str_equal(p->institution[i].code, code)) {
            return &p->institution[i];
        }
    }
    return NULL;
}

struct str pack_desk_institution(const struct pack *p)
{
    return p->duty_institution;
}

struct str pack_desk_room(const struct pack *p)
{
    return p->duty_room;
}

struct str pack_role_institution(const struct pack *p, struct str role)
{
    for (size_t i = 0; i < p->n_samples; i++) {
        if (str_equal(p->sample[i].role, role)) {
            return p->sample[i].institution;
        }
    }
    return (struct str){0};
}

struct str pack_code(const struct pack *p)
{
    return p->code;
}
