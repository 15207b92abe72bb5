// The writers that compiled pages call.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "html/html.h"

typedef void writer(struct buf *out, struct str s);

static void same(writer *w, struct str in, const char *want)
{
    struct buf b;
    buf_init(&b, 10000);
    w(&b, in);
    buf_put_c(&b, '\0');
    assert_string_equal(b.at, want);
    buf_free(&b);
}

static void text_is_escaped(void **state)
{
    (void)state;
    same(html_text, STR(""), "");
    same(html_text, STR("a <b> & \"c\" 'd'"), "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    same(html_text, STR("ë ç 日本 \U0001f600\n\ttab"), "ë ç 日本 \U0001f600\n\ttab");
    same(html_text, STR("a\xe2\x80\xae" "fdp.exe"), "a⟨U+202E⟩fdp.exe");
    same(html_text, STR("An\xe2\x80\x8b" "a \xf3\xa0\x81\x81 \xc2\xad \xef\xbb\xbf \xe2\x81\xa0 \xe3\x85\xa4"),
         "An⟨U+200B⟩a ⟨U+E0041⟩ ⟨U+00AD⟩ ⟨U+FEFF⟩ ⟨U+2060⟩ ⟨U+3164⟩");
    same(html_text, STR("Ana\xe2\x80\x8d \xc3\xab\xe2\x80\x8c a\xef\xb8\x8f \xe2\x80\x8b\xe2\x80\x8d"),
         "Ana⟨U+200D⟩ ë⟨U+200C⟩ a⟨U+FE0F⟩ ⟨U+200B⟩⟨U+200D⟩"); // nothing to join
    same(html_text, STR("❤\xef\xb8\x8f\xe2\x80\x8d🔥 1\xef\xb8\x8f⃣ می\xe2\x80\x8cخواهم Çë"), // emoji and Persian stay as they are
         "❤\xef\xb8\x8f\xe2\x80\x8d🔥 1\xef\xb8\x8f⃣ می\xe2\x80\x8cخواهم Çë");
    same(html_text, STR("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c\xe2\x80\xaa"), "⟨U+2066⟩⟨U+2069⟩⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩⟨U+202A⟩");
    same(html_text, STR("👨\xe2\x80\x8d👩\xe2\x80\x8d\xe2\x80\x8d"), "👨\xe2\x80\x8d👩\xe2\x80\x8d⟨U+200D⟩"); // emoji need joiners, once
    same(html_text, STR("❤&\xef\xb8\x8f"), "❤&amp;⟨U+FE0F⟩");
}

static void broken_text_is_shown_as_broken(void **state)
{
    (void)state;
    same(html_text, (struct str){"a\0b", 3}, "a\xef\xbf\xbd" "b");
    same(html_text, STR("\x01\x7f\xc2\x85"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    same(html_text, STR("\xff<"), "\xef\xbf\xbd&lt;");
    same(html_text, STR("\xc3<"), "\xef\xbf\xbd&lt;");                        // cut short: the next byte is not swallowed
    same(html_text, STR("\xe2\x80"), "\xef\xbf\xbd\xef\xbf\xbd");             // at the end
    same(html_text, STR("\xc0\xbc"), "\xef\xbf\xbd\xef\xbf\xbd");             // an over-long '<'
    same(html_text, STR("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); // a surrogate
    same(html_text, STR("\xf4\x90\x80\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void addresses_lead_nowhere_bad(void **state)
{
    (void)state;
    static const char *const fine[] = {"/", "/raporto", "/a?b=c#d", "?lang=en", "#main", "https://a.example/", "HTTP://a.example",
        "mailto:a@b.example", "tel:116111"};
    static const char *const bad[] = {"", "//evil.example", "/\\evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
        " https://a.example", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "raporto", "\\\\evil.example", "https://",
        "https:evil", "\x01javascript:x", "tel:", "http:/a", "/\t/evil.example", "/a\xff"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        same(html_url, str_from(fine[i]), fine[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        same(html_url, str_from(bad[i]), "#");
    same(html_url, STR("/a?b=\"&c='"), "/a?b=&quot;&amp;c=&#39;");
}

static void parts_of_addresses(void **state)
{
    (void)state;
    same(html_url_part, STR("aZ09-._~"), "aZ09-._~");
    same(html_url_part, STR("../a?b&c=d#\"ë"), "..%2Fa%3Fb%26c%3Dd%23%22%C3%AB");
    same(html_tel, STR("116 111"), "116111");
    same(html_tel, STR("+355 (4) 22\"><"), "+355422");
}

static void the_type_chooses(void **state)
{
    (void)state;
    struct buf b;
    char name[8] = "<n>";
    struct id id = {{0x0f, 0xa0}};
    const struct str text = STR("&");
    int64_t big = INT64_MIN;
    buf_init(&b, 1000);
    html_put(&b, text);
    html_put(&b, big);
    html_put(&b, true);
    html_put(&b, id);
    html_put(&b, ((struct html){STR("<em>")}));
    html_put(&b, name);
    html_put_attr(&b, "a\"");
    html_put_url_part(&b, id);
    html_put_url_part(&b, 7);
    buf_put_c(&b, '\0');
#define ID "0fa0000000000000" "0000000000000000"
    assert_string_equal(b.at, "&amp;" "-9223372036854775808" "1" ID "<em>" "&lt;n&gt;" "a&quot;" ID "7");
    assert_true(html_true(text) && html_true(name) && html_true(-1) && html_true(true));
    assert_false(html_true(STR("")) || html_true(0) || html_true(false) || html_true((const char *)NULL) || html_true(""));
    html_z(&b, NULL);
    buf_free(&b);
}

static void messages_are_escaped(void **state)
{
    (void)state;
    struct buf b, why;
    buf_init(&b, 1000);
    buf_init(&why, 1000);
    assert_int_equal(text_open(getenv("ISIGURT_LOCALE"), "sq,en", &why), OK);
    const struct lang *en = text_lang(STR("en"));
    html_message(&b, en, MSG_HTML_STEP, 2, (const struct text_arg[]){html_arg("n", (int64_t)2), html_arg("of", STR("<7>"))});
    html_message(&b, en, MSG_HTML_STEP, 2, (const struct text_arg[]){html_arg("n", ((struct str){0})), html_arg("of", "a&")});
    buf_put_c(&b, '\0');
    assert_string_equal(b.at, "2 of &lt;7&gt; of a&amp;");
    buf_free(&b);
    buf_free(&why);
}

static void a_full_buffer_is_noticed(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    html_text(&b, STR("abc&def"));
    assert_int_not_equal(buf_ok(&b), OK);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped), cmocka_unit_test(broken_text_is_shown_as_broken),
        cmocka_unit_test(addresses_lead_nowhere_bad), cmocka_unit_test(parts_of_addresses), cmocka_unit_test(the_type_chooses),
        cmocka_unit_test(messages_are_escaped), cmocka_unit_test(a_full_buffer_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
