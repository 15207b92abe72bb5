// buf: bytes that grow, up to a maximum that is always named. A write past the maximum or without memory sets
// `failed`, adds nothing more, and is checked once at the end (buf_ok), so that builders need no checks in between.
#pragma once
#include <stdarg.h>
#include "base/str.h"

struct buf {
    char *at;
    size_t n, cap, max;
    bool failed;
    bool no_memory; // why it failed: memory, not the maximum
    bool secret;    // wiped when grown, cleared or freed
};

void buf_init(struct buf *b, size_t max);
void buf_init_secret(struct buf *b, size_t max); // wipes what it leaves behind
void buf_free(struct buf *b);                    // leaves it empty with the same max
void buf_clear(struct buf *b);                   // n = 0, failed = false; keeps the memory
void buf_put(struct buf *b, struct str s);
void buf_put_z(struct buf *b, const char *z);
void buf_put_c(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t v);
void buf_put_amount(struct buf *b, int64_t v); // ten-thousandths, with '.' and without trailing zeros: "12.5", "-3", "0"
void buf_put_hex(struct buf *b, const void *bytes, size_t n); // lower case
void buf_put_le(struct buf *b, uint64_t v, size_t bytes);     // little-endian, 1..8 bytes
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *format, ...);
MUST_USE enum err buf_ok(const struct buf *b); // OK, or ERR_TOO_LARGE / ERR_MEMORY
struct str buf_str(const struct buf *b);       // borrowed until the next write
