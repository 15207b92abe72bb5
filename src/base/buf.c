#include "base/buf.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 256 // bytes of the first allocation, unless max is smaller

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_init_secret(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max, .secret = true};
}

void buf_free(struct buf *b)
{
    if (b->secret && b->at) {
        explicit_bzero(b->at, b->cap);
    }
    free(b->at);
    *b = (struct buf){.max = b->max, .secret = b->secret};
}

void buf_clear(struct buf *b)
{
    if (b->secret && b->at) {
        explicit_bzero(b->at, b->n);
    }
    b->n = 0;
    b->failed = false;
    b->no_memory = false;
}

static bool fail(struct buf *b, bool no_memory)
{
    b->failed = true;
    b->no_memory = no_memory;
    return false;
}

// Makes room for n more bytes; false when the buf has failed, now or before.
static bool reserve(struct buf *b, size_t n)
{
    if (b->failed) {
        return false;
    }
    if (n > b->max - b->n) {
        return fail(b, false);
    }
    size_t need = b->n + n;
    if (need <= b->cap) {
        return true;
    }
    size_t cap = b->cap ? b->cap : BUF_FIRST;
    while (cap < need) {
        cap = cap > b->max / 2 ? b->max : cap * 2;
    }
    cap = cap > b->max ? b->max : cap;
    char *at;
    if (b->secret) { // realloc may leave a copy behind
        at = malloc(cap);
        if (at && b->at) {
            memcpy(at, b->at, b->n);
            explicit_bzero(b->at, b->cap);
            free(b->at);
        }
    } else {
        at = realloc(b->at, cap);
    }
    if (!at) {
        return fail(b, true);
    }
    b->at = at;
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, struct str s)
{
    if (s.n && reserve(b, s.n)) {
        memcpy(b->at + b->n, s.at, s.n);
        b->n += s.n;
    }
}

void buf_put_z(struct buf *b, const char *z)
{
    buf_put(b, str_from(z));
}

void buf_put_c(struct buf *b, char c)
{
    buf_put(b, (struct str){&c, 1});
}

void buf_put_amount(struct buf *b, int64_t v)
{
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, part = size % 10000;
    buf_printf(b, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(size / 10000));
    if (!part)
        return;
    char digits[5] = "";
    size_t n = 4;
    for (size_t i = 4; i-- > 0; part /= 10)
        digits[i] = (char)('0' + part % 10);
    while (digits[n - 1] == '0')
        n--;
    digits[n] = 0;
    buf_printf(b, ".%s", digits);
}

void buf_put_int(struct buf *b, int64_t v)
{
    char digits[20]; // "-9223372036854775808"
    size_t at = sizeof digits;
    uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (v < 0) {
        digits[--at] = '-';
    }
    buf_put(b, (struct str){digits + at, sizeof digits - at});
}

void buf_put_hex(struct buf *b, const void *bytes, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    const uint8_t *p = bytes;
    if (n > SIZE_MAX / 2) {
        fail(b, false);
        return;
    }
    if (n && reserve(b, n * 2)) {
        for (size_t i = 0; i < n; i++) {
            b->at[b->n++] = digit[p[i] >> 4];
            b->at[b->n++] = digit[p[i] & 15];
        }
    }
}

void buf_put_le(struct buf *b, uint64_t v, size_t bytes)
{
    assert(bytes >= 1 && bytes <= 8);
    char out[8];
    for (size_t i = 0; i < bytes; i++) {
        out[i] = (char)(v >> (8 * i));
    }
    buf_put(b, (struct str){out, bytes});
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char small[512];
    int n = vsnprintf(small, sizeof small, format, args);
    if (n < 0) {
        fail(b, false);
    } else if ((size_t)n < sizeof small) {
        buf_put(b, (struct str){small, (size_t)n});
    } else {
        char *large = malloc((size_t)n + 1); // vsnprintf wants a place for its NUL that the buf may not have
        if (large) {
            vsnprintf(large, (size_t)n + 1, format, again);
            buf_put(b, (struct str){large, (size_t)n});
            explicit_bzero(large, (size_t)n);
            free(large);
        } else {
            fail(b, true);
        }
    }
    if (b->secret) {
        explicit_bzero(small, sizeof small);
    }
    va_end(again);
    va_end(args);
}

enum err buf_ok(const struct buf *b)
{
    return !b->failed ? OK : b->no_memory ? ERR_MEMORY : ERR_TOO_LARGE;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->at, b->n};
}
