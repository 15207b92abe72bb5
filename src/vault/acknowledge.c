// The statement of an acknowledgement. Pure.
#include <string.h>
#include "vault/acknowledge.h"

size_t acknowledgement_bytes(const struct acknowledgement *a, uint8_t out[static ACKNOWLEDGE_BYTES_MAX])
{
    if (a->category.n > ACKNOWLEDGE_CATEGORY_MAX) {
        return 0;
    }
    struct buf b = {.at = (char *)out, .cap = ACKNOWLEDGE_BYTES_MAX, .max = ACKNOWLEDGE_BYTES_MAX};
    buf_put(&b, STR("isigurt.acknow.1"));
    buf_put(&b, STR_BYTES(a->install));
    buf_put(&b, id_bytes(&a->report));
    buf_put_le(&b, (uint64_t)a->received, 8);
    buf_put(&b, STR_BYTES(a->content));
    buf_put_le(&b, a->category.n, 4);
    buf_put(&b, a->category);
    return buf_ok(&b) ? 0 : b.n;
}

enum err acknowledgement_check(const struct acknowledgement *a, const struct public_key *pk, struct str signature)
{
    uint8_t bytes[ACKNOWLEDGE_BYTES_MAX];
    size_t n = acknowledgement_bytes(a, bytes);
    return n && signature.n == SIGN_BYTES ? crypto_verify(pk, (struct str){(const char *)bytes, n}, signature) : ERR_TAMPERED;
}

void acknowledgement_bind(uint8_t content[16], const uint8_t rest[16], struct str institution, struct str function)
{
    struct key k = {0};
    uint8_t length[2][4];
    const struct str given[2] = {institution, function};
    memcpy(k.b, rest, 16);
    for (size_t i = 0; i < 2; i++) {
        for (size_t at = 0; at < 4; at++) {
            length[i][at] = (uint8_t)(given[i].n >> 8 * at);
        }
    }
    crypto_digest(content, 16, "isigurt.sender.1", &k,
                  CRYPTO_PARTS(STR_BYTES(length[0]), institution, STR_BYTES(length[1]), function));
    crypto_wipe(&k, sizeof k);
}
