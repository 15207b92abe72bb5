// The Albanian pack as it is delivered, asked as the rooms ask it.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/share.h"
#include "pack/pack.h"

static struct pack *p;

static const struct lang *sq(void) { return text_lang(STR("sq")); }
static const struct lang *en(void) { return text_lang(STR("en")); }
#define SAME(s_, z) do { struct str got_ = (s_); if (!str_equal_z(got_, z)) { fail_msg("'%.*s' is not '%s'", STR_ARG(got_), z); } } while (0)

static int open_all(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    enum err e = text_open(share_path("locale", path, sizeof path), "sq,en", &why);
    if (e == OK) {
        e = pack_open(share_path("country/al", path, sizeof path), &p, &why);
    }
    if (e != OK) {
        print_error("%s: %.*s\n", err_name(e), STR_ARG(buf_str(&why)));
    }
    buf_free(&why);
    return e == OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    pack_close(&p);
    pack_close(&p);
    return 0;
}

static void taxonomy_has_all_codes(void **state)
{
    (void)state;
    size_t n = 0;
    size_t urgent = 0;
    for (struct str code; (code = pack_list_at(p, "category", n)).n > 0; n++) {
        const struct pack_category *c = pack_category(p, code);
        assert_non_null(c);
        assert_true(str_equal(c->code, code));
        urgent += c->urgency == 2;
    }
    assert_int_equal(n, 26);
    assert_int_equal(urgent, 13); // SPEC, "Urgency": thirteen codes are U2
    assert_null(pack_category(p, STR("NOSUCH")));
    assert_null(pack_category(p, STR("")));
    SAME(pack_category_label(p, STR("SEXT"), sq()), "shantazh seksual");
    SAME(pack_category_label(p, STR("SEXT"), en()), "threat with sexual images");
    SAME(pack_category_label(p, STR("NOSUCH"), en()), "NOSUCH");
    SAME(pack_category_label(p, STR("GROOM"), NULL), "joshje e fëmijës për qëllime seksuale");
    assert_true(pack_category(p, STR("CSAM"))->child_page);
    assert_true(pack_category(p, STR("CSAM"))->sexual);
    assert_false(pack_category(p, STR("BULLY"))->sexual);
}

static void choices_lead_to_codes(void **state)
{
    (void)state;
    size_t n = 0;
    size_t codes = 0;
    for (const struct pack_choice *c; (c = pack_choice_at(p, n)) != NULL; n++) {
        codes += c->n;
        for (size_t i = 0; i < c->n; i++) {
            assert_true(pack_category(p, c->codes[i])->urgency >= pack_category(p, c->codes[0])->urgency);
            assert_true(str_equal(pack_category(p, c->codes[i])->choice, c->id));
        }
        assert_int_equal(pack_choice_question(p, c->id, sq()).n > 0, c->n > 1);
    }
    assert_int_equal(n, 13);
    assert_int_equal(codes, 18);
    SAME(pack_choice(p, STR("fraud"))->codes[0], "PRIV"); // the most urgent of the three
    SAME(pack_choice_label(p, STR("threat_images"), sq()), "Më kërcënojnë me foto ose video të miat");
    SAME(pack_choice_label(p, STR("question"), en()), "I have a question");
    SAME(pack_category_option(p, STR("GROOM"), en()), "An adult, or someone I do not know");
    SAME(pack_category_option(p, STR("BULLY"), en()), "repeated humiliation or exclusion");
    assert_null(pack_choice(p, STR("nothing")));
    assert_int_equal(pack_choice_question(p, STR("nothing"), sq()).n, 0);
}

static void urgency_is_computed(void **state)
{
    (void)state;
    static const struct { const char *code, *reporter, *band; bool danger; int64_t urgency; } rows[] = {
        {"BULLY", "child", "13-15", false, 3}, {"SEXT", "child", "16-17", false, 2}, {"SEXT", "child", "16-17", true, 1},
        {"VIOLC", "child", "<13", false, 2},   {"VIOLC", "parent", "", false, 3},    {"ADVICE", "", "", false, 4},
        {"ADVICE", "child", "<13", false, 2},  {"CSAM", "other", "", false, 3},      {"CSAM", "other", "", true, 1},
        {"ADVICE", "other", "", true, 1},      {"PRIV", "teacher", "", false, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(pack_urgency(p, pack_category(p, str_from(rows[i].code)), str_from(rows[i].reporter), str_from(rows[i].band),
                                      rows[i].danger), rows[i].urgency);
    }
}

static void lists_are_known(void **state)
{
    (void)state;
    SAME(pack_list_at(p, "where", 0), "page");
    SAME(pack_label(p, "reporter", STR("parent"), sq()), "Prind ose kujdestar");
    SAME(pack_label(p, "age_band", STR("<13"), en()), "Under 13");
    assert_true(pack_has(p, "reporter", STR("child")));
    assert_false(pack_has(p, "reporter", STR("Child")));
    assert_false(pack_has(p, "reporter", STR("")));
    assert_false(pack_has(p, "nothing", STR("child")));
    assert_int_equal(pack_list_at(p, "where", 3).n, 0);
    assert_int_equal(pack_list_at(p, "nothing", 0).n, 0);
    assert_true(pack_has(p, "language", STR("sq")));
    assert_true(pack_has(p, "room", STR("desk")));
    assert_true(pack_has(p, "app", STR("Instagram")));
    SAME(pack_timezone(p), "Europe/Tirane");
    SAME(pack_language_at(p, 0), "sq");
    SAME(pack_language_at(p, 1), "en");
    assert_int_equal(pack_language_at(p, 2).n, 0);
    SAME(pack_desk_room(p), "desk");
}

static void places_are_counted(void **state)
{
    (void)state;
    size_t counties = 0;
    size_t towns = 0;
    for (struct str c; (c = pack_list_at(p, "county", counties)).n > 0; counties++) {
        for (size_t i = 0; pack_municipality_at(p, c, i).n > 0; i++) {
            assert_true(pack_municipality_in(p, c, pack_municipality_at(p, c, i)));
            towns++;
        }
    }
    assert_int_equal(counties, 12);
    assert_int_equal(towns, 61);
    assert_true(pack_municipality_in(p, STR("Korçë"), STR("Pogradec")));
    assert_false(pack_municipality_in(p, STR("Korçë"), STR("Sarandë")));
    assert_false(pack_municipality_in(p, STR("Atlantis"), STR("Pogradec")));
    SAME(pack_label(p, "county", STR("Dibër"), en()), "Dibër");
}

static void hosts_are_shared(void **state)
{
    (void)state;
    static const char *const shared[] = {"instagram.com", "www.instagram.com", "m.facebook.com", "drive.google.com", "google.com",
                                         "a.b.tiktok.com", "youtube.com", "blogspot.com", "www.blogspot.com", "t.me"};
    static const char *const own[] = {"forum.shkolla.example", "instagram.com.example", "notinstagram.com", "com", "", ".",
                                      "ana.blogspot.com", "192.0.2.44", "[::1]"};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        assert_true(pack_host_shared(p, str_from(shared[i])));
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        assert_false(pack_host_shared(p, str_from(own[i])));
    }
}

static void numbers_and_clocks(void **state)
{
    (void)state;
    struct pack_number n;
    assert_true(pack_number_at(p, 0, en(), &n));
    SAME(n.number, "116 111");
    bool found[3] = {0};
    for (size_t i = 0; pack_number_at(p, i, sq(), &n); i++) {
        found[0] |= str_equal_z(n.number, "129");
        found[1] |= str_equal_z(n.number, "112");
        found[2] |= str_equal_z(n.number, "116 000");
        assert_int_equal(n.verified_on.n, 10);
    }
    assert_true(pack_number_at(p, 0, en(), &n));
    SAME(n.when, "day and night");
    assert_true(n.free);
    assert_true(str_starts(pack_exit(p, sq()), "https://") && !str_equal(pack_exit(p, sq()), pack_exit(p, en())));
    assert_true(found[0] && found[1] && found[2]);
    assert_int_equal(pack_seconds(p, CLOCK_TAKE_U1), 15 * 60);
    assert_int_equal(pack_seconds(p, CLOCK_ACT_U1), 3600);
    assert_int_equal(pack_seconds(p, CLOCK_TAKE_U2), 4 * 3600);
    assert_int_equal(pack_seconds(p, CLOCK_ACT_U2), 24 * 3600);
    assert_int_equal(pack_seconds(p, CLOCK_ACT_U3_SEXUAL), 24 * 3600);
    assert_int_equal(pack_seconds(p, CLOCK_ACT_U4), 72 * 3600);
    for (int c = 0; c < PACK_CLOCKS; c++) {
        assert_true(pack_seconds(p, (enum pack_clock)c) > 0);
    }
}

static void institutions_come_from_the_plan(void **state)
{
    (void)state;
    size_t n = 0;
    bool duty = false;
    for (const struct pack_institution *i; (i = pack_institution_at(p, n)) != NULL; n++) {
        assert_true(i->name.n > 0 && i->name_en.n > 0);
        assert_true(pack_has(p, "institution_type", i->type));
        duty |= str_equal(i->code, pack_desk_institution(p));
    }
    assert_int_equal(n, 31 + 2 * 61 + 12 + 2 * 13 + 4); // the plan's, each municipality with its child-protection unit, police, prosecution and courts, education
    assert_true(duty);
    assert_true(pack_has(p, "room", pack_desk_room(p)));
    SAME(pack_role_institution(p, STR("contact")), "POLICIA");
    SAME(pack_role_institution(p, STR("nobody")), "");
    assert_null(pack_institution(p, STR("NOBODY")));
    const struct pack_institution *korce = pack_institution(p, STR("NJMF-KORCE"));
    assert_non_null(korce);
    SAME(korce->county, "Korçë");
    SAME(korce->municipality, "Korçë");
    SAME(korce->type, "child_protection");
    assert_int_equal(korce->n_units, 1);
    SAME(korce->units[0], "exchange");
    assert_int_equal(pack_institution(p, STR("KUVENDI"))->n_units, 0);
    // Each municipality of the country has its own two.
    size_t municipalities = 0;
    struct str county;
    for (size_t c = 0; (county = pack_list_at(p, "county", c)).n > 0; c++) {
        struct str m;
        for (size_t k = 0; (m = pack_municipality_at(p, county, k)).n > 0; k++, municipalities++) {
            size_t here = 0;
            for (size_t i = 0; i < n; i++) {
                const struct pack_institution *one = pack_institution_at(p, i);
                here += str_equal(one->county, county) && str_equal(one->municipality, m) && one->n_units == 1;
            }
            assert_int_equal(here, 2);
        }
    }
    assert_int_equal(municipalities, 61);
}

static bool has_field(const struct pack_template *t, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < t->n; i++) {
        found |= str_equal_z(t->fields[i], name);
    }
    return found;
}

static void each_referral_has_its_minimum(void **state)
{
    (void)state;
    struct str purpose;
    for (size_t i = 0; (purpose = pack_list_at(p, "referral_purpose", i)).n > 0; i++) {
        assert_non_null(pack_template(p, purpose, STR("no type")));
    }
    assert_null(pack_template(p, STR("fun"), STR("police")));
    const struct pack_template *police = pack_template(p, STR("investigation"), STR("police"));
    SAME(police->type, "police");
    assert_true(has_field(police, "account") && has_field(police, "not_told"));
    assert_false(has_field(police, "contact") || has_field(police, "person_child"));
    SAME(pack_template(p, STR("investigation"), STR("media"))->type, "*");
    assert_false(has_field(pack_template(p, STR("advice"), STR("media")), "text"));
}

static void the_protocol_is_a_text_with_versions(void **state)
{
    (void)state;
    struct pack_protocol v;
    int64_t before = 0;
    size_t n = 0;
    for (; pack_protocol_at(p, n, sq(), &v); n++) {
        assert_true(v.version > before && v.title.n > 0 && v.points > 0);
        before = v.version;
        for (size_t k = 0; k < v.points; k++) {
            assert_true(pack_protocol_point(p, n, k, sq()).n > 0);
            assert_false(str_equal(pack_protocol_point(p, n, k, sq()), pack_protocol_point(p, n, k, en())));
        }
        assert_int_equal(pack_protocol_point(p, n, v.points, sq()).n, 0);
    }
    assert_true(n >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taxonomy_has_all_codes), cmocka_unit_test(choices_lead_to_codes), cmocka_unit_test(urgency_is_computed),
        cmocka_unit_test(lists_are_known),        cmocka_unit_test(places_are_counted),    cmocka_unit_test(hosts_are_shared),
        cmocka_unit_test(numbers_and_clocks),     cmocka_unit_test(institutions_come_from_the_plan),
        cmocka_unit_test(each_referral_has_its_minimum),  cmocka_unit_test(the_protocol_is_a_text_with_versions),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
