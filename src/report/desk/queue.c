// The queue: metadata of the reports of one's own units, most urgent first, then by the time they must be taken. Nothing
// sealed is opened here. A page is merged from one ordered walk of the index per unit and state, so that it costs the same
// with a thousand reports in the store as with a million. Of those that are taken the late ones stand first; "messages" are
// those whose reporters have written what nobody has read, "second" those whose verdict waits for another person, in whatever state.
#include <string.h>
#include "report/desk/triage.h"

#define QUEUE_OUT "ibititiTtBBiBiiiTIIi"
#define QUEUE_COLUMNS "seq, id, received, category, rank, state, in_danger, county, language, burst, taken_by, take_due, page_tag, " \
                      "unread_up, withdraw_asked, climbed, " \
                      "(select f.name from desk.flagged d join desk.flagger f on f.id = d.flagger where d.report = report.id), act_due, message_due, " REPORT_LEFT_SQL
#define QUEUE_FROM(lead) " from desk.report where unit = $1 and state = $2 and lead = " lead \
                         " and (rank, take_due, seq) > ($3, $4, $5) and shredded is null order by rank, take_due, seq limit $6"
#define QUEUE_TAKEN(when) "select " QUEUE_COLUMNS " from desk.report where unit = $1 and state = 'taken' and act_due " when \
                          " $2 and (rank, act_due, seq) > ($3, $4, $5) order by rank, act_due, seq limit $6"
DB_QUERY(queue_lead_sql, "btiiii", QUEUE_OUT, "select " QUEUE_COLUMNS QUEUE_FROM("1"));
DB_QUERY(queue_folded_sql, "btiiii", QUEUE_OUT, "select " QUEUE_COLUMNS QUEUE_FROM("0"));
DB_QUERY(queue_late_sql, "biiiii", QUEUE_OUT, QUEUE_TAKEN("<"));
DB_QUERY(queue_in_time_sql, "biiiii", QUEUE_OUT, QUEUE_TAKEN(">="));
DB_QUERY(queue_messages_sql, "biiii", QUEUE_OUT, "select " QUEUE_COLUMNS " from desk.report where unit = $1 and message_due is not null "
         "and (rank, message_due, seq) > ($2, $3, $4) order by rank, message_due, seq limit $5");
// What a second person can do: never what one has answered oneself.
DB_QUERY(queue_second_sql, "biiibi", QUEUE_OUT, "select " QUEUE_COLUMNS " from desk.report where unit = $1 and second_waits = 1 "
         "and (rank, take_due, seq) > ($2, $3, $4) and not exists (select 1 from desk.assessment a where a.report = report.id and a.person = $5) "
         "order by rank, take_due, seq limit $6");
DB_QUERY(queue_burst_sql, "bbtiii", QUEUE_OUT, "select " QUEUE_COLUMNS " from desk.report where burst = $1 and unit = $2 "
         "and state = $3 and (rank, seq) > ($4, $5) order by rank, seq limit $6");
DB_QUERY(queue_page_count_sql, "bbi", "i", "select count(*) from (select 1 as one from desk.report where page_tag = $1 and unit = $2 "
         "limit $3) as x");
DB_QUERY(queue_burst_count_sql, "bbii", "i", "select count(*) from (select 1 as one from desk.report where burst = $1 and unit = $2 "
         "and state = 'new' and rank = $3 limit $4) as x");

struct cursor { int64_t group, rank, due, seq; };

struct queue { // argument and result of one read
    const struct req *rq;
    enum { QUEUE_STATES, QUEUE_HELD, QUEUE_MESSAGES, QUEUE_SECOND, QUEUE_FLOOD } of; // held: those taken, alone
    bool states[REPORT_STATES];
    bool folded;                     // reports behind the lead of their burst too
    struct id burst;                 // of QUEUE_FLOOD
    struct cursor after;
    size_t n;
    struct cursor at[QUEUE_PAGE + 1];
    struct report_row row[QUEUE_PAGE + 1];
    struct str tag[QUEUE_PAGE + 1];  // page tags, to count once what stands twice
};

static bool cursor_before(const struct cursor *a, const struct cursor *b)
{
    if (a->group != b->group)
        return a->group < b->group;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

// Opaque to whoever pages: its bytes as hex.
static struct str cursor_write(struct arena *a, const struct cursor *c)
{
    struct buf b;
    uint8_t bytes[sizeof *c];
    memcpy(bytes, c, sizeof bytes);
    buf_init(&b, 128);
    buf_put_hex(&b, bytes, sizeof bytes);
    struct str out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

static enum err cursor_read(struct str s, struct cursor *out)
{
    uint8_t bytes[sizeof *out];
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
        .act_due = db_null(r, 17) ? INT64_MIN : db_int(r, 17), .message_due = db_null(r, 18) ? INT64_MIN : db_int(r, 18),
        .holder_left = db_int(r, 19) != 0,
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
static enum err queue_merge(struct db *db, struct queue *q, struct id unit, int64_t group, const struct db_query *query, struct db_args args)
{
    static const int due[] = {[QUEUE_STATES] = 11, [QUEUE_HELD] = 17, [QUEUE_MESSAGES] = 18, [QUEUE_SECOND] = 11}; // the column that it is ordered by
    struct db_rows *r;
    enum err e = db_query(db, query, args, &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct cursor c = {group, db_int(r, 4), q->of == QUEUE_FLOOD ? 0 : db_int(r, due[q->of]), db_int(r, 0)}; // a flood goes by its arrival
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

enum err desk_count_db(struct db *db, const struct db_query *query, struct db_args args, int64_t *out)
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
                e = desk_count_db(db, &queue_page_count_sql, DB_ARGS(DB_B(q->tag[i]), DB_ID(who->units[u]), DB_I(COUNT_MAX + 1)),
                             &row->same_page_count);
            row->same_page_count -= row->same_page_count > 0; // the others
        }
        if (!e && !q->folded && !id_zero(row->burst) && str_equal_z(row->state, "new")) {
            e = desk_count_db(db, &queue_burst_count_sql, DB_ARGS(DB_ID(row->burst), DB_ID(row->unit), DB_I(row->urgency), DB_I(COUNT_MAX)),
                         &row->burst_count);
            row->burst_count -= row->burst_count > 0;
        }
    }
    return e;
}

static enum err read_states(struct db *db, struct queue *q, struct id unit)
{
    const struct cursor *a = &q->after;
    enum err e = OK;
    for (unsigned s = 0; s < REPORT_STATES && !e; s++) {
        struct str state = str_from(report_state_name(s));
        if (!q->states[s])
            continue;
        if (q->of == QUEUE_FLOOD) {
            e = queue_merge(db, q, unit, 0, &queue_burst_sql, DB_ARGS(DB_ID(q->burst), DB_ID(unit), DB_T(state), DB_I(a->rank), DB_I(a->seq),
                            DB_I(QUEUE_PAGE + 1)));
            continue;
        }
        for (int folded = 0; folded <= q->folded && !e; folded++)
            e = queue_merge(db, q, unit, 0, folded ? &queue_folded_sql : &queue_lead_sql,
                            DB_ARGS(DB_ID(unit), DB_T(state), DB_I(a->rank), DB_I(a->due), DB_I(a->seq), DB_I(QUEUE_PAGE + 1)));
    }
    return e;
}

// Late first; a page that begins among those in time has shown all that were late.
static enum err read_held(struct db *db, struct queue *q, struct id unit)
{
    static const struct cursor begin = {0};
    enum err e = OK;
    for (int64_t group = q->after.group; group < 2 && !e; group++) {
        const struct cursor *a = group == q->after.group ? &q->after : &begin;
        e = queue_merge(db, q, unit, group, group ? &queue_in_time_sql : &queue_late_sql,
                        DB_ARGS(DB_ID(unit), DB_I(q->rq->now), DB_I(a->rank), DB_I(a->due), DB_I(a->seq), DB_I(QUEUE_PAGE + 1)));
    }
    return e;
}

static enum err queue_read(struct db *db, void *arg)
{
    struct queue *q = arg;
    const struct person *who = &q->rq->who;
    const struct cursor *a = &q->after;
    enum err e = OK;
    q->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        struct id unit = who->units[u];
        if (q->of == QUEUE_HELD)
            e = read_held(db, q, unit);
        else if (q->of == QUEUE_MESSAGES)
            e = queue_merge(db, q, unit, 0, &queue_messages_sql, DB_ARGS(DB_ID(unit), DB_I(a->rank), DB_I(a->due), DB_I(a->seq),
                            DB_I(QUEUE_PAGE + 1)));
        else if (q->of == QUEUE_SECOND)
            e = queue_merge(db, q, unit, 0, &queue_second_sql, DB_ARGS(DB_ID(unit), DB_I(a->rank), DB_I(a->due), DB_I(a->seq), DB_ID(who->id),
                            DB_I(QUEUE_PAGE + 1)));
        else
            e = read_states(db, q, unit);
    }
    return e ? e : queue_counts(db, q);
}

// The clock that runs: until when it must be taken, or assessed. And that of a message that nobody has read.
static void row_clocks(const struct req *rq, struct report_row *row)
{
    bool is_new = str_equal_z(row->state, "new"), taken = str_equal_z(row->state, "taken");
    row->due = is_new ? row->take_due : taken ? row->act_due : INT64_MIN;
    row->message_late = row->message_due != INT64_MIN && row->message_due < rq->now;
    row->due_late = row->due != INT64_MIN && row->due < rq->now;
    row->late = row->due_late || row->message_late;
}

static enum err queue_states(struct req *rq, struct str asked, struct queue *q)
{
    if (str_equal_z(asked, "messages") || str_equal_z(asked, "second")) {
        q->of = str_equal_z(asked, "second") ? QUEUE_SECOND : QUEUE_MESSAGES;
        return OK;
    }
    if (asked.n == 0 || str_equal_z(asked, "all")) {
        for (unsigned s = 0; s < REPORT_STATES; s++) // the page opens with what waits
            q->states[s] = asked.n > 0 || rq->json || s == REPORT_NEW;
        return OK;
    }
    enum report_state one;
    if (report_state_read(asked, &one))
        return req_refuse(rq, "state", MSG_DESK_REFUSED_STATE);
    q->states[one] = true;
    q->of = one == REPORT_TAKEN ? QUEUE_HELD : QUEUE_STATES;
    return OK;
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
    if (!id_zero(q->burst))
        q->of = QUEUE_FLOOD;
    if (!e && in->after.n > 0 && cursor_read(in->after, &q->after))
        e = req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    if (!e)
        e = store_read(rq->sv->store, queue_read, q);
    struct desk_waits waits = {.who = &rq->who};
    if (!e)
        e = store_read(rq->sv->store, desk_waits_db, &waits);
    if (e)
        return e;
    out->messages = waits.messages;
    out->second = waits.second;
    bool more = q->n > QUEUE_PAGE;
    size_t n = q->n > QUEUE_PAGE ? QUEUE_PAGE : q->n;
    out->reports = (struct list){q->row, n};
    if (more)
        out->next = cursor_write(rq->arena, &q->at[n - 1]);
    for (size_t i = 0; i < n; i++)
        row_clocks(rq, &q->row[i]);
    if (!rq->json)
        e = queue_show(rq, in, q->row, n, &waits, out);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
