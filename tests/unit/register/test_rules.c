// Every act in every state, for each kind of person: what is not in the table is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "register/rules.h"

static const struct str owners[] = {{"industry", 8}, {"regulator", 9}};
static const struct pack_register plain = {.owner = owners, .n_owners = 2}, confirmed = {.owner = owners, .n_owners = 2, .confirmer = {"AKEP", 4}};
static const struct id isp = {{1}}, other = {{3}}, beni = {{11}};

// who: owner, confirmer, its second person, a stranger, the coordinator, the owner without the permission
enum { OWNER, CONFIRMER, WRITER, STRANGER, COORDINATOR, READER, PEOPLE };
static struct entry_who person(int who)
{
    static const struct entry_who all[PEOPLE] = {
        [OWNER] = {{{10}}, {{1}}, {"ISP", 3}, {"industry", 8}, true, false}, [CONFIRMER] = {{{12}}, {{2}}, {"AKEP", 4}, {"regulator", 9}, true, false},
        [WRITER] = {{{11}}, {{2}}, {"AKEP", 4}, {"regulator", 9}, true, false}, [STRANGER] = {{{13}}, {{3}}, {"MASR", 4}, {"ministry", 8}, true, false},
        [COORDINATOR] = {{{14}}, {{3}}, {"ASHDMF", 6}, {"agency", 6}, true, true}, [READER] = {{{10}}, {{1}}, {"ISP", 3}, {"industry", 8}, false, false},
    };
    return all[who];
}

// For each act a line of states draft entered returned confirmed removed: '+' may, '-' conflict, '.' forbidden.
static const struct { enum entry_act act; const char *may[PEOPLE]; } table[] = {
    {ENTRY_SAVE, {"++++-", ".....", ".....", ".....", "++++-", "....."}},
    {ENTRY_ENTER, {"+-+--", ".....", ".....", ".....", "+-+--", "....."}},
    {ENTRY_STAGE, {"++++-", ".....", ".....", ".....", "++++-", "....."}},
    {ENTRY_REMOVE, {"++++-", ".....", ".....", ".....", "++++-", "....."}},
    {ENTRY_CONFIRM, {".....", "-+---", ".....", ".....", ".....", "....."}},
    {ENTRY_RETURN, {".....", "-+-+-", "-+-+-", ".....", ".....", "....."}},
};

static void acts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (int who = 0; who < PEOPLE; who++)
            for (enum entry_state s = 0; s < ENTRY_STATES; s++) {
                struct entry_who w = person(who);
                struct entry_at x = {.institution = isp, .person = beni, .state = s}; // beni of AKEP wrote last
                enum entry_state next = ENTRY_STATES;
                enum err e = entry_may(&confirmed, &w, &x, table[i].act, &next);
                char c = e == OK ? '+' : e == ERR_CONFLICT ? '-' : '.';
                if (c != table[i].may[who][s])
                    fail_msg("act %d, person %d, %s: %c", (int)table[i].act, who, entry_state_name(s), c);
            }
}

static void afterwards(void **state)
{
    (void)state;
    struct entry_who w = person(OWNER);
    static const struct { enum entry_act act; enum entry_state from, to; } rows[] = {
        {ENTRY_SAVE, ENTRY_DRAFT, ENTRY_DRAFT}, {ENTRY_SAVE, ENTRY_RETURNED, ENTRY_DRAFT}, {ENTRY_SAVE, ENTRY_ENTERED, ENTRY_ENTERED},
        {ENTRY_SAVE, ENTRY_CONFIRMED, ENTRY_ENTERED}, {ENTRY_STAGE, ENTRY_CONFIRMED, ENTRY_ENTERED}, {ENTRY_STAGE, ENTRY_DRAFT, ENTRY_DRAFT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct entry_at x = {.institution = isp, .person = beni, .state = rows[i].from};
        enum entry_state next = ENTRY_STATES;
        assert_int_equal(entry_may(&confirmed, &w, &x, rows[i].act, &next), OK);
        assert_int_equal(next, rows[i].to);
    }
    assert_true(entry_counts(&plain, ENTRY_ENTERED) && !entry_counts(&confirmed, ENTRY_ENTERED) && entry_counts(&confirmed, ENTRY_CONFIRMED));
    assert_false(entry_counts(&plain, ENTRY_DRAFT) || entry_counts(&plain, ENTRY_RETURNED) || entry_counts(&plain, ENTRY_REMOVED));
}

static void seen(void **state)
{
    (void)state;
    static const char *const may[PEOPLE] = {"+++++", ".+++.", ".+++.", ".+.+.", "+++++", "+++++"};
    for (int who = 0; who < PEOPLE; who++)
        for (enum entry_state s = 0; s < ENTRY_STATES; s++) {
            struct entry_who w = person(who);
            struct entry_at x = {.institution = isp, .person = beni, .state = s};
            assert_int_equal(entry_may_see(&confirmed, &w, &x), may[who][s] == '+');
        }
    struct entry_at foreign = {.institution = other, .state = ENTRY_DRAFT};
    struct entry_who w = person(OWNER);
    assert_false(entry_may_see(&plain, &w, &foreign));
    w = person(STRANGER);
    assert_false(entry_may_add(&plain, &w)); // a ministry is no owner of it
    w = person(READER);
    assert_false(entry_may_add(&plain, &w));
    w = person(COORDINATOR);
    assert_true(entry_may_add(&plain, &w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(acts), cmocka_unit_test(afterwards), cmocka_unit_test(seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
