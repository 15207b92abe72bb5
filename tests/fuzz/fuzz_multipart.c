// libs: base text html crypto http pack vault db web
// multipart/form-data: what comes through lies inside the body, in order, and is named.
#include <assert.h>
#include "web/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = {(const char *)data, n}, type = str_cut(&rest, '\n'), boundary = {0};
    struct part part[PARTS_MAX];
    size_t parts = 0;
    if (multipart_boundary(type, &boundary))
        boundary = STR("x");
    if (multipart_read(rest, boundary, part, &parts) == OK) {
        assert(parts > 0 && parts <= PARTS_MAX);
        const char *at = rest.at;
        for (size_t i = 0; i < parts; i++) {
            assert(part[i].name.n > 0 && part[i].name.n <= FORM_NAME_MAX && part[i].name.at >= at);
            assert(part[i].value.n == 0 || (part[i].value.at > part[i].name.at && part[i].value.at + part[i].value.n <= rest.at + rest.n));
            at = part[i].name.at;
        }
    }
    return 0;
}
