#include <zlib.h>
#include "web/inside.h"

#define GZIP_WINDOW 14 // bits; with GZIP_MEMORY 7 a stream takes about 130 KB for the moment
#define GZIP_MEMORY 7

enum err gzip_pack(struct buf *out, struct str plain)
{
    z_stream z = {0};
    char piece[8192];
    if (deflateInit2(&z, 6, Z_DEFLATED, GZIP_WINDOW + 16, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        return ERR_MEMORY;
    }
    union { const char *in; Bytef *out; } at = {plain.at}; // zlib only reads it
    z.next_in = at.out;
    z.avail_in = (uInt)plain.n;
    int r;
    do {
        z.next_out = (Bytef *)piece;
        z.avail_out = sizeof piece;
        r = deflate(&z, Z_FINISH);
        buf_put(out, (struct str){piece, sizeof piece - z.avail_out});
    } while (r == Z_OK);
    deflateEnd(&z);
    if (r != Z_STREAM_END || buf_ok(out)) {
        return ERR_MEMORY;
    }
    return out->n < plain.n ? OK : ERR_TOO_LARGE;
}

bool gzip_wanted(struct str accept)
{
    while (accept.n) {
        struct str rest = str_trim(str_cut(&accept, ','));
        struct str coding = str_trim(str_cut(&rest, ';'));
        if (str_equal_z(coding, "gzip")) {
            struct str q = str_trim(rest);
            return !str_equal_z(q, "q=0") && !str_equal_z(q, "q=0.0");
        }
    }
    return false;
}
