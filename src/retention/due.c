// What is due: walks what has ended, in batches, and asks the pack's rules.
#include <string.h>
#include "retention/inside.h"

#define DAY_US (86400 * INT64_C(1000000))

DB_QUERY(due_marks_sql, "b", "ii", "select (select count(*) from desk.retention_hold where thing = $1), (select count(*) from desk.retained "
                                   "where thing = $1 and act = 'erased')");
DB_QUERY(due_number_sql, "t", "b", "select id from desk.case_file where number = $1");

const char *retention_act_name(enum retention_act a)
{
    static const char *const names[] = {"anonymised", "erased", "deleted"};
    return names[a];
}

static enum err marks(struct db *db, struct id id, bool *held, bool *erased)
{
    struct db_rows *r;
    enum err e = db_query(db, &due_marks_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        *held = db_int(r, 0) > 0;
        *erased = db_int(r, 1) > 0;
    }
    return db_done(&r);
}

static void category_put(struct thing *t, struct str category)
{
    size_t n = category.n < sizeof t->category - 1 ? category.n : sizeof t->category - 1;
    memcpy(t->category, category.at, n);
    t->category[n] = '\0';
}

struct walk {
    const struct pack *pack;
    int64_t until, before;
    struct due *out;
    bool cases;
    int64_t after;
    size_t n;
    struct arena *a;
};

// t: kind, id, unit, category set. since: when it ended; shredded: INT64_MIN for not.
static enum err consider(struct db *db, struct walk *w, struct thing *t, struct str state, int64_t since, int64_t shredded)
{
    const struct pack_retention *rule = pack_retention(w->pack, t->is_case, state, str_from(t->category));
    bool held = false, erased = false;
    t->act = shredded == INT64_MIN ? ACT_ANONYMISE : ACT_DELETE;
    if (!rule && t->act == ACT_ANONYMISE)
        return OK;
    t->due = rule ? since + (t->act == ACT_ANONYMISE ? rule->anonymise : rule->remove) * DAY_US : INT64_MAX;
    if (t->due > w->until && t->act == ACT_ANONYMISE)
        return OK;
    enum err e = marks(db, t->id, &held, &erased);
    if (e)
        return e;
    if (erased && shredded + REPORT_COUNTED_DAYS * DAY_US < t->due)
        t->due = shredded + REPORT_COUNTED_DAYS * DAY_US;
    if (t->due > w->until)
        return OK;
    t->held = held;
    if (w->out->n < w->out->max)
        w->out->at[w->out->n++] = *t;
    else
        w->out->more++;
    return OK;
}

static enum err walk_cases(struct db *db, struct walk *w)
{
    struct case_keep *keep = arena_array(w->a, RETENTION_BATCH, sizeof *keep);
    enum err e = keep ? case_keep_db(db, w->a, w->after, w->before, keep, RETENTION_BATCH, &w->n) : ERR_MEMORY;
    for (size_t i = 0; !e && i < w->n; i++) {
        struct thing t = {.is_case = true, .id = keep[i].id, .unit = keep[i].owner};
        category_put(&t, keep[i].category);
        w->after = keep[i].seq;
        if (keep[i].state == CASE_CLOSED)
            e = consider(db, w, &t, STR("closed"), keep[i].since, keep[i].shredded);
    }
    return e;
}

static enum err walk_reports(struct db *db, struct walk *w)
{
    struct report_keep *keep = arena_array(w->a, RETENTION_BATCH, sizeof *keep);
    enum err e = keep ? report_keep_db(db, w->a, w->after, w->before, keep, RETENTION_BATCH, &w->n) : ERR_MEMORY;
    for (size_t i = 0; !e && i < w->n; i++) {
        struct thing t = {.id = keep[i].id, .unit = keep[i].unit};
        category_put(&t, keep[i].category);
        w->after = keep[i].seq;
        if (!keep[i].in_case)
            e = consider(db, w, &t, str_from(report_state_name(keep[i].state)), keep[i].since, keep[i].shredded);
    }
    return e;
}

// Once more from the start where the database ran it twice: reads run once.
static enum err walk_run(struct db *db, void *arg)
{
    struct walk *w = arg;
    return w->cases ? walk_cases(db, w) : walk_reports(db, w);
}

enum err retention_look(struct services *sv, int64_t until, struct due *out)
{
    // Nothing younger than the shortest rule can be due; what was erased goes within its grace.
    int64_t first = pack_retention_first(sv->pack);
    if (first == 0 || first > REPORT_COUNTED_DAYS)
        first = REPORT_COUNTED_DAYS;
    enum err e = OK;
    out->n = out->more = 0;
    for (int kind = 0; kind < 2 && !e; kind++) {
        struct walk w = {.pack = sv->pack, .until = until, .before = until - first * DAY_US, .out = out, .cases = kind == 0, .after = 0,
                         .n = RETENTION_BATCH};
        while (!e && w.n == RETENTION_BATCH) {
            e = arena_new(256 * 1024, &w.a);
            if (e)
                return e;
            e = store_read(sv->store, walk_run, &w);
            arena_free(&w.a);
        }
    }
    return e;
}

// ── one thing ──
static bool report_ended(enum report_state s)
{
    return s == REPORT_CLOSED || s == REPORT_DUPLICATE || s == REPORT_SPAM || s == REPORT_WITHDRAWN;
}

static enum err find_case(struct db *db, struct arena *a, struct id id, struct found_thing *out)
{
    struct case_keep keep;
    enum err e = case_keep_one_db(db, a, id, &keep);
    if (e)
        return e;
    *out = (struct found_thing){.t = {.is_case = true, .id = id, .unit = keep.owner}, .ended = keep.state == CASE_CLOSED,
                                .shredded = keep.shredded != INT64_MIN};
    category_put(&out->t, keep.category);
    return OK;
}

static enum err find_report(struct db *db, struct arena *a, struct id id, struct found_thing *out)
{
    struct report_keep keep;
    enum err e = report_keep_one_db(db, a, id, &keep);
    if (e)
        return e;
    *out = (struct found_thing){.t = {.id = id, .unit = keep.unit}, .ended = report_ended(keep.state), .shredded = keep.shredded != INT64_MIN};
    category_put(&out->t, keep.category);
    return keep.in_case ? ERR_CONFLICT : OK;
}

enum err retention_find_db(struct db *db, struct arena *a, struct str said, struct found_thing *out)
{
    struct id id;
    struct db_rows *r;
    if (id_from_hex(said, &id)) {
        enum err e = db_query(db, &due_number_sql, DB_ARGS(DB_T(said)), &r);
        if (e)
            return e;
        e = db_next(r) ? OK : ERR_NOT_FOUND;
        if (!e && id_from_bytes(db_str(r, 0), &id))
            e = ERR_TAMPERED;
        enum err done = db_done(&r);
        return done ? done : e ? e : find_case(db, a, id, out);
    }
    enum err e = find_case(db, a, id, out);
    if (e == ERR_NOT_FOUND)
        e = find_report(db, a, id, out);
    if (!e)
        e = marks(db, id, &out->t.held, &(bool){false});
    return e;
}
