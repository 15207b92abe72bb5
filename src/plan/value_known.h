// plan/value_known: the values that stand already, read once for a file of many. Other files of this room only.
#pragma once
#include "plan/value_store.h"

struct plan_known;             // lies in the arena
// more: how many may be put to it. *out NULL: far more stand there than that, and one by one is asked for quicker.
MUST_USE enum err plan_known_db(struct db *db, struct arena *a, struct plan_period within, size_t more, struct plan_known **out);
// As plan_value_at_db and plan_value_overlaps_db tell it; who.locked is not told. false: there is none.
bool plan_known_at(const struct plan_known *k, const struct plan_value_row *want, struct plan_value_row *out);
bool plan_known_overlaps(const struct plan_known *k, const struct plan_value_row *want);
// What was written stands there from now on.
MUST_USE enum err plan_known_put(struct plan_known *k, struct arena *a, const struct plan_value_row *row);
