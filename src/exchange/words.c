// A referral in words.
#include <time.h>
#include "base/clock.h"
#include "exchange/handlers.h"
#include "text/date.h"

enum err exchange_day_read(struct str day, int64_t *out)
{
    int64_t y, m, d;
    struct str rest = day, year = str_cut(&rest, '-'), month = str_cut(&rest, '-');
    if (day.n != 10 || year.n != 4 || month.n != 2 || rest.n != 2 || str_int(year, &y) || str_int(month, &m) || str_int(rest, &d) || y < 2000 ||
        m < 1 || d < 1)
        return ERR_MALFORMED;
    struct tm tm = {.tm_year = (int)y - 1900, .tm_mon = (int)m - 1, .tm_mday = (int)d, .tm_hour = 12};
    time_t at = timegm(&tm); // a day that does not exist comes back as another one
    if (tm.tm_year != y - 1900 || tm.tm_mon != m - 1 || tm.tm_mday != d)
        return ERR_MALFORMED;
    *out = (int64_t)at * CLOCK_SECOND;
    return OK;
}

struct str exchange_urgency(const struct req *rq, int64_t urgency)
{
    static const enum message words[] = {MSG_DESK_URGENCY_1, MSG_DESK_URGENCY_2, MSG_DESK_URGENCY_3, MSG_DESK_URGENCY_4};
    return urgency >= 1 && urgency <= 4 ? text_get(rq->lang, words[urgency - 1]) : STR("");
}

enum message exchange_state_message(unsigned state)
{
    static const enum message words[REFERRAL_STATES] = {
        [REFERRAL_SENT] = MSG_EXCHANGE_STATE_SENT, [REFERRAL_ACCEPTED] = MSG_EXCHANGE_STATE_ACCEPTED,
        [REFERRAL_DECLINED] = MSG_EXCHANGE_STATE_DECLINED, [REFERRAL_ASKED] = MSG_EXCHANGE_STATE_ASKED,
        [REFERRAL_RETURNED] = MSG_EXCHANGE_STATE_RETURNED, [REFERRAL_DONE] = MSG_EXCHANGE_STATE_DONE,
        [REFERRAL_REVOKED] = MSG_EXCHANGE_STATE_REVOKED,
    };
    return words[state < REFERRAL_STATES ? state : REFERRAL_SENT];
}

enum message exchange_act_message(struct str kind)
{
    static const enum message words[REFERRAL_ACTS] = {
        [REFERRAL_ACCEPT] = MSG_EXCHANGE_DID_ACCEPT, [REFERRAL_DECLINE] = MSG_EXCHANGE_DID_DECLINE, [REFERRAL_ASK] = MSG_EXCHANGE_DID_ASK,
        [REFERRAL_ANSWER] = MSG_EXCHANGE_DID_ANSWER, [REFERRAL_RETURN] = MSG_EXCHANGE_DID_RETURN,
        [REFERRAL_FINISH] = MSG_EXCHANGE_DID_DONE, [REFERRAL_REVOKE] = MSG_EXCHANGE_DID_REVOKE,
        [REFERRAL_PROGRESS] = MSG_EXCHANGE_DID_PROGRESS, [REFERRAL_ADD] = MSG_EXCHANGE_DID_ADD,
    };
    for (unsigned a = 0; a < REFERRAL_ACTS; a++)
        if (str_equal_z(kind, referral_act_name((enum referral_act)a)))
            return words[a];
    return MSG_EXCHANGE_DID_SENT;
}

struct str exchange_filled(const struct req *rq, enum message m, struct str name)
{
    struct buf b;
    buf_init(&b, 2048);
    text_put(&b, rq->lang, m, TEXT_ARGS(TEXT_S("name", name)));
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

