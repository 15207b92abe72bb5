// plan/work: what was planned to be done and paid for the plan's activities in a year, and what was: milestones and money, from the
// registers step, budget_line and spending. Beside the scores of indicators, never mixed into them (decision 0021).
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "db/db.h"
#include "pack/plan.h"
#include "plan/score.h"

// Registers of the country pack that this room knows by name; the reader of packs checks their fields (pack/registers.c).
#define PLAN_STEPS "step"
#define PLAN_BUDGET "budget_line"
#define PLAN_SPENDING "spending"
#define PLAN_NARRATIVES "narrative"
#define PLAN_FUNDING "funding"   // the list of sources

// Whole money. What nobody entered is missing; what was entered as 0 is 0.
struct plan_money {
    bool has_planned, has_spent;
    int64_t planned, carried;    // carried: the part of it that comes from an earlier year
    int64_t spent, spent_carried;
    int64_t moved, moved_spent;  // costs of this year that count in the next: they are in none of the others
};
struct plan_steps { int64_t due, done, hundredths; }; // due in the year; of them done; the sum of their hundredths at its end, or now
struct plan_payer { struct id institution; struct plan_money money; }; // whoever entered the rows
struct plan_work {
    int64_t year;
    size_t n_activities, n_sources, n_payers;
    struct plan_money *money;    // [activity × source]; one activity more: codes that the year's plan has not; one source more: unknown
    struct plan_steps *steps;    // [activity], one more likewise
    struct plan_payer *payer;
};
struct plan_work_ask { const struct pack *pack; const struct pack_plan *plan; int64_t year, now; bool demo; };
// Everything lies in a. ERR_TOO_LARGE: sums that no money has.
MUST_USE enum err plan_work_db(struct db *db, struct arena *a, const struct plan_work_ask *ask, struct plan_work *out);

#define PLAN_ALL SIZE_MAX
// Put together: activity and source by index; PLAN_ALL: all of them. ERR_TOO_LARGE cannot come: plan_work_db has looked.
struct plan_money plan_work_money(const struct plan_work *w, size_t activity, size_t source);
struct plan_money plan_work_objective(const struct plan_work *w, const struct pack_plan *plan, struct str objective, size_t source);
struct plan_steps plan_work_steps(const struct plan_work *w, const struct pack_plan *plan, struct str objective); // empty: the whole plan
struct plan_part plan_execution(const struct plan_money *m);       // spent / planned; of = 0: one of both is missing, or nothing was planned
struct plan_part plan_steps_reached(const struct plan_steps *s);   // mean of hundredths; of = 0: no step is due
struct plan_part plan_steps_done(const struct plan_steps *s);      // implementation rate: fully done / planned to be done
