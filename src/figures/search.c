// Search: metadata of what one's own units hold, newest first. A page is merged from one bounded walk per unit (and per
// side, of referrals), so that it costs the same however much lies behind.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "figures/handlers.h"
#include "people/people.h"

struct searching {
    struct req *rq;
    const struct search *s;
    struct found *at;
    size_t n;
    struct count_unit *unit;
    size_t n_units;
    struct colleague *worker;
    size_t n_workers;
    struct list views;
};

static bool may_kind(const struct req *rq, enum search_kind k)
{
    static const enum perm perms[SEARCH_KINDS] = {PERM_REPORT_LIST, PERM_CASE_LIST, PERM_REFERRAL_LIST};
    return req_may(rq, perms[k]);
}

static enum err kind_read(struct req *rq, struct str kind, enum search_kind *out)
{
    for (unsigned k = 0; k < SEARCH_KINDS; k++)
        if (kind.n ? str_equal_z(kind, search_kind_name((enum search_kind)k)) : may_kind(rq, (enum search_kind)k)) {
            *out = (enum search_kind)k;
            return may_kind(rq, *out) ? OK : ERR_FORBIDDEN;
        }
    return kind.n ? req_refuse(rq, "kind", MSG_WEB_FIELD_CHOICE) : ERR_FORBIDDEN;
}

// "2026-0007" is a case's number; hex digits are the beginning of an id.
static enum err q_read(struct req *rq, struct str q, struct search *s)
{
    char low[33], high[33];
    s->q = str_trim(q);
    if (!s->q.n)
        return OK;
    if (s->q.n >= 6 && s->q.n <= 20 && s->q.at[4] == '-' && str_find_str(s->q, STR("20")) == 0) {
        s->by_number = true;
        s->kind = SEARCH_CASE;
        return may_kind(rq, SEARCH_CASE) ? OK : ERR_FORBIDDEN;
    }
    if (s->q.n < SEARCH_HEX_LEAST || s->q.n > 32)
        return req_refuse(rq, "q", MSG_FIGURES_REFUSED_Q);
    memset(low, '0', 32);
    memset(high, 'f', 32);
    for (size_t i = 0; i < s->q.n; i++) {
        char c = s->q.at[i];
        if (str_hex_digit(c) < 0)
            return req_refuse(rq, "q", MSG_FIGURES_REFUSED_Q);
        low[i] = high[i] = "0123456789abcdef"[str_hex_digit(c)];
    }
    s->by_id = true;
    return id_from_hex((struct str){low, 32}, &s->ids.first) || id_from_hex((struct str){high, 32}, &s->ids.last) ? ERR_BUG : OK;
}

static enum err cursor_read(struct req *rq, struct str after, struct find *f)
{
    struct str rest = after, at = str_cut(&rest, '-');
    if (after.n && (str_int(at, &f->at) || str_int(rest, &f->seq) || f->at < 0 || f->seq < 0))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    return OK;
}

enum err search_read(struct req *rq, const struct search_in *in, struct search *s)
{
    *s = (struct search){.find = {.at = INT64_MAX, .urgency = in->urgency, .worker = in->worker, .unit = in->unit,
                                  .state = in->state, .category = in->category, .county = in->county}};
    enum err e = kind_read(rq, in->kind, &s->kind);
    if (e)
        return e;
    e = q_read(rq, in->q, s);
    if (e && e != ERR_INVALID)
        return e;
    if (in->measure.n && (s->by_number || s->by_id || search_measure_read(rq->sv->pack, s->kind, in->measure, &s->find)))
        e = req_refuse(rq, "measure", MSG_WEB_FIELD_CHOICE);
    s->find.now = rq->now;
    for (int u = 0; u < 4; u++)
        s->find.answer[u] = pack_seconds(rq->sv->pack, (enum pack_clock)(CLOCK_ANSWER_U1 + u)) * CLOCK_SECOND;
    if (s->kind == SEARCH_REFERRAL) { // the case's, which the other side does not see; a measure counts what one sent oneself
        if (s->find.measure == MEASURE_NONE)
            s->find.category = s->find.county = STR("");
        s->find.worker = (struct id){{0}};
    }
    if (in->state.n && !s->by_number && !search_state_known(s->kind, in->state))
        e = req_refuse(rq, "state", MSG_WEB_FIELD_CHOICE);
    if (in->from.n && figures_day_read(in->from, 0, &s->find.from))
        e = req_refuse(rq, "from", MSG_FIGURES_REFUSED_DAY);
    if (in->to.n && figures_day_read(in->to, 1, &s->find.at))
        e = req_refuse(rq, "to", MSG_FIGURES_REFUSED_DAY);
    s->find.to = s->find.at;
    if (!e && in->from.n && in->to.n && s->find.from >= s->find.to)
        e = req_refuse(rq, "to", MSG_FIGURES_REFUSED_ORDER);
    if (!id_zero(in->unit) && !person_of_unit(&rq->who, in->unit))
        e = ERR_NOT_FOUND;
    enum err cursor = cursor_read(rq, in->after, &s->find);
    if (s->find.at > s->find.to) // a cursor reaches no further than what is asked for
        s->find.at = s->find.to, s->find.seq = 0;
    return e ? e : cursor;
}

static int newest_first(const void *a_, const void *b_)
{
    const struct found *a = a_, *b = b_;
    if (a->at != b->at)
        return a->at > b->at ? -1 : 1;
    return a->seq > b->seq ? -1 : a->seq < b->seq;
}

// Keeps the first page and one more; a referral between two of the person's units comes twice and stays once.
static void cut(struct searching *g)
{
    size_t n = 0;
    if (g->n)
        qsort(g->at, g->n, sizeof *g->at, newest_first);
    for (size_t i = 0; i < g->n && n < SEARCH_PAGE + 1; i++)
        if (n == 0 || g->at[n - 1].seq != g->at[i].seq)
            g->at[n++] = g->at[i];
    g->n = n;
}

static enum err one_walk(struct db *db, struct searching *g, struct id unit, bool received, size_t *n)
{
    const struct search *s = g->s;
    struct arena *a = g->rq->arena;
    struct found *to = g->at + g->n;
    struct find f = s->find;
    size_t max = SEARCH_PAGE + 1;
    f.unit = unit;
    if (s->by_number)
        return case_find_number_db(db, a, unit, s->q, to, n);
    switch (s->kind) {
    case SEARCH_REPORT:
        return s->by_id ? report_find_id_db(db, a, unit, &s->ids, to, max, n) : report_find_db(db, a, &f, to, max, n);
    case SEARCH_CASE:
        return s->by_id ? case_find_id_db(db, a, unit, &s->ids, to, max, n) : case_find_db(db, a, &f, to, max, n);
    default:
        return s->by_id ? referral_find_id_db(db, a, unit, &s->ids, to, max, n) : referral_find_db(db, a, &f, received, to, max, n);
    }
}

static enum err walks(struct db *db, struct searching *g)
{
    const struct person *who = &g->rq->who;
    enum err e = OK;
    g->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        bool sides = g->s->kind == SEARCH_REFERRAL && !g->s->by_id;
        if (!id_zero(g->s->find.unit) && !id_equal(g->s->find.unit, who->units[u]))
            continue;
        for (int side = g->s->find.measure != MEASURE_NONE ? sides : 0; side <= sides && !e; side++) {
            size_t n = 0;
            e = one_walk(db, g, who->units[u], side == 0, &n);
            g->n += n;
            cut(g);
        }
    }
    return e;
}

static enum err workers_read(struct db *db, struct searching *g)
{
    const struct person *who = &g->rq->who;
    enum err e = OK;
    g->n_workers = 0;
    for (size_t u = 0; u < who->n_units && !e && g->n_workers < COLLEAGUES_MAX; u++) {
        struct colleague *some = arena_array(g->rq->arena, COLLEAGUES_MAX, sizeof *some);
        size_t n = 0;
        e = some ? colleagues_db(db, g->rq->arena, who->units[u], some, &n) : ERR_MEMORY;
        for (size_t i = 0; i < n && g->n_workers < COLLEAGUES_MAX; i++) {
            bool known = false;
            for (size_t k = 0; k < g->n_workers && !known; k++)
                known = id_equal(g->worker[k].person, some[i].person);
            if (!known)
                g->worker[g->n_workers++] = some[i];
        }
    }
    return e;
}

static enum err searching_read(struct db *db, void *arg)
{
    struct searching *g = arg;
    enum err e = g->s ? walks(db, g) : OK;
    if (g->rq->json)
        return e;
    if (!e)
        e = count_units_db(db, g->rq->arena, str_equal_z(g->rq->lang_code, "en"), &g->unit, &g->n_units);
    if (!e)
        e = workers_read(db, g);
    if (!e)
        e = views_db(db, g->rq, &g->views);
    return e;
}

// ── the page ──

static struct str unit_name(const struct searching *g, struct id unit)
{
    for (size_t i = 0; i < g->n_units; i++)
        if (id_equal(g->unit[i].unit, unit))
            return g->unit[i].name;
    return STR("");
}

static struct str worker_name(const struct searching *g, struct id person)
{
    for (size_t i = 0; i < g->n_workers; i++)
        if (id_equal(g->worker[i].person, person))
            return g->worker[i].name;
    return STR("");
}

static void row_show(const struct searching *g, struct search_row *row)
{
    static const char *const paths[SEARCH_KINDS] = {"reports", "cases", "referrals"};
    const struct req *rq = g->rq;
    char hex[ID_HEX];
    id_hex(row->id, hex);
    row->href = arena_printf(rq->arena, "/%s/%s", paths[g->s->kind], hex);
    row->name = row->number.n ? row->number : arena_printf(rq->arena, "%.8s", hex);
    row->label = row->category.n ? pack_category_label(rq->sv->pack, row->category, rq->lang) : STR("");
    row->state_text = search_state_text(rq, g->s->kind, row->state);
    row->urgency_text = figures_urgency(rq, row->urgency);
    row->at_text = req_time(rq, row->at);
    row->unit_name = unit_name(g, id_zero(row->other) ? row->unit : row->other);
    row->worker_name = worker_name(g, row->worker);
}

static struct list kinds_of(struct req *rq, enum search_kind on)
{
    static const enum message words[SEARCH_KINDS] = {MSG_FIGURES_KIND_REPORT, MSG_FIGURES_KIND_CASE, MSG_FIGURES_KIND_REFERRAL};
    struct choice *at = arena_array(rq->arena, SEARCH_KINDS, sizeof *at);
    size_t n = 0;
    for (unsigned k = 0; at && k < SEARCH_KINDS; k++)
        if (may_kind(rq, (enum search_kind)k))
            at[n++] = (struct choice){str_from(search_kind_name((enum search_kind)k)), text_get(rq->lang, words[k]), k == on};
    return (struct list){at, n};
}

static struct str hex_of(struct req *rq, struct id id)
{
    char hex[ID_HEX];
    return id_zero(id) ? STR("") : arena_str(rq->arena, str_from(id_hex(id, hex)));
}

static struct list units_of(const struct searching *g, struct id on)
{
    struct req *rq = g->rq;
    struct choice *at = arena_array(rq->arena, rq->who.n_units + 1, sizeof *at);
    for (size_t i = 0; at && i < rq->who.n_units; i++)
        at[i] = (struct choice){hex_of(rq, rq->who.units[i]), unit_name(g, rq->who.units[i]), id_equal(rq->who.units[i], on)};
    return (struct list){at, at ? rq->who.n_units : 0};
}

static struct list workers_of(const struct searching *g, struct id on)
{
    struct req *rq = g->rq;
    struct choice *at = arena_array(rq->arena, g->n_workers + 1, sizeof *at);
    for (size_t i = 0; at && i < g->n_workers; i++)
        at[i] = (struct choice){hex_of(rq, g->worker[i].person), g->worker[i].name, id_equal(g->worker[i].person, on)};
    return (struct list){at, at ? g->n_workers : 0};
}

#define PAIRS 11
static size_t pairs_of(struct req *rq, const struct search_in *in, struct html_pair at[PAIRS])
{
    static const char *const urgencies[] = {"", "U1", "U2", "U3", "U4"};
    const struct html_pair all[PAIRS] = {
        {STR("kind"), in->kind}, {STR("state"), in->state},
        {STR("urgency"), str_from(urgencies[in->urgency >= 0 && in->urgency <= 4 ? in->urgency : 0])},
        {STR("category"), in->category}, {STR("county"), in->county}, {STR("measure"), in->measure}, {STR("q"), in->q},
        {STR("from"), in->from}, {STR("to"), in->to},
        {STR("worker"), hex_of(rq, in->worker)}, {STR("unit"), hex_of(rq, in->unit)},
    };
    size_t n = 0;
    for (size_t i = 0; i < PAIRS; i++)
        if (all[i].value.n)
            at[n++] = all[i];
    return n;
}

struct str search_query(struct req *rq, const struct search_in *in)
{
    struct html_pair at[PAIRS];
    struct buf b;
    size_t n = pairs_of(rq, in, at);
    buf_init(&b, 4 * VIEW_QUERY_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%s%s=", i ? "&" : "", at[i].name.at);
        html_url_part(&b, at[i].value);
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static void page_lists(const struct searching *g, const struct search_in *in, struct search_out *out)
{
    struct req *rq = g->rq;
    enum search_kind k = SEARCH_REPORT;
    if (g->s)
        k = g->s->kind;
    else if (kind_read(rq, in->kind, &k))
        k = may_kind(rq, SEARCH_REPORT) ? SEARCH_REPORT : SEARCH_CASE;
    out->kind = str_from(search_kind_name(k));
    out->kinds = kinds_of(rq, k);
    out->states = search_states(rq, k, in->state);
    out->measures = search_measures(rq, k, in->measure);
    out->urgencies = figures_urgencies(rq, in->urgency);
    out->by_case = k != SEARCH_REFERRAL;
    out->categories = req_choices(rq, "category", in->category);
    out->counties = req_choices(rq, "county", in->county);
    out->units = units_of(g, in->unit);
    out->shares = units_of(g, (struct id){{0}});
    out->workers = workers_of(g, in->worker);
    out->views = g->views;
    struct html_pair *kept = arena_array(rq->arena, PAIRS, sizeof *kept);
    out->kept = (struct list){kept, kept ? pairs_of(rq, in, kept) : 0};
    out->asked = out->kept.n > 0;
}

enum err search_page_fill(struct req *rq, const struct search_in *in, struct search_out *out)
{
    struct searching g = {.rq = rq, .worker = arena_array(rq->arena, COLLEAGUES_MAX, sizeof *g.worker)};
    enum err e = g.worker ? store_read(rq->sv->store, searching_read, &g) : ERR_MEMORY;
    if (!e)
        page_lists(&g, in, out);
    return e;
}

enum err search_fill(struct req *rq, const void *in, void *out)
{
    return search_page_fill(rq, in, out);
}

enum err search_run(struct req *rq, const void *in_, void *out_)
{
    const struct search_in *in = in_;
    struct search_out *out = out_;
    struct search s;
    struct searching g = {.rq = rq, .s = &s, .at = arena_array(rq->arena, 2 * (SEARCH_PAGE + 1), sizeof *g.at),
                          .worker = arena_array(rq->arena, COLLEAGUES_MAX, sizeof *g.worker)};
    struct search_row *rows = arena_array(rq->arena, SEARCH_PAGE, sizeof *rows);
    if (!g.at || !g.worker || !rows)
        return ERR_MEMORY;
    enum err e = search_read(rq, in, &s);
    if (e == ERR_INVALID && !rq->json) { // the page comes back with its lists and sentences
        enum err fill = search_page_fill(rq, in, out);
        return fill ? fill : e;
    }
    if (e)
        return e;
    e = store_read(rq->sv->store, searching_read, &g);
    if (e)
        return e;
    size_t n = g.n > SEARCH_PAGE ? SEARCH_PAGE : g.n;
    for (size_t i = 0; i < n; i++) {
        const struct found *f = &g.at[i];
        rows[i] = (struct search_row){.id = f->id, .kind = str_from(search_kind_name(s.kind)), .number = f->number, .state = f->state,
                                      .urgency = f->urgency, .category = f->category, .county = f->county, .unit = f->unit,
                                      .other = f->other, .worker = f->worker, .at = f->at, .erased = f->erased};
        if (!rq->json)
            row_show(&g, &rows[i]);
    }
    out->rows = (struct list){rows, n};
    if (g.n > SEARCH_PAGE)
        out->next = arena_printf(rq->arena, "%lld-%lld", (long long)g.at[n - 1].at, (long long)g.at[n - 1].seq);
    if (!rq->json) {
        page_lists(&g, in, out);
        if (out->next.n)
            out->next_href = arena_printf(rq->arena, "/search?%.*s&after=%.*s", STR_ARG(search_query(rq, in)), STR_ARG(out->next));
    }
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
