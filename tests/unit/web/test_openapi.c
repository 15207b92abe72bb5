#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake.h"

static void test_openapi_says_every_row(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    web_openapi(&b, portal_rooms, desk_rooms + 1);
    assert_int_equal(buf_ok(&b), OK);
    buf_put_c(&b, 0);
    static const char *wanted[] = {"openapi: 3.1.0\n", "  /api/v1/notes:\n    post:\n      operationId: note\n      tags: [portal]\n",
        "      summary: \"Adds a note.\"\n", "      x-permission: public\n      security: []\n", "        \"201\":\n",
        "              $ref: \"#/components/schemas/note_in\"\n", "    note_in:\n      type: object\n", "      additionalProperties: false\n      required: [text]\n", "        text:\n          type: string\n          maxLength: 10\n", "          x-choices: colour\n",
        "          writeOnly: true\n", "          maxItems: 2\n", "            $ref: \"#/components/schemas/tag_out\"\n",
        "    tag_out:\n", "  /api/v1/items/{id}/take:\n", "security: [{session: [], csrf: []}]\n", "x-permission: report_take\n",
        "        - {name: id, in: path, required: true", "security: [{receipt: []}]\n", "        - name: text\n          in: query\n",
        "  /api/v1/events:\n", "type: [string, \"null\"]\n          format: date-time\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!strstr(b.at, wanted[i])) {
            fail_msg("missing: %s in\n%s", wanted[i], b.at);
        }
    }
    assert_null(strstr(b.at, "hidden"));
    buf_free(&b);
}

static void test_openapi_list(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    web_route_list(&b, portal_rooms, desk_rooms + 1);
    buf_put_c(&b, 0);
    assert_non_null(strstr(b.at, "POST /notes public portal\nPOST /api/v1/notes public portal\n"));
    assert_non_null(strstr(b.at, "POST /api/v1/items/{id}/take report_take desk\n"));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_openapi_says_every_row), cmocka_unit_test(test_openapi_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
