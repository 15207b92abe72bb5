// handlers: what the rows of this room read and show. Fields behind "for pages" are put into words for the reader of the
// page and are not in JSON.
#pragma once
#include "exchange/exchange.h"
#include "people/people.h"
#include "report/report.h"

#define REFERRAL_PAGE 50              // referrals on one page of a list
#define REFERRAL_FIELDS_MAX 40        // names chosen
#define REFERRAL_REPORTS_MAX 20       // reports of the case whose fields are copied
#define REFERRAL_TEXT_MAX 4000        // characters of a note, reason, question, answer
#define REFERRAL_UNITS_MAX 500        // units offered by the form
#define REFERRAL_CASE_MAX 200         // referrals of one case that its page shows
#define REFERRAL_PERSONS_MAX 60       // persons of a case that one referral copies
#define EXCHANGE_LINE_MAX 120         // characters of duty hours, a telephone number, a decision's number

// ── record.c: one referral's clear row ──
struct referral {
    int64_t seq, sent, state_at, answer_due, urgency, version;
    struct id id, case_id, from, to;
    int64_t untold;                   // the newest mark "must not be told" of the case that its receiver knows of (case_untold_db)
    int64_t taken_back;               // when the receiver's copy was closed; INT64_MIN: it is open
    bool news;                        // the other side did or wrote something since one's own opened it last
    bool erased;                      // with its case: nothing is left to open
    bool transfer, consent, elapsed;  // elapsed: its clock never counts working days alone
    enum referral_state state;
    struct str purpose, ground, fields, outcome;
    struct str from_name, to_name;    // the unit's, or its institution's in the reader's language
    bool to_me;                       // one of the person's units receives it
};
// ERR_NOT_FOUND where it is not there or neither unit is one of the person's.
MUST_USE enum err referral_db(struct db *db, struct req *rq, struct id id, struct referral *out);
// One of that case, of whatever units: for whoever has the case, which the caller has looked at. ERR_NOT_FOUND.
MUST_USE enum err referral_of_case_db(struct db *db, struct req *rq, struct id case_id, struct id id, struct referral *out);
// Those of one unit in one state behind (urgency, seq), most urgent first; at most max of them. owed: no transfers, which, once
// accepted, owe nothing.
MUST_USE enum err referral_walk_db(struct db *db, struct req *rq, struct id unit, bool received, enum referral_state state, bool owed,
                                   int64_t urgency, int64_t seq, struct referral *out, size_t max, size_t *n);
MUST_USE enum err referral_add_db(struct db *db, const struct referral *r, const struct case_entry *first);
// What an act makes of the row beside its words.
#define REFERRAL_KEEP (-1)            // as it is
#define REFERRAL_NONE 0               // nobody is told; nothing new
#define REFERRAL_NEWS 1               // something new, and the courier tells the contact
#define REFERRAL_NEWS_TOLD 2          // something new; the clock's mail tells of it
struct referral_turn {
    enum referral_state to;
    struct str outcome;
    int64_t answer_due, climb_at;     // climb_at: when the next place of whose turn it is hears; or REFERRAL_KEEP, REFERRAL_NONE
    int64_t news_from, news_to;       // for sender and receiver
};
// ERR_CONFLICT where somebody changed it meanwhile.
MUST_USE enum err referral_turn_db(struct db *db, const struct referral *r, const struct referral_turn *t, int64_t now);
MUST_USE enum err referral_seen_db(struct db *db, const struct req *rq, const struct referral *r); // the person's side has read it
MUST_USE enum err referral_news_db(struct db *db, const struct person *who, int64_t *n); // how many hold something new for the person's units
// One side's with something new, behind (urgency, seq).
MUST_USE enum err referral_news_walk_db(struct db *db, struct req *rq, struct id unit, bool received, int64_t urgency, int64_t seq,
                                        struct referral *out, size_t max, size_t *n);
// at most REFERRAL_COUNT_MAX
MUST_USE enum err referral_count_state_db(struct db *db, struct id unit, bool received, enum referral_state state,
                                          int64_t *n);
#define REFERRAL_COUNT_MAX 999
MUST_USE enum err referral_aware_db(struct db *db, struct id id, int64_t untold); // the receiver was shown the warning
bool referral_unaware(const struct referral *r, int64_t untold);                    // untold: the case's, now
MUST_USE enum err referral_lock_db(struct db *db, struct id home, struct id unit, int64_t now); // its wraps go: it opens nothing more
// Those of a case, oldest first, at most max.
MUST_USE enum err referral_case_db(struct db *db, struct req *rq, struct id case_id, struct referral *out, size_t max, size_t *n);
struct str exchange_unit_name(const struct req *rq, const struct db_rows *r, int col); // columns unit's name, institution's name, name_en
int64_t referral_answer_due(const struct req *rq, int64_t urgency, bool elapsed); // of a turn that begins now

// ── fields.c: what may be shared, and its sealed copy ──
struct referral_value { struct id report; struct str name, value, label, text; }; // label, text: for pages
struct referral_content {             // the first entry's plaintext
    struct str note, reason;
    struct str more_reason, urgency_reason; // why more than the template's minimum is shared; why it is less urgent than its case
    struct list values;               // struct referral_value
    struct keeper_wrap wrap;          // a transfer's: the case's key for the new owner
    uint64_t wrap_generation;
    bool has_wrap;
    bool untold;                      // somebody of the case must not be told; who, only where that was chosen
};
// Opens the case's reports, and what is told of its persons, assessment and plan, through path and copies the named
// fields, those that are not empty. What is not named is not opened, as far as one report or person is one thing.
MUST_USE enum err referral_copy(struct req *rq, const struct keeper_path *path, struct id case_id, struct str case_number,
                                const struct list *names, struct list *values);
// One report of a case: what is in it, as fields. report: one of the case's, else ERR_NOT_FOUND.
MUST_USE enum err referral_report_copy(struct req *rq, const struct keeper_path *path, struct id case_id, struct id report, struct list *values);
// persons.c: appends to *n what names asks for of persons, assessment and plan; room for 2 * REFERRAL_PERSONS_MAX + 5. More persons
// are refused at the field `fields`; ERR_TOO_LARGE: there are more than can be opened at once.
MUST_USE enum err referral_persons_copy(struct req *rq, const struct keeper_path *path, struct id case_id, const struct list *names,
                                        struct referral_value *at, size_t *n);
MUST_USE enum err exchange_persons_db(struct db *db, struct id case_id, size_t *out); // how many persons a case has; needs no key
// Who must not be told, for whoever is about to share: labels only. It is a reading, and stands in the case's history.
MUST_USE enum err exchange_untold(struct req *rq, struct id case_id, struct list *out); // struct choice
bool referral_named(const struct list *names, const char *name);
void referral_values_shown(struct req *rq, const struct list *values); // read.c: fills label and text
// r's purpose, ground and kind are sealed too: a row that was altered does not agree.
MUST_USE enum err referral_content_write(struct buf *out, const struct referral *r, const struct referral_content *c);
MUST_USE enum err referral_content_read(struct arena *a, struct str json, const struct referral *r, struct referral_content *out);

// ── send.c ──
struct referral_send_in {
    struct id unit;
    struct str kind, purpose, ground, note, reason, more_reason, urgency_reason;
    struct list fields;
    bool consent;
    int64_t urgency;
    struct id submission;
};
struct referral_send_out {
    struct id id;
    // for pages
    struct id case_id;
    struct str number;
    struct list units, purposes, grounds, urgencies; // struct choice
    struct list fields, more;         // struct choice: the template's minimum, and what needs a reason
    struct list shared, files;        // struct exchange_shared, exchange_taken: what others have already
    bool given;                       // one of both
    struct list untold;               // struct choice: persons who must not be told
    bool transfer, chosen;            // chosen: unit and purpose are, so that the template is known
    struct id unit;
    struct str purpose, unit_text, purpose_text;
    bool nobody, behind;              // nobody answers for the chosen unit; it has not accepted the protocol in force
    struct str duty;                  // when somebody is there, and the telephone
    bool alone;                       // only one person is in the chosen unit
    struct str persons_text;          // where the case has more persons than a referral takes: how many, and how many it takes
};
// form.c: fills what the page shows; fresh: nothing was chosen yet, so the template's fields are.
MUST_USE enum err referral_form_show(struct req *rq, const struct referral_send_in *in, bool fresh, struct referral_send_out *out);
bool referral_in_template(const struct pack_template *t, struct str field);

// ── list.c ──
struct referral_list_in { struct str state, after, direction; };
struct referral_row {
    struct id id, case_id, from, to;
    struct str kind, from_name, to_name, purpose, ground, state, fields, outcome, direction;
    bool consent;
    int64_t urgency, sent_at, answer_due;
    // for pages
    struct str purpose_text, state_text, sent_text, due_text, urgency_text, kind_text;
    bool late, received, news;        // news: something new since one's unit opened it
};
struct exchange_tab { struct str state, label; bool here; int64_t n; }; // n: how many, where it is counted
struct referral_list_out {
    struct list referrals;
    struct str next;
    // for pages
    struct list tabs, sides;          // struct exchange_tab
    struct str state, direction;
};
// ── late.c: what waits for an answer and is late, of all units, for whoever reminds them ──
struct exchange_late_in { struct str after; };
struct exchange_answerer { int64_t place; struct str name, mail; struct str place_text; }; // place_text: for pages
struct exchange_late_row {
    struct id from, to, unit;         // unit: the one whose turn it is
    struct str from_name, to_name, unit_name, kind, state, purpose, hours, phone;
    int64_t urgency, sent_at, answer_due, late_minutes;
    struct list contacts;             // struct exchange_answerer: of that unit, by place
    // for pages
    struct str purpose_text, kind_text, state_text, urgency_text, sent_text, due_text, late_text;
};
struct exchange_late_out { struct list referrals; struct str next; }; // struct exchange_late_row

// ── read.c ──
SHAPE_NONE(referral_read_in);
struct referral_entry { struct id id, person, unit; int64_t at; struct str kind, text; struct str name, unit_name, at_text, kind_text; bool mine; };
struct referral_read_out {
    struct id id, case_id, from, to;
    struct str kind, from_name, to_name, purpose, ground, state, outcome, note, reason, more_reason, urgency_reason;
    bool consent, not_told;           // not_told: somebody of the case must not be told
    int64_t urgency, sent_at, answer_due, state_at;
    struct list fields;               // struct referral_value
    struct list entries;              // struct referral_entry
    struct list notes;                // struct referral_entry: the receiver's own, for its unit alone
    // for pages
    // working: accepted, the outcome is owed
    bool may_accept, may_decline, may_ask, may_answer, may_return, may_done, may_revoke, may_progress, may_add,
        may_note, may_case, late, received, waits, working;
    struct str kind_text, purpose_text, ground_text, state_text, outcome_text, sent_text, due_text, urgency_text, title, warning, ended_text;
    struct list outcomes;             // struct choice
};
// ── act.c ──
struct referral_act_in { struct str reason, text, outcome; struct id submission; };
MUST_USE enum err referral_newest(struct req *rq, struct list *out); // read.c: struct referral_entry, the newest of rq->id; it stays new to the unit
struct referral_act_out {
    struct id id;
    struct str state;
    // for the page that says what stood in the way
    struct id case_id;
    bool of_case;                     // the way back is the case's
    struct str again;                 // the act, where what was typed may be sent once more
    struct str state_text;            // empty: nothing more is known of it
    struct list entries;              // struct referral_entry: what was written meanwhile
};
// What an act writes besides its words: state, hold, the receiver's key, and what reporters are told.
MUST_USE enum err referral_act_db(struct db *db, struct req *rq, const struct referral *r, enum referral_act act,
                                  enum referral_state to, struct str outcome);
void referral_ring(const struct req *rq, const struct referral *r, struct id unit); // open screens of that unit hear at once
// ── notes.c: what the receiver writes for itself ──
struct referral_note_in { struct str text; struct id submission; };
struct referral_note_out { struct id id; };
MUST_USE enum err referral_work_db(struct db *db, struct id referral, struct id unit, struct id *home); // ERR_NOT_FOUND: none yet

// ── shared.c: what was shared with whom ──
SHAPE_NONE(exchange_shared_in);
struct exchange_shared {
    struct id id, from, to;
    struct str from_name, to_name, kind, state, purpose;
    struct list fields;               // names
    bool consent, readable, unaware;  // readable: the receiver still has the key; unaware: referral_unaware
    int64_t sent_at;
    // for pages
    struct str fields_text, kind_text, state_text, sent_text, purpose_text;
    bool mine, may_revoke, may_end;   // mine: its page is open to the reader; may_end: a former owner's, which holds one's case
};
struct exchange_shared_out {
    struct list shared;               // struct exchange_shared
    struct list files;                // struct exchange_taken
    // for pages
    struct id case_id;
    struct str number;
    bool may_refer, unaware;
};
MUST_USE enum err exchange_files_db(struct db *db, struct req *rq, struct id case_id, struct list *out); // struct exchange_taken
MUST_USE enum err exchange_shared_db(struct db *db, struct req *rq, const struct case_at *of, struct list *out);

// ── report.c: a case's report, for whoever has the case ──
SHAPE_NONE(exchange_report_in);
struct exchange_said { struct str direction; int64_t sent_at; struct str text; struct str sent_text; bool up; };
struct exchange_report_out {
    struct id id, case_id;
    struct list fields;               // struct referral_value
    struct list messages;             // struct exchange_said, oldest first; empty where another unit has the report
    bool withdraw_asked;
    // for pages
    struct str number;
    bool may_answer;
};
struct exchange_answer_in { struct str text; struct id submission; };
struct exchange_answer_out { struct id id; int64_t seq; };

// ── contacts.c ──
struct exchange_contacts_in { struct str type, county, q; bool gaps; };
struct exchange_contact_in { struct id unit, person; int64_t place; struct str seen; };
struct exchange_contact { struct id unit, person; int64_t place; struct str unit_name, person_name; };
struct exchange_point {                // a unit with its three places
    struct id unit;
    struct str name, type, county, municipality, contact, deputy, head, hours, phone;
    int64_t members, version;          // version: of the protocol that it has accepted last, 0: none
    bool gap;                          // nobody answers first
    // for pages
    struct str type_text;
    bool behind, here;                 // behind: it has not accepted the version in force; here: it is the page's own
};
struct exchange_group {                // for pages: the units of a county, or of the whole country
    struct str name;
    struct list points;                // struct exchange_point
    int64_t units, gaps;
    bool open;
};
struct exchange_contacts_out {
    struct list contacts;              // struct exchange_contact
    struct list gaps;                  // ids of units without a first contact, as text
    struct list points;                // struct exchange_point: those that were asked for
    // for pages
    struct list groups;                // struct exchange_group
    struct list types, counties;       // struct choice
    struct list own;                   // struct choice: one's own units
    int64_t n_units, n_gaps, n_members, n_behind;
    bool any_gap, asked;
};
SHAPE_NONE(exchange_unit_in);
struct exchange_unit_out;
MUST_USE enum err exchange_point_find(struct req *rq, struct id unit, struct exchange_unit_out *out); // contacts.c; ERR_NOT_FOUND
struct exchange_duty_in { struct str hours, phone, seen; };
struct exchange_unit_out {
    struct id unit;
    struct str name, type, county, municipality, hours, phone;
    int64_t members, version;
    struct list contacts;              // struct exchange_contact
    bool gap;
    struct str seen;                   // of what its members set: hours, phone, contacts
    // for pages
    struct str typed_hours, typed_phone; // in the form
    struct str type_text, contact, deputy, head;
    struct list near;                  // struct exchange_point: of the same municipality
    struct list people, places;        // struct choice
    bool may_set, behind;
};

// ── protocol.c ──
struct exchange_protocol_in { int64_t version; struct str decision, decided; };
struct exchange_agree_in { int64_t version; };
struct exchange_line { struct str text; };
struct exchange_version {
    int64_t version;
    struct str title, decision;
    int64_t decided;                   // INT64_MIN: not decided
    bool in_force, altered;            // altered: the text is not the one that was decided
    struct list points;                // its text
    // for pages
    struct list lines;                 // struct exchange_line: points again
    struct str decided_text, by;
    bool open;
};
// may_ahead: the next version, before it comes into force
struct exchange_accepted {
    struct id unit; struct str name; int64_t version; bool may_accept, may_ahead, altered; // altered: since it accepted it
};
struct exchange_protocol_out {
    int64_t version;                   // in force; 0: none
    struct list versions;              // struct exchange_version, newest first
    struct list units;                 // struct exchange_accepted: with members
    struct list gaps;                  // ids of those that have not accepted it, as text
    // for pages
    struct list choices;               // struct choice: versions that may come into force
    struct list own;                   // struct exchange_accepted: one's own
    int64_t next;                      // the version that may be accepted ahead; 0: none
    int64_t n_units, n_gaps, n_behind; // n_behind: that have not accepted the next one
    bool may_force;
};
SHAPE_NONE(exchange_protocols_in);
// The version in force as the desk has it written down; 0: none.
MUST_USE enum err exchange_force_db(struct db *db, int64_t *out);

// ── words.c ──
MUST_USE enum err exchange_day_read(struct str day, int64_t *out); // "2026-11-20" → its noon UTC; ERR_MALFORMED
struct str exchange_urgency(const struct req *rq, int64_t urgency);
enum message exchange_state_message(unsigned state);
enum message exchange_act_message(struct str kind); // of an entry

run_fn exchange_late_run, referral_send_form_run, referral_send_fill, referral_send_run, referral_list_run, referral_read_run, referral_accept_run,
    referral_decline_run, referral_ask_run, referral_answer_run, referral_return_run, referral_done_run,
    referral_revoke_run, referral_progress_run, referral_add_run, referral_end_run, referral_end_fill,
    exchange_contacts_run, exchange_unit_run, exchange_unit_fill, exchange_contact_fill, exchange_contact_run, exchange_duty_run,
    exchange_protocols_run, exchange_protocol_fill, exchange_protocol_run, exchange_agree_run, exchange_shared_run,
    exchange_report_run, exchange_answer_run,
    referral_note_run;
