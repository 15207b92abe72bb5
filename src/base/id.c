#include "base/id.h"
#include <string.h>
#include "base/rand.h"

struct id id_random(void)
{
    struct id a;
    rand_bytes(a.b, sizeof a.b);
    return a;
}

bool id_equal(struct id a, struct id b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool id_zero(struct id a)
{
    return id_equal(a, (struct id){{0}});
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err id_from_hex(struct str s, struct id *out)
{
    struct id a;
    if (s.n != 2 * sizeof a.b) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < sizeof a.b; i++) {
        int high = hex_value(s.at[2 * i]);
        int low = hex_value(s.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return ERR_MALFORMED;
        }
        a.b[i] = (uint8_t)(high << 4 | low);
    }
    *out = a;
    return OK;
}

enum err id_from_bytes(struct str s, struct id *out)
{
    if (s.n != sizeof out->b) {
        return ERR_MALFORMED;
    }
    memcpy(out->b, s.at, sizeof out->b);
    return OK;
}

struct str id_bytes(const struct id *a)
{
    return STR_BYTES(a->b);
}

const char *id_hex(struct id a, char out[static ID_HEX])
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof a.b; i++) {
        out[2 * i] = digit[a.b[i] >> 4];
        out[2 * i + 1] = digit[a.b[i] & 15];
    }
    out[ID_HEX - 1] = '\0';
    return out;
}
