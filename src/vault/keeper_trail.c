// The client's half of TRAIL.
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
