// erased: the list of what was erased, outside the database (docs/protocol.md, "Erasure"): `restore` reads it, so that an
// older backup does not bring back what is gone. One file a node, HEADS/erased.<writer>, only ever added to.
#pragma once
#include "vault/keys.h"

enum erased_kind { ERASED_REPORT = 1, ERASED_CASE = 3 }; // as enum record_type
struct erased_line {
    uint8_t kind;
    struct id id;
    uint8_t hash[32];            // of the report's ciphertext (audit_item_hash); zero for a case
    int64_t day;                 // µs UTC cut to the day
};
#define ERASED_BODY 57           // kind u8 ‖ id 16 ‖ hash 32 ‖ day i64
#define ERASED_BYTES (ERASED_BODY + SIGN_BYTES) // sign(node key, "isigurt.erased.1" ‖ body)
#define ERASED_LINES_MAX (1u << 20) // of one file
#define ERASED_FILE_MAX (ERASED_LINES_MAX * ERASED_BYTES)

void erased_put(uint8_t out[static ERASED_BYTES], const struct sign_key *node, const struct erased_line *l);
// ERR_MALFORMED: a kind or length that we do not write; ERR_TAMPERED: none of these nodes signed it.
MUST_USE enum err erased_read(struct str bytes, const struct keeper_pub *pub, struct erased_line *out);
// Adds n lines and makes them durable. What a crash has left half written at the end is cut off first.
MUST_USE enum err erased_append(const char *dir, const struct vault_keys *keys, const struct erased_line *lines, size_t n);
typedef enum err erased_fn(void *ctx, const struct erased_line *l);
// Every line of every erased.<writer> in dir. A half line at the end is passed over. why: which file is not ours.
MUST_USE enum err erased_walk(const char *dir, const struct keeper_pub *pub, erased_fn *fn, void *ctx, struct buf *why);
