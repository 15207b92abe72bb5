// The lists of a unit's referrals, received and sent: metadata only, most urgent first. A page is merged from one ordered
// walk per unit, side and state.
#include <stdlib.h>
#include <string.h>
#include "exchange/handlers.h"

struct listing {
    struct req *rq;
    bool states[REFERRAL_STATES];
    bool side[2];                     // received, sent
    int64_t urgency, seq;             // behind this one
    struct referral *at;
    size_t n, cap;
};

static int by_urgency(const void *a_, const void *b_)
{
    const struct referral *a = a_, *b = b_;
    if (a->urgency != b->urgency)
        return a->urgency < b->urgency ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

// Keeps the first page and one more; a referral between two units of one person comes twice and stays once.
static void cut(struct listing *l)
{
    size_t n = 0;
    if (l->n == 0)
        return;
    qsort(l->at, l->n, sizeof *l->at, by_urgency);
    for (size_t i = 0; i < l->n && n < REFERRAL_PAGE + 1; i++)
        if (n == 0 || l->at[n - 1].seq != l->at[i].seq)
            l->at[n++] = l->at[i];
    l->n = n;
}

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    const struct person *who = &l->rq->who;
    enum err e = OK;
    l->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++)
        for (unsigned walk = 0; walk < 2 * REFERRAL_STATES && !e; walk++) {
            size_t n = 0;
            if (!l->states[walk / 2] || !l->side[walk % 2])
                continue;
            e = referral_walk_db(db, l->rq, who->units[u], walk % 2 == 0, (enum referral_state)(walk / 2), l->urgency, l->seq, l->at + l->n,
                                 REFERRAL_PAGE + 1, &n);
            l->n += n;
            cut(l);
        }
    return e;
}

static struct list tabs(struct req *rq, struct str asked)
{
    struct exchange_tab *at = arena_array(rq->arena, REFERRAL_STATES + 1, sizeof *at);
    if (!at)
        return (struct list){0};
    for (unsigned s = 0; s < REFERRAL_STATES; s++) {
        struct str name = str_from(referral_state_name((enum referral_state)s));
        at[s] = (struct exchange_tab){.state = name, .label = text_get(rq->lang, exchange_state_message(s)),
                                      .here = str_equal(name, asked) || (!asked.n && s == REFERRAL_SENT)};
    }
    at[REFERRAL_STATES] = (struct exchange_tab){.state = STR("all"), .label = text_get(rq->lang, MSG_EXCHANGE_STATE_ALL),
                                                .here = str_equal_z(asked, "all")};
    return (struct list){at, REFERRAL_STATES + 1};
}

static struct list sides(struct req *rq, struct str asked)
{
    static const enum message words[] = {MSG_EXCHANGE_SIDE_BOTH, MSG_EXCHANGE_SIDE_RECEIVED, MSG_EXCHANGE_SIDE_SENT};
    static const char *const names[] = {"", "received", "sent"};
    struct exchange_tab *at = arena_array(rq->arena, 3, sizeof *at);
    for (size_t i = 0; at && i < 3; i++)
        at[i] = (struct exchange_tab){.state = str_from(names[i]), .label = text_get(rq->lang, words[i]), .here = str_equal_z(asked, names[i])};
    return (struct list){at, at ? 3 : 0};
}

static struct referral_row row_of(struct req *rq, const struct referral *r)
{
    const struct pack *p = rq->sv->pack;
    bool waits = r->state == REFERRAL_SENT || r->state == REFERRAL_ASKED;
    return (struct referral_row){
        .id = r->id, .case_id = r->case_id, .from = r->from, .to = r->to, .kind = r->transfer ? STR("transfer") : STR("referral"),
        .from_name = r->from_name, .to_name = r->to_name, .purpose = r->purpose, .ground = r->ground,
        .state = str_from(referral_state_name(r->state)), .fields = r->fields, .outcome = r->outcome,
        .direction = r->to_me ? STR("received") : STR("sent"), .consent = r->consent, .urgency = r->urgency, .sent_at = r->sent,
        .answer_due = r->answer_due, .purpose_text = pack_label(p, "referral_purpose", r->purpose, rq->lang),
        .state_text = text_get(rq->lang, exchange_state_message(r->state)), .sent_text = req_time(rq, r->sent),
        .due_text = waits ? req_time(rq, r->answer_due) : STR(""), .urgency_text = exchange_urgency(rq, r->urgency),
        .kind_text = text_get(rq->lang, r->transfer ? MSG_EXCHANGE_KIND_TRANSFER : MSG_EXCHANGE_KIND_REFERRAL),
        .late = exchange_late(r->state, r->answer_due, rq->now), .received = r->to_me,
    };
}

static enum err after_read(struct req *rq, struct str after, struct listing *l) // "2-1234": urgency and seq
{
    struct str rest = after, urgency = str_cut(&rest, '-');
    if (str_int(urgency, &l->urgency) || str_int(rest, &l->seq))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    return OK;
}

enum err referral_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_list_in *in = in_;
    struct referral_list_out *out = out_;
    struct listing l = {.rq = rq, .at = arena_array(rq->arena, 2 * (REFERRAL_PAGE + 1), sizeof *l.at)};
    struct referral_row *rows = arena_array(rq->arena, REFERRAL_PAGE, sizeof *rows);
    enum referral_state one;
    if (!l.at || !rows)
        return ERR_MEMORY;
    bool all = str_equal_z(in->state, "all") || (!in->state.n && rq->json); // the page opens with what waits
    if (!all && referral_state_read(in->state.n ? in->state : STR("sent"), &one))
        return req_refuse(rq, "state", MSG_WEB_FIELD_CHOICE);
    for (unsigned s = 0; s < REFERRAL_STATES; s++)
        l.states[s] = all || s == one;
    if (in->direction.n && !str_equal_z(in->direction, "received") && !str_equal_z(in->direction, "sent"))
        return req_refuse(rq, "direction", MSG_WEB_FIELD_CHOICE);
    l.side[0] = !str_equal_z(in->direction, "sent");
    l.side[1] = !str_equal_z(in->direction, "received");
    enum err e = in->after.n ? after_read(rq, in->after, &l) : OK;
    if (!e)
        e = store_read(rq->sv->store, listing_read, &l);
    if (e)
        return e;
    size_t n = l.n > REFERRAL_PAGE ? REFERRAL_PAGE : l.n;
    for (size_t i = 0; i < n; i++)
        rows[i] = row_of(rq, &l.at[i]);
    out->referrals = (struct list){rows, n};
    if (l.n > REFERRAL_PAGE)
        out->next = arena_printf(rq->arena, "%lld-%lld", (long long)l.at[n - 1].urgency, (long long)l.at[n - 1].seq);
    out->tabs = tabs(rq, in->state);
    out->state = in->state.n ? in->state : STR("sent");
    out->sides = sides(rq, in->direction);
    out->direction = in->direction;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
