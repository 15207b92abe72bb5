// The keeper's way with units and homes: who is left in a unit, notes, and (with a captured desk's eyes) its socket.
#include "vault_frame.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"

// --- what the log says

static int stderr_was = -1;

static void log_keep(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s/log", store_test_folder());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    stderr_was = dup(STDERR_FILENO);
    assert_true(fd >= 0 && stderr_was >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static int log_count(struct id unit, int members) // alarms since log_keep; ends it
{
    char path[600], hex[ID_HEX], line[256];
    struct buf log;
    assert_true(dup2(stderr_was, STDERR_FILENO) >= 0);
    close(stderr_was);
    snprintf(path, sizeof path, "%s/log", store_test_folder());
    buf_init(&log, 1 << 20);
    assert_int_equal(file_read(path, &log), OK);
    buf_put_c(&log, '\0');
    snprintf(line, sizeof line, "level=alarm process=test event=unit-has-few-members unit=%s members=%d\n", id_hex(unit, hex), members);
    int n = 0;
    for (const char *at = log.at; (at = strstr(at, line)); at++) {
        n++;
    }
    buf_free(&log);
    return n;
}

// --- units with few members

static void few_members_raise_an_alarm(void **state)
{
    (void)state;
    log_keep();
    frame_stop();
    frame_start(); // at start
    assert_int_equal(log_count(other_unit, 1), 1);
    log_keep();
    frame_stop();
    frame_start();
    assert_int_equal(log_count(duty_unit, 1), 0); // two members

    struct token other = signed_in(OTHER), admin = signed_in(ADMIN), second = signed_in(SECOND);
    log_keep();
    assert_int_equal(keeper_admit(keeper, &other, other_unit, person[CONTACT].id), OK);
    assert_int_equal(log_count(other_unit, 1), 0);
    log_keep();
    assert_int_equal(keeper_person_disable(keeper, &admin, person[CONTACT].id, true), OK); // has a wrap, cannot use it
    assert_int_equal(log_count(other_unit, 1), 1);
    log_keep();
    assert_int_equal(keeper_person_disable(keeper, &admin, person[CONTACT].id, false), OK);
    assert_int_equal(log_count(other_unit, 1), 0);
    log_keep();
    assert_int_equal(keeper_rotate(keeper, &other, other_unit, person[CONTACT].id), OK); // he leaves
    assert_int_equal(log_count(other_unit, 1), 1);

    log_keep();
    struct buf totp;
    buf_init_secret(&totp, 64);
    assert_int_equal(keeper_person_reset(keeper, &admin, person[OFFICER].id, str_from(person[OFFICER].password), &totp), OK);
    assert_int_equal(log_count(duty_unit, 1), 1); // his wrap went with his old key
    memset(person[OFFICER].totp, 0, sizeof person[OFFICER].totp);
    memcpy(person[OFFICER].totp, totp.at, totp.n);
    buf_free(&totp);
    log_keep();
    assert_int_equal(keeper_admit(keeper, &second, duty_unit, person[OFFICER].id), OK);
    assert_int_equal(log_count(duty_unit, 1), 0);

    log_keep();
    frame_time(61 * CLOCK_MINUTE);
    clock_sleep(600000); // a round is a quarter of a second
    assert_int_equal(log_count(other_unit, 1), 1);
}

// --- notes of workers under a report

static void notes_stand_beside_a_report(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER), contact = signed_in(CONTACT), other = signed_in(OTHER);
    struct sample r;
    struct buf sealed, plain;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    buf_init(&sealed, 70000);
    buf_init_secret(&plain, 70000);
    struct record_ad ad = {.type = RECORD_REPORT, .field = RECORD_FIELD_NOTE, .version = 1, .seq = 1, .home = r.home, .item = id_random()};
    assert_int_equal(keeper_seal(keeper, &contact, &r.path, &ad, STR("shënim"), &sealed), ERR_FORBIDDEN);
    assert_int_equal(keeper_seal(keeper, &other, &r.path, &ad, STR("shënim"), &sealed), ERR_NO_KEY);
    assert_int_equal(keeper_seal(keeper, &t, &r.path, &ad, STR("shënim"), &sealed), OK);
    assert_int_equal(record_open(&plain, &r.k, &ad, buf_str(&sealed)), OK);
    assert_true(str_equal_z(buf_str(&plain), "shënim"));

    // The report and its note in one call; the note does not pass for the report, and the report is never written again.
    struct keeper_item items[2] = {r.one, {.ad = ad, .sealed = buf_str(&sealed)}};
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &r.path, items, 2, a), OK);
    assert_true(str_equal_z(items[1].plain, "shënim"));
    items[1].ad.field = 0;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &r.path, items, 2, a), ERR_TAMPERED);
    arena_free(&a);
    struct record_ad bad = ad;
    for (int field = 0; field < 5; field++) {
        bad.field = (uint8_t)field;
        bad.direction = field == RECORD_FIELD_NOTE ? RECORD_DOWN : RECORD_NONE;
        assert_int_equal(keeper_seal(keeper, &t, &r.path, &bad, STR("x"), &sealed), ERR_FORBIDDEN);
    }
    buf_free(&sealed);
    buf_free(&plain);
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
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_members_raise_an_alarm),
        cmocka_unit_test(notes_stand_beside_a_report),
    };
    return store_test_end(cmocka_run_group_tests(tests, begin, end));
}
