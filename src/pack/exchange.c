// exchange: what the country says of the exchange between institutions. Both sections may be missing: then nothing is the
// minimum of a referral, so that each field needs its reason, and no protocol can come into force.
#include <stdlib.h>
#include "pack/inside.h"

#define TEMPLATES_MAX 200
#define PROTOCOLS_MAX 50
#define POINTS_MAX 60                   // of one protocol's text
#define POINT_MAX 2000                  // characters

static const json_t *section(struct reader *r, const char *key)
{
    return json_object_get(r->all, key) != NULL ? read_section(r, key, JSON_ARRAY) : NULL;
}

// ── referral_templates ──

static void read_fields(struct reader *r, const json_t *rows, struct pack_template *t)
{
    size_t n = read_count(r, rows, PACK_ENTRIES_MAX);
    struct str *fields = read_array(r, n, sizeof *fields);
    for (size_t i = 0; i < n && fields != NULL; i++) {
        struct str name = read_item(r, json_array_get(rows, i), PACK_NAME_MAX);
        for (size_t k = 0; k < t->n; k++) {
            if (str_equal(fields[k], name)) {
                read_fault(r, "names \"%.*s\" twice; take one out", STR_ARG(name));
            }
        }
        if (name.n > 0 && !pack_has(r->p, "referral_field", name)) {
            read_fault(r, "\"%.*s\" is not in the list \"referral_field\"; add it there", STR_ARG(name));
        }
        fields[t->n++] = name;
    }
    t->fields = fields;
}

static void read_template(struct reader *r, const json_t *row)
{
    struct pack *p = r->p;
    struct pack_template t = {.purpose = read_word(r, row, "purpose", PACK_NAME_MAX, true), .type = read_word(r, row, "type", PACK_NAME_MAX, true)};
    if (t.purpose.n > 0 && !pack_has(p, "referral_purpose", t.purpose)) {
        read_fault(r, "the purpose \"%.*s\" is not in the list \"referral_purpose\"; add it there", STR_ARG(t.purpose));
    }
    if (t.type.n > 0 && !str_equal_z(t.type, "*") && !pack_has(p, "institution_type", t.type)) {
        read_fault(r, "the type \"%.*s\" is not one of \"institution_types\"; add it there, or write \"*\" for all", STR_ARG(t.type));
    }
    for (size_t k = 0; k < p->n_templates; k++) {
        if (str_equal(p->template[k].purpose, t.purpose) && str_equal(p->template[k].type, t.type)) {
            read_fault(r, "is there twice for one purpose and type; take one out");
        }
    }
    size_t at = read_into(r, ".fields");
    read_fields(r, json_object_get(row, "fields"), &t);
    read_back(r, at);
    p->template[p->n_templates++] = t;
}

// ── protocols ──

static void read_points(struct reader *r, const json_t *rows, struct pack_protocol_row *v)
{
    size_t n = read_count(r, rows, POINTS_MAX);
    struct pack_text *points = read_array(r, n, sizeof *points);
    for (size_t i = 0; i < n && points != NULL; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        for (size_t l = 0; l < r->p->n_languages; l++) {
            points[i].in[l] = read_word(r, row, r->p->language[l].at, POINT_MAX, true);
        }
        read_back(r, at);
    }
    if (n == 0) {
        read_fault(r, "is empty; a protocol has a text");
    }
    v->points = points;
    v->n = points != NULL ? n : 0;
}

static void read_protocol(struct reader *r, const json_t *row)
{
    struct pack *p = r->p;
    struct pack_protocol_row v = {.version = read_number(r, row, "version", 1, UINT32_MAX)};
    if (p->n_protocols > 0 && v.version <= p->protocol[p->n_protocols - 1].version) {
        read_fault(r, "the versions must rise; a text that was accepted is never changed, a new version is added below");
    }
    read_label(r, row, "title", true, &v.title);
    size_t at = read_into(r, ".points");
    read_points(r, json_object_get(row, "points"), &v);
    read_back(r, at);
    p->protocol[p->n_protocols++] = v;
}

void read_exchange(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = section(r, "referral_templates");
    size_t n = rows != NULL ? read_count(r, rows, TEMPLATES_MAX) : 0;
    p->template = read_array(r, n, sizeof *p->template);
    for (size_t i = 0; i < n && p->template != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, json_array_get(rows, i), "purpose type fields")) {
            read_template(r, json_array_get(rows, i));
        }
        read_back(r, at);
    }
    rows = section(r, "protocols");
    n = rows != NULL ? read_count(r, rows, PROTOCOLS_MAX) : 0;
    p->protocol = read_array(r, n, sizeof *p->protocol);
    for (size_t i = 0; i < n && p->protocol != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, json_array_get(rows, i), "version title points")) {
            read_protocol(r, json_array_get(rows, i));
        }
        read_back(r, at);
    }
}

// ── answers ──

const struct pack_template *pack_template(const struct pack *p, struct str purpose, struct str type)
{
    const struct pack_template *any = NULL;
    for (size_t i = 0; i < p->n_templates; i++) {
        const struct pack_template *t = &p->template[i];
        if (str_equal(t->purpose, purpose) && str_equal(t->type, type)) {
            return t;
        }
        if (str_equal(t->purpose, purpose) && str_equal_z(t->type, "*")) {
            any = t;
        }
    }
    return any;
}

bool pack_protocol_at(const struct pack *p, size_t i, const struct lang *l, struct pack_protocol *out)
{
    if (i >= p->n_protocols) {
        return false;
    }
    *out = (struct pack_protocol){.version = p->protocol[i].version, .title = pack_text_in(p, &p->protocol[i].title, l), .points = p->protocol[i].n};
    return true;
}

struct str pack_protocol_point(const struct pack *p, size_t i, size_t point, const struct lang *l)
{
    return i < p->n_protocols && point < p->protocol[i].n ? pack_text_in(p, &p->protocol[i].points[point], l) : STR("");
}
