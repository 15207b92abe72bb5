// The life of a referral: every act in every state of either kind, and every way of any length from the first state.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "exchange/exchange.h"

// What docs/exchange.md says, written a second time: rows are states, columns acts; '.' refused, else the state's letter.
static const char *const expected[2][REFERRAL_STATES] = {
    //   accept decline ask answer return done revoke progress add, a = accepted, d = declined, q = asked, s = sent, r = returned, f = done, v = revoked
    {[REFERRAL_SENT] = "adq...v.s", [REFERRAL_ACCEPTED] = "....rfvaa", [REFERRAL_DECLINED] = ".........", [REFERRAL_ASKED] = ".d.s..v..",
     [REFERRAL_RETURNED] = "......r..", [REFERRAL_DONE] = "......f..", [REFERRAL_REVOKED] = "........."},
    {[REFERRAL_SENT] = "adq...v.s", [REFERRAL_ACCEPTED] = ".........", [REFERRAL_DECLINED] = ".........", [REFERRAL_ASKED] = ".d.s..v..",
     [REFERRAL_RETURNED] = ".........", [REFERRAL_DONE] = ".........", [REFERRAL_REVOKED] = "........."},
};
static const char letters[REFERRAL_STATES + 1] = "sadqrfv";

static void every_act_in_every_state(void **state)
{
    (void)state;
    for (int transfer = 0; transfer < 2; transfer++)
        for (unsigned s = 0; s < REFERRAL_STATES; s++)
            for (unsigned a = 0; a < REFERRAL_ACTS; a++) {
                enum referral_state to = REFERRAL_STATES;
                bool may = referral_may((enum referral_act)a, transfer, (enum referral_state)s, &to);
                char want = expected[transfer][s][a];
                if (may != (want != '.') || (may && letters[to] != want) || (!may && to != REFERRAL_STATES))
                    fail_msg("%s in %s (transfer %d)", referral_act_name((enum referral_act)a), referral_state_name((enum referral_state)s), transfer);
            }
}

// Whatever is done in whatever order: what ended stays ended and holds nothing, and what has not ended can still end.
static void walk(bool transfer, enum referral_state s, unsigned seen, int depth)
{
    bool moves = false;
    assert_true(depth < 64);
    for (unsigned a = 0; a < REFERRAL_ACTS; a++) {
        enum referral_state to;
        if (!referral_may((enum referral_act)a, transfer, s, &to))
            continue;
        moves = moves || to != s; // taking back the copy of what has ended changes no state
        if (!(seen >> to & 1))
            walk(transfer, to, seen | 1u << to, depth + 1);
    }
    assert_int_equal(moves, referral_holds(transfer, s));
}

static void every_way(void **state)
{
    (void)state;
    walk(false, REFERRAL_SENT, 1u << REFERRAL_SENT, 0);
    walk(true, REFERRAL_SENT, 1u << REFERRAL_SENT, 0);
}

static void sides(void **state)
{
    (void)state;
    for (unsigned a = 0; a < REFERRAL_ACTS; a++)
        assert_int_equal(referral_by_sender((enum referral_act)a), a == REFERRAL_ANSWER || a == REFERRAL_REVOKE || a == REFERRAL_ADD);
}

static void names(void **state)
{
    (void)state;
    enum referral_state s;
    for (unsigned i = 0; i < REFERRAL_STATES; i++) {
        assert_int_equal(referral_state_read(str_from(referral_state_name((enum referral_state)i)), &s), OK);
        assert_int_equal(s, i);
    }
    assert_int_equal(referral_state_read(STR("closed"), &s), ERR_MALFORMED);
    assert_int_equal(referral_state_read(STR(""), &s), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_in_every_state), cmocka_unit_test(every_way), cmocka_unit_test(sides), cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
