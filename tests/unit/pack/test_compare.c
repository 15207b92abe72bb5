// One pack in place of another: each refusal has its row, and so has what may be done.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/share.h"
#include "pack/inside.h"

#define YEAR 2026

// The delivered pack as one object.
static json_t *whole(void)
{
    json_t *all = json_object();
    static const char *const names[] = {"pack", "taxonomy", "places", "institutions", "hosts", "calendar", "questions", "exchange", "retention", "registers", "plan"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char relative[64], path[SHARE_PATH_MAX];
        snprintf(relative, sizeof relative, "country/al/%s.json", names[i]);
        json_t *one = json_load_file(share_path(relative, path, sizeof path), 0, NULL);
        assert_non_null(one);
        json_object_update(all, one);
        json_decref(one);
    }
    json_object_del(all, "files");
    return all;
}

// Puts a value (JSON; NULL: takes it away; "+…": adds a row) where the path leads: "numbers/0/number".
static void change(json_t *all, const char *path, const char *value)
{
    char part[64];
    json_t *at = all;
    for (size_t n; (n = strcspn(path, "/")), path[n] == '/'; path += n + 1) {
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part)) : json_object_get(at, part);
        assert_non_null(at);
    }
    bool array = json_is_array(at), add = value != NULL && value[0] == '+';
    json_t *v = value != NULL ? json_loads(value + add, JSON_DECODE_ANY, NULL) : NULL;
    assert_int_equal(v != NULL, value != NULL);
    if (add) {
        assert_int_equal(json_array_append_new(array ? json_array_get(at, (size_t)atoi(path)) : json_object_get(at, path), v), 0);
    } else if (v != NULL) {
        assert_int_equal(array ? json_array_set_new(at, (size_t)atoi(path), v) : json_object_set_new(at, path, v), 0);
    } else {
        assert_int_equal(array ? json_array_remove(at, (size_t)atoi(path)) : json_object_del(at, path), 0);
    }
}

static enum err load(void *ctx, const char *name, struct buf *out)
{
    (void)name;
    buf_put_z(out, ctx);
    return buf_ok(out);
}

static struct pack *made(const json_t *all)
{
    char *text = json_dumps(all, JSON_COMPACT);
    struct pack *p = NULL;
    struct buf why;
    buf_init(&why, 65536);
    if (pack_read(load, text, &p, &why) != OK) {
        print_error("%.*s\n", STR_ARG(buf_str(&why)));
        fail();
    }
    buf_free(&why);
    free(text);
    return p;
}

// What records use, as "legal_ground consent" or "retention report closed SEXT"; "fails": the store is away.
static enum err used(void *ctx, const struct pack_use *use, bool *out)
{
    char text[256];
    int n = snprintf(text, sizeof text, "%s %.*s %.*s %.*s", use->what, STR_ARG(use->a), STR_ARG(use->b), STR_ARG(use->c));
    while (n > 0 && text[n - 1] == ' ') {
        text[--n] = '\0';
    }
    if (ctx != NULL && strcmp(ctx, "fails") == 0) {
        return ERR_AWAY;
    }
    *out = ctx != NULL && strcmp(ctx, text) == 0;
    return OK;
}

struct row {
    const char *path, *value;                  // what is changed
    const char *uses;                          // what records use
    enum pack_change_kind kind;                // of the first finding; PACK_CHANGED, PACK_SHORTER: nothing is refused
    const char *place, *before;
};
#define SET2 "{\"version\": 2, \"questions\": [{\"id\": \"verdict\", \"axis\": \"assessment\", \"needed\": true, " \
             "\"label\": {\"sq\": \"a\", \"en\": \"a\"}, \"options\": [{\"value\": \"x\", \"second\": true, \"label\": {\"sq\": \"x\", \"en\": \"x\"}}]}]}"
static const struct row rows[] = {
    // what may be done
    {"numbers/0/number", "\"116 222\"", NULL, PACK_CHANGED, "numbers[helpline].number", "\"116 111\""},
    {"clocks/take_u1", "60", NULL, PACK_CHANGED, "clocks.take_u1", "900"},
    {"question_sets", "+" SET2, NULL, PACK_CHANGED, "question_sets[2]", ""},
    {"lists/legal_ground/0", NULL, NULL, PACK_CHANGED, NULL, NULL}, // nobody uses it
    {"lists/legal_ground/0", NULL, "legal_ground nothing", PACK_CHANGED, NULL, NULL},
    {"retention/0/anonymise", "91", "retention report spam *", PACK_CHANGED, "retention[0].anonymise", "90"}, // the rule is still there
    {"protocols", "+{\"version\": 99, \"title\": {\"sq\": \"a\", \"en\": \"a\"}, \"points\": [{\"sq\": \"a\", \"en\": \"a\"}]}", NULL,
     PACK_CHANGED, "protocols[99]", ""},
    {"retention/0/anonymise", "89", NULL, PACK_SHORTER, "retention[report spam *]", NULL},
    // what is refused
    {"retention", NULL, NULL, PACK_REFUSED_RETENTION, "retention[report spam *]", NULL}, // kept for ever, though nothing is there today
    {"code", "\"xx\"", NULL, PACK_REFUSED_COUNTRY, "code", "al"},
    {"timezone", "\"Asia/Kathmandu\"", NULL, PACK_REFUSED_COUNTRY, "timezone", "Europe/Tirane"},
    {"question_sets/0/questions/0/label/en", "\"Sort of risk\"", NULL, PACK_REFUSED_QUESTIONS, "question_sets[1]", "1"},
    {"question_sets/0/questions/0/options/0/value", "\"other\"", NULL, PACK_REFUSED_QUESTIONS, "question_sets[1]", "1"},
    {"question_sets/0/questions/0/options/0/label/sq", "\"tjetër\"", NULL, PACK_REFUSED_QUESTIONS, "question_sets[1]", "1"},
    {"question_sets/0/questions/0/needed", "false", NULL, PACK_REFUSED_QUESTIONS, "question_sets[1]", "1"},
    {"question_sets/0/questions/0", NULL, NULL, PACK_REFUSED_QUESTIONS, "question_sets[1]", "1"},
    {"question_sets/0", SET2, NULL, PACK_REFUSED_QUESTIONS_GONE, "question_sets[1]", "1"},
    {"protocols/0/points/0/en", "\"Other words\"", NULL, PACK_REFUSED_PROTOCOL, "protocols[1]", "1"},
    {"protocols/0", NULL, NULL, PACK_REFUSED_PROTOCOL_GONE, "protocols[1]", "1"},
    {"holiday_years", "[2027]", NULL, PACK_REFUSED_YEAR, "holiday_years", ""},
    {"holiday_years", "[2026]", NULL, PACK_REFUSED_YEAR, "holiday_years", ""}, // the next was known already
    {"lists/legal_ground/0", NULL, "legal_ground child_protection", PACK_REFUSED_USED, "legal_ground[child_protection]", "child_protection"},
    {"numbers/0/number", "\"116 222\"", "plan", PACK_REFUSED_PLAN, "plan", NULL}, // a version that is kept could not be read by it
    {"retention", "+{\"of\": \"report\", \"state\": \"closed\", \"category\": \"SEXT\", \"anonymise\": 10, \"delete\": 20}", 
     "retention report closed SEXT", PACK_SHORTER, "retention[report closed SEXT]", NULL},
    {"registers/0/fields/14", NULL, "register training *", PACK_REFUSED_USED, "registers[training]", "training"}, // its last field
    {"registers/0/fields/14", NULL, NULL, PACK_CHANGED, NULL, NULL},
    {"registers/0/fields/14/kind", "\"url\"", "register training *", PACK_REFUSED_USED, "registers[training]", "training"},
    {"registers/0/fields/14/label/en", "\"Remark\"", "register training *", PACK_CHANGED, NULL, NULL},
};

static struct pack_changes found;

static enum err compare(const struct pack *old, const struct pack *fresh, int year, const char *uses, struct arena *a)
{
    return pack_compare(old, fresh, year, used, (void *)uses, a, &found);
}

static bool told(enum pack_change_kind kind, const char *place, const char *before)
{
    for (size_t i = 0; i < found.n; i++) {
        const struct pack_change *c = &found.at[i];
        if (c->kind == kind && (place == NULL || str_equal_z(c->place, place)) && (before == NULL || str_equal_z(c->before, before))) {
            return true;
        }
    }
    return false;
}

static void each_row(void **state)
{
    (void)state;
    json_t *all = whole();
    struct pack *old = made(all);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct arena *a = NULL;
        json_t *other = json_deep_copy(all);
        assert_int_equal(arena_new(1 << 20, &a), OK);
        change(other, r->path, r->value);
        if (strcmp(r->path, "holiday_years") == 0) {
            change(other, "holidays", "[]"); // no day without its year, says the reader
        }
        struct pack *fresh = made(other);
        assert_int_equal(compare(old, fresh, YEAR, r->uses, a), OK);
        if (!told(r->kind, r->place, r->before) || (found.refused > 0) != pack_refuses(r->kind)) {
            print_error("%s: %zu found, %zu refused, first kind %d at %.*s, before %.*s\n", r->path, found.n, found.refused, found.at[0].kind,
                        STR_ARG(found.at[0].place), STR_ARG(found.at[0].before));
            fail();
        }
        pack_close(&fresh);
        arena_free(&a);
        json_decref(other);
    }
    pack_close(&old);
    json_decref(all);
}

// What goes with rows that refer to it: a pack with one more, whose successor has it no more.
static void what_was_added_is_missed(void **state)
{
    (void)state;
    static const struct row added[] = {
        {"categories", "+{\"code\": \"NEWC\", \"urgency\": 3, \"label\": {\"sq\": \"a\", \"en\": \"a\"}}", "category NEWC", PACK_REFUSED_USED, "category[NEWC]", "NEWC"},
        {"lists/room", "+{\"value\": \"attic\", \"label\": {\"sq\": \"a\", \"en\": \"a\"}}", "room attic", PACK_REFUSED_USED, "room[attic]", "attic"},
        {"institution_types", "+{\"value\": \"club\", \"label\": {\"sq\": \"a\", \"en\": \"a\"}}", "institution_type club", PACK_REFUSED_USED, "institution_type[club]", "club"},
        {"retention", "+{\"of\": \"report\", \"state\": \"closed\", \"category\": \"SEXT\", \"anonymise\": 10, \"delete\": 20}", "retention report closed SEXT", PACK_REFUSED_RETENTION, "retention[report closed SEXT]", NULL},
        {"referral_templates", "+{\"purpose\": \"investigation\", \"type\": \"municipality\", \"fields\": [\"text\"]}", "template investigation municipality", PACK_REFUSED_TEMPLATE, "referral_templates[investigation municipality]", NULL},
        {"registers/4/stages", "+{\"value\": \"moved\", \"label\": {\"sq\": \"a\", \"en\": \"a\"}}", "register website moved", PACK_REFUSED_USED, "registers[website]", "moved"},
        {"question_sets", "+" SET2, NULL, PACK_REFUSED_QUESTIONS_GONE, "question_sets[2]", "2"},
    };
    json_t *all = whole();
    struct pack *fresh = made(all);
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        struct arena *a = NULL;
        json_t *more = json_deep_copy(all);
        assert_int_equal(arena_new(1 << 20, &a), OK);
        change(more, added[i].path, added[i].value);
        struct pack *old = made(more);
        assert_int_equal(compare(old, fresh, YEAR, added[i].uses, a), OK);
        if (!told(added[i].kind, added[i].place, added[i].before) || found.refused != 1) {
            print_error("%s: %zu found, %zu refused\n", added[i].path, found.n, found.refused);
            fail();
        }
        if (added[i].uses != NULL) { // the same, used by nobody
            assert_int_equal(compare(old, fresh, YEAR, NULL, a), OK);
            assert_int_equal(found.refused, 0);
        }
        pack_close(&old);
        arena_free(&a);
        json_decref(more);
    }
    pack_close(&fresh);
    json_decref(all);
}

static void a_set_may_not_be_put_below(void **state)
{
    (void)state;
    json_t *all = whole(), *old_all = json_deep_copy(all), *fresh_all;
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    change(old_all, "question_sets", "+" SET2);
    change(old_all, "question_sets/1/version", "3");
    fresh_all = json_deep_copy(old_all);
    change(fresh_all, "question_sets/1", SET2);
    json_array_append(json_object_get(fresh_all, "question_sets"), json_array_get(json_object_get(old_all, "question_sets"), 1));
    struct pack *old = made(old_all), *fresh = made(fresh_all);
    assert_int_equal(compare(old, fresh, YEAR, NULL, a), OK);
    assert_true(told(PACK_REFUSED_QUESTIONS_LOWER, "question_sets[2]", "3"));
    pack_close(&old);
    pack_close(&fresh);
    arena_free(&a);
    json_decref(all);
    json_decref(old_all);
    json_decref(fresh_all);
}

static void a_language_may_not_go(void **state)
{
    (void)state;
    json_t *all = whole();
    struct pack *old = made(all), *fresh = made(all);
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    fresh->n_languages = 1; // a whole pack in one language would be a second copy of it
    assert_int_equal(compare(old, fresh, YEAR, NULL, a), OK);
    assert_true(told(PACK_REFUSED_LANGUAGE, "languages", "en"));
    pack_close(&old);
    pack_close(&fresh);
    arena_free(&a);
    json_decref(all);
}

static void the_same_changes_nothing(void **state)
{
    (void)state;
    json_t *all = whole();
    struct pack *old = made(all), *fresh = NULL;
    struct arena *a = NULL;
    struct buf why;
    buf_init(&why, 1024);
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(pack_open_bytes(pack_bytes(old), &fresh, &why), OK); // there and back
    assert_memory_equal(pack_hash(old), pack_hash(fresh), PACK_HASH_BYTES);
    assert_true(str_equal(pack_bytes(old), pack_bytes(fresh)));
    assert_int_equal(compare(old, fresh, YEAR, NULL, a), OK);
    assert_int_equal(found.n, 0);
    assert_int_equal(compare(old, fresh, 2031, NULL, a), OK); // nobody has added the year that has come meanwhile
    assert_int_equal(found.refused, 1);
    assert_true(told(PACK_REFUSED_YEAR, "holiday_years", NULL) && str_equal_z(found.at[0].after, "2031"));
    pack_close(&fresh);
    struct str cut = str_slice(pack_bytes(old), 0, pack_bytes(old).n - 9);
    assert_int_equal(pack_open_bytes(cut, &fresh, &why), ERR_NOT_FOUND);
    assert_null(fresh);
    pack_close(&old);
    arena_free(&a);
    buf_free(&why);
    json_decref(all);
}

static void a_store_that_is_away_decides_nothing(void **state)
{
    (void)state;
    json_t *all = whole(), *other = json_deep_copy(all);
    change(other, "lists/legal_ground/0", NULL);
    struct pack *old = made(all), *fresh = made(other);
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(compare(old, fresh, YEAR, "fails", a), ERR_AWAY);
    pack_close(&old);
    pack_close(&fresh);
    arena_free(&a);
    json_decref(all);
    json_decref(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(what_was_added_is_missed),
        cmocka_unit_test(a_set_may_not_be_put_below),
        cmocka_unit_test(a_language_may_not_go),
        cmocka_unit_test(the_same_changes_nothing),
        cmocka_unit_test(a_store_that_is_away_decides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
