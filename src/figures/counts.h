// figures/counts: what reports and cases came to in each month, of all institutions together, for the plan. What days came to stays
// when records are erased; days that the courier has not added yet are counted from the records.
#pragma once
#include "base/arena.h"
#include "db/db.h"
#include "pack/pack.h"

enum figure_months {
    FIGURES_KEPT,    // reports by the day of receipt, neither spam nor duplicate two weeks later
    FIGURES_OUTCOME, // cases by the day on which they were closed, with their outcome; closed two weeks later
};
// county: empty: not known. outcome: of FIGURES_OUTCOME. The same month and county may come several times. fn must not keep it.
typedef enum err figure_month_fn(void *ctx, int64_t month, struct str county, struct str outcome, int64_t n);
// Months first to last (202611). *begin: the month of the first report or case of all; INT64_MAX: there was none.
MUST_USE enum err figures_months_db(struct db *db, struct arena *a, const struct pack *p, enum figure_months what,
                                    int64_t first, int64_t last, int64_t now, figure_month_fn *fn, void *ctx,
                                    int64_t *begin);
