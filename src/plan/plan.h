// plan: the national action plan: its versions, indicators, values, targets and scores (docs/plan.md). Other rooms include this header only.
#pragma once

struct routes;
extern const struct routes plan_entry_routes;
