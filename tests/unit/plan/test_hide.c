// Small numbers of persons attacked: years of random records are published as the plan publishes them, and for each number that is
// hidden another filling is looked for that agrees with all that a reader sees: counties, the country, numerators, denominators,
// indicators that count parts of one another. Where there is none, the reader knows the number. The attack knows nothing of how
// the program hides: it has the records and what came out.
#include "unit.h"
#include <string.h>
#include "base/arena.h"
#include "base/share.h"
#include "plan/year.h"

// What is counted, as parts that do not overlap.
enum atom { REPORT, HELPLINE, SAFE, ADVICE, OTHER, STAFF_DATA, STAFF, DATA, REST, CAMPAIGN, ATOMS };
#define PLACES_MAX 32
#define B(x) (1u << (x))
static const struct figure { const char *code; uint32_t n, of; bool county, persons; } figures[] = {
    {"1.3.c", B(REPORT), 0, true, true},
    {"4.1.a", B(REPORT) | B(HELPLINE), 0, true, true},
    {"4.1.b", B(REPORT), B(REPORT) | B(HELPLINE), false, true},
    {"3.1.c", B(SAFE), 0, true, true},
    {"4.1.c", B(SAFE) | B(ADVICE), B(SAFE) | B(ADVICE) | B(OTHER), true, true},
    {"1.3.b", B(STAFF_DATA) | B(STAFF) | B(DATA) | B(REST), 0, true, true},
    {"1.4.d", B(STAFF_DATA) | B(STAFF), 0, true, false}, // its denominator is entered and has no part in this
    {"X.8", B(STAFF_DATA) | B(DATA), 0, false, false},
    {"4.3.c", B(CAMPAIGN), 0, true, true},
};
#define FIGURES (sizeof figures / sizeof *figures)
// What an alternative may move together.
static const struct room { uint32_t atoms; } rooms[] = {
    {B(REPORT) | B(HELPLINE)}, {B(SAFE) | B(ADVICE) | B(OTHER)}, {B(STAFF_DATA) | B(STAFF) | B(DATA) | B(REST)}, {B(CAMPAIGN)}};

static struct pack *pack;
static const struct pack_plan *plan;
static struct plan_year y;
static size_t places;                         // without the country
static int64_t record[ATOMS][PLACES_MAX];
static uint64_t seed = 20261201;

static uint32_t dice(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static struct plan_told *told(const char *code, size_t place)
{
    return &y.told[(size_t)(pack_plan_indicator(plan, str_from(code)) - plan->indicator) * y.n_places + place];
}

static int64_t sum_of(uint32_t atoms, size_t place) // places: the country
{
    int64_t n = 0;
    for (size_t a = 0; a < ATOMS; a++)
        for (size_t p = 0; p < places; p++)
            n += atoms >> a & 1 && (p == place || place == places) ? record[a][p] : 0;
    return n;
}

static void year_fill(struct arena *a)
{
    y = (struct plan_year){.year = 2019, .over = true, .pack = pack, .version.plan = plan, .n_indicators = plan->n_indicators, .n_places = places + 1,
                           .told = arena_array(a, plan->n_indicators * (places + 1), sizeof *y.told)};
    const uint32_t few = 1 + dice(6), none = 1 + dice(4);
    for (size_t i = 0; i < ATOMS; i++)
        for (size_t p = 0; p < places; p++)
            record[i][p] = dice(none + 1) ? dice(4) ? 1 + dice(few) : 1 + dice(60) : 0;
    for (size_t f = 0; f < FIGURES; f++)
        for (size_t p = 0; p <= places; p++) {
            struct plan_told *t = told(figures[f].code, p);
            if (!figures[f].county && p < places)
                continue;
            t->n = sum_of(figures[f].n, p) * PLAN_ONE;
            t->of = figures[f].of ? sum_of(figures[f].of, p) * PLAN_ONE : 0;
            t->has = !figures[f].of || t->of > 0;
            t->value = t->n;
        }
}

// ── the reader ──
static int64_t part_sum(const int8_t *move, uint32_t atoms)
{
    int64_t n = 0;
    for (size_t a = 0; a < ATOMS; a++)
        n += atoms >> a & 1 ? move[a] : 0;
    return n;
}

// Would the reader see this figure of a place as it is, if its records were otherwise by `change`?
static bool seen_alike(size_t f, size_t place, const int8_t *move, int sign)
{
    const struct figure *x = &figures[f];
    const int64_t n = sign * part_sum(move, x->n), of = sign * part_sum(move, x->of);
    if ((!n && !of) || (!x->county && place < places))
        return true;
    if (!told(x->code, place)->hidden)
        return false;
    return x->of || sum_of(x->n, place) + n >= 1; // a zero is published
}

// A move adds `move` at one place and takes it off at another (places: nowhere, so that the country changes).
static bool fits(const int8_t *move, size_t at, size_t from)
{
    for (size_t a = 0; a < ATOMS; a++)
        if (record[a][at] + move[a] < 0 || (from < places && record[a][from] - move[a] < 0))
            return false;
    for (size_t f = 0; f < FIGURES; f++)
        if (!seen_alike(f, at, move, 1) || (from < places ? !seen_alike(f, from, move, -1) : !seen_alike(f, places, move, 1)))
            return false;
    return true;
}

static bool moves(const int8_t *move, size_t at, size_t from, uint32_t part, size_t place)
{
    return part_sum(move, part) != 0 && (place == at || place == from || (place == places && from == places));
}

static bool another(uint32_t part, size_t place)
{
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
        if (!(rooms[r].atoms & part))
            continue;
        for (int code = 1; code < 81; code++) {
            int8_t move[ATOMS] = {0};
            int rest = code;
            for (size_t a = 0; a < ATOMS; a++)
                if (rooms[r].atoms >> a & 1) {
                    move[a] = (int8_t)(rest % 3 - (rest % 3 == 2 ? 3 : 0)); // 0, 1, −1
                    rest /= 3;
                }
            for (size_t at = 0; at < places && !rest; at++)
                for (size_t from = 0; from <= places; from++)
                    if (from != at && moves(move, at, from, part, place) && fits(move, at, from))
                        return true;
        }
    }
    return false;
}

// How many hidden numbers the reader works out.
static size_t attack(bool tell)
{
    size_t known = 0;
    for (size_t f = 0; f < FIGURES; f++)
        for (size_t p = 0; p <= places; p++)
            for (int side = 0; side < (figures[f].of ? 2 : 1); side++) {
                const uint32_t part = side ? figures[f].of : figures[f].n;
                if (!told(figures[f].code, p)->hidden || another(part, p))
                    continue;
                known++;
                if (tell)
                    print_error("%s of place %zu, %s %lld, is known\n", figures[f].code, p, side ? "denominator" : "value", (long long)sum_of(part, p));
            }
    return known;
}

static void nobody_works_out_what_is_hidden(void **state)
{
    (void)state;
    struct arena *a = NULL;
    size_t hidden = 0, small = 0, shown = 0;
    for (int round = 0; round < 300; round++) {
        assert_int_equal(arena_new(4 << 20, &a), OK);
        year_fill(a);
        assert_int_equal(plan_hide(a, &y, false), OK);
        for (size_t f = 0; f < FIGURES; f++)
            for (size_t p = 0; p <= places; p++) {
                const struct plan_told *t = told(figures[f].code, p);
                const int64_t n = sum_of(figures[f].n, p), of = sum_of(figures[f].of, p);
                const bool few = figures[f].persons && t->has && ((n > 0 && n < 5) || (of > 0 && of < 5) || (of > n && of - n < 5));
                if (few && !t->hidden && (figures[f].county || p == places))
                    fail_msg("round %d: %s of place %zu shows %lld of %lld", round, figures[f].code, p, (long long)n, (long long)of);
                assert_true(!t->hidden || (t->n == 0 && t->of == 0 && t->value == 0));
                small += few;
                hidden += t->hidden;
                shown += !t->hidden && t->n > 0;
            }
        if (attack(false) > 0) {
            attack(true);
            fail_msg("round %d: a hidden number can be worked out", round);
        }
        arena_free(&a);
    }
    assert_true(small > 1000 && hidden > small && shown > 1000); // there was something to hide, and not everything was
}

// The attack is one: where small numbers alone are hidden, it works them out.
static void the_attack_works(void **state)
{
    (void)state;
    struct arena *a = NULL;
    size_t known = 0;
    for (int round = 0; round < 30; round++) {
        assert_int_equal(arena_new(4 << 20, &a), OK);
        year_fill(a);
        for (size_t f = 0; f < FIGURES; f++)
            for (size_t p = 0; p <= places; p++)
                told(figures[f].code, p)->hidden = figures[f].persons && sum_of(figures[f].n, p) > 0 && sum_of(figures[f].n, p) < 5;
        known += attack(false);
        arena_free(&a);
    }
    assert_true(known > 10);
}

// Two of the helpline in one county: neither 52 − 50 tells it, nor the country's.
static void what_lies_between(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(4 << 20, &a), OK);
    year_fill(a);
    for (size_t p = 0; p < places; p++)
        for (size_t i = 0; i < ATOMS; i++)
            record[i][p] = i <= HELPLINE ? i == REPORT ? 50 : 20 : 0;
    record[HELPLINE][3] = 2;
    for (size_t p = 0; p <= places; p++) {
        *told("1.3.c", p) = (struct plan_told){.has = true, .n = sum_of(B(REPORT), p) * PLAN_ONE};
        *told("4.1.a", p) = (struct plan_told){.has = true, .n = sum_of(B(REPORT) | B(HELPLINE), p) * PLAN_ONE};
    }
    assert_int_equal(plan_hide(a, &y, false), OK);
    assert_true(told("1.3.c", 3)->hidden && told("4.1.a", 3)->hidden && !told("4.1.a", places)->hidden);
    arena_free(&a);
}

static int setup(void **state)
{
    (void)state;
    struct buf why;
    char path[SHARE_PATH_MAX];
    buf_init(&why, 4096);
    enum err e = text_open(share_path("locale", path, sizeof path), "sq,en", &why);
    e = e ? e : pack_open(share_path("country/al", path, sizeof path), &pack, &why);
    buf_free(&why);
    plan = e ? NULL : pack_plan(pack);
    places = e ? 0 : plan_country(pack);
    return e || places + 1 > PLACES_MAX;
}

static int teardown(void **state)
{
    (void)state;
    pack_close(&pack);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_works_out_what_is_hidden), cmocka_unit_test(the_attack_works), cmocka_unit_test(what_lies_between)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
