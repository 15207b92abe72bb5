// plan/report_work: what the report says of milestones, money and narratives. Other files of the report only.
#pragma once
#include "plan/report.h"

struct plan_reporting { struct doc *d; struct arena *a; const struct plan_shot *s; const struct lang *l; bool en; };
void plan_report_objective(struct plan_reporting *g, const struct plan_shot_group *o); // milestones and execution of its activities
void plan_report_activity(struct plan_reporting *g, const struct plan_shot_group *x);  // its milestones, money by source, narratives
void plan_report_budget(struct plan_reporting *g);                                     // a part of its own
