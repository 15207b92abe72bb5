// The dashboard: what hotlines publish (SPEC D6), as numbers, charts, and the tables behind them. Of one's own units all is
// shown, because the same person could count the list; of all institutions together only what is published of a year (year.c).
#include "figures/handlers.h"

#define PERIODS 20 // offered: three years, the quarters and months of this one, and what was asked for

enum err board_period(struct str s, int64_t now, int64_t *first, int64_t *last)
{
    int64_t year = figures_month_of(now) / 100, part = 0;
    struct str rest = s, head = str_cut(&rest, '-');
    bool quarter = rest.n == 2 && rest.at[0] == 'Q';
    if (s.n && (head.n != 4 || str_int(head, &year) || year < 2000 || year > 2199))
        return ERR_MALFORMED;
    if (rest.n && (rest.n != 2 || str_int(quarter ? str_slice(rest, 1, 2) : rest, &part) || part < 1 || part > (quarter ? 4 : 12)))
        return ERR_MALFORMED;
    *first = year * 100 + (quarter ? 3 * part - 2 : part ? part : 1);
    *last = year * 100 + (quarter ? 3 * part : part ? part : 12);
    return OK;
}

// ── the form ──

static void periods_fill(struct boarding *b)
{
    struct req *rq = b->rq;
    int64_t year = figures_month_of(rq->now) / 100;
    while (!b->own && !year_is_over(year, rq->now))
        year--;
    struct choice *at = arena_array(rq->arena, PERIODS, sizeof *at);
    size_t n = 0;
    struct str asked = b->out->period;
    for (int64_t y = year; at && y > year - 3; y--)
        at[n++] = (struct choice){.value = arena_printf(rq->arena, "%d", (int)y), .label = arena_printf(rq->arena, "%d", (int)y)};
    for (int q = 1; at && b->own && q <= 4; q++)
        at[n++] = (struct choice){.value = arena_printf(rq->arena, "%d-Q%d", (int)year, q),
                                  .label = arena_printf(rq->arena, "%d, %d/4", (int)year, q)};
    for (int m = 1; at && b->own && m <= 12; m++)
        at[n++] = (struct choice){.value = arena_printf(rq->arena, "%d-%02d", (int)year, m),
                                  .label = arena_printf(rq->arena, "%d-%02d", (int)year, m)};
    bool there = false;
    for (size_t i = 0; i < n; i++)
        there |= at[i].on = str_equal(at[i].value, asked);
    if (!there && asked.n && at && n < PERIODS)
        at[n++] = (struct choice){.value = asked, .label = asked, .on = true};
    b->out->periods = (struct list){at, n};
}

static void form_fill(struct boarding *b)
{
    struct req *rq = b->rq;
    struct board_out *out = b->out;
    bool units = rq->who.n_units > 0;
    struct choice *scopes = arena_array(rq->arena, 2, sizeof *scopes);
    struct choice *institutions = arena_array(rq->arena, TALLY_UNITS, sizeof *institutions);
    char hex[ID_HEX];
    size_t n = 0;
    periods_fill(b);
    out->categories = req_choices(rq, "category", b->in->category);
    out->counties = req_choices(rq, "county", b->in->county);
    if (!scopes || !institutions)
        return;
    scopes[0] = (struct choice){STR("own"), text_get(rq->lang, MSG_FIGURES_SCOPE_OWN), b->own};
    scopes[1] = (struct choice){STR("all"), text_get(rq->lang, MSG_FIGURES_SCOPE_ALL), !b->own};
    out->scopes = (struct list){units ? scopes : scopes + 1, units ? 2 : 1};
    for (size_t i = 0; b->own && i < b->t->n_units; i++) {
        struct str id = str_from(id_hex(b->t->unit[i].institution, hex));
        bool seen = false;
        for (size_t k = 0; k < n; k++)
            seen |= str_equal(institutions[k].value, id);
        if (!seen)
            institutions[n++] = (struct choice){arena_str(rq->arena, id), b->t->unit[i].name, str_equal(id, b->in->institution)};
    }
    out->institutions = (struct list){institutions, n};
}

static void results_fill(struct boarding *b)
{
    struct req *rq = b->rq;
    struct board_out *out = b->out;
    int64_t year = b->t->first / 100;
    bool filtered = b->in->category.n || b->in->county.n || b->in->institution.n; // of one's own the file is of all of them
    out->may_export = b->own ? !filtered : b->t->first % 100 == 1 && b->last % 100 == 12 && year_is_over(year, rq->now);
    if (out->may_export && b->own) {
        out->export_xlsx = arena_printf(rq->arena, "/api/v1/figures/export?scope=own&period=%.*s&format=xlsx", STR_ARG(out->period));
        out->export_csv = arena_printf(rq->arena, "/api/v1/figures/export?scope=own&period=%.*s&format=csv", STR_ARG(out->period));
    } else if (out->may_export) {
        out->export_xlsx = arena_printf(rq->arena, "/api/v1/figures/export?year=%d&format=xlsx", (int)year);
        out->export_csv = arena_printf(rq->arena, "/api/v1/figures/export?year=%d&format=csv", (int)year);
    }
    if (b->t->missing_from != INT64_MAX)
        out->missing = req_date(rq, b->t->missing_from, DATE_DAY);
    struct str none = text_get(rq->lang, b->t->closed ? MSG_FIGURES_HIDDEN : MSG_FIGURES_NONE);
    out->median_text = out->median_hours < 0 ? none : board_length_text(rq, out->median_hours);
    out->p90_text = out->p90_hours < 0 ? none : board_length_text(rq, out->p90_hours);
}

// Of all institutions: a year that is over, and of its tables no cut that is not published.
static enum err all_run(struct boarding *b)
{
    struct req *rq = b->rq;
    struct year *y;
    if (b->t->first % 100 != 1 || b->last % 100 != 12 || !year_is_over(b->t->first / 100, rq->now))
        return req_refuse(rq, "period", MSG_FIGURES_REFUSED_ALL_PERIOD);
    if (b->in->institution.n)
        return req_refuse(rq, "institution", MSG_FIGURES_REFUSED_ALL_INSTITUTION);
    if (b->in->category.n && b->in->county.n)
        return req_refuse(rq, "county", MSG_FIGURES_REFUSED_ALL_CROSS);
    enum err e = year_read(rq, b->t->first / 100, &y);
    b->out->waits = e == ERR_AWAY;
    if (e)
        return b->out->waits ? OK : e;
    b->t = y->tally;
    board_year_fill(b, y);
    return OK;
}

static bool own_asked(const struct req *rq, const struct board_in *in)
{
    return rq->who.n_units > 0 && !str_equal_z(in->scope, "all");
}

enum err board_fill(struct req *rq, const void *in_, void *out_)
{
    const struct board_in *in = in_;
    struct board_out *out = out_;
    struct tally *t = ARENA_NEW(rq->arena, struct tally);
    struct boarding b = {.rq = rq, .in = in, .out = out, .t = t, .own = own_asked(rq, in)};
    if (!t)
        return ERR_MEMORY;
    out->period = in->period;
    form_fill(&b);
    out->refused = true;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err board_own_fill(struct boarding *b)
{
    struct tally_ask ask = {.req = b->rq, .t = b->t, .own = true, .last = b->last};
    enum err e = tally_read(&ask);
    if (!e)
        board_tables_fill(b);
    return e;
}

enum err board_run(struct req *rq, const void *in_, void *out_)
{
    const struct board_in *in = in_;
    struct board_out *out = out_;
    struct tally *t = ARENA_NEW(rq->arena, struct tally);
    struct board_table *tables = arena_array(rq->arena, BOARD_TABLES, sizeof *tables);
    struct boarding b = {.rq = rq, .in = in, .out = out, .t = t};
    if (!t || !tables)
        return ERR_MEMORY;
    enum err e = board_fill(rq, in, out); // what is refused comes back with its form
    if (e)
        return e;
    if (board_period(in->period, rq->now, &t->first, &b.last))
        return req_refuse(rq, "period", MSG_FIGURES_REFUSED_PERIOD);
    if (in->scope.n && !str_equal_z(in->scope, "own") && !str_equal_z(in->scope, "all"))
        return req_refuse(rq, "scope", MSG_WEB_FIELD_CHOICE);
    b.own = own_asked(rq, in);
    b.link = b.own && req_may(rq, PERM_SEARCH) && req_may(rq, PERM_REPORT_LIST);
    if (!b.own && !in->period.n) { // the last one that is over
        while (!year_is_over(t->first / 100, rq->now))
            t->first -= 100;
        b.last = t->first + 11;
    }
    t->filter = (struct tally_filter){in->category, in->county, in->institution};
    out->period = in->period.n ? in->period : arena_printf(rq->arena, "%d", (int)(t->first / 100));
    out->scope = b.own ? STR("own") : STR("all");
    out->own = b.own;
    out->tables = (struct list){tables, 0};
    out->median_hours = out->p90_hours = INT64_MIN;
    e = b.own ? board_own_fill(&b) : all_run(&b);
    if (e)
        return e;
    form_fill(&b);
    results_fill(&b);
    out->refused = false;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
