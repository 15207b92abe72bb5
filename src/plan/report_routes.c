// The doors of annual reports at the desk.
#include "plan/plan.h"
#include "plan/reports.h"

page_fn plan_reports_page, plan_report_page;

SHAPE(plan_reports_row, FIELD(plan_reports_row, id), FIELD(plan_reports_row, year), FIELD(plan_reports_row, state),
      FIELD(plan_reports_row, shot_at, .form = FORM_TIME));
SHAPE(plan_reports_out, FIELD(plan_reports_out, id, .form = FORM_NULLABLE, .about = "Of the one just made."),
      FIELD(plan_reports_out, reports, .of = &plan_reports_row_shape));
SHAPE(plan_reports_make_in, FIELD(plan_reports_make_in, year, .required = true));
SHAPE(plan_report_comment, FIELD(plan_report_comment, institution), FIELD(plan_report_comment, person),
      FIELD(plan_report_comment, at, .form = FORM_TIME), FIELD(plan_report_comment, text));
SHAPE(plan_report_out, FIELD(plan_report_out, id), FIELD(plan_report_out, year), FIELD(plan_report_out, state), FIELD(plan_report_out, changes),
      FIELD(plan_report_out, shot_at, .form = FORM_TIME, .about = "When its snapshot was taken."), FIELD(plan_report_out, version, .about = "Of the plan."),
      FIELD(plan_report_out, with_data), FIELD(plan_report_out, indicators), FIELD(plan_report_out, presented, .form = FORM_NULLABLE),
      FIELD(plan_report_out, comments, .of = &plan_report_comment_shape));
SHAPE(plan_step_in, FIELD(plan_step_in, changes, .about = "That was looked at."));
SHAPE(plan_text_in, FIELD(plan_text_in, changes, .about = "That was looked at."),
      FIELD(plan_text_in, text, .required = true, .says = true, .max = 4000, .form = FORM_LINES));
SHAPE(plan_report_file_in, FIELD(plan_report_file_in, lang, .required = true, .max = 2, .about = "sq or en."),
      FIELD(plan_report_file_in, form, .required = true, .max = 5, .about = "pdf, xlsx, html, csv, json or dhis2."));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_PLAN_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, .file_max = PLAN_FILE_BYTES, ##__VA_ARGS__}
#define STEP(step_, perm_, about_) ROW(POST, "/plan/reports/{id}/" #step_, perm_, plan_report_##step_, plan_step_in, plan_report_out, .page = plan_report_page, \
    .fill = plan_report_step_fill, .then = "/plan/reports/{id}", .conflict_out = true, .about = about_)
#define TEXT(step_, perm_, about_) ROW(POST, "/plan/reports/{id}/" #step_, perm_, plan_report_##step_, plan_text_in, plan_report_out, .page = plan_report_page, \
    .fill = plan_report_text_fill, .then = "/plan/reports/{id}", .conflict_out = true, .body_max = 64 * 1024, .about = about_)

static const struct route rows[] = {
    ROW(GET, "/plan/reports", READ, plan_reports, plan_reports_in, plan_reports_out, .page = plan_reports_page,
        .about = "Annual reports, the newest year first."),
    ROW(POST, "/plan/reports", APPROVE, plan_reports_make, plan_reports_make_in, plan_reports_out, .page = plan_reports_page,
        .fill = plan_reports_fill, .status = 201, .about = "A new report: the year as it stands now, frozen."),
    ROW(GET, "/plan/reports/{id}", READ, plan_report, plan_report_in, plan_report_out, .page = plan_report_page,
        .about = "A report with its steps and comments."),
    ROW(GET, "/plan/reports/{id}/file", READ, plan_report_file, plan_report_file_in, plan_report_file_out, .about = "The report as a file."),
    STEP(refresh, APPROVE, "The snapshot is taken anew."),
    STEP(open, APPROVE, "Institutions may comment from now on."),
    TEXT(comment, ENTER, "What an institution says of it."),
    STEP(approve, APPROVE, "By another person than whoever took the snapshot, of an institution that approves."),
    TEXT(present, APPROVE, "To whom it was presented, and what was decided."),
    STEP(publish, APPROVE, "The public sees it, with its files."),
};
const struct routes plan_report_routes = {"plan", rows, sizeof rows / sizeof *rows};
