// portal_room: the portal's report room that its tests stand in: its rows called as the API does, its pages' rows, and the desk,
// played here, which takes a report in and answers.
#pragma once
#include "store_test.h"
#include "country.h"
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "report/portal/form.h"
#include "report/portal/pages.h"

extern struct services sv;
extern struct config config;
extern struct store *reply; // as the desk writes it
extern struct buf out;      // last answer
extern int64_t now;

int setup(void **state); // before a group
int teardown(void **state);
int begin(void **state); // before each test: a room that has counted nothing
int finish(void **state);
#define EACH(fn) cmocka_unit_test_setup_teardown(fn, begin, finish)

int call_from(const char *prefix, const char *name, const char *receipt, const char *json);
int call(const char *name, const char *receipt, const char *json);
void says(const char *text); // of `out`
const char *code(void);      // of the last answer

#define SEND(json) assert_int_equal(call("report_add", "", json), 201)
#define ONE "{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"një\",\"submission\":\"00112233445566778899aabbccddeeff\"}"
#define TWO "{\"where\":\"none\",\"category\":\"BULLY\",\"text\":\"dy\",\"submission\":\"00112233445566778899aabbccddeeff\"}"
#define NUMBER "00112233445566778899aabbccddeeff"

// A row of pages, and a text of its answer, which goes with the arena.
const struct route *row_of(const struct routes *room, const char *name);
void keep(char *to, size_t max, struct str s);

struct row { struct id id, lookup, thread, kid, content; int64_t received; }; // of the first report in intake
struct row desk_takes(const char *receipt, const char *answer); // answer may be NULL
struct id bytes16(const struct db_rows *r, int col);
// What the desk writes into reply.
enum err desk_message(struct db *db, struct id lookup, int direction, int64_t seq, struct id id, int64_t sent, struct id kid, struct str item);
enum err desk_step(struct db *db, struct id lookup, int64_t seq, const char *what, int64_t at);
enum err desk_done(struct db *db, struct id id);
