// libs: report_base crypto text base
// The sealed item as a desk reads it: foreign JSON is refused or read; what was read is written and read again the same.
#include <stdlib.h>
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena *a = NULL;
    struct report_content c, again;
    struct buf one, two;
    if (arena_new(8u << 20, &a) != OK)
        return 0;
    buf_init(&one, 1u << 20);
    buf_init(&two, 1u << 20);
    if (report_content_read(a, (struct str){(const char *)bytes, n}, &c) == OK && report_content_write(&one, &c) == OK)
        if (report_content_read(a, buf_str(&one), &again) != OK || report_content_write(&two, &again) != OK ||
            !str_equal(buf_str(&one), buf_str(&two)))
            abort();
    buf_free(&one);
    buf_free(&two);
    arena_free(&a);
    return 0;
}
