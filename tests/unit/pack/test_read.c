// Faults of a pack: each is found, and named with its file, place and mend; all in one go.
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/file.h"
#include "base/share.h"
#include "pack/inside.h"

// The delivered pack as one object, changed by a test and read from memory.
static json_t *whole(void)
{
    json_t *all = json_object();
    static const char *const names[] = {"pack", "taxonomy", "places", "institutions", "hosts", "calendar", "questions", "exchange", "retention", "registers", "plan"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char relative[64];
        char path[SHARE_PATH_MAX];
        snprintf(relative, sizeof relative, "country/al/%s.json", names[i]);
        json_t *one = json_load_file(share_path(relative, path, sizeof path), 0, NULL);
        assert_non_null(one);
        json_object_update(all, one);
        json_decref(one);
    }
    json_object_del(all, "files");
    return all;
}

struct memory { const char *name; struct str bytes; struct memory *next; };

static enum err load(void *ctx, const char *name, struct buf *out)
{
    for (const struct memory *m = ctx; m != NULL; m = m->next) {
        if (strcmp(m->name, name) == 0) {
            buf_put(out, m->bytes);
            return buf_ok(out);
        }
    }
    return ERR_NOT_FOUND;
}

static enum err read_bytes(struct str bytes, char *why, size_t size)
{
    struct memory m = {.name = "pack.json", .bytes = bytes};
    struct pack *p = NULL;
    struct buf lines;
    buf_init(&lines, 65536);
    enum err e = pack_read(load, &m, &p, &lines);
    assert_int_equal(e == OK, p != NULL);
    snprintf(why, size, "%.*s", STR_ARG(buf_str(&lines)));
    buf_free(&lines);
    pack_close(&p);
    return e;
}

static enum err read_json(const json_t *all, char *why, size_t size)
{
    char *text = json_dumps(all, JSON_COMPACT);
    assert_non_null(text);
    enum err e = read_bytes(str_from(text), why, size);
    free(text);
    return e;
}

static char why[20000];

static void whole_is_whole(void **state)
{
    (void)state;
    json_t *all = whole();
    assert_int_equal(read_json(all, why, sizeof why), OK);
    assert_string_equal(why, "");
    json_decref(all);
}

// Each row: where in the whole, what is put there (NULL: taken away), and what the fault must say.
static void faults_are_named(void **state)
{
    (void)state;
    static const struct { const char *section, *row, *key, *value, *says; } rows[] = {
        {"format", NULL, NULL, "2", "pack.json: format: must be 1"},
        {"code", NULL, NULL, NULL, "code: is missing"},
        {"version", NULL, NULL, "\" x\"", "spaces"},
        {"languages", NULL, NULL, "[]", "languages: must name"},
        {"languages", NULL, NULL, "[\"sq\",\"en\",\"sq\"]", "twice"},
        {"languages", NULL, NULL, "[\"sq\",\"en\",\"it\"]", "pack.json: lists.where[0].label.it: is missing"},
        {"extra", NULL, NULL, "1", "unknown key \"extra\""},
        {"categories", NULL, NULL, NULL, "categories: is missing"},
        {"categories", NULL, NULL, "{}", "categories: must be a list"},
        {"categories", NULL, NULL, "[]", "categories: is empty"},
        {"categories", "3", "urgency", "5", "categories[3].urgency: must be a whole number from 1 to 4"},
        {"categories", "3", "urgency", "\"2\"", "categories[3].urgency"},
        {"categories", "3", "code", "\"CSAM\"", "categories[3]: the code \"CSAM\" stands there twice"},
        {"categories", "3", "code", "\"x y\"", "capitals"},
        {"categories", "3", "choice", "\"bully\"", "does not list it"},
        {"categories", "3", "label", "{\"sq\":\"a\"}", "categories[3].label.en: is missing"},
        {"categories", "3", "label", "{\"sq\":\"a\",\"en\":\"\"}", "categories[3].label.en: is empty"},
        {"categories", "3", "label", "{\"sq\":\"a\",\"en\":\"a\\nb\"}", "control character"},
        {"categories", "3", "label", "{\"sq\":\"a\",\"en\":\"b\",\"it\":\"c\"}", "has a language that"},
        {"categories", "3", "sexual", "1", "categories[3].sexual: must be true or false"},
        {"choices", "1", "codes", "[\"SOLIC\"]", "needs a \"question\""},
        {"choices", "1", "codes", "[\"SOLIC\",\"NOSUCH\"]", "choices[1].codes[1]: \"NOSUCH\" is not one"},
        {"choices", "10", "codes", "[\"SCAM\",\"PRIV\",\"GAMB\"]", "most urgent first"},
        {"choices", "1", "codes", "[]", "at least one code"},
        {"choices", "1", "id", "\"bully\"", "choices[3]: the id \"bully\" stands there twice"},
        {"urgency_rules", NULL, "in_danger", "0", "urgency_rules.in_danger"},
        {"urgency_rules", NULL, "young", "{\"reporter\":\"child\",\"age_band\":\"7\",\"urgency\":2}", "age band"},
        {"counties", "0", "municipalities", "[\"Berat\",\"Berat\"]", "counties[0].municipalities[1]: \"Berat\" stands there twice"},
        {"counties", "0", "name", "\"Vlorë\"", "twice"},
        {"institutions", "2", "type", "\"club\"", "institutions[2]: the type \"club\""},
        {"institutions", "2", "code", "\"MASR\"", "twice"},
        {"duty", NULL, "institution", "\"NOBODY\"", "duty: names an institution"},
        {"duty", NULL, "room", "\"kitchen\"", "duty: names a room"},
        {"sample_institutions", NULL, "contact", "\"NOBODY\"", "sample_institutions.contact: names an institution"},
        {"numbers", "0", "number", "\"116-111\"", "digits"},
        {"numbers", "0", "verified_on", NULL, "numbers[0].verified_on: is missing"},
        {"numbers", "0", "free", "1", "numbers[0].free: must be true or false"},
        {"numbers", NULL, NULL, "[]", "numbers: is empty"},
        {"quick_exit", NULL, NULL, NULL, "quick_exit"},
        {"quick_exit", NULL, "address", "{\"sq\":\"http://a.example/\",\"en\":\"https://b.example/\"}", "begins with https://"},
        {"quick_exit", NULL, "address", "{\"sq\":\"https://a.example/\",\"en\":\"javascript:alert(1)\"}", "begins with https://"},
        {"clocks", NULL, "take_u1", "0", "clocks.take_u1"},
        {"clocks", NULL, "take_u1", "900.0", "clocks.take_u1"},
        {"small_number", NULL, NULL, "1", "small_number"},
        {"registers", NULL, NULL, "{}", "registers: must be a list"},
        {"registers", "0", "code", "\"Trajnim\"", "registers[0]: \"Trajnim\" may have small letters"},
        {"registers", "1", "code", "\"training\"", "registers[1]: the code \"training\" stands there twice"},
        {"registers", "0", "owners", "[\"club\"]", "registers[0]: the owner \"club\""},
        {"registers", "0", "owners", "[]", "registers[0]: has no \"owners\""},
        {"registers", "0", "confirmed_by", "\"NOBODY\"", "registers[0]: is confirmed by \"NOBODY\""},
        {"registers", "0", "title", "\"topic\"", "\"title\" must name a required field of the kind text"},
        {"registers", "0", "date", "\"until\"", "\"date\" must name a required field of the kind date"},
        {"registers", "0", "stages", "[{\"value\":\"a\",\"label\":{\"sq\":\"a\",\"en\":\"a\"},\"next\":[\"b\"]}]", "registers[0].stages: \"a\" goes to \"b\""},
        {"registers", "0", "fields", "[{\"name\":\"stage\",\"kind\":\"colour\",\"label\":{\"sq\":\"a\",\"en\":\"a\"}}]", "registers[0].fields[0]: the kind \"colour\" is none"},
        {"registers", "0", "fields", "[{\"name\":\"stage\",\"kind\":\"date\",\"label\":{\"sq\":\"a\",\"en\":\"a\"}}]", "is a column of every register"},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"choice\",\"label\":{\"sq\":\"a\",\"en\":\"a\"},\"list\":\"nosuch\"}]", "needs \"list\""},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"text\",\"label\":{\"sq\":\"a\",\"en\":\"a\"}}]", "registers[0].fields[0].max: must be a whole number from 1 to 4000"},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"municipality\",\"label\":{\"sq\":\"a\",\"en\":\"a\"}}]", "without a county"},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"entry\",\"label\":{\"sq\":\"a\",\"en\":\"a\"},\"of\":\"nosuch\"}]", "refers to \"nosuch\""},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"text\",\"label\":{\"sq\":\"a\",\"en\":\"a\"},\"max\":9,\"not_before\":\"b\"}]", "\"not_before\" is for dates and years"},
        {"registers", "0", "fields", "[{\"name\":\"a\",\"kind\":\"date\",\"label\":{\"sq\":\"a\",\"en\":\"a\"},\"needed_at\":[\"nowhere\"]}]", "is needed at \"nowhere\", which is no stage"},
        {"registers", "0", "carry_over", "{\"years\":[2018],\"field\":\"hours\"}", "\"carry_over\" needs \"field\""},
        {"registers", "0", "carry_over", "{\"years\":[\"x\"],\"field\":\"hours\"}", "must be years, 2000 to 2198"},
        {"registers", "20", "fields", "[]", "the register \"step\" needs a field \"activity\" of the kind activity"},
        {"registers", "15", "filled_by", "{\"register\":\"meeting\",\"field\":\"title\",\"stage\":\"held\"}", "registers[15]: \"filled_by\" must name"},
        {"register_lists", NULL, "county", "[]", "register_lists.county"},
        {"retention", NULL, NULL, "{}", "retention: must be a list"},
        {"retention", NULL, NULL, "[]", "retention: has no rule for a report that is \"closed\""},
        {"retention", "0", "of", "\"letter\"", "retention[0]: \"of\" is \"letter\"; write \"report\" or \"case\""},
        {"retention", "0", "state", "\"taken\"", "a report that is \"taken\" has not ended"},
        {"retention", "0", "state", "\"duplicate\"", "retention[1]: is there twice"},
        {"retention", "0", "category", "\"NOSUCH\"", "the category \"NOSUCH\" is not one"},
        {"retention", "0", "category", "\"SEXT\"", "has no rule for a report that is \"spam\", category \"*\""},
        {"retention", "0", "anonymise", "400", "is deleted after 365 days and anonymised only after 400"},
        {"retention", "0", "anonymise", "0", "retention[0].anonymise: must be a whole number from 1"},
        {"retention", "0", "days", "3", "unknown key \"days\""},
        {"clocks", NULL, "take_u9", "1", "unknown key \"take_u9\""},
        {"clock_days", NULL, "take_u1", "true", "unknown key \"take_u1\""},
        {"clock_days", NULL, "take_u4", "1", "clock_days.take_u4: must be true or false"},
        {"reporter_step", "0", "value", "\"police_came\"", "reporter_step[0]: \"police_came\" is no step"},
        {"reporter_step", "1", "value", "\"considered\"", "reporter_step[1]: \"considered\" stands there twice"},
        {"reporter_step", "0", "shown", "\"yes\"", "reporter_step[0].shown: must be true or false"},
        {"reporter_step", NULL, NULL, "{}", "reporter_step: must be a list"},
        {"wellbeing", NULL, "late_from", "\"25:00\"", "wellbeing.late_from"},
        {"wellbeing", NULL, "day", "0", "wellbeing.day"},
        {"plan_reminders", NULL, NULL, "[]", "plan_reminders: must be an object"},
        {"plan_reminders", NULL, "due", NULL, "plan_reminders.due: must be an object with \"month\", \"quarter\" and \"year\""},
        {"plan_reminders", NULL, "due", "{\"month\":0,\"quarter\":20,\"year\":45}", "plan_reminders.due.month: must be a whole number from 1 to 365"},
        {"plan_reminders", NULL, "due", "{\"month\":15,\"quarter\":20}", "plan_reminders.due.year: must be a whole number"},
        {"plan_reminders", NULL, "due", "{\"month\":15,\"quarter\":20,\"year\":45,\"week\":1}", "unknown key \"week\""},
        {"plan_reminders", NULL, "before", "[15]", "plan_reminders.before[0]: must be a whole number from 0 to 14; a period that is not over is not asked for"},
        {"plan_reminders", NULL, "before", "[7,7]", "plan_reminders.before[1]: 7 stands there twice; take one out"},
        {"plan_reminders", NULL, "before", "7", "plan_reminders.before: must be a list"},
        {"plan_reminders", NULL, "after", "[0]", "plan_reminders.after[0]: must be a whole number from 1 to 365"},
        {"plan_reminders", NULL, "after", "[\"7\"]", "plan_reminders.after[0]: must be a whole number"},
        {"plan_reminders", NULL, "after", "[1,2,3,4,5,6,7]", "plan_reminders.after"},
        {"plan_reminders", NULL, "afer", "[1]", "unknown key \"afer\""},
        {"question_sets", "0", "questions", "[]", "needs a question \"verdict\""},
        {"question_sets", "0", "version", "0", "question_sets[0].version"},
        {"lists", NULL, "where", "[]", "lists.where: is empty"},
        {"lists", NULL, "room", NULL, "has no \"room\""},
        {"lists", NULL, "county", "[]", "section of its own"},
        {"lists", NULL, "reporter", "[{\"value\":\"me\",\"label\":{\"sq\":\"a\",\"en\":\"b\"}}]", "no \"child\""},
        {"shared_hosts", "0", NULL, "\"Instagram.com\"", "shared_hosts[0]"},
        {"shared_hosts", "0", NULL, "\"https://x.com/\"", "is not a host"},
        {"duty_hours", NULL, "monday", "[[\"16:00\",\"08:00\"]]", "duty_hours.monday"},
        {"duty_hours", NULL, "monday", "[[\"8:00\",\"16:00\"]]", "duty_hours.monday"},
        {"duty_hours", NULL, "monday", "[[\"08:00\",\"24:30\"]]", "duty_hours.monday"},
        {"duty_hours", NULL, "monday", "[[\"08:00\",\"12:00\"],[\"11:00\",\"16:00\"]]", "row 1"},
        {"duty_hours", NULL, "sunday", NULL, "duty_hours.sunday: must be a list"},
        {"holidays", "0", "date", "\"2026-02-29\"", "holidays[0]: \"date\" must be a day"},
        {"holidays", "0", "date", "\"2025-01-01\"", "the year 2025"},
        {"holiday_years", NULL, NULL, "[\"2026\"]", "must be a year"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *all = whole();
        json_t *at = all;
        const char *key = rows[i].section;
        if (rows[i].row != NULL || rows[i].key != NULL) {
            at = json_object_get(at, key);
            key = rows[i].key;
        }
        if (rows[i].row != NULL && rows[i].key != NULL) {
            at = json_array_get(at, (size_t)atoi(rows[i].row));
        }
        json_t *value = rows[i].value != NULL ? json_loads(rows[i].value, JSON_DECODE_ANY, NULL) : NULL;
        assert_true(at != NULL && (value != NULL) == (rows[i].value != NULL));
        if (rows[i].row != NULL && rows[i].key == NULL) {
            json_array_set_new(at, (size_t)atoi(rows[i].row), value);
        } else if (value == NULL) {
            json_object_del(at, key);
        } else {
            json_object_set_new(at, key, value);
        }
        enum err e = read_json(all, why, sizeof why);
        if (e != ERR_INVALID || strstr(why, rows[i].says) == NULL) {
            fail_msg("row %zu (%s) wanted '%s', got %s: %s", i, rows[i].section, rows[i].says, err_name(e), why);
        }
        json_decref(all);
    }
}

static void all_faults_at_once_but_bounded(void **state)
{
    (void)state;
    json_t *all = whole();
    json_object_set_new(json_object_get(all, "clocks"), "take_u1", json_integer(-1));
    json_object_set_new(json_object_get(all, "duty"), "room", json_string("kitchen"));
    assert_int_equal(read_json(all, why, sizeof why), ERR_INVALID);
    assert_non_null(strstr(why, "clocks.take_u1"));
    assert_non_null(strstr(why, "names a room"));
    json_object_set_new(all, "languages", json_pack("[s]", "it")); // no label has it: hundreds of faults
    assert_int_equal(read_json(all, why, sizeof why), ERR_INVALID);
    size_t lines = 0;
    for (const char *c = why; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, PACK_FAULTS_MAX + 1);
    assert_non_null(strstr(why, " more\n"));
    json_decref(all);
}

static void bytes_that_are_no_pack(void **state)
{
    (void)state;
    static const struct { struct str bytes; const char *says; } rows[] = {
        {STR(""), "pack.json: line 1"},     {STR("{"), "line 1"},      {STR("[]"), "must be one object"},
        {STR("{\"code\": \"a\\u0000\"}"), "line 1"}, {STR("{\"code\": 1, \"code\": 2}"), "duplicate"},
        {STR("{} x"), "line 1"},            {STR("{\"a\": \"\xff\"}"), "line 1"}, {STR("{\"files\": [\"../x.json\"]}"), "another file of this folder"},
        {STR("{\"files\": [\"pack.json\"]}"), "another file"}, {STR("{\"files\": [\"away.json\"]}"), "away.json: is missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum err e = read_bytes(rows[i].bytes, why, sizeof why);
        if (e == OK || strstr(why, rows[i].says) == NULL) {
            fail_msg("row %zu wanted '%s', got %s: %s", i, rows[i].says, err_name(e), why);
        }
    }
}

static void a_section_stands_once(void **state)
{
    (void)state;
    struct memory second = {.name = "b.json", .bytes = STR("{\"code\": \"xx\"}")};
    struct memory first = {.name = "pack.json", .bytes = STR("{\"files\": [\"b.json\"], \"code\": \"al\"}"), .next = &second};
    struct pack *p = NULL;
    struct buf lines;
    buf_init(&lines, 65536);
    assert_int_equal(pack_read(load, &first, &p, &lines), ERR_INVALID);
    assert_true(str_find_str(buf_str(&lines), STR("b.json: the section \"code\" stands in two files")) >= 0);
    assert_null(p);
    buf_free(&lines);
}

static void folders_that_are_not_there(void **state)
{
    (void)state;
    struct pack *p = NULL;
    struct buf lines;
    buf_init(&lines, 65536);
    assert_int_equal(pack_open("/nowhere/at/all", &p, &lines), ERR_NOT_FOUND);
    assert_true(str_find_str(buf_str(&lines), STR("pack.json: is missing")) >= 0);
    buf_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_is_whole), cmocka_unit_test(faults_are_named), cmocka_unit_test(all_faults_at_once_but_bounded),
        cmocka_unit_test(bytes_that_are_no_pack), cmocka_unit_test(a_section_stands_once), cmocka_unit_test(folders_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
