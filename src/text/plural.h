// plural: which form of a sentence a number takes. The rules are a table, not an interpreter of C expressions: a
// Plural-Forms line of a .mo file must be one of them (white space and outer parentheses apart).
#pragma once
#include "base/buf.h"

#define PLURAL_FORMS_MAX 4 // the most that a rule of the table has

struct plural; // a row of the table; static

// The value of "Plural-Forms". Empty: one form for all. ERR_INVALID for a rule that is not in the table; why lists them.
MUST_USE enum err plural_find(struct str value, const struct plural **out, struct buf *why);
unsigned plural_forms(const struct plural *p);
unsigned plural_form(const struct plural *p, int64_t n); // 0 … forms - 1; the sign of n does not count
