// clock_climb: clocks of reports that have run out (take_due while new, act_due while taken) climb: place after place of the
// unit's roster, then its supervisors, and there they stay. Each step stands in the report's history and in the queue. Mails
// are bounded: one for each person and urgency in one look. Untaken reports call the roster by report_alarm, so of those only
// the supervisors are told here.
#pragma once
#include "report/report.h"

#define CLIMB_BATCH 500 // reports in one transaction: the desk writes in between
// One look; call each 5 s. How many climbed.
int64_t report_clocks_climb(struct services *sv);
