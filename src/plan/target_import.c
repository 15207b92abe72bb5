// Targets from a table file: each row checked for itself, and against the rows before it.
#include <stdlib.h>
#include "plan/target.h"

enum { INDICATOR, YEAR, BASELINE, TARGET, WEIGHT, RATIONALE };
static const char *const columns[] = {"indicator", "year", "baseline", "target", "weight", "rationale", NULL};

struct reading { struct plan_table *t; const struct plan_bases *plans; struct plan_targets_file *out; int64_t *seen; };

static int64_t amount_read(struct plan_table *t, int column, struct str cell)
{
    int64_t n = PLAN_NOT_SET;
    enum err e = cell.n > 0 ? plan_amount_read(cell, &n) : OK;
    if (e)
        plan_table_tell(t, columns[column], e == ERR_TOO_LARGE ? MSG_PLAN_REFUSED_AMOUNT_LARGE : MSG_PLAN_REFUSED_AMOUNT, 0);
    return e ? PLAN_NOT_SET : n;
}

static enum err row_read(void *ctx, const struct str *cell)
{
    struct reading *g = ctx;
    struct plan_table *t = g->t;
    size_t faults = t->faults;
    int64_t year = 0;
    bool whole = str_int(cell[YEAR], &year) == OK;
    const struct pack_plan *plan = whole ? plan_basis(g->plans, year) : g->plans->plan;
    const struct pack_plan_indicator *x = pack_plan_indicator(plan, cell[INDICATOR]);
    if (!x)
        plan_table_tell(t, columns[INDICATOR], MSG_PLAN_REFUSED_INDICATOR, 0);
    if (!whole || !pack_plan_year(plan, year))
        plan_table_tell(t, columns[YEAR], MSG_PLAN_REFUSED_YEAR, 0);
    struct plan_target row = {.indicator = cell[INDICATOR], .year = year, .version = -1,
                              .baseline = amount_read(t, BASELINE, cell[BASELINE]),
                              .target = amount_read(t, TARGET, cell[TARGET]),
                              .weight = amount_read(t, WEIGHT, cell[WEIGHT]), .rationale = cell[RATIONALE]};
    if (row.weight == PLAN_NOT_SET)
        row.weight = PLAN_ONE;
    else if (row.weight <= 0)
        plan_table_tell(t, columns[WEIGHT], MSG_PLAN_REFUSED_WEIGHT, 0);
    if (str_utf8_count(row.rationale) > PLAN_RATIONALE_MAX)
        plan_table_tell(t, columns[RATIONALE], MSG_PLAN_REFUSED_RATIONALE, PLAN_RATIONALE_MAX);
    if (cell[BASELINE].n + cell[TARGET].n + cell[WEIGHT].n == 0)
        plan_table_tell(t, NULL, MSG_PLAN_REFUSED_NOTHING, 0);
    if (t->faults > faults)
        return OK;
    int64_t *seen = &g->seen[(x - plan->indicator) * PACK_PLAN_YEARS_MAX + (year - plan->years[0])];
    if (*seen)
        plan_table_tell(t, NULL, MSG_PLAN_REFUSED_TWICE, *seen);
    *seen = t->at;
    g->out->line[g->out->n] = t->at;
    g->out->target[g->out->n++] = row;
    return OK;
}

enum err plan_targets_read(struct plan_table *t, const struct plan_bases *plans, struct str file, struct plan_targets_file *out)
{
    struct plan_targets_file f = {.table = t, .target = arena_array(t->a, PLAN_TARGET_ROWS, sizeof *f.target),
                                  .line = arena_array(t->a, PLAN_TARGET_ROWS, sizeof *f.line)};
    struct reading g = {t, plans, &f, arena_array(t->a, PACK_PLAN_INDICATORS_MAX * PACK_PLAN_YEARS_MAX, sizeof *g.seen)};
    t->columns = columns;
    t->needed = 1u << INDICATOR | 1u << YEAR;
    t->rows_max = PLAN_TARGET_ROWS;
    enum err e = f.target && f.line && g.seen ? plan_table_read(t, file, row_read, &g) : ERR_MEMORY;
    if (!e)
        *out = f;
    return e;
}

enum err plan_targets_put_db(struct db *db, const struct plan_targets_file *f, struct id person, int64_t at)
{
    enum err e = OK;
    for (size_t i = 0; i < f->n && !e; i++) {
        struct plan_target row = f->target[i];
        row.person = person;
        row.at = at;
        e = plan_target_put_db(db, &row);
    }
    return e;
}
