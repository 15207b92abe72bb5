// handlers: what the rows of this room read and show, and how a change of a case is made. Fields behind "for pages" are
// put into words for the reader of the page and are not in JSON.
#pragma once
#include "casework/casework.h"
#include "people/people.h"
#include "text/date.h"

#define CASE_PAGE 50            // cases on one page of the list
#define CASE_REPORTS_MAX 50     // reports given at once
#define CASE_TEXT_MAX 8000      // characters of a note, plan, assessment
#define CASE_ADDRESS_MAX 2000   // characters of an address
#define CASE_LINE_MAX 300       // characters of a title, name, number
#define CASE_THINGS_MAX 200     // routes, tasks, people, holds, reports of one case that are shown
#define CASE_LINES_SHOWN 15     // newest lines of the timeline that are not folded
#define CASE_HISTORY_MAX 200    // newest rows shown

enum message words_label(const char *name); // as people read it; MSG_NONE: is not shown as such
enum message case_kind_message(struct str kind); // of an entry or of an act in the history
bool case_kind_words(struct str kind);           // an entry with a worker's own words
bool case_kind_above(struct str kind);           // an act of a room above that the timeline tells too
MUST_USE enum err case_work_state_db(struct db *db, struct case_work *w, enum case_state to);
MUST_USE enum err case_tell_db(struct db *db, struct case_work *w, enum report_step s); // told.c: case_step_db of this case
// "2026-12-31" → the end of that day in the country's zone, µs
MUST_USE enum err case_day_read(struct str s, int64_t *out);
struct str case_day_write(const struct req *rq, int64_t at); // the local day, "2026-12-31"
enum message case_state_message(enum case_state s);
enum message case_next_message(enum case_state s);  // what is to be done next in that state
struct str case_urgency(const struct req *rq, int64_t urgency);

struct case_hold {
    struct str track;
    struct id thing;
    struct str name, path;       // what it is, of what is clear; where it stands: on the case's page
    // for pages
    struct str track_text;
};
// ── holds.c ──
// The reports of the case whose verdict waits for a second person; out: room for CASE_THINGS_MAX.
MUST_USE enum err case_verdicts_db(struct db *db, struct arena *a, struct id case_id, struct id *out, size_t *n);
MUST_USE enum err case_holds_db(struct db *db, struct req *rq, struct id case_id, struct list *out);

// ── what rows read ──
struct case_list_in { struct str state, after, report; };
struct case_row {
    struct id id;
    struct str number, state;
    int64_t version, urgency;
    struct str category, county;
    struct id owner, worker;
    int64_t opened_at, state_at, review_due, holds, next_due;
    int64_t unread;              // messages of reporters that nobody has read
    bool withdraw_asked;         // one of them asks to withdraw
    bool worker_left;            // the worker works there no more
    // for pages
    struct str label, where, worker_name, opened_text, state_text, urgency_text, due_text, next_text;
    bool late;
};
struct case_tab { struct str state, label; bool here; };
struct case_list_out {
    struct list cases;
    struct str next;
    // for pages
    struct list tabs;
    struct str state;
};

SHAPE_NONE(case_read_in);
struct case_line {
    struct id id, person, unit, thing;
    int64_t at;
    struct str kind, text;
    bool altered, retracted;     // retracted: what it tells was taken back later
    int64_t order;               // among what was done in the same minute: its place in the history; 0: not known
    size_t place;                // as it was read: of two that know no better
    bool corrects;               // what an earlier one says
    // for pages
    struct str at_text, name, unit_name, kind_text, whom, link;
    struct list facts;           // struct case_fact
};
struct case_route_step {         // one stage, as corrected
    struct str stage, day, result, body, number, text; // day: "2026-12-31", on which the body did so
    int64_t at;                  // when it was written
    // for pages
    struct str stage_text, day_text, result_text;
};
struct case_route {
    struct id id;
    struct str kind, stage, body, number, text;
    int64_t opened_at, stage_at, appeal_due, version;
    bool open, no_appeal, appeal_said; // no_appeal: somebody said that none comes; appeal_said: until when one may, or that
    struct list steps;           // struct case_route_step, oldest first
    // for pages
    struct str kind_text, stage_text, stage_at_text, appeal_text;
    struct list next;            // struct case_option
    bool appeal_late, appeal_unsaid; // unsaid: final after a decision, and nobody wrote until when an appeal could have come
};
struct case_address {
    struct id id, report;        // report: that named it, where it was brought over
    struct str address, app, stage, hosted, text; // app: where address is an account of it
    int64_t opened_at, stage_at, version;
    bool open;                   // it holds the case
    // for pages
    bool noted;
    struct str stage_text, stage_at_text, hosted_text;
    struct list next;            // struct case_option
};
struct case_option { struct str value, label; bool here; };
struct case_task { struct id id; struct str title; struct id worker; int64_t due, done_at; struct str due_text,
                  name; bool open, late; };
struct case_person {
    struct id id;
    struct str role, name, born, relation, contact, home, school, text;
    bool must_not_be_told;
    struct str role_text;
};
struct case_report_row { struct id id; struct str label, received_text, href; int64_t urgency, unread; bool readable, withdraw_asked; };
struct case_done { int64_t at; struct id person, unit; struct str action, at_text, name, action_text; };
struct case_part { struct str at, label; int64_t n; }; // a section of a case's page; n: what is open there, of persons and reports all
struct case_read_out {
    struct id id;
    struct str number, state;
    int64_t version, urgency;
    struct str category, county;
    struct id owner, worker;
    int64_t opened_at, state_at, review_due;
    struct str outcome;
    struct id asked_by;
    struct list reports;          // ids as text
    struct list referrals;        // struct case_referral
    struct list routes;           // struct case_route
    struct list addresses;        // struct case_address
    struct list holds;            // struct case_hold
    struct list tasks;            // struct case_task
    struct list people;           // struct case_person
    struct str risk, assessment, plan, steps; // steps: "shown" or "hidden" to reporters
    struct list timeline;         // struct case_line
    struct list history;          // struct case_done, newest first
    struct str warning;           // the store was tampered with: what a worker must know
    int64_t unread;               // messages of reporters that nobody has read
    bool withdraw_asked;          // one of them asks to withdraw
    bool worker_left;             // the worker works there no more
    // for pages
    struct str title, label, county_text, urgency_text, state_text, opened_text, review_text, worker_name,
        outcome_text, asked_name,
        next_text, risk_text, version_text;
    bool may_edit, may_approve, may_refer, own_ask, own_plan, plan_waits, unaware, review_late, tampered, removed, is_closing, is_closed, is_open, mine,
        may_plan, may_start, may_review, may_close, may_reopen, may_take, may_tell, may_casefile, steps_hidden, untold, sexual, alone;
    int64_t noted;                // addresses that nobody has begun with
    struct list report_rows;      // struct case_report_row
    struct list since;            // struct case_line, newest first: what came after closing was asked for
    struct list newest, older;    // the timeline as the page shows it: the older ones are folded
    struct list parts;            // struct case_part: of the page
    int64_t n_older, n_done;      // n_done: tasks
    bool planned;                 // there is an assessment, or a plan
    bool next_assess, next_plan;  // which of the forms is what the state waits for
    struct list outcomes, kinds, roles, risks, told; // struct case_option
};

struct case_open_in { struct list reports; };
struct case_open_out { struct id id; struct str number, state; int64_t version; };
struct case_add_in { struct list reports; int64_t version; };
struct case_act_out {
    struct id id;                // of what was made, else of the case
    struct str state;
    int64_t version;
    struct list holds;           // struct case_hold; of closing
    // for the page that shows the form again, or for the first time
    struct list kinds, roles, risks, stages, outcomes, workers, results, hosts; // struct case_option
    struct list route, task;     // struct case_route, case_task, one: what is to be corrected
    struct str what;             // that is taken back: a sentence
    struct list shown;           // struct case_person, one: what stands in the form
    struct list before;          // struct case_fact: as it is written now, where somebody else was faster
    struct str before_text;      // and what is told in words
    bool found_before, alone;    // alone: nobody else is in the unit who could approve
    struct str title;            // of the form of a person
    bool correcting;
    bool is_closing, is_closed;  // of the form that asks to close: it was asked already, or closed
    struct str asked_name;       // by whom
};
struct case_note_in { struct str text; int64_t version; struct id submission; };
struct case_person_in {
    struct id person;            // one that is altered; zero: a new one
    struct str role, name, born, relation, contact, home, school, text;
    bool must_not_be_told, may_be_told;
    int64_t version;
    struct id submission;
};
struct case_assessment_in { struct str risk, text; int64_t version; };
struct case_plan_in { struct str text, review_due; int64_t version; };
struct case_task_in { struct str title, due; struct id worker; int64_t version; struct id submission; };
struct case_task_again_in { struct str title, due; struct id worker; int64_t version; };
struct case_retract_in { struct str reason; int64_t version; };
struct case_report_out_in { struct str reason; int64_t version; };
struct case_done_in { struct str text; int64_t version; };
struct case_route_in { struct str kind, body, number, stage, day, result, appeal_due, text; bool no_appeal; int64_t version; struct id submission; };
struct case_stage_in { struct str stage, body, number, day, result, appeal_due, text; bool no_appeal; int64_t version; };
struct case_correct_in { struct str stage, body, number, day, result, appeal_due, reason; bool no_appeal; int64_t version; };
struct case_address_in { struct str address, hosted, text; int64_t version; };
struct case_address_stage_in { struct str stage, hosted, text; int64_t version; };
struct case_state_in { struct str state, text; int64_t version; };
struct case_worker_in { struct id worker; int64_t version; };
struct case_close_in { struct str outcome, text; int64_t version; };
struct case_approve_in { int64_t version; };
struct case_steps_in { struct str steps; int64_t version; };
struct case_reopen_in { struct str reason; int64_t version; };
// ── people.c ──
// ERR_INVALID at the field worker where the person is no member of the unit.
MUST_USE enum err case_member_check(struct db *db, struct req *rq, struct id unit, struct id person);
// Is the person, as written now, one who must not be told? Opens the newest entry: audited, and in the history.
MUST_USE enum err case_untold_put_db(struct db *db, struct id case_id, struct id person, bool untold, int64_t seq);
MUST_USE enum err case_person_untold(struct req *rq, struct id person, bool *untold);
// Of a form that was sent with `version`, where somebody else was faster: what stands there now of the thing (zero: the newest of
// its kind), into out->before. Opens it: audited, and in the history.
MUST_USE enum err case_form_before(struct req *rq, const char *kind, struct id thing, int64_t version, struct case_act_out *out);
// The newest entry of that kind (of the thing, where it is not zero), opened: audited, and in the history.
MUST_USE enum err case_newest_open(struct req *rq, const char *kind, struct id thing, struct words *out);
struct case_person case_person_of(struct id id, const struct words *w);
struct list case_options(struct req *rq, const char *list, struct str here);
struct str case_stage_text(const struct req *rq, struct str stage);
struct list case_stage_options(struct req *rq, struct str kind, struct str from, struct str here);

// ── timeline.c: an entry is what is told in words; the timeline has what was done elsewhere too, in one order ──
struct case_timeline {
    struct case_line *line;      // n_own entries, in order of seq; behind them what was done elsewhere
    size_t n, n_own;
    struct list referrals;       // struct case_referral
    struct case_act *act;        // all acts of the history but reads, oldest first
    size_t n_acts;
};
// Rows only, no key; report: the case's.
MUST_USE enum err case_timeline_db(struct db *db, struct req *rq, struct id case_id, const struct list *entries,
                                   const struct case_report_row *report, size_t n_reports, struct case_timeline *out);
void case_timeline_order(struct case_timeline *t); // oldest first; the entries no longer stand first
void case_line_show(const struct req *rq, struct case_line *l, const struct words *w);     // words for the page
MUST_USE enum err case_read_show(struct req *rq, struct case_read_out *out, const struct case_at *at);

// ── legal.c: what the entries about a legal route say together ──
#define CASE_APPEAL_NONE "none"      // in the word `appeal`, instead of a day
#define CASE_ROUTE_STEPS 60          // of one route that are shown
struct str case_day_text(const struct req *rq, struct str day); // "2026-12-31" for people, or that no appeal comes
// One entry after the other, oldest first; a correction changes the newest step, or takes it away where it says the stage before.
void case_route_tell(struct req *rq, struct case_route *r, const struct words *w, int64_t at);
void case_route_show(struct req *rq, struct case_route *r);
MUST_USE enum err case_route_open(struct req *rq, struct case_route *out); // rq->id2 as it is written now: audited, and in the history
// What is put as the step after the first `before` of r (NULL: none yet): no day is before that of an earlier step, and no time for an
// appeal ends before the decision. Refused at day or appeal_due; what is empty is not looked at.
MUST_USE enum err case_route_days(struct req *rq, const struct case_route *r, size_t before, struct str stage, struct str day,
                                  struct str appeal_due);

// ── content.c: addresses and accounts of reports, brought over to the content track ──
#define CASE_CONTENT_MAX (2 * CASE_REPORTS_MAX) // brought at once: an address and an account of each report
#define CASE_CONTENT_KEYS (CASE_CONTENT_MAX + CASE_THINGS_MAX)
struct case_content {
    struct req *rq;
    size_t n, n_keys, unread;    // unread: reports that could not be opened now, because enough was opened for a while
    struct str key[CASE_CONTENT_KEYS]; // what pages are compared by: each is brought once
    struct id of[CASE_CONTENT_KEYS];   // the thing that has it; zero: about to be brought
    struct words words[CASE_CONTENT_MAX + 1];
    struct case_entry entry[CASE_CONTENT_MAX + 1];
};
// In this order: what the case has already (not of a new case); each report, by its way through the case; sealed, from seq on;
// the rows, in the write that puts the reports into the case. To begin again, set all but rq to zero.
MUST_USE enum err case_content_known(struct case_content *c, const struct keeper_path *path);
MUST_USE enum err case_content_report(struct case_content *c, const struct keeper_path *way, struct id report, const struct keeper_item *item);
MUST_USE enum err case_content_seal(struct case_content *c, const struct keeper_path *path, struct id case_id, const struct kid *kid,
                                    uint64_t generation, int64_t seq);
MUST_USE enum err case_content_db(struct db *db, const struct case_content *c);
// The address of the case that is the same page; zero: none. Opens the entries about addresses.
MUST_USE enum err case_content_same(struct req *rq, const struct keeper_path *path, struct str address, struct id *out);
void case_content_unstored(struct case_content *c, struct id case_id); // its entries were sealed and will not be written
// The addresses that this report named and with which nobody has begun; opens the entries about addresses.
MUST_USE enum err case_content_noted(struct req *rq, const struct keeper_path *path, struct id report, struct id *out, size_t max, size_t *n);
// One address of the content track, and its hold where the stage holds.
// hosted: "here", "abroad", "platform" (the pack's content_host), empty: not known.
MUST_USE enum err case_address_add_db(struct db *db, struct id case_id, struct id thing, struct str stage, struct str hosted, int64_t now);

// ── files.c: evidence files ──
#define CASE_FILE_BYTES (20u << 20) // of one file
#define CASE_FILES_MAX 100          // of one case
struct case_file_in { struct str text; };
struct case_file_row {
    struct id id, person;
    int64_t at, size, removed_at;
    struct str name, text, type, hash;
    // for pages
    struct str at_text, size_text, by;
    bool there, altered;
};
struct case_files_out {
    struct id id;                // of what was put in, else of the case
    struct list files;           // struct case_file_row, oldest first
    // for pages
    struct str number;
    bool may_add, may_remove;
};
SHAPE_NONE(case_files_in);
struct case_file_remove_in { struct str text; };
run_fn case_files_run, case_file_add_run, case_file_read_run, case_file_remove_run;

// ── form.c: what a form shows besides what was typed; of rows that show one. Only looks ──
run_fn case_form_run, case_address_fill, case_task_fill, case_person_begin, case_person_fill, case_assessment_fill, case_plan_fill, case_route_fill, case_stage_fill, case_address_stage_fill,
    case_close_fill, case_correct_begin, case_correct_fill, case_task_again_begin, case_task_again_fill, case_retract_fill, case_report_out_fill;

// act.c: the work, and what every act answers; tells the reporter where the work did (w->told).
MUST_USE enum err case_act_run(struct case_work *w, struct case_act_out *out);
run_fn case_list_run, case_read_run, case_open_run, case_add_run, case_note_run, case_person_run, case_assessment_run,
    case_plan_run,
    case_task_run, case_task_again_run, case_task_done_run, case_retract_run, case_report_out_run, case_route_run, case_stage_run, case_correct_run, case_address_run, case_address_stage_run, case_state_run, case_worker_run, case_close_run,
    case_approve_run, case_reopen_run, case_steps_run;
struct list case_told_steps(struct req *rq); // told.c: struct case_option
