// Structs of the pages around the form: start, follow.
#pragma once
#include "report/portal/follow.h"

SHAPE_NONE(report_start_in);
struct report_start_out { struct str helpline; };

struct report_track_in { struct str go, text, submission, fresh; };
struct report_track_out {
    struct follow f;
    struct str code;       // as it was typed or, once it has opened something, as it was printed
    struct str submission, withdrawal; // of the next message, of a request to withdraw
    struct str text;       // as typed, where it was refused
    bool found, fresh;     // fresh: comes from the page that showed the code
    bool said, asked;      // the message went out; so did the request to withdraw
    bool away, asking;     // the thread cannot be shown now, and what was wanted is kept; asking: to withdraw
};
