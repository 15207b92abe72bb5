#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "reader.h"

static void test_session_cookies(void **state)
{
    (void)state;
    assert_true(str_equal_z(cookie_get(STR("a=1; desk=x=y; b=2"), STR("desk")), "x=y"));
    assert_true(str_equal_z(cookie_get(STR("xdesk=1; desk=2"), STR("desk")), "2"));
    assert_int_equal(cookie_get(STR("Desk=1; desk"), STR("desk")).n, 0);
    struct token t;
    assert_true(session_token(STR("lang=sq; " GOOD_COOKIE), false, &t));
    assert_memory_equal(&t, &good_token, sizeof t);
    assert_false(session_token(STR(GOOD_COOKIE), true, &t)); // on https only the name with the prefix counts
    assert_true(session_token(STR("__Host-" GOOD_COOKIE), true, &t));
    assert_false(session_token(STR("desk=0102"), false, &t));
    assert_false(session_token(STR("desk=0102030000000000000000000000000000000000000000000000000000000X00"), false, &t));
}

static void test_session_cookie_made(void **state)
{
    (void)state;
    reader_start();
    struct config c = {.desk_url = "http://127.0.0.1:8081"};
    reader_services.config = &c;
    struct str s = web_session_cookie(&rq, &good_token, false);
    assert_true(str_equal_z(s, GOOD_COOKIE "; Path=/; HttpOnly; SameSite=Strict"));
    struct config https = {.desk_url = "https://desk.example"};
    reader_services.config = &https;
    s = web_session_cookie(&rq, &good_token, false);
    assert_true(str_equal_z(s, "__Host-" GOOD_COOKIE "; Path=/; HttpOnly; SameSite=Strict; Secure"));
    s = web_session_cookie(&rq, &good_token, true);
    assert_true(str_equal_z(s, "__Host-desk=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"));
}

static bool same_at(const char *host, const char *origin, const char *site)
{
    struct http_request hr = {.path = STR("/")};
    hr.header[HTTP_HOST] = str_from(host);
    hr.header[HTTP_ORIGIN] = str_from(origin);
    hr.header[HTTP_FETCH_SITE] = str_from(site);
    return session_same_origin(&hr, "https://desk.example/x");
}

static bool same(const char *origin, const char *site)
{
    return same_at("desk.example:8081", origin, site);
}

static void test_session_origin(void **state)
{
    (void)state;
    assert_true(same("", "") && same("https://desk.example", "") && same("", "none"));
    assert_true(same_at("localhost:8081", "http://localhost:8081", "same-origin") && same_at("[::1]", "http://[::1]", ""));
    assert_false(same_at("localhost:8081", "http://localhost:8082", "") || same_at("localhost:8081", "localhost:8081", ""));
    // A name of somebody else's that leads to our address is its own witness in both headers.
    assert_false(same_at("keq.example:8081", "http://keq.example:8081", "same-origin") || same("http://desk.example:8081", "same-origin"));
    assert_false(same_at("localhost.keq.example", "http://localhost.keq.example", "") || same_at("127.0.0.1.keq.example:1", "http://127.0.0.1.keq.example:1", ""));
    assert_false(same("null", "") || same("https://desk.example.evil", "") || same("https://evil", "same-origin"));
    assert_false(same("", "cross-site") || same("https://desk.example", "same-site") || same("https://desk.example:1", ""));
}

static void test_session_load(void **state)
{
    (void)state;
    struct keeper_session s;
    reader_start();
    reader_services.keeper = (struct keeper *)&reader_services;
    assert_int_equal(session_load(&rq, STR("a=b"), false, person_find, &s), ERR_UNAUTHENTICATED);
    assert_int_equal(session_load(&rq, STR(GOOD_COOKIE), false, person_find, &s), OK);
    assert_true(str_equal_z(rq.who.name, "Era") && rq.who.n_units == 1 && rq.nav.reports && !rq.nav.people);
    assert_true(req_may(&rq, PERM_REPORT_TAKE) && !req_may(&rq, PERM_PEOPLE_ADMIN) && !req_may(&rq, PERM_REFUSED));
    assert_true(session_csrf_equal(&rq, STR(GOOD_CSRF)));
    assert_false(session_csrf_equal(&rq, STR("")) || session_csrf_equal(&rq, STR("0123456789abcdef0123456789abcdee")));
    rq.csrf = (struct str){"", 0};
    assert_false(session_csrf_equal(&rq, STR(""))); // no token never equals no token
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_cookies), cmocka_unit_test(test_session_cookie_made), cmocka_unit_test(test_session_origin),
        cmocka_unit_test(test_session_load),
    };
    return cmocka_run_group_tests(tests, fake_text, reader_end);
}
