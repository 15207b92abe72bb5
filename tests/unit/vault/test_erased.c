// The list of what was erased: lines read back, nobody else's line is taken, a crash leaves no half line behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "vault/chain.h"
#include "vault/erased.h"

static char keys_dir[] = "/tmp/isigurt-erased-XXXXXX";
static char heads[64];
static struct vault_keys *keys;
static char file[128];

static int setup(void **state)
{
    (void)state;
    struct buf why;
    char name[32];
    buf_init(&why, 512);
    assert_int_equal(crypto_start(), OK);
    assert_non_null(mkdtemp(keys_dir));
    snprintf(heads, sizeof heads, "%s/audit", keys_dir);
    assert_int_equal(mkdir(heads, 0700), 0);
    assert_int_equal(vault_keys_create(keys_dir, &why), OK);
    assert_int_equal(vault_keys_read(keys_dir, &keys, &why), OK);
    writer_file(name, "erased", keys->node_pk.b);
    snprintf(file, sizeof file, "%s/%s", heads, name);
    buf_free(&why);
    return 0;
}

static struct erased_line line(uint8_t n)
{
    struct erased_line l = {.kind = n % 2 ? ERASED_REPORT : ERASED_CASE, .day = 86400000000 * n};
    l.id.b[3] = n;
    memset(l.hash, n, sizeof l.hash);
    return l;
}

struct seen { size_t n; struct erased_line at[300]; };

static enum err see(void *ctx, const struct erased_line *l)
{
    struct seen *s = ctx;
    s->at[s->n++] = *l;
    return OK;
}

static enum err walk(const struct keeper_pub *pub, struct seen *s)
{
    struct buf why;
    buf_init(&why, 512);
    s->n = 0;
    enum err e = erased_walk(heads, pub, see, s, &why);
    assert_int_equal(e == OK, why.n == 0);
    buf_free(&why);
    return e;
}

static void lines_come_back_in_their_order(void **state)
{
    (void)state;
    static struct seen s;
    struct erased_line all[200];
    assert_int_equal(walk(&keys->pub, &s), OK);
    assert_int_equal(s.n, 0);
    for (size_t i = 0; i < 200; i++)
        all[i] = line((uint8_t)i);
    assert_int_equal(erased_append(heads, keys, all, 1), OK);
    assert_int_equal(erased_append(heads, keys, all + 1, 199), OK);
    assert_int_equal(walk(&keys->pub, &s), OK);
    assert_int_equal(s.n, 200);
    for (size_t i = 0; i < 200; i++) {
        assert_memory_equal(s.at[i].id.b, all[i].id.b, 16);
        assert_memory_equal(s.at[i].hash, all[i].hash, 32);
        assert_int_equal(s.at[i].kind, all[i].kind);
        assert_int_equal(s.at[i].day, all[i].day);
    }
}

static void a_crash_leaves_no_half_line(void **state)
{
    (void)state;
    static struct seen s;
    struct erased_line l = line(7);
    assert_int_equal(truncate(file, 199 * ERASED_BYTES + 50), 0);
    assert_int_equal(walk(&keys->pub, &s), OK);
    assert_int_equal(s.n, 199);
    assert_int_equal(erased_append(heads, keys, &l, 1), OK);
    assert_int_equal(walk(&keys->pub, &s), OK);
    assert_int_equal(s.n, 200);
    assert_int_equal(s.at[199].id.b[3], 7);
}

static void each_byte_counts(void **state)
{
    (void)state;
    uint8_t bytes[ERASED_BYTES];
    struct erased_line l = line(9), back;
    erased_put(bytes, &keys->node, &l);
    assert_int_equal(erased_read(STR_BYTES(bytes), &keys->pub, &back), OK);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        assert_int_not_equal(erased_read(STR_BYTES(bytes), &keys->pub, &back), OK);
        bytes[i] ^= 1;
    }
    assert_int_equal(erased_read((struct str){(const char *)bytes, sizeof bytes - 1}, &keys->pub, &back), ERR_MALFORMED);
}

static void what_another_wrote_is_named(void **state)
{
    (void)state;
    static struct seen s;
    FILE *f = fopen(file, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 3 * ERASED_BYTES + 5, SEEK_SET), 0);
    fputc(0xff, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(walk(&keys->pub, &s), ERR_TAMPERED);
    assert_int_equal(s.n, 3);
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    vault_keys_free(&keys);
    snprintf(command, sizeof command, "rm -rf %s", keys_dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_come_back_in_their_order), cmocka_unit_test(a_crash_leaves_no_half_line),
                                       cmocka_unit_test(each_byte_counts), cmocka_unit_test(what_another_wrote_is_named)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
