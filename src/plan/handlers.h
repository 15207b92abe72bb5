// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "plan/plan.h"
#include "plan/year.h"

#define PLAN_ARENA (24u << 20)         // of one reading of a year
#define PLAN_WORDS_MAX 300             // characters of a reason, title, decision
#define PLAN_FIELDS_MAX 80             // names of one item's form

struct plan_line_told { int64_t line; struct str column, message; };

// ── words.c: for people ──
struct str plan_label(const struct req *rq, const struct pack_text *t);
struct str plan_sentence(const struct req *rq, enum message m, size_t n, const struct text_arg *args);      // a sentence, in rq's arena
int64_t plan_percent(struct plan_part p);                                                            // an amount, halves away from zero; PLAN_NOT_SET
struct str plan_amount_text(const struct req *rq, int64_t amount);                                   // "1 250,5" as the language writes it
struct str plan_value_text(const struct req *rq, const struct pack_plan_indicator *x, int64_t value); // with % or the money's name
struct str plan_part_text(const struct req *rq, struct plan_part p);                                  // "62,5 %"; empty: none
struct str plan_mean_text(const struct req *rq, struct plan_mean m);
struct str plan_light_text(const struct req *rq, enum plan_light light);
struct str plan_trend_text(const struct req *rq, enum plan_trend trend);
struct str plan_state_text(const struct req *rq, enum plan_state s);
struct str plan_source_text(const struct req *rq, const struct pack_plan_indicator *x);               // "counted by the platform" …
struct str plan_until_text(const struct req *rq, struct str until);                                   // why it is entered for now; empty: for good
struct str plan_day_text(const struct req *rq, int64_t yyyymmdd);
struct list plan_questions(const struct req *rq, const struct pack_plan *plan, const struct pack_plan_term *t, size_t n); // struct choice: label

// ── list.c ──
struct plan_list_in { int64_t year, version; };
struct plan_row {                      // one indicator in a year, at one place
    struct str code, activity, section, title, kind, unit, source, until;
    int64_t value, numerator, denominator, baseline, target; // amounts; PLAN_NOT_SET: none
    int64_t achievement, expected;     // in percent, amounts
    struct str status, trend;
    bool suppressed, partial, about_persons;
    // for pages
    struct str value_text, target_text, light_text, source_text, achievement_text, unit_text; // unit_text: what stands behind the value
};
struct plan_score_row {                // an objective or an activity
    struct str code, objective, title;
    int64_t score;                     // in percent, an amount; PLAN_NOT_SET: no data
    int64_t with_data, of;
    int64_t milestones, execution;     // in percent, amounts; PLAN_NOT_SET: nothing is due, or a part is missing
    int64_t steps, steps_done;         // due in the year; of them done
    int64_t planned, carried, spent;   // money, amounts; PLAN_NOT_SET: not given
    // for pages
    struct str score_text, about, steps_text, money_text;
    struct list rows, activities;      // struct plan_row; struct plan_score_row
};
struct plan_list_out {
    int64_t year, version;
    struct str county;                 // empty: the whole country
    struct list indicators, objectives, activities; // struct plan_row, plan_score_row
    int64_t with_data, of;
    // for pages
    struct list years, sections;       // struct choice, plan_score_row
    struct str title, version_text, over_text;
    bool may_edit, running;
};
struct plan_api_in { int64_t year; struct str county; };
// One year read, in an arena of its own, which the caller frees. ERR_NOT_FOUND: no plan, no such version or year.
// all: the plan's years, where they are asked for
struct plan_read {
    struct plan_year y; struct arena *a; struct plan_year all[PLAN_LIVE_YEARS]; size_t n;
};
MUST_USE enum err plan_read_year(struct req *rq, int64_t year, int64_t version, bool all, struct plan_read *out);
// The year to be shown where none is asked for: this one, or the plan's last or first.
int64_t plan_year_shown(const struct pack_plan *plan, int64_t now);
void plan_row_fill(struct req *rq, const struct plan_year *y, size_t indicator, uint32_t place, struct plan_row *out);
struct list plan_years(struct req *rq, const struct pack_plan *plan, int64_t on); // struct choice

// ── work.c, budget.c, activity.c: milestones and money ──
struct plan_money_row {                // of what: an objective, an activity, a source, an institution, a year
    struct str code, activity, source, title;
    int64_t planned, carried, spent, moved, moved_spent, execution; // amounts, execution in percent; PLAN_NOT_SET: not given
    // for pages
    struct str planned_text, carried_text, spent_text, execution_text, moved_text, note;
    bool whole;                        // a sum of what follows
};
void plan_money_fill(struct req *rq, const struct plan_money *m, struct plan_money_row *out);
void plan_score_work(struct req *rq, const struct plan_money *m, const struct plan_steps *s, struct plan_score_row *out);
struct plan_score_row plan_activity_score(struct req *rq, const struct plan_year *y, size_t activity);
struct plan_budget_in { int64_t year; };
struct plan_budget_out {
    int64_t year, version;
    struct str currency;
    int64_t planned, carried, spent, execution; // of the whole
    struct list objectives, activities, lines, sources, institutions, years; // struct plan_money_row; lines: activity × source
    // for pages
    struct list parts, year_choices;   // struct plan_money_part, choice
    struct list whole;                 // struct plan_money_row: one
    struct str year_text, next_text, moved_text, moved_spent_text, formula; // moved: of this year's costs that count in the next
    bool any, may_enter;
};
struct plan_money_part { struct str code, title; struct list rows; };
struct plan_activity_in { int64_t year; };
struct plan_step_row { struct id id; struct str title, institution, start, due, stage; int64_t hundredths; struct str name, stage_text, due_text; bool late; };
struct plan_told_row { struct id id; struct str title, institution, done, difficulties, next; int64_t share; struct str name, share_text; };
struct plan_activity_out {
    int64_t year, version;
    struct str code, objective, title;
    struct list responsible, partners; // struct str: codes of institutions; the first responsible one leads
    int64_t score, with_data, of, milestones, steps, steps_done, implementation, planned, carried, spent, execution;
    struct list indicators, milestone_rows, money, narratives; // struct plan_row, plan_step_row, plan_money_row, plan_told_row
    // for pages
    struct str year_text, objective_text, responsible_text, partners_text, years_text;
    struct str score_text, about, score_how, steps_text, steps_how, implementation_text, execution_text, execution_how;
    struct list year_choices;
    bool may_enter;
};

// ── indicator.c ──
struct plan_indicator_in { int64_t year, version; };
struct plan_fact { struct str label, value; };
struct plan_stretch { struct str label, value_text, target_text, light_text; int64_t value, numerator, denominator; bool suppressed; };
struct plan_change { int64_t version; struct str member, before, after, day; };
struct plan_indicator_out {
    struct plan_row now;               // for pages: the year asked for
    struct str code, title, definition, unit, evidence, kind, source, over_time, over_places, direction, every, entered, until;
    bool accumulates, about_persons;
    struct list responsible, by, dimensions;       // struct str
    struct list count, of;                         // struct str: questions in words
    struct list years, counties;                   // struct plan_stretch
    struct list changes;                           // struct plan_change: between versions, the oldest first
    int64_t year, version;
    // for pages
    struct list facts, count_words, of_words, year_choices; // struct plan_fact, choice
    struct html line, map;             // of years and counties
    struct str activity_text, source_text, until_text, entered_text, score_text, year_text;
    bool may_edit, percent, some_counties, some_changes;
};

// ── versions.c, item.c ──
SHAPE_NONE(plan_versions_in);
struct plan_version_row {
    int64_t number, based_on, from, until, version; struct str title, state, reason, decision;
    struct str state_text, from_text, by, made_text; bool draft;
};
struct plan_versions_out { struct list versions; bool may_draft; struct str title, reason; };
struct plan_draft_in { struct str title, reason; };
SHAPE_NONE(plan_version_in);
struct plan_version_out {
    int64_t number, based_on, from, until;
    int64_t version;                   // of the draft: raised by each change
    struct str title, state, reason, decision;
    struct list items;                 // struct plan_item_row: activities and indicators
    // for pages
    struct str state_text, from_text, by, signed_by;
    struct list activities, faults;    // struct plan_item_row, choice
    bool draft, may_edit;
};
struct plan_item_row { struct str kind, code, title, activity; struct list of; }; // of: for pages, an activity's indicators
struct plan_force_in { int64_t version; struct str from, reason, decision; };
struct plan_drop_in { int64_t version; };
struct plan_item_in { struct str kind, item; };            // kind: indicator or activity; item: its code, empty: a new one
struct plan_item_save_in { struct str kind, item; int64_t version; struct list fields; };
struct plan_item_field { struct str name, label, help, value, error; bool line, lines, select, check, on; struct list options; int64_t max; };
struct plan_item_out {
    int64_t number, version;
    struct str kind, item;
    // for pages
    struct str title, version_title;
    struct list fields, faults;        // struct plan_item_field, choice
    bool fresh, indicator;
};
// form.c: an item's object as fields and back.
struct list plan_item_fields(struct req *rq, const struct pack_plan *plan, bool indicator, struct str object, const struct list *typed);
struct str plan_field(const struct list *fields, const char *name); // what was sent, trimmed
// Empty: memory is out.
struct str plan_item_object(struct arena *a, const struct pack *p, bool indicator, struct str before, const struct list *fields);

// ── targets.c ──
struct plan_targets_in { int64_t year; };
struct plan_target_row {
    struct str indicator; int64_t year, baseline, target, weight; struct str rationale; int64_t version;
    // for pages
    struct str title, unit, baseline_text, target_text, weight_text, year_text, by, at_text;
};
struct plan_targets_out { int64_t year; struct list targets; struct list years; bool may_edit; };
struct plan_target_save_in { int64_t year, version; struct str baseline, target, weight, rationale; };
struct plan_target_out {
    struct str indicator;
    int64_t year, version;
    // for pages
    struct str title, unit, definition, baseline, target, weight, rationale;
    struct list history, years;        // struct plan_target_row, choice
    bool may_edit, conflict;
};
struct plan_target_in { int64_t year; };
SHAPE_NONE(plan_import_in);
struct plan_upload_in { bool write; };
struct plan_import_out { int64_t rows; bool done; struct list lines; bool looked; }; // lines: struct plan_line_told

run_fn plan_budget_run, plan_activity_run;
run_fn plan_list_run, plan_list_fill, plan_api_run, plan_indicator_run, plan_versions_run, plan_draft_run,
    plan_draft_fill, plan_version_run, plan_force_run,
    plan_version_fill, plan_drop_run, plan_item_run, plan_item_save_run, plan_item_fill, plan_targets_run,
    plan_target_run, plan_target_save_run, plan_target_fill,
    plan_import_run, plan_upload_run, plan_upload_fill;
