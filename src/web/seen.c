// What stands in a row, told in sixteen digits: SipHash under a key that is no secret, each text behind its length.
#include "web/seen.h"
#include <inttypes.h>
#include "base/buf.h"
#include "crypto/crypto.h"

#define SEEN_BYTES_MAX 65536

struct str seen_of(struct arena *a, const struct str *part, size_t n)
{
    static const uint8_t key[16];
    struct buf all;
    buf_init(&all, SEEN_BYTES_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&all, "%zu:", part[i].n);
        buf_put(&all, part[i]);
    }
    struct str digits = arena_printf(a, "%016" PRIx64, crypto_siphash(key, buf_str(&all)));
    buf_free(&all);
    return digits;
}

bool seen_still(struct str sent, struct str now)
{
    return sent.n == 0 || str_equal(sent, now);
}
