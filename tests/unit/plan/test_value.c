// Periods as they are written, a value's life walked completely, and what may be typed for each kind of indicator.
#include "unit.h"
#include "plan/value.h"

static void periods(void **state)
{
    (void)state;
    static const struct { const char *text; int first, months; } good[] = {{"2019", 0, 12}, {"2019-Q1", 0, 3}, {"2019-q4", 9, 3}, {"2019-01", 0, 1}, {"2019-12", 11, 1}};
    static const char *const bad[] = {"", "19", "2019-", "2019-Q0", "2019-Q5", "2019-00", "2019-13", "2019-1", "1999", "2200", "2019-Q11", "2019/01", "+019", "2019-+1", " 2019"};
    struct plan_period p;
    struct arena *a;
    assert_int_equal(arena_new(4096, &a), OK);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(plan_period_read(str_from(good[i].text), &p));
        assert_int_equal(p.first, 2019 * 12 + good[i].first);
        assert_int_equal(plan_period_months(p), good[i].months);
        struct plan_period again;
        assert_true(plan_period_read(plan_period_text(a, p), &again));
        assert_true(again.first == p.first && again.last == p.last);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(plan_period_read(str_from(bad[i]), &p));
    for (int month = 2000 * 12; month < 2001 * 12; month++) {
        assert_int_equal(plan_month_of_key(plan_month_key(month)), month);
        for (int months = 1; months <= 12; months += months == 1 ? 2 : 9) {
            p = plan_period_of(month, months);
            assert_true(p.first <= month && month <= p.last && plan_period_months(p) == months && p.first % months == 0);
        }
    }
    arena_free(&a);
}

// Every state, act, kind of person and lock: what is not named here is refused.
static void a_values_life(void **state)
{
    (void)state;
    const struct id own = {{1}}, other = {{2}}, writer = {{3}}, reader = {{4}};
    for (enum plan_value_state s = 0; s < PLAN_VALUE_STATES; s++)
        for (enum plan_value_act act = 0; act <= PLAN_VALUE_APPROVE; act++)
            for (int bits = 0; bits < 64; bits++) {
                bool mine = bits & 1, enters = bits & 2, all = bits & 4, approves = bits & 8, wrote = bits & 16, locked = bits & 32;
                struct plan_value_who w = {.person = wrote ? writer : reader, .institution = mine ? own : other, .enters = enters, .all = all, .approves = approves};
                struct plan_value_at v = {.institution = own, .person = writer, .state = s, .locked = locked};
                enum plan_value_state next = PLAN_VALUE_STATES;
                enum err e = plan_value_may(&w, &v, act, &next);
                bool theirs = enters && (mine || all), open = s == PLAN_VALUE_DRAFT || s == PLAN_VALUE_RETURNED;
                bool right = act == PLAN_VALUE_SAVE || act == PLAN_VALUE_SUBMIT ? theirs : act == PLAN_VALUE_RETURN ? approves : approves && !wrote;
                bool time = !locked && (act == PLAN_VALUE_SAVE || (act == PLAN_VALUE_SUBMIT ? open : act == PLAN_VALUE_RETURN ? !open : s == PLAN_VALUE_SUBMITTED));
                assert_int_equal(e, !right ? ERR_FORBIDDEN : !time ? ERR_CONFLICT : OK);
                if (e == OK)
                    assert_int_equal(next, act == PLAN_VALUE_SAVE ? PLAN_VALUE_DRAFT : act == PLAN_VALUE_SUBMIT ? PLAN_VALUE_SUBMITTED
                                           : act == PLAN_VALUE_RETURN ? PLAN_VALUE_RETURNED : PLAN_VALUE_APPROVED);
            }
}

static void count_fault(void *ctx, const char *field, enum message m)
{
    (void)field, (void)m;
    ++*(int *)ctx;
}

static void typed(void **state)
{
    (void)state;
    const struct pack_plan_indicator count = {.kind = PACK_PLAN_COUNT, .part = PACK_PLAN_WHOLE}, share = {.kind = PACK_PLAN_PERCENT, .part = PACK_PLAN_WHOLE},
                                     over = {.kind = PACK_PLAN_PERCENT, .part = PACK_PLAN_WHOLE, .over = true}, half = {.kind = PACK_PLAN_PERCENT, .part = PACK_PLAN_DENOMINATOR},
                                     money = {.kind = PACK_PLAN_MONEY, .part = PACK_PLAN_WHOLE};
    static const char none[] = "";
    const struct { const struct pack_plan_indicator *x; const char *n, *of, *blank; bool fine, there; } at[] = {
        {&count, "12", none, none, true, true}, {&count, none, none, none, true, false}, {&count, "0", none, none, true, true}, {&count, "1,5", none, none, false, false},
        {&count, "-1", none, none, false, false}, {&count, "x", none, none, false, false}, {&count, "1 000", none, none, false, false}, {&count, "1", "2", none, false, false},
        {&count, none, none, "nuk u mblodh", true, true}, {&count, "1", none, "nuk u mblodh", false, false}, {&count, none, none, "...", false, false},
        {&count, "99999999999999", none, none, false, false},
        {&share, "3", "7", none, true, true}, {&share, "3", none, none, false, false}, {&share, none, "7", none, false, false}, {&share, "8", "7", none, false, false},
        {&share, "0", "0", none, true, true}, {&share, "7", "7", none, true, true}, {&over, "8", "7", none, true, true}, {&over, "1", "0", none, false, false},
        {&half, "40", none, none, true, true}, {&half, "3", "7", none, false, false},
        {&money, "1000,25", none, none, true, true}, {&money, "1000.255", none, none, false, false}, {&money, "-5", none, none, false, false},
    };
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct plan_value_typed t = {str_from(at[i].n), str_from(at[i].of), str_from(at[i].blank), STR("")};
        struct plan_value_said said;
        int faults = 0;
        bool fine = plan_value_check(at[i].x, &t, count_fault, &faults, &said);
        if (fine != at[i].fine || (fine && plan_value_there(&said) != at[i].there) || (fine == (faults > 0)))
            fail_msg("row %zu: %s of %s", i, at[i].n, at[i].of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(periods), cmocka_unit_test(a_values_life), cmocka_unit_test(typed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
