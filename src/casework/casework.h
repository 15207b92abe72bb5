// casework: the work on one or more reports. A case is a home (docs/protocol.md, "Records"): everything told in words
// is a sealed entry under its key, in order of seq; clear columns carry only what lists, clocks and figures need. Other
// rooms include this header only, and write what holds a case open, and its history, through it.
#pragma once
#include "base/arena.h"
#include "crypto/record.h"
#include "db/db.h"
#include "report/report.h"
#include "vault/keeper.h"
#include "web/web.h"

// ── life: one table (states.c) ──
enum case_state { CASE_REGISTERED, CASE_ASSESSED, CASE_PLANNED, CASE_IMPLEMENTING, CASE_REVIEW, CASE_CLOSING,
                 CASE_CLOSED, CASE_STATES };
const char *case_state_name(enum case_state s); // "registered"
MUST_USE enum err case_state_read(struct str name, enum case_state *out);
bool case_state_may(enum case_state from, enum case_state to); // closed → review is reopening

// Legal routes, and the content track of an address: kinds and, for each, which stage may follow which (stages.c).
// criminal: reported → registered → investigation → prosecutor → dismissed | court → first_instance → appeal → final;
// civil, protection: filed → hearing → decided → appeal → final; administrative: filed → examined → decided → appeal →
// final. Any but the last may also be withdrawn. A route is open until dismissed, final or withdrawn; a decision
// against which no appeal came is made final by hand. content: noted (a report
// named it; it holds nothing until somebody begins with it) → up → asked → gone → back …, or left where nothing more can be
// done; it is no kind of the pack's list, so nobody opens a legal route of it.
#define CASE_CONTENT "content"
#define CASE_CONTENT_UP "up"       // what a worker writes down begins so
#define CASE_CONTENT_NOTED "noted" // what a report named
bool case_stage_known(struct str kind, struct str stage);
bool case_stage_may(struct str kind, struct str from, struct str to);
bool case_stage_ends(struct str kind, struct str stage);
// Has somebody decided with that step? Also to send it back after an appeal; a decision that only became final is none.
bool case_stage_decides(struct str kind, struct str from, struct str to);
bool case_page_step(struct str stage, enum report_step *out); // what its reporters are told of a page that comes there; false: nothing
bool case_stage_decided(struct str stage); // of a route that stands there somebody has decided
// the kind's stages in their order; NULL at the end and for no kind
const char *case_stage_at(struct str kind, size_t i);

// ── one case's clear row ──
struct case_at {
    int64_t seq, version, urgency, opened, state_at, review_due; // review_due: INT64_MIN for none
    struct id id, owner, worker, asked_by;                       // zero: nobody
    struct id key_out;                                           // case_key_out_db; zero: none
    enum case_state state;
    struct kid kid;
    uint64_t generation;
    bool steps_hidden;                                           // its reporters are not told what is done
    struct str number, category, county, outcome;                // in the arena
};
// ERR_NOT_FOUND where it is not there or none of the person's units holds a wrap of its key.
MUST_USE enum err case_at_db(struct db *db, struct arena *a, const struct person *who, struct id id,
                             struct case_at *out);
// The way to a case's or referral's key: the newest wrap for one of the person's units. ERR_NOT_FOUND: none.
MUST_USE enum err case_path_db(struct db *db, struct arena *a, const struct person *who, struct id home,
                               struct keeper_path *out);
// Stores a wrap that keeper_seal_home or keeper_grant made.
MUST_USE enum err case_wrap_db(struct db *db, struct id home, struct id unit, uint64_t generation,
                               const struct keeper_wrap *w);

// ── entries: what is told in words ──
// Plaintext: UTF-8 JSON object; its members by kind are listed in docs/casework.md. ≤ CASE_ENTRY_BYTES_MAX.
#define CASE_ENTRY_BYTES_MAX 56000
#define CASE_ENTRIES_MAX 1000            // of one home shown at once …
#define CASE_ENTRIES_BYTES (560u * 1024) // … and their sealed bytes, people first, then plans and routes: memory is bounded
struct case_entry {
    struct id id, home, person, unit, thing;
    enum record_type type;     // RECORD_CASE or RECORD_REFERRAL: of the home
    int64_t seq, at;
    struct str kind;           // 'opened', 'note', 'person', …
    struct kid kid;
    uint64_t generation;
    struct str sealed;
    struct str plain;          // after case_entries_open
};
// The AD: type, home, item = id, seq, generation; meta over at, person, unit, kind, thing, in that order.
void case_entry_ad(struct record_ad *ad, const struct case_entry *e);
// The next seq of a home; two who ask at once: the second's insert is ERR_CONFLICT and is tried again by the handler.
MUST_USE enum err case_seq_db(struct db *db, struct id home, int64_t *out);
// What case_entry_seal fills before it seals: id, at, person, unit, and thing where it is zero. For keeper_seal_home,
// which makes the key of the first entry.
void case_entry_begin(const struct req *rq, struct id unit, struct case_entry *e);
// Seals plain through the keeper for rq's person under path; fills id, at, person, unit, kid, sealed. e: type, home,
// seq, kind, thing (zero: the entry's own id), generation set by the caller.
MUST_USE enum err case_entry_seal(struct req *rq, const struct keeper_path *path, struct str plain,
                                  struct case_entry *e);
MUST_USE enum err case_entry_db(struct db *db, const struct case_entry *e); // inserts
// Oldest first. *more (NULL: not asked): there was no room for all of them.
MUST_USE enum err case_entries_db(struct db *db, struct arena *a, struct id home, enum record_type type,
                                  struct list *out, bool *more);
// Has the home an entry about that thing?
MUST_USE enum err case_thing_db(struct db *db, struct id home, struct id thing, bool *there);
// Was an entry removed from the store? version: of a case, as its row says; 0 for another home. Removing the newest and lowering
// the version with it does not show here, but in `audit verify`.
MUST_USE enum err case_removed_db(struct db *db, struct id home, int64_t version, bool *removed);
// Of one kind, and of one thing where it is not zero; the newest, oldest first, at most max. What was taken back is left out.
MUST_USE enum err case_entries_of_db(struct db *db, struct arena *a, struct id home, enum record_type type, struct str kind,
                                     struct id thing, size_t max, struct list *out);
// Leaves out of a case's entries what was taken back as written by mistake (persons, tasks, routes, addresses).
void case_entries_there(struct list *entries);
// The oldest under the home's key of that generation: what keeper_grant, keeper_link and keeper_rekey take as the home's item.
MUST_USE enum err case_entry_proof_db(struct db *db, struct arena *a, struct id home, enum record_type type, uint64_t generation,
                                      struct case_entry *out);
// The oldest: of a referral, what was sent.
MUST_USE enum err case_entry_first_db(struct db *db, struct arena *a, struct id home, enum record_type type,
                                      struct case_entry *out);
// Opens them, KEEPER_ITEMS_MAX a packet; an entry that does not open has plain.at == NULL and is told as altered. path leads
// to the home's newest key; entries of another generation are opened by a way of their own, read here.
MUST_USE enum err case_entries_open(struct req *rq, enum keeper_purpose purpose, const struct keeper_path *path,
                                    struct case_entry *at, size_t n);

// What an entry says, in the reader's language, member by member (without the bookkeeping of files): for what is handed out.
struct case_told { struct str name, label, value, text; }; // value: as it is stored; text: for people
MUST_USE enum err case_entry_told(struct req *rq, struct str plain, struct list *out); // struct case_told; ERR_MALFORMED

// ── a new key, where a unit leaves a case (key.c) ──
// The way of `unit` to the home's key of that generation, as it is now. ERR_NO_KEY: it has none; ERR_TAMPERED: that key is gone.
MUST_USE enum err case_path_older(struct req *rq, struct id home, struct id unit, uint64_t generation, struct keeper_path *out);
struct case_rekey {
    struct id case_id, owner;
    enum case_state state;
    struct kid kid;               // of the key as it is
    uint64_t generation;
    int64_t version;
    struct case_entry proof, entry; // entry: the first under the new key, kind 'key'
    struct id unit;               // that stays
    struct keeper_rekey keys;
};
// In this order: what there is (in a read); the keeper makes the key, in the session of a member of the unit that path begins
// with and that alone stays, and audits it; the caller's store_write puts it in force, ERR_CONFLICT where the case changed
// meanwhile; then an old entry is opened by the new way, from when on the old key seals and opens nothing at the keeper.
// basis: the record that says why. ERR_NOT_FOUND: no case, or emptied by retention. ERR_FULL: more reports than
// KEEPER_CHILDREN_MAX. ERR_CONFLICT of make: path leads to another key than the case's.
MUST_USE enum err case_rekey_look_db(struct db *db, struct arena *a, struct id case_id, struct case_rekey *out);
MUST_USE enum err case_rekey_make(struct req *rq, const struct keeper_path *path, struct id leaver, struct id basis, struct case_rekey *k);
MUST_USE enum err case_rekey_db(struct db *db, const struct case_rekey *k);
void case_rekey_settle(struct req *rq, struct case_rekey *k);
// No new key can be made: too many wraps, or one of them altered. Raises an alarm and says true: whoever must not be stopped by
// that (taking a transfer back, writing on) goes on with the key as it is.
bool case_rekey_cannot(struct id case_id, enum err e);
// `unit` holds, or was offered, the key of a case that it is not to read on, and nobody is there who could make a new one: the
// owner's next entry begins with that.
MUST_USE enum err case_key_out_db(struct db *db, struct id case_id, struct id unit);

// ── for retention ──
struct case_keep {
    int64_t seq, since;           // since when it is in its state, µs
    int64_t shredded;             // the day its keys were destroyed; INT64_MIN: not
    struct id id, owner;
    enum case_state state;
    struct str category;          // in the arena
};
// Cases opened before `before`, the oldest first, behind seq `after`; at most max.
MUST_USE enum err case_keep_db(struct db *db, struct arena *a, int64_t after, int64_t before, struct case_keep *out, size_t max, size_t *n);
MUST_USE enum err case_keep_one_db(struct db *db, struct arena *a, struct id case_id, struct case_keep *out); // ERR_NOT_FOUND
MUST_USE enum err case_keep_reports_db(struct db *db, struct id case_id, struct id *out, size_t max, size_t *n);
// As report_shred_db and report_forget_db. Its reports are emptied by the caller, its referrals by exchange_shred_db before.
MUST_USE enum err case_shred_db(struct db *db, struct id case_id, int64_t now);
MUST_USE enum err case_forget_db(struct db *db, struct id case_id);
// Its evidence files: bytes and rows.
MUST_USE enum err case_uploads_shred_db(struct db *db, struct id case_id);

// ── what upper rooms write, inside their own store_write ──
// TRACK_VERDICT stands in no row: it holds while a verdict about a report of the case waits for its second person (case_holds_db).
enum case_track { TRACK_JUSTICE, TRACK_CONTENT, TRACK_REFERRAL, TRACK_TASK, TRACK_VERDICT, CASE_TRACKS };
const char *case_track_name(enum case_track t); // "justice"
MUST_USE enum err case_hold_db(struct db *db, struct id case_id, enum case_track t, struct id thing, bool holds,
                               int64_t now);
MUST_USE enum err case_history_db(struct db *db, struct id case_id, struct id person, struct id unit,
                                  const char *action, struct id thing, int64_t now);
// Raises version where it is still `version`; ERR_CONFLICT else: the caller answers "somebody changed it meanwhile".
MUST_USE enum err case_touch_db(struct db *db, struct id case_id, int64_t version);
// Tells the reporters of the case's reports a step, where the country and the case's workers do. Call report_settle_soon after
// the write.
MUST_USE enum err case_step_db(struct db *db, const struct pack *p, struct id case_id, enum report_step s, int64_t now);
// A step that is no longer true is taken away from them again: what stood before it is the newest.
MUST_USE enum err case_step_drop_db(struct db *db, struct id case_id, enum report_step s);
// The place (seq) of the newest entry by which somebody of the case came to be one who must not be told; 0: there is nobody. Not who.
MUST_USE enum err case_untold_db(struct db *db, struct id case_id, int64_t *out);
// A report of the case waits for its second person: who does not assess cannot settle that.
MUST_USE enum err case_verdict_waits_db(struct db *db, struct arena *a, struct id case_id, bool *waits);
// A transfer: its reports go with it. ERR_CONFLICT where the case is not from's any more: of two transfers accepted at once one goes
// through. worker: who accepted it, and has it from now on. After case_rekey_db.
MUST_USE enum err case_owner_db(struct db *db, struct id case_id, struct id from, struct id unit, struct id worker, int64_t now);

// ── what rooms above tell of a case ──
// What they do with it they write into its history (case_history_db). Asked for a page, or for paper, each tells what it knows.
struct case_referral {
    struct id id, from, to;                              // the units
    struct str kind, purpose, state, outcome;            // as in desk.referral
    int64_t sent_at, answer_due;
    struct str to_name, purpose_text, state_text, due_text; // for pages, in the reader's language
    bool open;                                           // it holds the case
    bool mine, works;                                    // for pages: its own page is open to the reader; accepted, the outcome is owed
    bool unaware;                                        // its receiver has not seen yet that somebody must not be told
};
struct case_fact { struct str label, value; };
struct case_act {                // of the history: something that a room above did
    int64_t seq, at;             // seq: of the history
    struct id thing, person, unit;
    struct str action;
    // told by the room that it is of; what was said with it stays sealed where it is
    struct str whom, link;       // the other side; the page where it can be opened, empty where this reader has none
    struct list facts;           // struct case_fact, in the reader's language
};
struct case_more {
    struct list referrals;       // struct case_referral, oldest first, appended
    struct case_act *act;        // oldest first; a room leaves alone what is not its own
    size_t n;
};
// Inside a read; strings in rq's arena. The program lists the rooms (bin/desk_rooms.c), so that this floor needs no upper one.
typedef enum err case_more_fn(struct db *db, struct req *rq, struct id case_id, struct case_more *more);
extern case_more_fn *const *case_rooms; // NULL at the end; NULL: no rooms above

// ── words.c: the plaintext of an entry, a flat JSON object of texts ──
#define WORDS_MAX 16
struct word { const char *name; struct str value; };
struct words { size_t n; struct word at[WORDS_MAX]; };
void words_put(struct words *w, const char *name, struct str value); // empty ones are left out
struct str words_get(const struct words *w, const char *name);       // empty where there is none
MUST_USE enum err words_write(struct buf *out, const struct words *w);
// names unknown to this version are left aside
MUST_USE enum err words_read(struct arena *a, struct str json, struct words *out);

// ── work.c: one change of a case ──
struct case_work {
    struct req *rq;
    int64_t version;            // that the writer has seen; 0: not said
    uint16_t action;            // the audit's
    struct id about;            // object2 of its entry; zero: the owner
    const char *history;
    struct str kind;            // of the entry
    struct id thing;
    struct words words;
    bool closed_too;            // may be done to a closed case
    bool once;                  // `thing` follows from what was sent (case_once): where it is there, nothing is done again
    enum err (*look)(struct db *db, struct case_work *w);  // further rows; may refuse
    // after the look, before the audit; may refuse, may fill words
    enum err (*ready)(struct case_work *w);
    enum err (*write)(struct db *db, struct case_work *w); // rows; at is current then
    void *more;
    // filled
    struct case_at at;
    struct keeper_path path;
    struct case_entry entry;
    bool same_key;              // a new key was due and cannot be made
    bool again;                 // it was there
    bool told;                  // the write has left something for reporters
    enum message refused;       // said beside ERR_CONFLICT: why it cannot be; MSG_NONE: somebody else was faster
};
// Looks, audits, seals, writes. Without a version it is tried again where somebody else was faster; with one, or in the
// end, ERR_CONFLICT with a notice.
MUST_USE enum err case_work_run(struct case_work *w);
// Of what is made, after its words are put (web/once.h); submission zero: w stays as it is. apart: what of it stands in no word.
MUST_USE enum err case_once(struct case_work *w, struct id submission, struct str apart);
enum err case_refuse(struct case_work *w, enum message m); // sets refused, gives ERR_CONFLICT
// ── a case on paper (paper.c): for what is handed out ──
#define PAPER_REPORTS_MAX 60 // reports of a case; persons: as many as there are entries
#define PAPER_PARTS_MAX 1200
struct paper_fact { struct str name, label, value, text; };             // as case_told
struct paper_part { struct str kind; struct id id; struct str title; struct list facts; }; // struct paper_fact
extern const struct shape paper_fact_shape, paper_part_shape, paper_person_shape, paper_report_shape;
struct paper_case {
    struct req *rq;
    struct id id;
    struct case_at at;
    struct keeper_path path;
    struct list entries, referrals;      // struct case_entry, case_referral
    struct list *told;                   // of each entry: struct case_told
    bool all;                            // taken back ones too
    bool removed;                        // an entry is gone from the store: nothing is handed out
    struct id report[PAPER_REPORTS_MAX];
    struct report_key key[PAPER_REPORTS_MAX];
    bool mine[PAPER_REPORTS_MAX];        // this person's unit holds the report
    size_t n_reports;
    bool more;                           // there was no room for all entries
};
// Through the keeper with purpose export; audit, budget and history ("exported") come first. ERR_TAMPERED: one entry does not open.
// ERR_TOO_LARGE with a notice: more entries than can be opened at once, and nothing is handed out.
// all: what was taken back as a mistake too, which is kept and so is whose it is to know; for others it is not of the case.
MUST_USE enum err paper_case_open(struct req *rq, struct id id, bool all, struct paper_case *out);
bool paper_words(const struct paper_case *c, size_t i);  // a worker's own words; not what a report named
bool paper_newest(const struct paper_case *c, size_t i); // of its thing: later entries of a person or plan correct the earlier
// What can be chosen, one by one; persons and reports: ids chosen already, or NULL. Fine: all chosen are among them, and the reports mine.
struct paper_person { struct str id, role, name, relation; bool untold, on, asks; struct str role_text, hint; }; // from on: for pages
struct paper_report { struct str id, category; int64_t received; bool mine, on; struct str label, received_text; };
struct paper_choices { struct list persons, untold, reports; };
MUST_USE enum err paper_choices(const struct paper_case *c, const struct list *persons, const struct list *reports, struct paper_choices *out);
bool paper_chosen_fine(const struct paper_choices *of, const struct list *persons, const struct list *reports);
bool paper_named(const struct list *names, struct str name);
struct str paper_hex(struct req *rq, struct id id);
// The parts, in rq's language; full: there was no room for all, and nothing may be handed out.
struct paper { struct req *rq; struct paper_part *part; size_t n; bool full; };
struct paper_facts { struct paper_fact *at; size_t n, most; };
MUST_USE enum err paper_begin(struct req *rq, struct paper *p);
void paper_add(struct paper *p, const char *kind, struct id id, struct str title, const struct paper_facts *facts);
struct str paper_word(const struct paper *p, enum message x);
struct paper_facts paper_facts_new(const struct paper *p, size_t most);
void paper_fact_put(struct paper_facts *f, const char *name, struct str label, struct str value, struct str text); // an empty value is left out
// own: the reporter's own particulars and messages too. notes: what workers wrote beside it.
MUST_USE enum err paper_report_put(struct paper *p, struct id id, bool own, bool notes);
MUST_USE enum err paper_entry_put(struct paper *p, const struct paper_case *c, size_t i, const char *kind, enum message title);
void paper_case_put(struct paper *p, const struct paper_case *c);
void paper_shown_put(struct paper *p, const struct paper_case *c);    // to whom the case was shown, and who got a case file of it
void paper_timeline_put(struct paper *p, const struct paper_case *c); // what was done when, without words
MUST_USE enum err paper_files_put(struct paper *p, const struct paper_case *c);

extern const struct routes case_desk_routes;
