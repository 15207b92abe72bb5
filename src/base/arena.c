#include "base/arena.h"
#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN 16
#define ARENA_CHUNK_FIRST 4096        // bytes; most requests need no second one
#define ARENA_CHUNK_LARGEST (64 * 1024) // what is larger gets a chunk of its own

struct chunk {
    struct chunk *next;
    size_t n, cap;
    alignas(ARENA_ALIGN) char at[];
};

struct arena {
    struct chunk *newest; // the one that is filled
    size_t used, cap;     // bytes, each allocation rounded up to ARENA_ALIGN
    size_t next_chunk;
    bool failed;
};

enum err arena_new(size_t cap, struct arena **out)
{
    struct arena *a = malloc(sizeof *a);
    if (!a) {
        return ERR_MEMORY;
    }
    *a = (struct arena){.cap = cap, .next_chunk = ARENA_CHUNK_FIRST};
    *out = a;
    return OK;
}

void arena_free(struct arena **a)
{
    if (!*a) {
        return;
    }
    for (struct chunk *c = (*a)->newest, *next; c; c = next) {
        next = c->next;
        explicit_bzero(c->at, c->n);
        free(c);
    }
    free(*a);
    *a = NULL;
}

static struct chunk *chunk_add(struct arena *a, size_t least)
{
    size_t cap = least > a->next_chunk ? least : a->next_chunk;
    struct chunk *c = malloc(sizeof *c + cap);
    if (!c) {
        return NULL;
    }
    *c = (struct chunk){.cap = cap};
    if (a->newest && least > ARENA_CHUNK_LARGEST) { // its own: the one being filled stays so
        c->next = a->newest->next;
        a->newest->next = c;
    } else {
        c->next = a->newest;
        a->newest = c;
        a->next_chunk = a->next_chunk * 2 > ARENA_CHUNK_LARGEST ? ARENA_CHUNK_LARGEST : a->next_chunk * 2;
    }
    return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t size = n == 0 ? ARENA_ALIGN : n;
    if (a->failed || size > a->cap - a->used || size > SIZE_MAX - sizeof(struct chunk) - ARENA_ALIGN) {
        a->failed = true;
        return NULL;
    }
    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    struct chunk *c = a->newest;
    if (!c || size > c->cap - c->n) {
        c = chunk_add(a, size);
        if (!c) {
            a->failed = true;
            return NULL;
        }
    }
    void *at = c->at + c->n;
    c->n += size;
    a->used = size > a->cap - a->used ? a->cap : a->used + size;
    return memset(at, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n)) {
        a->failed = true;
        return NULL;
    }
    return arena_alloc(a, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *at = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (!at) {
        a->failed = true;
        return (struct str){NULL, 0};
    }
    if (s.n) {
        memcpy(at, s.at, s.n);
    }
    return (struct str){at, s.n};
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    struct str out = {NULL, 0};
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *at = n >= 0 ? arena_alloc(a, (size_t)n + 1) : NULL;
    if (at) {
        vsnprintf(at, (size_t)n + 1, format, again);
        out = (struct str){at, (size_t)n};
    } else {
        a->failed = true;
    }
    va_end(again);
    va_end(args);
    return out;
}

bool arena_failed(const struct arena *a)
{
    return a->failed;
}
