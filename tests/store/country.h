// country: what a test of a room needs before its store: keys, sentences in both languages, the delivered country pack.
#pragma once
#include "base/buf.h"
#include "base/share.h"
#include "crypto/crypto.h"
#include "web/web.h"

// out: room for a page. The test closes both: pack_close(&sv->pack), buf_free(out).
static inline void store_test_country(struct services *sv, struct buf *out)
{
    struct buf why;
    char path[SHARE_PATH_MAX];
    buf_init(&why, 4096);
    buf_init(out, 4 << 20);
    assert_int_equal(crypto_start(), OK);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(pack_open(share_path("country/al", path, sizeof path), &sv->pack, &why), OK);
    buf_free(&why);
}
