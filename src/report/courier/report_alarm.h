// report_alarm: calls people by mail and webhook where nobody looks. One alarm for a unit's untaken reports of one
// urgency, not one for each report: a flood must not become a flood of mails (attention is bounded, never admission).
//   nobody watches the queue            → the first on the roster at once
//   somebody watches, take_due passed   → the first on the roster then
//   still untaken                       → the next on the roster, U1 each CLOCK_RING_REPEAT_U1, round and round until
//                                         somebody takes it; others each CLOCK_MAIL_AFTER, once through the roster
//   nobody on call has an address       → the webhook alone, and an alarm in the log, each time, until somebody has one
//   a newer report of the same urgency  → tells the same person again, at most once a minute
#pragma once
#include "report/report.h"

// One look; call each 5 s and after a ring of "ingested". Fills the outbox, sends nothing itself.
void report_alarm_run(struct services *sv);
