// audit: the signed chain (docs/protocol.md, "Audit"), written by the keeper alone and verified offline by anybody.
#pragma once
#include "base/id.h"
#include "db/db.h"

#define ANCHOR_DIGEST 10
struct audit_report {
    uint64_t entries, writers;
    int64_t last_at;
    char place[160];               // the first broken one, in words
    uint8_t anchor[ANCHOR_DIGEST]; // of the anchor file, where one was given
};
// 0 whole → OK; broken → ERR_TAMPERED with place; unreadable → ERR_IO/ERR_NOT_FOUND. The store needs to read keeper and desk.
// why: on ERR_TAMPERED the same sentence; on OK lines of what is no fault but worth a look ("note: …"), or nothing.
MUST_USE enum err audit_verify(struct store *store, const char *keys_dir, const char *head_dir, const char *anchor_file,
                               struct audit_report *out, struct buf *why);

// The keeper's own actions; the desk's stand in vault/keeper.h (enum audit_action, from 100). Append only: stored.
enum audit_own {
    AUDIT_INIT = 1, AUDIT_START, AUDIT_STOP, AUDIT_HEARTBEAT, AUDIT_CHECKPOINT, AUDIT_RESTORE,
    AUDIT_SIGN_IN = 10, AUDIT_SIGN_OUT, AUDIT_OPEN, AUDIT_SEAL, AUDIT_ADMIT, AUDIT_ROTATE, AUDIT_RECOVER, AUDIT_PASSWORD,
    AUDIT_END, AUDIT_PERSON_ADD, AUDIT_PERSON_ROLES, AUDIT_PERSON_DISABLE, AUDIT_PERSON_RESET, AUDIT_BUDGET_HALF,
    AUDIT_UNIT_FIRST, AUDIT_PERSON_ENABLE, AUDIT_GRANT, AUDIT_LINK, AUDIT_HOME, AUDIT_REWRAP, AUDIT_AGREE,
    AUDIT_TRAIL, // somebody looked at the trail; object: whose entries, detail: the action asked for
    AUDIT_REKEY, // object: the case, object2: the unit that leaves it; detail: as AUDIT_HOME's
    AUDIT_ANCHOR, // somebody looked at the checkpoints; detail: the writer whose newest was taken away, or nothing
    AUDIT_UNIT_CONFIRM, // object: the unit
    AUDIT_FILE, // object: the value or row, object2: the file, or zeroes where all are listed; detail: kind u8, what u8, count u8
    AUDIT_TAG = 40,
    AUDIT_ERASE, // object: the report; detail: its ciphertext's hash (audit_item_hash). Each row of desk.tombstone needs one
    AUDIT_ACKNOWLEDGE = 50, // object: the report; detail: H(32, "isigurt.acksum.1", none, what was signed)
};
// AUDIT_SEAL's detail: version u32, kid 16, H(32) of the ciphertext, record type u8, seq u64, the home above 16 (zero: none).
// Of before: without the last three.
#define SEAL_DETAIL_OLD 52
#define SEAL_DETAIL 77
#define AUDIT_DESK_FIRST 100
#define AUDIT_DESK_LAST 999

#define AUDIT_DETAIL_MAX 256
struct audit_line { // one entry, decoded; names are joined above
    int64_t at; uint8_t writer[8]; uint64_t seq; struct id person, object, object2; uint16_t action, status;
    struct id sid;
    uint8_t detail[AUDIT_DETAIL_MAX];
    size_t n_detail;
};
MUST_USE enum err audit_decode(struct str entry, struct audit_line *out); // ERR_MALFORMED
// What two people read to each other over a telephone to know that they hold the same anchor: the first ten bytes of
// H(32, "isigurt.anchor.1", none, the file), twenty hex digits in five groups.
#define ANCHOR_TEXT 25 // with the final NUL
void anchor_digest(uint8_t out[static ANCHOR_DIGEST], struct str file);
const char *anchor_text(const uint8_t digest[static ANCHOR_DIGEST], char out[static ANCHOR_TEXT]); // returns out
// How a stored ciphertext is named in entries and in TAG: H(32, "isigurt.item...1", none, ciphertext).
void audit_item_hash(uint8_t out[32], struct str ciphertext);
