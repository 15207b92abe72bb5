#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/receipt.h"
#include "vectors.h"

static void install(uint8_t id[16])
{
    for (size_t i = 0; i < 16; i++) {
        id[i] = (uint8_t)(0xA0 + i);
    }
}

static void vector_reads_and_derives(void **state)
{
    (void)state;
    uint8_t id[16], out[16];
    struct receipt r;
    struct key k;
    char text[RECEIPT_TEXT];
    install(id);
    assert_int_equal(receipt_read(&r, STR(V_RECEIPT_TEXT), id), OK);
    receipt_lookup(&r, out);
    assert_memory_equal(out, v_receipt_lookup, 16);
    receipt_thread_key(&r, &k);
    assert_memory_equal(k.b, v_receipt_thread, 32);
    receipt_content(&r, STR("what was sent"), out);
    assert_memory_equal(out, v_receipt_content, 16);
    receipt_text(&r, text);
    assert_string_equal(text, V_RECEIPT_TEXT);
}

static void submission_gives_the_same_code(void **state)
{
    (void)state;
    uint8_t id[16], submission[16], lookup[16];
    struct receipt r;
    char text[RECEIPT_TEXT];
    install(id);
    for (size_t i = 0; i < 16; i++) {
        submission[i] = (uint8_t)(0x33 + i);
    }
    receipt_from_submission(&r, submission, id);
    receipt_text(&r, text);
    assert_string_equal(text, V_SUBMITTED_TEXT);
    receipt_lookup(&r, lookup);
    assert_memory_equal(lookup, v_submitted_lookup, 16);
    id[0] ^= 1; // another installation: another code
    receipt_from_submission(&r, submission, id);
    receipt_text(&r, text);
    assert_string_not_equal(text, V_SUBMITTED_TEXT);
}

static void new_codes_differ_and_read_back(void **state)
{
    (void)state;
    uint8_t id[16];
    struct receipt a, b;
    char text[RECEIPT_TEXT], other[RECEIPT_TEXT];
    install(id);
    for (int i = 0; i < 200; i++) {
        receipt_new(&a, id);
        receipt_text(&a, text);
        assert_int_equal(strlen(text), RECEIPT_TEXT - 1);
        assert_int_equal(receipt_read(&b, str_from(text), id), OK);
        assert_memory_equal(&a, &b, sizeof a);
        receipt_new(&b, id);
        receipt_text(&b, other);
        assert_string_not_equal(text, other);
    }
}

static void people_type_it_in_many_ways(void **state)
{
    (void)state;
    static const char *const same[] = {
        "0123-4567-89AB-CDEF-GHJ1", "0123456789abcdefghj1",         " oi2345678 9AB-cdef  GHJL\r\n",
        "O L 2 3 4 5 6 7 8 9 A B C D E F G H J i", "0123\u20134567\u00a089AB\u2212CDEF\u202fGHJ1", "0123.4567,89AB_CDEF/GHJ1;",
    };
    static const char *const wrong[] = {
        "", "-", "0123-4567-89AB-CDEF-GHJ", "0123-4567-89AB-CDEF-GHJ12", "0123-4567-89AB-CDEF-GHJU",
        "0123-4567-89AB-CDEF-GHJ*", "0123-4567-89AB-CDEF-GHJ\xc3", "0123-4567-89AB-CDEF-GHJ\xe2\x80",
    };
    uint8_t id[16];
    struct receipt first, r;
    install(id);
    assert_int_equal(receipt_read(&first, str_from(same[0]), id), OK);
    for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(receipt_read(&r, str_from(same[i]), id), OK);
        assert_memory_equal(&r, &first, sizeof r);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(receipt_read(&r, str_from(wrong[i]), id), ERR_MALFORMED);
    }
    assert_int_equal(receipt_read(&r, STR("0123-4567-89AB-CDEF-GHJ1\0"), id), ERR_MALFORMED);
    assert_memory_equal(&r, &first, sizeof r); // written only on success
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector_reads_and_derives),
        cmocka_unit_test(submission_gives_the_same_code),
        cmocka_unit_test(new_codes_differ_and_read_back),
        cmocka_unit_test(people_type_it_in_many_ways),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
