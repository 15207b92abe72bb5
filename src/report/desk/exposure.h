// exposure: how long a worker has reports of sexual content open (SPEC D4). One opening counts until the next one, at most
// `each` seconds of the pack; what lies between is a break. Never which report.
#pragma once
#include "pack/pack.h"

struct exposure {        // one worker, one local day; zeroes: nothing yet
    int64_t seconds, openings, last, stretch;
};
enum exposure_stop { EXPOSURE_FREE, EXPOSURE_DAY, EXPOSURE_PAUSE, EXPOSURE_LATE };
// What it is at `now`, the opening that still runs counted in. Pure.
struct exposure exposure_at(const struct pack_wellbeing *w, const struct exposure *e, int64_t now);
// May another be opened? *wait: seconds until then, where it is a break. minute: of the local day; on_call: the late hours are his.
enum exposure_stop exposure_look(const struct pack_wellbeing *w, const struct exposure *e, int64_t now, int64_t minute, bool on_call,
                                 int64_t *wait);
struct exposure exposure_open(const struct pack_wellbeing *w, const struct exposure *e, int64_t now);
const char *exposure_stop_name(enum exposure_stop s); // "", "day", "pause", "late"
