// receipt: the code with which a reporter returns (docs/protocol.md, "Receipt"). 20 symbols, 100 random bits.
#pragma once
#include "crypto/crypto.h"

#define RECEIPT_TEXT 25 // "XXXXX…" in five groups of four with '-' between, and NUL

struct receipt {               // all secret
    uint8_t code[13];          // 100 bits, the last four zero
    struct key root;
};
void receipt_new(struct receipt *out, const uint8_t install_id[16]);
// submission: the 16 bytes of its 32 hex digits; the same gives the same code again.
void receipt_from_submission(struct receipt *out, const uint8_t submission[16], const uint8_t install_id[16]);
// As people type it: upper case, O→0, I and L→1, separators and white space ignored. ERR_MALFORMED otherwise.
MUST_USE enum err receipt_read(struct receipt *out, struct str typed, const uint8_t install_id[16]);
void receipt_text(const struct receipt *r, char out[static RECEIPT_TEXT]);
void receipt_lookup(const struct receipt *r, uint8_t out[16]);
void receipt_thread_key(const struct receipt *r, struct key *out);                  // K_t
void receipt_content(const struct receipt *r, struct str content, uint8_t out[16]); // knows a repeated send; useless without the code
