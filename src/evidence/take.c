// A file comes in: looked at, sealed under a fresh key, and nothing of it kept in the clear.
#include <stdio.h>
#include <string.h>
#include "base/config.h"
#include "base/file.h"
#include "crypto/stream.h"
#include "evidence/inside.h"

#define MIB (1024 * 1024)
#define PATH_BYTES 600
#define NAME_CTX "isgfile1"
#define AD_BYTES 32

struct str evidence_name(struct req *rq, struct str sent)
{
    for (size_t i = sent.n; i > 0; i--)
        if (sent.at[i - 1] == '/' || sent.at[i - 1] == '\\') {
            sent = str_slice(sent, i, sent.n);
            break;
        }
    if (sent.n == 0 || sent.n > NAME_BYTES || !str_utf8_valid(sent) || str_has_control(sent, false))
        return text_get(rq->lang, MSG_EVIDENCE_FILE);
    return sent;
}

bool evidence_disk_low(const struct config *c, size_t size)
{
    char dir[PATH_BYTES];
    uint64_t room = 0;
    if (!c || strncmp(c->store, "sqlite:", 7) != 0)
        return false;
    snprintf(dir, sizeof dir, "%s/desk", c->store + 7);
    if (file_free_bytes(dir, &room) != OK)
        return false;
    // twice what the portal wants, and the file as it lies in row, log and memory
    return room < (uint64_t)(2 * c->disk_free_mb + c->disk_reserve_mb) * MIB + 3 * (uint64_t)size;
}

static struct str name_ad(const struct keeper_file *f, uint8_t out[AD_BYTES])
{
    memcpy(out, "isigurt.filenam1", 16);
    memcpy(out + 16, f->id.b, 16);
    return (struct str){(const char *)out, AD_BYTES};
}

void evidence_name_seal(const struct keeper_file *f, struct str name, struct buf *out)
{
    uint8_t ad[AD_BYTES];
    struct key k;
    crypto_derive(k.b, KEY_BYTES, 1, NAME_CTX, &f->seed);
    crypto_seal(out, &k, name_ad(f, ad), name);
    crypto_wipe(&k, sizeof k);
}

enum err evidence_name_open(const struct keeper_file *f, struct str sealed, struct buf *out)
{
    uint8_t ad[AD_BYTES];
    struct key k;
    crypto_derive(k.b, KEY_BYTES, 1, NAME_CTX, &f->seed);
    enum err e = crypto_open(out, &k, name_ad(f, ad), sealed);
    crypto_wipe(&k, sizeof k);
    return e;
}

static enum err bytes_seal(struct str bytes, struct evidence_new *x)
{
    struct public_key pk;
    struct key sk;
    crypto_pair(&pk, &sk, &x->file.seed);
    crypto_wipe(&sk, sizeof sk);
    return stream_seal(&pk, bytes, &x->sealed);
}

enum err evidence_take(struct req *rq, const struct evidence_of *of, struct evidence_new *out)
{
    size_t size = rq->upload.bytes.n;
    *out = (struct evidence_new){.of = *of, .size = (int64_t)size, .file = {.id = id_random()}};
    buf_init(&out->sealed, SEALED_MAX);
    buf_init(&out->name, SEALED_NAME_MAX);
    if (!rq->upload.sent || size == 0)
        return req_refuse(rq, "file", MSG_EVIDENCE_NONE);
    if (size > EVIDENCE_BYTES)
        return req_refuse(rq, "file", MSG_EVIDENCE_LARGE);
    if (evidence_disk_low(rq->sv->config, size))
        return req_notice(rq, ERR_FULL, MSG_EVIDENCE_DISK);
    if (!evidence_sniff(rq->upload.bytes, &out->kind))
        return req_refuse(rq, "file", MSG_EVIDENCE_TYPE);
    struct str name = evidence_name(rq, rq->upload.name);
    if (evidence_name_lies(name, &out->kind))
        return req_refuse(rq, "file", MSG_EVIDENCE_LIES);
    enum err e = keeper_files(rq->sv->keeper, &rq->token, KEEPER_FILE_NEW, of->kind, of->thing, &out->file, 1);
    if (!e) {
        evidence_name_seal(&out->file, name, &out->name);
        e = buf_ok(&out->name);
    }
    e = e ? e : bytes_seal(rq->upload.bytes, out);
    crypto_wipe(&out->file.seed, sizeof out->file.seed);
    return e;
}

void evidence_new_free(struct evidence_new *x)
{
    buf_free(&x->sealed);
    buf_free(&x->name);
}

enum err evidence_refuse_many(struct req *rq)
{
    return req_refuse_number(rq, "file", MSG_EVIDENCE_MANY, EVIDENCE_MAX);
}
