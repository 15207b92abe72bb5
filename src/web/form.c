#include <string.h>
#include "web/inside.h"

// application/x-www-form-urlencoded, WHATWG URL standard section 5.1, but a broken %-pair is refused, not kept.
static enum err decode(struct arena *a, struct str s, struct str *out)
{
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (!to) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i] == '+') {
            to[n++] = ' ';
        } else if (s.at[i] == '%') {
            int high = i + 2 < s.n ? str_hex_digit(s.at[i + 1]) : -1;
            int low = i + 2 < s.n ? str_hex_digit(s.at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return ERR_MALFORMED;
            }
            to[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            to[n++] = s.at[i];
        }
    }
    to[n] = '\0';
    *out = (struct str){to, n};
    return OK;
}

static const struct field *field_of(const struct shape *s, struct str name)
{
    for (size_t i = 0; i < s->n; i++) {
        if (str_equal_z(name, s->fields[i].name)) {
            return &s->fields[i];
        }
    }
    return NULL;
}

enum err pairs_read(struct arena *a, struct str rest, struct pairs *p)
{
    while (rest.n) {
        struct str value = str_cut(&rest, '&');
        if (value.n == 0) {
            continue;
        }
        if (p->n == FORM_PAIRS_MAX) {
            return ERR_MALFORMED;
        }
        struct str name = str_cut(&value, '=');
        enum err e = name.n > 3 * FORM_NAME_MAX ? ERR_MALFORMED : decode(a, name, &p->name[p->n]);
        e = e ? e : decode(a, value, &p->value[p->n]);
        if (e) {
            return e;
        }
        p->n++;
    }
    return OK;
}

static void extra_put(struct form_extra *x, struct str name, struct str value)
{
    if (str_equal_z(name, "csrf")) {
        x->csrf = value;
    } else if (str_equal_z(name, "lang")) {
        x->lang = value;
    } else if (str_equal_z(name, "receipt")) {
        x->receipt = value;
    } else if (str_equal_z(name, "js")) {
        x->script = str_equal_z(value, "1");
    }
}

// "MEMBER.NAME=text" of a FORM_MAP, in the order in which they came.
static enum err map_read(struct req *rq, const struct field *f, const struct pairs *p, void *in)
{
    struct html_pair *at = arena_array(rq->arena, p->n + 1, sizeof *at);
    size_t n = 0, prefix = strlen(f->name);
    enum err e = at ? OK : ERR_MEMORY;
    for (size_t i = 0; i < p->n && (!e || e == ERR_INVALID); i++) {
        if (str_starts(p->name[i], f->name) && p->name[i].n > prefix && p->name[i].at[prefix] == '.') {
            enum err one = shape_map_put(rq, f, str_slice(p->name[i], prefix + 1, p->name[i].n), p->value[i], &at[n]);
            n += at[n].name.n > 0;
            e = one ? one : e;
        }
    }
    if (n > f->max) {
        return req_refuse_number(rq, f->name, MSG_WEB_FIELD_MANY, f->max);
    }
    *(struct list *)((char *)in + f->at) = (struct list){at, n};
    return e;
}

// The field's value, or all its values where it is a list; what comes twice otherwise is refused, because two readers
// could take different ones.
static enum err field_read(struct req *rq, const struct field *f, const struct pairs *p, void *in)
{
    size_t n = 0, first = 0;
    struct str *items = NULL;
    if (f->form == FORM_MAP) {
        return map_read(rq, f, p, in);
    }
    for (size_t i = 0; i < p->n; i++) {
        if (str_equal_z(p->name[i], f->name)) {
            first = n++ ? first : i;
        }
    }
    if (n == 0) {
        return OK;
    }
    if (f->kind != K_LIST) {
        enum err e = shape_put(rq, f, p->value[first], true, in);
        return n > 1 ? req_refuse(rq, f->name, MSG_WEB_FIELD_TWICE) : e;
    }
    items = arena_array(rq->arena, n, sizeof *items);
    if (!items) {
        return ERR_MEMORY;
    }
    n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (str_equal_z(p->name[i], f->name)) {
            items[n++] = p->value[i];
        }
    }
    return shape_list_put(rq, f, items, n, true, in);
}

static enum err pairs_take(struct req *rq, const struct shape *s, const struct pairs *p, void *in, struct form_extra *extra)
{
    enum err e = OK;
    for (size_t i = 0; i < p->n; i++) {
        bool field = field_of(s, p->name[i]) != NULL;
        if (!field || str_equal_z(p->name[i], "receipt")) {
            extra_put(extra, p->name[i], p->value[i]); // on a page, others that the row does not know are left out
        }
        if (rq->json && !field && !str_equal_z(p->name[i], "lang")) { // a program that mistypes a filter must not get everything
            if (!str_utf8_valid(p->name[i]) || str_has_control(p->name[i], false)) {
                return ERR_MALFORMED;
            }
            e = req_refuse(rq, p->name[i].at, MSG_WEB_FIELD_UNKNOWN); // decode ends it with a NUL, and the arena outlives the answer
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        enum err one = field_read(rq, &s->fields[i], p, in);
        if (one && one != ERR_INVALID) {
            return one;
        }
        e = one ? one : e;
    }
    enum err missing = shape_required(rq, s, in);
    extra->pairs = p;
    return e ? e : missing;
}

enum err form_read(struct req *rq, const struct shape *s, struct str encoded, void *in, struct form_extra *extra)
{
    struct pairs *p = ARENA_NEW(rq->arena, struct pairs);
    enum err e = p ? pairs_read(rq->arena, encoded, p) : ERR_MEMORY;
    return e ? e : pairs_take(rq, s, p, in, extra);
}

enum err form_read_parts(struct req *rq, const struct shape *s, struct str content_type, struct str body, void *in, struct form_extra *extra)
{
    struct pairs *p = ARENA_NEW(rq->arena, struct pairs);
    struct part part[PARTS_MAX];
    struct str boundary;
    size_t n = 0;
    enum err e = p ? multipart_boundary(content_type, &boundary) : ERR_MEMORY;
    e = e ? e : multipart_read(body, boundary, part, &n);
    for (size_t i = 0; i < n && !e; i++) {
        if (!part[i].file) {
            p->name[p->n] = arena_printf(rq->arena, "%.*s", STR_ARG(part[i].name));
            p->value[p->n++] = part[i].value;
        } else if (!str_equal_z(part[i].name, "file") || rq->upload.sent) {
            e = ERR_MALFORMED;
        } else if (part[i].file_name.n > 0 || part[i].value.n > 0) { // else: nothing was chosen
            rq->upload = (struct upload){true, part[i].file_name, part[i].value};
        }
    }
    return e ? e : pairs_take(rq, s, p, in, extra);
}
