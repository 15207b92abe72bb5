// plan_room: the plan of the country pack in a store, with three units and a person, on a day of 2019.
#pragma once
#include "store_test.h"
#include "country.h"
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "people/people.h"
#include "plan/year.h"

extern struct services sv;
extern struct arena *arena;          // of one test
extern const struct pack_plan *plan;
extern struct id somebody;
extern int64_t now;                  // 15 December 2019, noon
extern const char UNIT[33];

int setup(void **state); // before a group
int teardown(void **state);
int each_setup(void **state);
int each_teardown(void **state);
#define EACH(test) cmocka_unit_test_setup_teardown(test, each_setup, each_teardown)

// Ids as this engine writes them in a statement.
const char *bytes(const char *hex);
void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
enum err begin_write(struct db *db, void *arg); // the plan's first version; once only
// Answers first for the unit: a member of it.
void contact(const char *unit);
