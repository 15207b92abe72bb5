// The client's side of homes: new ones, wraps for another unit, links, a newer epoch, the protocol's version.
#include <string.h>
#include "vault/call.h"

static bool item_fits(const struct keeper_item *item)
{
    return item->sealed.n >= SEAL_EXTRA && item->sealed.n <= WIRE_SEALED_MAX;
}

static void put_item(struct call *c, const struct keeper_item *item)
{
    wire_put_ad(&c->out, &item->ad);
    wire_put(&c->out, item->sealed);
}

static void read_wraps(struct str wraps, size_t n, struct keeper_wrap *out)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = (const uint8_t *)wraps.at + i * WIRE_UNIT_WRAP_BYTES;
        out[i].epoch = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        memcpy(out[i].sealed, at + 4, BOX_BYTES);
    }
}

enum err keeper_seal_home(struct keeper *k, const struct token *t, struct record_ad *ad, struct str plain, const struct id *units,
                          size_t n, struct buf *sealed, struct keeper_wrap *out)
{
    const struct keeper_path none = {0};
    if (plain.n > RECORD_ITEM_MAX || n < 1 || n > KEEPER_UNITS_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_SEAL, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, &none);
    wire_put_ad(&c.out, ad);
    wire_put(&c.out, plain);
    buf_put_le(&c.out, 16 * n, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(&c.out, id_bytes(&units[i]));
    }
    e = call_ask(&c, n);
    if (!e) {
        buf_put(sealed, c.answer.sealed);
        e = buf_ok(sealed);
    }
    if (!e) {
        ad->kid = c.answer.kid;
        read_wraps(c.answer.wraps, n, out);
    }
    call_end(&c);
    return e;
}

enum err keeper_grant(struct keeper *k, const struct token *t, const struct keeper_path *path, const struct keeper_item *item,
                      struct id unit, uint16_t ground, struct id basis, struct keeper_wrap *out)
{
    if (!call_path_fits(path) || !item_fits(item)) {
        return ERR_MALFORMED;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_GRANT, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, path);
    put_item(&c, item);
    wire_put(&c.out, id_bytes(&unit));
    wire_put_u16(&c.out, ground);
    wire_put(&c.out, id_bytes(&basis));
    e = call_ask(&c, 0);
    if (!e) {
        read_wraps(c.answer.wraps, 1, out);
    }
    call_end(&c);
    return e;
}

enum err keeper_link(struct keeper *k, const struct token *t, const struct keeper_path *parent, const struct keeper_item *parent_item,
                     const struct keeper_path *child, const struct keeper_item *child_item, uint8_t wrap[RECORD_WRAP_BYTES],
                     struct kid *kid)
{
    if (!call_path_fits(parent) || !call_path_fits(child) || !item_fits(parent_item) || !item_fits(child_item)) {
        return ERR_MALFORMED;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_LINK, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, parent);
    put_item(&c, parent_item);
    wire_put_path(&c.out, child);
    put_item(&c, child_item);
    e = call_ask(&c, 0);
    if (!e) {
        memcpy(wrap, c.answer.sealed.at, RECORD_WRAP_BYTES);
        *kid = c.answer.kid;
    }
    call_end(&c);
    return e;
}

static void put_child(struct buf *out, const struct keeper_child *c)
{
    buf_put(out, id_bytes(&c->child));
    buf_put(out, STR_BYTES(c->kid.b));
    buf_put_le(out, c->generation, 8);
    buf_put(out, STR_BYTES(c->wrap));
}

static void read_children(struct str from, struct keeper_rekey *r)
{
    memcpy(r->own, from.at, RECORD_WRAP_BYTES);
    for (size_t i = 0; i < r->n_children; i++) {
        memcpy(r->child[i].wrap, from.at + (i + 1) * RECORD_WRAP_BYTES, RECORD_WRAP_BYTES);
    }
}

enum err keeper_rekey(struct keeper *k, const struct token *t, const struct keeper_path *path, const struct keeper_item *item,
                      struct record_ad *ad, struct str plain, struct keeper_rekey *r, struct buf *sealed)
{
    if (!call_path_fits(path) || !item_fits(item)) {
        return ERR_MALFORMED;
    }
    if (plain.n > RECORD_ITEM_MAX || r->n_units < 1 || r->n_units > KEEPER_UNITS_MAX || r->n_children > KEEPER_CHILDREN_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_REKEY, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, path);
    put_item(&c, item);
    wire_put(&c.out, id_bytes(&r->leaver));
    buf_put_le(&c.out, 16 * r->n_units, 4);
    for (size_t i = 0; i < r->n_units; i++) {
        buf_put(&c.out, id_bytes(&r->units[i]));
    }
    wire_put_ad(&c.out, ad);
    wire_put(&c.out, plain);
    buf_put_le(&c.out, r->n_children * WIRE_CHILD_BYTES, 4);
    for (size_t i = 0; i < r->n_children; i++) {
        put_child(&c.out, &r->child[i]);
    }
    e = call_ask(&c, r->n_units);
    if (!e) {
        buf_put(sealed, c.answer.sealed);
        e = c.answer.children.n == (r->n_children + 1) * RECORD_WRAP_BYTES ? buf_ok(sealed) : ERR_AWAY;
    }
    if (!e) {
        ad->kid = c.answer.kid;
        read_wraps(c.answer.wraps, r->n_units, r->wrap);
        read_children(c.answer.children, r);
    }
    call_end(&c);
    return e;
}

enum err keeper_rewrap(struct keeper *k, const struct token *t, struct id unit, uint32_t epoch, const uint8_t (*old)[BOX_BYTES],
                       size_t n, struct keeper_wrap *out)
{
    const struct id nobody = {{0}};
    if (n < 1 || n > KEEPER_WRAPS_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_ROTATE, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put(&c.out, id_bytes(&nobody));
    wire_put_u8(&c.out, 1);
    wire_put_u32(&c.out, epoch);
    wire_put(&c.out, (struct str){(const char *)old, n * BOX_BYTES});
    e = call_ask(&c, n);
    if (!e) {
        read_wraps(c.answer.wraps, n, out);
    }
    call_end(&c);
    return e;
}

enum err keeper_agree(struct keeper *k, const struct token *t, struct id unit, uint32_t version)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_AGREE, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put_u32(&c.out, version);
    return call_plain(&c);
}
