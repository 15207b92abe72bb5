// plan: the national action plan: its versions, indicators, values, targets and scores (docs/plan.md). Other rooms include this header only.
#pragma once
#include <stdint.h>

struct routes;
struct services;
extern const struct routes plan_entry_routes, plan_report_routes; // desk
extern const struct routes plan_public_routes;                    // portal

// Desk, once when it starts: the country pack's plan becomes version 1 where no version is there yet.
void plan_start(const struct services *sv, int64_t now);
