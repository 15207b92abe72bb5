// libs: text base
// A table of foreign bytes: rows within the limits, or one fault; what was read and written again reads the same.
#include <assert.h>
#include <string.h>
#include "text/csv.h"

static enum err from(void *ctx, char *into, size_t max, size_t *n)
{
    struct str *rest = ctx;
    *n = rest->n < max ? rest->n : max;
    if (*n)
        memcpy(into, rest->at, *n);
    *rest = str_slice(*rest, *n, rest->n);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str rest = {(const char *)bytes, size};
    struct csv_reader *r = NULL, *again = NULL;
    const struct str *cell, *copy;
    size_t n, m;
    if (csv_open(from, &rest, &r))
        return 0;
    enum err e;
    while ((e = csv_next(r, &cell, &n)) == OK) {
        assert(n > 0 && n <= CSV_CELLS_MAX && csv_line(r) > 0 && csv_fault(r) == CSV_FINE);
        struct buf b;
        buf_init(&b, 4 * CSV_ROW_MAX);
        for (size_t i = 0; i < n; i++) {
            assert(str_utf8_valid(cell[i]));
            csv_text(&b, i == 0, cell[i]);
        }
        csv_end(&b);
        struct str whole = buf_str(&b);
        if (csv_open(from, &whole, &again))
            break;
        bool blank = n == 1 && cell[0].n == 0; // "" alone is a blank row
        enum err back = csv_next(again, &copy, &m);
        assert(blank || back == OK || csv_fault(again) == CSV_LONG); // apostrophes lengthen a row
        assert(blank || back != OK || m == n);
        for (size_t i = 0; i < n && !blank && back == OK; i++)
            assert(str_equal(csv_plain(copy[i]), cell[i]));
        csv_close(&again);
        buf_free(&b);
    }
    assert(e == ERR_NOT_FOUND || e == ERR_MALFORMED || e == ERR_MEMORY);
    assert((e == ERR_MALFORMED) == (csv_fault(r) != CSV_FINE));
    csv_close(&r);
    return 0;
}
