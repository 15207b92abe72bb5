// audit: the signed chain (docs/protocol.md, "Audit"), written by the keeper alone and verified offline by anybody.
#pragma once
#include "db/db.h"

struct audit_report { uint64_t entries, writers; int64_t last_at; char place[160]; }; // place: the first broken one, in words
// 0 whole → OK; broken → ERR_TAMPERED with place; unreadable → ERR_IO/ERR_NOT_FOUND. The store needs to read keeper and desk.
MUST_USE enum err audit_verify(struct store *store, const char *keys_dir, const char *head_dir, const char *anchor_file,
                               struct audit_report *out, struct buf *why);

struct audit_line { // one entry, decoded; names are joined above
    int64_t at; uint8_t writer[8]; uint64_t seq; struct id person, object, object2; uint16_t action, status;
};
const char *audit_action_name(uint16_t action); // "open", "sign_in" …
