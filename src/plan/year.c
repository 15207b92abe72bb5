#include "plan/year.h"
#include "text/date.h"

const struct plan_told *plan_told(const struct plan_year *y, size_t indicator, uint32_t place)
{
    return &y->told[indicator * y->n_places + place];
}

// ── targets ──
struct aim { int64_t base, target; int base_year, target_year; }; // over all years: for the trend

static struct aim aim_of(const struct plan_target *at, size_t n, struct str indicator)
{
    struct aim a = {.base = PLAN_NOT_SET, .target = PLAN_NOT_SET};
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(at[i].indicator, indicator))
            continue;
        if (at[i].baseline != PLAN_NOT_SET && a.base == PLAN_NOT_SET) {
            a.base = at[i].baseline;
            a.base_year = (int)at[i].year - 1; // a baseline is what stood before the year
        }
        if (at[i].target != PLAN_NOT_SET) {
            a.target = at[i].target;
            a.target_year = (int)at[i].year;
        }
    }
    return a;
}

// ── values ──
// Of a percentage 100 n / of, half away from zero.
static int64_t value_of(const struct plan_figure *f)
{
    __extension__ typedef __int128 wide;
    wide twice = (wide)200 * PLAN_ONE * f->n, of = f->of;
    return of == 0 ? f->n : (int64_t)((twice < 0 ? twice - of : twice + of) / (2 * of));
}

static void score(struct plan_told *t, const struct pack_plan_indicator *x, const struct plan_target *target,
                  struct plan_part expected, const struct aim *aim, int year)
{
    const bool up = x->direction != PACK_PLAN_DOWN;
    if (!t->has || x->direction == PACK_PLAN_NO_DIRECTION)
        return;
    if (target->target != PLAN_NOT_SET && target->baseline != PLAN_NOT_SET) {
        t->achieved = plan_achieved(up, t->value, target->baseline, target->target);
        t->light = plan_light(t->achieved, expected);
    }
    if (aim->base != PLAN_NOT_SET && aim->target != PLAN_NOT_SET)
        t->trend = plan_trend(up, t->value, year, aim->base, aim->base_year, aim->target, aim->target_year);
}

static enum err values_read(struct plan_year *y, const struct plan_values *v)
{
    const int first = PLAN_MONTH(y->year, 1), last = PLAN_MONTH(y->year, 12);
    enum err e = OK;
    for (size_t i = 0; i < y->n_indicators && !e; i++)
        for (uint32_t p = 0; p < y->n_places && !e; p++) {
            struct plan_told *t = &y->told[i * y->n_places + p];
            struct plan_figure f;
            bool percent = y->version.plan->indicator[i].kind == PACK_PLAN_PERCENT;
            e = plan_figure_of(v, i, first, last, p, &f, &t->partial);
            if (e || !f.has)
                continue;
            t->n = f.n;
            t->of = f.of;
            t->has = !percent || f.of > 0;
            t->value = t->has ? value_of(&f) : 0;
        }
    return e;
}

// ── means ──
static void means(struct plan_year *y, struct plan_weighed *room)
{
    const struct pack_plan *plan = y->version.plan;
    const uint32_t country = (uint32_t)y->n_places - 1;
    struct plan_mean of[PACK_PLAN_ACTIVITIES_MAX];
    int64_t weight[PACK_PLAN_ACTIVITIES_MAX];
    for (size_t a = 0; a < plan->n_activities; a++) {
        size_t n = 0;
        for (size_t i = 0; i < plan->n_indicators; i++)
            if (str_equal(plan->indicator[i].activity, plan->activity[a].code)) {
                const struct plan_told *t = plan_told(y, i, country);
                room[n++] = (struct plan_weighed){t->hidden ? (struct plan_part){0, 0} : t->achieved, y->target[i].weight};
            }
        y->activity[a] = plan_mean(room, n);
    }
    for (size_t o = 0; o < plan->n_objectives; o++) {
        size_t n = 0;
        for (size_t a = 0; a < plan->n_activities; a++)
            if (str_equal(plan->activity[a].objective, plan->objective[o].code)) {
                of[n] = y->activity[a];
                weight[n++] = plan->activity[a].weight;
            }
        y->objective[o] = plan_mean_of(of, weight, n);
    }
    for (size_t o = 0; o < plan->n_objectives; o++) {
        of[o] = y->objective[o];
        weight[o] = 1;
    }
    y->whole = plan_mean_of(of, weight, plan->n_objectives);
    for (size_t i = 0; i < plan->n_indicators; i++)
        y->with_data += plan_told(y, i, country)->has;
}

static int quarters_gone(int64_t year, int64_t now)
{
    struct date d = date_local(now);
    return d.year > year ? 4 : d.year < year ? 0 : (d.month - 1) / 3;
}

static enum err version_read(struct db *db, struct arena *a, const struct plan_year_ask *ask, struct plan_year *y, bool *basis)
{
    enum err e = plan_version_of_year_db(db, a, ask->pack, y->year, &y->version);
    *basis = ask->version == 0 || e || ask->version == y->version.number;
    if (!e && !*basis)
        e = plan_version_db(db, a, ask->pack, ask->version, &y->version);
    return e ? e : pack_plan_year(y->version.plan, y->year) ? OK : ERR_NOT_FOUND;
}

static enum err targets_read(struct db *db, struct arena *a, struct plan_year *y, struct aim *aim)
{
    const struct pack_plan *plan = y->version.plan;
    struct plan_target *all;
    size_t n;
    enum err e = plan_targets_db(db, a, plan->years[0], plan->years[plan->n_years - 1], &all, &n);
    for (size_t i = 0; i < y->n_indicators && !e; i++) {
        y->target[i] = plan_target_of(all, n, plan->indicator[i].code, y->year);
        aim[i] = aim_of(all, n, plan->indicator[i].code);
    }
    return e;
}

// One year from what was counted and entered of it (and of others).
static enum err year_make(struct db *db, struct arena *a, const struct plan_year_ask *ask, const struct plan_values *v,
                          bool basis, struct plan_year *y)
{
    const struct pack_plan *plan = y->version.plan;
    size_t n = y->n_indicators = plan->n_indicators;
    y->pack = ask->pack;
    y->over = date_local(ask->now).year > y->year;
    y->live = *v->live;
    y->n_places = plan_country(ask->pack) + 1;
    y->told = arena_array(a, n * y->n_places + 1, sizeof *y->told);
    y->target = arena_array(a, n + 1, sizeof *y->target);
    y->expected = arena_array(a, n + 1, sizeof *y->expected);
    y->activity = arena_array(a, plan->n_activities + 1, sizeof *y->activity);
    y->objective = arena_array(a, plan->n_objectives + 1, sizeof *y->objective);
    struct aim *aim = arena_array(a, n + 1, sizeof *aim);
    struct plan_weighed *room = arena_array(a, n + 1, sizeof *room);
    if (arena_failed(a))
        return ERR_MEMORY;
    enum err e = targets_read(db, a, y, aim);
    e = e ? e : values_read(y, v);
    // Persons are told of a year that is over, by the version that is its basis: else two looks could be subtracted.
    e = e ? e : plan_hide(a, y, !y->over || !basis);
    for (size_t i = 0; i < n && !e; i++) {
        y->expected[i] = plan_expected(plan->indicator[i].accumulates, quarters_gone(y->year, ask->now));
        for (size_t p = 0; p < y->n_places; p++)
            if (!y->told[i * y->n_places + p].hidden)
                score(&y->told[i * y->n_places + p], &plan->indicator[i], &y->target[i], y->expected[i], &aim[i], (int)y->year);
    }
    if (!e)
        means(y, room);
    const struct plan_work_ask work = {ask->pack, plan, y->year, ask->now, ask->demo};
    return e ? e : plan_work_db(db, a, &work, &y->work);
}

enum err plan_years_db(struct db *db, struct arena *a, const struct plan_year_ask *ask, int64_t last, struct plan_year *out)
{
    struct plan_live live = {0};
    struct plan_values v = {&live, NULL, 0};
    enum err e = last < ask->year || last - ask->year >= PLAN_LIVE_YEARS ? ERR_INVALID : OK;
    for (int64_t year = ask->year; year <= last && !e; year++) {
        struct plan_year *y = &out[year - ask->year];
        bool basis;
        *y = (struct plan_year){.year = year};
        e = version_read(db, a, ask, y, &basis);
        // Years with the same basis are counted in one go.
        const bool again = year > ask->year && y[-1].version.number == y->version.number;
        if (again)
            y->version.plan = y[-1].version.plan;
        const struct plan_ask counts = {ask->pack, y->version.plan, (int)year, (int)last, ask->now, ask->demo};
        struct plan_given *given;
        if (!e && !again)
            e = plan_live_db(db, a, &counts, &live);
        if (!e && !again)
            e = plan_given_db(db, a, &counts, &given, &v.n_given);
        if (!e && !again)
            v.given = given;
        e = e ? e : year_make(db, a, ask, &v, basis, y);
    }
    return e;
}

enum err plan_year_db(struct db *db, struct arena *a, const struct plan_year_ask *ask, struct plan_year *out)
{
    struct plan_year y;
    enum err e = plan_years_db(db, a, ask, ask->year, &y);
    if (!e)
        *out = y;
    return e;
}
