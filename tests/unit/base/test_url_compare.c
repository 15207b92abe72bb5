#include "unit.h"
#include <stdlib.h>
#include "base/buf.h"
#include "base/url.h"

static struct arena *a;

static int begin(void **state)
{
    (void)state;
    return arena_new(16 * URL_ARENA, &a);
}

static int end(void **state)
{
    (void)state;
    arena_free(&a);
    return 0;
}

// Pairs that are the same page: typed and compared form; also checks that comparing again changes nothing.
static void compare_all(const char *const (*rows)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str page, host, again;
        enum url_fault f = url_compare(a, str_from(rows[i][0]), &page, &host);
        if (f != URL_FINE || !str_equal_z(page, rows[i][1])) {
            fail_msg("%s: fault %d, '%.*s' instead of '%s'", rows[i][0], f, STR_ARG(f ? STR("") : page), rows[i][1]);
        }
        assert_int_equal(url_compare(a, page, &again, &host), URL_FINE);
        if (!str_equal(page, again)) {
            fail_msg("%s: comparing again gives '%.*s'", rows[i][1], STR_ARG(again));
        }
        assert_false(arena_failed(a));
    }
}
#define COMPARE(rows) compare_all(rows, sizeof(rows) / sizeof *(rows))

static void hosts_and_ports(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"HTTPS://Forum.Shkolla.EXAMPLE", "http://forum.shkolla.example"},
        {"https://user:p@ss@ok.example/x", "http://ok.example/x"},
        {"https://@ok.example", "http://ok.example"},
        {"http://ok.example.", "http://ok.example"},
        {"http://ok.example:80/", "http://ok.example"},
        {"https://ok.example:443/", "http://ok.example"},
        {"https://ok.example:80/", "http://ok.example"},
        {"http://ok.example:/", "http://ok.example"},
        {"http://ok.example:08080/", "http://ok.example:8080"},
        {"http://ok.example:0/", "http://ok.example:0"},
        {"http://www.ok.example", "http://www.ok.example"},
        {"http://fórum.example/thread/7/", "http://xn--frum-qqa.example/thread/7"},
        {"http://XN--FRUM-QQA.example", "http://xn--frum-qqa.example"},
        {"http://FO\xcc\x81RUM.example", "http://xn--frum-qqa.example"},
        {"http://f%C3%B3rum.example", "http://xn--frum-qqa.example"},
        {"http://%66%C3%B3rum.example", "http://xn--frum-qqa.example"},
        {"http://stra\u00dfe.example", "http://xn--strae-oqa.example"},
        {"http://a\u3002example", "http://a.example"},
        {"http://\uff2fK.example", "http://ok.example"},
        {"http://a\u00ad.example", "http://a.example"},
        {"http://my_host.ok.example", "http://my_host.ok.example"},
        {"http://my_h\u00f6st.example", "http://xn--my_hst-zxa.example"},
        {"http://-x-.example", "http://-x-.example"},
        {"http://i\u2764.ws", "http://xn--i-7iq.ws"},
        {"http://I\u2764\ufe0f.ws", "http://xn--i-7iq.ws"},
        {"http://xn--i-7iq.ws", "http://xn--i-7iq.ws"},
        {"http://\U0001F4A9.la", "http://xn--ls8h.la"},
        {"http://localhost/", "http://localhost"},
        {"http://exampleonionaddressxyz234567abcdefghijklmnopqrstuvwxyz234.onion/",
         "http://exampleonionaddressxyz234567abcdefghijklmnopqrstuvwxyz234.onion"},
    };
    COMPARE(rows);
}

static void numbers(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"http://127.0.0.1/", "http://127.0.0.1"},       {"http://127.1", "http://127.0.0.1"},
        {"http://0x7f.1/", "http://127.0.0.1"},          {"http://2130706433", "http://127.0.0.1"},
        {"http://0X7F000001", "http://127.0.0.1"},       {"http://017700000001", "http://127.0.0.1"},
        {"http://0177.0.0.01.", "http://127.0.0.1"},     {"http://192.0.2.44:8080/chat", "http://192.0.2.44:8080/chat"},
        {"http://１２７.0.0.1", "http://127.0.0.1"},     {"http://4294967295", "http://255.255.255.255"},
        {"http://0x", "http://0.0.0.0"},                 {"http://1.0x", "http://1.0.0.0"},
        {"http://[::1]:22/", "http://[::1]:22"},         {"http://[2001:DB8:0:0:0:0:0:1]", "http://[2001:db8::1]"},
        {"http://[::ffff:192.0.2.1]/", "http://[::ffff:192.0.2.1]"},
        {"http://[0:0:0:0:0:ffff:c000:201]/", "http://[::ffff:192.0.2.1]"},
    };
    COMPARE(rows);
}

static void paths(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"http://h.example/a/b/../c/./d", "http://h.example/a/c/d"},
        {"http://h.example/a/%2e%2E/c", "http://h.example/c"},
        {"http://h.example/../../a", "http://h.example/a"},
        {"http://h.example/a/..", "http://h.example"},
        {"http://h.example/a/.", "http://h.example/a"},
        {"http://h.example/a//../b", "http://h.example/a/b"},
        {"http://h.example/.../a", "http://h.example/.../a"},
        {"http://h.example/a/", "http://h.example/a"},
        {"http://h.example/a//", "http://h.example/a//"},
        {"http://h.example//", "http://h.example//"},
        {"http://h.example/#x/", "http://h.example"},
        {"http://h.example#x", "http://h.example"},
        {"http://h.example/a/?", "http://h.example/a"},
        {"http://h.example/a/?b=1", "http://h.example/a/?b=1"},
        {"http://h.example?b=1", "http://h.example/?b=1"},
        {"http://h.example/?b=/", "http://h.example/?b=/"},
        {"http://h.example/%7eana/%41%2f%3f", "http://h.example/~ana/A%2F%3F"},
        {"http://h.example/ë", "http://h.example/%C3%AB"},
        {"http://h.example/%c3%ab", "http://h.example/%C3%AB"},
        {"http://h.example/\u202egnp.exe", "http://h.example/%E2%80%AEgnp.exe"},
        {"http://h.example/100%", "http://h.example/100%25"},
        {"http://h.example/%zz%4", "http://h.example/%25zz%254"},
        {"http://h.example/%%34%31", "http://h.example/%2541"},
        {"http://h.example/%2%35", "http://h.example/%2525"},
        {"http://h.example/a\\b\\..\\c?x\\y", "http://h.example/a/c?x%5Cy"},
        {"http://h.example\\@evil.example/", "http://h.example/@evil.example"},
        {"http://h.example/(a)[b]!$&'*+,;=:@", "http://h.example/(a)[b]!$&'*+,;=:@"},
        {"http://h.example/?q=<script>alert(1)</script>", "http://h.example/?q=%3Cscript%3Ealert(1)%3C/script%3E"},
        {"http://h.example/A", "http://h.example/A"},
    };
    COMPARE(rows);
}

static void tracking(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"https://h.example/t/4411?utm_source=wa&page=2#p9", "http://h.example/t/4411?page=2"},
        {"https://h.example/?utm_source=a&utm_medium=b", "http://h.example"},
        {"https://h.example/x?fbclid=1&gclid=2&si=3", "http://h.example/x"},
        {"https://h.example/x/?fbclid", "http://h.example/x"},
        {"https://h.example/x?utm%5Fsource=1&a=1", "http://h.example/x?a=1"},
        {"https://h.example/x?sid=3&utm=1&xsi=2", "http://h.example/x?sid=3&utm=1&xsi=2"},
        {"https://h.example/x?b=2&a=1", "http://h.example/x?b=2&a=1"},
        {"https://h.example/x?a=1&&b=2&", "http://h.example/x?a=1&&b=2&"},
        {"https://h.example/x?a=1&&utm_x=2", "http://h.example/x?a=1&"},
        {"https://h.example/x?a?b=1", "http://h.example/x?a?b=1"},
        {"https://h.example/v/abc?si=Xy_9&t=31", "http://h.example/v/abc"},
        {"https://h.example/watch?v=1&t=31s", "http://h.example/watch?v=1"},
        {"https://h.example/watch?t=1m5s&v=1", "http://h.example/watch?v=1"},
        {"https://h.example/video/?t=1h2m3s", "http://h.example/video"},
        {"https://h.example/embed/x?t=2h", "http://h.example/embed/x"},
        {"https://h.example/shorts/x?t=1m5", "http://h.example/shorts/x"},
        {"https://h.example/./v/x?t=1", "http://h.example/v/x"},
        {"https://h.example/watch?t=", "http://h.example/watch?t="},
        {"https://h.example/watch?t", "http://h.example/watch?t"},
        {"https://h.example/watch?t=s", "http://h.example/watch?t=s"},
        {"https://h.example/watch?t=5x", "http://h.example/watch?t=5x"},
        {"https://h.example/watch?t=5s1m", "http://h.example/watch?t=5s1m"},
        {"https://h.example/watch?t=5ss", "http://h.example/watch?t=5ss"},
        {"https://h.example/watch?t=-5", "http://h.example/watch?t=-5"},
        {"https://h.example/viewtopic?t=31", "http://h.example/viewtopic?t=31"},
        {"https://h.example/?t=31", "http://h.example/?t=31"},
        {"https://h.example/forum/v/?t=31", "http://h.example/forum/v/?t=31"},
    };
    COMPARE(rows);
}

static void the_host_stands_alone(void **state)
{
    (void)state;
    struct str page, host;
    assert_int_equal(url_compare(a, STR("https://u:p@WWW.Fórum.example:8443/x?y"), &page, &host), URL_FINE);
    assert_str(host, "www.xn--frum-qqa.example");
    assert_int_equal(url_compare(a, STR("http://[::1]:22/"), &page, &host), URL_FINE);
    assert_str(host, "[::1]");
    assert_int_equal(url_compare(a, STR("http://0x7f.1:99"), &page, &host), URL_FINE);
    assert_str(host, "127.0.0.1");
}

static void refuses_what_is_no_address(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "ok.example", "ftp://ok.example", "javascript:alert(1)", "http:/ok.example", "http://", "http:///x", "http://user@/",
        "http://a..example", "http://.example", "http://..", "http://a b.example/", "http://a<b.example", "http://a%2Fb.example",
        "http://a%00b.example", "http://[::1/", "http://[::1]x", "http://[zz]", "http://[]", "http://ok.example:x",
        "http://ok.example:65536", "http://ok.example:99999999999999999999", "http://1.2.3.4.5", "http://256.0.0.1",
        "http://1.2.3.256", "http://4294967296", "http://foo.0x4", "http://08.1", "http://1..2",
        "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
        "http://\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764"
        "\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764"
        "\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764"
        "\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764\u2764.example",
    };
    struct str page, host;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (url_compare(a, str_from(bad[i]), &page, &host) != URL_NOT_WEB) {
            fail_msg("'%s' was taken", bad[i]);
        }
    }
    assert_int_equal(url_compare(a, STR(""), &page, &host), URL_EMPTY);
    assert_int_equal(url_compare(a, STR("http://ok.example/\0x"), &page, &host), URL_CONTROL);
    assert_int_equal(url_compare(a, STR("http://ok.example/\n"), &page, &host), URL_CONTROL);
    assert_int_equal(url_compare(a, STR("http://ok.example/\xff"), &page, &host), URL_CONTROL);
    static char large[3 * URL_MAX + 65];
    assert_int_equal(url_compare(a, STR_BYTES(large), &page, &host), URL_TOO_LONG);
}

// Whatever comes out goes in again unchanged: random addresses of pieces that are known for trouble.
static void comparing_twice_changes_nothing(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "/", "//", ".", "..", "%", "%2", "%2e", "%2E", "%41", "%c3%ab", "%zz", "?", "&", "=", "#", "utm_x=1", "si=2", "t=31",
        "v", "watch", "\\", "@", ":", ":80", ":443", "ë", "\u2764", "a", "Z", "[", "]", "<", "+", "xn--", "0x7f", "1", "-", "_",
        "\u3002", "\u00df", "\u202e",
    };
    srand(20261123);
    int taken = 0;
    for (int i = 0; i < 20000; i++) {
        struct arena *own = NULL;
        assert_int_equal(arena_new(4 * URL_ARENA, &own), OK);
        struct buf b;
        buf_init(&b, 1000);
        buf_put_z(&b, i % 2 ? "http://" : "https://h.example/");
        for (int k = rand() % 12; k >= 0; k--) {
            buf_put_z(&b, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
        }
        struct str page, host, page2, host2;
        if (url_compare(own, buf_str(&b), &page, &host) == URL_FINE) {
            taken++;
            if (url_compare(own, page, &page2, &host2) != URL_FINE || !str_equal(page, page2) || !str_equal(host, host2)) {
                fail_msg("%.*s: %.*s", STR_ARG(buf_str(&b)), STR_ARG(page));
            }
        }
        assert_false(arena_failed(own));
        buf_free(&b);
        arena_free(&own);
    }
    assert_true(taken > 8000);
}

static void fits_its_arena(void **state)
{
    (void)state;
    static char longest[URL_MAX];
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = "http://a.example/?"[i < 18 ? i : 17] == '?' && i > 17 ? '<' : "http://a.example/?"[i < 18 ? i : 17];
    }
    struct arena *small = NULL;
    assert_int_equal(arena_new(URL_ARENA, &small), OK);
    struct str page, host;
    assert_int_equal(url_compare(small, STR_BYTES(longest), &page, &host), URL_FINE);
    assert_int_equal(page.n, 18 + 3 * (URL_MAX - 18));
    arena_free(&small);
    assert_int_equal(arena_new(100, &small), OK);
    assert_int_equal(url_compare(small, STR_BYTES(longest), &page, &host), URL_NOT_WEB);
    assert_true(arena_failed(small));
    arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hosts_and_ports, begin, end),
        cmocka_unit_test_setup_teardown(numbers, begin, end),
        cmocka_unit_test_setup_teardown(paths, begin, end),
        cmocka_unit_test_setup_teardown(tracking, begin, end),
        cmocka_unit_test_setup_teardown(the_host_stands_alone, begin, end),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_address, begin, end),
        cmocka_unit_test(comparing_twice_changes_nothing),
        cmocka_unit_test(fits_its_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
