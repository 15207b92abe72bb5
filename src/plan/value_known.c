// Values that stand already, of all periods that a file touches, read in one go: a file of fifty thousand lines asks the store
// once and not a hundred thousand times.
#include <string.h>
#include "plan/value_known.h"

struct spot { uint64_t hash; struct plan_value_row row; };
struct place { uint64_t hash; struct str indicator; struct plan_period period; struct id institution; int64_t of_country, of_counties; };
struct plan_known {
    size_t mask;                 // of both tables, powers of two
    struct spot **spot;          // by indicator, period, institution, county
    struct place **place;        // the same without the county: how many have numbers
};

static uint64_t add(uint64_t h, const void *bytes, size_t n)
{
    for (const uint8_t *at = bytes, *end = at + n; at < end; at++)
        h = (h ^ *at) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t hash_of(const struct plan_value_row *x, bool county)
{
    uint64_t h = add(UINT64_C(0xcbf29ce484222325), x->indicator.at, x->indicator.n);
    h = add(h, &x->period, sizeof x->period);
    h = add(h, x->who.institution.b, sizeof x->who.institution.b);
    return (county && x->county.n > 0 ? add(h, x->county.at, x->county.n) : h) * UINT64_C(0x9e3779b97f4a7c15);
}

static bool same_place(const struct plan_value_row *x, struct str indicator, struct plan_period p, struct id institution)
{
    return x->period.first == p.first && x->period.last == p.last && id_equal(x->who.institution, institution) && str_equal(x->indicator, indicator);
}

static struct spot **spot_of(const struct plan_known *k, const struct plan_value_row *x)
{
    const uint64_t hash = hash_of(x, true);
    size_t i = hash >> 20 & k->mask;
    while (k->spot[i] && !(k->spot[i]->hash == hash && str_equal(k->spot[i]->row.county, x->county) &&
                           same_place(x, k->spot[i]->row.indicator, k->spot[i]->row.period, k->spot[i]->row.who.institution)))
        i = (i + 1) & k->mask;
    return &k->spot[i];
}

static struct place **place_of(const struct plan_known *k, const struct plan_value_row *x)
{
    const uint64_t hash = hash_of(x, false);
    size_t i = hash >> 20 & k->mask;
    while (k->place[i] && !(k->place[i]->hash == hash && same_place(x, k->place[i]->indicator, k->place[i]->period, k->place[i]->institution)))
        i = (i + 1) & k->mask;
    return &k->place[i];
}

static enum err numbers_count(struct plan_known *k, struct arena *a, const struct plan_value_row *x, int64_t n)
{
    struct place **p = place_of(k, x);
    if (!*p) {
        *p = ARENA_NEW(a, struct place);
        if (!*p)
            return ERR_MEMORY;
        **p = (struct place){.hash = hash_of(x, false), .indicator = x->indicator, .period = x->period, .institution = x->who.institution};
    }
    *(x->county.n > 0 ? &(*p)->of_counties : &(*p)->of_country) += n;
    return OK;
}

enum err plan_known_db(struct db *db, struct arena *a, struct plan_period within, size_t more, struct plan_known **out)
{
    const size_t max = 4 * more + 1000;
    struct list rows;
    struct plan_known *k = ARENA_NEW(a, struct plan_known);
    const struct plan_value_ask ask = {.period = within, .within = true, .state = -1};
    enum err e = k ? plan_value_list_db(db, a, &ask, max, &rows) : ERR_MEMORY;
    if (e)
        return e;
    if (rows.n == max) { // the few are asked for one by one
        *out = NULL;
        return OK;
    }
    size_t room = 1024;
    while (room < 2 * (rows.n + more))
        room *= 2;
    *k = (struct plan_known){room - 1, arena_array(a, room, sizeof *k->spot), arena_array(a, room, sizeof *k->place)};
    e = k->spot && k->place ? OK : ERR_MEMORY;
    const struct plan_value_row *at = rows.at;
    for (size_t i = 0; i < rows.n && !e; i++) {
        struct spot *s = ARENA_NEW(a, struct spot);
        if (!s)
            return ERR_MEMORY;
        *s = (struct spot){hash_of(&at[i], true), at[i]};
        *spot_of(k, &at[i]) = s;
        e = at[i].said.has_n ? numbers_count(k, a, &at[i], 1) : OK;
    }
    *out = k;
    return e;
}

bool plan_known_at(const struct plan_known *k, const struct plan_value_row *want, struct plan_value_row *out)
{
    const struct spot *s = *spot_of(k, want);
    if (s)
        *out = s->row;
    return s != NULL;
}

bool plan_known_overlaps(const struct plan_known *k, const struct plan_value_row *want)
{
    const struct place *p = *place_of(k, want);
    return p && (want->county.n > 0 ? p->of_country : p->of_counties) > 0;
}

enum err plan_known_put(struct plan_known *k, struct arena *a, const struct plan_value_row *row)
{
    struct spot **s = spot_of(k, row);
    const bool had = *s && (*s)->row.said.has_n;
    if (!*s) {
        *s = ARENA_NEW(a, struct spot);
        if (!*s)
            return ERR_MEMORY;
    }
    **s = (struct spot){hash_of(row, true), *row};
    return had == row->said.has_n ? OK : numbers_count(k, a, row, had ? -1 : 1);
}
