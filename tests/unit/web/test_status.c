#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake.h"

// ERR_FULL is a queue, a pool or the disk, met by who reads and by who writes: its sentence must be true for all of them.
static void test_status_full(void **state)
{
    (void)state;
    static const struct { const char *lang, *disk, *only_writers; } row[] = {{"sq", "disku", "Ajo që shkruat"}, {"en", "disk", "What you wrote"}};
    assert_int_equal(status_of(ERR_FULL), 503);
    for (size_t i = 0; i < 2; i++) {
        struct str said = text_get(text_lang(str_from(row[i].lang)), status_sentence(ERR_FULL));
        assert_true(str_find_str(said, str_from(row[i].disk)) >= 0);
        assert_true(str_find_str(said, str_from(row[i].only_writers)) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_status_full)};
    return cmocka_run_group_tests(tests, fake_text, NULL);
}
