// The life of a report: its states, which step may follow which, and the sentence that the reporter reads.
#include "report/report.h"

#define TO(s) (1u << REPORT_##s)

static const struct {
    const char *name;
    unsigned next;        // bits of the states that may follow
    enum message message, now, next_message; // what happened, what is being done, what comes next
} states[REPORT_STATES] = {
    // A taken report may be given back. Assessed becomes taken where two do not agree any more (desk/assess.c), and one that is
    // taken out of its case is taken by who did that. Nothing becomes new again once it has been judged; a closed one opens again only
    // as taken, or with its case, so that somebody answers for it.
    [REPORT_NEW] = {"new", TO(TAKEN) | TO(SPAM), MSG_REPORT_STATE_NEW,
        MSG_REPORT_NOW_NEW, MSG_REPORT_NEXT_NEW},
    [REPORT_TAKEN] = {"taken", TO(NEW) | TO(ASSESSED) | TO(ANSWERED) | TO(IN_CASE) | TO(DUPLICATE) | TO(SPAM) | TO(WITHDRAWN) | TO(CLOSED),
                      MSG_REPORT_STATE_TAKEN,
        MSG_REPORT_NOW_TAKEN, MSG_REPORT_NEXT_TAKEN},
    [REPORT_ASSESSED] = {"assessed", TO(TAKEN) | TO(ANSWERED) | TO(IN_CASE) | TO(DUPLICATE) | TO(SPAM) | TO(WITHDRAWN) | TO(CLOSED),
                         MSG_REPORT_STATE_ASSESSED,
        MSG_REPORT_NOW_ASSESSED, MSG_REPORT_NEXT_ASSESSED},
    [REPORT_ANSWERED] = {"answered", TO(ASSESSED) | TO(IN_CASE) | TO(DUPLICATE) | TO(WITHDRAWN) | TO(CLOSED), MSG_REPORT_STATE_ANSWERED,
        MSG_REPORT_NOW_ANSWERED, MSG_REPORT_NEXT_ANSWERED},
    [REPORT_IN_CASE] = {"in_case", TO(TAKEN) | TO(ASSESSED) | TO(ANSWERED) | TO(CLOSED), MSG_REPORT_STATE_IN_CASE,
        MSG_REPORT_NOW_IN_CASE, MSG_REPORT_NEXT_IN_CASE},
    [REPORT_DUPLICATE] = {"duplicate", TO(TAKEN) | TO(CLOSED), MSG_REPORT_STATE_DUPLICATE,
        MSG_REPORT_NOW_DUPLICATE, MSG_REPORT_NEXT_DUPLICATE},
    [REPORT_SPAM] = {"spam", TO(TAKEN) | TO(CLOSED), MSG_REPORT_STATE_SPAM,
        MSG_REPORT_NOW_SPAM, MSG_REPORT_NEXT_SPAM},
    [REPORT_WITHDRAWN] = {"withdrawn", TO(TAKEN) | TO(CLOSED), MSG_REPORT_STATE_WITHDRAWN,
        MSG_REPORT_NOW_WITHDRAWN, MSG_REPORT_NEXT_WITHDRAWN},
    [REPORT_CLOSED] = {"closed", TO(TAKEN) | TO(IN_CASE) | TO(DUPLICATE), MSG_REPORT_STATE_CLOSED,
        MSG_REPORT_NOW_CLOSED, MSG_REPORT_NEXT_CLOSED},
};

const char *report_state_name(enum report_state s)
{
    return (unsigned)s < REPORT_STATES ? states[s].name : "";
}

enum err report_state_read(struct str name, enum report_state *out)
{
    for (unsigned s = 0; s < REPORT_STATES; s++)
        if (str_equal_z(name, states[s].name)) {
            *out = (enum report_state)s;
            return OK;
        }
    return ERR_MALFORMED;
}

bool report_state_may(enum report_state from, enum report_state to)
{
    return (unsigned)from < REPORT_STATES && (unsigned)to < REPORT_STATES && (states[from].next >> to & 1);
}

bool report_state_open(enum report_state s)
{
    return s == REPORT_NEW || s == REPORT_TAKEN || s == REPORT_ASSESSED || s == REPORT_ANSWERED || s == REPORT_IN_CASE;
}

enum message report_state_message(enum report_state s)
{
    return (unsigned)s < REPORT_STATES ? states[s].message : MSG_NONE;
}

enum message report_state_now(enum report_state s)
{
    return (unsigned)s < REPORT_STATES ? states[s].now : MSG_NONE;
}

enum message report_state_next(enum report_state s)
{
    return (unsigned)s < REPORT_STATES ? states[s].next_message : MSG_NONE;
}
