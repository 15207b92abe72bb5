// What the holder of a receipt code sees: rows of the API's answer and of the page.
#pragma once
#include "report/portal/portal.h"

struct follow_step {
    struct str code;      // a state's or a case's step's name; "received" first
    int64_t at;
    struct str sentence;  // for the reporter, in the language asked for
    struct str day;       // as people read it
};
struct follow_message {
    struct str from;      // "reporter", "desk"
    int64_t sent_at;
    struct str text;
    bool mine;
    struct str day;
};
struct follow {
    struct str state, sentence;  // what happened …
    struct str doing, next, help; // … what is being done, what comes next, who can help now
    struct str withdrawal;       // "asked", "answered", "withdrawn"; empty where nobody asked for it
    struct str request;          // the same in words, while it is open
    bool may_withdraw;
    struct str pace;             // how long it really took lately; empty where it is of no more use
    int64_t received_at;
    struct list steps, messages; // oldest first
    bool cut;                    // older messages are not shown
    struct str answer_time;
    struct str helpline;         // for the page: the number to be dialled with one touch
    bool acknowledged;           // for the page: a signed acknowledgement can be had at /vertetim
};
extern const struct shape follow_step_shape, follow_message_shape;

// ERR_NOT_FOUND for a code that nobody was given; ERR_MALFORMED for one that cannot be a code.
MUST_USE enum err follow_show(struct req *rq, struct str code, struct follow *out);
// A message of the reporter, or the request to withdraw (then text may be empty). submission: 32 hex digits of the sender's, or
// empty; the same once more is the same message.
MUST_USE enum err follow_write(struct req *rq, struct str code, struct str text, bool withdraw, struct str submission);
