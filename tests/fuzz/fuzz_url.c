// libs: base
// Address reader: what is read compares, what was compared compares to itself.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include "base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void twice(struct str address)
{
    struct arena *a = NULL;
    struct str page, host, page2, host2;
    assert(!arena_new(4 * URL_ARENA, &a));
    if (url_compare(a, address, &page, &host) == URL_FINE) {
        assert(str_starts(page, "http://") && host.n > 0 && str_equal(str_slice(page, 7, 7 + host.n), host));
        assert(url_compare(a, page, &page2, &host2) == URL_FINE);
        assert(str_equal(page, page2) && str_equal(host, host2));
    }
    assert(!arena_failed(a));
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str typed = {(const char *)data, size}, address, page, host;
    struct arena *a = NULL;
    assert(!arena_new(8 * URL_ARENA, &a));
    if (size <= URL_MAX) {
        twice(typed);
    }
    if (url_read(a, typed, &address) == URL_FINE) {
        assert(url_compare(a, address, &page, &host) == URL_FINE);
        twice(address);
    }
    assert(!arena_failed(a));
    if (size <= URL_MAX) {
        struct str app = typed, account = str_slice(typed, size / 3, size);
        url_account_compare(a, str_slice(app, 0, size / 3), account);
        assert(!arena_failed(a));
    }
    arena_free(&a);
    return 0;
}
