#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "fake.h"

static struct buf why;

static struct router table(const struct routes *const *rooms)
{
    struct router r = {0};
    assert_int_equal(router_add(&r, rooms, &why), OK);
    return r;
}

#define ID "00112233445566778899aabbccddeeff"
static void test_route_find(void **state)
{
    (void)state;
    struct router r = table(desk_rooms);
    unsigned allow;
    struct entry *e = router_find(&r, STR("/"), HTTP_GET, &allow);
    assert_true(e && e->row == &open_rows[0] && e->kind == ENTRY_PAGE);
    assert_ptr_equal(router_find(&r, STR("/"), HTTP_HEAD, &allow), e);
    assert_null(router_find(&r, STR("/"), HTTP_POST, &allow));
    assert_int_equal(allow, 1u << GET);
    assert_null(router_find(&r, STR("/"), HTTP_OTHER, &allow));
    e = router_find(&r, STR("/api/v1/items/" ID "/take"), HTTP_POST, &allow);
    assert_true(e && e->row == &desk_rows[0] && e->kind == ENTRY_JSON);
    struct id id = {{0}}, id2 = {{0}};
    entry_ids(e, STR("/api/v1/items/" ID "/take"), &id, &id2);
    assert_true(id.b[0] == 0 && id.b[15] == 0xff && id_zero(id2));
    static const char *nowhere[] = {"/items", "/items/", "/items/x", "/items/" ID "/", "/items/" ID "0", "/items/00112233445566778899AABBCCDDEEFF",
        "/a/b/c/d/e/f/g/h/i", "/api/v1", "/api", "/notes/"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        if (router_find(&r, str_from(nowhere[i]), HTTP_GET, &allow)) {
            fail_msg("found: %s", nowhere[i]);
        }
        assert_int_equal(allow, 0);
    }
    router_free(&r);
}

// A name of the data in the path: whole segments of letters, digits and . - _; an exact path goes before it.
static void test_route_code(void **state)
{
    (void)state;
    struct route rows[2] = {open_rows[1], open_rows[1]};
    rows[0].path = "/plan/{code}/more";
    rows[1].path = "/plan/all/more";
    struct routes room = {"room", rows, 2};
    const struct routes *const rooms[] = {&room, NULL};
    struct router r = {0};
    unsigned allow;
    assert_int_equal(router_add(&r, rooms, &why), OK);
    struct entry *e = router_find(&r, STR("/api/v1/plan/1.3.b/more"), HTTP_GET, &allow);
    e = e ? e : router_find(&r, STR("/api/v1/plan/1.3.b/more"), HTTP_POST, &allow);
    assert_true(e && e->row == &rows[0]);
    assert_true(str_equal_z(entry_code(e, STR("/api/v1/plan/1.3.b/more")), "1.3.b"));
    enum http_method method = rows[0].method == GET ? HTTP_GET : HTTP_POST;
    assert_ptr_equal(router_find(&r, STR("/api/v1/plan/all/more"), method, &allow)->row, &rows[1]);
    assert_int_equal(entry_code(router_find(&r, STR("/api/v1/plan/all/more"), method, &allow), STR("/api/v1/plan/all/more")).n, 0);
    static const char *nowhere[] = {"/api/v1/plan//more", "/api/v1/plan/.x/more", "/api/v1/plan/a%20b/more", "/api/v1/plan/a:b/more",
        "/api/v1/plan/12345678901234567890123456789012345678901/more", "/api/v1/plan/\xc3\xab/more"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        assert_null(router_find(&r, str_from(nowhere[i]), method, &allow));
    router_free(&r);
}

static void refused(struct route row, const char *reason)
{
    struct route rows[2] = {row, row};
    struct routes room = {"room", rows, 1};
    const struct routes *const rooms[] = {&room, NULL};
    struct router r = {0};
    buf_clear(&why);
    assert_int_equal(router_add(&r, rooms, &why), ERR_BUG);
    buf_put_c(&why, 0);
    if (!strstr(why.at, reason)) {
        fail_msg("%s, not: %s", why.at, reason);
    }
    router_free(&r);
}

static void test_route_faults(void **state)
{
    (void)state;
    struct route row = open_rows[1];
    row.perm = PERM_REFUSED; // left empty: nobody, and no start
    refused(row, "names no permission");
    row = open_rows[1];
    row.run = NULL;
    refused(row, "lacks its handler");
    row = open_rows[1];
    row.body_max = HTTP_BODY_MAX + 1;
    refused(row, "too large a body");
    row = open_rows[1];
    row.body_max = 300; // 44 characters of three bytes each, and the names
    refused(row, "smaller body than its fields");
    row = open_rows[1];
    row.cache_seconds = 1;
    refused(row, "kept ready");
    const struct field endless[] = {{.name = "text", .kind = K_TEXT}};
    const struct shape without = {"without", sizeof(struct note_in), 1, endless, "note_in"};
    row = open_rows[1];
    row.in = &without;
    refused(row, "without a maximum");
    const struct route twice[] = {open_rows[0], open_rows[0]};
    const struct routes room = {"room", twice, 2};
    const struct routes *const rooms[] = {&room, NULL};
    struct router r = {0};
    buf_clear(&why);
    assert_int_equal(router_add(&r, rooms, &why), ERR_BUG);
    router_free(&r);
}

// A template reads the struct that its head names. Given another, the program must not start.
static void test_route_page_reads(void **state)
{
    (void)state;
    static const struct html_page compiled = {note_page, "note", "note_in", "note_out", sizeof(struct note_in), sizeof(struct note_out)};
    static const struct html_page *const at __attribute__((section("isigurt_pages"), used)) = &compiled;
    struct route row = open_rows[1];
    assert_ptr_equal(html_page_find(row.page), at);
    row.out = &take_out_shape;
    refused(row, "its page note reads struct note_out");
    refused(row, "as `out`, the row gives struct take_out");
    struct shape same = *row.in; // of the same size, so that only the name tells
    same.of = "other_in";
    row = open_rows[1];
    row.in = &same;
    refused(row, "the row gives struct other_in");
    const struct routes room = {"room", &open_rows[1], 1};
    const struct routes *const rooms[] = {&room, NULL};
    struct router r = table(rooms);
    router_free(&r);
}

static void test_route_page_only(void **state)
{
    (void)state;
    struct route row = open_rows[1];
    row.page_only = true;
    const struct routes room = {"room", &row, 1};
    const struct routes *const rooms[] = {&room, NULL};
    struct router r = table(rooms);
    unsigned allow;
    assert_non_null(router_find(&r, STR("/notes"), HTTP_POST, &allow));
    assert_null(router_find(&r, STR("/api/v1/notes"), HTTP_POST, &allow));
    router_free(&r);
}

static int start(void **state)
{
    (void)state;
    buf_init(&why, 1000);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_free(&why);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route_find), cmocka_unit_test(test_route_code), cmocka_unit_test(test_route_faults), cmocka_unit_test(test_route_page_only), cmocka_unit_test(test_route_page_reads),
    };
    return cmocka_run_group_tests(tests, start, end);
}
