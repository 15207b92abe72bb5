// Charts: names and values as text beside each bar, nothing that a name could break, bars in proportion.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "html/chart.h"

static const char *drawn(struct buf *b)
{
    assert_int_equal(buf_ok(b), OK);
    buf_put_c(b, '\0');
    return b->at;
}

static void rows(void **state)
{
    (void)state;
    struct buf b;
    const struct chart_bar at[] = {{STR("<b>&\"x\""), STR("7"), 7}, {STR("ë"), STR("…"), -1}, {STR("zero"), STR("0"), 0}, {STR("one"), STR("1"), 1},
                                   {STR("most"), STR("900"), 900}};
    buf_init(&b, 1 << 16);
    chart_rows(&b, STR("Title \"<&"), at, 5, 0);
    const char *s = drawn(&b);
    assert_non_null(strstr(s, "aria-label=\"Title &quot;&lt;&amp;\""));
    assert_non_null(strstr(s, "&lt;b&gt;&amp;&quot;x&quot;"));
    assert_null(strstr(s, "<b>"));
    assert_null(strstr(s, "style"));
    assert_non_null(strstr(s, "y=\"50\" width=\"0\""));   // hidden: no bar
    assert_non_null(strstr(s, "y=\"84\" width=\"0\""));   // nothing is nothing
    assert_non_null(strstr(s, "y=\"118\" width=\"1\""));  // something is never nothing
    assert_non_null(strstr(s, "y=\"152\" width=\"276\"")); // the longest leaves room for its value
    buf_free(&b);
}

static void long_names(void **state)
{
    (void)state;
    struct buf b;
    char name[400];
    for (size_t i = 0; i < 200; i++)
        memcpy(name + 2 * i, "ë", 2);
    const struct chart_bar at[] = {{{name, sizeof name}, STR("1"), 1}};
    buf_init(&b, 1 << 16);
    chart_rows(&b, STR("x"), at, 1, 0);
    assert_true(str_utf8_valid(buf_str(&b)));
    assert_non_null(strstr(drawn(&b), "ë…</text>"));
    buf_free(&b);
}

static void columns(void **state)
{
    (void)state;
    struct buf b;
    struct chart_bar at[40];
    for (size_t i = 0; i < 40; i++)
        at[i] = (struct chart_bar){STR("01"), STR("5"), INT64_MAX / 2};
    buf_init(&b, 1 << 16);
    chart_columns(&b, STR("x"), at, 40, 0); // 31 are drawn
    size_t n = 0;
    for (const char *s = drawn(&b); (s = strstr(s, "<rect")); s++)
        n++;
    assert_int_equal(n, 31);
    buf_clear(&b);
    chart_columns(&b, STR("x"), NULL, 0, 0);
    assert_non_null(strstr(drawn(&b), "</svg>"));
    buf_free(&b);
}

static void line(void **state)
{
    (void)state;
    struct buf b;
    const struct chart_bar at[] = {{STR("2018"), STR("0"), 0}, {STR("2019"), STR("50"), 50}, {STR("2020"), STR("<5"), -1}, {STR("2021"), STR("100"), 100}};
    buf_init(&b, 1 << 16);
    chart_line(&b, STR("a<b"), at, 4, 200);
    const char *s = drawn(&b);
    assert_non_null(strstr(s, "aria-label=\"a&lt;b\""));
    assert_non_null(strstr(s, "class=\"aim\" d=\"M0 18H340\""));            // the greatest of all: the top
    assert_non_null(strstr(s, "class=\"line\" d=\"M42 108L127 86M297 63\"")); // broken where nothing is told
    assert_non_null(strstr(s, ">&lt;5</text>"));
    buf_clear(&b);
    chart_line(&b, STR("x"), at, 0, -1);
    assert_null(strstr(drawn(&b), "aim"));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(long_names), cmocka_unit_test(columns), cmocka_unit_test(line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
