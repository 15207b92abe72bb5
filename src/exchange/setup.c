// Rows of points of contact that init writes too, and that couriers read.
#include "exchange/exchange.h"

DB_QUERY(contact_set_sql, "bbi", "", "insert into desk.contact (unit, person, place) values ($1, $2, $3) "
         "on conflict (unit, place) do update set person = excluded.person");
DB_QUERY(contact_reader_sql, "bi", "tt", "select p.mail, p.language from desk.contact c join desk.person p on p.id = c.person "
         "join desk.member m on m.unit = c.unit and m.person = c.person where c.unit = $1 and c.place = $2 and p.disabled = 0 and p.mail <> ''");

enum err exchange_setup_contact(struct db *db, struct id unit, struct id person, enum contact_place place)
{
    return db_exec(db, &contact_set_sql, DB_ARGS(DB_ID(unit), DB_ID(person), DB_I(place)), NULL);
}

enum err exchange_reader_db(struct db *db, struct arena *a, struct id unit, enum contact_place place, struct exchange_reader *out, bool *there)
{
    struct db_rows *r;
    enum err e = db_query(db, &contact_reader_sql, DB_ARGS(DB_ID(unit), DB_I(place)), &r);
    if (e)
        return e;
    *there = db_next(r);
    if (*there)
        *out = (struct exchange_reader){arena_str(a, db_str(r, 0)), arena_str(a, db_str(r, 1))};
    e = db_done(&r);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}
