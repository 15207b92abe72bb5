// directory_file: the bytes of KEYS/directory and what its signatures cover (docs/protocol.md, "Units, persons,
// directory"). Pure; shared by the keeper that writes it and by those who read it.
#pragma once
#include "crypto/crypto.h"

#define EPOCHS_MAX 4096 // rows of the directory
#define DIRECTORY_ROW_BYTES (16 + 4 + 32 + 8 + SIGN_BYTES)
#define DIRECTORY_FIXED_BYTES (16 + 8 + 16 + 8 + SIGN_BYTES + 4)
#define DIRECTORY_BYTES_MAX (DIRECTORY_FIXED_BYTES + EPOCHS_MAX * DIRECTORY_ROW_BYTES)

struct epoch_row {
    struct id unit;
    uint32_t epoch;
    struct public_key pk;
    int64_t not_before; // µs
    uint8_t sig[SIGN_BYTES];
};
struct duty_row { // the unit that new reports are sealed to; all zero: none named yet
    struct id unit;
    int64_t since; // µs; a later one replaces an earlier, never the other way round
    uint8_t sig[SIGN_BYTES];
};

void epoch_sign(struct epoch_row *e, const struct sign_key *directory);
MUST_USE enum err epoch_verify(const struct epoch_row *e, const struct public_key *directory); // also: a usable key
void duty_sign(struct duty_row *d, const struct sign_key *directory);
MUST_USE enum err duty_verify(const struct duty_row *d, const struct public_key *directory);

// out needs DIRECTORY_BYTES_MAX at most.
void directory_encode(struct buf *out, int64_t written, const struct duty_row *duty, const struct epoch_row *rows, size_t n);
// Reads and verifies all: one bad signature refuses the whole. rows: room for EPOCHS_MAX. ERR_MALFORMED, ERR_TAMPERED.
MUST_USE enum err directory_decode(struct str file, const struct public_key *directory, int64_t *written, struct duty_row *duty,
                                   struct epoch_row *rows, size_t *n);
// H(32, "isigurt.dirdig.1", none, the file without label and time), for checkpoints.
void directory_digest(uint8_t out[32], struct str file);
