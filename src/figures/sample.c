// What months came to in a demonstration, invented, of years before its first report.
#include "figures/handlers.h"
#include "text/csv.h"

DB_QUERY(figure_sample_sql, "tibttii", "", "insert into desk.figure (what, month, unit, category, county, bucket, n) values ($1, $2, $3, $4, $5, $6, $7)");

enum { WHAT, MONTH, CATEGORY, COUNTY, BUCKET, N, CELLS };

enum err figures_setup_sample(struct db *db, struct str file, struct id unit)
{
    struct csv_reader *csv = NULL;
    const struct str *cell;
    size_t n;
    enum err e = csv_open(csv_from_text, &file, &csv);
    e = e ? e : csv_next(csv, &cell, &n); // names of the columns
    while (!e && !(e = csv_next(csv, &cell, &n))) {
        int64_t month, bucket, count;
        if (n != CELLS || str_int(cell[MONTH], &month) || str_int(cell[BUCKET], &bucket) || str_int(cell[N], &count)) {
            e = ERR_INVALID;
            break;
        }
        bool plans = str_equal(cell[WHAT], STR("kept")) || str_equal(cell[WHAT], STR("outcome")); // of all units together
        e = db_exec(db, &figure_sample_sql, DB_ARGS(DB_T(cell[WHAT]), DB_I(month), DB_ID(plans ? (struct id){{0}} : unit), DB_T(cell[CATEGORY]),
                                                    DB_T(cell[COUNTY]), DB_I(bucket), DB_I(count)), NULL);
    }
    csv_close(&csv);
    return e == ERR_NOT_FOUND ? OK : e;
}
