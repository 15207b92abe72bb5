// What desk_frame's keeper does with homes: makes one for its own unit, links a report under it. The keeper's own
// promises are tested with the vault; here only what casework makes of them.
#include <string.h>
#include "desk_frame.h"

enum err __wrap_keeper_seal_home(struct keeper *k, const struct token *t, struct record_ad *ad, struct str plain,
                                 const struct id *units,
                                 size_t n, struct buf *sealed, struct keeper_wrap *out);
enum err __wrap_keeper_link(struct keeper *k, const struct token *t, const struct keeper_path *parent,
                            const struct keeper_item *parent_item,
                            const struct keeper_path *child, const struct keeper_item *child_item,
                                uint8_t wrap[RECORD_WRAP_BYTES],
                            struct kid *kid);

enum err __wrap_keeper_seal_home(struct keeper *k, const struct token *t, struct record_ad *ad, struct str plain,
                                 const struct id *units,
                                 size_t n, struct buf *sealed, struct keeper_wrap *out)
{
    struct key key;
    (void)t;
    if (k->fails)
        return k->fails;
    if (n != 1 || !id_equal(units[0], k->unit_id))
        return ERR_NO_KEY;
    record_key(&key);
    ad->kid = record_kid(&key);
    out->epoch = 1;
    record_wrap_unit(out->sealed, &k->unit, &key);
    k->sealed++;
    return record_seal(sealed, &key, ad, plain);
}

// The key at the end of a path that is one unit step long, proved by an item under it.
static enum err home_key(struct keeper *k, const struct keeper_path *path, const struct keeper_item *item,
                         struct key *key)
{
    if (path->n != 1 || !id_equal(path->step[0].parent, k->unit_id) || !id_equal(item->ad.home, path->step[0].child))
        return ERR_NO_KEY;
    enum err e = crypto_unwrap(key, &k->unit, &k->unit_secret, path->step[0].sealed);
    struct buf plain;
    buf_init_secret(&plain, 1 << 17);
    if (!e)
        e = record_open(&plain, key, &item->ad, item->sealed);
    buf_free(&plain);
    return e ? ERR_TAMPERED : OK;
}

enum err __wrap_keeper_link(struct keeper *k, const struct token *t, const struct keeper_path *parent,
                            const struct keeper_item *parent_item,
                            const struct keeper_path *child, const struct keeper_item *child_item,
                                uint8_t wrap[RECORD_WRAP_BYTES],
                            struct kid *kid)
{
    struct key up, down;
    (void)t;
    enum err e = k->fails ? k->fails : home_key(k, parent, parent_item, &up);
    if (!e)
        e = home_key(k, child, child_item, &down);
    if (!e && (parent_item->ad.type != RECORD_CASE || child_item->ad.type != RECORD_REPORT))
        e = ERR_FORBIDDEN;
    if (e)
        return e;
    *kid = record_kid(&down);
    record_wrap_child(wrap, &up, parent->step[0].child, child->step[0].child, *kid, child_item->ad.generation, &down);
    return OK;
}
