// report: what somebody told us. The portal seals it (report_seal), the desk takes it in (report_ingest), one worker opens
// it through the keeper. Other rooms include this header only.
#pragma once
#include "base/arena.h"
#include "crypto/page.h"
#include "crypto/receipt.h"
#include "crypto/record.h"
#include "db/db.h"
#include "pack/pack.h"
#include "vault/directory.h"
#include "web/events.h"
#include "web/web.h"

// ── pure rules ──
struct report_content {          // as given, after reading; empty = not given. Lives in the arena that made it.
    struct str language, where;  // "page", "app", "none"
    struct str typed;            // the address field as typed
    struct str address;          // exactly as read
    struct str page, host;       // as compared; host empty where the pack lists it as shared by many
    struct str app, account;
    struct str category;         // taxonomy code
    struct str reporter, age_band, county, municipality;
    bool in_danger;
    struct str seen, text, contact, safe_to_contact;
    struct str institution, function; // of a professional who reports for an institution; both or neither
};
// Characters; text also has at most 56,000 bytes (REPORT_TEXT_BYTES_MAX), so that one item holds it all.
#define REPORT_TEXT_MAX 20000
#define REPORT_TEXT_BYTES_MAX 56000
#define REPORT_APP_MAX 100
#define REPORT_ACCOUNT_MAX 300
#define REPORT_SEEN_MAX 500
#define REPORT_CONTACT_MAX 300
#define REPORT_INSTITUTION_MAX 200
#define REPORT_MESSAGE_MAX 4000 // one message of a thread, either direction; its plaintext is the text itself, UTF-8
#define REPORT_BODY_MAX (256u * 1024) // of a request: an over-long text comes back whole
struct report_given {            // what somebody sent, unread; empty = not given
    struct str language, where, address, app, account, category, reporter, age_band, county, municipality;
    bool in_danger;
    struct str seen, text, contact, safe_to_contact, institution, function;
};
// Reads and checks what was sent. Each fault is told to fn (field as named above); ERR_INVALID then, and out is untouched.
// out borrows from g, p and a. A missing language is the pack's first.
typedef void report_refuse_fn(void *ctx, const char *field, enum message m);
MUST_USE enum err report_check(const struct pack *p, struct arena *a, const struct report_given *g, report_refuse_fn *fn, void *ctx,
                               struct report_content *out);
// 1 … 4. base by category (the pack's), danger → 1, a child under 13 → at most 2.
int64_t report_urgency(const struct pack *p, struct str category, bool in_danger, struct str reporter, struct str age_band);
// Until when (µs) a report that came at `from` must be taken and assessed. False: a clock counts working days and comes into
// a year whose holidays the pack has not; then it is counted as elapsed time.
struct report_due { int64_t take, act; };
bool report_clocks(const struct pack *p, struct str category, int64_t urgency, int64_t from, struct report_due *out);
int64_t report_message_due(const struct pack *p, int64_t urgency, int64_t from); // until when a message sent at `from` has been read
int64_t report_climbs_next(const struct pack *p, int64_t urgency, int64_t now); // when a clock that ran out tells the next place
// The sealed item: a JSON object with the fields above that are not empty, by these names. ≤ RECORD_ITEM_MAX.
MUST_USE enum err report_content_write(struct buf *out, const struct report_content *c);
MUST_USE enum err report_content_read(struct arena *a, struct str json, struct report_content *out);

// ── columns fixed at creation, in the order of the meta digest ──
// received, category, urgency_computed, in_danger, county, language, burst
struct report_clear {
    int64_t received;            // minute
    struct str category;
    int64_t urgency_computed;
    bool in_danger;
    struct str county, language;
    struct str burst;            // 16 bytes or empty
};
void report_meta(uint8_t out[32], const struct report_clear *c);
// The AD of a report's item (type report, home = item = id) and of a thread's message (type thread, home = thread, item = id).
// A message's meta is over: sent (minute).
void report_item_ad(struct record_ad *ad, struct id report, struct kid kid, const struct report_clear *c);
void report_message_ad(struct record_ad *ad, struct id thread, struct id message, struct kid kid, enum record_direction direction,
                       uint64_t seq, int64_t sent);

// ── life ──
enum report_state { REPORT_NEW, REPORT_TAKEN, REPORT_ASSESSED, REPORT_ANSWERED, REPORT_IN_CASE, REPORT_DUPLICATE, REPORT_SPAM,
    REPORT_WITHDRAWN, REPORT_CLOSED, REPORT_STATES };
const char *report_state_name(enum report_state s);                       // "in_case"
MUST_USE enum err report_state_read(struct str name, enum report_state *out);
bool report_state_may(enum report_state from, enum report_state to);      // one table
bool report_state_open(enum report_state s);                              // waits, or is worked on: what is found holds for its duplicates
enum message report_state_message(enum report_state s);                   // what happened, in a sentence that a child understands
enum message report_state_now(enum report_state s);                       // what is being done with it
enum message report_state_next(enum report_state s);                      // what comes next

// Beside the states: what the work on a case tells its reporters. Generic on purpose: no name, no institution, no number, so that
// whoever finds the code, or looks over a shoulder, learns of nobody (docs/threats.md). Which are told is the pack's.
enum report_step { STEP_CONSIDERED, STEP_PLANNED, STEP_HELP_ASKED, STEP_HELP_BEGUN, STEP_HELP_DONE, STEP_HANDED_OVER, STEP_REMOVAL_ASKED,
    STEP_REMOVED, STEP_CAME_BACK, STEP_DECIDING, STEP_DECIDED, STEP_REOPENED, REPORT_STEPS };
#define REPORT_STEP_CODES "'considered', 'planned', 'help_asked', 'help_begun', 'help_done', 'handed_over', 'removal_asked', 'removed', " \
    "'came_back', 'deciding', 'decided', 'reopened'" // for queries
const char *report_step_name(enum report_step s);                         // "help_asked"
MUST_USE enum err report_step_read(struct str name, enum report_step *out); // ERR_MALFORMED also for the name of a state
enum message report_step_message(enum report_step s);                     // as those of a state
enum message report_step_now(enum report_step s);
enum message report_step_next(enum report_step s);
// Was it told already, as far as `earlier` of the last day goes? The walk is newest first: call it for each until it says so.
enum report_step_seen { TOLD_NOT, TOLD_ALREADY, TOLD_ANEW };
enum report_step_seen report_step_seen(enum report_step s, struct str earlier);

// ── acknowledgements: what a professional can show (docs/protocol.md) ──
struct report_acknowledgement {
    struct acknowledgement a;
    bool named;                  // who sent it is shown: rest, institution and function bind to a.content
    uint8_t rest[16];
    struct str institution, function;
    struct str signature;        // 64 bytes
};
#define REPORT_ACKNOWLEDGEMENT_MAX 4096 // bytes of its JSON
void report_acknowledgement_write(struct buf *out, const struct public_key *pk, const struct report_acknowledgement *k);
// ERR_MALFORMED: it is none. Strings live in the arena.
MUST_USE enum err report_acknowledgement_read(struct arena *a, struct str json, struct report_acknowledgement *out);
// OK: signed with this key, and the sender shown is the one who sent. Else ERR_TAMPERED.
MUST_USE enum err report_acknowledgement_check(const struct report_acknowledgement *k, const struct public_key *pk);

// ── trusted flaggers ──
#define FLAGGER_CREDENTIAL 65    // 64 hex digits and NUL
void flagger_credential(char out[static FLAGGER_CREDENTIAL]);          // a new one; secret
MUST_USE enum err flagger_secret(struct str credential, uint8_t out[32]); // what is stored of it; ERR_MALFORMED

// ── rooms' tables for the programs ──
extern const struct routes report_portal_routes, report_form_routes, report_page_routes; // portal: API, form, start and follow
extern const struct routes report_trusted_routes, report_flagger_routes; // portal: professionals and flaggers; desk: flaggers
extern const struct routes report_desk_routes, report_triage_routes;
struct report_portal;            // the portal's own state: floods, tickets, proof of work; services.room on the portal
MUST_USE enum err report_portal_new(const struct config *c, struct report_portal **out);
void report_portal_free(struct report_portal **p);
// init --demo: one line of JSON as POST /api/v1/reports takes it, sealed and inserted on sv->store (which may write intake and read
// reply). No floods, no disk watch; sv->room is not looked at. ERR_INVALID, ERR_MALFORMED; ERR_NO_KEY without a duty unit.
MUST_USE enum err report_send_sample(struct services *sv, struct arena *a, struct str json, int64_t now);
// Portal, each 5 s and after a ring: deletes from intake what reply.done names; watches the disk.
void report_portal_tick(struct services *sv);
struct report_desk;              // the desk's own state: ingest position, latency of ringing; services.room on the desk
MUST_USE enum err report_desk_new(struct services *sv, struct report_desk **out);
void report_desk_free(struct report_desk **d);
// Desk: takes in what lies in intake, group by group, publishes events, and wakes the room's own thread, which tags and writes
// reply. Called on ring, at start, each 5 s.
void report_ingest(struct services *sv);
// For events_catch_up: emits the reports that rang after `after`, oldest first. ctx: struct services.
MUST_USE enum err report_events_missed(void *ctx, const struct id *units, size_t n_units, int64_t after, events_emit *emit, void *to);

struct report_said { int64_t at; bool up; struct str text; }; // a message; up: from the reporter

// ── for casework, which gathers reports into cases ──
struct report_key {              // what keeper_link needs of a report, and what a case takes from it
    struct id id, unit, holder;  // holder: zero where nobody has it
    enum report_state state;
    int64_t urgency, received;
    int64_t unread;              // messages of its reporter that nobody has read
    bool withdraw_asked;
    struct str category, county; // in the arena
    struct keeper_path path;
    struct keeper_item item;
};
// ERR_NOT_FOUND where it is not there or not of one of the person's units.
MUST_USE enum err report_key_db(struct db *db, struct arena *a, const struct person *who, struct id report, struct report_key *out);
struct report_message { struct id id, author; int64_t sent; }; // without its words; author: zero for the reporter
// Of a report's thread, oldest first; the newest, at most max. For whoever may read its case: no unit is asked.
MUST_USE enum err report_messages_db(struct db *db, struct arena *a, struct id report, size_t max, struct list *out);
// Inside the caller's write: the step into a case (a new report is taken with it), and the last one when its case is closed.
// ERR_CONFLICT where a colleague holds it or its state does not allow it. Call report_settle_soon after the write.
MUST_USE enum err report_case_enter_db(struct db *db, const struct person *who, struct id report, int64_t now);
MUST_USE enum err report_case_leave_db(struct db *db, struct id report, struct id person, int64_t now);
// It was put into a case by mistake: taken by `who`, where the report is of one of their units, else by who had it; its clock runs
// anew, and what the case's work told its reporter is taken away again.
MUST_USE enum err report_case_out_db(struct db *db, const struct pack *p, const struct person *who, struct id report, int64_t now);
// Its case was opened again: what was closed is worked on again, and its reporter sees it. Others are left as they are.
MUST_USE enum err report_case_return_db(struct db *db, struct id report, struct id person, int64_t now);
// A step of its case, told to the reporter once: not again within a day, unless something else of its kind came between
// (a page that came back is gone again). Only where the pack tells it and the report is in its case now; else nothing is done.
MUST_USE enum err report_case_step_db(struct db *db, const struct pack *p, struct id report, enum report_step s, int64_t now);
// That step of its case, REPORT_STEPS: all of them, is taken away from its reporter again, told long ago too; its states stay.
MUST_USE enum err report_case_steps_drop_db(struct db *db, struct id report, enum report_step s);
// Its reports go with a case to another unit: that unit has them from now on, nobody there holds them yet, and their way is the
// case's. Inside the caller's write, once the case has a key that the former unit has not.
MUST_USE enum err report_case_move_db(struct db *db, struct id case_id, struct id unit, int64_t now);
// Whoever works on a case has its reports: the clock of a message calls this person first.
MUST_USE enum err report_case_holder_db(struct db *db, struct id case_id, struct id person, int64_t now);
// Has it come with its case from another unit? Then its only way is the case's key.
MUST_USE enum err report_moved_db(struct db *db, struct id report, bool *moved);
// Beside ERR_NOT_FOUND: was it one of a unit of rq's person, and went away with its case? Then ERR_FORBIDDEN with a sentence that
// says where it is. One of theirs that was erased: ERR_NOT_FOUND with a sentence. Else e as it was.
enum err report_elsewhere(struct req *rq, struct id report, enum err e);
// The same of a case that one of these units worked on, and handed over with its reports.
enum err report_case_elsewhere(struct req *rq, struct id case_id, enum err e);
// The newest messages of a case's report, oldest first, for a member of the unit that has both: struct report_said. Opened through
// the keeper and read from then on; stands in the report's history.
MUST_USE enum err report_case_thread(struct req *rq, struct id report, struct list *said, bool *withdraw_asked);
// An answer to its reporter, by whoever may edit the case; submission: web/once.h. ERR_CONFLICT with a notice: it is in no case
// now. *seq: its number.
MUST_USE enum err report_case_answer(struct req *rq, struct id report, struct str text, struct id submission, int64_t *seq);
// Of the reports of a case: messages that nobody has read, and whether somebody asks to withdraw one.
MUST_USE enum err report_case_waits_db(struct db *db, struct id case_id, int64_t *unread, bool *withdraw);
// waits: what was answered about it is not settled: a second person has not answered, or two differ (report/desk/assess.h).
MUST_USE enum err report_assess_settled_db(struct db *db, struct arena *a, struct id report, bool *waits);
// ── for retention ──
#define REPORT_COUNTED_DAYS 16 // until all figures, the plan's too, have counted a day: so long an erased thing keeps its times and its emptied row
struct report_keep {
    int64_t seq, received, since; // since: its last step or message, µs
    int64_t shredded;             // the day its keys were destroyed; INT64_MIN: not
    struct id id, unit;
    enum report_state state;
    struct str category;          // in the arena
    bool in_case;                 // its case decides
};
// Reports that came before `before`, in ingest order, behind seq `after`; at most max.
MUST_USE enum err report_keep_db(struct db *db, struct arena *a, int64_t after, int64_t before, struct report_keep *out, size_t max,
                                 size_t *n);
MUST_USE enum err report_keep_one_db(struct db *db, struct arena *a, struct id report, struct report_keep *out); // ERR_NOT_FOUND
MUST_USE enum err report_hash_db(struct db *db, struct id report, uint8_t hash[32]); // audit_item_hash; ERR_NOT_FOUND: emptied
// OK, or ERR_CONFLICT: reply is not told yet. Asked before keeper_erase, so that nothing is announced that cannot be done.
MUST_USE enum err report_shred_ready_db(struct db *db, struct id report);
// Inside the caller's write, after keeper_erase: destroys its keys and sealed bytes, leaves a tombstone and what figures need.
// Done before: OK. ERR_CONFLICT: reply is not told yet, try again later. Call report_settle_soon after the write.
MUST_USE enum err report_shred_db(struct db *db, struct id report, const uint8_t hash[32], int64_t now);
MUST_USE enum err report_forget_db(struct db *db, struct id report); // the rows that were left; ERR_CONFLICT: not emptied
MUST_USE enum err report_settle_gone(struct services *sv, bool *more); // the settler's part: reply forgets (desk/settle_gone.c)

void report_waits_fill(struct req *rq); // for web_options.waits: the numbers beside the doors
void report_settle_soon(struct services *sv); // a handler has left something for reply

// For a room that shows the content of a report by itself: ERR_LIMITED with a kind sentence where the worker has had enough
// (docs/triage.md); else it is counted. Reports of other than sexual categories pass.
MUST_USE enum err report_exposure_pass(struct req *rq, struct id report); // ERR_NOT_FOUND: no such report

// ── for subject access: all that is kept of one report, in words ──
#define REPORT_EXPORT_MESSAGES 500 // newest of its thread
struct report_export {
    struct id unit;
    enum report_state state;
    struct report_clear clear;
    struct report_content content;
    struct list messages;         // struct report_said, oldest first
    struct list notes;            // the same: what workers wrote beside it; empty unless asked for
    bool more, more_notes;        // older messages, notes are left out
};
// Opens it through the keeper (PURPOSE_EXPORT) for rq's person and writes that into its history. ERR_NOT_FOUND: not one of the
// person's units. Strings live in the arena.
MUST_USE enum err report_export(struct req *rq, struct id report, bool notes, struct report_export *out);

// A step of the report's life, written to desk first and reply after.
MUST_USE enum err report_step_add(struct services *sv, struct id report, enum report_state state, int64_t now);
