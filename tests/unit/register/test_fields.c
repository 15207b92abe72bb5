// Fields against a register's description: each kind, each fault, and what is counted and searched of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/share.h"
#include "register/rules.h"

static struct pack *pack;
static struct arena *arena;
static char told[2000];

static int setup(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 4096);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(pack_open(share_path("country/al", path, sizeof path), &pack, &why), OK);
    buf_free(&why);
    return arena_new(1 << 20, &arena) != OK;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    pack_close(&pack);
    return 0;
}

static void fault(void *ctx, struct str name, enum message m, int64_t n)
{
    (void)ctx, (void)m, (void)n;
    size_t at = strlen(told);
    snprintf(told + at, sizeof told - at, "%.*s ", STR_ARG(name));
}

// "name=value|name=value" of a training; the faults' names, or what was made of it.
static const char *check(const char *sent)
{
    static char out[4000];
    struct html_pair pair[40];
    struct list values;
    size_t n = 0, at = 0;
    told[0] = out[0] = '\0';
    for (struct str rest = str_from(sent); rest.n;) {
        struct str value = str_cut(&rest, '|');
        pair[n].name = str_cut(&value, '=');
        pair[n++].value = value;
    }
    if (!entry_check(arena, pack, pack_register(pack, STR("training")), pair, n, fault, NULL, &values))
        return told;
    for (size_t i = 0; i < values.n; i++) {
        const struct html_pair *p = (const struct html_pair *)values.at + i;
        at += (size_t)snprintf(out + at, sizeof out - at, "%.*s=%.*s|", STR_ARG(p->name), STR_ARG(p->value));
    }
    return out;
}

#define FINE "title=T|topic=data|audience=police|mode=online|date=2020-02-29"

static void checks(void **state)
{
    (void)state;
    assert_string_equal(check("date=2020-02-29|mode=online|audience=police|topic=data|title= T |place="), FINE "|"); // the register's order
    assert_string_equal(check(FINE "|mechanism=police|mechanism=platform|attendance.f.30=0"), FINE "|mechanism=police platform|attendance.f.30=0|");
    assert_string_equal(check(FINE "|county=Korçë|municipality=Maliq|cost=1200"), FINE "|county=Korçë|municipality=Maliq|cost=1200|");
    static const char *const bad[][2] = {
        {"", "title topic audience mode date "}, {FINE "|title=X", "title "}, {FINE "|colour=red", "colour "}, {FINE "|attendance=1", "attendance "},
        {FINE "|attendance.x.30=1", "attendance.x.30 "}, {FINE "|attendance.f=1", "attendance.f "}, {FINE "|attendance.f.30=-1", "attendance.f.30 "},
        {FINE "|attendance.f.30=99999999999999999999", "attendance.f.30 "}, {FINE "|hours=2001", "hours "}, {FINE "|hours=1.5", "hours "},
        {FINE "|until=2020-02-30", "until "}, {FINE "|until=20200230", "until "}, {FINE "|county=Atlantida", "county "},
        {FINE "|municipality=Maliq", "municipality "}, {FINE "|county=Berat|municipality=Maliq", "municipality "}, {FINE "|mechanism=police  none", "mechanism "},
        {FINE "|mechanism=x", "mechanism "}, {FINE "|place=a\nb", "place "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(check(bad[i][0]), bad[i][1]);
    char longer[400] = FINE "|place=";
    memset(longer + strlen(longer), 'a', 121);
    assert_string_equal(check(longer), "place ");
}

static void days(void **state)
{
    (void)state;
    assert_int_equal(entry_day(STR("2026-11-23")), 20261123);
    static const char *const bad[] = {"", "2026-11-2", "2026-11-231", "1999-12-31", "2200-01-01", "2026-00-10", "2026-13-10", "2026-02-29", "2100-02-29", "2026-04-31", "2026/04/30", "x026-04-30"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(entry_day(str_from(bad[i])), 0);
    assert_int_equal(entry_day(STR("2000-02-29")), 20000229);
    struct str s = entry_day_text(arena, 20000229);
    assert_true(str_equal_z(s, "2000-02-29"));
}

static void addresses(void **state)
{
    (void)state;
    static const struct { const char *url; bool fine; } rows[] = {{"https://a.example/x?y=1", true}, {"http://a.example", true}, {"a.example", false},
        {"javascript:alert(1)", false}, {"https://", false}, {"https://a.example/\"x", false}, {"https://a b.example", false}, {"ftp://a.example", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct html_pair pair[] = {{STR("title"), STR("T")}, {STR("url"), str_from(rows[i].url)}, {STR("audience"), STR("parents")}, {STR("date"), STR("2020-01-01")}};
        struct list values;
        told[0] = '\0';
        assert_int_equal(entry_check(arena, pack, pack_register(pack, STR("website")), pair, 4, fault, NULL, &values), rows[i].fine);
        assert_string_equal(told, rows[i].fine ? "" : "url ");
    }
}

static void counted_and_searched(void **state)
{
    (void)state;
    const struct pack_register *r = pack_register(pack, STR("training"));
    const struct html_pair pair[] = {{STR("title"), STR("Trajnim në Korçë")}, {STR("topic"), STR("data")}, {STR("mechanism"), STR("police platform")},
                                     {STR("attendance.f.0-13"), STR("7")}, {STR("cost"), STR("100")}, {STR("county"), STR("Korçë")}, {STR("note"), STR("x")}};
    const struct list values = {pair, 7};
    struct entry_facet f[ENTRY_FACETS_MAX];
    char out[500] = "";
    size_t n = entry_facets(arena, pack, r, &values, f);
    for (size_t i = 0; i < n; i++) {
        size_t at = strlen(out);
        snprintf(out + at, sizeof out - at, "%.*s:%.*s:%d ", STR_ARG(f[i].field), STR_ARG(f[i].value), (int)f[i].n);
    }
    assert_string_equal(out, "topic:data:1 mechanism:police:1 mechanism:platform:1 attendance:f.0-13:7 cost::100 county:Korçë:1 ");
    struct str fold = entry_fold(arena, r, &values), words[3];
    assert_true(str_starts(fold, " trajnim ne korce") && str_find_str(fold, STR("x")) < 0);
    char *many = arena_alloc(arena, 3000);
    for (size_t i = 0; i + 1 < 3000; i += 2)
        memcpy(many + i, "ç", 2);
    const struct html_pair big[] = {{STR("title"), {many, 2998}}};
    const struct list wide = {big, 1};
    struct str cut = entry_fold(arena, r, &wide);
    assert_true(cut.n <= ENTRY_FOLD_MAX && str_utf8_valid(cut)); // it stands in an index
    entry_words(arena, STR("  Përmet  100% takimi i dytë "), words);
    assert_true(str_equal_z(words[0], "permet") && str_equal_z(words[1], "100") && str_equal_z(words[2], "takimi i dyte"));
    entry_words(arena, STR(""), words);
    assert_true(words[0].n == 0 && words[2].n == 0 && words[2].at);
}

// Kinds that name something of the plan, years, percentages; what comes before what; what a stage needs; where a row is placed.
static bool fine(const char *reg, const struct html_pair *sent, size_t n, struct list *values)
{
    told[0] = '\0';
    return entry_check(arena, pack, pack_register(pack, str_from(reg)), sent, n, fault, NULL, values);
}

static void plan_kinds(void **state)
{
    (void)state;
    struct list values;
    struct html_pair line[] = {{STR("title"), STR("Z")}, {STR("activity"), STR("1.3")}, {STR("year"), STR("2019")}, {STR("source"), STR("ministry")},
                               {STR("planned"), STR("0")}, {STR("carried_from"), STR("2018")}};
    static const struct { size_t at; const char *value, *told; } bad[] = {
        {2, "19", "year "}, {2, "2200", "year "}, {2, "2017", "year "}, {3, "magic", "source "}, {4, "-1", "planned "}, {4, "1.5", "planned "},
        {4, "1000000000001", "planned "}, {5, "x", "carried_from "}};
    assert_true(fine("budget_line", line, 6, &values));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str was = line[bad[i].at].value;
        line[bad[i].at].value = str_from(bad[i].value);
        assert_false(fine("budget_line", line, 6, &values));
        assert_string_equal(told, bad[i].told);
        line[bad[i].at].value = was;
    }
    struct html_pair narrative[] = {{STR("title"), STR("Z")}, {STR("activity"), STR("1.3")}, {STR("year"), STR("2019")}, {STR("done"), STR("U bë.")}, {STR("share"), STR("100")}};
    assert_true(fine("narrative", narrative, 5, &values));
    narrative[4].value = STR("101");
    assert_false(fine("narrative", narrative, 5, &values));
    assert_string_equal(told, "share ");
}

static void years_that_go_to_the_next(void **state)
{
    (void)state;
    const struct pack_register *r = pack_register(pack, STR("budget_line"));
    struct entry_facet facet[ENTRY_FACETS_MAX];
    struct html_pair one[] = {{STR("year"), STR("2018")}};
    const struct list values = {one, 1};
    int64_t from;
    assert_int_equal(entry_placed(r, &values, &from), 20190101);
    assert_int_equal(from, 2018);
    size_t n = entry_facets(arena, pack, r, &values, facet);
    assert_int_equal(n, 2); // its year, and from where it comes
    assert_true(str_equal_z(facet[1].field, "carried_from") && str_equal_z(facet[1].value, "2018"));
    one[0].value = STR("2019");
    assert_int_equal(entry_placed(r, &values, &from), 20190101);
    assert_int_equal(from, 0);
    assert_int_equal(entry_facets(arena, pack, r, &values, facet), 1);
    struct html_pair paid[] = {{STR("date"), STR("2018-12-31")}};
    const struct list spent = {paid, 1};
    assert_int_equal(entry_placed(pack_register(pack, STR("spending")), &spent, &from), 20190101);
    paid[0].value = STR("2020-12-31");
    assert_int_equal(entry_placed(pack_register(pack, STR("spending")), &spent, &from), 20201231);
}

static void what_a_stage_needs(void **state)
{
    (void)state;
    const struct pack_register *r = pack_register(pack, STR("suggestion"));
    struct html_pair one[] = {{STR("answer"), STR("Po.")}};
    const struct list none = {0}, values = {one, 1};
    bool is = true;
    told[0] = '\0';
    entry_needed(r, STR("made"), &none, fault, NULL, &is);
    entry_needed(r, STR("accepted"), &values, fault, NULL, &is);
    assert_true(is);
    entry_needed(r, STR("landed"), &values, fault, NULL, &is);
    assert_false(is);
    assert_string_equal(told, "landed ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plan_kinds), cmocka_unit_test(years_that_go_to_the_next), cmocka_unit_test(what_a_stage_needs),
        cmocka_unit_test(checks), cmocka_unit_test(days), cmocka_unit_test(addresses), cmocka_unit_test(counted_and_searched)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
