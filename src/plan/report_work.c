#include "plan/report_work.h"

static struct str say(const struct plan_reporting *g, enum message m) { return text_get(g->l, m); }
static struct str either(const struct plan_reporting *g, struct str sq, struct str en) { return g->en && en.n > 0 ? en : sq; }
static struct doc_cell money_cell(bool has, int64_t n) { return has ? doc_cell_number(n * PLAN_ONE) : (struct doc_cell){0}; }

// n of of in tenths of a percent, halves up; nothing to divide by: missing.
static struct doc_cell share_cell(bool has, int64_t n, int64_t of)
{
    __extension__ typedef __int128 wide;
    return has && of > 0 ? doc_cell_percent((int64_t)(((wide)2000 * n + of) / (2 * (wide)of))) : (struct doc_cell){0};
}

static struct str coded(const struct plan_reporting *g, const struct plan_shot_group *x)
{
    struct str title = either(g, x->title, x->title_en);
    return arena_printf(g->a, "%.*s %.*s", STR_ARG(x->code), STR_ARG(title));
}

// ── money ──
#define MONEY_COLS 5
static void money_head(const struct plan_reporting *g, struct doc_cell *cell, enum message first)
{
    const enum message heads[MONEY_COLS] = {first, MSG_PLAN_PLANNED, MSG_PLAN_CARRIED, MSG_PLAN_SPENT, MSG_PLAN_EXECUTION};
    for (size_t c = 0; c < MONEY_COLS; c++)
        cell[c] = doc_cell_text(say(g, heads[c]));
}

static void money_row(struct doc_cell *cell, struct str name, const struct plan_shot_money *m)
{
    cell[0] = doc_cell_text(name);
    cell[1] = money_cell(m->has_planned, m->planned);
    cell[2] = money_cell(m->has_planned, m->carried);
    cell[3] = money_cell(m->has_spent, m->spent);
    cell[4] = share_cell(m->has_planned && m->has_spent, m->spent, m->planned);
}

static const int money_wide[] = {8, 3, 3, 3, 3};

static void sources_put(struct plan_reporting *g, const struct list *money, enum message title)
{
    const struct plan_shot_money *m = money->at;
    struct doc_cell *cell = money->n > 1 ? doc_table(g->d, say(g, title), money->n + 1, MONEY_COLS, money_wide) : NULL;
    if (!cell)
        return;
    money_head(g, cell, MSG_PLAN_SOURCE_OF_MONEY);
    for (size_t i = 1; i < money->n; i++)
        money_row(&cell[i * MONEY_COLS], either(g, m[i].label, m[i].label_en), &m[i]);
    money_row(&cell[money->n * MONEY_COLS], say(g, MSG_PLAN_WHOLE), &m[0]);
}

static void groups_money(struct plan_reporting *g, const struct list *groups, struct str objective, enum message first)
{
    const struct plan_shot_group *x = groups->at;
    size_t n = 0;
    for (size_t i = 0; i < groups->n; i++)
        n += str_equal(x[i].objective, objective) && x[i].money.n > 0;
    struct doc_cell *cell = n > 0 ? doc_table(g->d, say(g, MSG_PLAN_MONEY), n + 1, MONEY_COLS, money_wide) : NULL;
    if (!cell)
        return;
    money_head(g, cell, first);
    for (size_t i = 0, k = 1; i < groups->n && k <= n; i++)
        if (str_equal(x[i].objective, objective) && x[i].money.n > 0)
            money_row(&cell[MONEY_COLS * k++], coded(g, &x[i]), x[i].money.at);
}

void plan_report_budget(struct plan_reporting *g)
{
    struct buf b;
    if (g->s->money.n == 0)
        return;
    doc_heading(g->d, 1, say(g, MSG_PLAN_BUDGET_TITLE));
    buf_init(&b, 4000);
    text_put(&b, g->l, MSG_PLAN_BUDGET_HINT, TEXT_ARGS(TEXT_S("currency", either(g, g->s->currency, g->s->currency_en))));
    doc_text(g->d, arena_str(g->a, buf_str(&b)));
    buf_free(&b);
    groups_money(g, &g->s->objectives, STR(""), MSG_PLAN_REPORT_OBJECTIVE);
    sources_put(g, &g->s->money, MSG_PLAN_BY_SOURCE);
    doc_quiet(g->d, say(g, MSG_PLAN_EXECUTION_RULE));
}

// ── milestones ──
#define STEP_COLS 4
void plan_report_objective(struct plan_reporting *g, const struct plan_shot_group *o)
{
    static const int wide[] = {8, 3, 3, 3};
    const struct plan_shot_group *x = g->s->activities.at;
    size_t n = 0;
    for (size_t i = 0; i < g->s->activities.n; i++)
        n += str_equal(x[i].objective, o->code) && x[i].due > 0;
    struct doc_cell *cell = n > 0 ? doc_table(g->d, say(g, MSG_PLAN_MILESTONES), n + 1, STEP_COLS, wide) : NULL;
    if (cell) {
        const enum message heads[STEP_COLS] = {MSG_PLAN_REPORT_NAME, MSG_PLAN_MILESTONES, MSG_PLAN_TOLD_DONE, MSG_PLAN_REPORT_ACHIEVED};
        for (size_t c = 0; c < STEP_COLS; c++)
            cell[c] = doc_cell_text(say(g, heads[c]));
    }
    for (size_t i = 0, k = 1; cell && i < g->s->activities.n && k <= n; i++)
        if (str_equal(x[i].objective, o->code) && x[i].due > 0) {
            struct doc_cell *row = &cell[STEP_COLS * k++];
            row[0] = doc_cell_text(coded(g, &x[i]));
            row[1] = doc_cell_number(x[i].due * PLAN_ONE);
            row[2] = doc_cell_number(x[i].done * PLAN_ONE);
            row[3] = share_cell(true, x[i].hundredths, x[i].due * 100);
        }
    groups_money(g, &g->s->activities, o->code, MSG_PLAN_REPORT_NAME);
}

static void steps_put(struct plan_reporting *g, const struct list *steps)
{
    static const int wide[] = {7, 3, 4, 5};
    static const enum message heads[] = {MSG_PLAN_STEP, MSG_PLAN_DUE, MSG_PLAN_STATUS, MSG_PLAN_INSTITUTION};
    const struct plan_shot_step *s = steps->at;
    struct doc_cell *cell = steps->n > 0 ? doc_table(g->d, say(g, MSG_PLAN_MILESTONES), steps->n + 1, STEP_COLS, wide) : NULL;
    if (!cell)
        return;
    for (size_t c = 0; c < STEP_COLS; c++)
        cell[c] = doc_cell_text(say(g, heads[c]));
    for (size_t i = 0; i < steps->n; i++) {
        struct doc_cell *row = &cell[STEP_COLS * (i + 1)];
        row[0] = doc_cell_text(s[i].title);
        row[1] = doc_cell_text(s[i].due);
        row[2] = doc_cell_text(either(g, s[i].stage, s[i].stage_en));
        row[3] = doc_cell_text(either(g, s[i].name, s[i].name_en));
    }
}

static void told_put(struct plan_reporting *g, enum message head, struct str text)
{
    if (text.n > 0)
        doc_text(g->d, arena_printf(g->a, "%.*s: %.*s", STR_ARG(say(g, head)), STR_ARG(text)));
}

void plan_report_activity(struct plan_reporting *g, const struct plan_shot_group *x)
{
    const struct plan_shot_told *t = x->narratives.at;
    steps_put(g, &x->steps);
    sources_put(g, &x->money, MSG_PLAN_MONEY);
    for (size_t i = 0; i < x->narratives.n; i++) {
        doc_heading(g->d, 3, arena_printf(g->a, "%.*s (%.*s)", STR_ARG(t[i].title), STR_ARG(either(g, t[i].name, t[i].name_en))));
        told_put(g, MSG_PLAN_TOLD_DONE, t[i].done);
        told_put(g, MSG_PLAN_TOLD_DIFFICULTIES, t[i].difficulties);
        told_put(g, MSG_PLAN_TOLD_NEXT, t[i].next);
    }
}
