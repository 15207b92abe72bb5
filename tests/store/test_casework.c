// Casework on both engines: cases are opened of reports, worked on by several at once, followed through their routes,
// closed by a second person; every step that the tables do not name is refused, and who has no key finds nothing.
#include "store_test.h"
#include "country.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "casework/courier/due_alarm.h"
#include "casework/handlers.h"
#include "desk_frame.h"
#include "report/desk/desk.h"

static struct store *portal;
static struct services sv;
static struct keeper keeper;
static struct events events;
static struct report_desk *desk;
static struct person officer, colleague, boss, stranger;
static int64_t now;
static struct buf out; // last answer
static struct id last; // the first id in it

static struct id id_of(uint8_t n)
{
    struct id id = {.b = {0xaa}};
    id.b[15] = n;
    return id;
}

static int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    portal = store_test_open("portal", "intake", "reply");
    sv.store = store_test_open("desk", "desk", "intake");
    sv.reply = store_test_open("desk", "reply", "");
    frame_keeper(&keeper, id_of(100));
    sv.keeper = &keeper;
    sv.events = &events;
    sv.roles = people_role_table();
    now = clock_minute(clock_now());
    officer = (struct person){.id = id_of(1), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_DUTY_OFFICER};
    colleague = (struct person){.id = id_of(2), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_ANALYST};
    boss = (struct person){.id = id_of(3), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_SUPERVISOR};
    stranger = (struct person){.id = id_of(4), .units = {id_of(101)}, .n_units = 1, .roles = 1u << ROLE_SUPERVISOR};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(portal);
    store_close(sv.reply);
    store_close(sv.store);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    memset(&events, 0, sizeof events);
    keeper.fails = OK;
    keeper.opened = keeper.sealed = keeper.audited = 0;
    keeper.meanwhile = NULL;
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
    store_test_sql("delete from intake.report; delete from reply.thread; delete from reply.step; delete from "
                   "reply.done; "
                   "delete from desk.report; delete from desk.report_sealed; delete from desk.step; delete from "
                   "desk.reply_due; "
                   "delete from desk.history; delete from desk.case_file; delete from desk.case_report; delete from "
                   "desk.case_item; "
                   "delete from desk.case_hold; delete from desk.case_route; delete from desk.case_address; delete from desk.case_task; delete from "
                   "desk.case_history; "
                   "delete from desk.unit_wrap; delete from desk.child_wrap; delete from desk.assessment;");
    return 0;
}

static const struct route *row_of(const char *name)
{
    for (size_t i = 0; i < case_desk_routes.n; i++)
        if (!strcmp(case_desk_routes.at[i].name, name))
            return &case_desk_routes.at[i];
    fail_msg("no row %s", name);
    return NULL;
}

// One row of the room's table, called as the API does; the answer stands in `out`, the first id of it in `last`.
static int call2(const char *name, const struct person *who, struct id id, struct id id2, const char *json)
{
    struct arena *arena = NULL;
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"),
                     .id = id, .id2 = id2,
                     .now = now, .json = true};
    buf_clear(&out);
    int status = web_call(row_of(name), &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    const char *at = strstr(out.at, "\"id\":\"");
    if (at && id_from_hex((struct str){at + 6, 32}, &last))
        fail_msg("no id in %s", out.at);
    return status;
}

static int call(const char *name, const struct person *who, struct id id, const char *json)
{
    return call2(name, who, id, (struct id){{0}}, json);
}

// The same row as a page; where ISIGURT_TEST_PAGES names a folder it is kept there, to be looked at.
static enum err page(const char *name, const struct person *who, struct id id, struct id id2, const void *in,
                     const char *lang)
{
    struct req rq = {.sv = &sv, .who = *who, .lang = text_lang(str_from(lang)), .lang_code = str_from(lang),
                     .lang_other = STR("en"), .id = id,
                     .id2 = id2, .now = now, .csrf = STR("csrf"), .version = STR("1"),
                     .nav = {.reports = true, .cases = true}};
    const struct route *row = row_of(name);
    rq.who.name = STR("Ana Zeka");
    assert_int_equal(arena_new(4 << 20, &rq.arena), OK);
    buf_clear(&out);
    void *given = arena_alloc(rq.arena, row->out->size);
    enum err e = row->run(&rq, in, given);
    row->page(&out, &rq, in, given);
    assert_int_equal(buf_ok(&out), OK);
    const char *folder = getenv("ISIGURT_TEST_PAGES");
    if (folder) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s-%s.html", folder, name, lang);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fwrite(out.at, 1, out.n, f);
        fclose(f);
    }
    buf_put_c(&out, '\0');
    arena_free(&rq.arena);
    return e;
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

static struct id report(const char *category, int64_t urgency)
{
    struct frame_report r;
    frame_report_make(&r, &keeper, category, urgency, now, NULL, "teksti");
    assert_int_equal(frame_report_send(portal, &r), OK);
    report_ingest(&sv);
    struct id id = r.id;
    frame_report_free(&r);
    return id;
}

static const char *of(const struct id *ids, size_t n) // {"reports": […]}
{
    static char json[4096];
    char hex[ID_HEX];
    size_t at = (size_t)snprintf(json, sizeof json, "{\"reports\": [");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(json + at, sizeof json - at, "%s\"%s\"", i ? "," : "", id_hex(ids[i], hex));
    snprintf(json + at, sizeof json - at, "]}");
    return json;
}

static struct id a_case(void)
{
    struct id r = report("SEXT", 2);
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&r, 1)), 201);
    return last;
}

static int64_t version(void) // of the one case
{
    return store_test_number("select version from desk.case_file");
}

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

// ── work ──
static void the_whole_way(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"Fola me nënën.\"}"), 201);
    assert_int_equal(call("case_person", &officer, c, "{\"role\": \"suspect\", \"name\": \"Njerku\", "
                                                      "\"must_not_be_told\": true}"), 201);
    struct id person = last;
    char json[300], hex[ID_HEX];
    snprintf(json, sizeof json, "{\"person\": \"%s\", \"role\": \"suspect\", \"name\": \"Dajë\", \"must_not_be_told\": "
                                "true, \"version\": %lld}", id_hex(person, hex), (long long)version());
    assert_int_equal(call("case_person", &officer, c, json), 201);
    snprintf(json, sizeof json, "{\"person\": \"%s\", \"role\": \"suspect\", \"name\": \"x\", \"version\": %lld}",
             id_hex(id_random(), hex), (long long)version());
    assert_int_equal(call("case_person", &officer, c, json), 404);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 409);
    assert_int_equal(call("case_assessment", &officer, c, "{\"risk\": \"high\", \"text\": \"Jeton me të.\"}"), 201);
    says("\"state\":\"assessed\"");
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 409); // no plan yet
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"Te gjyshja.\"}"), 201);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"planned\"}"), 403); // his own
    says("somebody else");
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 200);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 200);
    assert_int_equal(call("case_task", &officer, c, "{\"title\": \"Telefono\", \"due\": \"2027-01-31\"}"), 201);
    struct id task = last;
    assert_int_equal(call("case_route", &officer, c, "{\"kind\": \"criminal\", \"body\": \"Policia\", \"number\": "
                                                     "\"12/26\", \"stage\": \"reported\"}"), 201);
    struct id route = last;
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"child_safe\"}"), 409);
    says("\"holds\":[{\"track\":");
    says("\"track\":\"task\"");
    says("\"track\":\"justice\"");
    assert_int_equal(call2("case_task_done", &officer, c, task, "{}"), 200);
    assert_int_equal(call2("case_task_done", &officer, c, task, "{}"), 409);
    assert_int_equal(call2("case_stage", &officer, c, route, "{\"stage\": \"court\"}"), 409);
    assert_int_equal(call2("case_stage", &officer, c, route, "{\"stage\": \"filed\"}"), 422);
    assert_int_equal(call2("case_stage", &officer, c, id_random(), "{\"stage\": \"registered\"}"), 404);
    assert_int_equal(call2("case_stage", &officer, c, route,
                           "{\"stage\": \"registered\", \"number\": \"77/26\", \"appeal_due\": \"2027-02-01\"}"), 200);
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"child_safe\"}"), 409);
    assert_int_equal(call2("case_stage", &officer, c, route, "{\"stage\": \"dismissed\"}"), 200);
    assert_int_equal(call("case_approve", &boss, c, "{}"), 409); // nobody asked
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"nothing\"}"), 422);
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"child_safe\", \"text\": \"Është mirë.\"}"), 200);
    assert_int_equal(call("case_approve", &officer, c, "{}"), 403);
    assert_int_equal(store_test_number("select count(*) from desk.case_file where state = 'closed'"), 0);
    assert_int_equal(call("case_approve", &boss, c, "{}"), 200);
    says("\"state\":\"closed\"");
    assert_int_equal(keeper.last_action, AUDIT_CASE_CLOSED);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'closed'"), 1);
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"vonë\"}"), 409);
    assert_int_equal(call("case_read", &colleague, c, "{}"), 200);
    says("Dajë");
    says("Te gjyshja.");
    says("\"number\":\"77/26\"");
    says("\"body\":\"Policia\"");
    says("\"outcome\":\"child_safe\"");
    says("\"risk\":\"high\"");
    says("Fola me nënën.");
    says("\"must_not_be_told\":true");
    assert_int_equal(call("case_reopen", &officer, c, "{\"reason\": \" \"}"), 422);
    assert_int_equal(call("case_reopen", &officer, c, "{\"reason\": \".\"}"), 422); // says nothing
    assert_int_equal(call("case_reopen", &officer, c, "{\"reason\": \"\u3164\u2800\"}"), 422);
    assert_int_equal(call("case_reopen", &officer, c, "{\"reason\": \"U kthye, kështu u pa\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.case_file where state = 'review' and asked_by is null"), 1);
    // Nothing that was told lies in clear in the store.
    assert_int_equal(store_test_number("select count(*) from desk.case_history where action = 'reopened'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.report r join desk.case_report c on c.report = r.id where r.state = 'closed'"), 0);
    assert_true(store_test_number("select count(*) from desk.history where action = 'in_case'") >= 2); // entered, and came back
    assert_int_equal(store_test_number("select count(*) from desk.case_item"), version());
}

// A case does not close over a verdict that nobody has confirmed; the report would be closed with it.
static void an_unconfirmed_verdict_holds(void **state)
{
    (void)state;
    struct id c = a_case();
    char sql[400];
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"child_safe\"}"), 200);
    // Each row needs an id and a person of its own: those of the case's rows serve.
    static const char insert[] = "insert into desk.assessment (id, report, seq, at, person, version, verdict, second, kid, item) "
                                 "select %s, r.report, %d, 0, %s, 1, 'illegal_baseline', 1, r.report, r.report from desk.case_report r";
    snprintf(sql, sizeof sql, insert, "r.report", 1, "r.report");
    store_test_sql(sql);
    assert_int_equal(call("case_approve", &boss, c, "{}"), 409);
    says("\"holds\":[{\"track\":\"verdict\"");
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says("\"track\":\"verdict\"");
    assert_int_equal(call("case_list", &officer, (struct id){{0}}, "{}"), 200);
    says("\"holds\":1");
    snprintf(sql, sizeof sql, insert, "r.case_id", 2, "r.case_id");
    store_test_sql(sql);
    assert_int_equal(call("case_approve", &boss, c, "{}"), 200); // two agree
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'closed'"), 1);
}

static void verdict_meanwhile(void)
{
    keeper.meanwhile = NULL;
    store_test_sql("insert into desk.assessment (id, report, seq, at, person, version, verdict, second, kid, item) select report, report, "
                   "1, 0, report, 1, 'illegal_baseline', 1, report, report from desk.case_report");
}

static void a_verdict_given_meanwhile_holds(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"child_safe\"}"), 200);
    keeper.meanwhile = verdict_meanwhile;
    assert_int_equal(call("case_approve", &boss, c, "{}"), 409);
    says("\"track\":\"verdict\"");
    assert_int_equal(store_test_number("select count(*) from desk.case_file where state = 'closing'"), 1);
}

static int corrects(struct id c, struct id person, const char *more)
{
    char json[300], hex[ID_HEX];
    snprintf(json, sizeof json, "{\"person\": \"%s\", \"role\": \"suspect\", \"name\": \"Dajë\"%s}", id_hex(person, hex), more);
    return call("case_person", &officer, c, json);
}

// A correction that leaves it out does not take "must not be told" off.
static void who_must_not_be_told_stays_so(void **state)
{
    (void)state;
    struct id c = a_case();
    char seen[60];
    assert_int_equal(call("case_person", &officer, c, "{\"role\": \"suspect\", \"name\": \"Njerku\", \"must_not_be_told\": true}"), 201);
    struct id person = last;
    assert_int_equal(corrects(c, person, ""), 422); // of what it has seen, it says nothing
    says("\"field\":\"version\"");
    snprintf(seen, sizeof seen, ", \"version\": %lld", (long long)version());
    assert_int_equal(corrects(c, person, seen), 201);
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says("Dajë");
    says("\"must_not_be_told\":true");
    snprintf(seen, sizeof seen, ", \"version\": %lld, \"may_be_told\": true", (long long)version());
    assert_int_equal(corrects(c, person, seen), 201);
    assert_int_equal(call("case_read", &officer, c, "{}"), 200);
    says_not("\"must_not_be_told\":true");
}

// What was approved is what is done: a plan written afterwards waits for approval like the first, whatever the state.
static void a_new_plan_waits(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_assessment", &officer, c, "{\"risk\": \"high\", \"text\": \"x\"}"), 201);
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"I pari.\"}"), 201);
    says("\"state\":\"assessed\"");
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 200);
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"I dyti.\"}"), 201);
    says("\"state\":\"assessed\"");
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 409);
    page("case_read", &boss, c, (struct id){{0}}, NULL, "en");
    says("The newest plan waits for approval");
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 200);
    page("case_read", &boss, c, (struct id){{0}}, NULL, "en");
    says_not("The newest plan waits for approval");
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 200);
    assert_int_equal(call("case_assessment", &officer, c, "{\"risk\": \"low\", \"text\": \"x\"}"), 201);
    says("\"state\":\"implementing\""); // a new assessment is no new plan
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"I treti.\"}"), 201);
    says("\"state\":\"assessed\"");
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 200);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 200);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"review\"}"), 200);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 200); // the approved one goes on
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"review\"}"), 200);
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"I katërti.\"}"), 201);
    says("\"state\":\"review\"");
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 409);
    says("waits for approval");
    page("case_read", &officer, c, (struct id){{0}}, NULL, "en");
    says("The newest plan waits for approval");
    says_not("value=\"implementing\"");
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"planned\"}"), 403);
    assert_int_equal(call("case_state", &boss, c, "{\"state\": \"planned\"}"), 200);
    assert_int_equal(call("case_state", &officer, c, "{\"state\": \"implementing\"}"), 200);
}

struct owning { struct id c, from, to; };
static enum err owner_write(struct db *db, void *arg)
{
    const struct owning *o = arg;
    return case_owner_db(db, o->c, o->from, o->to, id_of(1), now);
}

// Of two transfers accepted in the same moment one goes through, whatever both have looked at before.
static void a_case_goes_to_one(void **state)
{
    (void)state;
    struct owning first = {a_case(), id_of(100), id_of(101)}, second = {first.c, id_of(100), id_of(102)};
    assert_int_equal(store_write(sv.store, owner_write, &first), OK);
    assert_int_equal(store_write(sv.store, owner_write, &second), ERR_CONFLICT);
    assert_int_equal(store_test_number("select count(*) from desk.case_history where action = 'owner'"), 1);
    second.from = id_of(101); // on from there
    assert_int_equal(store_write(sv.store, owner_write, &second), OK);
}

static void second_editor(void)
{
    keeper.meanwhile = NULL; // once
    store_test_sql("update desk.case_file set version = version + 1");
}

static void held_meanwhile(void)
{
    keeper.meanwhile = NULL;
    store_test_sql("insert into desk.case_hold (case_id, track, thing, since) select id, 'justice', id, 0 from "
                   "desk.case_file");
}

static void two_editors(void **state)
{
    (void)state;
    struct id c = a_case();
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"Plani im\", \"version\": 1}"), 201);
    // has seen an older one
    assert_int_equal(call("case_plan", &colleague, c, "{\"text\": \"Plani tjetër\", \"version\": 1}"), 409);
    says("meanwhile");
    assert_int_equal(version(), 2);
    keeper.meanwhile = second_editor; // between the look and the write
    assert_int_equal(call("case_plan", &officer, c, "{\"text\": \"Plani i tretë\", \"version\": 2}"), 409);
    assert_int_equal(store_test_number("select count(*) from desk.case_item where kind = 'plan'"), 1);
    keeper.meanwhile = second_editor; // who does not compare is written all the same, after the other
    assert_int_equal(call("case_note", &officer, c, "{\"text\": \"shënim\"}"), 201);
    assert_int_equal(store_test_number("select count(*) from desk.case_item where kind = 'note'"), 1);
    // On the page nothing typed is lost, and what is sent again is sent on purpose.
    struct case_plan_in in = {.text = STR("E shkrova <gjatë>"), .version = 1};
    assert_int_equal(page("case_plan", &colleague, c, (struct id){{0}}, &in, "sq"), ERR_CONFLICT);
    says("E shkrova &lt;gjatë&gt;");
    says("ndërkohë");
    says_not("name=\"version\" value=\"1\"");
    // A track that is opened between the look and the closing holds all the same.
    keeper.meanwhile = held_meanwhile;
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"other\"}"), 409);
    assert_int_equal(store_test_number("select count(*) from desk.case_file where state = 'closing'"), 0);
    store_test_sql("delete from desk.case_hold");
    assert_int_equal(call("case_close", &officer, c, "{\"outcome\": \"other\"}"), 200);
    keeper.meanwhile = held_meanwhile;
    assert_int_equal(call("case_approve", &boss, c, "{}"), 409);
    says("\"track\":\"justice\"");
    assert_int_equal(store_test_number("select count(*) from desk.case_file where state = 'closed'"), 0);
}

// From each state to each, by the rows that lead there: what the table does not name is 409 and changes nothing.
static void every_step_of_a_case(void **state)
{
    (void)state;
    struct id c = a_case();
    char sql[200];
    for (unsigned from = 0; from < CASE_STATES; from++)
        for (unsigned to = 0; to < CASE_STATES; to++) {
            const char *name = case_state_name((enum case_state)to), *row = "case_state";
            char json[100];
            if (to == CASE_REGISTERED || to == CASE_ASSESSED)
                continue; // no row leads there but the assessment, which changes the state where the table says so
            store_test_sql("delete from desk.case_item where kind = 'plan' or seq = 1001");
            snprintf(sql, sizeof sql, "update desk.case_file set state = '%s', asked_by = owner",
                     case_state_name((enum case_state)from));
            store_test_sql(sql);
            if (to == CASE_PLANNED || to == CASE_IMPLEMENTING) // a plan of somebody else's
                store_test_sql("insert into desk.case_item (id, home, seq, at, person, unit, kind, thing, kid, "
                               "generation, item) "
                               "select report, case_id, 1000, 0, report, report, 'plan', report, report, 0, report "
                               "from desk.case_report");
            if (to == CASE_IMPLEMENTING) // and its approval
                store_test_sql("insert into desk.case_item (id, home, seq, at, person, unit, kind, thing, kid, generation, item) "
                               "select case_id, case_id, 1001, 0, report, report, 'state', report, report, 0, report from desk.case_report");
            snprintf(json, sizeof json, "{\"state\": \"%s\"}", name);
            if (to == CASE_CLOSING)
                row = "case_close", strcpy(json, "{\"outcome\": \"other\"}");
            else if (to == CASE_CLOSED)
                row = "case_approve", strcpy(json, "{}");
            else if (from == CASE_CLOSED && to == CASE_REVIEW)
                row = "case_reopen", strcpy(json, "{\"reason\": \"Arsye e provës.\"}");
            bool may = case_state_may((enum case_state)from, (enum case_state)to);
            int status = call(row, &boss, c, json);
            if (status != (may ? 200 : 409))
                fail_msg("%s to %s by %s: %d %s", case_state_name((enum case_state)from),
                         case_state_name((enum case_state)to), row, status, out.at);
            snprintf(sql, sizeof sql, "select count(*) from desk.case_file where state = '%s'",
                     case_state_name((enum case_state)(may ? to : from)));
            assert_int_equal(store_test_number(sql), 1);
        }
}

static void every_step_of_a_route(void **state)
{
    (void)state;
    static const char *const kinds[] = {"criminal", "civil", "protection", "administrative"};
    struct id c = a_case();
    unsigned steps = 0;
    for (size_t k = 0; k < 4; k++) {
        struct str kind = str_from(kinds[k]);
        char json[200], sql[300];
        snprintf(json, sizeof json, "{\"kind\": \"%s\"}", kinds[k]);
        assert_int_equal(call("case_route", &officer, c, json), 201);
        struct id route = last;
        for (size_t from = 0; case_stage_at(kind, from); from++)
            for (size_t to = 0; case_stage_at(kind, to); to++) {
                bool may = case_stage_may(kind, str_from(case_stage_at(kind, from)), str_from(case_stage_at(kind, to)));
                bool ends = case_stage_ends(kind, str_from(case_stage_at(kind, to)));
                snprintf(sql, sizeof sql, "update desk.case_route set stage = '%s' where kind = '%s'",
                         case_stage_at(kind, from), kinds[k]);
                store_test_sql(sql);
                store_test_sql("delete from desk.case_hold");
                snprintf(json, sizeof json, "{\"stage\": \"%s\"}", case_stage_at(kind, to));
                int status = call2("case_stage", &officer, c, route, json);
                if (status != (may ? 200 : 409))
                    fail_msg("%s: %s to %s: %d", kinds[k], case_stage_at(kind, from), case_stage_at(kind, to), status);
                assert_int_equal(store_test_number("select count(*) from desk.case_hold"), may && !ends);
                steps++;
            }
    }
    assert_int_equal(steps, 10 * 10 + 3 * 6 * 6);
    assert_int_equal(call("case_route", &officer, c, "{\"kind\": \"criminal\", \"stage\": \"filed\"}"), 422);
    assert_int_equal(call("case_route", &officer, c, "{\"kind\": \"ecclesiastical\"}"), 422);
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

#define T(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)
int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        T(opened_of_reports), T(not_of_others), T(of_one_unit), T(numbers_count_on), T(no_key_no_case), T(a_key_is_not_the_case),
        T(the_whole_way), T(an_unconfirmed_verdict_holds), T(a_verdict_given_meanwhile_holds), T(a_case_goes_to_one), T(a_new_plan_waits), T(who_must_not_be_told_stays_so), T(two_editors),
        T(every_step_of_a_case), T(every_step_of_a_route), T(listed), T(altered_entries), T(a_long_case),
        T(pages_are_shown), T(days_are_told), T(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
