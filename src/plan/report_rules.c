#include "plan/report_rules.h"

static const char *const names[] = {"draft", "commenting", "approved", "presented", "published"};

const char *plan_report_state_name(enum plan_report_state s) { return names[s]; }

bool plan_report_state_read(struct str name, enum plan_report_state *out)
{
    for (enum plan_report_state s = 0; s < PLAN_REPORT_STATES; s++)
        if (str_equal_z(name, names[s])) {
            *out = s;
            return true;
        }
    return false;
}

static bool among(const struct str *at, size_t n, struct str code)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(at[i], code))
            return true;
    return false;
}

enum err plan_report_may(const struct pack_plan *plan, const struct plan_report_who *w, enum plan_report_state s,
                         enum plan_report_act act, enum plan_report_state *next)
{
    bool drafts = w->approves && among(plan->draft_by, plan->n_draft_by, w->code),
         approves = w->approves && among(plan->approve_by, plan->n_approve_by, w->code);
    bool early = s == PLAN_REPORT_DRAFT || s == PLAN_REPORT_COMMENTING;
    *next = s;
    switch (act) {
    case PLAN_REPORT_MAKE: return drafts || approves ? OK : ERR_FORBIDDEN;
    case PLAN_REPORT_REFRESH: return !drafts && !approves ? ERR_FORBIDDEN : early ? OK : ERR_CONFLICT;
    case PLAN_REPORT_OPEN:
        *next = PLAN_REPORT_COMMENTING;
        return !drafts && !approves ? ERR_FORBIDDEN : s == PLAN_REPORT_DRAFT ? OK : ERR_CONFLICT;
    case PLAN_REPORT_COMMENT: return !w->enters ? ERR_FORBIDDEN : s == PLAN_REPORT_COMMENTING ? OK : ERR_CONFLICT;
    case PLAN_REPORT_APPROVE: // by another person than whoever took the snapshot
        *next = PLAN_REPORT_APPROVED;
        return !approves || id_equal(w->person, w->maker) ? ERR_FORBIDDEN : s == PLAN_REPORT_COMMENTING ? OK : ERR_CONFLICT;
    case PLAN_REPORT_PRESENT:
        *next = PLAN_REPORT_PRESENTED;
        return !drafts && !approves ? ERR_FORBIDDEN : s == PLAN_REPORT_APPROVED ? OK : ERR_CONFLICT;
    case PLAN_REPORT_PUBLISH:
        *next = PLAN_REPORT_PUBLISHED;
        return !approves ? ERR_FORBIDDEN : s == PLAN_REPORT_PRESENTED ? OK : ERR_CONFLICT;
    }
    return ERR_BUG;
}
