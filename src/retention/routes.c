// The doors of this room, and the shapes of what they take and give.
#include "retention/handlers.h"

page_fn retention_list_page;

SHAPE(retention_list_in, FIELD(retention_list_in, thing, .max = 40, .about = "Fills the forms of the page; JSON needs it not."));
SHAPE(retention_rule, FIELD(retention_rule, of, .about = "report or case."), FIELD(retention_rule, state),
      FIELD(retention_rule, category, .about = "* for all others."), FIELD(retention_rule, anonymise, .about = "Days after it ended."),
      FIELD(retention_rule, remove, .about = "Days after it ended."));
SHAPE(retention_due, FIELD(retention_due, thing), FIELD(retention_due, of), FIELD(retention_due, act, .about = "anonymised or deleted."),
      FIELD(retention_due, category), FIELD(retention_due, due, .form = FORM_TIME), FIELD(retention_due, held));
SHAPE(retention_hold, FIELD(retention_hold, thing), FIELD(retention_hold, of), FIELD(retention_hold, reason), FIELD(retention_hold, person),
      FIELD(retention_hold, at, .form = FORM_TIME));
SHAPE(retention_erasure, FIELD(retention_erasure, id), FIELD(retention_erasure, thing), FIELD(retention_erasure, of), FIELD(retention_erasure, reason),
      FIELD(retention_erasure, state, .about = "asked, refused or done."), FIELD(retention_erasure, asked_by),
      FIELD(retention_erasure, asked_at, .form = FORM_TIME), FIELD(retention_erasure, decided_by, .form = FORM_NULLABLE),
      FIELD(retention_erasure, decided_at, .form = FORM_TIME));
SHAPE(retention_past, FIELD(retention_past, thing), FIELD(retention_past, of), FIELD(retention_past, act, .about = "anonymised, erased or deleted."),
      FIELD(retention_past, day, .form = FORM_TIME));
SHAPE(retention_list_out, FIELD(retention_list_out, rules, .of = &retention_rule_shape),
      FIELD(retention_list_out, due, .of = &retention_due_shape, .about = "Within the next 30 days, as the last pass saw it; the soonest first."),
      FIELD(retention_list_out, more, .about = "Due too, and not listed."),
      FIELD(retention_list_out, looked, .form = FORM_TIME, .about = "When that pass was; null: none since the start."),
      FIELD(retention_list_out, holds, .of = &retention_hold_shape), FIELD(retention_list_out, erasures, .of = &retention_erasure_shape),
      FIELD(retention_list_out, done, .of = &retention_past_shape, .about = "The newest first."));
SHAPE(retention_ask_in, FIELD(retention_ask_in, thing, .required = true, .max = 40, .about = "Id of a report or case, or a case's number."),
      FIELD(retention_ask_in, reason, .required = true, .max = 40, .choices = "erasure_reason"));
SHAPE(retention_hold_in, FIELD(retention_hold_in, thing, .required = true, .max = 40, .about = "Id of a report or case, or a case's number."),
      FIELD(retention_hold_in, reason, .required = true, .max = 40, .choices = "hold_reason"));
static const struct field retention_act_out_fields[] = {FIELD(retention_list_out, id)};
static const struct shape retention_act_out_shape = {"retention_act_out", sizeof(struct retention_list_out), 1, retention_act_out_fields, "retention_list_out"};
static const struct field retention_run_out_fields[] = {FIELD(retention_list_out, passed, .about = "Things that were anonymised or deleted now.")};
static const struct shape retention_run_out_shape = {"retention_run_out", sizeof(struct retention_list_out), 1, retention_run_out_fields, "retention_list_out"};

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/retention", RETENTION, retention_list, retention_list_in, retention_list_out, .page = retention_list_page,
        .about = "How long things are kept, what is due next, held, asked for and done. Ids and days, never content."),
    ROW(POST, "/retention/erasures", RETENTION, retention_ask, retention_ask_in, retention_act_out, .page = retention_list_page,
        .fill = retention_fill, .then = "/retention", .status = 201, .about = "Asks that an ended report or closed case be erased; somebody else decides."),
    ROW(POST, "/retention/erasures/{id}/approve", ERASE, retention_approve, retention_decide_in, retention_act_out, .page = retention_list_page,
        .then = "/retention", .about = "Erases it at once. Not by who asked."),
    ROW(POST, "/retention/erasures/{id}/refuse", ERASE, retention_refuse, retention_decide_in, retention_act_out, .page = retention_list_page,
        .then = "/retention", .about = "It stays. Not by who asked."),
    ROW(POST, "/retention/holds", RETENTION, retention_hold, retention_hold_in, retention_act_out, .page = retention_list_page,
        .fill = retention_fill, .then = "/retention", .status = 201, .about = "Nothing is anonymised, deleted or erased of it until it is freed."),
    ROW(POST, "/retention/holds/{id}/free", RETENTION, retention_lift, retention_decide_in, retention_act_out, .page = retention_list_page,
        .then = "/retention", .about = "The hold on this report or case ends."),
    ROW(POST, "/retention/run", ERASE, retention_run, retention_decide_in, retention_run_out, .then = "/retention",
        .about = "Does now what the hourly pass would do."),
};
const struct routes retention_desk_routes = {"retention", rows, sizeof rows / sizeof *rows};
