#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/crypto.h"
#include "vectors.h"

static struct key counted(uint8_t start)
{
    struct key k;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        k.b[i] = (uint8_t)(start + i);
    }
    return k;
}

static void hash_is_blake2b_with_label(void **state)
{
    (void)state;
    uint8_t out[32];
    struct key k = counted(1);
    crypto_digest(out, 32, "isigurt.meta...1", NULL, CRYPTO_PARTS(STR("one"), STR(" "), STR("two")));
    assert_memory_equal(out, v_hash, 32);
    crypto_digest(out, 16, "isigurt.csrf...1", &k, 0, NULL);
    assert_memory_equal(out, v_hash_keyed, 16);
    crypto_digest(out, 10, "isigurt.finger.1", NULL, CRYPTO_PARTS(STR_BYTES(k.b)));
    assert_memory_equal(out, v_hash_short, 10);
    crypto_derive(out, 32, 7, "isgkeep1", &k);
    assert_memory_equal(out, v_derive, 32);
}

static void seal_opens_and_refuses(void **state)
{
    (void)state;
    struct key k = counted(1), other = counted(2);
    struct buf out, again;
    buf_init_secret(&out, 4096);
    buf_init(&again, 4096);
    assert_int_equal(crypto_open(&out, &k, STR("isigurt.person.1"), STR_BYTES(v_sealed)), OK);
    assert_true(str_equal_z(buf_str(&out), "plain text of no length in particular, longer than one block of 64"));

    buf_put(&again, STR("before"));
    crypto_seal(&again, &k, STR("ad"), buf_str(&out));
    assert_int_equal(again.n, 6 + SEAL_EXTRA + out.n);
    struct str sealed = str_slice(buf_str(&again), 6, again.n);
    buf_clear(&out);
    buf_put(&out, STR("kept"));
    assert_int_equal(crypto_open(&out, &other, STR("ad"), sealed), ERR_TAMPERED);
    assert_int_equal(crypto_open(&out, &k, STR("da"), sealed), ERR_TAMPERED);
    assert_int_equal(crypto_open(&out, &k, STR("ad"), str_slice(sealed, 0, sealed.n - 1)), ERR_TAMPERED);
    assert_int_equal(crypto_open(&out, &k, STR("ad"), str_slice(sealed, 0, SEAL_EXTRA - 1)), ERR_TAMPERED);
    for (size_t i = 6; i < again.n; i++) { // every byte counts
        again.at[i] = (char)(again.at[i] ^ 1);
        assert_int_equal(crypto_open(&out, &k, STR("ad"), sealed), ERR_TAMPERED);
        again.at[i] = (char)(again.at[i] ^ 1);
    }
    assert_true(str_equal_z(buf_str(&out), "kept"));
    assert_int_equal(crypto_open(&out, &k, STR("ad"), sealed), OK);
    buf_clear(&again);
    crypto_seal(&again, &k, STR(""), STR(""));
    buf_clear(&out);
    assert_int_equal(crypto_open(&out, &k, STR(""), buf_str(&again)), OK);
    assert_int_equal(out.n, 0);
    buf_free(&out);
    buf_free(&again);
}

static void seal_keeps_to_the_maximum(void **state)
{
    (void)state;
    struct key k = counted(1);
    struct buf out;
    buf_init(&out, SEAL_EXTRA + 3);
    crypto_seal(&out, &k, STR(""), STR("four"));
    assert_int_equal(buf_ok(&out), ERR_TOO_LARGE);
    assert_int_equal(out.n, 0);
    buf_free(&out);
}

static void box_opens_and_refuses(void **state)
{
    (void)state;
    struct key seed = counted(0x50), sk, k = counted(1), got, kept = counted(9);
    struct public_key pk;
    crypto_pair(&pk, &sk, &seed);
    assert_memory_equal(pk.b, v_pair_pk, 32);
    assert_memory_equal(sk.b, v_pair_sk, 32);
    assert_true(crypto_public_usable(&pk));
    struct public_key low = {{1}};
    assert_false(crypto_public_usable(&low));
    assert_false(crypto_public_usable(&(struct public_key){{0}}));
    assert_int_equal(crypto_unwrap(&got, &pk, &sk, STR_BYTES(v_box)), OK);
    assert_memory_equal(got.b, k.b, KEY_BYTES);

    uint8_t box[BOX_BYTES];
    crypto_wrap(box, &pk, &k);
    got = kept;
    for (size_t i = 0; i < BOX_BYTES; i++) {
        if (i == 31) {
            continue; // the top bit of an X25519 point is ignored by definition; the nonce's hash binds it, tried below
        }
        box[i] ^= 4;
        assert_int_equal(crypto_unwrap(&got, &pk, &sk, STR_BYTES(box)), ERR_TAMPERED);
        box[i] ^= 4;
    }
    box[31] ^= 0x80;
    assert_int_equal(crypto_unwrap(&got, &pk, &sk, STR_BYTES(box)), ERR_TAMPERED);
    box[31] ^= 0x80;
    assert_int_equal(crypto_unwrap(&got, &pk, &sk, (struct str){(char *)box, BOX_BYTES - 1}), ERR_TAMPERED);
    assert_memory_equal(got.b, kept.b, KEY_BYTES);
    assert_int_equal(crypto_unwrap(&got, &pk, &sk, STR_BYTES(box)), OK);
    assert_memory_equal(got.b, k.b, KEY_BYTES);

    static const char text[] = "sixty-four bytes of two digests, or any other length";
    struct buf plain;
    buf_init_secret(&plain, 1024);
    struct ephemeral from; // the same bytes as crypto_box_seal's, so the same opening
    uint8_t shared[BOX_BYTES];
    crypto_ephemeral(&from);
    crypto_wrap_from(shared, &from, &pk, STR_BYTES(k.b));
    struct key again;
    assert_int_equal(crypto_unwrap(&again, &pk, &sk, STR_BYTES(shared)), OK);
    assert_memory_equal(again.b, k.b, KEY_BYTES);
    uint8_t wrapped[sizeof text - 1 + 48];
    crypto_wrap_from(wrapped, &from, &pk, str_from(text));
    assert_int_equal(crypto_unwrap_bytes(&plain, &pk, &sk, STR_BYTES(wrapped)), OK);
    assert_true(str_equal_z(buf_str(&plain), text));
    wrapped[50] ^= 1;
    assert_int_equal(crypto_unwrap_bytes(&plain, &pk, &sk, STR_BYTES(wrapped)), ERR_TAMPERED);
    buf_free(&plain);
}

static void signature_of_rfc_8032(void **state)
{
    (void)state; // section 7.1, test 2: message 0x72
    static const uint8_t seed[32] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
                                     0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
                                     0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
    static const uint8_t expected[8] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8}; // its first bytes
    struct key k;
    struct sign_key sk;
    struct public_key pk;
    uint8_t sig[SIGN_BYTES];
    memcpy(k.b, seed, sizeof seed);
    crypto_sign_pair(&pk, &sk, &k);
    assert_int_equal(pk.b[0], 0x3d);
    assert_int_equal(pk.b[31], 0x0c);
    crypto_signature(sig, &sk, STR("\x72"));
    assert_memory_equal(sig, expected, sizeof expected);
    assert_int_equal(crypto_verify(&pk, STR("\x72"), STR_BYTES(sig)), OK);
    assert_int_equal(crypto_verify(&pk, STR("\x73"), STR_BYTES(sig)), ERR_TAMPERED);
    assert_int_equal(crypto_verify(&pk, STR("\x72"), STR("short")), ERR_TAMPERED);
    sig[40] ^= 1;
    assert_int_equal(crypto_verify(&pk, STR("\x72"), STR_BYTES(sig)), ERR_TAMPERED);
}

static void password_depends_on_all(void **state)
{
    (void)state;
    uint64_t ops, mem;
    uint8_t salt[PASSWORD_SALT_BYTES] = {1};
    struct key a, b;
    assert_int_equal(setenv("ISIGURT_TEST_ARGON", "full", 1), 0);
    crypto_password_cost(&ops, &mem);
    assert_int_equal(ops, 3);
    assert_int_equal(mem, 64 << 20);
    assert_int_equal(unsetenv("ISIGURT_TEST_ARGON"), 0);
    crypto_password_cost(&ops, &mem);
    assert_int_equal(crypto_password(&a, STR("fjalëkalimi"), salt, ops, mem), OK);
    assert_int_equal(crypto_password(&b, STR("fjalëkalimi"), salt, ops, mem), OK);
    assert_true(crypto_equal(a.b, b.b, KEY_BYTES));
    assert_int_equal(crypto_password(&b, STR("fjalekalimi"), salt, ops, mem), OK);
    assert_false(crypto_equal(a.b, b.b, KEY_BYTES));
    salt[0] = 2;
    assert_int_equal(crypto_password(&b, STR("fjalëkalimi"), salt, ops, mem), OK);
    assert_false(crypto_equal(a.b, b.b, KEY_BYTES));
    assert_int_equal(crypto_password(&b, STR("x"), salt, 0, mem), ERR_MEMORY);
}

static void published_digests(void **state)
{
    (void)state;
    static const uint8_t abc[4] = {0xba, 0x78, 0x16, 0xbf}; // FIPS 180-4, "abc"
    uint8_t out[32], key[16], m[15];
    crypto_sha256(out, STR("abc"));
    assert_memory_equal(out, abc, 4);
    for (size_t i = 0; i < 16; i++) {
        key[i] = (uint8_t)i;
    }
    memcpy(m, key, sizeof m);
    assert_int_equal(crypto_siphash(key, STR_BYTES(m)), UINT64_C(0xa129ca6149be45e5)); // the paper's appendix A
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_is_blake2b_with_label), cmocka_unit_test(seal_opens_and_refuses),
        cmocka_unit_test(seal_keeps_to_the_maximum),  cmocka_unit_test(box_opens_and_refuses),
        cmocka_unit_test(signature_of_rfc_8032),      cmocka_unit_test(password_depends_on_all),
        cmocka_unit_test(published_digests),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
