#include "crypto/page.h"
#include <string.h>

void page_digest(uint8_t out[32], enum page_kind kind, struct str compared)
{
    const uint8_t k = (uint8_t)kind;
    crypto_digest(out, 32, "isigurt.page...1", NULL, CRYPTO_PARTS({(const char *)&k, 1}, compared));
}

void page_box(struct buf *out, const struct ephemeral *from, const struct public_key *tag_key, const uint8_t page[32],
              const uint8_t host[32])
{
    uint8_t both[64], box[PAGE_BOX_BYTES];
    memcpy(both, page, 32);
    memcpy(both + 32, host, 32);
    crypto_wrap_from(box, from, tag_key, STR_BYTES(both));
    buf_put(out, STR_BYTES(box));
    crypto_wipe(both, sizeof both);
}
