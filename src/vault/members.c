// A unit with fewer than two members loses its records with one forgotten password: a human must know (docs/protocol.md 3).
#include <stdlib.h>
#include "base/log.h"
#include "vault/inside.h"

#define MEMBERS_LEAST 2

struct count_arg {
    const struct key *row_key;
    struct id unit;
    struct member_row *rows; // MEMBERS_MAX
    size_t present;          // counted up to MEMBERS_LEAST
};

// Who is disabled holds a wrap and cannot use it: he does not count.
static enum err count_run(struct db *db, void *arg)
{
    struct count_arg *a = arg;
    size_t n = 0;
    a->present = 0;
    enum err e = member_all(db, a->row_key, a->unit, a->rows, MEMBERS_MAX, &n);
    for (size_t i = 0; !e && i < n && a->present < MEMBERS_LEAST; i++) {
        struct person_row p;
        e = person_get(db, a->row_key, a->rows[i].person, &p);
        a->present += !e && !p.disabled;
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    return e;
}

void members_look(struct server *s, const struct id *units, size_t n)
{
    struct count_arg a = {.row_key = &s->keys->row, .rows = malloc(MEMBERS_MAX * sizeof *a.rows)};
    enum err e = a.rows ? OK : ERR_MEMORY;
    for (size_t i = 0; !e && i < n; i++) { // a transaction each: readers hold nobody up
        a.unit = units[i];
        e = store_read(s->o.store, count_run, &a);
        if (!e && a.present < MEMBERS_LEAST) {
            log_event(LOG_ALARM, "unit-has-few-members", LOG_ID("unit", a.unit), LOG_I("members", a.present));
        }
    }
    if (e) {
        log_event(LOG_WARN, "members-not-counted", LOG_ERR(e));
    }
    free(a.rows);
}

struct list_arg {
    const struct key *row_key;
    struct epoch_row *rows; // EPOCHS_MAX
    size_t n;
};

static enum err list_run(struct db *db, void *arg)
{
    struct list_arg *a = arg;
    return epoch_all(db, a->row_key, a->rows, EPOCHS_MAX, &a->n);
}

void members_look_all(struct server *s)
{
    struct list_arg a = {.row_key = &s->keys->row, .rows = malloc(EPOCHS_MAX * sizeof *a.rows)};
    struct id *units = malloc(EPOCHS_MAX * sizeof *units);
    enum err e = a.rows && units ? store_read(s->o.store, list_run, &a) : ERR_MEMORY;
    size_t n = 0;
    for (size_t i = 0; !e && i < a.n; i++) { // by unit and epoch: the rows of one unit stand together
        if (i == 0 || !id_equal(a.rows[i].unit, a.rows[i - 1].unit)) {
            units[n++] = a.rows[i].unit;
        }
    }
    if (e) {
        log_event(LOG_WARN, "members-not-counted", LOG_ERR(e));
    } else {
        members_look(s, units, n);
    }
    free(a.rows);
    free(units);
}
