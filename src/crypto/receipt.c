#include "crypto/receipt.h"
#include <string.h>
#include "base/rand.h"

#define SYMBOLS 20
#define SYMBOL_BITS 5
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: without I, L, O, U

static void finish(struct receipt *r, const uint8_t install_id[16])
{
    r->code[12] &= 0xF0; // 100 bits
    crypto_digest_salted(r->root.b, KEY_BYTES, "isigurt.receipt1", install_id, STR_BYTES(r->code));
}

void receipt_new(struct receipt *out, const uint8_t install_id[16])
{
    rand_bytes(out->code, sizeof out->code);
    finish(out, install_id);
}

void receipt_from_submission(struct receipt *out, const uint8_t submission[16], const uint8_t install_id[16])
{
    uint8_t h[16];
    crypto_digest(h, sizeof h, "isigurt.code...1", NULL,
                CRYPTO_PARTS({(const char *)submission, 16}, {(const char *)install_id, 16}));
    memcpy(out->code, h, sizeof out->code);
    crypto_wipe(h, sizeof h);
    finish(out, install_id);
}

// Bytes of a separator at the start of s that people or programs put between groups: ASCII white space and punctuation,
// and the dashes and spaces that phones make of them (U+00A0, U+2010-2015, U+2009, U+202F, U+2212). 0: none.
static size_t separator(struct str s)
{
    static const char *const wide[] = {"\u00a0", "\u2009", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015",
                                       "\u202f", "\u2212"};
    if (memchr(" \t\r\n\v\f-_.,:;/", s.at[0], 13)) {
        return 1;
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (str_starts(s, wide[i])) {
            return strlen(wide[i]);
        }
    }
    return 0;
}

static int value_of(char c)
{
    if (c >= 'a' && c <= 'z') {
        c = (char)(c - 'a' + 'A');
    }
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

enum err receipt_read(struct receipt *out, struct str typed, const uint8_t install_id[16])
{
    struct receipt r = {0};
    size_t symbols = 0;
    while (typed.n > 0) {
        size_t skip = separator(typed);
        if (!skip) {
            int v = value_of(typed.at[0]);
            if (v < 0 || symbols == SYMBOLS) {
                crypto_wipe(&r, sizeof r);
                return ERR_MALFORMED;
            }
            for (int bit = 0; bit < SYMBOL_BITS; bit++) {
                size_t at = symbols * SYMBOL_BITS + (size_t)bit;
                if (v >> (SYMBOL_BITS - 1 - bit) & 1) {
                    r.code[at / 8] = (uint8_t)(r.code[at / 8] | 0x80 >> at % 8);
                }
            }
            symbols++;
            skip = 1;
        }
        typed = str_slice(typed, skip, typed.n);
    }
    enum err e = symbols == SYMBOLS ? OK : ERR_MALFORMED;
    if (!e) {
        finish(&r, install_id);
        *out = r;
    }
    crypto_wipe(&r, sizeof r);
    return e;
}

void receipt_text(const struct receipt *r, char out[static RECEIPT_TEXT])
{
    size_t n = 0;
    for (size_t i = 0; i < SYMBOLS; i++) {
        unsigned v = 0;
        for (size_t bit = i * SYMBOL_BITS; bit < (i + 1) * SYMBOL_BITS; bit++) {
            v = v << 1 | (r->code[bit / 8] >> (7 - bit % 8) & 1);
        }
        if (i && i % 4 == 0) {
            out[n++] = '-';
        }
        out[n++] = alphabet[v];
    }
    out[n] = '\0';
}

void receipt_lookup(const struct receipt *r, uint8_t out[16])
{
    crypto_derive(out, 16, 1, "isgrcpt1", &r->root);
}

void receipt_thread_key(const struct receipt *r, struct key *out)
{
    crypto_derive(out->b, KEY_BYTES, 2, "isgrcpt1", &r->root);
}

void receipt_content(const struct receipt *r, struct str content, uint8_t out[16])
{
    struct key k;
    crypto_derive(k.b, KEY_BYTES, 3, "isgrcpt1", &r->root);
    crypto_digest(out, 16, "isigurt.content1", &k, 1, &content);
    crypto_wipe(&k, sizeof k);
}
