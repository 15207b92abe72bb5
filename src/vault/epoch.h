// epoch: a unit's key pair of one time, and the way from the newest to older ones (docs/protocol.md, "Units, persons,
// directory"). Pure.
#pragma once
#include "vault/keys.h"
#include "vault/rows.h"

// A new epoch with its signed directory row. seed is secret.
void epoch_make(const struct vault_keys *keys, struct id unit, uint32_t number, int64_t now, struct epoch_row *out,
                struct key *seed);
void link_seal(struct link_row *out, struct id unit, uint32_t old_epoch, const struct key *old_seed, uint32_t new_epoch,
               const struct key *new_seed);
MUST_USE enum err link_unseal(const struct link_row *l, struct id unit, const struct key *new_seed, struct key *old_seed);
void member_seal(struct member_row *out, struct id unit, uint32_t epoch, struct id person, const struct public_key *pk,
                 const struct key *seed);
// The seed of `at` from a member's wrap: ERR_NO_KEY where the wrap does not open with this person's key, ERR_TAMPERED
// where what it holds is not the directory's key.
MUST_USE enum err member_unseal(const struct member_row *m, const struct public_key *pk, const struct key *sk,
                                const struct epoch_row *at, struct key *seed);

// Recovery: for each pair of custodians the seed in two halves, of which neither says anything. Returns how many rows;
// none without recovery.pub.
#define SHARES_MAX (CUSTODIANS_MAX * (CUSTODIANS_MAX - 1))
size_t shares_make(const struct vault_keys *keys, const struct epoch_row *e, const struct key *seed, struct share_row out[SHARES_MAX]);
