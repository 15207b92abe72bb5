// The keeper whole: server and client over the real socket, on a real store, as staff use it and as a captured desk would.
#include "vault_frame.h"
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/wire.h"

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

struct flood { _Atomic int full, failed, other; };

static void *flood_run(void *arg)
{
    struct flood *f = arg;
    for (int i = 0; i < 5; i++) {
        struct token t;
        struct keeper_session s;
        enum err e = keeper_sign_in(keeper, STR("shpikur"), STR("provoj te gjej"), STR("1"), (struct id){{7}}, &t, &s, NULL);
        (*(e == ERR_FULL ? &f->full : e == ERR_UNAUTHENTICATED || e == ERR_LIMITED ? &f->failed : &f->other))++;
    }
    return NULL;
}

// Sixteen browsers that sign in at once: what is signed in already goes on, every time.
static void flood_of_sign_ins_holds_nobody_up(void **state)
{
    (void)state;
    struct flood f = {0};
    pthread_t thread[16];
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
    assert_int_equal(f.other, 0);
    assert_true(f.full > 0); // a fourth was refused at once
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

// --- records

static void report_opens_for_its_unit(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "më kërcënojnë", "http://a.example/x");
    int64_t before = acts();
    assert_int_equal(open_text(&t, &r, "më kërcënojnë"), OK);
    assert_int_equal(acts(), before + 1);
    struct token second = signed_in(SECOND), other = signed_in(OTHER), admin = signed_in(ADMIN), contact = signed_in(CONTACT);
    assert_int_equal(open_text(&second, &r, "më kërcënojnë"), OK);
    before = acts();
    assert_int_equal(open_text(&other, &r, ""), ERR_NO_KEY); // the role allows it, the key is missing
    assert_int_equal(acts(), before + 2);               // what was asked, and how it ended
    assert_int_equal(open_text(&admin, &r, ""), ERR_FORBIDDEN);
    assert_int_equal(open_text(&contact, &r, ""), ERR_FORBIDDEN);
    assert_int_equal(acts(), before + 4);
}

static void answer_is_sealed_into_the_thread(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    struct record_ad ad = {.type = RECORD_THREAD, .direction = RECORD_DOWN, .version = 1, .seq = 1, .home = r.thread, .item = id_random()};
    struct buf sealed, plain;
    buf_init(&sealed, 70000);
    buf_init_secret(&plain, 70000);
    assert_int_equal(keeper_seal(keeper, &t, &r.thread_path, &ad, STR("Po merremi me të."), &sealed), OK);
    struct kid kid = record_kid(&r.k_t);
    assert_memory_equal(ad.kid.b, kid.b, 16);
    assert_int_equal(record_open(&plain, &r.k_t, &ad, buf_str(&sealed)), OK); // as the portal does with the code
    assert_true(str_equal_z(buf_str(&plain), "Po merremi me të."));

    // Three messages of the thread, one of the largest size, in one call.
    char *large = malloc(RECORD_ITEM_MAX);
    assert_non_null(large);
    memset(large, 'x', RECORD_ITEM_MAX);
    struct buf big[2];
    struct keeper_item items[3] = {{.ad = ad, .sealed = buf_str(&sealed)}};
    for (size_t i = 0; i < 2; i++) {
        items[i + 1].ad = ad;
        items[i + 1].ad.direction = RECORD_UP;
        items[i + 1].ad.seq = i + 1;
        items[i + 1].ad.item = id_random();
        buf_init(&big[i], 70000);
        assert_int_equal(record_seal(&big[i], &r.k_t, &items[i + 1].ad, (struct str){large, RECORD_ITEM_MAX}), OK);
        items[i + 1].sealed = buf_str(&big[i]);
    }
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &r.thread_path, items, 3, a), OK);
    assert_true(str_equal_z(items[0].plain, "Po merremi me të."));
    assert_int_equal(items[2].plain.n, RECORD_ITEM_MAX);
    assert_memory_equal(items[2].plain.at, large, RECORD_ITEM_MAX);
    arena_free(&a);

    struct record_ad bad = ad;
    bad.direction = RECORD_UP; // in the reporter's name
    assert_int_equal(keeper_seal(keeper, &t, &r.thread_path, &bad, STR("x"), &sealed), ERR_FORBIDDEN);
    bad = ad;
    bad.type = RECORD_REPORT; // what was reported is never written again
    assert_int_equal(keeper_seal(keeper, &t, &r.thread_path, &bad, STR("x"), &sealed), ERR_FORBIDDEN);
    bad = ad;
    bad.home = r.home;
    assert_int_equal(keeper_seal(keeper, &t, &r.thread_path, &bad, STR("x"), &sealed), ERR_TAMPERED);
    struct token contact = signed_in(CONTACT), other = signed_in(OTHER);
    assert_int_equal(keeper_seal(keeper, &contact, &r.thread_path, &ad, STR("x"), &sealed), ERR_FORBIDDEN);
    assert_int_equal(keeper_seal(keeper, &other, &r.thread_path, &ad, STR("x"), &sealed), ERR_NO_KEY);
    buf_free(&sealed);
    buf_free(&plain);
    buf_free(&big[0]);
    buf_free(&big[1]);
    free(large);
}

// A desk that has been captured changes one thing at a time.
static void captured_desk_gets_nothing(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER), other = signed_in(OTHER);
    struct sample r, q, foreign;
    struct str plain = {0};
    sample_make(&r, duty_unit, "i pari", "http://a.example/x");
    sample_make(&q, duty_unit, "i dyti", "http://a.example/y");
    sample_make(&foreign, other_unit, "i tjetrit", "http://a.example/z");
    struct keeper_item item = r.one;
    item.sealed = q.one.sealed; // the ciphertext of another report
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    item = q.one; // another report's item under this one's path
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    item = r.one;
    item.ad.home = q.home;
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    item = r.one;
    item.ad.kid.b[0] ^= 1;
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    item = r.one;
    struct buf columns;
    buf_init(&columns, 64);
    record_meta_str(&columns, STR("SEXT"));
    record_meta_int(&columns, 4); // the urgency in the row was lowered
    record_meta(item.ad.meta, &columns);
    buf_free(&columns);
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    item = r.one;
    item.ad.version = 2;
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);

    // The wrap of another unit: by its own name (no member there), under one's own unit's name, and swapped by its owner.
    struct sample mixed = foreign;
    mixed.one.sealed.at = foreign.sealed;
    item = foreign.one;
    assert_int_equal(open_one(&t, &foreign, &item, &plain), ERR_NO_KEY);
    mixed.path = foreign.path;
    mixed.path.step[0].parent = duty_unit;
    assert_int_equal(open_one(&t, &mixed, &item, &plain), ERR_TAMPERED);
    mixed.path = r.path;
    mixed.path.step[0].parent = other_unit;
    item = r.one;
    assert_int_equal(open_one(&other, &mixed, &item, &plain), ERR_TAMPERED);
    mixed.path = r.path;
    mixed.path.step[0].epoch = 2; // an epoch that has not been
    assert_int_equal(open_one(&t, &mixed, &item, &plain), ERR_NO_KEY);

    // A child key opens neither its parent nor another child; a step must begin where the one before ended.
    struct keeper_path path = r.thread_path;
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    item = r.one;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &path, &item, 1, a), ERR_TAMPERED);
    path.step[1].parent = q.home;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &path, &item, 1, a), ERR_MALFORMED);
    path = r.thread_path;
    path.step[1].sealed.at = q.child;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &path, &item, 1, a), ERR_TAMPERED);
    path = r.path;
    path.n = KEEPER_PATH_MAX + 1;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &path, &item, 1, a), ERR_MALFORMED);
    arena_free(&a);
    item = r.one;
    item.ad.type = RECORD_CASE; // a lie
    assert_int_equal(open_one(&t, &r, &item, &plain), ERR_TAMPERED);
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_OPEN, r.home, r.item, STR(""), NULL), ERR_MALFORMED); // the keeper's word
}

static void bytes_that_are_no_request(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%.100s", socket_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    struct buf good;
    buf_init(&good, WIRE_BYTES_MAX);
    wire_request_head(&good, OP_OPEN, 5, &t);
    wire_put_u8(&good, PURPOSE_READ);
    wire_put_path(&good, &r.path);
    wire_put_u8(&good, 1);
    wire_put_ad(&good, &r.ad);
    wire_put(&good, r.one.sealed);
    char answer[WIRE_BYTES_MAX];
    struct { size_t at; char value; ssize_t longer; } tries[] = {
        {0, 2, 0}, {1, 99, 0}, {1, OP_GRANT, 0}, {2, 1, 0}, {40, 9, 0}, {44, 9, 0}, {0, 1, 1}, {0, 1, -1}, {48, 3, 0}, {49, 7, 0}, {49, 0, 0},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char packet[WIRE_BYTES_MAX];
        memcpy(packet, good.at, good.n);
        packet[good.n] = 0;
        packet[tries[i].at] = tries[i].value;
        assert_true(send(fd, packet, good.n + (size_t)tries[i].longer, 0) > 0);
        assert_int_equal(recv(fd, answer, sizeof answer, 0), WIRE_ANSWER_HEAD);
        assert_int_equal(answer[1], STATUS_MALFORMED);
    }
    assert_true(send(fd, good.at, good.n, 0) > 0); // the connection lives on, and the request was good
    ssize_t n = recv(fd, answer, sizeof answer, 0);
    assert_int_equal(n, WIRE_ANSWER_HEAD + 4 + 6);
    assert_int_equal(answer[1], STATUS_OK);
    assert_int_equal(answer[4], 5);
    close(fd);
    buf_free(&good);
}

static void budget_holds_and_survives(void **state)
{
    (void)state;
    frame_time(CLOCK_DAY);
    struct token t = signed_in(OFFICER);
    frame_time(CLOCK_MINUTE - clock_now() % CLOCK_MINUTE + CLOCK_SECOND); // one minute for all
    struct sample first, r;
    sample_make(&first, duty_unit, "i pari", "http://a.example/0");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(open_text(&t, &first, "i pari"), OK); // one home, one purpose, one minute: one
    }
    for (int i = 1; i < 40; i++) {
        sample_make(&r, duty_unit, "tjetër", "http://a.example/1");
        assert_int_equal(open_text(&t, &r, "tjetër"), OK);
    }
    sample_make(&r, duty_unit, "tjetër", "http://a.example/1");
    int64_t before = acts();
    assert_int_equal(open_text(&t, &r, ""), ERR_LIMITED);
    assert_int_equal(open_text(&t, &r, ""), ERR_LIMITED);
    assert_int_equal(acts(), before + 1); // the first refusal of the minute is written down
    assert_int_equal(open_text(&t, &first, "i pari"), OK);
    frame_stop();
    frame_start();
    assert_int_equal(open_text(&t, &r, ""), ERR_LIMITED); // rows, not memory
    frame_time(CLOCK_MINUTE);
    assert_int_equal(open_text(&t, &r, "tjetër"), OK);
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

// --- the directory

static void forged_directory_row_is_refused(void **state)
{
    (void)state;
    struct directory *d = NULL;
    struct directory_unit before, after;
    char sql[512];
    assert_int_equal(directory_open(keys_dir, &d, NULL), OK);
    assert_int_equal(directory_duty(d, clock_now(), &before), OK);
    assert_true(id_equal(before.unit, duty_unit));
    // A row for the next epoch with a key of the thief's, copied signature and all.
    snprintf(sql, sizeof sql, "insert into keeper.epoch select unit, epoch + 100, %s, not_before, sig, mac from keeper.epoch where epoch = 1",
             store_test_sqlite() ? "randomblob(32)" : "sha256(sig)");
    store_test_sql(sql);
    frame_stop();
    struct store *s = store_test_open("keeper", "keeper", "");
    struct buf why;
    buf_init(&why, 1024);
    sig_atomic_t stop = 1;
    struct keeper_options o = {.store = s, .keys_dir = keys_dir, .socket_path = socket_path, .head_dir = heads_dir, .roles = &roles,
                               .desk_uid = getuid(), .courier_uid = getuid()};
    assert_int_equal(keeper_serve(&o, &stop, &why), ERR_TAMPERED);
    assert_true(str_find_str(buf_str(&why), STR("directory")) >= 0);
    store_close(s);
    buf_free(&why);
    directory_refresh(d);
    assert_int_equal(directory_duty(d, clock_now(), &after), OK);
    assert_memory_equal(&before.pk, &after.pk, sizeof before.pk);
    store_test_sql("delete from keeper.epoch where epoch > 100");
    frame_start();

    // The file itself: bytes changed, and an older one put back.
    char path[600];
    struct buf file, old;
    snprintf(path, sizeof path, "%s/directory", keys_dir);
    buf_init(&file, 1 << 20);
    assert_int_equal(file_read(path, &file), OK);
    for (size_t i = 24; i < file.n; i += 37) {
        file.at[i] ^= 1;
        assert_int_equal(file_replace(path, buf_str(&file), 0644), OK);
        directory_refresh(d);
        assert_int_equal(directory_duty(d, clock_now(), &after), OK);
        assert_memory_equal(&before.pk, &after.pk, sizeof before.pk);
        struct directory *no = NULL;
        enum err e = directory_open(keys_dir, &no, NULL);
        assert_true(e == ERR_TAMPERED || e == ERR_MALFORMED);
        file.at[i] ^= 1;
    }
    assert_int_equal(file_replace(path, buf_str(&file), 0644), OK);
    struct token second = signed_in(SECOND);
    buf_init(&old, 1 << 20);
    buf_put(&old, buf_str(&file));
    assert_int_equal(keeper_rotate(keeper, &second, duty_unit, (struct id){{0}}), OK);
    directory_refresh(d);
    assert_int_equal(directory_duty(d, clock_now(), &after), OK);
    assert_int_equal(after.epoch, before.epoch + 1);
    assert_int_equal(file_replace(path, buf_str(&old), 0644), OK);
    directory_refresh(d); // valid, but older: what has been seen stays
    assert_int_equal(directory_duty(d, clock_now(), &before), OK);
    assert_int_equal(before.epoch, after.epoch);
    frame_stop();
    frame_start(); // writes it anew
    directory_close(&d);
    buf_free(&file);
    buf_free(&old);
}

static void a_row_without_its_mac_is_refused(void **state)
{
    (void)state;
    struct token t = signed_in(CONTACT), admin = signed_in(ADMIN);
    struct keeper_session s;
    assert_int_equal(keeper_session(keeper, &t, &s), OK);
    assert_int_equal(keeper_sign_out(keeper, &admin, false), OK); // empties the cache
    char sql[256];
    snprintf(sql, sizeof sql, "update keeper.person set roles = %u where name = 'kontakti'", 1u << ROLE_ADMINISTRATOR);
    store_test_sql(sql);
    struct id made;
    struct buf totp;
    buf_init_secret(&totp, 64);
    assert_int_equal(keeper_person_add(keeper, &t, STR("dikush"), 1, STR("fjala e dikujt"), &made, &totp), ERR_TAMPERED);
    assert_int_equal(keeper_session(keeper, &t, &s), ERR_TAMPERED);
    snprintf(sql, sizeof sql, "update keeper.person set roles = %u where name = 'kontakti'", 1u << ROLE_CONTACT);
    store_test_sql(sql);
    assert_int_equal(keeper_session(keeper, &t, &s), OK);
    buf_free(&totp);
}

// --- tags

static struct keeper_tag tag_for(const struct sample *r)
{
    struct keeper_tag t = {.report = r->home, .box = STR_BYTES(r->box)};
    audit_item_hash(t.item_hash, (struct str){r->sealed, r->n > 1800 ? 1800 : r->n});
    return t;
}

static void tags_are_given_once(void **state)
{
    (void)state;
    struct sample r[3];
    struct keeper_tag t[4], again[4];
    sample_make(&r[0], duty_unit, "a", "http://a.example/x");
    sample_make(&r[1], duty_unit, "b", "http://a.example/x");
    sample_make(&r[2], duty_unit, "c", "http://b.example/");
    for (size_t i = 0; i < 3; i++) {
        t[i] = tag_for(&r[i]);
    }
    t[3] = (struct keeper_tag){.report = id_random(), .box = STR("no box at all")};
    int64_t before = acts();
    assert_int_equal(keeper_tag(keeper, t, 4), OK);
    static const uint8_t none[16];
    assert_memory_equal(t[0].page, t[1].page, 16); // the same page
    assert_memory_not_equal(t[0].page, t[2].page, 16);
    assert_memory_not_equal(t[0].page, none, 16);
    assert_memory_equal(t[0].host, none, 16); // none was given: matches nothing
    assert_false(t[0].refused || t[1].refused || t[2].refused);
    assert_true(t[3].refused);
    assert_memory_equal(t[3].page, none, 16);
    assert_int_equal(acts(), before + 2); // the batch, and what was refused

    memcpy(again, t, sizeof again);
    memset(again[0].page, 9, 16);
    assert_int_equal(keeper_tag(keeper, again, 3), OK); // asked again after a crash: the same, and no entry
    assert_memory_equal(again[0].page, t[0].page, 16);
    assert_int_equal(acts(), before + 2);
    again[0].box = STR_BYTES(r[2].box); // a guess tagged in the name of a report that was tagged
    assert_int_equal(keeper_tag(keeper, again, 1), OK);
    assert_true(again[0].refused);
    assert_memory_equal(again[0].page, none, 16);
    struct sample invented[2];
    sample_make(&invented[0], duty_unit, "a", "http://a.example/x");
    sample_make(&invented[1], duty_unit, "a", "http://b.example/x");
    struct keeper_tag twin[2] = {tag_for(&invented[0]), tag_for(&invented[1])};
    twin[1].report = twin[0].report; // twice in one batch, with different boxes
    assert_int_equal(keeper_tag(keeper, twin, 2), OK);
    assert_false(twin[0].refused);
    assert_true(twin[1].refused);
}

static void large_batches_are_one_call(void **state)
{
    (void)state;
    static struct keeper_tag t[256];
    static uint8_t box[256][PAGE_BOX_BYTES];
    struct directory *d = NULL;
    assert_int_equal(directory_open(keys_dir, &d, NULL), OK);
    struct public_key pk = directory_tag_key(d);
    for (size_t i = 0; i < 256; i++) {
        struct buf b;
        uint8_t digest[32] = {(uint8_t)i, 1}, host[32] = {2};
        buf_init(&b, PAGE_BOX_BYTES);
        struct ephemeral from;
        crypto_ephemeral(&from);
        page_box(&b, &from, &pk, digest, host);
        memcpy(box[i], b.at, b.n);
        buf_free(&b);
        t[i] = (struct keeper_tag){.report = id_random(), .box = STR_BYTES(box[i])};
    }
    int64_t from = clock_mono();
    assert_int_equal(keeper_tag(keeper, t, 256), OK);
    print_message("256 tags: %lld us\n", (long long)(clock_mono() - from) / 1000);
    for (size_t i = 0; i < 256; i++) {
        assert_false(t[i].refused);
        assert_memory_equal(t[i].host, t[0].host, 16);
    }
    directory_close(&d);
    // They were never reports: that is what verify has to say.
    struct audit_report report;
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "was tagged, and is neither there nor has a tombstone"));
    for (size_t i = 0; i < 256; i++) {
        char sql[256], hex[64];
        struct buf b;
        buf_init(&b, 64);
        buf_put_hex(&b, t[i].report.b, 16);
        snprintf(hex, sizeof hex, store_test_sqlite() ? "x'%.*s'" : "'\\x%.*s'::bytea", (int)b.n, b.at);
        snprintf(sql, sizeof sql, "insert into desk.tombstone (id, day, item_hash) values (%s, 0, %s)", hex,
                 store_test_sqlite() ? "zeroblob(32)" : "decode(repeat('00', 32), 'hex')");
        buf_free(&b);
        store_test_sql(sql);
    }
    // A stone is a row like any other; the trail has to say it too.
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "has a tombstone, and no entry says it was erased"));
    struct id erased[256];
    for (size_t i = 0; i < 256; i++) {
        erased[i] = t[i].report;
    }
    static const uint8_t other[32] = {1};
    frame_erase(erased, other, 256); // for other ciphertexts
    assert_int_equal(verify(&report), ERR_TAMPERED);
    frame_erase(erased, t[0].item_hash, 256);
    assert_int_equal(verify(&report), OK);
}

// --- audit

static void keep(void)
{
    store_test_sql("create table keeper.kept as select * from keeper.entry");
}

static void put_back(void)
{
    store_test_sql("delete from keeper.entry");
    store_test_sql("insert into keeper.entry select * from keeper.kept");
}

static void broken(const char *sql, const char *said)
{
    struct audit_report report;
    store_test_sql(sql);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    if (!strstr(report.place, said)) {
        print_error("after: %s\nsaid: %s\n", sql, report.place);
    }
    assert_non_null(strstr(report.place, said));
    put_back();
}

// With the database alone: every hash right, signed with a key of one's own.
static void recompute_all(bool own_writer)
{
    struct key seed = {{42}};
    struct sign_key sk;
    struct public_key pk;
    struct buf rows;
    crypto_sign_pair(&pk, &sk, &seed);
    buf_init(&rows, 8 << 20);
    store_test_text(store_test_sqlite() ? "select seq, hex(entry) from keeper.entry order by seq"
                                        : "select seq, upper(encode(entry, 'hex')) from keeper.entry order by seq", &rows);
    struct str rest = buf_str(&rows);
    uint8_t h[32] = {0};
    store_test_sql("delete from keeper.entry");
    while (rest.n) {
        struct str line = str_cut(&rest, '\n'), number = str_cut(&line, '|');
        uint8_t entry[512], sig[SIGN_BYTES];
        size_t n = line.n / 2;
        if (!n) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            unsigned v;
            assert_int_equal(sscanf(line.at + 2 * i, "%2X", &v), 1);
            entry[i] = (uint8_t)v;
        }
        entry[41] ^= 1; // somebody else read it
        if (own_writer) {
            memcpy(entry + 16, pk.b, 8);
        }
        uint8_t next[32];
        crypto_digest(next, 32, "isigurt.chain..1", NULL, CRYPTO_PARTS(STR_BYTES(h), {(char *)entry, n}));
        memcpy(h, next, 32);
        crypto_signature(sig, &sk, STR_BYTES(h));
        char sql[4096];
        struct buf b;
        buf_init(&b, 4000);
        const char *open = store_test_sqlite() ? "x'" : "'\\x";
        buf_printf(&b, "insert into keeper.entry (writer, seq, entry, h, sig) values (%s", open);
        buf_put_hex(&b, entry + 16, 8);
        buf_printf(&b, "', %.*s, %s", STR_ARG(number), open);
        buf_put_hex(&b, entry, n);
        buf_printf(&b, "', %s", open);
        buf_put_hex(&b, h, 32);
        buf_printf(&b, "', %s", open);
        buf_put_hex(&b, sig, sizeof sig);
        buf_put_z(&b, "')");
        snprintf(sql, sizeof sql, "%.*s", (int)b.n, b.at);
        buf_free(&b);
        store_test_sql(sql);
    }
    buf_free(&rows);
}

static void verify_finds_each_kind(void **state)
{
    (void)state;
    struct audit_report report;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    frame_stop();
    enum err e = verify(&report);
    if (e) {
        print_error("%s\n", report.place);
    }
    assert_int_equal(e, OK);
    assert_int_equal(report.entries, entries(""));
    assert_int_equal(report.writers, 1);
    keep();
    broken("delete from keeper.entry where seq = 7", "entry 7 is missing");
    broken("delete from keeper.entry where seq = 1", "entry 1 is missing");
    broken("delete from keeper.entry where seq > 20", "cut off");
    broken("delete from keeper.entry where seq = (select max(seq) from keeper.entry)", "cut off");
    broken("delete from keeper.entry", "cut off");
    if (store_test_sqlite()) {
        broken("update keeper.entry set entry = cast(substr(entry, 1, 40) || x'00' || substr(entry, 42) as blob) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set h = randomblob(32) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set sig = randomblob(64) where seq = 9", "not signed");
    } else {
        broken("update keeper.entry set entry = set_byte(entry, 40, 255 - get_byte(entry, 40)) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set h = sha256(h) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set sig = sig || sig where seq = 9", "entry 9 was altered");
    }
    broken("update keeper.entry set seq = -seq where seq in (8, 9); update keeper.entry set seq = 17 + seq where seq < 0", "entry 8 was altered");
    recompute_all(false);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "written anew"));
    put_back();
    recompute_all(true);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "keeper.pub does not name it"));
    put_back();
    store_test_sql("create table keeper.points as select * from keeper.checkpoint");
    broken("delete from keeper.checkpoint where at = (select max(at) from keeper.checkpoint)", "its checkpoint was removed");
    store_test_sql("delete from keeper.checkpoint; insert into keeper.checkpoint select * from keeper.points; drop table keeper.points");
    assert_int_equal(verify(&report), OK);
    store_test_sql("drop table keeper.kept");
    frame_start();
}

static void verify_finds_changed_reports(void **state)
{
    (void)state;
    struct sample r;
    struct audit_report report;
    sample_make(&r, duty_unit, "a", "http://a.example/x");
    struct keeper_tag t = tag_for(&r);
    assert_int_equal(keeper_tag(keeper, &t, 1), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("create table desk.kept_sealed as select * from desk.report_sealed");
    store_test_sql(store_test_sqlite() ? "update desk.report_sealed set item = randomblob(1064) where seq = (select max(seq) from desk.report)"
                                       : "update desk.report_sealed set item = item || item where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "another ciphertext"));
    store_test_sql("delete from desk.report_sealed; insert into desk.report_sealed select * from desk.kept_sealed; drop table desk.kept_sealed");
    assert_int_equal(verify(&report), OK);
    store_test_sql("create table keeper.kept_tags as select * from keeper.tagged");
    store_test_sql("delete from keeper.tagged where seq = (select max(seq) from keeper.tagged)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "rows of its batch"));
    store_test_sql("delete from keeper.tagged; insert into keeper.tagged select * from keeper.kept_tags; drop table keeper.kept_tags");
    assert_int_equal(verify(&report), OK);
}

static void verify_finds_removed_reports(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample opened, taken, untouched, never;
    struct audit_report report;
    sample_make(&untouched, duty_unit, "a", "");
    assert_int_equal(verify(&report), OK);
    assert_non_null(strstr(verify_why(), "reports without a tag")); // never tagged nor touched: nothing but the count
    sample_make(&opened, duty_unit, "b", "");
    assert_int_equal(open_text(&t, &opened, "b"), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "which is gone, and no entry says it was erased"));
    uint8_t hash[32];
    audit_item_hash(hash, (struct str){opened.sealed, opened.n});
    frame_erase(&opened.home, hash, 1);
    assert_int_equal(verify(&report), OK);

    sample_make(&taken, duty_unit, "c", "");
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_REPORT_TAKE, taken.home, duty_unit, STR("taken"), NULL), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    audit_item_hash(hash, (struct str){taken.sealed, taken.n});
    frame_erase(&taken.home, hash, 1);

    sample_make(&never, duty_unit, "d", ""); // what a captured desk invents was never opened, and is not missed
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    never.wrap[40] ^= 1;
    assert_int_equal(open_text(&t, &never, ""), ERR_TAMPERED);
    assert_int_equal(verify(&report), OK);
}

static void running_keeper_notices_a_cut(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    store_test_sql("create table keeper.kept as select * from keeper.entry");
    store_test_sql("delete from keeper.entry where seq = (select max(seq) from keeper.entry)");
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), NULL), ERR_TAMPERED);
    put_back();
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), NULL), OK);
    store_test_sql("drop table keeper.kept");
}

static void time_brings_heartbeats_and_checkpoints(void **state)
{
    (void)state;
    struct audit_report report;
    int64_t before = entries(""), points = store_test_number("select count(*) from keeper.checkpoint");
    for (int i = 0; i < 7; i++) {
        frame_time(10 * CLOCK_MINUTE);
        clock_sleep(400000);
    }
    assert_true(entries("") >= before + 8); // seven heartbeats, a checkpoint
    assert_true(store_test_number("select count(*) from keeper.checkpoint") >= points + 1);
    assert_int_equal(verify(&report), OK);
}

// --- kill -9

static pid_t program(char *const argv[])
{
    pid_t pid = fork();
    if (pid == 0) {
        const char *password = store_test_password_file("keeper");
        if (password) {
            setenv("VAULT_PASSWORD", password, 1);
        }
        setenv("VAULT_URL", store_test_url(), 1);
        setenv("VAULT_KEYS", keys_dir, 1);
        setenv("VAULT_HEADS", heads_dir, 1);
        setenv("VAULT_SOCKET", socket_path, 1);
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    return pid;
}

static void killed_keeper_loses_nothing(void **state)
{
    (void)state;
    char serve[] = "serve", self[] = "test";
    char *const argv[] = {self, serve, NULL};
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    struct keeper_audit_at at = {.seq = 0};
    frame_stop();
    for (int round = 0; round < 4; round++) {
        pid_t pid = program(argv);
        assert_int_equal(keeper_new(socket_path, &keeper), OK);
        enum err e = ERR_AWAY;
        for (int i = 0; e == ERR_AWAY && i < 30; i++) {
            e = open_text(&t, &r, "teksti"); // the session is there again
        }
        assert_int_equal(e, OK);
        uint64_t acknowledged = 0;
        for (int i = 0; i < 20 + 7 * round; i++) {
            assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), &at), OK);
            acknowledged = at.seq;
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        keeper_free(&keeper);
        char where[64];
        snprintf(where, sizeof where, "where seq = %llu", (unsigned long long)acknowledged);
        assert_int_equal(entries(where), 1);
        struct audit_report report;
        e = verify(&report);
        if (e) {
            print_error("round %d: %s\n", round, report.place);
        }
        assert_int_equal(e, OK);
    }
    // A head that a power cut has torn is no alarm either: the checkpoint stands in for it.
    char command[1200];
    snprintf(command, sizeof command, "for f in %s/head.*; do : > $f; done", heads_dir);
    assert_int_equal(system(command), 0);
    struct audit_report report;
    assert_int_equal(verify(&report), OK);
    assert_non_null(strstr(verify_why(), "stands in"));
    frame_start();
}

static void cut_database_is_not_served(void **state)
{
    (void)state;
    frame_stop();
    keep();
    store_test_sql("delete from keeper.entry where seq > (select max(seq) - 3 from keeper.entry)");
    struct store *s = store_test_open("keeper", "keeper", "");
    struct buf why;
    buf_init(&why, 1024);
    sig_atomic_t stop = 1;
    struct keeper_options o = {.store = s, .keys_dir = keys_dir, .socket_path = socket_path, .head_dir = heads_dir, .roles = &roles,
                               .desk_uid = getuid(), .courier_uid = getuid()};
    assert_int_equal(keeper_serve(&o, &stop, &why), ERR_TAMPERED);
    assert_true(str_find_str(buf_str(&why), STR("audit verify")) >= 0);
    store_close(s);
    buf_free(&why);
    put_back();
    frame_start();
}

// Asks for a PING as another user; what comes back, in bytes.
static int heard_as(uid_t uid)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct sockaddr_un at = {.sun_family = AF_UNIX};
        const struct timeval limit = {.tv_sec = 3};
        char packet[WIRE_REQUEST_HEAD];
        struct buf b = {.at = packet, .cap = sizeof packet, .max = sizeof packet};
        snprintf(at.sun_path, sizeof at.sun_path, "%.100s", socket_path);
        wire_request_head(&b, OP_PING, 1, NULL);
        int fd = setgid(uid) || setuid(uid) ? -1 : socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) || connect(fd, (struct sockaddr *)&at, sizeof at)) {
            _exit(255); // nothing was tried
        }
        ssize_t n = send(fd, b.at, b.n, MSG_NOSIGNAL) < 0 ? 0 : recv(fd, packet, sizeof packet, 0);
        _exit(n > 0 ? (int)n : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void stranger_is_not_heard(void **state)
{
    (void)state;
    if (getuid() == 0) { // root may sign in at the keeper, so the stranger is another user
        assert_int_equal(chmod(store_test_folder(), 0711), 0);
        assert_int_equal(heard_as(0), WIRE_ANSWER_HEAD + 4 + 8 + 4 + 8);
        for (uid_t uid = 65533; uid <= 65534; uid++) {
            assert_int_equal(heard_as(uid), 0);
        }
        return;
    }
    frame_stop();
    char serve[] = "serve-for-others", self[] = "test";
    char *const argv[] = {self, serve, NULL};
    pid_t pid = program(argv);
    uint64_t seq;
    assert_int_equal(keeper_new(socket_path, &keeper), OK);
    for (int i = 0; i < 100 && access(socket_path, F_OK); i++) {
        clock_sleep(50000);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keeper_ping(keeper, &seq), ERR_AWAY); // SO_PEERCRED is another's
    }
    keeper_free(&keeper);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    frame_start();
}

static void restore_is_told_from_a_cut(void **state)
{
    (void)state;
    struct audit_report report;
    frame_stop(); // the older backup is taken here
    int64_t seq = store_test_number("select max(seq) from keeper.entry"), at = store_test_number("select max(at) from keeper.checkpoint");
    frame_start();
    struct token t = signed_in(OFFICER);
    frame_stop();
    char sql[120];
    snprintf(sql, sizeof sql, "delete from keeper.entry where seq > %lld", (long long)seq);
    store_test_sql(sql);
    snprintf(sql, sizeof sql, "delete from keeper.checkpoint where at > %lld", (long long)at);
    store_test_sql(sql);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    struct store *admin = store_test_open("admin", "*", "");
    struct buf why;
    buf_init(&why, 1024);
    assert_int_equal(keeper_setup_restore(admin, keys_dir, heads_dir, &why), OK);
    store_close(admin);
    enum err e = verify(&report);
    if (e) {
        print_error("%s\n", report.place);
    }
    assert_int_equal(e, OK);
    assert_int_equal(report.writers, 2);
    assert_non_null(strstr(verify_why(), "a restore has taken writer"));
    frame_start();
    struct keeper_session s;
    assert_int_equal(keeper_session(keeper, &t, &s), ERR_UNAUTHENTICATED); // all sessions ended
    t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    assert_int_equal(verify(&report), OK);
    buf_free(&why);
}

static int begin(void **state)
{
    (void)state;
    return frame_make();
}

static int end(void **state)
{
    (void)state;
    return frame_end();
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        return frame_serve_main(argv[1]);
    }
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_test_queries),
        cmocka_unit_test(signing_in_needs_all),
        cmocka_unit_test(signing_out_everywhere),
        cmocka_unit_test(sessions_end_by_themselves),
        cmocka_unit_test(backoff_spares_known_devices),
        cmocka_unit_test(stop_guessing),
        cmocka_unit_test(flood_of_sign_ins_holds_nobody_up),
        cmocka_unit_test(report_opens_for_its_unit),
        cmocka_unit_test(answer_is_sealed_into_the_thread),
        cmocka_unit_test(captured_desk_gets_nothing),
        cmocka_unit_test(bytes_that_are_no_request),
        cmocka_unit_test(budget_holds_and_survives),
        cmocka_unit_test(administration_never_opens),
        cmocka_unit_test(forged_directory_row_is_refused),
        cmocka_unit_test(a_row_without_its_mac_is_refused),
        cmocka_unit_test(tags_are_given_once),
        cmocka_unit_test(large_batches_are_one_call),
        cmocka_unit_test(verify_finds_each_kind),
        cmocka_unit_test(verify_finds_changed_reports),
        cmocka_unit_test(verify_finds_removed_reports),
        cmocka_unit_test(running_keeper_notices_a_cut),
        cmocka_unit_test(time_brings_heartbeats_and_checkpoints),
        cmocka_unit_test(killed_keeper_loses_nothing),
        cmocka_unit_test(cut_database_is_not_served),
        cmocka_unit_test(stranger_is_not_heard),
        cmocka_unit_test(units_stay_within_their_room),
        cmocka_unit_test(restore_is_told_from_a_cut),
    };
    return store_test_end(cmocka_run_group_tests(tests, begin, end));
}
