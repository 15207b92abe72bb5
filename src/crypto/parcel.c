#include "crypto/parcel.h"
#include <string.h>
#include "base/rand.h"
#include "crypto/stream.h"

// What a stranger's file may make us spend before it proves to be genuine.
#define OPS_MOST 16
#define MEM_MOST (UINT64_C(1) << 30)
#define HEAD 48
static const char magic[16] = {'i', 's', 'i', 'g', 'u', 'r', 't', '.', 'p', 'a', 'r', 'c', 'e', 'l', '.', '1'};
static const uint8_t no_install[16] = {0}; // the code alone counts, whatever installation it was drawn by

// The whole head is bound in: Argon2id counts memory in KiB, so that not each bit of it would matter by itself.
static enum err pair(const struct receipt *code, struct str head, uint64_t ops, uint64_t mem, struct public_key *pk, struct key *sk)
{
    struct key slow, seed;
    uint8_t salt[PASSWORD_SALT_BYTES];
    memcpy(salt, head.at + sizeof magic, sizeof salt);
    enum err e = crypto_password(&slow, STR_BYTES(code->code), salt, ops, mem);
    if (!e) {
        crypto_digest(seed.b, sizeof seed.b, "isigurt.parcel.1", &slow, 1, &head);
        crypto_pair(pk, sk, &seed);
    }
    crypto_wipe(&slow, sizeof slow);
    crypto_wipe(&seed, sizeof seed);
    return e;
}

enum err parcel_seal(struct str plain, char phrase[static PARCEL_PHRASE], struct buf *out)
{
    struct receipt code;
    struct public_key pk;
    struct key sk;
    uint8_t salt[PASSWORD_SALT_BYTES];
    uint64_t ops, mem;
    if (plain.n > PARCEL_BYTES_MAX)
        return ERR_TOO_LARGE;
    receipt_new(&code, no_install);
    rand_bytes(salt, sizeof salt);
    crypto_password_cost(&ops, &mem);
    size_t from = out->n;
    buf_put(out, STR_BYTES(magic));
    buf_put(out, STR_BYTES(salt));
    buf_put_le(out, ops, 8);
    buf_put_le(out, mem, 8);
    enum err e = buf_ok(out);
    e = e ? e : pair(&code, str_slice(buf_str(out), from, from + HEAD), ops, mem, &pk, &sk);
    crypto_wipe(&sk, sizeof sk);
    e = e ? e : stream_seal(&pk, plain, out);
    if (!e)
        receipt_text(&code, phrase);
    crypto_wipe(&code, sizeof code);
    return e;
}

static uint64_t le64(const char *at)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | (uint8_t)at[i];
    return v;
}

enum err parcel_open(struct str parcel, struct str phrase, struct buf *out)
{
    struct receipt code;
    struct public_key pk;
    struct key sk;
    if (parcel.n < HEAD || memcmp(parcel.at, magic, sizeof magic) != 0 || receipt_read(&code, phrase, no_install))
        return ERR_MALFORMED;
    uint64_t ops = le64(parcel.at + 32), mem = le64(parcel.at + 40);
    enum err e = ops > OPS_MOST || mem > MEM_MOST ? ERR_TAMPERED : pair(&code, str_slice(parcel, 0, HEAD), ops, mem, &pk, &sk);
    crypto_wipe(&code, sizeof code);
    e = e ? e : stream_open(&pk, &sk, str_slice(parcel, HEAD, parcel.n), out);
    crypto_wipe(&sk, sizeof sk);
    return e == ERR_MALFORMED ? ERR_TAMPERED : e;
}
