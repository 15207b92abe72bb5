#include "store_test.h"
#include "base/log.h"
#include <assert.h>
#include <libpq-fe.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char url[PATH_MAX], folder[PATH_MAX - 64], sql_dir[PATH_MAX];

static void die(const char *what, struct buf *why)
{
    fprintf(stderr, "%s: %.*s\n", what, why ? (int)why->n : 0, why && why->n ? why->at : "");
    exit(99);
}

static const char *const roles[4] = {"portal", "desk", "keeper", "courier"}; // the order of store_grant

const char *store_test_password_file(const char *role)
{
    static char path[PATH_MAX];
    if (store_test_sqlite() || strcmp(role, "admin") == 0) return NULL;
    snprintf(path, sizeof path, "%s/%s.password", folder, role);
    return path;
}

static const char *password_make(int i)
{
    static char made[4][64];
    snprintf(made[i], sizeof made[i], "fjalë 'kalimi' %d \\", i);
    FILE *f = fopen(store_test_password_file(roles[i]), "w");
    if (!f || fprintf(f, "%s\n", made[i]) < 0 || fclose(f) != 0) die("password file", NULL);
    return made[i];
}

void store_test_begin(int argc, char **argv)
{
    store_test_begin_with(argc, argv, NULL);
}

void store_test_begin_with(int argc, char **argv, void (*owner_of)(const char *schema, const char *path))
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s URL SQL_DIR\n", argv[0]);
        exit(99);
    }
    snprintf(url, sizeof url, "%s", argv[1]);
    snprintf(sql_dir, sizeof sql_dir, "%.4000s/%s", argv[2], store_test_sqlite() ? "sqlite" : "postgres");
    const char *temp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.3000s/isigurt-store-XXXXXX", temp ? temp : "/tmp");
    if (!mkdtemp(folder)) die("mkdtemp", NULL);
    setvbuf(stdout, NULL, _IONBF, 0); // an assert that aborts must not take the reason with it
    log_open("test", LOG_ALARM);
    struct buf why;
    buf_init(&why, 4096);
    if (store_create(url, sql_dir, owner_of, &why) != OK) die("store_create", &why);
    if (!store_test_sqlite()) {
        // A server that trusts everybody does not ask for them; `run` starts one that does.
        const char *passwords[4];
        for (int i = 0; i < 4; i++) passwords[i] = password_make(i);
        if (store_grant(url, passwords, &why) != OK) die("store_grant", &why);
    }
    buf_free(&why);
}

int store_test_end(int failures)
{
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0) return 1;
    return failures;
}

void store_test_use(const char *other)
{
    snprintf(url, sizeof url, "%s", other);
}

const char *store_test_url(void)
{
    return url;
}

const char *store_test_folder(void)
{
    return folder;
}

const char *store_test_sql_dir(void)
{
    return sql_dir;
}

bool store_test_sqlite(void)
{
    return strncmp(url, "sqlite:", 7) == 0;
}

struct store *store_test_open(const char *role, const char *write, const char *read)
{
    struct store_options o = {.url = url, .role = role, .password_file = store_test_password_file(role), .write = write,
                              .read = read, .ring_dir = folder, .readers = 4};
    struct buf why;
    buf_init(&why, 4096);
    struct store *s = NULL;
    if (store_open(&o, &s, &why) != OK) die("store_open", &why);
    buf_free(&why);
    return s;
}

static void text_sqlite(const char *sql, struct buf *out)
{
    sqlite3 *at;
    if (sqlite3_open_v2(":memory:", &at, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
        die("sqlite3_open", NULL);
    static const char *const names[] = {"intake", "reply", "desk", "keeper"};
    sqlite3_busy_timeout(at, 5000);
    for (size_t i = 0; i < 4; i++) {
        char attach[PATH_MAX + 64];
        snprintf(attach, sizeof attach, "attach '%.4000s/%s/%s.db' as %s", url + 7, names[i], names[i], names[i]);
        if (sqlite3_exec(at, attach, NULL, NULL, NULL) != SQLITE_OK) die("attach", NULL);
        int one = 1;
        sqlite3_file_control(at, names[i], SQLITE_FCNTL_PERSIST_WAL, &one);
    }
    while (*sql) {
        sqlite3_stmt *st = NULL;
        if (sqlite3_prepare_v2(at, sql, -1, &st, &sql) != SQLITE_OK) {
            fprintf(stderr, "%s\n", sqlite3_errmsg(at));
            die("sqlite3_prepare", NULL);
        }
        if (!st) break;
        int rc;
        while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
            for (int c = 0; c < sqlite3_column_count(st); c++) {
                if (c) buf_put_c(out, '|');
                const char *cell = (const char *)sqlite3_column_text(st, c);
                buf_put_z(out, cell ? cell : "");
            }
            buf_put_c(out, '\n');
        }
        if (rc != SQLITE_DONE) {
            fprintf(stderr, "%s\n", sqlite3_errmsg(at));
            die("sqlite3_step", NULL);
        }
        sqlite3_finalize(st);
    }
    sqlite3_close(at);
}

static void text_postgres(const char *sql, struct buf *out)
{
    PGconn *at = PQconnectdb(url);
    PGresult *r = PQexec(at, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s\n", PQerrorMessage(at));
        die("PQexec", NULL);
    }
    for (int i = 0; i < PQntuples(r); i++) {
        for (int c = 0; c < PQnfields(r); c++) {
            if (c) buf_put_c(out, '|');
            buf_put_z(out, PQgetvalue(r, i, c));
        }
        buf_put_c(out, '\n');
    }
    PQclear(r);
    PQfinish(at);
}

void store_test_text(const char *sql, struct buf *out)
{
    if (store_test_sqlite()) text_sqlite(sql, out);
    else text_postgres(sql, out);
}

void store_test_queries(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 1 << 16);
    struct store *all = store_test_open("admin", "*", "");
    if (store_check_queries(all, &why)) {
        fail_msg("%.*s", (int)why.n, why.at);
    }
    store_close(all);
    buf_free(&why);
}

void store_test_sql(const char *sql)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    store_test_text(sql, &out);
    buf_free(&out);
}

int64_t store_test_number(const char *sql)
{
    struct buf out;
    buf_init(&out, 1024);
    store_test_text(sql, &out);
    int64_t n = INT64_MIN;
    if (str_int(str_trim(buf_str(&out)), &n) != OK) die(sql, &out);
    buf_free(&out);
    return n;
}
