// plan/kept: versions that are in force, read once and kept: they never change, and a document of 150 KB is not read for each
// request. Drafts are not kept.
#pragma once
#include "plan/version.h"

// The version that is the basis of a year (plan_version_of_year_db), for as long as the process lives. Any thread.
MUST_USE enum err plan_kept_of_year_db(struct db *db, const struct pack *p, int64_t year, const struct plan_version **out);
// Of each of the plan's years; they stay as long as the process lives. plan: the newest, or that of the day.
MUST_USE enum err plan_bases_db(struct db *db, const struct pack *p, const struct pack_plan *plan, struct plan_bases *out);
