#include "text/fold.h"
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

// Combining classes from 200 on are marks above, below and attached to a letter: what "accents off" takes. Lower
// classes (vowel signs, nukta, virama) are part of how other scripts are spelled and stay.
#define FOLD_MARK_CLASS 200

// Drops marks in place and returns the new length.
static size_t drop_marks(uint8_t *at, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        ucs4_t c;
        int step = u8_mbtouc(&c, at + i, n - i);
        if (uc_combining_class(c) < FOLD_MARK_CLASS) {
            for (int k = 0; k < step; k++) {
                at[kept++] = at[i + (size_t)k];
            }
        }
        i += (size_t)step;
    }
    return kept;
}

// White space at the ends goes, each run inside becomes one space. In place; returns the new length.
static size_t single_spaces(uint8_t *at, size_t n)
{
    size_t kept = 0;
    bool gap = false;
    for (size_t i = 0; i < n;) {
        ucs4_t c;
        int step = u8_mbtouc(&c, at + i, n - i);
        if (uc_is_property_white_space(c)) {
            gap = kept > 0;
        } else {
            if (gap) {
                at[kept++] = ' '; // the white space it stands for was at least as long
                gap = false;
            }
            for (int k = 0; k < step; k++) {
                at[kept++] = at[i + (size_t)k];
            }
        }
        i += (size_t)step;
    }
    return kept;
}

struct str fold_key(struct arena *a, struct str utf8)
{
    struct str out = {NULL, 0};
    if (utf8.n == 0 || !str_utf8_valid(utf8)) {
        return out;
    }
    size_t n = 0;
    uint8_t *lower = NULL, *whole = NULL;
    uint8_t *apart = u8_normalize(UNINORM_NFD, (const uint8_t *)utf8.at, utf8.n, NULL, &n);
    if (apart) {
        n = drop_marks(apart, n);
        if (n == 0) { // nothing but marks
            free(apart);
            return out;
        }
        lower = u8_tolower(apart, n, NULL, NULL, NULL, &n); // no language: Turkish i has no special place here
    }
    if (lower) {
        whole = u8_normalize(UNINORM_NFC, lower, n, NULL, &n);
    }
    if (whole) {
        n = single_spaces(whole, n);
        out = arena_str(a, (struct str){(const char *)whole, n});
    } else {
        arena_alloc(a, SIZE_MAX); // no memory: the arena has failed, as for any allocation of its own
    }
    free(apart);
    free(lower);
    free(whole);
    return out;
}
