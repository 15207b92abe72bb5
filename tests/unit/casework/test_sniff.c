#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "casework/handlers.h"

static void is(struct str bytes, const char *ending)
{
    struct sniffed s = {"", ""};
    bool known = case_sniff(bytes, &s);
    assert_int_equal(known, ending != NULL);
    assert_string_equal(s.ending, ending ? ending : "");
}

static void test_sniff(void **state)
{
    (void)state;
    is(STR("%PDF-1.4"), "pdf");
    is(STR("\x89PNG\r\n\x1a\n..."), "png");
    is(STR("\xff\xd8\xff\xe0"), "jpg");
    is(STR("RIFF....WEBPVP8 "), "webp");
    is(STR("....ftypisom"), "mp4");
    is(STR("PK\x03\x04" "..........................[Content_Types].xml"), "ooxml");
    is(STR("PK\x03\x04" "..........................mimetypeapplication/vnd.oasis.opendocument.text"), "odf");
    is(STR("From: a\r\nDate: b\r\n\r\nc"), "eml");
    is(STR("Përshëndetje\n"), "txt");
}

static void test_refused(void **state)
{
    (void)state;
    is(STR(""), NULL);
    is(STR("MZ\x90\x00"), NULL);
    is(STR("PK\x03\x04 anything else in an archive, as long as it is"), NULL);
    is(STR("RIFF\x01...AVI "), NULL);
    is(STR("a\xff"), NULL);
    is(STR("\x1b[31m"), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sniff), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
