#include "plan/report_work.h"

#include <string.h>
#include "text/date.h"


static struct str say(const struct plan_reporting *g, enum message m) { return text_get(g->l, m); }
static struct str either(const struct plan_reporting *g, struct str sq, struct str en) { return g->en && en.n > 0 ? en : sq; }

__attribute__((sentinel)) static struct str join(struct arena *a, ...)
{
    struct buf b;
    va_list args;
    const struct str *s;
    buf_init(&b, 64 * 1024);
    va_start(args, a);
    while ((s = va_arg(args, const struct str *)))
        buf_put(&b, *s);
    va_end(args);
    struct str out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct str said(const struct plan_reporting *g, enum message m, size_t n, const struct text_arg *args)
{
    struct buf b;
    buf_init(&b, 16 * 1024);
    text_put(&b, g->l, m, n, args);
    struct str out = arena_str(g->a, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct str day_text(const struct plan_reporting *g)
{
    struct buf b;
    buf_init(&b, 100);
    date_put(&b, g->l, g->s->made_at, DATE_DAY);
    struct str out = arena_str(g->a, buf_str(&b));
    buf_free(&b);
    return out;
}

struct str plan_status_text(const struct lang *l, struct str status)
{
    static const struct { const char *name; enum message m; } at[] = {{"grey", MSG_PLAN_LIGHT_GREY}, {"far_behind", MSG_PLAN_LIGHT_FAR_BEHIND},
        {"behind", MSG_PLAN_LIGHT_BEHIND}, {"on_track", MSG_PLAN_LIGHT_ON_TRACK}, {"ahead", MSG_PLAN_LIGHT_AHEAD}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        if (str_equal_z(status, at[i].name))
            return text_get(l, at[i].m);
    return STR("");
}

static struct str trend_text(const struct plan_reporting *g, struct str trend)
{
    static const struct { const char *name; enum message m; } at[] = {{"back", MSG_PLAN_TREND_BACK}, {"still", MSG_PLAN_TREND_STILL},
        {"slow", MSG_PLAN_TREND_SLOW}, {"on_course", MSG_PLAN_TREND_ON_COURSE}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        if (str_equal_z(trend, at[i].name))
            return say(g, at[i].m);
    return STR("");
}

struct doc_cell plan_shot_cell(const struct plan_shot_indicator *x, bool has, bool hidden, int64_t value)
{
    if (hidden)
        return (struct doc_cell){.kind = DOC_HIDDEN};
    if (!has)
        return (struct doc_cell){0};
    return str_equal_z(x->kind, "percent") ? doc_cell_percent((value + PLAN_ONE / 20) / (PLAN_ONE / 10)) : doc_cell_number(value);
}

static struct doc_cell aim_cell(const struct plan_shot_indicator *x, int64_t value) { return plan_shot_cell(x, x->targeted, false, value); }
static struct doc_cell tenths_cell(bool has, int64_t tenths) { return has ? doc_cell_percent(tenths) : (struct doc_cell){0}; }

static struct doc_cell of_cell(const struct plan_reporting *g, int64_t n, int64_t of)
{
    return doc_cell_text(said(g, MSG_PLAN_REPORT_N_OF, TEXT_ARGS(TEXT_I("n", n), TEXT_I("all", of))));
}

// ── groups: objectives and activities ──
static void groups_put(struct plan_reporting *g, enum message title, const struct list *all, struct str objective)
{
    static const int wide[] = {7, 2, 3};
    const struct plan_shot_group *at = all->at;
    struct doc_bar *bar = arena_array(g->a, all->n + 1, sizeof *bar);
    size_t n = 0;
    for (size_t i = 0; bar && i < all->n; i++)
        if (str_equal(at[i].objective, objective)) {
            struct str space = STR(" "), name = either(g, at[i].title, at[i].title_en);
            bar[n++] = (struct doc_bar){join(g->a, &at[i].code, &space, &name, NULL), tenths_cell(at[i].has, at[i].achieved)};
        }
    doc_bars(g->d, say(g, title), bar, n);
    struct doc_cell *cell = doc_table(g->d, say(g, title), n + 1, 3, wide);
    if (!cell)
        return;
    cell[0] = doc_cell_text(say(g, MSG_PLAN_REPORT_NAME));
    cell[1] = doc_cell_text(say(g, MSG_PLAN_REPORT_ACHIEVED));
    cell[2] = doc_cell_text(say(g, MSG_PLAN_REPORT_WITH_DATA));
    for (size_t i = 0, k = 1; i < all->n && k <= n; i++)
        if (str_equal(at[i].objective, objective)) {
            cell[3 * k] = doc_cell_text(bar[k - 1].label);
            cell[3 * k + 1] = bar[k - 1].value;
            cell[3 * k + 2] = of_cell(g, at[i].n, at[i].of);
            k++;
        }
}

// ── indicators ──
#define COLS 8
static void indicators_put(struct plan_reporting *g, struct str activity, struct str section)
{
    static const int wide[] = {30, 9, 9, 9, 10, 12, 13, 14};
    static const enum message heads[COLS] = {MSG_PLAN_INDICATOR, MSG_PLAN_REPORT_BASELINE, MSG_PLAN_REPORT_TARGET,
                                             MSG_PLAN_VALUE, MSG_PLAN_REPORT_ACHIEVED, MSG_PLAN_REPORT_EXPECTED,
                                             MSG_PLAN_REPORT_STATUS, MSG_PLAN_REPORT_TREND};
    const struct plan_shot_indicator *at = g->s->indicators.at;
    size_t n = 0;
    for (size_t i = 0; i < g->s->indicators.n; i++)
        n += str_equal(at[i].activity, activity) && str_equal(at[i].section, section);
    struct doc_cell *cell = n ? doc_table(g->d, say(g, MSG_PLAN_REPORT_INDICATORS), n + 1, COLS, wide) : NULL;
    if (!cell)
        return;
    for (size_t c = 0; c < COLS; c++)
        cell[c] = doc_cell_text(say(g, heads[c]));
    for (size_t i = 0, r = 1; i < g->s->indicators.n && r <= n; i++) {
        const struct plan_shot_indicator *x = &at[i];
        if (!str_equal(x->activity, activity) || !str_equal(x->section, section))
            continue;
        struct str space = STR(" "), open = STR(" ("), close = STR(")"), title = either(g, x->title, x->title_en),
            unit = either(g, x->unit, x->unit_en);
        struct doc_cell *row = &cell[COLS * r++];
        row[0] = doc_cell_text(join(g->a, &x->code, &space, &title, &open, &unit, &close, NULL));
        row[1] = aim_cell(x, x->baseline);
        row[2] = aim_cell(x, x->target);
        row[3] = plan_shot_cell(x, x->has, x->hidden, x->value);
        row[4] = tenths_cell(x->achieved_known, x->achieved);
        row[5] = tenths_cell(x->targeted, x->expected);
        row[6] = doc_cell_text(plan_status_text(g->l, x->status));
        row[7] = doc_cell_text(trend_text(g, x->trend));
    }
}

int plan_shade(int64_t value, int64_t most)
{
    if (value <= 0 || most <= 0)
        return 0;
    int64_t quarter = value / ((most + 3) / 4);
    return quarter >= 3 ? 4 : (int)quarter + 1;
}

static void counties_put(struct plan_reporting *g, const struct plan_shot_indicator *x)
{
    static const int wide[] = {3, 1};
    const struct plan_shot_value *p = x->places.at;
    struct doc_tile *tile = arena_array(g->a, x->places.n + 1, sizeof *tile);
    struct str space = STR(" "), title = either(g, x->title, x->title_en), name = join(g->a, &x->code, &space, &title, NULL);
    int64_t most = 0;
    if (!tile || x->places.n == 0)
        return;
    doc_heading(g->d, 3, name);
    struct doc_cell *cell = NULL;
    for (size_t i = 0; i < x->places.n; i++) {
        tile[i] = (struct doc_tile){.label = p[i].place, .value = plan_shot_cell(x, p[i].has, p[i].hidden, p[i].value),
                                    .row = (int)p[i].row, .col = (int)p[i].column};
        most = p[i].has && p[i].value > most ? p[i].value : most;
    }
    for (size_t i = 0; i < x->places.n; i++)
        tile[i].shade = plan_shade(p[i].has ? p[i].value : 0, most);
    doc_map(g->d, say(g, MSG_PLAN_REPORT_MAP), tile, x->places.n);
    cell = doc_table(g->d, say(g, MSG_PLAN_BY_COUNTY), x->places.n + 1, 2, wide);
    if (!cell)
        return;
    cell[0] = doc_cell_text(say(g, MSG_PLAN_REPORT_COUNTY));
    cell[1] = doc_cell_text(either(g, x->unit, x->unit_en));
    for (size_t i = 0; i < x->places.n; i++) {
        cell[2 * i + 2] = doc_cell_text(tile[i].label);
        cell[2 * i + 3] = tile[i].value;
    }
}

static void objectives_put(struct plan_reporting *g)
{
    const struct plan_shot_group *o = g->s->objectives.at, *a = g->s->activities.at;
    const struct plan_shot_indicator *x = g->s->indicators.at;
    const struct str space = STR(" ");
    for (size_t i = 0; i < g->s->objectives.n; i++) {
        struct str title = either(g, o[i].title, o[i].title_en), word = say(g, MSG_PLAN_REPORT_OBJECTIVE), colon = STR(": ");
        doc_heading(g->d, 1, join(g->a, &word, &space, &o[i].code, &colon, &title, NULL));
        groups_put(g, MSG_PLAN_REPORT_ACTIVITIES, &g->s->activities, o[i].code);
        plan_report_objective(g, &o[i]);
        for (size_t k = 0; k < g->s->activities.n; k++) {
            if (!str_equal(a[k].objective, o[i].code))
                continue;
            struct str name = either(g, a[k].title, a[k].title_en);
            doc_heading(g->d, 2, join(g->a, &a[k].code, &space, &name, NULL));
            indicators_put(g, a[k].code, STR(""));
            plan_report_activity(g, &a[k]);
            for (size_t n = 0; n < g->s->indicators.n; n++)
                if (str_equal(x[n].activity, a[k].code))
                    counties_put(g, &x[n]);
        }
    }
}

// ── the other parts ──
static void summary_put(struct plan_reporting *g)
{
    doc_heading(g->d, 1, say(g, MSG_PLAN_REPORT_SUMMARY));
    doc_text(g->d,
             said(g, MSG_PLAN_REPORT_SUMMARY_DATA,
                  TEXT_ARGS(TEXT_I("n", g->s->with_data), TEXT_I("all", g->s->indicators_n),
                            TEXT_I("year", g->s->year))));
    if (!g->s->has)
        doc_text(g->d, say(g, MSG_PLAN_REPORT_NO_TARGETS));
    if (!g->s->over)
        doc_text(g->d, say(g, MSG_PLAN_REPORT_NOT_OVER));
    groups_put(g, MSG_PLAN_REPORT_OBJECTIVES, &g->s->objectives, STR(""));
}

static void years_put(struct plan_reporting *g)
{
    const struct plan_shot_indicator *x = g->s->indicators.at;
    size_t years = g->s->indicators.n ? x[0].years.n : 0;
    int wide[DOC_COLS_MAX] = {6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    if (years < 2 || years + 1 > DOC_COLS_MAX)
        return;
    doc_heading(g->d, 1, say(g, MSG_PLAN_REPORT_YEARS));
    struct doc_cell *cell = doc_table(g->d, say(g, MSG_PLAN_REPORT_YEARS), g->s->indicators.n + 1, years + 1, wide);
    if (!cell)
        return;
    cell[0] = doc_cell_text(say(g, MSG_PLAN_INDICATOR));
    for (size_t y = 0; y < years; y++)
        cell[y + 1] = doc_cell_text(arena_printf(g->a, "%lld", (long long)((const struct plan_shot_year *)x[0].years.at)[y].year));
    for (size_t i = 0; i < g->s->indicators.n; i++) {
        const struct plan_shot_year *at = x[i].years.at;
        struct str space = STR(" "), title = either(g, x[i].title, x[i].title_en);
        struct doc_cell *row = &cell[(i + 1) * (years + 1)];
        row[0] = doc_cell_text(join(g->a, &x[i].code, &space, &title, NULL));
        for (size_t y = 0; y < years && y < x[i].years.n; y++)
            row[y + 1] = plan_shot_cell(&x[i], at[y].has, at[y].hidden, at[y].value);
    }
}

static void gaps_put(struct plan_reporting *g)
{
    static const int wide[] = {6, 2, 2, 2};
    const struct plan_shot_gap *at = g->s->gaps.at;
    doc_heading(g->d, 1, say(g, MSG_PLAN_REPORT_GAPS));
    doc_text(g->d, say(g, MSG_PLAN_REPORT_GAPS_TEXT));
    struct doc_cell *cell = doc_table(g->d, say(g, MSG_PLAN_REPORT_GAPS), g->s->gaps.n + 1, 4, wide);
    if (!cell)
        return;
    cell[0] = doc_cell_text(say(g, MSG_PLAN_INSTITUTION));
    cell[1] = doc_cell_text(say(g, MSG_PLAN_REPORT_OWED));
    cell[2] = doc_cell_text(say(g, MSG_PLAN_REPORT_APPROVED));
    cell[3] = doc_cell_text(say(g, MSG_PLAN_REPORT_MISSING));
    for (size_t i = 0; i < g->s->gaps.n; i++) {
        struct doc_cell *row = &cell[4 * (i + 1)];
        row[0] = doc_cell_text(either(g, at[i].name, at[i].name_en));
        row[1] = doc_cell_number(at[i].owed * PLAN_ONE);
        row[2] = doc_cell_number(at[i].done * PLAN_ONE);
        row[3] = doc_cell_number((at[i].owed > at[i].done ? at[i].owed - at[i].done : 0) * PLAN_ONE);
    }
}

static void method_put(struct plan_reporting *g)
{
    static const int wide[] = {2, 9, 9};
    static const enum message texts[] = {MSG_PLAN_METHOD_ACHIEVED, MSG_PLAN_METHOD_EXPECTED, MSG_PLAN_METHOD_MEANS,
                                         MSG_PLAN_METHOD_TREND, MSG_PLAN_METHOD_MISSING};
    const struct plan_shot_indicator *x = g->s->indicators.at;
    doc_heading(g->d, 1, say(g, MSG_PLAN_REPORT_METHOD));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        doc_text(g->d, say(g, texts[i]));
    doc_text(g->d, said(g, MSG_PLAN_METHOD_SMALL, TEXT_ARGS(TEXT_I("n", g->s->small))));
    struct doc_cell *cell = doc_table(g->d, say(g, MSG_PLAN_REPORT_DEFINITIONS), g->s->indicators.n + 1, 3, wide);
    if (!cell)
        return;
    cell[0] = doc_cell_text(STR(""));
    cell[1] = doc_cell_text(say(g, MSG_PLAN_REPORT_DEFINITION));
    cell[2] = doc_cell_text(say(g, MSG_PLAN_REPORT_QUESTION));
    for (size_t i = 0; i < g->s->indicators.n; i++) {
        struct str how = either(g, x[i].question, x[i].question_en);
        cell[3 * i + 3] = doc_cell_text(x[i].code);
        cell[3 * i + 4] = doc_cell_text(either(g, x[i].definition, x[i].definition_en));
        cell[3 * i + 5] = doc_cell_text(how.n > 0 ? how : say(g, MSG_PLAN_REPORT_ENTERED));
    }
}

struct doc *plan_report_doc(struct arena *a, const struct plan_shot *s, const struct lang *l)
{
    struct plan_reporting g = {.a = a, .s = s, .l = l, .en = str_equal_z(str_from(text_code(l)), "en")};
    struct buf created;
    buf_init(&created, 40);
    date_put_iso(&created, s->made_at);
    const struct doc_words w = {
        .lang = str_from(text_code(l)), .title = said(&g, MSG_PLAN_REPORT_TITLE, TEXT_ARGS(TEXT_I("year", s->year))),
        .subtitle = either(&g, s->plan, s->plan_en),
        .issuer = say(&g, MSG_PLAN_REPORT_ISSUER), .day = day_text(&g), .created = arena_str(a, buf_str(&created)),
        .notice = s->demo ? say(&g, MSG_PLAN_REPORT_INVENTED) : STR(""), .contents = say(&g, MSG_PLAN_REPORT_CONTENTS),
        .hidden = arena_printf(a, "<%lld", (long long)s->small), .missing = STR("–"), .decimal = g.en ? '.' : ',',
    };
    buf_free(&created);
    g.d = doc_new(a, &w);
    summary_put(&g);
    objectives_put(&g);
    doc_heading(g.d, 1, say(&g, MSG_PLAN_REPORT_CROSS));
    for (size_t i = 0; i < s->indicators.n; i++) { // each section once, in its order
        const struct plan_shot_indicator *x = (const struct plan_shot_indicator *)s->indicators.at + i;
        if (x->section.n > 0 && (i == 0 || !str_equal(x[-1].section, x->section)))
            indicators_put(&g, STR(""), x->section);
    }
    plan_report_budget(&g);
    years_put(&g);
    gaps_put(&g);
    method_put(&g);
    return arena_failed(a) ? NULL : g.d;
}
