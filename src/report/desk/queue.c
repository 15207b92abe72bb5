// The queue: metadata of the reports of one's own units, most urgent first, then by the time they must be taken. Nothing
// sealed is opened here. A page is merged from one ordered walk of the index per unit and state, so that it costs the same
// with a thousand reports in the store as with a million.
#include <string.h>
#include "report/desk/triage.h"

#define QUEUE_COLUMNS "seq, id, received, category, rank, state, in_danger, county, language, burst, taken_by, take_due, page_tag, " \
                      "unread_up, withdraw_asked, climbed, " \
                      "(select f.name from desk.flagged d join desk.flagger f on f.id = d.flagger where d.report = report.id)"
#define QUEUE_FROM(lead) " from desk.report where unit = $1 and state = $2 and lead = " lead \
                         " and (rank, take_due, seq) > ($3, $4, $5) order by rank, take_due, seq limit $6"
DB_QUERY(queue_lead_sql, "btiiii", "ibititiTtBBiBiiiT", "select " QUEUE_COLUMNS QUEUE_FROM("1"));
DB_QUERY(queue_folded_sql, "btiiii", "ibititiTtBBiBiiiT", "select " QUEUE_COLUMNS QUEUE_FROM("0"));
DB_QUERY(queue_burst_sql, "bbtiii", "ibititiTtBBiBiiiT", "select " QUEUE_COLUMNS " from desk.report where burst = $1 and unit = $2 "
         "and state = $3 and (rank, seq) > ($4, $5) order by rank, seq limit $6");
DB_QUERY(queue_page_count_sql, "bbi", "i", "select count(*) from (select 1 as one from desk.report where page_tag = $1 and unit = $2 "
         "limit $3) as x");
DB_QUERY(queue_burst_count_sql, "bbii", "i", "select count(*) from (select 1 as one from desk.report where burst = $1 and unit = $2 "
         "and state = 'new' and rank = $3 limit $4) as x");


struct cursor { int64_t rank, due, seq; };

struct queue { // argument and result of one read
    const struct req *rq;
    bool states[REPORT_STATES];
    bool folded;                     // reports behind the lead of their burst too
    struct id burst;                 // or only this burst
    struct cursor after;
    size_t n;
    struct cursor at[QUEUE_PAGE + 1];
    struct report_row row[QUEUE_PAGE + 1];
    struct str tag[QUEUE_PAGE + 1];  // page tags, to count once what stands twice
};

static bool cursor_before(const struct cursor *a, const struct cursor *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

// Opaque to whoever pages: 24 bytes as hex.
static struct str cursor_write(struct arena *a, const struct cursor *c)
{
    struct buf b;
    uint8_t bytes[24];
    memcpy(bytes, c, sizeof bytes);
    buf_init(&b, 64);
    buf_put_hex(&b, bytes, sizeof bytes);
    struct str out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

static enum err cursor_read(struct str s, struct cursor *out)
{
    uint8_t bytes[24];
    if (s.n != 2 * sizeof bytes)
        return ERR_MALFORMED;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (v < 0)
            return ERR_MALFORMED;
        bytes[i / 2] = (uint8_t)(i % 2 ? bytes[i / 2] | v : v << 4);
    }
    memcpy(out, bytes, sizeof bytes);
    return OK;
}

static enum err row_read(struct arena *a, const struct db_rows *r, struct id unit, struct report_row *row, struct str *tag)
{
    *row = (struct report_row){
        .received_at = db_int(r, 2), .category = arena_str(a, db_str(r, 3)), .urgency = db_int(r, 4), .state = arena_str(a, db_str(r, 5)),
        .in_danger = db_int(r, 6) != 0, .county = arena_str(a, db_str(r, 7)), .language = arena_str(a, db_str(r, 8)),
        .unit = unit, .take_due = db_int(r, 11), .unread = db_int(r, 13), .withdraw_asked = db_int(r, 14) != 0,
        .climbed = db_int(r, 15), .flagger = arena_str(a, db_str(r, 16)),
    };
    struct str burst = db_str(r, 9);
    if (!db_null(r, 10) && id_from_bytes(db_str(r, 10), &row->taken_by))
        return ERR_TAMPERED;
    if (burst.n == sizeof row->burst.b)
        memcpy(row->burst.b, burst.at, sizeof row->burst.b);
    *tag = arena_str(a, db_str(r, 12));
    return id_from_bytes(db_str(r, 1), &row->id) ? ERR_TAMPERED : OK;
}

// Lays one ordered walk into the page; stops as soon as its rows come behind all that the page can hold.
static enum err queue_merge(struct queue *q, struct db_rows *r, struct id unit)
{
    enum err e = OK;
    while (!e && db_next(r)) {
        struct cursor c = {db_int(r, 4), id_zero(q->burst) ? db_int(r, 11) : 0, db_int(r, 0)}; // a burst goes by its arrival
        size_t at = q->n;
        while (at > 0 && cursor_before(&c, &q->at[at - 1]))
            at--;
        if (at == QUEUE_PAGE + 1)
            break;
        size_t moved = (q->n < QUEUE_PAGE + 1 ? q->n : QUEUE_PAGE) - at;
        memmove(&q->at[at + 1], &q->at[at], moved * sizeof *q->at);
        memmove(&q->row[at + 1], &q->row[at], moved * sizeof *q->row);
        memmove(&q->tag[at + 1], &q->tag[at], moved * sizeof *q->tag);
        q->at[at] = c;
        e = row_read(q->rq->arena, r, unit, &q->row[at], &q->tag[at]);
        q->n += q->n < QUEUE_PAGE + 1;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err count_db(struct db *db, const struct db_query *query, struct db_args args, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, query, args, &r);
    if (e)
        return e;
    *out += db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

static enum err queue_counts(struct db *db, struct queue *q)
{
    const struct person *who = &q->rq->who;
    enum err e = OK;
    for (size_t i = 0; i < q->n && !e; i++) {
        struct report_row *row = &q->row[i];
        size_t same = 0;
        while (same < i && !(q->tag[i].n > 0 && str_equal(q->tag[same], q->tag[i])))
            same++;
        if (same < i)
            row->same_page_count = q->row[same].same_page_count;
        else if (q->tag[i].n > 0) {
            for (size_t u = 0; u < who->n_units && !e; u++)
                e = count_db(db, &queue_page_count_sql, DB_ARGS(DB_B(q->tag[i]), DB_ID(who->units[u]), DB_I(COUNT_MAX + 1)),
                             &row->same_page_count);
            row->same_page_count -= row->same_page_count > 0; // the others
        }
        if (!e && !q->folded && !id_zero(row->burst) && str_equal_z(row->state, "new")) {
            e = count_db(db, &queue_burst_count_sql, DB_ARGS(DB_ID(row->burst), DB_ID(row->unit), DB_I(row->urgency), DB_I(COUNT_MAX)),
                         &row->burst_count);
            row->burst_count -= row->burst_count > 0;
        }
    }
    return e;
}

static enum err queue_read(struct db *db, void *arg)
{
    struct queue *q = arg;
    const struct person *who = &q->rq->who;
    enum err e = OK;
    q->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++)
        for (unsigned s = 0; s < REPORT_STATES && !e; s++) {
            struct str state = str_from(report_state_name(s));
            struct db_rows *r;
            if (!q->states[s])
                continue;
            if (!id_zero(q->burst)) {
                e = db_query(db, &queue_burst_sql, DB_ARGS(DB_ID(q->burst), DB_ID(who->units[u]), DB_T(state),
                             DB_I(q->after.rank), DB_I(q->after.seq), DB_I(QUEUE_PAGE + 1)), &r);
                if (!e)
                    e = queue_merge(q, r, who->units[u]);
                continue;
            }
            for (int folded = 0; folded <= q->folded && !e; folded++) {
                e = db_query(db, folded ? &queue_folded_sql : &queue_lead_sql,
                             DB_ARGS(DB_ID(who->units[u]), DB_T(state), DB_I(q->after.rank), DB_I(q->after.due), DB_I(q->after.seq),
                                     DB_I(QUEUE_PAGE + 1)), &r);
                if (!e)
                    e = queue_merge(q, r, who->units[u]);
            }
        }
    return e ? e : queue_counts(db, q);
}

// What a worker should see whichever page of the queue is open: hand-overs that wait for him, and that nobody is on call.
DB_QUERY(queue_handovers_sql, "bi", "i", "select count(*) from (select 1 as one from desk.handover where taker = $1 and confirmed is null and declined is null "
         "limit $2) as x");
DB_QUERY(queue_on_call_sql, "bii", "i", "select count(*) from (select 1 as one from desk.roster r join desk.person p on p.id = r.person "
         "join desk.member m on m.unit = r.unit and m.person = r.person where r.unit = $1 and r.starts <= $2 "
         "and (r.ends is null or r.ends > $2) and p.disabled = 0 limit $3) as x");

struct names { struct req *rq; struct arena *a; size_t n; struct report_row *row; int64_t handovers, declined; bool gap; };

static enum err names_read(struct db *db, void *arg)
{
    struct names *n = arg;
    enum err e = OK;
    for (size_t i = 0; i < n->n && !e; i++)
        if (!id_zero(n->row[i].taken_by))
            e = people_name(db, n->a, n->row[i].taken_by, &n->row[i].taker);
    const struct person *who = &n->rq->who;
    n->handovers = n->declined = 0;
    n->gap = false;
    if (!e)
        e = count_db(db, &queue_handovers_sql, DB_ARGS(DB_ID(who->id), DB_I(COUNT_MAX)), &n->handovers);
    if (!e)
        e = handover_declined_count_db(db, who->id, &n->declined);
    for (size_t u = 0; u < who->n_units && !e; u++) {
        int64_t on_call = 0;
        e = count_db(db, &queue_on_call_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(n->rq->now), DB_I(1)), &on_call);
        n->gap = n->gap || on_call == 0;
    }
    return e;
}

static void row_show(struct req *rq, struct report_row *row)
{
    row->label = pack_category_label(rq->sv->pack, row->category, rq->lang);
    row->where = pack_label(rq->sv->pack, "county", row->county, rq->lang);
    row->received_text = req_time(rq, row->received_at);
    row->due_text = req_span(rq, row->take_due > rq->now ? row->take_due - rq->now : rq->now - row->take_due);
    row->is_new = str_equal_z(row->state, "new");
    row->late = row->is_new && row->take_due < rq->now;
    row->urgency_text = desk_urgency(rq, row->urgency);
    enum report_state state = REPORT_NEW;
    if (!report_state_read(row->state, &state))
        row->state_text = text_get(rq->lang, desk_state_message(state));
}

static enum err queue_states(struct req *rq, struct str asked, struct queue *q)
{
    if (asked.n == 0 || str_equal_z(asked, "all")) {
        for (unsigned s = 0; s < REPORT_STATES; s++) // the page opens with what waits
            q->states[s] = asked.n > 0 || rq->json || s == REPORT_NEW;
        return OK;
    }
    enum report_state one;
    if (report_state_read(asked, &one))
        return req_refuse(rq, "state", MSG_DESK_REFUSED_STATE);
    q->states[one] = true;
    return OK;
}

static struct list queue_tabs(struct req *rq, struct str asked)
{
    struct queue_tab *tabs = arena_array(rq->arena, REPORT_STATES + 1, sizeof *tabs);
    if (!tabs)
        return (struct list){0};
    for (unsigned s = 0; s < REPORT_STATES; s++) {
        tabs[s] = (struct queue_tab){.state = str_from(report_state_name(s)), .label = text_get(rq->lang, desk_tab_message(s))};
        tabs[s].here = str_equal(tabs[s].state, asked) || (asked.n == 0 && s == REPORT_NEW);
    }
    tabs[REPORT_STATES] = (struct queue_tab){.state = STR("all"), .label = text_get(rq->lang, MSG_DESK_STATE_ALL),
                                             .here = str_equal_z(asked, "all")};
    return (struct list){tabs, REPORT_STATES + 1};
}

enum err report_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct report_list_in *in = in_;
    struct report_list_out *out = out_;
    struct queue *q = ARENA_NEW(rq->arena, struct queue);
    if (!q)
        return ERR_MEMORY;
    q->rq = rq;
    q->folded = rq->json && !in->grouped;
    enum err e = queue_states(rq, in->state, q);
    if (!e && in->burst.n > 0 && id_from_hex(in->burst, &q->burst))
        e = req_refuse(rq, "burst", MSG_DESK_REFUSED_CURSOR);
    if (!e && in->after.n > 0 && cursor_read(in->after, &q->after))
        e = req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    if (!e)
        e = store_read(rq->sv->store, queue_read, q);
    if (e)
        return e;
    bool more = q->n > QUEUE_PAGE;
    size_t n = q->n > QUEUE_PAGE ? QUEUE_PAGE : q->n;
    out->reports = (struct list){q->row, n};
    if (more)
        out->next = cursor_write(rq->arena, &q->at[n - 1]);
    if (!rq->json) {
        struct names names = {.rq = rq, .a = rq->arena, .n = n, .row = q->row};
        e = store_read(rq->sv->store, names_read, &names);
        for (size_t i = 0; i < n; i++)
            row_show(rq, &q->row[i]);
        out->tabs = queue_tabs(rq, in->state);
        out->state = in->state.n ? in->state : STR("new");
        out->in_burst = !id_zero(q->burst);
        out->burst = q->burst;
        out->handovers = names.handovers;
        out->declined = names.declined;
        out->gap = names.gap;
        out->may_take = req_may(rq, PERM_REPORT_TAKE);
        out->may_many = n > 0 && req_may(rq, PERM_REPORT_ASSESS);
        out->may_case = req_may(rq, PERM_CASE_EDIT);
        out->may_load = req_may(rq, PERM_LOAD);
        out->reasons = req_choices(rq, "spam_reason", STR(""));
    }
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
