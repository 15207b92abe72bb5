// Anchors: checkpoints that oversight takes away. The keeper gives them, having looked at their signatures, and writes that down.
#include <string.h>
#include "oversight/handlers.h"
#include "text/date.h"
#include "vault/audit.h"

page_fn anchors_page;

#define WRITER_HEX 16
#define FILE_MOST (8 * 1024)

SHAPE(anchor_file_in, FIELD(anchor_file_in, writer, .required = true, .max = WRITER_HEX, .about = "writer of a line of /audit/anchors."));
SHAPE(anchor_row, FIELD(anchor_row, writer, .about = "The node of the keeper that signs this chain."),
      FIELD(anchor_row, seq, .about = "The newest entry that this checkpoint names."), FIELD(anchor_row, at, .form = FORM_TIME),
      FIELD(anchor_row, digest, .about = "What 'isigurt audit verify --anchor FILE' prints of the same file."));
SHAPE(anchors_out, FIELD(anchors_out, anchors, .of = &anchor_row_shape));

// file: NULL, the list alone.
static enum err anchors_ask(struct req *rq, const uint8_t writer[8], struct buf *file, struct anchors_out *out)
{
    struct keeper_anchor *from = arena_array(rq->arena, KEEPER_ANCHORS_MAX, sizeof *from);
    struct anchor_row *to = arena_array(rq->arena, KEEPER_ANCHORS_MAX, sizeof *to);
    size_t n = 0;
    enum err e = arena_failed(rq->arena) ? ERR_MEMORY : keeper_anchor(rq->sv->keeper, &rq->token, writer, from, &n, file);
    for (size_t i = 0; !e && i < n; i++) {
        char digest[ANCHOR_TEXT];
        struct buf at, hex;
        buf_init(&at, 64);
        buf_init(&hex, WRITER_HEX + 1);
        date_put_near(&at, rq->lang, from[i].at, rq->now);
        buf_put_hex(&hex, from[i].writer, sizeof from[i].writer);
        to[i] = (struct anchor_row){.writer = arena_str(rq->arena, buf_str(&hex)),
                                    .digest = arena_str(rq->arena, str_from(anchor_text(from[i].digest, digest))),
                                    .seq = (int64_t)from[i].seq, .at = from[i].at,
                                    .at_text = arena_str(rq->arena, buf_str(&at))};
        buf_free(&at);
        buf_free(&hex);
    }
    if (!e)
        out->anchors = (struct list){to, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err anchors_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return anchors_ask(rq, NULL, NULL, out);
}

static enum err anchor_file_run(struct req *rq, const void *in_, void *out)
{
    const struct anchor_file_in *in = in_;
    uint8_t writer[8];
    struct buf file;
    if (!str_unhex(in->writer, writer, sizeof writer))
        return ERR_NOT_FOUND;
    buf_init(&file, FILE_MOST);
    enum err e = anchors_ask(rq, writer, &file, out);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&file)), STR("application/octet-stream"),
                                       arena_printf(rq->arena, "checkpoint.%.*s", STR_ARG(in->writer))};
    buf_free(&file);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static const struct route rows[] = {
    {.name = "anchors", .path = "/audit/anchors", .method = GET, .perm = PERM_AUDIT_READ, .in = &none_shape, .out = &anchors_out_shape,
     .run = anchors_run, .page = anchors_page,
          .about = "The newest checkpoint of each writer of the trail, with its short digest; the look is an entry."},
    {.name = "anchor_file", .path = "/audit/anchors/file", .method = GET, .perm = PERM_AUDIT_READ, .in = &anchor_file_in_shape,
     .out = &anchors_out_shape, .run = anchor_file_run,
     .about = "The newest checkpoint of one writer as a file, for 'isigurt audit verify --anchor FILE'; an entry says that it was taken."},
};
const struct routes oversight_anchor_routes = {"oversight", rows, sizeof rows / sizeof *rows};
