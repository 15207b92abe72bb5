// Words for pages: labels of the pack, states, days.
#include "pack/plan.h"
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

// Without the room `plan` (commands, tests of this room alone) the country pack's own plan.
static enum err pack_codes(const struct req *rq, bool indicators, struct list *out)
{
    const struct pack_plan *plan = pack_plan(rq->sv->pack);
    size_t n = !plan ? 0 : indicators ? plan->n_indicators : plan->n_activities;
    struct choice *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++)
        at[i] = (struct choice){indicators ? plan->indicator[i].code : plan->activity[i].code,
                                entry_label(rq, indicators ? plan->indicator[i].title : plan->activity[i].title), false};
    *out = (struct list){at, at ? n : 0};
    return at ? OK : ERR_MEMORY;
}

enum err entry_plan_codes(struct db *db, const struct req *rq, enum pack_kind kind, struct list *out)
{
    const bool indicators = kind == PACK_INDICATOR;
    return rq->sv->plan_codes ? rq->sv->plan_codes(db, rq, indicators, out) : pack_codes(rq, indicators, out);
}

const struct choice *entry_plan_code(const struct list *codes, struct str code)
{
    const struct choice *at = codes->at;
    for (size_t i = 0; i < codes->n; i++)
        if (str_equal(at[i].value, code))
            return &at[i];
    return NULL;
}

static struct str list_name(struct req *rq, const struct pack_register_field *f)
{
    return arena_printf(rq->arena, "%.*s", STR_ARG(f->list)); // a NUL follows
}

// Groups of three with a space that does not break: 1 250 000.
static struct str grouped(struct req *rq, struct str digits)
{
    struct buf b;
    buf_init(&b, 100);
    for (size_t i = 0; i < digits.n; i++) {
        if (i > 0 && (digits.n - i) % 3 == 0)
            buf_put_z(&b, "\u00a0");
        buf_put_c(&b, digits.at[i]);
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

struct str entry_value_text(struct req *rq, const struct pack_register_field *f, struct str value)
{
    struct str list = f->list.n > 0 ? list_name(rq, f) : STR("");
    if (f->kind == PACK_CHOICE)
        return pack_label(rq->sv->pack, list.at, value, rq->lang);
    if (f->kind == PACK_PERCENT && value.n > 0)
        return arena_printf(rq->arena, "%.*s\u00a0%%", STR_ARG(value));
    if (f->kind == PACK_MONEY && value.n > 3)
        return grouped(rq, value);
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
