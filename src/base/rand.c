#include "base/rand.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void rand_bytes(void *out, size_t n)
{
    uint8_t *at = out;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            abort();
        }
        at += got;
        n -= (size_t)got;
    }
}

uint32_t rand_below(uint32_t limit)
{
    assert(limit > 0);
    uint32_t unfair = -limit % limit; // 2^32 mod limit: the lowest values that would come once too often
    uint32_t v;
    do {
        rand_bytes(&v, sizeof v);
    } while (v < unfair);
    return v % limit;
}
