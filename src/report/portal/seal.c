// Sealing a report in the moment it is sent (docs/protocol.md, "Records" and "Receipt").
#include "base/url.h"
#include <string.h>
#include "report/portal/portal.h"

#define TAG_ARENA 65536 // the compared account: at most a few times what was typed

static const uint8_t no_digest[32];

static enum err seal_item(struct report_sealed *s, const struct key *k, struct str plain)
{
    struct record_ad ad;
    report_item_ad(&ad, s->id, s->kid, &s->clear);
    return record_seal(&s->item, k, &ad, plain);
}

// The page by which others find the same one: the address where there is one, otherwise the account.
static enum err seal_tags(struct report_sealed *s, const struct report_content *c, const struct ephemeral *from,
                          const struct public_key *tag_key)
{
    uint8_t page[32], host[32];
    enum err e = OK;
    memcpy(host, no_digest, sizeof host);
    if (c->page.n > 0) {
        page_digest(page, PAGE_ADDRESS, c->page);
        if (c->host.n > 0)
            page_digest(host, PAGE_HOST, c->host);
    } else if (c->account.n > 0) {
        struct arena *a = NULL;
        e = arena_new(TAG_ARENA, &a);
        if (e)
            return e;
        struct str account = url_account_compare(a, c->app, c->account);
        e = arena_failed(a) ? ERR_MEMORY : OK;
        if (!e)
            page_digest(page, PAGE_ACCOUNT, account);
        arena_free(&a);
    } else {
        return OK;
    }
    if (!e)
        page_box(&s->tag_box, from, tag_key, page, host);
    crypto_wipe(page, sizeof page);
    crypto_wipe(host, sizeof host);
    return e ? e : buf_ok(&s->tag_box);
}

// A professional's mark binds who reported, so that the acknowledgement can show it (vault/acknowledge.h).
static void mark(const struct report_content *c, const struct receipt *receipt, struct str plain, struct report_mark *out)
{
    receipt_lookup(receipt, out->lookup);
    receipt_content(receipt, plain, out->content);
    if (c->institution.n > 0) {
        uint8_t rest[16];
        memcpy(rest, out->content, sizeof rest);
        acknowledgement_bind(out->content, rest, c->institution, c->function);
        crypto_wipe(rest, sizeof rest);
    }
}

enum err report_rest(const struct report_content *c, const struct receipt *receipt, uint8_t out[16])
{
    struct buf plain;
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1024);
    enum err e = report_content_write(&plain, c);
    if (!e)
        receipt_content(receipt, buf_str(&plain), out);
    buf_free(&plain);
    return e;
}

enum err report_mark_of(const struct report_content *c, const struct receipt *receipt, struct report_mark *out)
{
    struct buf plain;
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1024);
    enum err e = report_content_write(&plain, c);
    if (!e)
        mark(c, receipt, buf_str(&plain), out);
    buf_free(&plain);
    return e;
}

enum err report_seal(const struct report_content *c, const struct report_clear *clear, const struct directory_unit *duty,
                     const struct public_key *tag_key, const struct receipt *receipt, struct report_sealed *out)
{
    struct key k = {0}, kt = {0};
    struct ephemeral from; // one for both wraps of this report
    struct buf plain;
    buf_init_secret(&plain, RECORD_ITEM_MAX + 1024);
    *out = (struct report_sealed){.id = id_random(), .thread = id_random(), .unit = duty->unit, .epoch = duty->epoch, .clear = *clear};
    buf_init(&out->item, RECORD_ITEM_MAX + 1 + SEAL_EXTRA + 65536);
    buf_init(&out->tag_box, PAGE_BOX_BYTES);
    crypto_ephemeral(&from);
    record_key(&k);
    receipt_thread_key(receipt, &kt);
    out->kid = record_kid(&k);
    out->thread_kid = record_kid(&kt);
    enum err e = report_content_write(&plain, c);
    if (e)
        goto out;
    e = seal_item(out, &k, buf_str(&plain));
    if (e)
        goto out;
    e = seal_tags(out, c, &from, tag_key);
    if (e)
        goto out;
    crypto_wrap_from(out->unit_wrap, &from, &duty->pk, STR_BYTES(k.b));
    record_wrap_child(out->thread_wrap, &k, out->id, out->thread, out->thread_kid, 0, &kt);
    mark(c, receipt, buf_str(&plain), &out->mark);
    out->acknowledge = c->institution.n > 0;
out:
    crypto_wipe(&k, sizeof k);
    crypto_wipe(&kt, sizeof kt);
    crypto_wipe(&from, sizeof from);
    buf_free(&plain);
    return e;
}

void report_sealed_free(struct report_sealed *s)
{
    buf_free(&s->item);
    buf_free(&s->tag_box);
}
