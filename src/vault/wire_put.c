#include "vault/wire.h"

static const struct { enum err err; uint8_t status; } statuses[] = {
    {OK, STATUS_OK},
    {ERR_MALFORMED, STATUS_MALFORMED},
    {ERR_UNAUTHENTICATED, STATUS_NO_SESSION},
    {ERR_FORBIDDEN, STATUS_NOT_PERMITTED},
    {ERR_NO_KEY, STATUS_NO_KEY},
    {ERR_LIMITED, STATUS_BUDGET},
    {ERR_TAMPERED, STATUS_TAMPERED},
    {ERR_AWAY, STATUS_STORE_AWAY},
    {ERR_FULL, STATUS_BUSY},
    {ERR_CONFLICT, STATUS_CONFLICT},
    {ERR_NOT_FOUND, STATUS_NOT_FOUND},
    {ERR_INVALID, STATUS_INVALID},
};

bool wire_op_slow(uint8_t op)
{
    return op == OP_SIGNIN || op == OP_PASSWORD || op == OP_PERSON;
}

uint8_t wire_status_of(enum err e)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].err == e) {
            return statuses[i].status;
        }
    }
    return e == ERR_TOO_LARGE ? STATUS_MALFORMED : STATUS_STORE_AWAY; // memory, I/O: not now
}

enum err wire_err_of(uint8_t status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status) {
            return statuses[i].err;
        }
    }
    return ERR_MALFORMED;
}

static void put_head(struct buf *out, uint8_t second, uint32_t call)
{
    buf_put_le(out, 1, 1);
    buf_put_le(out, second, 1);
    buf_put_le(out, 0, 2);
    buf_put_le(out, call, 4);
}

void wire_request_head(struct buf *out, uint8_t op, uint32_t call, const struct token *t)
{
    static const struct token none;
    put_head(out, op, call);
    buf_put(out, STR_BYTES((t ? t : &none)->b));
}

void wire_answer_head(struct buf *out, uint8_t status, uint32_t call)
{
    put_head(out, status, call);
}

void wire_put(struct buf *out, struct str f)
{
    buf_put_le(out, f.n, 4);
    buf_put(out, f);
}

static void put_int(struct buf *out, uint64_t v, size_t n)
{
    buf_put_le(out, n, 4);
    buf_put_le(out, v, n);
}

void wire_put_u8(struct buf *out, uint8_t v)
{
    put_int(out, v, 1);
}

void wire_put_u16(struct buf *out, uint16_t v)
{
    put_int(out, v, 2);
}

void wire_put_u32(struct buf *out, uint32_t v)
{
    put_int(out, v, 4);
}

void wire_put_u64(struct buf *out, uint64_t v)
{
    put_int(out, v, 8);
}

void wire_put_path(struct buf *out, const struct keeper_path *path)
{
    size_t n = 1;
    for (size_t i = 0; i < path->n; i++) {
        n += 1 + (path->step[i].unit ? 16 + 16 + 4 + 8 : 16 + 16 + 16 + 8) + path->step[i].sealed.n;
    }
    buf_put_le(out, n, 4);
    buf_put_le(out, path->n, 1);
    for (size_t i = 0; i < path->n; i++) {
        const struct keeper_step *s = &path->step[i];
        buf_put_le(out, s->unit ? 1 : 2, 1);
        buf_put(out, id_bytes(&s->parent));
        buf_put(out, id_bytes(&s->child));
        if (s->unit) {
            buf_put_le(out, s->epoch, 4);
        } else {
            buf_put(out, STR_BYTES(s->kid.b));
        }
        buf_put_le(out, s->generation, 8);
        buf_put(out, s->sealed);
    }
}

void wire_put_ad(struct buf *out, const struct record_ad *ad)
{
    uint8_t bytes[RECORD_AD_BYTES];
    record_ad_bytes(ad, bytes);
    wire_put(out, (struct str){(const char *)bytes + 16, WIRE_AD_BYTES});
}

void wire_put_session(struct buf *out, const struct keeper_session *s)
{
    buf_put_le(out, WIRE_SESSION_FIXED + 16 * s->n_units, 4);
    buf_put(out, id_bytes(&s->person));
    buf_put(out, id_bytes(&s->sid));
    buf_put_le(out, s->roles, 4);
    buf_put_le(out, (uint64_t)s->created, 8);
    buf_put_le(out, (uint64_t)s->expires, 8);
    buf_put_le(out, s->n_units, 1);
    for (size_t i = 0; i < s->n_units; i++) {
        buf_put(out, id_bytes(&s->units[i]));
    }
}

void wire_put_at(struct buf *out, const struct keeper_audit_at *at)
{
    wire_put(out, STR_BYTES(at->writer));
    put_int(out, at->seq, 8);
}
