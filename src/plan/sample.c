// The plan in a demonstration: years that are told, invented, with their reports; the last quarter waits for approval.
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "plan/plan.h"
#include "plan/report_files.h"
#include "plan/report_store.h"
#include "plan/target.h"
#include "plan/value_import.h"

#define ARENA_BYTES (64u << 20)
#define HANDED_IN_ON 15 // of the month after a period
#define SHOT_IN 2       // months after a year: March
#define VALUES_MAX 20000

struct setup {
    const struct plan_sample *s;
    struct arena *a;
    const struct pack_plan *plan;
    struct list institutions;
    struct plan_values_file values;
};

// Midday of a day of the month so many months after another.
static int64_t day_after(int month, int months, int day)
{
    struct tm t = {.tm_year = (month + months) / 12 - 1900, .tm_mon = (month + months) % 12, .tm_mday = day, .tm_hour = 11};
    return (int64_t)timegm(&t) * CLOCK_SECOND;
}

static int plan_end(const struct setup *g)
{
    return g->plan->years[g->plan->n_years - 1] * 12 + 11;
}

static enum err targets_put(struct db *db, struct setup *g)
{
    struct plan_table t = {.a = g->a, .l = text_default()};
    struct plan_targets_file f;
    const struct plan_bases plans = {.plan = g->plan};
    enum err e = plan_targets_read(&t, &plans, g->s->targets, &f);
    e = e ? e : t.faults ? ERR_INVALID : OK;
    return e ? e : plan_targets_put_db(db, &f, g->s->drafts, day_after(g->plan->years[0] * 12, 0, HANDED_IN_ON));
}

// Each period's values on the day on which they are due, in the order of the file.
static enum err values_put(struct db *db, struct setup *g)
{
    struct plan_table t = {.a = g->a, .l = text_default(), .rows_max = VALUES_MAX};
    struct plan_values_file f;
    const struct plan_bases plans = {.plan = g->plan};
    enum err e = plan_values_read(&t, g->s->pack, &plans, &g->institutions, g->s->values, &f);
    e = e ? e : t.faults ? ERR_INVALID : OK;
    for (size_t from = 0, to; !e && from < f.n; from = to) {
        for (to = from + 1; to < f.n && f.put[to].period.first == f.put[from].period.first && f.put[to].period.last == f.put[from].period.last;)
            to++;
        struct plan_putting put = {.arena = g->a, .plan = g->plan, .who = {.person = g->s->enters, .enters = true, .all = true},
                                   .now = day_after(f.put[from].period.last, 1, HANDED_IN_ON), .action = STR("imported"), .whole = true,
                                   .demo = true, .at = f.put + from, .n = to - from};
        e = plan_values_put(db, &put);
    }
    return e;
}

static enum err values_approve(struct db *db, struct setup *g)
{
    int last = plan_end(g);
    struct plan_value_ask ask = {.period = {g->plan->years[0] * 12, last}, .within = true, .state = PLAN_VALUE_SUBMITTED, .now = clock_now()};
    struct list all;
    enum err e = plan_value_list_db(db, g->a, &ask, VALUES_MAX, &all);
    const struct plan_value_row *at = e ? NULL : all.at;
    for (size_t i = 0; !e && i < all.n; i++) {
        struct plan_value_row v = at[i];
        if (v.period.last == last && plan_period_months(v.period) < 12)
            continue;
        v.who.state = PLAN_VALUE_APPROVED;
        v.decided_by = g->s->approves;
        v.decided_at = day_after(v.period.last, 1, HANDED_IN_ON + 5);
        e = plan_value_put_db(db, &v, STR("approved"));
    }
    return e;
}

static enum err locks_put(struct db *db, struct setup *g)
{
    enum err e = OK;
    for (size_t i = 0; i + 1 < g->plan->n_years && !e; i++)
        e = plan_lock_db(db, (struct plan_period){g->plan->years[i] * 12, g->plan->years[i] * 12 + 11}, g->s->approves,
                         day_after(g->plan->years[i] * 12 + 11, SHOT_IN + 1, 1));
    return e;
}

static enum err rows_write(struct db *db, void *arg)
{
    struct setup *g = arg;
    enum err e = plan_begin_db(db, g->s->pack, day_after(g->plan->years[0] * 12, 0, 1));
    e = e ? e : institutions_db(db, g->a, true, &g->institutions);
    e = e ? e : targets_put(db, g);
    e = e ? e : values_put(db, g);
    e = e ? e : values_approve(db, g);
    return e ? e : locks_put(db, g);
}

static enum err report_write(struct db *db, void *arg)
{
    struct plan_report_row row = *(const struct plan_report_row *)arg; // this may run several times
    enum err e = plan_report_put_db(db, &row);                         // begins as a draft
    return e || row.state == PLAN_REPORT_DRAFT ? e : plan_report_put_db(db, &row);
}

// The last year's is a draft still.
static enum err report_make(struct store *store, struct setup *g, size_t year)
{
    int last = g->plan->years[year] * 12 + 11;
    bool ended = year + 1 < g->plan->n_years;
    int64_t shot = day_after(last, SHOT_IN, 1), told = day_after(last, SHOT_IN, HANDED_IN_ON);
    struct plan_report_row row = {.id = id_random(), .year = g->plan->years[year], .made_by = g->s->drafts, .shot_at = shot, .made_at = shot,
                                  .approved_at = INT64_MIN, .published_at = INT64_MIN,
                                  .state = ended ? PLAN_REPORT_PUBLISHED : PLAN_REPORT_DRAFT};
    const struct plan_shot_ask ask = {.pack = g->s->pack, .year = row.year, .now = shot, .demo = true};
    if (ended) {
        row.approved_by = row.published_by = g->s->approves;
        row.approved_at = row.published_at = told;
        row.presented = g->plan->n_present_to ? pack_words(g->s->pack, g->plan->present_to[0].title, NULL) : STR("");
    }
    enum err e = plan_report_shoot(store, &ask, g->a, &row.snapshot);
    e = e ? e : store_write(store, report_write, &row);
    return e || !ended ? e : plan_report_publish(store, pack_code(g->s->pack), row.year, told, row.snapshot);
}

enum err plan_setup_sample(struct store *store, const struct plan_sample *s)
{
    struct setup g = {.s = s, .plan = pack_plan(s->pack)};
    enum err e = g.plan ? arena_new(ARENA_BYTES, &g.a) : OK;
    e = e || !g.plan ? e : store_write(store, rows_write, &g);
    for (size_t i = 0; g.plan && i < g.plan->n_years && !e; i++)
        e = report_make(store, &g, i);
    arena_free(&g.a);
    return e;
}
