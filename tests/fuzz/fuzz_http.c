// libs: base http
// The gate: first line is the target, second the version, the rest are fields "name:value". What comes through must be
// in the plainest form, whatever came in.
#include <assert.h>
#include <string.h>
#include "http/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_path(struct str path)
{
    assert(path.n > 0 && path.at[0] == '/');
    assert(str_find(path, '%') < 0 && str_find(path, '\\') < 0 && str_find_str(path, STR("//")) < 0);
    assert(str_find_str(path, STR("/../")) < 0 && !str_ends(path, "/..") && !str_ends(path, "/."));
    assert(!str_has_control(path, false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = {(const char *)data, n}, path = {0}, query = {0};
    struct str target = str_cut(&rest, '\n');
    struct str version = str_cut(&rest, '\n');
    if (gate_target(target, &path, &query) == GATE_OPEN) {
        check_path(path);
        assert(path.n + query.n <= target.n && !str_has_control(query, false));
    }
    struct gate_head g;
    gate_head_start(&g);
    size_t hosts = 0;
    while (rest.n) {
        struct str value = str_cut(&rest, '\n');
        struct str name = str_cut(&value, ':');
        hosts += name.n == 4 && strncasecmp(name.at, "host", 4) == 0;
        gate_field(&g, name, value);
    }
    if (gate_head_end(&g, version) == GATE_OPEN) {
        assert(hosts <= 1 && g.fields <= HTTP_FIELDS_MAX && g.bytes <= HTTP_HEAD_MAX);
        assert(!(g.kept[HTTP_CONTENT_LENGTH].at && g.kept[HTTP_TRANSFER_ENCODING].at));
        assert(gate_length(&g) >= -1);
        for (int i = 0; i < HTTP_HEADERS; i++) {
            assert(str_find(g.kept[i], '\r') < 0 && str_find(g.kept[i], '\n') < 0 && !memchr(g.kept[i].n ? g.kept[i].at : "", 0, g.kept[i].n));
        }
    }
    return 0;
}
