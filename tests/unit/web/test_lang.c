#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake.h"

static const char *chosen(const char *asked, const char *cookie, const char *accept)
{
    return text_code(lang_choose(str_from(asked), str_from(cookie), str_from(accept)));
}

static void test_lang_choose(void **state)
{
    (void)state;
    assert_string_equal(chosen("", "", ""), "sq");
    assert_string_equal(chosen("en", "sq", "sq"), "en");
    assert_string_equal(chosen("xx", "en", "sq"), "en");
    assert_string_equal(chosen("", "../en", "en"), "en");
    assert_string_equal(chosen("", "", "en"), "en");
    assert_string_equal(chosen("", "", "EN-gb, sq;q=0.9"), "en");
    assert_string_equal(chosen("", "", "de, sq;q=0.2, en;q=0.3"), "en");
    assert_string_equal(chosen("", "", "en;q=0, sq;q=0.1"), "sq");
    assert_string_equal(chosen("", "", "en;q=0.25,sq;q=0.3"), "sq");
    assert_string_equal(chosen("", "", "fr, de;q=0.5, *;q=0.1"), "sq");
    assert_string_equal(chosen("", "", ",,;;=,q=,en;q=x"), "sq");
    assert_string_equal(chosen("", "", "en;level=1;q=0.5"), "en");
}

static void test_lang_other(void **state)
{
    (void)state;
    const struct lang *sq = text_lang(STR("sq")), *en = text_lang(STR("en"));
    assert_ptr_equal(lang_other(sq), en);
    assert_ptr_equal(lang_other(en), sq);
    assert_int_equal(lang_index(en), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lang_choose), cmocka_unit_test(test_lang_other)};
    return cmocka_run_group_tests(tests, fake_text, NULL);
}
