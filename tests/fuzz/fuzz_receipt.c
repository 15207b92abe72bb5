// libs: base crypto
// A receipt code as people type it: what is accepted reads back the same from its own text.
#include <stdlib.h>
#include <string.h>
#include "crypto/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t install[16] = {1};
    struct receipt r, again;
    char text[RECEIPT_TEXT];
    if (receipt_read(&r, (struct str){(const char *)data, size}, install)) {
        return 0;
    }
    receipt_text(&r, text);
    if (strlen(text) != RECEIPT_TEXT - 1 || receipt_read(&again, str_from(text), install) || memcmp(&r, &again, sizeof r) != 0) {
        abort();
    }
    return 0;
}
