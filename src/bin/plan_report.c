// plan report: the annual progress report, from the store or from a snapshot that was kept.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/command.h"
#include "plan/report_files.h"

static enum err begin(struct db *db, void *arg)
{
    const struct plan_shot_ask *ask = arg;
    return plan_begin_db(db, ask->pack, ask->now);
}

static const char *form_of(const char *file)
{
    static const char *const forms[] = {"pdf", "xlsx", "html"};
    const char *dot = strrchr(file, '.');
    for (size_t i = 0; dot && i < 3; i++)
        if (strcmp(dot + 1, forms[i]) == 0)
            return forms[i];
    return NULL;
}

int command_plan_report(int argc, char **argv)
{
    const char *data = NULL, *keys = NULL, *store = NULL, *year = NULL, *lang = "sq", *out = NULL, *snapshot = NULL;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory", &data, NULL}, {"keys", "DIR", "the keys (default: DIR-keys)", &keys, NULL},
        {"store", "postgres://…", "PostgreSQL instead of the SQLite files in DIR", &store, NULL}, {"year", "YEAR", "a year of the plan", &year, NULL},
        {"lang", "sq|en", "the report's language", &lang, NULL},
        {"out", "FILE", "FILE.pdf, FILE.xlsx, FILE.html or FILE.json (the snapshot); -o is the same", &out, NULL},
        {"snapshot", "FILE.json", "make it of a snapshot that was kept, instead of DIR", &snapshot, NULL},
    };
    bool report = argc > 0 && strcmp(argv[0], "report") == 0;
    static char long_out[] = "--out";
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "-o") == 0)
            argv[i] = long_out;
    command_options(argc - report, argv + report, "plan report --data DIR --year YEAR --lang sq -o FILE.pdf",
                    "The annual progress report. The same snapshot gives the same bytes.", rows, sizeof rows / sizeof *rows);
    struct buf json, why, file;
    int64_t y = 0;
    const char *form = out ? form_of(out) : NULL;
    bool keep = out && strlen(out) > 5 && strcmp(out + strlen(out) - 5, ".json") == 0;
    if (!report || !out || (!form && !keep) || (!snapshot && (!data || !year || str_int(str_from(year), &y))))
        command_fail(2, "say 'isigurt plan report --data DIR --year 2019 --lang sq -o FILE.pdf' (or .xlsx, .html, .json)");
    buf_init(&json, PLAN_SNAPSHOT_BYTES);
    buf_init(&file, 64u << 20);
    buf_init(&why, 2048);
    enum err e = OK;
    if (snapshot) {
        e = file_read(snapshot, &json);
    } else {
        struct layout l;
        struct config config;
        struct plan_shot_ask ask = {.year = y, .now = clock_now()};
        struct pack *pack = NULL;
        struct arena *a = NULL;
        struct store *s = NULL;
        struct str shot;
        command_layout(&l, &config, data, keys, store);
        ask.demo = file_exists(l.demo);
        e = process_accepted(&l, &pack, &why);
        ask.pack = pack;
        e = e ? e : store_open(&(struct store_options){.url = l.store, .role = "admin", .write = "desk", .read = "", .readers = 1}, &s, &why);
        e = e ? e : arena_new(2 * PLAN_SNAPSHOT_BYTES, &a);
        e = e ? e : store_write(s, begin, &ask);
        e = e ? e : plan_report_shoot(s, &ask, a, &shot);
        if (e == ERR_NOT_FOUND)
            command_fail(1, "%s is no year of the plan", year);
        if (!e)
            buf_put(&json, shot);
        e = e ? e : buf_ok(&json);
        store_close(s);
        arena_free(&a);
        pack_close(&pack);
    }
    e = e ? e : keep ? OK : plan_report_print(buf_str(&json), lang, form, &file);
    e = e ? e : file_replace(out, keep ? buf_str(&json) : buf_str(&file), 0644);
    if (e)
        command_fail(1, "the report could not be made: %.*s", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
    buf_free(&json);
    buf_free(&file);
    buf_free(&why);
    return 0;
}
