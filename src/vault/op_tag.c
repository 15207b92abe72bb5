// Tags of the same page (docs/protocol.md 6): given once a report.
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"

enum tag_state { TAG_FRESH, TAG_REPEATED, TAG_REFUSED };

struct tag_one {
    struct id report;
    uint8_t box[16], item[32], answer[32];
    bool opened; // the box held two digests
    enum tag_state state;
};

struct tag_batch {
    struct server *server;
    int64_t now;
    size_t n;
    struct tag_one one[WIRE_TAGS_MAX];
    bool appended;
    struct chain_at written;
};

static void tag_of(const struct vault_keys *keys, uint8_t out[16], const uint8_t digest[32])
{
    static const uint8_t none[32];
    if (crypto_equal(digest, none, 32)) {
        memset(out, 0, 16);
    } else {
        crypto_digest(out, 16, "isigurt.tag....1", &keys->tag, CRYPTO_PARTS({(const char *)digest, 32}));
    }
}

static void tag_open(const struct vault_keys *keys, const char *from, struct tag_one *t)
{
    struct str box = {from + 16, WIRE_BOX_BYTES};
    uint8_t both[64];
    struct buf b = {.at = (char *)both, .cap = sizeof both, .max = sizeof both};
    memcpy(t->report.b, from, 16);
    memcpy(t->item, from + 16 + WIRE_BOX_BYTES, 32);
    crypto_digest(t->box, 16, "isigurt.tagbox.1", NULL, CRYPTO_PARTS(box));
    t->opened = crypto_unwrap_bytes(&b, &keys->tag_pk, &keys->tag_sk, box) == OK && b.n == sizeof both;
    if (t->opened) {
        tag_of(keys, t->answer, both);
        tag_of(keys, t->answer + 16, both + 32);
    }
    crypto_wipe(both, sizeof both);
}

static bool tag_same(const struct tag_one *t, const uint8_t box[16], const uint8_t item[32])
{
    return memcmp(t->box, box, 16) == 0 && memcmp(t->item, item, 32) == 0;
}

static enum err tag_state_of(struct db *db, struct tag_batch *b, size_t i)
{
    struct tag_one *t = &b->one[i];
    struct tagged_row row;
    if (!t->opened) {
        t->state = TAG_REFUSED;
        return OK;
    }
    for (size_t before = 0; before < i; before++) { // the same report twice in one batch
        const struct tag_one *o = &b->one[before];
        if (o->state == TAG_FRESH && id_equal(o->report, t->report)) {
            t->state = tag_same(t, o->box, o->item) ? TAG_REPEATED : TAG_REFUSED;
            return OK;
        }
    }
    enum err e = tagged_get(db, &b->server->keys->row, t->report, &row);
    if (e == ERR_NOT_FOUND) {
        t->state = TAG_FRESH;
        return OK;
    }
    t->state = !e && tag_same(t, row.box, row.item) ? TAG_REPEATED : TAG_REFUSED;
    return e;
}

static enum err tag_append(struct db *db, struct tag_batch *b, uint32_t count, const uint8_t digest[32], const struct id *refused)
{
    struct audit_line line = {.at = clock_minute(b->now), .action = AUDIT_TAG};
    if (refused) {
        line.status = STATUS_NOT_PERMITTED;
        line.object = *refused;
    }
    struct buf detail = {.at = (char *)line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
    buf_put_le(&detail, count, 4);
    if (digest) {
        buf_put(&detail, (struct str){(const char *)digest, 32});
    }
    line.n_detail = detail.n;
    enum err e = chain_append(b->server->chain, db, &line, &b->written);
    b->appended = b->appended || !e;
    return e;
}

static enum err tag_run(struct db *db, void *arg)
{
    struct tag_batch *b = arg;
    struct str part[2 * WIRE_TAGS_MAX];
    uint32_t fresh = 0, refused = 0;
    const struct id *first_refused = NULL;
    enum err e = OK;
    b->appended = false;
    for (size_t i = 0; !e && i < b->n; i++) {
        struct tag_one *t = &b->one[i];
        e = tag_state_of(db, b, i);
        if (t->state == TAG_FRESH) {
            part[2 * fresh] = id_bytes(&t->report);
            part[2 * fresh + 1] = STR_BYTES(t->item);
            fresh++;
        } else if (t->state == TAG_REFUSED) {
            first_refused = refused++ ? first_refused : &t->report;
        }
    }
    if (!e && refused) {
        e = tag_append(db, b, refused, NULL, first_refused);
    }
    if (!e && fresh) {
        uint8_t digest[32];
        crypto_digest(digest, 32, "isigurt.tagged.1", NULL, 2 * (size_t)fresh, part);
        e = tag_append(db, b, fresh, digest, NULL);
    }
    int64_t place = 0;
    for (size_t i = 0; !e && i < b->n; i++) {
        const struct tag_one *t = &b->one[i];
        if (t->state == TAG_FRESH) {
            struct tagged_row row = {.report = t->report, .seq = b->written.seq, .place = place++};
            memcpy(row.box, t->box, 16);
            memcpy(row.item, t->item, 32);
            memcpy(row.writer, chain_writer(b->server->chain), 8);
            e = tagged_put(db, &b->server->keys->row, &row);
        }
    }
    return e;
}

enum err op_tag(struct work *w)
{
    struct str tags = w->x->rq.tags;
    struct tag_batch b = {.server = w->server, .now = clock_now(), .n = tags.n / WIRE_TAG_BYTES};
    for (size_t i = 0; i < b.n; i++) {
        tag_open(w->server->keys, tags.at + i * WIRE_TAG_BYTES, &b.one[i]);
    }
    enum err e = store_write(w->server->o.store, tag_run, &b);
    if (e) {
        return e;
    }
    if (b.appended) {
        chain_committed(w->server->chain, &b.written);
    }
    buf_put_le(w->out, b.n * WIRE_TAG_ANSWER_BYTES, 4);
    for (size_t i = 0; i < b.n; i++) {
        static const uint8_t zero[32];
        bool refused = b.one[i].state == TAG_REFUSED;
        if (refused) {
            log_event(LOG_ALARM, "tag-refused", LOG_ID("report", b.one[i].report));
        }
        buf_put_le(w->out, refused, 1);
        buf_put(w->out, (struct str){(const char *)(refused ? zero : b.one[i].answer), 32});
    }
    return buf_ok(w->out);
}
