// Who is reminded of values that are owed, on which day, and of which not; once a day, however many couriers look.
#include "plan_room.h"
#include <pthread.h>
#include "plan/courier/remind_alarm.h"
#include "plan/remind.h"

static struct config config;

static int remind_setup(void **state)
{
    int bad = setup(state);
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    sv.config = &config;
    return bad;
}

static int remind_each(void **state)
{
    for (const char *const *table = (const char *const[]){"plan_reminded", "outbox", "plan_value_version", "plan_value", "plan_lock", "plan_unlock", NULL}; *table; table++)
        sql("delete from desk.%s", *table);
    sql("delete from desk.person where username like 'p-%%'");
    sql("insert into desk.plan_lock (first, last, person, at) values (201801, 201812, %s, 0)", bytes("dd000000000000000000000000000000"));
    return each_setup(state);
}
#define REMIND(test) cmocka_unit_test_setup_teardown(test, remind_each, each_teardown)

static void person(int n, const char *code, uint32_t roles, const char *mail, const char *language, int disabled)
{
    char hex[33];
    snprintf(hex, sizeof hex, "dd%030d", n);
    sql("insert into desk.person (id, username, name, fold, mail, language, institution, roles, disabled) select %s, 'p-%d', 'P', 'p', '%s', '%s', id, %u, %d from "
        "desk.institution where code = '%s'", bytes(hex), n, mail, language, roles, disabled, code);
}

static void owner(int n, const char *code, const char *mail)
{
    person(n, code, 1u << ROLE_INDICATOR_OWNER, mail, "sq", 0);
}

static void entered(const char *code, const char *indicator, int first, int last, const char *state, const char *blank)
{
    static int n;
    char hex[33];
    snprintf(hex, sizeof hex, "ee%030d", ++n);
    sql("insert into desk.plan_value (id, indicator, first, last, institution, county, n, part_of, blank, comment, state, note, demo, version, corrections, person, at) "
        "select %s, '%s', %d, %d, id, '', %s, null, '%s', 'SHENJE', '%s', '', 0, 1, 0, %s, 0 from desk.institution where code = '%s'",
        bytes(hex), indicator, first, last, *blank ? "null" : "47110000", blank, state, bytes("dd000000000000000000000000000000"), code);
}

static int64_t at(const char *day) // ten in the morning or so
{
    return plan_day_noon(plan_day_read(str_from(day))) - 2 * CLOCK_HOUR;
}

static int64_t look(const char *day)
{
    assert_int_equal(plan_remind_look(&sv, at(day)), OK);
    return store_test_number("select count(*) from desk.outbox");
}

static const char *newest(const char *column)
{
    static struct buf out;
    char text[200];
    if (!out.at)
        buf_init(&out, 1 << 16);
    buf_clear(&out);
    snprintf(text, sizeof text, "select %s from desk.outbox order by seq desc limit 1", column);
    store_test_text(text, &out);
    buf_put_c(&out, '\0');
    return out.at;
}

static void before_on_and_after(void **state)
{
    (void)state;
    static const struct { const char *day; int64_t mails; } rows[] = {
        {"2019-02-07", 0}, {"2019-02-08", 1}, {"2019-02-08", 1}, {"2019-02-09", 1}, {"2019-02-14", 1}, {"2019-02-15", 2}, {"2019-02-16", 2},
        {"2019-02-22", 3}, {"2019-03-07", 3}, {"2019-03-08", 4}, {"2019-03-15", 5}, {"2019-03-17", 6},
        {"2019-03-24", 7}, // the 22nd was missed
        {"2019-04-12", 7}, // the 8th too long ago
        {"2019-04-14", 8}, {"2019-04-13", 8}, // a clock that goes back tells nobody again
    };
    owner(1, "ALO116", "a@isigurt.example");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (look(rows[i].day) != rows[i].mails)
            fail_msg("%s: %lld mails", rows[i].day, (long long)store_test_number("select count(*) from desk.outbox"));
}

static void what_the_mail_says(void **state)
{
    (void)state;
    owner(1, "ALO116", "a@isigurt.example");
    person(2, "MASR", 1u << ROLE_INDICATOR_OWNER, "m@isigurt.example", "en", 0);
    entered("ALO116", "4.1.a", 201901, 201901, "draft", "");
    assert_int_equal(look("2019-02-08"), 1);
    assert_string_equal(newest("recipient"), "a@isigurt.example\n");
    assert_string_equal(newest("subject"), "isigurt: 1 vlerë e planit nuk është dorëzuar\n");
    assert_non_null(strstr(newest("body"), "janar 2019: 1 vlerë, afati është më 15 shkurt 2019\nhttps://desk.example/plan/entry?period=2019-01\n"));
    assert_int_equal(look("2019-02-22"), 2);
    assert_non_null(strstr(newest("body"), "janar 2019: 1 vlerë, afati ishte më 15 shkurt 2019\n"));
    const char *const never[] = {"SHENJE", "4711", "4.1.a", "ALO116", "dd00", NULL};
    for (size_t i = 0; never[i]; i++)
        assert_null(strstr(newest("subject || body"), never[i]));
    assert_int_equal(look("2019-04-13"), 3); // quarters are due on the 20th: that of MASR
    assert_string_equal(newest("recipient"), "m@isigurt.example\n");
    assert_string_equal(newest("subject"), "isigurt: 3 values of the plan are not handed in\n");
    assert_non_null(strstr(newest("body"), "quarter 1 of 2019: 3 values, due on 20 April 2019\nhttps://desk.example/plan/entry?period=2019-Q1\n"));
}

static void more_than_a_mail_names(void **state)
{
    (void)state;
    owner(1, "ALO116", "a@isigurt.example");
    sql("delete from desk.plan_lock");
    assert_int_equal(look("2019-03-08"), 1); // 12 of 2018, 2 of 2019
    const char *body = newest("body"), *first = strstr(body, "shkurt 2019:"), *second = strstr(body, "janar 2019:");
    assert_true(first && second && first < second);
    assert_null(strstr(body, "shkurt 2018:"));
    assert_non_null(strstr(body, "Edhe 2 vlera të periudhave më të hershme:\nhttps://desk.example/plan/gaps\n"));
    assert_string_equal(newest("subject"), "isigurt: 14 vlera të planit nuk janë dorëzuar\n");
}

static void what_is_not_owed(void **state)
{
    (void)state;
    static const struct { const char *state, *blank; int64_t mails; } rows[] = {
        {"draft", "", 1}, {"returned", "", 1}, {"submitted", "", 0}, {"approved", "", 0}, {"draft", "Linja nuk punoi", 0}, {"submitted", "Linja nuk punoi", 0},
        {"returned", "Linja nuk punoi", 1}, // somebody did not take it
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        each_teardown(state);
        remind_each(state);
        owner(1, "ALO116", "a@isigurt.example");
        entered("ALO116", "4.1.a", 201901, 201901, rows[i].state, rows[i].blank);
        if (look("2019-02-15") != rows[i].mails)
            fail_msg("%s %s", rows[i].state, rows[i].blank);
    }
    sql("delete from desk.plan_value");
    sql("delete from desk.plan_reminded");
    sql("delete from desk.outbox");
    sql("insert into desk.plan_lock (first, last, person, at) values (201901, 201903, %s, 0)", bytes("dd000000000000000000000000000000"));
    assert_int_equal(look("2019-02-15"), 0); // a quarter locks its months
    sql("insert into desk.plan_unlock (first, last, institution, until, reason, person, at) select 201901, 201903, id, %lld, '', %s, 0 from desk.institution where code = 'ALO116'",
        (long long)at("2019-03-01"), bytes("dd000000000000000000000000000000"));
    assert_int_equal(look("2019-02-15"), 1); // open again for it
    assert_int_equal(look("2019-03-17"), 1); // and no more
}

static void who_is_told(void **state)
{
    (void)state;
    const uint32_t contact_role = 1u << ROLE_CONTACT;
    owner(1, "ALO116", "a@isigurt.example");
    owner(2, "ALO116", "b@isigurt.example");
    owner(3, "ALO116", "");
    person(4, "ALO116", 1u << ROLE_INDICATOR_OWNER, "d@isigurt.example", "sq", 1);
    person(5, "ALO116", contact_role, "e@isigurt.example", "sq", 0);         // there are owners
    person(6, "ISIGURT", contact_role, "f@isigurt.example", "sq", 0);        // 1.2.d each month, and no owner
    person(7, "ISIGURT", 1u << ROLE_MONITOR, "g@isigurt.example", "sq", 0);  // enters nothing
    owner(8, "KMDP", "h@isigurt.example");                                  // owes nothing
    person(9, "AKEP", 1u << ROLE_INDICATOR_OWNER, "i@isigurt.example", "sq", 0); // once a year: 2018 is locked
    assert_int_equal(look("2019-02-15"), 3);
    struct buf out;
    buf_init(&out, 4096);
    store_test_text("select recipient from desk.outbox order by recipient", &out);
    buf_put_c(&out, '\0');
    assert_string_equal(out.at, "a@isigurt.example\nb@isigurt.example\nf@isigurt.example\n");
    buf_free(&out);
    sql("delete from desk.plan_lock");
    assert_int_equal(look("2019-02-14"), 3 + 1); // 2018 is due: of those who were not told today or later
}

static void *courier(void *arg)
{
    enum err *e = arg;
    *e = plan_remind_look(&sv, at("2019-02-15"));
    return NULL;
}

static void two_couriers(void **state)
{
    (void)state;
    pthread_t thread[4];
    enum err e[4];
    for (int i = 1; i <= 9; i++)
        owner(i, "ALO116", "a@isigurt.example");
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, courier, &e[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < 4; i++)
        assert_int_equal(e[i], OK);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 9);
    assert_int_equal(store_test_number("select count(*) from desk.plan_reminded"), 9);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_test_queries), REMIND(before_on_and_after), REMIND(what_the_mail_says), REMIND(more_than_a_mail_names), REMIND(what_is_not_owed),
        REMIND(who_is_told), REMIND(two_couriers),
    };
    return store_test_end(cmocka_run_group_tests(tests, remind_setup, teardown));
}
