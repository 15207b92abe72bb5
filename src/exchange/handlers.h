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

// ── record.c: one referral's clear row ──
struct referral {
    int64_t seq, sent, state_at, answer_due, urgency, version;
    struct id id, case_id, from, to;
    bool transfer, consent;
    enum referral_state state;
    struct str purpose, ground, fields, outcome;
    struct str from_name, to_name;    // the unit's, or its institution's in the reader's language
    bool to_me;                       // one of the person's units receives it
};
// ERR_NOT_FOUND where it is not there or neither unit is one of the person's.
MUST_USE enum err referral_db(struct db *db, struct req *rq, struct id id, struct referral *out);
// Those of one unit in one state behind (urgency, seq), most urgent first; at most max of them.
MUST_USE enum err referral_walk_db(struct db *db, struct req *rq, struct id unit, bool received, enum referral_state state,
                                   int64_t urgency, int64_t seq, struct referral *out, size_t max, size_t *n);
MUST_USE enum err referral_add_db(struct db *db, const struct referral *r, const struct case_entry *first);
// ERR_CONFLICT where somebody changed it meanwhile.
MUST_USE enum err referral_state_db(struct db *db, const struct referral *r, enum referral_state to, struct str outcome, int64_t answer_due,
                                    int64_t now);
MUST_USE enum err referral_lock_db(struct db *db, struct id referral, struct id unit); // its wraps go: it opens nothing more
bool referral_own(const struct person *who, struct id unit);
int64_t referral_answer_due(const struct req *rq, int64_t urgency);

// ── fields.c: what may be shared, and its sealed copy ──
struct referral_value { struct id report; struct str name, value, label, text; }; // label, text: for pages
struct referral_content {             // the first entry's plaintext
    struct str note, reason;
    struct list values;               // struct referral_value
    struct keeper_wrap wrap;          // a transfer's: the case's key for the new owner
    uint64_t wrap_generation;
    bool has_wrap;
};
// Opens the case's reports through path and copies the named fields, those that are not empty.
MUST_USE enum err referral_copy(struct req *rq, const struct keeper_path *path, struct id case_id, struct str case_number,
                                const struct list *names, struct list *values);
// r's purpose, ground and kind are sealed too: a row that was altered does not agree.
MUST_USE enum err referral_content_write(struct buf *out, const struct referral *r, const struct referral_content *c);
MUST_USE enum err referral_content_read(struct arena *a, struct str json, const struct referral *r, struct referral_content *out);

// ── send.c ──
struct exchange_choice { struct str value, label; bool on; };
struct referral_send_in {
    struct id unit;
    struct str kind, purpose, ground, note, reason;
    struct list fields;
    bool consent;
    int64_t urgency;
};
struct referral_send_out {
    struct id id;
    // for pages
    struct id case_id;
    struct str number;
    struct list units, purposes, grounds, fields, urgencies; // struct exchange_choice
    bool transfer;
};
// ── list.c ──
struct referral_list_in { struct str state, after; };
struct referral_row {
    struct id id, case_id, from, to;
    struct str kind, from_name, to_name, purpose, ground, state, fields, outcome, direction;
    bool consent;
    int64_t urgency, sent_at, answer_due;
    // for pages
    struct str purpose_text, state_text, sent_text, due_text, urgency_text, kind_text;
    bool late, received;
};
struct exchange_tab { struct str state, label; bool here; };
struct referral_list_out { struct list referrals; struct str next; struct list tabs; struct str state; }; // for pages from tabs on
// ── read.c ──
SHAPE_NONE(referral_read_in);
struct referral_entry { struct id id, person, unit; int64_t at; struct str kind, text; struct str name, unit_name, at_text, kind_text; bool mine; };
struct referral_read_out {
    struct id id, case_id, from, to;
    struct str kind, from_name, to_name, purpose, ground, state, outcome, note, reason;
    bool consent;
    int64_t urgency, sent_at, answer_due, state_at;
    struct list fields;               // struct referral_value
    struct list entries;              // struct referral_entry
    // for pages
    bool may_accept, may_decline, may_ask, may_answer, may_return, may_done, may_revoke, late, received, waits;
    struct str kind_text, purpose_text, ground_text, state_text, outcome_text, sent_text, due_text, urgency_text, title;
    struct list outcomes;             // struct exchange_choice
};
// ── act.c ──
struct referral_act_in { struct str reason, text, outcome; };
struct referral_act_out { struct id id; struct str state; };

// ── contacts.c ──
SHAPE_NONE(exchange_contacts_in);
struct exchange_contact_in { struct id unit, person; int64_t place; };
struct exchange_contact { struct id unit, person; int64_t place; struct str unit_name, person_name; };
struct exchange_contact_row {          // for pages: a unit with its three places
    struct id unit;
    struct str name, contact, deputy, head;
    bool gap;                          // nobody answers first
};
struct exchange_contacts_out {
    struct list contacts;              // struct exchange_contact
    struct list gaps;                  // ids of units without a first contact, as text
    // for pages
    struct list rows;                  // struct exchange_contact_row
    struct list units, people, places; // struct exchange_choice: of one's own units
    bool may_set, any_gap;
};

// ── protocol.c ──
struct exchange_protocol_in { int64_t version; };
struct exchange_protocol_out { int64_t version; };

// ── words.c ──
struct str exchange_time(const struct req *rq, int64_t at);
struct str exchange_urgency(const struct req *rq, int64_t urgency);
enum message exchange_state_message(unsigned state);
enum message exchange_act_message(struct str kind); // of an entry
struct list exchange_choices(struct req *rq, const char *list, struct str on);
enum err exchange_notice(struct req *rq, enum err e, enum message m);

run_fn referral_send_form_run, referral_send_fill, referral_send_run, referral_list_run, referral_read_run, referral_accept_run,
    referral_decline_run, referral_ask_run, referral_answer_run, referral_return_run, referral_done_run, referral_revoke_run,
    exchange_contacts_run, exchange_contacts_fill, exchange_contact_run,
    exchange_protocol_run, exchange_agree_run;
