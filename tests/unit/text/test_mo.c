#include "../base/unit.h"
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/share.h"
#include "text/mo.h"

#define MAGIC 0x950412deu

// A catalogue of two entries: "" with a header, and a plural "a_b".
static void build(struct buf *b)
{
    static const char header[] = "X: y\nPlural-Forms: nplurals=2; plural=(n != 1);\n";
    static const char ids[] = "\0a_b\0a_b", texts[] = "one\0many";
    uint32_t ids_at = 28, texts_at = 44, start = 60;
    buf_clear(b);
    buf_put_le(b, MAGIC, 4);
    buf_put_le(b, 0, 4);
    buf_put_le(b, 2, 4);
    buf_put_le(b, ids_at, 4);
    buf_put_le(b, texts_at, 4);
    buf_put_le(b, 0, 4);
    buf_put_le(b, 0, 4);
    buf_put_le(b, 0, 4); // id ""
    buf_put_le(b, start, 4);
    buf_put_le(b, 7, 4); // "a_b\0a_b"
    buf_put_le(b, start + 1, 4);
    buf_put_le(b, sizeof header - 1, 4);
    buf_put_le(b, start + sizeof ids, 4);
    buf_put_le(b, sizeof texts - 1, 4);
    buf_put_le(b, start + sizeof ids + sizeof header, 4);
    buf_put(b, STR_BYTES(ids));
    buf_put(b, STR_BYTES(header));
    buf_put(b, STR_BYTES(texts));
    assert_int_equal(buf_ok(b), OK);
}

static void poke(struct buf *b, size_t at, uint32_t v)
{
    memcpy(b->at + at, &v, sizeof v);
}

static void reads_a_catalogue(void **state)
{
    (void)state;
    struct buf b, why;
    buf_init(&b, 1000);
    buf_init(&why, 1000);
    build(&b);
    struct mo mo;
    assert_int_equal(mo_open(buf_str(&b), &mo, &why), OK);
    assert_int_equal(mo.n, 2);
    assert_str(mo_at(&mo, 1).id, "a_b");
    assert_true(mo_at(&mo, 1).plural && !mo_at(&mo, 0).plural);
    assert_true(str_equal(mo_at(&mo, 1).texts, STR("one\0many")));
    assert_str(mo_header(&mo, "Plural-Forms"), "nplurals=2; plural=(n != 1);");
    assert_str(mo_header(&mo, "X"), "y");
    assert_int_equal(mo_header(&mo, "Nothing").n, 0);
    assert_int_equal(why.n, 0);
    buf_free(&b);
    buf_free(&why);
}

static void refuses_what_is_broken(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        const char *says;
    } faults[] = {
        {0, 0xde120495u, "other byte order"},    {0, 1, "not a .mo file"},
        {4, 1, "not a .mo file of revision 0"},  {8, 20001, "more than 20000 messages"},
        {8, 20000, "a table lies outside"},      {8, 0xFFFFFFFF, "more than"},
        {12, 0, "a table lies outside"},         {12, 0xFFFFFFF0, "a table lies outside"},
        {16, 200, "a table lies outside"},       {16, 19, "a table lies outside"},
        {28, 1, "does not end"},                 {28, 0xFFFFFFFF, "text 0 lies outside"},
        {32, 0xFFFFFFFF, "text 0 lies outside"}, {36, 0, "text 1 lies outside the file or does not end"},
        {40, 61 + 1, "does not end"},            {44, 5, "text 0 lies outside the file or does not end"},
        {52, 0x7FFFFFFF, "text 1 lies outside"}, {56, 0x7FFFFFFF, "text 1 lies outside"},
    };
    struct buf b, why;
    buf_init(&b, 1000);
    buf_init(&why, 1000);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        build(&b);
        poke(&b, faults[i].at, faults[i].value);
        struct mo mo = {.n = 77};
        buf_clear(&why);
        if (mo_open(buf_str(&b), &mo, &why) == OK || str_find_str(buf_str(&why), str_from(faults[i].says)) < 0) {
            fail_msg("at %zu: '%.*s'", faults[i].at, STR_ARG(buf_str(&why)));
        }
        assert_int_equal(mo.n, 77);
    }
    build(&b);
    poke(&b, 36, 0);
    poke(&b, 40, 64); // the second id is empty too
    struct mo unsorted;
    buf_clear(&why);
    assert_int_equal(mo_open(buf_str(&b), &unsorted, &why), ERR_MALFORMED);
    assert_str(buf_str(&why), "broken: id 1 is not in order");
    build(&b);
    b.at[b.n - 3] = '\xff';
    struct mo mo;
    buf_clear(&why);
    assert_int_equal(mo_open(buf_str(&b), &mo, &why), ERR_MALFORMED);
    assert_str(buf_str(&why), "text 1 is not UTF-8");
    buf_free(&b);
    buf_free(&why);
}

// Cut anywhere, the real catalogue is refused or at least stays inside what is there (ASan watches a heap copy).
static void survives_any_cut(void **state)
{
    (void)state;
    struct buf file, why;
    buf_init(&file, MO_BYTES_MAX);
    buf_init(&why, 1000);
    char path[SHARE_PATH_MAX];
    assert_int_equal(file_read(share_path("locale/sq.mo", path, sizeof path), &file), OK);
    for (size_t n = 0; n < file.n; n += 1 + n / 50) {
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, file.at, n);
        struct mo mo;
        buf_clear(&why);
        assert_int_not_equal(mo_open((struct str){copy, n}, &mo, &why), OK);
        assert_true(why.n > 0);
        free(copy);
    }
    struct mo mo;
    assert_int_equal(mo_open(buf_str(&file), &mo, &why), OK);
    buf_free(&file);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_catalogue),
        cmocka_unit_test(refuses_what_is_broken),
        cmocka_unit_test(survives_any_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
