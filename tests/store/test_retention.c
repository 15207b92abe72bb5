// Keeping and erasing on both engines: rules, holds and two persons; what is emptied is read back row by row; nothing is
// deleted that the keeper has not said; another unit's supervisor sees and does nothing.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "desk_services.h"
#include "report/desk/desk.h"
#include "retention/handlers.h"
#include "retention/inside.h"

#define DAY_US (86400 * INT64_C(1000000))

static struct store *portal;
static struct services sv;
static struct keeper keeper;
static struct events events;
static struct report_desk *desk;
static struct person boss, admin, oversight, stranger;
static int64_t now;
static struct buf out;

static struct { enum err fails; unsigned calls; bool person; struct id thing; uint8_t hash[32]; void (*meanwhile)(void); } said;

enum err __wrap_keeper_erase(struct keeper *k, const struct token *t, struct id thing, const struct keeper_audit_at *asked,
                             const struct keeper_erase *at, size_t n);
enum err __wrap_keeper_erase(struct keeper *k, const struct token *t, struct id thing, const struct keeper_audit_at *asked,
                             const struct keeper_erase *at, size_t n)
{
    (void)k;
    (void)asked;
    assert_in_range(n, 1, KEEPER_ERASE_MAX);
    said.calls++;
    said.person = t != NULL;
    said.thing = thing;
    memcpy(said.hash, at[0].hash, 32);
    if (said.meanwhile)
        said.meanwhile();
    return said.fails;
}

static int setup(void **state)
{
    (void)state;
    store_test_desk(&sv, &keeper, &events, &portal, &out);
    now = clock_minute(clock_now());
    boss = worker_of(3, 100, ROLE_SUPERVISOR);
    stranger = worker_of(4, 101, ROLE_SUPERVISOR);
    admin = (struct person){.id = id_of(5), .roles = 1u << ROLE_ADMINISTRATOR};
    oversight = (struct person){.id = id_of(6), .roles = 1u << ROLE_OVERSIGHT};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_test_desk_close(&sv, portal, &out);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    memset(&said, 0, sizeof said);
    assert_int_equal(report_desk_new(&sv, &desk), OK);
    report_settle_stop(desk);
    sv.room = desk;
    return 0;
}

static int each_teardown(void **state)
{
    (void)state;
    report_desk_free(&desk);
    sv.room = NULL;
    store_test_sql("delete from intake.report; delete from intake.message; delete from reply.thread; delete from reply.step; delete from reply.message; "
                   "delete from reply.done; delete from desk.report; delete from desk.report_sealed; delete from desk.step; "
                   "delete from desk.reply_due; delete from desk.reply_gone; delete from desk.history; delete from desk.message; "
                   "delete from desk.tombstone; delete from desk.retention_hold; delete from desk.erasure; delete from desk.retained; "
                   "delete from desk.case_file; delete from desk.case_report; delete from desk.unit_wrap; delete from desk.child_wrap; "
                   "delete from desk.case_item");
    return 0;
}

static int64_t number(const char *sql)
{
    return store_test_number(sql);
}

// A report with a message of its reporter and an extra wrap, `days` ago brought to `ended`.
static struct id report(const char *category, const char *ended, int days)
{
    struct frame_report r;
    struct id message;
    char sql[512];
    int64_t at = now - days * DAY_US;
    frame_report_make(&r, &keeper, category, 3, at, "https://shembull.example/a", "fshehtë");
    assert_int_equal(frame_report_send(portal, &r), OK);
    assert_int_equal(frame_message_send(portal, &r, 1, at, "edhe kjo", false, &message), OK);
    report_ingest(&sv);
    assert_int_equal(report_settle(&sv), OK);
    struct id id = r.id;
    frame_report_free(&r);
    snprintf(sql, sizeof sql, "update desk.report set state = '%s', county = 'Korçë'; insert into desk.unit_wrap (home, unit, epoch, generation, sealed) "
             "select id, unit, 1, 1, kid from desk.report; insert into desk.step (report, seq, code, at) select id, 99, '%s', %lld from desk.report "
             "where not exists (select 1 from desk.step s where s.report = report.id and s.seq = 99)", ended, ended, (long long)at);
    store_test_sql(sql);
    return id;
}

static size_t pass(int64_t at)
{
    size_t done = 99;
    assert_int_equal(retention_pass(&sv, at, &done), OK);
    assert_int_equal(report_settle(&sv), OK);
    return done;
}

static void nothing_is_left(void)
{
    assert_int_equal(number("select count(*) from desk.report_sealed"), 0);
    assert_int_equal(number("select count(*) from desk.unit_wrap"), 0);
    assert_int_equal(number("select count(*) from desk.message"), 0);
    assert_int_equal(number("select count(*) from desk.report where lookup is not null or page_tag is not null or host_tag is not null or "
                            "county is not null or taken_by is not null or shredded is null or kid in (select kid from desk.message)"), 0);
    assert_int_equal(number("select count(*) from reply.thread"), 0);
    assert_int_equal(number("select count(*) from reply.message"), 0);
    assert_int_equal(number("select count(*) from reply.step"), 0);
    assert_int_equal(number("select count(*) from desk.reply_gone"), 0);
}

static void rules_act_in_two_steps(void **state)
{
    (void)state;
    report("SEXT", "closed", 729);
    assert_int_equal(pass(now), 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
    assert_int_equal(pass(now + DAY_US), 1);
    assert_false(said.person);
    assert_int_equal(number("select count(*) from desk.report where category = 'SEXT'"), 1); // figures count it
    assert_int_equal(number("select count(*) from desk.tombstone"), 1);
    nothing_is_left();
    assert_int_equal(pass(now + DAY_US), 0);
    assert_int_equal(said.calls, 1);
    assert_int_equal(pass(now + (1825 - 729) * DAY_US), 1);
    assert_int_equal(number("select count(*) from desk.report"), 0);
    assert_int_equal(number("select count(*) from desk.step"), 0);
    assert_int_equal(number("select count(*) from desk.tombstone"), 1);
    assert_int_equal(number("select count(*) from desk.retained"), 2);
}

static void a_category_has_its_own_rule_and_what_is_open_stays(void **state)
{
    (void)state;
    report("CSAM", "closed", 800);
    assert_int_equal(pass(now), 0);
    store_test_sql("update desk.report set category = 'SEXT', state = 'answered'");
    assert_int_equal(pass(now + 4000 * DAY_US), 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
}

// What cannot be done yet is not announced: the keeper's entry would make a restore empty it.
static void nothing_is_said_while_reply_is_not_told(void **state)
{
    (void)state;
    size_t done;
    report("SEXT", "spam", 100);
    store_test_sql("insert into desk.reply_due (report, message) select seq, null from desk.report");
    assert_int_equal(retention_pass(&sv, now, &done), OK);
    assert_int_equal(done, 0);
    assert_int_equal(said.calls, 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(pass(now), 1);
    assert_int_equal(said.calls, 1);
}

// While a pack is reloaded two desks are there, and on PostgreSQL several may be always: one acts, the other only looks.
static void two_desks_do_not_act_at_once(void **state)
{
    (void)state;
    size_t done = 7;
    struct store *other = store_test_open("desk", "desk", "intake");
    struct alone *turn = NULL;
    report("SEXT", "spam", 100);
    assert_int_equal(store_alone(other, "retention", &turn), OK);
    assert_int_equal(retention_pass(&sv, now, &done), ERR_CONFLICT);
    assert_int_equal(done, 0);
    assert_int_equal(said.calls, 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
    struct upcoming *up = malloc(sizeof *up);
    assert_non_null(up);
    retention_upcoming(up);
    assert_int_equal(up->looked, now);
    assert_int_equal(up->n, 1);
    free(up);
    store_alone_end(&turn);
    assert_int_equal(pass(now), 1);
    assert_int_equal(said.calls, 1);
    store_close(other);
}

static void nothing_goes_that_the_keeper_has_not_said(void **state)
{
    (void)state;
    size_t done;
    report("SEXT", "spam", 100);
    said.fails = ERR_AWAY;
    assert_int_equal(retention_pass(&sv, now, &done), ERR_AWAY);
    assert_int_equal(done, 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
    assert_int_equal(number("select count(*) from desk.tombstone"), 0);
    said.fails = OK;
    assert_int_equal(pass(now), 1);
}

static void reopen(void)
{
    store_test_sql("update desk.report set state = 'taken'");
}

static void what_is_opened_meanwhile_stays(void **state)
{
    (void)state;
    report("SEXT", "spam", 100);
    said.meanwhile = reopen;
    assert_int_equal(pass(now), 0);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
}

static void what_was_erased_is_not_taken_in_again(void **state)
{
    (void)state;
    report("SEXT", "spam", 100);
    assert_int_equal(pass(now), 1);
    assert_int_equal(pass(now + 400 * DAY_US), 1);
    assert_int_equal(number("select count(*) from intake.report"), 1); // the portal is not running here
    report_desk_free(&desk);
    each_setup(NULL); // a desk that starts again looks at all of intake
    report_ingest(&sv);
    assert_int_equal(number("select count(*) from desk.report"), 0);
}

static void calls(const char *name, const struct person *who, struct id id, const char *json, int expected)
{
    struct arena *arena = NULL;
    int status = 0;
    assert_int_equal(arena_new(8 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("sq")), .lang_code = STR("sq"), .now = now, .json = true, .id = id};
    buf_clear(&out);
    for (size_t i = 0; i < retention_desk_routes.n; i++)
        if (!strcmp(retention_desk_routes.at[i].name, name))
            status = web_call(&retention_desk_routes.at[i], &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    if (status != expected)
        fail_msg("%s: %d, not %d: %s", name, status, expected, out.at);
    arena_free(&arena);
}

static struct id last(void)
{
    struct id id;
    const char *at = strstr(out.at, "\"id\":\"");
    assert_non_null(at);
    assert_int_equal(id_from_hex((struct str){at + 6, 32}, &id), OK);
    return id;
}

static void two_persons_and_one_unit(void **state)
{
    (void)state;
    const struct id none = {0};
    char json[128], hex[ID_HEX];
    struct id r = report("SEXT", "closed", 1);
    snprintf(json, sizeof json, "{\"thing\": \"%s\", \"reason\": \"asked\"}", id_hex(r, hex));
    calls("retention_ask", &stranger, none, json, 422);
    calls("retention_ask", &boss, none, json, 201);
    struct id asked = last();
    calls("retention_ask", &admin, none, json, 409);
    calls("retention_list", &stranger, none, "{}", 200);
    assert_null(strstr(out.at, hex));
    calls("retention_list", &boss, none, "{}", 200);
    assert_non_null(strstr(out.at, hex));
    struct person both = boss, makes = oversight; // even with all roles
    both.roles |= 1u << ROLE_OVERSIGHT;
    makes.roles |= 1u << ROLE_ADMINISTRATOR; // whoever makes accounts could have made the one that asked
    for (size_t i = 0; i < 2; i++) {
        const struct person *who = i ? &makes : &both;
        calls("retention_approve", who, asked, "{}", 403);
        calls("retention_refuse", who, asked, "{}", 403);
    }
    assert_int_equal(said.calls, 0);
    calls("retention_approve", &oversight, id_of(77), "{}", 404);
    const int64_t received = number("select received from desk.report");
    said.fails = ERR_FORBIDDEN; // the keeper's own look
    calls("retention_approve", &oversight, asked, "{}", 403);
    assert_int_equal(number("select count(*) from desk.report_sealed"), 1);
    said.fails = OK;
    calls("retention_approve", &oversight, asked, "{}", 200);
    assert_true(said.person && id_equal(said.thing, r));
    assert_int_equal(report_settle(&sv), OK);
    nothing_is_left();
    assert_int_equal(number("select received from desk.report"), received); // to the minute, until figures have counted it
    calls("retention_approve", &oversight, asked, "{}", 409);
    calls("retention_ask", &boss, none, json, 422); // nothing is left to erase
    assert_int_equal(pass(now + 15 * DAY_US), 0);
    assert_int_equal(pass(now + 17 * DAY_US), 1); // figures have counted its days: the row goes
    assert_int_equal(number("select count(*) from desk.report"), 0);
}

static void holds(void **state)
{
    (void)state;
    const struct id none = {0};
    char json[128], hex[ID_HEX];
    struct id r = report("SEXT", "spam", 100);
    snprintf(json, sizeof json, "{\"thing\": \"%s\", \"reason\": \"proceedings\"}", id_hex(r, hex));
    calls("retention_hold", &stranger, none, json, 422);
    calls("retention_hold", &boss, none, json, 201);
    calls("retention_hold", &oversight, none, json, 409);
    assert_int_equal(pass(now), 0);
    calls("retention_list", &oversight, none, "{}", 200);
    assert_non_null(strstr(out.at, "\"held\":true"));
    calls("retention_lift", &stranger, r, "{}", 404);
    calls("retention_lift", &boss, r, "{}", 200);
    assert_int_equal(pass(now), 1);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
#define EACH(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {EACH(rules_act_in_two_steps), EACH(a_category_has_its_own_rule_and_what_is_open_stays),
                                       EACH(nothing_goes_that_the_keeper_has_not_said), EACH(two_desks_do_not_act_at_once), EACH(nothing_is_said_while_reply_is_not_told),
                                       EACH(what_is_opened_meanwhile_stays),
                                       EACH(what_was_erased_is_not_taken_in_again), EACH(two_persons_and_one_unit), EACH(holds), cmocka_unit_test(store_test_queries)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
