// What left a case as a case file, for the page of what was shared (exchange, a floor below): those that are sealed by their rows,
// those that were printed by the case's history, because they have none. For whom one outside is, stands sealed in the case.
#include <stdlib.h>
#include <string.h>
#include "casefile/handlers.h"

DB_QUERY(taken_printed_sql, "bi", "ibB", "select at, thing, unit from desk.case_history where case_id = $1 and action = 'casefile_printed' "
         "and thing is not null order by seq desc limit $2");

static int oldest_first(const void *a_, const void *b_)
{
    const struct exchange_taken *a = a_, *b = b_;
    return a->made_at != b->made_at ? (a->made_at > b->made_at ? 1 : -1) : memcmp(a->id.b, b->id.b, sizeof a->id.b);
}

static enum err printed_read(struct db *db, struct req *rq, struct id case_id, struct exchange_taken *at, size_t *n)
{
    struct db_rows *r;
    size_t from = *n, most = from + CASEFILE_CASE_MAX;
    struct str type;
    enum err e = db_query(db, &taken_printed_sql, DB_ARGS(DB_ID(case_id), DB_I(CASEFILE_CASE_MAX)), &r);
    if (e)
        return e;
    while (!e && *n < most && db_next(r)) {
        struct exchange_taken *t = &at[(*n)++];
        *t = (struct exchange_taken){.way = STR("printed"), .made_at = db_int(r, 0), .opened_at = INT64_MIN, .revoked_at = INT64_MIN,
                                     .state_text = text_get(rq->lang, MSG_CASEFILE_STATE_PRINTED)};
        if (id_from_bytes(db_str(r, 1), &t->id) || (!db_null(r, 2) && id_from_bytes(db_str(r, 2), &t->from)))
            e = ERR_TAMPERED;
        t->made_text = req_time(rq, t->made_at);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = from; !e && i < *n; i++)
        e = id_zero(at[i].from) ? OK : exchange_unit_db(db, rq, at[i].from, &at[i].from_name, &type);
    return e;
}

enum err casefile_taken(struct db *db, struct req *rq, struct id case_id, struct list *out)
{
    size_t n = 0, rows = 0;
    struct casefile_row *row = arena_array(rq->arena, CASEFILE_CASE_MAX, sizeof *row);
    struct exchange_taken *at = arena_array(rq->arena, 2 * CASEFILE_CASE_MAX, sizeof *at);
    enum err e = row && at ? casefile_case_db(db, rq, case_id, row, &rows) : ERR_MEMORY;
    for (size_t i = 0; !e && i < rows; i++) {
        struct casefile_row *r = &row[i];
        bool outside = id_zero(r->to);
        struct str to_name = outside ? STR("") : r->to_name;
        casefile_row_show(rq, r);
        at[n++] = (struct exchange_taken){
            .id = r->id, .from = r->from, .to = r->to, .way = outside ? STR("outside") : STR("unit"), .from_name = r->from_name, .to_name = to_name,
            .made_at = r->made, .opened = r->opened, .opened_at = r->opened_at, .revoked_at = r->revoked_at, .made_text = r->made_text,
            .opened_text = r->opened_text, .state_text = r->state_text};
    }
    e = e ? e : printed_read(db, rq, case_id, at, &n);
    if (e)
        return e;
    qsort(at, n, sizeof *at, oldest_first);
    *out = (struct list){at, n};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
