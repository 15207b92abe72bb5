// Legal routes and the content track: one table of stages for each kind. A stage of a legal route that is not the last
// of its way may be left by withdrawing.
#include "casework/casework.h"

#define STAGES_MAX 12
#define S(i) (1u << (i))

struct stage { const char *name; unsigned next; bool ends; };
static const struct { const char *kind; struct stage at[STAGES_MAX]; } ways[] = {
    {"criminal", {
        {"reported", S(1) | S(4) | S(9), false},     // 0
        {"registered", S(2) | S(4) | S(9), false},   // 1
        {"investigation", S(3) | S(4) | S(9), false},// 2
        {"prosecutor", S(2) | S(4) | S(5) | S(9), false}, // 3: sent back, dismissed, or to court
        {"dismissed", S(3), true},                   // 4: unless a complaint against it is heard
        {"court", S(6) | S(9), false},               // 5
        {"first_instance", S(7) | S(8), false},      // 6: an appeal may still come
        {"appeal", S(8) | S(6), false},              // 7: or sent back
        {"final", 0, true},                          // 8
        {"withdrawn", 0, true},                      // 9
    }},
    {"civil", {
        {"filed", S(1) | S(2) | S(5), false},
        {"hearing", S(2) | S(5), false},
        {"decided", S(3) | S(4), false},
        {"appeal", S(1) | S(4) | S(5), false},
        {"final", 0, true},
        {"withdrawn", 0, true},
    }},
    {"protection", {
        {"filed", S(1) | S(2) | S(5), false},
        {"hearing", S(2) | S(5), false},
        {"decided", S(3) | S(4), false},
        {"appeal", S(1) | S(4) | S(5), false},
        {"final", 0, true},
        {"withdrawn", 0, true},
    }},
    {"administrative", {
        {"filed", S(1) | S(2) | S(5), false},
        {"examined", S(2) | S(5), false},
        {"decided", S(3) | S(4), false},
        {"appeal", S(1) | S(4) | S(5), false},
        {"final", 0, true},
        {"withdrawn", 0, true},
    }},
    {CASE_CONTENT, {
        {"up", S(1) | S(2) | S(4), false},
        {"asked", S(0) | S(2) | S(4), false}, // whoever can remove it was asked, and refused
        {"gone", S(3), true},
        {"back", S(1) | S(2) | S(4), false},
        {"left", S(1) | S(3), true},          // nothing more can be done; the reason stands beside it
        {"noted", S(0) | S(1) | S(2) | S(4), true}, // a report named it: nothing waits for it until somebody begins
    }},
};

static const struct stage *way_of(struct str kind)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (str_equal_z(kind, ways[i].kind))
            return ways[i].at;
    return NULL;
}

static int place_of(const struct stage *way, struct str stage)
{
    for (int i = 0; way && i < STAGES_MAX && way[i].name; i++)
        if (str_equal_z(stage, way[i].name))
            return i;
    return -1;
}

bool case_stage_known(struct str kind, struct str stage)
{
    return place_of(way_of(kind), stage) >= 0;
}

bool case_stage_may(struct str kind, struct str from, struct str to)
{
    const struct stage *way = way_of(kind);
    int f = place_of(way, from), t = place_of(way, to);
    return f >= 0 && t >= 0 && (way[f].next >> t & 1);
}

bool case_stage_ends(struct str kind, struct str stage)
{
    const struct stage *way = way_of(kind);
    int at = place_of(way, stage);
    return at >= 0 && way[at].ends;
}

bool case_stage_decides(struct str kind, struct str from, struct str to)
{
    if (!case_stage_known(kind, to) || str_equal_z(kind, CASE_CONTENT) || str_equal_z(to, "withdrawn"))
        return false;
    return str_equal_z(from, "appeal") || str_equal_z(to, "first_instance") || str_equal_z(to, "decided") || str_equal_z(to, "dismissed");
}

bool case_page_step(struct str stage, enum report_step *out)
{
    static const struct { const char *stage; enum report_step step; } steps[] = {
        {"asked", STEP_REMOVAL_ASKED}, {"gone", STEP_REMOVED}, {"back", STEP_CAME_BACK},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (str_equal_z(stage, steps[i].stage)) {
            *out = steps[i].step;
            return true;
        }
    return false;
}

bool case_stage_decided(struct str stage)
{
    static const char *const after[] = {"first_instance", "decided", "dismissed", "appeal", "final"};
    bool found = false;
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        found = found || str_equal_z(stage, after[i]);
    return found;
}

const char *case_stage_at(struct str kind, size_t i)
{
    const struct stage *way = way_of(kind);
    return way && i < STAGES_MAX ? way[i].name : NULL;
}
