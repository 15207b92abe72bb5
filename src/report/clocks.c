// The clocks of a report: until when it must be taken and assessed, until when what its reporter wrote afterwards must have
// been read, and how soon the next place hears of one that ran out.
#include "base/clock.h"
#include "report/report.h"

static const enum pack_clock takes[4] = {CLOCK_TAKE_U1, CLOCK_TAKE_U2, CLOCK_TAKE_U3, CLOCK_TAKE_U4};
static const enum pack_clock acts[4] = {CLOCK_ACT_U1, CLOCK_ACT_U2, CLOCK_ACT_U3, CLOCK_ACT_U4};
static const enum pack_clock climbs[4] = {CLOCK_CLIMB_U1, CLOCK_CLIMB_U2, CLOCK_CLIMB_U3, CLOCK_CLIMB_U4};

static const enum pack_clock messages[4] = {CLOCK_MESSAGE_U1, CLOCK_MESSAGE_U2, CLOCK_MESSAGE_U3, CLOCK_MESSAGE_U4};

static enum pack_clock clock_of(const enum pack_clock clocks[4], int64_t urgency)
{
    return clocks[urgency < 1 ? 0 : urgency > 4 ? 3 : urgency - 1];
}

// Elapsed time where the year's holidays are not known: sooner than by working days, so nothing is told too late.
static bool due(const struct pack *p, enum pack_clock c, bool sexual, int64_t from, int64_t *out)
{
    *out = from + pack_seconds(p, c) * CLOCK_SECOND;
    return sexual || pack_due(p, c, from, out) == OK;
}

bool report_clocks(const struct pack *p, struct str category, int64_t urgency, int64_t from, struct report_due *out)
{
    const struct pack_category *k = pack_category(p, category);
    bool sexual = !k || k->sexual; // a category that the pack no longer has: never slower than it may be
    enum pack_clock act = urgency == 3 && sexual ? CLOCK_ACT_U3_SEXUAL : clock_of(acts, urgency);
    bool take_known = due(p, clock_of(takes, urgency), sexual, from, &out->take);
    return due(p, act, sexual, from, &out->act) && take_known;
}

// A child who writes again does not wait for a working day.
int64_t report_message_due(const struct pack *p, int64_t urgency, int64_t from)
{
    return from + pack_seconds(p, clock_of(messages, urgency)) * CLOCK_SECOND;
}

int64_t report_climbs_next(const struct pack *p, int64_t urgency, int64_t now)
{
    int64_t at;
    (void)due(p, clock_of(climbs, urgency), false, now, &at);
    return at;
}
