// The portal's side of the report room, inside: sealing, the store, floods. Nothing here opens a report.
#pragma once
#include <pthread.h>
#include "report/report.h"

// ── sealing ──
struct report_mark { uint8_t lookup[16], content[16]; }; // by which a repeated send is known
struct report_sealed { // one row of intake.report; holds no key and no plaintext
    struct id id, thread, unit;
    uint32_t epoch;
    struct report_clear clear;       // borrows from what it was sealed from
    struct kid kid, thread_kid;
    struct buf item, tag_box;        // tag_box empty: neither address nor account
    uint8_t unit_wrap[BOX_BYTES], thread_wrap[RECORD_WRAP_BYTES];
    struct report_mark mark;
    bool acknowledge;                // the sender is to have a signed acknowledgement
    struct id flagger;               // or zero
};
// ERR_TOO_LARGE as report_seal. Nothing is drawn, so the same report under the same code has the same mark.
MUST_USE enum err report_mark_of(const struct report_content *c, const struct receipt *receipt, struct report_mark *out);
// The keyed digest of the whole content, without what binds a professional to it: stands in the acknowledgement.
MUST_USE enum err report_rest(const struct report_content *c, const struct receipt *receipt, uint8_t out[16]);
// Pure but for random bytes; ~200 µs. ERR_TOO_LARGE where the content does not fit one item. Free with report_sealed_free,
// also after an error.
MUST_USE enum err report_seal(const struct report_content *c, const struct report_clear *clear, const struct directory_unit *duty,
                              const struct public_key *tag_key, const struct receipt *receipt, struct report_sealed *out);
void report_sealed_free(struct report_sealed *s);

// ── the store ──
// Writes it and rings. A repeat (same lookup, same content; also when the desk has it already) is OK; with other content ERR_CONFLICT.
MUST_USE enum err report_insert(struct store *store, const struct report_sealed *s);
// Is it there already, here or at the desk? OK: this very report. ERR_CONFLICT: with other content. Else ERR_NOT_FOUND. Reads only.
MUST_USE enum err report_find(struct store *store, const struct report_mark *m);

// How long it took lately for one urgency, as the desk has measured it (desk/pace.c). Durations in µs.
struct pace_one {
    bool known, over;                // over: half of them waited longer than that, and some still do
    int64_t median;
};
struct pace { struct pace_one looked, answered; };
// What the desk has not measured is not known.
MUST_USE enum err pace_find(struct store *store, int64_t urgency, struct pace *out);
MUST_USE enum err pace_find_db(struct db *db, int64_t urgency, struct pace *out); // the same in a caller's read
// In words; empty where nothing is to be said. looked, answered: is that still to come for this report?
struct str pace_text(struct req *rq, const struct pace *p, bool looked, bool answered);

struct thread_step { struct str code; int64_t at; };
struct thread_message { struct id id; enum record_direction direction; int64_t seq, sent; struct kid kid; struct str sealed, text; };
struct thread { // what a receipt may see; in the arena given
    struct id id;
    struct kid kid;
    bool ingested;                   // the desk has it: there is a reply row
    struct str state;
    int64_t received, up_seq;        // up_seq: highest number of the reporter's own messages
    size_t n_steps, n_messages;
    struct thread_step *steps;
    struct thread_message *messages; // oldest first; text empty until thread_open
    bool cut;                        // older messages were left out
    bool acknowledged;               // the keeper has signed an acknowledgement
    int64_t urgency;                 // 0: not known
    struct pace pace;                // of this urgency
};
#define THREAD_STEPS_MAX 100
#define THREAD_MESSAGES_MAX 100      // shown: the newest
#define THREAD_BYTES_MAX (384u * 1024) // ciphertext of those shown
#define THREAD_UP_MAX 200            // a reporter's messages in one thread
// ERR_NOT_FOUND where neither intake nor reply has the lookup; both are asked in any case.
MUST_USE enum err thread_find(struct store *store, struct arena *a, const uint8_t lookup[16], struct thread *out);
// Opens the messages with K_t. One that does not verify is an alarm and is left out.
MUST_USE enum err thread_open(struct thread *t, struct arena *a, const struct key *k);
// Seals and writes a message of the reporter. id: the same once more is the same message (a repeated send).
MUST_USE enum err thread_write(struct store *store, const struct receipt *r, struct id id, struct str text, bool withdraw, int64_t now);

// ── floods (PROTOCOL 12) ──
struct flood;
enum flood_lane { LANE_OPEN, LANE_DANGER, LANE_TICKET, LANE_WORK };
struct flood_ask {
    struct str prefix;               // empty: nothing is limited
    bool danger;
    struct str ticket, work;         // as they came back; may be empty or nonsense
    uint64_t sameness;               // flood_sameness of what was sent
    int64_t now;
};
struct flood_answer { enum flood_lane lane; bool grouped; struct id burst; };
#define FLOOD_TOKEN 97               // characters of a ticket or challenge, with NUL
MUST_USE enum err flood_new(int64_t limit, int64_t bits, int64_t ticket_seconds, struct flood **out);
void flood_free(struct flood **f);
// ERR_LIMITED: over the limit without danger, ticket or work. Counts the asking either way.
MUST_USE enum err flood_admit(struct flood *f, const struct flood_ask *ask, struct flood_answer *out);
// Has this prefix been counted in the present window? Else no limit can stand in the way of whoever sends again from there.
bool flood_counted(struct flood *f, struct str prefix, int64_t now);
uint64_t flood_sameness(struct flood *f, struct str page, struct str account, struct str text);
// A token for both ways: as a ticket it is good from `ticket_seconds` to 30 minutes after `now`; as a challenge at once, with
// "TOKEN:NONCE" whose SHA-256 begins with the bits asked for. Each token is good once.
void flood_token(struct flood *f, int64_t now, char out[static FLOOD_TOKEN]);
// Whole seconds until a ticket that was sent too early is good; 0 where it will not become good: then a new one is due.
int64_t flood_ticket_left(struct flood *f, struct str ticket, int64_t now);
int64_t flood_bits(const struct flood *f);
int64_t flood_wait(const struct flood *f); // seconds

// ── the portal's own state ──
struct report_portal {
    struct flood *flood;
    struct disk *disk;
    _Atomic int64_t writing;         // reports between admission and commit
    int64_t places;                  // of which LANE_OPEN may take three quarters
    pthread_mutex_t lock;            // of the next two
    struct id epoch_unit;            // the duty unit …
    uint32_t epoch_least;            // … and its highest epoch seen: a lower one is not used
};
// The duty unit that reports are sealed to now; ERR_NO_KEY where there is none or only one older than seen.
MUST_USE enum err portal_duty(struct services *sv, int64_t now, struct directory_unit *out);

struct disk;                         // the reserve file and what is free
MUST_USE enum err disk_new(const char *dir, int64_t reserve_mb, int64_t free_mb, struct disk **out);
void disk_free(struct disk **d);
void disk_look(struct disk *d);      // measures; gives the reserve up where the disk is full, takes it again later; any thread
bool disk_low(const struct disk *d); // only danger reports come in

// A trusted flagger's line as it is answered; field and sentence say why it was not taken.
struct flagger_line { struct str submission; bool accepted; struct str receipt, field, sentence; };
// One line, a report as JSON: reads and checks, stores nothing. ERR_INVALID: the first fault stands in out. c borrows from json and rq's arena.
MUST_USE enum err flagger_line_read(struct req *rq, struct str json, struct flagger_line *out, struct id *submission, struct report_content *c);
void trusted_sweep(struct services *sv); // forgets what was asked for and is answered; of flaggers, what the desk has

// ── one report in: used by the API and by the form ──
struct intake_sent { struct str submission, ticket, work; };
// Checks, admits, seals, stores. out: the receipt as text. Refusals and a notice stand in rq after an error.
MUST_USE enum err intake_take(struct req *rq, const struct report_given *g, const struct intake_sent *sent, struct str *out);
struct str report_helpline(struct req *rq);    // "116 111"
struct str report_answer_time(struct req *rq); // "Nobody is at the desk until 8:00 …"
bool report_urgent(struct str body);         // does the raw body of a report say that somebody is in danger?
