// Values from a table file: each row checked against its passport, and against the rows before it; then all or none.
#include <stdlib.h>
#include <string.h>
#include "plan/value_import.h"

enum { INDICATOR, PERIOD, INSTITUTION, COUNTY, NUMERATOR, DENOMINATOR, VALUE, COMMENT };
static const char *const columns[] = {"indicator", "period", "institution", "county", "numerator", "denominator", "value", "comment", NULL};

struct reading {
    struct plan_table *t;
    const struct pack *pack;
    const struct plan_bases *plans;
    const struct list *institutions;
    struct plan_values_file *out;
};

static void tell(void *ctx, const char *field, enum message m)
{
    plan_table_tell(ctx, field, m, 0);
}

static enum err row_read(void *ctx, const struct str *cell)
{
    struct reading *g = ctx;
    struct plan_table *t = g->t;
    size_t faults = t->faults;
    const struct institution *inst = institution_by_code(g->institutions, cell[INSTITUTION]);
    struct plan_put *put = &g->out->put[g->out->n];
    struct plan_value_said said;
    struct plan_period period;
    bool when = plan_period_read(cell[PERIOD], &period);
    const struct pack_plan *plan = when ? plan_basis(g->plans, plan_period_year(period)) : g->plans->plan;
    const struct pack_plan_indicator *x = pack_plan_indicator(plan, cell[INDICATOR]);
    *put = (struct plan_put){.x = x, .plan = plan, .period = when ? period : (struct plan_period){0, 0}, .county = cell[COUNTY], .version = -1, .submit = true,
                             .typed = {.n = cell[VALUE], .of = cell[DENOMINATOR], .blank = STR(""),
                                       .comment = cell[COMMENT]}};
    if (!x)
        plan_table_tell(t, columns[INDICATOR], MSG_PLAN_REFUSED_INDICATOR, 0);
    if (!when)
        plan_table_tell(t, columns[PERIOD], MSG_PLAN_REFUSED_PERIOD, 0);
    if (!inst)
        plan_table_tell(t, columns[INSTITUTION], MSG_PLAN_REFUSED_INSTITUTION, 0);
    if (cell[COUNTY].n > 0 && !pack_has(g->pack, "county", cell[COUNTY]))
        plan_table_tell(t, columns[COUNTY], MSG_WEB_FIELD_CHOICE, 0);
    if (t->faults > faults)
        return OK;
    put->institution = inst->id;
    if (!plan_value_owed(x, inst->code, inst->type))
        plan_table_tell(t, columns[INSTITUTION], MSG_PLAN_REFUSED_OWED_BY, 0);
    if (plan_value_two_parts(x)) {
        put->typed.n = cell[NUMERATOR];
        if (cell[VALUE].n > 0)
            plan_table_tell(t, columns[VALUE], MSG_PLAN_REFUSED_BOTH, 0);
    } else if (cell[NUMERATOR].n > 0) {
        plan_table_tell(t, columns[NUMERATOR], MSG_PLAN_REFUSED_ONE_PART, 0);
    }
    bool fine = plan_value_place(plan, x, put->period, put->county, tell, t);
    fine = plan_value_check(x, &put->typed, tell, t, &said) && fine;
    if (fine && !plan_value_there(&said))
        plan_table_tell(t, NULL, MSG_PLAN_REFUSED_NOTHING, 0);
    if (t->faults > faults)
        return OK;
    g->out->line[g->out->n++] = t->at;
    return OK;
}

// ── the same value twice, or counties beside the whole country ──
struct place { const struct plan_put *put; int64_t line; };

static int same_value(const struct plan_put *x, const struct plan_put *y)
{
    if (x->x != y->x)
        return x->x < y->x ? -1 : 1;
    if (x->period.first != y->period.first)
        return x->period.first < y->period.first ? -1 : 1;
    return memcmp(x->institution.b, y->institution.b, sizeof x->institution.b);
}

static int by_value(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = same_value(x->put, y->put);
    c = c ? c : str_compare(x->put->county, y->put->county);
    return c ? c : (x->line > y->line) - (x->line < y->line);
}

static enum err pairs_look(struct plan_table *t, const struct plan_values_file *f)
{
    struct place *at = arena_array(t->a, f->n + 1, sizeof *at);
    if (!at)
        return ERR_MEMORY;
    for (size_t i = 0; i < f->n; i++)
        at[i] = (struct place){&f->put[i], f->line[i]};
    qsort(at, f->n, sizeof *at, by_value);
    for (size_t i = 1; i < f->n; i++) {
        if (same_value(at[i].put, at[i - 1].put) != 0)
            continue;
        t->at = at[i].line;
        if (str_equal(at[i].put->county, at[i - 1].put->county))
            plan_table_tell(t, NULL, MSG_PLAN_REFUSED_TWICE, at[i - 1].line);
        else if (at[i - 1].put->county.n == 0)
            plan_table_tell(t, columns[COUNTY], MSG_PLAN_REFUSED_WHOLE_THERE, 0);
    }
    return OK;
}

static int by_line(const void *a, const void *b)
{
    const struct plan_line *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

enum err plan_values_read(struct plan_table *t, const struct pack *p, const struct plan_bases *plans, const struct list *institutions, struct str file,
                          struct plan_values_file *out)
{
    struct plan_values_file f = {.table = t, .put = arena_array(t->a, t->rows_max + 1, sizeof *f.put),
                                 .line = arena_array(t->a, t->rows_max + 1, sizeof *f.line)};
    struct reading g = {t, p, plans, institutions, &f};
    t->columns = columns;
    t->needed = 1u << INDICATOR | 1u << PERIOD | 1u << INSTITUTION;
    enum err e = f.put && f.line ? plan_table_read(t, file, row_read, &g) : ERR_MEMORY;
    e = e ? e : pairs_look(t, &f);
    qsort(t->lines, t->n_lines, sizeof *t->lines, by_line);
    if (!e)
        *out = f;
    return e;
}

void plan_values_told(struct plan_values_file *f)
{
    static const enum message words[] = {[PLAN_PUT_CHANGED] = MSG_PLAN_REFUSED_CHANGED,
                                         [PLAN_PUT_LOCKED] = MSG_PLAN_REFUSED_LOCKED,
                                         [PLAN_PUT_FOREIGN] = MSG_PLAN_REFUSED_FOREIGN};
    for (size_t i = 0; i < f->n; i++) {
        const struct plan_put *x = &f->put[i];
        f->table->at = f->line[i];
        if (x->end == PLAN_PUT_REFUSED)
            plan_table_tell(f->table, x->field, x->why, 0);
        else if (x->end != PLAN_PUT_SAME && x->end != PLAN_PUT_SAVED)
            plan_table_tell(f->table, NULL, words[x->end], 0);
    }
}
