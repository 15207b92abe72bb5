// The desk's doors of this room, and the shapes of what they take and give.
#include "report/desk/handlers.h"
#include "web/once.h"

page_fn report_list_page, report_read_page, report_act_page, report_urgency_page, report_answer_page;

SHAPE(report_list_in,
      FIELD(report_list_in, state, .max = 20, .about = "A state, messages (unread ones of the reporter, in any state), second (the verdict waits for a second person, and one has not answered), or all; missing: all (the page: new)."),
      FIELD(report_list_in, burst, .max = 32, .about = "Only the reports of this flood."),
      FIELD(report_list_in, after, .max = 64, .about = "next of the page before."),
      FIELD(report_list_in, grouped, .about = "Of a flood only the report that leads it."));
SHAPE(report_row, FIELD(report_row, id), FIELD(report_row, category), FIELD(report_row, urgency, .form = FORM_URGENCY), FIELD(report_row, state),
      FIELD(report_row, received_at, .form = FORM_TIME), FIELD(report_row, take_due, .form = FORM_TIME),
      FIELD(report_row, same_page_count, .about = "Other reports of the same page; counted up to 1000."),
      FIELD(report_row, burst_count, .about = "Grouped: new reports of the same flood that stand behind this one."),
      FIELD(report_row, county, .form = FORM_NULLABLE), FIELD(report_row, language), FIELD(report_row, in_danger),
      FIELD(report_row, withdraw_asked), FIELD(report_row, unread, .about = "Messages of the reporter that nobody has opened."),
      FIELD(report_row, act_due, .form = FORM_TIME, .about = "Until when a taken one must be assessed."),
      FIELD(report_row, message_due, .form = FORM_TIME, .about = "Until when its oldest unread message must be read."),
      FIELD(report_row, late, .about = "A clock of it has run out."),
      FIELD(report_row, climbed, .about = "How many places of the roster its overdue clock has told."),
      FIELD(report_row, taken_by, .form = FORM_NULLABLE),
      FIELD(report_row, holder_left, .about = "taken_by works there no more: anybody may take it."), FIELD(report_row, unit), FIELD(report_row, burst, .form = FORM_NULLABLE),
      FIELD(report_row, flagger, .form = FORM_NULLABLE, .about = "The trusted flagger who sent it."));
SHAPE(report_list_out, FIELD(report_list_out, reports, .of = &report_row_shape),
      FIELD(report_list_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."),
      FIELD(report_list_out, messages, .about = "Reports with messages that nobody has read; counted up to 1000 a unit."),
      FIELD(report_list_out, second, .about = "Reports that state=second lists; counted up to 1000 a unit."));

SHAPE(report_line, FIELD(report_line, id), FIELD(report_line, direction, .about = "up: from the reporter; down: from the desk."),
      FIELD(report_line, sent_at, .form = FORM_TIME), FIELD(report_line, text));
SHAPE(report_note, FIELD(report_note, at, .form = FORM_TIME), FIELD(report_note, person), FIELD(report_note, action),
      FIELD(report_note, text));
SHAPE(report_done, FIELD(report_done, at, .form = FORM_TIME), FIELD(report_done, person, .form = FORM_NULLABLE),
      FIELD(report_done, action));
SHAPE(report_read_out, FIELD(report_read_out, id), FIELD(report_read_out, category), FIELD(report_read_out, urgency, .form = FORM_URGENCY),
      FIELD(report_read_out, urgency_computed, .form = FORM_URGENCY), FIELD(report_read_out, state), FIELD(report_read_out, received_at, .form = FORM_TIME),
      FIELD(report_read_out, take_due, .form = FORM_TIME), FIELD(report_read_out, language),
      FIELD(report_read_out, where), FIELD(report_read_out, typed, .form = FORM_NULLABLE),
      FIELD(report_read_out, address, .form = FORM_NULLABLE, .about = "Exactly as read."),
      FIELD(report_read_out, page, .form = FORM_NULLABLE, .about = "As compared."),
      FIELD(report_read_out, host, .form = FORM_NULLABLE), FIELD(report_read_out, app, .form = FORM_NULLABLE),
      FIELD(report_read_out, account, .form = FORM_NULLABLE), FIELD(report_read_out, reporter, .form = FORM_NULLABLE),
      FIELD(report_read_out, age_band, .form = FORM_NULLABLE), FIELD(report_read_out, county, .form = FORM_NULLABLE),
      FIELD(report_read_out, municipality, .form = FORM_NULLABLE), FIELD(report_read_out, in_danger),
      FIELD(report_read_out, seen, .form = FORM_NULLABLE), FIELD(report_read_out, text, .form = FORM_NULLABLE),
      FIELD(report_read_out, contact, .form = FORM_NULLABLE), FIELD(report_read_out, safe_to_contact, .form = FORM_NULLABLE),
      FIELD(report_read_out, institution, .form = FORM_NULLABLE), FIELD(report_read_out, function, .form = FORM_NULLABLE),
      FIELD(report_read_out, flagger, .form = FORM_NULLABLE, .about = "The trusted flagger who sent it."),
      FIELD(report_read_out, unit), FIELD(report_read_out, taken_by, .form = FORM_NULLABLE), FIELD(report_read_out, holder_left),
      FIELD(report_read_out, taken_at, .form = FORM_TIME), FIELD(report_read_out, withdraw_asked),
      FIELD(report_read_out, same_page, .about = "Ids of other reports of the same page, at most 100."),
      FIELD(report_read_out, same_host, .about = "Ids of other reports of the same host, at most 100."),
      FIELD(report_read_out, same_as, .form = FORM_NULLABLE, .about = "The report that it repeats."),
      FIELD(report_read_out, duplicates, .about = "Ids of the reports that repeat it, at most 100."),
      FIELD(report_read_out, messages, .of = &report_line_shape), FIELD(report_read_out, notes, .of = &report_note_shape),
      FIELD(report_read_out, history, .of = &report_done_shape, .about = "Newest first, reads included."));

SHAPE(report_act_out, FIELD(report_act_out, id), FIELD(report_act_out, state), FIELD(report_act_out, urgency, .form = FORM_URGENCY));
SHAPE(report_urgency_in, FIELD(report_urgency_in, urgency, .required = true, .form = FORM_URGENCY),
      FIELD(report_urgency_in, was, .form = FORM_URGENCY, .about = "That the writer has seen; 409 where it is no longer so. Missing: not compared."),
      FIELD(report_urgency_in, reason, .required = true, .max = NOTE_MAX, .form = FORM_LINES, .about = "Sealed with the report."));
SHAPE(report_state_in, FIELD(report_state_in, state, .required = true, .max = 20,
                             .about = "taken (again), assessed, duplicate, spam, withdrawn or closed."),
      FIELD(report_state_in, of, .max = 32, .about = "Of a duplicate: the id of the report that it repeats, which is worked on by the same unit."),
      FIELD(report_state_in, link, .max = 300, .about = "The same, as the address of its page."));
SHAPE(report_answer_in, FIELD(report_answer_in, text, .required = true, .max = ANSWER_MAX, .form = FORM_LINES), ONCE_FIELD(report_answer_in));
SHAPE(report_answer_out, FIELD(report_answer_out, id), FIELD(report_answer_out, state), FIELD(report_answer_out, seq));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_REPORT_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/reports", LIST, report_list, report_list_in, report_list_out, .page = report_list_page,
        .about = "The queue: metadata only, most urgent first, then by the time they must be taken; of those taken the late ones first."),
    ROW(GET, "/reports/{id}", READ, report_read, report_read_in, report_read_out, .page = report_read_page,
        .about = "Opens a report through the keeper; written to the audit and the report's history."),
    ROW(POST, "/reports/{id}/take", TAKE, report_take, report_take_in, report_act_out, .page = report_act_page,
        .then = "/reports/{id}", .about = "Takes a new report, or one that somebody has who works there no more; 409 where somebody has it."),
    ROW(POST, "/reports/{id}/release", TAKE, report_release, report_release_in, report_act_out, .page = report_act_page,
        .then = "/reports/{id}", .about = "Gives a taken report back to the queue."),
    ROW(POST, "/reports/{id}/urgency", ASSESS, report_urgency, report_urgency_in, report_act_out, .page = report_urgency_page,
        .then = "/reports/{id}", .body_max = 16 * 1024, .about = "Changes the urgency, with a reason; lowered, one of at least 10 characters, and not while a verdict waits for its second person (409)."),
    ROW(POST, "/reports/{id}/state", ASSESS, report_state, report_state_in, report_act_out, .page = report_act_page,
        .then = "/reports/{id}", .about = "Judges a report; the reporter sees the step."),
    ROW(POST, "/reports/{id}/answer", ANSWER, report_answer, report_answer_in, report_answer_out, .page = report_answer_page,
        .then = "/reports/{id}", .body_max = 64 * 1024, .about = "Writes to the reporter."),
};
const struct routes report_desk_routes = {"report", rows, sizeof rows / sizeof *rows};
