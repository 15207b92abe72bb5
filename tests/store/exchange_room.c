// The units, the keeper, the calls and the case that tests of the exchange stand on.
#include "exchange_room.h"

DB_QUERY(test_report_sql, "bitiittbbbbiti", "", "insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, "
         "kid, thread, thread_kid, unit, urgency, state, take_due) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
DB_QUERY(test_seq_sql, "b", "i", "select seq from desk.report where id = $1");
DB_QUERY(test_sealed_sql, "ibbbibb", "", "insert into desk.report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap) "
         "values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(test_case_sql, "b", "b", "select case_id from desk.case_report where report = $1");
DB_QUERY(test_last_sql, "b", "b", "select id from desk.referral where case_id = $1 order by seq desc limit 1");

struct services sv;
struct worker officer, second, other, stranger;
struct id duty, police, silent;
static struct token admin;
struct buf out;

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

int setup(void **state)
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

int setup_agreed(void **state)
{
    setup(state);
    in_force(1);
    answers(call("exchange_agree", &other, police, "{\"version\": 1}"), 200);
    return 0;
}

int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    exchange_frame_end();
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

int call(const char *name, const struct worker *w, struct id id, const char *json)
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

bool says(const char *text)
{
    return strstr(out.at, text) != NULL;
}

void answers(int status, int expected)
{
    if (status != expected)
        fail_msg("%d instead of %d: %s", status, expected, out.at);
}

// ── a report of the duty unit, as ingest leaves it, and a case of it ──

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

void make_report(struct made *m)
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

void make(struct made *m)
{
    char hex[ID_HEX], body[100];
    make_report(m);
    snprintf(body, sizeof body, "{\"reports\": [\"%s\"]}", id_hex(m->id, hex));
    answers(call("case_open", &officer, (struct id){{0}}, body), 201);
    assert_int_equal(store_read(sv.store, case_of_report, m), OK);
    officer.token = exchange_frame_sign_in(FRAME_OFFICER); // half a minute on: openings have a budget a minute
}

int send_to(struct made *m, const struct worker *w, struct id unit, const char *more)
{
    char hex[ID_HEX], body[2000];
    snprintf(body, sizeof body, "{\"unit\": \"%s\", \"purpose\": \"protection\", \"ground\": \"child_protection\", %s}", id_hex(unit, hex), more);
    int status = call("referral_send", w, m->case_id, body);
    if (status == 201)
        assert_int_equal(store_read(sv.store, last_referral, m), OK);
    return status;
}

void sent(struct made *m)
{
    answers(send_to(m, &officer, police, "\"fields\": [\"category\", \"text\"], \"note\": \"nje shenim i gjate\""), 201);
}

void in_force(int version)
{
    assert_int_equal(keeper_agree(sv.keeper, &admin, (struct id){{0}}, (uint32_t)version), OK);
}

void *race(void *arg)
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
