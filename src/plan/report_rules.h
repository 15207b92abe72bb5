// plan/report_rules: the steps of an annual report until it is published. Pure. Who drafts and who approves is the plan's to say.
#pragma once
#include "base/id.h"
#include "pack/plan.h"

//   draft       its snapshot may be taken anew
//   commenting  institutions say what they think; the snapshot may be taken anew
//   approved    by another person, of an institution that approves
//   presented   to whom, and what was decided
//   published   the public sees it
enum plan_report_state { PLAN_REPORT_DRAFT, PLAN_REPORT_COMMENTING, PLAN_REPORT_APPROVED, PLAN_REPORT_PRESENTED,
                        PLAN_REPORT_PUBLISHED, PLAN_REPORT_STATES };
const char *plan_report_state_name(enum plan_report_state s);
bool plan_report_state_read(struct str name, enum plan_report_state *out);
enum plan_report_act { PLAN_REPORT_MAKE, PLAN_REPORT_REFRESH, PLAN_REPORT_OPEN, PLAN_REPORT_COMMENT,
                      PLAN_REPORT_APPROVE, PLAN_REPORT_PRESENT, PLAN_REPORT_PUBLISH };
// code: of the person's institution; enters, approves: its permissions. maker: whoever took the snapshot.
struct plan_report_who { struct id person, maker; struct str code; bool enters, approves; };
// ERR_FORBIDDEN: never; ERR_CONFLICT: not in that state. MAKE is asked with DRAFT.
MUST_USE enum err plan_report_may(const struct pack_plan *plan, const struct plan_report_who *w,
                                  enum plan_report_state s, enum plan_report_act act, enum plan_report_state *next);
