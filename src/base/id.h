// id: 16 random bytes that name a row. In paths and JSON: 32 lower-case hex digits.
#pragma once
#include "base/str.h"

struct id {
    uint8_t b[16];
};

#define ID_HEX 33 // characters with the final NUL

struct id id_random(void);
bool id_equal(struct id a, struct id b);
bool id_zero(struct id a);
MUST_USE enum err id_from_hex(struct str s, struct id *out);     // exactly 32 lower-case digits
MUST_USE enum err id_from_bytes(struct str s, struct id *out);   // exactly 16 bytes
struct str id_bytes(const struct id *a);                         // borrows *a
const char *id_hex(struct id a, char out[static ID_HEX]);        // returns out
