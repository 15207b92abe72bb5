// Values, lights and days as people read them.
#include "plan/handlers.h"

struct str plan_label(const struct req *rq, const struct pack_text *t)
{
    return t ? pack_words(rq->sv->pack, t, rq->lang) : STR("");
}

static struct str taken(const struct req *rq, struct buf *b)
{
    struct str out = arena_str(rq->arena, text_arg_str(buf_str(b)));
    buf_free(b);
    return out;
}

struct str plan_sentence(const struct req *rq, enum message m, size_t n, const struct text_arg *args)
{
    struct buf b;
    buf_init(&b, 4000);
    text_put(&b, rq->lang, m, n, args);
    return taken(rq, &b);
}

// Groups of three with a space that does not break, and the language's sign before decimals.
struct str plan_amount_text(const struct req *rq, int64_t amount)
{
    struct buf plain, b;
    buf_init(&plain, 64);
    buf_init(&b, 200);
    buf_put_amount(&plain, amount);
    struct str rest = buf_str(&plain), whole = str_cut(&rest, '.');
    size_t minus = whole.n && whole.at[0] == '-';
    for (size_t i = 0; i < whole.n; i++) {
        if (i > minus && (whole.n - i) % 3 == 0 && whole.n - minus > 4)
            buf_put_z(&b, "\u00a0");
        buf_put_c(&b, whole.at[i]);
    }
    if (rest.n) {
        buf_put(&b, text_get(rq->lang, MSG_PLAN_DECIMAL));
        buf_put(&b, rest);
    }
    buf_free(&plain);
    return taken(rq, &b);
}

int64_t plan_percent(struct plan_part p) // half away from zero, as values are
{
    __extension__ typedef __int128 wide;
    wide twice = (wide)200 * PLAN_ONE * p.n, of = p.of;
    return p.of > 0 ? (int64_t)((twice < 0 ? twice - of : twice + of) / (2 * of)) : PLAN_NOT_SET;
}

// To a tenth, halves away from zero.
static int64_t tenth(int64_t amount)
{
    const int64_t step = PLAN_ONE / 10;
    return (amount >= 0 ? amount + step / 2 : amount - step / 2) / step * step;
}

struct str plan_value_text(const struct req *rq, const struct pack_plan_indicator *x, int64_t value)
{
    if (value == PLAN_NOT_SET)
        return STR("");
    if (x->kind == PACK_PLAN_PERCENT)
        return plan_sentence(rq, MSG_PLAN_PERCENT, TEXT_ARGS(TEXT_S("n", plan_amount_text(rq, tenth(value)))));
    return plan_amount_text(rq, value);
}

struct str plan_part_text(const struct req *rq, struct plan_part p)
{
    return p.of <= 0 ? STR("") : plan_sentence(rq, MSG_PLAN_PERCENT, TEXT_ARGS(TEXT_S("n", plan_amount_text(rq, plan_part_tenths(p) * PLAN_ONE / 10))));
}

struct str plan_mean_text(const struct req *rq, struct plan_mean m)
{
    return m.n == 0 ? STR("") : plan_sentence(rq, MSG_PLAN_PERCENT, TEXT_ARGS(TEXT_S("n", plan_amount_text(rq, plan_mean_tenths(m) * PLAN_ONE / 10))));
}

struct str plan_light_text(const struct req *rq, enum plan_light light)
{
    static const enum message words[] = {[PLAN_GREY] = MSG_PLAN_LIGHT_NO_DATA,
                                         [PLAN_FAR_BEHIND] = MSG_PLAN_LIGHT_FAR_BEHIND,
                                         [PLAN_BEHIND] = MSG_PLAN_LIGHT_BEHIND,
                                         [PLAN_ON_TRACK] = MSG_PLAN_LIGHT_ON_TRACK,
                                         [PLAN_AHEAD] = MSG_PLAN_LIGHT_AHEAD};
    return text_get(rq->lang, words[light]);
}

struct str plan_trend_text(const struct req *rq, enum plan_trend trend)
{
    static const enum message words[] = {[PLAN_TREND_NONE] = MSG_PLAN_TREND_NO_DATA,
                                         [PLAN_TREND_BACK] = MSG_PLAN_TREND_BACK,
                                         [PLAN_TREND_STILL] = MSG_PLAN_TREND_STILL,
                                         [PLAN_TREND_SLOW] = MSG_PLAN_TREND_SLOW,
                                         [PLAN_TREND_ON_COURSE] = MSG_PLAN_TREND_ON_COURSE};
    return text_get(rq->lang, words[trend]);
}

struct str plan_state_text(const struct req *rq, enum plan_state s)
{
    static const enum message words[] = {[PLAN_DRAFT] = MSG_PLAN_STATE_DRAFT, [PLAN_IN_FORCE] = MSG_PLAN_STATE_IN_FORCE,
                                         [PLAN_CLOSED] = MSG_PLAN_STATE_CLOSED};
    return text_get(rq->lang, words[s]);
}

struct str plan_source_text(const struct req *rq, const struct pack_plan_indicator *x)
{
    static const enum message words[] = {[PACK_PLAN_LIVE] = MSG_PLAN_SOURCE_LIVE,
                                         [PACK_PLAN_ENTRY] = MSG_PLAN_SOURCE_ENTRY,
                                         [PACK_PLAN_MIXED] = MSG_PLAN_SOURCE_MIXED};
    return text_get(rq->lang, words[x->source]);
}

struct str plan_until_text(const struct req *rq, struct str until)
{
    static const struct { const char *room; enum message word; } rooms[] = {
        {"schools", MSG_PLAN_UNTIL_SCHOOLS}, {"helpline", MSG_PLAN_UNTIL_HELPLINE},
        {"library", MSG_PLAN_UNTIL_LIBRARY}, {"values", MSG_PLAN_UNTIL_VALUES},
        {"budget", MSG_PLAN_UNTIL_BUDGET}, {"reports", MSG_PLAN_UNTIL_REPORTS}};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (str_equal_z(until, rooms[i].room))
            return text_get(rq->lang, rooms[i].word);
    return STR("");
}

struct str plan_day_text(const struct req *rq, int64_t day)
{
    return req_date(rq, plan_day_noon(day), DATE_DAY);
}

struct list plan_questions(const struct req *rq, const struct pack_plan *plan, const struct pack_plan_term *t, size_t n)
{
    struct choice *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        struct buf b;
        buf_init(&b, 8000);
        plan_term_say(&b, rq->sv->pack, plan, &t[i], rq->lang);
        at[i].label = taken(rq, &b);
    }
    return (struct list){at, at ? n : 0};
}
