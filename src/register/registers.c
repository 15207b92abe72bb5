// Which registers there are, how many rows stand in each, and what waits for whom.
#include "register/handlers.h"
#include "register/counts.h"

DB_QUERY(entry_totals_sql, "b", "ttii", "select register, state, count(*), cast(sum(case when institution = $1 then 1 else 0 end) as bigint) from desk.entry "
         "group by register, state");

struct totals { struct req *rq; struct entry_registers_row *at; size_t n; struct entry_who who; };

static enum err totals_read(struct db *db, void *arg)
{
    struct totals *t = arg;
    struct db_rows *r;
    enum err e = entry_who_db(db, t->rq, &t->who);
    e = e ? e : db_query(db, &entry_totals_sql, DB_ARGS(DB_ID(t->who.institution)), &r);
    if (e)
        return e;
    while (db_next(r))
        for (size_t i = 0; i < t->n; i++)
            if (str_equal(t->at[i].code, db_str(r, 0))) {
                struct entry_registers_row *x = &t->at[i];
                enum entry_state s = ENTRY_REMOVED;
                entry_state_read(db_str(r, 1), &s);
                x->rows += s == ENTRY_ENTERED || s == ENTRY_CONFIRMED ? db_int(r, 2) : 0;
                x->waiting += s == ENTRY_ENTERED ? db_int(r, 2) : 0;
                x->drafts += s == ENTRY_DRAFT || s == ENTRY_RETURNED ? db_int(r, 3) : 0;
            }
    e = db_done(&r);
    for (size_t i = 0; i < t->n && !e; i++)
        e = entry_gaps_db(db, t->rq->sv->pack, t->at[i].code, true, &t->at[i].gaps);
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
