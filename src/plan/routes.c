// The doors of this room, and the shapes of what they take and give.
#include "plan/handlers.h"

page_fn plan_budget_page, plan_activity_page;
page_fn plan_list_page, plan_indicator_page, plan_versions_page, plan_version_page, plan_item_page, plan_targets_page, plan_target_page, plan_import_page;

#define YEAR(s) FIELD(s, year, .about = "Of the plan; missing: this year, or the plan's nearest.")
#define VERSION(s) FIELD(s, version, .about = "Missing: the one that is the year's basis. Another one tells nothing of persons.")
SHAPE(plan_list_in, YEAR(plan_list_in), VERSION(plan_list_in));
SHAPE(plan_api_in, YEAR(plan_api_in), FIELD(plan_api_in, county, .max = 80, .choices = "county", .about = "Missing: the whole country."));
#define AMOUNT(s, m, ...) FIELD(s, m, .form = FORM_AMOUNT, ##__VA_ARGS__)
SHAPE(plan_row, FIELD(plan_row, code), FIELD(plan_row, activity, .form = FORM_NULLABLE),
      FIELD(plan_row, section, .form = FORM_NULLABLE, .about = "Of a cross-cutting indicator."), FIELD(plan_row, title),
      FIELD(plan_row, kind, .about = "count, percent, document, money."), FIELD(plan_row, unit),
      FIELD(plan_row, source, .about = "live, entry, mixed."),
      FIELD(plan_row, until, .form = FORM_NULLABLE, .about = "Entered until this room of the platform counts it."),
      AMOUNT(plan_row, value, .about = "null: no data, or not told. Of a percentage the percent."), AMOUNT(plan_row, numerator),
      AMOUNT(plan_row, denominator), AMOUNT(plan_row, baseline), AMOUNT(plan_row, target),
      AMOUNT(plan_row, achievement, .about = "In percent, not cut at 0 or 100."),
      AMOUNT(plan_row, expected, .about = "The percent of the target that is expected by now."),
      FIELD(plan_row, status, .about = "no_data, far_behind, behind, on_track, ahead."),
      FIELD(plan_row, trend, .about = "no_data, back, still, slow, on_course."),
      FIELD(plan_row, suppressed, .about = "Not told, because it is about few persons, or about persons in a year that is not over."),
      FIELD(plan_row, partial, .about = "A part that institutions enter is missing."));
SHAPE(plan_score_row, FIELD(plan_score_row, code), FIELD(plan_score_row, objective, .form = FORM_NULLABLE), FIELD(plan_score_row, title),
      AMOUNT(plan_score_row, score, .about = "In percent: the mean, each part cut to 0 to 100."), FIELD(plan_score_row, with_data), FIELD(plan_score_row, of),
      AMOUNT(plan_score_row, milestones, .about = "In percent: the mean of the milestones due in the year, each none 0, begun 33, most 67, done 100."),
      FIELD(plan_score_row, steps, .about = "Milestones due in the year."), FIELD(plan_score_row, steps_done),
      AMOUNT(plan_score_row, planned, .about = "Money; null: not given."), AMOUNT(plan_score_row, carried, .about = "Of it from earlier years."),
      AMOUNT(plan_score_row, spent), AMOUNT(plan_score_row, execution, .about = "In percent: spent / planned."));
SHAPE(plan_money_row, FIELD(plan_money_row, code, .form = FORM_NULLABLE), FIELD(plan_money_row, activity, .form = FORM_NULLABLE),
      FIELD(plan_money_row, source, .form = FORM_NULLABLE), FIELD(plan_money_row, title),
      AMOUNT(plan_money_row, planned, .about = "null: not given."), AMOUNT(plan_money_row, carried, .about = "Of it from earlier years."),
      AMOUNT(plan_money_row, spent), AMOUNT(plan_money_row, execution, .about = "In percent: spent / planned."),
      AMOUNT(plan_money_row, moved, .about = "Planned costs of this year that count in the next; in none of the others."),
      AMOUNT(plan_money_row, moved_spent, .about = "And what of them was spent."));
SHAPE(plan_budget_in, YEAR(plan_budget_in));
SHAPE(plan_budget_out, FIELD(plan_budget_out, year), FIELD(plan_budget_out, version), FIELD(plan_budget_out, currency),
      AMOUNT(plan_budget_out, planned), AMOUNT(plan_budget_out, carried), AMOUNT(plan_budget_out, spent), AMOUNT(plan_budget_out, execution),
      FIELD(plan_budget_out, objectives, .of = &plan_money_row_shape), FIELD(plan_budget_out, activities, .of = &plan_money_row_shape),
      FIELD(plan_budget_out, lines, .of = &plan_money_row_shape, .about = "Activity by source."),
      FIELD(plan_budget_out, sources, .of = &plan_money_row_shape), FIELD(plan_budget_out, institutions, .of = &plan_money_row_shape),
      FIELD(plan_budget_out, years, .of = &plan_money_row_shape));
SHAPE(plan_activity_in, YEAR(plan_activity_in));
SHAPE(plan_step_row, FIELD(plan_step_row, id, .about = "Of the row in the register."), FIELD(plan_step_row, title), FIELD(plan_step_row, institution),
      FIELD(plan_step_row, start, .form = FORM_NULLABLE), FIELD(plan_step_row, due), FIELD(plan_step_row, stage), FIELD(plan_step_row, hundredths));
SHAPE(plan_told_row, FIELD(plan_told_row, id), FIELD(plan_told_row, title), FIELD(plan_told_row, institution), FIELD(plan_told_row, done),
      FIELD(plan_told_row, difficulties, .form = FORM_NULLABLE), FIELD(plan_told_row, next, .form = FORM_NULLABLE),
      AMOUNT(plan_told_row, share, .about = "The owner's own estimate, in percent; it enters no figure."));
SHAPE(plan_activity_out, FIELD(plan_activity_out, code), FIELD(plan_activity_out, objective), FIELD(plan_activity_out, title), FIELD(plan_activity_out, year),
      FIELD(plan_activity_out, version), FIELD(plan_activity_out, responsible), FIELD(plan_activity_out, partners), AMOUNT(plan_activity_out, score),
      FIELD(plan_activity_out, with_data), FIELD(plan_activity_out, of), AMOUNT(plan_activity_out, milestones), FIELD(plan_activity_out, steps),
      FIELD(plan_activity_out, steps_done), AMOUNT(plan_activity_out, implementation, .about = "In percent: milestones done / due."),
      AMOUNT(plan_activity_out, planned), AMOUNT(plan_activity_out, carried), AMOUNT(plan_activity_out, spent), AMOUNT(plan_activity_out, execution),
      FIELD(plan_activity_out, indicators, .of = &plan_row_shape), FIELD(plan_activity_out, milestone_rows, .of = &plan_step_row_shape),
      FIELD(plan_activity_out, money, .of = &plan_money_row_shape, .about = "By source."), FIELD(plan_activity_out, narratives, .of = &plan_told_row_shape));
SHAPE(plan_list_out, FIELD(plan_list_out, year), FIELD(plan_list_out, version), FIELD(plan_list_out, county, .form = FORM_NULLABLE),
      FIELD(plan_list_out, indicators, .of = &plan_row_shape), FIELD(plan_list_out, objectives, .of = &plan_score_row_shape),
      FIELD(plan_list_out, activities, .of = &plan_score_row_shape), FIELD(plan_list_out, with_data), FIELD(plan_list_out, of));
SHAPE(plan_indicator_in, YEAR(plan_indicator_in), VERSION(plan_indicator_in));
SHAPE(plan_stretch, FIELD(plan_stretch, label), AMOUNT(plan_stretch, value), AMOUNT(plan_stretch, numerator), AMOUNT(plan_stretch, denominator),
      FIELD(plan_stretch, suppressed));
SHAPE(plan_change, FIELD(plan_change, version), FIELD(plan_change, member), FIELD(plan_change, before, .form = FORM_NULLABLE, .about = "JSON."),
      FIELD(plan_change, after, .form = FORM_NULLABLE, .about = "JSON."));
SHAPE(plan_indicator_out, FIELD(plan_indicator_out, code), FIELD(plan_indicator_out, title), FIELD(plan_indicator_out, definition),
      FIELD(plan_indicator_out, unit), FIELD(plan_indicator_out, evidence), FIELD(plan_indicator_out, kind), FIELD(plan_indicator_out, source),
      FIELD(plan_indicator_out, over_time), FIELD(plan_indicator_out, over_places), FIELD(plan_indicator_out, direction),
      FIELD(plan_indicator_out, every), FIELD(plan_indicator_out, entered, .about = "nothing, whole, numerator, denominator, rest."),
      FIELD(plan_indicator_out, until, .form = FORM_NULLABLE), FIELD(plan_indicator_out, accumulates), FIELD(plan_indicator_out, about_persons),
      FIELD(plan_indicator_out, responsible, .about = "Codes of institutions; the first leads."),
      FIELD(plan_indicator_out, by, .about = "Codes of institutions that enter it."), FIELD(plan_indicator_out, dimensions),
      FIELD(plan_indicator_out, count, .about = "What is counted, in words."), FIELD(plan_indicator_out, of, .about = "And its denominator."),
      FIELD(plan_indicator_out, years, .of = &plan_stretch_shape), FIELD(plan_indicator_out, counties, .of = &plan_stretch_shape),
      FIELD(plan_indicator_out, changes, .of = &plan_change_shape), FIELD(plan_indicator_out, year), FIELD(plan_indicator_out, version));
SHAPE(plan_version_row, FIELD(plan_version_row, number), FIELD(plan_version_row, based_on, .about = "0: the country pack."),
      FIELD(plan_version_row, from, .about = "20261123; 0: a draft."), FIELD(plan_version_row, until, .about = "The next one's first day; 0: none."),
      FIELD(plan_version_row, title), FIELD(plan_version_row, state, .about = "draft, in_force, closed."), FIELD(plan_version_row, reason),
      FIELD(plan_version_row, decision), FIELD(plan_version_row, version));
SHAPE(plan_versions_out, FIELD(plan_versions_out, versions, .of = &plan_version_row_shape));
SHAPE(plan_draft_in, FIELD(plan_draft_in, title, .required = true, .says = true, .max = PLAN_WORDS_MAX),
      FIELD(plan_draft_in, reason, .required = true, .why = true, .max = PLAN_WORDS_MAX));
SHAPE(plan_item_row, FIELD(plan_item_row, kind, .about = "activity, indicator."), FIELD(plan_item_row, code), FIELD(plan_item_row, title),
      FIELD(plan_item_row, activity, .form = FORM_NULLABLE));
SHAPE(plan_version_out, FIELD(plan_version_out, number), FIELD(plan_version_out, based_on), FIELD(plan_version_out, from),
      FIELD(plan_version_out, until), FIELD(plan_version_out, version, .about = "Of a draft: raised by each change."), FIELD(plan_version_out, title),
      FIELD(plan_version_out, state), FIELD(plan_version_out, reason), FIELD(plan_version_out, decision),
      FIELD(plan_version_out, items, .of = &plan_item_row_shape));
#define SEEN(s) FIELD(s, version, .about = "Of the draft that was looked at.")
SHAPE(plan_force_in, SEEN(plan_force_in),
      FIELD(plan_force_in, from, .required = true, .max = 10, .about = "The first day, 2026-11-23; later than that of the newest in force."),
      FIELD(plan_force_in, reason, .required = true, .why = true, .max = PLAN_WORDS_MAX),
      FIELD(plan_force_in, decision, .required = true, .says = true, .max = PLAN_WORDS_MAX, .about = "Who signed it, by which act."));
SHAPE(plan_drop_in, SEEN(plan_drop_in));
SHAPE(plan_item_in, FIELD(plan_item_in, kind, .required = true, .max = 20, .about = "activity, indicator."),
      FIELD(plan_item_in, item, .max = 30, .about = "Its code; missing: a new one."));
SHAPE(plan_item_save_in, FIELD(plan_item_save_in, kind, .required = true, .max = 20), FIELD(plan_item_save_in, item, .max = 30),
      SEEN(plan_item_save_in),
      FIELD(plan_item_save_in, fields, .max = PLAN_FIELDS_MAX, .form = FORM_MAP,
            .about = "All members of the item, as country/README.md names them; texts as title.sq."));
SHAPE(plan_item_out, FIELD(plan_item_out, number), FIELD(plan_item_out, version), FIELD(plan_item_out, kind),
      FIELD(plan_item_out, item, .form = FORM_NULLABLE));
SHAPE(plan_targets_in, YEAR(plan_targets_in));
SHAPE(plan_target_row, FIELD(plan_target_row, indicator), FIELD(plan_target_row, year), AMOUNT(plan_target_row, baseline),
      AMOUNT(plan_target_row, target), AMOUNT(plan_target_row, weight), FIELD(plan_target_row, rationale),
      FIELD(plan_target_row, version, .about = "0: nothing is set."));
SHAPE(plan_targets_out, FIELD(plan_targets_out, year), FIELD(plan_targets_out, targets, .of = &plan_target_row_shape));
SHAPE(plan_target_in, YEAR(plan_target_in));
SHAPE(plan_target_save_in, FIELD(plan_target_save_in, year, .required = true),
      FIELD(plan_target_save_in, version, .about = "That was looked at; 0: nothing was set. 409 where it is another."),
      FIELD(plan_target_save_in, baseline, .max = 20), FIELD(plan_target_save_in, target, .max = 20),
      FIELD(plan_target_save_in, weight, .max = 20, .about = "Missing: 1."),
      FIELD(plan_target_save_in, rationale, .max = PLAN_RATIONALE_MAX, .form = FORM_LINES));
SHAPE(plan_target_out, FIELD(plan_target_out, indicator), FIELD(plan_target_out, year), FIELD(plan_target_out, version),
      FIELD(plan_target_out, history, .of = &plan_target_row_shape));
SHAPE(plan_line_told, FIELD(plan_line_told, line), FIELD(plan_line_told, column, .form = FORM_NULLABLE), FIELD(plan_line_told, message));
SHAPE(plan_upload_in, FIELD(plan_upload_in, write, .about = "Missing: looked through only."));
SHAPE(plan_import_out, FIELD(plan_import_out, rows), FIELD(plan_import_out, done), FIELD(plan_import_out, lines, .of = &plan_line_told_shape));

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, .perm = PERM_PLAN_##perm_, \
    .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}

static const struct route rows[] = {
    ROW(GET, "/plan", READ, plan_list, plan_list_in, plan_list_out, .page = plan_list_page, .fill = plan_list_fill,
        .about = "The plan in a year: objectives, activities, indicators, with values and how far they have come."),
    ROW(GET, "/plan/{code}/indicators", READ, plan_api, plan_api_in, plan_list_out,
        .about = "The same for a version, by its number, in the country or one county."),
    ROW(GET, "/plan/budget", READ, plan_budget, plan_budget_in, plan_budget_out, .page = plan_budget_page,
        .about = "Money planned and spent in a year: by objective, activity, source, institution and year."),
    ROW(GET, "/plan/activities/{code}", READ, plan_activity, plan_activity_in, plan_activity_out, .page = plan_activity_page,
        .about = "One activity in a year: its indicators, milestones, money, and what its owners tell."),
    ROW(GET, "/plan/indicators/{code}", READ, plan_indicator, plan_indicator_in, plan_indicator_out, .page = plan_indicator_page,
        .about = "One indicator: its passport, what is counted in words, its values, and how it was worked out."),
    ROW(GET, "/plan/versions", READ, plan_versions, plan_versions_in, plan_versions_out, .page = plan_versions_page,
        .about = "Versions of the plan; drafts for those who draft."),
    ROW(POST, "/plan/versions", EDIT, plan_draft, plan_draft_in, plan_versions_out, .page = plan_versions_page, .fill = plan_draft_fill,
        .then = "/plan/versions", .status = 201, .body_max = 16 * 1024, .about = "A new draft from the newest version; one at a time."),
    ROW(GET, "/plan/versions/{code}", READ, plan_version, plan_version_in, plan_version_out, .page = plan_version_page, .about = "One version, by its number."),
    ROW(POST, "/plan/versions/{code}/force", EDIT, plan_force, plan_force_in, plan_version_out, .page = plan_version_page, .fill = plan_version_fill,
        .body_max = 16 * 1024, .then = "/plan/versions/{code}", .about = "A draft comes into force on a day; from then on it never changes."),
    ROW(POST, "/plan/versions/{code}/drop", EDIT, plan_drop, plan_drop_in, plan_version_out, .page = plan_version_page, .fill = plan_version_fill,
        .then = "/plan/versions", .about = "A draft is given up."),
    ROW(GET, "/plan/versions/{code}/item", EDIT, plan_item, plan_item_in, plan_item_out, .page = plan_item_page, .about = "The form of one item of a draft."),
    ROW(POST, "/plan/versions/{code}/item", EDIT, plan_item_save, plan_item_save_in, plan_item_out, .page = plan_item_page, .fill = plan_item_fill,
        .then = "/plan/versions/{code}", .body_max = 64 * 1024, .about = "An item of a draft, changed or new."),
    ROW(GET, "/plan/targets", READ, plan_targets, plan_targets_in, plan_targets_out, .page = plan_targets_page,
        .about = "Baselines, targets and weights of a year."),
    ROW(GET, "/plan/targets/import", EDIT, plan_import, plan_import_in, plan_import_out, .page = plan_import_page,
        .about = "Where a table file of targets is sent in."),
    ROW(POST, "/plan/targets/import", EDIT, plan_upload, plan_upload_in, plan_import_out, .page = plan_import_page, .fill = plan_upload_fill,
        .upload = true, .body_max = 4u << 20, .conflict_out = true,
        .about = "Columns indicator, year, baseline, target, weight, rationale; written as a whole or not at all."),
    ROW(GET, "/plan/targets/{code}", READ, plan_target, plan_target_in, plan_target_out, .page = plan_target_page,
        .about = "One indicator's target in a year, with its history."),
    ROW(POST, "/plan/targets/{code}", EDIT, plan_target_save, plan_target_save_in, plan_target_out, .page = plan_target_page,
        .fill = plan_target_fill, .body_max = 16 * 1024, .then = "/plan/targets/{code}", .about = "Sets it; what stood there is kept."),
};
const struct routes plan_desk_routes = {"plan", rows, sizeof rows / sizeof *rows};
