#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>
#include "fake.h"

static void test_gzip_wanted(void **state)
{
    (void)state;
    assert_true(gzip_wanted(STR("gzip")) && gzip_wanted(STR("br;q=1.0, gzip;q=0.8")));
    assert_false(gzip_wanted(STR("")) || gzip_wanted(STR("br, x-gzip")) || gzip_wanted(STR("gzip;q=0")) || gzip_wanted(STR("*")));
}

static void test_gzip_pack(void **state)
{
    (void)state;
    char plain[20000], back[20000];
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (char)('a' + i % 7);
    }
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(gzip_pack(&b, (struct str){plain, sizeof plain}), OK);
    z_stream z = {.next_in = (Bytef *)b.at, .avail_in = (uInt)b.n, .next_out = (Bytef *)back, .avail_out = sizeof back};
    assert_int_equal(inflateInit2(&z, 16 + 15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    assert_memory_equal(plain, back, sizeof plain);
    buf_clear(&b);
    assert_int_equal(gzip_pack(&b, STR("a")), ERR_TOO_LARGE); // would grow
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gzip_wanted), cmocka_unit_test(test_gzip_pack)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
