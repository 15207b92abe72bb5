// serve: a program's HTTP side from start to stop, and what the loop answers without the pool.
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
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

static const int refusal_status[REFUSAL_STATUSES] = {400, 404, 413, 431, 500, 503};

static struct http_ready *ready_refusal(struct web *w, const struct http_request *hr, int status)
{
    size_t which = 4; // 500
    for (size_t i = 0; i < REFUSAL_STATUSES; i++) {
        which = refusal_status[i] == status ? i : which;
    }
    bool json = str_starts(hr->path, "/api/") || (hr->path.n == 4 && str_starts(hr->path, "/api"));
    return w->refusal[which][lang_index(web_request_lang(hr))][json];
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
        uint32_t body = e->row && e->row->body_max ? e->row->body_max : 4096;
        *plan = (struct http_plan){.step = HTTP_RUN, .body_max = body, .urgent = e->row ? e->row->urgent : NULL, .what = e};
        return;
    }
    struct http_ready *file = reads ? files_find(w->files, hr) : NULL;
    if (!file && allow) {
        file = w->not_allowed[allow & 15];
    }
    *plan = (struct http_plan){.step = HTTP_READY, .ready = file ? file : ready_refusal(w, hr, 404)};
}

// ── ready answers for refusals ──

static enum err refusal_make(struct web *w, size_t which, const struct lang *l, bool json, struct arena *arena)
{
    int status = refusal_status[which];
    enum err e = status_err(status);
    struct buf body;
    buf_init(&body, WEB_PAGE_MAX);
    struct pack_number *numbers = arena_array(arena, 16, sizeof *numbers);
    struct req rq = {.sv = w->o.services, .arena = arena, .version = files_version(w->files), .path = STR("/"), .csrf = {"", 0},
                     .notice = {"", 0}, .now = clock_now()};
    req_set_lang(&rq, l);
    size_t n = 0;
    while (numbers && rq.sv->pack && n < 16 && pack_number_at(rq.sv->pack, n, l, &numbers[n])) {
        n++;
    }
    rq.numbers = (struct list){numbers, n};
    const struct error_out out = {.status = status, .title = text_get(l, status_title(e)), .sentence = text_get(l, status_sentence(e))};
    const struct none in = {false};
    if (json) {
        json_error_sentence(&body, e, out.sentence);
    } else if (w->o.error_page) {
        w->o.error_page(&body, &rq, &in, &out);
    } else {
        buf_put(&body, out.sentence);
    }
    struct http_pair p[HTTP_PAIRS_MAX];
    size_t pairs = 0;
    for (size_t i = 0; i < web_headers_n; i++) {
        p[pairs++] = web_headers[i];
    }
    p[pairs++] = (struct http_pair){"Cache-Control", STR("no-store")};
    p[pairs++] = (struct http_pair){"Content-Type", json ? STR("application/json") : w->o.error_page ? STR("text/html; charset=utf-8")
                                                                                                     : STR("text/plain; charset=utf-8")};
    if (status == 503) {
        p[pairs++] = (struct http_pair){"Retry-After", STR("5")};
    }
    if (status == 400 || status == 413 || status == 431) {
        p[pairs++] = (struct http_pair){"Connection", STR("close")}; // what follows on it cannot be read with certainty
    }
    enum err made = buf_ok(&body);
    made = made ? made : http_ready_new(status, p, pairs, buf_str(&body), &w->refusal[which][lang_index(l)][json]);
    buf_free(&body);
    return made;
}

static enum err refusals_make(struct web *w)
{
    enum err e = OK;
    for (size_t i = 0; i < LANGS_MAX && text_each(i) && !e; i++) {
        for (size_t which = 0; which < REFUSAL_STATUSES && !e; which++) {
            for (int json = 0; json < 2 && !e; json++) {
                struct arena *arena = NULL;
                e = arena_new(REFUSAL_ARENA, &arena);
                e = e ? e : refusal_make(w, which, text_each(i), json, arena);
                arena_free(&arena);
            }
        }
    }
    for (unsigned allow = 1; allow < 16 && !e; allow++) {
        char methods[40] = "";
        static const char *const names[] = {"GET, HEAD", "POST", "PUT", "DELETE"};
        for (unsigned m = 0; m < 4; m++) {
            if (allow >> m & 1) {
                strcat(strcat(methods, methods[0] ? ", " : ""), names[m]);
            }
        }
        struct buf body;
        buf_init(&body, 2048);
        json_error_sentence(&body, ERR_MALFORMED, text_get(text_default(), MSG_WEB_ERROR_METHOD));
        const struct http_pair p[] = {web_headers[0], web_headers[1], web_headers[2], {"Allow", str_from(methods)},
                                      {"Cache-Control", STR("no-store")}, {"Content-Type", STR("application/json")}};
        e = http_ready_new(405, p, sizeof p / sizeof *p, buf_str(&body), &w->not_allowed[allow]);
        buf_free(&body);
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
            http_ready_free(&w->refusal[i][l][0]);
            http_ready_free(&w->refusal[i][l][1]);
        }
    }
    for (size_t i = 0; i < 16; i++) {
        http_ready_free(&w->not_allowed[i]);
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
    enum err e = routes_make(w, why);
    e = e ? e : files_open(o->static_dir, &w->files, why);
    e = e ? e : refusals_make(w);
    const struct http_options h = {.listen = o->listen, .threads = o->threads, .connections = o->connections,
                                   .handlers = {.ctx = w, .look = web_look, .run = web_run, .done = web_done, .refuse = web_refuse}};
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
        o->ready();
    }
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
        clock_sleep(100 * 1000); // a signal wakes it no sooner than its end: 0.1 s is soon enough
    }
    log_event(LOG_INFO, "web.stopping");
    web_free(w);
    return OK;
}
