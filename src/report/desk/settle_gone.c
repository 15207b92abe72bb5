// reply forgets the threads of reports whose keys were destroyed: state, steps, messages, acknowledgement. On the settler's
// thread, behind what is still to be told, so that nothing is written back. What intake may still hold is named in
// reply.done, by which the portal deletes it.
#include <string.h>
#include "base/log.h"
#include "report/desk/desk.h"

#define GONE_MAX 64       // lookups at once
#define GONE_IDS_MAX 1024 // copies in intake named at once; the rest with the next settling

DB_QUERY(gone_lookups_sql, "i", "b", "select lookup from desk.reply_gone order by lookup limit $1");
DB_QUERY(gone_intake_sql, "bi", "b", "select id from intake.report where lookup = $1 union all select id from intake.message where lookup = $1 "
                                     "limit $2");
DB_QUERY(gone_done_sql, "b", "", "delete from desk.reply_gone where lookup = $1");
DB_QUERY(gone_thread_sql, "b", "", "delete from reply.thread where lookup = $1");
DB_QUERY(gone_steps_sql, "b", "", "delete from reply.step where lookup = $1");
DB_QUERY(gone_messages_sql, "b", "", "delete from reply.message where lookup = $1");
DB_QUERY(gone_acknowledgement_sql, "b", "", "delete from reply.acknowledgement where lookup = $1");
DB_QUERY(gone_name_sql, "b", "", "insert into reply.done (id) values ($1) on conflict do nothing");

struct lookups {
    size_t n, n_ids;
    struct id at[GONE_MAX], ids[GONE_IDS_MAX]; // a lookup is 16 bytes, as an id
};

static enum err take(struct db *db, const struct db_query *q, struct db_args args, struct id *out, size_t max, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    while (!e && *n < max && db_next(r))
        e = id_from_bytes(db_str(r, 0), &out[(*n)++]) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err lookups_read(struct db *db, void *arg)
{
    struct lookups *l = arg;
    l->n = l->n_ids = 0;
    enum err e = take(db, &gone_lookups_sql, DB_ARGS(DB_I(GONE_MAX)), l->at, GONE_MAX, &l->n);
    for (size_t i = 0; i < l->n && !e; i++)
        e = take(db, &gone_intake_sql, DB_ARGS(DB_ID(l->at[i]), DB_I(GONE_IDS_MAX - l->n_ids)), l->ids, GONE_IDS_MAX, &l->n_ids);
    return e;
}

static enum err reply_forget(struct db *db, void *arg)
{
    static const struct db_query *const all[] = {&gone_thread_sql, &gone_steps_sql, &gone_messages_sql, &gone_acknowledgement_sql};
    const struct lookups *l = arg;
    enum err e = OK;
    for (size_t i = 0; i < l->n; i++)
        for (size_t k = 0; k < sizeof all / sizeof *all && !e; k++)
            e = db_exec(db, all[k], DB_ARGS(DB_ID(l->at[i])), NULL);
    for (size_t i = 0; i < l->n_ids && !e; i++)
        e = db_exec(db, &gone_name_sql, DB_ARGS(DB_ID(l->ids[i])), NULL);
    return e ? e : db_notify(db, "done");
}

static enum err desk_forget(struct db *db, void *arg)
{
    const struct lookups *l = arg;
    enum err e = OK;
    for (size_t i = 0; i < l->n && !e; i++)
        e = db_exec(db, &gone_done_sql, DB_ARGS(DB_ID(l->at[i])), NULL);
    return e;
}

enum err report_settle_gone(struct services *sv, bool *more)
{
    struct lookups l;
    enum err e = store_read(sv->store, lookups_read, &l);
    if (e || l.n == 0)
        return e;
    e = store_write(sv->reply, reply_forget, &l);
    if (!e)
        e = store_write(sv->store, desk_forget, &l);
    if (e)
        return e;
    *more = l.n == GONE_MAX;
    enum err reply = store_scrub(sv->reply), desk = store_scrub(sv->store);
    if (reply || desk) // retention's next pass tries again
        log_event(LOG_WARN, "report.log_not_cut", LOG_ERR(reply ? reply : desk));
    return OK;
}
