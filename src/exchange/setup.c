// The one row of points of contact that init writes too.
#include "exchange/exchange.h"

DB_QUERY(contact_set_sql, "bbi", "", "insert into desk.contact (unit, person, place) values ($1, $2, $3) "
         "on conflict (unit, place) do update set person = excluded.person");

enum err exchange_setup_contact(struct db *db, struct id unit, struct id person, enum contact_place place)
{
    return db_exec(db, &contact_set_sql, DB_ARGS(DB_ID(unit), DB_ID(person), DB_I(place)), NULL);
}
