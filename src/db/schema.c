#include "schema.h"
#include "base/file.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool url_is_sqlite(const char *url)
{
    return strncmp(url, "sqlite:", 7) == 0;
}

static int by_number(const void *a, const void *b)
{
    return ((const struct migration *)a)->number - ((const struct migration *)b)->number;
}

enum err migrations_read(const char *sql_dir, struct migrations *out, struct buf *why)
{
    DIR *d = opendir(sql_dir);
    if (!d) {
        buf_printf(why, "store: no folder %s", sql_dir);
        return ERR_NOT_FOUND;
    }
    out->dir = sql_dir;
    out->n = 0;
    enum err e = OK;
    struct dirent *entry;
    while (e == OK && (entry = readdir(d))) {
        size_t n = strlen(entry->d_name);
        if (n < 9 || n >= sizeof out->v[0].name || strspn(entry->d_name, "0123456789") != 4 || entry->d_name[4] != '_' ||
            strcmp(entry->d_name + n - 4, ".sql") != 0)
            continue;
        if (out->n == MIGRATIONS_MAX) {
            e = ERR_TOO_LARGE;
            break;
        }
        struct migration *m = &out->v[out->n++];
        m->number = atoi(entry->d_name);
        memcpy(m->name, entry->d_name, n + 1);
    }
    closedir(d);
    if (e == OK && out->n == 0) e = ERR_NOT_FOUND;
    qsort(out->v, out->n, sizeof out->v[0], by_number);
    for (size_t i = 1; e == OK && i < out->n; i++)
        if (out->v[i].number == out->v[i - 1].number) e = ERR_INVALID;
    if (e != OK) buf_printf(why, "store: %s does not hold a list of NNNN_name.sql", sql_dir);
    return e;
}

enum err migration_text(const struct migrations *m, size_t at, struct buf *out, struct buf *why)
{
    char path[PATH_MAX];
    enum err e = ERR_TOO_LARGE;
    if (snprintf(path, sizeof path, "%s/%s", m->dir, m->v[at].name) < (int)sizeof path) e = file_read(path, out);
    if (e != OK) buf_printf(why, "store: %s cannot be read", m->v[at].name);
    return e;
}

struct str migration_part(struct str text, const char *schema)
{
    struct str part = {NULL, 0};
    while (text.n > 0) {
        const char *start = text.at;
        struct str line = str_trim(str_cut(&text, '\n'));
        if (str_starts(line, "-- schema ")) {
            if (part.at) return (struct str){part.at, (size_t)(start - part.at)};
            line = str_trim(str_slice(line, strlen("-- schema "), line.n));
            if (str_equal_z(line, schema)) part = text;
        }
    }
    return part;
}

enum err store_create(const char *url, const char *sql_dir, void (*owner_of)(const char *schema, const char *path),
                      struct buf *why)
{
    struct migrations *m = calloc(1, sizeof *m);
    if (!m) return ERR_MEMORY;
    enum err e = migrations_read(sql_dir, m, why);
    if (e == OK)
        e = url_is_sqlite(url) ? sqlite_create(url, m, INT_MAX, owner_of, why) : postgres_create(url, m, INT_MAX, why);
    free(m);
    return e;
}

enum err store_migrate(const char *url, const char *sql_dir, struct buf *why)
{
    struct migrations *m = calloc(1, sizeof *m);
    if (!m) return ERR_MEMORY;
    enum err e = migrations_read(sql_dir, m, why);
    if (e == OK) e = url_is_sqlite(url) ? sqlite_migrate(url, m, why) : postgres_migrate(url, m, why);
    free(m);
    return e;
}

enum err store_grant(const char *url, const char *const passwords[4], struct buf *why)
{
    return url_is_sqlite(url) ? OK : postgres_grant(url, passwords, why);
}
