#include "../base/unit.h"
#include "text/plural.h"

static void every_rule_counts_right(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned forms, of[10]; // for 0 1 2 4 5 11 12 21 22 101
    } rows[] = {
        {"", 1, {0}},
        {"nplurals=1; plural=0;", 1, {0}},
        {"nplurals=2; plural=(n != 1);", 2, {1, 0, 1, 1, 1, 1, 1, 1, 1, 1}},
        {"nplurals=2; plural=n != 1;", 2, {1, 0, 1, 1, 1, 1, 1, 1, 1, 1}},
        {"nplurals=2; plural=(n > 1);", 2, {0, 0, 1, 1, 1, 1, 1, 1, 1, 1}},
        {"nplurals=2; plural=(n%10==1 && n%100!=11 ? 0 : 1);", 2, {1, 0, 1, 1, 1, 1, 1, 0, 1, 0}},
        {"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);", 3,
         {2, 0, 1, 1, 2, 2, 2, 0, 1, 0}},
        {"nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;", 3,
         {2, 0, 1, 1, 2, 2, 2, 0, 1, 0}},
    };
    static const int64_t numbers[10] = {0, 1, 2, 4, 5, 11, 12, 21, 22, 101};
    struct buf why;
    buf_init(&why, 2000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct plural *p = NULL;
        assert_int_equal(plural_find(str_from(rows[i].line), &p, &why), OK);
        assert_int_equal(plural_forms(p), rows[i].forms);
        for (size_t k = 0; k < 10; k++) {
            assert_int_equal(plural_form(p, numbers[k]), rows[i].of[k]);
            assert_int_equal(plural_form(p, -numbers[k]), rows[i].of[k]);
        }
        assert_true(plural_form(p, INT64_MIN) < rows[i].forms);
    }
    assert_int_equal(why.n, 0);
    buf_free(&why);
}

static void other_rules_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "nplurals=2; plural=(n != 1",
        "nplurals=2; plural=n != 2;",
        "nplurals=99; plural=n;",
        "nplurals=2",
        "(",
        "plural=()",
        ";",
        "nplurals=2; plural=(n%10==1) && (n%100!=11 ? 0 : 1);",
    };
    struct buf why;
    buf_init(&why, 2000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct plural *p = NULL;
        buf_clear(&why);
        assert_int_equal(plural_find(str_from(bad[i]), &p, &why), ERR_INVALID);
        assert_null(p);
        assert_true(str_find_str(buf_str(&why), STR("\"nplurals=2;plural=n!=1\"")) > 0);
    }
    char long_line[1000];
    for (size_t i = 0; i < sizeof long_line; i++) {
        long_line[i] = '(';
    }
    const struct plural *p = NULL;
    assert_int_equal(plural_find(STR_BYTES(long_line), &p, &why), ERR_INVALID);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_counts_right), cmocka_unit_test(other_rules_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
