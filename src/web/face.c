// face: one request through one row, as page or as JSON. Runs in a pool thread.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "text/date.h"
#include "web/events.h"
#include "web/inside.h"

#define RETRY_SECONDS 5  // where nobody said better
#define NUMBERS_MAX 16
#define ADMIT_ARENA (256 * 1024)
#define DAY_MAX 64       // bytes of "23 nëntor 2026"

struct turn {
    struct web *w;
    const struct http_request *hr;
    struct http_answer *a;
    struct entry *entry;
    struct req rq;
    struct refusals refused;
    const struct pairs *typed;      // page face: what was sent, for unsaved_show; NULL: nothing
    struct str sent_csrf;
    const struct lang *cookie_lang; // as the request came; a page in another language sets the cookie
    struct str set_device;
    struct keeper_session session;
};

static void pair_put(struct turn *t, const char *name, struct str value)
{
    assert(t->a->n < HTTP_PAIRS_MAX);
    t->a->pair[t->a->n++] = (struct http_pair){name, value};
}

void req_set_lang(struct req *rq, const struct lang *l)
{
    rq->lang = l;
    rq->lang_code = str_from(text_code(l));
    rq->lang_other = str_from(text_code(lang_other(l)));
}

const struct lang *web_request_lang(const struct http_request *hr)
{
    return lang_choose((struct str){"", 0}, cookie_get(hr->header[HTTP_COOKIE], STR("lang")), hr->header[HTTP_ACCEPT_LANGUAGE]);
}

// The oldest of the days on which somebody last looked at a number; empty where one of them is no day.
static struct str oldest_day(struct req *rq)
{
    const struct pack_number *n = rq->numbers.at;
    struct str day = {0};
    for (size_t i = 0; i < rq->numbers.n; i++) {
        if (day.n == 0 || str_compare(n[i].verified_on, day) < 0) {
            day = n[i].verified_on;
        }
    }
    char text[11] = "";
    struct tm tm = {.tm_hour = 12, .tm_isdst = -1};
    if (day.n != 10) {
        return (struct str){0};
    }
    memcpy(text, day.at, 10);
    if (sscanf(text, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3) {
        return (struct str){0};
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct buf b;
    buf_init(&b, DAY_MAX);
    date_put(&b, rq->lang, (int64_t)timegm(&tm) * 1000000, DATE_DAY);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

void web_numbers_fill(struct req *rq)
{
    if (!rq->sv->pack || rq->numbers.n) {
        return;
    }
    struct pack_number *at = arena_array(rq->arena, NUMBERS_MAX, sizeof *at);
    size_t n = 0;
    while (at && n < NUMBERS_MAX && pack_number_at(rq->sv->pack, n, rq->lang, &at[n])) {
        n++;
    }
    rq->numbers = (struct list){at, at ? n : 0};
    rq->numbers_day = oldest_day(rq);
    rq->exit = pack_exit(rq->sv->pack, rq->lang);
}

static bool status_retry(int status)
{
    return status == 503 || status == 429;
}

// What every dynamic answer carries.
static void answer_head(struct turn *t, int status, struct str type)
{
    t->a->status = status;
    for (size_t i = 0; i < web_headers_n; i++) {
        t->a->pair[t->a->n++] = web_headers[i];
    }
    pair_put(t, "Cache-Control", STR("no-store"));
    if (type.n) {
        pair_put(t, "Content-Type", type);
    }
    if (status_retry(status)) {
        int64_t wait = t->rq.retry_after > 0 ? t->rq.retry_after : RETRY_SECONDS;
        pair_put(t, "Retry-After", arena_printf(t->rq.arena, "%lld", (long long)wait));
    }
    if (t->rq.set_cookie.n) {
        pair_put(t, "Set-Cookie", t->rq.set_cookie);
    }
    if (t->set_device.n) {
        pair_put(t, "Set-Cookie", t->set_device);
    }
    if (t->rq.lang != t->cookie_lang && t->entry->kind == ENTRY_PAGE) { // ends with the browser: nothing stays on the phone
        const char *secure = t->w->secure ? "; Secure" : "";
        pair_put(t, "Set-Cookie", arena_printf(t->rq.arena, "lang=%s; Path=/; HttpOnly; SameSite=Lax%s", text_code(t->rq.lang), secure));
    }
}

static void redirect(struct turn *t, struct str to)
{
    bool ours = to.n && to.at[0] == '/' && !str_starts(to, "//") && !str_starts(to, "/\\") && !str_has_control(to, false);
    if (!ours) {
        log_event(LOG_WARN, "web.redirect_refused", LOG_I("bytes", to.n));
        to = STR("/");
    }
    answer_head(t, 303, (struct str){"", 0});
    pair_put(t, "Location", to);
}

// row.then with {id} of the path filled in
static struct str then_path(struct turn *t, const char *then)
{
    struct str s = str_from(then);
    ptrdiff_t i = str_find_str(s, STR("{id}"));
    if (i < 0) {
        return s;
    }
    char hex[ID_HEX];
    return arena_printf(t->rq.arena, "%.*s%s%s", (int)i, then, id_hex(t->rq.id, hex), then + i + 4);
}

static void error_show(struct turn *t, enum err e, struct str sentence)
{
    const struct lang *l = t->rq.lang;
    struct str said = sentence.n ? sentence : t->rq.notice.n ? t->rq.notice : text_get(l, status_sentence(e));
    buf_clear(&t->a->body);
    if (t->entry->kind != ENTRY_PAGE) {
        json_error_sentence(&t->a->body, e, said);
        answer_head(t, status_of(e), STR("application/json"));
        return;
    }
    const struct error_out out = {.status = status_of(e), .title = text_get(l, status_title(e)), .sentence = said};
    const struct none in = {false};
    t->rq.notice = (struct str){"", 0}; // the page itself says it
    if (e == ERR_UNAUTHENTICATED) { // the session ended while the page was made: whoever looks now is nobody
        t->rq.who = (struct person){0};
        t->rq.nav = (struct nav){0};
    }
    web_numbers_fill(&t->rq);
    if (t->w->o.error_page) {
        t->w->o.error_page(&t->a->body, &t->rq, &in, &out);
    }
    answer_head(t, status_of(e), STR("text/html; charset=utf-8"));
}

// ── page ──

static void cache_put(struct turn *t)
{
    struct entry *e = t->entry;
    size_t l = lang_index(t->rq.lang);
    struct http_pair p[HTTP_PAIRS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < web_headers_n; i++) {
        p[n++] = web_headers[i];
    }
    p[n++] = (struct http_pair){"Cache-Control", STR("no-store")};
    p[n++] = (struct http_pair){"Content-Type", STR("text/html; charset=utf-8")};
    p[n++] = (struct http_pair){"Vary", STR("Cookie, Accept-Language, Accept-Encoding")};
    struct buf packed;
    buf_init(&packed, WEB_PAGE_MAX);
    bool gzip = t->a->body.n >= GZIP_LEAST && gzip_pack(&packed, buf_str(&t->a->body)) == OK;
    struct http_ready *one = NULL;
    if (http_ready_new(200, p, n, buf_str(&t->a->body), &one) == OK) {
        one = atomic_exchange(&e->fresh[l][0], one);
        http_ready_free(&one); // a fresh one that the loop had not taken yet
    }
    p[n++] = (struct http_pair){"Content-Encoding", STR("gzip")};
    if (gzip && http_ready_new(200, p, n, buf_str(&packed), &one) == OK) {
        one = atomic_exchange(&e->fresh[l][1], one);
        http_ready_free(&one);
    }
    buf_free(&packed);
}

// Compression tells an observer of the length what repeats in a page. So only pages that hold nothing secret and repeat
// nothing that was sent (BREACH): the portal's, asked for with GET, with no query.
static void page_pack(struct turn *t)
{
    const struct route *row = t->entry->row;
    bool open = !t->w->desk && row->method == GET && row->perm == PERM_PUBLIC && t->hr->query.n == 0;
    if (!open || t->a->status != 200 || t->a->body.n < GZIP_LEAST || !gzip_wanted(t->hr->header[HTTP_ACCEPT_ENCODING])) {
        return;
    }
    struct buf packed;
    buf_init_secret(&packed, WEB_PAGE_MAX);
    if (gzip_pack(&packed, buf_str(&t->a->body)) == OK) {
        buf_free(&t->a->body);
        t->a->body = packed;
        pair_put(t, "Content-Encoding", STR("gzip"));
        pair_put(t, "Vary", STR("Cookie, Accept-Language, Accept-Encoding"));
    } else {
        buf_free(&packed);
    }
}

// What is to be kept: never shown in the page's own place, whatever is in it (nosniff stands in every head).
static void file_show(struct turn *t)
{
    const struct attachment *f = &t->rq.file;
    bool plain = f->name.n > 0 && f->name.n <= 80;
    for (size_t i = 0; i < f->name.n; i++) {
        plain &= strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", f->name.at[i]) != NULL && f->name.at[i];
    }
    buf_clear(&t->a->body);
    if (t->entry->row->file_max >= f->bytes.n && f->bytes.n > WEB_PAGE_MAX) {
        t->a->body.max = f->bytes.n;
    }
    buf_put(&t->a->body, f->bytes);
    if (buf_ok(&t->a->body)) {
        error_show(t, ERR_TOO_LARGE, (struct str){"", 0});
        return;
    }
    answer_head(t, 200, f->type);
    pair_put(t, "Content-Security-Policy", STR("default-src 'none'; sandbox")); // beside the other: both hold
    pair_put(t, "Content-Disposition", plain ? arena_printf(t->rq.arena, "attachment; filename=\"%.*s\"", STR_ARG(f->name)) : STR("attachment"));
}

// The page of `row`: the turn's own, but where the sign-in is shown in its place.
static void page_show_of(struct turn *t, const struct route *row, int status, const void *in, const void *out)
{
    web_numbers_fill(&t->rq);
    row->page(&t->a->body, &t->rq, in, out);
    if (buf_ok(&t->a->body) || arena_failed(t->rq.arena)) {
        log_event(LOG_WARN, "web.page_too_large", LOG_I("bytes", t->a->body.n));
        t->a->n = 0;
        buf_clear(&t->a->body);
        error_show(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    answer_head(t, status, STR("text/html; charset=utf-8"));
    if (status == 200 && row->cache_seconds && t->hr->query.n == 0) {
        cache_put(t);
    }
    page_pack(t);
}

static void page_show(struct turn *t, int status, const void *in, const void *out)
{
    page_show_of(t, t->entry->row, status, in, out);
}

// ── what was typed comes back ──

static void unsaved_page_show(struct turn *t, const struct route *row, const struct pairs *p, const struct unsaved_out *how, int status)
{
    struct unsaved_out out = *how;
    const struct none in = {false};
    if (unsaved_fields(t->rq.arena, row, p, &out.fields)) {
        error_show(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    t->rq.notice = (struct str){"", 0}; // the page itself says it
    buf_clear(&t->a->body);
    t->w->o.unsaved_page(&t->a->body, &t->rq, &in, &out);
    if (buf_ok(&t->a->body) || arena_failed(t->rq.arena)) {
        buf_clear(&t->a->body);
        error_show(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    answer_head(t, status, STR("text/html; charset=utf-8"));
}

static const struct route *post_row(struct turn *t, struct str path)
{
    unsigned allow;
    const struct entry *e = path.n && path.at[0] == '/' ? router_find(&t->w->router, path, HTTP_POST, &allow) : NULL;
    return e && e->kind == ENTRY_PAGE ? e->row : NULL;
}

// The session has ended: the sign-in, which carries what was typed. False: it has no room for it.
static bool unsaved_sign_in(struct turn *t)
{
    const struct route *row = t->w->o.sign_in ? post_row(t, str_from(t->w->o.sign_in)) : NULL;
    void *in = row ? arena_alloc(t->rq.arena, row->in->size) : NULL, *out = row ? arena_alloc(t->rq.arena, row->out->size) : NULL;
    struct str typed;
    if (!in || !out || !row->page || unsaved_pack(t->rq.arena, t->entry->row, t->typed, &typed)) {
        return false;
    }
    bool again = false, room = false;
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        again |= strcmp(f->name, "again") == 0 && shape_put(&t->rq, f, t->rq.path, false, in) == OK;
        room |= strcmp(f->name, "typed") == 0 && shape_put(&t->rq, f, typed, false, in) == OK;
    }
    if (!again || !room) {
        return false;
    }
    t->rq.notice = text_get(t->rq.lang, MSG_WEB_UNSAVED_SIGN_IN);
    page_show_of(t, row, status_of(ERR_UNAUTHENTICATED), in, out);
    return true;
}

// Whether sending the same once more may help. stale: the token was old.
static bool worth_again(enum err e, bool stale)
{
    return (e == ERR_FORBIDDEN && stale) || e == ERR_AWAY || e == ERR_FULL || e == ERR_LIMITED || e == ERR_CONFLICT || e == ERR_INVALID || e == ERR_IO ||
           e == ERR_MEMORY || e == ERR_BUG;
}

// A form that could not be taken and whose own page is not shown again: with what was typed, escaped, and a sentence. False:
// nothing was typed, or not on a page of ours, so that no stranger can lay words into a form that only waits for a press.
static bool unsaved_show(struct turn *t, enum err e, struct str sentence)
{
    const struct route *row = t->entry->row;
    bool ours = t->w->o.unsaved_page && row->method == POST && row->perm != PERM_PUBLIC && session_same_origin(t->hr, t->w->o.url);
    if (!ours || !t->typed || !unsaved_typed(row, t->typed, false)) {
        return false;
    }
    if (e == ERR_UNAUTHENTICATED && unsaved_sign_in(t)) {
        return true;
    }
    bool stale = e == ERR_FORBIDDEN && sentence.n > 0;
    struct str said = stale ? text_get(t->rq.lang, MSG_WEB_UNSAVED_STALE) : t->rq.notice.n ? t->rq.notice : req_refused(&t->rq) ?
        refuse_sentence(&t->rq, &t->rq.refused->at[0]) : text_get(t->rq.lang, status_sentence(e));
    t->rq.csrf = t->rq.csrf.n ? t->rq.csrf : t->sent_csrf; // where the keeper is away nobody knows a better one; it is looked at then
    const struct unsaved_out out = {.sentence = said, .action = t->rq.path, .again = worth_again(e, stale), .upload = row->upload};
    unsaved_page_show(t, row, t->typed, &out, status_of(e));
    return true;
}

// Signed in again. What comes back waits for a press like any form, and that press is looked at like any other.
static bool unsaved_resume(struct turn *t)
{
    const struct unsaved *u = &t->rq.unsaved;
    const struct route *row = u->path.n ? post_row(t, u->path) : NULL;
    struct pairs *p = row ? ARENA_NEW(t->rq.arena, struct pairs) : NULL;
    if (!p || !t->w->o.unsaved_page || pairs_read(t->rq.arena, u->typed, p) || !unsaved_typed(row, p, false)) {
        return false;
    }
    t->rq.csrf = u->csrf;
    const struct unsaved_out out = {.sentence = text_get(t->rq.lang, MSG_WEB_UNSAVED_BACK), .action = u->path, .again = true, .upload = row->upload};
    unsaved_page_show(t, row, p, &out, 200);
    return true;
}

static void refuse_entry(struct turn *t, enum err e, struct str sentence)
{
    if (t->entry->kind == ENTRY_PAGE && unsaved_show(t, e, sentence)) {
        return;
    }
    if (e == ERR_UNAUTHENTICATED && t->entry->kind == ENTRY_PAGE && t->w->o.sign_in) {
        redirect(t, str_from(t->w->o.sign_in));
        return;
    }
    error_show(t, e, sentence);
}

static void page_run(struct turn *t, enum err read, void *in)
{
    const struct route *row = t->entry->row;
    void *out = arena_alloc(t->rq.arena, row->out->size);
    if (!out) {
        error_show(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    enum err e = row_run(row, &t->rq, read, in, out);
    if (read == ERR_INVALID && !row->run_refused && row->fill) {
        enum err fill = row->fill(&t->rq, in, out);
        e = fill ? fill : e;
    }
    if (!e && t->rq.file.type.n) {
        file_show(t);
        return;
    }
    if (!e) {
        const char *then = t->rq.then ? t->rq.then : row->then;
        if (t->rq.unsaved.path.n && unsaved_resume(t)) {
            return;
        }
        if (then) {
            redirect(t, then_path(t, then));
        } else {
            page_show(t, 200, in, out);
        }
        return;
    }
    bool again = e == ERR_INVALID || e == ERR_CONFLICT || e == ERR_LIMITED || e == ERR_FULL || e == ERR_AWAY;
    // A search whose words were refused comes back like a form.
    bool form = row->method == POST || (row->method == GET && e == ERR_INVALID && row->fill);
    if (!again || !form || !row->page) {
        refuse_entry(t, e, (struct str){"", 0});
        return;
    }
    // A page that only says what became of it shows nothing of what was typed.
    const struct html_page *own = html_page_find(row->page);
    if (own && own->in_size == 0 && !row->fill && t->typed && unsaved_typed(row, t->typed, true) && unsaved_show(t, e, (struct str){"", 0})) {
        return;
    }
    shape_forget_secrets(row->in, in);
    if (!t->rq.notice.n) {
        t->rq.notice = text_get(t->rq.lang, status_sentence(e));
    }
    page_show(t, status_of(e), in, out);
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
        error_show(t, ERR_KIND, (struct str){"", 0});
        return;
    }
    enum err read = row->method == GET ? form_read(&t->rq, row->in, t->hr->query, in, &extra)
                    : parts ? form_read_parts(&t->rq, row->in, t->hr->header[HTTP_CONTENT_TYPE], t->hr->body, in, &extra)
                            : json_read(&t->rq, row->in, t->hr->body, in);
    int status = json_run(row, &t->rq, read, in, &t->a->body);
    if (t->rq.file.type.n && status < 300) {
        file_show(t);
        return;
    }
    if (buf_ok(&t->a->body)) {
        error_show(t, ERR_MEMORY, (struct str){"", 0});
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
        error_show(t, ERR_MEMORY, sentence);
        return;
    }
    bool parts = post && row->upload && t->hr->body.n > 0 && body_is(t->hr, STR("multipart/form-data"));
    if (post && t->hr->body.n > 0 && !parts && !body_is(t->hr, STR("application/x-www-form-urlencoded"))) {
        error_show(t, ERR_KIND, (struct str){"", 0}); // multipart, so pictures, come no further but where a row takes a file
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

// ── what is no row ──

// One request looks, at most once a second; all others get the last answer, also while a look waits for a keeper that hangs:
// so a flood of them costs nothing.
static bool health_look(struct web *w)
{
    int64_t now = clock_mono(), last = atomic_load(&w->health_at);
    if (w->o.healthy && (!last || now - last >= HEALTH_HOLDS) && atomic_compare_exchange_strong(&w->health_at, &last, HEALTH_LOOKING)) {
        atomic_store(&w->well, w->o.healthy(w->o.services));
        atomic_store(&w->health_at, clock_mono());
    }
    return !w->o.healthy || atomic_load(&w->well);
}

static void health_show(struct turn *t)
{
    bool well = health_look(t->w);
    buf_printf(&t->a->body, "{\"status\":\"%s\"", well ? "ok" : "failing");
    if (t->w->o.services->pack) {
        buf_put_z(&t->a->body, ",\"pack\":\"");
        buf_put_hex(&t->a->body, pack_hash(t->w->o.services->pack), 8);
        buf_put_c(&t->a->body, '"');
    }
    buf_put_z(&t->a->body, "}\n");
    answer_head(t, well ? 200 : 503, STR("application/json"));
}

// Counts only. For who asks on this machine itself, or has PERM_SETTINGS: the front sets X-Isigurt-Prefix on all that it
// passes on, so a request without it did not come through the front.
static void metrics_show(struct turn *t)
{
    struct web *w = t->w;
    if (t->hr->header[HTTP_PREFIX].n) {
        enum err e = session_load(&t->rq, t->hr->header[HTTP_COOKIE], w->secure, w->o.person_find, &t->session);
        if (e || !req_may(&t->rq, PERM_SETTINGS)) {
            error_show(t, e ? e : ERR_FORBIDDEN, (struct str){"", 0});
            return;
        }
    }
    struct http_counts c = {0};
    struct http *http = atomic_load(&w->http);
    if (http) {
        http_counts(http, &c);
    }
    struct buf *b = &t->a->body;
    buf_printf(b, "# TYPE isigurt_http_requests_total counter\nisigurt_http_requests_total{process=\"%s\"} %llu\n", w->o.name,
               (unsigned long long)c.requests);
    buf_printf(b, "# TYPE isigurt_http_refused_total counter\nisigurt_http_refused_total{process=\"%s\"} %llu\n", w->o.name,
               (unsigned long long)c.refused);
    buf_printf(b, "# TYPE isigurt_http_full_total counter\nisigurt_http_full_total{process=\"%s\"} %llu\n", w->o.name,
               (unsigned long long)c.full);
    buf_printf(b, "# TYPE isigurt_http_reaped_total counter\nisigurt_http_reaped_total{process=\"%s\"} %llu\n", w->o.name,
               (unsigned long long)c.reaped);
    buf_printf(b, "# TYPE isigurt_http_connections gauge\nisigurt_http_connections{process=\"%s\"} %u\n", w->o.name, c.connections);
    buf_printf(b, "# TYPE isigurt_http_waiting gauge\nisigurt_http_waiting{process=\"%s\"} %u\n", w->o.name, c.waiting);
    if (w->o.services->events) {
        events_metrics(w->o.services->events, b);
    }
    answer_head(t, 200, STR("text/plain; version=0.0.4"));
}

static void events_show(struct turn *t)
{
    struct web *w = t->w;
    enum err e = session_load(&t->rq, t->hr->header[HTTP_COOKIE], w->secure, w->o.person_find, &t->session);
    if (!e && !req_may(&t->rq, PERM_REPORT_LIST)) {
        e = ERR_FORBIDDEN;
    }
    int64_t after = -1;
    struct str query = t->hr->query;
    struct str last = t->hr->header[HTTP_LAST_EVENT_ID];
    if (!last.n && str_starts(query, "after=")) {
        last = str_slice(query, 6, query.n);
    }
    if (!e && last.n && (str_int(last, &after) || after < 0)) {
        e = ERR_MALFORMED;
    }
    if (!e && t->hr->method == HTTP_HEAD) {
        answer_head(t, 200, STR("text/event-stream"));
        return;
    }
    e = e ? e : events_open_stream(w->o.services->events, &t->rq.token, &t->session, after, t->a);
    if (e) {
        error_show(t, e, (struct str){"", 0});
    }
}

void web_run(void *ctx, const struct http_request *hr, struct http_answer *a)
{
    struct web *w = ctx;
    union { const void *in; struct entry *out; } what = {hr->what};
    struct turn t = {.w = w, .hr = hr, .a = a, .entry = what.out};
    struct arena *arena = NULL;
    buf_free(&a->body);
    buf_init_secret(&a->body, WEB_PAGE_MAX);
    size_t file = what.out->row ? what.out->row->file_max : 0;
    if (arena_new(WEB_ARENA + 4 * hr->body.n + file, &arena)) {
        a->status = 500;
        return;
    }
    a->owner = arena;
    t.rq = (struct req){.sv = w->o.services, .arena = arena, .path = hr->path, .now = clock_now(), .json = t.entry->kind != ENTRY_PAGE,
                        .refused = &t.refused, .version = files_version(w->files), .csrf = {"", 0}, .notice = {"", 0}};
    req_set_lang(&t.rq, web_request_lang(hr));
    t.cookie_lang = t.rq.lang;
    if (hr->unix_socket) {
        t.rq.prefix = hr->header[HTTP_PREFIX];
    }
    entry_ids(t.entry, hr->path, &t.rq.id, &t.rq.id2);
    receipt_read(&t);
    switch (t.entry->kind) {
    case ENTRY_PAGE: row_page(&t); break;
    case ENTRY_JSON: row_json(&t); break;
    case ENTRY_HEALTH: health_show(&t); break;
    case ENTRY_METRICS: metrics_show(&t); break;
    case ENTRY_EVENTS: events_show(&t); break;
    }
    explicit_bzero(&t.rq.token, sizeof t.rq.token);
    explicit_bzero(&t.session, sizeof t.session);
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
