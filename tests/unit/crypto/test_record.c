#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/record.h"
#include "vectors.h"

static void count(void *to, size_t n, uint8_t start)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)to)[i] = (uint8_t)(start + i);
    }
}

static struct record_ad example(void)
{
    struct record_ad ad = {.type = RECORD_REPORT, .field = 2, .direction = RECORD_UP, .version = 3, .seq = 4, .generation = 5};
    count(ad.home.b, 16, 0x10);
    count(ad.item.b, 16, 0x20);
    struct key k;
    count(k.b, 32, 1);
    ad.kid = record_kid(&k);
    struct buf columns;
    buf_init(&columns, 256);
    record_meta_int(&columns, -5);
    record_meta_str(&columns, STR("CSAM"));
    record_meta_str(&columns, STR(""));
    record_meta(ad.meta, &columns);
    buf_free(&columns);
    return ad;
}

static void vectors_agree(void **state)
{
    (void)state;
    struct key k, child, got;
    count(k.b, 32, 1);
    count(child.b, 32, 0x90);
    struct record_ad ad = example();
    uint8_t bytes[RECORD_AD_BYTES];
    assert_memory_equal(ad.kid.b, v_kid, 16);
    assert_memory_equal(ad.meta, v_meta, 32);
    record_ad_bytes(&ad, bytes);
    assert_memory_equal(bytes, v_ad, sizeof bytes);
    struct buf plain;
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1);
    assert_int_equal(record_open(&plain, &k, &ad, STR_BYTES(v_record)), OK);
    assert_true(str_equal_z(buf_str(&plain), "a report"));
    buf_free(&plain);
    struct id home, to;
    count(home.b, 16, 0x10);
    count(to.b, 16, 0x30);
    struct kid kid = record_kid(&child);
    assert_memory_equal(kid.b, v_child_kid, 16);
    assert_int_equal(record_unwrap_child(&got, &k, home, to, kid, 6, STR_BYTES(v_wrap)), OK);
    assert_memory_equal(got.b, child.b, KEY_BYTES);
}

static void sizes_hide_in_blocks(void **state)
{
    (void)state;
    static const struct { size_t n, block; } cases[] = {{0, 1024}, {1, 1024}, {1023, 1024}, {1024, 2048}, {2047, 2048},
                                                        {2048, 4096}, {32767, 32768}, {32768, 65536}, {65535, 65536}};
    struct key k;
    record_key(&k);
    struct record_ad ad = example();
    ad.kid = record_kid(&k);
    char *text = malloc(RECORD_ITEM_MAX + 1);
    assert_non_null(text);
    memset(text, 0x80, RECORD_ITEM_MAX + 1); // the padding's own mark
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf sealed, plain;
        buf_init(&sealed, 128 * 1024);
        buf_init_secret(&plain, 128 * 1024);
        assert_int_equal(record_seal(&sealed, &k, &ad, (struct str){text, cases[i].n}), OK);
        assert_int_equal(sealed.n, cases[i].block + SEAL_EXTRA);
        assert_int_equal(record_open(&plain, &k, &ad, buf_str(&sealed)), OK);
        assert_int_equal(plain.n, cases[i].n);
        assert_memory_equal(plain.at ? plain.at : "", text, cases[i].n);
        buf_free(&sealed);
        buf_free(&plain);
    }
    struct buf b;
    buf_init(&b, 256 * 1024);
    assert_int_equal(record_seal(&b, &k, &ad, (struct str){text, RECORD_ITEM_MAX + 1}), ERR_TOO_LARGE);
    assert_int_equal(record_open(&b, &k, &ad, (struct str){text, 1024}), ERR_TAMPERED);
    assert_int_equal(record_open(&b, &k, &ad, (struct str){text, 0}), ERR_TAMPERED);
    crypto_seal(&b, &k, STR(""), (struct str){text, 3000});
    assert_int_equal(record_open(&b, &k, &ad, (struct str){text, 3040}), ERR_TAMPERED);
    buf_free(&b);
    free(text);
}

static void every_field_of_ad_counts(void **state)
{
    (void)state;
    struct key k;
    record_key(&k);
    struct record_ad ad = example(), wrong;
    struct buf sealed, plain;
    buf_init(&sealed, 4096);
    buf_init_secret(&plain, 4096);
    assert_int_equal(record_seal(&sealed, &k, &ad, STR("text")), OK);
#define TRY(change)                                                                                                    \
    do {                                                                                                               \
        wrong = ad;                                                                                                    \
        change;                                                                                                        \
        assert_int_equal(record_open(&plain, &k, &wrong, buf_str(&sealed)), ERR_TAMPERED);                            \
    } while (0)
    TRY(wrong.type = RECORD_THREAD);
    TRY(wrong.field++);
    TRY(wrong.direction = RECORD_DOWN);
    TRY(wrong.version++);
    TRY(wrong.seq++);
    TRY(wrong.home.b[15]++);
    TRY(wrong.item.b[0]++);
    TRY(wrong.kid.b[3]++);
    TRY(wrong.generation++);
    TRY(wrong.meta[31]++);
    assert_int_equal(record_open(&plain, &k, &ad, buf_str(&sealed)), OK);
    buf_free(&sealed);
    buf_free(&plain);
}

static void wraps_bind_both_ends(void **state)
{
    (void)state;
    struct key parent_key, child_key, got = {{0}};
    record_key(&parent_key);
    record_key(&child_key);
    struct id parent = id_random(), child = id_random();
    struct kid kid = record_kid(&child_key), wrong = kid;
    uint8_t wrap[RECORD_WRAP_BYTES];
    record_wrap_child(wrap, &parent_key, parent, child, kid, 1, &child_key);
    struct str w = STR_BYTES(wrap);
    wrong.b[0]++;
    assert_int_equal(record_unwrap_child(&got, &child_key, parent, child, kid, 1, w), ERR_TAMPERED);
    assert_int_equal(record_unwrap_child(&got, &parent_key, child, child, kid, 1, w), ERR_TAMPERED);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, parent, kid, 1, w), ERR_TAMPERED);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, child, wrong, 1, w), ERR_TAMPERED);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, child, kid, 2, w), ERR_TAMPERED);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, child, kid, 1, str_slice(w, 0, 71)), ERR_TAMPERED);
    // A wrap whose kid is not that of the key inside, made by somebody who holds the parent's key.
    record_wrap_child(wrap, &parent_key, parent, child, wrong, 1, &child_key);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, child, wrong, 1, w), ERR_TAMPERED);
    assert_true(id_zero((struct id){{got.b[0]}}));
    record_wrap_child(wrap, &parent_key, parent, child, kid, 1, &child_key);
    assert_int_equal(record_unwrap_child(&got, &parent_key, parent, child, kid, 1, w), OK);
    assert_memory_equal(got.b, child_key.b, KEY_BYTES);
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree), cmocka_unit_test(sizes_hide_in_blocks),
        cmocka_unit_test(every_field_of_ad_counts), cmocka_unit_test(wraps_bind_both_ends),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
