// Cases on both engines: they are opened of reports, listed, read and told; who has no key finds nothing. What is done with
// them: test_casework_work.c.
#include "casework_room.h"
#include "casework/courier/due_alarm.h"

// ── opening ──
static void opened_of_reports(void **state)
{
    (void)state;
    struct id r[3] = {report("HARM", 3), report("SEXT", 2), report("HARM", 4)};
    char hex[ID_HEX];
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(r, 2)), 201);
    struct id c = last;
    says("\"number\":\"20");
    assert_int_equal(keeper.audited, 1);
    assert_int_equal(keeper.last_action, AUDIT_CASE);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'in_case'"), 2);
    assert_int_equal(store_test_number("select count(*) from desk.step where code = 'in_case'"), 2);
    assert_int_equal(store_test_number("select count(*) from desk.child_wrap"), 2);
    assert_int_equal(store_test_number("select urgency from desk.case_file"), 2);
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says("\"state\":\"registered\"");
    says("\"category\":\"SEXT\"");
    says(id_hex(r[0], hex));
    says(id_hex(r[1], hex));
    says_not(id_hex(r[2], hex));
    says("\"holds\":[]");
    says("\"kind\":\"opened\"");
    says("\"referrals\":[]");
    assert_int_equal(store_test_number("select count(*) from desk.case_history where action = 'read'"), 1);
    // One of them is in a case: nothing of a second one is left behind.
    assert_int_equal(call("case_open", &colleague, (struct id){{0}}, of(r + 1, 2)), 409);
    assert_int_equal(store_test_number("select count(*) from desk.case_file"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'new'"), 1);
    assert_int_equal(call("case_add", &officer, c, of(r + 2, 1)), 201);
    assert_int_equal(call("case_add", &officer, c, of(r + 2, 1)), 409);
    assert_int_equal(store_test_number("select count(*) from desk.case_report"), 3);
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, "{\"reports\": []}"), 422);
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, "{\"reports\": [\"x\"]}"), 422);
    struct id nothing = id_random();
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&nothing, 1)), 404);
}

static void not_of_others(void **state)
{
    (void)state;
    struct id mine = report("HARM", 3), theirs = report("HARM", 3);
    assert_int_equal(call("case_open", &stranger, (struct id){{0}}, of(&mine, 1)), 404); // another unit's
    // somebody else's hands
    store_test_sql("update desk.report set state = 'taken', taken_by = unit where state = 'new'");
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&theirs, 1)), 409);
    assert_int_equal(call("case_open", &boss, (struct id){{0}}, of(&theirs, 1)), 201);
    store_test_sql("update desk.report set state = 'spam' where state = 'taken'");
    assert_int_equal(call("case_open", &boss, (struct id){{0}}, of(&mine, 1)), 409);
    keeper.fails = ERR_AWAY;
    struct id late = report("HARM", 3);
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&late, 1)), 503);
    assert_int_equal(store_test_number("select count(*) from desk.case_file"), 1);
}

// The reports of a case are of one unit, whose key it gets: whoever works for two keeps them apart.
static void of_one_unit(void **state)
{
    (void)state;
    char sql[200], hex[ID_HEX];
    struct person both = officer;
    both.units[both.n_units++] = id_of(101);
    struct id r[2] = {report("HARM", 3), report("HARM", 3)};
    for (int i = 0; i < 2; i++) {
        snprintf(sql, sizeof sql, store_test_sqlite() ? "update desk.%s set unit = x'%s' where seq = (select max(seq) from desk.report)"
                 : "update desk.%s set unit = '\\x%s' where seq = (select max(seq) from desk.report)", i ? "report_sealed" : "report", id_hex(id_of(101), hex));
        store_test_sql(sql);
    }
    assert_int_equal(call("case_open", &both, (struct id){{0}}, of(r, 2)), 409);
    says("of one unit");
    assert_int_equal(call("case_open", &both, (struct id){{0}}, of(r, 1)), 201);
    assert_int_equal(call("case_add", &both, last, of(r + 1, 1)), 409);
    assert_int_equal(store_test_number("select count(*) from desk.case_report"), 1);
}

static void numbers_count_on(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        a_case();
    assert_int_equal(store_test_number("select count(distinct number) from desk.case_file"), 3);
    assert_int_equal(store_test_number("select count(*) from desk.case_file where number like '20__-0003'"), 1);
}

// ── who has no key ──
static void no_key_no_case(void **state)
{
    (void)state;
    struct id c = a_case(), thing = id_random();
    unsigned walked = 0;
    for (size_t i = 0; i < case_desk_routes.n; i++) {
        const struct route *row = &case_desk_routes.at[i];
        const char *json = "{}";
        if (!strstr(row->path, "{id}") || row->page_only)
            continue;
        struct id r = {{0}};
        if (strstr(row->path, "{id2}/retract") || strstr(row->path, "/reports/{id2}"))
            json = "{\"reason\": \"ishte gabim\"}";
        else if (strstr(row->path, "/reports"))
            r = report("HARM", 3), json = of(&r, 1);
        else if (strstr(row->path, "/notes"))
            json = "{\"text\": \"x\"}";
        else if (strstr(row->path, "/people"))
            json = "{\"role\": \"child\", \"name\": \"x\"}";
        else if (strstr(row->path, "/assessment"))
            json = "{\"risk\": \"high\", \"text\": \"x\"}";
        else if (strstr(row->path, "/plan"))
            json = "{\"text\": \"x\"}";
        else if (strstr(row->path, "/correct"))
            json = "{\"reason\": \"gabim, kështu u pa\"}";
        else if (strstr(row->path, "/routes/"))
            json = "{\"stage\": \"registered\"}";
        else if (strstr(row->path, "/addresses/"))
            json = "{\"stage\": \"gone\"}";
        else if (strstr(row->path, "/addresses"))
            json = "{\"address\": \"https://shembull.example/a\"}";
        else if (strstr(row->path, "/routes"))
            json = "{\"kind\": \"criminal\"}";
        else if (strstr(row->path, "/tasks") && !strstr(row->path, "/done"))
            json = "{\"title\": \"x\", \"due\": \"2027-01-01\"}";
        else if (strstr(row->path, "/state"))
            json = "{\"state\": \"review\"}";
        else if (strstr(row->path, "/steps"))
            json = "{\"steps\": \"hidden\"}";
        else if (strstr(row->path, "/reopen"))
            json = "{\"reason\": \"Arsye e provës.\"}";
        else if (strstr(row->path, "/close") && !strstr(row->path, "/approve"))
            json = "{\"outcome\": \"other\"}";
        if (call2(row->name, &stranger, c, thing, json) != 404)
            fail_msg("%s: %s", row->name, out.at);
        walked++;
    }
    assert_true(walked >= 14);
    assert_int_equal(version(), 1);
    assert_int_equal(store_test_number("select count(*) from desk.case_item"), 1);
    assert_int_equal(call("case_list", &stranger, (struct id){{0}}, "{}"), 200);
    says("\"cases\":[]");
}

// A unit that has a key and does not answer for the case reads and does not work on it.
static void a_key_is_not_the_case(void **state)
{
    (void)state;
    struct id c = a_case();
    store_test_sql("update desk.case_file set owner = id");
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"x\"}"), 403);
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"other\"}"), 403);
    assert_int_equal(call("case_steps", &officer, c, "{\"steps\": \"hidden\"}"), 403);
    store_test_sql("delete from desk.unit_wrap");
    assert_int_equal(call("case_read", &officer, c, "{}"), 404);
}

// ── list and timeline ──
static void listed(void **state)
{
    (void)state;
    for (int i = 0; i < CASE_PAGE + 7; i++) {
        struct id r = report("HARM", 1 + i % 4);
        assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&r, 1)), 201);
    }
    char json[100] = "{}", urgency = '1';
    int n = 0, pages = 0;
    for (;;) {
        assert_int_equal(call("case_list", &colleague, (struct id){{0}}, json), 200);
        pages++;
        for (const char *p = out.at; (p = strstr(p, "\"urgency\":\"U")); p += 10, n++) {
            assert_true(p[12] >= urgency); // behind "urgency":"U
            urgency = p[12];
        }
        const char *next = strstr(out.at, "\"next\":\"");
        if (!next)
            break;
        snprintf(json, sizeof json, "{\"after\": \"%.*s\"}", (int)strcspn(next + 8, "\""), next + 8);
    }
    assert_int_equal(n, CASE_PAGE + 7);
    assert_int_equal(pages, 2);
    assert_int_equal(call("case_list", &officer, (struct id){{0}}, "{\"state\": \"closed\"}"), 200);
    says("\"cases\":[]");
    assert_int_equal(call("case_list", &officer, (struct id){{0}}, "{\"state\": \"no\"}"), 422);
    assert_int_equal(call("case_list", &officer, (struct id){{0}}, "{\"after\": \"9-1\"}"), 422);
    assert_int_equal(call("case_list", &officer, (struct id){{0}}, "{\"after\": \"x\"}"), 422);
}

static void altered_entries(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"e para\"}"), 201);
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"e dyta\"}"), 201);
    store_test_sql("update desk.case_item set at = at + 60000000 where seq = 2"); // a clear column that is sealed in
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says_not("e para");
    says("e dyta");
    says("\"altered\":true");
    store_test_sql("update desk.case_item set at = at - 60000000 where seq = 2");
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says("e para");
    says_not("\"altered\":true");
}

static void a_long_case(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_person", &officer, c, "{\"role\": \"child\", \"name\": \"Fëmija\", "
                                                      "\"must_not_be_told\": false}"), 201);
    for (int i = 0; i < 500; i++)
        assert_int_equal(call("case_note", &officer, c, "{\"text\": \"Një shënim si të gjithë të tjerët, me disa "
                                                        "fjalë.\"}"), 201);
    keeper.opened = 0;
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says("Fëmija");
    unsigned notes = 0;
    for (const char *p = out.at; (p = strstr(p, "Një shënim")); p++)
        notes++;
    assert_int_equal(notes, 500);
    assert_true(keeper.opened <= 502 / KEEPER_ITEMS_MAX + 1);
    assert_int_equal(page("case_read", &officer, c, (struct id){{0}}, &(struct case_read_in){0}, "sq"), OK);
}

// ── pages ──
static void pages_are_shown(void **state)
{
    (void)state;
    struct id c = a_case(), none = {{0}};
    const struct case_list_in list = {0};
    const struct case_read_in read = {0};
    assert_int_equal(call("case_person", &officer, c, "{\"role\": \"suspect\", \"name\": \"<b>Njerku\", "
                                                      "\"must_not_be_told\": true}"), 201);
    assert_int_equal(call("case_route", &officer, c, "{\"kind\": \"criminal\", \"body\": \"Policia\"}"), 201);
    struct id route = last;
    assert_int_equal(page("case_list", &officer, none, none, &list, "sq"), OK);
    says("Vlerësoni rrezikun");
    assert_int_equal(page("case_read", &officer, c, none, &read, "sq"), OK);
    says("Nuk duhet ta marrin vesh");
    says("&lt;b&gt;Njerku");
    says("Kallëzuar");
    assert_int_equal(page("case_read", &officer, c, none, &read, "en"), OK);
    says("Must not be told");
    static const char *const forms[] = {"case_person_form", "case_assessment_form", "case_plan_form", "case_task_form",
                                        "case_route_form",
                                        "case_close_form", "case_reopen_form"};
    static const union { struct case_person_in p; struct case_route_in r; } empty;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_int_equal(page(forms[i], &officer, c, none, &empty, "sq"), OK);
        says("name=\"version\" value=\"3\"");
    }
    assert_int_equal(page("case_stage_form", &officer, c, route, &empty, "sq"), OK);
    says("value=\"dismissed\"");
    says_not("value=\"court\"");
    const struct case_close_in close = {.outcome = STR("child_safe"), .text = STR("fundi")};
    assert_int_equal(page("case_close", &officer, c, none, &close, "sq"), ERR_CONFLICT);
    says("Një rrugë ligjore është e hapur");
    says("fundi");
    says("value=\"child_safe\" selected");
}

static const char *hex_of(uint8_t n)
{
    static char text[4][64];
    static unsigned at;
    char hex[ID_HEX];
    char *to = text[at++ % 4];
    snprintf(to, sizeof text[0], store_test_sqlite() ? "x'%s'" : "'\\x%s'::bytea", id_hex(id_of(n), hex));
    return to;
}

static void add_person(uint8_t n, const char *name, unsigned roles)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "insert into desk.person (id, username, name, fold, mail, language, institution, roles, disabled) values "
             "(%s, '%s', '%s', '', '%s@posta.example', 'en', %s, %u, 0); insert into desk.member (unit, person) values (%s, %s)",
             hex_of(n), name, name, name, hex_of(90), roles, hex_of(100), hex_of(n));
    store_test_sql(sql);
}

#define MAILS(who) store_test_number("select count(*) from desk.outbox where recipient = '" who "@posta.example'")

// Whoever works on it, else the unit's supervisors; once for each day that was set; the appeal three days before.
static void days_are_told(void **state)
{
    (void)state;
    static struct config config;
    char sql[512];
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    sv.config = &config;
    snprintf(sql, sizeof sql, "delete from desk.outbox; insert into desk.institution (id, code, type, name, name_en, fold) values (%s, 'X', 'other', 'X', "
             "'X', ''); insert into desk.unit (id, institution, room, name) values (%s, %s, 'desk', '')", hex_of(90), hex_of(100), hex_of(90));
    store_test_sql(sql);
    add_person(1, "oficeri", 1u << ROLE_DUTY_OFFICER);
    add_person(3, "shefi", 1u << ROLE_SUPERVISOR);
    struct id c = a_case();
    assert_int_equal(call("case_route", &officer, c, "{\"kind\": \"civil\", \"body\": \"FSHEHTE\"}"), 201);
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"FSHEHTE\"}"), 201);
    case_due_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 0); // nothing is due
    store_test_sql("update desk.case_file set review_due = 5, worker = null");
    case_due_alarm_run(&sv);
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("shefi"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 1);
    snprintf(sql, sizeof sql, "update desk.case_file set worker = %s, review_due = 6", hex_of(1));
    store_test_sql(sql); // moved: told again, to whoever works on it now
    case_due_alarm_run(&sv);
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("oficeri"), 1);
    snprintf(sql, sizeof sql, "update desk.case_route set appeal_due = %lld", (long long)(clock_now() + CASE_APPEAL_NOTICE + 3600 * CLOCK_SECOND));
    store_test_sql(sql);
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("oficeri"), 1); // not yet
    snprintf(sql, sizeof sql, "update desk.case_route set appeal_due = %lld", (long long)(clock_now() + CASE_APPEAL_NOTICE - 3600 * CLOCK_SECOND));
    store_test_sql(sql);
    case_due_alarm_run(&sv);
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("oficeri"), 2);
    assert_int_equal(call("case_task", &officer, c, "{\"title\": \"FSHEHTE\", \"due\": \"2999-01-01\"}"), 201);
    struct id task = last;
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("oficeri"), 2);
    store_test_sql("update desk.case_task set due = 7");
    case_due_alarm_run(&sv);
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("oficeri"), 3);
    store_test_sql("update desk.case_task set due = 8; update desk.person set disabled = 1 where username = 'oficeri'");
    case_due_alarm_run(&sv);
    assert_int_equal(MAILS("shefi"), 2);
    store_test_sql("update desk.case_task set due = 9");
    assert_int_equal(call2("case_task_done", &officer, c, task, "{}"), 200);
    store_test_sql("update desk.case_file set state = 'closed', review_due = 10");
    case_due_alarm_run(&sv); // done, and closed: nobody
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 5);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where subject like '%FSHEHTE%' or body like '%FSHEHTE%'"), 0);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where body like '%https://desk.example/cases/%'"), 5);
    store_test_sql("delete from desk.outbox; delete from desk.member; delete from desk.person; delete from desk.unit; delete from desk.institution");
    sv.config = NULL;
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        T(opened_of_reports), T(not_of_others), T(of_one_unit), T(numbers_count_on), T(no_key_no_case),
        T(a_key_is_not_the_case), T(listed), T(altered_entries), T(a_long_case), T(pages_are_shown), T(days_are_told),
        T(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
