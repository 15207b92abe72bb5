// Events that a stream has missed and memory no longer holds, from the store: the reports that rang after a sequence.
#include "report/desk/desk.h"

DB_QUERY(report_missed_sql, "ii", "ibbti", "select seq, id, unit, category, rank from desk.report where seq > $1 and lead = 1 "
         "order by seq limit $2");

#define MISSED_MAX 4096 // reports looked at by one catch-up: as many as events keeps in memory

struct missed {
    const struct id *units;
    size_t n_units;
    int64_t after;
    events_emit *emit;
    void *to;
};

static enum err missed_read(struct db *db, void *arg)
{
    const struct missed *m = arg;
    struct db_rows *r;
    enum err e = db_query(db, &report_missed_sql, DB_ARGS(DB_I(m->after), DB_I(MISSED_MAX)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        struct id id, unit;
        char line[128];
        struct buf data = {.at = line, .cap = sizeof line, .max = sizeof line};
        bool mine = false;
        if (id_from_bytes(db_str(r, 1), &id) || id_from_bytes(db_str(r, 2), &unit))
            continue;
        for (size_t i = 0; i < m->n_units; i++)
            mine = mine || id_equal(m->units[i], unit);
        if (!mine)
            continue;
        report_event_data(&data, id, db_str(r, 3), db_int(r, 4));
        m->emit(m->to, db_int(r, 0), "report", buf_str(&data));
    }
    return db_done(&r);
}

enum err report_events_missed(void *services, const struct id *units, size_t n_units, int64_t after, events_emit *emit, void *to)
{
    struct services *sv = services;
    struct missed m = {.units = units, .n_units = n_units, .after = after, .emit = emit, .to = to};
    return store_read(sv->store, missed_read, &m);
}
