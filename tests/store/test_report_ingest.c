// What comes to the desk, on both engines: what intake holds becomes the record, rings once, and is settled: tags, what the
// reporter sees, what was missed; what a crash leaves undone is done later.
#include "desk_room.h"

// ── ingest ──
static void taken_in(void **state)
{
    (void)state;
    struct frame_report r;
    one(&r, "SEXT", 1, "http://keq.example/a", "Më kërcënojnë");
    assert_int_equal(events.n, 1);
    assert_string_equal(events.at[0].name, "report");
    assert_true(id_equal(events.at[0].unit, id_of(100)));
    char hex[ID_HEX], line[200];
    snprintf(line, sizeof line, "{\"id\":\"%s\",\"category\":\"SEXT\",\"urgency\":\"U1\"}", id_hex(r.id, hex));
    assert_string_equal(events.at[0].data, line);
    assert_int_equal(store_test_number("select count(*) from desk.report r join desk.report_sealed s on s.seq = r.seq join "
        "intake.report i on i.id = r.id where s.item = i.item and s.unit_wrap = i.unit_wrap and s.thread_wrap = i.thread_wrap and "
        "r.tag_box = i.tag_box and r.lookup = i.lookup and s.content = i.content and r.state = 'new' and r.rank = 1"), 1);
    assert_int_equal(store_test_number("select take_due - received from desk.report"),
                     pack_seconds(sv.pack, CLOCK_TAKE_U1) * CLOCK_SECOND);
    report_ingest(&sv); // nothing new: nothing rings
    desk->after = 0;    // as after a restart
    report_ingest(&sv);
    assert_int_equal(events.n, 1);
    assert_int_equal(store_test_number("select count(*) from desk.report"), 1);
    frame_report_free(&r);
}

static void groups(void **state)
{
    (void)state;
    struct frame_report r;
    for (int i = 0; i < INGEST_MAX + 3; i++) {
        frame_report_make(&r, &keeper, "HARM", 3, now, NULL, "x");
        report_send(&r);
        frame_report_free(&r);
    }
    report_ingest(&sv); // one ring for all
    assert_int_equal(events.n, INGEST_MAX + 3);
    for (size_t i = 1; i < events.n; i++)
        assert_true(events.at[i].id > events.at[i - 1].id);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.thread"), INGEST_MAX + 3);
    assert_int_equal(store_test_number("select count(*) from reply.done"), INGEST_MAX + 3);
    assert_int_equal(store_test_number("select count(*) from desk.reply_due"), 0);
}

// A portal in wrong hands: alters what lies in intake, puts another text under a known id, or another id under a known receipt.
static void altered_intake(void **state)
{
    (void)state;
    struct frame_report r, other;
    one(&r, "SEXT", 2, NULL, "e para");
    store_test_sql("update intake.report set urgency_computed = 4, seq = seq + 10");
    report_ingest(&sv);
    assert_int_equal(store_test_number("select urgency_computed from desk.report"), 2);
    store_test_sql("delete from intake.report");
    frame_report_make(&other, &keeper, "HARM", 3, now, NULL, "e dyta");
    memcpy(other.lookup, r.lookup, sizeof other.lookup);
    report_send(&other);
    struct frame_report good;
    frame_report_make(&good, &keeper, "HARM", 3, now, NULL, "e mirë");
    report_send(&good); // in the same group: comes in all the same
    events.n = 0;
    report_ingest(&sv);
    assert_int_equal(events.n, 1);
    assert_int_equal(store_test_number("select count(*) from desk.report"), 2);
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 200);
    says("e para");
    assert_int_equal(call("report_read", &officer, other.id, "{}"), 404);
    frame_report_free(&r), frame_report_free(&other), frame_report_free(&good);
}

static void late_row(void **state) // a row whose number became visible after a higher one
{
    (void)state;
    struct frame_report r;
    one(&r, "HARM", 3, NULL, "x");
    frame_report_free(&r);
    frame_report_make(&r, &keeper, "HARM", 3, now, NULL, "vonë");
    report_send(&r);
    desk->swept = clock_mono();
    store_test_sql("update intake.report set seq = 1 where seq = (select max(seq) from intake.report)");
    report_ingest(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.report"), 1);
    desk->swept = -SWEEP_EVERY; // 5 s later
    report_ingest(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.report"), 2);
    assert_int_equal(events.n, 2);
    frame_report_free(&r);
}

static void bursts(void **state)
{
    (void)state;
    struct frame_report r[4];
    for (size_t i = 0; i < 4; i++) {
        frame_report_make(&r[i], &keeper, "HARM", i == 3 ? 1 : 3, now, NULL, "x");
        memset(r[i].burst, 7, sizeof r[i].burst);
        r[i].clear.burst = STR_BYTES(r[i].burst);
        frame_report_seal(&r[i], &keeper, "x", NULL);
        report_send(&r[i]);
        if (i == 1)
            report_ingest(&sv); // in two groups: the second knows what the first led
    }
    report_ingest(&sv);
    assert_int_equal(events.n, 4);
    assert_string_equal(events.at[0].name, "report");
    assert_string_equal(events.at[1].name, "queue");
    assert_string_equal(events.at[2].name, "queue");
    assert_string_equal(events.at[3].name, "report"); // danger is another matter than the flood around it
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"new\", \"grouped\": true}"), 200);
    says("\"burst_count\":2");
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"new\"}"), 200);
    char hex[ID_HEX];
    for (size_t i = 0; i < 4; i++)
        says(id_hex(r[i].id, hex));
    assert_int_equal(call("report_take", &officer, r[0].id, "{}"), 200); // the next one leads now
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{\"state\": \"new\", \"grouped\": true}"), 200);
    says(id_hex(r[1].id, hex));
    says_not(id_hex(r[2].id, hex));
    says("\"burst_count\":1");
    for (size_t i = 0; i < 4; i++)
        frame_report_free(&r[i]);
}

// ── settling ──
static void tags(void **state)
{
    (void)state;
    struct frame_report a, b, c;
    one(&a, "CSAM", 3, "http://keq.example/a", "x");
    one(&b, "CSAM", 3, "http://keq.example/a", "y");
    one(&c, "CSAM", 3, "http://keq.example/c", "z");
    keeper.fails = ERR_AWAY;
    assert_int_equal(report_settle(&sv), ERR_AWAY);
    assert_int_equal(store_test_number("select count(*) from reply.thread"), 3); // the reporter does not wait for the keeper
    assert_int_equal(store_test_number("select count(*) from desk.report where tag_box is not null"), 3);
    keeper.fails = OK;
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(keeper.tagged, 3);
    assert_int_equal(store_test_number("select count(*) from desk.report where tag_box is not null"), 0);
    assert_int_equal(store_test_number("select count(distinct page_tag) from desk.report"), 2);
    assert_int_equal(store_test_number("select count(distinct host_tag) from desk.report"), 1);
    char hex[ID_HEX], line[100];
    assert_int_equal(call("report_read", &officer, a.id, "{}"), 200);
    snprintf(line, sizeof line, "\"same_page\":[\"%s\"]", id_hex(b.id, hex));
    says(line);
    says(id_hex(c.id, hex));
    assert_int_equal(call("report_list", &officer, (struct id){0}, "{}"), 200);
    says("\"same_page_count\":1");
    says("\"same_page_count\":0");
    frame_report_free(&a), frame_report_free(&b), frame_report_free(&c);
}

// Beside a desk that settles another leaves all as it is: what it had read could be older than what the first one writes.
static void two_desks_do_not_settle_at_once(void **state)
{
    (void)state;
    struct frame_report r;
    struct store *other = store_test_open("desk", "desk", "intake");
    struct alone *turn = NULL;
    one(&r, "CSAM", 3, NULL, "x");
    assert_int_equal(store_alone(other, "settle", &turn), OK);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.thread"), 0);
    assert_int_equal(store_test_number("select count(*) from desk.reply_due"), 1);
    store_alone_end(&turn);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.thread"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.reply_due"), 0);
    store_close(other);
    frame_report_free(&r);
}

static void bad_boxes(void **state)
{
    (void)state;
    struct frame_report a, b, c;
    frame_report_make(&a, &keeper, "CSAM", 3, now, "http://keq.example/a", "x");
    buf_put_z(&a.tag_box, "longer than a box is");
    report_send(&a);
    frame_report_make(&b, &keeper, "CSAM", 3, now, "http://keq.example/a", "x");
    b.tag_box.at[40] ^= 1;
    report_send(&b);
    one(&c, "CSAM", 3, "http://keq.example/a", "x");
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from desk.report where tag_box is null"), 3);
    assert_int_equal(store_test_number("select count(*) from desk.report where page_tag is not null"), 1);
    frame_report_free(&a), frame_report_free(&b), frame_report_free(&c);
}

static void messages(void **state)
{
    (void)state;
    struct frame_report r, other;
    struct id id;
    frame_report_make(&r, &keeper, "SEXT", 2, now, NULL, "x");
    assert_int_equal(frame_message_send(portal, &r, 1, now, "para raportimit", false, &id), OK);
    report_ingest(&sv); // no report yet
    assert_int_equal(store_test_number("select count(*) from desk.message"), 0);
    report_send(&r);
    report_ingest(&sv);
    assert_int_equal(store_test_number("select unread_up from desk.report"), 1);
    frame_report_make(&other, &keeper, "SEXT", 2, now, NULL, "x"); // a message under a thread that is not the receipt's
    memcpy(other.lookup, r.lookup, 16);
    assert_int_equal(frame_message_send(portal, &other, 2, now, "i rremë", false, &id), OK);
    assert_int_equal(frame_message_send(portal, &r, 3, now, "tërhiqeni", true, &id), OK);
    report_ingest(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.message"), 2);
    assert_int_equal(store_test_number("select withdraw_asked from desk.report"), 1);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.message where direction = 1"), 2);
    assert_int_equal(store_test_number("select count(*) from reply.done"), 3);
    assert_int_equal(call("report_read", &officer, r.id, "{}"), 200);
    says("para raportimit");
    says("tërhiqeni");
    says_not("i rremë");
    says("\"withdraw_asked\":true");
    says("\"state\":\"new\""); // asking closes nothing
    assert_int_equal(store_test_number("select unread_up from desk.report"), 0);
    frame_report_free(&r), frame_report_free(&other);
}

// As many messages as one group holds, none of which can be taken in, stand before a good one.
static void refused_messages_block_nobody(void **state)
{
    (void)state;
    struct frame_report r, other;
    struct id id;
    frame_report_make(&r, &keeper, "SEXT", 2, now, NULL, "x");
    memset(r.lookup, 0, sizeof r.lookup);
    frame_report_make(&other, &keeper, "SEXT", 2, now, NULL, "x");
    memset(other.lookup, 255, sizeof other.lookup);
    report_send(&r);
    report_send(&other);
    for (int64_t i = 1; i <= INGEST_MAX; i++)
        assert_int_equal(frame_message_send(portal, &r, i, now, "i pari", false, &id), OK);
    report_ingest(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.message"), INGEST_MAX);
    store_test_sql("delete from intake.message");
    for (int64_t i = 1; i <= INGEST_MAX; i++)
        assert_int_equal(frame_message_send(portal, &r, i, now, "tjetër me të njëjtin numër", false, &id), OK);
    assert_int_equal(frame_message_send(portal, &other, 1, now, "i mirë", false, &id), OK);
    report_ingest(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.message"), INGEST_MAX + 1);
    assert_int_equal(desk->refused, INGEST_MAX);
    frame_report_free(&r), frame_report_free(&other);
}

static void done_forgotten(void **state)
{
    (void)state;
    struct frame_report a, b;
    one(&a, "HARM", 3, NULL, "x");
    one(&b, "HARM", 3, NULL, "x");
    assert_int_equal(report_settle(&sv), OK);
    report_done_sweep(&sv);
    assert_int_equal(store_test_number("select count(*) from reply.done"), 2); // the portal has both yet
    store_test_sql("delete from intake.report where seq = (select min(seq) from intake.report)");
    report_done_sweep(&sv);
    assert_int_equal(store_test_number("select count(*) from reply.done"), 1);
    frame_report_free(&a), frame_report_free(&b);
}

static size_t n_emitted;
static int64_t last_emitted;

static void emit(void *to, int64_t id, const char *event, struct str data)
{
    assert_ptr_equal(to, &n_emitted);
    assert_string_equal(event, "report");
    assert_true(str_starts(data, "{\"id\":\""));
    n_emitted++;
    last_emitted = id;
}

static void missed(void **state)
{
    (void)state;
    struct frame_report a, b;
    one(&a, "HARM", 3, NULL, "x");
    one(&b, "HARM", 3, NULL, "x");
    n_emitted = 0;
    assert_int_equal(report_events_missed(&sv, officer.units, 1, events.at[0].id, emit, &n_emitted), OK);
    assert_int_equal(n_emitted, 1);
    assert_true(last_emitted == events.at[1].id);
    assert_int_equal(report_events_missed(&sv, stranger.units, 1, 0, emit, &n_emitted), OK);
    assert_int_equal(n_emitted, 1);
    frame_report_free(&a), frame_report_free(&b);
}

static void acknowledged_once(void **state)
{
    (void)state;
    struct frame_report a, b;
    one(&a, "HARM", 3, NULL, "x");
    one(&b, "HARM", 3, NULL, "y");
    assert_int_equal(report_settle(&sv), OK);
    store_test_sql("delete from intake.acknowledge; insert into intake.acknowledge (lookup) select lookup from desk.report where seq = "
                   "(select max(seq) from desk.report); insert into intake.acknowledge (lookup) select id from desk.report;");
    keeper.acknowledged = 0;
    keeper.fails = ERR_AWAY;
    assert_int_equal(report_acknowledge(&sv), ERR_AWAY);
    assert_int_equal(store_test_number("select count(*) from reply.acknowledgement"), 0);
    keeper.fails = OK;
    assert_int_equal(report_acknowledge(&sv), OK);
    assert_int_equal(report_acknowledge(&sv), OK); // asked no second time; what lies under no report's lookup is not asked at all
    assert_int_equal(keeper.acknowledged, 1);
    assert_int_equal(store_test_number("select count(*) from reply.acknowledgement k join desk.report r on r.id = k.report and r.lookup = k.lookup "
                                       "and r.received = k.received join desk.report_sealed s on s.seq = r.seq and s.content = k.content"), 1);
    store_test_sql("delete from intake.acknowledge; delete from reply.acknowledgement;");
    frame_report_free(&a), frame_report_free(&b);
}

static void settles_by_itself(void **state)
{
    (void)state;
    assert_int_equal(report_settle_start(desk), OK);
    struct frame_report r;
    one(&r, "HARM", 3, "http://keq.example/a", "x");
    for (int i = 0; i < 200 && store_test_number("select count(*) from desk.reply_due") +
                                   store_test_number("select count(*) from desk.report where tag_box is not null") > 0; i++)
        clock_sleep(20000);
    assert_int_equal(store_test_number("select count(*) from reply.thread"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.report where page_tag is not null"), 1);
    frame_report_free(&r);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        TEST(taken_in), TEST(groups), TEST(altered_intake), TEST(late_row), TEST(bursts), TEST(tags), TEST(bad_boxes),
        TEST(messages), TEST(refused_messages_block_nobody), TEST(done_forgotten), TEST(missed),
        TEST(acknowledged_once), TEST(settles_by_itself), TEST(two_desks_do_not_settle_at_once),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
