#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "http/gate.h"

static enum gate target(const char *z)
{
    struct str path, query;
    return gate_target(str_from(z), &path, &query);
}

static void test_gate_target(void **state)
{
    (void)state;
    struct str path, query;
    assert_int_equal(gate_target(STR("/reports/0af?state=new&x=%C3%AB"), &path, &query), GATE_OPEN);
    assert_true(str_equal_z(path, "/reports/0af"));
    assert_true(str_equal_z(query, "state=new&x=%C3%AB"));
    static const char *open[] = {"/", "/a/", "/a.b/c-d_e~f", "/.well-known/security.txt", "/x?", "/x?a|b{c}"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        assert_int_equal(target(open[i]), GATE_OPEN);
    }
    static const char *nowhere[] = {"//", "/a//b", "/..", "/a/../b", "/./a", "/a/.", "/%2e%2e/x", "/a%00", "/a;b=1", "/a{b}"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        assert_int_equal(target(nowhere[i]), GATE_NOWHERE);
    }
    static const char *bad[] = {"", "*", "a", "http://x/", "/a b", "/a\tb", "/\xc3\xab", "/a#b", "/a\\b", "/a?\"", "/a\x7f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(target(bad[i]), GATE_BAD);
    }
    char longest[HTTP_TARGET_MAX + 1];
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = i ? 'a' : '/';
    }
    assert_int_equal(gate_target((struct str){longest, HTTP_TARGET_MAX}, &path, &query), GATE_OPEN);
    assert_int_equal(gate_target((struct str){longest, HTTP_TARGET_MAX + 1}, &path, &query), GATE_LARGE);
}

// "name: value\n…" through the gate, as HTTP/1.1 with a Host unless the lines begin with '!'
static enum gate head(const char *lines, const char *version)
{
    struct gate_head g;
    gate_head_start(&g);
    struct str rest = str_from(lines);
    if (rest.n && rest.at[0] == '!') {
        rest = str_slice(rest, 1, rest.n);
    } else {
        gate_field(&g, STR("Host"), STR("localhost:8080"));
    }
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        struct str name = str_cut(&line, ':');
        gate_field(&g, name, line);
    }
    return gate_head_end(&g, str_from(version));
}

static void test_gate_head(void **state)
{
    (void)state;
    static const char *open[] = {"", "Cookie: a=b; c=d\nAccept-Language: sq", "Content-Length: 0", "content-length:  12 ",
        "Transfer-Encoding: chunked", "Accept-Language: sq\nAccept-Language: en", "X: a\tb", "User-Agent: \xc3\xab",
        "X-Any: 1\nX-Any: 2", "!hOST: [::1]:80"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        assert_int_equal(head(open[i], "HTTP/1.1"), GATE_OPEN);
    }
    static const char *bad[] = {"!", "!Host:", "!Host: a/b", "!Host: a@b", "Host: other", "Content-Length: 1\nContent-Length: 1",
        "Content-Length: 1\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\nTransfer-Encoding: chunked", "Transfer-Encoding:", "Content-Length:", "Content-Length: +1",
        "Content-Length: 1,1", "Content-Length: 0x1", "Content-Length: 99999999999", "Content-Length: -1", "a b: 1", "a\t: 1", ": 1",
        "X: a\x01z", "X: a\x7f", "X: a\rb", "Cookie: a\nCookie: b", "Origin: a\nOrigin: b", "X-CSRF-Token: 1\nx-csrf-token: 2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (head(bad[i], "HTTP/1.1") != GATE_BAD) {
            fail_msg("let in: %s", bad[i]);
        }
    }
    assert_int_equal(head("!", "HTTP/1.0"), GATE_OPEN);
    assert_int_equal(head("!Transfer-Encoding: chunked", "HTTP/1.0"), GATE_BAD);
    assert_int_equal(head("", "HTTP/1.2"), GATE_BAD);
    assert_int_equal(head("", "http/1.1"), GATE_BAD);
}

static void test_gate_limits(void **state)
{
    (void)state;
    struct gate_head g;
    gate_head_start(&g);
    gate_field(&g, STR("Host"), STR("x"));
    for (int i = 0; i < HTTP_FIELDS_MAX - 1; i++) {
        gate_field(&g, STR("X"), STR("1"));
    }
    assert_int_equal(gate_head_end(&g, STR("HTTP/1.1")), GATE_OPEN);
    gate_field(&g, STR("X"), STR("1"));
    assert_int_equal(gate_head_end(&g, STR("HTTP/1.1")), GATE_LARGE);
    static char large[HTTP_HEAD_MAX];
    for (size_t i = 0; i < sizeof large; i++) {
        large[i] = 'a';
    }
    gate_head_start(&g);
    gate_field(&g, STR("Host"), STR("x"));
    gate_field(&g, STR("Cookie"), (struct str){large, sizeof large});
    assert_int_equal(gate_head_end(&g, STR("HTTP/1.1")), GATE_LARGE);
}

static void test_gate_length(void **state)
{
    (void)state;
    struct gate_head g;
    gate_head_start(&g);
    assert_int_equal(gate_length(&g), -1);
    gate_field(&g, STR("Content-Length"), STR(" 0042 "));
    assert_int_equal(gate_length(&g), 42);
}

static void test_gate_method(void **state)
{
    (void)state;
    assert_int_equal(gate_method(STR("GET")), HTTP_GET);
    assert_int_equal(gate_method(STR("DELETE")), HTTP_DELETE);
    assert_int_equal(gate_method(STR("get")), HTTP_OTHER);
    assert_int_equal(gate_method(STR("TRACE")), HTTP_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_target), cmocka_unit_test(test_gate_head), cmocka_unit_test(test_gate_limits),
        cmocka_unit_test(test_gate_length), cmocka_unit_test(test_gate_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
