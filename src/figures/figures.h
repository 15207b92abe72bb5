// figures: search over the metadata of reports, cases and referrals, and what they add up to. It opens nothing sealed, and
// knows other rooms by their counts.h only.
#pragma once
#include "web/web.h"

extern const struct routes figures_desk_routes;

// Courier: adds days that are over to desk.figure, oldest first, for at most FIGURES_TIME; call it each few seconds.
// A day is added once, when what it counts is settled: three days after its end, referrals a day after the longest answer
// time of the pack. What is added stays, whatever is erased later.
#define FIGURES_TIME (2 * INT64_C(1000000000)) // ns
void figures_add_days(struct services *sv);

// Demo data: what earlier months came to, from a table with the columns what, month (201801), category, county, bucket, n, as they stand in
// desk.figure; of a duty unit. Inside one store_write.
MUST_USE enum err figures_setup_sample(struct db *db, struct str file, struct id unit);
