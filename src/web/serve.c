// serve: a program's HTTP side from start to stop, and what the loop answers without the pool.
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "web/events.h"
#include "web/inside.h"

#define REFUSAL_ARENA (64 * 1024)

const struct http_pair web_headers[] = {
    {"Content-Security-Policy", STR("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
                                    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")},
    {"X-Content-Type-Options", STR("nosniff")},
    {"Referrer-Policy", STR("no-referrer")},
    {"Cross-Origin-Opener-Policy", STR("same-origin")},
    {"Cross-Origin-Resource-Policy", STR("same-origin")},
    {"Permissions-Policy", STR("camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")},
};
const size_t web_headers_n = sizeof web_headers / sizeof *web_headers;

static const int refusal_status[REFUSAL_STATUSES] = {400, 404, 413, 431, 500, 503, 401, 403};

static bool asks_json(const struct http_request *hr)
{
    return str_starts(hr->path, "/api/") || str_equal_z(hr->path, "/api");
}

static struct http_ready *ready_refusal(struct web *w, const struct http_request *hr, int status)
{
    size_t which = 4; // 500
    for (size_t i = 0; i < REFUSAL_STATUSES; i++) {
        which = refusal_status[i] == status ? i : which;
    }
    const enum refusal_face face = asks_json(hr) ? REFUSAL_JSON : hr->method == HTTP_POST ? REFUSAL_FORM : REFUSAL_PAGE;
    return w->refusal[which][lang_index(web_request_lang(hr))][face];
}

static struct http_ready *web_refuse(void *ctx, const struct http_request *hr, int status)
{
    return ready_refusal(ctx, hr, status);
}

// A page kept ready: the loop alone reads and frees `ready`, pool threads only leave `fresh` ones.
static struct http_ready *cached(struct entry *e, const struct http_request *hr)
{
    size_t l = lang_index(web_request_lang(hr));
    bool gzip = gzip_wanted(hr->header[HTTP_ACCEPT_ENCODING]);
    int64_t now = clock_mono(), age = (int64_t)e->row->cache_seconds * 1000000000;
    for (int z = 0; z < 2; z++) {
        struct http_ready *fresh = atomic_load_explicit(&e->fresh[l][z], memory_order_relaxed);
        if (fresh) {
            fresh = atomic_exchange(&e->fresh[l][z], NULL);
            http_ready_free(&e->ready[l][z]);
            e->ready[l][z] = fresh;
            e->made[l] = now;
        }
    }
    struct http_ready *r = gzip && e->ready[l][1] ? e->ready[l][1] : e->ready[l][0];
    if (r && now - e->made[l] > age) {
        e->made[l] = now - age + 1000000000; // this request renews it; for a second the others get the old one
        return NULL;
    }
    return r;
}

static void web_look(void *ctx, const struct http_request *hr, struct http_plan *plan)
{
    struct web *w = ctx;
    unsigned allow;
    struct entry *e = router_find(&w->router, hr->path, hr->method, &allow);
    bool reads = hr->method == HTTP_GET || hr->method == HTTP_HEAD;
    if (e) {
        struct http_ready *r = e->row && e->row->cache_seconds && e->kind == ENTRY_PAGE && hr->query.n == 0 ? cached(e, hr) : NULL;
        if (r) {
            *plan = (struct http_plan){.step = HTTP_READY, .ready = r};
            return;
        }
        uint32_t body = e->row && e->row->body_max ? e->row->body_max : BODY_USUAL;
        // a form; what a person types is little longer than it may be
        size_t back = e->kind == ENTRY_PAGE && e->row && !e->row->upload ? 2 * (size_t)body : 0;
        *plan = (struct http_plan){.step = HTTP_RUN, .body_max = body, .back_max = back, .urgent = e->row ? e->row->urgent : NULL, .what = e};
        return;
    }
    struct http_ready *file = reads ? files_find(w->files, hr) : NULL;
    if (!file && allow) {
        file = w->not_allowed[allow & 15][lang_index(web_request_lang(hr))][asks_json(hr)]; // NULL: literal and {id} mixed
    }
    *plan = (struct http_plan){.step = HTTP_READY, .ready = file ? file : ready_refusal(w, hr, 404)};
}

// ── ready answers for refusals ──

struct refusal_kind { int status; enum err err; struct str sentence, more, allow; }; // more: behind a form, how to go on

static struct refusal_kind kind_of(int status, const struct lang *l)
{
    enum err e = status_err(status);
    return (struct refusal_kind){.status = status, .err = e, .sentence = text_get(l, status_sentence(e))};
}

static void refusal_body(struct web *w, const struct refusal_kind *k, const struct lang *l, bool json, struct arena *arena, struct buf *body)
{
    if (json) {
        json_error_sentence(body, k->err, k->sentence);
        return;
    }
    if (!w->o.error_page) {
        buf_put(body, k->sentence);
        return;
    }
    struct req rq = {.sv = w->o.services, .arena = arena, .version = files_version(w->files), .path = STR("/"), .csrf = {"", 0},
                     .notice = {"", 0}, .now = clock_now()};
    req_set_lang(&rq, l);
    web_numbers_fill(&rq);
    const struct error_out out = {.status = k->status, .title = text_get(l, status_title(k->err)), .sentence = k->sentence, .more = k->more};
    const struct none in = {false};
    w->o.error_page(body, &rq, &in, &out);
}

static enum err refusal_make(struct web *w, const struct refusal_kind *k, const struct lang *l, bool json, struct http_ready **out)
{
    struct buf body;
    buf_init(&body, WEB_PAGE_MAX);
    struct arena *arena = NULL;
    enum err e = arena_new(REFUSAL_ARENA, &arena);
    if (e) {
        return e;
    }
    refusal_body(w, k, l, json, arena, &body);
    struct http_pair p[HTTP_PAIRS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < web_headers_n; i++) {
        p[n++] = web_headers[i];
    }
    const char *type = json ? "application/json" : w->o.error_page ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
    p[n++] = (struct http_pair){"Cache-Control", STR("no-store")};
    p[n++] = (struct http_pair){"Content-Type", str_from(type)};
    if (k->status == 503) {
        p[n++] = (struct http_pair){"Retry-After", STR("5")};
    }
    if (k->status == 400 || k->status == 413 || k->status == 431) {
        p[n++] = (struct http_pair){"Connection", STR("close")}; // what follows on it cannot be read with certainty
    }
    if (k->allow.n) {
        p[n++] = (struct http_pair){"Allow", k->allow};
    }
    e = buf_ok(&body);
    e = e ? e : http_ready_new(k->status, p, n, buf_str(&body), out);
    buf_free(&body);
    arena_free(&arena);
    return e;
}

static enum err not_allowed_make(struct web *w, unsigned allow, const struct lang *l)
{
    static const char *const names[] = {"GET, HEAD", "POST", "PUT", "DELETE"};
    char methods[40] = "";
    for (unsigned m = 0; m < 4; m++) {
        if (allow >> m & 1) {
            strcat(strcat(methods, methods[0] ? ", " : ""), names[m]);
        }
    }
    const struct refusal_kind k = {.status = 405, .err = ERR_METHOD,
                                   .sentence = text_get(l, status_sentence(ERR_METHOD)), .allow = str_from(methods)};
    enum err e = refusal_make(w, &k, l, false, &w->not_allowed[allow][lang_index(l)][0]);
    return e ? e : refusal_make(w, &k, l, true, &w->not_allowed[allow][lang_index(l)][1]);
}

static enum err refusals_make(struct web *w)
{
    enum err e = OK;
    for (size_t i = 0; i < LANGS_MAX && text_each(i) && !e; i++) {
        const struct lang *l = text_each(i);
        for (size_t which = 0; which < REFUSAL_STATUSES && !e; which++) {
            struct refusal_kind k = kind_of(refusal_status[which], l);
            e = refusal_make(w, &k, l, false, &w->refusal[which][i][REFUSAL_PAGE]);
            e = e ? e : refusal_make(w, &k, l, true, &w->refusal[which][i][REFUSAL_JSON]);
            k.more = text_get(l, MSG_WEB_ERROR_GO_BACK);
            e = e ? e : refusal_make(w, &k, l, false, &w->refusal[which][i][REFUSAL_FORM]);
        }
        unsigned made = 0; // only the sets of methods that some path has
        for (size_t r = 0; r < w->router.n && !e; r++) {
            unsigned allow = 0;
            for (size_t q = 0; q < w->router.n; q++) {
                bool same = strcmp(w->router.at[q].part_text, w->router.at[r].part_text) == 0;
                allow |= same ? 1u << w->router.at[q].method : 0u;
            }
            if (!(made >> allow & 1)) {
                e = not_allowed_make(w, allow, l);
            }
            made |= 1u << allow;
        }
    }
    return e;
}

static void web_free(struct web *w)
{
    struct http *http = atomic_load(&w->http);
    http_stop(&http);
    router_free(&w->router);
    files_free(&w->files);
    for (size_t i = 0; i < REFUSAL_STATUSES; i++) {
        for (size_t l = 0; l < LANGS_MAX; l++) {
            for (size_t f = 0; f < REFUSAL_FACES; f++) {
                http_ready_free(&w->refusal[i][l][f]);
            }
        }
    }
    for (size_t i = 0; i < 16 * LANGS_MAX * 2; i++) {
        http_ready_free(&w->not_allowed[i / (LANGS_MAX * 2)][i / 2 % LANGS_MAX][i % 2]);
    }
    free(w);
}

static enum err routes_make(struct web *w, struct buf *why)
{
    enum err e = router_add(&w->router, w->o.rooms, why);
    e = e ? e : router_add_special(&w->router, ENTRY_HEALTH, "/health");
    if (w->desk) {
        e = e ? e : router_add_special(&w->router, ENTRY_METRICS, "/metrics");
    }
    if (w->o.services->events) {
        e = e ? e : router_add_special(&w->router, ENTRY_EVENTS, "/api/v1/events");
    }
    return e;
}

enum err web_serve(const struct web_options *o, const volatile sig_atomic_t *stop, struct buf *why)
{
    mallopt(M_ARENA_MAX, 2); // an arena per thread would keep as many heaps as there are threads
    json_start();
    struct web *w = calloc(1, sizeof *w);
    if (!w) {
        return ERR_MEMORY;
    }
    w->o = *o;
    w->secure = session_secure(o->url);
    w->desk = o->sign_in != NULL;
    atomic_store(&w->well, true);
    enum err e = routes_make(w, why);
    e = e ? e : files_open(o->static_dir, &w->files, why);
    e = e ? e : refusals_make(w);
    const struct http_options h = {.listen = o->listen, .listener = o->listener, .threads = o->threads, .connections = o->connections,
                                   .handlers = {.ctx = w, .look = web_look, .run = web_run, .admit = web_admit, .done = web_done,
                                                .give_back = web_give_back, .refuse = web_refuse}};
    struct http *http = NULL;
    e = e ? e : http_start(&h, &http, why);
    atomic_store(&w->http, http);
    if (e) {
        if (why->n == 0) {
            buf_printf(why, "%s: %s", o->name, err_name(e));
        }
        web_free(w);
        return e;
    }
    log_event(LOG_INFO, "web.ready", LOG_I("port", http_port(http)), LOG_I("threads", o->threads));
    if (o->ready) {
        o->ready(http_listener(http));
    }
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
        clock_sleep(100 * 1000); // a signal wakes it no sooner than its end: 0.1 s is soon enough
    }
    if (__atomic_load_n(stop, __ATOMIC_RELAXED) == 2) {
        log_event(LOG_INFO, "web.leaving");
        if (o->leave) {
            o->leave();
        }
        if (o->services->events) {
            events_end_streams(o->services->events); // their readers come back to the process that took over
        }
        http_leave(http, stop);
    }
    log_event(LOG_INFO, "web.stopping");
    web_free(w);
    return OK;
}
