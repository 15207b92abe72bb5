// pool: a fixed number of threads and a queue with a length. Work that must not wait behind the others (danger) has
// places of its own beyond the queue's. Small stacks: 64 threads touch about 1 MB.
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define POOL_THREADS_MAX 256
#define POOL_STACK (256 * 1024) // bytes

struct pool;
typedef void pool_fn(void *ctx, void *job);
// queue: jobs that may wait; reserved: more of them that pool_add(…, urgent) may place.
MUST_USE enum err pool_new(unsigned threads, size_t queue, size_t reserved, pool_fn *fn, void *ctx, struct pool **out);
MUST_USE enum err pool_add(struct pool *p, void *job, bool urgent); // ERR_FULL, also while stopping
bool pool_room(struct pool *p, bool urgent); // with one adding thread: the next pool_add will not find it full
size_t pool_waiting(struct pool *p);
void pool_stop(struct pool *p);              // lets all that was added run, then joins the threads; pool_add then refuses
void pool_free(struct pool **p);             // stops it too
