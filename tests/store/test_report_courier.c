// Calling people on both engines: along the roster, and what happens where nobody stands on it.
#include "store_test.h"
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/file.h"
#include "base/share.h"
#include "people/people.h"
#include "report/courier/clock_climb.h"
#include "report/courier/message_climb.h"
#include "report/courier/report_alarm.h"
#include "vault/server.h"

static struct services sv;
static struct config config;
static struct id unit;

static int setup(void **state)
{
    (void)state;
    char keys[400], path[SHARE_PATH_MAX];
    struct buf why;
    struct keeper_setup *made = NULL;
    buf_init(&why, 4096);
    assert_int_equal(crypto_start(), OK);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(pack_open(share_path("country/al", path, sizeof path), &sv.pack, &why), OK);
    snprintf(keys, sizeof keys, "%s/keys", store_test_folder());
    assert_int_equal(file_make_dirs(keys, 0700), OK);
    assert_int_equal(keeper_setup_keys(keys, &why), OK);
    struct store *s = store_test_open("keeper", "keeper", "");
    assert_int_equal(keeper_setup_open(s, keys, &made, &why), OK);
    unit = id_random();
    assert_int_equal(keeper_setup_unit(made, unit, true), OK);
    assert_int_equal(keeper_setup_finish(&made), OK);
    store_close(s);
    assert_int_equal(directory_open(keys, &sv.directory, &why), OK);
    buf_free(&why);
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    sv.config = &config;
    sv.store = store_test_open("courier", "desk", "");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    directory_close(&sv.directory);
    pack_close(&sv.pack);
    return 0;
}

static void waits(int seq, int urgency) // an untaken report of the unit
{
    char sql[900], hex[ID_HEX];
    const char *open = store_test_sqlite() ? "x'" : "'\\x";
    snprintf(sql, sizeof sql, "insert into desk.report (seq, id, received, category, urgency_computed, in_danger, language, kid, thread, thread_kid, "
             "unit, urgency, state, take_due) values (%d, %s%032d', 0, 'SEXT', %d, 0, 'sq', %s00', %s00', %s00', %s%s', %d, 'new', 0);", seq, open,
             seq, urgency, open, open, open, open, id_hex(unit, hex), urgency);
    store_test_sql(sql);
}

static int64_t outbox(const char *kind)
{
    char sql[200];
    snprintf(sql, sizeof sql, "select count(*) from desk.outbox where kind = '%s'", kind);
    return store_test_number(sql);
}

static enum err people_db(struct db *db, void *arg)
{
    const char *mail = arg;
    struct id id = {.b = {0xaa}};
    enum err e = people_setup_institutions(db, sv.pack);
    e = e ? e : people_setup_unit(db, unit, STR("ISIGURT"), STR("desk"), STR(""));
    e = e ? e : people_setup_person(db, id, STR("boss"), STR("Ana Zeka"), STR("ISIGURT"), str_from(mail), STR("sq"));
    e = e ? e : people_setup_member(db, unit, id);
    return e ? e : people_setup_roster(db, unit, id, 1);
}

// `init` makes exactly this: one supervisor on call, whose address is not known yet.
static void nobody_with_an_address(void **state)
{
    (void)state;
    snprintf(config.webhook_url, sizeof config.webhook_url, "http://127.0.0.1:1/sms");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    struct store *desk = store_test_open("desk", "desk", "");
    assert_int_equal(store_write(desk, people_db, (char[]){""}), OK);
    waits(1, 1);
    report_alarm_run(&sv);
    assert_int_equal(outbox("webhook"), 1);
    assert_int_equal(outbox("mail"), 0);
    report_alarm_run(&sv); // once an alarm, not each 5 s
    assert_int_equal(outbox("webhook"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.alarm"), 1);
    store_test_sql("update desk.alarm set next = 0");
    report_alarm_run(&sv);
    assert_int_equal(outbox("webhook"), 2);
    waits(2, 1); // a newer one is told of, at most once a minute
    report_alarm_run(&sv);
    assert_int_equal(outbox("webhook"), 2);
    store_test_sql("update desk.alarm set rung = 0");
    report_alarm_run(&sv);
    assert_int_equal(outbox("webhook"), 3);

    store_test_sql("update desk.person set mail = 'boss@x.example'"); // from now on somebody can be written to, the first first
    store_test_sql("update desk.alarm set next = 0");
    report_alarm_run(&sv);
    assert_int_equal(outbox("mail"), 1);
    assert_int_equal(outbox("webhook"), 4);
    store_test_sql("update desk.report set state = 'taken'");
    report_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.alarm"), 0);

    store_test_sql("update desk.person set mail = ''; delete from desk.outbox;"); // and where nothing can be sent, nothing is
    config.webhook_url[0] = '\0';
    waits(3, 2);
    report_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 0);
    assert_int_equal(store_test_number("select step from desk.alarm"), 0);
    store_close(desk);
}

static int64_t mailed(const char *to)
{
    char sql[200];
    snprintf(sql, sizeof sql, "select count(*) from desk.outbox where kind = 'mail' and recipient = '%s'", to);
    return store_test_number(sql);
}

static enum err worker_db(struct db *db, void *arg)
{
    (void)arg;
    struct id id = {.b = {0xbb}};
    enum err e = people_setup_person(db, id, STR("worker"), STR("Besa Prifti"), STR("ISIGURT"), STR("worker@x.example"), STR("sq"));
    e = e ? e : people_setup_member(db, unit, id);
    return e ? e : people_setup_roles(db, (struct id){.b = {0xaa}}, 1u << ROLE_SUPERVISOR);
}

// A message that nobody has read: whoever works on it and the first of the roster, then the supervisors, and no further; where
// somebody looks, not before its time.
static void a_message_climbs(void **state)
{
    (void)state;
    struct store *desk = store_test_open("desk", "desk", "");
    snprintf(config.webhook_url, sizeof config.webhook_url, "http://127.0.0.1:1/sms");
    assert_int_equal(store_write(desk, worker_db, NULL), OK);
    store_test_sql("delete from desk.outbox; update desk.person set mail = 'boss@x.example' where username = 'boss'");
    store_test_sql(store_test_sqlite() ? "update desk.report set state = 'in_case', taken_by = x'bb000000000000000000000000000000'"
                                       : "update desk.report set state = 'in_case', taken_by = '\\xbb000000000000000000000000000000'");
    assert_int_equal(report_messages_climb(&sv), 0); // nothing lies unread
    char sql[300], hex[ID_HEX];
    snprintf(sql, sizeof sql, "insert into desk.presence (node, unit, until) values (%s01', %s%s', 9000000000000000)",
             store_test_sqlite() ? "x'" : "'\\x", store_test_sqlite() ? "x'" : "'\\x", id_hex(unit, hex));
    store_test_sql(sql);
    store_test_sql("update desk.report set message_due = 8000000000000000, message_climb_at = 8000000000000000 where seq = 1");
    assert_int_equal(report_messages_climb(&sv), 0); // somebody looks, and there is time
    store_test_sql("delete from desk.presence");
    assert_int_equal(report_messages_climb(&sv), 1);
    assert_int_equal(mailed("worker@x.example"), 1);
    assert_int_equal(mailed("boss@x.example"), 1); // the first of the roster
    assert_int_equal(outbox("webhook"), 1);
    assert_int_equal(store_test_number("select message_climbed from desk.report where seq = 1"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'climbed'"), 1);
    assert_int_equal(report_messages_climb(&sv), 0); // not each 5 s
    store_test_sql("update desk.report set message_climb_at = 0 where seq = 1; update desk.report set message_due = 0, message_climb_at = 0 where seq in (2, 3)");
    assert_int_equal(report_messages_climb(&sv), 3);
    assert_int_equal(mailed("worker@x.example"), 3); // of the two new ones, U1 and U2; the first is the supervisors' now
    assert_int_equal(mailed("boss@x.example"), 3);   // one for each urgency of a look, not one a report
    assert_int_equal(store_test_number("select count(*) from desk.report where seq = 1 and message_climb_at is null"), 1); // all have been told
    assert_int_equal(store_test_number("select count(*) from desk.outbox where body like '%https://desk.example/reports/%'"), 9);
    store_test_sql("update desk.report set message_due = null, message_climb_at = null, message_climbed = 0; delete from desk.outbox");
    store_close(desk);
}

extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

// What is due is found by its time. Without statistics SQLite would read all reports of the unit, three times for each batch; PostgreSQL
// has its statistics.
static void clocks_are_found_by_their_time(void **state)
{
    (void)state;
    int looked = 0;
    store_test_sql("update desk.report set climb_at = null");
    assert_int_equal(report_clocks_climb(&sv), 0); // nothing is due
    for (const struct db_query *const *at = __start_db_queries; at != __stop_db_queries && store_test_sqlite(); at++) {
        char text[2000];
        struct buf plan;
        if (!strstr((*at)->sql, "climb_at <="))
            continue;
        looked++;
        buf_init(&plan, 1 << 16);
        snprintf(text, sizeof text, "explain query plan %s", (*at)->sql);
        store_test_text(text, &plan);
        buf_put_c(&plan, '\0');
        if (!strstr(plan.at, "_climb (") || strstr(plan.at, "TEMP B-TREE FOR ORDER BY"))
            fail_msg("%s: %s", (*at)->name, plan.at);
        buf_free(&plan);
    }
    assert_int_equal(looked, store_test_sqlite() ? 6 : 0);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_with_an_address), cmocka_unit_test(a_message_climbs), cmocka_unit_test(clocks_are_found_by_their_time)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
