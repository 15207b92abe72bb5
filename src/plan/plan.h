// plan: the action plan (SPEC P1 to P5): versions of it, targets, what is counted and entered for its indicators, and how far
// each has come. It reads other rooms through their counts alone; nothing of a case stands here. Other rooms include nothing
// of it; programs include this header.
#pragma once
#include "db/db.h"
#include "web/web.h"

extern const struct routes plan_desk_routes, plan_entry_routes, plan_report_routes; // desk
extern const struct routes plan_public_routes; // portal

// The desk when it starts: version 1 from the country pack, where no version is there yet.
MUST_USE enum err plan_begin(struct services *sv);
// For services.plan_codes.
MUST_USE enum err plan_codes(struct db *db, const struct req *rq, bool indicators, struct list *out);
// Courier, each few minutes: see live.h.
void plan_keep_readings(struct services *sv);
