// seen: what a form was filled in on top of. A page or program sends back the `seen` that it read with a row; where something else
// stands there now, somebody was faster and is not written over (409). For rows that hold no version of their own: what counts
// is what stands there, so a change and its undoing are none.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/str.h"

// Sixteen digits that stand for these texts in this order; no secret and no seal. Empty where memory is out.
struct str seen_of(struct arena *a, const struct str *part, size_t n);
// Empty: nothing was sent, so nothing is compared.
bool seen_still(struct str sent, struct str now);
#define SEEN_MAX 16
#define SEEN_FIELD(s) FIELD(s, seen, .max = SEEN_MAX, .about = "seen of what was read; 409 where something else stands there now. Missing: not compared.")
