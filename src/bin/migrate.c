// migrate: an older store to the schema of this program.
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/share.h"
#include "bin/command.h"

int command_migrate(int argc, char **argv)
{
    struct layout l;
    struct config c;
    const char *data = NULL, *keys = NULL, *store = NULL;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory; nothing may serve it meanwhile", &data, NULL},
        {"keys", "DIR", "the keys (default: DIR-keys); they are not touched", &keys, NULL},
        {"store", "postgres://…", "PostgreSQL instead of the SQLite files in DIR; as the owner of its tables", &store, NULL},
    };
    command_options(argc, argv, "migrate --data DIR [--store URL]",
                    "Brings the tables of an older store to the schema that this program needs, after an upgrade. Stop 'isigurt serve' and\n"
                    "make a backup with the old program first: there is no way back but the backup. All or nothing (SQLite: in each of the\n"
                    "four files); after a failure, or where nothing is left to do, it may be run again. Reports, keys and audit trail stay.",
                    rows, sizeof rows / sizeof *rows);
    command_layout(&l, &c, data, keys, store);
    char lock[PROCESS_PATH], sql[SHARE_PATH_MAX];
    if (!process_lock(layout_join(lock, l.data, "run/serve.lock"), 1))
        command_fail(1, "%s is being served (or run/serve.lock cannot be written); stop 'isigurt serve' first", l.data);
    layout_join(lock, l.data, "run/keeper/keeper.lock"); // of a keeper that is just ending, or was started by hand
    if (file_exists(lock) && !process_lock(lock, 10))
        command_fail(1, "a keeper still serves %s; stop it first", l.data);
    struct buf why;
    buf_init(&why, 4096);
    share_path(layout_is_postgres(&l) ? "sql/postgres" : "sql/sqlite", sql, sizeof sql);
    enum err e = store_migrate(l.store, sql, &why);
    if (e)
        command_fail(1, "the store was not migrated as a whole: %.*s", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
    buf_free(&why);
    printf("the store of %s has the schema of this program; 'isigurt serve' may start\n", l.data);
    return 0;
}
