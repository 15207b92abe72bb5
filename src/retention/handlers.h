// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "people/people.h"
#include "retention/inside.h"

#define RETENTION_LIST_MAX 200 // requests, holds that are shown
#define RETENTION_DONE_MAX 100 // newest things done

struct retention_choice { struct str value, label; bool on; };
struct retention_rule {
    struct str of, state, category;
    int64_t anonymise, remove;
    struct str of_text, category_text, anonymise_text, remove_text; // for pages
};
struct retention_due {
    struct id thing;
    struct str of, act, category;
    int64_t due;
    bool held;
    struct str of_text, act_text, category_text, due_text; // for pages
};
struct retention_hold {
    struct id thing, person;
    struct str of, reason;
    int64_t at;
    struct str of_text, reason_text, at_text, name; // for pages
};
struct retention_erasure {
    struct id id, thing, asked_by, decided_by; // decided_by: zero while asked
    struct str of, reason, state;
    int64_t asked_at, decided_at;              // INT64_MIN while asked
    struct str of_text, reason_text, state_text, asked_text, name; // for pages
    bool open, may;                            // may: this person may decide
};
struct retention_past { struct id thing; struct str of, act; int64_t day; struct str of_text, act_text, day_text; };

struct retention_list_in { struct str thing; };
struct retention_list_out {
    struct list rules, due, holds, erasures, done;
    struct id id;                      // of rows that change something: the request, or the thing held
    int64_t passed;                    // run: things done
    int64_t looked, more;              // looked: INT64_MIN, not yet since the start
    // for pages
    struct list erasure_reasons, hold_reasons; // struct retention_choice
    struct str thing, looked_text;
    bool may_decide, has_more;
};
struct retention_ask_in { struct str thing, reason; };
SHAPE_NONE(retention_decide_in);
struct retention_hold_in { struct str thing, reason; };

enum err retention_notice(struct req *rq, enum err e, enum message m);
// Whose own units do not bound what is seen: who decides, and the administrator, who may hold and ask.
static inline bool retention_all(const struct req *rq) { return req_may(rq, PERM_ERASE) || req_may(rq, PERM_PEOPLE_ADMIN); }
// Who makes accounts could have made the one that asked: no roles together let such a person decide.
static inline bool retention_decides(const struct req *rq) { return req_may(rq, PERM_ERASE) && !req_may(rq, PERM_PEOPLE_ADMIN); }
// All that the page shows, for units of the person or for all.
MUST_USE enum err retention_show(struct req *rq, struct str thing, struct retention_list_out *out);

run_fn retention_list_run, retention_ask_run, retention_approve_run, retention_refuse_run, retention_hold_run, retention_lift_run,
    retention_run_run, retention_fill;
