// plan/report: the annual progress report, made from a snapshot alone.
#pragma once
#include "doc/doc.h"
#include "plan/snapshot.h"

// In l's language; everything in a, and points into s. NULL where the arena is full.
struct doc *plan_report_doc(struct arena *a, const struct plan_shot *s, const struct lang *l);
// A value as a cell: a percentage's in percent, all else in its own unit; hidden, or missing.
struct doc_cell plan_shot_cell(const struct plan_shot_indicator *x, bool has, bool hidden, int64_t value);
