// file_alarm: tells a unit that a case file came to it. One mail for all that came to a unit since the last look. Taken back before
// anybody was told: nobody is.
#pragma once
#include "casefile/casefile.h"

void casefile_alarm_run(struct services *sv); // one look; call each 5 s. Fills the outbox, sends nothing itself.
