// keys: the files of the keys folder (docs/protocol.md, "Stores and files") and what is derived from them.
// Only the keeper and `isigurt init` use this; portal and verify read keeper.pub alone.
#pragma once
#include "crypto/crypto.h"

#define KEEPER_NODES_MAX 64 // writers over the life of an installation: one a node and one a restore
#define CUSTODIANS_MAX 8

struct keeper_pub { // the file keeper.pub
    struct public_key directory; // Ed25519
    struct public_key tag;       // X25519
    size_t n_nodes;
    struct public_key node[KEEPER_NODES_MAX]; // Ed25519; the first 8 bytes name the writer of an audit chain
};
MUST_USE enum err keeper_pub_parse(struct str file, struct keeper_pub *out); // ERR_MALFORMED, ERR_TAMPERED
MUST_USE enum err keeper_pub_read(const char *keys_dir, struct keeper_pub *out, struct buf *why);

// Everything secret that the keeper holds, in one locked allocation (secret_new). KM itself is wiped after deriving.
struct vault_keys {
    struct key password, session, totp, tag, row, file; // KM1, 2, 3, 4, 7, 8
    struct key tag_sk;                            // of KM5
    struct sign_key directory;                    // of KM6
    struct sign_key node;                         // node.key
    struct public_key tag_pk, directory_pk, node_pk;
    uint8_t writer[8];
    uint8_t install_id[16];
    struct keeper_pub pub; // as the file says; checked against the keys
    size_t n_custodians;   // recovery.pub, may be missing
    struct public_key custodian[CUSTODIANS_MAX];
};
// Refuses key files that others may read, and a keeper.pub that does not belong to keeper.key.
MUST_USE enum err vault_keys_read(const char *keys_dir, struct vault_keys **out, struct buf *why);
void vault_keys_free(struct vault_keys **k);

// Writes keeper.key, node.key, keeper.pub, install.id, backup.pub and backup.key. ERR_CONFLICT where keeper.key exists.
MUST_USE enum err vault_keys_create(const char *keys_dir, struct buf *why);
// A new node.key, added to keeper.pub: another node, or the same after a restore (its old chain can then not be
// continued with other entries under the same numbers).
MUST_USE enum err vault_keys_new_node(const char *keys_dir, struct buf *why);

// Says "FOLDER/NAME: sentence" in why and returns e.
MUST_USE enum err vault_why(struct buf *why, enum err e, const char *dir, const char *name, const char *sentence);
MUST_USE enum err vault_path(char *out, size_t size, const char *dir, const char *name); // dir/name, ERR_TOO_LARGE
