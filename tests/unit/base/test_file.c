#include "unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"

static char folder[] = "/tmp/isigurt-file-XXXXXX";

static const char *at(const char *name)
{
    static char paths[4][256];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void replaces_and_reads(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_int_equal(file_read(at("none"), &b), ERR_NOT_FOUND);
    assert_int_equal(file_replace(at("a"), STR("first"), 0600), OK);
    assert_int_equal(file_replace(at("a"), STR("the\0second"), 0640), OK);
    assert_int_equal(file_read(at("a"), &b), OK);
    assert_true(str_equal(buf_str(&b), STR("the\0second")));
    struct stat st;
    assert_int_equal(stat(at("a"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_false(file_exists(at("a.tmp")));
    assert_true(file_exists(at("a")));
    assert_int_equal(file_read(at("a"), &b), OK); // appends
    assert_int_equal(b.n, 20);
    assert_int_equal(file_replace(at("no/such"), STR("x"), 0600), ERR_NOT_FOUND);
    assert_int_equal(file_read(folder, &b), ERR_IO);
    buf_free(&b);
}

static void reads_an_open_file_whole(void **state)
{
    (void)state;
    char three[3];
    struct buf b;
    buf_init(&b, 100);
    assert_int_equal(file_replace(at("open"), STR("as it was"), 0600), OK);
    int fd = open(at("open"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, three, sizeof three), 3);
    assert_int_equal(file_replace(at("open"), STR("another"), 0600), OK); // the descriptor stays the old file
    assert_int_equal(file_read_open(fd, &b), OK);
    assert_true(str_equal(buf_str(&b), STR("as it was")));
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 3);
    close(fd);
    buf_clear(&b);
    assert_int_equal(file_read_open(fd, &b), ERR_IO);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void holds_the_maximum(void **state)
{
    (void)state;
    char large[10000];
    memset(large, 'x', sizeof large);
    assert_int_equal(file_replace(at("large"), STR_BYTES(large), 0600), OK);
    struct buf b;
    buf_init(&b, sizeof large);
    assert_int_equal(file_read(at("large"), &b), OK);
    assert_int_equal(b.n, sizeof large);
    buf_free(&b);
    buf_init(&b, sizeof large - 1);
    assert_int_equal(file_read(at("large"), &b), ERR_TOO_LARGE);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void does_not_write_through_a_planted_link(void **state)
{
    (void)state;
    assert_int_equal(file_replace(at("victim"), STR("safe"), 0600), OK);
    assert_int_equal(symlink(at("victim"), at("b.tmp")), 0);
    assert_int_equal(file_replace(at("b"), STR("bad"), 0600), ERR_IO);
    struct buf b;
    buf_init(&b, 100);
    assert_int_equal(file_read(at("victim"), &b), OK);
    assert_str(buf_str(&b), "safe");
    buf_free(&b);
}

static void makes_folders(void **state)
{
    (void)state;
    assert_int_equal(file_make_dirs(at("x/y//z/"), 0700), OK);
    assert_int_equal(file_make_dirs(at("x/y/z"), 0700), OK);
    struct stat st;
    assert_int_equal(stat(at("x/y/z"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(file_replace(at("plain"), STR(""), 0600), OK);
    assert_int_equal(file_make_dirs(at("plain"), 0700), ERR_CONFLICT);
    assert_true(file_make_dirs(at("plain/in"), 0700) != OK);
    assert_int_equal(file_make_dirs("", 0700), ERR_INVALID);
}

static void copies_a_tree(void **state)
{
    (void)state;
    assert_int_equal(file_make_dirs(at("from/deep"), 0750), OK);
    assert_int_equal(file_replace(at("from/one"), STR("1"), 0666), OK);
    assert_int_equal(file_replace(at("from/deep/two"), STR("22"), 0600), OK);
    assert_int_equal(file_copy_tree(at("from"), at("to")), OK);
    struct buf b;
    buf_init(&b, 10);
    assert_int_equal(file_read(at("to/one"), &b), OK);
    assert_int_equal(file_read(at("to/deep/two"), &b), OK);
    assert_str(buf_str(&b), "122");
    buf_free(&b);
    struct stat st;
    assert_int_equal(stat(at("to/one"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644); // whatever the modes were
    assert_int_equal(stat(at("to/deep"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(symlink("/etc/passwd", at("from/link")), 0);
    assert_int_equal(file_copy_tree(at("from"), at("to2")), ERR_INVALID); // files and folders only
    assert_int_equal(file_copy_tree(at("nothing"), at("to3")), ERR_NOT_FOUND);
}

static void knows_what_is_free(void **state)
{
    (void)state;
    uint64_t bytes = 0;
    assert_int_equal(file_free_bytes(folder, &bytes), OK);
    assert_true(bytes > 0);
    assert_int_equal(file_free_bytes(at("nothing"), &bytes), ERR_NOT_FOUND);
}

static int remove_folder(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

int main(void)
{
    if (!mkdtemp(folder)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_and_reads), cmocka_unit_test(reads_an_open_file_whole), cmocka_unit_test(holds_the_maximum),
        cmocka_unit_test(does_not_write_through_a_planted_link),
        cmocka_unit_test(makes_folders),      cmocka_unit_test(copies_a_tree),
        cmocka_unit_test(knows_what_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
