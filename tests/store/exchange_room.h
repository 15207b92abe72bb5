// exchange_room: the exchange that its tests stand in, with a real keeper: two units with keys, a report of the duty unit as ingest
// leaves it, a case of it, and what is sent of it.
#pragma once
#include "store_test.h"
#include "country.h"
#include <pthread.h>
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"
#include "exchange_frame.h"
#include "vault/directory.h"

struct worker { struct person who; struct token token; };
extern struct services sv;
extern struct worker officer, second, other, stranger; // two of the duty unit, one of the police, one of none
extern struct id duty, police, silent;                 // silent: a unit that has no key
extern struct buf out;                                 // last answer

int setup(void **state);        // before a group: nothing has been agreed
int setup_agreed(void **state); // the protocol is in force, and the police have accepted it
int teardown(void **state);
void in_force(int version);

// One row, called as the API does; the answer stands in `out`.
int call(const char *name, const struct worker *w, struct id id, const char *json);
bool says(const char *text); // of `out`
void answers(int status, int expected);

struct made {
    struct id id, thread, content, case_id, last;
    struct key key, thread_key;
    struct kid kid, thread_kid;
    struct report_clear clear;
    struct buf item;
    struct directory_unit unit;
    uint8_t unit_wrap[BOX_BYTES], thread_wrap[RECORD_WRAP_BYTES];
};

void make_report(struct made *m);
void make(struct made *m); // and a case of it
int send_to(struct made *m, const struct worker *w, struct id unit, const char *more);
void sent(struct made *m); // to the police: category and text

// Two who act at once: one is answered, the other is told that it is too late.
struct racer { const char *row, *words; struct id id; int status; };
void *race(void *arg); // a thread of `other`; arg: struct racer
