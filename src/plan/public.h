// plan/public: what the portal shows of the plan: the last published report of a year, and its files. Reads schema reply alone.
#pragma once
#include "plan/entry.h"
#include "plan/published.h"
#include "plan/snapshot.h"

struct plan_public_in { int64_t year; };
struct plan_public_line { struct str code, title, unit, value, target, status, status_text, definition, question; bool hidden; struct html map, line; struct list years, places; }; // years, places: struct plan_public_value
struct plan_public_value { struct str label, value; }; // the tables behind line and map
struct plan_public_group { struct str code, title, said; struct list lines; bool first; struct str objective; }; // lines: struct plan_public_line
struct plan_public_file { struct str label, href; };
// years: struct choice
struct plan_public_out {
    struct str year, lead, published, plan; struct html chart; struct list groups, years, files;
    int64_t small;
    bool there, demo;
};
struct plan_public_file_in { int64_t year; struct str name; };
SHAPE_NONE(plan_public_file_out);
