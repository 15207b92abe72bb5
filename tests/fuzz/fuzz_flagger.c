// libs: report_portal report_base web vault pack crypto db html text base
// Lines of a trusted flagger, one a line of the input: each is taken whole, or refused with its field and a sentence in the language
// asked for; what one line says never reaches the next.
#include <assert.h>
#include <string.h>
#include "base/share.h"
#include "report/portal/portal.h"
#include "web/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct pack *pack;

static void begin(void)
{
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    assert(crypto_start() == OK);
    assert(text_open(share_path("locale", path, sizeof path), "sq,en", &why) == OK);
    assert(pack_open(share_path("country/al", path, sizeof path), &pack, &why) == OK);
    buf_free(&why);
}

static enum err one(struct req *rq, struct str json, struct report_content *c)
{
    struct flagger_line line = {0};
    struct id submission = {{0}};
    enum err e = flagger_line_read(rq, json, &line, &submission, c);
    assert(e == OK || e == ERR_INVALID || e == ERR_MEMORY);
    assert((e == ERR_INVALID) == (line.field.n > 0) && (line.field.n > 0) == (line.sentence.n > 0));
    assert(!line.accepted && line.receipt.n == 0 && line.submission.n <= 64 && str_utf8_valid(line.submission));
    if (e == OK) {
        assert(line.submission.n == ID_HEX - 1 && c->category.n > 0 && pack_category(rq->sv->pack, c->category) != NULL);
        assert(str_utf8_valid(c->text) && str_equal(c->reporter, STR("professional")) && c->institution.n + c->function.n == 0);
    }
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (!pack)
        begin();
    struct services sv = {.pack = pack};
    struct req rq = {.sv = &sv, .lang = text_default()};
    struct str rest = {(const char *)data, n};
    if (arena_new(WEB_ARENA + 16 * n, &rq.arena))
        return 0;
    while (rest.n > 0) {
        struct str json = str_cut(&rest, '\n');
        struct report_content c = {0}, again = {0};
        struct buf item, same;
        enum err e = one(&rq, json, &c);
        assert(e == ERR_MEMORY || one(&rq, json, &again) == e || arena_failed(rq.arena));
        buf_init(&item, 1 << 20);
        buf_init(&same, 1 << 20);
        if (!e && !arena_failed(rq.arena)) {
            enum err w = report_content_write(&item, &c), v = report_content_write(&same, &again);
            assert(w == v && str_equal(buf_str(&item), buf_str(&same)));
        }
        buf_free(&item);
        buf_free(&same);
    }
    arena_free(&rq.arena);
    return 0;
}
