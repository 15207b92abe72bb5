#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "web/inside.h"

static struct part part[PARTS_MAX];
static size_t n;

static void test_boundary(void **state)
{
    struct str b;
    (void)state;
    assert_int_equal(multipart_boundary(STR("multipart/form-data; boundary=abc"), &b), OK);
    assert_true(str_equal_z(b, "abc"));
    assert_int_equal(multipart_boundary(STR("multipart/form-data; charset=utf-8; BOUNDARY=\"a+b\""), &b), OK);
    assert_true(str_equal_z(b, "a+b"));
    assert_int_equal(multipart_boundary(STR("multipart/form-data"), &b), ERR_MALFORMED);
    assert_int_equal(multipart_boundary(STR("multipart/form-data; boundary="), &b), ERR_MALFORMED);
    assert_int_equal(multipart_boundary(STR("multipart/form-data; boundary=a; boundary=b"), &b), ERR_MALFORMED);
}

#define D "Content-Disposition: form-data; "
static void test_parts(void **state)
{
    (void)state;
    struct str body = STR("--x\r\n" D "name=\"a\"\r\n\r\n1\r\n2\r\n--x\r\n" D "name=\"file\"; filename=\"q.pdf\"\r\nContent-Type: text/html\r\n\r\n"
                          "-x-\r\n-\r\n--x\r\n" D "name=\"c\"\r\n\r\n\r\n--x--\r\n");
    assert_int_equal(multipart_read(body, STR("x"), part, &n), OK);
    assert_int_equal(n, 3);
    assert_true(str_equal_z(part[0].name, "a") && str_equal_z(part[0].value, "1\r\n2") && !part[0].file);
    assert_true(part[1].file && str_equal_z(part[1].file_name, "q.pdf") && str_equal_z(part[1].value, "-x-\r\n-"));
    assert_int_equal(part[2].value.n, 0);
}

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "", "--x--", "--x\r\n--x--", "pre\r\n--x\r\n" D "name=\"a\"\r\n\r\n1\r\n--x--", "--x\r\n" D "name=\"a\"\r\n\r\n1\r\n--x--more",
        "--x\r\n" D "name=\"a\"\r\n\r\n1", "--x\r\n\r\n1\r\n--x--", "--x\r\n" D "name=a\r\n\r\n1\r\n--x--",
        "--x\r\n" D "name=\"a\"; name=\"b\"\r\n\r\n1\r\n--x--", "--x\r\n" D "filename=\"b\"\r\n\r\n1\r\n--x--",
        "--x\r\n" D "name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--x--", "--x\r\n" D "name=\"a\"\n\n1\r\n--x--",
        "--x\r\n" D "name=\"a\"; filename*=utf-8''x\r\n\r\n1\r\n--x--",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(multipart_read(str_from(bad[i]), STR("x"), part, &n), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_boundary), cmocka_unit_test(test_parts), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
