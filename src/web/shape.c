#include <assert.h>
#include <string.h>
#include "web/inside.h"

const struct shape none_shape = {"none", sizeof(struct none), 0, NULL, "none"};

static void *member(const struct field *f, void *in)
{
    return (char *)in + f->at;
}

// CRLF, as browsers send the lines of a text area, becomes LF.
static struct str lines(struct arena *a, struct str s)
{
    if (str_find(s, '\r') < 0) {
        return s;
    }
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; to && i < s.n; i++) {
        if (s.at[i] != '\r' || i + 1 == s.n || s.at[i + 1] != '\n') {
            to[n++] = s.at[i];
        }
    }
    return to ? (struct str){to, n} : s;
}

static enum err check_text(struct req *rq, const struct field *f, struct str s)
{
    if (!str_utf8_valid(s)) {
        return req_refuse(rq, f->name, MSG_WEB_FIELD_TEXT);
    }
    if (str_has_control(s, f->form == FORM_LINES)) {
        return req_refuse(rq, f->name, MSG_WEB_FIELD_CONTROL);
    }
    if (f->max && s.n > f->max && str_utf8_count(s) > f->max) {
        return req_refuse_number(rq, f->name, MSG_WEB_FIELD_LONG, f->max);
    }
    if (f->choices && s.n && !(rq->sv && rq->sv->pack && pack_has(rq->sv->pack, f->choices, s))) {
        return req_refuse(rq, f->name, MSG_WEB_FIELD_CHOICE);
    }
    return OK;
}

enum err shape_put(struct req *rq, const struct field *f, struct str s, bool form, void *in)
{
    void *to = member(f, in);
    switch (f->kind) {
    case K_TEXT: {
        struct str v = form && f->form == FORM_LINES ? lines(rq->arena, s) : s;
        enum err e = check_text(rq, f, v);
        if (!e || str_utf8_valid(v)) {
            *(struct str *)to = v;
        }
        return e;
    }
    case K_INT:
        if (s.n == 0) {
            return OK;
        }
        if (f->form == FORM_URGENCY) {
            bool letter = s.at[0] == 'U' || s.at[0] == 'u';
            struct str digit = str_slice(s, letter, s.n);
            if (digit.n != 1 || digit.at[0] < '1' || digit.at[0] > '4') {
                return req_refuse(rq, f->name, MSG_WEB_FIELD_CHOICE);
            }
            *(int64_t *)to = digit.at[0] - '0';
            return OK;
        }
        return str_int(s, to) ? req_refuse(rq, f->name, MSG_WEB_FIELD_NUMBER) : OK;
    case K_BOOL: {
        bool yes = str_equal_z(s, "1") || str_equal_z(s, "on") || str_equal_z(s, "true");
        *(bool *)to = yes;
        bool no = s.n == 0 || str_equal_z(s, "0") || str_equal_z(s, "false");
        return yes || no ? OK : req_refuse(rq, f->name, MSG_WEB_FIELD_CHOICE);
    }
    case K_ID:
        if (s.n == 0) {
            return OK;
        }
        return id_from_hex(s, to) ? req_refuse(rq, f->name, MSG_WEB_FIELD_CHOICE) : OK;
    case K_LIST:
    case K_ERR_:
        break;
    }
    return ERR_BUG;
}

enum err shape_list_put(struct req *rq, const struct field *f, const struct str *items, size_t n, bool form, void *in)
{
    (void)form;
    assert(f->kind == K_LIST && !f->of); // inputs have lists of texts only: router_add refuses others
    if (n > f->max) {
        return req_refuse_number(rq, f->name, MSG_WEB_FIELD_MANY, f->max);
    }
    enum err e = OK;
    struct field one = *f;
    one.max = 0; // max counts the items; an item is bounded by the body
    for (size_t i = 0; i < n && !e; i++) {
        e = check_text(rq, &one, items[i]);
    }
    if (!e) {
        *(struct list *)member(f, in) = (struct list){items, n};
    }
    return e;
}

// Names come from outside and go into ids of pages and refusals: plain ones only.
static bool map_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.')) {
            return false;
        }
    }
    return s.n > 0 && s.n <= FORM_NAME_MAX;
}

enum err shape_map_put(struct req *rq, const struct field *f, struct str name, struct str value, struct html_pair *pair)
{
    if (!map_name(name)) {
        return req_refuse(rq, f->name, MSG_WEB_FIELD_UNKNOWN);
    }
    struct str whole = arena_printf(rq->arena, "%s.%.*s", f->name, STR_ARG(name));
    if (!whole.at) {
        return ERR_MEMORY;
    }
    struct field one = {.name = whole.at, .form = FORM_LINES};
    struct str v = lines(rq->arena, value);
    enum err e = check_text(rq, &one, v);
    *pair = (struct html_pair){str_slice(whole, strlen(f->name) + 1, whole.n), str_utf8_valid(v) ? v : STR("")};
    return e;
}

enum err shape_required(struct req *rq, const struct shape *s, const void *in)
{
    enum err e = OK;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const void *at = (const char *)in + f->at;
        if (!f->required) {
            continue;
        }
        if (f->why && !str_says_why(*(const struct str *)at)) {
            e = req_refuse_number(rq, f->name, MSG_WEB_FIELD_WHY, STR_WHY_MIN);
            continue;
        }
        bool missing = (f->kind == K_TEXT && (str_blank(*(const struct str *)at) || (f->says && !str_says(*(const struct str *)at)))) ||
                       (f->kind == K_ID && id_zero(*(const struct id *)at)) ||
                       (f->kind == K_LIST && ((const struct list *)at)->n == 0);
        if (missing) {
            e = req_refuse(rq, f->name, MSG_WEB_FIELD_REQUIRED);
        }
    }
    return e;
}

void shape_forget_secrets(const struct shape *s, void *in)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->fields[i].form == FORM_SECRET) {
            *(struct str *)member(&s->fields[i], in) = (struct str){"", 0}; // the arena is wiped with the request
        }
    }
}
