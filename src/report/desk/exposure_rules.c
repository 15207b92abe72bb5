#include "base/clock.h"
#include "report/desk/exposure.h"

static int64_t since(const struct exposure *e, int64_t now) // seconds since the newest opening
{
    return now > e->last ? (now - e->last) / CLOCK_SECOND : 0;
}

struct exposure exposure_at(const struct pack_wellbeing *w, const struct exposure *e, int64_t now)
{
    struct exposure out = *e;
    if (e->last == 0)
        return out;
    int64_t gone = since(e, now), counted = gone < w->each ? gone : w->each;
    out.seconds += counted;
    out.stretch = gone - counted >= w->pause ? 0 : e->stretch + counted;
    return out;
}

enum exposure_stop exposure_look(const struct pack_wellbeing *w, const struct exposure *e, int64_t now, int64_t minute, bool on_call,
                                 int64_t *wait)
{
    struct exposure x = exposure_at(w, e, now);
    bool night = w->late_from > w->late_to;
    bool late = night ? minute >= w->late_from || minute < w->late_to : minute >= w->late_from && minute < w->late_to;
    *wait = 0;
    if (late && !on_call)
        return EXPOSURE_LATE;
    if (x.seconds >= w->day)
        return EXPOSURE_DAY;
    if (x.stretch >= w->stretch) {
        *wait = w->each + w->pause - since(e, now);
        return EXPOSURE_PAUSE;
    }
    return EXPOSURE_FREE;
}

struct exposure exposure_open(const struct pack_wellbeing *w, const struct exposure *e, int64_t now)
{
    struct exposure out = exposure_at(w, e, now);
    out.last = now;
    out.openings++;
    return out;
}

const char *exposure_stop_name(enum exposure_stop s)
{
    static const char *const names[] = {"", "day", "pause", "late"};
    return names[s];
}
