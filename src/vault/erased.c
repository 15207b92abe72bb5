#include "vault/erased.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "vault/chain.h"

#define PATH_MOST 4096
#define LABEL "isigurt.erased.1"
#define AT_ONCE 64 // lines written by one call of write(2)

static void statement(uint8_t out[16 + ERASED_BODY], const uint8_t body[ERASED_BODY])
{
    memcpy(out, LABEL, 16);
    memcpy(out + 16, body, ERASED_BODY);
}

void erased_put(uint8_t out[static ERASED_BYTES], const struct sign_key *node, const struct erased_line *l)
{
    uint8_t said[16 + ERASED_BODY];
    out[0] = l->kind;
    memcpy(out + 1, l->id.b, 16);
    memcpy(out + 17, l->hash, 32);
    for (size_t i = 0; i < 8; i++) {
        out[49 + i] = (uint8_t)((uint64_t)l->day >> 8 * i);
    }
    statement(said, out);
    crypto_signature(out + ERASED_BODY, node, STR_BYTES(said));
}

enum err erased_read(struct str bytes, const struct keeper_pub *pub, struct erased_line *out)
{
    const uint8_t *at = (const uint8_t *)bytes.at;
    uint8_t said[16 + ERASED_BODY];
    if (bytes.n != ERASED_BYTES || (at[0] != ERASED_REPORT && at[0] != ERASED_CASE)) {
        return ERR_MALFORMED;
    }
    struct erased_line l = {.kind = at[0]};
    uint64_t day = 0;
    memcpy(l.id.b, at + 1, 16);
    memcpy(l.hash, at + 17, 32);
    for (size_t i = 0; i < 8; i++) {
        day |= (uint64_t)at[49 + i] << 8 * i;
    }
    l.day = (int64_t)day;
    statement(said, at);
    enum err e = ERR_TAMPERED;
    for (size_t i = 0; e && i < pub->n_nodes; i++) {
        e = crypto_verify(&pub->node[i], STR_BYTES(said), (struct str){bytes.at + ERASED_BODY, SIGN_BYTES});
    }
    if (!e) {
        *out = l;
    }
    return e;
}

static enum err write_all(int fd, const uint8_t *at, size_t n)
{
    while (n) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno != EINTR) {
            return errno == ENOSPC ? ERR_FULL : ERR_IO;
        }
        if (done > 0) {
            at += done;
            n -= (size_t)done;
        }
    }
    return OK;
}

// The folder too, so that a new file's name survives.
static enum err sync_both(int fd, const char *dir)
{
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool bad = fsync(fd) || folder < 0 || fsync(folder);
    if (folder >= 0) {
        close(folder);
    }
    return bad ? ERR_IO : OK;
}

enum err erased_append(const char *dir, const struct vault_keys *keys, const struct erased_line *lines, size_t n)
{
    char name[32], path[PATH_MOST];
    uint8_t bytes[AT_ONCE * ERASED_BYTES];
    struct stat st;
    writer_file(name, "erased", keys->node_pk.b);
    enum err e = vault_path(path, sizeof path, dir, name);
    if (e) {
        return e;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return ERR_IO;
    }
    off_t end = fstat(fd, &st) ? -1 : st.st_size - st.st_size % ERASED_BYTES;
    if (end < 0 || ftruncate(fd, end) || lseek(fd, end, SEEK_SET) != end) {
        e = ERR_IO;
    } else if ((uint64_t)end / ERASED_BYTES + n > ERASED_LINES_MAX) {
        e = ERR_FULL;
    }
    for (size_t i = 0; !e && i < n;) {
        size_t k = n - i < AT_ONCE ? n - i : AT_ONCE;
        for (size_t j = 0; j < k; j++) {
            erased_put(bytes + j * ERASED_BYTES, &keys->node, &lines[i + j]);
        }
        e = write_all(fd, bytes, k * ERASED_BYTES);
        i += k;
    }
    e = e ? e : sync_both(fd, dir);
    return close(fd) && !e ? ERR_IO : e;
}

static enum err walk_one(const char *path, const struct keeper_pub *pub, erased_fn *fn, void *ctx, struct buf *why)
{
    struct buf b;
    buf_init(&b, ERASED_FILE_MAX + ERASED_BYTES);
    enum err e = file_read(path, &b);
    for (size_t at = 0; !e && at + ERASED_BYTES <= b.n; at += ERASED_BYTES) {
        struct erased_line l;
        e = erased_read(str_slice(buf_str(&b), at, at + ERASED_BYTES), pub, &l);
        if (e) {
            buf_printf(why, "%s: line %zu was not written by this place", path, at / ERASED_BYTES + 1);
        }
        e = e ? e : fn(ctx, &l);
    }
    buf_free(&b);
    return e;
}

enum err erased_walk(const char *dir, const struct keeper_pub *pub, erased_fn *fn, void *ctx, struct buf *why)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < pub->n_nodes; i++) {
        char name[32], path[PATH_MOST];
        writer_file(name, "erased", pub->node[i].b);
        e = vault_path(path, sizeof path, dir, name);
        if (!e && file_exists(path)) {
            e = walk_one(path, pub, fn, ctx, why);
        }
    }
    return e;
}
