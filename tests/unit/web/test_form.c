#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "reader.h"

static enum err read_form(const char *z)
{
    struct form_extra extra = {0};
    reader_start();
    return form_read(&rq, &note_in_shape, str_from(z), &in, &extra);
}

static void test_form_values(void **state)
{
    (void)state;
    assert_int_equal(read_form("text=a+b%26&lines=x%0D%0Ay%0Az&colour=red&n=-12&yes=on&who=00112233445566778899aabbccddeeff&tags=a&tags=b"), OK);
    assert_true(str_equal_z(in.text, "a b&"));
    assert_true(str_equal_z(in.lines, "x\ny\nz"));
    assert_true(in.n == -12 && in.yes && in.who.b[15] == 0xff);
    assert_int_equal(in.tags.n, 2);
    assert_true(str_equal_z(((const struct str *)in.tags.at)[1], "b"));
    assert_int_equal(read_form("text=%C3%AB&&n=&yes=0&who=&unknown=1&=x&button"), OK);
    assert_true(str_equal_z(in.text, "ë") && !in.yes && id_zero(in.who));
}

static void test_form_map(void **state)
{
    (void)state;
    assert_int_equal(read_form("text=a&more.title=T%C3%AB&more.x.f.0-13=12&more=y&morer.z=1"), OK);
    assert_string_equal(map(), "title=Të\nx.f.0-13=12\n");
    assert_int_equal(read_form("text=a&more.k=1&more.k=2%0D%0A3"), OK); // as often as it was sent, in its order
    assert_string_equal(map(), "k=1\nk=2\n3\n");
    assert_int_equal(read_form("text=a&more.a=b%00&more.b=%FF&more.c=c"), ERR_INVALID);
    assert_non_null(strstr(refusals(), "more.a: There are characters here"));
    assert_int_equal(in.more.n, 3);
    assert_int_equal(read_form("text=a&more.A=1"), ERR_INVALID); // no plain name
    assert_string_equal(refusals(), "more: There is no field with this name.\n");
    assert_int_equal(read_form("text=a&more.a=1&more.b=1&more.c=1&more.d=1"), ERR_INVALID);
    assert_string_equal(refusals(), "more: Too many: at most 3.\n");
}

static void test_form_extra(void **state)
{
    (void)state;
    struct form_extra x = {0};
    reader_start();
    assert_int_equal(form_read(&rq, &note_in_shape, STR("csrf=c&lang=en&js=1&receipt=R+S&text=a"), &in, &x), OK);
    assert_true(str_equal_z(x.csrf, "c") && str_equal_z(x.lang, "en") && x.script && str_equal_z(x.receipt, "R S"));
}

// A page leaves aside what it does not know; a program is told, because a mistyped filter would list everything.
static void test_form_unknown(void **state)
{
    (void)state;
    struct form_extra extra = {0};
    reader_start();
    rq.json = true;
    assert_int_equal(form_read(&rq, &note_in_shape, STR("text=a&lang=en"), &in, &extra), OK);
    assert_int_equal(form_read(&rq, &note_in_shape, STR("text=a&colur=red"), &in, &extra), ERR_INVALID);
    assert_string_equal(refusals(), "colur: There is no field with this name.\n");
    reader_start();
    rq.json = true;
    assert_int_equal(form_read(&rq, &none_shape, STR("sate=new"), &in, &extra), ERR_INVALID);
    assert_int_equal(form_read(&rq, &note_in_shape, STR("text=a&%FF=1"), &in, &extra), ERR_MALFORMED);
    assert_int_equal(form_read(&rq, &note_in_shape, STR("text=a&csrf=c"), &in, &extra), ERR_INVALID);
    rq.json = false;
}

static void test_form_refusals(void **state)
{
    (void)state;
    assert_int_equal(read_form("colour=red"), ERR_INVALID);
    assert_string_equal(refusals(), "text: Please answer this.\n");
    assert_int_equal(read_form("text=+%E2%80%8B"), ERR_INVALID); // only white space that nobody sees
    assert_int_equal(read_form("text=12345678901"), ERR_INVALID);
    assert_string_equal(refusals(), "text: This is too long: at most 10 characters.\n");
    assert_true(str_equal_z(in.text, "12345678901")); // comes back whole
    assert_int_equal(read_form("text=%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB%C3%AB"), OK); // ten characters, twenty bytes
    assert_int_equal(read_form("text=a%00b"), ERR_INVALID);
    assert_non_null(strstr(refusals(), "text: There are characters here"));
    assert_int_equal(read_form("text=a%0Ab"), ERR_INVALID);       // one line only
    assert_int_equal(read_form("text=a&lines=%0A%09"), OK);
    assert_int_equal(read_form("text=a&lines=%1B"), ERR_INVALID);
    assert_int_equal(read_form("text=%FF"), ERR_INVALID);
    assert_int_equal(in.text.n, 0);                               // broken text is not shown again
    assert_int_equal(read_form("text=a&colour=green"), ERR_INVALID);
    assert_int_equal(read_form("text=a&n=1x"), ERR_INVALID);
    assert_int_equal(read_form("text=a&n=99999999999999999999"), ERR_INVALID);
    assert_int_equal(read_form("text=a&yes=maybe"), ERR_INVALID);
    assert_int_equal(read_form("text=a&who=1"), ERR_INVALID);
    assert_int_equal(read_form("text=a&text=a"), ERR_INVALID);
    assert_int_equal(read_form("text=a&tags=1&tags=2&tags=3"), ERR_INVALID);
    assert_string_equal(refusals(), "tags: Too many: at most 2.\n");
    assert_int_equal(read_form("text=a&tags=%00"), ERR_INVALID);
}

static void test_form_malformed(void **state)
{
    (void)state;
    assert_int_equal(read_form("text=%"), ERR_MALFORMED);
    assert_int_equal(read_form("text=%4"), ERR_MALFORMED);
    assert_int_equal(read_form("text=%g0"), ERR_MALFORMED);
    assert_int_equal(read_form("%zz=1&text=a"), ERR_MALFORMED);
    char many[FORM_PAIRS_MAX * 4 + 5] = "";
    for (size_t i = 0; i <= FORM_PAIRS_MAX; i++) {
        memcpy(many + 4 * i, "a=1&", 5);
    }
    assert_int_equal(read_form(many), ERR_MALFORMED);
    many[4 * FORM_PAIRS_MAX] = '\0';
    assert_int_equal(read_form(many), ERR_INVALID); // fits; only `text` is missing
}

static void test_form_secrets_go(void **state)
{
    (void)state;
    assert_int_equal(read_form("text=a&secret=word"), OK);
    assert_true(str_equal_z(in.secret, "word"));
    shape_forget_secrets(&note_in_shape, &in);
    assert_int_equal(in.secret.n, 0);
    assert_true(str_equal_z(in.text, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_values), cmocka_unit_test(test_form_map), cmocka_unit_test(test_form_extra), cmocka_unit_test(test_form_unknown), cmocka_unit_test(test_form_refusals),
        cmocka_unit_test(test_form_malformed), cmocka_unit_test(test_form_secrets_go),
    };
    return cmocka_run_group_tests(tests, fake_text, reader_end);
}
