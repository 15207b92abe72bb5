// message_climb: a reporter has written again, and nobody has read it. Where nobody looks, or when its clock has run out, people
// are told, place after place: whoever works on the report together with the first of the unit's roster, the rest of the
// roster, in the end the supervisors (of a unit
// without any, its members). Reading it stops that. Each step stands in the report's history; mails are bounded: one
// for each person and urgency in one look, with a link to what has waited longest.
#pragma once
#include "report/report.h"

#define MESSAGE_BATCH 200 // reports in one transaction: the desk writes in between
// One look; call each 5 s and after a ring of "ingested". How many climbed.
int64_t report_messages_climb(struct services *sv);
