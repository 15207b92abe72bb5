// Work on cases, on both engines: by several at once, followed through its routes, closed by a second person; every step that
// the tables do not name is refused.
#include "casework_room.h"

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

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        T(the_whole_way), T(an_unconfirmed_verdict_holds), T(a_verdict_given_meanwhile_holds), T(a_case_goes_to_one),
        T(a_new_plan_waits), T(who_must_not_be_told_stays_so), T(two_editors), T(every_step_of_a_case),
        T(every_step_of_a_route), T(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
