// The exchange on both engines, with a real keeper: a referral to a second unit holds the chosen fields and nothing else; no step
// that the table does not know is taken, not even in a race.
#include "exchange_room.h"

static int64_t holds(void)
{
    return store_test_number("select count(*) from desk.case_hold where track = 'referral'");
}

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

static enum err erase_db(struct db *db, void *arg)
{
    return exchange_shred_db(db, *(const struct id *)arg);
}

// Erased with its case: both sides read that, not that a colleague has the key.
static void erased_says_so(void **state)
{
    (void)state;
    struct made m;
    make(&m);
    sent(&m);
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    answers(call("referral_done", &other, m.last, "{\"outcome\": \"other\"}"), 200);
    assert_int_equal(store_write(sv.store, erase_db, &m.case_id), OK);
    const struct worker *sides[] = {&officer, &other};
    for (size_t i = 0; i < 2; i++) {
        answers(call("referral_read", sides[i], m.last, "{}"), 404);
        assert_true(says("erased together with its case"));
    }
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

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_the_protocol), cmocka_unit_test(what_must_be_said),
        cmocka_unit_test(only_the_chosen_fields), cmocka_unit_test(revoked_opens_nothing_more), cmocka_unit_test(erased_says_so),
        cmocka_unit_test(transferred), cmocka_unit_test(no_illegal_step), cmocka_unit_test(a_race_has_one_winner),
        cmocka_unit_test(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
