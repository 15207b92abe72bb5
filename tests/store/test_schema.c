// Schemas: both engines' catalogues say the same, nobody writes where he may not, versions are told apart.
#include "store_test.h"
#include "base/file.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

DB_QUERY(poke_intake_sql, "b", "", "insert into intake.epoch_seen (unit, epoch) values ($1, 1)");
DB_QUERY(poke_reply_sql, "b", "", "insert into reply.done (id) values ($1)");
DB_QUERY(poke_desk_sql, "b", "", "insert into desk.step (report, seq, code, at) values ($1, 1, 'taken', 0)");
DB_QUERY(poke_keeper_sql, "b", "", "insert into keeper.poke (id) values ($1)");
DB_QUERY(look_intake_sql, "", "i", "select count(*) from intake.epoch_seen");
DB_QUERY(look_reply_sql, "", "i", "select count(*) from reply.done");
DB_QUERY(look_desk_sql, "", "i", "select count(*) from desk.step");
DB_QUERY(look_keeper_sql, "", "i", "select count(*) from keeper.poke");

static const char *const names[4] = {"intake", "reply", "desk", "keeper"};
static const struct db_query *const pokes[4] = {&poke_intake_sql, &poke_reply_sql, &poke_desk_sql, &poke_keeper_sql};
static const struct db_query *const looks[4] = {&look_intake_sql, &look_reply_sql, &look_desk_sql, &look_keeper_sql};
static const char *const tables[4] = {"intake.epoch_seen", "reply.done", "desk.step", "keeper.poke"};

// What each process opens. PROTOCOL 2.
static const struct { const char *role, *write, *read, *may_write; } opens[] = {
    {"portal", "intake", "reply", "intake"},
    {"desk", "desk", "intake", "desk"},
    {"desk", "reply", "", "reply"},
    {"keeper", "keeper", "", "keeper"},
    {"courier", "desk", "", "desk"},
};

struct poke {
    const struct db_query *q;
    int64_t seen;
};

static enum err poke_fn(struct db *db, void *arg)
{
    return db_exec(db, ((struct poke *)arg)->q, DB_ARGS(DB_B(STR("0123456789abcdef"))), NULL);
}

static enum err look_fn(struct db *db, void *arg)
{
    struct poke *p = arg;
    struct db_rows *r;
    enum err e = db_query(db, p->q, DB_ARGS(), &r);
    if (e != OK) return e;
    if (db_next(r)) p->seen = db_int(r, 0);
    return db_done(&r);
}

static bool listed(const char *list, const char *name)
{
    return strstr(list, name) != NULL;
}

// Every process tries every schema through its own store.
static void wrong_schema_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof opens / sizeof opens[0]; i++) {
        struct store *s = store_test_open(opens[i].role, opens[i].write, opens[i].read);
        for (int k = 0; k < 4; k++) {
            char sql[128];
            snprintf(sql, sizeof sql, "delete from %s", tables[k]);
            store_test_sql(sql);
            snprintf(sql, sizeof sql, "select count(*) from %s", tables[k]);
            enum err e = store_write(s, poke_fn, &(struct poke){.q = pokes[k]});
            bool may = strcmp(opens[i].may_write, names[k]) == 0;
            // desk is one login with two stores; PostgreSQL's grants tell logins apart, not stores.
            bool login_may = !store_test_sqlite() && strcmp(opens[i].role, "desk") == 0 && (k == 1 || k == 2);
            if (may || login_may) {
                assert_int_equal(e, OK);
                assert_int_equal(store_test_number(sql), 1);
            } else {
                assert_true(e == ERR_FORBIDDEN || e == ERR_BUG);
                assert_int_equal(store_test_number(sql), 0);
            }
            bool may_read = may || login_may || listed(opens[i].read, names[k]);
            may_read = may_read || (!store_test_sqlite() && strcmp(opens[i].role, "desk") == 0 && k == 0);
            e = store_read(s, look_fn, &(struct poke){.q = looks[k]});
            if (may_read) assert_int_equal(e, OK);
            else assert_true(e == ERR_FORBIDDEN || e == ERR_BUG);
        }
        store_close(s);
    }
}

// A process that asks for more than its role has is refused by the store or by the server.
static void greedy_open_is_refused(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 4096);
    struct store *s = NULL;
    struct store_options all = {.url = store_test_url(), .role = "portal", .write = "*", .read = "", .readers = 1};
    assert_int_equal(store_open(&all, &s, &why), ERR_BUG);
    struct store_options two = {.url = store_test_url(), .role = "portal", .write = "intake,desk", .read = "", .readers = 1};
    assert_int_equal(store_open(&two, &s, &why), ERR_BUG);
    if (!store_test_sqlite()) { // on SQLite the files' owners say it: tests/fault walks that with users of their own
        struct store_options other = {.url = store_test_url(), .role = "portal", .write = "keeper", .read = "", .readers = 1,
                                      .password_file = store_test_password_file("portal")};
        assert_int_equal(store_open(&other, &s, &why), ERR_FORBIDDEN);
    }
    assert_null(s);
    buf_free(&why);
}

// Only on a server that asks (run starts one; a shared cluster of ISIGURT_TEST_PG may trust everybody).
static void wrong_password_is_refused(void **state)
{
    (void)state;
    if (store_test_sqlite() || !strstr(store_test_url(), "//postgres:")) return;
    struct buf why;
    buf_init(&why, 4096);
    struct store *s = NULL;
    struct store_options o = {.url = store_test_url(), .role = "portal", .write = "intake", .read = "", .readers = 1,
                              .password_file = store_test_password_file("desk")};
    assert_int_equal(store_open(&o, &s, &why), ERR_FORBIDDEN);
    assert_true(str_find_str(buf_str(&why), STR("kalimi")) < 0);
    o.password_file = "/nonexistent";
    assert_int_equal(store_open(&o, &s, &why), ERR_NOT_FOUND);
    assert_null(s);
    buf_free(&why);
}

static void no_writer_no_write(void **state)
{
    (void)state;
    struct store *s = store_test_open("portal", NULL, "reply");
    assert_int_equal(store_write(s, poke_fn, &(struct poke){.q = pokes[1]}), ERR_FORBIDDEN);
    assert_int_equal(store_read(s, look_fn, &(struct poke){.q = looks[1]}), OK);
    store_close(s);
}

static void other_version_is_refused(void **state)
{
    (void)state;
    store_test_sql("insert into reply.schema_version (number, name) values (9000, '9000_future.sql')");
    struct buf why;
    buf_init(&why, 4096);
    struct store *s = NULL;
    struct store_options o = {.url = store_test_url(), .role = "portal", .write = "intake", .read = "reply", .readers = 1,
                              .password_file = store_test_password_file("portal")};
    assert_int_equal(store_open(&o, &s, &why), ERR_CONFLICT);
    assert_true(str_find_str(buf_str(&why), STR("newer program")) > 0);
    store_test_sql("delete from reply.schema_version where number = 9000");
    assert_int_equal(store_open(&o, &s, &why), OK);
    store_close(s);
    buf_free(&why);
}

static void create_twice_is_refused(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 4096);
    assert_int_equal(store_create(store_test_url(), store_test_sql_dir(), NULL, &why), ERR_CONFLICT);
    assert_true(why.n > 0);
    buf_free(&why);
}

// A copy of the schema's folder with one more step, which the store then takes without losing a row.
static void migrate_goes_on(void **state)
{
    (void)state;
    char dir[PATH_MAX], path[PATH_MAX + 32];
    snprintf(dir, sizeof dir, "%.3000s/sql", store_test_folder());
    assert_int_equal(file_copy_tree(store_test_sql_dir(), dir), OK);
    snprintf(path, sizeof path, "%s/9000_more.sql", dir);
    struct str step = store_test_sqlite()
                          ? STR("-- schema intake\nalter table intake.epoch_seen add column more integer;\n"
                                "-- schema reply\ncreate table reply.more (id blob primary key not null) strict;\n")
                          : STR("-- schema intake\nalter table intake.epoch_seen add column more bigint;\n"
                                "-- schema reply\ncreate table reply.more (id bytea primary key not null);\n");
    assert_int_equal(file_replace(path, step, 0644), OK);
    store_test_sql("delete from intake.epoch_seen;");
    if (store_test_sqlite()) store_test_sql("insert into intake.epoch_seen (unit, epoch) values (x'01', 7)");
    else store_test_sql("insert into intake.epoch_seen (unit, epoch) values ('\\x01', 7)");
    struct buf why;
    buf_init(&why, 4096);
    assert_int_equal(store_migrate(store_test_url(), dir, &why), OK);
    assert_int_equal(store_migrate(store_test_url(), dir, &why), OK); // nothing left to do
    assert_int_equal(store_test_number("select count(*) from intake.epoch_seen where epoch = 7 and more is null"), 1);
    assert_int_equal(store_test_number("select count(*) from reply.more"), 0);
    assert_int_equal(store_test_number("select count(*) from keeper.schema_version where number = 9000"), 1);
    assert_int_equal(store_migrate(store_test_url(), store_test_sql_dir(), &why), ERR_CONFLICT); // an older program
    for (int k = 0; k < 4; k++) {
        char sql[128];
        snprintf(sql, sizeof sql, "delete from %s.schema_version where number = 9000", names[k]);
        store_test_sql(sql);
    }
    buf_free(&why);
}

static void broken_migration_changes_nothing(void **state)
{
    (void)state;
    char dir[PATH_MAX], path[PATH_MAX + 32];
    snprintf(dir, sizeof dir, "%.3000s/sql-broken", store_test_folder());
    assert_int_equal(file_copy_tree(store_test_sql_dir(), dir), OK);
    snprintf(path, sizeof path, "%s/9001_broken.sql", dir);
    assert_int_equal(file_replace(path, STR("-- schema intake\ndelete from intake.epoch_seen;\ncreate tabel x;\n"), 0644), OK);
    struct buf why;
    buf_init(&why, 4096);
    int64_t before = store_test_number("select count(*) from intake.epoch_seen");
    assert_int_not_equal(store_migrate(store_test_url(), dir, &why), OK);
    assert_true(str_find_str(buf_str(&why), STR("9001_broken.sql")) > 0);
    assert_int_equal(store_test_number("select count(*) from intake.epoch_seen"), before);
    assert_true(before > 0);
    buf_free(&why);
}

// Folder 2750, files 0640, -wal and -shm there after the last close: what a reader of another user needs.
static void files_stay_readable(void **state)
{
    (void)state;
    if (!store_test_sqlite()) return; // SQLite's own matter
    static const char *const files[] = {".db", ".db-wal", ".db-shm", ".wait", ".work"};
    for (int k = 0; k < 4; k++) {
        struct store *s = store_test_open("admin", "*", "");
        assert_int_equal(store_write(s, poke_fn, &(struct poke){.q = &poke_reply_sql}), OK);
        store_close(s);
        store_test_sql("delete from reply.done");
        char path[PATH_MAX];
        struct stat st;
        snprintf(path, sizeof path, "%.3000s/%s", store_test_url() + 7, names[k]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 02750);
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
            snprintf(path, sizeof path, "%.3000s/%s/%s%s", store_test_url() + 7, names[k], names[k], files[i]);
            assert_int_equal(stat(path, &st), 0);
            assert_int_equal(st.st_mode & 07777, 0640);
        }
    }
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    if (store_test_sqlite())
        store_test_sql("create table keeper.poke (id blob primary key not null) strict");
    else
        store_test_sql("create table keeper.poke (id bytea primary key not null);"
                       "do $$ begin execute format('grant all on keeper.poke to %I', current_database() || '_keeper'); end $$");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_schema_is_refused),  cmocka_unit_test(greedy_open_is_refused),
        cmocka_unit_test(no_writer_no_write),       cmocka_unit_test(wrong_password_is_refused),
              cmocka_unit_test(other_version_is_refused),
        cmocka_unit_test(create_twice_is_refused),  cmocka_unit_test(store_test_queries),
        cmocka_unit_test(files_stay_readable),      cmocka_unit_test(migrate_goes_on),
        cmocka_unit_test(broken_migration_changes_nothing),
    };
    return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
}
