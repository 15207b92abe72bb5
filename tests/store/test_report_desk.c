// The desk's report room on both engines: what came in is queued, opened, acted on and answered; what was altered in the database
// does not open.
#include "desk_room.h"

// ── queue ──
static void queue_order(void **state)
{
    (void)state;
    struct frame_report r[4];
    static const int64_t urgency[4] = {3, 1, 2, 3}, ago[4] = {0, 0, 0, 60};
    for (size_t i = 0; i < 4; i++) {
        frame_report_make(&r[i], &keeper, "HARM", urgency[i], now - ago[i] * CLOCK_MINUTE, NULL, "x");
        report_send(&r[i]);
    }
    report_ingest(&sv);
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"new\"}"), 200);
    static const size_t order[4] = {1, 2, 3, 0};
    const char *at = out.at;
    for (size_t i = 0; i < 4; i++) {
        char hex[ID_HEX];
        const char *here = strstr(out.at, id_hex(r[order[i]].id, hex));
        assert_non_null(here);
        assert_true(here >= at);
        at = here;
    }
    says("\"next\":null");
    assert_int_equal(call("report_list", &stranger, (struct id){0}, "{}"), 200);
    says("\"reports\":[]");
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"taken\"}"), 200);
    says("\"reports\":[]");
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"nothing\"}"), 422);
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"after\": \"zz\"}"), 422);
    for (size_t i = 0; i < 4; i++)
        frame_report_free(&r[i]);
}

// Of those taken the late ones come first, whatever page they stand on, then the most urgent.
static void held_pages(void)
{
    char sql[200], json[200] = "{\"state\": \"taken\"}";
    int64_t all = store_test_number("select count(*) from desk.report");
    snprintf(sql, sizeof sql, "update desk.report set state = 'taken', act_due = %lld", (long long)(now + CLOCK_HOUR));
    store_test_sql(sql);
    store_test_sql("update desk.report set act_due = seq where seq % 2 = 0");
    int64_t late = store_test_number("select count(*) from desk.report where seq % 2 = 0"), n = 0, rank = 0;
    assert_true(all > 2 * QUEUE_PAGE && late > QUEUE_PAGE);
    for (;;) {
        assert_int_equal(call("report_list", &officer, (struct id){0}, json), 200);
        const char *p = out.at;
        for (; (p = strstr(p, "{\"id\":\"")); p++, n++) {
            const char *said = strstr(p, "\"late\":"), *urgency = strstr(p, "\"urgency\":\"U");
            assert_non_null(said);
            assert_int_equal(strncmp(said, "\"late\":true", 11) == 0, n < late);
            rank = n == 0 || n == late ? 0 : rank;
            assert_true(urgency[12] - '0' >= rank);
            rank = urgency[12] - '0';
        }
        const char *next = strstr(out.at, "\"next\":\"");
        if (!next)
            break;
        snprintf(json, sizeof json, "{\"state\": \"taken\", \"after\": \"%.64s\"}", next + 8);
    }
    assert_int_equal(n, all);
}

static void queue_pages(void **state)
{
    (void)state;
    enum { N = 2 * QUEUE_PAGE + 7 };
    for (int i = 0; i < N; i++) {
        struct frame_report r;
        frame_report_make(&r, &keeper, "HARM", 1 + i % 4, now - (i % 7) * CLOCK_MINUTE, NULL, "x");
        report_send(&r);
        frame_report_free(&r);
    }
    report_ingest(&sv);
    store_test_sql("update desk.report set state = 'taken' where seq in (select seq from desk.report order by id limit 20)");
    char json[200] = "{\"state\": \"all\"}", seen[N][33];
    int n = 0, pages = 0;
    for (;;) {
        assert_int_equal(call("report_list", &officer, (struct id){0}, json), 200);
        pages++;
        for (const char *p = out.at; (p = strstr(p, "{\"id\":\"")); p++) {
            assert_true(n < N);
            memcpy(seen[n], p + 7, 32);
            seen[n][32] = 0;
            for (int i = 0; i < n; i++)
                assert_string_not_equal(seen[i], seen[n]);
            n++;
        }
        const char *next = strstr(out.at, "\"next\":\"");
        if (!next)
            break;
        snprintf(json, sizeof json, "{\"state\": \"all\", \"after\": \"%.64s\"}", next + 8);
    }
    assert_int_equal(n, N);
    assert_int_equal(pages, 3);
    held_pages();
}

static void burst_pages(void **state)
{
    (void)state;
    enum { N = 2 * QUEUE_PAGE + 3 };
    char burst[33], json[300], seen[N][33];
    struct buf hex;
    uint8_t seven[16];
    memset(seven, 7, sizeof seven);
    buf_init(&hex, 64);
    buf_put_hex(&hex, seven, sizeof seven);
    snprintf(burst, sizeof burst, "%.*s", STR_ARG(buf_str(&hex)));
    buf_free(&hex);
    for (int i = 0; i < N; i++) {
        struct frame_report r;
        frame_report_make(&r, &keeper, "HARM", 1 + i % 3, now - (i % 7) * CLOCK_MINUTE, NULL, "x");
        memset(r.burst, 7, sizeof r.burst);
        r.clear.burst = STR_BYTES(r.burst);
        frame_report_seal(&r, &keeper, "x", NULL);
        report_send(&r);
        frame_report_free(&r);
    }
    report_ingest(&sv);
    int n = 0, pages = 0;
    snprintf(json, sizeof json, "{\"state\": \"new\", \"burst\": \"%s\"}", burst);
    for (;;) {
        assert_int_equal(call("report_list", &officer, (struct id){0}, json), 200);
        pages++;
        for (const char *p = out.at; (p = strstr(p, "{\"id\":\"")); p++) {
            assert_true(n < N);
            memcpy(seen[n], p + 7, 32);
            seen[n][32] = 0;
            for (int i = 0; i < n; i++)
                assert_string_not_equal(seen[i], seen[n]);
            n++;
        }
        const char *next = strstr(out.at, "\"next\":\"");
        if (!next)
            break;
        snprintf(json, sizeof json, "{\"state\": \"new\", \"burst\": \"%s\", \"after\": \"%.64s\"}", burst, next + 8);
    }
    assert_int_equal(n, N);
    assert_int_equal(pages, 3);
    struct report_list_in in = {.state = STR("new"), .burst = str_from(burst)};
    page("report_list", &officer, (struct id){0}, &in, "en");
    says("&amp;burst=07070707070707070707070707070707");
}

// ── opening ──
static void read_all(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 2, "http://keq.example/a?b=c", "Më kërcënojnë me foto");
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 200);
    says("\"address\":\"http://keq.example/a?b=c\"");
    says("\"text\":\"Më kërcënojnë me foto\"");
    says("\"category\":\"SEXT\"");
    says("\"county\":\"Korçë\"");
    says("\"app\":null");
    says("\"same_page\":[]");
    assert_null(strstr(out.at, "\"history\":[]")); // one's own opening stands there too: what is shown was opened
    says("\"action\":\"opened\"");
    assert_int_equal(call("report_read", &colleague, r.id, "{}"), 200);
    says("\"action\":\"opened\"");
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'opened'"), 2);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'new'"), 1); // reading is not taking
    assert_int_equal(call("report_read", &stranger, r.id, "{}"), 404);
    assert_int_equal(call("report_read", &officer, id_of(77), "{}"), 404);
    assert_int_equal(keeper.opened, 2); // the stranger did not even reach it
    keeper.fails = ERR_LIMITED;
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 429);
    keeper.fails = ERR_AWAY;
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 503);
    frame_report_free(&r);
}

static void tampered(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "update desk.report set urgency_computed = 4, urgency = 4", "update desk.report set category = 'ADVICE'",
        "update desk.report set in_danger = 1 - in_danger", "update desk.report set received = received - 60000000",
        "update desk.report set county = 'Vlorë'", ("update desk.report_sealed set item = (select item from desk.report_sealed "
         "where seq = (select max(seq) from desk.report_sealed))"),
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct frame_report r, other;
        one(&r, "SEXT", 1, NULL, "fshehtë");
        one(&other, "HARM", 3, NULL, "tjetër");
        store_test_sql(changes[i]);
        assert_int_equal(call("report_read", &officer, r.id, "{}"), 500);
        says("tampered");
        says_not("fshehtë");
        says_not("tjetër");
        assert_int_equal(store_test_number("select count(*) from desk.history where action = 'tampered'"), 1);
        frame_report_free(&r), frame_report_free(&other);
        each_teardown(NULL);
        each_setup(NULL);
    }
}

// Lowering what the queue sorts by needs the audit entry's number in the row; rank itself cannot be written.
static void rank_holds(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 1, NULL, "x");
    store_test_sql("update desk.report set urgency = 4");
    assert_int_equal(store_test_number("select rank from desk.report"), 1);
    frame_report_free(&r);
}

// ── acting ──
static void take_once(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 2, NULL, "x");
    assert_int_equal(call("report_take", &stranger, r.id, "{}"), 404);
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
    says("\"state\":\"taken\"");
    assert_int_equal(keeper.last_action, AUDIT_REPORT_TAKE);
    assert_int_equal(call("report_take", &colleague, r.id, "{}"), 409);
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 409);
    assert_int_equal(keeper.audited, 1);
    assert_int_equal(call("report_release", &colleague, r.id, "{}"), 409); // not his
    assert_int_equal(call("report_release", &boss, r.id, "{}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'new' and taken_by is null"), 1);
    assert_int_equal(call("report_take", &colleague, r.id, "{}"), 200);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.step"), 3); // taken, new, taken
    assert_int_equal(store_test_number("select count(*) from reply.thread where state = 'taken'"), 1);
    keeper.fails = ERR_AWAY; // nothing without its audit
    assert_int_equal(call("report_release", &colleague, r.id, "{}"), 503);
    assert_int_equal(store_test_number("select count(*) from desk.report where state = 'taken'"), 1);
    frame_report_free(&r);
}

static void judge(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 2, NULL, "x");
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"closed\"}"), 409); // take it first
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"assessed\"}"), 422); // by answering the questions only
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"new\"}"), 422);
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
    assert_int_equal(call("report_state", &colleague, r.id, "{\"state\": \"closed\"}"), 409);
    says("aa000000"); // who has it (no name in the tables here)
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"closed\"}"), 200);
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"spam\"}"), 409);
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"taken\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.history where action = 'reopened'"), 1);
    assert_int_equal(report_step_add(&sv, r.id, REPORT_IN_CASE, now), OK);
    assert_int_equal(report_step_add(&sv, r.id, REPORT_NEW, now), ERR_CONFLICT);
    assert_int_equal(report_step_add(&sv, id_of(77), REPORT_IN_CASE, now), ERR_NOT_FOUND);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.thread where state = 'in_case'"), 1);
    frame_report_free(&r);
}

static void how_long_it_takes(void **state)
{
    (void)state;
    struct report_pace last[4] = {{{0}}};
    last[0].looked.median = -1;
    assert_int_equal(report_pace_write(&sv, now, last), OK);
    assert_int_equal(store_test_number("select count(*) from reply.pace where looked is null and answered is null"), 4); // nothing yet
    for (int i = 0; i < PACE_FEW; i++) {
        struct frame_report r;
        one(&r, "SEXT", 2, NULL, "x");
        assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
        frame_report_free(&r);
    }
    store_test_sql("update desk.report set received = received - 600000000"); // ten minutes
    assert_int_equal(report_pace_write(&sv, now, last), OK);
    assert_true(last[1].looked.known && last[1].looked.median >= 600000000 && last[1].looked.median <= 720000000);
    assert_int_equal(store_test_number("select looked_over from reply.pace where urgency = 2 and looked is not null and answered is null"), 0);
    store_test_sql("update desk.report set state = 'spam'");
    assert_int_equal(report_pace_write(&sv, now, last), OK);
    assert_int_equal(store_test_number("select count(*) from reply.pace where looked is null"), 4); // spam makes no figure
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.thread where urgency = 2"), PACE_FEW);
    store_test_sql("delete from reply.pace");
}

static void change_urgency(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 1, NULL, "x");
    assert_int_equal(call("report_urgency", &officer, r.id, "{\"urgency\": 3, \"reason\": \"  \"}"), 422);
    assert_int_equal(call("report_urgency", &officer, r.id, "{\"urgency\": 5, \"reason\": \"Arsye e provës.\"}"), 422);
    assert_int_equal(call("report_urgency", &stranger, r.id, "{\"urgency\": 3, \"reason\": \"Arsye e provës.\"}"), 404);
    assert_int_equal(call("report_urgency", &officer, r.id, "{\"urgency\": 3, \"reason\": \"E thirrëm, është mirë\"}"), 200);
    assert_int_equal(keeper.last_action, AUDIT_REPORT_URGENCY);
    assert_int_equal(store_test_number("select rank from desk.report where urgency_seq = 1 and urgency_writer is not null"), 3);
    assert_int_equal(store_test_number("select count(*) from desk.note"), 1);
    struct buf all;
    buf_init(&all, 1 << 20);
    store_test_text("select item from desk.note", &all);
    buf_put_c(&all, '\0');
    assert_null(strstr(all.at, "mirë"));
    buf_free(&all);
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 200);
    says("E thirrëm, është mirë");
    says("\"urgency\":\"U3\"");
    says("\"urgency_computed\":\"U1\"");
    store_test_sql("update desk.note set action = 'spam'"); // a note's own columns are under its seal
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 500);
    frame_report_free(&r);
}

static void colleague_takes(void)
{
    store_test_sql(store_test_sqlite()
        ? "update desk.report set state = 'taken', taken_by = x'aa000000000000000000000000000002'"
        : "update desk.report set state = 'taken', taken_by = '\\xaa000000000000000000000000000002'");
}

// Between the look and the write lie two calls of the keeper: long enough for a colleague.
static void taken_meanwhile(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 1, NULL, "x");
    keeper.meanwhile = colleague_takes;
    assert_int_equal(call("report_urgency", &officer, r.id, "{\"urgency\": 3, \"reason\": \"E thirrëm sot.\"}"), 409);
    assert_int_equal(store_test_number("select rank from desk.report"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.note"), 0);
    store_test_sql("update desk.report set state = 'taken', taken_by = null");
    assert_int_equal(call("report_answer", &officer, r.id, "{\"text\": \"Përshëndetje\"}"), 409);
    assert_int_equal(store_test_number("select count(*) from desk.message"), 0);
    assert_int_equal(call("report_urgency", &boss, r.id, "{\"urgency\": 3, \"reason\": \"E thirrëm sot.\"}"), 200);
    keeper.meanwhile = NULL;
    frame_report_free(&r);
}

// Taken and given back again and again: the newest steps still reach the reporter.
static void many_steps(void **state)
{
    (void)state;
    struct frame_report other, r;
    char json[100], hex[ID_HEX];
    one(&other, "SEXT", 2, NULL, "x");
    one(&r, "SEXT", 2, NULL, "x");
    for (int i = 0; i < 55; i++) {
        assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
        assert_int_equal(call("report_release", &officer, r.id, "{}"), 200);
    }
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
    snprintf(json, sizeof json, "{\"state\": \"duplicate\", \"of\": \"%s\"}", id_hex(other.id, hex));
    assert_int_equal(call("report_state", &officer, r.id, json), 200);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.step where code = 'duplicate'"), 1);
    frame_report_free(&other);
    frame_report_free(&r);
}

static void answer(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 2, NULL, "x");
    assert_int_equal(call("report_answer", &officer, r.id, "{\"text\": \"Përshëndetje\"}"), 409); // take it first
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
    assert_int_equal(call("report_answer", &officer, r.id, "{\"text\": \" \\n \"}"), 422);
    assert_int_equal(call("report_answer", &colleague, r.id, "{\"text\": \"Unë\"}"), 409);
    assert_int_equal(call("report_answer", &stranger, r.id, "{\"text\": \"Unë\"}"), 404);
    assert_int_equal(call("report_answer", &officer, r.id, "{\"text\": \"Përshëndetje\\nne jemi këtu\"}"), 200);
    says("\"state\":\"answered\"");
    assert_int_equal(call("report_answer", &officer, r.id, "{\"text\": \"Edhe diçka\"}"), 200);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.message where direction = 2"), 2);
    assert_int_equal(store_test_number("select count(*) from reply.step where code = 'answered'"), 1);
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 200);
    says("ne jemi këtu");
    says("\"direction\":\"down\"");
    // The reporter opens it with the thread's key alone.
    struct buf item;
    buf_init(&item, 1 << 20);
    assert_int_equal(store_test_number("select count(*) from reply.message m join desk.message d on d.id = m.id and d.item = m.item "
                                       "and d.kid = m.kid and d.sent = m.sent"), 2);
    buf_free(&item);
    frame_report_free(&r);
}

static void pages(void **state)
{
    (void)state;
    struct frame_report a, b, c;
    struct id m;
    one(&a, "SEXT", 1, "http://keq.example/\xe2\x80\xaegnp.exe?a=<b>", "Më kërcënon me foto.\nS'di ç'të bëj & kam frikë.");
    one(&b, "BULLY", 3, "http://keq.example/\xe2\x80\xaegnp.exe?a=<b>", "Më tallin");
    one(&c, "ADVICE", 4, NULL, "Kam një pyetje");
    assert_int_equal(frame_message_send(portal, &a, 1, now, "A më dëgjoni?", true, &m), OK);
    report_ingest(&sv);
    assert_int_equal(report_settle(&sv), OK);
    const struct report_list_in queue = {0};
    page("report_list", &officer, (struct id){0}, &queue, "sq");
    says("<b>U1</b>");
    says("shantazh seksual");
    says("1 mesazh i ri");
    says_not("keq.example"); // a queue shows metadata
    page("report_list", &officer, (struct id){0}, &queue, "en");
    char hex[ID_HEX], line[100];
    snprintf(line, sizeof line, "<a href=\"/reports/%s\">SEXT</a>", id_hex(a.id, hex));
    says(line);
    page("report_read", &officer, a.id, NULL, "sq");
    says("http://keq.example/⟨U+202E⟩gnp.exe?a=&lt;b&gt;"); // exact, invisible turns shown
    says_not("href=\"http");                             // never a link
    says_not("src=\"http");
    says("<title>U1 · SEXT");
    const char *text = strstr(out.at, "Më kërcënon me foto."), *folded = strstr(out.at, "<details id=\"words\">");
    assert_true(text && folded && folded < text);
    assert_int_equal(call("report_take", &officer, a.id, "{}"), 200);
    assert_int_equal(call("report_urgency", &officer, a.id, "{\"urgency\": 2, \"reason\": \"Është me nënën tani.\"}"), 200);
    assert_int_equal(call("report_answer", &officer, a.id, "{\"text\": \"Po, jemi këtu.\"}"), 200);
    page("report_read", &officer, a.id, NULL, "sq");
    says("Po, jemi këtu.");
    says("Është me nënën tani.");
    page("report_read", &officer, b.id, NULL, "en");
    says_not("<details id=\"words\">"); // not of a sexual kind: nothing folded
    snprintf(line, sizeof line, "/reports/%s", id_hex(a.id, hex));
    says(line); // the same page
    store_test_sql("update desk.report set urgency_computed = 4");
    page("report_read", &officer, a.id, NULL, "en");
    says("was altered in the database");
    says_not("Më kërcënon");
    frame_report_free(&a), frame_report_free(&b), frame_report_free(&c);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(burst_pages), TEST(taken_meanwhile), TEST(many_steps), TEST(queue_order), TEST(queue_pages),
        TEST(read_all), TEST(tampered), TEST(rank_holds), TEST(take_once), TEST(judge), TEST(how_long_it_takes),
        TEST(change_urgency), TEST(answer), TEST(pages),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
