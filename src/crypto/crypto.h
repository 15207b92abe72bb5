// crypto: the primitives of docs/protocol.md over libsodium, with their labels, so that nobody above calls libsodium
// for a secret's sake directly. Labels are ASCII, zero-padded to 16 bytes. Every function is any-thread.
#pragma once
#include "base/buf.h"
#include "base/id.h"

#define KEY_BYTES 32
#define BOX_BYTES 80     // S(pk, k): crypto_box_seal of 32 bytes
#define SIGN_BYTES 64
#define SEAL_EXTRA 40    // E: nonce 24 + tag 16

struct key { uint8_t b[KEY_BYTES]; };       // a secret: live in struct secret or wiped before return
struct public_key { uint8_t b[KEY_BYTES]; };

MUST_USE enum err crypto_start(void); // once per process, before any thread
void crypto_wipe(void *p, size_t n);
bool crypto_equal(const void *a, const void *b, size_t n); // constant time

// H(n, label, key, m): n 16..64; key may be NULL. parts are hashed one after the other.
void crypto_hash(void *out, size_t n, const char *label, const struct key *key, size_t parts, const struct str *part);
#define CRYPTO_PARTS(...) sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str), (const struct str[]){__VA_ARGS__}
void crypto_hash_salted(void *out, size_t n, const char *label, const uint8_t salt[16], struct str m);
// D(n, id, ctx, key): ctx 8 bytes
void crypto_derive(void *out, size_t n, uint64_t id, const char *ctx, const struct key *key);
// E(key, ad, m): nonce ‖ ciphertext ‖ tag appended to out. Open: ERR_TAMPERED where it does not verify; out should be secret.
void crypto_seal(struct buf *out, const struct key *key, struct str ad, struct str m);
MUST_USE enum err crypto_open(struct buf *out, const struct key *key, struct str ad, struct str sealed);
// S(pk, k) and back
void crypto_box(uint8_t out[BOX_BYTES], const struct public_key *pk, const struct key *k);
MUST_USE enum err crypto_unbox(struct key *out, const struct public_key *pk, const struct key *sk, struct str sealed);
void crypto_box_bytes(struct buf *out, const struct public_key *pk, struct str m); // any length, for tag boxes
void crypto_pair(struct public_key *pk, struct key *sk, const struct key *seed);    // X25519 from a seed

// Secrets that live longer than a call: locked, guarded, wiped pages (sodium_malloc). Aborts without memory.
void *secret_new(size_t n);
void secret_free(void *p);
