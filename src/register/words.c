// Words for pages: labels of the pack, states, days.
#include "register/handlers.h"
#include "text/date.h"

struct str entry_state_text(const struct req *rq, enum entry_state s)
{
    static const enum message words[] = {[ENTRY_DRAFT] = MSG_REGISTER_STATE_DRAFT, [ENTRY_ENTERED] = MSG_REGISTER_STATE_ENTERED,
                                         [ENTRY_RETURNED] = MSG_REGISTER_STATE_RETURNED, [ENTRY_CONFIRMED] = MSG_REGISTER_STATE_CONFIRMED,
                                         [ENTRY_REMOVED] = MSG_REGISTER_STATE_REMOVED};
    return text_get(rq->lang, words[s]);
}

struct str entry_label(const struct req *rq, const struct pack_text *t)
{
    return t ? pack_words(rq->sv->pack, t, rq->lang) : STR("");
}

struct str entry_stage_text(const struct req *rq, const struct pack_register *r, struct str stage)
{
    const struct pack_register_stage *s = pack_register_stage(r, stage);
    return s ? entry_label(rq, s->label) : stage;
}

static struct str list_name(struct req *rq, const struct pack_register_field *f)
{
    return arena_printf(rq->arena, "%.*s", STR_ARG(f->list)); // a NUL follows
}

struct str entry_value_text(struct req *rq, const struct pack_register_field *f, struct str value)
{
    struct str list = f->list.n > 0 ? list_name(rq, f) : STR("");
    if (f->kind == PACK_CHOICE)
        return pack_label(rq->sv->pack, list.at, value, rq->lang);
    if (f->kind != PACK_CHOICES)
        return value;
    struct str out = STR("");
    for (struct str rest = value; rest.n > 0;) {
        struct str one = pack_label(rq->sv->pack, list.at, str_cut(&rest, ' '), rq->lang);
        out = out.n > 0 ? arena_printf(rq->arena, "%.*s, %.*s", STR_ARG(out), STR_ARG(one)) : one;
    }
    return out;
}

const struct pack_register *entry_register(const struct req *rq, struct str code)
{
    return code.n > 0 ? pack_register(rq->sv->pack, code) : pack_register_at(rq->sv->pack, 0);
}
