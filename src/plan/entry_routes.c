// The doors through which values are entered and approved, and the shapes of what they take and give.
#include "plan/entry.h"
#include "plan/value_import.h"
#include "plan/plan.h"

page_fn plan_gaps_page, plan_entry_page, plan_value_page, plan_waiting_page, plan_periods_page, plan_sheet_page;

#define PERIOD_MAX 7
#define CODE_MAX 20
SHAPE(plan_entry_in,
      FIELD(plan_entry_in, period, .max = PERIOD_MAX,
            .about = "A year, quarter or month: 2019, 2019-Q2, 2019-06; missing: this year."),
      FIELD(plan_entry_in, institution, .max = CODE_MAX,
            .about = "Its code; another than one's own needs plan_approve."),
      FIELD(plan_entry_in, indicator, .max = CODE_MAX, .about = "This one alone, county by county."));
SHAPE(plan_entry_row, FIELD(plan_entry_row, indicator), FIELD(plan_entry_row, title), FIELD(plan_entry_row, period),
      FIELD(plan_entry_row, county, .form = FORM_NULLABLE), FIELD(plan_entry_row, unit),
      FIELD(plan_entry_row, state, .form = FORM_NULLABLE), FIELD(plan_entry_row, value, .form = FORM_NULLABLE),
      FIELD(plan_entry_row, numerator, .form = FORM_NULLABLE),
      FIELD(plan_entry_row, denominator, .form = FORM_NULLABLE),
      FIELD(plan_entry_row, blank, .form = FORM_NULLABLE, .about = "Why it is empty on purpose."),
      FIELD(plan_entry_row, comment, .form = FORM_NULLABLE),
      FIELD(plan_entry_row, note, .form = FORM_NULLABLE, .about = "Of whoever returned it."),
      FIELD(plan_entry_row, id, .form = FORM_NULLABLE),
      FIELD(plan_entry_row, version, .about = "0: nothing was entered yet."),
      FIELD(plan_entry_row, files, .about = "Evidence files that are there."), FIELD(plan_entry_row, locked));
SHAPE(plan_entry_out, FIELD(plan_entry_out, period), FIELD(plan_entry_out, institution), FIELD(plan_entry_out, owed, .about = "Values that are due."),
      FIELD(plan_entry_out, done, .about = "Of them those handed in or approved."), FIELD(plan_entry_out, values, .of = &plan_entry_row_shape));
SHAPE(plan_save_in, FIELD(plan_save_in, period, .max = PERIOD_MAX), FIELD(plan_save_in, institution, .max = CODE_MAX),
      FIELD(plan_save_in, indicator, .max = CODE_MAX), FIELD(plan_save_in, submit, .about = "Hand in what is there."),
      FIELD(plan_save_in, cells, .max = PLAN_CELLS_MAX, .form = FORM_MAP,
            .about = "n.4_1_a.2019-q2, of.…, blank.…, comment.…, version.…; for a county its number behind it."));
SHAPE(plan_value_put_in, FIELD(plan_value_put_in, indicator, .required = true, .max = CODE_MAX),
      FIELD(plan_value_put_in, period, .required = true, .max = PERIOD_MAX),
      FIELD(plan_value_put_in, institution, .max = CODE_MAX),
      FIELD(plan_value_put_in, county, .max = 40, .choices = "county"), FIELD(plan_value_put_in, value, .max = 30),
      FIELD(plan_value_put_in, numerator, .max = 30), FIELD(plan_value_put_in, denominator, .max = 30),
      FIELD(plan_value_put_in, blank, .max = PLAN_COMMENT_MAX, .form = FORM_LINES),
      FIELD(plan_value_put_in, comment, .max = PLAN_COMMENT_MAX, .form = FORM_LINES),
      FIELD(plan_value_put_in, version, .about = "That was looked at; 0: there was none."),
      FIELD(plan_value_put_in, submit));
SHAPE(plan_value_put_out, FIELD(plan_value_put_out, id), FIELD(plan_value_put_out, version), FIELD(plan_value_put_out, state));
SHAPE(plan_value_step, FIELD(plan_value_step, version), FIELD(plan_value_step, at, .form = FORM_TIME), FIELD(plan_value_step, action),
      FIELD(plan_value_step, value, .form = FORM_NULLABLE), FIELD(plan_value_step, numerator, .form = FORM_NULLABLE),
      FIELD(plan_value_step, denominator, .form = FORM_NULLABLE), FIELD(plan_value_step, blank, .form = FORM_NULLABLE),
      FIELD(plan_value_step, comment, .form = FORM_NULLABLE), FIELD(plan_value_step, note, .form = FORM_NULLABLE), FIELD(plan_value_step, state),
      FIELD(plan_value_step, person_name));
SHAPE(plan_value_out, FIELD(plan_value_out, id), FIELD(plan_value_out, indicator), FIELD(plan_value_out, period),
      FIELD(plan_value_out, institution), FIELD(plan_value_out, county, .form = FORM_NULLABLE),
      FIELD(plan_value_out, value, .form = FORM_NULLABLE), FIELD(plan_value_out, numerator, .form = FORM_NULLABLE),
      FIELD(plan_value_out, denominator, .form = FORM_NULLABLE), FIELD(plan_value_out, blank, .form = FORM_NULLABLE),
      FIELD(plan_value_out, comment, .form = FORM_NULLABLE), FIELD(plan_value_out, state),
      FIELD(plan_value_out, note, .form = FORM_NULLABLE), FIELD(plan_value_out, version),
      FIELD(plan_value_out, corrections, .about = "Changes made after it was approved."), FIELD(plan_value_out, locked),
      FIELD(plan_value_out, demo), FIELD(plan_value_out, history, .of = &plan_value_step_shape),
      FIELD(plan_value_out, files, .of = &evidence_file_shape,
            .about = "Evidence; empty where it is neither one's own institution's nor one's to approve."));
SHAPE(plan_decide_in, FIELD(plan_decide_in, version, .about = "That was looked at."));
SHAPE(plan_return_in, FIELD(plan_return_in, version, .about = "That was looked at."),
      FIELD(plan_return_in, note, .required = true, .why = true, .max = PLAN_COMMENT_MAX, .form = FORM_LINES));
SHAPE(plan_waiting_in, FIELD(plan_waiting_in, institution, .max = CODE_MAX));
SHAPE(plan_waiting_row, FIELD(plan_waiting_row, id), FIELD(plan_waiting_row, indicator),
      FIELD(plan_waiting_row, period), FIELD(plan_waiting_row, institution),
      FIELD(plan_waiting_row, county, .form = FORM_NULLABLE), FIELD(plan_waiting_row, value, .form = FORM_NULLABLE),
      FIELD(plan_waiting_row, numerator, .form = FORM_NULLABLE),
      FIELD(plan_waiting_row, denominator, .form = FORM_NULLABLE),
      FIELD(plan_waiting_row, blank, .form = FORM_NULLABLE), FIELD(plan_waiting_row, comment, .form = FORM_NULLABLE),
      FIELD(plan_waiting_row, version));
SHAPE(plan_waiting_out, FIELD(plan_waiting_out, values, .of = &plan_waiting_row_shape), FIELD(plan_waiting_out, more, .about = "That are not shown."),
      FIELD(plan_waiting_out, approved), FIELD(plan_waiting_out, passed, .about = "Changed meanwhile, or not this person's to approve."));
SHAPE(plan_approve_all_in, FIELD(plan_approve_all_in, institution, .max = CODE_MAX),
      FIELD(plan_approve_all_in, values, .max = 500, .form = FORM_MAP, .about = "Id of each value, with the version that was looked at."));
SHAPE(plan_gaps_in, FIELD(plan_gaps_in, year, .about = "Missing: this year, as far as the plan goes."));
SHAPE(plan_gap, FIELD(plan_gap, indicator), FIELD(plan_gap, title), FIELD(plan_gap, period),
      FIELD(plan_gap, begun, .about = "Saved or returned, not handed in."));
SHAPE(plan_gap_row, FIELD(plan_gap_row, institution), FIELD(plan_gap_row, name),
      FIELD(plan_gap_row, owed, .about = "Values of periods that are over."),
      FIELD(plan_gap_row, given, .about = "Of them those handed in or approved."), FIELD(plan_gap_row, approved),
      FIELD(plan_gap_row, absent), FIELD(plan_gap_row, missing, .of = &plan_gap_shape),
      FIELD(plan_gap_row, more, .about = "That are missing and not named."));
SHAPE(plan_gaps_out, FIELD(plan_gaps_out, year), FIELD(plan_gaps_out, owed), FIELD(plan_gaps_out, given),
      FIELD(plan_gaps_out, institutions, .of = &plan_gap_row_shape));
SHAPE(plan_unlock_row, FIELD(plan_unlock_row, institution), FIELD(plan_unlock_row, reason), FIELD(plan_unlock_row, until));
SHAPE(plan_period_row, FIELD(plan_period_row, period), FIELD(plan_period_row, locked), FIELD(plan_period_row, unlocks, .of = &plan_unlock_row_shape));
SHAPE(plan_periods_out, FIELD(plan_periods_out, periods, .of = &plan_period_row_shape));
SHAPE(plan_lock_in, FIELD(plan_lock_in, period, .required = true, .max = PERIOD_MAX));
SHAPE(plan_unlock_in, FIELD(plan_unlock_in, period, .required = true, .max = PERIOD_MAX),
      FIELD(plan_unlock_in, institution, .required = true, .max = CODE_MAX),
      FIELD(plan_unlock_in, reason, .required = true, .why = true, .max = PLAN_COMMENT_MAX, .form = FORM_LINES),
      FIELD(plan_unlock_in, days, .about = "1 to 60."));

SHAPE(plan_sheet_line, FIELD(plan_sheet_line, line), FIELD(plan_sheet_line, column, .form = FORM_NULLABLE), FIELD(plan_sheet_line, message));
SHAPE(plan_sheet_out, FIELD(plan_sheet_out, rows), FIELD(plan_sheet_out, saved, .about = "Values that changed."), FIELD(plan_sheet_out, done),
      FIELD(plan_sheet_out, lines, .of = &plan_sheet_line_shape, .about = "What is wrong; nothing is written then."));
SHAPE(plan_sheet_upload_in, FIELD(plan_sheet_upload_in, write, .about = "Missing: looked through only."));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_PLAN_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define DECIDE(act_, perm_, in_, fill_, about_) ROW(POST, "/plan/values/{id}/" #act_, perm_, plan_##act_, in_, plan_value_out, .page = plan_value_page, \
    .fill = fill_, .then = "/plan/values/{id}", .conflict_out = true, .body_max = 16 * 1024, .about = about_)

static const struct route rows[] = {
    ROW(GET, "/plan/entry", ENTER, plan_entry, plan_entry_in, plan_entry_out, .page = plan_entry_page, .again = "period institution indicator",
        .about = "All that an institution owes for a period."),
    ROW(POST, "/plan/entry", ENTER, plan_save, plan_save_in, plan_entry_out, .page = plan_entry_page, .fill = plan_save_fill, .body_max = 512 * 1024,
        .conflict_out = true, .about = "Values of a page: what is fine is saved; 409 where something was not."),
    ROW(PUT, "/plan/values", ENTER, plan_value_put, plan_value_put_in, plan_value_put_out, .conflict_out = true,
        .about = "One value: a new one or a correction. 409 where somebody else was first, or the period is locked."),
    ROW(GET, "/plan/values/{id}", ENTER, plan_value, plan_value_in, plan_value_out, .page = plan_value_page, .about = "A value with its history."),
    DECIDE(submit, ENTER, plan_decide_in, plan_decide_fill, "A draft or returned value is handed in."),
    DECIDE(return, APPROVE, plan_return_in, plan_return_fill, "Given back, with a note."),
    DECIDE(approve, APPROVE, plan_decide_in, plan_decide_fill, "It counts from now on; never by whoever entered it."),
    ROW(POST, "/plan/values/{id}/files", ENTER, plan_file_add, plan_file_in, plan_value_out, .page = plan_value_page, .fill = plan_decide_fill,
        .then = "/plan/values/{id}", .status = 201, .upload = true, .body_max = EVIDENCE_BODY_MAX, .conflict_out = true,
        .about = "An evidence file: multipart/form-data with the part `file`. Its kind is told from its bytes, and its name must agree."),
    ROW(GET, "/plan/values/{id}/files/{id2}", ENTER, plan_file, plan_file_in, none, .file_max = EVIDENCE_BODY_MAX,
        .about = "The file, as an attachment; written to the audit."),
    ROW(POST, "/plan/values/{id}/files/{id2}/remove", ENTER, plan_file_remove, plan_file_in, plan_value_out, .page = plan_value_page,
        .fill = plan_decide_fill, .then = "/plan/values/{id}", .conflict_out = true,
        .about = "Deletes a file; that it was there stays. 409 where the value is approved or its period locked."),
    ROW(GET, "/plan/approvals", APPROVE, plan_waiting, plan_waiting_in, plan_waiting_out, .page = plan_waiting_page,
        .about = "Values that wait for approval."),
    ROW(POST, "/plan/approvals", APPROVE, plan_approve_all, plan_approve_all_in, plan_waiting_out,
        .page = plan_waiting_page, .fill = plan_waiting_fill, .body_max = 64 * 1024,
        .about = "Approves many: those of the versions that were looked at."),
    ROW(GET, "/plan/import", ENTER, plan_sheet, plan_sheet_in, plan_sheet_out, .page = plan_sheet_page,
        .about = "Where a table file of values is sent in."),
    ROW(POST, "/plan/import", ENTER, plan_sheet_upload, plan_sheet_upload_in, plan_sheet_out, .page = plan_sheet_page,
        .fill = plan_sheet_upload_fill, .upload = true, .body_max = PLAN_UPLOAD_BYTES + (64u << 10),
        .conflict_out = true,
        .about = "A table file of values: every bad line named; written as a whole or not at all."),
    ROW(GET, "/plan/gaps", READ, plan_gaps, plan_gaps_in, plan_gaps_out, .page = plan_gaps_page, .again = "year",
        .about = "What each institution owes of a year's periods that are over, and what of it is not there yet."),
    ROW(GET, "/plan/periods", ENTER, plan_periods, plan_periods_in, plan_periods_out, .page = plan_periods_page,
        .about = "Which periods are locked, and what is open again."),
    ROW(POST, "/plan/periods/lock", APPROVE, plan_lock, plan_lock_in, plan_periods_out, .page = plan_periods_page, .fill = plan_periods_fill,
        .then = "/plan/periods", .about = "No value of the period can be changed any more."),
    ROW(POST, "/plan/periods/open", APPROVE, plan_lock_away, plan_lock_in, plan_periods_out, .page = plan_periods_page, .fill = plan_periods_fill,
        .then = "/plan/periods", .about = "Open again for all."),
    ROW(POST, "/plan/periods/unlock", APPROVE, plan_unlock, plan_unlock_in, plan_periods_out, .page = plan_periods_page, .fill = plan_unlock_fill,
        .body_max = 16 * 1024, .then = "/plan/periods", .about = "Open again for one institution for some days."),
};
const struct routes plan_entry_routes = {"plan", rows, sizeof rows / sizeof *rows};
