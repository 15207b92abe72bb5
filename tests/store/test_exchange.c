// The exchange on both engines, with a real keeper: a referral to a second unit holds the chosen fields and nothing else; who
// was not given the key, or lost it, reads nothing; no step that the table does not know is taken, not even in a race.
#include "store_test.h"
#include "country.h"
#include <pthread.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include "base/clock.h"
#include "casefile/courier/file_alarm.h"
#include "exchange/courier/answer_alarm.h"
#include "exchange/handlers.h"
#include "exchange_frame.h"
#include "vault/directory.h"

DB_QUERY(test_report_sql, "bitiittbbbbiti", "", "insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, "
         "kid, thread, thread_kid, unit, urgency, state, take_due) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
DB_QUERY(test_seq_sql, "b", "i", "select seq from desk.report where id = $1");
DB_QUERY(test_sealed_sql, "ibbbibb", "", "insert into desk.report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap) "
         "values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(test_case_sql, "b", "b", "select case_id from desk.case_report where report = $1");
DB_QUERY(test_last_sql, "b", "b", "select id from desk.referral where case_id = $1 order by seq desc limit 1");

struct worker { struct person who; struct token token; };
static struct services sv;
static struct worker officer, second, other, stranger;
static struct id duty, police, silent; // silent: a unit that has no key
static struct token admin;
static struct buf out;

static struct worker worker_of(enum frame_who who, enum role role, struct id unit)
{
    struct worker w = {.who = {.id = exchange_frame_person(who), .roles = 1u << role}, .token = exchange_frame_sign_in(who)};
    if (!id_zero(unit)) {
        w.who.units[0] = unit;
        w.who.n_units = 1;
    }
    return w;
}

static enum err people_write(struct db *db, void *arg)
{
    (void)arg;
    static const struct { enum frame_who who; const char *user, *name; } all[] = {
        {FRAME_OFFICER, "oficeri", "Ana"}, {FRAME_SECOND, "i.dyti", "Beni"}, {FRAME_OTHER, "tjetri", "Cela"}};
    enum err e = people_setup_institutions(db, sv.pack);
    if (!e)
        e = people_setup_unit(db, duty, STR("ISIGURT"), STR("desk"), STR(""));
    if (!e)
        e = people_setup_unit(db, police, STR("POLICIA"), STR("exchange"), STR(""));
    if (!e)
        e = people_setup_unit(db, silent, STR("NJMF"), STR("exchange"), STR(""));
    for (size_t i = 0; i < 3 && !e; i++) {
        e = people_setup_person(db, exchange_frame_person(all[i].who), str_from(all[i].user), str_from(all[i].name), STR("ISIGURT"), STR(""), STR("sq"));
        if (!e)
            e = people_setup_member(db, all[i].who == FRAME_OTHER ? police : duty, exchange_frame_person(all[i].who));
    }
    return e;
}

static int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    exchange_frame_make();
    sv.store = store_test_open("desk", "desk", "intake");
    sv.keeper = exchange_frame_keeper();
    sv.roles = people_role_table();
    duty = exchange_frame_unit(false);
    police = exchange_frame_unit(true);
    silent = id_random();
    static case_more_fn *const rooms[] = {exchange_case_more, NULL};
    case_rooms = rooms;
    assert_int_equal(store_write(sv.store, people_write, NULL), OK);
    officer = worker_of(FRAME_OFFICER, ROLE_DUTY_OFFICER, duty);
    second = worker_of(FRAME_SECOND, ROLE_DUTY_OFFICER, duty);
    other = worker_of(FRAME_OTHER, ROLE_DUTY_OFFICER, police);
    stranger = worker_of(FRAME_CONTACT, ROLE_DUTY_OFFICER, (struct id){{0}});
    admin = exchange_frame_sign_in(FRAME_ADMIN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    exchange_frame_end();
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

// One row, called as the API does; the answer stands in `out`.
static int call(const char *name, const struct worker *w, struct id id, const char *json)
{
    const struct routes *rooms[] = {&exchange_desk_routes, &case_desk_routes};
    struct arena *arena = NULL;
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = w->who, .token = w->token, .lang = text_lang(STR("en")), .lang_code = STR("en"),
                     .id = id, .now = clock_now(), .json = true};
    buf_clear(&out);
    for (size_t room = 0; room < 2; room++)
        for (size_t i = 0; i < rooms[room]->n; i++)
            if (!strcmp(rooms[room]->at[i].name, name)) {
                int status = web_call(&rooms[room]->at[i], &rq, str_from(json), &out);
                buf_put_c(&out, '\0');
                arena_free(&arena);
                return status;
            }
    fail_msg("no row %s", name);
    return 0;
}

static bool says(const char *text)
{
    return strstr(out.at, text) != NULL;
}

static void answers(int status, int expected)
{
    if (status != expected)
        fail_msg("%d instead of %d: %s", status, expected, out.at);
}

// ── a report of the duty unit, as ingest leaves it, and a case of it ──
struct made {
    struct id id, thread, content, case_id, last;
    struct key key, thread_key;
    struct kid kid, thread_kid;
    struct report_clear clear;
    struct buf item;
    struct directory_unit unit;
    uint8_t unit_wrap[BOX_BYTES], thread_wrap[RECORD_WRAP_BYTES];
};

static enum err report_write(struct db *db, void *arg)
{
    const struct made *m = arg;
    const struct report_clear *c = &m->clear;
    struct db_rows *r;
    enum err e = db_exec(db, &test_report_sql, DB_ARGS(DB_ID(m->id), DB_I(c->received), DB_T(c->category), DB_I(c->urgency_computed),
                         DB_I(c->in_danger), DB_T(c->county), DB_T(c->language), DB_B(STR_BYTES(m->kid.b)), DB_ID(m->thread),
                         DB_B(STR_BYTES(m->thread_kid.b)), DB_ID(duty), DB_I(c->urgency_computed), DB_T(STR("new")), DB_I(c->received)), NULL);
    if (!e)
        e = db_query(db, &test_seq_sql, DB_ARGS(DB_ID(m->id)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    int64_t seq = db_int(r, 0);
    e = db_done(&r);
    return e ? e : db_exec(db, &test_sealed_sql, DB_ARGS(DB_I(seq), DB_B(buf_str(&m->item)), DB_ID(m->content), DB_ID(duty), DB_I(m->unit.epoch),
                           DB_B(STR_BYTES(m->unit_wrap)), DB_B(STR_BYTES(m->thread_wrap))), NULL);
}

static enum err case_of_report(struct db *db, void *arg)
{
    struct made *m = arg;
    struct db_rows *r;
    enum err e = db_query(db, &test_case_sql, DB_ARGS(DB_ID(m->id)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    assert_int_equal(id_from_bytes(db_str(r, 0), &m->case_id), OK);
    return db_done(&r);
}

static enum err last_referral(struct db *db, void *arg)
{
    struct made *m = arg;
    struct db_rows *r;
    enum err e = db_query(db, &test_last_sql, DB_ARGS(DB_ID(m->case_id)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    assert_int_equal(id_from_bytes(db_str(r, 0), &m->last), OK);
    return db_done(&r);
}

static void make_report(struct made *m)
{
    struct directory *d = NULL;
    struct record_ad ad;
    struct buf json;
    memset(m, 0, sizeof *m);
    assert_int_equal(directory_open(exchange_frame_keys(), &d, NULL), OK);
    assert_int_equal(directory_find(d, duty, clock_now(), &m->unit), OK);
    directory_close(&d);
    m->id = id_random(), m->thread = id_random(), m->content = id_random();
    record_key(&m->key);
    record_key(&m->thread_key);
    m->kid = record_kid(&m->key);
    m->thread_kid = record_kid(&m->thread_key);
    m->clear = (struct report_clear){.received = clock_minute(clock_now()), .category = STR("SEXT"), .urgency_computed = 2,
                                     .county = STR("Korçë"), .language = STR("sq")};
    struct report_content c = {.language = STR("sq"), .where = STR("page"), .typed = STR("http://keq.example/faqe"),
                               .address = STR("http://keq.example/faqe"), .category = STR("SEXT"), .reporter = STR("child"),
                               .text = STR("fjalet e femijes"), .contact = STR("ana@posta.example")};
    buf_init(&json, RECORD_ITEM_MAX);
    buf_init(&m->item, 1 << 17);
    assert_int_equal(report_content_write(&json, &c), OK);
    report_item_ad(&ad, m->id, m->kid, &m->clear);
    assert_int_equal(record_seal(&m->item, &m->key, &ad, buf_str(&json)), OK);
    buf_free(&json);
    record_wrap_unit(m->unit_wrap, &m->unit.pk, &m->key);
    record_wrap_child(m->thread_wrap, &m->key, m->id, m->thread, m->thread_kid, 0, &m->thread_key);
    assert_int_equal(store_write(sv.store, report_write, m), OK);
    buf_free(&m->item);
}

static void make(struct made *m)
{
    char hex[ID_HEX], body[100];
    make_report(m);
    snprintf(body, sizeof body, "{\"reports\": [\"%s\"]}", id_hex(m->id, hex));
    answers(call("case_open", &officer, (struct id){{0}}, body), 201);
    assert_int_equal(store_read(sv.store, case_of_report, m), OK);
    officer.token = exchange_frame_sign_in(FRAME_OFFICER); // half a minute on: openings have a budget a minute
}

static int send_to(struct made *m, const struct worker *w, struct id unit, const char *more)
{
    char hex[ID_HEX], body[2000];
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"purpose\": \"protection\", \"ground\": \"child_protection\", %s}", id_hex(unit, hex), more);
    int status = call("referral_send", w, m->case_id, body);
    if (status == 201)
        assert_int_equal(store_read(sv.store, last_referral, m), OK);
    return status;
}

static void sent(struct made *m)
{
    answers(send_to(m, &officer, police, "\"fields\": [\"category\", \"text\"], \"note\": \"nje shenim i gjate\""), 201);
}

static int64_t holds(void)
{
    return store_test_number("select count(*) from desk.case_hold where track = 'referral'");
}

static void in_force(int version)
{
    assert_int_equal(keeper_agree(sv.keeper, &admin, (struct id){{0}}, (uint32_t)version), OK);
}

// ── tests ──
static void nothing_before_the_protocol(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"], \"note\": \"shikojeni, ju lutem\""), 409);
    in_force(1);
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"], \"note\": \"shikojeni, ju lutem\""), 409);
    answers(call("exchange_agree", &other, police, "{\"version\": 2}"), 409);
    answers(call("exchange_agree", &officer, police, "{\"version\": 1}"), 404);
    answers(call("exchange_agree", &other, police, "{\"version\": 1}"), 200);
    assert_true(says("\"versions\":") && says("\"points\":"));
    assert_int_equal(store_test_number("select count(*) from desk.protocol_accepted"), 1);
    answers(send_to(&m, &officer, silent, "\"fields\": [\"text\"], \"note\": \"shikojeni, ju lutem\""), 409);
    answers(send_to(&m, &officer, id_random(), "\"fields\": [\"text\"], \"note\": \"shikojeni, ju lutem\""), 422);
    answers(send_to(&m, &officer, duty, "\"fields\": [\"text\"], \"note\": \"shikojeni, ju lutem\""), 422);
    assert_int_equal(store_test_number("select count(*) from desk.referral"), 0);
    assert_int_equal(holds(), 0);
}

static void what_must_be_said(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"]"), 422); // no consent and no reason
    assert_true(says("reason"));
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"], \"reason\": \" \\n \""), 422);
    answers(send_to(&m, &officer, police, "\"fields\": [], \"consent\": true"), 422);
    answers(send_to(&m, &officer, police, "\"fields\": [\"password\"], \"consent\": true"), 422);
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"], \"consent\": true, \"kind\": \"gift\""), 422);
    answers(send_to(&m, &stranger, police, "\"fields\": [\"text\"], \"consent\": true"), 404);
    answers(send_to(&m, &other, police, "\"fields\": [\"text\"], \"consent\": true"), 404);
    assert_int_equal(store_test_number("select count(*) from desk.referral"), 0);
    answers(send_to(&m, &officer, police, "\"fields\": [\"contact\"], \"consent\": true"), 422); // beyond the template, without a reason
    assert_true(says("more_reason"));
    assert_int_equal(store_test_number("select count(*) from desk.referral"), 0);
    answers(send_to(&m, &officer, police, "\"fields\": [\"text\"], \"consent\": true"), 201);
    assert_int_equal(store_test_number("select consent from desk.referral"), 1);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"provë, kështu u pa\"}"), 200);
}

static void only_the_chosen_fields(void **state)
{
    (void)state;
    struct made m;
    char hex[ID_HEX];
    make(&m);
    sent(&m);
    assert_int_equal(holds(), 1);
    answers(call("referral_list", &other, (struct id){{0}}, "{\"state\": \"sent\"}"), 200);
    assert_true(says(id_hex(m.last, hex)) && says("\"direction\":\"received\"") && says("\"fields\":\"category,text\""));
    assert_false(says("femijes") || says("shenim"));
    answers(call("referral_read", &other, m.last, "{}"), 200);
    assert_true(says("fjalet e femijes") && says("\"SEXT\"") && says("shenim"));
    assert_false(says("keq.example") || says("posta.example"));
    answers(call("referral_read", &second, m.last, "{}"), 200); // the sender's unit
    answers(call("referral_read", &stranger, m.last, "{}"), 404);
    answers(call("referral_accept", &stranger, m.last, "{}"), 404);
    answers(call("case_read", &other, m.case_id, "{}"), 404);
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says(id_hex(m.last, hex)));
    assert_int_equal(store_test_number("select count(*) from desk.case_history where action = 'referral_opened'"), 2);
    answers(call("referral_list", &stranger, (struct id){{0}}, "{}"), 200);
    assert_false(says(id_hex(m.last, hex)));

    // The whole way: asked, answered, accepted, done.
    answers(call("referral_ask", &officer, m.last, "{\"text\": \"?\"}"), 403); // the sender's side
    answers(call("referral_ask", &other, m.last, "{\"text\": \"sa vjeç?\"}"), 200);
    answers(call("referral_answer", &other, m.last, "{\"text\": \"?\"}"), 403);
    answers(call("referral_answer", &second, m.last, "{\"text\": \"trembëdhjetë\"}"), 200);
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    answers(call("referral_done", &other, m.last, "{\"outcome\": \"nothing\"}"), 422);
    assert_int_equal(holds(), 1);
    answers(call("referral_done", &other, m.last, "{\"outcome\": \"proceedings\", \"text\": \"nisi hetimi\"}"), 200);
    assert_int_equal(holds(), 0);
    answers(call("referral_read", &officer, m.last, "{}"), 200);
    assert_true(says("trembëdhjetë") && says("nisi hetimi") && says("\"outcome\":\"proceedings\"") && says("\"state\":\"done\""));
}

static void revoked_opens_nothing_more(void **state)
{
    (void)state;
    struct made m;
    char hex[ID_HEX];
    make(&m);
    sent(&m);
    answers(call("referral_read", &other, m.last, "{}"), 200);
    answers(call("referral_revoke", &other, m.last, "{\"reason\": \"Arsye e provës.\"}"), 403);
    answers(call("referral_revoke", &officer, m.last, "{}"), 422);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    assert_int_equal(holds(), 0);
    answers(call("referral_read", &other, m.last, "{}"), 403);
    assert_false(says("femijes"));
    answers(call("referral_accept", &other, m.last, "{}"), 409);
    answers(call("referral_list", &other, (struct id){{0}}, "{\"state\": \"revoked\"}"), 200);
    assert_true(says(id_hex(m.last, hex)));
    answers(call("referral_read", &officer, m.last, "{}"), 200);
}

static void transferred(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    answers(send_to(&m, &officer, police, "\"kind\": \"transfer\", \"fields\": [\"category\"], \"note\": \"shikojeni, ju lutem\""), 201);
    answers(call("case_read", &other, m.case_id, "{}"), 404); // not before it is accepted
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    answers(call("case_read", &other, m.case_id, "{}"), 200);
    assert_int_equal(holds(), 0);
    assert_int_equal(store_test_number("select count(*) from desk.case_file f join desk.referral r on r.case_id = f.id "
                                       "where r.kind = 'transfer' and f.owner = r.to_unit"), 1);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"Arsye e provës.\"}"), 409);
    answers(call("case_read", &officer, m.case_id, "{}"), 403); // its key was taken away: nothing new is read
    answers(call("exchange_shared", &officer, m.case_id, "{}"), 404);
    answers(call("exchange_shared", &other, m.case_id, "{}"), 200);
    answers(send_to(&m, &officer, police, "\"fields\": [\"category\"], \"note\": \"shikojeni, ju lutem\""), 404); // no longer ours to refer
}

// ── who left a case, with copies of all that it had, and a live session ──
struct copies { struct made *m; struct arena *arena; const struct worker *who; struct keeper_path path; struct list entries; };

static enum err copies_read(struct db *db, void *arg)
{
    struct copies *c = arg;
    enum err e = c->who ? case_path_db(db, c->arena, &c->who->who, c->m->case_id, &c->path) : OK;
    return e ? e : case_entries_db(db, c->arena, c->m->case_id, RECORD_CASE, &c->entries, NULL);
}

static void copy(struct copies *c, struct made *m, const struct worker *who) // who NULL: the entries alone
{
    c->m = m;
    c->who = who;
    if (!c->arena)
        assert_int_equal(arena_new(1 << 20, &c->arena), OK);
    assert_int_equal(store_read(sv.store, copies_read, c), OK);
}

static enum err copy_opens(const struct copies *c, const struct worker *who, size_t i)
{
    const struct case_entry *e = (const struct case_entry *)c->entries.at + i;
    struct keeper_item item = {.sealed = e->sealed};
    case_entry_ad(&item.ad, e);
    return keeper_open(sv.keeper, &who->token, PURPOSE_READ, &c->path, &item, 1, c->arena);
}

static enum err copy_seals(const struct copies *c, const struct worker *who)
{
    struct record_ad ad;
    struct buf sealed;
    buf_init(&sealed, 1 << 17);
    case_entry_ad(&ad, c->entries.at);
    ad.item = id_random();
    enum err e = keeper_seal(sv.keeper, &who->token, &c->path, &ad, STR("{}"), &sealed);
    buf_free(&sealed);
    return e;
}

static size_t report_fields(const struct copies *c, struct id report) // read by the case's key
{
    struct list values = {0};
    struct req rq = {.sv = &sv, .arena = c->arena, .who = c->who->who, .token = c->who->token};
    assert_int_equal(referral_report_copy(&rq, &c->path, c->m->case_id, report, &values), OK);
    return values.n;
}

static void note(const struct worker *w, const struct made *m, const char *text)
{
    char body[100];
    snprintf(body, sizeof body, "{\"text\": \"%s\"}", text);
    answers(call("case_note", w, m->case_id, body), 201);
}

static int64_t of_case(const struct made *m, const char *what, const char *table, const char *home)
{
    char sql[300], hex[ID_HEX];
    snprintf(sql, sizeof sql, store_test_sqlite() ? "select %s from desk.%s where %s = x'%s'" : "select %s from desk.%s where %s = '\\x%s'",
             what, table, home, id_hex(m->case_id, hex));
    return store_test_number(sql);
}

static int transfer_to(struct made *m, const struct worker *w, struct id unit)
{
    return send_to(m, w, unit, "\"kind\": \"transfer\", \"fields\": [\"category\"], \"note\": \"shikojeni, ju lutem\"");
}

static void who_left_reads_nothing_new(void **state)
{
    (void)state;
    struct made m, late;
    struct copies had = {0}, now = {0};
    struct id waits;
    char hex[ID_HEX], body[100];
    make(&m);
    note(&officer, &m, "para kalimit");
    answers(transfer_to(&m, &officer, police), 201);
    waits = m.last;
    note(&officer, &m, "ende para"); // while it waits
    answers(transfer_to(&m, &officer, police), 409); // one at a time
    m.last = waits;
    copy(&had, &m, &officer);
    assert_int_equal(had.entries.n, 4); // opened, the address that the report named, two notes
    int64_t replaced = store_test_number("select count(*) from keeper.replaced");
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), replaced + 2); // with the act itself: the old key, and the report but by its case

    // One wrap, of the new key; the old key and the report's hang under it; the keeper has seen that it is in use.
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    assert_int_equal(of_case(&m, "count(*)", "unit_wrap", "home"), 1);
    assert_int_equal(of_case(&m, "generation", "unit_wrap", "home"), 1);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "parent"), 2);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "child"), 1);
    assert_int_equal(of_case(&m, "max(generation)", "case_item", "home"), 1);
    answers(call("referral_accept", &other, waits, "{}"), 409); // once
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);

    // The new owner reads what was before, and writes.
    note(&other, &m, "pas kalimit");
    answers(call("case_read", &other, m.case_id, "{}"), 200);
    assert_true(says("para kalimit") && says("ende para") && says("pas kalimit"));
    assert_false(says("\"altered\":true"));

    // The former owner's copies: nothing new, nothing old either, nothing is sealed for it.
    copy(&now, &m, NULL);
    assert_int_equal(now.entries.n, 6);
    for (size_t i = 4; i < 6; i++) {
        had.entries = now.entries;
        assert_int_equal(copy_opens(&had, &officer, i), ERR_NO_KEY);
    }
    assert_int_equal(copy_opens(&had, &officer, 0), ERR_NO_KEY);
    assert_int_equal(copy_seals(&had, &officer), ERR_NO_KEY);
    assert_int_equal(copy_seals(&had, &second), ERR_NO_KEY);

    // Back again: the third key, all that was before under it, and a report that joins now.
    officer.token = exchange_frame_sign_in(FRAME_OFFICER);
    other.token = exchange_frame_sign_in(FRAME_OTHER);
    if (store_test_number("select count(*) from desk.protocol_accepted") == 1)
        answers(call("exchange_agree", &officer, duty, "{\"version\": 1}"), 200);
    answers(transfer_to(&m, &other, duty), 201);
    answers(call("referral_accept", &officer, m.last, "{}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 2);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "child"), 2); // older keys, both under the newest
    note(&officer, &m, "prapë tonat");
    make_report(&late);
    snprintf(body, sizeof body, "{\"reports\": [\"%s\"]}", id_hex(late.id, hex));
    answers(call("case_add", &officer, m.case_id, body), 201);
    copy(&now, &m, &officer);
    assert_int_equal(report_fields(&now, m.id), 6); // both reports hang under the newest key
    assert_int_equal(report_fields(&now, late.id), 6);
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("para kalimit") && says("pas kalimit") && says("prapë tonat"));
    assert_false(says("\"altered\":true"));
    answers(call("case_read", &other, m.case_id, "{}"), 403);
    copy(&now, &m, &officer);
    assert_int_equal(copy_opens(&now, &officer, now.entries.n - 1), OK);
    for (size_t i = 0; i < now.entries.n; i++) // by the key that the case had first: still nothing
        assert_int_equal((had.entries = now.entries, copy_opens(&had, &officer, i)), ERR_NO_KEY);

    // What the keeper cannot show: who copied the older key's wrap goes with it; the entries are told, the others stand.
    store_test_sql("delete from desk.child_wrap where parent = child and generation = 0");
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("\"altered\":true") && says("pas kalimit") && says("prapë tonat"));
    assert_false(says("para kalimit"));
    arena_free(&had.arena);
    arena_free(&now.arena);
}

// A transfer carries the case's key to its receiver. Once it is taken back, what follows is not for that key.
static void a_revoked_transfer_leaves_its_key_behind(void **state)
{
    (void)state;
    struct made m;
    struct copies had = {0}, now = {0};
    make(&m);
    answers(transfer_to(&m, &officer, police), 201);
    copy(&had, &m, &officer);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    note(&officer, &m, "pas tërheqjes");
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("pas tërheqjes"));
    assert_false(says("\"altered\":true"));
    copy(&now, &m, NULL);
    had.entries = now.entries;
    assert_int_equal(copy_opens(&had, &officer, now.entries.n - 1), ERR_NO_KEY);
    answers(call("case_read", &other, m.case_id, "{}"), 404);
    // Where a wrap was altered no key can be made: taking back is not stopped by that, nor is writing; handing over is.
    answers(transfer_to(&m, &officer, police), 201);
    store_test_sql(store_test_sqlite() ? "update desk.child_wrap set sealed = zeroblob(72) where generation = 0 and parent <> child"
                                       : "update desk.child_wrap set sealed = decode(repeat('00', 72), 'hex') where generation = 0 and parent <> child");
    answers(call("referral_accept", &other, m.last, "{}"), 500);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    answers(transfer_to(&m, &officer, police), 500); // its report cannot be copied
    answers(send_to(&m, &officer, police, "\"kind\": \"transfer\", \"fields\": [\"case_number\"], \"more_reason\": \"duhet numri\", \"note\": \"shikojeni, ju lutem\""), 201);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"Arsye e provës.\"}"), 200);
    note(&officer, &m, "si më parë");
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    make(&m);
    sent(&m); // of a referral, which carries no key of the case, nothing is left behind
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 0);
    arena_free(&had.arena);
    arena_free(&now.arena);
}

static void a_declined_transfer_too(void **state)
{
    (void)state;
    struct made m;
    struct copies had = {0}, now = {0};
    char body[100];
    make(&m);
    answers(transfer_to(&m, &officer, police), 201);
    copy(&had, &m, &officer);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"jo tonat, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 0); // who declines makes no key for others
    assert_int_equal(of_case(&m, "count(key_out)", "case_file", "id"), 1);
    snprintf(body, sizeof body, "{\"text\": \"pas refuzimit\", \"version\": %lld}", (long long)of_case(&m, "version", "case_file", "id"));
    answers(call("case_note", &officer, m.case_id, body), 201);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    assert_int_equal(of_case(&m, "count(key_out)", "case_file", "id"), 0);
    answers(call("case_note", &officer, m.case_id, body), 409); // the version that was said is an older one now
    note(&officer, &m, "edhe kjo");
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1); // once
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("pas refuzimit") && says("edhe kjo"));
    assert_false(says("\"altered\":true"));
    copy(&now, &m, NULL);
    assert_int_equal(now.entries.n, 5);
    had.entries = now.entries;
    for (size_t i = 0; i < now.entries.n; i++)
        assert_int_equal(copy_opens(&had, &officer, i), ERR_NO_KEY);
    arena_free(&had.arena);
    arena_free(&now.arena);
}

static void sets_state(const struct made *m, enum referral_state s, bool transfer)
{
    char sql[300], hex[ID_HEX];
    id_hex(m->last, hex);
    snprintf(sql, sizeof sql, store_test_sqlite() ? "update desk.referral set state = '%s', kind = '%s' where id = x'%s'"
             : "update desk.referral set state = '%s', kind = '%s' where id = '\\x%s'::bytea", referral_state_name(s),
             transfer ? "transfer" : "referral", hex);
    store_test_sql(sql);
}

// Every act in every state: what the table refuses is refused and changes nothing.
static void no_illegal_step(void **state)
{
    (void)state;
    static const char *const rows[REFERRAL_ACTS] = {"referral_accept", "referral_decline", "referral_ask", "referral_answer",
                                                    "referral_return", "referral_done", "referral_revoke", "referral_progress", "referral_add"};
    struct made m;
    make(&m);
    sent(&m);
    int64_t entries = store_test_number("select count(*) from desk.case_item");
    for (int transfer = 0; transfer < 2; transfer++)
        for (unsigned s = 0; s < REFERRAL_STATES; s++)
            for (unsigned a = 0; a < REFERRAL_ACTS; a++) {
                enum referral_state to;
                const struct worker *w = referral_by_sender((enum referral_act)a) ? &officer : &other;
                if (referral_may((enum referral_act)a, transfer, (enum referral_state)s, &to))
                    continue;
                const char *words = a == REFERRAL_ACCEPT ? "{}" : a == REFERRAL_FINISH ? "{\"outcome\": \"other\"}"
                        : a == REFERRAL_ASK || a == REFERRAL_ANSWER || a == REFERRAL_PROGRESS || a == REFERRAL_ADD ? "{\"text\": \"x\"}" : "{\"reason\": \"Arsye e provës.\"}";
                sets_state(&m, (enum referral_state)s, transfer);
                answers(call(rows[a], w, m.last, words), 409);
            }
    assert_int_equal(store_test_number("select count(*) from desk.case_item"), entries);
    sets_state(&m, REFERRAL_SENT, true); // said to be a transfer: what was sealed does not agree
    answers(call("referral_accept", &other, m.last, "{}"), 500);
    answers(call("referral_read", &other, m.last, "{}"), 500);
    sets_state(&m, REFERRAL_SENT, false);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"jo tonat, kështu u pa\"}"), 200);
}

// Two who act at once: one is answered, the other is told that it is too late.
struct racer { const char *row, *words; struct id id; int status; };

static void *race(void *arg)
{
    struct racer *r = arg;
    struct arena *arena = NULL;
    struct buf answer;
    buf_init(&answer, 1 << 20);
    if (arena_new(1 << 20, &arena))
        return NULL;
    struct req rq = {.sv = &sv, .arena = arena, .who = other.who, .token = other.token, .lang = text_lang(STR("en")), .lang_code = STR("en"),
                     .id = r->id, .now = clock_now(), .json = true};
    for (size_t i = 0; i < exchange_desk_routes.n; i++)
        if (!strcmp(exchange_desk_routes.at[i].name, r->row))
            r->status = web_call(&exchange_desk_routes.at[i], &rq, str_from(r->words), &answer);
    arena_free(&arena);
    buf_free(&answer);
    return NULL;
}

static void a_race_has_one_winner(void **state)
{
    (void)state;
    for (int round = 0; round < 4; round++) {
        struct made m;
        pthread_t thread[2];
        make(&m);
        sent(&m);
        int64_t entries = store_test_number("select count(*) from desk.case_item");
        struct racer racer[2] = {{"referral_accept", "{}", m.last, 0}, {"referral_decline", "{\"reason\": \"Arsye e provës.\"}", m.last, 0}};
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_join(thread[i], NULL), 0);
        if (!(racer[0].status == 200 && racer[1].status == 409) && !(racer[0].status == 409 && racer[1].status == 200))
            fail_msg("accept %d, decline %d", racer[0].status, racer[1].status);
        assert_int_equal(store_test_number("select count(*) from desk.case_item"), entries + 1);
        assert_int_equal(store_test_number("select version from desk.referral order by seq desc limit 1"), 2);
    }
}

static void contacts(void **state)
{
    (void)state;
    char body[200], hex[2][ID_HEX];
    answers(call("exchange_contacts", &officer, (struct id){{0}}, "{}"), 200);
    assert_true(says(id_hex(police, hex[0])) && says(id_hex(silent, hex[1])));
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 1}", hex[0], id_hex(exchange_frame_person(FRAME_OTHER), hex[1]));
    answers(call("exchange_contact", &officer, (struct id){{0}}, body), 422); // not his unit
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 200);
    assert_true(says("\"Cela\""));
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 4}", hex[0], hex[1]);
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422);
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 2}", hex[0], id_hex(exchange_frame_person(FRAME_OFFICER), hex[1]));
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422); // no member
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"person\": \"%s\", \"place\": 2}", hex[0], id_hex(exchange_frame_person(FRAME_OTHER), hex[1]));
    answers(call("exchange_contact", &other, (struct id){{0}}, body), 422); // has the first place already
    assert_int_equal(store_test_number("select count(*) from desk.contact"), 1);
}

// Answer clocks are elapsed time: both nights on which the clock on the wall jumps, a weekend and a holiday change nothing.
static void urgent_clocks_are_elapsed_time(void **state)
{
    (void)state;
    static const int64_t minutes[] = {29914200 - 60, 29609160 - 60, 29882880, 29450000}; // October and March nights, a Saturday, any
    static const enum pack_clock clocks[] = {CLOCK_ANSWER_U1, CLOCK_ANSWER_U2, CLOCK_ANSWER_U3, CLOCK_ANSWER_U4};
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
        for (int64_t u = 1; u <= 4; u++)
            for (int elapsed = u > 2; elapsed < 2; elapsed++) { // U1 and U2 in any case, U3 and U4 of a sexual category
                struct req rq = {.sv = &sv, .now = minutes[i] * 60 * CLOCK_SECOND};
                assert_int_equal(referral_answer_due(&rq, u, elapsed) - rq.now, pack_seconds(sv.pack, clocks[u - 1]) * CLOCK_SECOND);
            }
}

// The receiver's own notes lie under a key that the sender has not; two who write at once both are kept.
static void notes_are_the_receivers(void **state)
{
    (void)state;
    struct made m;
    pthread_t thread[2];
    make(&m);
    sent(&m);
    struct racer racer[2] = {{"referral_note", "{\"text\": \"i pari\"}", m.last, 0}, {"referral_note", "{\"text\": \"i dyti\"}", m.last, 0}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(racer[0].status, 201);
    assert_int_equal(racer[1].status, 201);
    answers(call("referral_read", &other, m.last, "{}"), 200);
    assert_true(says("i pari") && says("i dyti"));
    answers(call("referral_read", &officer, m.last, "{}"), 200);
    assert_false(says("i pari") || says("i dyti"));
    answers(call("referral_note", &officer, m.last, "{\"text\": \"x\"}"), 403);
    answers(call("referral_note", &stranger, m.last, "{\"text\": \"x\"}"), 404);
    assert_int_equal(store_test_number("select count(*) from desk.referral_work"), 1);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"jo tonat, kështu u pa\"}"), 200);
    answers(call("referral_note", &other, m.last, "{\"text\": \"x\"}"), 409);
}

// Who answers first is told at once; where nobody answers, the next place each answer time; nobody twice for the same.
static void clocks_climb(void **state)
{
    (void)state;
    static struct config config;
    struct made m;
    config_default(&config);
    snprintf(config.desk_url, sizeof config.desk_url, "https://desk.example");
    snprintf(config.smtp_url, sizeof config.smtp_url, "smtp://127.0.0.1:1");
    sv.config = &config;
    store_test_sql("delete from desk.referral; delete from desk.outbox; update desk.person set mail = 'cela@posta.example' where username = 'tjetri'; "
                   "update desk.person set mail = 'koordinator@posta.example', roles = 512 where username = 'i.dyti'");
    make(&m);
    sent(&m);
    exchange_alarm_run(&sv);
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'cela@posta.example'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 1);
    store_test_sql("update desk.referral set answer_due = 0, climb_at = 0"); // long ago
    exchange_alarm_run(&sv); // no deputy, no head: the coordinator
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'koordinator@posta.example'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'koordinator@posta.example' and "
                                       "body like '%https://desk.example/referrals/late%'"), 1); // a page that the coordinator may read
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 2);
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    exchange_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 2);
}

// By working days the next place hears later; the courier writes what the pages' function says. Ended: nobody hears any more.
static void clocks_climb_by_working_days(void **state)
{
    (void)state;
    struct made m;
    char text[200];
    setenv("TZ", "Europe/Tirane", 1);
    tzset();
    make(&m);
    store_test_sql("delete from desk.referral"); // accepted ones have a clock too
    sent(&m);
    assert_int_equal(store_test_number("select elapsed from desk.referral where climb_at is not null"), 1); // sexual
    int64_t friday = INT64_C(1780646400) * CLOCK_SECOND; // 2026-06-05 10:00 in Tirana
    store_test_sql("delete from desk.outbox; insert into desk.contact (unit, person, place) select unit, person, 2 from desk.contact where place = 1");
    for (int elapsed = 0; elapsed < 2; elapsed++) {
        snprintf(text, sizeof text, "update desk.referral set urgency = 3, elapsed = %d, climbed = 0, answer_due = %lld, climb_at = %lld where state = 'sent'",
                 elapsed, (long long)friday, (long long)friday);
        store_test_sql(text);
        exchange_alarm_run(&sv);
        assert_int_equal(store_test_number("select climbed from desk.referral where state = 'sent'"), 1); // the deputy
        assert_int_equal(store_test_number("select count(*) from desk.outbox"), elapsed + 1);
        int64_t next = store_test_number("select climb_at from desk.referral where state = 'sent'");
        assert_int_equal(next - friday, (elapsed ? 3 : 5) * CLOCK_DAY); // over the weekend, or not
        assert_int_equal(next, exchange_climb_at(sv.pack, REFERRAL_SENT, 3, elapsed, friday, 1));
    }
    answers(call("referral_ask", &other, m.last, "{\"text\": \"?\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.referral where climbed = -1 and climb_at <= answer_due"), 1); // a new turn
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"Arsye e provës.\"}"), 200);
    assert_int_equal(store_test_number("select count(*) from desk.referral where climb_at is not null"), 0);
}

// A case file that came: the contact, else the deputy, else the head, once; never one that went outside or was taken back.
struct seeing { struct req rq; struct referral r; };
static enum err seen_write(struct db *db, void *arg)
{
    const struct seeing *x = arg;
    return referral_seen_db(db, &x->rq, &x->r);
}

// What the other side does between the reading and what the reading leaves behind is still new.
static void what_came_meanwhile_is_new(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    sent(&m);
    store_test_sql("update desk.referral set news_to = 2");
    struct seeing x = {.rq = {.sv = &sv, .who = other.who}, .r = {.id = m.last, .to_me = true, .news = true}};
    x.r.version = store_test_number("select version from desk.referral order by seq desc limit 1") - 1; // as it was read
    assert_int_equal(store_write(sv.store, seen_write, &x), OK);
    assert_int_equal(store_test_number("select news_to from desk.referral order by seq desc limit 1"), 2);
    x.r.version++;
    assert_int_equal(store_write(sv.store, seen_write, &x), OK);
    assert_int_equal(store_test_number("select news_to from desk.referral order by seq desc limit 1"), 0);
}

static void a_case_file_is_told(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    store_test_sql("delete from desk.referral");
    sent(&m);
    const char *come = "insert into desk.casefile (id, case_id, from_unit, to_unit, person, made, size, sealed, opened) select id, case_id, from_unit, to_unit, "
                       "from_unit, sent, 1, null, 0 from desk.referral";
    store_test_sql("delete from desk.outbox; delete from desk.contact where place > 1");
    store_test_sql(come);
    store_test_sql("insert into desk.casefile (id, case_id, from_unit, to_unit, person, made, size, sealed, opened) select case_id, case_id, from_unit, to_unit, "
                   "from_unit, sent, 1, null, 0 from desk.referral"); // a second: one mail of both
    for (int look = 0; look < 2; look++)
        casefile_alarm_run(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.outbox"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.outbox where recipient = 'cela@posta.example' and body like '%https://desk.example/casefiles%'"), 1);
    assert_int_equal(store_test_number("select count(*) from desk.casefile where told = 1"), 2);
    const struct { const char *change; int mails; } next[] = {
        {"update desk.contact set place = 3", 2},                                   // nobody but the head
        {"update desk.casefile set revoked_at = 1", 2},
        {"update desk.casefile set revoked_at = null, to_unit = null", 2},
        {"update desk.casefile set to_unit = (select to_unit from desk.referral)", 3},
        {"delete from desk.contact", 3},                                            // nobody at all: the log says so
    };
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        store_test_sql(next[i].change);
        store_test_sql("update desk.casefile set told = 0");
        casefile_alarm_run(&sv);
        assert_int_equal(store_test_number("select count(*) from desk.outbox"), next[i].mails);
    }
    assert_int_equal(store_test_number("select count(*) from desk.casefile where told = 1"), 2); // not again and again
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_the_protocol), cmocka_unit_test(what_must_be_said), cmocka_unit_test(only_the_chosen_fields),
        cmocka_unit_test(revoked_opens_nothing_more), cmocka_unit_test(transferred), cmocka_unit_test(who_left_reads_nothing_new),
        cmocka_unit_test(a_revoked_transfer_leaves_its_key_behind), cmocka_unit_test(a_declined_transfer_too), cmocka_unit_test(no_illegal_step),
        cmocka_unit_test(a_race_has_one_winner), cmocka_unit_test(contacts), cmocka_unit_test(urgent_clocks_are_elapsed_time),
        cmocka_unit_test(notes_are_the_receivers), cmocka_unit_test(clocks_climb), cmocka_unit_test(clocks_climb_by_working_days),
        cmocka_unit_test(what_came_meanwhile_is_new),
        cmocka_unit_test(a_case_file_is_told),
        cmocka_unit_test(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
