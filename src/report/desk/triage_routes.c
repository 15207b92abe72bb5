// The doors of triage: assessment, hand-over, many at once, load, shortcuts.
#include "report/desk/triage.h"

page_fn report_assess_page, report_handover_page, report_bulk_page, report_bulks_page, report_load_page, report_lift_page, report_keys_page,
    report_act_page, report_decline_page;

SHAPE(assess_option, FIELD(assess_option, value), FIELD(assess_option, label));
SHAPE(assess_question, FIELD(assess_question, id), FIELD(assess_question, axis, .about = "risk, incident or assessment."),
      FIELD(assess_question, label), FIELD(assess_question, needed),
      FIELD(assess_question, later, .about = "Asked only with a verdict that needs a second person."),
      FIELD(assess_question, options, .of = &assess_option_shape));
SHAPE(assess_row, FIELD(assess_row, at, .form = FORM_TIME), FIELD(assess_row, person), FIELD(assess_row, version, .about = "Of the question set."),
      FIELD(assess_row, verdict, .form = FORM_NULLABLE, .about = "Null while it is not shown."),
      FIELD(assess_row, answers, .about = "question:value."), FIELD(assess_row, note, .form = FORM_NULLABLE),
      FIELD(assess_row, altered, .about = "It does not open: somebody altered it in the store."));
SHAPE(assess_out, FIELD(assess_out, id), FIELD(assess_out, status, .about = "none, second (a second person must look), differ, settled."),
      FIELD(assess_out, verdict, .form = FORM_NULLABLE, .about = "Once settled."),
      FIELD(assess_out, version, .about = "Of the questions in force."),
      FIELD(assess_out, shown, .about = "Who has not answered sees the answers of others once it is settled."),
      FIELD(assess_out, questions, .of = &assess_question_shape), FIELD(assess_out, assessments, .of = &assess_row_shape, .about = "Oldest first."));
SHAPE(assess_in, FIELD(assess_in, answers, .required = true, .max = PACK_QUESTIONS_MAX, .about = "question:value, one a question."),
      FIELD(assess_in, note, .max = NOTE_MAX, .form = FORM_LINES, .about = "Sealed with the answers."),
      FIELD(assess_in, version, .about = "Of the questions that were answered; 409 where others are in force. Missing: not compared."));

SHAPE(handover_report, FIELD(handover_report, id), FIELD(handover_report, category), FIELD(handover_report, urgency, .form = FORM_URGENCY));
SHAPE(handover_row, FIELD(handover_row, id), FIELD(handover_row, giver), FIELD(handover_row, taker), FIELD(handover_row, at, .form = FORM_TIME),
      FIELD(handover_row, reports, .about = "How many."), FIELD(handover_row, mine, .about = "To be confirmed by whoever asks."));
static const struct field declined_fields[] = {
    FIELD(handover_row, id), FIELD(handover_row, giver), FIELD(handover_row, taker), FIELD(handover_row, at, .form = FORM_TIME),
    FIELD(handover_row, reports, .about = "How many are still one's own."),
    FIELD(handover_row, reason, .form = FORM_NULLABLE, .about = "Null: it does not open.")};
static const struct shape handover_declined_shape = {"handover_declined", sizeof(struct handover_row),
                                                     sizeof declined_fields / sizeof *declined_fields, declined_fields, "handover_row"};
SHAPE(handover_decline_in, FIELD(handover_decline_in, reason, .required = true, .why = true, .max = HANDOVER_NOTE_MAX, .form = FORM_LINES,
                                 .about = "Sealed beside each report."));
SHAPE(handover_worker, FIELD(handover_worker, id), FIELD(handover_worker, name));
static const struct shape handover_none_shape = {"handover_none", sizeof(struct handover_in), 0, NULL, "handover_in"};
SHAPE(handover_in, FIELD(handover_in, reports, .required = true, .max = HANDOVER_MAX, .about = "Ids of reports that one holds."),
      FIELD(handover_in, to, .required = true, .about = "A member of the unit."),
      FIELD(handover_in, note, .max = HANDOVER_NOTE_MAX, .form = FORM_LINES, .about = "Sealed beside each report."));
SHAPE(handover_out, FIELD(handover_out, open, .of = &handover_report_shape, .about = "What one holds."),
      FIELD(handover_out, waiting, .of = &handover_row_shape, .about = "Not confirmed yet, from oneself and to oneself."),
      FIELD(handover_out, declined, .of = &handover_declined_shape, .about = "One's own that the colleague did not take."),
      FIELD(handover_out, on_call, .of = &handover_worker_shape), FIELD(handover_out, gap, .about = "Nobody is on call now."));
SHAPE(handover_act_out, FIELD(handover_act_out, id), FIELD(handover_act_out, reports, .about = "How many are one's own now."));

SHAPE(bulk_in, FIELD(bulk_in, reports, .required = true, .max = BULK_MAX, .about = "Ids."),
      FIELD(bulk_in, reason, .required = true, .max = 40, .choices = "spam_reason"));
SHAPE(bulk_out, FIELD(bulk_out, id, .about = "To undo it."), FIELD(bulk_out, done), FIELD(bulk_out, left, .about = "That could not be."),
      FIELD(bulk_out, reason));
SHAPE(bulk_row, FIELD(bulk_row, id), FIELD(bulk_row, person), FIELD(bulk_row, at, .form = FORM_TIME), FIELD(bulk_row, reason),
      FIELD(bulk_row, reports, .about = "How many."), FIELD(bulk_row, undone));
SHAPE(bulk_list_out, FIELD(bulk_list_out, acts, .of = &bulk_row_shape, .about = "Of the last 30 days, newest first, at most 50."));

SHAPE(load_row, FIELD(load_row, person), FIELD(load_row, today, .about = "Seconds."), FIELD(load_row, week, .about = "Seconds in seven days."),
      FIELD(load_row, openings, .about = "Today."), FIELD(load_row, held, .about = "Reports taken and not assessed."), FIELD(load_row, stopped),
      FIELD(load_row, lifted), FIELD(load_row, why, .about = "day, pause, late, or empty."));
SHAPE(load_out, FIELD(load_out, workers, .of = &load_row_shape));
SHAPE(lift_in, FIELD(lift_in, hours, .required = true), FIELD(lift_in, reason, .required = true, .why = true, .max = LIFT_REASON_MAX,
                                                              .about = "Not about any report: it is not sealed."));
SHAPE(lift_out, FIELD(lift_out, id), FIELD(lift_out, until, .form = FORM_TIME));
SHAPE(keys_out, FIELD(keys_out, nothing, .form = FORM_HIDDEN));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/reports/{id}/assessment", REPORT_ASSESS, assess_read, assess_read_in, assess_out, .page = report_assess_page,
        .about = "The questions in force and what has been answered."),
    ROW(POST, "/reports/{id}/assessment", REPORT_ASSESS, assess_first, assess_in, assess_out, .page = report_assess_page, .fill = assess_fill,
        .then = "/reports/{id}/assessment", .body_max = 32 * 1024, .about = "Answers the questions, by who holds the report."),
    ROW(POST, "/reports/{id}/assessment/second", REPORT_ASSESS, assess_second, assess_in, assess_out, .page = report_assess_page,
        .fill = assess_fill, .then = "/reports/{id}/assessment", .body_max = 32 * 1024,
        .about = "The second, different person; 403 for who answered first."),
    ROW(GET, "/handover", REPORT_TAKE, handover_read, handover_none, handover_out, .page = report_handover_page,
        .about = "What one holds, what waits to be confirmed, who is on call."),
    ROW(POST, "/handover", REPORT_TAKE, handover_add, handover_in, handover_out, .page = report_handover_page, .fill = handover_fill,
        .then = "/handover", .body_max = 32 * 1024, .about = "Hands open reports over with a note; they are the giver's until confirmed."),
    ROW(POST, "/handover/{id}/confirm", REPORT_TAKE, handover_confirm, handover_confirm_in, handover_act_out, .page = report_act_page,
        .then = "/handover", .about = "Takes over what was handed over to oneself."),
    ROW(POST, "/handover/{id}/decline", REPORT_TAKE, handover_decline, handover_decline_in, handover_act_out, .page = report_decline_page,
        .fill = handover_decline_fill, .then = "/handover", .body_max = 32 * 1024,
        .about = "Does not take over what was handed over to oneself, with a reason; the giver keeps it and is told."),
    ROW(GET, "/bulk", REPORT_ASSESS, bulk_list, bulk_undo_in, bulk_list_out, .page = report_bulks_page,
        .about = "What was judged in bulk lately."),
    ROW(POST, "/bulk", REPORT_ASSESS, bulk_add, bulk_in, bulk_out, .page = report_bulk_page, .then = "/bulk", .body_max = 16 * 1024,
        .about = "Marks many reports as spam for one reason."),
    ROW(POST, "/bulk/{id}/undo", REPORT_ASSESS, bulk_undo, bulk_undo_in, bulk_out, .page = report_bulk_page, .then = "/bulk",
        .about = "Undoes it: what was new is new again, what was taken is one's own."),
    ROW(GET, "/load", LOAD, load_list, keys_in, load_out, .page = report_load_page,
        .about = "How much sexual content each worker has opened; never which report."),
    ROW(POST, "/load/{id}/lift", LOAD, lift, lift_in, lift_out, .page = report_lift_page, .fill = lift_fill, .then = "/load",
        .about = "Lifts a colleague's limits for some hours, with a reason; 403 for oneself."),
    ROW(GET, "/keys", SIGNED_IN, keys, keys_in, keys_out, .page = report_keys_page, .page_only = true, .about = "The keyboard."),
};
const struct routes report_triage_routes = {"report", rows, sizeof rows / sizeof *rows};
