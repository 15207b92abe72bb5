#include "crypto/record.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "base/rand.h"

#define BLOCK_LEAST 1024u
#define BLOCK_MOST 65536u
_Static_assert(RECORD_ITEM_MAX < BLOCK_MOST, "the longest item still gets a padding byte");
_Static_assert(RECORD_WRAP_BYTES == KEY_BYTES + SEAL_EXTRA, "child wrap");

static void put_le(uint8_t **at, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        *(*at)++ = (uint8_t)(v >> (8 * i));
    }
}

static void put_bytes(uint8_t **at, const void *from, size_t n)
{
    memcpy(*at, from, n);
    *at += n;
}

void record_key(struct key *out)
{
    rand_bytes(out->b, KEY_BYTES);
}

struct kid record_kid(const struct key *k)
{
    struct kid kid;
    crypto_digest(kid.b, sizeof kid.b, "isigurt.keyid..1", k, 0, NULL);
    return kid;
}

void record_ad_bytes(const struct record_ad *ad, uint8_t out[RECORD_AD_BYTES])
{
    uint8_t *at = out;
    put_bytes(&at, "isigurt.record.1", 16);
    put_le(&at, ad->type, 1);
    put_le(&at, ad->field, 1);
    put_le(&at, ad->direction, 1);
    put_le(&at, 0, 1);
    put_le(&at, ad->version, 4);
    put_le(&at, ad->seq, 8);
    put_bytes(&at, ad->home.b, 16);
    put_bytes(&at, ad->item.b, 16);
    put_bytes(&at, ad->kid.b, 16);
    put_le(&at, ad->generation, 8);
    put_le(&at, 0, 8);
    put_bytes(&at, ad->meta, 32);
    assert(at == out + RECORD_AD_BYTES);
}

void record_meta_int(struct buf *columns, int64_t v)
{
    buf_put_le(columns, (uint64_t)v, 8);
}

void record_meta_str(struct buf *columns, struct str s)
{
    assert(s.n <= UINT32_MAX);
    buf_put_le(columns, s.n, 4);
    buf_put(columns, s);
}

void record_meta(uint8_t out[32], const struct buf *columns)
{
    assert(!columns->failed); // a meta of half the columns would bind nothing
    struct str m = buf_str(columns);
    crypto_digest(out, 32, "isigurt.meta...1", NULL, 1, &m);
}

static size_t block_of(size_t n)
{
    size_t block = BLOCK_LEAST;
    while (block <= n) {
        block *= 2;
    }
    return block;
}

enum err record_seal(struct buf *out, const struct key *k, const struct record_ad *ad, struct str plain)
{
    if (plain.n > RECORD_ITEM_MAX) {
        return ERR_TOO_LARGE;
    }
    uint8_t ad_bytes[RECORD_AD_BYTES];
    size_t block = block_of(plain.n), n = 0;
    uint8_t *padded = malloc(block); // not on the stack: 64 threads would each keep 64 KiB of it
    if (!padded) {
        return ERR_MEMORY;
    }
    if (plain.n) {
        memcpy(padded, plain.at, plain.n);
    }
    int bad = sodium_pad(&n, padded, plain.n, block, block);
    assert(!bad && n == block);
    record_ad_bytes(ad, ad_bytes);
    crypto_seal(out, k, STR_BYTES(ad_bytes), (struct str){(const char *)padded, n});
    crypto_wipe(padded, n);
    free(padded);
    return buf_ok(out);
}

enum err record_open(struct buf *out, const struct key *k, const struct record_ad *ad, struct str sealed)
{
    size_t n = sealed.n < SEAL_EXTRA ? 0 : sealed.n - SEAL_EXTRA, plain = 0, before = out->n;
    if (n < BLOCK_LEAST || n > BLOCK_MOST || (n & (n - 1))) {
        return ERR_TAMPERED;
    }
    uint8_t ad_bytes[RECORD_AD_BYTES];
    record_ad_bytes(ad, ad_bytes);
    enum err e = crypto_open(out, k, STR_BYTES(ad_bytes), sealed);
    if (e) {
        return e;
    }
    if (sodium_unpad(&plain, (const uint8_t *)out->at + before, n, n)) {
        e = ERR_TAMPERED;
        plain = 0;
    }
    crypto_wipe(out->at + before + plain, n - plain); // the padding says nothing, but a failed one may be anything
    out->n = before + plain;
    return e;
}

void record_wrap_unit(uint8_t out[BOX_BYTES], const struct public_key *unit, const struct key *k)
{
    crypto_wrap(out, unit, k);
}

#define WRAP_AD_BYTES (16 + 16 + 16 + 16 + 8)

static void wrap_ad(uint8_t out[WRAP_AD_BYTES], struct id parent, struct id child, struct kid child_kid,
                    uint64_t generation)
{
    uint8_t *at = out;
    put_bytes(&at, "isigurt.wrap...1", 16);
    put_bytes(&at, parent.b, 16);
    put_bytes(&at, child.b, 16);
    put_bytes(&at, child_kid.b, 16);
    put_le(&at, generation, 8);
    assert(at == out + WRAP_AD_BYTES);
}

void record_wrap_child(uint8_t out[RECORD_WRAP_BYTES], const struct key *parent_key, struct id parent, struct id child,
                       struct kid child_kid, uint64_t generation, const struct key *child_key)
{
    uint8_t ad[WRAP_AD_BYTES];
    wrap_ad(ad, parent, child, child_kid, generation);
    struct buf b;
    buf_init(&b, RECORD_WRAP_BYTES);
    crypto_seal(&b, parent_key, STR_BYTES(ad), STR_BYTES(child_key->b));
    assert(!b.failed); // 72 bytes; without them nothing can go on
    memcpy(out, b.at, RECORD_WRAP_BYTES);
    buf_free(&b);
}

enum err record_unwrap_child(struct key *out, const struct key *parent_key, struct id parent, struct id child,
                             struct kid child_kid, uint64_t generation, struct str wrap)
{
    if (wrap.n != RECORD_WRAP_BYTES) {
        return ERR_TAMPERED;
    }
    uint8_t ad[WRAP_AD_BYTES];
    wrap_ad(ad, parent, child, child_kid, generation);
    struct buf b;
    buf_init_secret(&b, KEY_BYTES);
    enum err e = crypto_open(&b, parent_key, STR_BYTES(ad), wrap);
    if (!e) {
        struct key k;
        memcpy(k.b, b.at, KEY_BYTES);
        struct kid kid = record_kid(&k);
        if (crypto_equal(kid.b, child_kid.b, sizeof kid.b)) {
            *out = k;
        } else {
            e = ERR_TAMPERED;
        }
        crypto_wipe(&k, sizeof k);
    }
    buf_free(&b);
    return e;
}
