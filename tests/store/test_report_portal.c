// The portal's report room on both engines: a report is stored once and only sealed, a repeat is known even when the desk has it,
// the thread joins what lies in intake and in reply, what the desk has taken in is deleted here.
#include "store_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"
#include "base/share.h"
#include "report/portal/form.h"
#include "report/portal/pages.h"
#include "vault/server.h"

DB_QUERY(trial_thread_sql, "bbbbti", "",
    "insert into reply.thread (lookup, thread, thread_kid, content, state, received) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(trial_message_sql, "biibibb", "",
    "insert into reply.message (lookup, direction, seq, id, sent, kid, item) values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(trial_done_sql, "b", "", "insert into reply.done (id) values ($1)");
DB_QUERY(trial_step_sql, "biti", "", "insert into reply.step (lookup, seq, code, at) values ($1, $2, $3, $4)");
DB_QUERY(trial_report_sql, "i", "bbbbbi", "select id, lookup, thread, thread_kid, content, received from intake.report order by seq limit $1");
DB_QUERY(trial_up_sql, "i", "bbiibb", "select lookup, id, seq, sent, kid, item from intake.message order by seq limit $1");

static struct services sv;
static struct config config;
static struct store *reply;
static struct arena *arena;
static struct buf out; // last answer
static int64_t now;
static struct directory *with_unit;

static struct directory *directory_made(const char *name, bool unit)
{
    char keys[400];
    struct buf why;
    struct keeper_setup *setup = NULL;
    struct directory *d = NULL;
    buf_init(&why, 1000);
    snprintf(keys, sizeof keys, "%s/%s", store_test_folder(), name);
    assert_int_equal(file_make_dirs(keys, 0700), OK);
    assert_int_equal(keeper_setup_keys(keys, &why), OK);
    struct store *s = store_test_open("keeper", "keeper", "");
    assert_int_equal(keeper_setup_open(s, keys, &setup, &why), OK);
    assert_int_equal(keeper_setup_unit(setup, id_random(), unit), OK);
    assert_int_equal(keeper_setup_finish(&setup), OK);
    store_close(s);
    assert_int_equal(directory_open(keys, &d, &why), OK);
    buf_free(&why);
    return d;
}

static int setup(void **state)
{
    (void)state;
    struct buf why;
    char path[SHARE_PATH_MAX];
    buf_init(&why, 4096);
    buf_init(&out, 4 << 20);
    setenv("TZ", "Europe/Tirane", 1);
    assert_int_equal(crypto_start(), OK);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(pack_open(share_path("country/al", path, sizeof path), &sv.pack, &why), OK);
    buf_free(&why);
    with_unit = directory_made("keys", true);
    config_default(&config);
    config.store[0] = '\0'; // no disk to watch here
    config.rate_reports = 3;
    config.proof_bits = 8;
    sv.config = &config;
    sv.directory = with_unit;
    sv.store = store_test_open("portal", "intake", "reply");
    reply = store_test_open("desk", "reply", "");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    store_close(reply);
    directory_close(&with_unit);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    now = clock_minute(clock_now()) + 2 * CLOCK_MINUTE; // the key is valid from now on
    sv.directory = with_unit;
    return report_portal_new(&config, (struct report_portal **)&sv.room) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    report_portal_free((struct report_portal **)&sv.room);
    store_test_sql("delete from intake.report; delete from intake.message; delete from intake.epoch_seen; delete from reply.thread; "
                   "delete from reply.step; delete from reply.message; delete from reply.done; "
                   "delete from intake.acknowledge; delete from intake.flagged; delete from reply.acknowledgement; delete from reply.flagger;");
    return 0;
}

static int call_from(const char *prefix, const char *name, const char *receipt, const char *json)
{
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .lang = text_lang(STR("sq")), .lang_code = STR("sq"), .now = now, .json = true,
                     .receipt = str_from(receipt), .prefix = str_from(prefix)};
    int status = -1;
    buf_clear(&out);
    for (size_t i = 0; i < report_portal_routes.n; i++)
        if (strcmp(report_portal_routes.at[i].name, name) == 0)
            status = web_call(&report_portal_routes.at[i], &rq, str_from(json), &out);
    for (size_t i = 0; i < report_trusted_routes.n; i++)
        if (strcmp(report_trusted_routes.at[i].name, name) == 0)
            status = web_call(&report_trusted_routes.at[i], &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    return status;
}

static int call(const char *name, const char *receipt, const char *json)
{
    return call_from("", name, receipt, json);
}

static void says(const char *text)
{
    if (strstr(out.at, text) == NULL)
        fail_msg("'%s' does not say '%s'", out.at, text);
}

static const char *code(void) // of the last answer
{
    static char c[RECEIPT_TEXT];
    const char *at = strstr(out.at, "\"receipt\":\"");
    assert_non_null(at);
    memcpy(c, at + 11, RECEIPT_TEXT - 1);
    return c;
}

#define SEND(json) assert_int_equal(call("report_add", "", json), 201)
#define ONE "{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"një\",\"submission\":\"00112233445566778899aabbccddeeff\"}"
#define TWO "{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"dy\",\"submission\":\"00112233445566778899aabbccddeeff\"}"

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

// ── what the desk does, played here ──

struct row { struct id id, lookup, thread, kid, content; int64_t received; };
struct taken { struct row r; size_t n; bool down; struct str sealed; struct id message; struct kid kid; };

static struct id bytes16(const struct db_rows *r, int col)
{
    struct id id;
    assert_int_equal(id_from_bytes(db_str(r, col), &id), OK);
    return id;
}

static enum err read_report(struct db *db, void *arg)
{
    struct row *o = arg;
    struct db_rows *r;
    enum err e = db_query(db, &trial_report_sql, DB_ARGS(DB_I(1)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    *o = (struct row){bytes16(r, 0), bytes16(r, 1), bytes16(r, 2), bytes16(r, 3), bytes16(r, 4), db_int(r, 5)};
    return db_done(&r);
}

static enum err write_reply(struct db *db, void *arg)
{
    const struct taken *t = arg;
    const struct row *o = &t->r;
    enum err e = db_exec(db, &trial_thread_sql, DB_ARGS(DB_ID(o->lookup), DB_ID(o->thread), DB_ID(o->kid), DB_ID(o->content),
                                                        DB_T(STR("answered")), DB_I(o->received)), NULL);
    if (!e)
        e = db_exec(db, &trial_step_sql, DB_ARGS(DB_ID(o->lookup), DB_I(1), DB_T(STR("taken")), DB_I(o->received)), NULL);
    if (!e && t->down)
        e = db_exec(db, &trial_message_sql, DB_ARGS(DB_ID(o->lookup), DB_I(2), DB_I(1), DB_ID(t->message), DB_I(o->received),
                                                    DB_B(STR_BYTES(t->kid.b)), DB_B(t->sealed)), NULL);
    if (!e)
        e = db_exec(db, &trial_done_sql, DB_ARGS(DB_ID(o->id)), NULL);
    return e;
}

static struct row desk_takes(const char *receipt, const char *answer)
{
    struct taken t = {.message = id_random(), .down = answer != NULL};
    struct receipt r;
    struct key k;
    struct record_ad ad;
    struct buf sealed;
    buf_init(&sealed, 1 << 17);
    assert_int_equal(store_read(sv.store, read_report, &t.r), OK);
    assert_int_equal(receipt_read(&r, str_from(receipt), directory_install_id(with_unit)), OK);
    receipt_thread_key(&r, &k);
    t.kid = record_kid(&k);
    report_message_ad(&ad, t.r.thread, t.message, t.kid, RECORD_DOWN, 1, t.r.received);
    assert_int_equal(record_seal(&sealed, &k, &ad, str_from(answer)), OK);
    t.sealed = buf_str(&sealed);
    assert_int_equal(store_write(reply, write_reply, &t), OK);
    buf_free(&sealed);
    return t.r;
}

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
    return db_exec(db, &trial_done_sql, DB_ARGS(DB_ID(m->id)), NULL);
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
    return db_exec(db, &trial_message_sql, DB_ARGS(DB_ID(u->lookup), DB_I(1), DB_I(u->seq), DB_ID(u->id), DB_I(u->sent), DB_ID(u->kid),
                                                   DB_B(((struct str){u->item, u->n}))), NULL);
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
        e = db_exec(db, &trial_message_sql, DB_ARGS(DB_ID(m->lookup), DB_I(2), DB_I(100 + i), DB_ID(id_random()),
                                                    DB_I(now + (1 + i) * CLOCK_MINUTE), DB_ID(id_random()), DB_B(STR("x"))), NULL);
    return e;
}

static enum err write_steps(struct db *db, void *arg)
{
    const struct many *m = arg;
    enum err e = OK;
    for (int i = 0; i < m->n && !e; i++)
        e = db_exec(db, &trial_step_sql, DB_ARGS(DB_ID(m->lookup), DB_I(10 + i),
                                                 DB_T(str_from(i + 1 < m->n ? i % 2 ? "taken" : "new" : m->last)), DB_I(now)), NULL);
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

static const struct route *row_of(const struct routes *room, const char *name)
{
    for (size_t i = 0; i < room->n; i++)
        if (strcmp(room->at[i].name, name) == 0)
            return &room->at[i];
    fail_msg("no row %s", name);
    return NULL;
}

struct sent { char token[FLOOD_TOKEN], submission[ID_HEX], receipt[RECEIPT_TEXT]; int64_t wait, retry_after; bool limited; };

static void keep(char *to, size_t max, struct str s)
{
    assert_true(s.n < max);
    memcpy(to, s.n > 0 ? s.at : "", s.n);
    to[s.n] = '\0';
}

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

#define NUMBER "00112233445566778899aabbccddeeff"

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
#define EACH(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(clear_columns_and_nothing_else), EACH(a_repeat_is_one_report), EACH(a_repeat_is_known_when_the_desk_has_it),
        EACH(messages_go_both_ways), EACH(a_number_is_not_given_twice_behind_many_answers), EACH(the_newest_steps_are_shown), EACH(real_answer_times_are_told), EACH(a_request_to_withdraw_is_a_request),
        EACH(a_message_that_was_exchanged_does_not_open), EACH(unknown_codes_look_alike),
        EACH(refusals_speak_the_language_sent), EACH(a_flood_is_slowed_and_danger_is_not), EACH(who_presses_too_early_gets_through),
        EACH(a_repeat_is_known_over_the_limit),
        EACH(other_words_can_be_sent_as_a_new_report),
        EACH(what_was_typed_to_the_desk_is_kept), EACH(without_a_key_nothing_is_taken),
        EACH(a_professional_asks_for_a_signature), EACH(a_flagger_is_known_by_a_digest_until_revoked),
        EACH(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
