// The list of cases: metadata of the units that answer for them, most urgent first, then the oldest. No key is needed.
#include <stdlib.h>
#include <string.h>
#include "casework/handlers.h"

#define LIST_OUT "ibtititBTiiI"
#define LIST_COLUMNS "select seq, id, number, version, state, urgency, category, worker, county, state_at, opened, review_due from desk.case_file "
DB_QUERY(list_sql, "btiii", LIST_OUT,
         LIST_COLUMNS "where owner = $1 and state = $2 and shredded is null and (urgency > $3 or (urgency = $3 and seq > $4)) order by urgency, seq "
         "limit $5");
// A closed case whose reporter has written since stands among the open ones: nobody looks among the closed.
DB_QUERY(list_written_sql, "biii", LIST_OUT,
         LIST_COLUMNS "where owner = $1 and state = 'closed' and shredded is null and id in (select c.case_id from desk.report r join desk.case_report c "
         "on c.report = r.id where r.unit = $1 and r.message_due is not null) and (urgency > $2 or (urgency = $2 and seq > $3)) "
         "order by urgency, seq limit $4");
DB_QUERY(list_more_sql, "b", "iI", "select (select count(*) from desk.case_hold where case_id = $1), "
         "(select min(due) from desk.case_task where case_id = $1 and done is null)");
DB_QUERY(list_report_sql, "b", "b", "select case_id from desk.case_report where report = $1");

struct listing {
    struct req *rq;
    bool states[CASE_STATES], written; // written: closed ones with messages that nobody has read
    int64_t urgency, seq;           // after these
    struct id report;
    size_t n;
    int64_t at_seq[CASE_PAGE + 1];
    struct case_row row[CASE_PAGE + 1];
};

static enum err row_read(struct arena *a, const struct db_rows *r, struct id owner, struct case_row *row)
{
    *row = (struct case_row){.number = arena_str(a, db_str(r, 2)), .version = db_int(r, 3),
                             .state = arena_str(a, db_str(r, 4)),
                             .urgency = db_int(r, 5), .category = arena_str(a, db_str(r, 6)),
                             .county = arena_str(a, db_str(r, 8)),
                             .owner = owner, .state_at = db_int(r, 9), .opened_at = db_int(r, 10),
                             .review_due = db_null(r, 11) ? INT64_MIN : db_int(r, 11),
                             .next_due = INT64_MIN};
    if (id_from_bytes(db_str(r, 1), &row->id) || (!db_null(r, 7) && id_from_bytes(db_str(r, 7), &row->worker)))
        return ERR_TAMPERED;
    return OK;
}

// Lays one ordered walk into the page; stops as soon as its rows come behind all that the page can hold.
static enum err list_merge(struct listing *l, struct db_rows *r, struct id owner)
{
    enum err e = OK;
    while (!e && db_next(r)) {
        int64_t seq = db_int(r, 0), urgency = db_int(r, 5);
        size_t at = l->n;
        while (at > 0 && (urgency < l->row[at - 1].urgency ||
                          (urgency == l->row[at - 1].urgency && seq < l->at_seq[at - 1])))
            at--;
        if (at == CASE_PAGE + 1)
            break;
        size_t moved = (l->n < CASE_PAGE + 1 ? l->n : CASE_PAGE) - at;
        memmove(&l->at_seq[at + 1], &l->at_seq[at], moved * sizeof *l->at_seq);
        memmove(&l->row[at + 1], &l->row[at], moved * sizeof *l->row);
        l->at_seq[at] = seq;
        e = row_read(l->rq->arena, r, owner, &l->row[at]);
        l->n += l->n < CASE_PAGE + 1;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err row_more(struct db *db, struct arena *a, struct case_row *row)
{
    struct id verdict[CASE_THINGS_MAX];
    struct db_rows *r;
    size_t verdicts = 0;
    enum err e = db_query(db, &list_more_sql, DB_ARGS(DB_ID(row->id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        row->holds = db_int(r, 0);
        row->next_due = db_null(r, 1) ? INT64_MIN : db_int(r, 1);
    }
    e = db_done(&r);
    if (!e)
        e = case_verdicts_db(db, a, row->id, verdict, &verdicts);
    row->holds += (int64_t)verdicts;
    if (!e && !id_zero(row->worker))
        e = people_left_db(db, row->owner, row->worker, &row->worker_left);
    return e ? e : report_case_waits_db(db, row->id, &row->unread, &row->withdraw_asked);
}

static enum err list_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    const struct person *who = &l->rq->who;
    enum err e = OK;
    struct db_rows *r;
    l->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        for (unsigned s = 0; s < CASE_STATES && !e; s++) {
            if (!l->states[s])
                continue;
            e = db_query(db, &list_sql, DB_ARGS(DB_ID(who->units[u]), DB_T(str_from(case_state_name(s))),
                                                DB_I(l->urgency), DB_I(l->seq),
                                                DB_I(CASE_PAGE + 1)), &r);
            if (!e)
                e = list_merge(l, r, who->units[u]);
        }
        if (!e && l->written)
            e = db_query(db, &list_written_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(l->urgency), DB_I(l->seq), DB_I(CASE_PAGE + 1)), &r);
        if (!e && l->written)
            e = list_merge(l, r, who->units[u]);
    }
    for (size_t i = 0; i < l->n && !e; i++) {
        e = row_more(db, l->rq->arena, &l->row[i]);
        if (!e && !l->rq->json && !id_zero(l->row[i].worker))
            e = people_name(db, l->rq->arena, l->row[i].worker, &l->row[i].worker_name);
    }
    return e;
}

// The case that a report is in, where this person may see it.
static enum err list_report(struct db *db, void *arg)
{
    struct listing *l = arg;
    struct case_at at;
    struct db_rows *r;
    struct id found = {{0}};
    enum err e = db_query(db, &list_report_sql, DB_ARGS(DB_ID(l->report)), &r);
    if (e)
        return e;
    e = !db_next(r) ? ERR_NOT_FOUND : id_from_bytes(db_str(r, 0), &found) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        e = case_at_db(db, l->rq->arena, &l->rq->who, found, &at);
    if (e)
        return e;
    l->row[0] = (struct case_row){.id = found, .number = at.number, .state = str_from(case_state_name(at.state)),
                                  .version = at.version,
                                  .urgency = at.urgency, .category = at.category, .county = at.county,
                                  .owner = at.owner,
                                  .worker = at.worker, .opened_at = at.opened, .state_at = at.state_at,
                                  .review_due = at.review_due};
    return row_more(db, l->rq->arena, &l->row[0]);
}

static enum err list_states(struct req *rq, struct str asked, struct listing *l)
{
    enum case_state one;
    if (asked.n == 0 || str_equal_z(asked, "all") || str_equal_z(asked, "open")) {
        bool all = str_equal_z(asked, "all") || (asked.n == 0 && rq->json);
        for (unsigned s = 0; s < CASE_STATES; s++)
            l->states[s] = all || s != CASE_CLOSED;
        l->written = !all;
        return OK;
    }
    if (case_state_read(asked, &one))
        return req_refuse(rq, "state", MSG_CASEWORK_REFUSED_STATE);
    l->states[one] = true;
    return OK;
}

static enum err cursor_read(struct req *rq, struct str s, struct listing *l)
{
    struct str rest = s, urgency = str_cut(&rest, '-');
    if (s.n > 0 && (str_int(urgency, &l->urgency) || str_int(rest, &l->seq) || l->urgency < 1 || l->urgency > 4 ||
                    l->seq < 0))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    return OK;
}

static void row_show(struct req *rq, struct case_row *row)
{
    enum case_state s = CASE_REGISTERED;
    int64_t due = row->next_due == INT64_MIN || (row->review_due != INT64_MIN && row->review_due < row->next_due)
        ? row->review_due : row->next_due;
    if (!case_state_read(row->state, &s))
        row->state_text = text_get(rq->lang, case_state_message(s));
    row->label = pack_category_label(rq->sv->pack, row->category, rq->lang);
    row->where = pack_label(rq->sv->pack, "county", row->county, rq->lang);
    row->opened_text = req_date(rq, row->opened_at, DATE_DAY);
    row->urgency_text = case_urgency(rq, row->urgency);
    row->due_text = s == CASE_CLOSED ? STR("") : req_date(rq, due, DATE_DAY);
    row->late = s != CASE_CLOSED && due != INT64_MIN && due < rq->now;
    row->next_text = text_get(rq->lang, case_next_message(s));
}

static struct list tabs_of(struct req *rq, struct str asked)
{
    struct case_tab *tabs = arena_array(rq->arena, CASE_STATES + 1, sizeof *tabs);
    if (!tabs)
        return (struct list){0};
    tabs[0] = (struct case_tab){.state = STR("open"), .label = text_get(rq->lang, MSG_CASEWORK_TAB_OPEN),
                                .here = asked.n == 0 || str_equal_z(asked, "open")};
    for (unsigned s = 0; s < CASE_STATES; s++) {
        tabs[s + 1] = (struct case_tab){.state = str_from(case_state_name(s)),
                                        .label = text_get(rq->lang, case_state_message(s))};
        tabs[s + 1].here = str_equal(tabs[s + 1].state, asked);
    }
    return (struct list){tabs, CASE_STATES + 1};
}

enum err case_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_list_in *in = in_;
    struct case_list_out *out = out_;
    char hex[ID_HEX];
    struct listing *l = ARENA_NEW(rq->arena, struct listing);
    if (!l)
        return ERR_MEMORY;
    l->rq = rq;
    if (in->report.n > 0) {
        enum err e = id_from_hex(in->report, &l->report) ? req_refuse(rq, "report", MSG_CASEWORK_REFUSED_REPORTS) : OK;
        if (!e)
            e = report_elsewhere(rq, l->report, store_read(rq->sv->store, list_report, l));
        if (!e)
            rq->then = arena_printf(rq->arena, "/cases/%s", id_hex(l->row[0].id, hex)).at;
        out->cases = (struct list){l->row, e ? 0 : 1};
        return e;
    }
    enum err e = list_states(rq, in->state, l);
    if (!e)
        e = cursor_read(rq, in->after, l);
    if (!e)
        e = store_read(rq->sv->store, list_read, l);
    if (e)
        return e;
    size_t n = l->n > CASE_PAGE ? CASE_PAGE : l->n;
    out->cases = (struct list){l->row, n};
    if (l->n > CASE_PAGE)
        out->next = arena_printf(rq->arena, "%d-%lld", (int)l->row[n - 1].urgency, (long long)l->at_seq[n - 1]);
    for (size_t i = 0; i < n && !rq->json; i++)
        row_show(rq, &l->row[i]);
    out->tabs = rq->json ? (struct list){0} : tabs_of(rq, in->state);
    out->state = in->state.n ? in->state : STR("open");
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
