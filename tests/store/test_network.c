// The network on both engines: entries are one's own, the discussion takes no case data, whoever may not moderate does not.
#include "store_test.h"
#include "country.h"
#include <string.h>
#include "base/clock.h"
#include "network/handlers.h"

static struct services sv;
static struct person ana, beni, coordinator;
static struct buf out;

static enum err people_write(struct db *db, void *arg)
{
    (void)arg;
    enum err e = people_setup_institutions(db, sv.pack);
    if (!e)
        e = people_setup_units(db, sv.pack);
    if (!e)
        e = people_setup_units(db, sv.pack); // again: nothing twice
    if (!e)
        e = people_setup_person(db, ana.id, STR("ana"), STR("Ana Çela"), STR("OSHC"), STR(""), STR("sq"));
    if (!e)
        e = people_setup_person(db, beni.id, STR("beni"), STR("Beni Hoxha"), STR("ISP"), STR(""), STR("sq"));
    return e ? e : people_setup_person(db, coordinator.id, STR("koordinator"), STR("Fatos Zeneli"), STR("ASHDMF"), STR(""), STR("sq"));
}

static int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    sv.store = store_test_open("desk", "desk", "intake");
    sv.roles = people_role_table();
    ana = (struct person){.id = id_random(), .roles = 1u << ROLE_MONITOR, .name = STR("Ana Çela")};
    beni = (struct person){.id = id_random(), .roles = 1u << ROLE_CLERK, .name = STR("Beni Hoxha")};
    coordinator = (struct person){.id = id_random(), .roles = 1u << ROLE_COORDINATOR, .name = STR("Fatos Zeneli")};
    assert_int_equal(store_write(sv.store, people_write, NULL), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

static void calls(const char *name, const struct person *who, struct id id, struct id id2, const char *json, int expected)
{
    struct arena *arena = NULL;
    int status = 0;
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"), .id = id, .id2 = id2,
                     .now = clock_now(), .json = true};
    buf_clear(&out);
    for (size_t i = 0; i < network_desk_routes.n; i++)
        if (!strcmp(network_desk_routes.at[i].name, name))
            status = web_call(&network_desk_routes.at[i], &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    if (status != expected)
        fail_msg("%s: %d instead of %d: %s", name, status, expected, out.at);
}

static const struct id none;

// The first id that the answer names behind `key`.
static struct id id_of(const char *key)
{
    struct id id;
    const char *at = strstr(out.at, key);
    assert_non_null(at);
    assert_int_equal(id_from_hex((struct str){at + strlen(key), 32}, &id), OK);
    return id;
}

static void units_are_made_once(void **state)
{
    (void)state;
    assert_int_equal(store_test_number("select count(*) from desk.unit"), 176);
    assert_int_equal(store_test_number("select count(*) from desk.member"), 0);
}

static void directory(void **state)
{
    (void)state;
    calls("network_entry", &ana, none, none, "{\"organisation\": \"Fëmijët 100%\", \"subject\": \"rights\", \"contact\": \"ana@posta.example\"}", 422);
    assert_int_equal(store_test_number("select count(*) from desk.directory_entry"), 0); // nobody who has not agreed
    calls("network_entry", &ana, none, none, "{\"organisation\": \"Fëmijët 100%\", \"subject\": \"magic\", \"contact\": \"x\", \"agree\": true}", 422);
    calls("network_entry", &ana, none, none, "{\"organisation\": \"Fëmijët\", \"subject\": \"rights\", \"contact\": \"x\", \"about\": \"rasti 2026-0007\", \"agree\": true}", 422);
    calls("network_entry", &ana, none, none, "{\"organisation\": \"Fëmijët 100%\", \"subject\": \"rights\", \"contact\": \"ana@posta.example\", \"agree\": true}", 200);
    calls("network_entry", &beni, none, none, "{\"organisation\": \"Rrjeti\", \"subject\": \"technology\", \"county\": \"Korçë\", \"contact\": \"129\", \"agree\": true}", 200);
    calls("network_entry", &beni, none, none, "{\"organisation\": \"Rrjeti i ri\", \"subject\": \"technology\", \"county\": \"Korçë\", \"contact\": \"129\", \"agree\": true}", 200);
    assert_int_equal(store_test_number("select count(*) from desk.directory_entry"), 2); // altered, not twice
    calls("network_list", &ana, none, none, "{\"q\": \"femijet\"}", 200);
    assert_true(strstr(out.at, "ana@posta.example") && !strstr(out.at, "Rrjeti"));
    calls("network_list", &ana, none, none, "{\"q\": \"%\"}", 200); // a sign, no pattern
    assert_true(strstr(out.at, "Rrjeti i ri") != NULL);
    calls("network_list", &ana, none, none, "{\"county\": \"Korçë\"}", 200);
    assert_true(!strstr(out.at, "ana@posta.example") && strstr(out.at, "Rrjeti i ri"));
    calls("network_remove", &beni, ana.id, none, "{}", 404); // not his
    calls("network_remove", &beni, beni.id, none, "{}", 200);
    assert_int_equal(store_test_number("select count(*) from desk.directory_entry"), 1);
}

static void discussion(void **state)
{
    (void)state;
    static const char *const refused[] = {"0123456789abcdef0123456789abcdef", "https://keq.example", "7KQ2-M4XD-90AB-CDEF-1234", "2026-0007", " "};
    char json[300];
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        snprintf(json, sizeof json, "{\"title\": \"Trajnim\", \"subject\": \"education\", \"text\": \"%s\"}", refused[i]);
        calls("network_topic", &ana, none, none, json, 422);
        snprintf(json, sizeof json, "{\"title\": \"%s\", \"subject\": \"education\", \"text\": \"x\"}", refused[i]);
        calls("network_topic", &ana, none, none, json, 422);
    }
    assert_int_equal(store_test_number("select count(*) from desk.topic"), 0);
    calls("network_topic", &ana, none, none, "{\"title\": \"Trajnim\", \"subject\": \"education\", \"text\": \"Kush vjen?\"}", 201);
    struct id topic = id_of("\"id\":\"");
    calls("network_post", &beni, topic, none, "{\"text\": \"shihni keq.example\"}", 422);
    calls("network_post", &beni, topic, none, "{\"text\": \"Ne vijmë.\"}", 201);
    calls("network_post", &beni, id_random(), none, "{\"text\": \"Ne vijmë.\"}", 404);
    calls("network_read", &ana, topic, none, "{}", 200);
    assert_true(strstr(out.at, "Kush vjen?") && strstr(out.at, "Ne vijmë.") && strstr(out.at, "Beni Hoxha"));
    struct id first = id_of("\"posts\":[{\"id\":\"");
    calls("network_moderate", &beni, topic, first, "{\"reason\": \"Arsye e provës.\"}", 403);
    calls("network_moderate", &ana, topic, first, "{}", 422);
    calls("network_moderate", &ana, topic, first, "{\"reason\": \"E shkrova gabim.\"}", 200); // one's own
    assert_true(!strstr(out.at, "Kush vjen?") && strstr(out.at, "E shkrova gabim."));
    assert_int_equal(store_test_number("select count(*) from desk.topic_post where text = ''"), 1); // the words are gone
    calls("network_moderate", &ana, topic, first, "{\"reason\": \"Arsye e provës.\"}", 409);
    calls("network_close", &beni, topic, none, "{}", 403);
    calls("network_close", &coordinator, topic, none, "{}", 200);
    calls("network_post", &beni, topic, none, "{\"text\": \"Prapë.\"}", 409);
    calls("network_close", &ana, topic, none, "{}", 409);
    calls("network_topics", &beni, none, none, "{}", 200);
    assert_true(strstr(out.at, "\"posts\":2") && strstr(out.at, "\"closed\":true"));
    calls("network_topics", &beni, none, none, "{\"after\": \"x\"}", 422);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(units_are_made_once), cmocka_unit_test(directory), cmocka_unit_test(discussion),
                                       cmocka_unit_test(store_test_queries)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}
