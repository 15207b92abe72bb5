#include "crypto/stream.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define A crypto_secretstream_xchacha20poly1305_ABYTES
static const char magic[16] = {'i', 's', 'i', 'g', 'u', 'r', 't', '.', 's', 't', 'r', 'e', 'a', 'm', '.', '1'};

struct stream_out {
    crypto_secretstream_xchacha20poly1305_state state;
    stream_write_fn *write;
    void *ctx;
    size_t n;
    unsigned char plain[STREAM_CHUNK], sealed[4 + STREAM_CHUNK + A];
};

enum err stream_out_new(const struct public_key *to, stream_write_fn *write, void *ctx, struct stream_out **out)
{
    unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    uint8_t box[BOX_BYTES];
    struct key key;
    struct stream_out *s = secret_new(sizeof *s);
    s->write = write;
    s->ctx = ctx;
    s->n = 0;
    crypto_secretstream_xchacha20poly1305_keygen(key.b);
    crypto_wrap(box, to, &key);
    crypto_secretstream_xchacha20poly1305_init_push(&s->state, header, key.b);
    crypto_wipe(&key, sizeof key);
    enum err e = write(ctx, STR_BYTES(magic));
    if (!e)
        e = write(ctx, STR_BYTES(box));
    if (!e)
        e = write(ctx, STR_BYTES(header));
    if (e)
        secret_free(s);
    else
        *out = s;
    return e;
}

static enum err push(struct stream_out *s, unsigned char tag)
{
    unsigned long long sealed;
    crypto_secretstream_xchacha20poly1305_push(&s->state, s->sealed + 4, &sealed, s->plain, s->n, NULL, 0, tag);
    for (int i = 0; i < 4; i++)
        s->sealed[i] = (unsigned char)(sealed >> (8 * i));
    s->n = 0;
    return s->write(s->ctx, (struct str){(const char *)s->sealed, 4 + (size_t)sealed});
}

enum err stream_out_put(struct stream_out *s, struct str plain)
{
    while (plain.n) {
        size_t n = STREAM_CHUNK - s->n < plain.n ? STREAM_CHUNK - s->n : plain.n;
        memcpy(s->plain + s->n, plain.at, n);
        s->n += n;
        plain = str_slice(plain, n, plain.n);
        if (s->n == STREAM_CHUNK) {
            enum err e = push(s, 0);
            if (e)
                return e;
        }
    }
    return OK;
}

void stream_out_drop(struct stream_out **s)
{
    if (*s)
        secret_free(*s);
    *s = NULL;
}

enum err stream_out_end(struct stream_out **s)
{
    enum err e = push(*s, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    stream_out_drop(s);
    return e;
}

struct stream_in {
    crypto_secretstream_xchacha20poly1305_state state;
    stream_read_fn *read;
    void *ctx;
    bool ended;
    unsigned char plain[STREAM_CHUNK], sealed[STREAM_CHUNK + A];
};

enum err stream_in_new(const struct public_key *pk, const struct key *sk, stream_read_fn *read, void *ctx, struct stream_in **out)
{
    unsigned char head[sizeof magic + BOX_BYTES + crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    struct key key;
    enum err e = read(ctx, head, sizeof head);
    if (e || memcmp(head, magic, sizeof magic) != 0)
        return e == ERR_TAMPERED || !e ? ERR_MALFORMED : e;
    e = crypto_unwrap(&key, pk, sk, (struct str){(const char *)head + sizeof magic, BOX_BYTES});
    if (e)
        return e;
    struct stream_in *s = secret_new(sizeof *s);
    s->read = read;
    s->ctx = ctx;
    s->ended = false;
    int bad = crypto_secretstream_xchacha20poly1305_init_pull(&s->state, head + sizeof magic + BOX_BYTES, key.b);
    crypto_wipe(&key, sizeof key);
    if (bad) {
        secret_free(s);
        return ERR_TAMPERED;
    }
    *out = s;
    return OK;
}

enum err stream_in_next(struct stream_in *s, struct str *plain, bool *end)
{
    unsigned char length[4], tag;
    unsigned long long n;
    if (s->ended)
        return ERR_BUG;
    enum err e = s->read(s->ctx, length, sizeof length);
    if (e)
        return e;
    size_t sealed = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (sealed < A || sealed > sizeof s->sealed)
        return ERR_TAMPERED;
    e = s->read(s->ctx, s->sealed, sealed);
    if (e)
        return e;
    if (crypto_secretstream_xchacha20poly1305_pull(&s->state, s->plain, &n, &tag, s->sealed, sealed, NULL, 0))
        return ERR_TAMPERED;
    s->ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    *plain = (struct str){(const char *)s->plain, (size_t)n};
    *end = s->ended;
    return OK;
}

void stream_in_free(struct stream_in **s)
{
    if (*s)
        secret_free(*s);
    *s = NULL;
}

static enum err put_bytes(void *ctx, struct str bytes)
{
    struct buf *b = ctx;
    buf_put(b, bytes);
    return buf_ok(b);
}

enum err stream_seal(const struct public_key *to, struct str plain, struct buf *out)
{
    struct stream_out *s = NULL;
    enum err e = stream_out_new(to, put_bytes, out, &s);
    if (!e)
        e = stream_out_put(s, plain);
    if (!e)
        return stream_out_end(&s);
    stream_out_drop(&s);
    return e;
}

enum err stream_take(void *ctx, void *into, size_t n)
{
    struct str *rest = ctx;
    if (rest->n < n)
        return ERR_TAMPERED;
    memcpy(into, rest->at, n);
    *rest = str_slice(*rest, n, rest->n);
    return OK;
}

enum err stream_open(const struct public_key *pk, const struct key *sk, struct str sealed, struct buf *out)
{
    struct stream_in *s = NULL;
    size_t before = out->n;
    bool end = false;
    enum err e = stream_in_new(pk, sk, stream_take, &sealed, &s);
    while (!e && !end) {
        struct str piece;
        e = stream_in_next(s, &piece, &end);
        if (!e)
            buf_put(out, piece);
        e = e ? e : buf_ok(out);
    }
    stream_in_free(&s);
    if (!e && sealed.n)
        e = ERR_TAMPERED;
    if (e)
        out->n = before;
    return e;
}
