// once: what a form or a program makes is made once, however often it is sent: a second touch on the button, a request sent again
// because its answer was lost. Who sends may add `submission`, a number of his own; a page has a fresh one (part `once`). The same
// words under the same number, in the same session, are the same thing: its id follows from them, so that the second finds the
// first's row and answers its id. Other words under that number are another thing.
#pragma once
#include "web/web.h"

#define ONCE_FIELD(s) FIELD(s, submission, .about = "32 hex digits of the sender's own: the same once more in the same session makes nothing, and answers the first's id.")

// The id of what is made at rq->id of these texts; a random one where submission is zero. The session's secret is in it: an id
// stands in the clear, and nobody may try out by it what a sealed word is.
struct id once_id(const struct req *rq, struct id submission, const struct str *part, size_t n);
