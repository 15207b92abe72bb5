// A pack in one piece: what `serve` keeps beside the data and hands to the programs, so that an edit that is half done
// reaches nobody, and a program that starts again reads what the others read.
#include <stdlib.h>
#include <string.h>
#include "crypto/crypto.h"
#include "pack/inside.h"

bool pack_file_next(struct str *bytes, struct str *name, struct str *file)
{
    struct str rest = *bytes, head = str_cut(&rest, '\n');
    *name = str_cut(&head, ' ');
    int64_t n = -1;
    if (name->n == 0 || str_int(head, &n) || n < 0 || (uint64_t)n >= rest.n || rest.at[n] != '\n') {
        return false;
    }
    *file = str_slice(rest, 0, (size_t)n);
    *bytes = str_slice(rest, (size_t)n + 1, rest.n);
    return true;
}

static enum err load_piece(void *ctx, const char *name, struct buf *out)
{
    struct str rest = *(const struct str *)ctx, found, file;
    while (pack_file_next(&rest, &found, &file)) {
        if (str_equal_z(found, name)) {
            buf_put(out, file);
            return buf_ok(out);
        }
    }
    return ERR_NOT_FOUND;
}

enum err pack_open_bytes(struct str bytes, struct pack **out, struct buf *why)
{
    return pack_read(load_piece, &bytes, out, why);
}

void pack_keep_bytes(struct pack *p, struct str bytes)
{
    p->bytes = arena_str(p->arena, bytes);
    crypto_digest(p->hash, sizeof p->hash, "isigurt.pack...1", NULL, CRYPTO_PARTS(bytes));
}

struct str pack_bytes(const struct pack *p)
{
    return p->bytes;
}

const uint8_t *pack_hash(const struct pack *p)
{
    return p->hash;
}

struct str pack_version(const struct pack *p)
{
    return p->version;
}
