#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "base/clock.h"
#include "people/rules.h"

static void user_names(void **state)
{
    (void)state;
    static const char *const fine[] = {"ana", "a.kola", "u-1_x", "zz"};
    static const char *const bad[] = {"", "a", "Ana", "1ana", ".ana", "ana kola", "ana@x", "anë", "a/b",
                                      "a23456789012345678901234567890123456789x1"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        assert_true(rule_user_fine(str_from(fine[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(rule_user_fine(str_from(bad[i])));
    }
    assert_false(rule_user_fine(((struct str){"an\0a", 4})));
    assert_true(rule_code_fine(STR("ALO116")) && !rule_code_fine(STR("alo")) && !rule_code_fine(STR("A")));
}

static void mail_addresses(void **state)
{
    (void)state;
    static const char *const fine[] = {"a@b.al", "ana.kola+1@asp.gov.al", "A_B%x@x-y.example"};
    static const char *const bad[] = {"", "a", "@b.al", "a@", "a@b", "a@b.", "a@.b", "a@b..al", "a b@c.al", "a@b.al\r\nBcc: x@y.al",
                                      "a@b@c.al", "-oX@b.al", "a@-b.al", "\"a\"@b.al", "anë@b.al", "a@b.al,c@d.al"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        assert_true(rule_mail_fine(str_from(fine[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(rule_mail_fine(str_from(bad[i])));
    }
}

static void passwords_differ_and_have_their_form(void **state)
{
    (void)state;
    char before[PEOPLE_PASSWORD] = "";
    for (int i = 0; i < 100; i++) {
        char p[PEOPLE_PASSWORD];
        people_password(p);
        assert_int_equal(strlen(p), 19);
        assert_string_not_equal(p, before);
        assert_true(p[4] == '-' && p[9] == '-' && p[14] == '-');
        assert_int_equal(strcspn(p, "lo01"), 19);
        memcpy(before, p, sizeof p);
    }
}

static void times_are_local_or_utc(void **state)
{
    (void)state;
    int64_t at = 0;
    assert_true(rule_time_read(STR("2026-11-23T20:15"), &at)); // Tirana, winter: one hour ahead
    int64_t utc = 0;
    assert_true(rule_time_read(STR("2026-11-23T19:15:00Z"), &utc));
    assert_int_equal(at, utc);
    assert_int_equal(utc, INT64_C(1795461300) * CLOCK_SECOND);
    assert_true(rule_time_read(STR("2026-07-01T12:00"), &at));
    assert_true(rule_time_read(STR("2026-07-01T10:00:00Z"), &utc)); // summer: two hours
    assert_int_equal(at, utc);
    assert_true(rule_time_read(STR("2028-02-29T00:00Z"), &at));
    static const char *const skipped[] = {"2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59:59"}; // 01:59 is followed by 03:00
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++) {
        assert_false(rule_time_read(str_from(skipped[i]), &at));
        assert_true(rule_time_skipped(str_from(skipped[i])));
    }
    static const char *const there[] = {"2027-03-28T01:59", "2027-03-28T03:00", "2027-03-28T02:30Z", "2027-10-31T02:30"}; // the last one twice
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        assert_true(rule_time_read(str_from(there[i]), &at));
        assert_false(rule_time_skipped(str_from(there[i])));
    }
    assert_false(rule_time_skipped(STR("2027-03-28")));
    static const char *const bad[] = {"", "2026", "2026-11-23", "2026-13-01T10:00", "2026-02-29T10:00", "2026-04-31T10:00Z", "2026-11-23T24:00",
                                      "2026-11-23T10:60", "2026-11-23 10:00", "2026-11-23T10:00+01:00", "2026-11-23T10:00:61Z",
                                      "1999-01-01T00:00", "2026-1-23T10:00", "2026-11-23T10:00 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        at = 7;
        assert_false(rule_time_read(str_from(bad[i]), &at));
        assert_int_equal(at, 7);
    }
}

static void otpauth(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(4096, &a), OK);
    assert_true(str_equal_z(rule_otpauth(a, STR("ana"), STR("ABCD")),
                            "otpauth://totp/isigurt:ana?secret=ABCD&issuer=isigurt&digits=6&period=30"));
    arena_free(&a);
}

static struct people_slot slot(int64_t from, int64_t to)
{
    return (struct people_slot){.starts = from, .ends = to, .works = true};
}

static void gaps(void **state)
{
    (void)state;
    struct people_gap g[4];
    assert_int_equal(rule_gaps(NULL, 0, 10, 20, g, 4), 1);
    assert_true(g[0].from == 10 && g[0].to == 20);
    struct people_slot always[] = {slot(0, INT64_MAX)};
    assert_int_equal(rule_gaps(always, 1, 10, 20, g, 4), 0);
    always[0].works = false; // disabled, or no member any more
    assert_int_equal(rule_gaps(always, 1, 10, 20, g, 4), 1);
    struct people_slot some[] = {slot(15, 17), slot(0, 12), slot(11, 14), slot(16, 18)}; // in no order, overlapping
    assert_int_equal(rule_gaps(some, 4, 10, 20, g, 4), 2);
    assert_true(g[0].from == 14 && g[0].to == 15 && g[1].from == 18 && g[1].to == 20);
    assert_int_equal(rule_gaps(some, 4, 10, 20, g, 1), 1); // never more than asked
    struct people_slot touching[] = {slot(10, 15), slot(15, 20)};
    assert_int_equal(rule_gaps(touching, 2, 10, 20, g, 4), 0);
    struct people_slot later[] = {slot(30, 40)};
    assert_int_equal(rule_gaps(later, 1, 10, 20, g, 4), 1);
    assert_true(g[0].from == 10 && g[0].to == 20);
    assert_int_equal(rule_gaps(later, 1, 10, 10, g, 4), 0);
}

int main(void)
{
    setenv("TZ", "Europe/Tirane", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_names), cmocka_unit_test(mail_addresses), cmocka_unit_test(passwords_differ_and_have_their_form),
        cmocka_unit_test(times_are_local_or_utc), cmocka_unit_test(otpauth), cmocka_unit_test(gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
