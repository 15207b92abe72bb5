// file_alarm: tells a unit that a case file came to it: its contact, else the deputy, else the head. Once; one mail for all that came
// to a unit since the last look. A mail holds a link, nothing else. Taken back before anybody was told: nobody is.
#pragma once
#include "casefile/casefile.h"

// One look; call each 5 s. Fills the outbox, sends nothing itself.
#define FILE_ALARM_MAX 256 // case files a transaction; what there is more waits for the next look
void casefile_alarm_run(struct services *sv);
