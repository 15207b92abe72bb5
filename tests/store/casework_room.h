// casework_room: the room of cases that its tests stand in: cases are opened of reports, and four persons call its rows.
#pragma once
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "casework/handlers.h"
#include "desk_services.h"
#include "report/desk/desk.h"

extern struct services sv;
extern struct keeper keeper;
extern struct person officer, colleague, boss, stranger; // the last one of another unit
extern int64_t now;
extern struct buf out; // last answer
extern struct id last; // the first id in it

int setup(void **state); // before a group
int teardown(void **state);
int each_setup(void **state);
int each_teardown(void **state); // no case is left
#define T(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)

// One row of the room's table, called as the API does; the answer stands in `out`, the first id of it in `last`.
int call2(const char *name, const struct person *who, struct id id, struct id id2, const char *json);
int call(const char *name, const struct person *who, struct id id, const char *json);
// The same row as a page; where ISIGURT_TEST_PAGES names a folder it is kept there, to be looked at.
enum err page(const char *name, const struct person *who, struct id id, struct id id2, const void *in, const char *lang);
void says(const char *text); // of `out`
void says_not(const char *text);
struct id report(const char *category, int64_t urgency);
const char *of(const struct id *ids, size_t n); // {"reports": […]}; static buffer
struct id a_case(void);
int64_t version(void); // of the one case
