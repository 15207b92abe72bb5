#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include "base/url_parts.h"

#define HOST_MAX 253     // bytes of a name in DNS, without the final dot
#define LABEL_MAX 63     // RFC 1035
#define HOST_TYPED_MAX 2048 // bytes; longer cannot become a name

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

// Decodes %XX and lowers ASCII; *ascii: nothing else was in it.
static struct str decode(struct arena *a, struct str typed, bool *ascii)
{
    char *out = arena_alloc(a, typed.n + 1);
    size_t n = 0;
    *ascii = true;
    for (size_t i = 0; out && i < typed.n; i++) {
        char c = typed.at[i];
        if (c == '%' && i + 2 < typed.n && str_hex_digit(typed.at[i + 1]) >= 0 && str_hex_digit(typed.at[i + 2]) >= 0) {
            c = (char)(str_hex_digit(typed.at[i + 1]) << 4 | str_hex_digit(typed.at[i + 2]));
            i += 2;
        }
        *ascii = *ascii && (unsigned char)c < 0x80;
        out[n++] = ascii_lower(c);
    }
    return (struct str){out, n};
}

// Punycode of one label (RFC 3492, section 6.3). Appends to out; false when it does not fit a label.
static bool punycode(const ucs4_t *in, size_t n, char out[static LABEL_MAX + 1], size_t *length)
{
    enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700 };
    size_t used = *length, basic = 0;
    for (size_t i = 0; i < n; i++) {
        if (in[i] < 0x80) {
            if (used >= LABEL_MAX) {
                return false;
            }
            out[used++] = (char)in[i];
            basic++;
        }
    }
    if (basic > 0) {
        if (used >= LABEL_MAX) {
            return false;
        }
        out[used++] = '-';
    }
    uint64_t code = 0x80, delta = 0, bias = 72;
    for (size_t done = basic; done < n; code++, delta++) {
        uint64_t next = UINT32_MAX;
        for (size_t i = 0; i < n; i++) {
            if (in[i] >= code && in[i] < next) {
                next = in[i];
            }
        }
        delta += (next - code) * (done + 1);
        code = next;
        for (size_t i = 0; i < n; i++) {
            delta += in[i] < code;
            if (in[i] != code) {
                continue;
            }
            uint64_t q = delta;
            for (uint64_t k = BASE;; k += BASE) {
                uint64_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
                uint64_t digit = q < t ? q : t + (q - t) % (BASE - t);
                if (used >= LABEL_MAX) {
                    return false;
                }
                out[used++] = (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
                if (q < t) {
                    break;
                }
                q = (q - t) / (BASE - t);
            }
            delta = done == basic ? delta / DAMP : delta / 2; // adapt, section 6.1
            delta += delta / (done + 1);
            uint64_t k = 0;
            for (; delta > (uint64_t)((BASE - T_MIN) * T_MAX) / 2; k += BASE) {
                delta /= BASE - T_MIN;
            }
            bias = k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
            delta = 0;
            done++;
        }
    }
    *length = used;
    return true;
}

static bool ignored(ucs4_t c) // what UTS 46 maps to nothing and may stand in an emoji name
{
    return c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F);
}

static bool put_label(const ucs4_t *label, size_t n, char *out, size_t *used)
{
    char ascii[LABEL_MAX + 1];
    size_t length = 0;
    bool plain = true;
    for (size_t i = 0; i < n; i++) {
        plain = plain && label[i] < 0x80;
    }
    if (plain) {
        for (; length < n && length < LABEL_MAX; length++) {
            ascii[length] = ascii_lower((char)label[length]);
        }
        if (length < n) {
            return false;
        }
    } else {
        memcpy(ascii, "xn--", 4);
        length = 4;
        if (!punycode(label, n, ascii, &length)) {
            return false;
        }
    }
    if (*used + length + 1 > HOST_MAX + 1) {
        return false;
    }
    memcpy(out + *used, ascii, length);
    *used += length;
    return true;
}

// For names that IDNA 2008 does not allow and browsers open all the same.
static bool lenient(struct arena *a, struct str name, struct str *out)
{
    bool ok = false;
    size_t n = 0, points = 0, used = 0, kept = 0, start = 0;
    uint8_t *whole = NULL;
    ucs4_t *c = NULL;
    char *ascii = arena_alloc(a, HOST_MAX + 2);
    uint8_t *lower = u8_tolower((const uint8_t *)name.at, name.n, NULL, UNINORM_NFKC, NULL, &n);
    if (lower && n > 0) {
        whole = u8_normalize(UNINORM_NFKC, lower, n, NULL, &n); // no change where tolower normalised already
    }
    if (whole) {
        c = u8_to_u32(whole, n, NULL, &points);
    }
    if (!c || !ascii) {
        goto out;
    }
    for (size_t i = 0; i < points; i++) {
        if (!ignored(c[i])) {
            c[kept++] = c[i] == 0x3002 || c[i] == 0xFF0E || c[i] == 0xFF61 ? '.' : c[i];
        }
    }
    for (size_t i = 0; i <= kept; i++) {
        if (i == kept || c[i] == '.') {
            if (!put_label(c + start, i - start, ascii, &used)) {
                goto out;
            }
            if (i < kept) {
                ascii[used++] = '.';
            }
            start = i + 1;
        }
    }
    *out = (struct str){ascii, used};
    ok = true;
out:
    free(lower);
    free(whole);
    free(c);
    return ok;
}

static bool to_ascii(struct arena *a, struct str name, struct str *out)
{
    if (!str_utf8_valid(name) || str_find(name, '\0') >= 0) {
        return false;
    }
    uint8_t *made = NULL;
    // name is NUL-terminated: decode made it
    int bad = idn2_lookup_u8((const uint8_t *)name.at, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (bad != IDN2_OK) {
        return lenient(a, name, out);
    }
    *out = arena_str(a, str_from((const char *)made));
    idn2_free(made);
    return out->at != NULL;
}

// One number of an IPv4 address as browsers read it: 0x hexadecimal, 0 octal, else decimal.
static bool ipv4_number(struct str s, uint64_t *out)
{
    unsigned base = 10;
    if (s.n >= 2 && s.at[0] == '0' && s.at[1] == 'x') {
        base = 16;
        s = str_slice(s, 2, s.n); // "0x" alone is 0
    } else if (s.n >= 2 && s.at[0] == '0') {
        base = 8;
    } else if (s.n == 0) {
        return false;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        int digit = str_hex_digit(s.at[i]);
        if (digit < 0 || (unsigned)digit >= base) {
            return false;
        }
        v = v * base + (unsigned)digit;
        if (v > UINT32_MAX) {
            v = (uint64_t)UINT32_MAX + 1; // too large, and stays so
        }
    }
    *out = v;
    return true;
}

static struct str last_label(struct str name)
{
    struct str rest = name, label = name;
    while (rest.n > 0) {
        label = str_cut(&rest, '.');
    }
    return label;
}

// A name whose last label is a number is an IPv4 address or nothing (WHATWG URL, "ends in a number").
static bool ends_in_number(struct str name)
{
    struct str label = last_label(name);
    uint64_t ignore;
    bool digits = label.n > 0;
    for (size_t i = 0; i < label.n; i++) {
        digits = digits && label.at[i] >= '0' && label.at[i] <= '9';
    }
    return digits || (str_starts(label, "0x") && ipv4_number(label, &ignore));
}

static bool ipv4(struct arena *a, struct str name, struct str *out)
{
    uint64_t part[4], address = 0;
    size_t n = 0;
    struct str rest = name;
    do {
        if (n == 4 || !ipv4_number(str_cut(&rest, '.'), &part[n])) {
            return false;
        }
        n++;
    } while (rest.n > 0);
    for (size_t i = 0; i + 1 < n; i++) {
        if (part[i] > 255) {
            return false;
        }
        address |= part[i] << (8 * (3 - i));
    }
    if (part[n - 1] >= UINT64_C(1) << (8 * (5 - n))) {
        return false;
    }
    address |= part[n - 1];
    *out = arena_printf(a, "%u.%u.%u.%u", (unsigned)(address >> 24), (unsigned)(address >> 16 & 255),
                        (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
    return out->at != NULL;
}

static bool ipv6(struct arena *a, struct str inside, struct str *out)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (inside.n >= sizeof text || str_find(inside, '\0') >= 0) {
        return false;
    }
    memcpy(text, inside.at, inside.n);
    text[inside.n] = '\0';
    if (inet_pton(AF_INET6, text, &address) != 1 || !inet_ntop(AF_INET6, &address, text, sizeof text)) {
        return false;
    }
    *out = arena_printf(a, "[%s]", text);
    return out->at != NULL;
}

static bool valid_name(struct str name)
{
    if (name.n == 0 || name.n > HOST_MAX) {
        return false;
    }
    size_t label = 0;
    for (size_t i = 0; i <= name.n; i++) {
        if (i == name.n || name.at[i] == '.') {
            if (label == 0 || label > LABEL_MAX) {
                return false;
            }
            label = 0;
            continue;
        }
        char c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) {
            return false;
        }
        label++;
    }
    return true;
}

bool url_host(struct arena *a, struct str typed, struct str *out)
{
    if (typed.n == 0 || typed.n > HOST_TYPED_MAX) {
        return false;
    }
    if (typed.at[0] == '[') {
        return typed.at[typed.n - 1] == ']' && ipv6(a, str_slice(typed, 1, typed.n - 1), out);
    }
    bool ascii;
    struct str name = decode(a, typed, &ascii);
    if (!name.at || (!ascii && !to_ascii(a, name, &name))) {
        return false;
    }
    if (str_ends(name, ".")) {
        name = str_slice(name, 0, name.n - 1);
    }
    if (!valid_name(name)) {
        return false;
    }
    if (ends_in_number(name)) {
        return ipv4(a, name, out);
    }
    *out = name;
    return true;
}
