// publish: the directory file, written by the keeper from its rows.
#pragma once
#include "vault/keys.h"
#include "vault/rows.h"

// Reads all rows, refuses any whose MAC or signature is wrong (ERR_TAMPERED; the file on disk stays), writes KEYS/directory.
// digest (may be NULL): directory_digest of it. One thread at a time; callers hold a lock of their own.
MUST_USE enum err directory_publish(struct store *store, const struct vault_keys *keys, const char *keys_dir, int64_t now,
                                    uint8_t digest[32]);
