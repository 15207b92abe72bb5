// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "people/people.h"
#include "retention/inside.h"

#define RETENTION_LIST_MAX 200 // requests, holds that are shown
#define RETENTION_DONE_MAX 100 // newest things done

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
    struct list erasure_reasons, hold_reasons; // struct choice
    struct str thing, looked_text;
    bool may_decide, has_more;
};
struct retention_ask_in { struct str thing, reason; };
SHAPE_NONE(retention_decide_in);
struct retention_hold_in { struct str thing, reason; };

// ── access.c, access_file.c: what somebody may know of what is kept about them ──
#define ACCESS_DAYS 14              // after the approval that it can be handed out
struct access_row {
    struct id id, thing, asked_by, decided_by;
    struct str of, reason, identity, state; // state: asked, refused, approved
    int64_t asked_at, decided_at, taken;    // decided_at: INT64_MIN while asked; taken: how often it was handed out
    struct str of_text, reason_text, identity_text, state_text, asked_text, name; // for pages
    bool open, may, ready;                  // may decide; ready: this person may hand it out now
};
struct access_list_in { struct str thing; };
struct access_list_out {
    struct list requests;                   // struct access_row
    struct id id;                           // of rows that change something
    struct list reasons, identities;        // for pages: struct choice
    struct str thing;
};
struct access_ask_in { struct str thing, reason, identity; };
struct access_prepare_out {
    struct id id, thing;
    struct str of, safe;                    // safe: how the reporter said one may reach them
    struct list persons, reports;           // of the case: struct paper_person, paper_report
    // for pages
    struct list untold;                     // struct paper_person
    struct str title, error_subject, error_compared;
    bool is_case, notes, compared;
};
struct access_take_in { struct str subject; struct list persons, reports; bool notes, compared; struct str as; };
struct access_file_out {
    int64_t isigurt_access;                 // 1
    struct id id, thing;
    struct str of, subject;
    int64_t made;
    struct list parts;                      // struct paper_part
    struct access_prepare_out form;         // for the page, where it was refused
    struct str title, made_text;
};
// The request; ERR_NOT_FOUND also where it is another unit's.
struct access_at { struct access_row row; bool is_case; struct id unit; };
MUST_USE enum err access_find(struct req *rq, struct id id, struct access_at *out);
// ERR_CONFLICT with a notice: not approved, too long ago; ERR_FORBIDDEN: asked for by somebody else.
MUST_USE enum err access_ready(struct req *rq, const struct access_at *a);
MUST_USE enum err access_taken(struct req *rq, const struct access_at *a, const char *what); // entry and count, before it leaves
extern const struct shape access_file_out_shape;
run_fn access_list_run, access_fill, access_ask_run, access_approve_run, access_refuse_run, access_prepare_run, access_take_run, access_take_fill;

// Whose own units do not bound what is seen: who decides, and the administrator, who may hold and ask.
static inline bool retention_all(const struct req *rq) { return req_may(rq, PERM_ERASE) || req_may(rq, PERM_PEOPLE_ADMIN); }
// Who makes accounts could have made the one that asked: no roles together let such a person decide.
static inline bool retention_decides(const struct req *rq) { return req_may(rq, PERM_ERASE) && !req_may(rq, PERM_PEOPLE_ADMIN); }
// All that the page shows, for units of the person or for all.
MUST_USE enum err retention_show(struct req *rq, struct str thing, struct retention_list_out *out);

run_fn retention_list_run, retention_ask_run, retention_approve_run, retention_refuse_run, retention_hold_run, retention_lift_run,
    retention_run_run, retention_fill;
