// The indicators of a plan as a page of documentation (docs/indicators.md): what each counts, in words, and who enters what.
#include "plan/live.h"

struct printing { struct buf *out; const struct pack *p; const struct pack_plan *plan; const struct lang *l; };

static struct str label(const struct printing *g, const struct pack_text *t)
{
    return t ? pack_words(g->p, t, g->l) : STR("");
}

// A cell of a table: a bar would end it.
static void cell(const struct printing *g, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i] == '|')
            buf_put_c(g->out, '\\');
        buf_put_c(g->out, s.at[i]);
    }
}

static void terms(const struct printing *g, const struct pack_plan_term *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b;
        buf_init(&b, 8000);
        plan_term_say(&b, g->p, g->plan, &t[i], g->l);
        buf_put_z(g->out, i ? " + " : "");
        cell(g, text_arg_str(buf_str(&b)));
        buf_free(&b);
    }
}

static void words(const struct printing *g, const char *before, const struct str *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(g->out, "%s%s%.*s", i ? ", " : "", before, STR_ARG(at[i]));
}

static void indicator(const struct printing *g, const struct pack_plan_indicator *x)
{
    buf_printf(g->out, "| %.*s | ", STR_ARG(x->code));
    cell(g, label(g, x->title));
    buf_printf(g->out, " | %s%s%s | ", pack_plan_source_name(x->source), x->part == PACK_PLAN_NOTHING || x->part == PACK_PLAN_WHOLE ? "" : ": ",
               x->part == PACK_PLAN_NOTHING || x->part == PACK_PLAN_WHOLE ? "" : pack_plan_part_name(x->part));
    terms(g, x->count, x->n_count);
    buf_put_z(g->out, x->n_of ? " **/** " : "");
    terms(g, x->of, x->n_of);
    buf_put_z(g->out, x->n_count + x->n_of && x->n_by + x->n_by_types ? "; " : "");
    words(g, "", x->by, x->n_by);
    buf_put_z(g->out, x->n_by && x->n_by_types ? ", " : "");
    words(g, "all ", x->by_types, x->n_by_types);
    if (x->until.n)
        buf_printf(g->out, " (until: %.*s)", STR_ARG(x->until));
    buf_printf(g->out, " | %s, %s | %s | %s |\n", pack_plan_rule_name(x->time), pack_plan_rule_name(x->places),
               pack_plan_every_name(x->every), x->about_persons ? "yes" : "");
}

static void table(const struct printing *g, struct str activity, struct str section)
{
    buf_put_z(g->out,
              "\n| code | indicator | source | what is counted; who enters | over time, places | every | persons |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < g->plan->n_indicators; i++)
        if (activity.n ? str_equal(g->plan->indicator[i].activity, activity)
                       : g->plan->indicator[i].activity.n == 0 && str_equal(g->plan->indicator[i].section, section))
            indicator(g, &g->plan->indicator[i]);
}

void plan_markdown(struct buf *out, const struct pack *p, const struct pack_plan *plan, const struct lang *l)
{
    const struct printing g = {out, p, plan, l};
    size_t n[3] = {0}, of_persons = 0;
    for (size_t i = 0; i < plan->n_indicators; i++) {
        n[plan->indicator[i].source]++;
        of_persons += plan->indicator[i].about_persons;
    }
    buf_printf(out, "# Indicators\n\nMade by `isigurt plan indicators`; a test compares. %zu indicators: %zu counted by the platform (live), %zu entered by institutions (entry), %zu of both (mixed). "
               "Of %zu about persons small numbers are hidden.\nWhat is counted is told in the words that the program makes from the term itself; `until` names the room that will count what is entered for now. "
               "docs/plan.md says how values are put together.\n", plan->n_indicators, n[PACK_PLAN_LIVE], n[PACK_PLAN_ENTRY], n[PACK_PLAN_MIXED], of_persons);
    for (size_t a = 0; a < plan->n_activities; a++) {
        buf_printf(out, "\n## %.*s %.*s\n", STR_ARG(plan->activity[a].code), STR_ARG(label(&g, plan->activity[a].title)));
        table(&g, plan->activity[a].code, STR(""));
    }
    for (size_t s = 0; s < plan->n_sections; s++) {
        buf_printf(out, "\n## Cross-cutting: %.*s\n", STR_ARG(label(&g, plan->section[s].title)));
        table(&g, STR(""), plan->section[s].code);
    }
}
