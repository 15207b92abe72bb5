// libs: text base
// Catalogue reader: whatever mo_open takes, every entry lies inside the file.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "text/mo.h"
#include "text/plural.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum(struct str s)
{
    unsigned all = 0;
    for (size_t i = 0; i < s.n; i++) {
        all += (unsigned char)s.at[i];
    }
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned read = 0;
    struct str file = {(const char *)data, size};
    struct buf why;
    struct mo mo;
    buf_init(&why, 4096);
    if (mo_open(file, &mo, &why)) {
        assert(why.n > 0);
    } else {
        for (uint32_t i = 0; i < mo.n; i++) {
            struct mo_entry e = mo_at(&mo, i);
            assert(e.texts.at >= file.at && e.texts.at + e.texts.n < file.at + file.n && e.texts.at[e.texts.n] == '\0');
            assert(e.id.at >= file.at && e.id.at + e.id.n < file.at + file.n);
            read += sum(e.id) + sum(e.texts);
        }
        const struct plural *p = NULL;
        if (!plural_find(mo_header(&mo, "Plural-Forms"), &p, &why)) {
            assert(plural_form(p, (int64_t)size) < plural_forms(p) && plural_forms(p) <= PLURAL_FORMS_MAX);
        }
    }
    buf_free(&why);
    __asm__ volatile("" : : "r"(read)); // every byte was really read
    return 0;
}
