// What a text of the discussion must not hold. It errs on the safe side: who is refused writes it in other words. First the text
// is folded to what a reader sees: forms of letters, digits, dashes, slashes and dots that only look different become the plain
// one, what shows nothing is left out, and "[dot]" is a dot. The checks look at form, not at what exists.
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include "network/network.h"

static bool space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool one_of(char c, const char *set) // strchr finds a NUL in every set
{
    return c && strchr(set, c);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

// ── as it is read ──
static ucs4_t plain_of(ucs4_t c)
{
    if (c == 0x2212 || c == 0x2043 || uc_is_general_category(c, UC_DASH_PUNCTUATION))
        return '-';
    if (c == 0x2044 || c == 0x2215 || c == 0x29F8)
        return '/';
    if (c == 0x3002 || c == 0x06D4)
        return '.';
    int value = uc_decimal_value(c);
    if (value >= 0)
        return (ucs4_t)('0' + value);
    bool line = c == '\n' || c == '\t' || c == '\r';
    return uc_is_property_white_space(c) && !line ? ' ' : c;
}

static bool shows_nothing(ucs4_t c)
{
    return uc_is_property_default_ignorable_code_point(c) || uc_is_general_category(c, UC_FORMAT) || c == 0x2800;
}

// "[dot]", "( . )", "[at]" at s: how many bytes, and what it stands for.
static size_t disguised(struct str s, char *out)
{
    static const struct { const char *word; char is; } words[] = {{".", '.'}, {"dot", '.'}, {"pikë", '.'}, {"pike", '.'}, {"at", '@'}, {"@", '@'}};
    if (s.n < 3 || !one_of(s.at[0], "[({"))
        return 0;
    size_t from = 1;
    while (from < s.n && s.at[from] == ' ')
        from++;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t n = strlen(words[w].word), k = 0;
        while (k < n && from + k < s.n && lower(s.at[from + k]) == words[w].word[k])
            k++;
        size_t end = from + n;
        while (k == n && end < s.n && s.at[end] == ' ')
            end++;
        if (k == n && end < s.n && one_of(s.at[end], "])}")) {
            *out = words[w].is;
            return end + 1;
        }
    }
    return 0;
}

// In place: text of n bytes becomes at most as many.
static size_t undisguise(char *text, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        char is = 0;
        size_t took = disguised((struct str){text + i, n - i}, &is);
        if (took) {
            while (to > 0 && text[to - 1] == ' ')
                to--;
            text[to++] = is;
            i += took;
            while (i < n && text[i] == ' ')
                i++;
        } else {
            text[to++] = text[i++];
        }
    }
    return to;
}

// New bytes, to be freed; NULL: no memory. What is no UTF-8 stays as it is.
static char *folded(struct str text, size_t *n)
{
    size_t wide = 0, at = 0;
    uint8_t *normal = u8_check((const uint8_t *)text.at, text.n) ? NULL : u8_normalize(UNINORM_NFKC, (const uint8_t *)text.at, text.n, NULL, &wide);
    if (!normal) {
        char *raw = malloc(text.n + 1);
        if (raw)
            memcpy(raw, text.at, text.n);
        *n = text.n;
        return raw;
    }
    char *out = malloc(wide + 1);
    for (size_t i = 0; out && i < wide;) {
        ucs4_t c = 0;
        int step = u8_mbtouc(&c, normal + i, wide - i);
        i += (size_t)step;
        if (shows_nothing(c))
            continue;
        ucs4_t p = plain_of(c);
        if (p < 0x80)
            out[at++] = (char)p;
        else {
            memcpy(out + at, normal + i - step, (size_t)step);
            at += (size_t)step;
        }
    }
    free(normal);
    *n = out ? undisguise(out, at) : 0;
    return out;
}

// ── what belongs to a case ──
static size_t separators(struct str s, size_t i, const char *which, size_t most)
{
    size_t n = 0;
    while (n < most && i + n < s.n && (space(s.at[i + n]) || one_of(s.at[i + n], which)))
        n++;
    return n;
}

// 32 hex digits, at most three separators between two of them. With spaces among them, letters too: a list of years is no id.
static bool holds_id(struct str t)
{
    size_t run = 0, letters = 0, digits = 0;
    bool spaced = false;
    for (size_t i = 0; i < t.n;) {
        if (str_hex_digit(t.at[i]) >= 0) {
            run++;
            digits += digit(t.at[i]);
            letters += !digit(t.at[i]);
            if (run >= 32 && (!spaced || (letters > 2 && digits > 2)))
                return true;
            i++;
            continue;
        }
        size_t gap = run ? separators(t, i, "-_.:/", 3) : 0;
        if (gap && i + gap < t.n && str_hex_digit(t.at[i + gap]) >= 0) {
            for (size_t k = 0; k < gap; k++)
                spaced |= t.at[i + k] != '-';
            i += gap;
        } else {
            run = letters = digits = 0;
            spaced = false;
            i++;
        }
    }
    return false;
}

static bool symbol(char c) // of a receipt, as it is read: O, I and L are taken too
{
    return digit(c) || (letter(c) && lower(c) != 'u');
}

// Twenty symbols in one word, hyphens between: with digits among them, which no word of a language has.
static bool holds_receipt_word(struct str t)
{
    size_t run = 0, digits = 0, letters = 0;
    for (size_t i = 0; i <= t.n; i++) {
        if (i < t.n && symbol(t.at[i])) {
            run++;
            digits += digit(t.at[i]);
            letters += letter(t.at[i]);
        } else if (!(i < t.n && t.at[i] == '-' && run > 0)) {
            if (run == 20 && digits > 1 && letters > 1)
                return true;
            run = digits = letters = 0;
        }
    }
    return false;
}

static bool breaks(char c) // between two groups
{
    return space(c) || one_of(c, "-/._:,;+|\\*~=");
}

// Five groups of four in a row, whatever stands between. In small letters only within one word: "viti 2026 deri 2027 kemi" is none.
static bool holds_receipt_groups(struct str t)
{
    size_t groups = 0, digits = 0, letters = 0;
    for (size_t i = 0; i < t.n;) {
        size_t from = i, few = 0, many = 0;
        bool small = false;
        while (i < t.n && symbol(t.at[i])) {
            few += digit(t.at[i]);
            many += letter(t.at[i]);
            small |= t.at[i] >= 'a' && t.at[i] <= 'z';
            i++;
        }
        bool begins = from > 0 && space(t.at[from - 1]);
        bool whole = i - from == 4 && (i == t.n || breaks(t.at[i]) || one_of(t.at[i], ".,;:!?)(\"'"));
        if (!whole || (small && begins))
            groups = digits = letters = 0;
        if (whole) {
            groups++;
            digits += few;
            letters += many;
            if (groups >= 5 && digits > 1 && letters > 1)
                return true;
        }
        size_t gap = 0;
        while (i < t.n && !symbol(t.at[i])) {
            if (!breaks(t.at[i]) || ++gap > 3)
                groups = digits = letters = 0;
            i++;
        }
    }
    return false;
}

static size_t spaces(struct str t, size_t i)
{
    size_t n = 0;
    while (i + n < t.n && t.at[i + n] == ' ' && n < 3)
        n++;
    return n;
}

// "2026-0001", also "2026/0001", "2026 - 0001" and "2026 0001". Not "2026-2027", nor "2026. 1200 raporte".
static bool holds_case(struct str t)
{
    for (size_t i = 0; i + 9 <= t.n; i++) {
        bool year = t.at[i] == '2' && t.at[i + 1] == '0' && digit(t.at[i + 2]) && digit(t.at[i + 3]) && !(i > 0 && digit(t.at[i - 1]));
        if (!year)
            continue;
        size_t before = spaces(t, i + 4), at = i + 4 + before, n = 0;
        bool sign = at < t.n && (t.at[at] == '-' || t.at[at] == '/' || t.at[at] == '_');
        bool tight = !sign && before == 0 && at < t.n && (t.at[at] == '.' || t.at[at] == ':');
        at += sign || tight;
        if (sign)
            at += spaces(t, at);
        while (at + n < t.n && digit(t.at[at + n]))
            n++;
        bool second = n == 4 && t.at[at] == '2' && t.at[at + 1] == '0';
        if (n >= 4 && !second && (sign || tight || (before > 0 && t.at[at] == '0')))
            return true;
    }
    return false;
}

// ── addresses ──
static bool host_char(char c)
{
    return letter(c) || digit(c) || c == '-' || (unsigned char)c >= 0x80;
}

// A last label that is an address also in capitals, where a sentence might end before a capital letter.
static bool known_end(struct str label)
{
    static const char *const ends[] = {"com", "net", "org", "info", "app", "xyz", "onion", "link", "gov", "edu", "al", "eu", "io", "tv", "gg", "ru"};
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        size_t k = 0;
        while (k < label.n && ends[e][k] && lower(label.at[k]) == ends[e][k])
            k++;
        if (k == label.n && !ends[e][k])
            return true;
    }
    return false;
}

static bool ends_host(struct str label, size_t widest)
{
    size_t small = 0;
    for (size_t k = 0; k < label.n; k++)
        small += label.at[k] >= 'a' && label.at[k] <= 'z';
    return (small >= 2 && small == label.n && widest > 2) || (label.n > 4 && !strncmp(label.at, "xn--", 4)) || (widest > 3 && known_end(label));
}

// Labels with dots between, one of them after the first of two or more small letters, a known or an xn-- one, whatever is joined
// behind it: not "mirë.Pastaj", and not an abbreviation such as "p.sh." or "d.m.th.", whose labels are all short.
static bool holds_host(struct str w)
{
    size_t from = 0, labels = 0, widest = 0;
    for (size_t i = 0; i <= w.n; i++) {
        if (i < w.n && host_char(w.at[i]))
            continue;
        widest = i - from > widest ? i - from : widest;
        if (i > from && labels++ > 0 && ends_host(str_slice(w, from, i), widest))
            return true;
        if (i == from || i == w.n || w.at[i] != '.')
            labels = widest = 0;
        from = i + 1;
    }
    return false;
}

// Four numbers with dots between, not three and not five: "10.0.0.1", not "3.5".
static bool holds_four_numbers(struct str w)
{
    size_t from = 0, numbers = 0;
    for (size_t i = 0; i <= w.n; i++) {
        if (i < w.n && digit(w.at[i]))
            continue;
        numbers += i > from;
        bool on = i > from && i + 1 < w.n && w.at[i] == '.' && digit(w.at[i + 1]);
        if (!on && numbers == 4)
            return true;
        numbers = on ? numbers : 0;
        from = i + 1;
    }
    return false;
}

static bool name_char(char c)
{
    return letter(c) || digit(c) || c == '_' || c == '.' || (unsigned char)c >= 0x80;
}

// "@name", and with what stands before it an address of mail.
static bool holds_handle(struct str t)
{
    for (size_t i = 0; i < t.n; i++) {
        size_t n = 0;
        while (t.at[i] == '@' && i + 1 + n < t.n && name_char(t.at[i + 1 + n]))
            n++;
        if (n >= 3)
            return true;
    }
    return false;
}

// "instagram/ana.k", "TikTok: ana_2012": a service, a sign, and a name with a letter and a dot, a line or a digit in it. Not
// "Instagram/TikTok".
static bool holds_account(struct str t)
{
    static const char *const services[] = {"instagram", "insta", "facebook", "tiktok", "snapchat", "snap", "telegram", "discord", "twitter",
                                           "youtube", "whatsapp", "viber", "roblox", "onlyfans", "reddit", "threads", "ig", "fb"};
    for (size_t i = 0; i < t.n; i++)
        for (size_t s = 0; s < sizeof services / sizeof *services && !(i > 0 && (letter(t.at[i - 1]) || digit(t.at[i - 1]))); s++) {
            size_t at = i, k = 0, letters = 0, signs = 0;
            while (at < t.n && services[s][k] && lower(t.at[at]) == services[s][k])
                at++, k++;
            if (services[s][k])
                continue;
            size_t gap = separators(t, at, "/:\\", 3);
            bool sign = false;
            for (size_t g = 0; g < gap; g++)
                sign |= !space(t.at[at + g]);
            for (at += gap; sign && at < t.n && name_char(t.at[at]); at++) {
                letters += letter(t.at[at]);
                signs += digit(t.at[at]) || t.at[at] == '_' || (t.at[at] == '.' && at + 1 < t.n && name_char(t.at[at + 1]));
            }
            if (letters > 0 && signs > 0 && letters + signs > 2)
                return true;
        }
    return false;
}

static bool holds_address(struct str t)
{
    static const char *const marks[] = {"://", "www.", "http:", "https:", "hxxp", ".onion", "t.me/"};
    for (size_t i = 0; i < t.n; i++)
        for (size_t m = 0; m < sizeof marks / sizeof *marks; m++) {
            size_t k = 0;
            while (marks[m][k] && i + k < t.n && lower(t.at[i + k]) == marks[m][k])
                k++;
            if (!marks[m][k])
                return true;
        }
    return holds_handle(t) || holds_account(t) || holds_host(t) || holds_four_numbers(t);
}

// ── telephones ──
// "+355 69 …", or a 0 and 9 to 14 digits with single signs between. Not 116 111, not "08.30-16.30", not "05.2026-12.2026".
static bool holds_phone(struct str t)
{
    for (size_t i = 0; i < t.n; i++) {
        bool plus = t.at[i] == '+';
        if ((!plus && t.at[i] != '0') || (i > 0 && (digit(t.at[i - 1]) || letter(t.at[i - 1]) || one_of(t.at[i - 1], ".,-/"))))
            continue;
        size_t at = i + plus, digits = 0, groups = 0, run = 0, size[3] = {0};
        char first[3] = {0};
        while (at < t.n) {
            if (digit(t.at[at])) {
                if (run == 0 && groups < 3)
                    first[groups] = t.at[at];
                run++;
                digits++;
                at++;
                if (groups < 3)
                    size[groups] = run;
                continue;
            }
            size_t gap = run ? separators(t, at, "-./()", 2) : 0;
            if (gap == 0 || at + gap >= t.n || !digit(t.at[at + gap]))
                break;
            at += gap;
            groups++;
            run = 0;
        }
        bool after = at < t.n && letter(t.at[at]);
        bool date = size[0] == 2 && (size[1] < 3 || (size[1] == 4 && first[1] == '2'));
        if (!after && (plus ? digits >= 8 && digits <= 15 : digits >= 9 && digits <= 14 && size[0] > 1 && !date))
            return true;
    }
    return false;
}

enum network_fault network_check(struct str text)
{
    size_t n = 0;
    if (text.n == 0)
        return NETWORK_FINE;
    char *bytes = folded(text, &n);
    if (!bytes)
        return NETWORK_ADDRESS; // not looked at
    struct str t = {bytes, n};
    enum network_fault fault = holds_id(t) ? NETWORK_ID : holds_receipt_word(t) || holds_receipt_groups(t) ? NETWORK_RECEIPT
        : holds_case(t) ? NETWORK_CASE : holds_address(t) ? NETWORK_ADDRESS : holds_phone(t) ? NETWORK_PHONE : NETWORK_FINE;
    free(bytes);
    return fault;
}
