#include "plan/value_put.h"
#include "base/clock.h"
#include "plan/value_known.h"

#define KNOWN_FROM 50 // fewer are asked for one by one

struct stand { const struct list *locks, *unlocks; struct plan_known *known; }; // known: NULL where few are put

static void refuse(void *ctx, const char *field, enum message m)
{
    struct plan_put *x = ctx;
    if (x->end == PLAN_PUT_REFUSED) // the first one is told
        return;
    x->end = PLAN_PUT_REFUSED;
    x->field = field;
    x->why = m;
}

static bool said_same(const struct plan_value_said *a, const struct plan_value_said *b)
{
    return a->has_n == b->has_n && a->n == b->n && a->has_of == b->has_of && a->of == b->of &&
           str_equal(a->blank, b->blank) && str_equal(a->comment, b->comment);
}

static enum err stands_db(struct db *db, const struct plan_putting *g, const struct stand *s, const struct plan_value_row *want, struct plan_value_row *row)
{
    if (!s->known)
        return plan_value_at_db(db, g->arena, s->locks, s->unlocks, want, g->now, row);
    if (!plan_known_at(s->known, want, row))
        *row = plan_value_none(want);
    row->who.locked = plan_locked(s->locks, s->unlocks, want->period, want->who.institution, g->now);
    return OK;
}

static enum err overlaps_db(struct db *db, const struct stand *s, const struct plan_value_row *want, bool *out)
{
    if (!s->known)
        return plan_value_overlaps_db(db, want, out);
    *out = plan_known_overlaps(s->known, want);
    return OK;
}

// What it shall be: the row that stands there with what was typed, or an end.
static enum err put_decide(struct db *db, const struct plan_putting *g, struct plan_put *x, const struct stand *s)
{
    struct plan_value_row *row = &x->row;
    struct plan_value_said said = {0};
    const struct plan_value_row want = {.indicator = x->x->code, .county = x->county, .period = x->period, .who = {.institution = x->institution}};
    enum plan_value_state next;
    bool overlaps = false;
    enum err e = stands_db(db, g, s, &want, row);
    if (e)
        return e;
    bool fine = plan_value_place(x->plan ? x->plan : g->plan, x->x, x->period, x->county, refuse, x);
    fine = plan_value_check(x->x, &x->typed, refuse, x, &said) && fine;
    if (!fine)
        return OK;
    bool same = said_same(&said, &row->said), hand_in = x->submit && plan_value_there(&said);
    if (same && !hand_in)
        return OK; // PLAN_PUT_SAME
    if (x->version >= 0 && x->version != row->version) {
        x->end = PLAN_PUT_CHANGED;
        return OK;
    }
    e = same ? OK : plan_value_may(&g->who, &row->who, PLAN_VALUE_SAVE, &next);
    struct plan_value_at saved = row->who;
    saved.state = same ? row->who.state : PLAN_VALUE_DRAFT;
    if (!e && hand_in && (saved.state == PLAN_VALUE_SUBMITTED || saved.state == PLAN_VALUE_APPROVED))
        return OK; // handed in already
    if (!e && hand_in)
        e = plan_value_may(&g->who, &saved, PLAN_VALUE_SUBMIT, &next);
    if (e) {
        x->end = e == ERR_CONFLICT ? PLAN_PUT_LOCKED : PLAN_PUT_FOREIGN;
        return e == ERR_CONFLICT || e == ERR_FORBIDDEN ? OK : e;
    }
    e = said.has_n && !row->said.has_n ? overlaps_db(db, s, &want, &overlaps) : OK;
    if (overlaps)
        refuse(x, "county", x->county.n > 0 ? MSG_PLAN_REFUSED_WHOLE_THERE : MSG_PLAN_REFUSED_COUNTIES_THERE);
    if (e || overlaps)
        return e;
    row->corrections += !same && row->who.state == PLAN_VALUE_APPROVED;
    row->said = said;
    row->who.state = hand_in ? PLAN_VALUE_SUBMITTED : PLAN_VALUE_DRAFT;
    row->who.person = same ? row->who.person : g->who.person;
    row->note = STR("");
    row->decided_by = (struct id){0};
    row->decided_at = INT64_MIN;
    row->at = clock_minute(g->now);
    x->end = PLAN_PUT_SAVED;
    return OK;
}

static enum err known_read(struct db *db, struct plan_putting *g, struct stand *s)
{
    struct plan_period within = {INT32_MAX, 0};
    for (size_t i = 0; i < g->n; i++) {
        within.first = g->at[i].period.first < within.first ? g->at[i].period.first : within.first;
        within.last = g->at[i].period.last > within.last ? g->at[i].period.last : within.last;
    }
    return g->n < KNOWN_FROM ? OK : plan_known_db(db, g->arena, within, g->n, &s->known);
}

enum err plan_values_put(struct db *db, void *putting)
{
    struct plan_putting *g = putting;
    struct list locks, unlocks;
    bool faults = false;
    struct stand s = {&locks, &unlocks, NULL};
    enum err e = plan_locks_db(db, g->arena, &locks, &unlocks);
    e = e ? e : known_read(db, g, &s);
    for (size_t i = 0; i < g->n && !e; i++) {
        struct plan_put *x = &g->at[i];
        x->end = PLAN_PUT_SAME; // this may run several times
        e = put_decide(db, g, x, &s);
        faults = faults || (x->end != PLAN_PUT_SAME && x->end != PLAN_PUT_SAVED);
        if (e || x->end != PLAN_PUT_SAVED || g->look || (g->whole && faults))
            continue;
        if (x->row.version == 0) {
            x->row.id = id_random();
            x->row.demo = g->demo;
        }
        e = plan_value_put_db(db, &x->row, x->submit ? STR("submitted") : g->action);
        e = e || !s.known ? e : plan_known_put(s.known, g->arena, &x->row);
    }
    return e ? e : arena_failed(g->arena) ? ERR_MEMORY : g->look || (g->whole && faults) ? ERR_INVALID : OK;
}
