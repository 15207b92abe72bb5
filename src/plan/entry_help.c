// Help beside what is asked: what to write into a field, whom to ask, and whether somebody enters values for the first time.
#include "plan/entry.h"
#include "people/people.h"

#define HELPERS_MAX 3

DB_QUERY(plan_helpers_sql, "ibi", "btt", "select id, name, mail from desk.person where (roles & $1) <> 0 and disabled = 0 and mail <> '' and id <> $2 "
         "order by fold, id limit $3");
DB_QUERY(plan_handed_in_sql, "b", "i", "select count(*) from desk.plan_value where institution = $1 and state in ('submitted', 'approved')");

// The subject of a mail says which value it is about: codes alone, which need no encoding.
static struct str mail_href(const struct req *rq, struct str mail, struct str indicator, struct str period)
{
    return arena_printf(rq->arena, "mailto:%.*s?subject=isigurt%%20%.*s%s%.*s", STR_ARG(mail), STR_ARG(indicator), indicator.n ? "%20" : "", STR_ARG(period));
}

enum err plan_helpers_db(struct db *db, const struct req *rq, struct str indicator, struct str period, struct list *out)
{
    struct plan_helper *at = arena_array(rq->arena, HELPERS_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &plan_helpers_sql, DB_ARGS(DB_I(1 << ROLE_COORDINATOR), DB_ID(rq->who.id), DB_I(HELPERS_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; n < HELPERS_MAX && db_next(r); n++) {
        struct str mail = arena_str(rq->arena, db_str(r, 2));
        at[n] = (struct plan_helper){arena_str(rq->arena, db_str(r, 1)), mail, mail_href(rq, mail, indicator, period)};
    }
    *out = (struct list){at, n};
    return db_done(&r);
}

enum err plan_handed_in_db(struct db *db, struct id institution, bool *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_handed_in_sql, DB_ARGS(DB_ID(institution)), &r);
    if (e)
        return e;
    *out = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

struct str plan_entry_help(const struct req *rq, const struct pack_plan_indicator *x)
{
    enum message m = plan_value_two_parts(x) ? MSG_PLAN_HELP_TWO : x->part == PACK_PLAN_NUMERATOR ? MSG_PLAN_HELP_NUMERATOR
                     : x->part == PACK_PLAN_DENOMINATOR ? MSG_PLAN_HELP_DENOMINATOR : x->part == PACK_PLAN_REST ? MSG_PLAN_HELP_REST
                     : x->kind == PACK_PLAN_MONEY ? MSG_PLAN_HELP_MONEY : MSG_PLAN_HELP_WHOLE;
    return text_get(rq->lang, m);
}
