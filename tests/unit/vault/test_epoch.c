#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "vault/epoch.h"

static struct vault_keys keys;
static const struct id unit = {{4}};

static void new_epochs_open_old_ones(void **state)
{
    (void)state;
    struct epoch_row e[3];
    struct key seed[3], got;
    struct link_row link[2];
    for (uint32_t i = 0; i < 3; i++) {
        epoch_make(&keys, unit, i + 1, 1000 + i, &e[i], &seed[i]);
        assert_int_equal(epoch_verify(&e[i], &keys.directory_pk), OK);
        if (i) {
            link_seal(&link[i - 1], unit, i, &seed[i - 1], i + 1, &seed[i]);
        }
    }
    assert_int_equal(link_unseal(&link[1], unit, &seed[2], &got), OK);
    assert_memory_equal(got.b, seed[1].b, KEY_BYTES);
    assert_int_equal(link_unseal(&link[0], unit, &got, &got), OK);
    assert_memory_equal(got.b, seed[0].b, KEY_BYTES);
    assert_int_equal(link_unseal(&link[1], unit, &seed[1], &got), ERR_TAMPERED); // never forward
    assert_int_equal(link_unseal(&link[1], (struct id){{5}}, &seed[2], &got), ERR_TAMPERED);
    link[1].old_epoch = 1;
    assert_int_equal(link_unseal(&link[1], unit, &seed[2], &got), ERR_TAMPERED);
}

static void member_wrap_must_hold_the_directorys_key(void **state)
{
    (void)state;
    struct epoch_row e, other;
    struct key seed, other_seed, person_seed = {{8}}, sk, got;
    struct public_key pk;
    struct member_row m;
    crypto_pair(&pk, &sk, &person_seed);
    epoch_make(&keys, unit, 1, 0, &e, &seed);
    epoch_make(&keys, unit, 1, 0, &other, &other_seed);
    member_seal(&m, unit, 1, (struct id){{6}}, &pk, &seed);
    assert_int_equal(member_unseal(&m, &pk, &sk, &e, &got), OK);
    assert_memory_equal(got.b, seed.b, KEY_BYTES);
    assert_int_equal(member_unseal(&m, &pk, &sk, &other, &got), ERR_TAMPERED);
    m.sealed[40] ^= 1;
    assert_int_equal(member_unseal(&m, &pk, &sk, &e, &got), ERR_NO_KEY);
}

static void two_halves_make_the_seed(void **state)
{
    (void)state;
    struct epoch_row e;
    struct key seed, sk[3], half[2];
    struct share_row share[SHARES_MAX];
    for (uint8_t i = 0; i < 3; i++) {
        crypto_pair(&keys.custodian[i], &sk[i], &(struct key){{i, 3}});
    }
    epoch_make(&keys, unit, 1, 0, &e, &seed);
    keys.n_custodians = 3;
    assert_int_equal(shares_make(&keys, &e, &seed, share), 6);
    for (size_t pair = 0; pair < 3; pair++) {
        for (size_t h = 0; h < 2; h++) {
            const struct share_row *s = &share[2 * pair + h];
            assert_int_equal(s->pair, pair);
            assert_int_equal(s->half, h + 1);
            assert_int_equal(crypto_unwrap(&half[h], &keys.custodian[s->custodian], &sk[s->custodian], STR_BYTES(s->sealed)), OK);
            assert_memory_not_equal(half[h].b, seed.b, KEY_BYTES);
        }
        assert_true(share[2 * pair].custodian != share[2 * pair + 1].custodian);
        for (size_t i = 0; i < KEY_BYTES; i++) {
            assert_int_equal(half[0].b[i] ^ half[1].b[i], seed.b[i]);
        }
    }
    keys.n_custodians = 0;
    assert_int_equal(shares_make(&keys, &e, &seed, share), 0);
}

static void directory_says_what_was_signed(void **state)
{
    (void)state;
    struct epoch_row rows[2], read[EPOCHS_MAX > 8 ? 8 : EPOCHS_MAX];
    struct duty_row duty = {.unit = unit, .since = 77}, got;
    struct key seed;
    struct buf b;
    int64_t written = 0;
    size_t n = 0;
    epoch_make(&keys, unit, 1, 5, &rows[0], &seed);
    epoch_make(&keys, unit, 2, 6, &rows[1], &seed);
    duty_sign(&duty, &keys.directory);
    buf_init(&b, DIRECTORY_BYTES_MAX);
    directory_encode(&b, 99, &duty, rows, 2);
    assert_int_equal(b.n, DIRECTORY_FIXED_BYTES + 2 * DIRECTORY_ROW_BYTES);
    assert_int_equal(directory_decode(buf_str(&b), &keys.directory_pk, &written, &got, read, &n), OK);
    assert_int_equal(written, 99);
    assert_int_equal(n, 2);
    assert_memory_equal(&got, &duty, sizeof duty);
    assert_memory_equal(read[1].pk.b, rows[1].pk.b, KEY_BYTES);
    uint8_t first[32], second[32];
    directory_digest(first, buf_str(&b));
    b.at[16] ^= 1; // when it was written is not signed, and no part of the digest
    directory_digest(second, buf_str(&b));
    assert_memory_equal(first, second, 32);
    for (size_t i = 24; i < b.n; i++) {
        b.at[i] ^= 1;
        enum err e = directory_decode(buf_str(&b), &keys.directory_pk, &written, &got, read, &n);
        assert_true(e == ERR_TAMPERED || e == ERR_MALFORMED);
        b.at[i] ^= 1;
    }
    buf_free(&b);
}

static int begin(void **state)
{
    (void)state;
    enum err e = crypto_start();
    crypto_sign_pair(&keys.directory_pk, &keys.directory, &(struct key){{21}});
    return e != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_epochs_open_old_ones), cmocka_unit_test(member_wrap_must_hold_the_directorys_key),
        cmocka_unit_test(two_halves_make_the_seed), cmocka_unit_test(directory_says_what_was_signed),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
