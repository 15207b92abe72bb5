// A copy of a store: whole, the same from both engines, restored onto either, and refused where it was cut or altered.
#include "store_test.h"
#include "base/file.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_MAX (32 << 20)

static enum err sink(void *ctx, struct str piece)
{
    buf_put(ctx, piece);
    return buf_ok(ctx);
}

struct source {
    struct str left;
    size_t step; // bytes handed out at once at most: records must not depend on where pieces end
};

static enum err source(void *ctx, char *into, size_t max, size_t *n)
{
    struct source *s = ctx;
    *n = s->left.n < max ? s->left.n : max;
    if (*n > s->step) *n = s->step;
    memcpy(into, s->left.at, *n);
    s->left = (struct str){s->left.at + *n, s->left.n - *n};
    return OK;
}

static void copy_of(const char *url, struct buf *out)
{
    struct buf why;
    buf_init(&why, 4096);
    buf_clear(out);
    enum err e = store_dump(url, sink, out, &why);
    if (e != OK) print_message("%.*s\n", STR_ARG(buf_str(&why)));
    assert_int_equal(e, OK);
    buf_free(&why);
}

static enum err load_into(const char *url, const char *sql_dir, struct str copy, size_t step)
{
    struct buf why;
    buf_init(&why, 4096);
    struct source s = {copy, step};
    enum err e = store_load(url, sql_dir, source, &s, &why);
    if (e == OK) assert_int_equal(s.left.n, 0);
    else assert_true(why.n > 0 || e == ERR_TOO_LARGE);
    buf_free(&why);
    return e;
}

// A second store, always SQLite: for a PostgreSQL run this crosses the engines.
static const char *other_url(char out[static PATH_MAX], const char *name)
{
    struct buf why;
    char dir[PATH_MAX], sql[PATH_MAX];
    buf_init(&why, 4096);
    snprintf(dir, sizeof dir, "%.3000s/%s", store_test_folder(), name);
    assert_int_equal(file_make_dirs(dir, 0755), OK);
    snprintf(out, PATH_MAX, "sqlite:%.3900s", dir);
    snprintf(sql, sizeof sql, "%.4000s/../sqlite", store_test_sql_dir());
    assert_int_equal(store_create(out, sql, NULL, &why), OK);
    buf_free(&why);
    return out;
}

static const char *sqlite_sql(char out[static PATH_MAX])
{
    snprintf(out, PATH_MAX, "%.4000s/../sqlite", store_test_sql_dir());
    return out;
}

static struct buf before, after;

static void copy_goes_round(void **state)
{
    (void)state;
    char url[PATH_MAX], sql[PATH_MAX];
    copy_of(store_test_url(), &before);
    assert_true(before.n > 100000);
    assert_int_equal(load_into(other_url(url, "second"), sqlite_sql(sql), buf_str(&before), 7777), OK);
    copy_of(url, &after);
    assert_true(str_equal(buf_str(&before), buf_str(&after)));
    // And back, over what is there.
    assert_int_equal(load_into(store_test_url(), store_test_sql_dir(), buf_str(&after), SIZE_MAX), OK);
    copy_of(store_test_url(), &after);
    assert_true(str_equal(buf_str(&before), buf_str(&after)));
    // The sequence goes on behind the largest number ever given, though that row is gone.
    store_test_sql(store_test_sqlite() ? "insert into desk.history (report, at, action) values (x'', 1, 'opened')"
                                       : "insert into desk.history (report, at, action) values ('', 1, 'opened')");
    assert_int_equal(store_test_number("select max(seq) from desk.history"), 2001);
    store_test_sql("delete from desk.history where seq = 2001");
    copy_of(store_test_url(), &before);
}

static void versions_are_left_alone(void **state)
{
    (void)state;
    assert_true(store_test_number("select count(*) from keeper.schema_version") >= 4);
    struct store *s = store_test_open("portal", "intake", "reply");
    store_close(s);
}

static void cut_copy_is_refused(void **state)
{
    (void)state;
    char url[PATH_MAX], sql[PATH_MAX], name[32];
    const size_t cuts[] = {0, 10, 16, 20, 40, before.n / 2, before.n - 14, before.n - 13, before.n - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        snprintf(name, sizeof name, "cut%zu", i);
        other_url(url, name);
        assert_int_equal(load_into(url, sqlite_sql(sql), (struct str){before.at, cuts[i]}, SIZE_MAX), ERR_MALFORMED);
    }
}

// Any one byte changed: refused, or read as another value, but never a crash or a table of somebody else's name.
static void altered_copy_does_no_harm(void **state)
{
    (void)state;
    char url[PATH_MAX], sql[PATH_MAX];
    other_url(url, "altered");
    char *copy = malloc(before.n);
    assert_non_null(copy);
    unsigned refused = 0;
    for (size_t at = 0; at < 2000; at += at < 200 ? 3 : 97) {
        memcpy(copy, before.at, before.n);
        copy[at] = (char)(copy[at] ^ (1 << at % 8));
        size_t n = before.n < 4000 ? before.n : 4000; // cut as well: the end must not be reached each time
        if (load_into(url, sqlite_sql(sql), (struct str){copy, n}, SIZE_MAX) != OK) refused++;
    }
    assert_true(refused > 30);
    free(copy);
}

static void failed_load_changes_nothing(void **state)
{
    (void)state;
    if (store_test_sqlite()) return; // commits in parts: the caller throws the new folder away
    assert_int_equal(load_into(store_test_url(), store_test_sql_dir(), (struct str){before.at, before.n - 1}, SIZE_MAX), ERR_MALFORMED);
    copy_of(store_test_url(), &after);
    assert_true(str_equal(buf_str(&before), buf_str(&after)));
}

static enum err full_sink(void *ctx, struct str piece)
{
    (void)piece;
    return --*(int *)ctx < 0 ? ERR_FULL : OK;
}

static void failing_sink_ends_it(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 4096);
    int pieces = 1;
    assert_int_equal(store_dump(store_test_url(), full_sink, &pieces, &why), ERR_FULL);
    assert_int_equal(pieces, -1);
    buf_free(&why);
}

static void fill(void)
{
    const char *zero = store_test_sqlite() ? "zeroblob(100)" : "decode(repeat('00', 100), 'hex')";
    char sql[2048];
    snprintf(sql, sizeof sql,
             "insert into desk.history (report, at, action, person) with recursive n(i) as (select 1 union all select i + 1"
             " from n where i < 2000) select %s, 1000000 * cast(i as bigint), 'ë ç ' || cast(i as text), null from n", zero);
    store_test_sql(sql);
    store_test_sql("delete from desk.history where seq > 1990");
    const char *x = store_test_sqlite() ? "x'" : "'\\x";
    snprintf(sql, sizeof sql,
             "insert into intake.epoch_seen (unit, epoch) values (%s00ff', 9223372036854775807), (%s', -1)", x, x);
    store_test_sql(sql);
    snprintf(sql, sizeof sql, "insert into reply.thread (lookup, thread, thread_kid, content, state, received)"
                              " values (%s01', %s02', %s03', %s04', '', 0)", x, x, x, x);
    store_test_sql(sql);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    buf_init(&before, COPY_MAX);
    buf_init(&after, COPY_MAX);
    fill();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_goes_round),          cmocka_unit_test(versions_are_left_alone),
        cmocka_unit_test(cut_copy_is_refused),      cmocka_unit_test(altered_copy_does_no_harm),
        cmocka_unit_test(failed_load_changes_nothing), cmocka_unit_test(failing_sink_ends_it),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&before);
    buf_free(&after);
    return store_test_end(failures);
}
