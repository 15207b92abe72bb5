#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/page.h"
#include "vectors.h"

static void digest_has_its_kind(void **state)
{
    (void)state;
    uint8_t page[32], account[32];
    page_digest(page, PAGE_ADDRESS, STR("http://a.example/x"));
    assert_memory_equal(page, v_page, 32);
    page_digest(account, PAGE_ACCOUNT, STR("http://a.example/x"));
    assert_memory_not_equal(page, account, 32);
}

static void box_holds_both(void **state)
{
    (void)state;
    struct key seed = {{7}}, sk;
    struct public_key pk;
    uint8_t page[32], none[32] = {0};
    struct buf box, plain;
    crypto_pair(&pk, &sk, &seed);
    page_digest(page, PAGE_HOST, STR("a.example"));
    buf_init(&box, PAGE_BOX_BYTES);
    buf_init_secret(&plain, 64);
    struct ephemeral from;
    crypto_ephemeral(&from);
    page_box(&box, &from, &pk, page, none);
    assert_int_equal(box.n, PAGE_BOX_BYTES);
    assert_int_equal(crypto_unwrap_bytes(&plain, &pk, &sk, buf_str(&box)), OK);
    assert_int_equal(plain.n, 64);
    assert_memory_equal(plain.at, page, 32);
    assert_memory_equal(plain.at + 32, none, 32);
    buf_free(&box);
    buf_free(&plain);
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digest_has_its_kind), cmocka_unit_test(box_holds_both)};
    return cmocka_run_group_tests(tests, begin, NULL);
}
