// plan/report_store: annual reports in the store. Other files of this room only.
#pragma once
#include "plan/reports.h"

struct plan_report_row {
    struct id id, made_by, approved_by, published_by; // zeroes: nobody yet
    int64_t year, changes, shot_at, made_at, approved_at, published_at; // µs; INT64_MIN: not yet
    enum plan_report_state state;
    struct str presented;
    struct str snapshot;     // only where one report was asked for
};
#define PLAN_REPORTS_MAX 100
MUST_USE enum err plan_report_find_db(struct db *db, struct arena *a, struct id id, struct plan_report_row *out);
MUST_USE enum err plan_report_list_db(struct db *db, struct arena *a, struct list *out); // the newest first, without snapshots
// Writes the row as it shall stand; its changes are those that it had (0: a new one, which is a draft whatever its state says). ERR_CONFLICT: somebody else was first.
MUST_USE enum err plan_report_put_db(struct db *db, struct plan_report_row *row);
MUST_USE enum err plan_report_comment_db(struct db *db, struct id report, struct id institution, struct id person, int64_t at, struct str text);
MUST_USE enum err plan_report_comments_db(struct db *db, struct arena *a, const struct req *rq, struct id report, struct list *out);
