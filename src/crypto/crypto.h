// crypto: the primitives of docs/protocol.md over libsodium, with their labels, so that nobody above calls libsodium
// directly. Labels are ASCII, zero-padded to 16 bytes. Every function is any-thread. The names keep clear of libsodium's own
// (crypto_hash, crypto_box and crypto_sign are symbols of its library, which ours would replace at run time).
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

// H(n, label, key, m): n 1..64; key may be NULL. parts are hashed one after the other, with nothing between them.
void crypto_digest(void *out, size_t n, const char *label, const struct key *key, size_t parts, const struct str *part);
#define CRYPTO_PARTS(...) sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str), (const struct str[]){__VA_ARGS__}
void crypto_digest_salted(void *out, size_t n, const char *label, const uint8_t salt[16], struct str m);
// D(n, id, ctx, key): ctx 8 bytes
void crypto_derive(void *out, size_t n, uint64_t id, const char *ctx, const struct key *key);
// E(key, ad, m): nonce ‖ ciphertext ‖ tag appended to out (past its maximum: out->failed). Open appends the plaintext;
// ERR_TAMPERED where it does not verify, out is then as it was; out should be secret. m and sealed never lie in out.
void crypto_seal(struct buf *out, const struct key *key, struct str ad, struct str m);
MUST_USE enum err crypto_open(struct buf *out, const struct key *key, struct str ad, struct str sealed);
// One sender's pair for several wraps of one event (a report's unit wrap and tag box): half of a wrap's price is making it.
// A wrap has the same bytes as crypto_box_seal's: epk ‖ box, nonce = H24(epk ‖ pk), so different for each receiver.
struct ephemeral { struct public_key pk; struct key sk; };
void crypto_ephemeral(struct ephemeral *out); // the caller wipes it
void crypto_wrap_from(uint8_t *out, const struct ephemeral *from, const struct public_key *pk, struct str m); // m.n + 48 bytes
// S(pk, k) and back
void crypto_wrap(uint8_t out[BOX_BYTES], const struct public_key *pk, const struct key *k);
MUST_USE enum err crypto_unwrap(struct key *out, const struct public_key *pk, const struct key *sk, struct str sealed);
// What crypto_wrap_from made, of any length: tag boxes.
MUST_USE enum err crypto_unwrap_bytes(struct buf *out, const struct public_key *pk, const struct key *sk, struct str sealed);
void crypto_pair(struct public_key *pk, struct key *sk, const struct key *seed);    // X25519 from a seed
// False for the few points that crypto_wrap would refuse (and abort on): ask before sealing to a key from outside.
bool crypto_public_usable(const struct public_key *pk);


// Ed25519, from a seed of 32 bytes. sign_key is secret.
struct sign_key { uint8_t b[64]; };
void crypto_sign_pair(struct public_key *pk, struct sign_key *sk, const struct key *seed);
void crypto_signature(uint8_t out[SIGN_BYTES], const struct sign_key *sk, struct str m);
MUST_USE enum err crypto_verify(const struct public_key *pk, struct str m, struct str signature); // ERR_TAMPERED

// Argon2id, 32 bytes. ops and mem (bytes) are stored beside the salt, so that they can be raised. Takes ~92 ms and 64 MiB
// at the full cost; ERR_MEMORY where that cannot be had. crypto_password_cost: what new passwords get, the minimum that
// libsodium allows in builds with -Dtesting=true unless ISIGURT_TEST_ARGON=full.
#define PASSWORD_SALT_BYTES 16
void crypto_password_cost(uint64_t *ops, uint64_t *mem);
MUST_USE enum err crypto_password(struct key *out, struct str password, const uint8_t salt[PASSWORD_SALT_BYTES], uint64_t ops,
                                  uint64_t mem);

// For what browsers compute too (proof of work), and for tables in memory whose keys a stranger chooses.
void crypto_sha256(uint8_t out[32], struct str m);
uint64_t crypto_siphash(const uint8_t key[16], struct str m); // SipHash-2-4

// Secrets that live longer than a call: locked, guarded, wiped pages (sodium_malloc). Aborts without memory.
void *secret_new(size_t n);
void secret_free(void *p);
