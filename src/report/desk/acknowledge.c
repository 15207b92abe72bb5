// Acknowledgements: what a professional asked for in intake, once the desk has the report, is signed by the keeper and laid into
// reply, where the code finds it. Whoever captures the portal can ask, and gets signed what the desk has and nothing else.
#include <string.h>
#include "base/log.h"
#include "report/desk/desk.h"

#define ACKNOWLEDGE_MAX 64 // at once; the rest with the next settling

DB_QUERY(acknowledge_asked_sql, "i", "bbitb",
         "select a.lookup, r.id, r.received, r.category, s.content from intake.acknowledge a cross join desk.report r "
         "cross join desk.report_sealed s where r.lookup = a.lookup and s.seq = r.seq order by a.lookup limit $1");
DB_QUERY(acknowledge_has_sql, "b", "i", "select received from reply.acknowledgement where lookup = $1");
DB_QUERY(acknowledge_put_sql, "bbitbb", "", "insert into reply.acknowledgement (lookup, report, received, category, content, signature) "
         "values ($1, $2, $3, $4, $5, $6) on conflict do nothing");

struct asked { struct acknowledgement a; uint8_t lookup[16], signature[SIGN_BYTES]; bool has, signed_; };
struct acknowledging { struct arena *a; size_t n; struct asked at[ACKNOWLEDGE_MAX]; };

static enum err asked_read(struct db *db, void *arg)
{
    struct acknowledging *x = arg;
    struct db_rows *r;
    enum err e = db_query(db, &acknowledge_asked_sql, DB_ARGS(DB_I(ACKNOWLEDGE_MAX)), &r);
    if (e)
        return e;
    for (x->n = 0; x->n < ACKNOWLEDGE_MAX && db_next(r);) {
        struct asked *k = &x->at[x->n];
        struct str lookup = db_str(r, 0), content = db_str(r, 4);
        *k = (struct asked){.a = {.received = db_int(r, 2), .category = arena_str(x->a, db_str(r, 3))}};
        if (id_from_bytes(db_str(r, 1), &k->a.report) || lookup.n != sizeof k->lookup || content.n != sizeof k->a.content)
            continue;
        memcpy(k->lookup, lookup.at, sizeof k->lookup);
        memcpy(k->a.content, content.at, sizeof k->a.content);
        x->n++;
    }
    e = db_done(&r);
    return e ? e : arena_failed(x->a) ? ERR_MEMORY : OK;
}

static enum err asked_known(struct db *db, void *arg)
{
    struct acknowledging *x = arg;
    enum err e = OK;
    for (size_t i = 0; i < x->n && !e; i++) {
        struct db_rows *r;
        e = db_query(db, &acknowledge_has_sql, DB_ARGS(DB_B(STR_BYTES(x->at[i].lookup))), &r);
        if (e)
            return e;
        x->at[i].has = db_next(r);
        e = db_done(&r);
    }
    return e;
}

static enum err asked_write(struct db *db, void *arg)
{
    const struct acknowledging *x = arg;
    enum err e = OK;
    for (size_t i = 0; i < x->n && !e; i++) {
        const struct asked *k = &x->at[i];
        if (k->signed_)
            e = db_exec(db, &acknowledge_put_sql, DB_ARGS(DB_B(STR_BYTES(k->lookup)), DB_ID(k->a.report), DB_I(k->a.received),
                                                      DB_T(k->a.category), DB_B(STR_BYTES(k->a.content)), DB_B(STR_BYTES(k->signature))), NULL);
    }
    return e;
}

enum err report_acknowledge(struct services *sv)
{
    struct arena *a;
    enum err e = arena_new(64 * 1024, &a);
    if (e)
        return e;
    struct acknowledging *x = ARENA_NEW(a, struct acknowledging);
    bool any = false;
    if (!x) {
        arena_free(&a);
        return ERR_MEMORY;
    }
    x->a = a;
    e = store_read(sv->store, asked_read, x);
    if (!e && x->n > 0)
        e = store_read(sv->reply, asked_known, x);
    for (size_t i = 0; i < x->n && !e; i++) {
        struct asked *k = &x->at[i];
        if (k->has)
            continue;
        e = keeper_acknowledge(sv->keeper, &k->a, k->signature);
        k->signed_ = !e;
        any = any || !e;
        if (e == ERR_MALFORMED) { // a category that no taxonomy has: this one alone stays without
            log_event(LOG_WARN, "report.not_acknowledged", LOG_ID("report", k->a.report));
            e = OK;
        }
    }
    if (any) { // what is signed is kept, also where the keeper went away in between
        enum err wrote = store_write(sv->reply, asked_write, x);
        e = e ? e : wrote;
    }
    arena_free(&a);
    return e;
}
