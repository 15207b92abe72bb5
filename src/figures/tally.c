// One dashboard's sums, gathered in one pass over the rows of the months.
#include <string.h>
#include "figures/handlers.h"

static size_t place_of(const struct pack *p, const char *list, struct str value, size_t max)
{
    struct str at;
    for (size_t i = 0; i < max && (at = pack_list_at(p, list, i)).n; i++)
        if (str_equal(at, value))
            return i;
    return max;
}

static size_t count_of(const struct pack *p, const char *list, size_t max)
{
    size_t n = 0;
    while (n < max && pack_list_at(p, list, n).n)
        n++;
    return n;
}

static size_t unit_of(const struct tally *t, struct id unit)
{
    size_t i = 0;
    while (i < t->n_units && !id_equal(t->unit[i].unit, unit))
        i++;
    return i;
}

static size_t month_of(const struct tally *t, int64_t month)
{
    return (size_t)(month / 100 * 12 + month % 100 - t->first / 100 * 12 - t->first % 100);
}

// What the pack no longer names is counted with its first value's neighbours: category at the end, county as not known.
static void add_received(struct tally *t, const struct figure_row *f, size_t unit)
{
    size_t category = place_of(t->pack, "category", f->row.category, t->n_categories), month = month_of(t, f->month);
    size_t county = place_of(t->pack, "county", f->row.county, t->n_counties); // n_counties: not known
    category = category < t->n_categories ? category : t->n_categories - 1;
    t->received += f->row.n;
    t->by_urgency[f->row.bucket >= 1 && f->row.bucket <= 4 ? f->row.bucket : 4] += f->row.n;
    t->by_month[month < 12 ? month : 11] += f->row.n;
    t->by_category[category] += f->row.n;
    t->by_county[county] += f->row.n;
    t->cross[category][county] += f->row.n;
    t->by_unit[unit] += f->row.n;
}

static enum err tally_add(void *ctx, const struct figure_row *f)
{
    struct tally *t = ctx;
    size_t unit = unit_of(t, f->row.unit), bucket = f->row.bucket > 0 ? (size_t)f->row.bucket : 0;
    if (unit == t->n_units || (t->filter.category.n && !str_equal(t->filter.category, f->row.category)) ||
        (t->filter.county.n && !str_equal(t->filter.county, f->row.county)))
        return OK;
    size_t category;
    switch (f->what) {
    case FIGURE_RECEIVED:
        add_received(t, f, unit);
        break;
    case FIGURE_ASSESSED:
        t->assessed[bucket < 3 ? bucket : 2] += f->row.n;
        break;
    case FIGURE_ANSWERED:
        t->answered[bucket < 3 ? bucket : 2] += f->row.n;
        break;
    case FIGURE_POLICE:
        t->police[bucket == 1] += f->row.n;
        break;
    case FIGURE_OPENED:
        category = place_of(t->pack, "category", f->row.category, t->n_categories);
        t->opened += f->row.n;
        t->opened_category[category < t->n_categories ? category : t->n_categories - 1] += f->row.n;
        break;
    case FIGURE_CLOSED:
        t->closed += f->row.n;
        t->length[bucket < TALLY_LENGTHS ? bucket : TALLY_LENGTHS - 1] += f->row.n;
        break;
    case FIGURE_KEPT:
    case FIGURE_OUTCOME:
        break; // the plan's
    }
    return OK;
}

static enum err justice_add(void *ctx, const struct count_row *row)
{
    struct tally *t = ctx;
    bool other = (t->filter.category.n && !str_equal(t->filter.category, row->category)) ||
                 (t->filter.county.n && !str_equal(t->filter.county, row->county));
    if (!other && row->bucket >= 0 && row->bucket < TALLY_STAGES)
        t->stage[row->bucket] += row->n;
    return OK;
}

static enum err removed_add(void *ctx, const struct count_row *row)
{
    struct tally *t = ctx;
    bool other = (t->filter.category.n && !str_equal(t->filter.category, row->category)) ||
                 (t->filter.county.n && !str_equal(t->filter.county, row->county));
    if (!other && row->bucket >= 0 && row->bucket < REMOVED_HOSTS * REMOVED_BUCKETS) {
        t->removed[row->bucket % REMOVED_BUCKETS] += row->n;
        t->removed_host[row->bucket / REMOVED_BUCKETS][row->bucket % REMOVED_BUCKETS] += row->n;
    }
    return OK;
}

static bool wanted(const struct tally_ask *ask, const struct count_unit *u)
{
    const struct person *who = &ask->req->who;
    char hex[ID_HEX];
    bool own = !ask->own || person_of_unit(who, u->unit);
    return own && (!ask->t->filter.institution.n || str_equal_z(ask->t->filter.institution, id_hex(u->institution, hex)));
}

static enum err tally_db(struct db *db, void *arg)
{
    struct tally_ask *ask = arg;
    struct tally *t = ask->t;
    struct count_unit *all;
    size_t n;
    enum err e = count_units_db(db, ask->req->arena, str_equal_z(ask->req->lang_code, "en"), &all, &n);
    struct id *ids = arena_array(ask->req->arena, TALLY_UNITS, sizeof *ids);
    t->unit = arena_array(ask->req->arena, TALLY_UNITS, sizeof *t->unit);
    t->n_units = 0;
    if (!e && (!ids || !t->unit))
        e = ERR_MEMORY;
    for (size_t i = 0; !e && i < n && t->n_units < TALLY_UNITS; i++)
        if (wanted(ask, &all[i])) {
            ids[t->n_units] = all[i].unit;
            t->unit[t->n_units++] = all[i];
        }
    if (!e)
        e = figures_read_db(db, t->pack, ids, t->n_units, t->first, ask->last, ask->req->now, tally_add, t, &t->missing_from,
                            &t->settled);
    int64_t from = figures_month_start(t->first), to = figures_month_start(figures_month_next(ask->last));
    for (size_t i = 0; i < t->n_units && !e; i++) {
        e = case_count_justice_db(db, ids[i], from, to, justice_add, t);
        if (!e)
            e = case_count_removed_db(db, ids[i], from, to, ask->req->now, removed_add, t);
    }
    return e;
}

enum err tally_read(struct tally_ask *ask)
{
    struct tally *t = ask->t;
    t->pack = ask->req->sv->pack;
    t->n_categories = count_of(t->pack, "category", TALLY_CATEGORIES);
    t->n_counties = count_of(t->pack, "county", TALLY_COUNTIES);
    t->n_months = month_of(t, ask->last) + 1;
    if (!t->n_categories)
        return ERR_BUG;
    return store_read(ask->req->sv->store, tally_db, ask);
}

int64_t tally_length(const struct tally *t, int percent)
{
    int64_t wanted_n = (t->closed * percent + 99) / 100, seen = 0;
    for (int64_t b = 0; b < TALLY_LENGTHS && t->closed; b++) {
        seen += t->length[b];
        if (seen >= wanted_n)
            return figure_hours(b);
    }
    return -1;
}
