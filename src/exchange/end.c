// Ending what another unit had sent of a case that is one's own now: a former owner's referral goes on and holds the case, and
// the unit that answers for the case has no key to it. It needs none: what it does is said in the case, under the case's key.
#include "exchange/handlers.h"

struct ending { struct referral row; enum referral_state to; };

static enum err end_look(struct db *db, struct case_work *w)
{
    struct ending *x = w->more;
    return referral_of_case_db(db, w->rq, w->rq->id, w->rq->id2, &x->row);
}

// One's own is revoked with its key, so that its receiver reads why.
static enum err end_ready(struct case_work *w)
{
    struct ending *x = w->more;
    if (id_equal(x->row.from, w->at.owner) || x->row.taken_back != INT64_MIN || !referral_may(REFERRAL_REVOKE, x->row.transfer, x->row.state, &x->to))
        return case_refuse(w, MSG_EXCHANGE_NOT_NOW);
    return OK;
}

static enum err end_write(struct db *db, struct case_work *w)
{
    const struct ending *x = w->more;
    w->told = true;
    return referral_act_db(db, w->rq, &x->row, REFERRAL_REVOKE, x->to, STR(""));
}

enum err referral_end_fill(struct req *rq, const void *in, void *out_)
{
    struct referral_act_out *out = out_;
    (void)in;
    *out = (struct referral_act_out){.case_id = rq->id, .of_case = true};
    return OK;
}

enum err referral_end_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_act_in *in = in_;
    struct referral_act_out *out = out_;
    struct ending *x = ARENA_NEW(rq->arena, struct ending);
    if (!x)
        return ERR_MEMORY;
    struct case_work w = {.rq = rq, .action = AUDIT_REFERRAL_REVOKED, .about = rq->id2, .history = "referral_ended", .kind = STR("referral_ended"),
                          .thing = rq->id2, .closed_too = true, .look = end_look, .ready = end_ready, .write = end_write, .more = x};
    words_put(&w.words, "text", str_trim(in->reason));
    enum err e = referral_end_fill(rq, in, out);
    e = e ? e : case_work_run(&w);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    referral_ring(rq, &x->row, x->row.from);
    referral_ring(rq, &x->row, x->row.to);
    out->id = rq->id2;
    out->state = str_from(referral_state_name(x->to));
    return OK;
}
