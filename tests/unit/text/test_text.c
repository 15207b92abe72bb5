#include "../base/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/share.h"
#include "text/text.h"

static struct buf out;

static struct str put(const char *code, enum message m, size_t n, const struct text_arg *args)
{
    buf_clear(&out);
    text_put(&out, text_lang(str_from(code)), m, n, args);
    assert_int_equal(buf_ok(&out), OK);
    return buf_str(&out);
}

// Runs before the languages are open: a failed call leaves nothing behind.
static void refuses_bad_catalogues(void **state)
{
    (void)state;
    char folder[] = "/tmp/isigurt-text-XXXXXX", path[100], share[SHARE_PATH_MAX], command[200];
    struct buf why, mo;
    buf_init(&why, 1000);
    buf_init(&mo, 1000000);
    assert_non_null(mkdtemp(folder));
    static const char *const codes[] = {"", "../sq", "sq,", "sq en", "abcdefghijklmnop", "xx"};
    share_path("locale", share, sizeof share);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        buf_clear(&why);
        assert_int_not_equal(text_open(share, codes[i], &why), OK);
        assert_true(why.n > 0);
        assert_null(text_default());
    }
    assert_true(str_ends(buf_str(&why), "/xx.mo: cannot be opened (No such file or directory); build the catalogues, or install "
                                        "them there"));
    snprintf(path, sizeof path, "%s/sq.mo", folder);
    // a catalogue without one of the ids: text_month_march under another name
    char source[SHARE_PATH_MAX];
    assert_int_equal(file_read(share_path("locale/sq.mo", source, sizeof source), &mo), OK);
    ptrdiff_t at = str_find_str(buf_str(&mo), STR("text_month_may"));
    assert_true(at > 0);
    mo.at[at + 13] = 'z'; // still in order: text_month_maz stands before text_month_november
    assert_int_equal(file_replace(path, buf_str(&mo), 0600), OK);
    buf_clear(&why);
    assert_int_equal(text_open(folder, "sq", &why), ERR_INVALID);
    assert_true(str_ends(buf_str(&why), "/sq.mo: message text_month_may is missing; the file belongs to another version"));
    mo.at[at + 13] = 'y';
    at = str_find_str(buf_str(&mo), STR("plural=(n != 1)"));
    assert_true(at > 0);
    mo.at[at + 13] = '7';
    assert_int_equal(file_replace(path, buf_str(&mo), 0600), OK);
    buf_clear(&why);
    assert_int_equal(text_open(folder, "sq", &why), ERR_INVALID);
    assert_true(str_find_str(buf_str(&why), STR("its Plural-Forms is none of those known")) > 0);
    assert_int_equal(file_replace(path, STR(""), 0600), OK);
    assert_int_equal(text_open(folder, "sq", &why), ERR_MALFORMED);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
    buf_free(&why);
    buf_free(&mo);
}

static void opens_once(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 1000);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(why.n, 0);
    assert_int_equal(text_open(path, "sq,en", &why), ERR_CONFLICT);
    assert_string_equal(text_code(text_default()), "sq");
    assert_ptr_equal(text_each(0), text_default());
    assert_ptr_equal(text_each(1), text_lang(STR("en")));
    assert_null(text_each(2));
    assert_null(text_lang(STR("de")));
    assert_null(text_lang(STR("")));
    buf_free(&why);
}

static void every_message_has_a_text_in_each_language(void **state)
{
    (void)state;
    assert_non_null(text_each(0));
    for (int m = MSG_NONE + 1; m < MSG_COUNT; m++) {
        enum message found;
        assert_int_equal(text_message(str_from(text_message_ids[m]), &found), OK);
        assert_int_equal(found, m);
        for (size_t i = 0; text_each(i); i++) {
            assert_true(text_get(text_each(i), (enum message)m).n > 0);
        }
    }
    enum message untouched = MSG_COUNT;
    assert_int_equal(text_message(STR("text_no_such"), &untouched), ERR_NOT_FOUND);
    assert_int_equal(text_message(STR(""), &untouched), ERR_NOT_FOUND);
    assert_int_equal(text_message(STR("text_month_may\0"), &untouched), ERR_NOT_FOUND);
    assert_int_equal(untouched, MSG_COUNT);
    assert_int_equal(text_get(text_default(), MSG_NONE).n, 0);
}

static void fills_holes(void **state)
{
    (void)state;
    assert_str(text_get(text_lang(STR("sq")), MSG_TEXT_DATE_DAY), "{day} {month} {year}");
    assert_str(put("en", MSG_TEXT_DATE_DAY,
                   TEXT_ARGS(TEXT_I("year", 2026), TEXT_S("month", STR("{day}")), TEXT_I("day", -1))), "-1 {day} 2026");
    assert_str(put("en", MSG_TEXT_DATE_DAY, TEXT_ARGS(TEXT_I("day", 1), TEXT_S("month", str_from(NULL)))), "1  {year}");
    assert_str(put("en", MSG_TEXT_MONTH_MAY, TEXT_ARGS()), "May");
}

static void chooses_the_plural_form(void **state)
{
    (void)state;
    assert_str(put("en", MSG_TEXT_SPAN_DAY, TEXT_ARGS(TEXT_I("n", 1))), "1 day");
    assert_str(put("en", MSG_TEXT_SPAN_DAY, TEXT_ARGS(TEXT_I("n", 0))), "0 days");
    assert_str(put("en", MSG_TEXT_SPAN_DAY, TEXT_ARGS(TEXT_S("x", STR("1")), TEXT_I("n", 2), TEXT_I("k", 1))), "2 days");
    assert_str(put("sq", MSG_TEXT_SPAN_MINUTE, TEXT_ARGS(TEXT_I("n", 1))), "1 minutë");
    assert_str(put("sq", MSG_TEXT_SPAN_MINUTE, TEXT_ARGS(TEXT_I("n", 15))), "15 minuta");
    assert_str(text_get(text_lang(STR("en")), MSG_TEXT_SPAN_DAY), "{n} days");
}

static void mark(void *ctx, bool is_arg, struct str piece)
{
    buf_printf(ctx, is_arg ? "<%.*s>" : "[%.*s]", STR_ARG(piece));
}

static void walks_pieces(void **state)
{
    (void)state;
    buf_clear(&out);
    text_walk(text_lang(STR("en")), MSG_TEXT_DATE_MINUTE, TEXT_ARGS(TEXT_S("date", STR("d")), TEXT_I("clock", 7)), mark, &out);
    assert_str(buf_str(&out), "<d>[, ]<7>");
}

int main(void)
{
    buf_init(&out, 10000);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_catalogues),
        cmocka_unit_test(opens_once),
        cmocka_unit_test(every_message_has_a_text_in_each_language),
        cmocka_unit_test(fills_holes),
        cmocka_unit_test(chooses_the_plural_form),
        cmocka_unit_test(walks_pieces),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&out);
    return failed;
}
