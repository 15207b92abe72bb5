#include "base/str.h"
#include <assert.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

static bool ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_from(const char *z)
{
    return z ? (struct str){z, strlen(z)} : (struct str){NULL, 0};
}

bool str_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

bool str_equal_z(struct str a, const char *z)
{
    return str_equal(a, str_from(z));
}

int str_compare(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.at, b.at, n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && (n == 0 || memcmp(s.at, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && (n == 0 || memcmp(s.at + s.n - n, suffix, n) == 0);
}

ptrdiff_t str_find(struct str s, char c)
{
    const char *hit = s.n ? memchr(s.at, c, s.n) : NULL;
    return hit ? hit - s.at : -1;
}

ptrdiff_t str_find_str(struct str s, struct str sub)
{
    if (sub.n == 0) {
        return 0;
    }
    const char *hit = s.n ? memmem(s.at, s.n, sub.at, sub.n) : NULL;
    return hit ? hit - s.at : -1;
}

struct str str_trim(struct str s)
{
    while (s.n && ascii_space(s.at[0])) {
        s.at++;
        s.n--;
    }
    while (s.n && ascii_space(s.at[s.n - 1])) {
        s.n--;
    }
    return s;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    to = to > s.n ? s.n : to;
    from = from > to ? to : from;
    return s.at ? (struct str){s.at + from, to - from} : s;
}

struct str str_cut(struct str *rest, char sep)
{
    ptrdiff_t i = str_find(*rest, sep);
    struct str before = i < 0 ? *rest : str_slice(*rest, 0, (size_t)i);
    *rest = i < 0 ? str_slice(*rest, rest->n, rest->n) : str_slice(*rest, (size_t)i + 1, rest->n);
    return before;
}

// White space, and what shows nothing either though Unicode calls it no space: fillers, joiners, marks of order and variation,
// and the empty braille cell.
static bool shows_nothing(ucs4_t c)
{
    return uc_is_property_white_space(c) || uc_is_property_default_ignorable_code_point(c) || c == 0x2800 ||
           uc_is_general_category(c, UC_FORMAT) || uc_is_general_category(c, UC_CONTROL);
}

bool str_says(struct str s)
{
    const uint8_t *p = (const uint8_t *)s.at;
    size_t left = s.n;
    while (left > 0) {
        ucs4_t c;
        int step = u8_mbtoucr(&c, p, left);
        if (step <= 0) {
            return false;
        }
        bool letter = uc_is_general_category(c, UC_LETTER) || uc_is_general_category(c, UC_NUMBER);
        if (letter && !shows_nothing(c)) {
            return true;
        }
        p += step;
        left -= (size_t)step;
    }
    return false;
}

bool str_says_why(struct str s)
{
    struct str t = str_trim(s);
    size_t more = 0; // spaces that only make it longer
    for (size_t i = 1; i < t.n; i++) {
        more += (unsigned char)t.at[i] <= ' ' && (unsigned char)t.at[i - 1] <= ' ';
    }
    return str_says(t) && str_utf8_count(t) - more >= STR_WHY_MIN;
}

bool str_blank(struct str s)
{
    const uint8_t *p = (const uint8_t *)s.at;
    size_t left = s.n;
    while (left > 0) {
        ucs4_t c;
        int step = u8_mbtoucr(&c, p, left);
        if (step <= 0) {
            return false; // broken UTF-8 is not white space
        }
        if (!shows_nothing(c)) {
            return false;
        }
        p += step;
        left -= (size_t)step;
    }
    return true;
}

bool str_utf8_valid(struct str s)
{
    return s.n == 0 || u8_check((const uint8_t *)s.at, s.n) == NULL;
}

size_t str_utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) {
        count += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    }
    return count;
}

bool str_has_control(struct str s, bool allow_lines)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 || c == 0x7F) {
            if (!(allow_lines && (c == '\t' || c == '\r' || c == '\n'))) {
                return true;
            }
        } else if (c == 0xC2 && i + 1 < s.n) { // U+0080-009F is C2 80 to C2 9F
            unsigned char d = (unsigned char)s.at[i + 1];
            if (d >= 0x80 && d <= 0x9F) {
                return true;
            }
        }
    }
    return false;
}

enum err str_int(struct str s, int64_t *out)
{
    bool minus = s.n > 0 && s.at[0] == '-';
    size_t i = minus ? 1 : 0;
    if (i == s.n) {
        return ERR_MALFORMED;
    }
    int64_t v = 0; // built downwards, because the smallest number has no positive twin
    for (; i < s.n; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, s.at[i] - '0', &v)) {
            return ERR_MALFORMED;
        }
    }
    if (!minus && __builtin_sub_overflow(0, v, &v)) {
        return ERR_MALFORMED;
    }
    *out = v;
    return OK;
}

int str_hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool str_unhex(struct str hex, void *out, size_t n)
{
    unsigned char *to = out;
    if (hex.n != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int high = str_hex_digit(hex.at[2 * i]), low = str_hex_digit(hex.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
