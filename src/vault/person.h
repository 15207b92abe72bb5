// person: what only the keeper knows of a person: the key pair, the password's wrap, the second factor
// (docs/protocol.md, "Units, persons, directory"). Pure but for time and randomness given or drawn; no database.
#pragma once
#include "vault/keys.h"
#include "vault/rows.h"

#define PASSWORD_BYTES_MIN 8
#define PASSWORD_BYTES_MAX 256
#define TOTP_STEP_SECONDS 30
#define TOTP_BASE32_MAX 40

void person_start(void); // once per process, before any thread: liboath

// Names are ASCII: letters, digits, '.', '_', '-', '@'; compared in lower case. ERR_INVALID.
MUST_USE enum err person_name(struct str typed, char out[static NAME_MAX_BYTES + 1]);
// A new person: key pair, password wrap, second factor. totp_base32: appended. Takes an Argon2id.
// ERR_INVALID: name or password (8-256 bytes).
MUST_USE enum err person_make(const struct vault_keys *keys, struct id id, struct str name, uint32_t roles, struct str password,
                              int64_t now, struct person_row *out, struct buf *totp_base32);
// A new password around the same secret key, and at the cost that new passwords have now.
MUST_USE enum err person_rewrap(const struct vault_keys *keys, struct person_row *p, struct str password, const struct key *sk);
// The person's secret key. ERR_UNAUTHENTICATED where the password is wrong. p NULL: an unknown user, as slow and as wrong.
MUST_USE enum err person_unlock(const struct vault_keys *keys, const struct person_row *p, struct str password, struct key *sk);
// The step that this code belongs to, one step of clock difference either way. ERR_UNAUTHENTICATED where it is wrong or
// its step (or a later one) was accepted before.
MUST_USE enum err person_totp(const struct vault_keys *keys, const struct person_row *p, struct str code, int64_t now,
                              int64_t *step);
