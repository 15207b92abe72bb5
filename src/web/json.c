#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "text/date.h"
#include "web/inside.h"

static void free_wiped(void *p)
{
    if (p) {
        explicit_bzero(p, malloc_usable_size(p)); // it may be a password
        free(p);
    }
}

static void start_once(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
}

void json_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_once);
}

// ── reading ──

static bool too_deep(struct str s)
{
    int depth = 0;
    bool text = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (text) {
            i += c == '\\';
            text = c != '"';
        } else if (c == '"') {
            text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static struct str text_of(struct arena *a, const json_t *v)
{
    return arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
}

static enum err list_read(struct req *rq, const struct field *f, const json_t *v, void *in)
{
    size_t n = json_array_size(v);
    if (n > f->max) {
        return req_refuse_number(rq, f->name, MSG_WEB_FIELD_MANY, f->max);
    }
    struct str *items = arena_array(rq->arena, n, sizeof *items);
    if (!items) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(v, i);
        if (!json_is_string(one)) {
            return req_refuse(rq, f->name, MSG_WEB_FIELD_TYPE);
        }
        items[i] = text_of(rq->arena, one);
    }
    return shape_list_put(rq, f, items, n, false, in);
}

// A text, a whole number as its digits, or a list of texts under one name.
static enum err map_value(struct req *rq, const struct field *f, struct str name, const json_t *v, struct html_pair *at, size_t *n)
{
    char digits[24];
    if (json_is_null(v)) {
        return OK;
    }
    if (*n == f->max) {
        return req_refuse_number(rq, f->name, MSG_WEB_FIELD_MANY, f->max);
    }
    if (json_is_integer(v)) {
        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(v));
    } else if (!json_is_string(v)) {
        return req_refuse(rq, f->name, MSG_WEB_FIELD_TYPE);
    }
    struct str text = json_is_integer(v) ? arena_str(rq->arena, str_from(digits)) : text_of(rq->arena, v);
    enum err e = shape_map_put(rq, f, name, text, &at[*n]);
    *n += at[*n].name.n > 0;
    return e;
}

static enum err map_read(struct req *rq, const struct field *f, const json_t *v, void *in)
{
    struct html_pair *at = arena_array(rq->arena, f->max + 1, sizeof *at);
    const char *key;
    size_t key_n, n = 0;
    json_t *value;
    enum err e = at ? OK : ERR_MEMORY;
    json_object_keylen_foreach((json_t *)v, key, key_n, value) {
        struct str name = {key, key_n};
        size_t items = json_is_array(value) ? json_array_size(value) : 1;
        for (size_t i = 0; i < items && (!e || e == ERR_INVALID); i++) {
            enum err one = map_value(rq, f, name, json_is_array(value) ? json_array_get(value, i) : value, at, &n);
            e = one ? one : e;
        }
    }
    *(struct list *)((char *)in + f->at) = (struct list){at, n};
    return e;
}

static enum err value_read(struct req *rq, const struct field *f, const json_t *v, void *in)
{
    void *to = (char *)in + f->at;
    if (json_is_null(v)) {
        return OK; // as if it were missing
    }
    if (f->form == FORM_URGENCY && json_is_string(v)) {
        return shape_put(rq, f, text_of(rq->arena, v), false, in);
    }
    if (f->form == FORM_URGENCY && json_is_integer(v)) {
        char digit[24];
        return shape_put(rq, f, (struct str){digit, (size_t)snprintf(digit, sizeof digit, "%lld", (long long)json_integer_value(v))}, false, in);
    }
    if (f->kind == K_INT && json_is_integer(v)) {
        *(int64_t *)to = json_integer_value(v);
        return OK;
    }
    if (f->kind == K_BOOL && json_is_boolean(v)) {
        *(bool *)to = json_is_true(v);
        return OK;
    }
    if ((f->kind == K_TEXT || f->kind == K_ID) && json_is_string(v)) {
        struct str s = text_of(rq->arena, v);
        return arena_failed(rq->arena) ? ERR_MEMORY : shape_put(rq, f, s, false, in);
    }
    if (f->form == FORM_MAP) {
        return json_is_object(v) ? map_read(rq, f, v, in) : req_refuse(rq, f->name, MSG_WEB_FIELD_TYPE);
    }
    if (f->kind == K_LIST && json_is_array(v)) {
        return list_read(rq, f, v, in);
    }
    return req_refuse(rq, f->name, MSG_WEB_FIELD_TYPE);
}

static enum err unknown_refuse(struct req *rq, const char *name, size_t n)
{
    struct str s = {name, n > FORM_NAME_MAX ? FORM_NAME_MAX : n};
    while (!str_utf8_valid(s)) {
        s.n--; // the cut fell into a character
    }
    struct str kept = arena_str(rq->arena, s);
    return kept.at ? req_refuse(rq, kept.at, MSG_WEB_FIELD_UNKNOWN) : ERR_MEMORY;
}

static enum err members_read(struct req *rq, const struct shape *s, json_t *root, void *in)
{
    enum err e = OK;
    for (size_t i = 0; i < s->n; i++) { // in the shape's order: refusals too
        const json_t *v = json_object_get(root, s->fields[i].name);
        enum err one = v ? value_read(rq, &s->fields[i], v, in) : OK;
        if (one && one != ERR_INVALID) {
            return one;
        }
        e = one ? one : e;
    }
    const char *name;
    size_t name_n;
    json_t *v;
    json_object_keylen_foreach(root, name, name_n, v) {
        bool known = false;
        for (size_t i = 0; i < s->n && !known; i++) {
            known = str_equal_z((struct str){name, name_n}, s->fields[i].name);
        }
        e = known ? e : unknown_refuse(rq, name, name_n);
    }
    enum err missing = shape_required(rq, s, in);
    return e ? e : missing;
}

// A row whose input names a language is answered in it ("message in `language`"), by default in the country's.
static void language_of(struct req *rq, const struct shape *s, const void *in)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->fields[i].name, "language") == 0 && s->fields[i].kind == K_TEXT) {
            const struct lang *l = text_lang(*(const struct str *)((const char *)in + s->fields[i].at));
            req_set_lang(rq, l ? l : text_default());
        }
    }
}

enum err json_read(struct req *rq, const struct shape *s, struct str text, void *in)
{
    json_t *root = NULL;
    enum err e = OK;
    if (str_blank(text)) {
        e = shape_required(rq, s, in);
        goto out;
    }
    if (too_deep(text)) {
        e = ERR_MALFORMED;
        goto out;
    }
    root = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (!json_is_object(root)) {
        e = ERR_MALFORMED;
        goto out;
    }
    e = members_read(rq, s, root, in);
out:
    language_of(rq, s, in);
    json_decref(root);
    return e;
}

// ── writing ──

void json_write_text(struct buf *out, struct str s)
{
    buf_put_c(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c >= ' ' && c != '"' && c != '\\' && c != '<' && c != 0x7F) { // '<': harmless where a page embeds it
            continue;
        }
        buf_put(out, str_slice(s, from, i));
        from = i + 1;
        if (c == '"' || c == '\\') {
            buf_put_c(out, '\\');
            buf_put_c(out, (char)c);
        } else if (c == '\n') {
            buf_put(out, STR("\\n"));
        } else {
            buf_printf(out, "\\u%04x", c);
        }
    }
    buf_put(out, str_slice(s, from, s.n));
    buf_put_c(out, '"');
}

static void map_write(struct buf *out, const struct list *l)
{
    const struct html_pair *p = l->at;
    buf_put_c(out, '{');
    for (size_t i = 0; i < l->n; i++) {
        if (i) {
            buf_put_c(out, ',');
        }
        json_write_text(out, p[i].name);
        buf_put_c(out, ':');
        json_write_text(out, p[i].value);
    }
    buf_put_c(out, '}');
}

static void list_write(struct buf *out, const struct field *f, const struct list *l)
{
    if (f->form == FORM_MAP) {
        map_write(out, l);
        return;
    }
    buf_put_c(out, '[');
    for (size_t i = 0; i < l->n; i++) {
        if (i) {
            buf_put_c(out, ',');
        }
        if (f->of) {
            json_write(out, f->of, (const char *)l->at + i * f->of->size);
        } else {
            json_write_text(out, ((const struct str *)l->at)[i]);
        }
    }
    buf_put_c(out, ']');
}

static void value_write(struct buf *out, const struct field *f, const void *at)
{
    char hex[ID_HEX];
    bool nullable = f->form == FORM_NULLABLE;
    switch (f->kind) {
    case K_INT: {
        int64_t v = *(const int64_t *)at;
        if (v == INT64_MIN && (nullable || f->form == FORM_TIME)) {
            buf_put(out, STR("null"));
        } else if (f->form == FORM_TIME) {
            buf_put_c(out, '"');
            date_put_iso(out, v);
            buf_put_c(out, '"');
        } else if (f->form == FORM_URGENCY) {
            buf_printf(out, "\"U%d\"", (int)v);
        } else if (f->form == FORM_AMOUNT && v == INT64_MIN) {
            buf_put(out, STR("null"));
        } else if (f->form == FORM_AMOUNT) {
            buf_put_amount(out, v);
        } else {
            buf_put_int(out, v);
        }
        return;
    }
    case K_BOOL:
        buf_put_z(out, *(const bool *)at ? "true" : "false");
        return;
    case K_TEXT:
        if (nullable && ((const struct str *)at)->n == 0) {
            buf_put(out, STR("null"));
        } else {
            json_write_text(out, *(const struct str *)at);
        }
        return;
    case K_ID:
        if (nullable && id_zero(*(const struct id *)at)) {
            buf_put(out, STR("null"));
        } else {
            json_write_text(out, str_from(id_hex(*(const struct id *)at, hex)));
        }
        return;
    case K_LIST:
        list_write(out, f, at);
        return;
    case K_ERR_:
        return;
    }
}

static void json_members(struct buf *out, const struct shape *s, const void *at, bool any)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (f->form == FORM_HIDDEN) {
            continue;
        }
        if (any) {
            buf_put_c(out, ',');
        }
        any = true;
        json_write_text(out, str_from(f->name));
        buf_put_c(out, ':');
        value_write(out, f, (const char *)at + f->at);
    }
}

void json_write(struct buf *out, const struct shape *s, const void *at)
{
    buf_put_c(out, '{');
    json_members(out, s, at, false);
    buf_put_c(out, '}');
}

void json_error_sentence(struct buf *out, enum err e, struct str sentence)
{
    buf_put(out, STR("{\"error\":"));
    json_write_text(out, str_from(err_name(e)));
    buf_put(out, STR(",\"message\":"));
    json_write_text(out, sentence);
    buf_put_c(out, '}');
}

void json_error(struct buf *out, const struct req *rq, enum err e)
{
    if (e != ERR_INVALID) {
        struct str said = rq->notice.n ? rq->notice : text_get(rq->lang ? rq->lang : text_default(), status_sentence(e));
        json_error_sentence(out, e, said);
        return;
    }
    buf_put(out, STR("{\"errors\":["));
    for (size_t i = 0; rq->refused && i < rq->refused->n; i++) {
        buf_put_z(out, i ? ",{\"field\":" : "{\"field\":");
        json_write_text(out, str_from(rq->refused->at[i].field));
        buf_put(out, STR(",\"message\":"));
        json_write_text(out, refuse_sentence(rq, &rq->refused->at[i]));
        buf_put_c(out, '}');
    }
    buf_put(out, STR("]}"));
}

enum err row_run(const struct route *row, struct req *rq, enum err read, const void *in, void *out)
{
    enum err e = read;
    if (!e || (e == ERR_INVALID && row->run_refused)) {
        enum err run = row->run(rq, in, out);
        bool forgiven = e && !run && !req_refused(rq); // the handler has put the refusals aside on purpose
        bool refused = e && !forgiven && (!run || run == ERR_INVALID); // what is not there or not allowed is said before the fields
        e = refused ? e : run;
    }
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

int json_run(const struct route *row, struct req *rq, enum err read, const void *in, struct buf *out)
{
    void *result = arena_alloc(rq->arena, row->out->size);
    enum err e = result ? row_run(row, rq, read, in, result) : ERR_MEMORY;
    if (e) {
        json_error(out, rq, e);
        if (e == ERR_CONFLICT && row->conflict_out) {
            out->n--; // the closing brace
            json_members(out, row->out, result, true);
            buf_put_c(out, '}');
        }
        return status_of(e);
    }
    json_write(out, row->out, result);
    return row->status ? row->status : 200;
}

int web_call(const struct route *row, struct req *rq, struct str json_in, struct buf *json_out)
{
    json_start();
    void *in = arena_alloc(rq->arena, row->in->size);
    enum err read = in ? json_read(rq, row->in, json_in, in) : ERR_MEMORY;
    return json_run(row, rq, read, in, json_out);
}
