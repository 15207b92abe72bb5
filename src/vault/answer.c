// One request: who may ask, which op, the answer's packet.
#include <string.h>
#include "base/log.h"
#include "vault/inside.h"

static bool may_ask(const struct server *s, uid_t uid, uint8_t op)
{
    // The superuser is the command line (`isigurt user`): it signs in like everybody, and root could become the desk anyway.
    return uid == s->o.desk_uid || uid == 0 || op == OP_PING;
}

static enum err dispatch(struct work *w)
{
    switch (w->x->rq.op) {
    case OP_SIGNIN: return op_sign_in(w);
    case OP_SIGNOUT: return op_sign_out(w);
    case OP_OPEN: return op_open(w);
    case OP_SEAL: return w->x->rq.path.n ? op_seal(w) : op_seal_home(w);
    case OP_ADMIT: return op_admit(w);
    case OP_ROTATE: return w->x->rq.rewrap ? op_rewrap(w) : op_rotate(w);
    case OP_RECOVER: return op_recover(w);
    case OP_PASSWORD: return op_password(w);
    case OP_AUDIT: return op_audit(w);
    case OP_TAG: return op_tag(w);
    case OP_ACKNOWLEDGE: return op_acknowledge(w);
    case OP_PING: return op_ping(w);
    case OP_SESSION: return op_session(w);
    case OP_PERSON: return op_person(w);
    case OP_END: return op_end(w);
    case OP_GRANT: return op_grant(w);
    case OP_LINK: return op_link(w);
    case OP_REKEY: return op_rekey(w);
    case OP_AGREE: return op_agree(w);
    case OP_TRAIL: return op_trail(w);
    case OP_CONFIRM: return op_confirm(w);
    case OP_ANCHOR: return op_anchor(w);
    case OP_FILE: return op_file(w);
    case OP_ERASE: return op_erase(w);
    default: return ERR_MALFORMED;
    }
}

size_t server_answer(struct server *s, struct scratch *x, struct gate *g, uid_t uid, size_t n)
{
    struct buf out = {.at = (char *)x->out, .cap = sizeof x->out, .max = sizeof x->out, .secret = true};
    struct buf fields = {.at = (char *)x->out + WIRE_ANSWER_HEAD, .cap = sizeof x->out - WIRE_ANSWER_HEAD,
                         .max = sizeof x->out - WIRE_ANSWER_HEAD, .secret = true};
    struct work w = {.server = s, .x = x, .gate = g, .uid = uid, .out = &fields};
    enum err e = wire_request_read((struct str){(const char *)x->in, n}, &x->rq);
    if (!e) {
        memcpy(x->token.b, x->rq.token, TOKEN_BYTES);
        e = may_ask(s, uid, x->rq.op) ? dispatch(&w) : ERR_FORBIDDEN;
    }
    if (!e && buf_ok(&fields)) {
        log_event(LOG_ALARM, "answer-too-long", LOG_I("op", x->rq.op));
        e = ERR_TOO_LARGE;
    }
    if (e) {
        buf_clear(&fields);
    }
    if (e == ERR_LIMITED) {
        wire_put_u32(&fields, w.retry ? w.retry : 1);
    }
    wire_answer_head(&out, wire_status_of(e), x->rq.call);
    return out.n + fields.n;
}
