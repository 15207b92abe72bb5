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

// Demo data: targets and values from table files of the imports' form, marked as invented; all but the last quarter approved, all
// years but the last locked, with their reports published. enters, drafts, approves: persons, named as whoever typed values, took the reports, approved both. store writes
// every schema.
struct plan_sample { const struct pack *pack; struct id enters, drafts, approves; struct str targets, values; };
MUST_USE enum err plan_setup_sample(struct store *store, const struct plan_sample *s);
