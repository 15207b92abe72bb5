// The client's half of TRAIL and ANCHOR.
#include <string.h>
#include "vault/call.h"

// n × (u32 length ‖ entry)
static enum err entries_read(struct str from, struct audit_line *out, size_t *n)
{
    *n = 0;
    while (from.n > 0) {
        size_t length = 0;
        for (size_t i = 0; i < 4 && from.n >= 4; i++) {
            length |= (size_t)(unsigned char)from.at[i] << (8 * i);
        }
        if (from.n < 4 || length > from.n - 4 || *n == KEEPER_TRAIL_MAX || audit_decode((struct str){from.at + 4, length}, &out[*n])) {
            return ERR_MALFORMED;
        }
        from = str_slice(from, 4 + length, from.n);
        ++*n;
    }
    return OK;
}

enum err keeper_trail(struct keeper *k, const struct token *t, const struct keeper_trail *ask, struct audit_line *out, size_t *n,
                      uint64_t *next)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_TRAIL, t);
    if (e) {
        return e;
    }
    wire_put_u64(&c.out, ask->before);
    wire_put_u64(&c.out, (uint64_t)ask->until);
    wire_put(&c.out, id_bytes(&ask->person));
    wire_put_u16(&c.out, ask->action);
    e = call_ask(&c, 0);
    e = e ? e : entries_read(c.answer.entries, out, n);
    if (!e) {
        *next = c.answer.next;
    }
    call_end(&c);
    return e;
}

static uint64_t anchor_int(const char *at)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++) {
        v |= (uint64_t)(unsigned char)at[i] << (8 * i);
    }
    return v;
}

enum err keeper_anchor(struct keeper *k, const struct token *t, const uint8_t writer[8], struct keeper_anchor *out, size_t *n,
                       struct buf *file)
{
    static const uint8_t none[8];
    struct call c;
    enum err e = call_begin(&c, k, OP_ANCHOR, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, (struct str){(const char *)(writer ? writer : none), 8});
    e = call_ask(&c, 0);
    if (!e && writer) {
        buf_put(file, c.answer.file);
        e = buf_ok(file);
    }
    for (*n = 0; !e && *n < c.answer.anchors.n / WIRE_ANCHOR_BYTES; ++*n) {
        const char *at = c.answer.anchors.at + *n * WIRE_ANCHOR_BYTES;
        memcpy(out[*n].writer, at, 8);
        out[*n].at = (int64_t)anchor_int(at + 8);
        out[*n].seq = anchor_int(at + 16);
        memcpy(out[*n].digest, at + 24, ANCHOR_DIGEST);
    }
    call_end(&c);
    return e;
}
