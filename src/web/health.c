// health: what a server is asked that is no row: whether it is well, its counts, and the stream of events.
#include "base/clock.h"
#include "web/events.h"
#include "web/inside.h"

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

void health_show(struct turn *t)
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
void health_metrics(struct turn *t)
{
    struct web *w = t->w;
    if (t->hr->header[HTTP_PREFIX].n) {
        enum err e = session_load(&t->rq, t->hr->header[HTTP_COOKIE], w->secure, w->o.person_find, &t->session);
        if (e || !req_may(&t->rq, PERM_SETTINGS)) {
            answer_error(t, e ? e : ERR_FORBIDDEN, (struct str){"", 0});
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

void health_events(struct turn *t)
{
    struct web *w = t->w;
    enum err e = session_load(&t->rq, t->hr->header[HTTP_COOKIE], w->secure, w->o.person_find, &t->session);
    if (!e && !events_for(t->rq.sv, t->rq.who.roles)) {
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
        answer_error(t, e, (struct str){"", 0});
    }
}
