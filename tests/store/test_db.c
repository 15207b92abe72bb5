// The store's promises, the same on both engines: values, nulls, conflicts, groups, snapshots, rings.
#include "store_test.h"
#include "base/clock.h"
#include "base/id.h"
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

DB_QUERY(trial_put_sql, "iIFTB", "",
         "insert into intake.trial (k, i, f, t, b) values ($1, $2, $3, $4, $5)");
DB_QUERY(trial_put_returning_sql, "iI", "i", "insert into intake.trial (k, i) values ($1, $2) returning k");
DB_QUERY(trial_get_sql, "i", "iIFTB", "select k, i, f, t, b from intake.trial where k = $1 and k <= $1");
DB_QUERY(trial_list_sql, "ii", "i", "select k from intake.trial where k >= $1 order by k limit $2");
DB_QUERY(trial_count_sql, "", "i", "select count(*) from intake.trial");
DB_QUERY(trial_add_sql, "ii", "", "update intake.trial set i = i + $2 where k = $1");
DB_QUERY(trial_delete_sql, "i", "", "delete from intake.trial where k >= $1");
DB_QUERY(trial_sum_sql, "i", "I", "select cast(sum(i) as bigint) from intake.trial where k >= $1");
DB_QUERY(child_put_sql, "ii", "", "insert into intake.child (k, trial) values ($1, $2)");
DB_QUERY(seq_put_sql, "b", "i", "insert into intake.counted (id) values ($1) returning seq");

static struct store *s;

static int setup(void **state)
{
    (void)state;
    s = store_test_open("portal", "intake", "reply");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(s);
    store_test_sql("delete from intake.child; delete from intake.trial; delete from intake.counted;");
    return 0;
}

struct put {
    int64_t k;
    enum err result;
    int runs;
};

static enum err put_fn(struct db *db, void *arg)
{
    struct put *p = arg;
    p->runs++;
    enum err e = db_exec(db, &trial_put_sql,
                         DB_ARGS(DB_I(p->k), DB_I(p->k), DB_F(0.5), DB_T(STR("tekst")), DB_B(STR("\0\1"))), NULL);
    return e == OK ? p->result : e;
}

static enum err count_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    enum err e = db_query(db, &trial_count_sql, DB_ARGS(), &r);
    if (e != OK) return e;
    if (db_next(r)) *(int64_t *)arg = db_int(r, 0);
    return db_done(&r);
}

static int64_t count(void)
{
    int64_t n = -1;
    assert_int_equal(store_read(s, count_fn, &n), OK);
    return n;
}

struct values {
    int64_t k;
    struct db_val v[4];
};

static enum err values_put_fn(struct db *db, void *arg)
{
    struct values *p = arg;
    return db_exec(db, &trial_put_sql, DB_ARGS(DB_I(p->k), p->v[0], p->v[1], p->v[2], p->v[3]), NULL);
}

static enum err values_get_fn(struct db *db, void *arg)
{
    struct values *p = arg;
    struct db_rows *r;
    enum err e = db_query(db, &trial_get_sql, DB_ARGS(DB_I(p->k)), &r);
    if (e != OK) return e;
    assert_true(db_next(r));
    assert_int_equal(db_int(r, 0), p->k);
    for (int c = 0; c < 4; c++) assert_int_equal(db_null(r, c + 1), p->v[c].type == 0);
    if (p->v[0].type) assert_int_equal(db_int(r, 1), p->v[0].i);
    if (p->v[1].type) assert_true(db_float(r, 2) == p->v[1].f && !(signbit(db_float(r, 2)) && p->v[1].f == 0)); // -0 is 0
    if (p->v[2].type) assert_true(str_equal(db_str(r, 3), p->v[2].s));
    if (p->v[3].type) assert_true(str_equal(db_str(r, 4), p->v[3].s));
    assert_false(db_next(r));
    assert_false(db_next(r));
    return db_done(&r);
}

static void values_come_back(void **state)
{
    (void)state;
    static char large[3 << 20];
    memset(large, 0x80, sizeof large);
    struct values all[] = {
        {1, {DB_I(INT64_MIN), DB_F(-0.0), DB_T(STR("Ë ç 😀")), DB_B(STR("a\0b"))}},
        {2, {DB_I(INT64_MAX), DB_F(DBL_MAX), DB_T(STR("")), DB_B(STR(""))}},
        {3, {DB_NULL, DB_NULL, DB_NULL, DB_NULL}},
        {4, {DB_I(0), DB_F(DBL_TRUE_MIN), DB_T(((struct str){NULL, 0})), DB_B(STR_BYTES(large))}},
        {5, {DB_I(-1), DB_F(INFINITY), DB_T(STR("x'\"; --\\")), DB_B(((struct str){NULL, 0}))}},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(store_write(s, values_put_fn, &all[i]), OK);
        assert_int_equal(store_read(s, values_get_fn, &all[i]), OK);
    }
}

static void values_refused(void **state)
{
    (void)state;
    struct values nul = {1, {DB_NULL, DB_NULL, DB_T(STR("a\0b")), DB_NULL}};
    struct values broken = {1, {DB_NULL, DB_NULL, DB_T(STR("\xff")), DB_NULL}};
    struct values nan = {1, {DB_NULL, DB_F(NAN), DB_NULL, DB_NULL}};
    struct values typed = {1, {DB_T(STR("1")), DB_NULL, DB_NULL, DB_NULL}};
    assert_int_equal(store_write(s, values_put_fn, &nul), ERR_INVALID);
    assert_int_equal(store_write(s, values_put_fn, &broken), ERR_INVALID);
    assert_int_equal(store_write(s, values_put_fn, &nan), ERR_INVALID);
    assert_int_equal(store_write(s, values_put_fn, &typed), ERR_BUG);
    assert_int_equal(count(), 0);
}

static void conflict_undoes_fn(void **state)
{
    (void)state;
    struct put p = {.k = 7};
    assert_int_equal(store_write(s, put_fn, &p), OK);
    assert_int_equal(store_write(s, put_fn, &p), ERR_CONFLICT);
    struct put own = {.k = 8, .result = ERR_FORBIDDEN};
    assert_int_equal(store_write(s, put_fn, &own), ERR_FORBIDDEN);
    assert_int_equal(count(), 1);
}

// An error that fn swallows undoes it all the same: PostgreSQL could not go on either.
static enum err swallow_fn(struct db *db, void *arg)
{
    struct put p = {.k = 20}, again = {.k = 20};
    enum err e = put_fn(db, &p);
    if (e == OK) e = put_fn(db, &again);
    int64_t changed;
    if (db_exec(db, &trial_add_sql, DB_ARGS(DB_I(20), DB_I(1)), &changed) == OK) return ERR_BUG;
    (void)arg;
    (void)e;
    return OK;
}

static void swallowed_error_undoes_fn(void **state)
{
    (void)state;
    assert_int_equal(store_write(s, swallow_fn, NULL), ERR_CONFLICT);
    assert_int_equal(count(), 0);
}

static enum err child_fn(struct db *db, void *arg)
{
    return db_exec(db, &child_put_sql, DB_ARGS(DB_I(1), DB_I(*(int64_t *)arg)), NULL);
}

static void foreign_key_is_a_conflict(void **state)
{
    (void)state;
    int64_t parent = 99;
    assert_int_equal(store_write(s, child_fn, &parent), ERR_CONFLICT);
    struct put p = {.k = 99};
    assert_int_equal(store_write(s, put_fn, &p), OK);
    assert_int_equal(store_write(s, child_fn, &parent), OK);
}

static enum err changed_fn(struct db *db, void *arg)
{
    int64_t *changed = arg;
    enum err e = db_exec(db, &trial_add_sql, DB_ARGS(DB_I(1), DB_I(5)), &changed[0]);
    if (e == OK) e = db_exec(db, &trial_add_sql, DB_ARGS(DB_I(1000), DB_I(5)), &changed[1]);
    if (e == OK) e = db_exec(db, &trial_delete_sql, DB_ARGS(DB_I(1)), &changed[2]);
    return e;
}

static void changed_counts(void **state)
{
    (void)state;
    for (int64_t k = 1; k <= 3; k++) assert_int_equal(store_write(s, put_fn, &(struct put){.k = k}), OK);
    int64_t changed[3] = {-1, -1, -1};
    assert_int_equal(store_write(s, changed_fn, changed), OK);
    assert_int_equal(changed[0], 1);
    assert_int_equal(changed[1], 0);
    assert_int_equal(changed[2], 3);
}

// "insert … returning" is done and its conflict known though no row is read; the same query may run inside its own rows.
static enum err nested_fn(struct db *db, void *arg)
{
    (void)arg;
    struct db_rows *r = NULL, *inner = NULL;
    enum err e = OK;
    for (int64_t k = 1; e == OK && k <= 4; k++) {
        e = db_query(db, &trial_put_returning_sql, DB_ARGS(DB_I(k), DB_NULL), &r);
        if (e == OK) e = db_done(&r);
    }
    if (e == OK) e = db_query(db, &trial_list_sql, DB_ARGS(DB_I(1), DB_I(100)), &r);
    if (e != OK) return e;
    int rows = 0;
    while (db_next(r)) {
        rows++;
        int64_t at = db_int(r, 0);
        assert_int_equal(db_query(db, &trial_list_sql, DB_ARGS(DB_I(at), DB_I(1)), &inner), OK);
        assert_true(db_next(inner));
        assert_int_equal(db_int(inner, 0), at);
        assert_int_equal(db_done(&inner), OK);
        assert_int_equal(db_int(r, 0), at);
    }
    assert_int_equal(rows, 4);
    e = db_done(&r);
    assert_null(r);
    return e;
}

static enum err returning_conflict_fn(struct db *db, void *arg)
{
    (void)arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &trial_put_returning_sql, DB_ARGS(DB_I(1), DB_NULL), &r);
    if (e == OK) e = db_done(&r);
    return e;
}

static void rows_nest_and_return(void **state)
{
    (void)state;
    assert_int_equal(store_write(s, nested_fn, NULL), OK);
    assert_int_equal(count(), 4);
    assert_int_equal(store_write(s, returning_conflict_fn, NULL), ERR_CONFLICT);
}

static enum err sum_fn(struct db *db, void *arg)
{
    struct db_rows *r;
    enum err e = db_query(db, &trial_sum_sql, DB_ARGS(DB_I(0)), &r);
    if (e != OK) return e;
    if (db_next(r)) *(bool *)arg = db_null(r, 0);
    return db_done(&r);
}

static void sum_of_nothing_is_null(void **state)
{
    (void)state;
    bool null = false;
    assert_int_equal(store_read(s, sum_fn, &null), OK);
    assert_true(null);
}

// A reader cannot write, not even its own schema.
static void reads_do_not_write(void **state)
{
    (void)state;
    struct put p = {.k = 1};
    assert_int_equal(store_read(s, put_fn, &p), ERR_FORBIDDEN);
    assert_int_equal(count(), 0);
}

static enum err snapshot_fn(struct db *db, void *arg)
{
    (void)arg;
    int64_t before = -1, after = -1;
    enum err e = count_fn(db, &before);
    struct put p = {.k = 50};
    assert_int_equal(store_write(s, put_fn, &p), OK); // another thread's connection
    if (e == OK) e = count_fn(db, &after);
    assert_int_equal(before, after);
    return e;
}

static void read_is_one_snapshot(void **state)
{
    (void)state;
    assert_int_equal(store_read(s, snapshot_fn, NULL), OK);
    assert_int_equal(count(), 1);
}

// 64 threads; every eighth write fails after it has written. No neighbour suffers, and commits are shared.
#define THREADS 64
#define WRITES 40

static void *many_main(void *arg)
{
    int64_t me = *(int *)arg;
    for (int64_t i = 0; i < WRITES; i++) {
        struct put p = {.k = me * WRITES + i, .result = i % 8 == 7 ? ERR_LIMITED : OK};
        enum err e = store_write(s, put_fn, &p);
        if (e != p.result) return (void *)(intptr_t)(100 + e);
    }
    return NULL;
}

static void groups_isolate(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int numbers[THREADS];
    int64_t groups = store_group_count(s);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, many_main, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
    assert_int_equal(count(), THREADS * WRITES * 7 / 8);
    groups = store_group_count(s) - groups;
    assert_true(groups > 0 && groups < THREADS * WRITES / 4);
}

static enum err seq_fn(struct db *db, void *arg)
{
    struct id id = id_random();
    struct db_rows *r;
    enum err e = db_query(db, &seq_put_sql, DB_ARGS(DB_ID(id)), &r);
    if (e != OK) return e;
    if (db_next(r)) *(int64_t *)arg = db_int(r, 0);
    return db_done(&r);
}

static void sequences_never_go_back(void **state)
{
    (void)state;
    int64_t first = 0, second = 0;
    assert_int_equal(store_write(s, seq_fn, &first), OK);
    store_test_sql("delete from intake.counted");
    assert_int_equal(store_write(s, seq_fn, &second), OK);
    assert_true(first > 0 && second > first);
}

static atomic_int rung;

static void on_ring(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&rung, 1);
}

struct ringing {
    int64_t k;
    enum err result;
};

static enum err ring_fn(struct db *db, void *arg)
{
    struct ringing *p = arg;
    enum err e = put_fn(db, &(struct put){.k = p->k});
    if (e == OK) e = db_notify(db, "trial");
    return e == OK ? p->result : e;
}

static bool rung_within(int least, int64_t ms)
{
    for (int64_t until = clock_mono() + ms * 1000000; clock_mono() < until; clock_sleep(1000))
        if (atomic_load(&rung) >= least) return true;
    return atomic_load(&rung) >= least;
}

static void rings_after_the_commit(void **state)
{
    (void)state;
    struct store *desk = store_test_open("desk", "desk", "intake");
    assert_int_equal(store_listen(desk, "trial", on_ring, NULL), OK);
    assert_int_equal(store_listen(desk, "other", on_ring, NULL), OK);
    clock_sleep(200 * 1000); // PostgreSQL's LISTEN is on its way; a listener rings once when it stands
    int before = atomic_load(&rung);
    assert_int_equal(store_write(s, ring_fn, &(struct ringing){.k = 1, .result = ERR_INVALID}), ERR_INVALID);
    assert_false(rung_within(before + 1, 150));
    assert_int_equal(store_write(s, ring_fn, &(struct ringing){.k = 1}), OK);
    assert_true(rung_within(before + 1, 1000));
    clock_sleep(50 * 1000);
    assert_int_equal(atomic_load(&rung), before + 1);
    store_close(desk);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    if (store_test_sqlite())
        store_test_sql("create table intake.trial (k integer primary key not null, i integer, f real, t text, b blob) strict;"
                       "create table intake.child (k integer primary key not null, trial integer not null"
                       " references trial (k)) strict;"
                       "create table intake.counted (seq integer primary key autoincrement, id blob not null) strict");
    else
        store_test_sql("create table intake.trial (k bigint primary key, i bigint, f double precision,"
                       " t text collate \"C\", b bytea);"
                       "create table intake.child (k bigint primary key, trial bigint not null references intake.trial);"
                       "create table intake.counted (seq bigint generated by default as identity primary key, id bytea not null);"
                       "do $$ begin execute format('grant all on all tables in schema intake to %I; grant all on all"
                       " sequences in schema intake to %I', current_database() || '_portal', current_database() || '_portal');"
                       " end $$");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(values_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(conflict_undoes_fn, setup, teardown),
        cmocka_unit_test_setup_teardown(swallowed_error_undoes_fn, setup, teardown),
        cmocka_unit_test_setup_teardown(foreign_key_is_a_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(changed_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_nest_and_return, setup, teardown),
        cmocka_unit_test_setup_teardown(sum_of_nothing_is_null, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_do_not_write, setup, teardown),
        cmocka_unit_test_setup_teardown(read_is_one_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_isolate, setup, teardown),
        cmocka_unit_test_setup_teardown(sequences_never_go_back, setup, teardown),
        cmocka_unit_test_setup_teardown(rings_after_the_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(store_test_queries, setup, teardown),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
