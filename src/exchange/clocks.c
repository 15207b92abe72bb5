// The clocks of a referral: until when whoever's turn it is has answered, who hears next, and what is late. Pages and the courier
// ask here, so that they never differ.
#include "base/clock.h"
#include "base/log.h"
#include "exchange/exchange.h"

static enum pack_clock clock_of(int64_t urgency)
{
    static const enum pack_clock clocks[] = {CLOCK_ANSWER_U1, CLOCK_ANSWER_U2, CLOCK_ANSWER_U3, CLOCK_ANSWER_U4};
    return clocks[urgency < 1 ? 0 : urgency > 4 ? 3 : urgency - 1];
}

int64_t exchange_answer_due(const struct pack *p, int64_t urgency, bool elapsed, int64_t from)
{
    enum pack_clock c = clock_of(urgency);
    int64_t at = from + pack_seconds(p, c) * CLOCK_SECOND;
    // Where the year's holidays are not known: elapsed time, which is sooner, so that nobody hears too late. And nobody is kept
    // from sharing what a child needs by a calendar.
    if (!elapsed && pack_due(p, c, from, &at))
        log_event(LOG_ALARM, "clock.no_holidays", LOG_I("urgency", urgency));
    return at;
}

int64_t exchange_outcome_due(const struct pack *p, int64_t urgency, int64_t from)
{
    static const enum pack_clock clocks[] = {CLOCK_OUTCOME_U1, CLOCK_OUTCOME_U2, CLOCK_OUTCOME_U3, CLOCK_OUTCOME_U4};
    return from + pack_seconds(p, clocks[urgency < 1 ? 0 : urgency > 4 ? 3 : urgency - 1]) * CLOCK_SECOND;
}

int64_t exchange_climb_at(const struct pack *p, enum referral_state s, int64_t urgency, bool elapsed, int64_t answer_due, int64_t told)
{
    int64_t at = answer_due;
    if (told >= EXCHANGE_CLIMBED_ALL)
        return INT64_MIN;
    for (int64_t i = s == REFERRAL_ACCEPTED ? -1 : 0; i < told; i++)
        at = exchange_answer_due(p, urgency, elapsed, at);
    return at;
}

bool exchange_late(bool transfer, enum referral_state s, int64_t answer_due, int64_t now)
{
    return referral_holds(transfer, s) && answer_due <= now;
}
