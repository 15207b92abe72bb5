// Saved searches: a name and the filters, for oneself or for all members of a unit. What a view finds is what its reader may
// see: it holds no results.
#include <string.h>
#include "base/clock.h"
#include "figures/handlers.h"

DB_QUERY(view_own_sql, "bi", "bbBtt", "select id, person, unit, name, query from desk.saved_view where person = $1 order by name, id limit $2");
DB_QUERY(view_shared_sql, "bbi", "bbBtt", "select id, person, unit, name, query from desk.saved_view where unit = $1 and person <> $2 "
         "order by name, id limit $3");
DB_QUERY(view_count_sql, "b", "i", "select count(*) from desk.saved_view where person = $1");
DB_QUERY(view_add_sql, "bbBtti", "", "insert into desk.saved_view (id, person, unit, name, query, made) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(view_find_sql, "b", "bB", "select person, unit from desk.saved_view where id = $1");
DB_QUERY(view_delete_sql, "b", "", "delete from desk.saved_view where id = $1");

static bool in_units(const struct person *who, struct id unit)
{
    for (size_t i = 0; i < who->n_units; i++)
        if (id_equal(who->units[i], unit))
            return true;
    return false;
}

// Its author, and of a shared one whoever admits people to the unit.
static bool may_delete(const struct req *rq, struct id author, struct id unit)
{
    return id_equal(author, rq->who.id) || (!id_zero(unit) && in_units(&rq->who, unit) && req_may(rq, PERM_UNIT_ADMIT));
}

static enum err rows_read(struct req *rq, struct db_rows **rows, struct view_row *at, size_t *n)
{
    enum err e = OK;
    while (!e && *n < 2 * VIEWS_MAX && db_next(*rows)) {
        struct view_row *v = &at[*n];
        struct id author;
        *v = (struct view_row){.name = arena_str(rq->arena, db_str(*rows, 3)), .query = arena_str(rq->arena, db_str(*rows, 4))};
        if (id_from_bytes(db_str(*rows, 0), &v->id) || id_from_bytes(db_str(*rows, 1), &author) ||
            (!db_null(*rows, 2) && id_from_bytes(db_str(*rows, 2), &v->unit)))
            e = ERR_TAMPERED;
        v->may_delete = !e && may_delete(rq, author, v->unit);
        v->href = arena_printf(rq->arena, "/search?%.*s", STR_ARG(v->query));
        (*n)++;
    }
    enum err done = db_done(rows);
    return e ? e : done;
}

enum err views_db(struct db *db, struct req *rq, struct list *out)
{
    struct db_rows *rows;
    size_t n = 0;
    struct view_row *at = arena_array(rq->arena, 2 * VIEWS_MAX, sizeof *at);
    enum err e = at ? db_query(db, &view_own_sql, DB_ARGS(DB_ID(rq->who.id), DB_I(VIEWS_MAX)), &rows) : ERR_MEMORY;
    if (!e)
        e = rows_read(rq, &rows, at, &n);
    for (size_t u = 0; u < rq->who.n_units && !e; u++) {
        e = db_query(db, &view_shared_sql, DB_ARGS(DB_ID(rq->who.units[u]), DB_ID(rq->who.id), DB_I(VIEWS_MAX)), &rows);
        if (!e)
            e = rows_read(rq, &rows, at, &n);
    }
    if (!e)
        *out = (struct list){at, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

struct listing { struct req *rq; struct list views; };

static enum err list_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    return views_db(db, l->rq, &l->views);
}

enum err view_list_run(struct req *rq, const void *in, void *out_)
{
    struct view_list_out *out = out_;
    struct listing l = {.rq = rq};
    (void)in;
    enum err e = store_read(rq->sv->store, list_read, &l);
    if (!e)
        out->views = l.views;
    return e;
}

struct saving { struct id id, person, unit; struct str name, query; int64_t now; bool full; };

static enum err save_write(struct db *db, void *arg)
{
    struct saving *s = arg;
    struct db_rows *rows;
    enum err e = db_query(db, &view_count_sql, DB_ARGS(DB_ID(s->person)), &rows);
    if (e)
        return e;
    s->full = db_next(rows) && db_int(rows, 0) >= VIEWS_MAX;
    e = db_done(&rows);
    if (e || s->full)
        return e ? e : ERR_CONFLICT;
    return db_exec(db, &view_add_sql, DB_ARGS(DB_ID(s->id), DB_ID(s->person), id_zero(s->unit) ? DB_NULL : DB_ID(s->unit), DB_T(s->name),
                                              DB_T(s->query), DB_I(s->now)), NULL);
}

enum err view_save_run(struct req *rq, const void *in_, void *out_)
{
    const struct view_save_in *in = in_;
    struct view_save_out *out = out_;
    struct search s;
    const struct search_in asked = {.kind = in->kind, .state = in->state, .category = in->category,
                                    .county = in->county, .measure = in->measure, .q = in->q, .from = in->from,
                                    .to = in->to, .urgency = in->urgency, .worker = in->worker, .unit = in->unit};
    enum err e = search_read(rq, &asked, &s);
    if (!e && !id_zero(in->share) && !in_units(&rq->who, in->share))
        e = ERR_NOT_FOUND;
    if (e)
        return e;
    struct saving w = {.id = id_random(), .person = rq->who.id, .unit = in->share, .name = in->name, .query = search_query(rq, &asked),
                       .now = rq->now};
    if (w.query.n > VIEW_QUERY_MAX)
        return ERR_TOO_LARGE;
    e = store_write(rq->sv->store, save_write, &w);
    if (e == ERR_CONFLICT && w.full)
        rq->notice = text_get(rq->lang, MSG_FIGURES_VIEWS_FULL);
    if (e)
        return e;
    out->id = w.id;
    rq->then = arena_printf(rq->arena, "/search?%.*s", STR_ARG(w.query)).at;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err view_save_fill(struct req *rq, const void *in_, void *out)
{
    const struct view_save_in *in = in_;
    const struct search_in asked = {.kind = in->kind, .state = in->state, .category = in->category,
                                    .county = in->county, .measure = in->measure, .q = in->q, .from = in->from,
                                    .to = in->to, .urgency = in->urgency, .worker = in->worker, .unit = in->unit};
    struct search_out lists = {0};
    enum err e = search_page_fill(rq, &asked, &lists);
    ((struct view_save_out *)out)->lists = lists;
    return e;
}

struct deleting { struct req *rq; };

static enum err delete_write(struct db *db, void *arg)
{
    const struct deleting *d = arg;
    struct db_rows *rows;
    struct id author = {{0}}, unit = {{0}};
    enum err e = db_query(db, &view_find_sql, DB_ARGS(DB_ID(d->rq->id)), &rows);
    if (e)
        return e;
    if (!db_next(rows))
        e = ERR_NOT_FOUND;
    else if (id_from_bytes(db_str(rows, 0), &author) || (!db_null(rows, 1) && id_from_bytes(db_str(rows, 1), &unit)))
        e = ERR_TAMPERED;
    enum err done = db_done(&rows);
    e = e ? e : done;
    if (!e && !may_delete(d->rq, author, unit)) // of somebody else nothing is said, of one's unit that it may not be
        e = !id_zero(unit) && in_units(&d->rq->who, unit) ? ERR_FORBIDDEN : ERR_NOT_FOUND;
    return e ? e : db_exec(db, &view_delete_sql, DB_ARGS(DB_ID(d->rq->id)), NULL);
}

enum err view_delete_run(struct req *rq, const void *in, void *out)
{
    struct deleting d = {rq};
    (void)in;
    (void)out;
    return store_write(rq->sv->store, delete_write, &d);
}
