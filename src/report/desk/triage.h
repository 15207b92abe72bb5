// triage: what the rows of assessment, hand-over, bulk and load read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "report/desk/assess.h"
#include "report/desk/exposure.h"
#include "report/desk/handlers.h"

#define BULK_MAX 100          // reports judged at once
#define HANDOVER_MAX 50       // reports handed over at once
#define HANDOVER_NOTE_MAX 2000
#define WORKERS_MAX 256       // of one's units, shown
#define LIFT_REASON_MAX 200

// ── assess.c ──
struct assess_option { struct str value, label; bool on; };
struct assess_question { struct str id, axis, label, error; bool needed, later; struct list options; };
struct assess_axis { struct str text; struct list questions; }; // struct assess_question, a slice of all
struct assess_line { struct str question, answer; bool differs; };
struct assess_row {
    int64_t at, version;
    struct id person;
    struct str verdict, note;
    struct list answers;         // "question:value"
    bool altered;                // it does not open
    // for pages
    struct str name, at_text, verdict_text;
    struct list lines;           // struct assess_line
};
SHAPE_NONE(assess_read_in);
struct assess_in { struct list answers; struct str note; int64_t version; };
struct assess_out {
    struct id id;
    struct str status, verdict;
    int64_t version;             // of the questions in force
    bool shown;                  // answers of others are shown: one has answered oneself, or it is settled
    struct list questions, assessments;
    // for pages
    struct list axes;            // struct assess_axis
    struct str status_text, verdict_text, note, title;
    bool settled, differ, waits, may_first, may_second, again, none;
};

// ── handover.c ──
struct handover_report { struct id id; struct str category, state_text, received_text, urgency_text; int64_t urgency; };
struct handover_row {
    struct id id, giver, taker;
    int64_t at, reports;
    struct str giver_name, taker_name, at_text;
    bool mine;                   // to be confirmed by whoever looks
    struct str reason;           // declined: why; empty where it does not open
};
struct handover_worker { struct id id; struct str name; bool on_call, chosen; };
struct handover_in { struct list reports; struct id to; struct str note; };
struct handover_out {
    struct list open;            // struct handover_report: what one holds
    struct list waiting;         // struct handover_row: not confirmed, from or to oneself
    struct list declined;        // struct handover_row: one's own that the colleague did not take, until they are handed over anew
    struct list on_call;         // struct handover_worker
    bool gap;                    // nobody on call now
    // for pages
    struct list workers;
    struct str note;
};
SHAPE_NONE(handover_confirm_in);
struct handover_act_out { struct id id; int64_t reports; };
struct handover_decline_in { struct str reason; };
struct handover_receive {        // one hand-over to whoever asks, and its reports
    struct req *rq;
    struct id unit, giver;
    size_t n;
    struct id report[HANDOVER_MAX];
    int64_t moved;
    bool over;                   // confirmed or declined
};
MUST_USE enum err handover_receive_db(struct db *db, void *arg); // arg: struct handover_receive; ERR_NOT_FOUND: not to be taken by rq's person
struct handover_note { struct id id; int64_t seq; struct str sealed; };
// A note of rq's person beside a report: its number, its seal (under seq), its row.
MUST_USE enum err handover_note_next_db(struct db *db, struct id report, int64_t *seq);
MUST_USE enum err handover_note_seal(struct req *rq, const struct report_record *d, const char *action, struct str text, struct handover_note *out);
MUST_USE enum err handover_note_db(struct db *db, const struct req *rq, const struct report_record *d, const char *action,
                                   const struct handover_note *n);

// ── decline.c ──
MUST_USE enum err handover_declined(struct req *rq, struct list *out); // struct handover_row, with the reasons opened
MUST_USE enum err handover_declined_count_db(struct db *db, struct id giver, int64_t *out);

// ── bulk.c ──
struct bulk_in { struct list reports; struct str reason; };
struct bulk_out { struct id id; int64_t done, left; struct str reason; struct str done_text, left_text; };
SHAPE_NONE(bulk_undo_in);
struct bulk_row { struct id id, person; struct str reason; int64_t at, reports; bool undone; struct str name, at_text, reason_text; };
struct bulk_list_out { struct list acts; };

// ── load.c ──
struct load_row {
    struct id person;
    int64_t today, week;         // seconds of exposure
    int64_t openings, held;      // reports opened today, held now
    bool stopped, lifted;
    struct str why;              // "day", "pause", "late", or empty
    // for pages
    struct str name, today_text, week_text, why_text, lifted_text;
    bool self;
};
struct load_out { struct list workers; struct str day_text; struct str reason; };
struct lift_in { int64_t hours; struct str reason; };
struct lift_out { struct id id; int64_t until; };
SHAPE_NONE(keys_in);
struct keys_out { bool nothing; };

run_fn assess_read_run, assess_first_run, assess_second_run, assess_fill, handover_read_run, handover_add_run, handover_fill, handover_confirm_run,
    handover_decline_run, handover_decline_fill,
    bulk_list_run, bulk_add_run, bulk_undo_run, load_list_run, lift_run, lift_fill, keys_run;
