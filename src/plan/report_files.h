// plan/report_files: the snapshot of a report taken, and the files made of it alone. For this room and its command.
#pragma once
#include "plan/reports.h"

#define PLAN_REPORT_KINDS 12 // each language in each form
struct plan_report_kind { const char *lang, *form, *label, *type; }; // form: as in addresses, "pdf"; type: of its content
struct plan_report_kind plan_report_kind(size_t i);
struct str plan_report_file_name(struct arena *a, int64_t year, size_t kind);
// country: the pack's code, as DHIS2 names the place.
MUST_USE enum err plan_report_file_make(struct str country, struct str snapshot, size_t kind, struct buf *out);
// A snapshot as JSON, in out.
MUST_USE enum err plan_report_shoot(struct store *store, const struct plan_shot_ask *ask, struct arena *a, struct str *out);
// All files, for the public; what was published of that year is replaced. reply: a store that writes that schema.
MUST_USE enum err plan_report_publish(struct store *reply, struct str country, int64_t year, int64_t at, struct str snapshot);
