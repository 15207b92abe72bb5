// answer_alarm: tells people that a referral waits for them, and climbs where nobody answers in time.
//   a referral has come, a question was asked or answered → the contact of the unit whose turn it is, at once
//   the answer is overdue                                 → the deputy; each further answer time: the head, a coordinator (clocks.c)
//   nobody has that place, or no mail address             → the next place at once
// A mail holds the urgency and a link, nothing else.
#pragma once
#include "exchange/exchange.h"

// One look; call each 5 s. At most ANSWER_ALARM_MAX referrals a transaction, until all are done or a minute has passed.
// Fills the outbox, sends nothing itself.
#define ANSWER_ALARM_MAX 256
void exchange_alarm_run(struct services *sv);
