#include "job/presence.h"

DB_QUERY(presence_write_sql, "bbi", "",
    "insert into desk.presence (node, unit, until) values ($1, $2, $3) "
    "on conflict (node, unit) do update set until = excluded.until");
DB_QUERY(presence_drop_sql, "bb", "", "delete from desk.presence where node = $1 and unit = $2");
DB_QUERY(presence_read_sql, "bi", "i", "select count(*) from desk.presence where unit = $1 and until >= $2");

struct presence {
    struct id node, unit;
    int64_t until;
};

static enum err presence_write_db(struct db *db, void *arg)
{
    const struct presence *p = arg;
    if (!p->until)
        return db_exec(db, &presence_drop_sql, DB_ARGS(DB_ID(p->node), DB_ID(p->unit)), NULL);
    return db_exec(db, &presence_write_sql, DB_ARGS(DB_ID(p->node), DB_ID(p->unit), DB_I(p->until)), NULL);
}

enum err presence_write(struct store *s, struct id node, struct id unit, int64_t until)
{
    struct presence p = {node, unit, until};
    return store_write(s, presence_write_db, &p);
}

enum err presence_read(struct db *db, struct id unit, int64_t now, bool *watched)
{
    struct db_rows *rows;
    enum err e = db_query(db, &presence_read_sql, DB_ARGS(DB_ID(unit), DB_I(now)), &rows);
    if (e)
        return e;
    bool found = db_next(rows) && db_int(rows, 0) > 0;
    e = db_done(&rows);
    if (!e)
        *watched = found;
    return e;
}
