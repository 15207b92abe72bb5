// Suppression attacked: random tables are published with all that is not hidden, and an attacker who knows the sums, that
// counts are whole, and that a hidden one is at least 1, tries to work hidden cells out: by trying all fillings where the
// table is small, by solving the equations where it is large. Neither uses what suppress.c knows of cycles.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/suppress.h"

#define SIDE 27
#define CELLS (SIDE * SIDE)
#define LEAST 5
struct made { size_t rows, cols; int64_t cell[CELLS]; bool hidden[CELLS]; };
static uint64_t seed = 20261124;

static uint64_t dice(uint64_t n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % n;
}

static size_t at(const struct made *t, size_t r, size_t c) { return r * (t->cols + 1) + c; }

static void add_up(struct made *t)
{
    for (size_t r = 0; r <= t->rows; r++)
        t->cell[at(t, r, t->cols)] = 0;
    for (size_t c = 0; c <= t->cols; c++)
        t->cell[at(t, t->rows, c)] = 0;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->cols; c++) {
            int64_t v = t->cell[at(t, r, c)];
            t->cell[at(t, r, t->cols)] += v;
            t->cell[at(t, t->rows, c)] += v;
            t->cell[at(t, t->rows, t->cols)] += v;
        }
}

static void random_table(struct made *t, size_t rows, size_t cols, uint64_t zeros, uint64_t top)
{
    *t = (struct made){.rows = rows, .cols = cols};
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++)
            t->cell[at(t, r, c)] = dice(100) < zeros ? 0 : (int64_t)dice(dice(3) ? top : 7);
    add_up(t);
}

// ── all fillings of a small table ──
struct trial { const struct made *t; int64_t v[CELLS]; bool open[CELLS]; int64_t low[CELLS], high[CELLS]; uint64_t steps; };

static bool line_may(const struct trial *x, size_t n, size_t first, size_t step, size_t sum)
{
    int64_t got = 0, cap = x->open[sum] ? 60 : x->v[sum];
    bool all = true;
    for (size_t i = 0; i < n; i++) {
        if (x->open[first + i * step])
            all = false, got += 1; // at least
        else
            got += x->v[first + i * step];
    }
    return all && !x->open[sum] ? got == x->v[sum] : got <= cap;
}

static bool agrees(const struct trial *x)
{
    const struct made *t = x->t;
    size_t w = t->cols + 1;
    for (size_t r = 0; r <= t->rows; r++)
        if (!line_may(x, t->cols, r * w, 1, r * w + t->cols))
            return false;
    for (size_t c = 0; c <= t->cols; c++)
        if (!line_may(x, t->rows, c, w, t->rows * w + c))
            return false;
    return true;
}

static void fill(struct trial *x, size_t i)
{
    size_t n = (x->t->rows + 1) * (x->t->cols + 1);
    while (i < n && !x->t->hidden[i])
        i++;
    if (++x->steps > 200000)
        return;
    if (i == n) {
        for (size_t k = 0; k < n; k++) {
            x->low[k] = x->v[k] < x->low[k] ? x->v[k] : x->low[k];
            x->high[k] = x->v[k] > x->high[k] ? x->v[k] : x->high[k];
        }
        return;
    }
    x->open[i] = false;
    for (x->v[i] = 1; x->v[i] <= 60; x->v[i]++)
        if (agrees(x))
            fill(x, i + 1);
    x->open[i] = true;
}

// Which of the hidden cells have one possible value only; false where there were too many fillings to look at.
static bool all_fillings(const struct made *t, bool known[CELLS])
{
    static struct trial x;
    size_t n = (t->rows + 1) * (t->cols + 1);
    x = (struct trial){.t = t};
    for (size_t i = 0; i < n; i++) {
        x.open[i] = t->hidden[i];
        x.v[i] = t->cell[i];
        x.low[i] = INT64_MAX;
        x.high[i] = INT64_MIN;
    }
    fill(&x, 0);
    for (size_t i = 0; i < n; i++)
        known[i] = t->hidden[i] && x.low[i] == x.high[i];
    return x.steps <= 200000;
}

// ── the equations of a large table, solved modulo a prime ──
#define PRIME 1000003
static int64_t power(int64_t b, int64_t e)
{
    int64_t out = 1;
    for (; e; e >>= 1, b = b * b % PRIME)
        if (e & 1)
            out = out * b % PRIME;
    return out;
}

// A hidden cell is determined by the equations where reducing them leaves one that names it alone.
static void equations(const struct made *t, bool known[CELLS])
{
    static int64_t m[2 * SIDE + 2][CELLS];
    size_t var[CELLS], n = 0, lines = 0, w = t->cols + 1;
    memset(m, 0, sizeof m);
    memset(known, 0, CELLS);
    for (size_t i = 0; i < (t->rows + 1) * w; i++)
        if (t->hidden[i])
            var[n++] = i;
    for (size_t r = 0; r <= t->rows; r++, lines++)
        for (size_t k = 0; k < n; k++)
            if (var[k] / w == r)
                m[lines][k] = var[k] % w == t->cols ? PRIME - 1 : 1;
    for (size_t c = 0; c <= t->cols; c++, lines++)
        for (size_t k = 0; k < n; k++)
            if (var[k] % w == c)
                m[lines][k] = var[k] / w == t->rows ? PRIME - 1 : 1;
    size_t done = 0;
    for (size_t k = 0; k < n && done < lines; k++) {
        size_t p = done;
        while (p < lines && m[p][k] == 0)
            p++;
        if (p == lines)
            continue;
        for (size_t j = 0; j < n; j++) {
            int64_t keep = m[p][j];
            m[p][j] = m[done][j];
            m[done][j] = keep;
        }
        int64_t inverse = power(m[done][k], PRIME - 2);
        for (size_t j = 0; j < n; j++)
            m[done][j] = m[done][j] * inverse % PRIME;
        for (size_t l = 0; l < lines; l++)
            if (l != done && m[l][k]) {
                int64_t times = m[l][k];
                for (size_t j = 0; j < n; j++)
                    m[l][j] = (m[l][j] + (PRIME - times) * m[done][j]) % PRIME;
            }
        done++;
    }
    for (size_t l = 0; l < done; l++) {
        size_t named = 0, last = 0;
        for (size_t k = 0; k < n; k++)
            if (m[l][k])
                named++, last = k;
        if (named == 1)
            known[var[last]] = true;
    }
}

static void small_hidden(const struct made *t)
{
    for (size_t i = 0; i < (t->rows + 1) * (t->cols + 1); i++) {
        assert_true(t->hidden[i] || t->cell[i] == 0 || t->cell[i] >= LEAST);
        assert_false(t->hidden[i] && t->cell[i] == 0);
    }
}

static void no_filling_tells(void **state)
{
    (void)state;
    static struct made t;
    bool known[CELLS];
    unsigned looked = 0;
    for (int round = 0; round < 600; round++) {
        random_table(&t, 1 + dice(3), 1 + dice(3), dice(70), 14);
        assert_int_equal(suppress_table(t.cell, t.hidden, t.rows, t.cols, LEAST), OK);
        small_hidden(&t);
        if (!all_fillings(&t, known))
            continue;
        looked++;
        for (size_t i = 0; i < (t.rows + 1) * (t.cols + 1); i++)
            if (known[i])
                fail_msg("round %d: %zu×%zu, cell %zu is known", round, t.rows, t.cols, i);
    }
    assert_true(looked > 300);
}

static void no_equation_tells(void **state)
{
    (void)state;
    static struct made t;
    bool known[CELLS];
    for (int round = 0; round < 100; round++) {
        random_table(&t, 1 + dice(SIDE - 1), 1 + dice(SIDE - 1), dice(95), 2 + dice(40));
        assert_int_equal(suppress_table(t.cell, t.hidden, t.rows, t.cols, LEAST), OK);
        small_hidden(&t);
        equations(&t, known);
        for (size_t i = 0; i < (t.rows + 1) * (t.cols + 1); i++)
            if (known[i])
                fail_msg("round %d: %zu×%zu, cell %zu is known", round, t.rows, t.cols, i);
    }
}

// The attackers can do it: hiding small cells alone is worked out by both, and suppress_exposed says the same as trying.
static void primary_alone_is_worked_out(void **state)
{
    (void)state;
    static struct made t;
    bool known[CELLS], solved[CELLS];
    unsigned found = 0, agreed = 0;
    for (int round = 0; round < 500; round++) {
        random_table(&t, 1 + dice(3), 1 + dice(3), 30, 14);
        for (size_t i = 0; i < (t.rows + 1) * (t.cols + 1); i++)
            t.hidden[i] = t.cell[i] > 0 && t.cell[i] < LEAST;
        if (!all_fillings(&t, known))
            continue;
        equations(&t, solved);
        for (size_t r = 0; r <= t.rows; r++)
            for (size_t c = 0; c <= t.cols; c++) {
                bool exposed;
                if (!t.hidden[at(&t, r, c)])
                    continue;
                assert_int_equal(suppress_exposed(t.cell, t.hidden, t.rows, t.cols, r, c, &exposed), OK);
                assert_int_equal(exposed, known[at(&t, r, c)]);
                assert_true(known[at(&t, r, c)] || !solved[at(&t, r, c)]);
                found += exposed;
                agreed++;
            }
    }
    assert_true(found > 60 && agreed > found);
}

static void lists(void **state)
{
    (void)state;
    static struct made t;
    bool known[CELLS];
    for (int round = 0; round < 300; round++) { // of five ones with sum 5, the sum must go too
        random_table(&t, 1, 1 + dice(6), 20, 6);
        assert_int_equal(suppress_table(t.cell, t.hidden, t.rows, t.cols, LEAST), OK);
        for (size_t c = 0; c <= t.cols; c++)
            assert_int_equal(t.hidden[at(&t, 0, c)], t.hidden[at(&t, 1, c)]);
        if (all_fillings(&t, known))
            for (size_t c = 0; c <= t.cols; c++)
                assert_false(known[at(&t, 0, c)]);
    }
}

// A total that another table must hide stays hidden here, and nothing here gives it away.
static void forced(void **state)
{
    (void)state;
    static struct made t;
    bool known[CELLS];
    for (int round = 0; round < 150; round++) {
        random_table(&t, 1 + dice(3), 1 + dice(3), 30, 14);
        size_t total = at(&t, t.rows, t.cols);
        t.hidden[total] = t.cell[total] > 0;
        assert_int_equal(suppress_table(t.cell, t.hidden, t.rows, t.cols, LEAST), OK);
        assert_int_equal(t.hidden[total], t.cell[total] > 0);
        if (all_fillings(&t, known))
            assert_false(known[total]);
    }
}

static void little_is_lost(void **state)
{
    (void)state;
    const int64_t fine[] = {10, 20, 30, 5, 0, 5, 15, 20, 35}, one[] = {3, 20, 30, 53, 40, 50, 60, 150, 7, 80, 90, 177, 50, 150, 180, 380};
    bool hidden[16] = {false};
    assert_int_equal(suppress_table(fine, hidden, 2, 2, LEAST), OK);
    for (int i = 0; i < 9; i++)
        assert_false(hidden[i]);
    assert_int_equal(suppress_table(one, hidden, 3, 3, LEAST), OK);
    int n = 0;
    for (int i = 0; i < 16; i++)
        n += hidden[i];
    assert_int_equal(n, 4); // the small one and the three that close the cheapest square
    assert_true(hidden[0] && hidden[8] && !hidden[15]);
}

static void refused(void **state)
{
    (void)state;
    int64_t wrong[] = {1, 2, 4, 1, 2, 3}, minus[] = {-1, 2, 1, -1, 2, 1};
    bool hidden[6] = {false}, out;
    assert_int_equal(suppress_table(wrong, hidden, 1, 2, LEAST), ERR_INVALID);
    assert_true(hidden[0] && hidden[5]);
    assert_int_equal(suppress_table(minus, hidden, 1, 2, LEAST), ERR_INVALID);
    assert_int_equal(suppress_table(wrong, hidden, 0, 2, LEAST), ERR_INVALID);
    int64_t right[] = {0, 9, 9, 0, 9, 9};
    memset(hidden, 0, sizeof hidden);
    assert_int_equal(suppress_table(right, hidden, 1, 2, 0), ERR_INVALID);
    memset(hidden, 0, sizeof hidden);
    hidden[0] = true; // a zero cannot be hidden
    assert_int_equal(suppress_table(right, hidden, 1, 2, LEAST), ERR_INVALID);
    memset(hidden, 0, sizeof hidden);
    assert_int_equal(suppress_exposed(right, hidden, 1, 2, 0, 1, &out), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_filling_tells), cmocka_unit_test(no_equation_tells), cmocka_unit_test(primary_alone_is_worked_out),
        cmocka_unit_test(lists), cmocka_unit_test(forced), cmocka_unit_test(little_is_lost), cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
