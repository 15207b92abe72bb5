// libs: base text html crypto http pack vault db web
// JSON bodies into a struct, and what was read written as JSON again: it must read the same.
#include <assert.h>
#include <jansson.h>
#include <string.h>
#include "web/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct fuzz_in { struct str text, lines; int64_t n; bool yes; struct id who; struct list tags; };
SHAPE(fuzz_in, FIELD(fuzz_in, text, .required = true, .max = 10), FIELD(fuzz_in, lines, .max = 20, .form = FORM_LINES),
      FIELD(fuzz_in, n), FIELD(fuzz_in, yes), FIELD(fuzz_in, who), FIELD(fuzz_in, tags, .max = 3));

static void again(struct req *rq, const struct fuzz_in *in)
{
    struct buf b;
    struct fuzz_in back = {0};
    buf_init(&b, 1 << 20);
    json_write(&b, &fuzz_in_shape, in);
    if (buf_ok(&b) == OK && !arena_failed(rq->arena)) {
        enum err e = json_read(rq, &fuzz_in_shape, buf_str(&b), &back);
        assert(e == OK || e == ERR_MEMORY);
        assert(e || (str_equal(in->text, back.text) && str_equal(in->lines, back.lines) && in->n == back.n && in->tags.n == back.tags.n));
    }
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct req rq = {0};
    struct fuzz_in in = {0};
    json_start();
    if (arena_new(WEB_ARENA + 4 * n, &rq.arena)) {
        return 0;
    }
    enum err e = json_read(&rq, &fuzz_in_shape, (struct str){(const char *)data, n}, &in);
    assert(e == OK || e == ERR_INVALID || e == ERR_MALFORMED || e == ERR_MEMORY);
    if (!e) {
        assert(!str_blank(in.text) && str_utf8_count(in.text) <= 10 && !str_has_control(in.text, false) && in.tags.n <= 3);
        again(&rq, &in);
    }
    arena_free(&rq.arena);
    return 0;
}
