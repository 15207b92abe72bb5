// Triage on both engines: assessment by two different persons, hand-over, many at once and undone, exposure and its limits,
// clocks, and the whole table of states walked through the rows.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "desk_services.h"
#include "report/courier/clock_climb.h"
#include "report/desk/exposure_store.h"
#include "report/desk/triage.h"

static struct store *portal;
static struct services sv;
static struct config config;
static struct keeper keeper;
static struct events events;
static struct report_desk *desk;
static struct person officer, colleague, third, boss, stranger;
static int64_t now;
static struct buf out;

static enum err people_db(struct db *db, void *arg)
{
    (void)arg;
    enum err e = people_setup_institutions(db, sv.pack);
    e = e ? e : people_setup_unit(db, id_of(100), STR("ISIGURT"), STR("desk"), STR(""));
    for (uint8_t n = 1; n <= 3 && !e; n++) {
        char user[20];
        snprintf(user, sizeof user, "worker%d", n);
        e = people_setup_person(db, id_of(n), str_from(user), str_from(user), STR("ISIGURT"), str_from("w@x.example"), STR("sq"));
        e = e ? e : people_setup_member(db, id_of(100), id_of(n));
    }
    e = e ? e : people_setup_roles(db, id_of(3), 1u << ROLE_SUPERVISOR);
    return e;
}

static int setup(void **state)
{
    (void)state;
    store_test_desk(&sv, &keeper, &events, &portal, &out);
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    sv.config = &config;
    officer = worker_of(1, 100, ROLE_DUTY_OFFICER);
    colleague = worker_of(2, 100, ROLE_ANALYST);
    boss = worker_of(3, 100, ROLE_SUPERVISOR);
    third = worker_of(4, 100, ROLE_ANALYST);
    stranger = worker_of(5, 101, ROLE_SUPERVISOR);
    assert_int_equal(store_write(sv.store, people_db, NULL), OK);
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
    memset(&events, 0, sizeof events);
    keeper.fails = OK;
    now = date_next_midnight(clock_now()) - 12 * CLOCK_HOUR;
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
    store_test_sql("delete from intake.report; delete from reply.thread; delete from reply.step; delete from reply.message; delete from reply.done; "
                   "delete from desk.report; delete from desk.report_sealed; delete from desk.note; delete from desk.step; "
                   "delete from desk.reply_due; delete from desk.history; delete from desk.assessment; delete from desk.handover; "
                   "delete from desk.handover_report; delete from desk.bulk; delete from desk.bulk_report; delete from desk.exposure; "
                   "delete from desk.exposure_lift; delete from desk.outbox; delete from desk.roster;");
    return 0;
}

static const struct route *row_named(const char *name)
{
    const struct routes *rooms[] = {&report_triage_routes, &report_desk_routes};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < rooms[k]->n; i++)
            if (!strcmp(rooms[k]->at[i].name, name))
                return &rooms[k]->at[i];
    fail_msg("no row %s", name);
    return NULL;
}

static int call(const char *name, const struct person *who, struct id id, const char *json)
{
    struct arena *arena;
    assert_int_equal(arena_new(4 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"), .id = id,
                     .now = now, .json = true};
    buf_clear(&out);
    int status = web_call(row_named(name), &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    return status;
}

static void page(const char *name, const struct person *who, struct id id, const char *lang)
{
    const struct route *row = row_named(name);
    struct req rq = {.sv = &sv, .who = *who, .lang = text_lang(str_from(lang)), .lang_code = str_from(lang), .lang_other = STR("en"),
                     .id = id, .now = now, .csrf = STR("csrf"), .version = STR("1"), .nav = {.reports = true}};
    rq.who.name = STR("Ana Zeka");
    assert_int_equal(arena_new(4 << 20, &rq.arena), OK);
    buf_clear(&out);
    void *in = arena_alloc(rq.arena, 4096), *given = arena_alloc(rq.arena, row->out->size > 0 ? row->out->size : 1);
    assert_int_equal(row->run(&rq, in, given), OK);
    row->page(&out, &rq, in, given);
    assert_int_equal(buf_ok(&out), OK);
    buf_put_c(&out, '\0');
    arena_free(&rq.arena);
}

static void says(const char *text)
{
    if (!strstr(out.at, text))
        fail_msg("%s\nis not in\n%s", text, out.at);
}

static void says_not(const char *text)
{
    if (strstr(out.at, text))
        fail_msg("%s\nis in\n%s", text, out.at);
}

static struct id one(const char *category, int64_t urgency)
{
    struct frame_report r;
    frame_report_make(&r, &keeper, category, urgency, now, "http://keq.example/a", "Më kërcënojnë");
    assert_int_equal(frame_report_send(portal, &r), OK);
    report_ingest(&sv);
    struct id id = r.id;
    frame_report_free(&r);
    return id;
}

static const char *hex(struct id id)
{
    static char at[4][ID_HEX];
    static int n;
    return id_hex(id, at[n = (n + 1) % 4]);
}

#define LEGAL "{\"answers\": [\"risk_kind:content\", \"risk_nature:sexual\", \"incident:SEXT\", \"verdict:not_illegal\"]}"
#define ILLEGAL(severity) "{\"answers\": [\"risk_kind:content\", \"risk_nature:sexual\", \"incident:CSAM\", \"verdict:illegal_baseline\", " \
    "\"age_group:pubescent\", \"severity:" severity "\"], \"note\": \"Shënim i fshehtë\", \"version\": 1}"

static void one_person_settles_what_is_not_illegal(void **state)
{
    (void)state;
    struct id id = one("SEXT", 2);
    assert_int_equal(call("assess_first", &officer, id, LEGAL), 409); // take it first
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    assert_int_equal(call("assess_first", &colleague, id, LEGAL), 409); // who holds it
    assert_int_equal(call("assess_first", &stranger, id, LEGAL), 404);
    assert_int_equal(call("assess_read", &stranger, id, "{}"), 404);
    assert_int_equal(call("assess_first", &officer, id, "{\"answers\": [\"verdict:not_illegal\"]}"), 422);
    assert_int_equal(call("assess_first", &officer, id, "{\"answers\": [\"verdict:nonsense\"]}"), 422);
    assert_int_equal(call("assess_first", &officer, id, "{\"answers\": [\"nothing:x\"]}"), 422);
    assert_int_equal(call("assess_second", &colleague, id, LEGAL), 409); // nothing waits for a second
    keeper.fails = ERR_AWAY;
    assert_int_equal(call("assess_first", &officer, id, LEGAL), 503);
    keeper.fails = OK;
    assert_int_equal(store_test_number("select count(*) from desk.assessment"), 0);
    assert_int_equal(call("assess_first", &officer, id, LEGAL), 200);
    says("\"status\":\"settled\"");
    assert_int_equal(keeper.last_action, AUDIT_REPORT_ASSESSMENT);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'assessed' and climb_at is null"), 1);
    assert_int_equal(store_test_number("select version from desk.assessment"), 1);
}

static void illegal_needs_a_second_different_person(void **state)
{
    (void)state;
    struct id id = one("CSAM", 3);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    assert_int_equal(call("assess_first", &officer, id, ILLEGAL("A1")), 200);
    says("\"status\":\"second\"");
    assert_int_equal(call("assess_second", &officer, id, ILLEGAL("A1")), 403); // not oneself
    assert_int_equal(call("assess_first", &officer, id, ILLEGAL("A2")), 200);  // again: still one person
    says("\"status\":\"second\"");
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"closed\"}"), 409);
    says("second person");
    char many[200];
    snprintf(many, sizeof many, "{\"reports\": [\"%s\"], \"reason\": \"test\"}", hex(id));
    assert_int_equal(call("bulk_add", &officer, id_of(0), many), 409);
    assert_int_equal(call("assess_read", &colleague, id, "{}"), 200); // who has not answered sees no answer
    says("\"shown\":false");
    says("\"verdict\":null,\"answers\":[]");
    says_not("fshehtë");
    page("assess_read", &colleague, id, "sq");
    says("Ju jeni personi i dytë");
    says_not("Shënim i fshehtë");
    assert_int_equal(call("assess_second", &colleague, id, LEGAL), 200);
    says("\"status\":\"differ\"");
    page("assess_read", &colleague, id, "en");
    says("do not agree");
    says("other than the first");
    says("Shënim i fshehtë");
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'taken'"), 1);
    assert_int_equal(call("assess_second", &third, id, ILLEGAL("A1")), 200); // two of three
    says("\"status\":\"settled\"");
    says("\"verdict\":\"illegal_baseline\"");
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'assessed'"), 1);
    assert_int_equal(call("assess_second", &colleague, id, ILLEGAL("A1")), 409);
    struct buf all;
    buf_init(&all, 1 << 20);
    store_test_text("select item from desk.assessment", &all);
    buf_put_c(&all, '\0');
    assert_null(strstr(all.at, "severity")); // sealed
    assert_null(strstr(all.at, "fshehtë"));
    buf_free(&all);
    store_test_sql("update desk.assessment set verdict = 'not_illegal', second = 0 where seq = 2"); // does not open
    assert_int_equal(call("assess_read", &officer, id, "{}"), 200);
    says("\"altered\":true");
    assert_int_equal(call("assess_first", &officer, id, "{\"answers\": [\"verdict:not_illegal\"], \"version\": 7}"), 409);
}

static void nobody_takes_illegal_back_alone(void **state)
{
    (void)state;
    struct id id = one("CSAM", 3);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    assert_int_equal(call("assess_first", &officer, id, ILLEGAL("A1")), 200);
    assert_int_equal(call("assess_first", &officer, id, LEGAL), 200);
    says("\"status\":\"second\"");
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"closed\"}"), 409);
    assert_int_equal(call("assess_first", &officer, id, ILLEGAL("A1")), 200);
    assert_int_equal(call("assess_second", &colleague, id, ILLEGAL("A1")), 200);
    says("\"status\":\"settled\"");
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'assessed' and climb_at is null"), 1);
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"taken\"}"), 409); // not by hand
    // Two had agreed, one no longer: it waits again, with a clock, and does not close.
    assert_int_equal(call("assess_first", &officer, id, LEGAL), 200);
    says("\"status\":\"differ\"");
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'taken' and climb_at is not null"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'differs'"), 1);
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"closed\"}"), 409);
    assert_int_equal(call("assess_second", &colleague, id, LEGAL), 200);
    says("\"verdict\":\"not_illegal\"");
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'assessed'"), 1);
}

static void duty_is_handed_over(void **state)
{
    (void)state;
    char json[400];
    struct id id = one("BULLY", 3), other = one("BULLY", 3);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    snprintf(json, sizeof json, "{\"reports\": [\"%s\"], \"to\": \"%s\", \"note\": \"Nëna telefonon në orën 18\"}", hex(id), hex(colleague.id));
    assert_int_equal(call("handover_add", &colleague, id_of(0), json), 422); // to oneself
    assert_int_equal(call("handover_add", &stranger, id_of(0), json), 404);
    assert_int_equal(call("handover_add", &boss, id_of(0), json), 409); // not the boss's
    assert_int_equal(call("handover_add", &officer, id_of(0), "{\"reports\": [], \"to\": \"00000000000000000000000000000001\"}"), 422);
    snprintf(json, sizeof json, "{\"reports\": [\"%s\"], \"to\": \"%s\"}", hex(id), hex(id_of(77)));
    assert_int_equal(call("handover_add", &officer, id_of(0), json), 422); // not of the unit
    snprintf(json, sizeof json, "{\"reports\": [\"%s\", \"%s\"], \"to\": \"%s\"}", hex(id), hex(other), hex(colleague.id));
    assert_int_equal(call("handover_add", &officer, id_of(0), json), 409); // the other is nobody's
    snprintf(json, sizeof json, "{\"reports\": [\"%s\"], \"to\": \"%s\", \"note\": \"Nëna telefonon në orën 18\"}", hex(id), hex(colleague.id));
    assert_int_equal(call("handover_add", &officer, id_of(0), json), 200);
    assert_int_equal(keeper.last_action, AUDIT_REPORT_HANDOVER);
    assert_int_equal(store_test_number("select count(*) from desk.handover"), 1);
    page("handover_read", &officer, id_of(0), "sq");
    says("Tani nuk është askush në gatishmëri"); // the gap
    says("BULLY");                               // still the giver's
    page("report_list", &colleague, id_of(0), "sq");
    says("1 dorëzim pret konfirmimin tuaj.");
    says("Tani nuk është askush në gatishmëri");
    assert_int_equal(call("handover_read", &colleague, id_of(0), "{}"), 200);
    const char *at = strstr(out.at, "\"waiting\":[{\"id\":\"");
    assert_non_null(at);
    struct id handover;
    assert_int_equal(id_from_hex((struct str){at + 18, 32}, &handover), OK);
    assert_int_equal(call("handover_confirm", &boss, handover, "{}"), 404);
    assert_int_equal(call("handover_confirm", &officer, handover, "{}"), 404);
    assert_int_equal(call("handover_confirm", &colleague, handover, "{}"), 200);
    says("\"reports\":1");
    assert_int_equal(call("handover_confirm", &colleague, handover, "{}"), 409);
    assert_int_equal(call("report_read", &colleague, id, "{}"), 200);
    says("Nëna telefonon në orën 18");
    says("\"taken_by\":\"aa000000000000000000000000000002\"");
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"closed\"}"), 409);
    assert_int_equal(call("report_state", &colleague, id, "{\"state\": \"closed\"}"), 200);
}

static struct id waiting_of(const struct person *who)
{
    struct id id = {{0}};
    assert_int_equal(call("handover_read", who, id, "{}"), 200);
    const char *at = strstr(out.at, "\"waiting\":[{\"id\":\"");
    assert_non_null(at);
    assert_int_equal(id_from_hex((struct str){at + 18, 32}, &id), OK);
    return id;
}

static void a_hand_over_is_declined(void **state)
{
    (void)state;
    char json[400];
    struct id id = one("BULLY", 3);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    snprintf(json, sizeof json, "{\"reports\": [\"%s\"], \"to\": \"%s\"}", hex(id), hex(colleague.id));
    assert_int_equal(call("handover_add", &officer, id_of(0), json), 200);
    struct id handover = waiting_of(&colleague);
    assert_int_equal(call("handover_decline", &colleague, handover, "{\"reason\": \" \"}"), 422);
    assert_int_equal(call("handover_decline", &officer, handover, "{\"reason\": \"Arsye e provës.\"}"), 404); // his own
    assert_int_equal(call("handover_decline", &stranger, handover, "{\"reason\": \"Arsye e provës.\"}"), 404);
    assert_int_equal(call("handover_decline", &colleague, handover, "{\"reason\": \"Jam te një rast tjetër\"}"), 200);
    assert_int_equal(keeper.last_action, AUDIT_REPORT_HANDOVER);
    assert_int_equal(call("handover_decline", &colleague, handover, "{\"reason\": \"Arsye e provës.\"}"), 409); // once
    assert_int_equal(call("handover_confirm", &colleague, handover, "{}"), 409);
    assert_int_equal(call("report_read", &officer, id, "{}"), 200);
    says("\"taken_by\":\"aa000000000000000000000000000001\""); // the duty stays
    says("Jam te një rast tjetër");
    page("handover_read", &officer, id_of(0), "sq");
    says("nuk e mori 1 raportim");
    says("Jam te një rast tjetër");
    page("report_list", &officer, id_of(0), "sq");
    says("1 dorëzim juaji nuk u mor");
    assert_int_equal(call("handover_add", &officer, id_of(0), json), 200); // again: nothing is left of the old one
    page("report_list", &officer, id_of(0), "sq");
    assert_null(strstr(out.at, "dorëzim juaji"));
    assert_int_equal(call("handover_confirm", &colleague, waiting_of(&colleague), "{}"), 200);
}

static void many_at_once_and_undone(void **state)
{
    (void)state;
    char json[600];
    struct id a = one("HARM", 3), b = one("HARM", 3), c = one("HARM", 3), d = one("HARM", 3);
    assert_int_equal(call("report_take", &officer, b, "{}"), 200);
    assert_int_equal(call("report_take", &colleague, c, "{}"), 200);
    assert_int_equal(call("report_take", &officer, d, "{}"), 200);
    assert_int_equal(call("report_state", &officer, d, "{\"state\": \"closed\"}"), 200);
    snprintf(json, sizeof json, "{\"reports\": [\"%s\", \"%s\", \"%s\", \"%s\", \"%s\"], \"reason\": \"advert\"}", hex(a), hex(b), hex(c), hex(d), hex(a));
    assert_int_equal(call("bulk_add", &stranger, id_of(0), json), 404);
    assert_int_equal(call("bulk_add", &officer, id_of(0), "{\"reports\": [\"x\"], \"reason\": \"advert\"}"), 422);
    snprintf(json + strlen(json) - 9, 20, "\"nothing\"}");
    assert_int_equal(call("bulk_add", &officer, id_of(0), json), 422);
    snprintf(json, sizeof json, "{\"reports\": [\"%s\", \"%s\", \"%s\"], \"reason\": \"advert\"}", hex(a), hex(b), hex(c));
    assert_int_equal(call("bulk_add", &officer, id_of(0), json), 200);
    says("\"done\":2,\"left\":1"); // the colleague's is left
    struct id act;
    assert_int_equal(id_from_hex((struct str){strstr(out.at, "\"id\":\"") + 6, 32}, &act), OK);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'spam'"), 2);
    assert_int_equal(call("bulk_list", &officer, id_of(0), "{}"), 200);
    says("\"reports\":2");
    assert_int_equal(call("bulk_undo", &stranger, act, "{}"), 404);
    assert_int_equal(call("bulk_undo", &boss, act, "{}"), 200);
    says("\"done\":2");
    assert_int_equal(call("bulk_undo", &boss, act, "{}"), 409);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'new' and taken_by is null and climb_at = take_due"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'taken'"), 2);
}

static void exposure_is_counted_and_limited(void **state)
{
    (void)state;
    struct id sexual = one("SEXT", 2), other = one("BULLY", 3), danger = one("SEXT", 1);
    int64_t begin = now;
    assert_int_equal(call("report_read", &officer, other, "{}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.exposure"), 0); // no sexual content
    for (int i = 0; i < 13; i++, now += 5 * CLOCK_MINUTE)
        assert_int_equal(call("report_read", &officer, sexual, "{}"), i < 12 ? 200 : 429); // an hour without a break
    says("break");
    assert_int_equal(call("report_read", &officer, danger, "{}"), 200); // who is in danger now never waits
    assert_int_equal(call("report_read", &officer, other, "{}"), 200);
    assert_int_equal(call("report_read", &colleague, sexual, "{}"), 200);
    now += 16 * CLOCK_MINUTE;
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 200);
    store_test_sql("update desk.exposure set seconds = 17999, last = 0, stretch = 0 where openings > 5");
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 200);
    now += 2 * CLOCK_SECOND;
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 429); // five hours
    says("enough for one day");
    assert_int_equal(call("load_list", &boss, id_of(0), "{}"), 200);
    says("\"why\":\"day\"");
    says_not(hex(sexual));
    page("load_list", &boss, id_of(0), "sq");
    says("mjaft për sot");
    says_not("SEXT");
    assert_int_equal(call("lift", &boss, boss.id, "{\"hours\": 1, \"reason\": \"Arsye e provës.\"}"), 403);
    assert_int_equal(call("lift", &stranger, officer.id, "{\"hours\": 1, \"reason\": \"Arsye e provës.\"}"), 404);
    assert_int_equal(call("lift", &boss, officer.id, "{\"hours\": 99, \"reason\": \"Arsye e provës.\"}"), 422);
    assert_int_equal(call("lift", &boss, officer.id, "{\"hours\": 1, \"reason\": \"  \"}"), 422);
    keeper.fails = ERR_AWAY; // nothing without its audit
    assert_int_equal(call("lift", &boss, officer.id, "{\"hours\": 1, \"reason\": \"Nuk ka tjetër\"}"), 503);
    keeper.fails = OK;
    assert_int_equal(call("lift", &boss, officer.id, "{\"hours\": 1, \"reason\": \"Nuk ka tjetër\"}"), 200);
    assert_int_equal(keeper.last_action, AUDIT_LIMIT_LIFTED);
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 200);
    now += CLOCK_HOUR + CLOCK_SECOND;
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 429); // it was for an hour
    now = date_next_midnight(begin) - CLOCK_HOUR;                        // 23:00, nobody on call
    assert_int_equal(call("report_read", &colleague, sexual, "{}"), 429);
    says("late");
    now = date_next_midnight(begin) + 10 * CLOCK_HOUR;
    assert_int_equal(call("report_read", &officer, sexual, "{}"), 200);  // a new day
}

// Every act from every state: what the table allows happens, nothing else does.
static void the_table_is_walked(void **state)
{
    (void)state;
    char same[100]; // a duplicate of another one, which stays as it is
    snprintf(same, sizeof same, "{\"state\":\"duplicate\",\"of\":\"%s\"}", hex(one("BULLY", 3)));
    const struct { const char *row, *json; enum report_state to; } acts[] = {
        {"report_take", "{}", REPORT_TAKEN}, {"report_release", "{}", REPORT_NEW}, {"report_state", "{\"state\":\"new\"}", REPORT_NEW},
        {"report_state", "{\"state\":\"taken\"}", REPORT_TAKEN}, {"report_state", "{\"state\":\"assessed\"}", REPORT_ASSESSED},
        {"report_state", "{\"state\":\"answered\"}", REPORT_ANSWERED}, {"report_state", "{\"state\":\"in_case\"}", REPORT_IN_CASE},
        {"report_state", same, REPORT_DUPLICATE}, {"report_state", "{\"state\":\"duplicate\"}", REPORT_STATES}, {"report_state", "{\"state\":\"spam\"}", REPORT_SPAM},
        {"report_state", "{\"state\":\"withdrawn\"}", REPORT_WITHDRAWN}, {"report_state", "{\"state\":\"closed\"}", REPORT_CLOSED},
        {"report_answer", "{\"text\":\"Përshëndetje\"}", REPORT_ANSWERED}, {"assess_first", LEGAL, REPORT_ASSESSED},
    };
    struct id id = one("BULLY", 3);
    for (unsigned s = 0; s < REPORT_STATES; s++)
        for (size_t a = 0; a < sizeof acts / sizeof *acts; a++) {
            char sql[300], count[200];
            const char *from = report_state_name((enum report_state)s);
            snprintf(sql, sizeof sql, "delete from desk.assessment; update desk.report set state = '%s', taken_by = %s%s%s where seq = (select max(seq) from desk.report);", from,
                     s == REPORT_NEW ? "null" : store_test_sqlite() ? "x'" : "'\\x", s == REPORT_NEW ? "" : hex(officer.id), s == REPORT_NEW ? "" : "'");
            store_test_sql(sql);
            int status = call(acts[a].row, &officer, id, acts[a].json);
            for (unsigned t = 0; t < REPORT_STATES; t++) {
                snprintf(count, sizeof count, "select count(*) from desk.report where state = '%s' and seq = (select max(seq) from desk.report)", report_state_name((enum report_state)t));
                if (store_test_number(count) == 0 || t == s)
                    continue;
                if (status != 200 || t != acts[a].to || !report_state_may((enum report_state)s, (enum report_state)t))
                    fail_msg("%s: %s %s led to %s, status %d", from, acts[a].row, acts[a].json, report_state_name((enum report_state)t), status);
            }
            if (status != 200 && status != 409 && status != 422)
                fail_msg("%s: %s %s: %d", from, acts[a].row, acts[a].json, status);
        }
}

// A duplicate says of what; what becomes of that one becomes of it.
static void duplicates_follow(void **state)
{
    (void)state;
    struct id a = one("BULLY", 3), b = one("BULLY", 3), c = one("BULLY", 3);
    char of_a[120], of_b[120], of_c[120], nobody[120];
    snprintf(of_a, sizeof of_a, "{\"state\":\"duplicate\",\"of\":\"%s\"}", hex(a));
    snprintf(of_b, sizeof of_b, "{\"state\":\"duplicate\",\"link\":\"https://desk.example/reports/%s\"}", hex(b));
    snprintf(of_c, sizeof of_c, "{\"state\":\"duplicate\",\"of\":\"%s\"}", hex(c));
    snprintf(nobody, sizeof nobody, "{\"state\":\"duplicate\",\"of\":\"%s\"}", hex(officer.id));
    assert_int_equal(call("report_take", &officer, b, "{}"), 200);
    assert_int_equal(call("report_take", &officer, c, "{}"), 200);
    assert_int_equal(call("report_state", &officer, c, "{\"state\":\"duplicate\",\"link\":\"https://desk.example/reports\"}"), 422);
    assert_int_equal(call("report_state", &officer, c, of_c), 422); // itself
    assert_int_equal(call("report_state", &officer, c, nobody), 422);
    assert_int_equal(call("report_state", &officer, c, of_b), 200);
    assert_int_equal(call("report_state", &officer, b, of_c), 422); // in a ring
    assert_int_equal(call("report_state", &officer, b, of_a), 200); // c goes with it
    assert_int_equal(store_test_number("select count(*) from desk.report where same_as = (select x.id from desk.report x where x.state = 'new')"), 2);
    page("report_read", &officer, a, "sq");
    says(">E përsërisin këto raportime<");
    page("report_read", &officer, c, "sq");
    says(">Përsërit këtë raportim<");
    // Spam after all: what repeats it is worked on again, and now.
    assert_int_equal(call("report_take", &officer, a, "{}"), 200);
    assert_int_equal(call("report_state", &officer, a, "{\"state\":\"spam\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'taken' and same_as is null and act_due = climb_at and act_due > take_due"), 2);
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'reopened' and person is null"), 2);
    assert_int_equal(call("report_state", &officer, b, of_a), 422); // spam
    assert_int_equal(call("report_state", &officer, a, "{\"state\":\"taken\"}"), 200);
    assert_int_equal(call("report_state", &officer, b, of_a), 200);
    assert_int_equal(call("report_state", &officer, c, of_a), 200);
    assert_int_equal(call("report_state", &officer, c, "{\"state\":\"taken\"}"), 200); // no duplicate after all
    assert_int_equal(call("report_state", &officer, a, "{\"state\":\"closed\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'closed'"), 2);
    assert_int_equal(store_test_number("select count(*) from desk.step s join desk.report r on r.id = s.report where s.code = 'closed'"), 2);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.step where code = 'closed'"), 2); // both reporters read it
    assert_int_equal(call("report_state", &officer, c, of_a), 422); // closed
    assert_int_equal(call("report_state", &officer, a, "{\"state\":\"taken\"}"), 200); // opened again: b follows it again
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'duplicate'"), 1);
    snprintf(of_a, sizeof of_a, "{\"state\":\"duplicate\",\"link\":\"https://desk.example/reports/%s?lang=en#links\"}", hex(a));
    assert_int_equal(call("report_state", &officer, c, of_a), 200);
}

static void clocks_start_and_stop(void **state)
{
    (void)state;
    struct id id = one("SEXT", 2);
    assert_int_equal(store_test_number("select climb_at - take_due from desk.report"), 0);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    assert_int_equal(store_test_number("select climb_at - received from desk.report"), 24 * 3600 * CLOCK_SECOND);
    assert_int_equal(call("report_urgency", &officer, id, "{\"urgency\": \"U1\", \"reason\": \"Arsye e provës.\"}"), 200);
    assert_int_equal(store_test_number("select climb_at - received from desk.report"), 3600 * CLOCK_SECOND);
    assert_int_equal(call("report_release", &officer, id, "{}"), 200);
    assert_int_equal(store_test_number("select climb_at - received from desk.report"), 900 * CLOCK_SECOND);
    assert_int_equal(call("report_state", &officer, id, "{\"state\": \"spam\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.report where climb_at is null"), 1);
}

static void a_year_without_holidays_refuses(void **state)
{
    (void)state;
    now = INT64_C(1830160800) * CLOCK_SECOND; // 30 December 2027
    struct id id = one("BULLY", 3);
    assert_int_equal(call("report_take", &officer, id, "{}"), 200);
    assert_int_equal(call("report_urgency", &officer, id, "{\"urgency\": \"U4\", \"reason\": \"E thirrëm sot.\"}"), 422);
    says("holidays of that year");
    assert_int_equal(call("report_urgency", &officer, id, "{\"urgency\": \"U2\", \"reason\": \"Arsye e provës.\"}"), 200);
    (void)one("ADVICE", 4); // a report is never refused: elapsed time
    assert_int_equal(store_test_number("select take_due - received from desk.report where category = 'ADVICE'"), 72 * 3600 * CLOCK_SECOND);
}

static void ten_thousand_clocks_climb(void **state)
{
    (void)state;
    char sql[900];
    const char *open = store_test_sqlite() ? "x'" : "'\\x";
    snprintf(sql, sizeof sql, "insert into desk.roster (id, unit, person, starts, ends, place) values (%s01', %s%s', %s%s', 0, null, 1), "
             "(%s02', %s%s', %s%s', 0, null, 2);", open, open, hex(id_of(100)), open, hex(id_of(1)), open, open, hex(id_of(100)), open, hex(id_of(2)));
    store_test_sql(sql);
    snprintf(sql, sizeof sql, "insert into desk.report (id, received, category, urgency_computed, in_danger, language, kid, thread, thread_kid, unit, "
             "urgency, state, take_due, act_due, climb_at) with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) "
             "select %s, 0, 'SEXT', 2 + i %% 3, 0, 'sq', %s00', %s00', %s00', %s%s', 2 + i %% 3, case when i %% 2 = 0 then 'new' else 'taken' end, 0, 0, i from n;",
             store_test_sqlite() ? "cast(printf('%%016d', i) as blob)" : "convert_to(lpad(cast(i as text), 16, '0'), 'UTF8')", open, open, open, open,
             hex(id_of(100)));
    if (store_test_sqlite()) // printf stands in a format here
        for (char *at; (at = strstr(sql, "%%016d"));)
            memmove(at, at + 1, strlen(at));
    store_test_sql(sql);
    int64_t from = clock_mono();
    int64_t n = report_clocks_climb(&sv);
    int64_t took = (clock_mono() - from) / 1000000;
    print_message("10,000 clocks climbed in %lld ms, batches of %d\n", (long long)took, CLIMB_BATCH);
    assert_int_equal(n, 10000);
    assert_true(took < 5000); // under sanitizers and a neighbour's load; a second is what is wanted, and printed
    assert_int_equal(store_test_number("select count(*) from desk.report where climbed = 1 and climb_at > 100000"), 10000);
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'climbed'"), 10000);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 3); // one for each urgency, of what is taken
    assert_int_equal(report_clocks_climb(&sv), 0);
    store_test_sql("update desk.report set climb_at = 1");
    assert_int_equal(report_clocks_climb(&sv), 10000);
    store_test_sql("update desk.report set climb_at = 1; delete from desk.outbox;");
    assert_int_equal(report_clocks_climb(&sv), 10000); // the roster is at its end: the supervisors, and there it stays
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'w@x.example'"), 3);
    assert_int_equal(store_test_number("select count(*) from desk.report where climbed = 3 and climb_at is null"), 10000);
    assert_int_equal(report_clocks_climb(&sv), 0);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_person_settles_what_is_not_illegal), TEST(illegal_needs_a_second_different_person), TEST(nobody_takes_illegal_back_alone),
        TEST(duty_is_handed_over), TEST(a_hand_over_is_declined),
        TEST(many_at_once_and_undone), TEST(exposure_is_counted_and_limited), TEST(the_table_is_walked), TEST(duplicates_follow), TEST(clocks_start_and_stop),
        TEST(a_year_without_holidays_refuses), TEST(ten_thousand_clocks_climb),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
