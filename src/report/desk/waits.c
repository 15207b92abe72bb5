// What waits for somebody: messages of reporters that nobody has read, verdicts that want a second person.
#include "report/desk/handlers.h"

DB_QUERY(waits_messages_sql, "bi", "ii", "select count(*), count(of_case) from (select (select c.case_id from desk.case_report c where c.report = report.id) as of_case "
         "from desk.report where unit = $1 and message_due is not null limit $2) as x");
DB_QUERY(waits_second_sql, "bbi", "i", "select count(*) from (select 1 as one from desk.report where unit = $1 and second_waits = 1 and not exists "
         "(select 1 from desk.assessment a where a.report = report.id and a.person = $2) limit $3) as x");
DB_QUERY(waits_case_sql, "b", "ii", "select cast(coalesce(sum(r.unread_up), 0) as bigint), cast(coalesce(sum(r.withdraw_asked), 0) as bigint) "
         "from desk.case_report c join desk.report r on r.id = c.report where c.case_id = $1");

enum err desk_waits_db(struct db *db, void *arg)
{
    struct desk_waits *w = arg;
    enum err e = OK;
    w->messages = w->in_cases = w->second = 0;
    for (size_t u = 0; u < w->who->n_units && !e; u++) {
        struct db_rows *r;
        e = db_query(db, &waits_messages_sql, DB_ARGS(DB_ID(w->who->units[u]), DB_I(COUNT_MAX)), &r);
        if (e)
            return e;
        if (db_next(r)) {
            w->messages += db_int(r, 0);
            w->in_cases += db_int(r, 1);
        }
        e = db_done(&r);
        if (!e)
            e = desk_count_db(db, &waits_second_sql, DB_ARGS(DB_ID(w->who->units[u]), DB_ID(w->who->id), DB_I(COUNT_MAX)), &w->second);
    }
    return e;
}

enum err report_case_waits_db(struct db *db, struct id case_id, int64_t *unread, bool *withdraw)
{
    struct db_rows *r;
    enum err e = db_query(db, &waits_case_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    *unread = found ? db_int(r, 0) : 0;
    *withdraw = found && db_int(r, 1) > 0;
    return db_done(&r);
}

void report_waits_fill(struct req *rq)
{
    struct desk_waits w = {.who = &rq->who};
    if ((!rq->nav.reports && !rq->nav.cases) || store_read(rq->sv->store, desk_waits_db, &w)) // a page is shown without the number too
        return;
    rq->nav.messages = w.messages;
    rq->nav.case_messages = w.in_cases;
}
