// answer: what one request is answered with: head, page, file, redirect, error.
#include <assert.h>
#include <string.h>
#include "base/log.h"
#include "web/inside.h"

#define RETRY_SECONDS 5 // where nobody said better

static void pair_put(struct turn *t, const char *name, struct str value)
{
    assert(t->a->n < HTTP_PAIRS_MAX);
    t->a->pair[t->a->n++] = (struct http_pair){name, value};
}

static bool status_retry(int status)
{
    return status == 503 || status == 429;
}

// What every dynamic answer carries.
void answer_head(struct turn *t, int status, struct str type)
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

void answer_redirect(struct turn *t, struct str to)
{
    bool ours = to.n && to.at[0] == '/' && !str_starts(to, "//") && !str_starts(to, "/\\") && !str_has_control(to, false);
    if (!ours) {
        log_event(LOG_WARN, "web.redirect_refused", LOG_I("bytes", to.n));
        to = STR("/");
    }
    answer_head(t, 303, (struct str){"", 0});
    pair_put(t, "Location", to);
}

// row.then with {id} or {code} of the path filled in
struct str answer_then(struct turn *t, const char *then)
{
    struct str s = str_from(then);
    ptrdiff_t i = str_find_str(s, STR("{code}"));
    if (i >= 0) {
        return arena_printf(t->rq.arena, "%.*s%.*s%s", (int)i, then, STR_ARG(t->rq.code), then + i + 6);
    }
    i = str_find_str(s, STR("{id}"));
    if (i < 0) {
        return s;
    }
    char hex[ID_HEX];
    return arena_printf(t->rq.arena, "%.*s%s%s", (int)i, then, id_hex(t->rq.id, hex), then + i + 4);
}

void answer_error(struct turn *t, enum err e, struct str sentence)
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
void answer_file(struct turn *t)
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
        answer_error(t, ERR_TOO_LARGE, (struct str){"", 0});
        return;
    }
    answer_head(t, 200, f->type);
    pair_put(t, "Content-Security-Policy", STR("default-src 'none'; sandbox")); // beside the other: both hold
    pair_put(t, "Content-Disposition", plain ? arena_printf(t->rq.arena, "attachment; filename=\"%.*s\"", STR_ARG(f->name)) : STR("attachment"));
}

// The page of `row`: the turn's own, but where the sign-in is shown in its place.
void answer_page(struct turn *t, const struct route *row, int status, const void *in, const void *out)
{
    web_numbers_fill(&t->rq);
    if (t->w->o.waits && t->rq.who.n_units) {
        t->w->o.waits(&t->rq);
    }
    t->a->body.max = row->file_max > t->a->body.max ? row->file_max : t->a->body.max; // what may be a large file may be a large page
    row->page(&t->a->body, &t->rq, in, out);
    if (buf_ok(&t->a->body) || arena_failed(t->rq.arena)) {
        log_event(LOG_WARN, "web.page_too_large", LOG_I("bytes", t->a->body.n));
        t->a->n = 0;
        buf_clear(&t->a->body);
        answer_error(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    answer_head(t, status, STR("text/html; charset=utf-8"));
    if (status == 200 && row->cache_seconds && t->hr->query.n == 0) {
        cache_put(t);
    }
    page_pack(t);
}
