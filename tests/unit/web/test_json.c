#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "reader.h"

static enum err read_json(const char *z)
{
    reader_start();
    json_start();
    return json_read(&rq, &note_in_shape, str_from(z), &in);
}

static void test_json_read(void **state)
{
    (void)state;
    assert_int_equal(read_json("{\"text\":\"\\u00eb\",\"lines\":\"a\\nb\",\"colour\":null,\"n\":-7,\"yes\":true,"
                               "\"who\":\"00112233445566778899aabbccddeeff\",\"tags\":[\"x\"],\"language\":\"en\"}"), OK);
    assert_true(str_equal_z(in.text, "ë") && str_equal_z(in.lines, "a\nb"));
    assert_true(in.n == -7 && in.yes && in.who.b[1] == 0x11 && in.tags.n == 1);
    assert_true(str_equal_z(rq.lang_code, "en"));
    assert_int_equal(read_json("{\"text\":\"a\"}"), OK);
    assert_true(str_equal_z(rq.lang_code, "sq")); // the shape has a language and none was named
}

static void test_json_map(void **state)
{
    (void)state;
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":{\"title\":\"Të\",\"n\":12,\"none\":null}}"), OK);
    assert_string_equal(map(), "title=Të\nn=12\n");
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":{\"k\":[\"1\",\"2\"]}}"), OK);
    assert_string_equal(map(), "k=1\nk=2\n");
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":[],\"language\":\"en\"}"), ERR_INVALID);
    assert_string_equal(refusals(), "more: The value has the wrong type.\n");
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":{\"a\":{}}}"), ERR_INVALID);
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":{\"a\":\"\\u0007\"}}"), ERR_INVALID);
    assert_int_equal(read_json("{\"text\":\"a\",\"more\":{\"a\":[\"1\",\"2\",\"3\",\"4\"]}}"), ERR_INVALID);
}

static void test_json_refusals(void **state)
{
    (void)state;
    assert_int_equal(read_json(""), ERR_INVALID);
    assert_int_equal(read_json("{\"language\":\"en\"}"), ERR_INVALID);
    assert_string_equal(refusals(), "text: Please answer this.\n");
    assert_int_equal(read_json("{\"text\":\"a\\u0000b\",\"language\":\"en\"}"), ERR_INVALID);
    assert_non_null(strstr(refusals(), "text: There are characters here"));
    assert_int_equal(read_json("{\"text\":5,\"n\":\"1\",\"yes\":1,\"who\":[],\"tags\":\"x\",\"language\":\"en\"}"), ERR_INVALID);
    assert_string_equal(refusals(), "text: The value has the wrong type.\nn: The value has the wrong type.\n"
                                    "yes: The value has the wrong type.\nwho: The value has the wrong type.\n"
                                    "tags: The value has the wrong type.\n");
    assert_int_equal(read_json("{\"text\":\"a\",\"n\":1.5}"), ERR_INVALID);
    assert_int_equal(read_json("{\"text\":\"a\",\"tags\":[1]}"), ERR_INVALID);
    assert_int_equal(read_json("{\"text\":\"a\",\"tags\":[\"1\",\"2\",\"3\"]}"), ERR_INVALID);
    assert_int_equal(read_json("{\"text\":\"a\",\"x\":1,\"csrf\":\"\",\"language\":\"en\"}"), ERR_INVALID);
    assert_string_equal(refusals(), "x: There is no field with this name.\ncsrf: There is no field with this name.\n");
    assert_int_equal(read_json("{\"text\":\"a\",\"te\\u0000xt\":1}"), ERR_MALFORMED);
}

static void test_json_malformed(void **state)
{
    (void)state;
    static const char *bad[] = {"{", "[]", "1", "\"text\"", "{\"text\":\"a\"}x", "{\"text\":\"a\",\"text\":\"a\"}", "{text:1}",
        "{\"text\":\"\xff\"}", "{\"text\":\"\\ud800\"}", "{\"n\":99999999999999999999}", "{\"text\":[[[[[[[[1]]]]]]]]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (read_json(bad[i]) != ERR_MALFORMED) {
            fail_msg("read: %s", bad[i]);
        }
    }
    assert_int_equal(read_json("{\"text\":[[[[[[[1]]]]]]]}"), ERR_INVALID); // eight deep: only the wrong type
    assert_int_equal(read_json("{\"text\":\"[[[[[{{\"}"), OK);             // brackets in a text are text
    assert_int_equal(read_json("{\"text\":\"\\\"[[[[[[\"}"), OK);
}

static void test_json_write(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    const struct str tags[] = {STR("a"), STR("b\n")};
    const struct tag_out rows[] = {{STR("x")}, {STR("</script>")}};
    struct note_out out = {.text = STR("q\"\\\x01"), .n = INT64_MIN, .at = INT64_C(1795461300000000), .tags = {tags, 2}, .rows = {rows, 2},
                           .hidden = STR("h")};
    json_write(&b, &note_out_shape, &out);
    buf_put_c(&b, 0);
    assert_string_equal(b.at, "{\"text\":\"q\\\"\\\\\\u0001\",\"empty\":null,\"n\":-9223372036854775808,\"at\":\"2026-11-23T19:15:00Z\","
                              "\"yes\":false,\"who\":null,\"tags\":[\"a\",\"b\\n\"],\"rows\":[{\"name\":\"x\"},{\"name\":\"\\u003c/script>\"}]}");
    buf_free(&b);
}

static void test_web_call(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4000);
    reader_start();
    assert_int_equal(web_call(&open_rows[1], &rq, STR("{\"text\":\"hi\"}"), &b), 201);
    assert_true(str_starts(buf_str(&b), "{\"text\":\"hi\""));
    buf_clear(&b);
    reader_start();
    assert_int_equal(web_call(&open_rows[1], &rq, STR("{\"text\":\"busy\"}"), &b), 503);
    assert_true(str_starts(buf_str(&b), "{\"error\":\"full\",\"message\":\""));
    assert_int_equal(rq.retry_after, 7);
    buf_clear(&b);
    reader_start();
    notes_run = 0;
    assert_int_equal(web_call(&open_rows[1], &rq, STR("{}"), &b), 422);
    assert_int_equal(notes_run, 0);
    buf_clear(&b);
    reader_start();
    struct route eager = open_rows[1]; // looks at what was refused and adds to it; the first sentence stays
    eager.run_refused = true;
    assert_int_equal(web_call(&eager, &rq, STR("{\"text\":\"odd\",\"n\":\"\",\"language\":\"en\"}"), &b), 422);
    assert_int_equal(notes_run, 1);
    assert_string_equal(refusals(), "n: The value has the wrong type.\ntext: Please choose one of the answers shown.\n");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_read), cmocka_unit_test(test_json_map), cmocka_unit_test(test_json_refusals), cmocka_unit_test(test_json_malformed),
        cmocka_unit_test(test_json_write), cmocka_unit_test(test_web_call),
    };
    return cmocka_run_group_tests(tests, fake_text, reader_end);
}
