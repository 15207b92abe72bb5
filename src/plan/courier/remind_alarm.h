// remind_alarm: one mail a day at most to each person who enters values of the plan for an institution that owes some, before
// and after the day on which they are due (the pack's plan_reminders). It says of which periods how many are owed, and where
// they are entered: no indicator, no value. Whoever is named as owner of indicators (ROLE_INDICATOR_OWNER) is told; where an
// institution has nobody of that role with a mail address, all who may enter values there.
// Owed is what stands in a passport, is over, not locked, not handed in or approved, and not empty on purpose.
#pragma once
#include "web/web.h"

#define PLAN_REMIND_HOUR 8      // o'clock, local: no mail in the night
#define PLAN_REMIND_LATE 3      // days until which a day of reminding that was missed is made up for
#define PLAN_REMIND_LINES 12    // periods that a mail names, the newest first
// Call each 5 s; looks once a day, and again where it failed or the program began anew. desk.plan_reminded is written with the
// mail, so that neither that nor a second courier tells anybody twice. Fills the outbox, sends nothing itself.
void plan_remind_run(struct services *sv);
MUST_USE enum err plan_remind_look(struct services *sv, int64_t now); // one look, whatever the hour
