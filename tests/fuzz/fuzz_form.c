// libs: base text html crypto http pack vault db web
// Forms and queries into a struct with every kind of field. What comes through as OK keeps what the shape promises.
#include <assert.h>
#include <string.h>
#include "web/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct fuzz_in { struct str text, lines; int64_t n; bool yes; struct id who; struct list tags, more; };
SHAPE(fuzz_in, FIELD(fuzz_in, text, .required = true, .max = 10), FIELD(fuzz_in, lines, .max = 20, .form = FORM_LINES),
      FIELD(fuzz_in, n), FIELD(fuzz_in, yes), FIELD(fuzz_in, who), FIELD(fuzz_in, tags, .max = 3),
      FIELD(fuzz_in, more, .max = 4, .form = FORM_MAP));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct req rq = {0};
    struct fuzz_in in = {0};
    struct form_extra extra = {0};
    if (arena_new(WEB_ARENA + 4 * n, &rq.arena)) {
        return 0;
    }
    enum err e = form_read(&rq, &fuzz_in_shape, (struct str){(const char *)data, n}, &in, &extra);
    assert(e == OK || e == ERR_INVALID || e == ERR_MALFORMED || e == ERR_MEMORY);
    assert((e == ERR_INVALID) == req_refused(&rq) || e == ERR_MALFORMED || e == ERR_MEMORY);
    if (!e) {
        assert(!str_blank(in.text) && str_utf8_valid(in.text) && str_utf8_count(in.text) <= 10 && !str_has_control(in.text, false));
        assert(str_utf8_valid(in.lines) && !str_has_control(in.lines, true) && in.tags.n <= 3 && in.more.n <= 4);
        for (size_t i = 0; i < in.more.n; i++) {
            const struct html_pair *p = (const struct html_pair *)in.more.at + i;
            assert(p->name.n > 0 && p->name.n <= FORM_NAME_MAX && str_utf8_valid(p->value) && !str_has_control(p->value, true));
        }
    }
    arena_free(&rq.arena);
    return 0;
}
