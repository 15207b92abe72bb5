#include "unit.h"
#include <string.h>
#include "base/arena.h"

static void gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(1000000, &a), OK);
    char *before = NULL;
    for (size_t n = 0; n < 3000; n += 7) {
        char *at = arena_alloc(a, n);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % 16, 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(at[i], 0);
        }
        memset(at, 0xFF, n);
        assert_ptr_not_equal(at, before);
        before = at;
    }
    char *large = arena_alloc(a, 200000); // a chunk of its own
    assert_non_null(large);
    memset(large, 1, 200000);
    assert_false(arena_failed(a));
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void holds_its_cap(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(100, &a), OK);
    assert_non_null(arena_alloc(a, 100));
    assert_null(arena_alloc(a, 1));
    assert_true(arena_failed(a));
    assert_int_equal(arena_str(a, STR("x")).n, 0);
    assert_int_equal(arena_printf(a, "x").n, 0);
    arena_free(&a);
    static const size_t huge[] = {101, SIZE_MAX, SIZE_MAX - 8};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(arena_new(i == 0 ? 100 : SIZE_MAX, &a), OK);
        assert_null(arena_alloc(a, huge[i]));
        assert_true(arena_failed(a));
        arena_free(&a);
    }
    assert_int_equal(arena_new(SIZE_MAX, &a), OK);
    assert_null(arena_array(a, SIZE_MAX / 2, 3));
    assert_true(arena_failed(a));
    arena_free(&a);
}

static void copies_and_prints(void **state)
{
    (void)state;
    struct arena *a = NULL;
    assert_int_equal(arena_new(1000, &a), OK);
    struct str s = arena_str(a, STR("a\0b"));
    assert_true(str_equal(s, STR("a\0b")));
    assert_int_equal(s.at[3], '\0');
    assert_non_null(arena_str(a, str_from(NULL)).at);
    assert_str(arena_printf(a, "%s-%d", "x", 12), "x-12");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory),
        cmocka_unit_test(holds_its_cap),
        cmocka_unit_test(copies_and_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
