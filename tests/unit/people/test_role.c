// The whole table, spelled out a second time: a permission given or taken must be changed in both places.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "people/role.h"

static const char *const perm_names[PERM_COUNT] = {
    [PERM_PUBLIC] = "public", [PERM_RECEIPT] = "receipt", [PERM_SIGNED_IN] = "signed_in", [PERM_REPORT_LIST] = "list",
    [PERM_REPORT_READ] = "read", [PERM_REPORT_TAKE] = "take", [PERM_REPORT_ASSESS] = "assess", [PERM_REPORT_ANSWER] = "answer",
    [PERM_PEOPLE_LIST] = "people", [PERM_PEOPLE_ADMIN] = "admin", [PERM_UNIT_ADMIT] = "admit", [PERM_ROSTER_EDIT] = "roster",
    [PERM_AUDIT_READ] = "audit", [PERM_SETTINGS] = "settings", [PERM_CASE_LIST] = "cases", [PERM_CASE_READ] = "case_read", [PERM_CASE_EDIT] = "case_edit",
    [PERM_CASE_APPROVE] = "case_approve", [PERM_REFERRAL_LIST] = "referrals", [PERM_REFERRAL_READ] = "referral_read",
    [PERM_REFERRAL_SEND] = "referral_send", [PERM_REFERRAL_ACT] = "referral_act",
    [PERM_SEARCH] = "search", [PERM_FIGURES] = "figures", [PERM_LOAD] = "load",
    [PERM_CONTACT_LIST] = "contacts", [PERM_DIRECTORY] = "directory", [PERM_MODERATE] = "moderate",
    [PERM_REGISTER_READ] = "entry_look", [PERM_REGISTER_EDIT] = "entry_write", [PERM_REGISTER_ALL] = "entry_all",
    [PERM_PLAN_READ] = "plan_look", [PERM_PLAN_EDIT] = "plan_write", [PERM_PLAN_ENTER] = "plan_enter", [PERM_PLAN_APPROVE] = "plan_approve",
    [PERM_RETENTION] = "retention", [PERM_ERASE] = "erase", [PERM_UNIT_CONFIRM] = "confirm", [PERM_REFERRAL_LATE] = "late",
};

// Beyond public, receipt, signed_in and directory, which all have.
#define CASES "contacts cases case_read case_edit case_approve referrals referral_read referral_send referral_act"
static const struct { const char *role, *perms; } expected[] = {
    {"duty_officer", "search list read take assess answer people " CASES},
    {"analyst", "search list read take assess answer people " CASES},
    {"supervisor", "search figures list read take assess answer people admit roster load retention " CASES},
    {"helpline", ""},
    {"contact", "plan_look plan_enter entry_look entry_write search admit " CASES},
    {"ict_teacher", ""},
    {"director", ""},
    {"directorate", "plan_look plan_enter entry_look entry_write"},
    {"indicator_owner", "plan_look plan_enter entry_look entry_write"},
    {"coordinator", "plan_look plan_enter plan_write plan_approve entry_look entry_write entry_all figures contacts late moderate confirm"},
    {"monitor", "plan_look entry_look"},
    {"clerk", "plan_look plan_enter entry_look entry_write"},
    {"editor", "plan_look entry_look"},
    {"oversight", "plan_look entry_look audit figures contacts late retention erase confirm"},
    {"administrator", "people admin roster settings contacts retention"},
};

static void every_role_has_exactly_its_permissions(void **state)
{
    (void)state;
    const struct role_table *t = people_role_table();
    assert_int_equal(sizeof expected / sizeof *expected, ROLE_COUNT);
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        enum role r = people_role_named(expected[i].role, strlen(expected[i].role));
        assert_true(r < ROLE_COUNT);
        assert_string_equal(t->name[r], expected[i].role);
        uint64_t want = 1ull << PERM_PUBLIC | 1ull << PERM_RECEIPT | 1ull << PERM_SIGNED_IN | 1ull << PERM_DIRECTORY;
        for (unsigned p = PERM_REPORT_LIST; p < PERM_COUNT; p++) {
            assert_non_null(perm_names[p]);
            size_t n = strlen(perm_names[p]);
            bool has = false;
            for (const char *at = expected[i].perms; !has && (at = strstr(at, perm_names[p])); at++)
                has = (at == expected[i].perms || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0');
            want |= has ? 1ull << p : 0;
        }
        assert_int_equal(t->perms[r], want);
    }
}

static void nothing_is_allowed_by_default(void **state)
{
    (void)state;
    const struct role_table *t = people_role_table();
    for (unsigned p = 0; p < PERM_COUNT; p++) {
        assert_false(role_may(t, 0, (enum perm)p));
    }
    assert_false(role_may(t, UINT32_MAX, PERM_REFUSED));
}

// What SPEC says that each may never do.
static void what_may_never_be(void **state)
{
    (void)state;
    const struct role_table *t = people_role_table();
    static const enum perm content[] = {PERM_REPORT_LIST, PERM_REPORT_READ, PERM_REPORT_TAKE, PERM_REPORT_ASSESS, PERM_REPORT_ANSWER};
    for (size_t i = 0; i < sizeof content / sizeof *content; i++) {
        assert_false(role_may(t, 1u << ROLE_ADMINISTRATOR, content[i]));
        assert_false(role_may(t, 1u << ROLE_OVERSIGHT, content[i]));
        assert_false(role_may(t, 1u << ROLE_HELPLINE, content[i]));
    }
    assert_false(role_may(t, 1u << ROLE_ADMINISTRATOR, PERM_UNIT_ADMIT));
    assert_true(role_may(t, 1u << ROLE_ANALYST | 1u << ROLE_OVERSIGHT, PERM_AUDIT_READ)); // roles add up
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(people_role_named("analyst", 7), ROLE_ANALYST);
    assert_int_equal(people_role_named("analysts", 8), ROLE_COUNT);
    assert_int_equal(people_role_named("", 0), ROLE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_has_exactly_its_permissions), cmocka_unit_test(nothing_is_allowed_by_default),
        cmocka_unit_test(what_may_never_be), cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
