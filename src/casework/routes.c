// The desk's doors of this room, and the shapes of what they take and give.
#include "casework/handlers.h"
#include "web/once.h"

SHAPE(case_list_in, FIELD(case_list_in, state, .max = 20,
                          .about = "A state, open (closed ones with unread messages too) or all; missing: all (the page: open)."),
      FIELD(case_list_in, after, .max = 64, .about = "next of the page before."),
      FIELD(case_list_in, report, .max = 32,
            .about = "Only the case that this report is in; 404 where there is none."));
SHAPE(case_row, FIELD(case_row, id), FIELD(case_row, number), FIELD(case_row, state), FIELD(case_row, version),
      FIELD(case_row, urgency, .form = FORM_URGENCY), FIELD(case_row, category),
      FIELD(case_row, county, .form = FORM_NULLABLE),
      FIELD(case_row, owner, .about = "The unit that answers for it."), FIELD(case_row, worker, .form = FORM_NULLABLE),
      FIELD(case_row, opened_at, .form = FORM_TIME), FIELD(case_row, state_at, .form = FORM_TIME),
      FIELD(case_row, review_due, .form = FORM_TIME), FIELD(case_row, holds, .about = "How many things hold it open."),
      FIELD(case_row, next_due, .form = FORM_TIME, .about = "Of the first task that is not done."),
      FIELD(case_row, unread, .about = "Messages of its reporters that nobody has read."),
      FIELD(case_row, withdraw_asked, .about = "A reporter asks to withdraw."),
      FIELD(case_row, worker_left, .about = "The worker works there no more."));
SHAPE(case_list_out, FIELD(case_list_out, cases, .of = &case_row_shape),
      FIELD(case_list_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."));

SHAPE(case_line, FIELD(case_line, id, .form = FORM_NULLABLE, .about = "null: an act of the history, its words under another key."),
      FIELD(case_line, at, .form = FORM_TIME), FIELD(case_line, person, .form = FORM_NULLABLE, .about = "null: whoever reported."),
      FIELD(case_line, unit, .form = FORM_NULLABLE),
      FIELD(case_line, kind, .about = "Of an entry, of an act of referrals and case files (referral_sent, casefile_opened …), or message (from whoever "
                                      "reported) and answer (to them)."),
      FIELD(case_line, thing, .about = "The person, task, route, referral, report …"), FIELD(case_line, text, .form = FORM_NULLABLE),
      FIELD(case_line, retracted, .about = "What it tells was taken back later, as written by mistake."),
      FIELD(case_line, altered, .about = "It does not open: somebody altered it in the store."));
SHAPE(case_route_step, FIELD(case_route_step, stage), FIELD(case_route_step, day, .form = FORM_NULLABLE, .about = "2026-12-31, on which the body did so."),
      FIELD(case_route_step, result, .form = FORM_NULLABLE, .about = "Of a decision: the pack's route_result."),
      FIELD(case_route_step, body, .form = FORM_NULLABLE), FIELD(case_route_step, number, .form = FORM_NULLABLE),
      FIELD(case_route_step, text, .form = FORM_NULLABLE), FIELD(case_route_step, at, .form = FORM_TIME, .about = "When it was written."));
SHAPE(case_route, FIELD(case_route, id), FIELD(case_route, kind), FIELD(case_route, stage),
      FIELD(case_route, body, .form = FORM_NULLABLE),
      FIELD(case_route, number, .form = FORM_NULLABLE), FIELD(case_route, text, .form = FORM_NULLABLE),
      FIELD(case_route, opened_at, .form = FORM_TIME), FIELD(case_route, stage_at, .form = FORM_TIME),
      FIELD(case_route, appeal_due, .form = FORM_TIME), FIELD(case_route, no_appeal, .about = "Somebody said that none comes."),
      FIELD(case_route, version), FIELD(case_route, open),
      FIELD(case_route, steps, .of = &case_route_step_shape, .about = "Each stage, as corrected, oldest first."));
SHAPE(case_address, FIELD(case_address, id), FIELD(case_address, address, .form = FORM_NULLABLE),
      FIELD(case_address, app, .form = FORM_NULLABLE, .about = "Where address is an account of it."),
      FIELD(case_address, report, .form = FORM_NULLABLE, .about = "That named it; null where a worker wrote it down."),
      FIELD(case_address, stage, .about = "noted (a report named it, nobody has begun with it: it holds nothing), up, asked, gone, back or left."),
      FIELD(case_address, hosted, .form = FORM_NULLABLE, .about = "Where it lies: here, abroad, platform."),
      FIELD(case_address, text, .form = FORM_NULLABLE), FIELD(case_address, opened_at, .form = FORM_TIME),
      FIELD(case_address, stage_at, .form = FORM_TIME), FIELD(case_address, version),
      FIELD(case_address, open, .about = "It holds the case open."));
SHAPE(case_task, FIELD(case_task, id), FIELD(case_task, title), FIELD(case_task, worker, .form = FORM_NULLABLE),
      FIELD(case_task, due, .form = FORM_TIME), FIELD(case_task, done_at, .form = FORM_TIME));
SHAPE(case_person, FIELD(case_person, id), FIELD(case_person, role), FIELD(case_person, name, .form = FORM_NULLABLE),
      FIELD(case_person, born, .form = FORM_NULLABLE), FIELD(case_person, relation, .form = FORM_NULLABLE),
      FIELD(case_person, contact, .form = FORM_NULLABLE), FIELD(case_person, home, .form = FORM_NULLABLE),
      FIELD(case_person, school, .form = FORM_NULLABLE), FIELD(case_person, text, .form = FORM_NULLABLE),
      FIELD(case_person, must_not_be_told));
SHAPE(case_hold, FIELD(case_hold, track, .about = "justice, content, referral, task, or verdict: a report's waits for its second person."),
      FIELD(case_hold, thing),
      FIELD(case_hold, name, .about = "What it is, for people: kind, stage, day, institution; of a case that is read the task's title and the address itself."),
      FIELD(case_hold, path, .about = "Of the page where it stands."));
SHAPE(case_referral, FIELD(case_referral, id), FIELD(case_referral, kind), FIELD(case_referral, from),
      FIELD(case_referral, to),
      FIELD(case_referral, purpose), FIELD(case_referral, state), FIELD(case_referral, outcome, .form = FORM_NULLABLE),
      FIELD(case_referral, sent_at, .form = FORM_TIME), FIELD(case_referral, answer_due, .form = FORM_TIME),
      FIELD(case_referral, unaware, .about = "Somebody must not be told since, and nobody of the receiver has opened it since."));
SHAPE(case_done, FIELD(case_done, at, .form = FORM_TIME), FIELD(case_done, person, .form = FORM_NULLABLE),
      FIELD(case_done, unit, .form = FORM_NULLABLE), FIELD(case_done, action));
SHAPE(case_read_out, FIELD(case_read_out, id), FIELD(case_read_out, number), FIELD(case_read_out, state),
      FIELD(case_read_out, version),
      FIELD(case_read_out, urgency, .form = FORM_URGENCY), FIELD(case_read_out, category),
      FIELD(case_read_out, county, .form = FORM_NULLABLE), FIELD(case_read_out, owner),
      FIELD(case_read_out, worker, .form = FORM_NULLABLE),
      FIELD(case_read_out, opened_at, .form = FORM_TIME), FIELD(case_read_out, state_at, .form = FORM_TIME),
      FIELD(case_read_out, review_due, .form = FORM_TIME), FIELD(case_read_out, outcome, .form = FORM_NULLABLE),
      FIELD(case_read_out, asked_by, .form = FORM_NULLABLE, .about = "Who asked to close it."),
      FIELD(case_read_out, reports, .about = "Ids."), FIELD(case_read_out, referrals, .of = &case_referral_shape),
      FIELD(case_read_out, routes, .of = &case_route_shape),
      FIELD(case_read_out, addresses, .of = &case_address_shape), FIELD(case_read_out, holds, .of = &case_hold_shape),
      FIELD(case_read_out, tasks, .of = &case_task_shape), FIELD(case_read_out, people, .of = &case_person_shape),
      FIELD(case_read_out, risk, .form = FORM_NULLABLE), FIELD(case_read_out, assessment, .form = FORM_NULLABLE),
      FIELD(case_read_out, plan, .form = FORM_NULLABLE),
      FIELD(case_read_out, steps, .about = "Are steps told to whoever reported: shown or hidden."),
      FIELD(case_read_out, timeline, .of = &case_line_shape, .about = "Oldest first."),
      FIELD(case_read_out, history, .of = &case_done_shape, .about = "Newest first, reads included; at most 200."),
      FIELD(case_read_out, warning, .form = FORM_NULLABLE, .about = "Something of the case was altered or removed in the store."),
      FIELD(case_read_out, unread, .about = "Messages of its reporters that nobody has read."),
      FIELD(case_read_out, withdraw_asked, .about = "A reporter asks to withdraw."),
      FIELD(case_read_out, worker_left, .about = "The worker works there no more."));

#define VERSION(s) FIELD(s, version, .about = "That the writer has seen; 409 where it is no longer so. Missing: not compared.")
SHAPE(case_open_in, FIELD(case_open_in, reports, .required = true, .max = CASE_REPORTS_MAX,
                          .about = "Ids; a new one is taken with it."));
SHAPE(case_open_out, FIELD(case_open_out, id), FIELD(case_open_out, number), FIELD(case_open_out, state),
      FIELD(case_open_out, version));
SHAPE(case_add_in, FIELD(case_add_in, reports, .required = true, .max = CASE_REPORTS_MAX, .about = "Ids."),
      VERSION(case_add_in));
SHAPE(case_act_out, FIELD(case_act_out, id, .about = "Of what was made, else of the case."), FIELD(case_act_out, state),
      FIELD(case_act_out, version));
SHAPE(case_note_in, FIELD(case_note_in, text, .required = true, .max = CASE_TEXT_MAX, .form = FORM_LINES),
      VERSION(case_note_in), ONCE_FIELD(case_note_in));
SHAPE(case_person_in, FIELD(case_person_in, person, .about = "One that is written anew; missing: another person."),
      FIELD(case_person_in, role, .required = true, .max = 40, .choices = "person_role"),
      FIELD(case_person_in, name, .max = CASE_LINE_MAX), FIELD(case_person_in, born, .max = CASE_LINE_MAX),
      FIELD(case_person_in, relation, .max = CASE_LINE_MAX), FIELD(case_person_in, contact, .max = CASE_LINE_MAX),
      FIELD(case_person_in, home, .max = CASE_LINE_MAX), FIELD(case_person_in, school, .max = CASE_LINE_MAX),
      FIELD(case_person_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES),
      FIELD(case_person_in, must_not_be_told, .about = "Stays where a person is written anew, unless may_be_told says otherwise."),
      FIELD(case_person_in, may_be_told, .about = "Takes must_not_be_told off a person that is written anew."),
      FIELD(case_person_in, version, .about = "That the writer has seen; 409 where it is no longer so. Needed to write a person anew."),
      ONCE_FIELD(case_person_in));
SHAPE(case_assessment_in, FIELD(case_assessment_in, risk, .required = true, .max = 40, .choices = "case_risk"),
      FIELD(case_assessment_in, text, .required = true, .max = CASE_TEXT_MAX, .form = FORM_LINES),
      VERSION(case_assessment_in));
SHAPE(case_plan_in, FIELD(case_plan_in, text, .required = true, .max = CASE_TEXT_MAX, .form = FORM_LINES),
      FIELD(case_plan_in, review_due, .max = 10, .about = "A day, at most as far away as the pack's clock case_review; missing: that."),
      VERSION(case_plan_in));
SHAPE(case_task_in, FIELD(case_task_in, title, .required = true, .max = CASE_LINE_MAX),
      FIELD(case_task_in, due, .required = true, .max = 10, .about = "A day, 2026-12-31."),
      FIELD(case_task_in, worker, .about = "A member of the case's unit."), VERSION(case_task_in), ONCE_FIELD(case_task_in));
SHAPE(case_task_again_in, FIELD(case_task_again_in, title, .required = true, .max = CASE_LINE_MAX),
      FIELD(case_task_again_in, due, .required = true, .max = 10, .about = "A day, 2026-12-31."),
      FIELD(case_task_again_in, worker, .about = "A member of the case's unit; missing: nobody."), VERSION(case_task_again_in));
#define MISTAKE(s) FIELD(s, reason, .required = true, .why = true, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(s)
SHAPE(case_retract_in, MISTAKE(case_retract_in));
SHAPE(case_report_out_in, MISTAKE(case_report_out_in));
SHAPE(case_done_in, FIELD(case_done_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_done_in));
#define DECISION(s) FIELD(s, day, .max = 10, .about = "2026-12-31: the day on which the body did so."), \
    FIELD(s, result, .max = 40, .choices = "route_result", .about = "Of a decision."), \
    FIELD(s, appeal_due, .max = 10, .about = "A day: until when an appeal may come."), FIELD(s, no_appeal, .about = "None comes.")
SHAPE(case_route_in, FIELD(case_route_in, kind, .required = true, .max = 40, .choices = "route_kind"),
      FIELD(case_route_in, body, .max = CASE_LINE_MAX), FIELD(case_route_in, number, .max = CASE_LINE_MAX),
      FIELD(case_route_in, stage, .max = 40, .about = "Of the kind; missing: its first."), DECISION(case_route_in),
      FIELD(case_route_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_route_in), ONCE_FIELD(case_route_in));
SHAPE(case_stage_in, FIELD(case_stage_in, stage, .required = true, .max = 40),
      FIELD(case_stage_in, body, .max = CASE_LINE_MAX, .about = "Where another has it now; missing: the same."),
      FIELD(case_stage_in, number, .max = CASE_LINE_MAX), DECISION(case_stage_in),
      FIELD(case_stage_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_stage_in));
SHAPE(case_correct_in, FIELD(case_correct_in, stage, .max = 40, .about = "Any of the kind: where it truly stands; the one before takes the newest back."),
      FIELD(case_correct_in, body, .max = CASE_LINE_MAX), FIELD(case_correct_in, number, .max = CASE_LINE_MAX), DECISION(case_correct_in),
      FIELD(case_correct_in, reason, .required = true, .why = true, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_correct_in));
SHAPE(case_address_in, FIELD(case_address_in, address, .required = true, .max = CASE_ADDRESS_MAX, .about = "As somebody would open it."),
      FIELD(case_address_in, hosted, .max = 20, .choices = "content_host", .about = "Where it lies, as far as it is known: here, abroad, platform. Missing: not known."),
      FIELD(case_address_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_address_in));
SHAPE(case_address_stage_in, FIELD(case_address_stage_in, stage, .required = true, .max = 40, .about = "up, asked, gone, back or left."),
      FIELD(case_address_stage_in, hosted, .max = 20, .choices = "content_host", .about = "Where it lies, as far as it is known: here, abroad, platform. Missing: as it was."),
      FIELD(case_address_stage_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES, .about = "Needed with left: why nothing more can be done."),
      VERSION(case_address_stage_in));
SHAPE(case_state_in, FIELD(case_state_in, state, .required = true, .max = 20,
                           .about = "planned, implementing or review."),
      FIELD(case_state_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_state_in));
SHAPE(case_worker_in, FIELD(case_worker_in, worker, .about = "Missing: oneself."), VERSION(case_worker_in));
SHAPE(case_close_in, FIELD(case_close_in, outcome, .required = true, .max = 40, .choices = "case_outcome"),
      FIELD(case_close_in, text, .max = CASE_TEXT_MAX, .form = FORM_LINES), VERSION(case_close_in));
static const struct field case_close_out_fields[] = {
    FIELD(case_act_out, id), FIELD(case_act_out, state), FIELD(case_act_out, version),
    FIELD(case_act_out, holds, .of = &case_hold_shape, .about = "What holds it open, also in the answer 409."),
};
static const struct shape case_close_out_shape = {"case_close_out", sizeof(struct case_act_out),
                                                  sizeof case_close_out_fields / sizeof *case_close_out_fields,
                                                      case_close_out_fields, "case_act_out"};
SHAPE(case_approve_in, VERSION(case_approve_in));
SHAPE(case_steps_in, FIELD(case_steps_in, steps, .required = true, .max = 10, .about = "shown or hidden."), VERSION(case_steps_in));
SHAPE(case_reopen_in, FIELD(case_reopen_in, reason, .required = true, .why = true, .max = CASE_TEXT_MAX, .form = FORM_LINES),
      VERSION(case_reopen_in));

SHAPE(case_file_in, FIELD(case_file_in, text, .max = CASE_LINE_MAX, .about = "What it shows. The file itself is the part `file`."));
SHAPE(case_file_row, FIELD(case_file_row, id), FIELD(case_file_row, person), FIELD(case_file_row, at, .form = FORM_TIME),
      FIELD(case_file_row, name, .form = FORM_NULLABLE), FIELD(case_file_row, text, .form = FORM_NULLABLE),
      FIELD(case_file_row, type, .about = "As sniffed from its bytes."), FIELD(case_file_row, size, .about = "Bytes."),
      FIELD(case_file_row, hash, .form = FORM_NULLABLE, .about = "SHA-256."),
      FIELD(case_file_row, removed_at, .form = FORM_TIME, .about = "Since then its bytes are gone."));
SHAPE(case_files_out, FIELD(case_files_out, id, .about = "Of what was put in, else of the case."),
      FIELD(case_files_out, files, .of = &case_file_row_shape));
SHAPE(case_file_remove_in, FIELD(case_file_remove_in, text, .max = CASE_LINE_MAX, .about = "Why."));

// A form that is shown again needs its lists too, and the version as it is now.
static enum err form_again(struct req *rq, const void *in, void *out, run_fn *run, run_fn *fill)
{
    enum err e = run(rq, in, out);
    if (rq->json || (e != ERR_INVALID && e != ERR_CONFLICT && e != ERR_LIMITED && e != ERR_FULL && e != ERR_AWAY))
        return e;
    enum err shown = fill(rq, in, out);
    return shown == ERR_NOT_FOUND || shown == ERR_MEMORY ? shown : e;
}
#define FORM(name_, fill_) static enum err name_##_form(struct req *rq, const void *in, void *out) \
    { return form_again(rq, in, out, name_##_run, fill_); }
FORM(case_note, case_form_run)
FORM(case_person, case_person_fill)
FORM(case_assessment, case_assessment_fill)
FORM(case_plan, case_plan_fill)
FORM(case_task, case_task_fill)
FORM(case_task_again, case_task_again_fill)
FORM(case_retract, case_retract_fill)
FORM(case_report_out, case_report_out_fill)
FORM(case_route, case_route_fill)
FORM(case_stage, case_stage_fill)
FORM(case_correct, case_correct_fill)
FORM(case_address, case_address_fill)
FORM(case_address_stage, case_address_stage_fill)
FORM(case_close, case_close_fill)
FORM(case_reopen, case_form_run)
FORM(case_file_add, case_files_run)

// The form for the first time: nothing was sent, so nothing of it is refused.
static enum err form_first(struct req *rq, const void *in, void *out, run_fn *fill)
{
    rq->refused = NULL;
    return fill(rq, in, out);
}
#define FIRST(name_, fill_) static enum err name_##_first(struct req *rq, const void *in, void *out) { return form_first(rq, in, out, fill_); }
#define case_person_first case_person_begin // looks up who is corrected
#define case_correct_first case_correct_begin // opens what stands there
#define case_task_again_first case_task_again_begin
FIRST(case_retract, case_retract_fill)
FIRST(case_report_out, case_report_out_fill)
FIRST(case_assessment, case_assessment_fill)
FIRST(case_plan, case_plan_fill)
FIRST(case_task, case_task_fill)
FIRST(case_route, case_route_fill)
FIRST(case_stage, case_stage_fill)
FIRST(case_address, case_address_fill)
FIRST(case_address_stage, case_address_stage_fill)
FIRST(case_close, case_close_fill)
FIRST(case_reopen, case_form_run)

page_fn case_list_page, case_read_page, case_open_page, case_act_page, case_note_page, case_person_page,
    case_assessment_page, case_plan_page,
    case_task_page, case_task_again_page, case_route_page, case_stage_page, case_correct_page, case_retract_page, case_report_out_page,
    case_address_page, case_address_stage_page, case_close_page, case_reopen_page, case_files_page;

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_CASE_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
// What is written in a form of its own: the form, and what it sends.
#define FORM_ROWS(path_, name_, out_, fill_, ...) \
    {.name = #name_ "_form", .path = path_, .method = GET, .perm = PERM_CASE_EDIT, .in = &name_##_in_shape, .out = &out_##_shape, \
     .run = name_##_first, .run_refused = true, .page = name_##_page, .page_only = true}, \
    {.name = #name_, .path = path_, .method = POST, .perm = PERM_CASE_EDIT, .in = &name_##_in_shape, .out = &out_##_shape, \
     .run = name_##_form, .fill = fill_, .page = name_##_page, .then = "/cases/{id}", BODY, ##__VA_ARGS__}
#define ACT .page = case_act_page, .then = "/cases/{id}"
#define BODY .body_max = 128 * 1024

#define TIMELINE_BYTES (2u << 20) // of memory more: a case of many years is read whole

static const struct route rows[] = {
    ROW(GET, "/cases", LIST, case_list, case_list_in, case_list_out, .page = case_list_page,
        .about = "Cases of one's own units: metadata only, most urgent first."),
    ROW(POST, "/cases", EDIT, case_open, case_open_in, case_open_out, .status = 201, BODY, .page = case_open_page,
        .then = "/cases",
        .about = "Opens a case of reports; the addresses and accounts that they name come with them, as noted. 409 where one of them is in a case already."),
    ROW(GET, "/cases/{id}", READ, case_read, case_read_in, case_read_out, .page = case_read_page, .file_max = TIMELINE_BYTES,
        .about = "Opens a case through the keeper; written to the audit and the case's history."),
    ROW(POST, "/cases/{id}/reports", EDIT, case_add, case_add_in, case_act_out, .status = 201, BODY, ACT,
        .about = "Puts more reports into a case; the addresses and accounts that they name come with them, those that it has not yet."),
    FORM_ROWS("/cases/{id}/reports/{id2}/remove", case_report_out, case_act_out, case_report_out_fill,
              .about = "Takes a report out of a case in which it is by mistake: the case's way to its key is deleted, and it is taken by who did that, to be dealt with. "
                       "Addresses that it named go with it, where nobody has begun with them."),
    FORM_ROWS("/cases/{id}/things/{id2}/retract", case_retract, case_act_out, case_retract_fill,
              .about = "Takes back a person, task, legal route or address that was written by mistake. The words stay in the timeline, and nothing counts on them any more."),
    {.name = "case_note", .path = "/cases/{id}/notes", .method = POST, .perm = PERM_CASE_EDIT,
     .in = &case_note_in_shape,
     .out = &case_act_out_shape, .run = case_note_form, .fill = case_form_run, .page = case_note_page,
     .then = "/cases/{id}", .status = 201, BODY,
     .about = "Notes something."},
    FORM_ROWS("/cases/{id}/people", case_person, case_act_out, case_person_fill, .status = 201,
              .about = "A person of the case, each need-to-know field by itself; who must not be told is shown first."),
    FORM_ROWS("/cases/{id}/assessment", case_assessment, case_act_out, case_assessment_fill, .status = 201,
              .about = "The risk as it is seen now."),
    FORM_ROWS("/cases/{id}/plan", case_plan, case_act_out, case_plan_fill, .status = 201,
              .about = "The protection plan; somebody else approves it with the state planned."),
    FORM_ROWS("/cases/{id}/tasks", case_task, case_act_out, case_task_fill, .status = 201,
              .about = "A task; it holds the case open."),
    ROW(PUT, "/cases/{id}/tasks/{id2}", EDIT, case_task_again, case_task_again_in, case_act_out, BODY,
        .about = "Corrects a task that is not done: all of it is said anew; the earlier words stay in the timeline."),
    FORM_ROWS("/cases/{id}/tasks/{id2}", case_task_again, case_act_out, case_task_again_fill, .page_only = true),
    ROW(POST, "/cases/{id}/tasks/{id2}/done", EDIT, case_task_done, case_done_in, case_act_out, BODY, ACT,
        .about = "A task is done."),
    FORM_ROWS("/cases/{id}/routes", case_route, case_act_out, case_route_fill, .status = 201,
              .about = "A legal route; it holds the case open until it ends."),
    ROW(PUT, "/cases/{id}/routes/{id2}", EDIT, case_stage, case_stage_in, case_act_out, BODY,
        .about = "The next stage of a legal route; 409 where it cannot follow."),
    FORM_ROWS("/cases/{id}/routes/{id2}", case_stage, case_act_out, case_stage_fill, .page_only = true),
    FORM_ROWS("/cases/{id}/routes/{id2}/correct", case_correct, case_act_out, case_correct_fill,
              .about = "Corrects what was written about a legal route by mistake, also its stage; what is left out stays. The reason and the earlier words stay too."),
    FORM_ROWS("/cases/{id}/addresses", case_address, case_act_out, case_address_fill, .status = 201, .conflict_out = true,
              .about = "An address that carries what must go; it holds the case open until it is gone or left with a reason. 409 with the id of the one "
                       "that is there where the case has this page already."),
    ROW(PUT, "/cases/{id}/addresses/{id2}", EDIT, case_address_stage, case_address_stage_in, case_act_out, BODY,
        .about = "What became of an address; 409 where it cannot follow."),
    FORM_ROWS("/cases/{id}/addresses/{id2}", case_address_stage, case_act_out, case_address_stage_fill, .page_only = true),
    ROW(POST, "/cases/{id}/state", EDIT, case_state, case_state_in, case_act_out, BODY, ACT,
        .about = "The next state; 409 where it cannot follow."),
    ROW(POST, "/cases/{id}/worker", EDIT, case_worker, case_worker_in, case_act_out, ACT, .about = "Who works on it."),
    FORM_ROWS("/cases/{id}/close", case_close, case_close_out, case_close_fill, .conflict_out = true,
              .about = "Asks to close a case; 409 with holds while something holds it open."),
    ROW(POST, "/cases/{id}/close/approve", APPROVE, case_approve, case_approve_in, case_close_out, ACT,
        .conflict_out = true,
        .about = "Closes it; by somebody else than who asked. Its reports are closed with it."),
    ROW(POST, "/cases/{id}/steps", EDIT, case_steps, case_steps_in, case_act_out, BODY, ACT,
        .about = "Whether steps of the case are told to whoever reported. Hidden: those told before are taken away too, and do not come back."),
    FORM_ROWS("/cases/{id}/reopen", case_reopen, case_act_out, case_form_run,
              .about = "Opens a closed case for review."),
    {.name = "case_files_form", .path = "/cases/{id}/files", .method = GET, .perm = PERM_CASE_READ, .in = &case_file_in_shape,
     .out = &case_files_out_shape, .run = case_files_run, .page = case_files_page, .page_only = true},
    ROW(GET, "/cases/{id}/files", READ, case_files, case_files_in, case_files_out,
        .about = "The case's files: names and descriptions are opened through the keeper."),
    {.name = "case_file_add", .path = "/cases/{id}/files", .method = POST, .perm = PERM_CASE_EDIT, .in = &case_file_in_shape,
     .out = &case_files_out_shape, .run = case_file_add_form, .fill = case_files_run, .page = case_files_page,
     .then = "/cases/{id}/files", .status = 201, .upload = true, .body_max = CASE_FILE_BYTES + 64 * 1024,
     .about = "Puts a file into the case: multipart/form-data with the part `file`; its kind is told from its bytes."},
    ROW(GET, "/cases/{id}/files/{id2}", READ, case_file_read, case_files_in, case_files_out, .file_max = CASE_FILE_BYTES + 64 * 1024,
        .about = "The file, as an attachment; written to the audit and the case's history."),
    ROW(POST, "/cases/{id}/files/{id2}/remove", APPROVE, case_file_remove, case_file_remove_in, case_act_out, BODY,
        .page = case_act_page, .then = "/cases/{id}/files", .about = "Removes a file's bytes; that it was there stays."),
};
const struct routes case_desk_routes = {"casework", rows, sizeof rows / sizeof *rows};
