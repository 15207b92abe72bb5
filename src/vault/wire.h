// wire: the packets of keeper.sock (docs/protocol.md, "Desk ↔ keeper"), written and read on both sides. Pure. What is
// read borrows from the packet. Number, order and maximum of the fields are fixed per op; anything else is ERR_MALFORMED.
#pragma once
#include "vault/acknowledge.h"
#include "vault/audit.h"
#include "vault/keeper.h"
#include "vault/person.h"

#define WIRE_BYTES_MAX (128 * 1024) // of a packet
#define WIRE_PLAIN_MAX (120 * 1024) // of all plaintexts of one answer
#define WIRE_REQUEST_HEAD 40
#define WIRE_ANSWER_HEAD 8
#define WIRE_AD_BYTES (RECORD_AD_BYTES - 16)
#define WIRE_SEALED_MAX (65536 + SEAL_EXTRA)
#define WIRE_TAGS_MAX 256
#define WIRE_BOX_BYTES 112
#define WIRE_TAG_BYTES (16 + WIRE_BOX_BYTES + 32)
#define WIRE_TAG_ANSWER_BYTES 33
#define WIRE_ERASE_BYTES (1 + 16 + 32) // kind, id, hash
#define WIRE_TOTP_MAX 16
#define WIRE_SESSION_FIXED (16 + 16 + 4 + 8 + 8 + 1) // of a session, before its units
#define WIRE_ENTRIES_MAX (KEEPER_TRAIL_MAX * (4 + 368)) // of TRAIL's answer
#define WIRE_UNIT_WRAP_BYTES (4 + BOX_BYTES) // epoch and wrap, in answers
#define WIRE_ANCHOR_BYTES (8 + 8 + 8 + 10) // writer, time, seq, short digest: of ANCHOR
#define WIRE_ANCHOR_FILE_MAX (8 * 1024) // a checkpoint of KEEPER_NODES_MAX writers, with its signature
#define WIRE_CHILD_BYTES (16 + 16 + 8 + RECORD_WRAP_BYTES) // child, kid, generation, wrap: of REKEY

enum wire_op {
    OP_SIGNIN = 1, OP_SIGNOUT, OP_OPEN, OP_SEAL, OP_GRANT, OP_LINK, OP_ADMIT, OP_ROTATE, OP_RECOVER, OP_PASSWORD, OP_AUDIT,
    OP_TAG, OP_PING, OP_SESSION, OP_PERSON, OP_END, OP_AGREE, OP_TRAIL, OP_ACKNOWLEDGE, OP_ERASE, OP_REKEY, OP_ANCHOR, OP_CONFIRM, OP_FILE, OP_END_
};
enum wire_status {
    STATUS_OK, STATUS_MALFORMED, STATUS_NO_SESSION, STATUS_NOT_PERMITTED, STATUS_NO_KEY, STATUS_BUDGET, STATUS_TAMPERED,
    STATUS_STORE_AWAY, STATUS_BUSY, STATUS_CONFLICT, STATUS_NOT_FOUND, STATUS_INVALID, STATUS_END_
};
bool wire_op_slow(uint8_t op); // costs an Argon2id
uint8_t wire_status_of(enum err e);
enum err wire_err_of(uint8_t status);

enum wire_person { WIRE_PERSON_CREATE = 1, WIRE_PERSON_ROLES, WIRE_PERSON_DISABLE, WIRE_PERSON_ENABLE, WIRE_PERSON_RESET };

struct wire_item { struct record_ad ad; struct str bytes; };

struct wire_request {
    uint8_t op;
    uint32_t call;
    const uint8_t *token;               // 32 bytes
    struct str user, password, totp;    // SIGNIN, PASSWORD (password: the old one), PERSON
    struct str fresh;                   // PASSWORD: the new one
    struct id device;                   // SIGNIN
    bool all;                           // SIGNOUT
    uint8_t purpose;                    // OPEN
    struct keeper_path path;            // OPEN, GRANT, LINK (the parent's), REKEY, SEAL (n = 0: a new home)
    struct keeper_path child;           // LINK
    size_t n_items;                     // OPEN 1-50, SEAL and GRANT 1, LINK 2: of parent and child; REKEY 2: of the home, and the new one
    struct wire_item item[KEEPER_ITEMS_MAX];
    // ADMIT, ROTATE (person: the leaver), RECOVER, PERSON, END, GRANT, AGREE, CONFIRM, TRAIL, REKEY (unit: the leaver)
    struct id unit, person;
    uint8_t rewrap;                     // ROTATE
    uint32_t epoch;                     // ROTATE with rewrap: of the old wraps
    struct str wraps;                   // ROTATE with rewrap: n × 80 bytes
    struct str units;                   // SEAL of a new home, REKEY (who stays): n × 16 bytes
    struct str children;                // REKEY: n × 112 bytes
    uint16_t ground;                    // GRANT
    struct id basis;
    uint32_t version;                   // AGREE
    struct str share[2];                // RECOVER, 80 bytes each
    uint16_t action;                    // AUDIT, TRAIL (0: any)
    uint64_t before;                    // TRAIL: entries with a lower seq; 0: from the newest
    int64_t until;                      // TRAIL: written before this time, µs; 0: any
    struct id object, object2;
    struct str detail;
    struct str tags;                    // TAG: n × 160 bytes
    int64_t received;                   // ACKNOWLEDGE; the report is `object`
    uint8_t content[16];
    struct str category;
    struct keeper_audit_at asked;       // ERASE: the entry of the request; what it is about is `object`
    struct str things;                  // ERASE: n × 49 bytes
    uint8_t writer[8];                  // ANCHOR; zero: the list alone
    uint8_t what;                       // PERSON, FILE
    uint8_t kind;                       // FILE; what they belong to is `object`
    struct str files, file_wraps;       // FILE: n × 16 bytes; n × KEEPER_FILE_WRAP, of new ones empty
    uint32_t roles;
};
MUST_USE enum err wire_request_read(struct str packet, struct wire_request *out);

struct wire_answer {
    uint8_t status;
    uint32_t call;
    uint32_t seconds;                   // STATUS_BUDGET
    const uint8_t *token;               // SIGNIN
    struct keeper_session session;      // SIGNIN, SESSION; csrf is not in it
    size_t n_plain;                     // OPEN
    struct str plain[KEEPER_ITEMS_MAX];
    struct str sealed;                  // SEAL, REKEY; LINK: the child wrap; ACKNOWLEDGE: the signature
    struct kid kid;
    struct str wraps;                   // GRANT, SEAL of a new home, REKEY, ROTATE with rewrap: n × WIRE_UNIT_WRAP_BYTES
    struct str children;                // REKEY: the old key's wrap and one each child, n × RECORD_WRAP_BYTES
    struct keeper_audit_at at;          // AUDIT, PING
    struct str tags;                    // TAG: n × 33 bytes
    uint64_t next;                      // TRAIL: `before` of the following page; 0: the beginning was reached
    struct str entries;                 // TRAIL: n × (u32 length ‖ entry), newest first
    struct str anchors;                 // ANCHOR: n × WIRE_ANCHOR_BYTES
    struct str seeds, file_wraps;       // FILE: n × 32 bytes; n × KEEPER_FILE_WRAP, of new ones only
    struct str file;                    // ANCHOR: the checkpoint that was asked for, or empty
    struct id person;                   // PERSON
    struct str totp;
};
// n: how many items (OPEN), tags (TAG), units (REKEY, SEAL; 0: an existing home) or wraps (ROTATE; 0: no rewrap) were asked for.
MUST_USE enum err wire_answer_read(struct str packet, uint8_t op, size_t n, struct wire_answer *out);

void wire_request_head(struct buf *out, uint8_t op, uint32_t call, const struct token *t); // t NULL: zero
void wire_answer_head(struct buf *out, uint8_t status, uint32_t call);
void wire_put(struct buf *out, struct str field);
void wire_put_u8(struct buf *out, uint8_t v);
void wire_put_u16(struct buf *out, uint16_t v);
void wire_put_u32(struct buf *out, uint32_t v);
void wire_put_u64(struct buf *out, uint64_t v);
void wire_put_path(struct buf *out, const struct keeper_path *path);
void wire_put_ad(struct buf *out, const struct record_ad *ad);
void wire_put_session(struct buf *out, const struct keeper_session *s);
void wire_put_at(struct buf *out, const struct keeper_audit_at *at); // two fields
