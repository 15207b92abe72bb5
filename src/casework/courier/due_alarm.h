// due_alarm: tells whoever works on a case that one of its days is near or has come.
//   a review is due                    → on its day
//   the time for an appeal runs out    → CASE_APPEAL_NOTICE before
//   a task is due                      → on its day; to whoever has the task
// To the case's worker; where there is none, or without a mail address, to the supervisors of its unit. Once for each day
// that was set; where it is moved, again. A mail holds what is due and a link, nothing else.
#pragma once
#include "casework/casework.h"

#define CASE_APPEAL_NOTICE (3 * 86400 * INT64_C(1000000)) // µs
#define DUE_ALARM_MAX 256                                 // a transaction
// One look; call each 5 s. Fills the outbox, sends nothing itself.
void case_due_alarm_run(struct services *sv);
