// chain: writing the audit (docs/protocol.md, "Audit"): one chain of entries per node key, in the keeper's transactions.
#pragma once
#include "vault/audit.h"
#include "vault/keys.h"

#define ENTRY_FIXED 112 // bytes before the detail, its length included
#define ENTRY_BYTES_MAX (ENTRY_FIXED + AUDIT_DETAIL_MAX)
#define HEAD_BYTES (16 + 8 + 8 + 32 + SIGN_BYTES)
#define CHECKPOINT_FIXED (16 + 8 + 8 + 32 + 32 + 4)
#define CHECKPOINT_BYTES_MAX (CHECKPOINT_FIXED + KEEPER_NODES_MAX * 48)

struct chain_at { uint64_t seq; uint8_t h[32]; };
struct chain; // of this process: what it knows to be committed, and its files

// Compares the database with head.<writer> in head_dir, and writes the head where there is none yet. ERR_TAMPERED with a
// line in why: entries that had been committed are gone. A head file that is behind is what a crash leaves: fine.
// head_dir NULL: no files at all, for `init`, whose one entry needs none.
MUST_USE enum err chain_open(struct store *store, const struct vault_keys *keys, const char *head_dir, struct chain **out,
                             struct buf *why);
void chain_close(struct chain **c);

// Within a transaction (and any number of times in it): the next entry. writer, seq and nothing else of `line` are filled
// in here. *at must be given to chain_committed once the transaction is durable. ERR_TAMPERED: entries have been cut off.
MUST_USE enum err chain_append(struct chain *c, struct db *db, struct audit_line *line, struct chain_at *at);
void chain_committed(struct chain *c, const struct chain_at *at); // any order, any thread
uint64_t chain_seq(struct chain *c);                               // of the last committed
const uint8_t *chain_writer(const struct chain *c);

// Writes head.<writer> where something was committed since; call about once a second, one thread.
MUST_USE enum err chain_write_head(struct chain *c);
// Within a transaction: a checkpoint row and its entry. body: for chain_write_checkpoint after the commit.
MUST_USE enum err chain_checkpoint(struct chain *c, struct db *db, int64_t now, const uint8_t directory_digest[32],
                                   struct buf *signed_body, struct chain_at *at);
MUST_USE enum err chain_write_checkpoint(struct chain *c, struct str signed_body);

// --- shared with verify
struct head_file { uint8_t writer[8]; struct chain_at at; };
MUST_USE enum err head_parse(struct str file, const struct keeper_pub *pub, struct head_file *out); // ERR_MALFORMED, ERR_TAMPERED
struct checkpoint { uint8_t writer[8]; int64_t at; uint8_t previous[32], directory[32]; size_t n; struct head_file head[KEEPER_NODES_MAX]; };
MUST_USE enum err checkpoint_parse(struct str body_and_sig, const struct keeper_pub *pub, struct checkpoint *out);
void checkpoint_hash(uint8_t out[32], struct str body);
void entry_encode(const struct audit_line *line, struct buf *out);
void entry_hash(uint8_t out[32], const uint8_t previous[32], struct str entry);
const struct public_key *writer_key(const struct keeper_pub *pub, const uint8_t writer[8]); // NULL: no node of ours
void writer_file(char out[static 32], const char *prefix, const uint8_t writer[8]); // "head.0123456789abcdef"
