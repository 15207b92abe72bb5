// The bytes of entries, heads and checkpoints; pure.
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "vault/chain.h"
#include "vault/keeper.h"

#define ENTRY_LABEL "isigurt.audit..1"
#define HEAD_LABEL "isigurt.head...1"
#define CHECKPOINT_LABEL "isigurt.checkp.1"

static uint64_t get_le(const uint8_t *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v |= (uint64_t)at[i] << (8 * i);
    }
    return v;
}

void entry_encode(const struct audit_line *line, struct buf *out)
{
    assert(line->n_detail <= AUDIT_DETAIL_MAX);
    buf_put(out, STR(ENTRY_LABEL));
    buf_put(out, STR_BYTES(line->writer));
    buf_put_le(out, line->seq, 8);
    buf_put_le(out, (uint64_t)line->at, 8);
    buf_put(out, STR_BYTES(line->person.b));
    buf_put(out, STR_BYTES(line->sid.b));
    buf_put_le(out, line->action, 2);
    buf_put_le(out, line->status, 2);
    buf_put(out, STR_BYTES(line->object.b));
    buf_put(out, STR_BYTES(line->object2.b));
    buf_put_le(out, line->n_detail, 4);
    buf_put(out, (struct str){(const char *)line->detail, line->n_detail});
}

enum err audit_decode(struct str entry, struct audit_line *out)
{
    const uint8_t *at = (const uint8_t *)entry.at;
    if (entry.n < ENTRY_FIXED || entry.n > ENTRY_BYTES_MAX || memcmp(at, ENTRY_LABEL, 16) != 0 ||
        get_le(at + 108, 4) != entry.n - ENTRY_FIXED) {
        return ERR_MALFORMED;
    }
    struct audit_line l = {.seq = get_le(at + 24, 8), .at = (int64_t)get_le(at + 32, 8), .action = (uint16_t)get_le(at + 72, 2),
                           .status = (uint16_t)get_le(at + 74, 2), .n_detail = entry.n - ENTRY_FIXED};
    memcpy(l.writer, at + 16, 8);
    memcpy(l.person.b, at + 40, 16);
    memcpy(l.sid.b, at + 56, 16);
    memcpy(l.object.b, at + 76, 16);
    memcpy(l.object2.b, at + 92, 16);
    memcpy(l.detail, at + ENTRY_FIXED, l.n_detail);
    *out = l;
    return OK;
}

void entry_hash(uint8_t out[32], const uint8_t previous[32], struct str entry)
{
    crypto_digest(out, 32, "isigurt.chain..1", NULL, CRYPTO_PARTS({(const char *)previous, 32}, entry));
}

void audit_item_hash(uint8_t out[32], struct str ciphertext)
{
    crypto_digest(out, 32, "isigurt.item...1", NULL, CRYPTO_PARTS(ciphertext));
}

const struct public_key *writer_key(const struct keeper_pub *pub, const uint8_t writer[8])
{
    for (size_t i = 0; i < pub->n_nodes; i++) {
        if (memcmp(pub->node[i].b, writer, 8) == 0) {
            return &pub->node[i];
        }
    }
    return NULL;
}

void writer_file(char out[static 32], const char *prefix, const uint8_t writer[8])
{
    snprintf(out, 32, "%s.%02x%02x%02x%02x%02x%02x%02x%02x", prefix, writer[0], writer[1], writer[2], writer[3], writer[4],
             writer[5], writer[6], writer[7]);
}

// file: body ‖ signature by the writer that the body names at offset 16.
static enum err verify_by_writer(struct str file, const struct keeper_pub *pub)
{
    const struct public_key *pk = writer_key(pub, (const uint8_t *)file.at + 16);
    if (!pk) {
        return ERR_TAMPERED;
    }
    return crypto_verify(pk, str_slice(file, 0, file.n - SIGN_BYTES), str_slice(file, file.n - SIGN_BYTES, file.n));
}

enum err head_parse(struct str file, const struct keeper_pub *pub, struct head_file *out)
{
    if (file.n != HEAD_BYTES || memcmp(file.at, HEAD_LABEL, 16) != 0) {
        return ERR_MALFORMED;
    }
    enum err e = verify_by_writer(file, pub);
    if (!e) {
        memcpy(out->writer, file.at + 16, 8);
        out->at.seq = get_le((const uint8_t *)file.at + 24, 8);
        memcpy(out->at.h, file.at + 32, 32);
    }
    return e;
}

void checkpoint_hash(uint8_t out[32], struct str body)
{
    crypto_digest(out, 32, "isigurt.checkp.1", NULL, CRYPTO_PARTS(body));
}

enum err checkpoint_parse(struct str file, const struct keeper_pub *pub, struct checkpoint *out)
{
    if (file.n < CHECKPOINT_FIXED + SIGN_BYTES || memcmp(file.at, CHECKPOINT_LABEL, 16) != 0) {
        return ERR_MALFORMED;
    }
    const uint8_t *at = (const uint8_t *)file.at;
    size_t n = get_le(at + 96, 4);
    if (n > KEEPER_NODES_MAX || file.n != CHECKPOINT_FIXED + n * 48 + SIGN_BYTES) {
        return ERR_MALFORMED;
    }
    enum err e = verify_by_writer(file, pub);
    if (e) {
        return e;
    }
    struct checkpoint c = {.at = (int64_t)get_le(at + 24, 8), .n = n};
    memcpy(c.writer, at + 16, 8);
    memcpy(c.previous, at + 32, 32);
    memcpy(c.directory, at + 64, 32);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *head = at + CHECKPOINT_FIXED + i * 48;
        memcpy(c.head[i].writer, head, 8);
        c.head[i].at.seq = get_le(head + 8, 8);
        memcpy(c.head[i].at.h, head + 16, 32);
    }
    *out = c;
    return OK;
}

void anchor_digest(uint8_t out[static ANCHOR_DIGEST], struct str file)
{
    uint8_t whole[32];
    crypto_digest(whole, sizeof whole, "isigurt.anchor.1", NULL, 1, &file);
    memcpy(out, whole, ANCHOR_DIGEST);
}

const char *anchor_text(const uint8_t digest[static ANCHOR_DIGEST], char out[static ANCHOR_TEXT])
{
    char *to = out;
    for (size_t i = 0; i < ANCHOR_DIGEST; i++) {
        to += snprintf(to, 4, i % 2 || i + 1 == ANCHOR_DIGEST ? "%02x%s" : "%02x", digest[i], i + 1 < ANCHOR_DIGEST ? " " : "");
    }
    return out;
}
