// What the courier asks: which reports nobody has taken. Links nothing else of the desk.
#include "report/report.h"

DB_QUERY(report_unit_next_sql, "B", "b", "select unit from desk.report where lead = 1 and unit > $1 order by unit limit 1");
DB_QUERY(report_untaken_rows_sql, "bii", "biii", "select id, rank, take_due, received from desk.report where lead = 1 and unit = $1 "
         "and state = 'new' and rank = $2 order by take_due, seq limit $3");

// Units are walked by the index, not listed: whatever unit holds a new report is found.
enum err report_untaken_list(struct db *db, int64_t now, struct report_untaken *out, size_t max, size_t *n)
{
    (void)now; // all that are new: the courier decides by take_due
    size_t found = 0;
    for (int64_t rank = 1; rank <= 4 && found < max; rank++) {
        struct id unit = {0};
        for (bool more = true; more && found < max;) {
            struct db_rows *r;
            enum err e = db_query(db, &report_unit_next_sql, DB_ARGS(DB_ID(unit)), &r);
            if (e)
                return e;
            more = db_next(r) && !id_from_bytes(db_str(r, 0), &unit);
            e = db_done(&r);
            if (!e && more)
                e = db_query(db, &report_untaken_rows_sql, DB_ARGS(DB_ID(unit), DB_I(rank), DB_I(max - found)), &r);
            if (e)
                return e;
            if (!more)
                break;
            while (found < max && db_next(r)) {
                out[found] = (struct report_untaken){.urgency = db_int(r, 1), .take_due = db_int(r, 2), .received = db_int(r, 3),
                                                     .unit = unit};
                found += !id_from_bytes(db_str(r, 0), &out[found].id);
            }
            e = db_done(&r);
            if (e)
                return e;
        }
    }
    *n = found;
    return OK;
}
