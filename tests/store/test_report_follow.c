// Following a report on the portal, on both engines: the thread joins what lies in intake and in reply, what the desk has taken in
// is deleted here and still known.
#include "portal_room.h"

static struct arena *arena;

DB_QUERY(trial_up_sql, "i", "bbiibb", "select lookup, id, seq, sent, kid, item from intake.message order by seq limit $1");

static void a_repeat_is_known_when_the_desk_has_it(void **state)
{
    (void)state;
    char first[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(first, code(), sizeof first);
    desk_takes(first, NULL);
    report_portal_tick(&sv);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 0);
    SEND(ONE);
    assert_string_equal(code(), first);
    assert_int_equal(call("report_add", "", TWO), 409);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 0);
    assert_int_equal(call("report_follow", first, ""), 200);
    says("\"state\":\"answered\"");
    says("\"code\":\"taken\"");
}

static enum err copy_up(struct db *db, void *arg)
{
    struct row *m = arg; // id, lookup … of the first message in intake, read as below
    return desk_done(db, m->id);
}

struct up { struct id lookup, id, kid; int64_t seq, sent; char item[4096]; size_t n; };

static enum err read_up(struct db *db, void *arg)
{
    struct up *u = arg;
    struct db_rows *r;
    enum err e = db_query(db, &trial_up_sql, DB_ARGS(DB_I(1)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    struct str item = db_str(r, 5);
    u->lookup = bytes16(r, 0);
    u->id = bytes16(r, 1);
    u->seq = db_int(r, 2);
    u->sent = db_int(r, 3);
    u->kid = bytes16(r, 4);
    assert_true(item.n <= sizeof u->item);
    memcpy(u->item, item.at, item.n);
    u->n = item.n;
    return db_done(&r);
}

static enum err write_up(struct db *db, void *arg)
{
    const struct up *u = arg;
    return desk_message(db, u->lookup, 1, u->seq, u->id, u->sent, u->kid, (struct str){u->item, u->n});
}

static size_t count_of(const char *what)
{
    size_t n = 0;
    for (const char *at = out.at; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void messages_go_both_ways(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    assert_int_equal(call("report_message_add", c, "{\"text\":\"mesazhi i parë\"}"), 201);
    desk_takes(c, "përgjigjja");
    struct up *u = calloc(1, sizeof *u);
    assert_int_equal(store_read(sv.store, read_up, u), OK);
    assert_int_equal(u->seq, 1);
    assert_int_equal(store_write(reply, write_up, u), OK); // in both places for a moment
    assert_int_equal(call("report_follow", c, ""), 200);
    assert_int_equal(count_of("mesazhi i parë"), 1);
    struct row done = {.id = u->id};
    assert_int_equal(store_write(reply, copy_up, &done), OK);
    report_portal_tick(&sv);
    assert_int_equal(store_test_number("select count(*) from intake.message"), 0);
    // the number goes on, though intake is empty
    assert_int_equal(call("report_message_add", c, "{\"text\":\"i dyti\",\"submission\":\"ffeeddccbbaa99887766554433221100\"}"), 201);
    assert_int_equal(call("report_message_add", c, "{\"text\":\"i dyti\",\"submission\":\"ffeeddccbbaa99887766554433221100\"}"), 201);
    assert_int_equal(store_test_number("select count(*) from intake.message"), 1);
    assert_int_equal(store_test_number("select max(seq) from intake.message"), 2);
    assert_int_equal(call("report_follow", c, ""), 200);
    assert_int_equal(count_of("\"from\":\"reporter\""), 2);
    assert_int_equal(count_of("\"from\":\"desk\""), 1);
    says("përgjigjja");
    assert_int_equal(call("report_withdraw", c, "{}"), 202);
    assert_int_equal(store_test_number("select sum(withdraw) from intake.message"), 1);
    assert_int_equal(store_test_number("select count(*) from intake.report"), 0); // nothing closes by itself
    free(u);
}

struct many { struct id lookup; int n; const char *last; };

static enum err write_answers(struct db *db, void *arg)
{
    const struct many *m = arg;
    enum err e = OK;
    for (int i = 0; i < m->n && !e; i++)
        e = desk_message(db, m->lookup, 2, 100 + i, id_random(), now + (1 + i) * CLOCK_MINUTE, id_random(), STR("x"));
    return e;
}

static enum err write_steps(struct db *db, void *arg)
{
    const struct many *m = arg;
    enum err e = OK;
    for (int i = 0; i < m->n && !e; i++)
        e = desk_step(db, m->lookup, 10 + i, i + 1 < m->n ? i % 2 ? "taken" : "new" : m->last, now);
    return e;
}

static void a_number_is_not_given_twice_behind_many_answers(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    assert_int_equal(call("report_message_add", c, "{\"text\":\"i pari\"}"), 201);
    desk_takes(c, "përgjigjja");
    struct up *u = calloc(1, sizeof *u);
    assert_int_equal(store_read(sv.store, read_up, u), OK);
    assert_int_equal(store_write(reply, write_up, u), OK);
    struct row done = {.id = u->id};
    assert_int_equal(store_write(reply, copy_up, &done), OK);
    report_portal_tick(&sv);
    struct many m = {.lookup = u->lookup, .n = THREAD_MESSAGES_MAX + 20};
    assert_int_equal(store_write(reply, write_answers, &m), OK);
    assert_int_equal(call("report_message_add", c, "{\"text\":\"i dyti\"}"), 201);
    assert_int_equal(store_test_number("select max(seq) from intake.message"), 2);
    free(u);
}

static void the_newest_steps_are_shown(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    struct row r = desk_takes(c, "përgjigjja");
    struct many m = {.lookup = r.lookup, .n = THREAD_STEPS_MAX + 20, .last = "closed"};
    assert_int_equal(store_write(reply, write_steps, &m), OK);
    assert_int_equal(call("report_follow", c, ""), 200);
    says("\"code\":\"closed\"");
    const char *closed = strstr(out.at, "\"code\":\"closed\"");
    assert_null(strstr(closed, "\"code\":\"taken\"")); // oldest first
}

static void real_answer_times_are_told(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    assert_int_equal(call("report_follow", c, ""), 200);
    says("shumë pak raportime"); // nothing was measured: no figure is made up
    store_test_sql("update intake.report set urgency_computed = 2; insert into reply.pace values (2, 3660000000, 0, 86400000000, 0)");
    assert_int_equal(call("report_follow", c, ""), 200);
    says("u hap për 2 orë"); // an hour and a minute: never quicker than it was
    says("mori përgjigje për 1 ditë");
    store_test_sql("update reply.pace set looked_over = 1");
    assert_int_equal(call("report_follow", c, ""), 200);
    says("priti më shumë se 1 orë");
    store_test_sql("delete from reply.pace");
}

static void a_request_to_withdraw_is_a_request(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    assert_int_equal(call("report_follow", c, ""), 200);
    says("\"withdrawal\":null");
    assert_int_equal(call("report_message_add", c, "{\"text\":\"A mund ta tërheq raportimin?\"}"), 201);
    assert_int_equal(call("report_follow", c, ""), 200);
    says("\"withdrawal\":null"); // a question is no request
    assert_int_equal(call("report_withdraw", c, "{\"text\":\"Kam frikë.\"}"), 202);
    assert_int_equal(call("report_follow", c, ""), 200);
    says("\"withdrawal\":\"asked\"");
    says("\"state\":\"received\"");
    assert_int_equal(store_test_number("select count(*) from intake.report"), 1);
}

static void a_message_that_was_exchanged_does_not_open(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    assert_int_equal(call("report_message_add", c, "{\"text\":\"origjinali\"}"), 201);
    store_test_sql("update intake.message set sent = sent + 60000000");
    assert_int_equal(call("report_follow", c, ""), 200);
    assert_int_equal(count_of("origjinali"), 0);
}

// ── following, while no reader is free ──

#define READERS 4 // of store_test_open

struct asked { const char *receipt, *go, *text; int depth; enum err e; bool away, found, asking; char submission[ID_HEX]; };

static void track(struct asked *a)
{
    struct report_track_in in = {.go = str_from(a->go), .text = str_from(a->text), .submission = str_from(NUMBER)};
    struct report_track_out page = {0};
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .lang = text_lang(STR("sq")), .lang_code = STR("sq"), .now = now, .receipt = str_from(a->receipt)};
    const struct route *row = row_of(&report_page_routes, "report_track");
    a->e = row->run(&rq, &in, &page);
    a->away = page.away;
    a->found = page.found;
    a->asking = page.asking;
    keep(a->submission, sizeof a->submission, page.submission);
    buf_clear(&out);
    row->page(&out, &rq, &in, &page);
    buf_put_c(&out, '\0');
    arena_free(&arena);
}

static enum err track_without_readers(struct db *db, void *arg)
{
    struct asked *a = arg;
    (void)db;
    if (++a->depth < READERS)
        return store_read(sv.store, track_without_readers, a);
    track(a);
    return OK;
}

static void what_was_typed_to_the_desk_is_kept(void **state)
{
    (void)state;
    char c[RECEIPT_TEXT];
    SEND(ONE);
    memcpy(c, code(), sizeof c);
    struct asked a = {.receipt = c, .go = "say", .text = "fjalët e mia"};
    assert_int_equal(store_read(sv.store, track_without_readers, &a), OK);
    assert_int_equal(a.e, ERR_FULL);
    assert_true(a.away && !a.found && !a.asking);
    assert_string_equal(a.submission, NUMBER); // sent again it is the same message
    says("fjalët e mia");
    says(c);
    says("value=\"" NUMBER "\"");
    says("value=\"say\"");
    assert_int_equal(store_test_number("select count(*) from intake.message"), 0);
    track(&a);
    assert_int_equal(a.e, OK);
    assert_true(a.found && !a.away);
    assert_int_equal(store_test_number("select count(*) from intake.message"), 1);
    a = (struct asked){.receipt = c, .go = "withdraw", .text = ""};
    assert_int_equal(store_read(sv.store, track_without_readers, &a), OK);
    assert_true(a.away && a.asking);
    says("value=\"withdraw\"");
    a = (struct asked){.receipt = c, .go = "", .text = ""}; // nothing typed: the code is asked for again, as before
    assert_int_equal(store_read(sv.store, track_without_readers, &a), OK);
    assert_true(a.e == ERR_FULL && !a.away);
    says(c);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        EACH(a_repeat_is_known_when_the_desk_has_it), EACH(messages_go_both_ways),
        EACH(a_number_is_not_given_twice_behind_many_answers), EACH(the_newest_steps_are_shown),
        EACH(real_answer_times_are_told), EACH(a_request_to_withdraw_is_a_request),
        EACH(a_message_that_was_exchanged_does_not_open), EACH(what_was_typed_to_the_desk_is_kept),
        EACH(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
