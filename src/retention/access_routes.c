// The doors of subject access, and the shapes of what they take and give.
#include "retention/handlers.h"

page_fn access_list_page, access_page;

SHAPE_NONE(access_nothing);
SHAPE(access_list_in, FIELD(access_list_in, thing, .max = 40, .about = "Fills the form of the page; JSON needs it not."));
SHAPE(access_row, FIELD(access_row, id), FIELD(access_row, thing), FIELD(access_row, of, .about = "report or case."), FIELD(access_row, reason),
      FIELD(access_row, identity, .about = "How it was checked who asks."), FIELD(access_row, state, .about = "asked, refused or approved."),
      FIELD(access_row, asked_by), FIELD(access_row, asked_at, .form = FORM_TIME), FIELD(access_row, decided_by, .form = FORM_NULLABLE),
      FIELD(access_row, decided_at, .form = FORM_TIME), FIELD(access_row, taken, .about = "How often it was handed out."));
SHAPE(access_list_out, FIELD(access_list_out, requests, .of = &access_row_shape));
SHAPE(access_ask_in, FIELD(access_ask_in, thing, .required = true, .max = 40, .about = "Id of a report or case, or a case's number."),
      FIELD(access_ask_in, reason, .required = true, .max = 40, .choices = "access_reason"),
      FIELD(access_ask_in, identity, .required = true, .max = 40, .choices = "identity_check"));
static const struct field access_act_out_fields[] = {FIELD(access_list_out, id)};
static const struct shape access_act_out_shape = {"access_act_out", sizeof(struct access_list_out), 1, access_act_out_fields, "access_list_out"};
#define PART(m, ...) {.name = #m, .kind = KIND(access_file_out, form.m), .at = offsetof(struct access_file_out, form.m), ##__VA_ARGS__}
static const struct field access_prepare_out_fields[] = {
    PART(id), PART(thing), PART(of), PART(safe, .about = "How the reporter said one may reach them."), PART(persons, .of = &paper_person_shape),
    PART(reports, .of = &paper_report_shape)};
static const struct shape access_prepare_out_shape = {"access_prepare_out", sizeof(struct access_file_out),
    sizeof access_prepare_out_fields / sizeof *access_prepare_out_fields, access_prepare_out_fields, "access_file_out"};
SHAPE(access_take_in, FIELD(access_take_in, subject, .max = 32, .about = "The person of the case who asks; of a report always its reporter."),
      FIELD(access_take_in, persons, .max = CASE_ENTRIES_MAX, .about = "Third persons of the case, each chosen."),
      FIELD(access_take_in, reports, .max = PAPER_REPORTS_MAX, .about = "Reports of the case, each chosen; without the reporter's own particulars."),
      FIELD(access_take_in, notes, .about = "What workers wrote too."),
      FIELD(access_take_in, compared, .about = "Who asks was compared with those who must not be told; needed where there are any."),
      FIELD(access_take_in, as, .max = 4, .about = "For the page: json, a file."));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/access", CASE_READ, access_list, access_list_in, access_list_out, .page = access_list_page,
        .about = "Requests to know what is kept about somebody, of one's own units."),
    ROW(POST, "/access", CASE_EDIT, access_ask, access_ask_in, access_act_out, .page = access_list_page, .fill = access_fill, .then = "/access", .status = 201,
        .about = "Asks, for somebody whose identity was checked, for what is kept of a report or case; a colleague decides."),
    ROW(POST, "/access/{id}/approve", CASE_APPROVE, access_approve, access_nothing, access_act_out, .page = access_list_page, .then = "/access",
        .about = "It may be handed out. Not by who asked."),
    ROW(POST, "/access/{id}/refuse", CASE_APPROVE, access_refuse, access_nothing, access_act_out, .page = access_list_page, .then = "/access",
        .about = "It is not handed out. Not by who asked."),
    ROW(GET, "/access/{id}", CASE_READ, access_prepare, access_nothing, access_prepare_out, .page = access_page, .file_max = 8u << 20,
        .about = "What can be chosen, and who must not be told; opens the case, which its history and the trail say."),
    ROW(POST, "/access/{id}/file", CASE_READ, access_take, access_take_in, access_file_out, .page = access_page, .fill = access_take_fill,
        .file_max = 8u << 20, .body_max = 16 * 1024,
        .about = "What is kept, as one JSON file; written into history and trail before it leaves. By who asked, once approved."),
};
const struct routes retention_access_routes = {"retention", rows, sizeof rows / sizeof *rows};
