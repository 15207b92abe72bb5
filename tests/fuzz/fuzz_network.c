// libs: base network_check
// What the discussion refuses: any bytes are looked at; what is refused alone is refused between words too.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "network/network.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    enum network_fault fault = network_check(text);
    struct buf b;
    buf_init(&b, size + 100);
    buf_put_z(&b, "fjalë ");
    buf_put(&b, text);
    buf_put_z(&b, " fjalë");
    if (fault && !buf_ok(&b))
        assert(network_check(buf_str(&b)) != NETWORK_FINE);
    buf_free(&b);
    return 0;
}
