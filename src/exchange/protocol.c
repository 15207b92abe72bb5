// The data-exchange protocol is a text with a version. It comes into force by a recorded decision, and a unit receives nothing
// before one of its members has accepted that version. Both are the keeper's rows and its audit: the desk only asks.
#include "exchange/handlers.h"

static enum err agree(struct req *rq, struct id unit, const struct exchange_protocol_in *in, struct exchange_protocol_out *out)
{
    if (in->version < 1 || in->version > UINT32_MAX)
        return req_refuse(rq, "version", MSG_WEB_FIELD_NUMBER);
    enum err e = keeper_agree(rq->sv->keeper, &rq->token, unit, (uint32_t)in->version);
    if (e == ERR_CONFLICT)
        return exchange_notice(rq, e, MSG_EXCHANGE_OTHER_VERSION);
    out->version = in->version;
    return e;
}

enum err exchange_protocol_run(struct req *rq, const void *in, void *out)
{
    return agree(rq, (struct id){{0}}, in, out);
}

enum err exchange_agree_run(struct req *rq, const void *in, void *out)
{
    return referral_own(&rq->who, rq->id) ? agree(rq, rq->id, in, out) : ERR_NOT_FOUND;
}
