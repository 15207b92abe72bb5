// register: rows that institutions enter and the plan counts (SPEC G1): trainings, campaigns, agreements, acts, meetings … One
// mechanism: the country pack describes each register's fields (pack.h, "registers"), this room does the rest. Nothing of
// a case stands here, and persons stand as counts by sex and age. Other rooms include this header and counts.h only.
#pragma once
#include "base/arena.h"
#include "base/id.h"
#include "db/db.h"
#include "pack/pack.h"

struct routes;
extern const struct routes register_desk_routes;

// Demo data: one row from a line of JSON ({"id", "register", "institution", "state", "stages": [[stage, day]], "fields"}), marked as
// invented; person: who is named as its writer. Inside one store_write.
MUST_USE enum err entry_setup_sample(struct db *db, struct arena *a, const struct pack *p, struct str line, struct id person, int64_t now);
