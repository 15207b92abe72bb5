// plan/reports: annual reports from their first snapshot to the public: pages, files, steps. Fields behind "for pages" are not in JSON.
#pragma once
#include "plan/entry.h"
#include "plan/report_rules.h"
#include "plan/snapshot.h"

#define PLAN_FILE_BYTES (16u << 20)

SHAPE_NONE(plan_reports_in);
struct plan_reports_row { struct id id; int64_t year, shot_at; struct str state; struct str state_text, at_text; };
// id: of the one just made; reports: struct plan_reports_row; years: struct choice
struct plan_reports_out {
    struct id id; struct list reports; struct list years; bool may_make;
};
struct plan_reports_make_in { int64_t year; };

SHAPE_NONE(plan_report_in);
struct plan_report_comment { struct str institution, text, person; int64_t at; struct str at_text; };
struct plan_report_file { struct str lang, form; struct str label, href; };
struct plan_report_out {
    struct id id;
    int64_t year, shot_at, version, changes, with_data, indicators; // version: of the plan; changes: to be sent with each step
    struct str state, presented;
    struct list comments;               // struct plan_report_comment
    // for pages
    struct str state_text, at_text, approved_text, published_text, present_hint, typed;
    struct list files;                  // struct plan_report_file
    bool may_refresh, may_open, may_comment, may_approve, may_present, may_publish, own_approval, over;
};
struct plan_step_in { int64_t changes; };
struct plan_text_in { int64_t changes; struct str text; };
struct plan_report_file_in { struct str lang, form; };
SHAPE_NONE(plan_report_file_out);

run_fn plan_reports_run, plan_reports_make_run, plan_reports_fill, plan_report_run, plan_report_refresh_run,
    plan_report_open_run, plan_report_comment_run,
    plan_report_approve_run, plan_report_present_run, plan_report_publish_run, plan_report_step_fill, plan_report_text_fill, plan_report_file_run;

// The report as a file, made by isigurt-report (src/bin/report.c) of a snapshot's JSON. form: "pdf", "xlsx", "html"; lang: "sq".
MUST_USE enum err plan_report_print(struct str json, const char *lang, const char *form, struct buf *out);
