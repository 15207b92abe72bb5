// The doors of this room, and the shapes of what they take and give.
#include "exchange/handlers.h"
#include "web/once.h"
#include "web/seen.h"

page_fn referral_send_page, referral_list_page, referral_read_page, referral_act_page, exchange_contacts_page, exchange_unit_page, referral_note_page,
    exchange_protocol_page, exchange_late_page, exchange_shared_page, exchange_report_page, exchange_answer_page;

#define REASON_FIELD(s) FIELD(s, reason, .required = true, .why = true, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the referral.")
#define TEXT_FIELD(s, ...) FIELD(s, text, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the referral.", ##__VA_ARGS__)

SHAPE(referral_send_in, FIELD(referral_send_in, unit, .required = true, .about = "The receiving unit."),
      FIELD(referral_send_in, kind, .max = 20, .about = "referral (missing: this): shared, the owner stays; transfer: the case is handed over."),
      FIELD(referral_send_in, purpose, .required = true, .max = 40, .choices = "referral_purpose"),
      FIELD(referral_send_in, ground, .required = true, .max = 40, .choices = "legal_ground"),
      FIELD(referral_send_in, fields, .required = true, .max = REFERRAL_FIELDS_MAX, .choices = "referral_field",
            .about = "What is copied from the case's reports; nothing else can be read."),
      FIELD(referral_send_in, note, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the referral."),
      FIELD(referral_send_in, consent, .about = "The child or guardian agreed. Where not, reason or note must say why it is sent all the same."),
      FIELD(referral_send_in, reason, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the referral."),
      FIELD(referral_send_in, more_reason, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES,
            .about = "Why more than the template's minimum for this purpose and receiver is shared; reason or note may say it. Sealed with the referral."),
      FIELD(referral_send_in, urgency, .form = FORM_URGENCY, .about = "Missing: the case's."),
      FIELD(referral_send_in, urgency_reason, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES,
            .about = "Why it is less urgent than the case; needed then. Sealed with the referral."),
      ONCE_FIELD(referral_send_in));
// The empty form: its page reads the same struct as the one that is posted.
static const struct field referral_send_form_in_fields[] = {
    FIELD(referral_send_in, unit), FIELD(referral_send_in, purpose, .max = 40, .choices = "referral_purpose")};
static const struct shape referral_send_form_in_shape = {"referral_send_form_in", sizeof(struct referral_send_in), 2, referral_send_form_in_fields,
                                                         "referral_send_in"};
SHAPE(referral_send_out, FIELD(referral_send_out, id));

SHAPE(referral_list_in,
      FIELD(referral_list_in, state, .max = 20,
            .about = "A state, all, or waiting: what one's own units must answer, finish or have not seen yet. Missing: all (the page: waiting)."),
      FIELD(referral_list_in, direction, .max = 20, .about = "received, sent; missing: both."),
      FIELD(referral_list_in, after, .max = 40, .about = "next of the page before."));
SHAPE(referral_row, FIELD(referral_row, id), FIELD(referral_row, case_id), FIELD(referral_row, kind),
      FIELD(referral_row, direction, .about = "received or sent."), FIELD(referral_row, from), FIELD(referral_row, from_name),
      FIELD(referral_row, to), FIELD(referral_row, to_name), FIELD(referral_row, purpose), FIELD(referral_row, ground), FIELD(referral_row, consent),
      FIELD(referral_row, urgency, .form = FORM_URGENCY), FIELD(referral_row, fields, .about = "Names of what is shared, comma between."),
      FIELD(referral_row, state), FIELD(referral_row, sent_at, .form = FORM_TIME), FIELD(referral_row, answer_due, .form = FORM_TIME),
      FIELD(referral_row, outcome, .form = FORM_NULLABLE),
      FIELD(referral_row, news, .about = "The other side did or wrote something since one's own unit opened it."));
SHAPE(referral_list_out, FIELD(referral_list_out, referrals, .of = &referral_row_shape),
      FIELD(referral_list_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."));

SHAPE(exchange_late_in, FIELD(exchange_late_in, after, .max = 40, .about = "next of the page before."));
SHAPE(exchange_answerer, FIELD(exchange_answerer, place, .about = "1 contact, 2 deputy, 3 head."), FIELD(exchange_answerer, name),
      FIELD(exchange_answerer, mail, .form = FORM_NULLABLE));
SHAPE(exchange_late_row, FIELD(exchange_late_row, from), FIELD(exchange_late_row, from_name), FIELD(exchange_late_row, to),
      FIELD(exchange_late_row, to_name), FIELD(exchange_late_row, kind), FIELD(exchange_late_row, state, .about = "sent or asked."),
      FIELD(exchange_late_row, purpose), FIELD(exchange_late_row, urgency, .form = FORM_URGENCY),
      FIELD(exchange_late_row, sent_at, .form = FORM_TIME), FIELD(exchange_late_row, answer_due, .form = FORM_TIME),
      FIELD(exchange_late_row, late_minutes), FIELD(exchange_late_row, unit, .about = "Whose turn it is: the receiver's; the sender's where it was asked."),
      FIELD(exchange_late_row, unit_name), FIELD(exchange_late_row, hours, .form = FORM_NULLABLE), FIELD(exchange_late_row, phone, .form = FORM_NULLABLE),
      FIELD(exchange_late_row, contacts, .of = &exchange_answerer_shape, .about = "Who answers for that unit."));
SHAPE(exchange_late_out, FIELD(exchange_late_out, referrals, .of = &exchange_late_row_shape),
      FIELD(exchange_late_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."));

SHAPE(referral_value, FIELD(referral_value, name), FIELD(referral_value, value),
      FIELD(referral_value, report, .form = FORM_NULLABLE, .about = "Of which report of the case."));
SHAPE(referral_entry, FIELD(referral_entry, id), FIELD(referral_entry, kind), FIELD(referral_entry, at, .form = FORM_TIME),
      FIELD(referral_entry, person), FIELD(referral_entry, unit), FIELD(referral_entry, text, .form = FORM_NULLABLE));
SHAPE(referral_read_out, FIELD(referral_read_out, id), FIELD(referral_read_out, case_id), FIELD(referral_read_out, kind),
      FIELD(referral_read_out, from), FIELD(referral_read_out, from_name), FIELD(referral_read_out, to), FIELD(referral_read_out, to_name),
      FIELD(referral_read_out, purpose), FIELD(referral_read_out, ground), FIELD(referral_read_out, consent),
      FIELD(referral_read_out, urgency, .form = FORM_URGENCY), FIELD(referral_read_out, state), FIELD(referral_read_out, sent_at, .form = FORM_TIME),
      FIELD(referral_read_out, state_at, .form = FORM_TIME), FIELD(referral_read_out, answer_due, .form = FORM_TIME),
      FIELD(referral_read_out, outcome, .form = FORM_NULLABLE), FIELD(referral_read_out, note, .form = FORM_NULLABLE),
      FIELD(referral_read_out, reason, .form = FORM_NULLABLE),
      FIELD(referral_read_out, more_reason, .form = FORM_NULLABLE),
      FIELD(referral_read_out, urgency_reason, .form = FORM_NULLABLE, .about = "Why it is less urgent than its case."),
      FIELD(referral_read_out, not_told, .about = "Somebody in this case must not be told: ask the sender before anybody is contacted."),
      FIELD(referral_read_out, fields, .of = &referral_value_shape),
      FIELD(referral_read_out, entries, .of = &referral_entry_shape, .about = "What both sides did and said, oldest first."),
      FIELD(referral_read_out, notes, .of = &referral_entry_shape, .about = "The receiver's own work notes; empty for the sender."));
static const struct field referral_note_in_fields[] = {
    FIELD(referral_note_in, text, .required = true, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed to one's own unit."),
    ONCE_FIELD(referral_note_in)};
static const struct shape referral_note_in_shape = {"referral_note_in", sizeof(struct referral_note_in), 2, referral_note_in_fields, "referral_note_in"};
SHAPE(referral_note_out, FIELD(referral_note_out, id));
SHAPE(exchange_shared, FIELD(exchange_shared, id), FIELD(exchange_shared, from), FIELD(exchange_shared, from_name), FIELD(exchange_shared, to),
      FIELD(exchange_shared, to_name), FIELD(exchange_shared, kind), FIELD(exchange_shared, state), FIELD(exchange_shared, purpose),
      FIELD(exchange_shared, consent), FIELD(exchange_shared, sent_at, .form = FORM_TIME),
      FIELD(exchange_shared, fields, .about = "Names of what was copied."),
      FIELD(exchange_shared, readable, .about = "The receiver still has the key."),
      FIELD(exchange_shared, unaware, .about = "Somebody must not be told since, and nobody of the receiver has opened it since."));
SHAPE(exchange_taken, FIELD(exchange_taken, id), FIELD(exchange_taken, way, .about = "unit, outside or printed."), FIELD(exchange_taken, from),
      FIELD(exchange_taken, from_name, .form = FORM_NULLABLE),
      FIELD(exchange_taken, to, .form = FORM_NULLABLE, .about = "null: nobody of the platform; for whom is told in the case."),
      FIELD(exchange_taken, to_name, .form = FORM_NULLABLE), FIELD(exchange_taken, made_at, .form = FORM_TIME),
      FIELD(exchange_taken, opened, .about = "How often; of one for outside, fetched."), FIELD(exchange_taken, opened_at, .form = FORM_TIME),
      FIELD(exchange_taken, revoked_at, .form = FORM_TIME));
SHAPE(exchange_shared_out, FIELD(exchange_shared_out, shared, .of = &exchange_shared_shape),
      FIELD(exchange_shared_out, files, .of = &exchange_taken_shape, .about = "Case files made of it, oldest first."));
SHAPE(exchange_said, FIELD(exchange_said, direction, .about = "up: from the reporter; down: from whoever works on it."),
      FIELD(exchange_said, sent_at, .form = FORM_TIME), FIELD(exchange_said, text));
SHAPE(exchange_report_out, FIELD(exchange_report_out, id), FIELD(exchange_report_out, case_id),
      FIELD(exchange_report_out, fields, .of = &referral_value_shape),
      FIELD(exchange_report_out, messages, .of = &exchange_said_shape, .about = "The newest, oldest first; for the unit that answers for the case."),
      FIELD(exchange_report_out, withdraw_asked));
SHAPE(exchange_answer_in, FIELD(exchange_answer_in, text, .required = true, .max = REPORT_MESSAGE_MAX, .form = FORM_LINES), ONCE_FIELD(exchange_answer_in));
SHAPE(exchange_answer_out, FIELD(exchange_answer_out, id), FIELD(exchange_answer_out, seq));

static const struct shape referral_none_in_shape = {"referral_none_in", sizeof(struct referral_act_in), 0, NULL, "referral_act_in"};
static const struct field referral_reason_in_fields[] = {REASON_FIELD(referral_act_in)};
static const struct shape referral_reason_in_shape = {"referral_reason_in", sizeof(struct referral_act_in), 1, referral_reason_in_fields, "referral_act_in"};
static const struct field referral_text_in_fields[] = {TEXT_FIELD(referral_act_in, .required = true)};
static const struct shape referral_text_in_shape = {"referral_text_in", sizeof(struct referral_act_in), 1, referral_text_in_fields, "referral_act_in"};
static const struct field referral_said_in_fields[] = {TEXT_FIELD(referral_act_in, .required = true), ONCE_FIELD(referral_act_in)};
static const struct shape referral_said_in_shape = {"referral_said_in", sizeof(struct referral_act_in), 2, referral_said_in_fields, "referral_act_in"};
static const struct field referral_done_in_fields[] = {
    FIELD(referral_act_in, outcome, .required = true, .max = 40, .choices = "referral_outcome"), TEXT_FIELD(referral_act_in)};
static const struct shape referral_done_in_shape = {"referral_done_in", sizeof(struct referral_act_in), 2, referral_done_in_fields, "referral_act_in"};
SHAPE(referral_act_out, FIELD(referral_act_out, id), FIELD(referral_act_out, state));

SHAPE(exchange_contact_in, FIELD(exchange_contact_in, unit, .required = true, .about = "One of one's own."),
      FIELD(exchange_contact_in, person, .about = "A member of it who has no other place there; missing: nobody, the place is free again."),
      FIELD(exchange_contact_in, place, .required = true, .about = "1 contact, 2 deputy, 3 head."), SEEN_FIELD(exchange_contact_in));
SHAPE(exchange_contact, FIELD(exchange_contact, unit), FIELD(exchange_contact, unit_name), FIELD(exchange_contact, person),
      FIELD(exchange_contact, person_name, .form = FORM_NULLABLE), FIELD(exchange_contact, place, .about = "1 contact, 2 deputy, 3 head."));
SHAPE(exchange_contacts_in, FIELD(exchange_contacts_in, type, .max = 40, .choices = "institution_type"),
      FIELD(exchange_contacts_in, county, .max = 40, .choices = "county"), FIELD(exchange_contacts_in, q, .max = 80, .about = "Part of a name."),
      FIELD(exchange_contacts_in, gaps, .about = "Only units of which nobody answers first."));
SHAPE(exchange_point, FIELD(exchange_point, unit), FIELD(exchange_point, name), FIELD(exchange_point, type),
      FIELD(exchange_point, county, .form = FORM_NULLABLE), FIELD(exchange_point, municipality, .form = FORM_NULLABLE),
      FIELD(exchange_point, contact, .form = FORM_NULLABLE), FIELD(exchange_point, deputy, .form = FORM_NULLABLE),
      FIELD(exchange_point, head, .form = FORM_NULLABLE), FIELD(exchange_point, hours, .form = FORM_NULLABLE),
      FIELD(exchange_point, phone, .form = FORM_NULLABLE), FIELD(exchange_point, members),
      FIELD(exchange_point, version, .about = "Of the protocol that it has accepted last; 0: none."), FIELD(exchange_point, gap));
SHAPE(exchange_contacts_out, FIELD(exchange_contacts_out, contacts, .of = &exchange_contact_shape),
      FIELD(exchange_contacts_out, gaps, .about = "Ids of units of which nobody answers first."),
      FIELD(exchange_contacts_out, points, .of = &exchange_point_shape, .about = "The units that were asked for."));
SHAPE(exchange_unit_out, FIELD(exchange_unit_out, unit), FIELD(exchange_unit_out, name), FIELD(exchange_unit_out, type),
      FIELD(exchange_unit_out, county, .form = FORM_NULLABLE), FIELD(exchange_unit_out, municipality, .form = FORM_NULLABLE),
      FIELD(exchange_unit_out, hours, .form = FORM_NULLABLE), FIELD(exchange_unit_out, phone, .form = FORM_NULLABLE),
      FIELD(exchange_unit_out, members), FIELD(exchange_unit_out, version), FIELD(exchange_unit_out, gap),
      FIELD(exchange_unit_out, seen, .about = "To be sent back with a change of it."),
      FIELD(exchange_unit_out, contacts, .of = &exchange_contact_shape));
SHAPE(exchange_duty_in, FIELD(exchange_duty_in, hours, .max = EXCHANGE_LINE_MAX, .about = "When somebody answers, in words."),
      FIELD(exchange_duty_in, phone, .max = EXCHANGE_LINE_MAX), SEEN_FIELD(exchange_duty_in));

SHAPE(exchange_protocol_in, FIELD(exchange_protocol_in, version, .required = true, .about = "One of the country pack's."),
      FIELD(exchange_protocol_in, decision, .required = true, .max = EXCHANGE_LINE_MAX, .about = "Number of the experts' group's decision."),
      FIELD(exchange_protocol_in, decided, .required = true, .max = 10, .about = "Its day, as 2026-11-20."));
SHAPE(exchange_agree_in, FIELD(exchange_agree_in, version, .required = true));
SHAPE(exchange_version, FIELD(exchange_version, version), FIELD(exchange_version, title), FIELD(exchange_version, in_force),
      FIELD(exchange_version, decision, .form = FORM_NULLABLE), FIELD(exchange_version, decided, .form = FORM_TIME),
      FIELD(exchange_version, altered, .about = "The text is not the one that was decided."), FIELD(exchange_version, points));
SHAPE(exchange_accepted, FIELD(exchange_accepted, unit), FIELD(exchange_accepted, name), FIELD(exchange_accepted, version),
      FIELD(exchange_accepted, altered, .about = "The text is not the one that was accepted."));
SHAPE(exchange_protocol_out, FIELD(exchange_protocol_out, version, .about = "In force; 0: none."),
      FIELD(exchange_protocol_out, versions, .of = &exchange_version_shape), FIELD(exchange_protocol_out, units, .of = &exchange_accepted_shape),
      FIELD(exchange_protocol_out, gaps, .about = "Ids of units with members that have not accepted the version in force."));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_REFERRAL_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define OTHER(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define ACT(act_, perm_, in_, about_) ROW(POST, "/referrals/{id}/" #act_, perm_, referral_##act_, in_, referral_act_out, \
    .page = referral_act_page, .then = "/referrals/{id}", .body_max = 64 * 1024, .about = about_)

#define OPENED_MAX (2u << 20) // what of a case is opened to be shared: its entries, CASE_ENTRIES_BYTES sealed and as much in plain

static const struct route rows[] = {
    ROW(GET, "/cases/{id}/refer", SEND, referral_send_form, referral_send_form_in, referral_send_out, .page = referral_send_page,
        .page_only = true, .file_max = OPENED_MAX),
    ROW(POST, "/cases/{id}/referrals", SEND, referral_send, referral_send_in, referral_send_out, .page = referral_send_page, .fill = referral_send_fill,
        .status = 201, .body_max = 192 * 1024, .file_max = OPENED_MAX,
        .about = "Shares chosen fields of a case with another unit, or hands the case over; 409 where the unit has not accepted the protocol in force."),
    ROW(GET, "/referrals", LIST, referral_list, referral_list_in, referral_list_out, .page = referral_list_page,
        .about = "Referrals from and to one's own units: metadata only, most urgent first."),
    ROW(GET, "/referrals/late", LATE, exchange_late, exchange_late_in, exchange_late_out, .page = exchange_late_page,
        .about = "Referrals of all units whose answer is late, latest first: metadata only, and whom to call."),
    ROW(GET, "/referrals/{id}", READ, referral_read, referral_read_in, referral_read_out, .page = referral_read_page,
        .about = "Opens a referral through the keeper; written to the audit and the case's history. 403 with the day once it was taken back or declined."),
    ACT(accept, ACT, referral_none_in, "The recipient takes it on; of a transfer the case is the recipient's from now on."),
    ACT(decline, ACT, referral_reason_in, "The recipient does not take it on; its copy is closed."),
    ACT(ask, ACT, referral_text_in, "The recipient asks the sender something first; the clock starts anew, for the sender."),
    ACT(answer, SEND, referral_text_in, "The sender answers; the clock starts anew."),
    ACT(return, ACT, referral_reason_in, "The recipient hands back what it had accepted."),
    ACT(done, ACT, referral_done_in, "The recipient has finished, with an outcome."),
    ACT(progress, ACT, referral_said_in, "The recipient says how far it is, an intermediate result; the clock of the outcome starts anew."),
    ACT(add, SEND, referral_said_in, "The sender adds something; the clock goes on."),
    ACT(revoke, SEND, referral_reason_in,
        "The sender takes it back: the recipient opens nothing more of it. Also after hand back or done, once; the state stays then."),
    ROW(POST, "/cases/{id}/referrals/{id2}/revoke", SEND, referral_end, referral_reason_in, referral_act_out, .page = referral_act_page,
        .fill = referral_end_fill, .then = "/cases/{id}/shared", .body_max = 64 * 1024,
        .about = "The unit that answers for the case now takes back what a former owner sent of it, without that referral's key; the reason is an entry of the case."),
    {.name = "referral_note", .path = "/referrals/{id}/notes", .method = POST, .perm = PERM_REFERRAL_ACT, .in = &referral_note_in_shape,
     .out = &referral_note_out_shape, .run = referral_note_run, .page = referral_note_page, .then = "/referrals/{id}", .status = 201,
     .body_max = 64 * 1024, .about = "A work note of the receiver, sealed to its own unit."},
    OTHER(GET, "/cases/{id}/shared", CASE_READ, exchange_shared, exchange_shared_in, exchange_shared_out, .page = exchange_shared_page,
          .about = "What was shared of a case, with whom, and whether it can still be read there; and what left as a case file."),
    OTHER(GET, "/cases/{id}/reports/{id2}", CASE_READ, exchange_report, exchange_report_in, exchange_report_out, .page = exchange_report_page,
          .about = "Opens a report of a case by the case's key, with what is said with its reporter; written to the audit and the case's history."),
    OTHER(POST, "/cases/{id}/reports/{id2}/answer", CASE_EDIT, exchange_answer, exchange_answer_in, exchange_answer_out, .page = exchange_answer_page,
          .body_max = 64 * 1024, .about = "Writes to the reporter of a case's report; for the unit that answers for the case."),
    OTHER(GET, "/contacts", CONTACT_LIST, exchange_contacts, exchange_contacts_in, exchange_contacts_out, .page = exchange_contacts_page,
          .about = "Who answers for each unit that exchanges, and where nobody does."),
    OTHER(GET, "/contacts/{id}", CONTACT_LIST, exchange_unit, exchange_unit_in, exchange_unit_out, .page = exchange_unit_page,
          .about = "One unit: who answers for it, when, and what it has accepted."),
    OTHER(POST, "/contacts", UNIT_ADMIT, exchange_contact, exchange_contact_in, exchange_unit_out, .page = exchange_unit_page,
          .fill = exchange_contact_fill, .then = "/contacts", .about = "Names who answers for one's own unit; replaces whoever had the place."),
    OTHER(POST, "/contacts/{id}/duty", UNIT_ADMIT, exchange_duty, exchange_duty_in, exchange_unit_out, .page = exchange_unit_page,
          .fill = exchange_unit_fill, .then = "/contacts", .about = "Duty hours and telephone of one's own unit."),
    OTHER(GET, "/protocol", CONTACT_LIST, exchange_protocols, exchange_protocols_in, exchange_protocol_out, .page = exchange_protocol_page,
          .about = "The versions of the data-exchange protocol with their text and decision, and who has accepted the one in force."),
    OTHER(POST, "/protocol", PEOPLE_ADMIN, exchange_protocol, exchange_protocol_in, exchange_protocol_out, .page = exchange_protocol_page,
          .fill = exchange_protocol_fill, .then = "/protocol",
          .about = "A higher version comes into force by a decision of the experts' group; units must accept it before they receive anything more."),
    OTHER(POST, "/units/{id}/protocol", UNIT_ADMIT, exchange_agree, exchange_agree_in, exchange_protocol_out, .page = exchange_protocol_page,
          .fill = exchange_protocol_fill, .then = "/protocol",
          .about = "A member accepts the version in force for his unit; 409 where another version is in force."),
};
const struct routes exchange_desk_routes = {"exchange", rows, sizeof rows / sizeof *rows};
