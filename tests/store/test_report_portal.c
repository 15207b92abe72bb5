// Sending to the portal, on both engines: a report is stored once and only sealed, a repeat is known, a flood is slowed and danger
// is not; the form's own words; professionals and flaggers.
#include "portal_room.h"
#include <stdio.h>

static struct arena *arena;

static void clear_columns_and_nothing_else(void **state)
{
    (void)state;
    char minute[64];
    snprintf(minute, sizeof minute, "%lld|THREAT|1|1|Fier|sq|", (long long)now);
    now += 17 * CLOCK_SECOND;
    SEND("{\"where\":\"page\",\"address\":\"https://marker.example/x\",\"category\":\"THREAT\",\"in_danger\":true,\"reporter\":\"child\","
         "\"age_band\":\"13-15\",\"county\":\"Fier\",\"municipality\":\"Patos\",\"text\":\"MARKERTEXT\",\"contact\":\"MARKERMAIL\"}");
    struct buf rows;
    buf_init(&rows, 100000);
    store_test_text("select received, category, urgency_computed, in_danger, county, language, burst from intake.report", &rows);
    assert_true(str_starts(buf_str(&rows), minute));
    buf_free(&rows);
    assert_int_equal(store_test_number("select count(*) from intake.report where tag_box is not null"), 1);
    assert_int_equal(call("report_follow", code(), ""), 200);
    says("\"state\":\"received\"");
    says(":00Z\"");
}

static void a_repeat_is_one_report(void **state)
{
    (void)state;
    char first[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(first, code(), sizeof first);
    SEND(ONE);
    assert_string_equal(code(), first);
    assert_int_equal(call("report_add", "", TWO), 409);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 1);
    SEND("{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"një\"}"); // without a number each send is a report
    SEND("{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"një\"}");
    assert_int_equal(store_test_number("select count(*) from intake.report"), 3);
}

static void unknown_codes_look_alike(void **state)
{
    (void)state;
    assert_int_equal(call("report_follow", "0000-0000-0000-0000-0000", ""), 404);
    assert_int_equal(call("report_follow", "nonsense", ""), 404);
    assert_int_equal(call("report_message_add", "0000-0000-0000-0000-0000", "{\"text\":\"x\"}"), 404);
    assert_int_equal(store_test_number("select count(*) from intake.message"), 0);
}

static void refusals_speak_the_language_sent(void **state)
{
    (void)state;
    assert_int_equal(call("report_add", "", "{\"language\":\"en\",\"where\":\"none\",\"category\":\"BULLY\"}"), 422);
    says("\"field\":\"text\"");
    says("Tell us where it happened");
    assert_int_equal(call("report_add", "", "{\"where\":\"none\",\"category\":\"BULLY\"}"), 422);
    says("Na tregoni ku ndodhi");
    assert_int_equal(call("report_add", "", "{\"language\":\"en\",\"where\":\"page\",\"category\":\"BULLY\",\"text\":\"a\\u0000b\"}"), 422);
    says("\"field\":\"text\"");
    assert_int_equal(store_test_number("select count(*) from intake.report"), 0);
}

static void a_flood_is_slowed_and_danger_is_not(void **state)
{
    (void)state;
    int status = 0;
    for (int i = 0; i < 4; i++)
        status = call_from("192.0.2.0/24", "report_add", "", "{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"x\"}");
    assert_int_equal(status, 429);
    for (int i = 0; i < 6; i++)
        assert_int_equal(call_from("192.0.2.0/24", "report_add", "",
                                   "{\"where\":\"none\",\"category\":\"THREAT\",\"in_danger\":true,\"text\":\"x\"}"), 201);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 9);
    assert_int_equal(store_test_number("select count(*) from intake.report where burst is not null"), 6); // the same text, too
    assert_int_equal(call("report_work", "", ""), 200);
    says("\"bits\":8");
}

// ── the form, called as the page calls it ──

struct sent { char token[FLOOD_TOKEN], submission[ID_HEX], receipt[RECEIPT_TEXT]; int64_t wait, retry_after; bool limited; };

static enum err form_send(const char *text, const char *submission, const char *ticket, struct sent *s)
{
    struct report_form_in in = {.go = STR("send"), .step = STR("review"), .language = STR("sq"), .submission = str_from(submission),
                                .ticket = str_from(ticket)};
    struct report_form_out page = {0};
    in.a = (struct form_answers){.where = STR("none"), .choice = STR("question"), .text = str_from(text)};
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .lang = text_lang(STR("sq")), .lang_code = STR("sq"), .now = now, .prefix = STR("192.0.2.0/24")};
    enum err e = row_of(&report_form_routes, "report_form")->run(&rq, &in, &page);
    *s = (struct sent){.wait = page.wait, .retry_after = rq.retry_after, .limited = page.limited};
    keep(s->token, sizeof s->token, page.token);
    keep(s->submission, sizeof s->submission, page.submission);
    keep(s->receipt, sizeof s->receipt, page.receipt);
    buf_clear(&out);
    buf_put(&out, rq.notice);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    return e;
}

static void who_presses_too_early_gets_through(void **state)
{
    (void)state;
    struct sent first, s;
    for (int i = 0; i < 3; i++)
        assert_int_equal(form_send("x", "", "", &s), OK);
    assert_int_equal(form_send("x", NUMBER, "", &first), ERR_LIMITED);
    assert_int_equal(first.wait, config.ticket_seconds);
    now += 15 * CLOCK_SECOND;
    assert_int_equal(form_send("x", NUMBER, first.token, &s), ERR_LIMITED);
    assert_true(s.limited);
    assert_string_equal(s.token, first.token);
    assert_int_equal(s.wait, config.ticket_seconds - 15);
    assert_int_equal(s.retry_after, s.wait);
    now += (config.ticket_seconds - 15) * CLOCK_SECOND;
    assert_int_equal(form_send("x", NUMBER, s.token, &s), OK);
    assert_int_equal(form_send("y", "", first.token, &s), ERR_LIMITED); // used: a new one, and the whole wait
    assert_string_not_equal(s.token, first.token);
    assert_int_equal(s.wait, config.ticket_seconds);
}

static void a_repeat_is_known_over_the_limit(void **state)
{
    (void)state;
    char receipt[RECEIPT_TEXT];
    struct sent s;
    assert_int_equal(form_send("një", NUMBER, "", &s), OK);
    memcpy(receipt, s.receipt, sizeof receipt);
    for (int i = 0; i < 5; i++) { // a finger that presses on and on; none of it counts
        assert_int_equal(form_send("një", NUMBER, "", &s), OK);
        assert_string_equal(s.receipt, receipt);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(form_send("tjetër", "", "", &s), OK);
    assert_int_equal(form_send("tjetër", "", "", &s), ERR_LIMITED);
    assert_int_equal(form_send("një", NUMBER, "", &s), OK);
    assert_string_equal(s.receipt, receipt);
    desk_takes(receipt, "përgjigjja");
    report_portal_tick(&sv);
    assert_int_equal(form_send("një", NUMBER, "", &s), OK); // also when the desk has it
    assert_string_equal(s.receipt, receipt);
    assert_int_equal(form_send("dy", NUMBER, "", &s), ERR_CONFLICT);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 2);
}

static void other_words_can_be_sent_as_a_new_report(void **state)
{
    (void)state;
    char receipt[RECEIPT_TEXT];
    struct sent s;
    assert_int_equal(form_send("një", NUMBER, "", &s), OK);
    memcpy(receipt, s.receipt, sizeof receipt);
    assert_int_equal(form_send("dy", NUMBER, "", &s), ERR_CONFLICT);
    says("bëhet një raportim i ri");
    assert_string_not_equal(s.submission, NUMBER);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 1);
    char again[ID_HEX];
    memcpy(again, s.submission, sizeof again);
    assert_int_equal(form_send("dy", again, "", &s), OK);
    assert_string_not_equal(s.receipt, receipt);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 2);
}

static void without_a_key_nothing_is_taken(void **state)
{
    (void)state;
    report_portal_tick(&sv);
    assert_int_equal(store_test_number("select max(epoch) from intake.epoch_seen"), 1);
    report_portal_free((struct report_portal **)&sv.room);
    store_test_sql("update intake.epoch_seen set epoch = 9"); // a directory that is older than what was seen
    assert_int_equal(report_portal_new(&config, (struct report_portal **)&sv.room), OK);
    report_portal_tick(&sv);
    assert_int_equal(call("report_add", "", ONE), 503);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 0);
}

#define LANE "{\"institution\":\"Shkolla A\",\"function\":\"teacher\",\"contact\":\"069\",\"category\":\"HARM\",\"text\":\"MARKER\"}"

static void a_professional_asks_for_a_signature(void **state)
{
    (void)state;
    assert_int_equal(call("professional_send", "", LANE), 201);
    assert_int_equal(store_test_number("select count(*) from intake.acknowledge a join intake.report r on r.lookup = a.lookup"), 1);
    char receipt[RECEIPT_TEXT];
    memcpy(receipt, code(), sizeof receipt);
    assert_int_equal(call("acknowledgement_show", receipt, "{}"), 200);
    says("\"ready\":false");
    SEND(ONE); // not of the lane: nobody asked yet, whoever has the code may
    assert_int_equal(store_test_number("select count(*) from intake.acknowledge"), 1);
    memcpy(receipt, code(), sizeof receipt);
    assert_int_equal(call("acknowledgement_show", receipt, "{}"), 200);
    assert_int_equal(call("acknowledgement_show", receipt, "{}"), 200);
    assert_int_equal(store_test_number("select count(*) from intake.acknowledge"), 2);
    assert_int_equal(call("acknowledgement_show", "0000-0000-0000-0000-0000", "{}"), 404);
    assert_int_equal(store_test_number("select count(*) from intake.acknowledge"), 2);
    // a false one in reply shows nobody's name and is not genuine
    store_test_sql("insert into reply.acknowledgement (lookup, report, received, category, content, signature) select lookup, id, received, "
                   "category, content, content from intake.report;");
    report_portal_tick(&sv);
    assert_int_equal(store_test_number("select count(*) from intake.acknowledge"), 0); // answered: forgotten here
    assert_int_equal(call("professional_send", "", "{\"category\":\"HARM\",\"text\":\"x\"}"), 422);
    says("institution");
    says("function");
    says("contact");
}

DB_QUERY(trial_flagger_sql, "bbi", "", "insert into reply.flagger (id, name, secret, active, sent, waiting, illegal, lawful, duplicates, spam) "
         "values ($1, 'A', $2, $3, 7, 1, 2, 3, 1, 0) on conflict (id) do update set active = excluded.active");
struct trial_flagger { struct id id; uint8_t secret[32]; int64_t active; };

static enum err trial_flagger(struct db *db, void *arg)
{
    const struct trial_flagger *f = arg;
    return db_exec(db, &trial_flagger_sql, DB_ARGS(DB_ID(f->id), DB_B(STR_BYTES(f->secret)), DB_I(f->active)), NULL);
}

#define LINE(category) "\"{\\\"submission\\\":\\\"00112233445566778899aabbccddee11\\\",\\\"where\\\":\\\"none\\\",\\\"category\\\":\\\"" category \
    "\\\",\\\"text\\\":\\\"x\\\"}\""

static void a_flagger_is_known_by_a_digest_until_revoked(void **state)
{
    (void)state;
    struct trial_flagger f = {.id = id_random(), .active = 1};
    char credential[FLAGGER_CREDENTIAL], json[1000], other[FLAGGER_CREDENTIAL];
    flagger_credential(credential);
    flagger_credential(other);
    assert_int_equal(flagger_secret(str_from(credential), f.secret), OK);
    assert_int_equal(store_write(reply, trial_flagger, &f), OK);
    snprintf(json, sizeof json, "{\"credential\":\"%s\",\"lines\":[" LINE("HARM") ",\"x\"," LINE("HARM") "," LINE("GAMB") "]}", credential);
    for (int i = 0; i < 2; i++) { // the second time changes nothing
        assert_int_equal(call("flagger_send", "", json), 200);
        says("\"accepted\":2,\"refused\":2");
        assert_int_equal(store_test_number("select count(*) from intake.report"), 1);
        assert_int_equal(store_test_number("select count(*) from intake.flagged f join intake.report r on r.id = f.report"), 1);
    }
    snprintf(json, sizeof json, "{\"credential\":\"%s\"}", credential);
    assert_int_equal(call("flagger_own", "", json), 200);
    says("\"sent\":7");
    snprintf(json, sizeof json, "{\"credential\":\"%s\"}", other);
    assert_int_equal(call("flagger_own", "", json), 422);
    f.active = 0;
    assert_int_equal(store_write(reply, trial_flagger, &f), OK);
    snprintf(json, sizeof json, "{\"credential\":\"%s\",\"lines\":[" LINE("HARM") "]}", credential);
    assert_int_equal(call("flagger_send", "", json), 422);
    store_test_sql("delete from intake.report;");
    report_portal_tick(&sv);
    assert_int_equal(store_test_number("select count(*) from intake.flagged"), 0);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        EACH(clear_columns_and_nothing_else), EACH(a_repeat_is_one_report), EACH(unknown_codes_look_alike),
        EACH(refusals_speak_the_language_sent), EACH(a_flood_is_slowed_and_danger_is_not),
        EACH(who_presses_too_early_gets_through), EACH(a_repeat_is_known_over_the_limit),
        EACH(other_words_can_be_sent_as_a_new_report), EACH(without_a_key_nothing_is_taken),
        EACH(a_professional_asks_for_a_signature), EACH(a_flagger_is_known_by_a_digest_until_revoked),
        EACH(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
