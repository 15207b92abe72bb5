// The doors of this room, and the shapes of what they take and give.
#include "exchange/handlers.h"

page_fn referral_send_page, referral_list_page, referral_read_page, referral_act_page, exchange_contacts_page;

#define REASON_FIELD(s) FIELD(s, reason, .required = true, .max = REFERRAL_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the referral.")
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
      FIELD(referral_send_in, urgency, .form = FORM_URGENCY, .about = "Missing: the case's."));
// The empty form: its page reads the same struct as the one that is posted.
static const struct shape referral_send_form_in_shape = {"referral_send_form_in", sizeof(struct referral_send_in), 0, NULL};
SHAPE(referral_send_out, FIELD(referral_send_out, id));

SHAPE(referral_list_in, FIELD(referral_list_in, state, .max = 20, .about = "A state, or all; missing: all (the page: sent)."),
      FIELD(referral_list_in, after, .max = 40, .about = "next of the page before."));
SHAPE(referral_row, FIELD(referral_row, id), FIELD(referral_row, case_id), FIELD(referral_row, kind), FIELD(referral_row, direction, .about = "received or sent."),
      FIELD(referral_row, from), FIELD(referral_row, from_name), FIELD(referral_row, to), FIELD(referral_row, to_name),
      FIELD(referral_row, purpose), FIELD(referral_row, ground), FIELD(referral_row, consent), FIELD(referral_row, urgency, .form = FORM_URGENCY),
      FIELD(referral_row, fields, .about = "Names of what is shared, comma between."), FIELD(referral_row, state),
      FIELD(referral_row, sent_at, .form = FORM_TIME), FIELD(referral_row, answer_due, .form = FORM_TIME),
      FIELD(referral_row, outcome, .form = FORM_NULLABLE));
SHAPE(referral_list_out, FIELD(referral_list_out, referrals, .of = &referral_row_shape),
      FIELD(referral_list_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."));

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
      FIELD(referral_read_out, reason, .form = FORM_NULLABLE), FIELD(referral_read_out, fields, .of = &referral_value_shape),
      FIELD(referral_read_out, entries, .of = &referral_entry_shape, .about = "What both sides did and said, oldest first."));

static const struct shape referral_none_in_shape = {"referral_none_in", sizeof(struct referral_act_in), 0, NULL};
static const struct field referral_reason_in_fields[] = {REASON_FIELD(referral_act_in)};
static const struct shape referral_reason_in_shape = {"referral_reason_in", sizeof(struct referral_act_in), 1, referral_reason_in_fields};
static const struct field referral_text_in_fields[] = {TEXT_FIELD(referral_act_in, .required = true)};
static const struct shape referral_text_in_shape = {"referral_text_in", sizeof(struct referral_act_in), 1, referral_text_in_fields};
static const struct field referral_done_in_fields[] = {
    FIELD(referral_act_in, outcome, .required = true, .max = 40, .choices = "referral_outcome"), TEXT_FIELD(referral_act_in)};
static const struct shape referral_done_in_shape = {"referral_done_in", sizeof(struct referral_act_in), 2, referral_done_in_fields};
SHAPE(referral_act_out, FIELD(referral_act_out, id), FIELD(referral_act_out, state));

SHAPE(exchange_contact_in, FIELD(exchange_contact_in, unit, .required = true, .about = "One of one's own."),
      FIELD(exchange_contact_in, person, .required = true, .about = "A member of it."),
      FIELD(exchange_contact_in, place, .required = true, .about = "1 contact, 2 deputy, 3 head."));
SHAPE(exchange_contact, FIELD(exchange_contact, unit), FIELD(exchange_contact, unit_name), FIELD(exchange_contact, person),
      FIELD(exchange_contact, person_name, .form = FORM_NULLABLE), FIELD(exchange_contact, place, .about = "1 contact, 2 deputy, 3 head."));
SHAPE(exchange_contacts_out, FIELD(exchange_contacts_out, contacts, .of = &exchange_contact_shape),
      FIELD(exchange_contacts_out, gaps, .about = "Ids of units of which nobody answers first."));

SHAPE(exchange_protocol_in, FIELD(exchange_protocol_in, version, .required = true));
SHAPE(exchange_protocol_out, FIELD(exchange_protocol_out, version));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_REFERRAL_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define ACT(act_, perm_, in_, about_) ROW(POST, "/referrals/{id}/" #act_, perm_, referral_##act_, in_, referral_act_out, \
    .page = referral_act_page, .then = "/referrals/{id}", .body_max = 32 * 1024, .about = about_)

static const struct route rows[] = {
    ROW(GET, "/cases/{id}/refer", SEND, referral_send_form, referral_send_form_in, referral_send_out, .page = referral_send_page,
        .page_only = true),
    ROW(POST, "/cases/{id}/referrals", SEND, referral_send, referral_send_in, referral_send_out, .page = referral_send_page, .fill = referral_send_fill,
        .status = 201, .body_max = 64 * 1024,
        .about = "Shares chosen fields of a case with another unit, or hands the case over; 409 where the unit has not accepted the protocol in force."),
    ROW(GET, "/referrals", LIST, referral_list, referral_list_in, referral_list_out, .page = referral_list_page,
        .about = "Referrals from and to one's own units: metadata only, most urgent first."),
    ROW(GET, "/referrals/{id}", READ, referral_read, referral_read_in, referral_read_out, .page = referral_read_page,
        .about = "Opens a referral through the keeper; written to the audit and the case's history. 403 once it was revoked."),
    ACT(accept, ACT, referral_none_in, "The recipient takes it on; of a transfer the case is the recipient's from now on."),
    ACT(decline, ACT, referral_reason_in, "The recipient does not take it on."),
    ACT(ask, ACT, referral_text_in, "The recipient asks the sender something first; the clock starts anew, for the sender."),
    ACT(answer, SEND, referral_text_in, "The sender answers; the clock starts anew."),
    ACT(return, ACT, referral_reason_in, "The recipient hands back what it had accepted."),
    ACT(done, ACT, referral_done_in, "The recipient has finished, with an outcome."),
    ACT(revoke, SEND, referral_reason_in, "The sender takes it back: the recipient opens nothing more of it."),
    ROW(GET, "/contacts", LIST, exchange_contacts, exchange_contacts_in, exchange_contacts_out, .page = exchange_contacts_page,
        .about = "Who answers for each unit that exchanges, and where nobody does."),
    {.name = "exchange_contact", .path = "/contacts", .method = POST, .perm = PERM_UNIT_ADMIT, .in = &exchange_contact_in_shape,
     .out = &exchange_contacts_out_shape, .run = exchange_contact_run, .page = exchange_contacts_page, .fill = exchange_contacts_fill,
     .then = "/contacts", .about = "Names who answers for one's own unit; replaces whoever had the place."},
    {.name = "exchange_protocol", .path = "/protocol", .method = POST, .perm = PERM_PEOPLE_ADMIN, .in = &exchange_protocol_in_shape,
     .out = &exchange_protocol_out_shape, .run = exchange_protocol_run,
     .about = "A higher version of the data-exchange protocol comes into force; units must accept it before they receive anything more."},
    {.name = "exchange_agree", .path = "/units/{id}/protocol", .method = POST, .perm = PERM_UNIT_ADMIT, .in = &exchange_protocol_in_shape,
     .out = &exchange_protocol_out_shape, .run = exchange_agree_run,
     .about = "A member accepts the version in force for his unit; 409 where another version is in force."},
};
const struct routes exchange_desk_routes = {"exchange", rows, sizeof rows / sizeof *rows};
