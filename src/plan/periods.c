// Which periods are locked: whoever enters sees it, whoever approves locks, and opens one again for one institution for some days.
#include "base/clock.h"
#include "plan/entry.h"

struct locking { struct req *rq; struct plan_desk d; struct list locks, unlocks; struct plan_period period; struct plan_unlock un; };

static enum err periods_read(struct db *db, void *arg)
{
    struct locking *g = arg;
    enum err e = plan_desk_db(db, g->rq, STR(""), STR(""), &g->d);
    return e ? e : plan_locks_db(db, g->rq->arena, &g->locks, &g->unlocks);
}

static bool lock_find(const struct list *locks, struct plan_period p)
{
    const struct plan_lock *at = locks->at;
    for (size_t i = 0; i < locks->n; i++)
        if (at[i].period.first == p.first && at[i].period.last == p.last)
            return true;
    return false;
}

static struct list unlocks_of(struct locking *g, struct plan_period p)
{
    struct req *rq = g->rq;
    const struct plan_unlock *un = g->unlocks.at;
    struct plan_unlock_row *at = arena_array(rq->arena, g->unlocks.n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < g->unlocks.n; i++) {
        if (un[i].period.first != p.first || un[i].period.last != p.last || un[i].until <= rq->now)
            continue;
        const struct institution *inst = institution_by_id(&g->d.institutions, un[i].institution);
        struct buf b;
        buf_init(&b, 40);
        date_put_iso(&b, un[i].until);
        at[n++] = (struct plan_unlock_row){inst ? inst->code : STR(""), un[i].reason, arena_str(rq->arena, buf_str(&b)),
                                           inst ? inst->name : STR(""), req_time(rq, un[i].until)};
        buf_free(&b);
    }
    return (struct list){at, n};
}

static enum err periods_show(struct locking *g, struct plan_periods_out *out)
{
    static const int months[] = {12, 3, 1};
    struct req *rq = g->rq;
    enum err e = store_read(rq->sv->store, periods_read, g);
    if (e)
        return e;
    const struct pack_plan *plan = g->d.plan;
    struct plan_period_row *at = arena_array(rq->arena, plan->n_years * 17 + 1, sizeof *at);
    const struct institution *each = g->d.institutions.at;
    struct choice *inst = arena_array(rq->arena, g->d.institutions.n + 1, sizeof *inst);
    size_t n = 0;
    if (!at || !inst)
        return ERR_MEMORY;
    for (size_t y = plan->n_years; y-- > 0;)
        for (size_t m = 0; m < 3; m++)
            for (int first = plan->years[y] * 12; first < plan->years[y] * 12 + 12; first += months[m]) {
                struct plan_period p = plan_period_of(first, months[m]);
                bool locked = lock_find(&g->locks, p);
                if (locked || months[m] > 1) // single months only where one is locked
                    at[n++] = (struct plan_period_row){plan_period_text(rq->arena, p), locked, unlocks_of(g, p), plan_period_label(rq, p)};
            }
    for (size_t i = 0; i < g->d.institutions.n; i++)
        inst[i] = (struct choice){each[i].code, each[i].name, false};
    out->periods = (struct list){at, n};
    out->institutions = (struct list){inst, g->d.institutions.n};
    out->may_lock = g->d.who.approves;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_periods_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct locking g = {.rq = rq};
    return periods_show(&g, out);
}

enum err plan_periods_fill(struct req *rq, const void *in, void *out)
{
    return plan_periods_run(rq, in, out);
}

enum err plan_unlock_fill(struct req *rq, const void *in_, void *out_)
{
    const struct plan_unlock_in *in = in_;
    struct plan_periods_out *out = out_;
    enum err e = plan_periods_run(rq, in_, out_);
    out->days = in->days ? arena_printf(rq->arena, "%lld", (long long)in->days) : STR("");
    out->reason = in->reason;
    return e;
}

static enum err lock_write(struct db *db, void *arg)
{
    struct locking *g = arg;
    return plan_lock_db(db, g->period, g->rq->who.id, clock_minute(g->rq->now));
}

static enum err lock_away_write(struct db *db, void *arg)
{
    return plan_lock_away_db(db, ((struct locking *)arg)->period);
}

static enum err unlock_write(struct db *db, void *arg)
{
    struct locking *g = arg;
    struct list locks, unlocks;
    enum err e = plan_locks_db(db, g->rq->arena, &locks, &unlocks);
    if (!e && !lock_find(&locks, g->period))
        return ERR_CONFLICT;
    return e ? e : plan_unlock_db(db, &g->un, g->rq->who.id, clock_minute(g->rq->now));
}

static enum err act(struct locking *g, struct str period, db_fn *fn, void *out)
{
    struct req *rq = g->rq;
    struct locking shown = {.rq = rq};
    if (!plan_period_read(period, &g->period))
        return periods_show(&shown, out) ? ERR_BUG : req_refuse(rq, "period", MSG_PLAN_REFUSED_PERIOD);
    enum err e = store_write(rq->sv->store, fn, g);
    if (e && e != ERR_CONFLICT)
        return e;
    enum err seen = periods_show(&shown, out);
    return seen ? seen : e ? req_notice(rq, e, MSG_PLAN_REFUSED_NOT_LOCKED) : OK;
}

enum err plan_lock_run(struct req *rq, const void *in, void *out)
{
    struct locking g = {.rq = rq};
    return act(&g, ((const struct plan_lock_in *)in)->period, lock_write, out);
}

enum err plan_lock_away_run(struct req *rq, const void *in, void *out)
{
    struct locking g = {.rq = rq};
    return act(&g, ((const struct plan_lock_in *)in)->period, lock_away_write, out);
}

enum err plan_unlock_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_unlock_in *in = in_;
    struct locking g = {.rq = rq}, shown = {.rq = rq};
    enum err e = plan_unlock_fill(rq, in, out);
    e = e ? e : store_read(rq->sv->store, periods_read, &shown);
    const struct institution *inst = e ? NULL : institution_by_code(&shown.d.institutions, in->institution);
    if (e)
        return e;
    if (!inst)
        return req_refuse(rq, "institution", MSG_WEB_FIELD_CHOICE);
    if (in->days < 1 || in->days > 60)
        return req_refuse(rq, "days", MSG_PLAN_REFUSED_DAYS);
    if (!plan_period_read(in->period, &g.period))
        return req_refuse(rq, "period", MSG_PLAN_REFUSED_PERIOD);
    g.un = (struct plan_unlock){.period = g.period, .institution = inst->id, .reason = str_trim(in->reason), .until = rq->now + in->days * CLOCK_DAY};
    return act(&g, in->period, unlock_write, out);
}
