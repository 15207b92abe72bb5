// All that an institution owes for a period, on one page, saved as it is typed. What is fine is saved; what is not stays in
// the page as it was typed, with a sentence; where somebody else was first, what stands now is beside it.
#include <stdlib.h>
#include <string.h>
#include "plan/entry.h"

struct entering {
    struct plan_desk d;
    const struct plan_entry_in *in;
    const struct pack_plan_indicator *only; // by county, of one indicator
    struct list stored;                     // struct plan_value_row of the period, by period, indicator, county
    struct list before;                     // of the twelve months before it
    struct list files;                      // struct evidence_count
    struct list helpers;                    // struct plan_helper
    bool handed_in;                         // something, ever
    const struct plan_put *put;             // what was just sent, to be shown again where it was not taken
    size_t n_put;
    struct plan_entry_row *at;
    size_t n, max;
};

static const struct plan_value_row *stored_find(const struct list *all, struct str indicator, struct plan_period p, struct str county)
{
    const struct plan_value_row *at = all->at;
    for (size_t i = 0; i < all->n; i++)
        if (str_equal(at[i].indicator, indicator) && at[i].period.first == p.first && at[i].period.last == p.last && str_equal(at[i].county, county))
            return &at[i];
    return NULL;
}

static struct str sentence(struct req *rq, enum message m)
{
    return arena_str(rq->arena, text_get(rq->lang, m));
}

// What was sent for this row and not taken stands there again.
static void typed_put(struct entering *g, struct plan_entry_row *at, const struct plan_put *x)
{
    struct req *rq = g->d.rq;
    static const enum message words[] = {[PLAN_PUT_CHANGED] = MSG_PLAN_REFUSED_CHANGED, [PLAN_PUT_LOCKED] = MSG_PLAN_REFUSED_LOCKED,
                                         [PLAN_PUT_FOREIGN] = MSG_PLAN_REFUSED_FOREIGN};
    if (x->end == PLAN_PUT_SAME || x->end == PLAN_PUT_SAVED)
        return;
    at->error = sentence(rq, x->end == PLAN_PUT_REFUSED ? x->why : words[x->end]);
    at->now = x->end == PLAN_PUT_CHANGED ? plan_said_text(rq, &x->row.said) : STR("");
    if (at->two)
        at->numerator = x->typed.n;
    else
        at->value = x->typed.n;
    at->denominator = x->typed.of;
    at->blank = x->typed.blank;
    at->comment = x->typed.comment;
    if (x->end == PLAN_PUT_CHANGED)
        at->version = x->row.version; // saving again is done knowingly
}

// Names of fields are plain: small letters, digits, '.', '_', '-' (web/shape.c). "4_1_a.2019-q2", and the county's number behind it.
static struct str key_of(const struct req *rq, const struct pack_plan_indicator *x, struct str period, struct str county)
{
    struct str county_at;
    size_t n = 0;
    while (county.n > 0 && (county_at = pack_list_at(rq->sv->pack, "county", n)).n > 0 && !str_equal(county_at, county))
        n++;
    struct str key = county.n > 0 ? arena_printf(rq->arena, "%.*s.%.*s.%zu", STR_ARG(x->code), STR_ARG(period), n)
                                  : arena_printf(rq->arena, "%.*s.%.*s", STR_ARG(x->code), STR_ARG(period));
    char *at = arena_alloc(rq->arena, key.n + 1);
    for (size_t i = 0; at && i < key.n; i++)
        at[i] = key.at[i] == '.' && i < x->code.n ? '_' : key.at[i] >= 'A' && key.at[i] <= 'Z' ? (char)(key.at[i] | 0x20) : key.at[i];
    return at ? (struct str){at, key.n} : STR("");
}

static void row_put(struct entering *g, const struct pack_plan_indicator *x, struct plan_period p, struct str county, bool first)
{
    struct req *rq = g->d.rq;
    const struct plan_value_row *v = stored_find(&g->stored, x->code, p, county);
    struct plan_period last = {p.first - 12, p.last - 12};
    const struct plan_value_row *old = stored_find(&g->before, x->code, last, county);
    struct plan_period next_to = {p.first - x->every, p.last - x->every}; // of a year it is `last`
    const struct plan_value_row *earlier = x->every < 12 ? stored_find(&g->stored, x->code, next_to, county) : NULL;
    if (!earlier && x->every < 12)
        earlier = stored_find(&g->before, x->code, next_to, county);
    struct str period = plan_period_text(rq->arena, p);
    if (g->n >= g->max)
        return;
    struct plan_entry_row *at = &g->at[g->n++];
    *at = (struct plan_entry_row){.indicator = x->code, .title = plan_label(rq, x->title), .period = period,
                                  .county = county, .unit = plan_label(rq, x->unit), .two = plan_value_two_parts(x),
                                  .first = first, .period_label = plan_period_label(rq, p),
                                  .asked = plan_label(rq, x->entered ? x->entered : x->definition), .state = STR(""),
                                  .key = key_of(rq, x, period, county),
                                  .may_save = g->d.who.enters && (g->d.who.all || g->d.of == g->d.own),
                                  .help = plan_entry_help(rq, x),
                                  .earlier = earlier ? plan_said_text(rq, &earlier->said) : STR(""),
                                  .earlier_label = earlier ? plan_period_label(rq, next_to) : STR(""),
                                  .before = old ? plan_said_text(rq, &old->said) : STR("")};
    if (x->by_county && !g->only)
        at->counties_href = arena_printf(rq->arena, "/plan/entry?period=%.*s&institution=%.*s&indicator=%.*s",
                                         STR_ARG(plan_period_text(rq->arena, g->d.period)), STR_ARG(g->d.of->code),
                                         STR_ARG(x->code));
    if (v) {
        struct str n = plan_typed_text(rq, v->said.has_n, v->said.n);
        at->id = v->id;
        at->value = at->two ? STR("") : n;
        at->numerator = at->two ? n : STR("");
        at->denominator = plan_typed_text(rq, v->said.has_of, v->said.of);
        at->blank = v->said.blank;
        at->comment = v->said.comment;
        at->version = v->version;
        at->files = evidence_count(&g->files, v->id);
        at->state = str_from(plan_value_state_name(v->who.state));
        at->state_text = plan_value_state_text(rq, v->who.state);
        at->note = v->who.state == PLAN_VALUE_RETURNED ? v->note : STR("");
        at->locked = v->who.locked;
        at->there = plan_value_there(&v->said);
        at->waiting = v->who.state == PLAN_VALUE_SUBMITTED;
        at->returned = v->who.state == PLAN_VALUE_RETURNED;
        at->approved = v->who.state == PLAN_VALUE_APPROVED;
    }
    for (size_t i = 0; i < g->n_put; i++)
        if (g->put[i].x == x && g->put[i].period.first == p.first && g->put[i].period.last == p.last && str_equal(g->put[i].county, county))
            typed_put(g, at, &g->put[i]);
}

// One indicator and one of its periods: the counties that have a value; the whole country where none has.
static void places_put(struct entering *g, const struct pack_plan_indicator *x, struct plan_period p, bool first)
{
    const struct plan_value_row *v = g->stored.at;
    struct str county;
    bool any = false;
    if (g->only) {
        for (size_t i = 0; (county = pack_list_at(g->d.rq->sv->pack, "county", i)).n; i++)
            row_put(g, x, p, county, first && i == 0);
        return;
    }
    for (size_t i = 0; i < g->stored.n; i++)
        if (str_equal(v[i].indicator, x->code) && v[i].period.first == p.first && v[i].period.last == p.last && v[i].county.n > 0) {
            row_put(g, x, p, v[i].county, first && !any);
            any = true;
        }
    if (!any || stored_find(&g->stored, x->code, p, STR("")))
        row_put(g, x, p, STR(""), first && !any);
}

static void rows_put(struct entering *g)
{
    for (size_t i = 0; i < g->d.plan->n_indicators; i++) {
        const struct pack_plan_indicator *x = &g->d.plan->indicator[i];
        bool first = true;
        if (!plan_value_owed(x, g->d.of->code, g->d.of->type) || (g->only && g->only != x))
            continue;
        for (int month = g->d.period.first; month + x->every - 1 <= g->d.period.last; month += x->every, first = false)
            places_put(g, x, plan_period_of(month, x->every), first);
    }
}

// As many rows as there can be: one for each value that stands, and one for each that is owed.
static size_t rows_most(const struct entering *g)
{
    size_t n = g->stored.n, counties = 1;
    while (g->only && pack_list_at(g->d.rq->sv->pack, "county", counties - 1).n)
        counties++;
    for (size_t i = 0; i < g->d.plan->n_indicators; i++)
        if (plan_value_owed(&g->d.plan->indicator[i], g->d.of->code, g->d.of->type))
            n += (size_t)(plan_period_months(g->d.period) / g->d.plan->indicator[i].every) * counties;
    return n < PLAN_ROWS_MAX ? n : PLAN_ROWS_MAX;
}

// Is a value of that indicator and period done? By counties it is when one of them is there: which counties have something
// to tell only the institution knows.
static void owed_count(struct entering *g, struct plan_entry_out *out)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct plan_entry_row *at = &g->at[i];
        bool again = i > 0 && str_equal(at->indicator, at[-1].indicator) && str_equal(at->period, at[-1].period);
        out->owed += !again;
        out->done += !again && (at->waiting || at->approved);
        out->some_locked = out->some_locked || at->locked;
    }
    out->all_done = out->owed > 0 && out->owed == out->done;
}

static enum err entering_read(struct db *db, void *arg)
{
    struct entering *g = arg;
    enum err e = plan_desk_db(db, g->d.rq, g->in->institution, g->in->period, &g->d);
    if (e)
        return e;
    if (g->in->indicator.n > 0) {
        g->only = pack_plan_indicator(g->d.plan, g->in->indicator);
        if (!g->only || !g->only->by_county || !plan_value_owed(g->only, g->d.of->code, g->d.of->type))
            return ERR_NOT_FOUND;
    }
    struct plan_value_ask ask = {.institution = g->d.of->id, .period = g->d.period, .within = true, .state = -1, .now = g->d.rq->now};
    e = plan_value_list_db(db, g->d.rq->arena, &ask, PLAN_ROWS_MAX, &g->stored);
    ask.period = (struct plan_period){g->d.period.first - 12, g->d.period.first - 1};
    e = e ? e : plan_value_list_db(db, g->d.rq->arena, &ask, PLAN_ROWS_MAX, &g->before);
    e = e ? e : plan_handed_in_db(db, g->d.of->id, &g->handed_in);
    e = e ? e : evidence_counts_db(db, g->d.rq->arena, KEEPER_FILE_VALUE, g->d.of->id, &g->files);
    return e ? e : plan_helpers_db(db, g->d.rq, g->in->indicator, plan_period_text(g->d.rq->arena, g->d.period), &g->helpers);
}

// The years of the plan, and the parts of the year that is looked at.
static void choices_put(struct entering *g, struct plan_entry_out *out)
{
    struct req *rq = g->d.rq;
    const struct pack_plan *plan = g->d.plan;
    int year = plan_period_year(g->d.period);
    struct choice *at = arena_array(rq->arena, plan->n_years + 16, sizeof *at), *inst = arena_array(rq->arena, g->d.institutions.n + 1, sizeof *inst);
    const struct institution *each = g->d.institutions.at;
    static const int months[] = {12, 3, 1};
    size_t n = 0, k = 0;
    if (!at || !inst)
        return;
    for (size_t y = 0; y < plan->n_years; y++)
        for (size_t m = 0; m < (plan->years[y] == year ? 3 : 1); m++)
            for (int first = plan->years[y] * 12; first < plan->years[y] * 12 + 12; first += months[m]) {
                struct plan_period p = plan_period_of(first, months[m]);
                at[n++] = (struct choice){plan_period_text(rq->arena, p), plan_period_label(rq, p),
                                          p.first == g->d.period.first && p.last == g->d.period.last};
            }
    for (size_t i = 0; i < g->d.institutions.n && g->d.who.all; i++) {
        bool owes = false;
        for (size_t x = 0; x < plan->n_indicators && !owes; x++)
            owes = plan_value_owed(&plan->indicator[x], each[i].code, each[i].type);
        if (owes || &each[i] == g->d.of)
            inst[k++] = (struct choice){each[i].code, each[i].name, &each[i] == g->d.of};
    }
    out->periods = (struct list){at, n};
    out->institutions = (struct list){inst, k};
    out->may_choose = g->d.who.all;
}

static enum err entering_show(struct entering *g, struct plan_entry_out *out)
{
    struct req *rq = g->d.rq;
    enum err e = store_read(rq->sv->store, entering_read, g);
    if (e)
        return e;
    g->max = rows_most(g);
    g->at = arena_array(rq->arena, g->max + 1, sizeof *g->at);
    if (!g->at)
        return ERR_MEMORY;
    g->n = 0;
    rows_put(g);
    owed_count(g, out);
    out->values = (struct list){g->at, g->n};
    out->period = plan_period_text(rq->arena, g->d.period);
    out->period_label = plan_period_label(rq, g->d.period);
    out->institution = g->d.of->code;
    out->institution_name = g->d.of->name;
    out->indicator = g->only ? g->only->code : STR("");
    out->may_save = g->d.who.enters && g->n > 0;
    out->year = arena_printf(rq->arena, "%d", plan_period_year(g->d.period));
    out->helpers = g->helpers;
    out->first_time = !g->handed_in;
    choices_put(g, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_entry_run(struct req *rq, const void *in, void *out)
{
    struct entering g = {.d = {.rq = rq}, .in = in};
    return entering_show(&g, out);
}

// ── a page that was sent: "n.4_1_a.2019-q2", "of.…", "blank.…", "comment.…", "version.…" ──
static const struct pack_plan_indicator *indicator_of(const struct req *rq, const struct pack_plan *plan, struct str code)
{
    for (size_t i = 0; i < plan->n_indicators; i++) {
        struct str key = key_of(rq, &plan->indicator[i], STR(""), STR(""));
        if (str_equal(str_slice(key, 0, plan->indicator[i].code.n), code))
            return &plan->indicator[i];
    }
    return NULL;
}

static struct plan_put *put_of(struct plan_put *at, size_t *n, size_t max, const struct plan_desk *d, struct str key)
{
    struct str code = str_cut(&key, '.'), period = str_cut(&key, '.'), county = STR("");
    const struct pack_plan_indicator *x = indicator_of(d->rq, d->plan, code);
    struct plan_period p;
    int64_t number = 0;
    if (key.n > 0 &&
        (str_int(key, &number) || number < 0 || number > 99 ||
         (county = pack_list_at(d->rq->sv->pack, "county", (size_t)number)).n == 0))
        return NULL;
    if (!x || !plan_period_read(period, &p) || !plan_value_owed(x, d->of->code, d->of->type))
        return NULL;
    for (size_t i = 0; i < *n; i++)
        if (at[i].x == x && at[i].period.first == p.first && at[i].period.last == p.last && str_equal(at[i].county, county))
            return &at[i];
    if (*n == max)
        return NULL;
    at[*n] = (struct plan_put){.x = x, .period = p, .institution = d->of->id, .county = county,
                               .typed = {.n = STR(""), .of = STR(""), .blank = STR(""), .comment = STR("")}};
    return &at[(*n)++];
}

static enum err cells_read(const struct plan_desk *d, const struct list *cells, bool submit, struct plan_put *at, size_t max, size_t *n)
{
    const struct html_pair *cell = cells->at;
    *n = 0;
    for (size_t i = 0; i < cells->n; i++) {
        struct str key = cell[i].name, what = str_cut(&key, '.');
        struct plan_put *x = put_of(at, n, max, d, key);
        if (!x)
            return ERR_NOT_FOUND;
        x->submit = submit;
        if (str_equal_z(what, "n"))
            x->typed.n = cell[i].value;
        else if (str_equal_z(what, "of"))
            x->typed.of = cell[i].value;
        else if (str_equal_z(what, "blank"))
            x->typed.blank = cell[i].value;
        else if (str_equal_z(what, "comment"))
            x->typed.comment = cell[i].value;
        else if (!str_equal_z(what, "version") || str_int(cell[i].value, &x->version) || x->version < 0)
            return ERR_NOT_FOUND;
    }
    return OK;
}

static enum err desk_read(struct db *db, void *arg)
{
    struct entering *g = arg;
    return plan_desk_db(db, g->d.rq, g->in->institution, g->in->period, &g->d);
}

enum err plan_save_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_save_in *in = in_;
    const struct plan_entry_in asked = {in->period, in->institution, in->indicator};
    struct plan_entry_out *out = out_;
    struct entering g = {.d = {.rq = rq}, .in = &asked};
    size_t most = in->cells.n < PLAN_ROWS_MAX ? in->cells.n : PLAN_ROWS_MAX;
    struct plan_put *at = arena_array(rq->arena, most + 1, sizeof *at);
    size_t n = 0;
    enum err e = at ? store_read(rq->sv->store, desk_read, &g) : ERR_MEMORY;
    e = e ? e : !g.d.who.enters ? ERR_FORBIDDEN : cells_read(&g.d, &in->cells, in->submit, at, most, &n);
    struct plan_putting put = {.arena = rq->arena, .plan = g.d.plan, .who = g.d.who, .now = rq->now, .action = STR("saved"), .at = at, .n = n};
    e = e ? e : store_write(rq->sv->store, plan_values_put, &put);
    if (e) // where others wrote all the time and nothing of it is there, it is the moment, and what was typed comes back
        return e == ERR_CONFLICT ? ERR_AWAY : e;
    g.put = at;
    g.n_put = n;
    e = entering_show(&g, out);
    for (size_t i = 0; i < n; i++) {
        out->saved += at[i].end == PLAN_PUT_SAVED;
        out->faults += at[i].end != PLAN_PUT_SAVED && at[i].end != PLAN_PUT_SAME;
    }
    out->looked = true;
    return e ? e : out->faults ? req_notice(rq, ERR_CONFLICT, MSG_PLAN_SAVED_NOT_ALL) : OK;
}

enum err plan_save_fill(struct req *rq, const void *in_, void *out)
{
    const struct plan_save_in *in = in_;
    const struct plan_entry_in asked = {in->period, in->institution, in->indicator};
    struct entering g = {.d = {.rq = rq}, .in = &asked};
    return entering_show(&g, out);
}

// ── one value: as a page's script saves it while it is typed, and other programs do ──
enum err plan_value_put_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_value_put_in *in = in_;
    struct plan_value_put_out *out = out_;
    const struct plan_entry_in asked = {in->period, in->institution, STR("")};
    struct entering g = {.d = {.rq = rq}, .in = &asked};
    static const enum message words[] = {[PLAN_PUT_CHANGED] = MSG_PLAN_REFUSED_CHANGED, [PLAN_PUT_LOCKED] = MSG_PLAN_REFUSED_LOCKED};
    enum err e = store_read(rq->sv->store, desk_read, &g);
    if (e)
        return e;
    struct plan_put x = {.x = pack_plan_indicator(g.d.plan, in->indicator), .period = g.d.period,
                         .institution = g.d.of->id, .county = in->county,
                         .typed = {in->value.n ? in->value : in->numerator, in->denominator, in->blank, in->comment},
                         .version = in->version, .submit = in->submit};
    if (!x.x || !plan_value_owed(x.x, g.d.of->code, g.d.of->type))
        return req_refuse(rq, "indicator", MSG_PLAN_REFUSED_NOT_OWED);
    struct plan_putting put = {.arena = rq->arena, .plan = g.d.plan, .who = g.d.who, .now = rq->now, .action = STR("saved"), .at = &x, .n = 1};
    e = store_write(rq->sv->store, plan_values_put, &put);
    if (e)
        return e;
    out->id = x.row.id;
    out->version = x.row.version;
    out->state = str_from(plan_value_state_name(x.row.who.state));
    switch (x.end) {
    case PLAN_PUT_REFUSED: return req_refuse(rq, x.field, x.why);
    case PLAN_PUT_FOREIGN: return ERR_FORBIDDEN;
    case PLAN_PUT_CHANGED:
    case PLAN_PUT_LOCKED: return req_notice(rq, ERR_CONFLICT, words[x.end]);
    default: return OK;
    }
}
