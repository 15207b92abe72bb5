// The desk's report room on both engines: what intake holds becomes the record, rings once, is queued, opened, acted on and
// answered; what was altered in the database does not open; what a crash leaves undone is done later.
#include "store_test.h"
#include "country.h"
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "desk_frame.h"
#include "report/desk/handlers.h"

static struct store *portal;
static struct services sv;
static struct keeper keeper;
static struct events events;
static struct report_desk *desk;
static struct arena *arena;
static struct person officer, colleague, boss, stranger;
static int64_t now;
static struct buf out; // last answer

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
    now = date_next_midnight(clock_now()) - 12 * CLOCK_HOUR; // noon: at night a worker who is not on call is stopped
    officer = (struct person){.id = id_of(1), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_DUTY_OFFICER};
    colleague = (struct person){.id = id_of(2), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_DUTY_OFFICER};
    boss = (struct person){.id = id_of(3), .units = {id_of(100)}, .n_units = 1, .roles = 1u << ROLE_SUPERVISOR};
    stranger = (struct person){.id = id_of(4), .units = {id_of(101)}, .n_units = 1, .roles = 1u << ROLE_DUTY_OFFICER};
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
    keeper.opened = keeper.sealed = keeper.audited = keeper.tagged = 0;
    assert_int_equal(report_desk_new(&sv, &desk), OK);
    report_settle_stop(desk); // this test settles when it says so
    sv.room = desk;
    return 0;
}

static int each_teardown(void **state)
{
    (void)state;
    report_desk_free(&desk);
    sv.room = NULL;
    store_test_sql("delete from intake.report; delete from intake.message; delete from reply.thread; delete from reply.step; "
                   "delete from reply.message; delete from reply.done; delete from desk.report; delete from desk.report_sealed; "
                   "delete from desk.message; delete from desk.note; delete from desk.step; delete from desk.reply_due; "
                   "delete from desk.history;");
    return 0;
}

// One row of the room's table, called as the API does; the answer stands in `out`.
static int call(const char *name, const struct person *who, struct id id, const char *json)
{
    if (arena)
        arena_free(&arena);
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"), .id = id,
                     .now = now, .json = true};
    buf_clear(&out);
    for (size_t i = 0; i < report_desk_routes.n; i++)
        if (!strcmp(report_desk_routes.at[i].name, name)) {
            int status = web_call(&report_desk_routes.at[i], &rq, str_from(json), &out);
            buf_put_c(&out, '\0');
            arena_free(&arena);
            return status;
        }
    fail_msg("no row %s", name);
    return 0;
}

// The same row as a page; where ISIGURT_TEST_PAGES names a folder it is kept there, to be looked at.
static void page(const char *name, const struct person *who, struct id id, const void *in, const char *lang)
{
    struct req rq = {.sv = &sv, .who = *who, .lang = text_lang(str_from(lang)), .lang_code = str_from(lang), .lang_other = STR("en"),
                     .id = id, .now = now, .csrf = STR("csrf"), .version = STR("1"), .nav = {.reports = true}};
    rq.who.name = STR("Ana Zeka");
    assert_int_equal(arena_new(4 << 20, &rq.arena), OK);
    buf_clear(&out);
    for (size_t i = 0; i < report_desk_routes.n; i++) {
        const struct route *row = &report_desk_routes.at[i];
        if (strcmp(row->name, name))
            continue;
        void *given = arena_alloc(rq.arena, row->out->size);
        assert_int_equal(row->run(&rq, in, given), OK);
        row->page(&out, &rq, in, given);
        assert_int_equal(buf_ok(&out), OK);
    }
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

static void send(const struct frame_report *r)
{
    assert_int_equal(frame_report_send(portal, r), OK);
}

static void one(struct frame_report *r, const char *category, int64_t urgency, const char *address, const char *text)
{
    frame_report_make(r, &keeper, category, urgency, now, address, text);
    send(r);
    report_ingest(&sv);
}

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
        send(&r);
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
    send(&other);
    struct frame_report good;
    frame_report_make(&good, &keeper, "HARM", 3, now, NULL, "e mirë");
    send(&good); // in the same group: comes in all the same
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
    send(&r);
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
        send(&r[i]);
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
    send(&a);
    frame_report_make(&b, &keeper, "CSAM", 3, now, "http://keq.example/a", "x");
    b.tag_box.at[40] ^= 1;
    send(&b);
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
    send(&r);
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
    send(&r);
    send(&other);
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

// ── queue ──
static void queue_order(void **state)
{
    (void)state;
    struct frame_report r[4];
    static const int64_t urgency[4] = {3, 1, 2, 3}, ago[4] = {0, 0, 0, 60};
    for (size_t i = 0; i < 4; i++) {
        frame_report_make(&r[i], &keeper, "HARM", urgency[i], now - ago[i] * CLOCK_MINUTE, NULL, "x");
        send(&r[i]);
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
        send(&r);
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
        send(&r);
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
    struct frame_report r;
    one(&r, "SEXT", 2, NULL, "x");
    for (int i = 0; i < 55; i++) {
        assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
        assert_int_equal(call("report_release", &officer, r.id, "{}"), 200);
    }
    assert_int_equal(call("report_take", &officer, r.id, "{}"), 200);
    assert_int_equal(call("report_state", &officer, r.id, "{\"state\": \"duplicate\"}"), 200);
    assert_int_equal(report_settle(&sv), OK);
    assert_int_equal(store_test_number("select count(*) from reply.step where code = 'duplicate'"), 1);
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
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {
        TEST(taken_in), TEST(groups), TEST(altered_intake), TEST(late_row), TEST(bursts), TEST(tags), TEST(bad_boxes), TEST(messages),
        TEST(refused_messages_block_nobody), TEST(burst_pages), TEST(taken_meanwhile), TEST(many_steps), TEST(done_forgotten),
        TEST(queue_order), TEST(queue_pages), TEST(read_all), TEST(tampered), TEST(rank_holds), TEST(take_once),
        TEST(judge), TEST(how_long_it_takes), TEST(change_urgency), TEST(answer), TEST(pages), TEST(missed), TEST(acknowledged_once),
        TEST(settles_by_itself), TEST(two_desks_do_not_settle_at_once),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
