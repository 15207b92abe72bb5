// One case as a whole: its rows, its entries through the keeper, and what they say together. Reading stands in the
// history.
#include <string.h>
#include "base/log.h"
#include "casework/handlers.h"

DB_QUERY(read_reports_sql, "bi", "b", "select report from desk.case_report where case_id = $1 order by added, report "
                                      "limit $2");
DB_QUERY(read_routes_sql, "bi", "bttiiIi", "select id, kind, stage, opened, stage_at, appeal_due, version from "
                                           "desk.case_route "
         "where case_id = $1 order by opened, id limit $2");
DB_QUERY(read_addresses_sql, "bi", "btiiit", "select id, stage, opened, stage_at, version, hosted from desk.case_address where case_id = $1 "
         "order by opened, id limit $2");
DB_QUERY(read_tasks_sql, "bi", "bBiI", "select id, worker, due, done from desk.case_task where case_id = $1 order by "
                                       "due, id limit $2");
DB_QUERY(read_past_sql, "bi", "iBBt", "select at, person, unit, action from desk.case_history where case_id = $1 order "
                                      "by seq desc limit $2");

#define SEALED_MAX (3u << 20) // bytes of the entries, sealed and open

struct reading {
    struct req *rq;
    struct case_at at;
    struct keeper_path path;
    struct arena *sealed;        // of the entries: given back before the answer is written
    struct list entries;         // struct case_entry
    struct list holds;
    struct case_timeline timeline;
    struct id plan;              // the newest
    bool removed;                // an entry is gone from the store
    bool sexual;                 // one of its reports is: told in words only when asked for
    size_t n_reports, n_routes, n_addresses, n_tasks, n_people, n_past;
    struct str report[CASE_THINGS_MAX];
    struct case_report_row report_row[CASE_THINGS_MAX];
    struct case_route route[CASE_THINGS_MAX];
    struct case_address address[CASE_THINGS_MAX];
    struct case_task task[CASE_THINGS_MAX];
    struct case_person people[CASE_THINGS_MAX];
    struct case_done past[CASE_HISTORY_MAX];
    struct str worker_name, asked_name;
    int64_t unread;
    bool withdraw_asked, alone, worker_left;
};

static enum err reports_db(struct db *db, struct reading *g)
{
    struct arena *a = g->rq->arena;
    struct id id[CASE_THINGS_MAX];
    struct db_rows *r;
    char hex[ID_HEX], of[ID_HEX];
    enum err e = db_query(db, &read_reports_sql, DB_ARGS(DB_ID(g->at.id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (g->n_reports < CASE_THINGS_MAX && db_next(r))
        if (id_from_bytes(db_str(r, 0), &id[g->n_reports++]))
            e = ERR_TAMPERED;
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n_reports && !e; i++) {
        struct report_key key = {0};
        struct case_report_row *row = &g->report_row[i];
        g->report[i] = arena_str(a, str_from(id_hex(id[i], hex)));
        row->id = id[i];
        if (g->rq->json)
            continue;
        enum err mine = report_key_db(db, a, &g->rq->who, id[i], &key);
        if (mine && mine != ERR_NOT_FOUND)
            return mine;
        const struct pack_category *k = pack_category(g->rq->sv->pack, key.category);
        g->sexual = g->sexual || !k || k->sexual; // of another unit's: not known
        row->readable = !mine && req_may(g->rq, PERM_REPORT_READ);
        row->urgency = key.urgency;
        row->unread = key.unread;
        row->withdraw_asked = key.withdraw_asked;
        row->href = row->readable ? arena_printf(a, "/reports/%s", hex) : arena_printf(a, "/cases/%s/reports/%s", id_hex(g->at.id, of), hex);
        if (mine) // another unit's
            continue;
        row->label = pack_category_label(g->rq->sv->pack, key.category, g->rq->lang);
        row->received_text = req_time(g->rq, key.received);
    }
    return e;
}

static enum err routes_db(struct db *db, struct reading *g)
{
    struct arena *a = g->rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &read_routes_sql, DB_ARGS(DB_ID(g->at.id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (g->n_routes < CASE_THINGS_MAX && db_next(r)) {
        struct case_route *t = &g->route[g->n_routes++];
        *t = (struct case_route){.kind = arena_str(a, db_str(r, 1)), .stage = arena_str(a, db_str(r, 2)),
                                 .opened_at = db_int(r, 3),
                                 .stage_at = db_int(r, 4), .appeal_due = db_null(r, 5) ? INT64_MIN : db_int(r, 5),
                                 .version = db_int(r, 6)};
        t->open = !case_stage_ends(t->kind, t->stage);
        if (id_from_bytes(db_str(r, 0), &t->id))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err addresses_db(struct db *db, struct reading *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &read_addresses_sql, DB_ARGS(DB_ID(g->at.id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (g->n_addresses < CASE_THINGS_MAX && db_next(r)) {
        struct case_address *t = &g->address[g->n_addresses++];
        *t = (struct case_address){.stage = arena_str(g->rq->arena, db_str(r, 1)), .opened_at = db_int(r, 2),
                                   .stage_at = db_int(r, 3), .version = db_int(r, 4), .hosted = arena_str(g->rq->arena, db_str(r, 5))};
        t->hosted_text = pack_label(g->rq->sv->pack, "content_host", t->hosted, g->rq->lang);
        t->open = !case_stage_ends(STR(CASE_CONTENT), t->stage);
        if (id_from_bytes(db_str(r, 0), &t->id))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err tasks_db(struct db *db, struct reading *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &read_tasks_sql, DB_ARGS(DB_ID(g->at.id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (g->n_tasks < CASE_THINGS_MAX && db_next(r)) {
        struct case_task *t = &g->task[g->n_tasks++];
        *t = (struct case_task){.due = db_int(r, 2), .done_at = db_null(r, 3) ? INT64_MIN : db_int(r, 3)};
        t->open = t->done_at == INT64_MIN;
        t->late = t->open && t->due < g->rq->now;
        if (id_from_bytes(db_str(r, 0), &t->id) || (!db_null(r, 1) && id_from_bytes(db_str(r, 1), &t->worker)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n_tasks && !e; i++)
        if (!id_zero(g->task[i].worker))
            e = people_name(db, g->rq->arena, g->task[i].worker, &g->task[i].name);
    return e;
}

// Few persons, many rows: a name is asked once.
static enum err past_db(struct db *db, struct reading *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &read_past_sql, DB_ARGS(DB_ID(g->at.id), DB_I(CASE_HISTORY_MAX)), &r);
    if (e)
        return e;
    while (g->n_past < CASE_HISTORY_MAX && db_next(r)) {
        struct case_done *p = &g->past[g->n_past++];
        *p = (struct case_done){.at = db_int(r, 0), .action = arena_str(g->rq->arena, db_str(r, 3))};
        if ((!db_null(r, 1) && id_from_bytes(db_str(r, 1), &p->person)) ||
            (!db_null(r, 2) && id_from_bytes(db_str(r, 2), &p->unit)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n_past && !e; i++) {
        size_t same = 0;
        while (same < i && !id_equal(g->past[same].person, g->past[i].person))
            same++;
        if (same < i)
            g->past[i].name = g->past[same].name;
        else if (!id_zero(g->past[i].person))
            e = people_name(db, g->rq->arena, g->past[i].person, &g->past[i].name);
    }
    return e;
}

static enum err read_rows(struct db *db, void *arg)
{
    struct reading *g = arg;
    struct arena *a = g->rq->arena;
    g->n_reports = g->n_routes = g->n_addresses = g->n_tasks = g->n_people = g->n_past = 0;
    enum err e = case_at_db(db, a, &g->rq->who, g->rq->id, &g->at);
    e = e ? e : case_path_db(db, a, &g->rq->who, g->rq->id, &g->path);
    e = e ? e : case_entries_db(db, g->sealed, g->rq->id, RECORD_CASE, &g->entries, NULL);
    e = e ? e : case_removed_db(db, g->at.id, g->at.version, &g->removed);
    e = e ? e : reports_db(db, g);
    e = e ? e : report_case_waits_db(db, g->at.id, &g->unread, &g->withdraw_asked);
    e = e ? e : routes_db(db, g);
    e = e ? e : addresses_db(db, g);
    e = e ? e : tasks_db(db, g);
    e = e ? e : case_holds_db(db, g->rq, g->at.id, &g->holds);
    e = e ? e : people_unit_alone(db, g->at.owner, &g->alone);
    e = e ? e : past_db(db, g);
    e = e ? e : case_timeline_db(db, g->rq, g->at.id, &g->entries, g->report_row, g->n_reports, &g->timeline);
    if (!e && !id_zero(g->at.worker))
        e = people_name(db, a, g->at.worker, &g->worker_name);
    if (!e && !id_zero(g->at.worker))
        e = people_left_db(db, g->at.owner, g->at.worker, &g->worker_left);
    if (!e && !id_zero(g->at.asked_by))
        e = people_name(db, a, g->at.asked_by, &g->asked_name);
    return e;
}

static enum err read_note(struct db *db, void *arg)
{
    const struct reading *g = arg;
    return case_history_db(db, g->at.id, g->rq->who.id, g->path.step[0].parent, "read", (struct id){{0}}, g->rq->now);
}

// ── what the entries say together ──
static struct case_person *person_of(struct reading *g, struct id id)
{
    for (size_t i = 0; i < g->n_people; i++)
        if (id_equal(g->people[i].id, id))
            return &g->people[i];
    return g->n_people < CASE_THINGS_MAX ? &g->people[g->n_people++] : NULL;
}

static void tell_route(struct reading *g, const struct case_line *l, const struct words *w)
{
    for (size_t i = 0; i < g->n_routes; i++)
        if (id_equal(g->route[i].id, l->thing))
            case_route_tell(g->rq, &g->route[i], w, l->at);
}

static void tell_address(struct reading *g, struct id id, const struct words *w)
{
    for (size_t i = 0; i < g->n_addresses; i++) {
        struct case_address *t = &g->address[i];
        if (!id_equal(t->id, id))
            continue;
        struct str address = words_get(w, "address"), text = words_get(w, "text"), from = words_get(w, "reports");
        if (address.n) {
            t->address = address;
            t->app = words_get(w, "app");
            if (!from.n || id_from_hex(from, &t->report))
                t->report = (struct id){{0}};
        }
        t->text = text.n ? text : t->text;
    }
}

// The rows of a task, route or address are gone; a person is known by entries alone. What was written stays, and is marked.
static void tell_retracted(struct reading *g, const struct case_line *l)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_people; i++)
        if (!id_equal(g->people[i].id, l->thing))
            g->people[n++] = g->people[i];
    g->n_people = n;
    for (size_t i = 0; i < g->timeline.n_own && &g->timeline.line[i] < l; i++)
        g->timeline.line[i].retracted = g->timeline.line[i].retracted || id_equal(g->timeline.line[i].thing, l->thing);
}

static void tell(struct reading *g, const struct case_line *l, const struct words *w, struct case_read_out *out)
{
    if (str_equal_z(l->kind, "person")) {
        struct case_person *p = person_of(g, l->thing);
        if (p)
            *p = case_person_of(l->thing, w);
    } else if (str_equal_z(l->kind, "assessment")) {
        out->risk = words_get(w, "risk");
        out->assessment = words_get(w, "text");
    } else if (str_equal_z(l->kind, "plan")) {
        out->plan = words_get(w, "text");
        out->own_plan = id_equal(l->person, g->rq->who.id); // the newest stands last
        out->plan_waits = true;
        g->plan = l->id;
    } else if (str_equal_z(l->kind, "state")) {
        out->plan_waits = out->plan_waits && !id_equal(l->thing, g->plan);
    } else if (str_equal_z(l->kind, "route")) {
        tell_route(g, l, w);
    } else if (str_equal_z(l->kind, "retracted")) {
        tell_retracted(g, l);
    } else if (str_equal_z(l->kind, "address")) {
        tell_address(g, l->thing, w);
    } else if (str_equal_z(l->kind, "task")) {
        for (size_t i = 0; i < g->n_tasks; i++)
            if (id_equal(g->task[i].id, l->thing))
                g->task[i].title = words_get(w, "title"); // a correction says it anew
    }
}

// What is opened here anyway is called by its own name.
static void holds_tell(struct reading *g)
{
    union { const void *in; struct case_hold *out; } at = {g->holds.at};
    for (size_t i = 0; i < g->holds.n; i++) {
        struct case_hold *h = &at.out[i];
        for (size_t k = 0; k < g->n_tasks; k++)
            if (id_equal(g->task[k].id, h->thing) && g->task[k].title.n)
                h->name = g->task[k].title;
        for (size_t k = 0; k < g->n_addresses; k++)
            if (id_equal(g->address[k].id, h->thing) && g->address[k].address.n)
                h->name = g->address[k].address;
    }
}

static enum err tell_all(struct reading *g, struct case_read_out *out)
{
    const struct case_entry *at = g->entries.at;
    for (size_t i = 0; i < g->entries.n; i++) {
        struct words w = {0};
        enum err e = at[i].plain.at ? words_read(g->rq->arena, at[i].plain, &w) : ERR_TAMPERED;
        if (e == ERR_MEMORY)
            return e;
        struct case_line *l = &g->timeline.line[i];
        l->altered = e != OK;
        out->tampered = out->tampered || e;
        l->text = words_get(&w, "text");
        if (!e)
            tell(g, l, &w, out);
        if (!g->rq->json)
            case_line_show(g->rq, l, &w);
    }
    case_timeline_order(&g->timeline);
    holds_tell(g);
    return OK;
}

static void show(const struct reading *g, struct case_read_out *out)
{
    const struct case_at *at = &g->at;
    out->id = at->id;
    out->number = at->number;
    out->state = str_from(case_state_name(at->state));
    out->version = at->version;
    out->urgency = at->urgency;
    out->category = at->category;
    out->county = at->county;
    out->owner = at->owner;
    out->worker = at->worker;
    out->opened_at = at->opened;
    out->state_at = at->state_at;
    out->review_due = at->review_due;
    out->outcome = at->outcome;
    out->asked_by = at->asked_by;
    out->steps = at->steps_hidden ? STR("hidden") : STR("shown");
    out->reports = (struct list){g->report, g->n_reports};
    out->unread = g->unread;
    out->withdraw_asked = g->withdraw_asked;
    out->worker_left = g->worker_left;
    out->report_rows = (struct list){g->report_row, g->n_reports};
    out->referrals = g->timeline.referrals;
    out->routes = (struct list){g->route, g->n_routes};
    out->addresses = (struct list){g->address, g->n_addresses};
    out->holds = g->holds;
    out->tasks = (struct list){g->task, g->n_tasks};
    out->people = (struct list){g->people, g->n_people};
    out->timeline = (struct list){g->timeline.line, g->timeline.n};
    out->history = (struct list){g->past, g->n_past};
}

enum err case_read_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct case_read_out *out = out_;
    struct reading *g = ARENA_NEW(rq->arena, struct reading);
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = arena_new(SEALED_MAX, &g->sealed);
    if (!e)
        e = report_case_elsewhere(rq, rq->id, store_read(rq->sv->store, read_rows, g));
    union { const void *in; struct case_entry *out; } entries = {g->entries.at};
    struct arena *answer = rq->arena;
    rq->arena = g->sealed;
    if (!e)
        e = case_entries_open(rq, PURPOSE_READ, &g->path, entries.out, g->entries.n);
    rq->arena = answer;
    if (!e)
        e = store_write(rq->sv->store, read_note, g);
    if (!e)
        e = tell_all(g, out);
    arena_free(&g->sealed);
    if (e)
        return e;
    out->removed = g->removed;
    if (out->tampered || out->removed)
        log_event(LOG_ALARM, "case.tampered", LOG_ID("case", g->at.id));
    show(g, out);
    out->worker_name = g->worker_name;
    out->asked_name = g->asked_name;
    out->sexual = g->sexual;
    out->alone = g->alone && g->at.state != CASE_CLOSED;
    if (out->removed || out->tampered)
        out->warning = text_get(rq->lang, out->removed ? MSG_CASEWORK_READ_REMOVED : MSG_CASEWORK_READ_TAMPERED);
    if (!rq->json)
        e = case_read_show(rq, out, &g->at);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
