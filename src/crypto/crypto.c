#include "crypto/crypto.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_BYTES 16
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "E");
_Static_assert(KEY_BYTES == crypto_kdf_KEYBYTES, "D");
_Static_assert(KEY_BYTES == crypto_box_PUBLICKEYBYTES && KEY_BYTES == crypto_box_SECRETKEYBYTES, "S");
_Static_assert(KEY_BYTES == crypto_box_SEEDBYTES && KEY_BYTES == crypto_sign_SEEDBYTES, "seeds");
_Static_assert(BOX_BYTES == KEY_BYTES + crypto_box_SEALBYTES, "S");
_Static_assert(SIGN_BYTES == crypto_sign_BYTES, "sign");
_Static_assert(SEAL_EXTRA == NONCE_BYTES + TAG_BYTES, "E");

enum err crypto_start(void)
{
    return sodium_init() < 0 ? ERR_BUG : OK;
}

void crypto_wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

static void label_pad(uint8_t out[LABEL_BYTES], const char *label)
{
    size_t n = strlen(label);
    assert(n <= LABEL_BYTES);
    memset(out, 0, LABEL_BYTES);
    memcpy(out, label, n);
}

static void hash(void *out, size_t n, const char *label, const struct key *key, const uint8_t *salt, size_t parts,
                 const struct str *part)
{
    assert(n >= 1 && n <= crypto_generichash_blake2b_BYTES_MAX);
    uint8_t personal[LABEL_BYTES];
    label_pad(personal, label);
    crypto_generichash_blake2b_state state;
    int bad = crypto_generichash_blake2b_init_salt_personal(&state, key ? key->b : NULL, key ? KEY_BYTES : 0, n, salt,
                                                            personal);
    for (size_t i = 0; i < parts; i++) {
        bad |= crypto_generichash_blake2b_update(&state, (const uint8_t *)part[i].at, part[i].n);
    }
    bad |= crypto_generichash_blake2b_final(&state, out, n);
    assert(!bad);
    sodium_memzero(&state, sizeof state);
}

void crypto_digest(void *out, size_t n, const char *label, const struct key *key, size_t parts, const struct str *part)
{
    static const uint8_t no_salt[crypto_generichash_blake2b_SALTBYTES];
    hash(out, n, label, key, no_salt, parts, part);
}

void crypto_digest_salted(void *out, size_t n, const char *label, const uint8_t salt[16], struct str m)
{
    hash(out, n, label, NULL, salt, 1, &m);
}

void crypto_derive(void *out, size_t n, uint64_t id, const char *ctx, const struct key *key)
{
    assert(strlen(ctx) == crypto_kdf_CONTEXTBYTES);
    int bad = crypto_kdf_derive_from_key(out, n, id, ctx, key->b);
    assert(!bad);
}

// n more bytes at the end of b, zero; NULL where they do not fit.
static uint8_t *grow(struct buf *b, size_t n)
{
    static const char zeros[4096];
    size_t before = b->n;
    for (size_t left = n; left > 0 && !b->failed;) {
        size_t now = left < sizeof zeros ? left : sizeof zeros;
        buf_put(b, (struct str){zeros, now});
        left -= now;
    }
    if (b->failed) {
        b->n = before;
        return NULL;
    }
    return (uint8_t *)b->at + before;
}

void crypto_seal(struct buf *out, const struct key *key, struct str ad, struct str m)
{
    uint8_t *at = grow(out, m.n + SEAL_EXTRA);
    if (!at) {
        return;
    }
    randombytes_buf(at, NONCE_BYTES);
    int bad = crypto_aead_xchacha20poly1305_ietf_encrypt(at + NONCE_BYTES, NULL, (const uint8_t *)m.at, m.n,
                                                         (const uint8_t *)ad.at, ad.n, NULL, at, key->b);
    assert(!bad);
}

enum err crypto_open(struct buf *out, const struct key *key, struct str ad, struct str sealed)
{
    if (sealed.n < SEAL_EXTRA) {
        return ERR_TAMPERED;
    }
    uint8_t none[1];
    size_t before = out->n;
    size_t n = sealed.n - SEAL_EXTRA;
    uint8_t *at = n ? grow(out, n) : none;
    if (!at) {
        return buf_ok(out);
    }
    const uint8_t *from = (const uint8_t *)sealed.at;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, from + NONCE_BYTES, sealed.n - NONCE_BYTES,
                                                   (const uint8_t *)ad.at, ad.n, from, key->b)) {
        out->n = before;
        return ERR_TAMPERED;
    }
    return OK;
}

void crypto_ephemeral(struct ephemeral *out)
{
    int bad = crypto_box_keypair(out->pk.b, out->sk.b);
    assert(!bad);
}

void crypto_wrap_from(uint8_t *out, const struct ephemeral *from, const struct public_key *pk, struct str m)
{
    uint8_t nonce[crypto_box_NONCEBYTES];
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, sizeof nonce);
    crypto_generichash_update(&h, from->pk.b, sizeof from->pk.b);
    crypto_generichash_update(&h, pk->b, sizeof pk->b);
    crypto_generichash_final(&h, nonce, sizeof nonce);
    memcpy(out, from->pk.b, sizeof from->pk.b);
    int bad = crypto_box_easy(out + crypto_box_PUBLICKEYBYTES, (const uint8_t *)m.at, m.n, nonce, pk->b, from->sk.b);
    assert(!bad); // only a public key of low order fails, and those never get a signature
}

void crypto_wrap(uint8_t out[BOX_BYTES], const struct public_key *pk, const struct key *k)
{
    int bad = crypto_box_seal(out, k->b, KEY_BYTES, pk->b);
    assert(!bad); // only a public key of low order fails, and those never get a signature
}

enum err crypto_unwrap(struct key *out, const struct public_key *pk, const struct key *sk, struct str sealed)
{
    struct key k;
    if (sealed.n != BOX_BYTES || crypto_box_seal_open(k.b, (const uint8_t *)sealed.at, BOX_BYTES, pk->b, sk->b)) {
        return ERR_TAMPERED;
    }
    *out = k;
    sodium_memzero(&k, sizeof k);
    return OK;
}

enum err crypto_unwrap_bytes(struct buf *out, const struct public_key *pk, const struct key *sk, struct str sealed)
{
    if (sealed.n <= crypto_box_SEALBYTES) {
        return ERR_TAMPERED;
    }
    size_t before = out->n;
    uint8_t *at = grow(out, sealed.n - crypto_box_SEALBYTES);
    if (!at) {
        return buf_ok(out);
    }
    if (crypto_box_seal_open(at, (const uint8_t *)sealed.at, sealed.n, pk->b, sk->b)) {
        out->n = before;
        return ERR_TAMPERED;
    }
    return OK;
}

void crypto_pair(struct public_key *pk, struct key *sk, const struct key *seed)
{
    int bad = crypto_box_seed_keypair(pk->b, sk->b, seed->b);
    assert(!bad);
}

bool crypto_public_usable(const struct public_key *pk)
{
    // X25519 with a fixed scalar: all zero exactly for the points of low order, which crypto_box_seal refuses.
    static const uint8_t scalar[KEY_BYTES] = {9};
    uint8_t shared[KEY_BYTES];
    return crypto_scalarmult(shared, scalar, pk->b) == 0;
}

void crypto_sign_pair(struct public_key *pk, struct sign_key *sk, const struct key *seed)
{
    _Static_assert(sizeof sk->b == crypto_sign_SECRETKEYBYTES, "sign");
    int bad = crypto_sign_seed_keypair(pk->b, sk->b, seed->b);
    assert(!bad);
}

void crypto_signature(uint8_t out[SIGN_BYTES], const struct sign_key *sk, struct str m)
{
    int bad = crypto_sign_detached(out, NULL, (const uint8_t *)m.at, m.n, sk->b);
    assert(!bad);
}

enum err crypto_verify(const struct public_key *pk, struct str m, struct str signature)
{
    if (signature.n != SIGN_BYTES ||
        crypto_sign_verify_detached((const uint8_t *)signature.at, (const uint8_t *)m.at, m.n, pk->b)) {
        return ERR_TAMPERED;
    }
    return OK;
}

void crypto_password_cost(uint64_t *ops, uint64_t *mem)
{
    *ops = 3;
    *mem = UINT64_C(64) << 20;
#ifdef ISIGURT_TESTING
    const char *cost = getenv("ISIGURT_TEST_ARGON");
    if (!cost || strcmp(cost, "full") != 0) {
        *ops = crypto_pwhash_argon2id_OPSLIMIT_MIN;
        *mem = crypto_pwhash_argon2id_MEMLIMIT_MIN;
    }
#endif
}

enum err crypto_password(struct key *out, struct str password, const uint8_t salt[PASSWORD_SALT_BYTES], uint64_t ops,
                         uint64_t mem)
{
    _Static_assert(PASSWORD_SALT_BYTES == crypto_pwhash_SALTBYTES, "salt");
    struct key k;
    if (crypto_pwhash(k.b, sizeof k.b, password.n ? password.at : "", password.n, salt, ops, mem,
                      crypto_pwhash_ALG_ARGON2ID13)) {
        return ERR_MEMORY;
    }
    *out = k;
    sodium_memzero(&k, sizeof k);
    return OK;
}

void crypto_sha256(uint8_t out[32], struct str m)
{
    int bad = crypto_hash_sha256(out, (const uint8_t *)m.at, m.n);
    assert(!bad);
}

uint64_t crypto_siphash(const uint8_t key[16], struct str m)
{
    uint8_t h[crypto_shorthash_BYTES];
    int bad = crypto_shorthash(h, (const uint8_t *)m.at, m.n, key);
    assert(!bad);
    uint64_t v = 0;
    for (size_t i = 0; i < sizeof h; i++) {
        v |= (uint64_t)h[i] << (8 * i);
    }
    return v;
}

void *secret_new(size_t n)
{
    void *p = sodium_malloc(n);
    if (!p) {
        abort();
    }
    memset(p, 0, n);
    return p;
}

void secret_free(void *p)
{
    sodium_free(p);
}
