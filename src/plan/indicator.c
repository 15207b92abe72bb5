// One indicator: its passport, what is asked in words, its values over years and counties, and how all of it was worked out.
#include "html/chart.h"
#include "plan/handlers.h"
#include "plan/snapshot.h"

#define CHART_BYTES (64u << 10)

static struct list copied(struct req *rq, const struct str *at, size_t n)
{
    struct str *out = arena_array(rq->arena, n + 1, sizeof *out);
    for (size_t i = 0; out && i < n; i++)
        out[i] = arena_str(rq->arena, at[i]);
    return (struct list){out, out ? n : 0};
}

static struct list labels_of(const struct list *choices, struct req *rq)
{
    struct str *out = arena_array(rq->arena, choices->n + 1, sizeof *out);
    for (size_t i = 0; out && i < choices->n; i++)
        out[i] = ((const struct choice *)choices->at)[i].label;
    return (struct list){out, out ? choices->n : 0};
}

static struct str joined(struct req *rq, const struct str *at, size_t n)
{
    struct buf b;
    buf_init(&b, 4000);
    for (size_t i = 0; i < n; i++) {
        const struct pack_institution *x = pack_institution(rq->sv->pack, at[i]);
        buf_put(&b, i ? STR(", ") : STR(""));
        buf_put(&b, x ? str_equal_z(rq->lang_code, "en") && x->name_en.n ? x->name_en : x->name : at[i]);
    }
    struct str out = arena_str(rq->arena, text_arg_str(buf_str(&b)));
    buf_free(&b);
    return out;
}

// ── values ──
static struct plan_stretch stretch(struct req *rq, const struct plan_year *y, size_t i, uint32_t place, struct str label)
{
    struct plan_row row;
    plan_row_fill(rq, y, i, place, &row);
    return (struct plan_stretch){label, row.value_text, row.target_text, row.light_text, row.value, row.numerator, row.denominator, row.suppressed};
}

static struct list counties_of(struct req *rq, const struct plan_year *y, size_t i)
{
    struct plan_stretch *at = arena_array(rq->arena, y->n_places + 1, sizeof *at);
    size_t n = 0;
    for (uint32_t p = 1; at && p + 1 < y->n_places; p++)
        at[n++] = stretch(rq, y, i, p, pack_list_at(rq->sv->pack, "county", p - 1));
    if (at)
        at[n++] = stretch(rq, y, i, PLAN_NOWHERE, text_get(rq->lang, MSG_PLAN_NO_COUNTY));
    return (struct list){at, n};
}

// The plan's years, each by its own basis.
static struct list years_of(struct req *rq, const struct plan_read *r, struct str code)
{
    struct plan_stretch *at = arena_array(rq->arena, r->n + 1, sizeof *at);
    size_t n = 0;
    for (size_t k = 0; at && k < r->n; k++) {
        const struct plan_year *y = &r->all[k];
        const struct pack_plan_indicator *x = pack_plan_indicator(y->version.plan, code);
        if (x)
            at[n++] = stretch(rq, y, (size_t)(x - y->version.plan->indicator), plan_country(rq->sv->pack),
                              arena_printf(rq->arena, "%lld", (long long)y->year));
    }
    return (struct list){at, n};
}

// ── pictures; the tables behind them stand below ──
// As short as a picture wants it: "<5", "–".
static struct str tile_text(const struct req *rq, const struct plan_stretch *c)
{
    return c->suppressed ? arena_printf(rq->arena, "<%lld", (long long)pack_small_number(rq->sv->pack)) : c->value == PLAN_NOT_SET ? STR("–") : c->value_text;
}

// The target of the year asked for as a row of dashes.
static struct html line_of(struct req *rq, const struct plan_indicator_out *out)
{
    const struct plan_stretch *y = out->years.at;
    struct chart_bar *bar = arena_array(rq->arena, out->years.n + 1, sizeof *bar);
    struct buf b;
    bool some = false;
    for (size_t i = 0; bar && i < out->years.n; i++) {
        some |= y[i].value != PLAN_NOT_SET;
        bar[i] = (struct chart_bar){y[i].label, tile_text(rq, &y[i]), y[i].value == PLAN_NOT_SET ? -1 : y[i].value};
    }
    if (!bar || !some)
        return (struct html){STR("")};
    buf_init(&b, CHART_BYTES);
    chart_line(&b, out->title, bar, out->years.n, out->now.target == PLAN_NOT_SET ? -1 : out->now.target);
    return req_drawn(rq, &b);
}

static struct html map_of(struct req *rq, const struct plan_indicator_out *out)
{
    const struct plan_stretch *c = out->counties.at;
    struct chart_tile *tile = arena_array(rq->arena, out->counties.n + 1, sizeof *tile);
    struct buf b;
    size_t n = 0;
    int64_t most = 0;
    for (size_t i = 0; i < out->counties.n; i++)
        most = c[i].value > most ? c[i].value : most;
    for (size_t i = 0; tile && i < out->counties.n; i++) {
        struct chart_tile *t = &tile[n];
        *t = (struct chart_tile){.label = c[i].label, .said = tile_text(rq, &c[i]), .shade = plan_shade(c[i].value == PLAN_NOT_SET ? 0 : c[i].value, most)};
        n += pack_county_tile(rq->sv->pack, c[i].label, &t->row, &t->col); // what is of no county has no tile
    }
    if (!tile || most <= 0)
        return (struct html){STR("")};
    buf_init(&b, CHART_BYTES);
    chart_tiles(&b, out->title, tile, n);
    return req_drawn(rq, &b);
}

// ── passport ──
struct facts { struct req *rq; struct plan_fact *at; size_t n; };

static void fact(struct facts *f, enum message label, struct str value)
{
    if (value.n)
        f->at[f->n++] = (struct plan_fact){text_get(f->rq->lang, label), value};
}

static void facts_fill(struct req *rq, const struct pack_plan *plan, const struct pack_plan_indicator *x, struct plan_indicator_out *out)
{
    static const enum message rules[] = {MSG_PLAN_RULE_SUM, MSG_PLAN_RULE_LATEST, MSG_PLAN_RULE_MAX, MSG_PLAN_RULE_RATIO, MSG_PLAN_RULE_DISTINCT};
    static const enum message directions[] = {MSG_PLAN_DIRECTION_UP, MSG_PLAN_DIRECTION_DOWN, MSG_PLAN_DIRECTION_NONE};
    struct facts f = {rq, arena_array(rq->arena, 20, sizeof(struct plan_fact)), 0};
    struct buf b;
    if (!f.at)
        return;
    buf_init(&b, 4000);
    for (size_t i = 0; i < x->n_dimensions; i++) {
        const struct pack_plan_title *t = pack_plan_title(plan->dimension, plan->n_dimensions, x->dimensions[i]);
        buf_put(&b, i ? STR(", ") : STR(""));
        buf_put(&b, t ? plan_label(rq, t->title) : x->dimensions[i]);
    }
    fact(&f, MSG_PLAN_DEFINITION, out->definition);
    fact(&f, MSG_PLAN_UNIT, out->unit);
    fact(&f, MSG_PLAN_EVIDENCE, out->evidence);
    fact(&f, MSG_PLAN_EVERY,
         text_get(rq->lang,
                  x->every == 12 ? MSG_PLAN_EVERY_YEAR : x->every == 3 ? MSG_PLAN_EVERY_QUARTER
                  : MSG_PLAN_EVERY_MONTH));
    fact(&f, MSG_PLAN_OVER_TIME, text_get(rq->lang, rules[x->time]));
    fact(&f, MSG_PLAN_OVER_PLACES, text_get(rq->lang, rules[x->places]));
    fact(&f, MSG_PLAN_DIRECTION, text_get(rq->lang, directions[x->direction]));
    fact(&f, MSG_PLAN_EXPECTED, text_get(rq->lang, x->accumulates ? MSG_PLAN_ACCUMULATES : MSG_PLAN_SNAPSHOT));
    fact(&f, MSG_PLAN_RESPONSIBLE, joined(rq, x->responsible, x->n_responsible));
    fact(&f, MSG_PLAN_DIMENSIONS, arena_str(rq->arena, text_arg_str(buf_str(&b))));
    fact(&f, MSG_PLAN_PERSONS, x->about_persons ? text_get(rq->lang, MSG_PLAN_PERSONS_YES) : STR(""));
    buf_free(&b);
    out->facts = (struct list){f.at, f.n};
}

static void passport_fill(struct req *rq, const struct plan_year *y, const struct pack_plan_indicator *x, struct plan_indicator_out *out)
{
    const struct pack_plan *plan = y->version.plan;
    const struct pack_plan_activity *a = pack_plan_activity(plan, x->activity);
    out->code = arena_str(rq->arena, x->code);
    out->title = arena_str(rq->arena, plan_label(rq, x->title));
    out->definition = arena_str(rq->arena, plan_label(rq, x->definition));
    out->unit = arena_str(rq->arena, plan_label(rq, x->unit));
    out->evidence = arena_str(rq->arena, plan_label(rq, x->evidence));
    out->kind = str_from(pack_plan_kind_name(x->kind));
    out->source = str_from(pack_plan_source_name(x->source));
    out->over_time = str_from(pack_plan_rule_name(x->time));
    out->over_places = str_from(pack_plan_rule_name(x->places));
    out->direction = str_from(pack_plan_direction_name(x->direction));
    out->every = str_from(pack_plan_every_name(x->every));
    out->entered = str_from(pack_plan_part_name(x->part));
    out->until = arena_str(rq->arena, x->until);
    out->accumulates = x->accumulates;
    out->about_persons = x->about_persons;
    out->percent = x->kind == PACK_PLAN_PERCENT;
    out->responsible = copied(rq, x->responsible, x->n_responsible);
    out->by = copied(rq, x->by, x->n_by);
    out->dimensions = copied(rq, x->dimensions, x->n_dimensions);
    out->count_words = plan_questions(rq, plan, x->count, x->n_count);
    out->of_words = plan_questions(rq, plan, x->of, x->n_of);
    out->count = labels_of(&out->count_words, rq);
    out->of = labels_of(&out->of_words, rq);
    out->source_text = plan_source_text(rq, x);
    out->until_text = plan_until_text(rq, x->until);
    if (x->n_by + x->n_by_types) {
        struct buf b;
        buf_init(&b, 4000);
        buf_put(&b, joined(rq, x->by, x->n_by));
        for (size_t i = 0; i < x->n_by_types; i++) {
            buf_put(&b, b.n ? STR(", ") : STR(""));
            text_put(&b, rq->lang, MSG_PLAN_ALL_OF_TYPE,
                     TEXT_ARGS(TEXT_S("type", pack_label(rq->sv->pack, "institution_type", x->by_types[i], rq->lang))));
        }
        struct str by = arena_str(rq->arena, buf_str(&b));
        buf_clear(&b);
        text_put(&b, rq->lang, MSG_PLAN_ENTERED_BY,
                 TEXT_ARGS(TEXT_S("what", x->entered ? plan_label(rq, x->entered)
                                                     : text_get(rq->lang, MSG_PLAN_ENTERED_VALUE)),
                           TEXT_S("by", by)));
        out->entered_text = arena_str(rq->arena, buf_str(&b));
        buf_free(&b);
    }
    out->activity_text = a ? arena_printf(rq->arena, "%.*s %.*s", STR_ARG(a->code), STR_ARG(plan_label(rq, a->title))) : STR("");
    facts_fill(rq, plan, x, out);
}

// "How was this computed?": the formula with this year's numbers.
static void score_fill(struct req *rq, const struct plan_year *y, size_t i, struct plan_indicator_out *out)
{
    const struct plan_told *t = plan_told(y, i, plan_country(rq->sv->pack));
    const struct plan_target *g = &y->target[i];
    struct buf b;
    buf_init(&b, 4000);
    if (y->version.plan->indicator[i].direction == PACK_PLAN_NO_DIRECTION)
        text_put(&b, rq->lang, MSG_PLAN_SCORE_NO_DIRECTION, 0, NULL);
    else if (t->hidden)
        text_put(&b, rq->lang, MSG_PLAN_SCORE_HIDDEN, 0, NULL);
    else if (!t->has)
        text_put(&b, rq->lang, MSG_PLAN_SCORE_NO_DATA, 0, NULL);
    else if (t->achieved.of == 0)
        text_put(&b, rq->lang, MSG_PLAN_SCORE_NO_TARGET, 0, NULL);
    else
        text_put(&b, rq->lang, g->baseline == g->target ? MSG_PLAN_SCORE_MET : MSG_PLAN_SCORE_FORMULA,
                 TEXT_ARGS(TEXT_S("value", plan_amount_text(rq, t->value)),
                           TEXT_S("baseline", plan_amount_text(rq, g->baseline)),
                           TEXT_S("target", plan_amount_text(rq, g->target)),
                           TEXT_S("achieved", plan_part_text(rq, t->achieved)),
                           TEXT_S("expected", plan_part_text(rq, y->expected[i])),
                           TEXT_S("light", plan_light_text(rq, t->light)),
                           TEXT_S("trend", plan_trend_text(rq, t->trend))));
    out->score_text = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
}

// ── what changed between versions ──
#define CHANGES_MAX 200
struct changes { struct req *rq; struct str code; struct plan_change *at; size_t n; struct arena *a; };

static enum err change_told(void *ctx, const struct plan_difference *d)
{
    struct changes *c = ctx;
    if (c->n < CHANGES_MAX)
        c->at[c->n++] = (struct plan_change){.version = d->number, .member = arena_str(c->rq->arena, d->member),
                                             .before = arena_str(c->rq->arena, d->before),
                                             .after = arena_str(c->rq->arena, d->after)};
    return OK;
}

static enum err changes_read(struct db *db, void *arg)
{
    struct changes *c = arg;
    c->n = 0;
    return plan_item_history_db(db, c->a, "indicators", c->code, change_told, c);
}

static enum err changes_fill(struct req *rq, struct arena *a, struct plan_indicator_out *out)
{
    struct changes c = {rq, out->code, arena_array(rq->arena, CHANGES_MAX, sizeof(struct plan_change)), 0, a};
    enum err e = c.at ? store_read(rq->sv->store, changes_read, &c) : ERR_MEMORY;
    out->changes = (struct list){c.at, c.n};
    out->some_changes = c.n > 0;
    return e;
}

enum err plan_indicator_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_indicator_in *in = in_;
    struct plan_indicator_out *out = out_;
    struct plan_read r;
    enum err e = plan_read_year(rq, in->year, in->version, true, &r);
    if (e)
        return e;
    const struct pack_plan_indicator *x = pack_plan_indicator(r.y.version.plan, rq->code);
    if (!x) {
        arena_free(&r.a);
        return ERR_NOT_FOUND;
    }
    const size_t i = (size_t)(x - r.y.version.plan->indicator);
    passport_fill(rq, &r.y, x, out);
    plan_row_fill(rq, &r.y, i, plan_country(rq->sv->pack), &out->now);
    score_fill(rq, &r.y, i, out);
    out->year = r.y.year;
    out->version = r.y.version.number;
    out->year_text = arena_printf(rq->arena, "%lld", (long long)out->year);
    out->year_choices = plan_years(rq, r.y.version.plan, out->year);
    out->some_counties = x->by_county;
    out->counties = x->by_county ? counties_of(rq, &r.y, i) : (struct list){0};
    out->may_edit = req_may(rq, PERM_PLAN_EDIT);
    out->years = years_of(rq, &r, out->code);
    out->line = line_of(rq, out);
    out->map = map_of(rq, out);
    e = changes_fill(rq, r.a, out);
    arena_free(&r.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
