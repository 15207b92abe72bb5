// Who may come to the keeper: sessions, slow guesses, units and their rooms, persons whom an administrator makes.
#include "vault_frame.h"
#include <stdio.h>
#include <pthread.h>
#include <string.h>
#include "base/clock.h"

// --- sessions

static void signing_in_needs_all(void **state)
{
    (void)state;
    struct token t, t2;
    struct keeper_session s, again;
    const struct person *p = &person[OFFICER];
    int64_t wait = -1;
    const struct id none = {{0}};
    assert_int_equal(keeper_sign_in(keeper, str_from(p->name), STR("tjeter fjale"), str_from(totp_now(p->totp)), none, &t, &s, &wait),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_sign_in(keeper, str_from(p->name), str_from(p->password), STR("000000"), none, &t, &s, &wait), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_sign_in(keeper, STR("askush"), str_from(p->password), STR("000000"), none, &t, &s, &wait), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_sign_in(keeper, STR(" OFICERI "), str_from(p->password), str_from(totp_now(p->totp)), none, &t, &s, &wait), OK);
    assert_true(id_equal(s.person, p->id));
    assert_int_equal(s.roles, 1u << ROLE_DUTY_OFFICER);
    assert_int_equal(s.n_units, 1);
    assert_true(id_equal(s.units[0], duty_unit));
    assert_int_equal(s.expires - s.created, 12 * CLOCK_HOUR);
    assert_int_equal(strlen(s.csrf), 32);

    // The same code once more, and the one before it: refused although they are right.
    assert_int_equal(sign_in(OFFICER, none, &t2, &again), ERR_UNAUTHENTICATED);
    frame_time(-30 * CLOCK_SECOND);
    assert_int_equal(sign_in(OFFICER, none, &t2, &again), ERR_UNAUTHENTICATED);
    frame_time(30 * CLOCK_SECOND);

    assert_int_equal(keeper_session(keeper, &t, &again), OK);
    assert_string_equal(again.csrf, s.csrf);
    assert_true(id_equal(again.sid, s.sid));
    struct token wrong = t;
    wrong.b[7] ^= 1;
    assert_int_equal(keeper_session(keeper, &wrong, &again), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_sign_out(keeper, &t, false), OK);
    assert_int_equal(keeper_session(keeper, &t, &again), ERR_UNAUTHENTICATED); // not from the cache
    assert_int_equal(keeper_sign_out(keeper, &t, false), ERR_UNAUTHENTICATED);
}

static void signing_out_everywhere(void **state)
{
    (void)state;
    struct token a = signed_in(OFFICER), b = signed_in(OFFICER), other = signed_in(SECOND);
    struct keeper_session s;
    assert_int_equal(keeper_session(keeper, &a, &s), OK);
    assert_int_equal(keeper_sign_out(keeper, &b, true), OK);
    assert_int_equal(keeper_session(keeper, &a, &s), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_session(keeper, &other, &s), OK);
}

static void sessions_end_by_themselves(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/");
    for (int i = 0; i < 30; i++) { // used each 25 minutes: lives until its twelve hours are over
        frame_time(25 * CLOCK_MINUTE);
        enum err e = keeper_audit(keeper, &t, AUDIT_ROSTER, r.home, r.item, STR(""), NULL);
        assert_int_equal(e, i < 28 ? OK : ERR_UNAUTHENTICATED); // 28 × 25 min and the sign-in's step are under 12 h
    }
    t = signed_in(OFFICER);
    frame_time(31 * CLOCK_MINUTE); // not used: ends
    assert_int_equal(open_text(&t, &r, "teksti"), ERR_UNAUTHENTICATED);
}

static void backoff_spares_known_devices(void **state)
{
    (void)state;
    const struct id known = {{77}}, stranger = {{88}};
    const struct person *p = &person[SECOND];
    struct token t;
    struct keeper_session s;
    int64_t wait = 0;
    frame_time(CLOCK_HOUR);
    assert_int_equal(sign_in(SECOND, known, &t, &s), OK);
    enum err e = OK;
    for (int i = 0; i < 8 && e != ERR_LIMITED; i++) {
        struct id device = {{88, (uint8_t)i}};
        e = keeper_sign_in(keeper, str_from(p->name), STR("provoj te gjej"), STR("123456"), device, &t, &s, &wait);
    }
    assert_int_equal(e, ERR_LIMITED);
    assert_true(wait >= 1 && wait <= 60);
    frame_time(31 * CLOCK_SECOND - wait * CLOCK_SECOND);
    frame_time(-30 * CLOCK_SECOND); // still within the wait
    e = keeper_sign_in(keeper, str_from(p->name), str_from(p->password), str_from(totp_now(p->totp)), stranger, &t, &s, &wait);
    assert_int_equal(e, ERR_LIMITED); // right, but from nowhere known
    frame_time(31 * CLOCK_SECOND);
    for (int i = 0; i < 6; i++) { // keep failing from elsewhere: the known device does not feel it
        struct id device = {{99, (uint8_t)i}};
        e = keeper_sign_in(keeper, str_from(p->name), STR("provoj te gjej"), STR("123456"), device, &t, &s, &wait);
    }
    assert_int_equal(sign_in(SECOND, known, &t, &s), OK);
    assert_int_equal(keeper_sign_in(keeper, STR("nuk ekziston"), STR("provoj te gjej"), STR("1"), known, &t, &s, &wait), ERR_UNAUTHENTICATED);
    frame_time(2 * CLOCK_MINUTE); // no lockout: the longest wait is a minute
    assert_int_equal(sign_in(SECOND, stranger, &t, &s), OK);
}

static void stop_guessing(void **state)
{
    (void)state;
    const struct id known = {{41}}, stranger = {{42}};
    const struct person *p = &person[SECOND];
    struct token t, t2;
    struct keeper_session s;
    frame_time(CLOCK_HOUR);
    assert_int_equal(sign_in(SECOND, known, &t, &s), OK);
    // With a session, at the old password: from the fourth failure on it must wait, and the session lives on.
    for (int i = 0; i < 4; i++) {
        assert_int_equal(keeper_password(keeper, &t, STR("provoj"), STR("fjala tjeter e gjate"), STR("000000")), ERR_FORBIDDEN);
    }
    frame_time(31 * CLOCK_SECOND);
    frame_time(-31 * CLOCK_SECOND);
    assert_int_equal(keeper_password(keeper, &t, str_from(p->password), STR("fjala tjeter e gjate"), STR("000000")), ERR_LIMITED);
    assert_int_equal(keeper_password(keeper, &t, str_from(p->password), STR("fjala tjeter e gjate"), STR("12345678901234567")), ERR_FORBIDDEN);
    assert_int_equal(keeper_session(keeper, &t, &s), OK);
    frame_time(CLOCK_HOUR / 3);

    // At invented names, each another: soon none is tried any more, nothing grows, and a name that exists answers the same.
    enum err e = OK;
    int tried = 0;
    int64_t wait = 0;
    for (; tried < 60 && e != ERR_LIMITED; tried++) {
        char name[32];
        snprintf(name, sizeof name, "askush%d", tried);
        e = keeper_sign_in(keeper, str_from(name), STR("provoj te gjej"), STR("123456"), stranger, &t2, &s, &wait);
        assert_true(e == ERR_UNAUTHENTICATED || e == ERR_LIMITED);
    }
    assert_int_equal(e, ERR_LIMITED);
    assert_true(wait >= 1 && wait <= 2);
    int64_t before = acts();
    assert_int_equal(keeper_sign_in(keeper, STR("askush"), STR("provoj te gjej"), STR("123456"), stranger, &t2, &s, &wait), ERR_LIMITED);
    assert_int_equal(keeper_sign_in(keeper, str_from(p->name), STR("provoj te gjej"), STR("123456"), stranger, &t2, &s, &wait), ERR_LIMITED);
    assert_int_equal(acts(), before);
    assert_int_equal(sign_in(SECOND, known, &t2, &s), OK); // his own browser
    frame_stop();
    frame_start();
}

struct flood { int each; pthread_barrier_t all; _Atomic int full, failed, other; };

static void *flood_run(void *arg)
{
    struct flood *f = arg;
    pthread_barrier_wait(&f->all);
    for (int i = 0; i < f->each; i++) {
        struct token t;
        struct keeper_session s;
        enum err e = keeper_sign_in(keeper, STR("shpikur"), STR("provoj te gjej"), STR("1"), (struct id){{7}}, &t, &s, NULL);
        (*(e == ERR_FULL ? &f->full : e == ERR_UNAUTHENTICATED || e == ERR_LIMITED ? &f->failed : &f->other))++;
    }
    return NULL;
}

// A shift of eight that comes to work: each waits for its turn, none is sent away.
static void shift_signs_in_together(void **state)
{
    (void)state;
    struct flood f = {.each = 1};
    pthread_t thread[8];
    pthread_barrier_init(&f.all, NULL, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, flood_run, &f), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_barrier_destroy(&f.all);
    assert_int_equal(f.failed, 8);
}

// Sixteen browsers that sign in at once: what is signed in already goes on, every time.
static void flood_of_sign_ins_holds_nobody_up(void **state)
{
    (void)state;
    struct flood f = {.each = 5};
    pthread_t thread[16];
    pthread_barrier_init(&f.all, NULL, 16); // however slowly threads begin on a busy machine, they ask at once
    struct token t = signed_in(OFFICER);
    for (size_t i = 0; i < 16; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, flood_run, &f), 0);
    }
    for (int i = 0; i < 50; i++) {
        struct sample r;
        int64_t from = clock_mono();
        assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), NULL), OK);
        if (i % 10 == 0) {
            sample_make(&r, duty_unit, "teksti", "http://a.example/x");
            assert_int_equal(open_text(&t, &r, "teksti"), OK);
        }
        assert_true(clock_mono() - from < INT64_C(1500000000)); // less than a call waits for a line
    }
    for (size_t i = 0; i < 16; i++) {
        pthread_join(thread[i], NULL);
    }
    pthread_barrier_destroy(&f.all);
    assert_int_equal(f.other, 0);
    assert_true(f.full > 0); // a ninth was refused at once
    frame_stop();
    frame_start();
}

// --- units

static void units_stay_within_their_room(void **state)
{
    (void)state;
    const struct id nobody = {{0}};
    frame_time(2 * CLOCK_DAY);
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    for (int i = 0; i < KEEPER_EPOCHS_DAY; i++) {
        assert_int_equal(keeper_rotate(keeper, &t, duty_unit, nobody), OK);
    }
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, nobody), ERR_LIMITED);
    frame_time(CLOCK_DAY + CLOCK_MINUTE);
    t = signed_in(OFFICER);
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, nobody), OK);
    assert_int_equal(open_text(&t, &r, "teksti"), OK); // by nine links
    // The directory is full: rows that stand for others'.
    const int64_t rows = store_test_number("select count(*) from keeper.epoch");
    char sql[512];
    snprintf(sql, sizeof sql, "insert into keeper.epoch (unit, epoch, pk, not_before, sig, mac) with recursive n(i) as (select 1 "
             "union all select i + 1 from n where i < %d) select %s, i, pk, 0, sig, mac from n, (select pk, sig, mac from "
             "keeper.epoch limit 1) e", (int)(3687 - rows), store_test_sqlite() ? "zeroblob(16)" : "decode(repeat('00', 16), 'hex')");
    store_test_sql(sql); // a tenth of the room is left: for leavers alone
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, nobody), ERR_FULL);
    assert_int_equal(keeper_admit(keeper, &t, duty_unit, person[OTHER].id), OK); // needs no epoch
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, person[OTHER].id), OK);
    store_test_sql(store_test_sqlite() ? "delete from keeper.epoch where unit = zeroblob(16)"
                                       : "delete from keeper.epoch where unit = decode(repeat('00', 16), 'hex')");
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, nobody), OK);
}

// --- persons and units

static void row_bytes(const char *column, const char *from, uint8_t *out, size_t n)
{
    char sql[512];
    struct buf text;
    buf_init(&text, 4096);
    snprintf(sql, sizeof sql, store_test_sqlite() ? "select hex(%s) from %s" : "select upper(encode(%s, 'hex')) from %s", column, from);
    store_test_text(sql, &text);
    assert_true(text.n >= 2 * n);
    for (size_t i = 0; i < n; i++) {
        unsigned v;
        assert_int_equal(sscanf(text.at + 2 * i, "%2X", &v), 1);
        out[i] = (uint8_t)v;
    }
    buf_free(&text);
}

static void administration_never_opens(void **state)
{
    (void)state;
    struct token admin = signed_in(ADMIN), officer = signed_in(OFFICER);
    struct id made = {{0}}, unit = id_random();
    struct buf totp;
    struct token t;
    struct keeper_session s;
    buf_init_secret(&totp, 64);
    assert_int_equal(keeper_person_add(keeper, &officer, STR("i.ri"), 1u << ROLE_DUTY_OFFICER, STR("fjala e te riut"), &made, &totp), ERR_FORBIDDEN);
    assert_int_equal(keeper_person_add(keeper, &admin, STR("i.ri"), 1u << ROLE_DUTY_OFFICER, STR("shkurt"), &made, &totp), ERR_INVALID);
    assert_int_equal(keeper_person_add(keeper, &admin, STR("i ri?"), 1u << ROLE_DUTY_OFFICER, STR("fjala e te riut"), &made, &totp), ERR_INVALID);
    assert_int_equal(keeper_person_add(keeper, &admin, STR("I.Ri"), 1u << ROLE_DUTY_OFFICER, STR("fjala e te riut"), &made, &totp), OK);
    struct id twice;
    struct buf ignored;
    buf_init_secret(&ignored, 64);
    assert_int_equal(keeper_person_add(keeper, &admin, STR("i.ri"), 0, STR("fjala e te riut"), &twice, &ignored), ERR_CONFLICT);
    buf_free(&ignored);
    buf_put_c(&totp, '\0');
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e te riut"), str_from(totp_now(totp.at)), made, &t, &s, NULL), OK);
    assert_int_equal(s.n_units, 0);

    // Only a present member admits into a unit that has an epoch; only an administrator names the first, and not himself.
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(keeper_admit(keeper, &admin, duty_unit, made), ERR_FORBIDDEN);
    assert_int_equal(keeper_admit(keeper, &t, duty_unit, made), ERR_NO_KEY);
    assert_int_equal(open_text(&t, &r, ""), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, id_random()), ERR_NOT_FOUND);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, made), OK);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, made), ERR_CONFLICT);
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    assert_int_equal(keeper_admit(keeper, &officer, unit, made), ERR_FORBIDDEN);
    assert_int_equal(keeper_admit(keeper, &admin, unit, person[ADMIN].id), ERR_FORBIDDEN);
    assert_int_equal(keeper_admit(keeper, &admin, unit, made), OK);
    assert_int_equal(keeper_admit(keeper, &admin, unit, person[CONTACT].id), ERR_FORBIDDEN); // once
    struct sample fresh;
    sample_make(&fresh, unit, "njësia e re", "http://a.example/x");
    assert_int_equal(open_text(&t, &fresh, "njësia e re"), OK);

    // Roles, disabling, ending.
    assert_int_equal(keeper_person_roles(keeper, &admin, made, 1u << ROLE_CONTACT), OK);
    assert_int_equal(open_text(&t, &r, ""), ERR_FORBIDDEN);
    assert_int_equal(keeper_person_roles(keeper, &admin, made, 1u << ROLE_DUTY_OFFICER), OK);
    assert_int_equal(keeper_end(keeper, &admin, made), OK);
    assert_int_equal(open_text(&t, &r, ""), ERR_UNAUTHENTICATED);
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e te riut"), str_from(totp_now(totp.at)), made, &t, &s, NULL), OK);
    assert_int_equal(keeper_person_disable(keeper, &admin, made, true), OK);
    assert_int_equal(keeper_session(keeper, &t, &s), ERR_UNAUTHENTICATED);
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e te riut"), str_from(totp_now(totp.at)), made, &t, &s, NULL), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_person_disable(keeper, &admin, made, false), OK);
    assert_int_equal(keeper_person_disable(keeper, &admin, person[ADMIN].id, true), ERR_CONFLICT);
    assert_int_equal(keeper_person_roles(keeper, &admin, person[ADMIN].id, 1u << ROLE_DUTY_OFFICER), ERR_CONFLICT);

    // A reset makes another key: signing in works, reading does not until a colleague admits again.
    buf_clear(&totp);
    assert_int_equal(keeper_person_reset(keeper, &admin, made, STR("fjala e dhene"), &totp), OK);
    buf_put_c(&totp, '\0');
    frame_time(2 * CLOCK_MINUTE);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e dhene"), str_from(totp_now(totp.at)), made, &t, &s, NULL), OK);
    assert_int_equal(s.n_units, 0);
    assert_int_equal(open_text(&t, &r, ""), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, made), OK);
    assert_int_equal(open_text(&t, &r, "teksti"), OK);

    // His own password: others' sessions of his go, this one stays.
    struct token t2;
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e dhene"), str_from(totp_now(totp.at)), made, &t2, &s, NULL), OK);
    assert_int_equal(keeper_password(keeper, &t, STR("fjala e dhene"), STR("fjala ime e re"), str_from(totp_now(totp.at))), ERR_FORBIDDEN);
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_password(keeper, &t, STR("fjala tjeter"), STR("fjala ime e re"), str_from(totp_now(totp.at))), ERR_FORBIDDEN);
    assert_int_equal(keeper_password(keeper, &t, STR("fjala e dhene"), STR("fjala ime e re"), str_from(totp_now(totp.at))), OK);
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    assert_int_equal(open_text(&t2, &r, ""), ERR_UNAUTHENTICATED);
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala e dhene"), str_from(totp_now(totp.at)), made, &t2, &s, NULL), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala ime e re"), str_from(totp_now(totp.at)), made, &t2, &s, NULL), OK);

    // Who leaves loses everything at once; who stays reads the old and the new.
    struct token second = signed_in(SECOND);
    assert_int_equal(keeper_rotate(keeper, &second, duty_unit, id_random()), ERR_NOT_FOUND);
    assert_int_equal(keeper_rotate(keeper, &admin, duty_unit, made), ERR_FORBIDDEN);
    assert_int_equal(keeper_rotate(keeper, &second, duty_unit, made), OK);
    assert_int_equal(open_text(&t2, &r, ""), ERR_UNAUTHENTICATED);
    struct sample later;
    sample_make(&later, duty_unit, "më vonë", "http://a.example/x");
    assert_int_equal(later.path.step[0].epoch, 2);
    assert_int_equal(open_text(&second, &later, "më vonë"), OK);
    assert_int_equal(open_text(&second, &r, "teksti"), OK);
    officer = signed_in(OFFICER);
    assert_int_equal(keeper_rotate(keeper, &officer, duty_unit, (struct id){{0}}), OK);
    assert_int_equal(open_text(&officer, &r, "teksti"), OK); // over two links
    assert_int_equal(open_text(&officer, &later, "më vonë"), OK);
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(keeper_sign_in(keeper, STR("i.ri"), STR("fjala ime e re"), str_from(totp_now(totp.at)), made, &t2, &s, NULL), OK);
    assert_int_equal(open_text(&t2, &r, ""), ERR_NO_KEY);
    assert_int_equal(open_text(&t2, &later, ""), ERR_NO_KEY);
    assert_int_equal(open_text(&t2, &fresh, ""), ERR_NO_KEY); // its only member lost the key with the reset
    struct token other = signed_in(OTHER);
    assert_int_equal(keeper_rotate(keeper, &other, other_unit, person[OTHER].id), ERR_CONFLICT); // nobody would be left

    // Two of the three custodians bring it back: each opens a half and seals it again to the person, offline.
    struct public_key pk;
    uint8_t half[2][BOX_BYTES];
    row_bytes("pk", "keeper.person where name = 'i.ri'", pk.b, KEY_BYTES);
    for (int i = 0; i < 2; i++) {
        char where[256], hex[ID_HEX];
        uint8_t sealed[BOX_BYTES];
        struct key k;
        snprintf(where, sizeof where, store_test_sqlite() ? "keeper.share where hex(unit) = upper('%s') and pair = 1 and half = %d"
                                                          : "keeper.share where encode(unit, 'hex') = '%s' and pair = 1 and half = %d",
                 id_hex(unit, hex), i + 1);
        row_bytes("sealed", where, sealed, BOX_BYTES);
        size_t who = i ? 2 : 0; // pair 1 is (0, 2)
        assert_int_equal(crypto_unwrap(&k, &custodian[who].pk, &custodian[who].sk, STR_BYTES(sealed)), OK);
        crypto_wrap(half[i], &pk, &k);
    }
    assert_int_equal(keeper_recover(keeper, &other, unit, STR_BYTES(half[0]), STR_BYTES(half[1])), ERR_NO_KEY); // not sealed to him
    assert_int_equal(keeper_recover(keeper, &t2, unit, STR_BYTES(half[0]), STR_BYTES(half[0])), ERR_TAMPERED);
    assert_int_equal(keeper_recover(keeper, &t2, duty_unit, STR_BYTES(half[0]), STR_BYTES(half[1])), ERR_TAMPERED);
    assert_int_equal(keeper_recover(keeper, &t2, unit, STR_BYTES(half[0]), STR_BYTES(half[1])), OK);
    assert_int_equal(open_text(&t2, &fresh, "njësia e re"), OK);
    buf_free(&totp);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_in_needs_all),
        cmocka_unit_test(signing_out_everywhere),
        cmocka_unit_test(sessions_end_by_themselves),
        cmocka_unit_test(backoff_spares_known_devices),
        cmocka_unit_test(stop_guessing),
        cmocka_unit_test(shift_signs_in_together),
        cmocka_unit_test(flood_of_sign_ins_holds_nobody_up),
        cmocka_unit_test(administration_never_opens),
        cmocka_unit_test(units_stay_within_their_room),
    };
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}
