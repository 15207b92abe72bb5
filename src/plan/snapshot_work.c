// Milestones, money and narratives of a year into its snapshot.
#include "plan/snapshot.h"
#include "register/counts.h"

#define ROWS_MAX 5000 // of one register

struct working { struct arena *a; const struct pack *pack; const struct plan_year *y; const struct lang *sq, *en; };

static struct plan_shot_money money_shot(const struct working *g, size_t source, const struct plan_money *m)
{
    const struct pack *p = g->pack;
    struct str code = source == PLAN_ALL ? STR("") : pack_list_at(p, PLAN_FUNDING, source);
    return (struct plan_shot_money){.source = arena_str(g->a, code), .label = arena_str(g->a, pack_label(p, PLAN_FUNDING, code, g->sq)),
                                    .label_en = arena_str(g->a, pack_label(p, PLAN_FUNDING, code, g->en)), .has_planned = m->has_planned,
                                    .has_spent = m->has_spent, .planned = m->planned, .carried = m->carried, .spent = m->spent};
}

// The sum, then each source of which something is known; nothing where nothing is. objective: of this one; else the activity, or all.
static struct list moneys(const struct working *g, struct str objective, size_t activity)
{
    const struct plan_work *w = &g->y->work;
    const struct pack_plan *plan = g->y->version.plan;
    struct plan_shot_money *at = arena_array(g->a, w->n_sources + 2, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i <= w->n_sources + 1; i++) {
        size_t source = i == 0 ? PLAN_ALL : i - 1;
        const struct plan_money m = objective.n > 0 ? plan_work_objective(w, plan, objective, source) : plan_work_money(w, activity, source);
        if (m.has_planned || m.has_spent)
            at[n++] = money_shot(g, source, &m);
    }
    return (struct list){at, n};
}

static struct list steps_shot(const struct working *g, const struct list *rows, struct str activity)
{
    const struct pack_register *reg = pack_register(g->pack, STR(PLAN_STEPS));
    const struct entry_told *row = rows->at;
    struct plan_shot_step *at = NULL;
    size_t n = 0;
    for (size_t pass = 0; pass < 2; pass++) { // counted, then filled
        at = pass ? arena_array(g->a, n + 1, sizeof *at) : NULL;
        if (pass && !at)
            return (struct list){0};
        n = 0;
        for (size_t i = 0; i < rows->n; i++) {
            if (row[i].day / 10000 != g->y->year || !str_equal(entry_told_value(&row[i], "activity"), activity))
                continue;
            const struct pack_register_stage *s = reg ? pack_register_stage(reg, row[i].stage) : NULL;
            if (at)
                at[n] = (struct plan_shot_step){.title = row[i].title, .due = entry_told_value(&row[i], "date"), .name = row[i].name, .name_en = row[i].name_en,
                                                .stage = s ? arena_str(g->a, pack_words(g->pack, s->label, g->sq)) : row[i].stage,
                                                .stage_en = s ? arena_str(g->a, pack_words(g->pack, s->label, g->en)) : row[i].stage,
                                                .hundredths = s && s->hundredths != PACK_NO_SHARE ? s->hundredths : 0};
            n++;
        }
    }
    return (struct list){at, n};
}

static struct list narratives_shot(const struct working *g, const struct list *rows, struct str activity)
{
    const struct entry_told *row = rows->at;
    struct plan_shot_told *at = arena_array(g->a, rows->n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < rows->n; i++)
        if (row[i].day / 10000 == g->y->year && str_equal(entry_told_value(&row[i], "activity"), activity))
            at[n++] = (struct plan_shot_told){row[i].title, row[i].name, row[i].name_en, entry_told_value(&row[i], "done"),
                                              entry_told_value(&row[i], "difficulties"), entry_told_value(&row[i], "next")};
    return (struct list){at, n};
}

enum err plan_shot_work(struct db *db, struct arena *a, const struct plan_shot_ask *ask, const struct plan_year *y, struct plan_shot *out)
{
    const struct working g = {a, ask->pack, y, text_lang(STR("sq")), text_lang(STR("en"))};
    const struct pack_plan *plan = y->version.plan;
    struct entry_rows_ask rows = {STR(PLAN_STEPS), STR(""), STR(""), ask->demo, ROWS_MAX};
    struct list steps, narratives;
    enum err e = entry_rows_db(db, a, &rows, &steps);
    rows = (struct entry_rows_ask){STR(PLAN_NARRATIVES), STR("year"), arena_printf(a, "%lld", (long long)y->year), ask->demo, ROWS_MAX};
    e = e ? e : entry_rows_db(db, a, &rows, &narratives);
    union { const void *in; struct plan_shot_group *out; } objective = {out->objectives.at}, activity = {out->activities.at};
    for (size_t i = 0; i < plan->n_objectives && !e; i++) {
        const struct plan_steps s = plan_work_steps(&y->work, plan, plan->objective[i].code);
        objective.out[i].due = s.due;
        objective.out[i].done = s.done;
        objective.out[i].hundredths = s.hundredths;
        objective.out[i].money = moneys(&g, plan->objective[i].code, PLAN_ALL);
    }
    for (size_t i = 0; i < plan->n_activities && !e; i++) {
        struct plan_shot_group *x = &activity.out[i];
        x->due = y->work.steps[i].due;
        x->done = y->work.steps[i].done;
        x->hundredths = y->work.steps[i].hundredths;
        x->money = moneys(&g, STR(""), i);
        x->steps = steps_shot(&g, &steps, plan->activity[i].code);
        x->narratives = narratives_shot(&g, &narratives, plan->activity[i].code);
    }
    if (!e)
        out->money = moneys(&g, STR(""), PLAN_ALL);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}
