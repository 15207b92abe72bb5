// A parcel opens with its passphrase, however it is typed, and with nothing else; altered or cut, it does not open.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/parcel.h"

#define LONG 200000u // several chunks

static void make(struct buf *plain, struct buf *parcel, char phrase[PARCEL_PHRASE])
{
    buf_init(plain, LONG);
    buf_init(parcel, LONG + PARCEL_MORE);
    for (size_t i = 0; i < LONG; i++)
        buf_put_c(plain, (char)('a' + i % 23));
    assert_int_equal(parcel_seal(buf_str(plain), phrase, parcel), OK);
}

static enum err open_as(struct str parcel, const char *phrase, struct buf *out)
{
    buf_init_secret(out, LONG + 16);
    enum err e = parcel_open(parcel, str_from(phrase), out);
    if (e)
        assert_int_equal(out->n, 0); // nothing half
    return e;
}

static void opens_with_its_phrase(void **state)
{
    (void)state;
    struct buf plain, parcel, out;
    char phrase[PARCEL_PHRASE], typed[64];
    size_t n = 0;
    make(&plain, &parcel, phrase);
    assert_null(memmem(parcel.at, parcel.n, "abcdefghij", 10));
    assert_int_equal(open_as(buf_str(&parcel), phrase, &out), OK);
    assert_int_equal(out.n, LONG);
    assert_memory_equal(out.at, plain.at, LONG);
    buf_free(&out);
    for (const char *c = phrase; *c; c++) // small letters, blanks for dashes
        typed[n++] = *c == '-' ? ' ' : *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    typed[n] = '\0';
    assert_int_equal(open_as(buf_str(&parcel), typed, &out), OK);
    buf_free(&out);
    phrase[0] = phrase[0] == '7' ? '8' : '7';
    assert_int_equal(open_as(buf_str(&parcel), phrase, &out), ERR_TAMPERED);
    buf_free(&out);
    assert_int_equal(open_as(buf_str(&parcel), "7777", &out), ERR_MALFORMED);
    buf_free(&out);
    buf_free(&plain);
    buf_free(&parcel);
}

static void altered_does_not_open(void **state)
{
    (void)state;
    struct buf plain, parcel, out;
    char phrase[PARCEL_PHRASE];
    make(&plain, &parcel, phrase);
    for (size_t i = 0; i < parcel.n; i += i < 200 ? 1 : 9973) {
        parcel.at[i] ^= 1;
        assert_int_not_equal(open_as(buf_str(&parcel), phrase, &out), OK);
        buf_free(&out);
        parcel.at[i] ^= 1;
    }
    for (size_t n = 0; n < parcel.n; n += 7919) {
        assert_int_not_equal(open_as(str_slice(buf_str(&parcel), 0, n), phrase, &out), OK);
        buf_free(&out);
    }
    assert_int_equal(open_as(buf_str(&parcel), phrase, &out), OK);
    buf_free(&out);
    buf_free(&plain);
    buf_free(&parcel);
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_with_its_phrase), cmocka_unit_test(altered_does_not_open)};
    return cmocka_run_group_tests(tests, begin, NULL);
}
