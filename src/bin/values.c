// values: what institutions entered for the plan, from a table file: all of it or nothing.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/command.h"
#include "plan/kept.h"
#include "plan/value_import.h"
#include "plan/version.h"

struct values_call {
    struct store *store;
    struct pack *pack;
    struct arena *arena;
    struct plan_version version;
    struct plan_bases plans;
    struct list institutions;
    int64_t now;
};

static enum err look(struct db *db, void *arg)
{
    struct values_call *c = arg;
    enum err e = plan_version_on_day_db(db, c->arena, c->pack, plan_day(c->now), &c->version);
    e = e ? e : plan_bases_db(db, c->pack, c->version.plan, &c->plans);
    return e ? e : institutions_db(db, c->arena, true, &c->institutions);
}

static enum err begin(struct db *db, void *arg)
{
    const struct values_call *c = arg;
    return plan_begin_db(db, c->pack, c->now);
}

static int told(const struct plan_table *t)
{
    for (size_t i = 0; i < t->n_lines; i++) {
        const struct plan_line *l = &t->lines[i];
        fprintf(stderr, "line %lld: %.*s%s%.*s\n", (long long)l->line, STR_ARG(l->column), l->column.n ? ": " : "", STR_ARG(l->message));
    }
    if (t->faults > t->n_lines)
        fprintf(stderr, "and %zu more\n", t->faults - t->n_lines);
    fputs("isigurt: nothing was written\n", stderr);
    return 1;
}

static int values_import(struct values_call *c, struct str file, bool dry)
{
    struct plan_table t = {.a = c->arena, .l = text_lang(STR("en")), .rows_max = PLAN_VALUE_ROWS};
    struct plan_values_file f;
    t.l = t.l ? t.l : text_default();
    enum err e = plan_values_read(&t, c->pack, &c->plans, &c->institutions, file, &f);
    if (e)
        command_fail(1, "the file could not be read: %s", err_name(e));
    if (t.faults)
        return told(&t);
    // Whoever has the store's own access enters for any institution; what came in so waits for approval like all else.
    struct plan_putting put = {.arena = c->arena, .plan = c->version.plan, .who = {.enters = true, .all = true},
                               .now = c->now, .action = STR("imported"), .whole = true, .look = dry, .at = f.put,
                               .n = f.n};
    e = store_write(c->store, plan_values_put, &put);
    plan_values_told(&f);
    if (t.faults)
        return told(&t);
    if (e && e != ERR_INVALID)
        command_fail(1, "the values could not be written: %s", err_name(e));
    size_t saved = 0;
    for (size_t i = 0; i < f.n; i++)
        saved += f.put[i].end == PLAN_PUT_SAVED;
    printf("%zu rows, %zu values %s\n", t.rows, saved, dry ? "would change" : "written; they wait for approval");
    return 0;
}

int command_values(int argc, char **argv)
{
    const char *data = NULL, *keys = NULL, *store = NULL, *file = NULL;
    bool dry = false;
    const struct option_row rows[] = {{"data", "DIR", "the data directory", &data, NULL},
                                      {"keys", "DIR", "where the keys are (default: DATA/keys)", &keys, NULL},
                                      {"store", "URL", "the store (default: as the configuration says)", &store, NULL},
                                      {"dry-run", NULL, "look through the file only", NULL, &dry}};
    bool import = argc > 0 && strcmp(argv[0], "import") == 0;
    for (int i = 1; i < argc && !file; i++) // FILE stands anywhere; what follows an option that takes a value is not it
        if (argv[i][0] != '-' && (strcmp(argv[i - 1], "--data") != 0 && strcmp(argv[i - 1], "--keys") != 0 && strcmp(argv[i - 1], "--store") != 0)) {
            file = argv[i];
            memmove(&argv[i], &argv[i + 1], (size_t)(argc - i) * sizeof *argv); // argv ends with NULL
            argc--;
        }
    command_options(argc - (import ? 1 : 0), argv + (import ? 1 : 0), "values import --data DIR FILE.csv [--dry-run]",
                    "Takes values of the plan from a table file with the columns indicator, period, institution, county, numerator, denominator, value,\n"
                    "comment. Every bad line is named with its number, and then nothing is written. Exit code: 0 done, 1 not, 2 wrong arguments.",
                    rows, sizeof rows / sizeof *rows);
    if (!import || !file || !data)
        command_fail(2, "say 'isigurt values import --data DIR FILE.csv'");
    struct layout l;
    struct config config;
    struct values_call c = {.now = clock_now()};
    struct buf bytes, why;
    buf_init(&bytes, PLAN_VALUE_BYTES);
    buf_init(&why, 2048);
    command_layout(&l, &config, data, keys, store);
    enum err e = file_read(file, &bytes);
    if (e)
        command_fail(1, e == ERR_TOO_LARGE ? "%s is larger than 16 MB" : "%s cannot be read", file);
    e = process_accepted(&l, &c.pack, &why);
    e = e ? e : store_open(&(struct store_options){.url = l.store, .role = "admin", .write = "desk", .read = "", .readers = 1}, &c.store, &why);
    e = e ? e : arena_new(PLAN_VALUE_ARENA, &c.arena);
    e = e ? e : store_write(c.store, begin, &c);
    e = e ? e : store_read(c.store, look, &c);
    if (e)
        command_fail(1, "%.*s", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
    int code = values_import(&c, buf_str(&bytes), dry);
    arena_free(&c.arena);
    store_close(c.store);
    pack_close(&c.pack);
    buf_free(&bytes);
    buf_free(&why);
    return code;
}
