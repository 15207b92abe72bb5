// Retention's side of a case's referrals: the shared copies and both sides' words go with the case.
#include "exchange/exchange.h"

#define OF_CASE "(select id from desk.referral where case_id = $1)"
#define NOTES_OF_CASE "(select w.home from desk.referral_work w join desk.referral r on r.id = w.referral where r.case_id = $1)"
DB_QUERY(referral_shred_units_sql, "b", "", "delete from desk.unit_wrap where home in " OF_CASE);
DB_QUERY(referral_shred_children_sql, "b", "", "delete from desk.child_wrap where child in " OF_CASE);
DB_QUERY(referral_shred_parents_sql, "b", "", "delete from desk.child_wrap where parent in " OF_CASE);
DB_QUERY(referral_shred_items_sql, "b", "", "delete from desk.case_item where home in " OF_CASE);
DB_QUERY(referral_shred_notes_sql, "b", "", "delete from desk.unit_wrap where home in " NOTES_OF_CASE);
DB_QUERY(referral_shred_words_sql, "b", "", "delete from desk.case_item where home in " NOTES_OF_CASE);
DB_QUERY(referral_shred_rows_sql, "bb", "", "update desk.referral set kid = $2, news_from = 0, news_to = 0, climb_at = null where case_id = $1");
DB_QUERY(referral_forget_work_sql, "b", "", "delete from desk.referral_work where referral in " OF_CASE);
DB_QUERY(referral_forget_sql, "b", "", "delete from desk.referral where case_id = $1");

enum err exchange_shred_db(struct db *db, struct id case_id)
{
    static const struct db_query *const all[] = {&referral_shred_units_sql, &referral_shred_children_sql, &referral_shred_parents_sql,
                                                 &referral_shred_items_sql, &referral_shred_notes_sql, &referral_shred_words_sql};
    static const struct str empty = {"", 0};
    enum err e = OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && !e; i++)
        e = db_exec(db, all[i], DB_ARGS(DB_ID(case_id)), NULL);
    return e ? e : db_exec(db, &referral_shred_rows_sql, DB_ARGS(DB_ID(case_id), DB_B(empty)), NULL);
}

enum err exchange_forget_db(struct db *db, struct id case_id)
{
    enum err e = db_exec(db, &referral_forget_work_sql, DB_ARGS(DB_ID(case_id)), NULL);
    return e ? e : db_exec(db, &referral_forget_sql, DB_ARGS(DB_ID(case_id)), NULL);
}
