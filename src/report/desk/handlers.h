// handlers: what the desk's rows of this room read and show. Fields behind "for pages" are put into words for the reader of
// the page and are not in JSON.
#pragma once
#include "people/people.h"
#include "report/desk/desk.h"
#include "text/date.h"

// ── waits.c: what waits for a person, in the units ──
// Reports with unread messages; those in a case; those whose verdict waits for a second person who is not somebody else.
struct desk_waits { const struct person *who; int64_t messages, in_cases, second; };
MUST_USE enum err desk_waits_db(struct db *db, void *arg); // arg: struct desk_waits

// ── queue.c ──
struct report_list_in { struct str state, burst, after; bool grouped; };
struct report_row {
    struct id id;
    struct str category;
    int64_t urgency;             // by which the queue sorts
    struct str state;
    int64_t received_at, take_due;
    int64_t act_due, message_due; // INT64_MIN: no such clock
    int64_t same_page_count;     // the others, counted up to COUNT_MAX
    int64_t burst_count;         // grouped: new ones that stand behind this one
    struct str county, language;
    bool in_danger, withdraw_asked;
    int64_t unread;
    int64_t climbed;             // places of the roster that its clock has told
    struct id taken_by, unit, burst;
    bool holder_left;            // taken_by works there no more: anybody may take it
    struct str flagger;          // the trusted flagger who sent it, or empty
    bool late;                   // one of its clocks has run out
    // for pages
    int64_t due;                 // of the clock that its state has, or INT64_MIN
    struct str label, where, taker, received_text, due_text, message_text, urgency_text, state_text;
    bool is_new, may_inherit, due_late, message_late;
};
struct queue_tab { struct str state, label; int64_t count; bool here; };
struct state_choice { struct str state, label; };
struct report_list_out {
    struct list reports;         // struct report_row
    struct str next;
    int64_t messages, second;    // reports with messages that nobody has read; that wait for this person to answer as the second
    // for pages
    struct list tabs;            // struct queue_tab
    struct str state, burst;     // burst: where in_burst
    bool unread;                 // messages wait, and this is not their tab
    int64_t handovers;           // that wait for the reader's confirmation
    int64_t declined;            // the reader's own that a colleague did not take
    bool gap;                    // nobody is on call now
    bool in_burst, may_take, may_many, may_case, may_load;
    struct list reasons;         // struct choice
};

// queue_show.c: the page
MUST_USE enum err queue_show(struct req *rq, const struct report_list_in *in, struct report_row *row, size_t n, const struct desk_waits *waits,
                             struct report_list_out *out);
MUST_USE enum err desk_count_db(struct db *db, const struct db_query *query, struct db_args args, int64_t *out); // adds the one number

// ── record.c: one report's rows, and the way to its key ──
struct report_record {
    struct report_at at;
    struct id id, thread, holder; // holder: at.taken_by, or who had it and works there no more
    struct kid kid, thread_kid;
    struct report_clear clear;
    int64_t urgency, take_due, act_due, unread, taken_at; // act_due 0: no clock
    bool urgency_changed, withdraw_asked;
    struct str item, thread_wrap, page_tag, host_tag;
    struct keeper_path path;     // to the report's key
    struct keeper_path thread_path;
};
// Strings live in the arena. ERR_NOT_FOUND as report_at_db.
MUST_USE enum err report_record_db(struct db *db, struct arena *a, const struct person *who, struct id id, struct report_record *out);
void report_note_ad(struct record_ad *ad, const struct report_record *r, struct id note, int64_t seq, int64_t at, struct id person,
                    struct str action);
// Who may act on it: whoever holds it, a supervisor, and anybody while nobody does. Else ERR_CONFLICT with a notice.
bool report_holder_may(const struct person *who, const struct report_at *at); // the same, without words; inside a write
MUST_USE enum err report_may_act(struct req *rq, const struct report_at *at);
struct str desk_urgency(const struct req *rq, int64_t urgency);
enum message desk_state_message(unsigned state); // as workers call it, not as the reporter reads it
enum message desk_tab_message(unsigned state);   // of many reports in it
enum message desk_action_message(struct str action);

// ── read.c ──
SHAPE_NONE(report_read_in);
struct report_line { struct id id; struct str direction; int64_t sent_at; struct str text; struct str sent_text; bool up; };
// thread.c: its newest messages
#define THREAD_MAX 100
struct report_thread { size_t n; struct keeper_item item[THREAD_MAX]; struct report_line line[THREAD_MAX]; };
MUST_USE enum err report_thread_db(struct db *db, struct arena *a, const struct report_record *d, struct report_thread *out);
MUST_USE enum err report_thread_open(struct req *rq, const struct report_record *d, struct report_thread *t); // then oldest first
MUST_USE enum err report_thread_seen_db(struct db *db, const struct report_record *d); // nothing of it is unread any more
// In as few calls as the keeper takes; plain of each lies in rq's arena.
MUST_USE enum err report_items_open(struct req *rq, enum keeper_purpose purpose, const struct keeper_path *path, struct keeper_item *items, size_t n);

struct report_note { int64_t at; struct id person; struct str action, text, at_text, name, action_text; };
struct report_done { int64_t at; struct id person; struct str action, at_text, name, action_text; };
struct report_link { struct id id; struct str category, state_text, received_text; int64_t urgency; bool open; };
struct report_read_out {
    struct id id;
    struct str category;
    int64_t urgency, urgency_computed;
    struct str state;
    int64_t received_at, take_due;
    struct str language, where, typed, address, page, host, app, account, reporter, age_band, county, municipality;
    bool in_danger;
    struct str seen, text, contact, safe_to_contact, institution, function;
    struct str flagger, function_text; // flagger: its name; function_text: for pages
    struct id unit, taken_by;
    int64_t taken_at;
    bool holder_left, withdraw_asked;
    struct list same_page, same_host; // ids as text
    struct id same_as;                // zero: none
    struct list duplicates;           // ids as text
    struct list messages;             // struct report_line
    struct list notes;                // struct report_note
    struct list history;              // struct report_done, newest first
    // for pages
    bool tampered, sexual, is_new, mine, held, may_take, may_release, may_answer, may_assess, may_case, may_same, is_same, in_case, assess_waits, asks, links_more, has_text, late, act_late;
    struct str label, title, urgency_text, computed_text, state_text, received_text, due_text, act_text, taker, reporter_text, age_text, county_text,
        language_text, typed_other, page_other; // the last two only where they differ from the address
    struct list page_links, host_links, same_links; // struct report_link; same: what it repeats, or what repeats it
    struct list states;                 // struct state_choice: where it may go from here
    bool urgency1, urgency2, urgency3, urgency4;
};

// ── act.c, answer.c ──
SHAPE_NONE(report_take_in);
SHAPE_NONE(report_release_in);
struct report_act_out { struct id id; struct str state; int64_t urgency; };
struct report_urgency_in { int64_t urgency, was; struct str reason; };
struct report_state_in { struct str state, of, link; }; // of, link: what a duplicate repeats, as an id or as the address of its page
struct report_answer_in { struct str text; struct id submission; };
struct report_answer_out { struct id id; struct str state; int64_t seq; };

run_fn report_list_run, report_read_run, report_take_run, report_release_run, report_urgency_run, report_state_run, report_answer_run;
