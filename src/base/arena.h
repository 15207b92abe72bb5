// arena: memory that lives as long as one request and is freed as one. Capped; not for secrets that must be wiped
// earlier than the request ends (the whole arena is wiped when freed). Not thread safe: one thread at a time.
#pragma once
#include "base/str.h"

struct arena;

MUST_USE enum err arena_new(size_t cap, struct arena **out); // cap in bytes over all allocations
void arena_free(struct arena **a);                           // wipes, then frees; NULL is fine
// Zeroed, aligned to 16. Never NULL within the cap; past it returns NULL and arena_failed stays true.
void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size); // overflow-checked
struct str arena_str(struct arena *a, struct str s);           // a copy, NUL-terminated behind its end
__attribute__((format(printf, 2, 3))) struct str arena_printf(struct arena *a, const char *format, ...);
bool arena_failed(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
