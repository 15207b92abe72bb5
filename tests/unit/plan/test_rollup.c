// Values put together over time and places, against figures worked out on paper and against a slow reference.
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include "plan/rollup.h"

#define N(x) ((int64_t)(x) * PLAN_ONE)
#define YEAR 0, 11
#define Q(q) 3 * (q) - 3, 3 * (q) - 1
#define M(m) (m) - 1, (m) - 1

static struct plan_figure roll(const struct plan_cell *cells, size_t n, int first, int last, enum plan_rule time, enum plan_rule places)
{
    struct plan_cell copy[32];
    struct plan_figure f;
    assert_true(n <= 32);
    if (n)
        memcpy(copy, cells, n * sizeof *cells);
    assert_int_equal(plan_rollup(copy, n, first, last, time, places, &f), OK);
    return f;
}

static void what_happened_is_added(void **state)
{
    (void)state;
    const struct plan_cell cells[] = {{Q(2), 1, N(4), 0}, {Q(1), 1, N(3), 0}, {Q(1), 2, 0, 0}, {Q(4), 2, N(6), 0}};
    struct plan_figure f = roll(cells, 4, YEAR, PLAN_SUM, PLAN_SUM);
    assert_true(f.has);
    assert_int_equal(f.n, N(13));
    assert_int_equal(f.places, 2);
    f = roll(cells, 4, Q(1), PLAN_SUM, PLAN_SUM);
    assert_int_equal(f.n, N(3)); // 3 and a zero: two places have a value
    assert_int_equal(f.places, 2);
    f = roll(cells, 4, Q(3), PLAN_SUM, PLAN_SUM);
    assert_false(f.has); // missing is missing
    f = roll(cells + 2, 1, YEAR, PLAN_SUM, PLAN_SUM);
    assert_true(f.has); // zero is zero
    assert_int_equal(f.n, 0);
}

static void what_stands_is_never_added_over_time(void **state)
{
    (void)state;
    // A cumulative value of two counties: the last of each, also where one has not told the last quarter yet.
    const struct plan_cell cells[] = {{Q(1), 1, N(10), 0}, {Q(2), 1, N(14), 0}, {Q(3), 1, N(14), 0}, {Q(1), 2, N(5), 0}, {Q(2), 2, N(9), 0}};
    assert_int_equal(roll(cells, 5, YEAR, PLAN_LATEST, PLAN_SUM).n, N(23));
    // A late value of an earlier period changes that period only.
    const struct plan_cell late[] = {{Q(3), 1, N(14), 0}, {Q(2), 1, N(99), 0}};
    assert_int_equal(roll(late, 2, YEAR, PLAN_LATEST, PLAN_SUM).n, N(14));
    assert_int_equal(roll(late, 2, Q(2), PLAN_LATEST, PLAN_SUM).n, N(99));
    assert_int_equal(roll(cells, 5, YEAR, PLAN_MAX, PLAN_MAX).n, N(14));
}

static void percentages_come_from_their_parts(void **state)
{
    (void)state;
    // 1 of 2 and 90 of 100 are 91 of 102, not 70 %.
    const struct plan_cell cells[] = {{Q(1), 1, N(1), N(2)}, {Q(1), 2, N(90), N(100)}};
    struct plan_figure f = roll(cells, 2, YEAR, PLAN_RATIO, PLAN_RATIO);
    assert_int_equal(f.n, N(91));
    assert_int_equal(f.of, N(102));
    const struct plan_cell later[] = {{Q(1), 1, N(1), N(2)}, {Q(2), 1, N(2), N(4)}, {Q(1), 2, N(90), N(100)}};
    f = roll(later, 3, YEAR, PLAN_LATEST, PLAN_RATIO);
    assert_int_equal(f.n, N(92));
    assert_int_equal(f.of, N(104));
    const struct plan_cell none[] = {{Q(1), 1, 0, 0}}; // a denominator of 0 divides nothing
    f = roll(none, 1, YEAR, PLAN_RATIO, PLAN_RATIO);
    assert_true(f.has);
    assert_int_equal(f.of, 0);
    f = roll(cells, 2, YEAR, PLAN_MAX, PLAN_MAX); // 90 % is more than 50 %
    assert_int_equal(f.n, N(90));
}

static void who_was_counted_once_is_not_added(void **state)
{
    (void)state;
    const struct plan_cell cells[] = {{Q(1), 1, N(10), 0}, {Q(2), 1, N(12), 0}};
    struct plan_figure f = roll(cells, 2, YEAR, PLAN_DISTINCT, PLAN_DISTINCT);
    assert_false(f.has);
    assert_true(f.apart);
    f = roll(cells, 2, Q(2), PLAN_DISTINCT, PLAN_DISTINCT);
    assert_true(f.has);
    assert_int_equal(f.n, N(12));
    const struct plan_cell whole[] = {{Q(1), 1, N(10), 0}, {Q(2), 1, N(12), 0}, {YEAR, 1, N(15), 0}};
    f = roll(whole, 3, YEAR, PLAN_DISTINCT, PLAN_DISTINCT);
    assert_int_equal(f.n, N(15)); // the year's own value is the year's
}

static void a_longer_value_stands_for_those_within(void **state)
{
    (void)state;
    const struct plan_cell cells[] = {{M(1), 1, N(1), 0}, {M(2), 1, N(1), 0}, {Q(1), 1, N(5), 0}, {M(4), 1, N(2), 0}, {Q(1), 2, N(7), 0}};
    assert_int_equal(roll(cells, 5, YEAR, PLAN_SUM, PLAN_SUM).n, N(14));
    assert_int_equal(roll(cells, 5, M(1), PLAN_SUM, PLAN_SUM).n, N(1)); // of January alone, January's
}

static void too_much_is_told(void **state)
{
    (void)state;
    struct plan_cell cells[] = {{M(1), 1, PLAN_AMOUNT_MAX, 0}, {M(2), 1, 1, 0}};
    struct plan_figure f = {.n = 7};
    assert_int_equal(plan_rollup(cells, 2, YEAR, PLAN_SUM, PLAN_SUM, &f), ERR_TOO_LARGE);
    assert_int_equal(f.n, 7);
    assert_int_equal(plan_rollup(NULL, 0, YEAR, PLAN_SUM, PLAN_SUM, &f), OK);
    assert_false(f.has);
}

// Random months of random places in random order: the sum, the last and the greatest, counted slowly.
static void against_the_slow_way(void **state)
{
    (void)state;
    srand(20191231);
    for (int round = 0; round < 5000; round++) {
        struct plan_cell cells[32];
        size_t n = 0;
        int64_t sum = 0, most = INT64_MIN, latest[4] = {0};
        int last_month[4] = {-1, -1, -1, -1};
        for (int place = 0; place < 4; place++)
            for (int month = 0; month < 8; month++)
                if (rand() % 3)
                    cells[n++] = (struct plan_cell){month, month, (uint32_t)place, N(rand() % 50), 0};
        for (size_t i = n; i-- > 1;) {
            size_t k = (size_t)rand() % (i + 1);
            struct plan_cell swap = cells[i];
            cells[i] = cells[k];
            cells[k] = swap;
        }
        for (size_t i = 0; i < n; i++) {
            sum += cells[i].n;
            most = cells[i].n > most ? cells[i].n : most;
            if (cells[i].first > last_month[cells[i].place]) {
                last_month[cells[i].place] = cells[i].first;
                latest[cells[i].place] = cells[i].n;
            }
        }
        assert_int_equal(roll(cells, n, YEAR, PLAN_SUM, PLAN_SUM).n, sum);
        if (n)
            assert_int_equal(roll(cells, n, YEAR, PLAN_MAX, PLAN_MAX).n, most);
        assert_int_equal(roll(cells, n, YEAR, PLAN_LATEST, PLAN_SUM).n, latest[0] + latest[1] + latest[2] + latest[3]);
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {cmocka_unit_test(what_happened_is_added), cmocka_unit_test(what_stands_is_never_added_over_time),
        cmocka_unit_test(percentages_come_from_their_parts), cmocka_unit_test(who_was_counted_once_is_not_added),
        cmocka_unit_test(a_longer_value_stands_for_those_within), cmocka_unit_test(too_much_is_told), cmocka_unit_test(against_the_slow_way)};
    return cmocka_run_group_tests(all, NULL, NULL);
}
