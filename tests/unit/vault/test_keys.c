#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "base/file.h"
#include "vault/keys.h"

static char dir[] = "/tmp/isigurt-keys-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    assert_int_equal(vault_path(path, sizeof path, dir, name), OK);
    return path;
}

static void created_keys_read_back(void **state)
{
    (void)state;
    struct buf why;
    struct vault_keys *k = NULL, *again = NULL;
    struct stat st;
    buf_init(&why, 512);
    assert_int_equal(vault_keys_read(dir, &k, &why), ERR_NOT_FOUND);
    assert_true(str_find_str(buf_str(&why), STR("isigurt init")) >= 0);
    assert_int_equal(vault_keys_create(dir, &why), OK);
    assert_int_equal(vault_keys_create(dir, &why), ERR_CONFLICT);
    static const char *const secret[] = {"keeper.key", "node.key", "backup.key"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stat(path_of(secret[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(st.st_size, 32);
    }
    assert_int_equal(stat(path_of("keeper.pub"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(vault_keys_read(dir, &k, &why), OK);
    assert_int_equal(k->pub.n_nodes, 1);
    assert_memory_equal(k->writer, k->pub.node[0].b, 8);
    assert_int_equal(vault_keys_new_node(dir, &why), OK);
    assert_int_equal(vault_keys_read(dir, &again, &why), OK);
    assert_int_equal(again->pub.n_nodes, 2);
    assert_memory_equal(again->pub.node[0].b, k->pub.node[0].b, 32); // the old writer stays known
    assert_memory_not_equal(again->writer, k->writer, 8);
    assert_memory_equal(again->row.b, k->row.b, 32);
    vault_keys_free(&k);
    vault_keys_free(&again);
    buf_free(&why);
}

static void careless_or_foreign_files_are_refused(void **state)
{
    (void)state;
    struct buf why, pub;
    struct vault_keys *k = NULL;
    struct key other = {{1}};
    struct keeper_pub parsed;
    buf_init(&why, 1024);
    buf_init(&pub, 4096);
    assert_int_equal(chmod(path_of("keeper.key"), 0640), 0);
    assert_int_equal(vault_keys_read(dir, &k, &why), ERR_FORBIDDEN);
    assert_int_equal(chmod(path_of("keeper.key"), 0600), 0);
    assert_int_equal(file_read(path_of("keeper.pub"), &pub), OK);
    for (size_t i = 0; i < pub.n; i++) {
        pub.at[i] ^= 1;
        assert_int_not_equal(keeper_pub_parse(buf_str(&pub), &parsed), OK);
        pub.at[i] ^= 1;
        assert_int_equal(keeper_pub_parse((struct str){pub.at, i}, &parsed), ERR_MALFORMED);
    }
    assert_int_equal(keeper_pub_parse(buf_str(&pub), &parsed), OK);
    assert_int_equal(file_replace(path_of("keeper.key"), STR_BYTES(other.b), 0600), OK);
    assert_int_equal(vault_keys_read(dir, &k, &why), ERR_TAMPERED);
    assert_true(str_find_str(buf_str(&why), STR("does not belong to keeper.key")) >= 0);
    assert_int_equal(file_replace(path_of("keeper.key"), STR("short"), 0600), OK);
    assert_int_equal(vault_keys_read(dir, &k, &why), ERR_MALFORMED);
    buf_free(&why);
    buf_free(&pub);
}

static int begin(void **state)
{
    (void)state;
    return crypto_start() != OK || !mkdtemp(dir);
}

static int end(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(created_keys_read_back), cmocka_unit_test(careless_or_foreign_files_are_refused)};
    return cmocka_run_group_tests(tests, begin, end);
}
