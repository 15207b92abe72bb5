// The life of a case, and what may hold it open.
#include "casework/casework.h"

#define TO(s) (1u << CASE_##s)

static const struct {
    const char *name;
    unsigned next; // bits of the states that may follow
} states[CASE_STATES] = {
    // A case that turns out to need nothing may be closed from anywhere; what was asked to be closed and is not goes on
    // with a review, and so does what is opened again: somebody looks at the plan before the work goes on. A new plan puts
    // a case that has an approved one back to assessed: it is approved by somebody else like the first.
    [CASE_REGISTERED] = {"registered", TO(ASSESSED) | TO(CLOSING)},
    [CASE_ASSESSED] = {"assessed", TO(PLANNED) | TO(CLOSING)},
    [CASE_PLANNED] = {"planned", TO(ASSESSED) | TO(IMPLEMENTING) | TO(CLOSING)},
    [CASE_IMPLEMENTING] = {"implementing", TO(ASSESSED) | TO(REVIEW) | TO(CLOSING)},
    [CASE_REVIEW] = {"review", TO(ASSESSED) | TO(PLANNED) | TO(IMPLEMENTING) | TO(CLOSING)},
    [CASE_CLOSING] = {"closing", TO(REVIEW) | TO(CLOSED)},
    [CASE_CLOSED] = {"closed", TO(REVIEW)},
};

const char *case_state_name(enum case_state s)
{
    return (unsigned)s < CASE_STATES ? states[s].name : "";
}

enum err case_state_read(struct str name, enum case_state *out)
{
    for (unsigned s = 0; s < CASE_STATES; s++)
        if (str_equal_z(name, states[s].name)) {
            *out = (enum case_state)s;
            return OK;
        }
    return ERR_MALFORMED;
}

bool case_state_may(enum case_state from, enum case_state to)
{
    return (unsigned)from < CASE_STATES && (unsigned)to < CASE_STATES && (states[from].next >> to & 1);
}

const char *case_track_name(enum case_track t)
{
    static const char *const names[CASE_TRACKS] = {
        [TRACK_JUSTICE] = "justice", [TRACK_CONTENT] = "content", [TRACK_REFERRAL] = "referral", [TRACK_TASK] = "task",
        [TRACK_VERDICT] = "verdict",
    };
    return (unsigned)t < CASE_TRACKS ? names[t] : "";
}
