// The lists of a unit's referrals, received and sent: metadata only, most urgent first. A page is merged from one ordered
// walk per unit, side and state. The page opens with what waits for the reader's own units: what came and has no answer yet or owes
// its outcome, what was asked about, and whatever has something new in it.
#include <stdlib.h>
#include <string.h>
#include "exchange/handlers.h"

struct listing {
    struct req *rq;
    bool walks[2][REFERRAL_STATES];   // received, sent
    bool owed;                        // accepted: only what still owes its outcome
    bool news[2];                     // those with something new, whatever their state
    bool side[2];                     // received, sent: asked for
    int64_t count[REFERRAL_STATES];   // for the tabs of a page
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

// How many there are in the states that still move, on the side that is asked for; a referral between two of one's own counts twice.
static enum err counts_read(struct db *db, struct listing *l)
{
    static const enum referral_state open[] = {REFERRAL_SENT, REFERRAL_ASKED, REFERRAL_ACCEPTED};
    const struct person *who = &l->rq->who;
    enum err e = OK;
    memset(l->count, 0, sizeof l->count);
    for (size_t u = 0; u < who->n_units && !e && !l->rq->json; u++)
        for (size_t i = 0; i < sizeof open / sizeof *open && !e; i++)
            for (int side = 0; side < 2 && !e; side++)
                if (l->side[side])
                    e = referral_count_state_db(db, who->units[u], side == 0, open[i], &l->count[open[i]]);
    return e;
}

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    const struct person *who = &l->rq->who;
    enum err e = OK;
    l->n = 0;
    for (size_t u = 0; u < who->n_units && !e; u++)
        for (unsigned walk = 0; walk < 2 * (REFERRAL_STATES + 1) && !e; walk++) {
            size_t n = 0, side = walk % 2, state = walk / 2;
            if (state < REFERRAL_STATES ? !l->walks[side][state] : !l->news[side])
                continue;
            e = state < REFERRAL_STATES
                    ? referral_walk_db(db, l->rq, who->units[u], side == 0, (enum referral_state)state,
                                       l->owed && state == REFERRAL_ACCEPTED, l->urgency, l->seq, l->at + l->n,
                                       REFERRAL_PAGE + 1, &n)
                    : referral_news_walk_db(db, l->rq, who->units[u], side == 0, l->urgency, l->seq, l->at + l->n,
                                            REFERRAL_PAGE + 1, &n);
            l->n += n;
            cut(l);
        }
    return e ? e : counts_read(db, l);
}

static struct list tabs(struct req *rq, struct str asked, const int64_t count[REFERRAL_STATES])
{
    struct exchange_tab *at = arena_array(rq->arena, REFERRAL_STATES + 2, sizeof *at);
    if (!at)
        return (struct list){0};
    at[0] = (struct exchange_tab){.state = STR("waiting"), .label = text_get(rq->lang, MSG_EXCHANGE_STATE_WAITING),
                                  .here = str_equal_z(asked, "waiting")};
    for (unsigned s = 0; s < REFERRAL_STATES; s++) {
        struct str name = str_from(referral_state_name((enum referral_state)s));
        at[s + 1] = (struct exchange_tab){.state = name, .label = text_get(rq->lang, exchange_state_message(s)),
                                          .here = str_equal(name, asked), .n = count[s]};
    }
    at[REFERRAL_STATES + 1] = (struct exchange_tab){.state = STR("all"), .label = text_get(rq->lang, MSG_EXCHANGE_STATE_ALL),
                                                    .here = str_equal_z(asked, "all")};
    return (struct list){at, REFERRAL_STATES + 2};
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
    bool waits = referral_holds(r->transfer, r->state);
    return (struct referral_row){
        .id = r->id, .case_id = r->case_id, .from = r->from, .to = r->to, .kind = r->transfer ? STR("transfer") : STR("referral"),
        .from_name = r->from_name, .to_name = r->to_name, .purpose = r->purpose, .ground = r->ground,
        .state = str_from(referral_state_name(r->state)), .fields = r->fields, .outcome = r->outcome,
        .direction = r->to_me ? STR("received") : STR("sent"), .consent = r->consent, .urgency = r->urgency, .sent_at = r->sent,
        .answer_due = r->answer_due, .purpose_text = pack_label(p, "referral_purpose", r->purpose, rq->lang),
        .state_text = text_get(rq->lang, exchange_state_message(r->state)), .sent_text = req_time(rq, r->sent),
        .due_text = waits ? req_time(rq, r->answer_due) : STR(""), .urgency_text = exchange_urgency(rq, r->urgency),
        .kind_text = text_get(rq->lang, r->transfer ? MSG_EXCHANGE_KIND_TRANSFER : MSG_EXCHANGE_KIND_REFERRAL),
        .late = exchange_late(r->transfer, r->state, r->answer_due, rq->now), .received = r->to_me, .news = r->news,
    };
}

static enum err after_read(struct req *rq, struct str after, struct listing *l) // "2-1234": urgency and seq
{
    struct str rest = after, urgency = str_cut(&rest, '-');
    if (str_int(urgency, &l->urgency) || str_int(rest, &l->seq))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    return OK;
}

static enum err walks_choose(struct listing *l, struct str asked)
{
    enum referral_state one = REFERRAL_SENT;
    bool all = str_equal_z(asked, "all"), waiting = str_equal_z(asked, "waiting");
    if (!all && !waiting && referral_state_read(asked, &one))
        return ERR_INVALID;
    for (unsigned s = 0; s < REFERRAL_STATES; s++)
        for (int side = 0; side < 2; side++) {
            bool ours = side == 0 ? s == REFERRAL_SENT || s == REFERRAL_ACCEPTED : s == REFERRAL_ASKED;
            l->walks[side][s] = l->side[side] && (all || (waiting ? ours : s == one));
        }
    l->owed = waiting;
    for (int side = 0; side < 2; side++)
        l->news[side] = waiting && l->side[side];
    return OK;
}

enum err referral_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_list_in *in = in_;
    struct referral_list_out *out = out_;
    struct listing l = {.rq = rq, .at = arena_array(rq->arena, 2 * (REFERRAL_PAGE + 1), sizeof *l.at)};
    struct referral_row *rows = arena_array(rq->arena, REFERRAL_PAGE, sizeof *rows);
    struct str asked = in->state.n ? in->state : rq->json ? STR("all") : STR("waiting"); // the page opens with what waits
    if (!l.at || !rows)
        return ERR_MEMORY;
    if (in->direction.n && !str_equal_z(in->direction, "received") && !str_equal_z(in->direction, "sent"))
        return req_refuse(rq, "direction", MSG_WEB_FIELD_CHOICE);
    l.side[0] = !str_equal_z(in->direction, "sent");
    l.side[1] = !str_equal_z(in->direction, "received");
    if (walks_choose(&l, asked))
        return req_refuse(rq, "state", MSG_WEB_FIELD_CHOICE);
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
    out->tabs = tabs(rq, asked, l.count);
    out->state = asked;
    out->sides = sides(rq, in->direction);
    out->direction = in->direction;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}
