// plan_read: what the files that read a plan share. Nobody else includes it.
#pragma once
#include "pack/inside.h"
#include "pack/plan.h"

// One plan while it is read. stored: a version of the store, whose institutions may be the desk's own; they are looked at
// by whoever keeps them.
struct plan_reader {
    struct reader *r;
    struct pack_plan *x;
    bool stored;
};
void plan_indicators_read(struct plan_reader *g, const json_t *plan); // plan_indicators.c

// An array of texts in the arena; *n is 0 where it is missing.
const struct str *plan_words(struct plan_reader *g, const json_t *object, const char *key, size_t most, size_t *n);
const struct str *plan_institutions(struct plan_reader *g, const json_t *object, const char *key, bool needed, size_t *n);
const struct pack_text *plan_text(struct plan_reader *g, const json_t *object, const char *key, bool needed);
enum pack_plan_of pack_plan_measure_of(enum pack_plan_measure m); // which room answers it
