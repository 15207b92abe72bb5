// The id of what is made once: a chain of keyed digests, so that no two lists of texts run into each other.
#include "web/once.h"
#include <string.h>
#include "crypto/crypto.h"

#define LABEL "isigurt.once...1"

struct id once_id(const struct req *rq, struct id submission, const struct str *part, size_t n)
{
    if (id_zero(submission)) {
        return id_random();
    }
    _Static_assert(TOKEN_BYTES == KEY_BYTES, "the session's secret is a key");
    struct key k;
    uint8_t at[32], next[32];
    memcpy(k.b, rq->token.b, sizeof k.b);
    crypto_digest(at, sizeof at, LABEL, &k, CRYPTO_PARTS(id_bytes(&submission), id_bytes(&rq->id)));
    for (size_t i = 0; i < n; i++) {
        crypto_digest(next, sizeof next, LABEL, &k, CRYPTO_PARTS(STR_BYTES(at), part[i]));
        memcpy(at, next, sizeof at);
    }
    struct id out;
    memcpy(out.b, at, sizeof out.b);
    crypto_wipe(&k, sizeof k);
    return out;
}
