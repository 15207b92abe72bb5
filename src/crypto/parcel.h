// parcel: a document for somebody who has no key of ours, under a passphrase that is said by another way. Format:
// head = "isigurt.parcel.1" ‖ salt 16 ‖ ops u64 ‖ mem u64, and behind it a stream (crypto/stream.h) to the X25519 pair whose seed is
// H(32, "isigurt.parcel.1", Argon2id(the code's 13 bytes, salt, ops, mem), head). Nothing of the passphrase is kept.
#pragma once
#include "crypto/crypto.h"
#include "crypto/receipt.h"

#define PARCEL_BYTES_MAX (8u << 20) // of the document; its parcel is longer by PARCEL_MORE at most
#define PARCEL_MORE 8192u
#define PARCEL_PHRASE RECEIPT_TEXT  // as a receipt code: 20 symbols, 100 random bits, in groups of four; and NUL

// Draws a passphrase, and appends the parcel to out. ERR_MEMORY where Argon2id's memory cannot be had.
MUST_USE enum err parcel_seal(struct str plain, char phrase[static PARCEL_PHRASE], struct buf *out);
// Appends the document. phrase: as people type it. ERR_MALFORMED: no parcel, or nothing that could be a passphrase;
// ERR_TAMPERED: another passphrase, or the parcel was altered or cut off.
MUST_USE enum err parcel_open(struct str parcel, struct str phrase, struct buf *out);
