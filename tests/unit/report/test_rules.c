// Every line of the sample reports: what is taken, with which urgency and page; what is refused, and on which field.
#include "frame.h"
#include <stdio.h>

static json_t *lines_of(const char *name)
{
    char path[600];
    const char *folder = getenv("ISIGURT_REPORTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : REPORTS, name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s is missing; ISIGURT_REPORTS may name another folder", path);
    json_t *all = json_array(), *line;
    while ((line = json_loadf(f, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL)) != NULL)
        json_array_append_new(all, line);
    fclose(f);
    return all;
}

static struct str of(const json_t *line, const char *key)
{
    const json_t *v = json_object_get(line, key);
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : (struct str){0};
}

static struct report_given given_of(const json_t *line)
{
    return (struct report_given){
        .where = of(line, "where"), .address = of(line, "address"), .app = of(line, "app"), .account = of(line, "account"),
        .category = of(line, "what"), .reporter = of(line, "who"), .age_band = of(line, "age"), .county = of(line, "county"),
        .in_danger = json_is_true(json_object_get(line, "danger")), .text = of(line, "text"),
    };
}

struct faults { size_t n; const char *field[20]; enum message m[20]; };

static void note(void *ctx, const char *field, enum message m)
{
    struct faults *f = ctx;
    f->field[f->n] = field;
    f->m[f->n++] = m;
}

static enum err check(const struct report_given *g, struct faults *f, struct report_content *c)
{
    *f = (struct faults){0};
    return report_check(frame_pack, frame_arena, g, note, f, c);
}

static void good_lines_are_taken(void **state)
{
    (void)state;
    json_t *all = lines_of("good.jsonl"), *line;
    size_t i;
    assert_int_equal(json_array_size(all), 31);
    json_array_foreach (all, i, line) {
        struct report_given g = given_of(line);
        struct report_content c;
        struct faults f;
        if (check(&g, &f, &c) != OK)
            fail_msg("%.*s is refused on %s", STR_ARG(of(line, "id")), f.field[0]);
        const json_t *expect = json_object_get(line, "expect");
        struct str urgency = of(expect, "urgency"), page = of(expect, "address");
        int64_t got = report_urgency(frame_pack, c.category, c.in_danger, c.reporter, c.age_band);
        if (urgency.n != 2 || got != urgency.at[1] - '0')
            fail_msg("%.*s is U%d", STR_ARG(of(line, "id")), (int)got);
        if (page.n > 0)
            assert_true(str_equal(c.page, page));
        SAME(c.language, "sq");
        assert_true(str_equal(c.text, str_trim(g.text)));
        if (str_equal_z(c.where, "page"))
            assert_true(str_equal(c.typed, g.address));
    }
    json_decref(all);
}

static const struct { const char *id, *field; enum message m; } refused[] = {
    {"b01", "address", MSG_REPORT_REFUSED_ADDRESS}, {"b02", "address", MSG_REPORT_REFUSED_PICTURE},
    {"b03", "address", MSG_REPORT_REFUSED_ADDRESS_LONG}, {"b04", "category", MSG_REPORT_REFUSED_CATEGORY},
    {"b05", "text", MSG_REPORT_REFUSED_LONG}, {"b09", "address", MSG_REPORT_REFUSED_CONTROL},
    {"b10", "text", MSG_REPORT_REFUSED_NOTHING}, {"b11", "address", MSG_REPORT_REFUSED_ADDRESS},
    {"b14", "age_band", MSG_REPORT_REFUSED_AGE}, {"b15", "county", MSG_REPORT_REFUSED_COUNTY},
    {"b16", "age_band", MSG_REPORT_REFUSED_AGE_CHILD},
};

static void bad_lines_are_refused_with_their_sentence(void **state)
{
    (void)state;
    json_t *all = lines_of("bad.jsonl"), *line;
    size_t i, n = 0;
    assert_int_equal(json_array_size(all), 16);
    json_array_foreach (all, i, line) {
        struct report_given g = given_of(line);
        struct report_content c = {.where = STR("untouched")};
        struct faults f;
        enum err e = check(&g, &f, &c);
        if (str_starts(of(line, "expect"), "accepted")) {
            if (e != OK)
                fail_msg("%.*s is refused on %s", STR_ARG(of(line, "id")), f.field[0]);
            assert_true(str_equal(c.typed, g.address)); // nothing of it is changed
            continue;
        }
        assert_int_equal(e, ERR_INVALID);
        SAME(c.where, "untouched");
        assert_int_equal(f.n, 1);
        if (strcmp(f.field[0], refused[n].field) != 0 || f.m[0] != refused[n].m || !str_equal_z(of(line, "id"), refused[n].id))
            fail_msg("%.*s: on %s", STR_ARG(of(line, "id")), f.field[0]);
        n++;
    }
    assert_int_equal(n, sizeof refused / sizeof *refused);
    json_decref(all);
}

static void every_fault_is_told_at_once(void **state)
{
    (void)state;
    struct report_given g = {
        .language = STR("xx"), .where = STR("moon"), .category = STR("NOSUCH"), .reporter = STR("ghost"), .county = STR("Atlantis"),
        .municipality = STR("Vorë"), .app = STR("a\x01"), .contact = STR("\xff"), .address = STR("data:image/png;base64,AA"),
    };
    struct report_content c;
    struct faults f;
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    assert_int_equal(f.n, 9);
}

static void rules_of_single_fields(void **state)
{
    (void)state;
    struct report_given g = {.where = STR("none"), .category = STR("BULLY"), .text = STR("x"), .county = STR("Tiranë"),
                             .municipality = STR("Vorë"), .reporter = STR("child"), .age_band = STR("<13"), .language = STR("en")};
    struct report_content c;
    struct faults f;
    assert_int_equal(check(&g, &f, &c), OK);
    SAME(c.municipality, "Vorë");
    SAME(c.language, "en");
    g.municipality = STR("Devoll"); // another county's
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    assert_string_equal(f.field[0], "municipality");
    g.municipality = (struct str){0};
    g.text = STR(" \n\u00a0\u2003 "); // only space, Unicode's too
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    assert_int_equal(f.m[0], MSG_REPORT_REFUSED_NOTHING);
    g.account = STR("@ana");
    assert_int_equal(check(&g, &f, &c), OK);
    assert_int_equal(c.text.n, 0);
    g.account = STR("two\nlines");
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    assert_string_equal(f.field[0], "account");
}

static void text_is_counted_in_characters_and_bytes(void **state)
{
    (void)state;
    char *text = malloc(60000);
    struct report_given g = {.where = STR("none"), .category = STR("BULLY")};
    struct report_content c;
    struct faults f;
    memset(text, 'a', 60000);
    g.text = (struct str){text, 20000};
    assert_int_equal(check(&g, &f, &c), OK);
    g.text.n = 20001;
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    for (size_t i = 0; i < 40000; i += 2)
        memcpy(text + i, "ë", 2);
    g.text.n = 40000; // 20,000 characters of two bytes
    assert_int_equal(check(&g, &f, &c), OK);
    for (size_t i = 0; i < 60000; i += 3)
        memcpy(text + i, "€", 3);
    g.text.n = 57000; // 19,000 characters, more than 56,000 bytes
    assert_int_equal(check(&g, &f, &c), ERR_INVALID);
    assert_int_equal(f.m[0], MSG_REPORT_REFUSED_LONG);
    free(text);
}

static void hosts_shared_by_many_have_no_host(void **state)
{
    (void)state;
    struct report_given g = {.where = STR("page"), .category = STR("BULLY"), .address = STR("https://www.instagram.com/p/1")};
    struct report_content c;
    struct faults f;
    assert_int_equal(check(&g, &f, &c), OK);
    assert_int_equal(c.host.n, 0);
    assert_true(c.page.n > 0);
    g.address = STR("https://forum.shkolla.example/t/1");
    assert_int_equal(check(&g, &f, &c), OK);
    SAME(c.host, "forum.shkolla.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_lines_are_taken), TEST(bad_lines_are_refused_with_their_sentence), TEST(every_fault_is_told_at_once),
        TEST(rules_of_single_fields), TEST(text_is_counted_in_characters_and_bytes), TEST(hosts_shared_by_many_have_no_host),
    };
    return cmocka_run_group_tests(tests, frame_open, frame_close);
}
