// The plan as data: what is delivered is whole, each fault of a version is named, and no indicator is without a source.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include "base/share.h"
#include "pack/plan.h"

static struct pack *p;
static struct buf why;

static int setup(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    buf_init(&why, 65536);
    enum err e = pack_open(share_path("country/al", path, sizeof path), &p, &why);
    if (e) {
        print_error("%.*s\n", STR_ARG(buf_str(&why)));
    }
    return e;
}

static int teardown(void **state)
{
    (void)state;
    pack_close(&p);
    buf_free(&why);
    return 0;
}

static void the_delivered_plan(void **state)
{
    (void)state;
    const struct pack_plan *x = pack_plan(p);
    assert_non_null(x);
    assert_int_equal(x->n_objectives, 4);
    assert_int_equal(x->n_activities, 16);
    assert_int_equal(x->n_indicators, 57 + 12);
    assert_int_equal(x->n_years, 3);
    assert_true(pack_plan_year(x, 2018) && pack_plan_year(x, 2020) && !pack_plan_year(x, 2021) && !pack_plan_year(x, 2017));
    size_t cross = 0, indicators[16] = {0};
    for (size_t i = 0; i < x->n_indicators; i++) {
        const struct pack_plan_indicator *n = &x->indicator[i];
        cross += n->activity.n == 0;
        const struct pack_plan_activity *a = pack_plan_activity(x, n->activity);
        if (a != NULL) {
            indicators[a - x->activity]++;
        }
    }
    assert_int_equal(cross, 12);
    for (size_t i = 0; i < 16; i++) {
        assert_true(indicators[i] > 0);
    }
}

// Each indicator is counted, entered, or both; who enters is named; words stand in both languages.
static void every_indicator_has_its_place(void **state)
{
    (void)state;
    const struct pack_plan *x = pack_plan(p);
    const struct lang *const no_lang = NULL;
    for (size_t i = 0; i < x->n_indicators; i++) {
        const struct pack_plan_indicator *n = &x->indicator[i];
        bool counted = n->n_count > 0, entered = n->n_by + n->n_by_types > 0;
        if (!(n->source == PACK_PLAN_LIVE ? counted && !entered : n->source == PACK_PLAN_ENTRY ? !counted && entered : entered)) {
            fail_msg("%.*s has no source", STR_ARG(n->code));
        }
        assert_true(n->n_responsible > 0);
        assert_true(pack_words(p, n->title, no_lang).n > 0 && pack_words(p, n->definition, no_lang).n > 20);
    }
}

static bool counts_register(const struct pack_plan_term *t, size_t n, struct str reg)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(t[i].reg, reg)) {
            return true;
        }
    }
    return false;
}

// What a register says it feeds is what the passports count of it. (Gaps, X.7, are seats that nobody fills.)
static void registers_feed_what_counts_them(void **state)
{
    (void)state;
    const struct pack_plan *x = pack_plan(p);
    const struct pack_register *r;
    for (size_t k = 0; (r = pack_register_at(p, k)) != NULL; k++) {
        for (size_t i = 0; i < x->n_indicators; i++) {
            const struct pack_plan_indicator *n = &x->indicator[i];
            bool feeds = false, counts = counts_register(n->count, n->n_count, r->code) || counts_register(n->of, n->n_of, r->code);
            for (size_t f = 0; f < r->n_feeds; f++) {
                feeds |= str_equal(r->feeds[f], n->code);
            }
            bool gap = str_equal_z(n->code, "X.7") && (r->filler.n > 0 || str_equal_z(r->code, "committee_member"));
            if (feeds != (counts || gap)) {
                fail_msg("%.*s: %.*s feeds it: %d, counted: %d", STR_ARG(n->code), STR_ARG(r->code), feeds, counts);
            }
        }
        for (size_t f = 0; f < r->n_feeds; f++) {
            assert_non_null(pack_plan_indicator(x, r->feeds[f]));
        }
    }
}

static void the_text_reads_as_the_same_plan(void **state)
{
    (void)state;
    struct arena *a = NULL;
    const struct pack_plan *x = NULL;
    assert_int_equal(arena_new(4 << 20, &a), OK);
    buf_clear(&why);
    assert_int_equal(pack_plan_read(p, a, pack_plan_text(p), &x, &why), OK);
    assert_int_equal(x->n_indicators, pack_plan(p)->n_indicators);
    for (size_t i = 0; i < x->n_indicators; i++) {
        const struct pack_plan_indicator *n = &x->indicator[i], *o = &pack_plan(p)->indicator[i];
        assert_true(str_equal(n->code, o->code) && n->n_count == o->n_count && n->source == o->source && n->every == o->every);
        assert_true(str_equal(pack_words(p, n->definition, NULL), pack_words(p, o->definition, NULL)));
    }
    arena_free(&a);
}

// Puts a value (JSON; NULL: takes it away) where the path leads.
static void change(json_t *all, const char *path, const char *value)
{
    char part[64];
    json_t *at = all;
    for (size_t n; (n = strcspn(path, "/")), path[n] == '/'; path += n + 1) {
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part)) : json_object_get(at, part);
        assert_non_null(at);
    }
    json_t *v = value != NULL ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    assert_int_equal(v != NULL, value != NULL);
    if (json_is_array(at)) {
        assert_int_equal(v != NULL ? json_array_set_new(at, (size_t)atoi(path), v) : json_array_remove(at, (size_t)atoi(path)), 0);
    } else {
        assert_int_equal(v != NULL ? json_object_set_new(at, path, v) : json_object_del(at, path), 0);
    }
}

// indicators/0 is 1.1.a, live; 5 is 1.2.d, entered; 11 is 1.4.c, mixed, a percentage.
static const struct { const char *path, *value, *says; } rows[] = {
    {"code", NULL, "plan: code: is missing"},
    {"colour", "1", "unknown key \"colour\""},
    {"title", "\"Plani\"", "title: must be an object with one text for each language"},
    {"years", "[2018, 2020]", "have no gap"},
    {"years", "[2019, 2018]", "years: must be years"},
    {"years", "[]", "years: names no year"},
    {"years", "[2018]", "activities[0]: 2019 is no year of the plan"},
    {"objectives/1/code", "\"1\"", "objectives[1]: the code \"1\" stands there twice"},
    {"activities/0/objective", "\"9\"", "activities[0]: the objective \"9\" is none of \"objectives\""},
    {"activities/1/code", "\"1.1\"", "activities[1]: the code \"1.1\" stands there twice"},
    {"activities/0/responsible", "[]", "activities[0].responsible: names no institution"},
    {"activities/0/responsible", "[\"MB\", \"MB\"]", "stands there twice"},
    {"activities/0/strategies", "[\"NOSUCH\"]", "is none of \"strategies\""},
    {"activities/0/weight", "0", "activities[0].weight: must be a whole number from 1"},
    {"signed_by/0/person", NULL, "signed_by[0].person: is missing"},
    {"indicators", "{}", "indicators: must be a list"},
    {"indicators/0/code", "\"1.1.b\"", "indicators[1]: the code \"1.1.b\" stands there twice"},
    {"indicators/0/activity", "\"7.7\"", "belongs to no activity and no section"},
    {"indicators/0/definition", NULL, "indicators[0].definition"},
    {"indicators/0/definition/sq", "\"\"", "indicators[0].definition.sq: is empty"},
    {"indicators/0/kind", "\"number\"", "\"kind\" is \"number\"; it is one of: count percent document money"},
    {"indicators/0/every", "\"week\"", "it is one of: month quarter year"},
    {"indicators/0/direction", "\"left\"", "it is one of: up down none"},
    {"indicators/0/over_time", "\"ratio\"", "only they are a \"ratio\""},
    {"indicators/11/over_time", "\"sum\"", "percentages are never summed"},
    {"indicators/0/accumulates", "1", "accumulates: must be true or false"},
    {"indicators/0/responsible", "[]", "indicators[0].responsible: names no institution"},
    {"indicators/0/dimensions", "[\"colour\"]", "\"colour\" is none of \"dimensions\""},
    {"indicators/0/at_most", "[\"9.9\"]", "never exceeds \"9.9\", which is no indicator"},
    {"indicators/0/count", NULL, "is live: it needs \"count\""},
    {"indicators/0/count", "[]", "is live: it needs \"count\""},
    {"indicators/0/of", "[{\"of\": \"report\", \"measure\": \"received\"}]", "only a percentage has a numerator"},
    {"indicators/0/source", "\"entry\"", "is entered as a whole"},
    {"indicators/5/entered", NULL, "is entered as a whole"},
    {"indicators/5/entered/by", "[]", "indicators[5].entered.by: names no institution"},
    {"indicators/5/entered/until", "\"yesterday\"", "no room that is still to come"},
    {"indicators/11/entered/part", "\"numerator\"", "is mixed"},
    {"indicators/11/entered/part", "\"rest\"", "is mixed"},
    {"indicators/11/entered/part", "\"half\"", "it is one of: nothing whole numerator denominator rest"},
    {"indicators/11/entered/by_types", "[\"club\"]", "is not one of \"institution_types\""},
    {"indicators/0/count/0/of", "\"school\"", "it is one of: register report case network plan"},
    {"indicators/0/count/0/measure", "\"received\"", "is nothing that can be asked of a register"},
    {"indicators/0/count/0/register", "\"cars\"", "indicators[0].count[0]: \"cars\" is no register"},
    {"indicators/0/count/0/stage", "\"painted\"", "has no stage \"painted\""},
    {"indicators/0/count/0/until", "\"adopted\"", "\"until\" is for \"standing\" only"},
    {"indicators/0/count/0/field", "\"kind\"", "\"field\" is for"},
    {"indicators/0/count/0/where/0/field", "\"colour\"", "has no field \"colour\""},
    {"indicators/0/count/0/where/0/field", "\"note\"", "has no values that could be compared"},
    {"indicators/0/count/0/where/0/is", "[\"poem\"]", "\"poem\" is no value of the list \"instrument_kind\""},
    {"indicators/7/count/0/field", "\"topic\"", "is no number and cannot be summed"},
    {"indicators/7/count/0/field", NULL, "indicators[7].count[0].field: is missing"},
    {"indicators/26/count/0", "{\"of\": \"case\", \"measure\": \"closed\", \"is\": [\"well\"]}", "\"well\" is no value of the list \"case_outcome\""},
    {"indicators/0/count", "[{\"of\": \"report\", \"measure\": \"received\"}, {\"of\": \"network\", \"measure\": \"units\"}]", "adds up \"received\" and \"units\""},
    {"indicators/0/count/0", "{\"of\": \"plan\", \"measure\": \"figure\", \"field\": \"9.9\"}", "is made from \"9.9\""},
    {"indicators/0/count/0", "{\"of\": \"plan\", \"measure\": \"figure\", \"field\": \"1.4.c\"}", "or is a percentage"},
    {"indicators/0/count/0", "{\"of\": \"plan\", \"measure\": \"figure\", \"field\": \"1.1.a\"}", "is made from \"1.1.a\""}, // itself
};

static void faults_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = NULL;
        const struct pack_plan *x = NULL;
        struct str text = pack_plan_text(p);
        json_t *all = json_loadb(text.at, text.n, 0, NULL);
        change(all, rows[i].path, rows[i].value);
        char *json = json_dumps(all, JSON_COMPACT);
        assert_int_equal(arena_new(4 << 20, &a), OK);
        buf_clear(&why);
        enum err e = pack_plan_read(p, a, str_from(json), &x, &why);
        if (e != ERR_INVALID || x != NULL || str_find_str(buf_str(&why), str_from(rows[i].says)) < 0) {
            fail_msg("%s = %s: wanted '%s', got %s: %.*s", rows[i].path, rows[i].value != NULL ? rows[i].value : "away", rows[i].says, err_name(e),
                     STR_ARG(buf_str(&why)));
        }
        arena_free(&a);
        free(json);
        json_decref(all);
    }
}

static void bytes_that_are_no_plan(void **state)
{
    (void)state;
    struct str broken[] = {STR(""), STR("{"), STR("[]"), STR("{} x"), STR("{\"code\": 1, \"code\": 2}"), STR("\"plan\"")};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct arena *a = NULL;
        const struct pack_plan *x = NULL;
        assert_int_equal(arena_new(1 << 20, &a), OK);
        buf_clear(&why);
        assert_int_equal(pack_plan_read(p, a, broken[i], &x, &why), ERR_INVALID);
        assert_true(why.n > 0);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_delivered_plan), cmocka_unit_test(every_indicator_has_its_place), cmocka_unit_test(registers_feed_what_counts_them),
        cmocka_unit_test(the_text_reads_as_the_same_plan), cmocka_unit_test(faults_are_named), cmocka_unit_test(bytes_that_are_no_plan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
