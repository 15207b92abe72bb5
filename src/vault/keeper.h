// keeper: the client of keeper.sock (docs/protocol.md, "Desk ↔ keeper"). One call is one packet each way. Any thread;
// calls share a few connections. Nothing is cached here except keeper_session (≤ 5 s, for pages only).
// Errors of every call: ERR_AWAY (not running, or its store is away), ERR_FULL (busy), ERR_UNAUTHENTICATED (no session),
// ERR_FORBIDDEN (role), ERR_NO_KEY, ERR_LIMITED (budget), ERR_TAMPERED, ERR_MALFORMED (our own bug); of administration also
// ERR_CONFLICT (name taken, member already), ERR_NOT_FOUND (no such person), ERR_INVALID (password 8-256 bytes, name).
#pragma once
#include "base/arena.h"
#include "crypto/record.h"
#include "vault/acknowledge.h"
#include "vault/perm.h"

struct keeper;
#define TOKEN_BYTES 32
struct token { uint8_t b[TOKEN_BYTES]; }; // the session secret, as in the cookie

MUST_USE enum err keeper_new(const char *socket_path, struct keeper **out); // connects on first use, again after a loss
void keeper_free(struct keeper **k);

struct keeper_session {
    struct id person, sid;
    uint32_t roles;                 // bits 1 << enum role
    struct id units[16];            // of which the person holds a member wrap
    size_t n_units;
    int64_t created, expires;       // µs
    char csrf[33];                  // H(16, "isigurt.csrf...1", T), hex
};
// device: 16 random bytes of a long-lived cookie, for the backoff. retry_after: seconds, where ERR_LIMITED.
MUST_USE enum err keeper_sign_in(struct keeper *k, struct str user, struct str password, struct str totp, struct id device,
                                 struct token *out, struct keeper_session *session, int64_t *retry_after);
MUST_USE enum err keeper_sign_out(struct keeper *k, const struct token *t, bool everywhere);
MUST_USE enum err keeper_session(struct keeper *k, const struct token *t, struct keeper_session *out);

struct keeper_step { // one key on the way from the unit to the home
    bool unit;
    struct id parent;               // the unit, or the parent home
    struct id child;                // the home; also after a unit step
    uint32_t epoch;                 // unit step
    struct kid kid;                 // child step: kid of the child's key
    uint64_t generation;
    struct str sealed;              // 80 or 72 bytes
};
#define KEEPER_PATH_MAX 6
struct keeper_path { size_t n; struct keeper_step step[KEEPER_PATH_MAX]; };
struct keeper_item { struct record_ad ad; struct str sealed; struct str plain; }; // plain: out, in the arena
#define KEEPER_ITEMS_MAX 50
enum keeper_purpose { PURPOSE_READ = 1, PURPOSE_ANSWER = 2, PURPOSE_ASSESS = 3, PURPOSE_EXPORT = 4 };

// Audits, then unseals. All items belong to the home that the path ends in. One budget unit a home, purpose and minute.
MUST_USE enum err keeper_open(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                              struct keeper_item *items, size_t n, struct arena *arena);
// Seals one new item under an existing home; ad->kid is filled in. sealed is appended.
MUST_USE enum err keeper_seal(struct keeper *k, const struct token *t, const struct keeper_path *path, struct record_ad *ad,
                              struct str plain, struct buf *sealed);
// --- homes: what casework needs. A home's first or any other stored item goes with its path: only its key can have made
// it, so it proves to the keeper what kind of home the path ends in.
#define KEEPER_UNITS_MAX 8
#define KEEPER_WRAPS_MAX 256
struct keeper_wrap { uint32_t epoch; uint8_t sealed[BOX_BYTES]; }; // epoch 0 (keeper_rewrap): that one did not open
// Seals the first item of a new case or referral (ad: version 1, generation 0; kid is filled in) and its new key to units,
// the first of them one's own, the others such as keeper_grant takes. sealed is appended. out: one each unit. ERR_NOT_FOUND:
// no such unit; ERR_CONFLICT: it has not accepted the data-exchange protocol in force.
MUST_USE enum err keeper_seal_home(struct keeper *k, const struct token *t, struct record_ad *ad, struct str plain,
                                   const struct id *units, size_t n, struct buf *sealed, struct keeper_wrap *out);
// The unit wrap of a case or referral for another unit. ground and basis (why, and the record that says so) stand in the
// entry. Counts as an opening. Errors as keeper_seal_home.
MUST_USE enum err keeper_grant(struct keeper *k, const struct token *t, const struct keeper_path *path, const struct keeper_item *item,
                               struct id unit, uint16_t ground, struct id basis, struct keeper_wrap *out);
// The child wrap of a report under a case: never the other way round, ERR_FORBIDDEN. Counts as an opening of the report.
// The wrap's generation is child_item->ad.generation.
MUST_USE enum err keeper_link(struct keeper *k, const struct token *t, const struct keeper_path *parent,
                              const struct keeper_item *parent_item, const struct keeper_path *child,
                              const struct keeper_item *child_item, uint8_t wrap[RECORD_WRAP_BYTES], struct kid *kid);
// A unit leaves a case or referral: a new key, of the generation behind item's. The first item under it (ad: version 1, that
// generation; kid is filled in), the key wrapped to the units that stay (the first of them that of the path, the others such
// as keeper_grant takes, the leaver none of them), the old key as a child wrap `own` of the new one (parent and child the
// home, kid and generation those of item), and every child wrap under the old key (reports, older keys of the home) again
// under the new one, in place. So a way is never longer than unit → home → older key or report. Counts as an opening.
// From when an older item was opened by the new way (keeper_open), the keeper seals nothing under the old key and opens
// nothing by a unit's wrap of it: ERR_NO_KEY. The reports among the child wraps are opened by way of the case from now on: a
// unit's wrap of one opens nothing any more. path: one step. ERR_FULL: KEEPER_OLD_MAX keys were replaced already.
#define KEEPER_CHILDREN_MAX 800
#define KEEPER_OLD_MAX 250
struct keeper_child { struct id child; struct kid kid; uint64_t generation; uint8_t wrap[RECORD_WRAP_BYTES]; };
struct keeper_rekey {
    struct id leaver;
    const struct id *units;
    size_t n_units;
    struct keeper_child *child;
    size_t n_children;
    struct keeper_wrap wrap[KEEPER_UNITS_MAX]; // out: one each unit
    uint8_t own[RECORD_WRAP_BYTES];            // out
};
MUST_USE enum err keeper_rekey(struct keeper *k, const struct token *t, const struct keeper_path *path, const struct keeper_item *item,
                               struct record_ad *ad, struct str plain, struct keeper_rekey *r, struct buf *sealed);
// After keeper_rotate of a unit whose key has leaked: these wraps of an older epoch again, to the newest. The caller then
// replaces them and deletes the old. n ≤ KEEPER_WRAPS_MAX. ERR_CONFLICT: epoch is the newest.
MUST_USE enum err keeper_rewrap(struct keeper *k, const struct token *t, struct id unit, uint32_t epoch,
                                const uint8_t (*old)[BOX_BYTES], size_t n, struct keeper_wrap *out);
// A member with PERM_UNIT_ADMIT accepts the version in force for his unit, or, where it has, the next one ahead; unit zero,
// PERM_PEOPLE_ADMIN: a higher version comes into force. ERR_CONFLICT: another version than that. ERR_INVALID: nobody has
// confirmed the unit's founding (keeper_confirm).
MUST_USE enum err keeper_agree(struct keeper *k, const struct token *t, struct id unit, uint32_t version);

struct keeper_audit_at { uint8_t writer[8]; uint64_t seq; };
// Writes an entry for something that needs no key (taking, urgency …) and tells where it stands.
MUST_USE enum err keeper_audit(struct keeper *k, const struct token *t, uint16_t action, struct id object, struct id object2,
                               struct str detail, struct keeper_audit_at *at);
// What keeper_seal or keeper_seal_home gave was refused by the store, so that `audit verify` does not miss it. If this is not
// written either, verify names it in a note.
void keeper_unstored(struct keeper *k, const struct token *t, struct id home, struct id item);
enum audit_action { // what the desk asks to be written; the keeper's own actions stand in vault/audit.h; append only
    AUDIT_REPORT_TAKE = 100, AUDIT_REPORT_RELEASE, AUDIT_REPORT_URGENCY, AUDIT_REPORT_STATE, AUDIT_ROSTER, AUDIT_PEOPLE,
    AUDIT_REPORT_ASSESSMENT, AUDIT_REPORT_HANDOVER, AUDIT_LIMIT_LIFTED,
    AUDIT_FLAGGER = 118,
    AUDIT_PACK, // another country pack is taken; detail: the hash before and the hash after, 32 bytes each
    AUDIT_ERASURE_ASKED = 110, // object: the report or case
    AUDIT_ERASURE_REFUSED, AUDIT_RETENTION_HELD, AUDIT_RETENTION_FREED,
    AUDIT_ACCESS_ASKED, // object: the report or case; also the next two, whose detail says what was decided and what was handed out
    AUDIT_ACCESS_DECIDED, AUDIT_ACCESS_TAKEN,
    AUDIT_CASE = 120, AUDIT_CASE_STATE, AUDIT_CASE_ROUTE, AUDIT_CASE_CLOSE_ASKED, AUDIT_CASE_CLOSED, AUDIT_CASE_REOPENED,
    AUDIT_UNSTORED = 126, // object: the home, object2: an item that was sealed and then refused by the store: never there
    AUDIT_REFERRAL = 140, AUDIT_REFERRAL_STATE, AUDIT_REFERRAL_REVOKED, AUDIT_CONTACT, AUDIT_PROTOCOL, AUDIT_REFERRAL_NOTE, AUDIT_MODERATED,
    AUDIT_CASEFILE = 150, // object: the case; also the next two, whose object2 is the case file
    AUDIT_CASEFILE_OPENED, AUDIT_CASEFILE_REVOKED,
};
// A page of the audit's entries (vault/audit.h), newest first: PERM_AUDIT_READ, and the looking is an entry itself.
#define KEEPER_TRAIL_MAX 50
struct keeper_trail {
    uint64_t before;    // entries with a lower seq; 0: from the newest
    int64_t until;      // written before this time, µs; 0: any
    struct id person;   // whose doing; zero: anybody's
    uint16_t action;    // 0: any
};
struct audit_line;
// out: KEEPER_TRAIL_MAX. *next: `before` of the following page, 0 where the beginning was reached; a page may hold few
// entries, or none, and still not be the last: the keeper looks at KEEPER_TRAIL_LOOK entries at a time. One keeper, one chain.
#define KEEPER_TRAIL_LOOK 2000
MUST_USE enum err keeper_trail(struct keeper *k, const struct token *t, const struct keeper_trail *ask, struct audit_line *out,
                               size_t *n, uint64_t *next);
// The newest checkpoint of each writer (docs/protocol.md, "Audit"), its signature looked at; PERM_AUDIT_READ, and an entry.
// With a writer its file is appended to *file as well: what `audit verify --anchor` takes. ERR_NOT_FOUND: no such writer.
#define KEEPER_ANCHORS_MAX 64
struct keeper_anchor { uint8_t writer[8], digest[10]; int64_t at; uint64_t seq; }; // seq: of its own chain's entry that it names
MUST_USE enum err keeper_anchor(struct keeper *k, const struct token *t, const uint8_t writer[8], struct keeper_anchor *out, size_t *n,
                                struct buf *file); // writer and file NULL: the list alone; out: KEEPER_ANCHORS_MAX
// The keys of evidence files that belong to a value of the plan or to a row of a register (docs/protocol.md, FILE). They have no
// home: each key is wrapped under the keeper's own, bound to thing and file. NEW makes one, and its wrap; LIST opens the keys for the
// names of up to KEEPER_FILES_MAX; READ one, for the file itself, and costs the budget of an opening. All is audited first.
// ERR_TAMPERED: a wrap of another file. Who of whom may read which thing the desk decides, as with the things themselves.
enum { KEEPER_FILES_MAX = 20, KEEPER_FILE_WRAP = 72 };
enum keeper_file_kind { KEEPER_FILE_VALUE = 1, KEEPER_FILE_ENTRY };
enum keeper_file_what { KEEPER_FILE_NEW = 1, KEEPER_FILE_LIST, KEEPER_FILE_READ };
struct keeper_file { struct id id; uint8_t wrap[KEEPER_FILE_WRAP]; struct key seed; }; // seed: out; the caller wipes it
MUST_USE enum err keeper_files(struct keeper *k, const struct token *t, enum keeper_file_what what, enum keeper_file_kind kind,
                               struct id thing, struct keeper_file *files, size_t n);
struct keeper_tag {
    struct id report;
    struct str box;
    uint8_t item_hash[32];          // audit_item_hash of the report's ciphertext
    uint8_t page[16], host[16];     // out; zero: none
    bool refused;                   // out: a box that does not open, or a report that was tagged with another box; tags are zero
};
MUST_USE enum err keeper_tag(struct keeper *k, struct keeper_tag *tags, size_t n); // n ≤ 256; needs no session
// Signs that a report was received (vault/acknowledge.h; a->install is not looked at); needs no session.
MUST_USE enum err keeper_acknowledge(struct keeper *k, const struct acknowledgement *a, uint8_t signature[SIGN_BYTES]);
// Says that these are erased, durably, inside and outside the database; then the caller deletes them. t NULL: retention.
// Else a person with PERM_ERASE approves what somebody else asked for: `asked` is the entry AUDIT_ERASURE_ASKED about
// `thing`; ERR_FORBIDDEN where it is this person's own, about something else, or not there, or the person has PERM_PEOPLE_ADMIN.
#define KEEPER_ERASE_MAX 64
struct keeper_erase { bool is_case; struct id id; uint8_t hash[32]; }; // hash: audit_item_hash of a report's ciphertext
MUST_USE enum err keeper_erase(struct keeper *k, const struct token *t, struct id thing, const struct keeper_audit_at *asked,
                               const struct keeper_erase *at, size_t n);
MUST_USE enum err keeper_ping(struct keeper *k, uint64_t *audit_seq);

// Limits of units. ERR_FULL of keeper_admit: the unit has KEEPER_MEMBERS_MAX members, or there is no room for another unit.
// Of keeper_rotate: no room for another epoch; the last tenth of the room is kept for leavers. ERR_LIMITED: enough epochs
// of this unit in 24 hours (KEEPER_EPOCHS_DAY; with a leaver KEEPER_LEAVES_DAY).
#define KEEPER_MEMBERS_MAX 256
#define KEEPER_EPOCHS_DAY 8
#define KEEPER_LEAVES_DAY 32
MUST_USE enum err keeper_admit(struct keeper *k, const struct token *t, struct id unit, struct id person);
// The first member of a unit without a key: PERM_PEOPLE_ADMIN, never for oneself. Until somebody else confirms (PERM_UNIT_CONFIRM;
// not the founder, no member, nobody with PERM_PEOPLE_ADMIN: ERR_FORBIDDEN; ERR_CONFLICT: it is already) the unit can accept no
// version of the protocol. ERR_NOT_FOUND: the unit has no key.
MUST_USE enum err keeper_confirm(struct keeper *k, const struct token *t, struct id unit);
MUST_USE enum err keeper_rotate(struct keeper *k, const struct token *t, struct id unit, struct id leaver); // zero leaver: a new epoch only
// A unit whose members have all gone: two custodians' shares, each sealed again to this session's person (offline tool).
MUST_USE enum err keeper_recover(struct keeper *k, const struct token *t, struct id unit, struct str share_a, struct str share_b);
MUST_USE enum err keeper_password(struct keeper *k, const struct token *t, struct str old, struct str fresh, struct str totp);
MUST_USE enum err keeper_end(struct keeper *k, const struct token *t, struct id person); // another person's sessions
// Administration; needs PERM_PEOPLE_ADMIN, never touches wraps. password and totp_secret (base32) are the caller's to show once.
MUST_USE enum err keeper_person_add(struct keeper *k, const struct token *t, struct str user, uint32_t roles, struct str password,
                                    struct id *person, struct buf *totp_secret);
MUST_USE enum err keeper_person_roles(struct keeper *k, const struct token *t, struct id person, uint32_t roles);
MUST_USE enum err keeper_person_disable(struct keeper *k, const struct token *t, struct id person, bool disabled);
MUST_USE enum err keeper_person_reset(struct keeper *k, const struct token *t, struct id person, struct str password, struct buf *totp_secret);
