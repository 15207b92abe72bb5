// Codes of the plan that registers may name: of every version that was ever in force, with the titles that the newest gives them.
#include "plan/handlers.h"
#include "plan/version.h"

#define CODES_MAX (PACK_PLAN_INDICATORS_MAX * 2)

struct naming { const struct req *rq; bool indicators; struct choice *at; size_t n; };

static void code_put(struct naming *g, struct str code, const struct pack_text *title)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_equal(g->at[i].value, code))
            return;
    if (g->n < CODES_MAX)
        g->at[g->n++] = (struct choice){arena_str(g->rq->arena, code), arena_str(g->rq->arena, plan_label(g->rq, title)), false};
}

static void version_put(struct naming *g, const struct pack_plan *plan)
{
    for (size_t i = 0; g->indicators && i < plan->n_indicators; i++)
        code_put(g, plan->indicator[i].code, plan->indicator[i].title);
    for (size_t i = 0; !g->indicators && i < plan->n_activities; i++)
        code_put(g, plan->activity[i].code, plan->activity[i].title);
}

enum err plan_codes(struct db *db, const struct req *rq, bool indicators, struct list *out)
{
    struct naming g = {rq, indicators, arena_array(rq->arena, CODES_MAX, sizeof *g.at), 0};
    struct arena *a = NULL;
    size_t n = 0;
    enum err e = g.at ? arena_new(PLAN_ARENA, &a) : ERR_MEMORY;
    struct plan_version *all = e ? NULL : arena_array(a, PLAN_VERSIONS_MAX, sizeof *all);
    e = e ? e : all ? plan_versions_db(db, a, all, &n) : ERR_MEMORY;
    for (size_t i = 0; i < n && !e; i++) { // the newest first
        struct plan_version v;
        struct arena *one = NULL;
        if (all[i].from == 0) // a draft
            continue;
        e = arena_new(PLAN_ARENA, &one);
        e = e ? e : plan_version_db(db, one, rq->sv->pack, all[i].number, &v);
        if (!e)
            version_put(&g, v.plan);
        arena_free(&one);
    }
    arena_free(&a);
    *out = (struct list){g.at, g.n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
