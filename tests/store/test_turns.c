// Many at once: two processes on one schema, two nodes on one row, groups in which the commit itself refuses, readers
// that stay too long or find no place.
#include "store_test.h"
#include "base/clock.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

DB_QUERY(turn_put_sql, "ii", "", "insert into desk.trial (k, i) values ($1, $2)");
DB_QUERY(turn_get_sql, "i", "i", "select i from desk.trial where k = $1");
DB_QUERY(turn_set_sql, "ii", "", "update desk.trial set i = $2 where k = $1");
DB_QUERY(turn_child_sql, "ii", "", "insert into desk.child (k, trial) values ($1, $2)");
DB_QUERY(turn_long_sql, "i", "i",
         "with recursive n (i) as (select cast(1 as bigint) union all select i + 1 from n where i < $1)"
         " select count(*) from n");

static enum err put_fn(struct db *db, void *arg)
{
    int64_t *k = arg;
    return db_exec(db, &turn_put_sql, DB_ARGS(DB_I(*k), DB_I(0)), NULL);
}

// A process that commits without a pause must not keep the other out: SQLite's own waiting took 1.5 s here.
static void other_process_gets_its_turn(void **state)
{
    (void)state;
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *s = store_test_open("desk", "desk", "");
        for (int64_t k = 1000;; k++) {
            if (store_write(s, put_fn, &k) != OK) _exit(1);
            if (k == 1000 && write(fds[1], "", 1) != 1) _exit(2);
        }
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    struct store *s = store_test_open("courier", "desk", "");
    int64_t longest = 0;
    for (int64_t k = 1; k <= 100; k++) {
        int64_t start = clock_mono();
        assert_int_equal(store_write(s, put_fn, &k), OK);
        int64_t took = clock_mono() - start;
        if (took > longest) longest = took;
        clock_sleep(3000);
    }
    print_message("longest wait beside a busy process: %.1f ms\n", (double)longest / 1e6);
    assert_true(longest < 500 * INT64_C(1000000)); // 7 ms on a quiet machine
    int status;
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); // it was busy all the time
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(store_test_number("select count(*) from desk.trial where k >= 1000") > 100);
    store_close(s);
    close(fds[0]);
    close(fds[1]);
    store_test_sql("delete from desk.trial");
}

static enum err raise_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    int64_t now = -1;
    (void)arg;
    enum err e = db_query(db, &turn_get_sql, DB_ARGS(DB_I(1)), &r);
    if (e != OK) return e;
    if (db_next(r)) now = db_int(r, 0);
    e = db_done(&r);
    return e == OK ? db_exec(db, &turn_set_sql, DB_ARGS(DB_I(1), DB_I(now + 1)), NULL) : e;
}

static atomic_int raised;

static void *raise_main(void *arg)
{
    for (int i = 0; i < 50; i++) {
        enum err e;
        while ((e = store_write(arg, raise_fn, NULL)) == ERR_FULL) clock_sleep(1000); // five tries were not enough
        if (e != OK) return (void *)(intptr_t)e;
        atomic_fetch_add(&raised, 1);
    }
    return NULL;
}

// Read, think, write, on two nodes at once: nobody's write is lost. (SERIALIZABLE; SQLite's lock.)
static void no_update_is_lost(void **state)
{
    (void)state;
    int64_t one = 1;
    struct store *nodes[2] = {store_test_open("desk", "desk", ""), store_test_open("desk", "desk", "")};
    assert_int_equal(store_write(nodes[0], put_fn, &one), OK);
    pthread_t t[8];
    for (int i = 0; i < 8; i++) assert_int_equal(pthread_create(&t[i], NULL, raise_main, nodes[i % 2]), 0);
    for (int i = 0; i < 8; i++) {
        void *result;
        pthread_join(t[i], &result);
        assert_null(result);
    }
    assert_int_equal(raised, 400);
    assert_int_equal(store_test_number("select i from desk.trial where k = 1"), 400);
    store_close(nodes[0]);
    store_close(nodes[1]);
    store_test_sql("delete from desk.trial");
}

struct child {
    struct store *s;
    int64_t k, trial;
};

static enum err child_fn(struct db *db, void *arg)
{
    struct child *c = arg;
    return db_exec(db, &turn_child_sql, DB_ARGS(DB_I(c->k), DB_I(c->trial)), NULL);
}

static void *child_main(void *arg)
{
    struct child *c = arg;
    return (void *)(intptr_t)store_write(c->s, child_fn, c);
}

// The reference is checked at the commit only, which then refuses the whole group; the innocent still get through.
static void deferred_fault_hits_its_own_only(void **state)
{
    (void)state;
    int64_t parent = 5;
    struct store *s = store_test_open("desk", "desk", "");
    assert_int_equal(store_write(s, put_fn, &parent), OK);
    struct child children[24];
    pthread_t t[24];
    for (int i = 0; i < 24; i++) {
        children[i] = (struct child){s, i, i % 6 == 3 ? 999 : 5};
        assert_int_equal(pthread_create(&t[i], NULL, child_main, &children[i]), 0);
    }
    for (int i = 0; i < 24; i++) {
        void *result;
        pthread_join(t[i], &result);
        assert_int_equal((intptr_t)result, i % 6 == 3 ? ERR_CONFLICT : OK);
    }
    store_close(s);
    assert_int_equal(store_test_number("select count(*) from desk.child"), 20);
    store_test_sql("delete from desk.child; delete from desk.trial;");
}

static enum err long_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    enum err e = db_query(db, &turn_long_sql, DB_ARGS(DB_I(*(int64_t *)arg)), &r);
    if (e != OK) return e;
    while (db_next(r)) continue;
    return db_done(&r);
}

static enum err dawdle_fn(struct db *db, void *arg)
{
    clock_sleep(1200 * 1000);
    return long_fn(db, arg);
}

static void long_reads_end(void **state)
{
    (void)state;
    int64_t few = 10, many = INT64_C(1000000000);
    struct store *s = store_test_open("desk", NULL, "desk");
    assert_int_equal(store_read(s, long_fn, &few), OK);
    int64_t start = clock_mono();
    assert_int_equal(store_read(s, long_fn, &many), ERR_FULL);
    int64_t took = (clock_mono() - start) / 1000000;
    assert_true(took >= 900 && took < 2500);
    assert_int_equal(store_read(s, dawdle_fn, &few), ERR_FULL);
    assert_int_equal(store_read(s, long_fn, &few), OK); // the reader is fine again
    store_close(s);
}

static enum err hold_fn(struct db *db, void *arg)
{
    (void)db;
    (void)arg;
    clock_sleep(2600 * 1000);
    return OK;
}

static void *hold_main(void *arg)
{
    return (void *)(intptr_t)store_read(arg, hold_fn, NULL);
}

static void no_free_reader_is_full(void **state)
{
    (void)state;
    int64_t few = 10;
    struct store *s = store_test_open("desk", NULL, "desk");
    pthread_t t[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&t[i], NULL, hold_main, s), 0);
    clock_sleep(200 * 1000);
    int64_t start = clock_mono();
    assert_int_equal(store_read(s, long_fn, &few), ERR_FULL);
    int64_t took = (clock_mono() - start) / 1000000;
    assert_true(took >= 1900 && took < 2400);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    assert_int_equal(store_read(s, long_fn, &few), OK);
    store_close(s);
}

// What only one process does at a time: another's turn of the same name waits 2 s in vain, one of another name has none to wait for,
// and the end of a process ends its turn.
static void one_has_the_turn(void **state)
{
    (void)state;
    struct store *old = store_test_open("desk", "desk", ""), *fresh = store_test_open("desk", "desk", "");
    struct alone *mine = NULL, *other = NULL;
    assert_int_equal(store_alone(old, "trial", &mine), OK);
    int64_t start = clock_mono();
    assert_int_equal(store_alone(fresh, "trial", &other), ERR_CONFLICT);
    int64_t took = (clock_mono() - start) / 1000000;
    assert_true(took >= 1900 && took < 4000);
    assert_null(other);
    assert_int_equal(store_alone(old, "trial", &other), ERR_CONFLICT); // nor another thread of the same process
    assert_int_equal(store_alone(fresh, "another", &other), OK);
    store_alone_end(&other);
    store_alone_end(&mine);
    assert_null(mine);
    start = clock_mono();
    assert_int_equal(store_alone(fresh, "trial", &other), OK);
    assert_true((clock_mono() - start) / 1000000 < 1500);
    store_alone_end(&other);
    store_alone_end(&other);
    store_close(fresh);
    store_close(old);
}

static void death_ends_the_turn(void **state)
{
    (void)state;
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct alone *a = NULL;
        if (store_alone(store_test_open("desk", "desk", ""), "trial", &a) != OK || write(fds[1], "", 1) != 1) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    struct store *s = store_test_open("desk", "desk", "");
    struct alone *a = NULL;
    assert_int_equal(store_alone(s, "trial", &a), ERR_CONFLICT);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(store_alone(s, "trial", &a), OK);
    store_alone_end(&a);
    store_close(s);
    close(fds[0]);
    close(fds[1]);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    if (store_test_sqlite())
        store_test_sql("create table desk.trial (k integer primary key not null, i integer not null) strict;"
                       "create table desk.child (k integer primary key not null, trial integer not null"
                       " references trial (k) deferrable initially deferred) strict");
    else
        store_test_sql("create table desk.trial (k bigint primary key, i bigint not null);"
                       "create table desk.child (k bigint primary key, trial bigint not null"
                       " references desk.trial deferrable initially deferred);"
                       "do $$ begin execute format('grant all on all tables in schema desk to %I, %I',"
                       " current_database() || '_desk', current_database() || '_courier'); end $$");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_process_gets_its_turn), cmocka_unit_test(no_update_is_lost),
        cmocka_unit_test(deferred_fault_hits_its_own_only), cmocka_unit_test(long_reads_end),
        cmocka_unit_test(no_free_reader_is_full), cmocka_unit_test(one_has_the_turn), cmocka_unit_test(death_ends_the_turn),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
