// The doors of this room, and the shapes of what they take and give.
#include "casefile/handlers.h"

page_fn casefile_page, casefile_list_page;

SHAPE(casefile_make_in,
      FIELD(casefile_make_in, way, .required = true, .max = 10, .about = "print: shown now; unit: sealed for a unit; outside: under a passphrase."),
      FIELD(casefile_make_in, unit, .about = "The receiving unit, of way unit."),
      FIELD(casefile_make_in, recipient, .max = CASEFILE_LINE_MAX, .about = "For whom, of the other ways. Sealed with the case."),
      FIELD(casefile_make_in, ground, .required = true, .max = 40, .choices = "legal_ground"),
      FIELD(casefile_make_in, consent, .about = "The child or guardian agreed. Where not, reason must say why it is given all the same."),
      FIELD(casefile_make_in, reason, .max = CASEFILE_TEXT_MAX, .form = FORM_LINES, .about = "Sealed with the case; not in the file."),
      FIELD(casefile_make_in, copies, .about = "How many are printed; missing: one."),
      FIELD(casefile_make_in, persons, .max = CASE_ENTRIES_MAX, .about = "Persons of the case, each chosen."),
      FIELD(casefile_make_in, reports, .max = PAPER_REPORTS_MAX, .about = "Reports of the case, each chosen; never the reporter's own particulars."),
      FIELD(casefile_make_in, parts, .max = 20,
            .about = "assessment, plan, tasks, routes, addresses, files (their names and hashes), notes, shared, timeline."),
      FIELD(casefile_make_in, compared, .about = "The recipient was compared with those who must not be told; needed where there are any."));
static const struct field choice_fields[] = {FIELD(choice, value), FIELD(choice, label)};
static const struct shape choice_shape = {"casefile_choice", sizeof(struct choice), 2, choice_fields, "choice"};
#define PART(of_, m, ...) {.name = #m, .kind = KIND(casefile_out, of_.m), .at = offsetof(struct casefile_out, of_.m), ##__VA_ARGS__}
static const struct field form_fields[] = {
    PART(form, case_id), PART(form, number), PART(form.of, persons, .of = &paper_person_shape), PART(form.of, reports, .of = &paper_report_shape),
    PART(form, parts, .of = &choice_shape), PART(form, units, .of = &choice_shape), PART(form, grounds, .of = &choice_shape)};
const struct shape casefile_form_out_shape = {"casefile_form_out", sizeof(struct casefile_out), sizeof form_fields / sizeof *form_fields, form_fields,
                                              "casefile_out"};
static const struct field out_fields[] = {
    FIELD(casefile_out, id), FIELD(casefile_out, passphrase, .form = FORM_NULLABLE, .about = "Of way outside: shown this once, stored nowhere."),
    PART(doc, isigurt_casefile, .about = "1: the version of the file. Of way print the answer is the file itself."), PART(doc, case_id), PART(doc, number), PART(doc, lang),
    PART(doc, title, .form = FORM_NULLABLE, .about = "null, and nothing of what is in it: it was sealed."), PART(doc, marking, .form = FORM_NULLABLE), PART(doc, head, .of = &paper_fact_shape), PART(doc, warnings, .of = &paper_fact_shape),
    PART(doc, parts, .of = &paper_part_shape)};
const struct shape casefile_out_shape = {"casefile_out", sizeof(struct casefile_out), sizeof out_fields / sizeof *out_fields, out_fields, "casefile_out"};

SHAPE(casefile_list_in, FIELD(casefile_list_in, before, .about = "`next` of the page before."));
SHAPE(casefile_row, FIELD(casefile_row, id), FIELD(casefile_row, direction, .about = "received or made."),
      FIELD(casefile_row, from), FIELD(casefile_row, from_name), FIELD(casefile_row, to, .form = FORM_NULLABLE, .about = "null: somebody outside."),
      FIELD(casefile_row, to_name), FIELD(casefile_row, number, .form = FORM_NULLABLE, .about = "The case's, of those made."), FIELD(casefile_row, person),
      FIELD(casefile_row, made, .form = FORM_TIME), FIELD(casefile_row, size, .about = "Bytes, sealed."),
      FIELD(casefile_row, opened, .about = "How often it was opened; of one for outside, fetched."), FIELD(casefile_row, opened_at, .form = FORM_TIME),
      FIELD(casefile_row, revoked_at, .form = FORM_TIME));
SHAPE(casefile_list_out, FIELD(casefile_list_out, files, .of = &casefile_row_shape), FIELD(casefile_list_out, next, .about = "0: the end."));
static const struct field act_fields[] = {FIELD(casefile_list_out, id)};
static const struct shape casefile_act_out_shape = {"casefile_act_out", sizeof(struct casefile_list_out), 1, act_fields, "casefile_list_out"};

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
#define FILE_MOST (8u << 20) // what the answer may take; a document is CASEFILE_BYTES_MAX at most

static const struct route rows[] = {
    ROW(GET, "/cases/{id}/casefile", REFERRAL_SEND, casefile_form, casefile_form_in, casefile_form_out, .page = casefile_page, .file_max = FILE_MOST,
        .about = "What of a case can go into a case file, and who must not be told; opens the case, which its history and the trail say."),
    ROW(POST, "/cases/{id}/casefile", REFERRAL_SEND, casefile_make, casefile_make_in, casefile_out, .page = casefile_page, .fill = casefile_make_fill,
        .status = 201, .body_max = 64 * 1024, .file_max = FILE_MOST,
        .about = "Makes a case file: the file itself (way print, status 200), or sealed for a unit or, under a passphrase, for somebody outside."),
    ROW(GET, "/casefiles", REFERRAL_LIST, casefile_list, casefile_list_in, casefile_list_out, .page = casefile_list_page,
        .about = "Case files sealed for one's own units and made by them: metadata only, newest first."),
    ROW(POST, "/casefiles/{id}/open", REFERRAL_READ, casefile_open, casefile_open_in, casefile_out, .page = casefile_page, .file_max = FILE_MOST,
        .about = "The receiving unit opens it through the keeper: one JSON file, or a page; written to the trail and the case's history. 403 once it was taken back."),
    ROW(GET, "/casefiles/{id}/file", REFERRAL_SEND, casefile_take, casefile_take_in, casefile_act_out, .file_max = FILE_MOST,
        .about = "The sealed file of one for somebody outside; `isigurt casefile open` opens it with its passphrase."),
    ROW(POST, "/casefiles/{id}/revoke", REFERRAL_SEND, casefile_revoke, casefile_revoke_in, casefile_act_out, .page = casefile_list_page, .then = "/casefiles",
        .about = "The unit that made it takes it back: 409 once the receiving unit opened it, or where it was taken back before; one for outside at any time."),
};
const struct routes casefile_desk_routes = {"casefile", rows, sizeof rows / sizeof *rows};
