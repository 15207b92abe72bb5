#include "unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/url.h"

static struct arena *a;

static int begin(void **state)
{
    (void)state;
    return arena_new(64 * URL_ARENA, &a);
}

static int end(void **state)
{
    (void)state;
    arena_free(&a);
    return 0;
}

static void reads_what_was_typed(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"https://ok.example/a?b#c", "https://ok.example/a?b#c"},
        {"  https://ok.example \n", "https://ok.example"},
        {"Shiko këtë: https://v.example/v/abc?si=Xy_9&t=31  dërguar nga celulari im", "https://v.example/v/abc?si=Xy_9&t=31"},
        {"Shiko\nhttps://v.example/1\nhttps://v.example/2", "https://v.example/1"},
        {"HTTPS://Forum.Example:443/T", "HTTPS://Forum.Example:443/T"},
        {"hxxps://oferta[.]example/fito", "https://oferta.example/fito"},
        {"hXXp://a(.)b[.]example/x).", "http://a.b.example/x"},
        {"look: hxxps://a[.]example/x).", "https://a.example/x"},
        {"(https://ok.example/x)", "https://ok.example/x"},
        {"https://w.example/Kuqe_(gjarpër)", "https://w.example/Kuqe_(gjarpër)"},
        {"(https://w.example/Kuqe_(gjarpër)).", "https://w.example/Kuqe_(gjarpër)"},
        {"[https://ok.example/x]", "https://ok.example/x"},
        {"{https://ok.example/x};", "https://ok.example/x"},
        {"«https://ok.example/x»", "https://ok.example/x"},
        {"„https://ok.example/x“", "https://ok.example/x"},
        {"\"https://ok.example/x\",", "https://ok.example/x"},
        {"'https://ok.example/x'!", "https://ok.example/x"},
        {"<https://ok.example/x>", "https://ok.example/x"},
        {"https://ok.example/?", "https://ok.example/"},
        {"https://ok.example/x…", "https://ok.example/x"},
        {"https://ok.example/'a'", "https://ok.example/'a'"},
        {"https://ok.example/?q=<script>alert(1)</script>", "https://ok.example/?q=<script>alert(1)</script>"},
        {"https://ok.example/x\u00a0te", "https://ok.example/x"},
        {"https://a.example,https://b.example", "https://a.example"},
        {"https://https://a.example/x", "https://a.example/x"},
        {"https://a.example;", "https://a.example"},
        {"https://user:pass@ok.example/x", "https://user:pass@ok.example/x"},
        {"https://ok.example/\u202egnp.exe", "https://ok.example/\u202egnp.exe"},
        {"http://[::1]:22/", "http://[::1]:22/"},
        {"http://[::1]", "http://[::1]"},
        {"http://localhost/x", "http://localhost/x"},
        {"https://web.example/2020/http://old.example/", "https://web.example/2020/http://old.example/"},
        {"loja-fati.example/regjistrohu?ref=88", "http://loja-fati.example/regjistrohu?ref=88"},
        {" loja.example. ", "http://loja.example"},
        {"loja[.]example", "http://loja.example"},
        {"fórum.example:8080/x", "http://fórum.example:8080/x"},
        {"192.0.2.44/x", "http://192.0.2.44/x"},
        {"[2001:db8::1]/x", "http://[2001:db8::1]/x"},
        {"i\u2764.ws", "http://i\u2764.ws"},
        {"my_host.example", "http://my_host.example"},
        {"shqip.\u03b5\u03bb", "http://shqip.\u03b5\u03bb"},
        {"Data: 12.11.2026 https://ok.example/x", "https://ok.example/x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str got = STR("");
        enum url_fault f = url_read(a, str_from(rows[i][0]), &got);
        if (f != URL_FINE || !str_equal_z(got, rows[i][1])) {
            fail_msg("'%s': fault %d, '%.*s' instead of '%s'", rows[i][0], f, STR_ARG(got), rows[i][1]);
        }
        struct str page, host;
        assert_int_equal(url_compare(a, got, &page, &host), URL_FINE);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        enum url_fault fault;
    } rows[] = {
        {"", URL_EMPTY}, {" \n\u00a0", URL_EMPTY},
        {"https://ok.example/\001", URL_CONTROL}, {"https://ok.example/\xc2\x85", URL_CONTROL},
        {"https://ok.example/\x7f", URL_CONTROL}, {"https://ok.example/\xff", URL_CONTROL},
        {"data:image/png;base64,iVBORw0KGgo=", URL_PICTURE}, {"DATA:IMAGE/PNG;base64,iVBO", URL_PICTURE},
        {"shiko data:image/jpeg;base64,/9j/4", URL_PICTURE}, {"https://ok.example (data:;base64,AAAA)", URL_PICTURE},
        {"data:,x", URL_PICTURE}, {"data:foo", URL_PICTURE},
        {"Data: 12 maj", URL_NOT_WEB}, {"javascript:alert(1)", URL_NOT_WEB}, {"javascript:alert.al", URL_NOT_WEB},
        {"file:///etc/passwd", URL_NOT_WEB}, {"ftp://ok.example/x", URL_NOT_WEB}, {"tg://resolve?domain=x", URL_NOT_WEB},
        {"com.app.example://x", URL_NOT_WEB}, {"mailto:ana@ok.example", URL_NOT_WEB}, {"ana@ok.example", URL_NOT_WEB},
        {"instagram", URL_NOT_WEB}, {"localhost", URL_NOT_WEB}, {"nuk e di", URL_NOT_WEB}, {"12.11.2026", URL_NOT_WEB},
        {"3.14", URL_NOT_WEB}, {"0x7f.1", URL_NOT_WEB}, {"2130706433", URL_NOT_WEB}, {"1.2.3.4.5", URL_NOT_WEB},
        {"256.1.1.1", URL_NOT_WEB}, {"a.b", URL_NOT_WEB}, {"a..example", URL_NOT_WEB}, {"12:30", URL_NOT_WEB},
        {"ok.example:x/", URL_NOT_WEB}, {"/etc/passwd", URL_NOT_WEB}, {"?", URL_NOT_WEB}, {"...", URL_NOT_WEB},
        {"http://", URL_NOT_WEB}, {"https://...", URL_NOT_WEB}, {"http://a..example/", URL_NOT_WEB}, {"::1", URL_NOT_WEB},
        {"@ana.k", URL_NOT_WEB}, {"shiko www.ok.example", URL_NOT_WEB},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str got = STR("untouched");
        enum url_fault f = url_read(a, str_from(rows[i].typed), &got);
        if (f != rows[i].fault) {
            fail_msg("'%s': fault %d instead of %d (%.*s)", rows[i].typed, f, rows[i].fault, STR_ARG(got));
        }
        assert_str(got, "untouched");
    }
    struct str got;
    assert_int_equal(url_read(a, STR("https://ok.example/\0x"), &got), URL_CONTROL);
    static char large[URL_MAX + 1]; // length is checked before what is in it
    assert_int_equal(url_read(a, STR_BYTES(large), &got), URL_TOO_LONG);
    memset(large, 'a', sizeof large);
    memcpy(large, "https://ok.example/", 19);
    assert_int_equal(url_read(a, (struct str){large, URL_MAX}, &got), URL_FINE);
    assert_int_equal(got.n, URL_MAX);
}

static void compares_accounts(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"Instagram", "@profil_i_rremi_99", "instagram\nprofil_i_rremi_99"},
        {" instagram ", " Profil_I_Rremi_99\u00a0", "instagram\nprofil_i_rremi_99"},
        {"X", "@@a", "x\n@a"},
        {"WhatsApp", "+355 6X XXX XX21", "whatsapp\n+3556xxxxxx21"},
        {"WhatsApp", "+3556XXXXXX21", "whatsapp\n+3556xxxxxx21"},
        {"WhatsApp", "+355\u00a06X XXXXX21", "whatsapp\n+3556xxxxxx21"},
        {"Discord", "Ana K 12", "discord\nana k 12"},
        {"Telegram", "T.me/+AbC dE", "telegram\nt.me/+AbC dE"},
        {"Telegram", "https://T.me/Ana", "telegram\nhttps://t.me/ana"},
        {"TikTok", "e\xcc\x88MRI", "tiktok\n\u00ebmri"},
        {"TikTok", "Ëmri", "tiktok\nËmri"},
        {"", "", "\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_str(url_account_compare(a, str_from(rows[i][0]), str_from(rows[i][1])), rows[i][2]);
    }
    assert_str(url_account_compare(a, STR("x"), STR("A\xff")), "x\na\xff");
}

// ---- the sample reports: one line each, as people wrote them ----

static json_t *lines_of(const char *name)
{
    const char *folder = getenv("ISIGURT_REPORTS");
    char path[500];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : REPORTS, name);
    FILE *f = fopen(path, "r");
    if (!f) {
        fail_msg("%s is missing: it holds the sample reports; ISIGURT_REPORTS may name another folder", path);
    }
    json_t *all = json_array(), *line;
    json_error_t error;
    while ((line = json_loadf(f, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error))) {
        json_array_append_new(all, line);
    }
    fclose(f);
    assert_true(json_array_size(all) > 10);
    return all;
}

static struct str text_of(const json_t *line, const char *key)
{
    const json_t *v = json_object_get(line, key);
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : STR("");
}

// The page of a line: the compared address or account; empty where it gives neither.
static struct str page_of(const json_t *line, struct str *host)
{
    struct str read, page = STR("");
    *host = STR("");
    if (str_equal_z(text_of(line, "where"), "page")) {
        assert_int_equal(url_read(a, text_of(line, "address"), &read), URL_FINE);
        assert_int_equal(url_compare(a, read, &page, host), URL_FINE);
    } else if (str_equal_z(text_of(line, "where"), "app")) {
        page = url_account_compare(a, text_of(line, "app"), text_of(line, "account"));
    }
    return page;
}

static void good_reports_find_each_other(void **state)
{
    (void)state;
    json_t *all = lines_of("good.jsonl"), *line, *other;
    size_t i, k, linked = 0, given = 0;
    json_array_foreach(all, i, line) {
        const json_t *expect = json_object_get(line, "expect");
        struct str host, page = page_of(line, &host), wanted = text_of(expect, "address");
        if (wanted.n > 0) {
            assert_true(str_equal(page, wanted));
            given++;
        }
        struct str same = STR(""), same_host = text_of(expect, "same_host_as");
        json_array_foreach(all, k, other) { // the first report of the page
            struct str host2, page2 = page_of(other, &host2);
            if (k < i && same.n == 0 && page.n > 0 && str_equal(page, page2)) {
                same = text_of(other, "id");
            }
            if (same_host.n > 0 && str_equal(text_of(other, "id"), same_host)) {
                assert_true(str_equal(host, host2));
                linked++;
            }
        }
        if (!str_equal(same, text_of(expect, "same_as"))) {
            fail_msg("%.*s is found with '%.*s'", STR_ARG(text_of(line, "id")), STR_ARG(same));
        }
        linked += same.n > 0;
    }
    assert_true(linked > 3 && given >= 3);
    json_decref(all);
}

static void bad_addresses_are_refused_or_harmless(void **state)
{
    (void)state;
    json_t *all = lines_of("bad.jsonl"), *line;
    size_t i, seen = 0;
    json_array_foreach(all, i, line) {
        struct str expect = text_of(line, "expect"), typed = text_of(line, "address"), read, page, host;
        enum url_fault f = url_read(a, typed, &read);
        enum url_fault wanted = typed.n == 0                                            ? URL_EMPTY
                                : str_starts(expect, "refused: not a web address")      ? URL_NOT_WEB
                                : str_starts(expect, "refused: pictures")               ? URL_PICTURE
                                : str_starts(expect, "refused: control character")      ? URL_CONTROL
                                : str_find_str(expect, STR("long")) >= 0 && typed.n > URL_MAX ? URL_TOO_LONG
                                                                                        : URL_FINE;
        if (f != wanted) {
            fail_msg("%.*s: fault %d instead of %d", STR_ARG(text_of(line, "id")), f, wanted);
        }
        if (f == URL_FINE) {
            assert_int_equal(url_compare(a, read, &page, &host), URL_FINE);
        }
        seen++;
    }
    assert_int_equal(seen, 16);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_was_typed, begin, end),
        cmocka_unit_test_setup_teardown(says_what_is_wrong, begin, end),
        cmocka_unit_test_setup_teardown(compares_accounts, begin, end),
        cmocka_unit_test_setup_teardown(good_reports_find_each_other, begin, end),
        cmocka_unit_test_setup_teardown(bad_addresses_are_refused_or_harmless, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
