// What a row that counts says, in one text (desk.entry_tally): lines "FIELD\tVALUE\tN" of what is counted of it and
// "\tSTAGE\tDAY" of the stages it has reached. Written with the row, so that the plan's questions need no join.
#include "register/store.h"

DB_QUERY(tally_away_sql, "ti", "", "delete from desk.entry_tally where register = $1 and entry = $2");
DB_QUERY(tally_put_sql, "tibtiit", "", "insert into desk.entry_tally (register, entry, institution, county, day, demo, facts) values ($1, $2, $3, $4, $5, $6, $7) "
         "on conflict (register, entry) do update set institution = excluded.institution, county = excluded.county, day = excluded.day, demo = excluded.demo, facts = excluded.facts");
DB_QUERY(tally_stages_sql, "ii", "ti", "select stage, day from desk.entry_stage where entry = $1 order by day, stage limit $2");

#define FACTS_MAX (64 * 1024) // bytes
#define STAGES_MAX 50

void entry_fact_put(struct buf *facts, struct str field, struct str value, int64_t n)
{
    buf_put(facts, field);
    buf_put_c(facts, '\t');
    buf_put(facts, value);
    buf_printf(facts, "\t%lld\n", (long long)n);
}

enum err entry_tally_put_db(struct db *db, const struct entry_put *w)
{
    const struct entry_row *x = &w->row;
    struct db_rows *r;
    struct buf facts;
    if (!entry_counts(x->reg, x->who.state))
        return db_exec(db, &tally_away_sql, DB_ARGS(DB_T(x->reg->code), DB_I(x->seq)), NULL);
    buf_init(&facts, FACTS_MAX);
    for (size_t i = 0; i < w->n; i++)
        entry_fact_put(&facts, w->facet[i].field, w->facet[i].value, w->facet[i].n);
    enum err e = db_query(db, &tally_stages_sql, DB_ARGS(DB_I(x->seq), DB_I(STAGES_MAX)), &r);
    if (!e) {
        while (db_next(r))
            entry_fact_put(&facts, STR(""), db_str(r, 0), db_int(r, 1));
        e = db_done(&r);
    }
    e = e ? e : buf_ok(&facts);
    e = e ? e
        : db_exec(db, &tally_put_sql, DB_ARGS(DB_T(x->reg->code), DB_I(x->seq), DB_ID(x->who.institution),
                                              DB_T(x->county), DB_I(x->day), DB_I(x->demo),
                                              DB_T(text_arg_str(buf_str(&facts)))), NULL);
    buf_free(&facts);
    return e;
}
