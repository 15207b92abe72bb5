// The store, the persons and the calls that tests of the desk's report room stand on.
#include "desk_room.h"
#include <stdio.h>

struct store *portal;
struct services sv;
struct keeper keeper;
struct events events;
struct report_desk *desk;
static struct arena *arena;
struct person officer, colleague, boss, stranger;
int64_t now;
struct buf out; // last answer

int setup(void **state)
{
    (void)state;
    store_test_desk(&sv, &keeper, &events, &portal, &out);
    now = date_next_midnight(clock_now()) - 12 * CLOCK_HOUR; // noon: at night a worker who is not on call is stopped
    officer = worker_of(1, 100, ROLE_DUTY_OFFICER);
    colleague = worker_of(2, 100, ROLE_DUTY_OFFICER);
    boss = worker_of(3, 100, ROLE_SUPERVISOR);
    stranger = worker_of(4, 101, ROLE_DUTY_OFFICER);
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
    keeper.opened = keeper.sealed = keeper.audited = keeper.tagged = 0;
    assert_int_equal(report_desk_new(&sv, &desk), OK);
    report_settle_stop(desk); // this test settles when it says so
    sv.room = desk;
    return 0;
}

int each_teardown(void **state)
{
    (void)state;
    report_desk_free(&desk);
    sv.room = NULL;
    store_test_sql("delete from intake.report; delete from intake.message; delete from reply.thread; delete from reply.step; "
                   "delete from reply.message; delete from reply.done; delete from desk.report; delete from desk.report_sealed; "
                   "delete from desk.message; delete from desk.note; delete from desk.step; delete from desk.reply_due; "
                   "delete from desk.history;");
    return 0;
}

int call(const char *name, const struct person *who, struct id id, const char *json)
{
    if (arena)
        arena_free(&arena);
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .who = *who, .lang = text_lang(STR("en")), .lang_code = STR("en"), .id = id,
                     .now = now, .json = true};
    buf_clear(&out);
    for (size_t i = 0; i < report_desk_routes.n; i++)
        if (!strcmp(report_desk_routes.at[i].name, name)) {
            int status = web_call(&report_desk_routes.at[i], &rq, str_from(json), &out);
            buf_put_c(&out, '\0');
            arena_free(&arena);
            return status;
        }
    fail_msg("no row %s", name);
    return 0;
}

void page(const char *name, const struct person *who, struct id id, const void *in, const char *lang)
{
    struct req rq = {.sv = &sv, .who = *who, .lang = text_lang(str_from(lang)), .lang_code = str_from(lang), .lang_other = STR("en"),
                     .id = id, .now = now, .csrf = STR("csrf"), .version = STR("1"), .nav = {.reports = true}};
    rq.who.name = STR("Ana Zeka");
    assert_int_equal(arena_new(4 << 20, &rq.arena), OK);
    buf_clear(&out);
    for (size_t i = 0; i < report_desk_routes.n; i++) {
        const struct route *row = &report_desk_routes.at[i];
        if (strcmp(row->name, name))
            continue;
        void *given = arena_alloc(rq.arena, row->out->size);
        assert_int_equal(row->run(&rq, in, given), OK);
        row->page(&out, &rq, in, given);
        assert_int_equal(buf_ok(&out), OK);
    }
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

void report_send(const struct frame_report *r)
{
    assert_int_equal(frame_report_send(portal, r), OK);
}

void one(struct frame_report *r, const char *category, int64_t urgency, const char *address, const char *text)
{
    frame_report_make(r, &keeper, category, urgency, now, address, text);
    report_send(r);
    report_ingest(&sv);
}
