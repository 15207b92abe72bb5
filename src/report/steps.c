// What the work on a case tells its reporters: the codes, their sentences, and when one is told again.
#include "report/report.h"

// Pages come and go, and what stands last must be true; all else is said once a day, whatever came between.
enum again { AGAIN_DAY, AGAIN_TURN, AGAIN_ALWAYS };

#define WORDS(s) MSG_REPORT_STEP_##s, MSG_REPORT_STEP_##s##_NOW, MSG_REPORT_STEP_##s##_NEXT
static const struct {
    const char *name;
    enum again again;
    enum message message, now, next; // what happened, what is being done, what comes next
} steps[REPORT_STEPS] = {
    [STEP_CONSIDERED] = {"considered", AGAIN_DAY, WORDS(CONSIDERED)},
    [STEP_PLANNED] = {"planned", AGAIN_DAY, WORDS(PLANNED)},
    [STEP_HELP_ASKED] = {"help_asked", AGAIN_DAY, WORDS(HELP_ASKED)},
    [STEP_HELP_BEGUN] = {"help_begun", AGAIN_DAY, WORDS(HELP_BEGUN)},
    [STEP_HELP_DONE] = {"help_done", AGAIN_DAY, WORDS(HELP_DONE)},
    [STEP_HANDED_OVER] = {"handed_over", AGAIN_DAY, WORDS(HANDED_OVER)},
    [STEP_REMOVAL_ASKED] = {"removal_asked", AGAIN_TURN, WORDS(REMOVAL_ASKED)},
    [STEP_REMOVED] = {"removed", AGAIN_TURN, WORDS(REMOVED)},
    [STEP_CAME_BACK] = {"came_back", AGAIN_TURN, WORDS(CAME_BACK)},
    [STEP_DECIDING] = {"deciding", AGAIN_DAY, WORDS(DECIDING)},
    [STEP_DECIDED] = {"decided", AGAIN_DAY, WORDS(DECIDED)},
    [STEP_REOPENED] = {"reopened", AGAIN_ALWAYS, WORDS(REOPENED)},
};

const char *report_step_name(enum report_step s)
{
    return (unsigned)s < REPORT_STEPS ? steps[s].name : "";
}

enum err report_step_read(struct str name, enum report_step *out)
{
    for (unsigned s = 0; s < REPORT_STEPS; s++)
        if (str_equal_z(name, steps[s].name)) {
            *out = (enum report_step)s;
            return OK;
        }
    return ERR_MALFORMED;
}

enum message report_step_message(enum report_step s)
{
    return (unsigned)s < REPORT_STEPS ? steps[s].message : MSG_NONE;
}

enum message report_step_now(enum report_step s)
{
    return (unsigned)s < REPORT_STEPS ? steps[s].now : MSG_NONE;
}

enum message report_step_next(enum report_step s)
{
    return (unsigned)s < REPORT_STEPS ? steps[s].next : MSG_NONE;
}

enum report_step_seen report_step_seen(enum report_step s, struct str earlier)
{
    enum report_step one;
    if (steps[s].again == AGAIN_ALWAYS)
        return TOLD_ANEW;
    if (report_step_read(earlier, &one))
        return TOLD_NOT;
    if (one == s)
        return TOLD_ALREADY;
    return steps[s].again == AGAIN_TURN && steps[one].again == AGAIN_TURN ? TOLD_ANEW : TOLD_NOT;
}
