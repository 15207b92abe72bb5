#include "unit.h"
#include "base/str.h"

static void compares_by_bytes(void **state)
{
    (void)state;
    assert_true(str_equal(STR(""), str_from(NULL)));
    assert_true(str_equal(STR("a\0b"), STR("a\0b")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_compare(STR("x"), STR("x")), 0);
    assert_true(str_starts(STR("abc"), "ab") && !str_starts(STR("a"), "ab") && str_starts(STR(""), ""));
    assert_true(str_ends(STR("abc"), "bc") && !str_ends(STR("c"), "bc"));
}

static void finds_and_cuts(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("abc"), 'c'), 2);
    assert_int_equal(str_find(STR(""), 'c'), -1);
    assert_int_equal(str_find_str(STR("abcbc"), STR("bc")), 1);
    assert_int_equal(str_find_str(STR("ab"), STR("abc")), -1);
    assert_int_equal(str_find_str(STR("ab"), STR("")), 0);
    struct str rest = STR("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_int_equal(rest.n, 0);
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_slice(STR("abcd"), 1, 3), "bc");
    assert_str(str_slice(STR("abcd"), 3, 99), "d");
    assert_str(str_slice(STR("abcd"), 9, 2), "");
    assert_str(str_trim(STR(" \t a b\r\n")), "a b");
    assert_str(str_trim(STR(" \n")), "");
}

static void knows_blank_text(void **state)
{
    (void)state;
    assert_true(str_blank(STR("")));
    assert_true(str_blank(STR(" \t\r\n")));
    assert_true(str_blank(STR("\u00a0\u2003\u3000\u200b\ufeff")));
    assert_true(str_blank(STR("\u3164\u2800\uffa0\u115f\u1160\u00ad\u034f\u061c\u180e\u200d\u200e\u2063\ufe0f\U000e0020")));
    assert_false(str_blank(STR("\u3164.\u2800")));
    assert_false(str_blank(STR("\u2764\ufe0f")));
    assert_false(str_blank(STR(" ë ")));
    assert_false(str_blank(STR("\xff")));
}

static void knows_what_says_nothing(void **state)
{
    (void)state;
    static const char *const nothing[] = {"", ".", " - ", "…?!", "\u3164", "\u2800.\u2800", "\u200b", "\xff", "\u2764"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_false(str_says(str_from(nothing[i])));
    assert_true(str_says(STR("ë")));
    assert_false(str_says_why(STR("..........")));
    assert_false(str_says_why(STR("  nëntë shë   ")));
    assert_true(str_says_why(STR("Dhjetë shk")));
    assert_false(str_says_why(STR("a                b")));
    assert_true(str_says_why(STR("Dhjetë   \n shk")));
    assert_true(str_says(STR(" 5.")));
    assert_true(str_says(STR("\u3164 да")));
}

static void checks_utf8(void **state)
{
    (void)state;
    assert_true(str_utf8_valid(STR("ë😔\0")));
    assert_false(str_utf8_valid(STR("\xc0\x80")));             // over-long
    assert_false(str_utf8_valid(STR("\xed\xa0\x80")));         // surrogate
    assert_false(str_utf8_valid(STR("\xf4\x90\x80\x80")));     // past U+10FFFF
    assert_false(str_utf8_valid(STR("a\xc3")));                // cut
    assert_int_equal(str_utf8_count(STR("aë😔")), 3);
}

static void sees_control_characters(void **state)
{
    (void)state;
    assert_true(str_has_control(STR("a\0b"), true));
    assert_true(str_has_control(STR("\x7f"), true));
    assert_true(str_has_control(STR("a\xc2\x85"), true));
    assert_true(str_has_control(STR("a\tb"), false));
    assert_true(str_has_control(STR("a\nb"), false));
    assert_false(str_has_control(STR("a\tb\r\n"), true));
    assert_false(str_has_control(STR("ë\u00a0\u202e"), false));
}

static void reads_numbers(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_int_equal(str_int(STR("-9223372036854775808"), &v), OK);
    assert_true(v == INT64_MIN);
    assert_int_equal(str_int(STR("9223372036854775807"), &v), OK);
    assert_true(v == INT64_MAX);
    assert_int_equal(str_int(STR("007"), &v), OK);
    assert_int_equal(v, 7);
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "-9223372036854775809", "ë"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(str_int(str_from(bad[i]), &v), ERR_MALFORMED);
    }
    assert_int_equal(str_int(STR("1\0"), &v), ERR_MALFORMED);
    assert_int_equal(v, 7); // written only on success
    assert_int_equal(str_hex_digit('9'), 9);
    assert_int_equal(str_hex_digit('f'), 15);
    assert_int_equal(str_hex_digit('A'), 10);
    for (const char *c = "/:@G`g \xef"; *c; c++) {
        assert_int_equal(str_hex_digit(*c), -1);
    }
    uint8_t out[3] = {0};
    assert_true(str_unhex(STR("00fF7a"), out, 3));
    assert_true(out[0] == 0 && out[1] == 255 && out[2] == 0x7a);
    assert_true(str_unhex(STR(""), out, 0));
    static const char *const odd[] = {"00fF7", "00fF7a0", "00fF7g", "0x0000", " 0fF7a", ""};
    for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
        assert_false(str_unhex(str_from(odd[k]), out, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_by_bytes), cmocka_unit_test(finds_and_cuts),          cmocka_unit_test(knows_blank_text), cmocka_unit_test(knows_what_says_nothing),
        cmocka_unit_test(checks_utf8),       cmocka_unit_test(sees_control_characters), cmocka_unit_test(reads_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
