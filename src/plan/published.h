// plan/published: what the public sees of the plan: in schema reply, written by the desk, read by the portal.
#pragma once
#include "web/web.h"

struct plan_report_bytes { struct str name, type, bytes; };
MUST_USE enum err plan_published_put_db(struct db *db, int64_t year, int64_t at, struct str snapshot, const struct plan_report_bytes *file, size_t n);
// year 0: the newest
MUST_USE enum err plan_published_db(struct db *db, struct arena *a, int64_t year, int64_t *at, struct str *snapshot,
                                    int64_t *found);
MUST_USE enum err plan_published_years_db(struct db *db, struct arena *a, struct list *out); // of int64_t, rising
MUST_USE enum err plan_published_file_db(struct db *db, struct arena *a, int64_t year, struct str name, struct plan_report_bytes *out);
