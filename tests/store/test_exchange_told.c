// Who hears of what comes, and when, on both engines: contacts, answer clocks, the mails of both alarms; and what the receiver
// notes down for itself.
#include "exchange_room.h"
#include <stdlib.h>
#include <time.h>
#include "casefile/courier/file_alarm.h"
#include "exchange/courier/answer_alarm.h"

static void contacts(void **state)
{
    (void)state;
    char body[200], hex[2][ID_HEX];
    answers(call("exchange_contacts", &officer, (struct id){{0}}, "{}"), 200);
    assert_true(says(id_hex(police, hex[0])) && says(id_hex(silent, hex[1])));
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 1}", hex[0], id_hex(exchange_frame_person(FRAME_OTHER), hex[1]));
    answers(call("exchange_contact", &officer, (struct id){{0}}, body), 422); // not his unit
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 200);
    assert_true(says("\"Cela\""));
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 4}", hex[0], hex[1]);
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422);
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 2}", hex[0], id_hex(exchange_frame_person(FRAME_OFFICER), hex[1]));
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422); // no member
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 2}", hex[0], id_hex(exchange_frame_person(FRAME_OTHER), hex[1]));
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422); // has the first place already
    assert_int_equal(store_test_number("select count(*) from desk.contact"), 1);
}

// Answer clocks are elapsed time: both nights on which the clock on the wall jumps, a weekend and a holiday change nothing.
static void urgent_clocks_are_elapsed_time(void **state)
{
    (void)state;
    static const int64_t minutes[] = {29914200 - 60, 29609160 - 60, 29882880, 29450000}; // October and March nights, a Saturday, any
    static const enum pack_clock clocks[] = {CLOCK_ANSWER_U1, CLOCK_ANSWER_U2, CLOCK_ANSWER_U3, CLOCK_ANSWER_U4};
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
        for (int64_t u = 1; u <= 4; u++)
            for (int elapsed = u > 2; elapsed < 2; elapsed++) { // U1 and U2 in any case, U3 and U4 of a sexual category
                struct req rq = {.sv = &sv, .now = minutes[i] * 60 * CLOCK_SECOND};
                assert_int_equal(referral_answer_due(&rq, u, elapsed) - rq.now, pack_seconds(sv.pack, clocks[u - 1]) * CLOCK_SECOND);
            }
}

// The receiver's own notes lie under a key that the sender has not; two who write at once both are kept.
static void notes_are_the_receivers(void **state)
{
    (void)state;
    struct made m;
    pthread_t thread[2];
    make(&m);
    sent(&m);
    struct racer racer[2] = {{"referral_note", "{\"text\": \"i pari\"}", m.last, 0}, {"referral_note", "{\"text\": \"i dyti\"}", m.last, 0}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(racer[0].status, 201);
    assert_int_equal(racer[1].status, 201);
    answers(call("referral_read", &other, m.last, "{}"), 200);
    assert_true(says("i pari") && says("i dyti"));
    answers(call("referral_read", &officer, m.last, "{}"), 200);
    assert_false(says("i pari") || says("i dyti"));
    answers(call("referral_note", &officer, m.last, "{\"text\": \"x\"}"), 403);
    answers(call("referral_note", &stranger, m.last, "{\"text\": \"x\"}"), 404);
    assert_int_equal(store_test_number("select count(*) from desk.referral_work"), 1);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"jo tonat, kështu u pa\"}"), 200);
    answers(call("referral_note", &other, m.last, "{\"text\": \"x\"}"), 409);
}

// Who answers first is told at once; where nobody answers, the next place each answer time; nobody twice for the same.
static void clocks_climb(void **state)
{
    (void)state;
    static struct config config;
    struct made m;
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    sv.config = &config;
    store_test_sql("delete from desk.referral; delete from desk.outbox; update desk.person set mail = 'cela@posta.example' where username = 'tjetri'; "
                   "update desk.person set mail = 'koordinator@posta.example', roles = 512 where username = 'i.dyti'");
    make(&m);
    sent(&m);
    exchange_alarm_run(&sv);
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'cela@posta.example'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 1);
    store_test_sql("update desk.referral set answer_due = 0, climb_at = 0"); // long ago
    exchange_alarm_run(&sv); // no deputy, no head: the coordinator
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'koordinator@posta.example'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'koordinator@posta.example' and "
                                       "body like '%https://desk.example/referrals/late%'"), 1); // a page that the coordinator may read
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 2);
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 2);
}

// By working days the next place hears later; the courier writes what the pages' function says. Ended: nobody hears any more.
static void clocks_climb_by_working_days(void **state)
{
    (void)state;
    struct made m;
    char text[200];
    setenv("TZ", "Europe/Tirane", 1);
    tzset();
    make(&m);
    store_test_sql("delete from desk.referral"); // accepted ones have a clock too
    sent(&m);
    assert_int_equal(store_test_number("select elapsed from desk.referral where climb_at is not null"), 1); // sexual
    int64_t friday = INT64_C(1780646400) * CLOCK_SECOND; // 2026-06-05 10:00 in Tirana
    store_test_sql("delete from desk.outbox; insert into desk.contact (unit, person, place) select unit, person, 2 from desk.contact where place = 1");
    for (int elapsed = 0; elapsed < 2; elapsed++) {
        snprintf(text, sizeof text, "update desk.referral set urgency = 3, elapsed = %d, climbed = 0, answer_due = %lld, climb_at = %lld where state = 'sent'",
                 elapsed, (long long)friday, (long long)friday);
        store_test_sql(text);
        exchange_alarm_run(&sv);
        assert_int_equal(store_test_number("select climbed from desk.referral where state = 'sent'"), 1); // the deputy
        assert_int_equal(store_test_number("select count(*) from desk.outbox"), elapsed + 1);
        int64_t next = store_test_number("select climb_at from desk.referral where state = 'sent'");
        assert_int_equal(next - friday, (elapsed ? 3 : 5) * CLOCK_DAY); // over the weekend, or not
        assert_int_equal(next, exchange_climb_at(sv.pack, REFERRAL_SENT, 3, elapsed, friday, 1));
    }
    answers(call("referral_ask", &other, m.last, "{\"text\": \"?\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.referral where climbed = -1 and climb_at <= answer_due"), 1); // a new turn
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"Arsye e provës.\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.referral where climb_at is not null"), 0);
}

struct seeing { struct req rq; struct referral r; };
static enum err seen_write(struct db *db, void *arg)
{
    const struct seeing *x = arg;
    return referral_seen_db(db, &x->rq, &x->r);
}

// What the other side does between the reading and what the reading leaves behind is still new.
static void what_came_meanwhile_is_new(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    sent(&m);
    store_test_sql("update desk.referral set news_to = 2");
    struct seeing x = {.rq = {.sv = &sv, .who = other.who}, .r = {.id = m.last, .to_me = true, .news = true}};
    x.r.version = store_test_number("select version from desk.referral order by seq desc limit 1") - 1; // as it was read
    assert_int_equal(store_write(sv.store, seen_write, &x), OK);
    assert_int_equal(store_test_number("select news_to from desk.referral order by seq desc limit 1"), 2);
    x.r.version++;
    assert_int_equal(store_write(sv.store, seen_write, &x), OK);
    assert_int_equal(store_test_number("select news_to from desk.referral order by seq desc limit 1"), 0);
}

// A case file that came: the contact, else the deputy, else the head, once; never one that went outside or was taken back.
static void a_case_file_is_told(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    store_test_sql("delete from desk.referral");
    sent(&m);
    const char *come = "insert into desk.casefile (id, case_id, from_unit, to_unit, person, made, size, sealed, opened) select id, case_id, from_unit, to_unit, "
                       "from_unit, sent, 1, null, 0 from desk.referral";
    store_test_sql("delete from desk.outbox; delete from desk.contact where place > 1");
    store_test_sql(come);
    store_test_sql("insert into desk.casefile (id, case_id, from_unit, to_unit, person, made, size, sealed, opened) select case_id, case_id, from_unit, to_unit, "
                   "from_unit, sent, 1, null, 0 from desk.referral"); // a second: one mail of both
    for (int look = 0; look < 2; look++)
        casefile_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'cela@posta.example' and body like '%https://desk.example/casefiles%'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.casefile where told = 1"), 2);
    const struct { const char *change; int mails; } next[] = {
        {"update desk.contact set place = 3", 2},                                   // nobody but the head
        {"update desk.casefile set revoked_at = 1", 2},
        {"update desk.casefile set revoked_at = null, to_unit = null", 2},
        {"update desk.casefile set to_unit = (select to_unit from desk.referral)", 3},
        {"delete from desk.contact", 3},                                            // nobody at all: the log says so
    };
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        store_test_sql(next[i].change);
        store_test_sql("update desk.casefile set told = 0");
        casefile_alarm_run(&sv);
        assert_int_equal(store_test_number("select count(*) from desk.outbox"), next[i].mails);
    }
    assert_int_equal(store_test_number("select count(*) from desk.casefile where told = 1"), 2); // not again and again
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contacts), cmocka_unit_test(urgent_clocks_are_elapsed_time),
        cmocka_unit_test(notes_are_the_receivers), cmocka_unit_test(clocks_climb),
        cmocka_unit_test(clocks_climb_by_working_days), cmocka_unit_test(what_came_meanwhile_is_new),
        cmocka_unit_test(a_case_file_is_told), cmocka_unit_test(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup_agreed, teardown));
}
