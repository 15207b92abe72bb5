// What goes wrong while the store is at work: killed writers, a full disk, a server that goes and comes back.
#include "store_test.h"
#include "base/clock.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <stdatomic.h>
#include <unistd.h>

DB_QUERY(fault_put_sql, "ib", "", "insert into intake.trial (k, b) values ($1, $2)");
DB_QUERY(fault_count_sql, "", "i", "select count(*) from intake.trial");

#define TRIAL_SQLITE "create table intake.trial (k integer primary key not null, b blob not null) strict"

struct put {
    int64_t k;
    size_t bytes;
};

static char filler[64 << 10];

static enum err put_fn(struct db *db, void *arg)
{
    struct put *p = arg;
    return db_exec(db, &fault_put_sql, DB_ARGS(DB_I(p->k), DB_B(((struct str){filler, p->bytes}))), NULL);
}

static enum err count_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    enum err e = db_query(db, &fault_count_sql, DB_ARGS(), &r);
    if (e != OK) return e;
    if (db_next(r)) *(int64_t *)arg = db_int(r, 0);
    return db_done(&r);
}

// The child writes numbers from several threads and says each one down the pipe after its commit.
#define CHILD_THREADS 8
static struct store *child_store;
static int child_pipe;
static int64_t child_first;

static void *child_main(void *arg)
{
    for (int64_t i = 0;; i++) {
        int64_t k = child_first + i * CHILD_THREADS + (intptr_t)arg;
        enum err e = store_write(child_store, put_fn, &(struct put){.k = k, .bytes = 500});
        if (e != OK) _exit(10 + (int)e);
        if (write(child_pipe, &k, sizeof k) != sizeof k) _exit(2);
    }
    return NULL;
}

static void child_run(int fd, int64_t first)
{
    child_pipe = fd;
    child_first = first;
    child_store = store_test_open("portal", "intake", "reply");
    pthread_t t;
    for (intptr_t i = 1; i < CHILD_THREADS; i++)
        if (pthread_create(&t, NULL, child_main, (void *)i) != 0) _exit(3);
    child_main(NULL);
}

static void killed_writers_lose_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 12; round++) {
        int64_t first = (int64_t)round * 1000000;
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(fds[0]);
            child_run(fds[1], first);
        }
        close(fds[1]);
        // The acknowledged are remembered; the child dies somewhere in the middle of its work.
        static int64_t seen[1 << 18];
        size_t n = 0;
        int64_t until = 0;
        for (;;) {
            assert_true(n < sizeof seen / sizeof seen[0]);
            if (read(fds[0], &seen[n], sizeof seen[0]) != sizeof seen[0]) break;
            n++;
            if (until == 0) until = clock_mono() + (20 + round * 11) * INT64_C(1000000);
            if (until > 0 && clock_mono() > until) {
                assert_int_equal(kill(child, SIGKILL), 0);
                until = INT64_MAX;
            }
        }
        close(fds[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i += 1 + n / 200) { // a sample by number, and all by count
            char sql[128];
            snprintf(sql, sizeof sql, "select count(*) from intake.trial where k = %lld", (long long)seen[i]);
            if (i < 20 * (1 + n / 200)) assert_int_equal(store_test_number(sql), 1);
        }
        char sql[200];
        snprintf(sql, sizeof sql, "select count(*) from intake.trial where k >= %lld and k < %lld", (long long)first,
                 (long long)first + 1000000);
        int64_t there = store_test_number(sql);
        assert_true(there >= (int64_t)n);
        assert_true(there <= (int64_t)n + CHILD_THREADS); // at most what was under way and never answered
    }
    store_test_sql("delete from intake.trial");
}

static bool say(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f) return false;
    bool ok = fputs(text, f) >= 0;
    return fclose(f) == 0 && ok;
}

static bool own_namespace(void)
{
    if (unshare(CLONE_NEWNS) == 0) return true;
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %d 1", (int)getuid());
    snprintf(groups, sizeof groups, "0 %d 1", (int)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    // Without these nobody owns what is made on the new disk.
    return say("/proc/self/setgroups", "deny") && say("/proc/self/uid_map", users) && say("/proc/self/gid_map", groups);
}

// Fills up a small disk. As root, or with user namespaces, a real one (tmpfs); where neither is allowed the kernel
// refuses the process' files past a size, which SQLite meets at the same places.
static bool small_disk(const char *at)
{
    if (!own_namespace()) return false;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
    return mount("isigurt-test", at, "tmpfs", 0, "size=3m") == 0;
}

static int full_disk_child(void)
{
    char dir[PATH_MAX], url[PATH_MAX + 16];
    snprintf(dir, sizeof dir, "%.3000s", store_test_folder());
    bool mounted = small_disk(dir);
    print_message("full disk: %s\n", mounted ? "tmpfs of 3 MiB" : "RLIMIT_FSIZE of 1 MiB");
    snprintf(url, sizeof url, "sqlite:%s", dir);
    struct buf why;
    buf_init(&why, 4096);
    if (store_create(url, store_test_sql_dir(), NULL, &why) != OK) return 1;
    store_test_use(url);
    store_test_sql(TRIAL_SQLITE);
    struct store_options o = {.url = url, .role = "portal", .write = "intake", .read = "", .readers = 1};
    struct store *s;
    if (store_open(&o, &s, &why) != OK) return 2;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit unlimited, limit;
    getrlimit(RLIMIT_FSIZE, &unlimited);
    limit = unlimited;
    limit.rlim_cur = 1 << 20;
    if (!mounted && setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    enum err e = OK;
    int64_t k = 0, there = -1;
    for (; e == OK && k < 1000; k++) e = store_write(s, put_fn, &(struct put){.k = k, .bytes = sizeof filler});
    if (e != ERR_FULL) {
        print_message("full disk: after %d rows: %s\n", (int)k, err_name(e));
        return 4;
    }
    for (int i = 0; i < 5; i++) // it stays an answer, not a crash
        if (store_write(s, put_fn, &(struct put){.k = 5000, .bytes = sizeof filler}) != ERR_FULL) return 5;
    if (store_read(s, count_fn, &there) != OK || there != k - 1) return 6; // nothing half-written, reading goes on
    if (mounted ? mount("isigurt-test", dir, "tmpfs", MS_REMOUNT, "size=30m") : setrlimit(RLIMIT_FSIZE, &unlimited)) return 7;
    if (store_write(s, put_fn, &(struct put){.k = 6000, .bytes = sizeof filler}) != OK) return 8; // by itself
    if (store_read(s, count_fn, &there) != OK || there != k) return 9;
    store_close(s);
    buf_free(&why);
    return 0;
}

static void full_disk_is_an_answer(void **state)
{
    (void)state;
    if (!store_test_sqlite()) return; // the server's disk: SQLSTATE 53100, mapped in postgres.c
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(full_disk_child());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

// SQLite: a reader that comes before its owner's file waits for it, and says away when its time is over.
static int rename_schema(const char *from, const char *to)
{
    char a[PATH_MAX], b[PATH_MAX];
    snprintf(a, sizeof a, "%.3000s/%s", store_test_url() + 7, from);
    snprintf(b, sizeof b, "%.3000s/%s", store_test_url() + 7, to);
    return rename(a, b);
}

static void *come_later(void *arg)
{
    clock_sleep(300 * 1000);
    return (void *)(intptr_t)rename_schema(arg, "reply");
}

static void reader_waits_for_owner(void **state)
{
    (void)state;
    if (!store_test_sqlite()) return;
    struct buf why;
    buf_init(&why, 4096);
    struct store *s = NULL;
    struct store_options o = {.url = store_test_url(), .role = "portal", .read = "intake,reply", .readers = 1};
    assert_int_equal(rename_schema("reply", "reply-not-yet"), 0);
    int64_t start = clock_mono();
    assert_int_equal(store_open(&o, &s, &why), ERR_AWAY);
    int64_t took = (clock_mono() - start) / 1000000;
    assert_true(took >= 1900 && took < 4000);
    pthread_t t;
    void *result;
    pthread_create(&t, NULL, come_later, "reply-not-yet");
    assert_int_equal(store_open(&o, &s, &why), OK);
    pthread_join(t, &result);
    assert_null(result);
    int64_t n = -1;
    assert_int_equal(store_read(s, count_fn, &n), OK);
    store_close(s);
    buf_free(&why);
}

static void pg_temp(const char *verb)
{
    char command[PATH_MAX * 2];
    snprintf(command, sizeof command, "%.2000s %s %.2000s", getenv("PG_TEMP"), verb, getenv("PG_TEMP_DIR"));
    assert_int_equal(system(command), 0);
}

static atomic_int rung;

static void on_ring(void *ctx)
{
    (void)ctx;
    rung++;
}

static void server_gone_and_back(void **state)
{
    (void)state;
    if (store_test_sqlite()) return;
    struct store *s = store_test_open("portal", "intake", "reply");
    assert_int_equal(store_listen(s, "trial", on_ring, NULL), OK);
    int64_t n = -1;
    assert_int_equal(store_write(s, put_fn, &(struct put){.k = 1, .bytes = 10}), OK);
    assert_int_equal(store_read(s, count_fn, &n), OK);
    assert_int_equal(n, 1);
    int before = rung;
    pg_temp("pause");
    assert_int_equal(store_write(s, put_fn, &(struct put){.k = 2, .bytes = 10}), ERR_AWAY);
    assert_int_equal(store_read(s, count_fn, &n), ERR_AWAY);
    assert_int_equal(store_write(s, put_fn, &(struct put){.k = 2, .bytes = 10}), ERR_AWAY);
    pg_temp("resume");
    assert_int_equal(store_write(s, put_fn, &(struct put){.k = 3, .bytes = 10}), OK); // the first try finds it again
    assert_int_equal(store_read(s, count_fn, &n), OK);
    assert_int_equal(n, 2);
    // Restarted while idle: the next write must not suffer.
    pg_temp("pause");
    pg_temp("resume");
    assert_int_equal(store_write(s, put_fn, &(struct put){.k = 4, .bytes = 10}), OK);
    assert_int_equal(store_read(s, count_fn, &n), OK);
    assert_int_equal(n, 3);
    for (int i = 0; i < 300 && rung == before; i++) clock_sleep(10 * 1000);
    assert_true(rung > before); // the listener too came back, and rang since it may have missed something
    store_close(s);
    store_test_sql("delete from intake.trial");
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    memset(filler, 7, sizeof filler);
    if (store_test_sqlite())
        store_test_sql(TRIAL_SQLITE);
    else
        store_test_sql("create table intake.trial (k bigint primary key, b bytea not null);"
                       "do $$ begin execute format('grant all on intake.trial to %I', current_database() || '_portal'); end $$");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_writers_lose_nothing),
        cmocka_unit_test(full_disk_is_an_answer),
        cmocka_unit_test(reader_waits_for_owner),
        cmocka_unit_test(server_gone_and_back),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
