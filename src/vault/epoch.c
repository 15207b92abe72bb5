#include "vault/epoch.h"
#include <assert.h>
#include <string.h>
#include "base/rand.h"

void epoch_make(const struct vault_keys *keys, struct id unit, uint32_t number, int64_t now, struct epoch_row *out,
                struct key *seed)
{
    struct epoch_row e = {.unit = unit, .epoch = number, .not_before = now};
    struct key sk;
    rand_bytes(seed->b, KEY_BYTES);
    crypto_pair(&e.pk, &sk, seed);
    crypto_wipe(&sk, sizeof sk);
    epoch_sign(&e, &keys->directory);
    *out = e;
}

#define LINK_AD_BYTES (16 + 16 + 4 + 4)

static void link_key_ad(struct id unit, uint32_t old_epoch, uint32_t new_epoch, const struct key *new_seed, struct key *key,
                        uint8_t ad[LINK_AD_BYTES])
{
    crypto_derive(key->b, KEY_BYTES, 1, "isgepoch", new_seed);
    memcpy(ad, "isigurt.link...1", 16);
    memcpy(ad + 16, unit.b, 16);
    for (size_t i = 0; i < 4; i++) {
        ad[32 + i] = (uint8_t)(old_epoch >> (8 * i));
        ad[36 + i] = (uint8_t)(new_epoch >> (8 * i));
    }
}

void link_seal(struct link_row *out, struct id unit, uint32_t old_epoch, const struct key *old_seed, uint32_t new_epoch,
               const struct key *new_seed)
{
    struct key key;
    uint8_t ad[LINK_AD_BYTES];
    struct buf b = {.at = (char *)out->sealed, .cap = sizeof out->sealed, .max = sizeof out->sealed};
    link_key_ad(unit, old_epoch, new_epoch, new_seed, &key, ad);
    crypto_seal(&b, &key, STR_BYTES(ad), STR_BYTES(old_seed->b));
    assert(!b.failed && b.n == sizeof out->sealed);
    out->old_epoch = old_epoch;
    out->new_epoch = new_epoch;
    crypto_wipe(&key, sizeof key);
}

enum err link_unseal(const struct link_row *l, struct id unit, const struct key *new_seed, struct key *old_seed)
{
    struct key key, seed;
    uint8_t ad[LINK_AD_BYTES];
    struct buf b = {.at = (char *)seed.b, .cap = KEY_BYTES, .max = KEY_BYTES};
    link_key_ad(unit, l->old_epoch, l->new_epoch, new_seed, &key, ad);
    enum err e = crypto_open(&b, &key, STR_BYTES(ad), STR_BYTES(l->sealed));
    if (!e) {
        *old_seed = seed;
    }
    crypto_wipe(&key, sizeof key);
    crypto_wipe(&seed, sizeof seed);
    return e;
}

void member_seal(struct member_row *out, struct id unit, uint32_t epoch, struct id person, const struct public_key *pk,
                 const struct key *seed)
{
    *out = (struct member_row){.unit = unit, .person = person, .epoch = epoch};
    crypto_wrap(out->sealed, pk, seed);
}

enum err member_unseal(const struct member_row *m, const struct public_key *pk, const struct key *sk,
                       const struct epoch_row *at, struct key *seed)
{
    struct { struct key seed, sk; } s;
    struct public_key derived;
    if (m->epoch != at->epoch || crypto_unwrap(&s.seed, pk, sk, STR_BYTES(m->sealed))) {
        return ERR_NO_KEY;
    }
    crypto_pair(&derived, &s.sk, &s.seed);
    enum err e = crypto_equal(derived.b, at->pk.b, KEY_BYTES) ? OK : ERR_TAMPERED;
    if (!e) {
        *seed = s.seed;
    }
    crypto_wipe(&s, sizeof s);
    return e;
}

size_t shares_make(const struct vault_keys *keys, const struct epoch_row *e, const struct key *seed, struct share_row out[SHARES_MAX])
{
    struct { struct key half[2]; } s;
    size_t n = 0;
    int64_t pair = 0;
    for (size_t a = 0; a < keys->n_custodians; a++) {
        for (size_t b = a + 1; b < keys->n_custodians; b++, pair++) {
            rand_bytes(s.half[0].b, KEY_BYTES);
            for (size_t i = 0; i < KEY_BYTES; i++) {
                s.half[1].b[i] = s.half[0].b[i] ^ seed->b[i];
            }
            for (int half = 0; half < 2; half++) {
                size_t who = half ? b : a;
                struct share_row *r = &out[n++];
                *r = (struct share_row){.unit = e->unit, .epoch = e->epoch, .pair = pair, .half = half + 1, .custodian = (int64_t)who};
                crypto_wrap(r->sealed, &keys->custodian[who], &s.half[half]);
            }
        }
    }
    crypto_wipe(&s, sizeof s);
    return n;
}
