// targets: baselines and targets of the plan's indicators from a table file.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/command.h"
#include "plan/kept.h"
#include "plan/target.h"
#include "plan/version.h"

#define FILE_MAX (8u << 20)
#define ARENA_MAX (96u << 20)

struct targets_call {
    struct layout l;
    struct arena *a;
    struct pack *pack;
    struct store *store;
    struct plan_version v;
    struct plan_bases plans;
    struct plan_targets_file file;
    int64_t now;
};

static enum err plan_read(struct db *db, void *arg)
{
    struct targets_call *c = arg;
    enum err e = plan_version_on_day_db(db, c->a, c->pack, plan_day(c->now), &c->v);
    c->v.plan = e == ERR_NOT_FOUND ? pack_plan(c->pack) : c->v.plan; // the desk has not started yet
    c->plans = (struct plan_bases){.plan = c->v.plan};
    return e == ERR_NOT_FOUND && c->v.plan ? OK : e ? e : plan_bases_db(db, c->pack, c->v.plan, &c->plans);
}

static enum err file_write(struct db *db, void *arg)
{
    struct targets_call *c = arg;
    const struct id nobody = {{0}}; // not a person of the platform: whoever has the machine
    enum err e = plan_begin_db(db, c->pack, c->now);
    return e ? e : plan_targets_put_db(db, &c->file, nobody, c->now);
}

static void tell(const struct plan_table *t)
{
    for (size_t i = 0; i < t->n_lines; i++)
        fprintf(stderr, "line %lld%s%.*s: %.*s\n", (long long)t->lines[i].line, t->lines[i].column.n ? ", " : "",
                STR_ARG(t->lines[i].column), STR_ARG(t->lines[i].message));
    if (t->faults > t->n_lines)
        fprintf(stderr, "and %zu more\n", t->faults - t->n_lines);
}

int command_targets(int argc, char **argv)
{
    static struct targets_call c;
    struct config config;
    struct buf why, bytes;
    const char *data = NULL, *keys = NULL, *store = NULL;
    bool dry = false;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory", &data, NULL},
        {"keys", "DIR", "the keys (default: DIR-keys)", &keys, NULL},
        {"store", "postgres://…", "PostgreSQL instead of the SQLite files in DIR", &store, NULL},
        {"dry-run", NULL, "looks through the file and writes nothing", NULL, &dry},
    };
    const char *file = argc > 1 && strcmp(argv[0], "import") == 0 ? argv[argc - 1] : NULL;
    bool named = file && file[0] != '-';
    bool import = argc && strcmp(argv[0], "import") == 0;
    command_options(argc - import - named, argv + import, "targets import --data DIR [--dry-run] FILE.csv",
                    "Reads baselines, targets and weights of indicators: columns indicator, year, baseline, target, weight, rationale. All are written, or none.",
                    rows, sizeof rows / sizeof *rows);
    if (!import || !named)
        command_fail(2, "say import, and the file at the end; see 'isigurt targets --help'");
    command_layout(&c.l, &config, data, keys, store);
    buf_init(&why, 8192);
    buf_init(&bytes, FILE_MAX);
    c.now = clock_now();
    enum err e = file_read(file, &bytes);
    if (e)
        command_fail(1, e == ERR_TOO_LARGE ? "%s is larger than 8 MB" : "%s cannot be read", file);
    e = process_accepted(&c.l, &c.pack, &why);
    if (e == ERR_NOT_FOUND && !why.n)
        command_fail(1, "no pack was accepted yet: start 'isigurt serve' once");
    if (!e)
        e = store_open(&(struct store_options){.url = c.l.store, .role = "admin", .write = dry ? NULL : "desk",
                                               .read = dry ? "desk" : "", .readers = 1}, &c.store, &why);
    if (!e)
        e = arena_new(ARENA_MAX, &c.a);
    if (!e)
        e = store_read(c.store, plan_read, &c);
    if (e == ERR_NOT_FOUND)
        command_fail(1, "the country pack has no plan");
    struct plan_table table = {.a = c.a, .l = text_lang(STR("en"))};
    if (!e)
        e = plan_targets_read(&table, &c.plans, buf_str(&bytes), &c.file);
    if (e)
        command_fail(1, "%.*s", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
    tell(&table);
    bool fine = table.faults == 0;
    if (fine && !dry && store_write(c.store, file_write, &c))
        command_fail(1, "it could not be written; nothing was changed");
    if (fine)
        printf(dry ? "%zu rows are fine; nothing was written\n" : "%zu rows were written\n", table.rows);
    else
        fputs("isigurt: nothing was written\n", stderr);
    store_close(c.store);
    pack_close(&c.pack);
    arena_free(&c.a);
    buf_free(&bytes);
    buf_free(&why);
    return fine ? 0 : 1;
}
