// The plaintext of an entry: what is written is read back, whatever people type; what is broken is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "casework/handlers.h"

static void written_and_read(void **state)
{
    (void)state;
    struct words w = {0}, back = {0};
    struct arena *a = NULL;
    struct buf json;
    buf_init(&json, 1 << 16);
    assert_int_equal(arena_new(1 << 20, &a), OK);
    words_put(&w, "text", STR("ë \"ç\" \\ \n\t\x01 </script> 😀"));
    words_put(&w, "name", STR(""));
    words_put(&w, "outcome", STR("child_safe"));
    assert_int_equal(w.n, 2);
    assert_int_equal(words_write(&json, &w), OK);
    assert_int_equal(words_read(a, buf_str(&json), &back), OK);
    assert_true(str_equal(words_get(&back, "text"), words_get(&w, "text")));
    assert_true(str_equal_z(words_get(&back, "outcome"), "child_safe"));
    assert_int_equal(words_get(&back, "name").n, 0);
    assert_int_equal(back.n, 2);
    arena_free(&a);
    buf_free(&json);
}

static void broken_ones(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "{", "\"text\"", "{\"text\": \"a\", \"text\": \"b\"}"};
    struct words w = {.n = 7};
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(words_read(a, str_from(bad[i]), &w), ERR_MALFORMED);
    assert_int_equal(w.n, 7);
    // of a later version
    assert_int_equal(words_read(a, STR("{\"later\": \"x\", \"text\": 7, \"title\": \"t\"}"), &w), OK);
    assert_int_equal(w.n, 1);
    arena_free(&a);
}

static void days(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "2026-02-30", "2026-13-01", "26-1-1", "2026-12-1 ", "2026-12-31T",
                                      "2026/12/31", "abcd-ef-gh"};
    int64_t at = 7;
    assert_int_equal(date_open("Europe/Tirane"), OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(case_day_read(str_from(bad[i]), &at), ERR_MALFORMED);
    assert_int_equal(at, 7);
    // both nights of the clock
    static const char *const good[] = {"2026-12-31", "2026-03-29", "2026-10-25", "2028-02-29"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char day[40];
        assert_int_equal(case_day_read(str_from(good[i]), &at), OK);
        struct date d = date_local(at);
        snprintf(day, sizeof day, "%04d-%02d-%02d", d.year, d.month, d.day);
        assert_string_equal(day, good[i]);
        assert_int_equal(d.hour * 60 + d.minute, 23 * 60 + 59);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(written_and_read), cmocka_unit_test(broken_ones),
                                       cmocka_unit_test(days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
