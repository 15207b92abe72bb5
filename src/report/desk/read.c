// Opening one report: the rows, then the keeper (which writes its audit before it unseals), then the history that
// everybody in the unit sees. Reading does not need taking.
#include <string.h>
#include "base/log.h"
#include "report/desk/exposure_store.h"
#include "report/desk/triage.h"

#define NOTES_MAX 20

DB_QUERY(read_notes_sql, "bi", "biibtbb", "select id, seq, at, person, action, kid, item from desk.note where report = $1 "
         "order by seq desc limit $2");
DB_QUERY(read_history_sql, "bi", "iBt", "select at, person, action from desk.history where report = $1 order by seq desc limit $2");
DB_QUERY(read_page_links_sql, "bbii", "btiti", "select id, category, rank, state, received from desk.report where page_tag = $1 "
         "and unit = $2 and seq <> $3 order by seq desc limit $4");
DB_QUERY(read_host_links_sql, "bbii", "btiti", "select id, category, rank, state, received from desk.report where host_tag = $1 "
         "and unit = $2 and seq <> $3 order by seq desc limit $4");

DB_QUERY(read_same_sql, "b", "B", "select same_as from desk.report where id = $1");
DB_QUERY(read_same_link_sql, "bbii", "btiti", "select id, category, rank, state, received from desk.report where id = $1 and unit = $2 and seq <> $3 limit $4");
DB_QUERY(read_duplicates_sql, "bbii", "btiti", "select id, category, rank, state, received from desk.report where same_as = $1 "
         "and unit = $2 and seq <> $3 order by seq desc limit $4");

struct reading {
    struct req *rq;
    struct report_record record;
    size_t n_notes, n_history, n_page, n_host, n_same;
    struct keeper_item item[1 + NOTES_MAX]; // the report, then its notes
    struct report_thread thread;
    struct report_note notes[NOTES_MAX];
    struct report_done history[HISTORY_MAX];
    struct report_link page[SAME_MAX], host[SAME_MAX], same[SAME_MAX];
    struct id same_as;
    bool sexual;             // opening it counts (docs/triage.md)
    struct exposure_now exposure;
    bool assess_waits;
    struct str flagger;      // name, or empty
};

static enum err read_notes(struct db *db, struct reading *g)
{
    struct arena *a = g->rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &read_notes_sql, DB_ARGS(DB_ID(g->record.id), DB_I(NOTES_MAX)), &r);
    if (e)
        return e;
    for (g->n_notes = 0; g->n_notes < NOTES_MAX && db_next(r); g->n_notes++) {
        struct report_note *note = &g->notes[g->n_notes];
        struct keeper_item *item = &g->item[1 + g->n_notes];
        struct id id;
        *note = (struct report_note){.at = db_int(r, 2), .action = arena_str(a, db_str(r, 4))};
        if (id_from_bytes(db_str(r, 0), &id) || id_from_bytes(db_str(r, 3), &note->person)) {
            e = ERR_TAMPERED;
            break;
        }
        *item = (struct keeper_item){.sealed = arena_str(a, db_str(r, 6))};
        report_note_ad(&item->ad, &g->record, id, db_int(r, 1), note->at, note->person, note->action);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n_notes && !e; i++)
        e = people_name(db, a, g->notes[i].person, &g->notes[i].name);
    return e;
}

static enum err read_history(struct db *db, struct reading *g)
{
    struct arena *a = g->rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &read_history_sql, DB_ARGS(DB_ID(g->record.id), DB_I(HISTORY_MAX)), &r);
    if (e)
        return e;
    for (g->n_history = 0; g->n_history < HISTORY_MAX && db_next(r); g->n_history++) {
        struct report_done *h = &g->history[g->n_history];
        *h = (struct report_done){.at = db_int(r, 0), .action = arena_str(a, db_str(r, 2))};
        if (!db_null(r, 1) && id_from_bytes(db_str(r, 1), &h->person)) {
            e = ERR_TAMPERED;
            break;
        }
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < g->n_history && !e; i++) { // few persons, many rows: a name is asked once
        size_t same = 0;
        while (same < i && !id_equal(g->history[same].person, g->history[i].person))
            same++;
        if (same < i)
            g->history[i].name = g->history[same].name;
        else if (!id_zero(g->history[i].person))
            e = people_name(db, a, g->history[i].person, &g->history[i].name);
    }
    return e;
}

static enum err read_links(struct db *db, struct reading *g, const struct db_query *query, struct str tag, struct report_link *out,
                           size_t *n)
{
    const struct person *who = &g->rq->who;
    enum err e = OK;
    *n = 0;
    for (size_t u = 0; u < who->n_units && tag.n > 0 && !e; u++) {
        struct db_rows *r;
        e = db_query(db, query, DB_ARGS(DB_B(tag), DB_ID(who->units[u]), DB_I(g->record.at.seq), DB_I(SAME_MAX)), &r);
        if (e)
            return e;
        while (*n < SAME_MAX && db_next(r)) {
            struct report_link *l = &out[*n];
            enum report_state state;
            *l = (struct report_link){.category = arena_str(g->rq->arena, db_str(r, 1)), .urgency = db_int(r, 2)};
            if (!report_state_read(db_str(r, 3), &state)) {
                l->state_text = text_get(g->rq->lang, desk_state_message(state));
                l->open = report_state_open(state);
            }
            l->received_text = req_time(g->rq, db_int(r, 4));
            *n += !id_from_bytes(db_str(r, 0), &l->id);
        }
        e = db_done(&r);
    }
    return e;
}

// What it repeats, or what repeats it.
static enum err read_same(struct db *db, struct reading *g)
{
    struct db_rows *r;
    enum err e = db_query(db, &read_same_sql, DB_ARGS(DB_ID(g->record.id)), &r);
    if (e)
        return e;
    g->same_as = (struct id){{0}};
    if (db_next(r) && !db_null(r, 0))
        e = id_from_bytes(db_str(r, 0), &g->same_as) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    e = done ? done : e;
    bool is = !id_zero(g->same_as);
    const struct id *of = is ? &g->same_as : &g->record.id;
    return e ? e : read_links(db, g, is ? &read_same_link_sql : &read_duplicates_sql, id_bytes(of), g->same, &g->n_same);
}

static enum err read_rows(struct db *db, void *arg)
{
    struct reading *g = arg;
    struct report_record *d = &g->record;
    enum err e = report_record_db(db, g->rq->arena, &g->rq->who, g->rq->id, d);
    if (e)
        return e;
    g->item[0] = (struct keeper_item){.sealed = d->item};
    report_item_ad(&g->item[0].ad, d->id, d->kid, &d->clear); // from the stored columns: an altered one does not open
    e = report_thread_db(db, g->rq->arena, d, &g->thread);
    if (!e)
        e = read_notes(db, g);
    if (!e)
        e = read_links(db, g, &read_page_links_sql, d->page_tag, g->page, &g->n_page);
    if (!e)
        e = read_links(db, g, &read_host_links_sql, d->host_tag, g->host, &g->n_host);
    if (!e)
        e = read_same(db, g);
    if (!e)
        e = flagger_of_db(db, g->rq->arena, d->id, &g->flagger);
    const struct pack_category *category = pack_category(g->rq->sv->pack, d->clear.category);
    g->sexual = !category || category->sexual;
    if (!e && g->sexual)
        e = exposure_now_db(db, g->rq->sv->pack, g->rq->who.id, g->rq->now, &g->exposure);
    return e ? e : report_assess_settled_db(db, g->rq->arena, d->id, &g->assess_waits);
}

// After this opening was written, so that it stands there too.
static enum err read_past(struct db *db, void *arg)
{
    return read_history(db, arg);
}

struct opened { const struct req *rq; const struct report_record *record; const char *action; bool read_messages, exposes; };

static enum err opened_write(struct db *db, void *arg)
{
    const struct opened *o = arg;
    enum err e = report_history_db(db, o->record->id, o->rq->who.id, o->action, o->rq->now);
    if (!e && o->exposes)
        e = exposure_open_db(db, o->rq->sv->pack, o->rq->who.id, o->rq->now);
    return e || !o->read_messages ? e : report_thread_seen_db(db, o->record);
}

static enum err open_all(struct reading *g, struct report_content *content)
{
    struct req *rq = g->rq;
    enum err e = report_items_open(rq, PURPOSE_READ, &g->record.path, g->item, 1 + g->n_notes);
    if (!e)
        e = report_content_read(rq->arena, g->item[0].plain, content);
    return e ? e : report_thread_open(rq, &g->record, &g->thread);
}

// ── what is shown ──
static struct list ids(struct arena *a, const struct report_link *links, size_t n)
{
    struct str *out = arena_array(a, n, sizeof *out);
    char hex[ID_HEX];
    for (size_t i = 0; i < n && out; i++)
        out[i] = arena_str(a, str_from(id_hex(links[i].id, hex)));
    return (struct list){out, out ? n : 0};
}

static void show_clear(const struct reading *g, struct report_read_out *out)
{
    const struct report_record *d = &g->record;
    out->id = d->id;
    out->category = d->clear.category;
    out->urgency = d->at.rank;
    out->urgency_computed = d->clear.urgency_computed;
    out->state = str_from(report_state_name(d->at.state));
    out->received_at = d->clear.received;
    out->take_due = d->take_due;
    out->language = d->clear.language;
    out->in_danger = d->clear.in_danger;
    out->county = d->clear.county;
    out->unit = d->at.unit;
    out->taken_by = d->holder;
    out->holder_left = d->at.left;
    out->taken_at = d->taken_at;
    out->withdraw_asked = d->withdraw_asked;
    out->same_page = ids(g->rq->arena, g->page, g->n_page);
    out->same_host = ids(g->rq->arena, g->host, g->n_host);
    out->same_as = g->same_as;
    if (id_zero(g->same_as))
        out->duplicates = ids(g->rq->arena, g->same, g->n_same);
    out->history = (struct list){g->history, g->n_history};
}

static void show_content(struct reading *g, const struct report_content *c, struct report_read_out *out)
{
    out->where = c->where;
    out->typed = c->typed;
    out->address = c->address;
    out->page = c->page;
    out->host = c->host;
    out->app = c->app;
    out->account = c->account;
    out->reporter = c->reporter;
    out->age_band = c->age_band;
    out->municipality = c->municipality;
    out->seen = c->seen;
    out->text = c->text;
    out->contact = c->contact;
    out->safe_to_contact = c->safe_to_contact;
    out->institution = c->institution;
    out->function = c->function;
    out->function_text = c->function.n > 0 ? pack_label(g->rq->sv->pack, "profession", c->function, g->rq->lang) : (struct str){0};
    out->flagger = g->flagger;
    out->messages = (struct list){g->thread.line, g->thread.n};
    for (size_t i = 0; i < g->n_notes; i++)
        g->notes[i].text = g->item[1 + i].plain;
    out->notes = (struct list){g->notes, g->n_notes};
}

static struct list state_choices(struct req *rq, enum report_state from)
{
    // A duplicate has a form of its own, which asks what it repeats.
    static const enum report_state offered[] = {REPORT_TAKEN, REPORT_ASSESSED, REPORT_SPAM, REPORT_WITHDRAWN, REPORT_CLOSED};
    struct state_choice *out = arena_array(rq->arena, sizeof offered / sizeof *offered, sizeof *out);
    size_t n = 0;
    for (size_t i = 0; i < sizeof offered / sizeof *offered && out && from != REPORT_IN_CASE; i++) // that closes with its case
        if (report_state_may(from, offered[i]) && !(offered[i] == REPORT_ASSESSED && pack_question_set(rq->sv->pack, 0)) && !(from == REPORT_NEW && offered[i] == REPORT_TAKEN))
            out[n++] = (struct state_choice){str_from(report_state_name(offered[i])), text_get(rq->lang, desk_state_message(offered[i]))};
    return (struct list){out, n};
}

static struct str title(struct req *rq, const struct report_read_out *out) // U1 · SEXT: never what was typed
{
    return arena_printf(rq->arena, "U%d · %.*s", (int)out->urgency, STR_ARG(out->category));
}

static enum err show_page(struct reading *g, struct report_read_out *out)
{
    struct req *rq = g->rq;
    const struct pack *p = rq->sv->pack;
    const struct pack_category *category = pack_category(p, out->category);
    enum report_state state = g->record.at.state;
    out->sexual = !category || category->sexual;
    out->has_text = out->text.n > 0 || out->seen.n > 0;
    out->title = title(rq, out);
    out->label = pack_category_label(p, out->category, rq->lang);
    out->urgency_text = desk_urgency(rq, out->urgency);
    out->computed_text = out->urgency != out->urgency_computed ? desk_urgency(rq, out->urgency_computed) : STR("");
    out->state_text = text_get(rq->lang, desk_state_message(state));
    out->received_text = req_time(rq, out->received_at);
    out->late = state == REPORT_NEW && out->take_due < rq->now;
    out->due_text = out->late ? req_span(rq, rq->now - out->take_due) : req_time(rq, out->take_due);
    out->reporter_text = pack_label(p, "reporter", out->reporter, rq->lang);
    out->age_text = pack_label(p, "age_band", out->age_band, rq->lang);
    out->county_text = pack_label(p, "county", out->county, rq->lang);
    out->language_text = pack_label(p, "language", out->language, rq->lang);
    out->typed_other = str_equal(out->typed, out->address) ? STR("") : out->typed;
    out->page_other = str_equal(out->page, out->address) ? STR("") : out->page;
    out->is_new = state == REPORT_NEW;
    out->held = !id_zero(g->record.at.taken_by);
    out->mine = id_equal(g->record.at.taken_by, rq->who.id);
    bool supervisor = rq->who.roles >> ROLE_SUPERVISOR & 1, free_to_act = !out->held || out->mine || supervisor;
    out->may_take = (out->is_new || (out->holder_left && state != REPORT_CLOSED)) && req_may(rq, PERM_REPORT_TAKE);
    out->may_release = state == REPORT_TAKEN && free_to_act && req_may(rq, PERM_REPORT_TAKE);
    out->may_assess = free_to_act && req_may(rq, PERM_REPORT_ASSESS);
    out->may_answer = free_to_act && !out->is_new && req_may(rq, PERM_REPORT_ANSWER);
    out->may_case = free_to_act && (out->is_new || (state != REPORT_CLOSED && report_state_may(state, REPORT_IN_CASE))) && req_may(rq, PERM_CASE_EDIT);
    out->may_same = out->may_assess && report_state_may(state, REPORT_DUPLICATE);
    out->is_same = !id_zero(g->same_as);
    out->in_case = state == REPORT_IN_CASE && req_may(rq, PERM_CASE_LIST);
    out->assess_waits = g->assess_waits;
    out->asks = !out->is_new && pack_question_set(p, 0) && req_may(rq, PERM_REPORT_ASSESS);
    out->act_late = state == REPORT_TAKEN && g->record.act_due > 0 && g->record.act_due < rq->now;
    if (state == REPORT_TAKEN && g->record.act_due > 0)
        out->act_text = out->act_late ? req_span(rq, rq->now - g->record.act_due) : req_time(rq, g->record.act_due);
    out->urgency1 = out->urgency == 1;
    out->urgency2 = out->urgency == 2;
    out->urgency3 = out->urgency == 3;
    out->urgency4 = out->urgency == 4;
    out->states = state_choices(rq, state);
    out->page_links = (struct list){g->page, g->n_page};
    out->host_links = (struct list){g->host, g->n_host};
    out->same_links = (struct list){g->same, g->n_same};
    for (size_t i = 0; i < g->thread.n; i++)
        g->thread.line[i].sent_text = req_time(rq, g->thread.line[i].sent_at);
    for (size_t i = 0; i < g->n_notes; i++) {
        g->notes[i].at_text = req_time(rq, g->notes[i].at);
        g->notes[i].action_text = text_get(rq->lang, desk_action_message(g->notes[i].action));
    }
    for (size_t i = 0; i < g->n_history; i++) {
        g->history[i].at_text = req_time(rq, g->history[i].at);
        g->history[i].action_text = text_get(rq->lang, desk_action_message(g->history[i].action));
        if (!id_zero(out->taken_by) && id_equal(g->history[i].person, out->taken_by))
            out->taker = g->history[i].name;
    }
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err report_read_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct report_read_out *out = out_;
    struct report_content content = {0};
    struct reading *g = ARENA_NEW(rq->arena, struct reading);
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = report_elsewhere(rq, rq->id, store_read(rq->sv->store, read_rows, g));
    if (e)
        return e;
    // Who is in danger now never waits for anybody's break; it counts all the same.
    if (g->exposure.stop != EXPOSURE_FREE && !g->exposure.lifted && g->record.at.rank > 1)
        return exposure_refuse(rq, &g->exposure);
    e = open_all(g, &content);
    bool tampered = e == ERR_TAMPERED || e == ERR_MALFORMED;
    if (e && !tampered)
        return e;
    struct opened o = {.rq = rq, .record = &g->record, .action = tampered ? "tampered" : "opened", .read_messages = !tampered,
                       .exposes = g->sexual && !tampered};
    enum err written = store_write(rq->sv->store, opened_write, &o);
    if (tampered) {
        log_event(LOG_ALARM, "report.tampered", LOG_ID("report", g->record.id), LOG_ID("person", rq->who.id));
        rq->notice = text_get(rq->lang, MSG_DESK_TAMPERED);
        if (rq->json)
            return ERR_TAMPERED;
    }
    if (!written)
        written = store_read(rq->sv->store, read_past, g);
    if (written) // what is read stands in the history, or is not shown
        return written;
    show_clear(g, out);
    out->tampered = tampered;
    if (!tampered)
        show_content(g, &content, out);
    return rq->json ? (arena_failed(rq->arena) ? ERR_MEMORY : OK) : show_page(g, out);
}
