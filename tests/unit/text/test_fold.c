#include "../base/unit.h"
#include <string.h>
#include "text/fold.h"

static void folds(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Përmet", "permet"},        {"ÇELËS", "celes"},        {"e\xcc\x88", "e"},    {"  Ana\t\n K.  ", "ana k."},
        {"a\u00a0\u2003b", "a b"},   {"Ĳ", "ĳ"},                {"İstanbul", "istanbul"}, {"ÀÉÎõü", "aeiou"},
        {"Straße", "straße"},        {"", ""},                  {" ", ""},              {"\xcc\x88", ""},
        {"Ελλάδα", "ελλαδα"},        {"Ђорђе", "ђорђе"},        {"😔", "😔"},           {"हिन्दी", "हिन्दी"},
        {"\xff", ""},                {"a\xc3", ""},
    };
    struct arena *a = NULL;
    assert_int_equal(arena_new(10000, &a), OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str key = fold_key(a, str_from(rows[i][0]));
        assert_str(key, rows[i][1]);
        assert_true(str_equal(fold_key(a, key), key));
    }
    assert_false(arena_failed(a));
    arena_free(&a);
}

static void sorts_albanian_letters_with_their_plain_ones(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(10000, &a), OK);
    assert_true(str_equal(fold_key(a, STR("Ë")), fold_key(a, STR("e"))));
    assert_true(str_compare(fold_key(a, STR("Çorovodë")), fold_key(a, STR("Dibër"))) < 0);
    arena_free(&a);
}

static void says_when_the_arena_is_full(void **state)
{
    (void)state;
    struct arena *a = NULL;
    char text[200];
    memset(text, 'A', sizeof text);
    assert_int_equal(arena_new(100, &a), OK);
    assert_int_equal(fold_key(a, STR_BYTES(text)).n, 0);
    assert_true(arena_failed(a));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds),
        cmocka_unit_test(sorts_albanian_letters_with_their_plain_ones),
        cmocka_unit_test(says_when_the_arena_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
