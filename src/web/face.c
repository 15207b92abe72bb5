// face: one request through one row, as page or as JSON. Runs in a pool thread.
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "web/inside.h"

#define ADMIT_ARENA (256 * 1024)

// The page that was asked for (the link of a mail) is found again after signing in; of its query, which may hold words, only
// what the row says. Encoded, since it stands in the query of another address.
static struct str again_query(const struct turn *t)
{
    struct str query = t->hr->query, out = STR("");
    while (query.n > 0) {
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        if (again_member(t->entry->row, name, value)) {
            out = arena_printf(t->rq.arena, "%.*s%s%.*s%%3D%.*s", STR_ARG(out), out.n ? "%26" : "%3F", STR_ARG(name), STR_ARG(value));
        }
    }
    return arena_failed(t->rq.arena) || t->rq.path.n + out.n > AGAIN_MAX ? STR("") : out;
}

static void refuse_entry(struct turn *t, enum err e, struct str sentence)
{
    if (t->entry->kind == ENTRY_PAGE && unsaved_show(t, e, sentence)) {
        return;
    }
    if (e == ERR_UNAUTHENTICATED && t->entry->kind == ENTRY_PAGE && t->w->o.sign_in) {
        bool again = t->entry->row->method == GET && router_again(&t->w->router, t->rq.path);
        answer_redirect(t, again ? arena_printf(t->rq.arena, "%s?again=%.*s%.*s", t->w->o.sign_in, STR_ARG(t->rq.path), STR_ARG(again_query(t)))
                                 : str_from(t->w->o.sign_in));
        return;
    }
    answer_error(t, e, sentence);
}

// It was nothing in the form, only the moment: the handler came no further, and may have left `out` without its lists.
static bool not_now(enum err e)
{
    return e == ERR_AWAY || e == ERR_FULL || e == ERR_LIMITED;
}

// A form comes back in its own page, with what is wrong; where that page cannot be filled, by itself, with what was typed.
static void page_refused(struct turn *t, enum err e, void *in, const void *out)
{
    const struct route *row = t->entry->row;
    bool again = e == ERR_INVALID || e == ERR_CONFLICT || not_now(e);
    // A search whose words were refused comes back like a form.
    bool form = row->method == POST || (row->method == GET && e == ERR_INVALID && row->fill);
    if (!again || !form || !row->page) {
        refuse_entry(t, e, (struct str){"", 0});
        return;
    }
    // A page that only says what became of it shows nothing of what was typed.
    const struct html_page *own = html_page_find(row->page);
    bool silent = own && own->in_size == 0 && !row->fill && t->typed && unsaved_typed(row, t->typed, true);
    if ((silent || not_now(e)) && unsaved_show(t, e, (struct str){"", 0})) {
        return;
    }
    shape_forget_secrets(row->in, in);
    if (!t->rq.notice.n) {
        t->rq.notice = text_get(t->rq.lang, status_sentence(e));
    }
    answer_page(t, row, status_of(e), in, out);
}

static size_t kind_size(enum kind k)
{
    return k == K_TEXT ? sizeof(struct str) : k == K_LIST ? sizeof(struct list) : k == K_ID ? sizeof(struct id) : k == K_BOOL ? sizeof(bool) : sizeof(int64_t);
}

// A list of which a filter was refused: its page comes back with its form as it was typed and what is wrong, and lists without
// that filter. Only pages that are of no thing: what is sealed is not opened for an address that was wrong.
static bool list_again(struct turn *t, const void *in, void *out)
{
    const struct route *row = t->entry->row;
    if (row->method != GET || !row->page || row->fill || row->run_refused || strstr(row->path, "{id") || !req_refused(&t->rq)) {
        return false;
    }
    char *without = arena_alloc(t->rq.arena, row->in->size);
    if (!without) {
        return false;
    }
    memcpy(without, in, row->in->size);
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        if (req_refusal(&t->rq, f->name).n) {
            memset(without + f->at, 0, kind_size(f->kind));
        }
    }
    struct refusals *refused = t->rq.refused;
    t->rq.refused = NULL;
    memset(out, 0, row->out->size);
    enum err e = row->run(&t->rq, without, out);
    t->rq.refused = refused;
    if (e || arena_failed(t->rq.arena) || t->rq.file.type.n || t->rq.then) {
        return false;
    }
    t->rq.notice = text_get(t->rq.lang, status_sentence(ERR_INVALID));
    answer_page(t, row, status_of(ERR_INVALID), in, out);
    return true;
}

static void page_run(struct turn *t, enum err read, void *in)
{
    const struct route *row = t->entry->row;
    void *out = arena_alloc(t->rq.arena, row->out->size);
    if (!out) {
        answer_error(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    enum err e = row_run(row, &t->rq, read, in, out);
    if (read == ERR_INVALID && !row->run_refused && row->fill) {
        enum err fill = row->fill(&t->rq, in, out);
        e = fill ? fill : e;
    }
    if (!e && t->rq.file.type.n) {
        answer_file(t);
        return;
    }
    if (!e) {
        const char *then = t->rq.then ? t->rq.then : row->then;
        if (t->rq.unsaved.path.n && unsaved_resume(t)) {
            return;
        }
        if (router_again(&t->w->router, t->rq.unsaved.path)) {
            answer_redirect(t, t->rq.unsaved.path);
        } else if (then) {
            answer_redirect(t, answer_then(t, then));
        } else {
            answer_page(t, t->entry->row, 200, in, out);
        }
        return;
    }
    if (e == ERR_INVALID && list_again(t, in, out)) {
        return;
    }
    page_refused(t, e, in, out);
}

// ── who asks ──

static bool same_word(struct str a, struct str b)
{
    return a.n == b.n && strncasecmp(a.at, b.at, b.n) == 0;
}

// The body is of this kind, not compressed, and in UTF-8 where it says so: bytes in another charset would be read as words
// that nobody wrote.
static bool body_is(const struct http_request *hr, struct str wanted)
{
    struct str rest = hr->header[HTTP_CONTENT_TYPE];
    if (hr->header[HTTP_CONTENT_ENCODING].n || !same_word(str_trim(str_cut(&rest, ';')), wanted)) {
        return false;
    }
    while (rest.n) {
        struct str value = str_cut(&rest, ';');
        struct str name = str_trim(str_cut(&value, '='));
        value = str_trim(value);
        if (value.n >= 2 && value.at[0] == '"' && value.at[value.n - 1] == '"') {
            value = str_slice(value, 1, value.n - 1);
        }
        if (same_word(name, STR("charset")) && !same_word(value, STR("utf-8"))) {
            return false;
        }
    }
    return true;
}

// Session, permission, and whether the request was made by our own page. *sentence: more exact than the err's own.
static enum err admit(struct turn *t, struct str csrf, struct str *sentence)
{
    const struct route *row = t->entry->row;
    struct web *w = t->w;
    struct str cookies = t->hr->header[HTTP_COOKIE];
    if (row->perm == PERM_PUBLIC || row->perm == PERM_RECEIPT) {
        if (w->desk && row->method != GET && !session_same_origin(t->hr, w->o.url)) {
            *sentence = text_get(t->rq.lang, MSG_WEB_ERROR_ORIGIN); // signing somebody in as somebody else
            return ERR_FORBIDDEN;
        }
        if (w->desk) {
            session_device(&t->rq, cookies, w->secure, &t->set_device);
        }
        return row->perm == PERM_RECEIPT && t->entry->kind == ENTRY_JSON && t->rq.receipt.n == 0 ? ERR_UNAUTHENTICATED : OK;
    }
    enum err e = session_load(&t->rq, cookies, w->secure, w->o.person_find, &t->session);
    if (e) {
        return e;
    }
    if (row->method != GET && !session_csrf_equal(&t->rq, csrf)) {
        *sentence = text_get(t->rq.lang, MSG_WEB_ERROR_CSRF);
        return ERR_FORBIDDEN;
    }
    return row->perm == PERM_SIGNED_IN || req_may(&t->rq, row->perm) ? OK : ERR_FORBIDDEN;
}

static void receipt_read(struct turn *t)
{
    struct str given = t->hr->header[HTTP_AUTHORIZATION];
    if (given.n > 8 && strncasecmp(given.at, "Receipt ", 8) == 0) {
        t->rq.receipt = str_trim(str_slice(given, 8, given.n));
    }
}

static void row_json(struct turn *t)
{
    const struct route *row = t->entry->row;
    struct str sentence = {"", 0};
    struct form_extra extra = {0};
    void *in = arena_alloc(t->rq.arena, row->in->size);
    enum err e = in ? admit(t, t->hr->header[HTTP_CSRF], &sentence) : ERR_MEMORY;
    if (e) {
        refuse_entry(t, e, sentence);
        return;
    }
    bool body = row->method != GET && t->hr->body.n > 0;
    bool parts = body && row->upload && body_is(t->hr, STR("multipart/form-data"));
    if (body && !parts && !body_is(t->hr, STR("application/json"))) {
        answer_error(t, ERR_KIND, (struct str){"", 0});
        return;
    }
    enum err read = row->method == GET ? form_read(&t->rq, row->in, t->hr->query, in, &extra)
                    : parts ? form_read_parts(&t->rq, row->in, t->hr->header[HTTP_CONTENT_TYPE], t->hr->body, in, &extra)
                            : json_read(&t->rq, row->in, t->hr->body, in);
    int status = json_run(row, &t->rq, read, in, &t->a->body);
    if (t->rq.file.type.n && status < 300) {
        answer_file(t);
        return;
    }
    if (buf_ok(&t->a->body)) {
        answer_error(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    answer_head(t, status, STR("application/json"));
}

static void row_page(struct turn *t)
{
    const struct route *row = t->entry->row;
    struct str sentence = {"", 0};
    struct form_extra extra = {0};
    bool post = row->method != GET;
    void *in = arena_alloc(t->rq.arena, row->in->size);
    if (!in) {
        answer_error(t, ERR_MEMORY, sentence);
        return;
    }
    bool parts = post && row->upload && t->hr->body.n > 0 && body_is(t->hr, STR("multipart/form-data"));
    if (post && t->hr->body.n > 0 && !parts && !body_is(t->hr, STR("application/x-www-form-urlencoded"))) {
        answer_error(t, ERR_KIND, (struct str){"", 0}); // multipart, so pictures, come no further but where a row takes a file
        return;
    }
    struct form_extra asked = {0};
    if (post && t->hr->query.n) { // "?lang=" of the page that posts to itself
        enum err q = form_read(&t->rq, &none_shape, t->hr->query, NULL, &asked);
        (void)q;
    }
    enum err read = parts ? form_read_parts(&t->rq, row->in, t->hr->header[HTTP_CONTENT_TYPE], t->hr->body, in, &extra)
                          : form_read(&t->rq, row->in, post ? t->hr->body : t->hr->query, in, &extra);
    struct str wanted = extra.lang.n ? extra.lang : asked.lang;
    const struct lang *l = text_lang(wanted);
    if (l) {
        req_set_lang(&t->rq, l);
    }
    t->rq.script = extra.script;
    if (!t->rq.receipt.n) {
        t->rq.receipt = extra.receipt;
    }
    t->typed = extra.pairs;
    t->sent_csrf = extra.csrf;
    enum err e = admit(t, extra.csrf, &sentence);
    if (e) {
        refuse_entry(t, e, sentence);
        return;
    }
    page_run(t, read, in);
}

static enum err turn_begin(struct turn *t, struct web *w, const struct http_request *hr, struct http_answer *a)
{
    union { const void *in; struct entry *out; } what = {hr->what};
    *t = (struct turn){.w = w, .hr = hr, .a = a, .entry = what.out};
    struct arena *arena = NULL;
    buf_free(&a->body);
    buf_init_secret(&a->body, WEB_PAGE_MAX);
    size_t file = what.out->row ? what.out->row->file_max : 0;
    enum err e = arena_new(WEB_ARENA + 4 * hr->body.n + file, &arena);
    if (e) {
        return e;
    }
    a->owner = arena;
    t->rq = (struct req){.sv = w->o.services, .arena = arena, .path = hr->path, .now = clock_now(), .json = t->entry->kind != ENTRY_PAGE,
                         .refused = &t->refused, .version = files_version(w->files), .csrf = {"", 0}, .notice = {"", 0}};
    req_set_lang(&t->rq, web_request_lang(hr));
    t->cookie_lang = t->rq.lang;
    return OK;
}

void web_run(void *ctx, const struct http_request *hr, struct http_answer *a)
{
    struct turn t;
    if (turn_begin(&t, ctx, hr, a)) {
        a->status = 500;
        return;
    }
    if (hr->unix_socket) {
        t.rq.prefix = hr->header[HTTP_PREFIX];
    }
    entry_ids(t.entry, hr->path, &t.rq.id, &t.rq.id2);
    t.rq.code = entry_code(t.entry, hr->path);
    receipt_read(&t);
    switch (t.entry->kind) {
    case ENTRY_PAGE: row_page(&t); break;
    case ENTRY_JSON: row_json(&t); break;
    case ENTRY_HEALTH: health_show(&t); break;
    case ENTRY_METRICS: health_metrics(&t); break;
    case ENTRY_EVENTS: health_events(&t); break;
    }
    explicit_bzero(&t.rq.token, sizeof t.rq.token);
    explicit_bzero(&t.session, sizeof t.session);
}

bool web_give_back(void *ctx, const struct http_request *hr, int status, struct http_answer *a)
{
    const struct entry *entry = hr->what;
    struct turn t;
    if (entry->kind != ENTRY_PAGE || hr->method != HTTP_POST ||
        !body_is(hr, STR("application/x-www-form-urlencoded")) || turn_begin(&t, ctx, hr, a)) {
        return false;
    }
    if (unsaved_give_back(&t, status_err(status))) {
        return true;
    }
    web_done(ctx, a);
    return false;
}

// Before a large body is read: session and permission, by the head alone. The token of the form lies in the body and is
// looked at with it.
int web_admit(void *ctx, const struct http_request *hr)
{
    struct web *w = ctx;
    const struct entry *entry = hr->what;
    const struct route *row = entry->row;
    struct keeper_session session = {0};
    struct arena *arena = NULL;
    if (!row || row->perm == PERM_PUBLIC || row->perm == PERM_RECEIPT) {
        return 0;
    }
    enum err e = arena_new(ADMIT_ARENA, &arena);
    if (e) {
        return status_of(e);
    }
    struct req rq = {.sv = w->o.services, .arena = arena, .now = clock_now()};
    e = session_load(&rq, hr->header[HTTP_COOKIE], w->secure, w->o.person_find, &session);
    e = e ? e : row->perm == PERM_SIGNED_IN || req_may(&rq, row->perm) ? OK : ERR_FORBIDDEN;
    explicit_bzero(&rq.token, sizeof rq.token);
    explicit_bzero(&session, sizeof session);
    arena_free(&arena);
    return e ? status_of(e) : 0;
}

void web_done(void *ctx, struct http_answer *a)
{
    (void)ctx;
    struct arena *arena = a->owner;
    a->owner = NULL;
    arena_free(&arena);
}
