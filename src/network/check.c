// What a text of the discussion must not hold. It errs on the safe side: who is refused writes it in other words.
#include <string.h>
#include "network/network.h"

#define WORD_MAX 4096 // bytes; a longer word is looked at in pieces

static bool space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct str next_word(struct str *rest)
{
    size_t i = 0, from;
    while (i < rest->n && space(rest->at[i]))
        i++;
    from = i;
    while (i < rest->n && !space(rest->at[i]) && i - from < WORD_MAX - 1)
        i++;
    struct str word = str_slice(*rest, from, i);
    *rest = str_slice(*rest, i, rest->n);
    return word;
}

// 32 hex digits in a row, single hyphens between them left out.
static bool holds_id(struct str w)
{
    size_t run = 0;
    for (size_t i = 0; i < w.n; i++) {
        if (str_hex_digit(w.at[i]) >= 0) {
            if (++run == 32)
                return true;
        } else if (!(w.at[i] == '-' && run > 0 && i + 1 < w.n && str_hex_digit(w.at[i + 1]) >= 0)) {
            run = 0;
        }
    }
    return false;
}

static bool symbol(char c) // of a receipt, as it is read: O, I and L are taken too
{
    char up = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    return digit(up) || (letter(up) && up != 'U');
}

// A word that is a group of four with a digit or a capital in it: "7KQ2". Sets mixed where it holds a digit.
static bool group(struct str w, bool *mixed)
{
    while (w.n && strchr(".,;:!?)(\"'", w.at[0]))
        w = str_slice(w, 1, w.n);
    while (w.n && strchr(".,;:!?)(\"'", w.at[w.n - 1]))
        w.n--;
    bool all = w.n == 4;
    for (size_t i = 0; all && i < 4; i++) {
        all = symbol(w.at[i]) && !(w.at[i] >= 'a' && w.at[i] <= 'z');
        *mixed |= digit(w.at[i]);
    }
    return all;
}

// Twenty symbols in one word, hyphens between: with digits among them, which no word of a language has.
static bool holds_receipt(struct str w)
{
    size_t run = 0, digits = 0;
    for (size_t i = 0; i <= w.n; i++) {
        if (i < w.n && symbol(w.at[i])) {
            run++;
            digits += digit(w.at[i]);
        } else if (!(i < w.n && w.at[i] == '-' && run > 0)) {
            if (run == 20 && digits > 1)
                return true;
            run = digits = 0;
        }
    }
    return false;
}

static bool holds_case(struct str w)
{
    for (size_t i = 0; i + 9 <= w.n; i++) {
        if ((i > 0 && digit(w.at[i - 1])) || w.at[i + 4] != '-')
            continue;
        size_t n = 0;
        while (i + 5 + n < w.n && digit(w.at[i + 5 + n]))
            n++;
        bool year = w.at[i] == '2' && w.at[i + 1] == '0' && digit(w.at[i + 2]) && digit(w.at[i + 3]);
        bool second = n == 4 && w.at[i + 5] == '2' && w.at[i + 6] == '0'; // "2026-2027"
        if (year && n >= 4 && !second)
            return true;
    }
    return false;
}

static bool host_char(char c)
{
    return letter(c) || digit(c) || c == '-' || (unsigned char)c >= 0x80;
}

// label.label with a last label of two or more small letters or an xn-- one, or four numbers: not "mirë.Pastaj", not "3.5",
// and not an abbreviation such as "p.sh." or "d.m.th.", whose labels are all short.
static bool holds_host(struct str w)
{
    for (size_t i = 1; i + 1 < w.n; i++) {
        if (w.at[i] != '.' || !host_char(w.at[i - 1]) || !host_char(w.at[i + 1]))
            continue;
        size_t end = i + 1, dots = 1, small = 0, widest = 0, run = 0;
        for (size_t k = i; k > 0 && host_char(w.at[k - 1]); k--)
            widest++;
        bool numbers = digit(w.at[i - 1]);
        size_t from = i + 1;
        while (end < w.n && (host_char(w.at[end]) || (w.at[end] == '.' && end + 1 < w.n && host_char(w.at[end + 1])))) {
            run = w.at[end] == '.' ? 0 : run + 1;
            widest = run > widest ? run : widest;
            if (w.at[end] == '.') {
                dots++;
                from = end + 1;
            }
            numbers = numbers && (digit(w.at[end]) || w.at[end] == '.');
            end++;
        }
        for (size_t k = from; k < end; k++)
            small += w.at[k] >= 'a' && w.at[k] <= 'z';
        if ((small >= 2 && small == end - from && widest > 2) || (numbers && dots == 3) || (end - from > 4 && !strncmp(w.at + from, "xn--", 4)))
            return true;
        i = end - 1;
    }
    return false;
}

// In small letters, and with what hides an address put right: "[.]", "(.)" → ".", "hxxp" → "http".
static struct str plain(struct str w, char out[WORD_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < w.n && n < WORD_MAX - 1; i++) {
        if (i + 2 < w.n && (w.at[i] == '[' || w.at[i] == '(') && w.at[i + 1] == '.' && (w.at[i + 2] == ']' || w.at[i + 2] == ')')) {
            out[n++] = '.';
            i += 2;
        } else {
            out[n++] = w.at[i];
        }
    }
    return (struct str){out, n};
}

static bool holds_address(struct str word)
{
    char bytes[WORD_MAX], low[WORD_MAX];
    struct str w = plain(word, bytes);
    for (size_t i = 0; i < w.n; i++)
        low[i] = w.at[i] >= 'A' && w.at[i] <= 'Z' ? (char)(w.at[i] + 32) : w.at[i];
    struct str l = {low, w.n};
    static const char *const marks[] = {"://", "www.", "http:", "https:", "hxxp", ".onion", "t.me/"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (str_find_str(l, str_from(marks[i])) >= 0)
            return true;
    ptrdiff_t at = str_find(l, '@');
    return (at > 0 && (size_t)at + 1 < l.n && holds_host(l)) || holds_host(w);
}

enum network_fault network_check(struct str text)
{
    struct str rest = text, w;
    size_t groups = 0;
    bool mixed = false;
    while ((w = next_word(&rest)).n) {
        if (holds_id(w))
            return NETWORK_ID;
        if (holds_receipt(w))
            return NETWORK_RECEIPT;
        if (group(w, &mixed)) {
            if (++groups == 5 && mixed)
                return NETWORK_RECEIPT;
        } else {
            groups = 0;
            mixed = false;
        }
        if (holds_case(w))
            return NETWORK_CASE;
        if (holds_address(w))
            return NETWORK_ADDRESS;
    }
    return NETWORK_FINE;
}
