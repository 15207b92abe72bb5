// Registers on both engines: who may enter and confirm, two editors, search and filters, table files, and what the plan is told.
#include "store_test.h"
#include "country.h"
#include <string.h>
#include "base/clock.h"
#include "people/people.h"
#include "register/counts.h"
#include "register/handlers.h"

static struct services sv;
static struct person ministry, isp, akep, akep_two, monitor, coordinator;
static struct buf out;

static enum err people_write(struct db *db, void *arg)
{
    (void)arg;
    static const struct { struct person *who; const char *name, *at; } rows[] = {{&ministry, "teuta", "MASR"}, {&isp, "beni", "ISP"}, {&akep, "kujtim", "AKEP"},
        {&akep_two, "drita", "AKEP"}, {&monitor, "anila", "OSHC"}, {&coordinator, "fatos", "ASHDMF"}};
    enum err e = people_setup_institutions(db, sv.pack);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !e; i++) {
        e = people_setup_person(db, rows[i].who->id, str_from(rows[i].name), str_from(rows[i].name), str_from(rows[i].at), STR(""), STR("sq"));
        e = e ? e : people_institution_find(db, str_from(rows[i].at), &rows[i].who->institution);
    }
    return e;
}

static int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    sv.store = store_test_open("desk", "desk", "intake");
    sv.roles = people_role_table();
    ministry = (struct person){.id = id_random(), .roles = 1u << ROLE_INDICATOR_OWNER};
    isp = (struct person){.id = id_random(), .roles = 1u << ROLE_CLERK};
    akep = (struct person){.id = id_random(), .roles = 1u << ROLE_CLERK};
    akep_two = (struct person){.id = id_random(), .roles = 1u << ROLE_CLERK};
    monitor = (struct person){.id = id_random(), .roles = 1u << ROLE_MONITOR};
    coordinator = (struct person){.id = id_random(), .roles = 1u << ROLE_COORDINATOR};
    assert_int_equal(store_write(sv.store, people_write, NULL), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

static const struct id none;

// A row called as web calls it; file: what is sent with it.
static void sends(const char *name, const struct person *who, struct id id, const char *json, struct str file, int expected)
{
    struct arena *arena = NULL;
    int status = 0;
    assert_int_equal(arena_new(64 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"), .id = id, .now = clock_now(), .json = true,
                     .upload = {file.n > 0, STR("x.csv"), file}};
    buf_clear(&out);
    for (size_t i = 0; i < register_desk_routes.n; i++)
        if (!strcmp(register_desk_routes.at[i].name, name))
            status = role_may(sv.roles, who->roles, register_desk_routes.at[i].perm) ? web_call(&register_desk_routes.at[i], &rq, str_from(json), &out) : 403;
    if (rq.file.bytes.n > 0) {
        buf_clear(&out);
        buf_put(&out, rq.file.bytes);
    }
    buf_put_c(&out, '\0');
    arena_free(&arena);
    if (status != expected)
        fail_msg("%s: %d instead of %d: %s", name, status, expected, out.at);
}

static void calls(const char *name, const struct person *who, struct id id, const char *json, int expected)
{
    sends(name, who, id, json, STR(""), expected);
}

static struct id id_of(const char *key)
{
    struct id id;
    const char *at = strstr(out.at, key);
    assert_non_null(at);
    assert_int_equal(id_from_hex((struct str){at + strlen(key), 32}, &id), OK);
    return id;
}

static bool says(const char *words) { return strstr(out.at, words) != NULL; }

#define TRAINING(title, day, more) "{\"code\": \"training\", \"fields\": {\"title\": \"" title "\", \"topic\": \"filters\", \"audience\": \"teachers\", \"mode\": \"online\", \"date\": \"" day "\"" more "}}"

// ── the plan's side ──
struct question { struct str reg; enum entry_measure what; struct str field, where, is, stage, until; int64_t from, to; bool demo; };
struct told { struct question ask; int64_t n; size_t groups; char last[64]; int64_t month, begin; };

static enum err told_add(void *ctx, size_t ask, const struct entry_count *x)
{
    struct told *t = ctx;
    assert_int_equal(ask, 0);
    t->n += x->n;
    t->groups++;
    t->month = x->month;
    snprintf(t->last, sizeof t->last, "%.*s", STR_ARG(x->value));
    return OK;
}

static enum err told_read(struct db *db, void *arg)
{
    struct told *t = arg;
    const struct question *q = &t->ask;
    struct entry_where where = {q->where, q->is.n > 0, &q->is};
    struct entry_ask ask = {q->reg, q->what, q->field, q->where.n > 0, &where, q->stage, q->until, &t->begin};
    t->n = 0;
    t->groups = 0;
    return entry_counts_db(db, &ask, 1, q->from, q->to, q->demo, told_add, t);
}

static int64_t told(struct question ask)
{
    struct told t = {.ask = ask};
    assert_int_equal(store_read(sv.store, told_read, &t), OK);
    return t.n;
}

static int64_t gaps(struct db *db) { int64_t n; assert_int_equal(entry_gaps_db(db, sv.pack, STR("committee_seat"), false, &n), OK); return n; }
static enum err gaps_read(struct db *db, void *arg) { *(int64_t *)arg = gaps(db); return OK; }

// ── tests ──
static void entering(void **state)
{
    (void)state;
    struct question rows = {.reg = STR("training"), .from = 20200101, .to = 20210101};
    calls("entry_add", &monitor, none, TRAINING("A", "2020-05-01", ""), 403); // may only look
    calls("entry_add", &isp, none, "{\"code\": \"legal_act\", \"fields\": {}}", 403); // not of that register
    calls("entry_add", &ministry, none, "{\"code\": \"nosuch\", \"fields\": {}}", 404);
    calls("entry_add", &ministry, none, "{\"code\": \"training\", \"fields\": {\"title\": \".\", \"topic\": \"x\", \"mode\": \"online\", \"date\": \"2020-02-30\", "
          "\"hours\": \"-1\", \"municipality\": \"Maliq\", \"attendance.f.0-13\": \"many\", \"colour\": \"red\"}}", 422);
    static const char *const fields[] = {"title", "topic", "audience", "date", "hours", "municipality", "attendance.f.0-13", "colour"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char named[80];
        snprintf(named, sizeof named, "\"field\":\"fields.%s\"", fields[i]);
        assert_true(says(named));
    }
    assert_int_equal(store_test_number("select count(*) from desk.entry"), 0);
    assert_int_equal(told(rows), 0);
    calls("entry_add", &ministry, none, TRAINING("Filtrat në Korçë", "2020-05-01", ", \"county\": \"Korçë\", \"municipality\": \"Maliq\", \"mechanism\": [\"police\", \"platform\"], "
          "\"attendance.f.14-17\": 12, \"attendance.m.30\": \"3\""), 201);
    struct id id = id_of("\"id\":\"");
    assert_int_equal(told(rows), 1); // the record moves the number
    calls("entry_read", &monitor, id, "{}", 200);
    assert_true(says("\"mechanism\":\"police platform\"") && says("\"attendance.f.14-17\":\"12\"") && says("\"institution\":\"MASR\"") && says("\"counts\":true"));
    calls("entry_add", &ministry, none, "{\"code\": \"training\", \"draft\": true, \"fields\": {\"title\": \"Draft\", \"topic\": \"data\", \"audience\": \"officials\", \"mode\": \"online\", \"date\": \"2020-06-01\"}}", 201);
    struct id draft = id_of("\"id\":\"");
    assert_int_equal(told(rows), 1);
    calls("entry_read", &monitor, draft, "{}", 404); // others' drafts
    calls("entry_list", &monitor, none, "{\"code\": \"training\"}", 200);
    assert_false(says("Draft"));
    calls("entry_enter", &isp, draft, "{\"version\": 1}", 404);
    calls("entry_enter", &ministry, draft, "{\"version\": 2}", 409); // not what was looked at
    calls("entry_enter", &ministry, draft, "{\"version\": 1}", 200);
    assert_int_equal(told(rows), 2);
    rows.where = STR("topic"), rows.is = STR("data");
    assert_int_equal(told(rows), 1);
    struct question persons = {.reg = STR("training"), .what = ENTRY_SUM, .field = STR("attendance"), .from = 20200101, .to = 20210101};
    assert_int_equal(told(persons), 15);
    persons.to = 20200501; // the day after the period is not in it
    assert_int_equal(told(persons), 0);
    struct question kinds = {.reg = STR("training"), .what = ENTRY_DISTINCT, .field = STR("mechanism"), .from = 20200101, .to = 20210101};
    assert_int_equal(told(kinds), 2);
    // For another institution: only who may for all.
    calls("entry_add", &ministry, none, "{\"code\": \"training\", \"institution\": \"AKEP\", \"fields\": {\"title\": \"B\", \"topic\": \"data\", \"audience\": \"officials\", \"mode\": \"online\", \"date\": \"2019-06-01\"}}", 403);
    calls("entry_add", &coordinator, none, "{\"code\": \"training\", \"institution\": \"AKEP\", \"fields\": {\"title\": \"B\", \"topic\": \"data\", \"audience\": \"officials\", \"mode\": \"online\", \"date\": \"2019-06-01\"}}", 201);
    calls("entry_read", &monitor, id_of("\"id\":\""), "{}", 200);
    assert_true(says("\"institution\":\"AKEP\""));
}

static void two_editors(void **state)
{
    (void)state;
    calls("entry_add", &ministry, none, TRAINING("Të dy", "2021-05-01", ""), 201);
    struct id id = id_of("\"id\":\"");
    calls("entry_save", &isp, id, "{\"version\": 1, \"fields\": {}}", 403); // another institution's
    calls("entry_save", &ministry, id, "{\"version\": 1, \"fields\": {\"title\": \"Të parë\", \"topic\": \"data\", \"audience\": \"police\", \"mode\": \"online\", \"date\": \"2021-05-01\"}}", 200);
    calls("entry_save", &coordinator, id, "{\"version\": 1, \"fields\": {\"title\": \"Të dytë\", \"topic\": \"data\", \"audience\": \"police\", \"mode\": \"online\", \"date\": \"2021-05-01\"}}", 409);
    calls("entry_read", &ministry, id, "{}", 200);
    assert_true(says("\"title\":\"Të parë\"") && says("\"version\":2") && says("\"corrections\":1"));
    calls("entry_remove", &ministry, id, "{\"version\": 2, \"note\": \".\"}", 422);
    calls("entry_remove", &ministry, id, "{\"version\": 2, \"note\": \"U shënua dy herë.\"}", 200);
    assert_int_equal(told((struct question){.reg = STR("training"), .from = 20210101, .to = 20220101}), 0);
    calls("entry_save", &ministry, id, "{\"version\": 3, \"fields\": {}}", 409);
    calls("entry_read", &monitor, id, "{}", 404);
    calls("entry_list", &ministry, none, "{\"code\": \"training\", \"state\": \"removed\"}", 200);
    assert_true(says("Të parë"));
}

static void confirming(void **state)
{
    (void)state;
    struct question signed_ones = {.reg = STR("isp_signatory"), .from = 20200101, .to = 20210101};
    calls("entry_add", &isp, none, "{\"code\": \"isp_signatory\", \"fields\": {\"title\": \"Rrjeti\", \"date\": \"2020-03-01\"}}", 201);
    struct id id = id_of("\"id\":\"");
    assert_int_equal(told(signed_ones), 0); // AKEP has not confirmed
    calls("entry_confirm", &isp, id, "{\"version\": 1}", 403);
    calls("entry_confirm", &ministry, id, "{\"version\": 1}", 403);
    calls("entry_confirm", &coordinator, id, "{\"version\": 1}", 403);
    calls("entry_return", &akep, id, "{\"version\": 1}", 422); // a note is needed
    calls("entry_return", &akep, id, "{\"version\": 1, \"note\": \"Cili version i Kodit?\"}", 200);
    calls("entry_read", &monitor, id, "{}", 404);
    calls("entry_save", &isp, id, "{\"version\": 2, \"fields\": {\"title\": \"Rrjeti\", \"date\": \"2020-03-01\", \"code_version\": \"2\"}}", 200);
    calls("entry_confirm", &akep, id, "{\"version\": 2}", 409);
    calls("entry_confirm", &akep, id, "{\"version\": 3}", 200);
    assert_int_equal(told(signed_ones), 1);
    calls("entry_confirm", &akep, id, "{\"version\": 4}", 403); // the last change is one's own
    calls("entry_stage", &isp, id, "{\"version\": 4, \"stage\": \"nosuch\", \"date\": \"2020-09-01\"}", 422);
    calls("entry_stage", &isp, id, "{\"version\": 4, \"stage\": \"left\", \"date\": \"2020-09-31\"}", 422);
    calls("entry_save", &isp, id, "{\"version\": 4, \"fields\": {\"title\": \"Rrjeti i ri\", \"date\": \"2020-03-01\"}}", 200);
    assert_int_equal(told(signed_ones), 0); // changed after it was confirmed: looked at again
    calls("entry_read", &akep, id, "{}", 200);
    assert_true(says("\"corrections\":1") && says("\"state\":\"entered\""));
    // What the regulator enters itself another of its people confirms.
    calls("entry_add", &akep, none, "{\"code\": \"isp_signatory\", \"fields\": {\"title\": \"Fijet\", \"date\": \"2020-04-01\"}}", 201);
    id = id_of("\"id\":\"");
    calls("entry_confirm", &akep, id, "{\"version\": 1}", 403);
    calls("entry_confirm", &akep_two, id, "{\"version\": 1}", 200);
    assert_int_equal(told(signed_ones), 1);
}

static void stages_and_gaps(void **state)
{
    (void)state;
    char json[500], hex[ID_HEX];
    struct question government = {.reg = STR("legal_act"), .stage = STR("government"), .from = 20200101, .to = 20210101};
    int64_t n = 0;
    calls("entry_add", &ministry, none, "{\"code\": \"legal_act\", \"fields\": {\"title\": \"Akti\", \"kind\": \"law\", \"change\": \"new\", \"date\": \"2019-11-01\"}}", 201);
    struct id id = id_of("\"id\":\"");
    calls("entry_stage", &ministry, id, "{\"version\": 1, \"stage\": \"in_force\", \"date\": \"2020-02-01\"}", 422); // not from where it is
    calls("entry_stage", &ministry, id, "{\"version\": 1, \"stage\": \"government\", \"date\": \"2020-02-01\"}", 200);
    assert_true(says("{\"stage\":\"proposed\",\"date\":\"2019-11-01\"},{\"stage\":\"government\",\"date\":\"2020-02-01\"}"));
    assert_int_equal(told(government), 1); // counted by the day on which it came there
    government.from = 20190101, government.to = 20200101;
    assert_int_equal(told(government), 0);
    calls("entry_add", &ministry, none, "{\"code\": \"committee_seat\", \"fields\": {\"title\": \"Vendi i policisë\", \"committee\": \"technical\", \"sender\": \"NOBODY\", \"date\": \"2019-01-01\"}}", 422);
    assert_true(says("fields.sender"));
    calls("entry_add", &ministry, none, "{\"code\": \"committee_seat\", \"fields\": {\"title\": \"Vendi i policisë\", \"committee\": \"technical\", \"sender\": \"POLICIA\", \"date\": \"2019-01-01\"}}", 201);
    struct id seat = id_of("\"id\":\"");
    assert_int_equal(store_read(sv.store, gaps_read, &n), OK);
    assert_int_equal(n, 1);
    snprintf(json, sizeof json, "{\"code\": \"committee_member\", \"fields\": {\"title\": \"Drejtor\", \"seat\": \"%s\", \"function\": \"member\", \"date\": \"2019-02-01\"}}", id_hex(id, hex));
    calls("entry_add", &ministry, none, json, 422); // a legal act is no seat
    snprintf(json, sizeof json, "{\"code\": \"committee_member\", \"fields\": {\"title\": \"Drejtor\", \"seat\": \"%s\", \"function\": \"member\", \"date\": \"2019-02-01\"}}", id_hex(seat, hex));
    calls("entry_add", &ministry, none, json, 201);
    struct id member = id_of("\"id\":\"");
    assert_int_equal(store_read(sv.store, gaps_read, &n), OK);
    assert_int_equal(n, 0);
    calls("entry_stage", &ministry, member, "{\"version\": 1, \"stage\": \"ended\", \"date\": \"2020-02-01\"}", 200);
    assert_int_equal(store_read(sv.store, gaps_read, &n), OK);
    assert_int_equal(n, 1); // empty again
    calls("entry_registers", &monitor, none, "{}", 200);
    assert_true(says("\"code\":\"committee_seat\"") && says("\"gaps\":1"));
}

static void searching(void **state)
{
    (void)state;
    char json[100];
    for (int i = 0; i < 120; i++) {
        snprintf(json, sizeof json, "Takimi %d në Përmet", i);
        char add[400];
        snprintf(add, sizeof add, "{\"code\": \"session\", \"fields\": {\"title\": \"%s\", \"kind\": \"session\", \"topic\": \"data\", \"audience\": \"parents\", \"mode\": \"online\", \"date\": \"20%02d-01-0%d\"%s}}",
                 json, 10 + i % 3, 1 + i % 9, i == 57 ? ", \"county\": \"Gjirokastër\", \"municipality\": \"Përmet\"" : "");
        calls("entry_add", &ministry, none, add, 201);
    }
    size_t pages = 0, found = 0;
    char ask[200] = "{\"code\": \"session\"}";
    for (bool more = true; more; pages++) {
        calls("entry_list", &monitor, none, ask, 200);
        for (const char *at = out.at; (at = strstr(at, "\"title\"")) != NULL; at++)
            found++;
        const char *next = strstr(out.at, "\"next\":\"");
        more = next != NULL;
        if (more)
            snprintf(ask, sizeof ask, "{\"code\": \"session\", \"after\": \"%.*s\"}", (int)strcspn(next + 8, "\""), next + 8);
    }
    assert_int_equal(pages, 3);
    assert_int_equal(found, 120); // each once: the days repeat, the cursor does not
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"q\": \"PERMET takimi 57\"}", 200);
    assert_true(says("Takimi 57") && !says("Takimi 58"));
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"county\": \"Gjirokastër\"}", 200);
    assert_true(says("Takimi 57") && !says("Takimi 58"));
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"q\": \"%\"}", 200); // a sign, no pattern
    assert_true(says("Takimi"));
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"institution\": \"ISP\"}", 200);
    assert_false(says("Takimi"));
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"institution\": \"NOBODY\"}", 200);
    assert_false(says("Takimi"));
    calls("entry_list", &monitor, none, "{\"code\": \"session\", \"year\": 2011}", 200);
    assert_true(says("2011-01-") && !says("2010-01-") && !says("2012-01-"));
    static const char *const bad[] = {"\"after\": \"x\"", "\"year\": 1999", "\"state\": \"x\"", "\"stage\": \"x\"", "\"county\": \"x\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(json, sizeof json, "{\"code\": \"session\", %s}", bad[i]);
        calls("entry_list", &monitor, none, json, 422);
    }
    calls("entry_list", &monitor, none, "{\"code\": \"nosuch\"}", 404);
}

static void table_files(void **state)
{
    (void)state;
    static const char table[] = "title,scope,topic,date,channels,viewers,attendance.f.0-13\r\n\"Fushata, \"\"një\"\"\",national,data,2018-05-01,tv radio,100,7\r\n'=1+1,local,data,2018-06-01,press,,\r\n";
    static const char bad[] = "title,scope,topic,date,channels,colour\nA,national,data,2018-05-01,tv,\nB,nosuch,data,2018-13-01,tv,\n\nC,national,data,2018-05-01,tv,x,y\n";
    const char *seven = "select count(*) from desk.entry where register = 'campaign'";
    sends("entry_upload", &monitor, none, "{\"code\": \"campaign\"}", str_from(table), 403);
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\", \"write\": true}", str_from(bad), 409);
    assert_true(says("{\"line\":1,\"field\":\"colour\"") && says("{\"line\":3,\"field\":\"scope\"") && says("{\"line\":3,\"field\":\"date\"") && says("{\"line\":5,"));
    assert_false(says("\"line\":2"));
    assert_int_equal(store_test_number(seven), 0); // all or nothing
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\"}", str_from(table), 200);
    assert_true(says("\"rows\":2") && says("\"done\":false") && says("\"lines\":[]"));
    assert_int_equal(store_test_number(seven), 0); // looked through only
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\", \"write\": true}", str_from(table), 200);
    assert_int_equal(store_test_number(seven), 2);
    assert_int_equal(told((struct question){.reg = STR("campaign"), .what = ENTRY_SUM, .field = STR("viewers"), .from = 20180101, .to = 20190101}), 100);
    assert_int_equal(told((struct question){.reg = STR("campaign"), .what = ENTRY_SUM, .field = STR("attendance"), .from = 20180101, .to = 20190101}), 7);
    calls("entry_csv", &monitor, none, "{\"code\": \"campaign\", \"year\": 2018}", 200);
    assert_true(says("\"Fushata, \"\"një\"\"\"") && says("\"'=1+1\"") && says("\"MASR\",\"entered\""));
    calls("entry_csv", &monitor, none, "{\"code\": \"campaign\", \"empty\": true}", 200);
    assert_true(says("\"title\",\"scope\"") && !says("Fushata"));
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\"}", STR("title\n\xeb\n"), 200);
    assert_true(says("UTF-8"));
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\"}", STR("title\n"), 422);
    calls("entry_upload", &ministry, none, "{\"code\": \"campaign\"}", 422);
    sends("entry_upload", &ministry, none, "{\"code\": \"campaign\"}", STR("title,scope,topic,date,channels,institution\nA,national,data,2018-05-01,tv,AKEP\n"), 200);
    assert_true(says("\"field\":\"institution\""));
    sends("entry_upload", &coordinator, none, "{\"code\": \"campaign\", \"write\": true}", STR("title,scope,topic,date,channels,institution\nA,national,data,2018-05-01,tv,AKEP\n"), 200);
    assert_int_equal(store_test_number(seven), 3);
}

static enum err sample_write(struct db *db, void *arg)
{
    struct arena *a = NULL;
    enum err e = arena_new(1 << 20, &a);
    e = e ? e : entry_setup_sample(db, a, sv.pack, str_from(arg), coordinator.id, clock_now());
    arena_free(&a);
    return e;
}

static void demo_is_told_apart(void **state)
{
    (void)state;
    struct question ask = {.reg = STR("agreement"), .stage = STR("signed"), .from = 20190101, .to = 20200101};
    assert_int_equal(store_write(sv.store, sample_write, "{\"id\": \"05000000000000000000000000000000\", \"register\": \"agreement\", \"institution\": \"NOBODY\", \"fields\": {}}"), ERR_INVALID);
    assert_int_equal(store_write(sv.store, sample_write, "{\"id\": \"05000000000000000000000000000000\", \"register\": \"agreement\", \"institution\": \"MASR\", \"stages\": [[\"signed\", \"2019-03-01\"]], "
        "\"fields\": {\"title\": \"Me industrinë\", \"kind\": \"memorandum\", \"parties\": \"A dhe B\", \"date\": \"2019-01-01\"}}"), OK);
    assert_int_equal(told(ask), 0);
    ask.demo = true;
    assert_int_equal(told(ask), 1);
    calls("entry_read", &monitor, (struct id){{5}}, "{}", 200);
    assert_true(says("\"demo\":true") && says("\"stage\":\"signed\""));
}

// Rows that stand: from the day on which they reach a stage until they reach another; what began before `from` is told too.
static void standing(void **state)
{
    (void)state;
    struct question q = {.reg = STR("website"), .what = ENTRY_STANDING, .stage = STR("open"), .until = STR("closed"), .from = 20200101, .to = 20210101};
    calls("entry_add", &ministry, none, "{\"code\": \"website\", \"fields\": {\"title\": \"Faqja\", \"url\": \"https://faqja.example/\", \"audience\": \"parents\", \"date\": \"2019-05-01\"}}", 201);
    struct id id = id_of("\"id\":\"");
    assert_int_equal(told(q), 1);
    calls("entry_stage", &ministry, id, "{\"version\": 1, \"stage\": \"closed\", \"date\": \"2020-07-01\"}", 200);
    assert_int_equal(told(q), 0); // one began, one ended
    q.to = 20200701;
    assert_int_equal(told(q), 1);
    q.to = 20190501;
    assert_int_equal(told(q), 0);
}

// Rows from before the tally was kept are counted from their values and stages, and say the same.
static void old_rows_count_alike(void **state)
{
    (void)state;
    static const struct question questions[] = {
        {.reg = STR("campaign"), .what = ENTRY_SUM, .field = STR("viewers"), .from = 20180101, .to = 20220101},
        {.reg = STR("campaign"), .what = ENTRY_SUM, .field = STR("attendance"), .from = 20180101, .to = 20190101},
        {.reg = STR("legal_act"), .stage = STR("government"), .from = 20200101, .to = 20210101}, {.reg = STR("agreement"), .stage = STR("signed"), .from = 20190101, .to = 20200101, .demo = true},
        {.reg = STR("website"), .what = ENTRY_STANDING, .stage = STR("open"), .until = STR("closed"), .from = 20200101, .to = 20200701},
        {.reg = STR("campaign"), .where = STR("scope"), .is = STR("national"), .from = 20180101, .to = 20190101}};
    int64_t before[sizeof questions / sizeof *questions];
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        before[i] = told(questions[i]);
        assert_true(before[i] > 0);
    }
    store_test_sql("update desk.entry_tally set facts = null where entry % 2 = 0");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        assert_int_equal(told(questions[i]), before[i]);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(store_test_queries), cmocka_unit_test(entering), cmocka_unit_test(two_editors), cmocka_unit_test(confirming),
                                       cmocka_unit_test(stages_and_gaps), cmocka_unit_test(searching), cmocka_unit_test(table_files),
                                       cmocka_unit_test(demo_is_told_apart), cmocka_unit_test(standing),
                                       cmocka_unit_test(old_rows_count_alike)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
