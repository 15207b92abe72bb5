// The keeper whole: server and client over the real socket, on a real store, as staff use it and as a captured desk would:
// records, the directory, tags. Who may come: test_vault_people.c; what is left behind: test_vault_audit.c.
#include "vault_frame.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/wire.h"

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

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_test_queries),
        cmocka_unit_test(report_opens_for_its_unit),
        cmocka_unit_test(answer_is_sealed_into_the_thread),
        cmocka_unit_test(captured_desk_gets_nothing),
        cmocka_unit_test(bytes_that_are_no_request),
        cmocka_unit_test(budget_holds_and_survives),
        cmocka_unit_test(forged_directory_row_is_refused),
        cmocka_unit_test(a_row_without_its_mac_is_refused),
        cmocka_unit_test(tags_are_given_once),
        cmocka_unit_test(large_batches_are_one_call),
    };
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}
