// store_test: what every test of tests/store starts with. A test program is run twice, by `run sqlite` and
// `run postgres`, and gets argv[1] = the address of a place with nothing in it yet, argv[2] = the folder sql/.
//
//     int main(int argc, char **argv)
//     {
//         store_test_begin(argc, argv);            // makes all four schemas
//         const struct CMUnitTest tests[] = {cmocka_unit_test(…)};
//         return store_test_end(cmocka_run_group_tests(tests, NULL, NULL));
//     }
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"

void store_test_begin(int argc, char **argv);
void store_test_begin_with(int argc, char **argv, void (*owner_of)(const char *schema, const char *path));
int store_test_end(int failures);
const char *store_test_url(void);      // of the admin; roles: test_store_open
const char *store_test_folder(void);   // a folder of this run, for sockets and the like
const char *store_test_sql_dir(void);  // sql/sqlite or sql/postgres
bool store_test_sqlite(void);
const char *store_test_password_file(const char *role); // NULL on SQLite; good until the next call
// Opens as the role; asserts that it went well. write may be NULL.
struct store *store_test_open(const char *role, const char *write, const char *read);
// A test of its own: every query that this program links prepares, as the admin sees the schemas (store_check_queries).
void store_test_queries(void **state);
// Runs SQL of the engine directly, past src/db, as the admin, with all schemas writable. Asserts that it went well.
void store_test_sql(const char *sql);
void store_test_use(const char *url); // from now on all of this speaks of another store
// One number, read the same way.
int64_t store_test_number(const char *sql);
// All cells of all rows as lines of text, columns joined by "|".
void store_test_text(const char *sql, struct buf *out);
