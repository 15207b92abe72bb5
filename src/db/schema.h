// schema: making and changing the tables. Both engines read the same list of numbered files.
#pragma once
#include "driver.h"

#define MIGRATIONS_MAX 512
#define MIGRATION_TEXT_MAX (1 << 20)

struct migration {
    int number;
    char name[128]; // "0003_report.sql"
};

struct migrations {
    const char *dir;
    size_t n;
    struct migration v[MIGRATIONS_MAX]; // by number
};

// The files NNNN_name.sql of a folder. ERR_NOT_FOUND; ERR_INVALID where a number stands twice.
enum err migrations_read(const char *sql_dir, struct migrations *out, struct buf *why);
enum err migration_text(const struct migrations *m, size_t at, struct buf *out, struct buf *why);
// What follows "-- schema NAME" up to the next such line.
struct str migration_part(struct str text, const char *schema);

// upto: the last number to apply; INT_MAX for all.
enum err sqlite_create(const char *url, const struct migrations *m, int upto,
                       void (*owner_of)(const char *schema, const char *path), struct buf *why);
enum err sqlite_migrate(const char *url, const struct migrations *m, struct buf *why);
enum err postgres_create(const char *url, const struct migrations *m, int upto, struct buf *why);
enum err postgres_migrate(const char *url, const struct migrations *m, struct buf *why);
enum err postgres_grant(const char *url, const char *const passwords[4], struct buf *why);
bool url_is_sqlite(const char *url);
