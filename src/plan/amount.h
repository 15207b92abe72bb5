// plan/amount: numbers of the plan. Counts, money and parts of a percentage are one fixed-point type, so that sums are exact
// and the same everywhere: int64 in ten-thousandths, within ±PLAN_AMOUNT_MAX, and differences of two never overflow.
#pragma once
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define PLAN_ONE INT64_C(10000)
#define PLAN_AMOUNT_MAX (INT64_C(10000000000000) * PLAN_ONE) // ten million millions: more lekë than there are

// Digits with an optional sign and one '.' or ',' before one to four decimals; nothing else (no spaces, no thousands' marks,
// no exponent). ERR_INVALID: not such a number. ERR_TOO_LARGE: beyond the limits.
MUST_USE enum err plan_amount_read(struct str text, int64_t *out);
// With '.' and without trailing zeros: "12.5", "-3", "0".
void plan_amount_print(struct buf *out, int64_t amount);
