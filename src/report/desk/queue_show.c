// The queue as a page: names, clocks and states in words, the tabs, and what a worker should see whichever of them is open.
#include "report/desk/triage.h"

#define TABS_MORE 3    // beside the states

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
        e = desk_count_db(db, &queue_handovers_sql, DB_ARGS(DB_ID(who->id), DB_I(COUNT_MAX)), &n->handovers);
    if (!e)
        e = handover_declined_count_db(db, who->id, &n->declined);
    for (size_t u = 0; u < who->n_units && !e; u++) {
        int64_t on_call = 0;
        e = desk_count_db(db, &queue_on_call_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(n->rq->now), DB_I(1)), &on_call);
        n->gap = n->gap || on_call == 0;
    }
    return e;
}

// "edhe 3 orë", "20 minuta me vonesë"; empty where no clock runs.
static struct str until(const struct req *rq, int64_t due)
{
    if (due == INT64_MIN)
        return STR("");
    struct buf b;
    bool late = due < rq->now;
    buf_init(&b, 512);
    text_put(&b, rq->lang, late ? MSG_DESK_LIST_LATE : MSG_DESK_LIST_LEFT, TEXT_ARGS(TEXT_S("span", req_span(rq, late ? rq->now - due : due - rq->now))));
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static void row_show(struct req *rq, struct report_row *row)
{
    row->label = pack_category_label(rq->sv->pack, row->category, rq->lang);
    row->where = pack_label(rq->sv->pack, "county", row->county, rq->lang);
    row->received_text = req_time(rq, row->received_at);
    row->is_new = str_equal_z(row->state, "new");
    row->may_inherit = row->holder_left && !str_equal_z(row->state, "closed");
    row->due_text = until(rq, row->due);
    row->message_text = until(rq, row->message_due);
    row->urgency_text = desk_urgency(rq, row->urgency);
    enum report_state state = REPORT_NEW;
    if (!report_state_read(row->state, &state))
        row->state_text = text_get(rq->lang, desk_state_message(state));
}

static struct list queue_tabs(struct req *rq, struct str asked, const struct desk_waits *waits)
{
    struct queue_tab *tabs = arena_array(rq->arena, REPORT_STATES + TABS_MORE, sizeof *tabs);
    if (!tabs)
        return (struct list){0};
    size_t n = 0;
    tabs[n++] = (struct queue_tab){.state = STR("messages"), .label = text_get(rq->lang, MSG_DESK_TAB_MESSAGES), .count = waits->messages};
    tabs[n++] = (struct queue_tab){.state = STR("second"), .label = text_get(rq->lang, MSG_DESK_TAB_SECOND), .count = waits->second};
    for (unsigned s = 0; s < REPORT_STATES; s++)
        tabs[n++] = (struct queue_tab){.state = str_from(report_state_name(s)), .label = text_get(rq->lang, desk_tab_message(s))};
    tabs[n++] = (struct queue_tab){.state = STR("all"), .label = text_get(rq->lang, MSG_DESK_STATE_ALL)};
    for (size_t i = 0; i < n; i++)
        tabs[i].here = str_equal(tabs[i].state, asked);
    return (struct list){tabs, n};
}

enum err queue_show(struct req *rq, const struct report_list_in *in, struct report_row *row, size_t n, const struct desk_waits *waits,
                    struct report_list_out *out)
{
    struct names names = {.rq = rq, .a = rq->arena, .n = n, .row = row};
    enum err e = store_read(rq->sv->store, names_read, &names);
    for (size_t i = 0; i < n; i++)
        row_show(rq, &row[i]);
    out->state = in->state.n ? in->state : STR("new");
    out->tabs = queue_tabs(rq, out->state, waits);
    out->unread = waits->messages > 0 && !str_equal_z(in->state, "messages");
    out->in_burst = in->burst.n > 0;
    out->burst = in->burst;
    out->handovers = names.handovers;
    out->declined = names.declined;
    out->gap = names.gap;
    out->may_take = req_may(rq, PERM_REPORT_TAKE);
    out->may_many = n > 0 && req_may(rq, PERM_REPORT_ASSESS);
    out->may_case = req_may(rq, PERM_CASE_EDIT);
    out->may_load = req_may(rq, PERM_LOAD);
    out->reasons = req_choices(rq, "spam_reason", STR(""));
    return e;
}
