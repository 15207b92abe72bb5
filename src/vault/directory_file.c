#include "vault/directory_file.h"
#include <assert.h>
#include <string.h>

#define FILE_LABEL "isigurt.dirfil.1"
#define EPOCH_LABEL "isigurt.direct.1"
#define DUTY_LABEL "isigurt.duty...1"
#define EPOCH_SIGNED (16 + 16 + 4 + 32 + 8)
#define DUTY_SIGNED (16 + 16 + 8)

static uint8_t *put(uint8_t *at, const void *from, size_t n)
{
    memcpy(at, from, n);
    return at + n;
}

static uint8_t *put_le(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
    return at + n;
}

static uint64_t get_le(const uint8_t *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v |= (uint64_t)at[i] << (8 * i);
    }
    return v;
}

static void epoch_message(const struct epoch_row *e, uint8_t m[EPOCH_SIGNED])
{
    uint8_t *at = put(m, EPOCH_LABEL, 16);
    at = put(at, e->unit.b, 16);
    at = put_le(at, e->epoch, 4);
    at = put(at, e->pk.b, 32);
    at = put_le(at, (uint64_t)e->not_before, 8);
    assert(at == m + EPOCH_SIGNED);
}

void epoch_sign(struct epoch_row *e, const struct sign_key *directory)
{
    uint8_t m[EPOCH_SIGNED];
    epoch_message(e, m);
    crypto_signature(e->sig, directory, STR_BYTES(m));
}

enum err epoch_verify(const struct epoch_row *e, const struct public_key *directory)
{
    uint8_t m[EPOCH_SIGNED];
    epoch_message(e, m);
    enum err err = crypto_verify(directory, STR_BYTES(m), STR_BYTES(e->sig));
    return err ? err : crypto_public_usable(&e->pk) ? OK : ERR_TAMPERED;
}

static void duty_message(const struct duty_row *d, uint8_t m[DUTY_SIGNED])
{
    uint8_t *at = put(m, DUTY_LABEL, 16);
    at = put(at, d->unit.b, 16);
    at = put_le(at, (uint64_t)d->since, 8);
    assert(at == m + DUTY_SIGNED);
}

void duty_sign(struct duty_row *d, const struct sign_key *directory)
{
    uint8_t m[DUTY_SIGNED];
    duty_message(d, m);
    crypto_signature(d->sig, directory, STR_BYTES(m));
}

enum err duty_verify(const struct duty_row *d, const struct public_key *directory)
{
    uint8_t m[DUTY_SIGNED];
    duty_message(d, m);
    return crypto_verify(directory, STR_BYTES(m), STR_BYTES(d->sig));
}

void directory_encode(struct buf *out, int64_t written, const struct duty_row *duty, const struct epoch_row *rows, size_t n)
{
    assert(n <= EPOCHS_MAX);
    buf_put(out, STR(FILE_LABEL));
    buf_put_le(out, (uint64_t)written, 8);
    buf_put(out, STR_BYTES(duty->unit.b));
    buf_put_le(out, (uint64_t)duty->since, 8);
    buf_put(out, STR_BYTES(duty->sig));
    buf_put_le(out, n, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(out, STR_BYTES(rows[i].unit.b));
        buf_put_le(out, rows[i].epoch, 4);
        buf_put(out, STR_BYTES(rows[i].pk.b));
        buf_put_le(out, (uint64_t)rows[i].not_before, 8);
        buf_put(out, STR_BYTES(rows[i].sig));
    }
}

enum err directory_decode(struct str file, const struct public_key *directory, int64_t *written, struct duty_row *duty,
                          struct epoch_row *rows, size_t *n)
{
    if (file.n < DIRECTORY_FIXED_BYTES || memcmp(file.at, FILE_LABEL, 16) != 0) {
        return ERR_MALFORMED;
    }
    const uint8_t *at = (const uint8_t *)file.at + 16;
    struct duty_row d;
    int64_t when = (int64_t)get_le(at, 8);
    memcpy(d.unit.b, at + 8, 16);
    d.since = (int64_t)get_le(at + 24, 8);
    memcpy(d.sig, at + 32, SIGN_BYTES);
    size_t count = get_le(at + 96, 4);
    if (count > EPOCHS_MAX || file.n != DIRECTORY_FIXED_BYTES + count * DIRECTORY_ROW_BYTES) {
        return ERR_MALFORMED;
    }
    enum err e = id_zero(d.unit) ? OK : duty_verify(&d, directory);
    at = (const uint8_t *)file.at + DIRECTORY_FIXED_BYTES;
    for (size_t i = 0; !e && i < count; i++, at += DIRECTORY_ROW_BYTES) {
        struct epoch_row r;
        memcpy(r.unit.b, at, 16);
        r.epoch = (uint32_t)get_le(at + 16, 4);
        memcpy(r.pk.b, at + 20, KEY_BYTES);
        r.not_before = (int64_t)get_le(at + 52, 8);
        memcpy(r.sig, at + 60, SIGN_BYTES);
        e = epoch_verify(&r, directory);
        rows[i] = r;
    }
    if (!e) {
        *written = when;
        *duty = d;
        *n = count;
    }
    return e;
}

void directory_digest(uint8_t out[32], struct str file)
{
    crypto_digest(out, 32, "isigurt.dirdig.1", NULL, CRYPTO_PARTS(str_slice(file, 24, file.n)));
}
