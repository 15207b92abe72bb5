// Which registers there are, how many rows stand in each, and what waits for whom.
#include "register/handlers.h"
#include "register/counts.h"

// A seek for each number: counting a stretch of an index is twice as quick as grouping all of it.
DB_QUERY(entry_totals_sql, "tb", "iii", "select (select count(*) from desk.entry where register = $1 and state = 'entered'), "
         "(select count(*) from desk.entry where register = $1 and state = 'confirmed'), "
         "(select count(*) from desk.entry where register = $1 and state in ('draft', 'returned') and institution = $2)");

struct totals { struct req *rq; struct entry_registers_row *at; size_t n; struct entry_who who; };

static enum err total_read(struct db *db, struct totals *t, struct entry_registers_row *x)
{
    struct db_rows *r;
    enum err e = db_query(db, &entry_totals_sql, DB_ARGS(DB_T(x->code), DB_ID(t->who.institution)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        x->rows = db_int(r, 0) + db_int(r, 1);
        x->waiting = db_int(r, 0);
        x->drafts = db_int(r, 2);
    }
    return db_done(&r);
}

static enum err totals_read(struct db *db, void *arg)
{
    struct totals *t = arg;
    enum err e = entry_who_db(db, t->rq, &t->who);
    for (size_t i = 0; i < t->n && !e; i++) {
        e = total_read(db, t, &t->at[i]);
        e = e ? e : entry_gaps_db(db, t->rq->sv->pack, t->at[i].code, true, &t->at[i].gaps);
    }
    return e;
}

enum err entry_registers_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    const struct pack *p = rq->sv->pack;
    struct totals t = {.rq = rq};
    while (pack_register_at(p, t.n))
        t.n++;
    t.at = arena_array(rq->arena, t.n + 1, sizeof *t.at);
    for (size_t i = 0; i < t.n && t.at; i++) {
        const struct pack_register *r = pack_register_at(p, i);
        t.at[i] = (struct entry_registers_row){.code = r->code, .label = entry_label(rq, r->label), .about = entry_label(rq, r->about)};
    }
    enum err e = t.at ? store_read(rq->sv->store, totals_read, &t) : ERR_MEMORY;
    for (size_t i = 0; i < t.n && !e; i++) {
        const struct pack_register *r = pack_register_at(p, i);
        t.at[i].may_add = entry_may_add(r, &t.who);
        t.at[i].confirms = t.who.edit && r->confirmer.n > 0 && str_equal(r->confirmer, t.who.code);
        t.at[i].waiting = r->confirmer.n > 0 ? t.at[i].waiting : 0;
        t.at[i].some_waiting = t.at[i].waiting > 0;
        t.at[i].some_drafts = t.at[i].drafts > 0;
        t.at[i].some_gaps = t.at[i].gaps > 0;
    }
    *(struct entry_registers_out *)out = (struct entry_registers_out){{t.at, t.n}};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
