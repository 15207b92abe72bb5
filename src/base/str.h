// str: borrowed bytes with a length. Owns nothing; valid as long as what it points into. May hold NUL bytes.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct str {
    const char *at; // may be NULL only where n is 0
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof literal - 1})
#define STR_BYTES(array) ((struct str){(const char *)(array), sizeof(array)})
#define STR_ARG(s) (int)(s).n, (s).at // for "%.*s"

struct str str_from(const char *z); // NULL gives the empty str
bool str_equal(struct str a, struct str b);
bool str_equal_z(struct str a, const char *z);
int str_compare(struct str a, struct str b); // by bytes, as memcmp; shorter first
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
ptrdiff_t str_find(struct str s, char c);            // index or -1
ptrdiff_t str_find_str(struct str s, struct str sub); // index or -1
struct str str_trim(struct str s);                   // ASCII white space off both ends
struct str str_slice(struct str s, size_t from, size_t to); // clamped
// Cuts *rest at the first sep and returns what stood before it; the whole where there is none (*rest then empty).
struct str str_cut(struct str *rest, char sep);
bool str_blank(struct str s);     // empty, or only what shows nothing (Unicode's white space, fillers, joiners)
bool str_says(struct str s);      // at least one letter or digit, of any script
#define STR_WHY_MIN 10             // characters, without the space around them; several spaces are one
bool str_says_why(struct str s);  // says something, in at least that many: the one rule for a reason, wherever one is demanded
bool str_utf8_valid(struct str s); // well-formed UTF-8: no surrogates, no over-long forms
size_t str_utf8_count(struct str s); // code points; s must be valid
bool str_has_control(struct str s, bool allow_lines); // U+0000-1F, 7F-9F; allow_lines lets tab, CR, LF pass
MUST_USE enum err str_int(struct str s, int64_t *out); // decimal, whole string, optional '-': else ERR_MALFORMED
int str_hex_digit(char c); // 0 to 15, either case; -1 for anything else
// Exactly n bytes from 2n hex digits, either case. False: something else; out may then hold some of them.
MUST_USE bool str_unhex(struct str hex, void *out, size_t n);
