#include "plan/report_files.h"
#include "plan/published.h"

#define ARENA_BYTES (96u << 20) // of a snapshot while it is taken or read
static const struct { const char *form, *label, *type, *ends; bool drawn; } forms[] = {
    {"pdf", "PDF", "application/pdf", "pdf", true}, // drawn ones are made by a program of its own, the others written here
    {"xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", true},
    {"html", "HTML", "text/html; charset=utf-8", "html", true},
    {"csv", "CSV", "text/csv; charset=utf-8", "csv", false},
    {"json", "JSON", "application/json", "json", false},
    {"dhis2", "DHIS2", "application/json", "dhis2.json", false},
};
#define FORMS (sizeof forms / sizeof *forms)
static const char *const langs[] = {"sq", "en"};
_Static_assert(sizeof langs / sizeof *langs * FORMS == PLAN_REPORT_KINDS, "each language in each form");

struct plan_report_kind plan_report_kind(size_t i)
{
    return (struct plan_report_kind){langs[i / FORMS], forms[i % FORMS].form, forms[i % FORMS].label, forms[i % FORMS].type};
}

struct str plan_report_file_name(struct arena *a, int64_t year, size_t kind)
{
    return arena_printf(a, "isigurt-%lld-%s.%s", (long long)year, langs[kind / FORMS], forms[kind % FORMS].ends);
}

enum err plan_report_file_make(struct str country, struct str snapshot, size_t kind, struct buf *out)
{
    const char *lang = langs[kind / FORMS], *form = forms[kind % FORMS].form;
    struct arena *a = NULL;
    struct plan_shot shot;
    if (forms[kind % FORMS].drawn)
        return plan_report_print(snapshot, lang, form, out);
    if (str_equal_z(STR("json"), form)) {
        buf_put(out, snapshot);
        return buf_ok(out);
    }
    enum err e = arena_new(ARENA_BYTES, &a);
    e = e ? e : plan_shot_read(a, snapshot, &shot);
    if (!e && str_equal_z(STR("csv"), form))
        plan_shot_csv(out, &shot, str_equal_z(STR("en"), lang));
    else if (!e)
        e = plan_shot_dhis2(a, out, &shot, country);
    arena_free(&a);
    return e ? e : buf_ok(out);
}

struct shooting { const struct plan_shot_ask *ask; struct arena *a; struct plan_shot shot; };

static enum err shoot(struct db *db, void *arg)
{
    struct shooting *g = arg;
    return plan_shot_db(db, g->a, g->ask, &g->shot);
}

enum err plan_report_shoot(struct store *store, const struct plan_shot_ask *ask, struct arena *a, struct str *out)
{
    struct shooting g = {.ask = ask};
    struct buf json;
    enum err e = arena_new(ARENA_BYTES, &g.a);
    buf_init(&json, PLAN_SNAPSHOT_BYTES);
    e = e ? e : store_read_slow(store, shoot, &g);
    if (!e)
        plan_shot_write(&json, &g.shot);
    e = e ? e : buf_ok(&json);
    if (!e)
        *out = arena_str(a, buf_str(&json));
    buf_free(&json);
    arena_free(&g.a);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

struct publishing { int64_t year, at; struct str snapshot; struct plan_report_bytes file[PLAN_REPORT_KINDS]; };

static enum err publish_write(struct db *db, void *arg)
{
    const struct publishing *p = arg;
    return plan_published_put_db(db, p->year, p->at, p->snapshot, p->file, PLAN_REPORT_KINDS);
}

enum err plan_report_publish(struct store *reply, struct str country, int64_t year, int64_t at, struct str snapshot)
{
    struct publishing p = {.year = year, .at = at, .snapshot = snapshot};
    struct buf file[PLAN_REPORT_KINDS];
    struct arena *names = NULL;
    enum err e = arena_new(1 << 16, &names);
    for (size_t i = 0; i < PLAN_REPORT_KINDS; i++) {
        buf_init(&file[i], PLAN_FILE_BYTES);
        e = e ? e : plan_report_file_make(country, snapshot, i, &file[i]);
        if (!e)
            p.file[i] = (struct plan_report_bytes){plan_report_file_name(names, year, i), str_from(plan_report_kind(i).type), buf_str(&file[i])};
    }
    e = e ? e : store_write(reply, publish_write, &p);
    for (size_t i = 0; i < PLAN_REPORT_KINDS; i++)
        buf_free(&file[i]);
    arena_free(&names);
    return e;
}
