// assess: when an assessment is settled. Pure.
#pragma once
#include "report/report.h"

#define ASSESS_MAX 20 // answers to the questions about one report
enum assess_status { ASSESS_NONE, ASSESS_SECOND, ASSESS_DIFFER, ASSESS_SETTLED };
struct assess_verdict { struct id person; struct str verdict; bool second; };
// Verdicts oldest first; of each person the newest counts. One that needs no second person settles alone; as soon as somebody
// has ever given one that does, two different persons must say the same, also to take it back. *of: the verdict that settled it.
enum assess_status assess_settle(const struct assess_verdict *v, size_t n, size_t *of);
const char *assess_status_name(enum assess_status s); // "none", "second", "differ", "settled"
