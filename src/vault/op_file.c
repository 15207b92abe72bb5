// FILE: keys of evidence files that lie beside values of the plan and rows of registers. Those have no home whose units hold a
// key, since whoever answers for the plan need be in no unit: the key of each file is wrapped under the keeper's own, KM8.
#include <string.h>
#include "base/rand.h"
#include "vault/home.h"

#define AD_BYTES (16 + 1 + 16 + 16)

static enum perm file_perm(const struct wire_request *q)
{
    if (q->kind == KEEPER_FILE_VALUE) {
        return PERM_PLAN_ENTER;
    }
    return q->what == KEEPER_FILE_NEW ? PERM_REGISTER_EDIT : PERM_REGISTER_READ;
}

static struct str file_ad(const struct wire_request *q, const char *file, uint8_t out[AD_BYTES])
{
    memcpy(out, "isigurt.filekey1", 16);
    out[16] = q->kind;
    memcpy(out + 17, q->object.b, 16);
    memcpy(out + 33, file, 16);
    return (struct str){(const char *)out, AD_BYTES};
}

static enum err file_new(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    uint8_t ad[AD_BYTES], wrap[KEEPER_FILE_WRAP];
    struct buf sealed = {.at = (char *)wrap, .cap = sizeof wrap, .max = sizeof wrap};
    rand_bytes(w->x->seed.b, KEY_BYTES);
    crypto_seal(&sealed, &w->server->keys->file, file_ad(q, q->files.at, ad), STR_BYTES(w->x->seed.b));
    wire_put(w->out, STR_BYTES(w->x->seed.b));
    wire_put(w->out, buf_str(&sealed));
    return buf_ok(&sealed) ? ERR_BUG : buf_ok(w->out);
}

static enum err files_open(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    size_t n = q->files.n / 16;
    enum err e = OK;
    buf_put_le(w->out, n * KEY_BYTES, 4);
    for (size_t i = 0; !e && i < n; i++) {
        uint8_t ad[AD_BYTES];
        struct str wrap = str_slice(q->file_wraps, i * KEEPER_FILE_WRAP, (i + 1) * KEEPER_FILE_WRAP);
        e = crypto_open(w->out, &w->server->keys->file, file_ad(q, q->files.at + i * 16, ad), wrap);
    }
    wire_put(w->out, STR(""));
    return e ? e : buf_ok(w->out);
}

enum err op_file(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    struct gate *g = w->gate;
    gate_begin(w, file_perm(q), AUDIT_FILE);
    g->line.object = q->object;
    if (q->what != KEEPER_FILE_LIST) {
        memcpy(g->line.object2.b, q->files.at, 16);
    }
    struct buf detail = gate_detail(g);
    buf_put_le(&detail, q->kind, 1);
    buf_put_le(&detail, q->what, 1);
    buf_put_le(&detail, q->files.n / 16, 1);
    g->line.n_detail = detail.n;
    g->write = true;
    g->budget = q->what == KEEPER_FILE_READ;
    g->purpose = PURPOSE_FILE;
    enum err e = gate_pass_strict(g);
    if (e) {
        w->retry = e == ERR_LIMITED ? (uint32_t)g->retry : 0;
        return e;
    }
    e = q->what == KEEPER_FILE_NEW ? file_new(w) : files_open(w);
    if (e == ERR_TAMPERED) {
        gate_note(g, e);
    }
    return e;
}
