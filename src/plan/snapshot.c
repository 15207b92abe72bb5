#include "plan/snapshot.h"
#include <string.h>
#include "people/counts.h"
#include "plan/value_store.h"

struct shooting {
    struct db *db;
    struct arena *a;
    const struct plan_shot_ask *ask;
    struct plan_year y;
    struct plan_year *before;      // the plan's years before it, in their order
    size_t n_before;
    struct plan_shot *out;
    const struct lang *sq, *en;
};

static struct str words(const struct shooting *g, const struct pack_text *t, const struct lang *l)
{
    return t ? arena_str(g->a, pack_words(g->ask->pack, t, l)) : STR("");
}

static struct str question(const struct shooting *g, const struct pack_plan_indicator *x, const struct lang *l)
{
    struct buf b;
    buf_init(&b, 8000);
    for (size_t i = 0; i < x->n_count + x->n_of; i++) {
        if (i > 0)
            buf_put_z(&b, i == x->n_count ? " / " : " + ");
        plan_term_say(&b, g->ask->pack, g->y.version.plan, i < x->n_count ? &x->count[i] : &x->of[i - x->n_count], l);
    }
    struct str out = buf_ok(&b) ? STR("") : arena_str(g->a, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct list places_shot(const struct shooting *g, size_t indicator)
{
    const struct pack *p = g->ask->pack;
    struct plan_shot_value *at = arena_array(g->a, g->y.n_places + 1, sizeof *at);
    struct str county;
    size_t n = 0;
    for (size_t i = 0; at && (county = pack_list_at(p, "county", i)).n > 0; i++) {
        const struct plan_told *t = plan_told(&g->y, indicator, plan_place_of(p, county));
        int row = 0, column = 0;
        if (!t->has && !t->hidden)
            continue;
        (void)pack_county_tile(p, county, &row, &column);
        at[n++] = (struct plan_shot_value){.place = arena_str(g->a, county), .row = row, .column = column,
                                           .has = t->has && !t->hidden, .hidden = t->hidden, .n = t->hidden ? 0 : t->n,
                                           .of = t->hidden ? 0 : t->of, .value = t->hidden ? 0 : t->value};
    }
    return (struct list){at, n};
}

static struct plan_shot_year year_shot(const struct plan_year *y, const struct pack_plan_indicator *x)
{
    const struct pack_plan *plan = y->version.plan;
    struct plan_shot_year out = {.year = y->year};
    for (size_t i = 0; i < plan->n_indicators; i++)
        if (str_equal(plan->indicator[i].code, x->code)) {
            const struct plan_told *t = plan_told(y, i, (uint32_t)y->n_places - 1);
            out.has = t->has && !t->hidden;
            out.hidden = t->hidden;
            out.value = out.has ? t->value : 0;
        }
    return out;
}

static void indicator_shot(const struct shooting *g, size_t i, struct plan_shot_indicator *out)
{
    const struct pack_plan_indicator *x = &g->y.version.plan->indicator[i];
    const struct plan_told *t = plan_told(&g->y, i, (uint32_t)g->y.n_places - 1);
    const struct plan_target *aim = &g->y.target[i];
    struct plan_shot_year *years = arena_array(g->a, g->n_before + 2, sizeof *years);
    bool told = t->has && !t->hidden, achieved = told && t->achieved.of > 0;
    *out = (struct plan_shot_indicator){
        .code = arena_str(g->a, x->code), .activity = arena_str(g->a, x->activity),
        .section = arena_str(g->a, x->section), .title = words(g, x->title, g->sq),
        .title_en = words(g, x->title, g->en),
        .definition = words(g, x->definition, g->sq), .definition_en = words(g, x->definition, g->en),
        .unit = words(g, x->unit, g->sq), .unit_en = words(g, x->unit, g->en),
        .question = question(g, x, g->sq), .question_en = question(g, x, g->en),
        .kind = str_from(pack_plan_kind_name(x->kind)), .source = str_from(pack_plan_source_name(x->source)),
        .status = str_from(plan_light_name(t->hidden ? PLAN_GREY : t->light)),
        .trend = str_from(plan_trend_name(t->hidden ? PLAN_TREND_NONE : t->trend)), .has = told, .hidden = t->hidden,
        .partial = t->partial,
        .targeted = aim->version > 0 && aim->target != PLAN_NOT_SET, .achieved_known = achieved,
        .about_persons = x->about_persons, .n = told ? t->n : 0,
        .of = told ? t->of : 0, .value = told ? t->value : 0, .baseline = aim->version && aim->baseline != PLAN_NOT_SET ? aim->baseline : 0,
        .target = aim->version && aim->target != PLAN_NOT_SET ? aim->target : 0, .achieved = achieved ? plan_part_tenths(t->achieved) : 0,
        .expected = g->y.expected[i].of > 0 ? plan_part_tenths(g->y.expected[i]) : 0, .places = x->by_county ? places_shot(g, i) : (struct list){0},
    };
    for (size_t k = 0; years && k < g->n_before; k++)
        years[k] = year_shot(&g->before[k], x);
    if (years)
        years[g->n_before] = year_shot(&g->y, x);
    out->years = (struct list){years, years ? g->n_before + 1 : 0};
}

static struct plan_shot_group group_shot(const struct shooting *g, struct str code, struct str objective,
                                         const struct pack_text *title, struct plan_mean m)
{
    return (struct plan_shot_group){.code = arena_str(g->a, code), .objective = arena_str(g->a, objective),
                                    .title = words(g, title, g->sq), .title_en = words(g, title, g->en), .has = m.n > 0,
                                    .achieved = m.n ? plan_mean_tenths(m) : 0, .n = (int64_t)m.n, .of = (int64_t)m.of};
}

// What each institution owes for the year, and how much of it is approved or empty on purpose.
static enum err gaps_shot(struct shooting *g)
{
    const struct pack_plan *plan = g->y.version.plan;
    struct list sq, en, values;
    struct plan_value_ask ask = {.period = {(int)g->y.year * 12, (int)g->y.year * 12 + 11}, .within = true,
                                 .state = PLAN_VALUE_APPROVED, .now = g->ask->now};
    enum err e = institutions_db(g->db, g->a, false, &sq);
    e = e ? e : institutions_db(g->db, g->a, true, &en);
    e = e ? e : plan_value_list_db(g->db, g->a, &ask, 20000, &values);
    struct plan_shot_gap *at = e ? NULL : arena_array(g->a, sq.n + 1, sizeof *at);
    const struct institution *inst = sq.at;
    const struct plan_value_row *v = values.at;
    size_t n = 0;
    if (!at)
        return e ? e : ERR_MEMORY;
    for (size_t i = 0; i < sq.n; i++) {
        struct plan_shot_gap gap = {.institution = inst[i].code, .name = inst[i].name, .name_en = institution_by_code(&en, inst[i].code)->name};
        for (size_t x = 0; x < plan->n_indicators; x++)
            gap.owed += plan_value_owed(&plan->indicator[x], inst[i].code, inst[i].type) ? 12 / plan->indicator[x].every : 0;
        for (size_t k = 0; k < values.n && gap.owed; k++) // a value by counties is one
            gap.done += id_equal(v[k].who.institution, inst[i].id) && (g->ask->demo || !v[k].demo) &&
                (k == 0 || !str_equal(v[k].indicator, v[k - 1].indicator) ||
                 v[k].period.first != v[k - 1].period.first ||
                 !id_equal(v[k].who.institution, v[k - 1].who.institution));
        if (gap.owed)
            at[n++] = gap;
    }
    g->out->gaps = (struct list){at, n};
    return OK;
}

static enum err years_read(struct shooting *g)
{
    struct plan_year_ask ask = {.pack = g->ask->pack, .year = g->ask->year, .now = g->ask->now, .demo = g->ask->demo};
    const struct pack_plan *plan = pack_plan(ask.pack);
    struct plan_year *all = arena_array(g->a, PLAN_LIVE_YEARS, sizeof *all);
    // In one go with the years before it, as many as are counted together; those before them one by one.
    int64_t first = plan && plan->n_years > 0 && plan->years[0] < ask.year ? plan->years[0] : ask.year;
    first = ask.year - first >= PLAN_LIVE_YEARS ? ask.year - PLAN_LIVE_YEARS + 1 : first;
    ask.year = first;
    enum err e = !all ? ERR_MEMORY : plan_years_db(g->db, g->a, &ask, g->ask->year, all);
    if (e)
        return e;
    g->y = all[g->ask->year - first];
    plan = g->y.version.plan;
    g->before = arena_array(g->a, plan->n_years, sizeof *g->before);
    for (size_t i = 0; g->before && i < plan->n_years && plan->years[i] < g->y.year && !e; i++) {
        ask.year = plan->years[i];
        if (ask.year >= first)
            g->before[g->n_before++] = all[ask.year - first];
        else
            e = plan_year_db(g->db, g->a, &ask, &g->before[g->n_before++]);
    }
    return e ? e : g->before ? OK : ERR_MEMORY;
}

enum err plan_shot_db(struct db *db, struct arena *a, const struct plan_shot_ask *ask, struct plan_shot *out)
{
    struct shooting g = {.db = db, .a = a, .ask = ask, .out = out, .sq = text_lang(STR("sq")), .en = text_lang(STR("en"))};
    enum err e = years_read(&g);
    if (e)
        return e;
    const struct pack_plan *plan = g.y.version.plan;
    struct plan_shot_group *objective = arena_array(a, plan->n_objectives + 1, sizeof *objective),
                           *activity = arena_array(a, plan->n_activities + 1, sizeof *activity);
    struct plan_shot_indicator *indicator = arena_array(a, plan->n_indicators + 1, sizeof *indicator);
    if (!objective || !activity || !indicator)
        return ERR_MEMORY;
    for (size_t i = 0; i < plan->n_objectives; i++)
        objective[i] = group_shot(&g, plan->objective[i].code, STR(""), plan->objective[i].title, g.y.objective[i]);
    for (size_t i = 0; i < plan->n_activities; i++)
        activity[i] = group_shot(&g, plan->activity[i].code, plan->activity[i].objective, plan->activity[i].title, g.y.activity[i]);
    for (size_t i = 0; i < plan->n_indicators; i++)
        indicator_shot(&g, i, &indicator[i]);
    *out = (struct plan_shot){.year = g.y.year, .version = g.y.version.number, .made_at = ask->now,
                              .plan = words(&g, plan->title, g.sq), .plan_en = words(&g, plan->title, g.en),
                              .version_title = arena_str(a, g.y.version.title), .over = g.y.over, .demo = ask->demo,
                              .has = g.y.whole.n > 0, .achieved = g.y.whole.n ? plan_mean_tenths(g.y.whole) : 0,
                              .with_data = (int64_t)g.y.with_data, .indicators_n = (int64_t)plan->n_indicators,
                              .small = pack_small_number(ask->pack), .objectives = {objective, plan->n_objectives},
                              .activities = {activity, plan->n_activities},
                              .indicators = {indicator, plan->n_indicators}};
    out->currency = words(&g, plan->currency, g.sq);
    out->currency_en = words(&g, plan->currency, g.en);
    e = gaps_shot(&g);
    e = e ? e : plan_shot_work(db, a, ask, &g.y, out);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}
