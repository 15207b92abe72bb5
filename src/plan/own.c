// What the plan counts of itself and of the network. A measure that nobody answers yet is not here, and no passport of the pack
// that is live may ask for it (tests/store/test_plan_live.c).
#include <stdio.h>
#include "base/clock.h"
#include "base/log.h"
#include "exchange/counts.h"
#include "plan/live.h"
#include "plan/version.h"
#include "register/counts.h"
#include "web/web.h"

#define KEY_MAX 40

DB_QUERY(plan_reading_put_sql, "tiii", "", "insert into desk.plan_reading (what, month, n, at) values ($1, $2, $3, $4) "
         "on conflict (what, month) do update set n = excluded.n, at = excluded.at");
DB_QUERY(plan_reading_last_sql, "", "I", "select max(at) from desk.plan_reading");
DB_QUERY(plan_readings_sql, "tii", "ii", "select month, n from desk.plan_reading where what = $1 and month between $2 and $3");

static enum err network_told(struct db *db, struct arena *a, const struct plan_ask *ask, enum pack_plan_measure m, plan_own_told *told, void *ctx)
{
    (void)a;
    struct exchange_network n = {0};
    enum err e = exchange_count_network_db(db, &n);
    return e ? e : told(ctx, plan_month_of(ask->now), PLAN_NOWHERE,
                        m == PACK_PLAN_UNITS ? n.units : m == PACK_PLAN_CONTACTS ? n.contacts : n.accepted);
}

// Seats that nobody fills, and units without a point of contact.
static enum err gaps_told(struct db *db, struct arena *a, const struct plan_ask *ask, enum pack_plan_measure m, plan_own_told *told, void *ctx)
{
    (void)a, (void)m;
    const struct pack_register *r;
    struct exchange_network network = {0};
    int64_t gaps = 0, one = 0;
    enum err e = exchange_count_network_db(db, &network);
    for (size_t i = 0; !e && (r = pack_register_at(ask->pack, i)); i++) {
        e = entry_gaps_db(db, ask->pack, r->code, ask->demo, &one);
        gaps += one;
    }
    return e ? e : told(ctx, plan_month_of(ask->now), PLAN_NOWHERE, gaps + network.units - network.contacts);
}

static const struct plan_own own[] = {
    {PACK_PLAN_UNITS, network_told, true, false}, {PACK_PLAN_CONTACTS, network_told, true, false}, {PACK_PLAN_ACCEPTED, network_told, true, false},
    {PACK_PLAN_GAPS, gaps_told, true, false}, {PACK_PLAN_DUE, plan_own_values, false, false},
    {PACK_PLAN_APPROVED, plan_own_values, false, false}, {PACK_PLAN_PUBLISHED, plan_own_reports, false, false},
};

const struct plan_own *plan_own_of(enum pack_plan_measure m)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].measure == m)
            return &own[i];
    return NULL;
}

// ── readings ──
static struct str key_of(enum pack_plan_measure m, char key[static KEY_MAX])
{
    int n = snprintf(key, KEY_MAX, "%s.%s", m <= PACK_PLAN_ACCEPTED ? "network" : "plan", pack_plan_measure_name(m));
    return (struct str){key, (size_t)n};
}

enum err plan_readings_db(struct db *db, const struct pack_plan_term *t, int first, int last, plan_own_told *fn, void *ctx)
{
    char key[KEY_MAX];
    struct db_rows *r;
    enum err e = db_query(db, &plan_readings_sql, DB_ARGS(DB_T(key_of(t->measure, key)), DB_I(plan_month_name(first)),
                                                          DB_I(plan_month_name(last))), &r);
    if (e)
        return e;
    while (!e && db_next(r))
        e = fn(ctx, plan_month_from(db_int(r, 0)), PLAN_NOWHERE, db_int(r, 1));
    enum err done = db_done(&r);
    return e ? e : done;
}

struct keeping { struct services *sv; struct plan_ask ask; struct arena *a; int64_t n; };

static enum err kept(void *ctx, int month, uint32_t place, int64_t n)
{
    (void)month, (void)place;
    ((struct keeping *)ctx)->n += n;
    return OK;
}

static enum err readings_write(struct db *db, void *arg)
{
    struct keeping *k = arg;
    struct db_rows *r;
    enum err e = db_query(db, &plan_reading_last_sql, DB_ARGS(), &r);
    if (e)
        return e;
    bool today = db_next(r) && !db_null(r, 0) && plan_day(db_int(r, 0)) == plan_day(k->ask.now);
    e = db_done(&r);
    for (size_t i = 0; i < sizeof own / sizeof *own && !e && !today; i++) {
        char key[KEY_MAX];
        if (!own[i].stands)
            continue;
        k->n = 0;
        e = own[i].fn(db, k->a, &k->ask, own[i].measure, kept, k);
        e = e ? e
            : db_exec(db, &plan_reading_put_sql,
                      DB_ARGS(DB_T(key_of(own[i].measure, key)), DB_I(plan_month_name(plan_month_of(k->ask.now))),
                              DB_I(k->n), DB_I(k->ask.now)), NULL);
    }
    return e;
}

void plan_keep_readings(struct services *sv)
{
    struct keeping k = {.sv = sv, .ask = {.pack = sv->pack, .plan = pack_plan(sv->pack), .now = clock_now()}};
    if (!k.ask.plan || arena_new(4 << 20, &k.a))
        return;
    enum err e = store_write(sv->store, readings_write, &k);
    if (e)
        log_event(LOG_WARN, "plan.not_read", LOG_ERR(e));
    arena_free(&k.a);
}
