#include "../base/unit.h"
#include <stdio.h>
#include <string.h>
#include "text/csv.h"

struct piece { struct str rest; size_t each; enum err e; };

static enum err from(void *ctx, char *into, size_t max, size_t *n)
{
    struct piece *p = ctx;
    size_t take = p->rest.n < p->each ? p->rest.n : p->each;
    take = take < max ? take : max;
    memcpy(into, p->rest.at, take);
    p->rest = str_slice(p->rest, take, p->rest.n);
    *n = take;
    return p->rest.n == 0 && take == 0 ? p->e : OK;
}

// Rows as "a|b\n", and what ended them: "fault LINE KIND" where it was no end.
static const char *read_all(struct str s, size_t each)
{
    static char out[4000];
    struct csv_reader *r = NULL;
    const struct str *cell;
    size_t n, at = 0;
    enum err e;
    struct piece p = {s, each, OK};
    assert_int_equal(csv_open(from, &p, &r), OK);
    while ((e = csv_next(r, &cell, &n)) == OK)
        for (size_t i = 0; i < n; i++)
            at += (size_t)snprintf(out + at, sizeof out - at, "%.*s%s", STR_ARG(cell[i]), i + 1 < n ? "|" : "\n");
    if (e == ERR_MALFORMED)
        at += (size_t)snprintf(out + at, sizeof out - at, "fault %d %d", (int)csv_line(r), csv_fault(r));
    else
        assert_int_equal(e, ERR_NOT_FOUND);
    out[at] = '\0';
    csv_close(&r);
    return out;
}

static void reads(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a,b\r\n1,2\r\n", "a|b\n1|2\n"},
        {"\xEF\xBB\xBF" "a;b;c\n1,5;\"x;\"\"y\"\"\";\n", "a|b|c\n1,5|x;\"y\"|\n"}, // a byte order mark, semicolons, an empty cell
        {"a\tb\rc\td", "a|b\nc|d\n"},
        {"\"a,x\";b\n1;2\n", "a,x|b\n1|2\n"},                 // the comma is quoted: the semicolon separates
        {"a,b\n\n\r\n\"two\r\nlines\",ë\n", "a|b\ntwo\nlines|ë\n"}, // blank lines are none
        {"", ""}, {"\n\n", ""}, {"a", "a\n"}, {",\n", "|\n"}, {"\"\"", ""},
        {"a,b\n1,\"x\"y\n", "a|b\nfault 2 2"}, {"a,b\n1,x\"y\n", "a|b\nfault 2 2"}, {"a,b\n\n1,\"x\n\n", "a|b\nfault 3 2"},
        {"a,b\n1,\xeb\n", "a|b\nfault 2 1"}, {"\xff\xfe" "a\0", "fault 1 1"}, // Latin-1, UTF-16
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t each = 1; each < 20; each += 6)
            assert_string_equal(read_all(str_from(rows[i][0]), each), rows[i][1]);
}

static void stops_at_its_limits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < CSV_CELLS_MAX; i++)
        buf_put_c(&b, ',');
    assert_string_equal(read_all(buf_str(&b), 1 << 20), "fault 1 4");
    buf_clear(&b);
    buf_put(&b, STR("x\n"));
    for (int i = 0; i < CSV_ROW_MAX + 1; i++)
        buf_put_c(&b, 'a');
    assert_string_equal(read_all(buf_str(&b), 1000), "x\nfault 2 3");
    buf_free(&b);
    struct piece p = {STR("a,b\n1,2"), 100, ERR_IO}; // what the source says is said
    struct csv_reader *r = NULL;
    const struct str *cell;
    size_t n;
    assert_int_equal(csv_open(from, &p, &r), OK);
    enum err e = csv_next(r, &cell, &n);
    e = e ? e : csv_next(r, &cell, &n);
    assert_int_equal(e, ERR_IO);
    csv_close(&r);
}

static void writes_what_reads_back(void **state)
{
    (void)state;
    static const char *const cells[] = {"a", "", "x,\"y\"", "two\nlines", "=1+1", "+355", "-5", "-", "-1+2", "@x", "\tx", "'=1", "''@", "'a", "ë;ç"};
    struct buf b;
    buf_init(&b, 4000);
    csv_begin(&b);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        csv_text(&b, i == 0, str_from(cells[i]));
    csv_int(&b, false, -7);
    csv_end(&b);
    assert_non_null(strstr(b.at, ",\"'=1+1\",\"'+355\",\"-5\",\"'-\",\"'-1+2\",\"'@x\""));
    struct piece p = {buf_str(&b), 7, OK};
    struct csv_reader *r = NULL;
    const struct str *cell;
    size_t n;
    assert_int_equal(csv_open(from, &p, &r), OK);
    assert_int_equal(csv_next(r, &cell, &n), OK);
    assert_int_equal(n, sizeof cells / sizeof *cells + 1);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_true(str_equal_z(csv_plain(cell[i]), cells[i]));
    assert_true(str_equal_z(cell[n - 1], "-7"));
    csv_close(&r);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(stops_at_its_limits), cmocka_unit_test(writes_what_reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
