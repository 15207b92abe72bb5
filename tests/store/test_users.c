// SQLite with a system user for each process, as `serve` runs them as root: each can do what PROTOCOL 2 says and no more,
// whether the owner of a file runs, has left, or was killed. Run as root (run --root).
#include "store_test.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

DB_QUERY(users_intake_put_sql, "b", "", "insert into intake.epoch_seen (unit, epoch) values ($1, 1)");
DB_QUERY(users_reply_put_sql, "b", "", "insert into reply.done (id) values ($1)");
DB_QUERY(users_desk_put_sql, "b", "", "insert into desk.step (report, seq, code, at) values ($1, 1, 'taken', 0)");
DB_QUERY(users_reply_count_sql, "", "i", "select count(*) from reply.done");

// Users and groups need no entry anywhere; these numbers are nobody's.
enum { PORTAL = 61001, DESK = 61002, KEEPER = 61003, COURIER = 61004 };
static const struct { const char *schema; uid_t owner; gid_t group; } owners[4] = {
    {"intake", PORTAL, DESK}, {"reply", DESK, PORTAL}, {"desk", DESK, COURIER}, {"keeper", KEEPER, KEEPER}};
static const struct { const char *role; uid_t uid; gid_t more; const char *reads, *writes; } users[4] = {
    {"portal", PORTAL, PORTAL, "intake,reply", "intake"},
    {"desk", DESK, COURIER, "intake,reply,desk", "reply,desk"}, // member of the group that shares `desk`
    {"keeper", KEEPER, KEEPER, "keeper", "keeper"},
    {"courier", COURIER, COURIER, "desk", "desk"},
};

static void owner_of(const char *schema, const char *path)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(owners[i].schema, schema) == 0 && chown(path, owners[i].owner, owners[i].group) != 0) abort();
}

static pid_t start_as(int who, int (*fn)(int fd), int fd)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    gid_t more[1] = {users[who].more};
    if (setgroups(1, more) != 0 || setresgid((gid_t)users[who].uid, (gid_t)users[who].uid, (gid_t)users[who].uid) != 0 ||
        setresuid(users[who].uid, users[who].uid, users[who].uid) != 0)
        _exit(90);
    _exit(fn(fd));
}

static int run_as(int who, int (*fn)(int fd))
{
    int status;
    pid_t child = start_as(who, fn, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const struct db_query *put_query;

static enum err put_fn(struct db *db, void *arg)
{
    uint64_t *n = arg;
    return db_exec(db, put_query, DB_ARGS(DB_B(((struct str){(const char *)n, 8}))), NULL);
}

static enum err count_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    enum err e = db_query(db, &users_reply_count_sql, DB_ARGS(), &r);
    if (e != OK) return e;
    if (db_next(r)) *(int64_t *)arg = db_int(r, 0);
    return db_done(&r);
}

static enum err open_as(const char *role, const char *write, const char *read, struct store **s)
{
    struct buf why;
    buf_init(&why, 4096);
    struct store_options o = {.url = store_test_url(), .role = role, .write = write, .read = read, .readers = 2};
    enum err e = store_open(&o, s, &why);
    buf_free(&why);
    return e;
}

static uint64_t number;

static int write_once(const char *role, const char *schema, const struct db_query *q)
{
    struct store *s;
    enum err e = open_as(role, schema, "", &s);
    if (e != OK) return 10 + (int)e;
    put_query = q;
    e = store_write(s, put_fn, &number);
    store_close(s);
    return (int)e;
}

static int desk_writes_reply(int fd)
{
    (void)fd;
    return write_once("desk", "reply", &users_reply_put_sql);
}

static int desk_writes_desk(int fd)
{
    (void)fd;
    return write_once("desk", "desk", &users_desk_put_sql);
}

static int courier_writes_desk(int fd)
{
    (void)fd;
    return write_once("courier", "desk", &users_desk_put_sql);
}

static int portal_writes_reply(int fd)
{
    (void)fd;
    return write_once("portal", "reply", &users_reply_put_sql) == 0 ? 1 : 0;
}

// The count of reply.done as the portal sees it, which also writes its own schema.
static int portal_counts(int fd)
{
    (void)fd;
    struct store *s;
    int64_t n = -1;
    enum err e = open_as("portal", "intake", "reply", &s);
    if (e != OK) return 200 + (int)e;
    put_query = &users_intake_put_sql;
    e = store_write(s, put_fn, &number);
    if (e == OK) e = store_read(s, count_fn, &n);
    store_close(s);
    return e == OK ? (int)n : 220 + (int)e;
}

static int desk_writes_on(int fd)
{
    struct store *s;
    if (open_as("desk", "reply", "", &s) != OK) return 1;
    put_query = &users_reply_put_sql;
    for (uint64_t n = 1000;; n++) {
        if (store_write(s, put_fn, &n) != OK) return 2;
        if (n == 1003 && write(fd, "", 1) != 1) return 3;
        if (n >= 1003) clock_sleep(1000 * 1000); // stays, with the files open
    }
}

static void files_belong_to_the_owner(void)
{
    static const char *const files[] = {"", ".db", ".db-wal", ".db-shm", ".wait", ".work"};
    for (int i = 0; i < 4; i++)
        for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
            char path[PATH_MAX];
            struct stat st;
            snprintf(path, sizeof path, "%.3000s/%s%s%s%s", store_test_url() + 7, owners[i].schema, f ? "/" : "",
                     f ? owners[i].schema : "", files[f]);
            assert_int_equal(stat(path, &st), 0);
            assert_int_equal(st.st_uid, owners[i].owner);
            assert_int_equal(st.st_gid, owners[i].group);
        }
}

static void reader_lives_beside_its_owner(void **state)
{
    (void)state;
    number = 1;
    assert_int_equal(run_as(0, portal_counts), 0);      // the owner has never run
    number = 2;
    assert_int_equal(run_as(1, desk_writes_reply), 0);  // and is not locked out
    assert_int_equal(run_as(0, portal_counts), 1);      // the owner has left
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    pid_t desk = start_as(1, desk_writes_on, fds[1]);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    number = 3;
    assert_int_equal(run_as(0, portal_counts), 5);      // the owner is at work
    kill(desk, SIGKILL);
    waitpid(desk, NULL, 0);
    number = 4;
    assert_int_equal(run_as(0, portal_counts), 5);      // the owner was killed, its WAL as it lay
    assert_int_equal(run_as(1, desk_writes_reply), 0);
    number = 5;
    assert_int_equal(run_as(0, portal_counts), 6);
    files_belong_to_the_owner();
}

static void reader_cannot_write(void **state)
{
    (void)state;
    assert_int_equal(run_as(0, portal_writes_reply), 0);
}

static void desk_has_two_writers(void **state)
{
    (void)state;
    number = 1;
    assert_int_equal(run_as(1, desk_writes_desk), 0);
    number = 2;
    assert_int_equal(run_as(3, courier_writes_desk), 0);
    number = 3;
    assert_int_equal(run_as(1, desk_writes_desk), 0);
}

static const char *tried_schema;
static const char *tried_file;
static int tried_flags;

static int try_file(int fd)
{
    (void)fd;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.3000s/%s/%s%s", store_test_url() + 7, tried_schema, tried_schema, tried_file);
    int got = open(path, tried_flags | O_CLOEXEC);
    return got >= 0 ? 0 : errno == EACCES ? 1 : 2;
}

static int try_plant(int fd)
{
    (void)fd;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.3000s/%s/planted", store_test_url() + 7, tried_schema);
    int got = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (got >= 0) unlink(path);
    return got >= 0 ? 0 : errno == EACCES ? 1 : 2;
}

// As the kernel sees it, past all of our code: every user, every file.
static void every_other_pair_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {".db", ".db-wal", ".db-shm"};
    for (int who = 0; who < 4; who++)
        for (int k = 0; k < 4; k++) {
            tried_schema = owners[k].schema;
            bool reads = strstr(users[who].reads, tried_schema), writes = strstr(users[who].writes, tried_schema);
            for (size_t f = 0; f < 3; f++) {
                tried_file = files[f];
                tried_flags = O_RDONLY;
                assert_int_equal(run_as(who, try_file), reads ? 0 : 1);
                tried_flags = O_RDWR;
                assert_int_equal(run_as(who, try_file), writes ? 0 : 1);
            }
            assert_int_equal(run_as(who, try_plant), writes ? 0 : 1);
        }
}

int main(int argc, char **argv)
{
    if (geteuid() != 0) {
        fprintf(stderr, "test_users needs root: run it by run --root\n");
        return 1;
    }
    store_test_begin_with(argc, argv, owner_of);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_lives_beside_its_owner),
        cmocka_unit_test(reader_cannot_write),
        cmocka_unit_test(desk_has_two_writers),
        cmocka_unit_test(every_other_pair_is_refused),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
