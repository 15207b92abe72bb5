#include <liboath/oath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/clock.h"
#include "vault/person.h"

static struct vault_keys keys = {.password = {{1}}, .totp = {{2}}};

static void make(struct person_row *p, char base32[TOTP_BASE32_MAX + 1])
{
    struct buf totp;
    buf_init_secret(&totp, TOTP_BASE32_MAX);
    assert_int_equal(person_make(&keys, id_random(), STR("Dikush"), 5, STR("fjala e gjatë"), 1000, p, &totp), OK);
    memcpy(base32, totp.at, totp.n);
    base32[totp.n] = '\0';
    buf_free(&totp);
}

static void names_fold_and_refuse(void **state)
{
    (void)state;
    char name[NAME_MAX_BYTES + 1];
    assert_int_equal(person_name(STR("  A.B_c-9@x "), name), OK);
    assert_string_equal(name, "a.b_c-9@x");
    static const char *const bad[] = {"", "  ", "a b", "ë", "a\nb", "x'"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(person_name(str_from(bad[i]), name), ERR_INVALID);
    }
    char longest[NAME_MAX_BYTES + 2];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(person_name((struct str){longest, NAME_MAX_BYTES}, name), OK);
    assert_int_equal(person_name((struct str){longest, NAME_MAX_BYTES + 1}, name), ERR_INVALID);
}

static void password_opens_the_key(void **state)
{
    (void)state;
    struct person_row p;
    char base32[TOTP_BASE32_MAX + 1];
    struct key sk, again;
    make(&p, base32);
    assert_string_equal(p.name, "dikush");
    assert_int_equal(person_unlock(&keys, &p, STR("fjala e gjate"), &sk), ERR_UNAUTHENTICATED);
    assert_int_equal(person_unlock(&keys, NULL, STR("fjala e gjatë"), &sk), ERR_UNAUTHENTICATED);
    assert_int_equal(person_unlock(&keys, &p, STR("fjala e gjatë"), &sk), OK);
    uint8_t box[BOX_BYTES];
    struct key k = {{9}}, got;
    crypto_wrap(box, &p.pk, &k);
    assert_int_equal(crypto_unwrap(&got, &p.pk, &sk, STR_BYTES(box)), OK);
    struct person_row q = p;
    assert_int_equal(person_rewrap(&keys, &q, STR("shkurt"), &sk), ERR_INVALID);
    assert_int_equal(person_rewrap(&keys, &q, STR("fjala e re"), &sk), OK);
    assert_int_equal(person_unlock(&keys, &q, STR("fjala e re"), &again), OK);
    assert_memory_equal(sk.b, again.b, KEY_BYTES);
    q.id.b[0] ^= 1; // the wrap of one person under another's name
    assert_int_equal(person_unlock(&keys, &q, STR("fjala e re"), &again), ERR_UNAUTHENTICATED);
    struct vault_keys other = keys;
    other.password.b[5] ^= 1; // the database without keeper.key
    assert_int_equal(person_unlock(&other, &p, STR("fjala e gjatë"), &again), ERR_UNAUTHENTICATED);
}

static const char *code_at(const char *base32, int64_t at)
{
    static char code[8];
    char *secret = NULL;
    size_t n = 0;
    assert_int_equal(oath_base32_decode(base32, strlen(base32), &secret, &n), OATH_OK);
    assert_int_equal(n, TOTP_SECRET_BYTES);
    assert_int_equal(oath_totp_generate(secret, n, (time_t)(at / CLOCK_SECOND), 30, 0, 6, code), OATH_OK);
    free(secret);
    return code;
}

static void codes_are_good_once(void **state)
{
    (void)state;
    struct person_row p;
    char base32[TOTP_BASE32_MAX + 1];
    const int64_t now = INT64_C(1800000010) * CLOCK_SECOND;
    const int64_t present = 1800000010 / 30;
    int64_t step = 0;
    make(&p, base32);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now)), now, &step), OK);
    assert_int_equal(step, present);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now - 30 * CLOCK_SECOND)), now, &step), OK);
    assert_int_equal(step, present - 1);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now + 30 * CLOCK_SECOND)), now, &step), OK);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now - 60 * CLOCK_SECOND)), now, &step), ERR_UNAUTHENTICATED);
    assert_int_equal(person_totp(&keys, &p, STR(""), now, &step), ERR_UNAUTHENTICATED);
    p.totp_step = present;
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now)), now, &step), ERR_UNAUTHENTICATED);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now - 30 * CLOCK_SECOND)), now, &step), ERR_UNAUTHENTICATED);
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now + 30 * CLOCK_SECOND)), now, &step), OK);
    p.totp[30] ^= 1;
    assert_int_equal(person_totp(&keys, &p, str_from(code_at(base32, now)), now, &step), ERR_TAMPERED);
}

// Everywhere else tests take the cheapest Argon2id; here once what production pays.
static void real_cost_works_too(void **state)
{
    (void)state;
    struct person_row p;
    char base32[TOTP_BASE32_MAX + 1];
    struct key sk;
    assert_int_equal(setenv("ISIGURT_TEST_ARGON", "full", 1), 0);
    make(&p, base32);
    assert_int_equal(p.ops, 3);
    assert_int_equal(p.mem, 64 << 20);
    assert_int_equal(unsetenv("ISIGURT_TEST_ARGON"), 0);
    assert_int_equal(person_unlock(&keys, &p, STR("fjala e gjatë"), &sk), OK); // at the cost that the row names
    assert_int_equal(person_unlock(&keys, &p, STR("fjala e gjate"), &sk), ERR_UNAUTHENTICATED);
}

static int begin(void **state)
{
    (void)state;
    person_start();
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_fold_and_refuse), cmocka_unit_test(password_opens_the_key),
                                       cmocka_unit_test(codes_are_good_once), cmocka_unit_test(real_cost_works_too)};
    return cmocka_run_group_tests(tests, begin, NULL);
}
