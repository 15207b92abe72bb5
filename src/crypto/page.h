// page: digests by which the same page is known (docs/protocol.md, "Same page").
#pragma once
#include "crypto/crypto.h"

enum page_kind { PAGE_ADDRESS = 1, PAGE_ACCOUNT = 2, PAGE_HOST = 3 };
void page_digest(uint8_t out[32], enum page_kind kind, struct str compared);
#define PAGE_BOX_BYTES (32 + 32 + 48)
void page_box(struct buf *out, const struct ephemeral *from, const struct public_key *tag_key, const uint8_t page[32],
              const uint8_t host[32]); // zero host: none
