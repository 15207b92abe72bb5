// desk_room: the desk's report room that its tests stand in: reports come in through `portal`, and four persons call its rows.
#pragma once
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "desk_services.h"
#include "report/desk/handlers.h"

extern struct store *portal;
extern struct services sv;
extern struct keeper keeper;
extern struct events events;
extern struct report_desk *desk;
extern struct person officer, colleague, boss, stranger; // the last one of another unit
extern int64_t now;
extern struct buf out; // last answer

int setup(void **state); // before a group
int teardown(void **state);
int each_setup(void **state);
int each_teardown(void **state); // no report is left
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)

// One row of the room's table, called as the API does; the answer stands in `out`.
int call(const char *name, const struct person *who, struct id id, const char *json);
// The same row as a page; where ISIGURT_TEST_PAGES names a folder it is kept there, to be looked at.
void page(const char *name, const struct person *who, struct id id, const void *in, const char *lang);
void says(const char *text); // of `out`
void says_not(const char *text);
void report_send(const struct frame_report *r); // into intake
void one(struct frame_report *r, const char *category, int64_t urgency, const char *address, const char *text); // into the desk
