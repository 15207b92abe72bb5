// The store, the persons and the calls that tests of casework stand on.
#include "casework_room.h"
#include <stdlib.h>

struct services sv;
struct keeper keeper;
static struct store *portal;
static struct events events;
static struct report_desk *desk;
struct person officer, colleague, boss, stranger;
int64_t now;
struct buf out;
struct id last;

int setup(void **state)
{
    (void)state;
    store_test_desk(&sv, &keeper, &events, &portal, &out);
    now = clock_minute(clock_now());
    officer = worker_of(1, 100, ROLE_DUTY_OFFICER);
    colleague = worker_of(2, 100, ROLE_ANALYST);
    boss = worker_of(3, 100, ROLE_SUPERVISOR);
    stranger = worker_of(4, 101, ROLE_SUPERVISOR);
    return 0;
}

int teardown(void **state)
{
    (void)state;
    store_test_desk_close(&sv, portal, &out);
    return 0;
}

int each_setup(void **state)
{
    (void)state;
    memset(&events, 0, sizeof events);
    keeper.fails = OK;
    keeper.opened = keeper.sealed = keeper.audited = 0;
    keeper.meanwhile = NULL;
    assert_int_equal(report_desk_new(&sv, &desk), OK);
    report_settle_stop(desk);
    sv.room = desk;
    return 0;
}

int each_teardown(void **state)
{
    (void)state;
    report_desk_free(&desk);
    sv.room = NULL;
    store_test_sql("delete from intake.report; delete from reply.thread; delete from reply.step; delete from "
                   "reply.done; "
                   "delete from desk.report; delete from desk.report_sealed; delete from desk.step; delete from "
                   "desk.reply_due; "
                   "delete from desk.history; delete from desk.case_file; delete from desk.case_report; delete from "
                   "desk.case_item; "
                   "delete from desk.case_hold; delete from desk.case_route; delete from desk.case_address; delete from desk.case_task; delete from "
                   "desk.case_history; "
                   "delete from desk.unit_wrap; delete from desk.child_wrap; delete from desk.assessment;");
    return 0;
}

static const struct route *row_of(const char *name)
{
    for (size_t i = 0; i < case_desk_routes.n; i++)
        if (!strcmp(case_desk_routes.at[i].name, name))
            return &case_desk_routes.at[i];
    fail_msg("no row %s", name);
    return NULL;
}

int call2(const char *name, const struct person *who, struct id id, struct id id2, const char *json)
{
    struct arena *arena = NULL;
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"),
                     .id = id, .id2 = id2,
                     .now = now, .json = true};
    buf_clear(&out);
    int status = web_call(row_of(name), &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    const char *at = strstr(out.at, "\"id\":\"");
    if (at && id_from_hex((struct str){at + 6, 32}, &last))
        fail_msg("no id in %s", out.at);
    return status;
}

int call(const char *name, const struct person *who, struct id id, const char *json)
{
    return call2(name, who, id, (struct id){{0}}, json);
}

enum err page(const char *name, const struct person *who, struct id id, struct id id2, const void *in,
                     const char *lang)
{
    struct req rq = {.sv = &sv, .who = *who, .lang = text_lang(str_from(lang)), .lang_code = str_from(lang),
                     .lang_other = STR("en"), .id = id,
                     .id2 = id2, .now = now, .csrf = STR("csrf"), .version = STR("1"),
                     .nav = {.reports = true, .cases = true}};
    const struct route *row = row_of(name);
    rq.who.name = STR("Ana Zeka");
    assert_int_equal(arena_new(4 << 20, &rq.arena), OK);
    buf_clear(&out);
    void *given = arena_alloc(rq.arena, row->out->size);
    enum err e = row->run(&rq, in, given);
    row->page(&out, &rq, in, given);
    assert_int_equal(buf_ok(&out), OK);
    const char *folder = getenv("ISIGURT_TEST_PAGES");
    if (folder) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s-%s.html", folder, name, lang);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fwrite(out.at, 1, out.n, f);
        fclose(f);
    }
    buf_put_c(&out, '\0');
    arena_free(&rq.arena);
    return e;
}

void says(const char *text)
{
    if (!strstr(out.at, text))
        fail_msg("%s\nis not in\n%s", text, out.at);
}

void says_not(const char *text)
{
    if (strstr(out.at, text))
        fail_msg("%s\nis in\n%s", text, out.at);
}

struct id report(const char *category, int64_t urgency)
{
    struct frame_report r;
    frame_report_make(&r, &keeper, category, urgency, now, NULL, "teksti");
    assert_int_equal(frame_report_send(portal, &r), OK);
    report_ingest(&sv);
    struct id id = r.id;
    frame_report_free(&r);
    return id;
}

const char *of(const struct id *ids, size_t n)
{
    static char json[4096];
    char hex[ID_HEX];
    size_t at = (size_t)snprintf(json, sizeof json, "{\"reports\": [");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(json + at, sizeof json - at, "%s\"%s\"", i ? "," : "", id_hex(ids[i], hex));
    snprintf(json + at, sizeof json - at, "]}");
    return json;
}

struct id a_case(void)
{
    struct id r = report("SEXT", 2);
    assert_int_equal(call("case_open", &officer, (struct id){{0}}, of(&r, 1)), 201);
    return last;
}

int64_t version(void)
{
    return store_test_number("select version from desk.case_file");
}
