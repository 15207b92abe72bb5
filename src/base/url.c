#include "base/url.h"
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>
#include "base/url_parts.h"

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_lower(struct str s, const char *lower)
{
    size_t n = strlen(lower);
    for (size_t i = 0; i < n; i++) {
        if (i >= s.n || ascii_lower(s.at[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

// Bytes of "http://", "https://", "hxxp://" or "hxxps://" at the start of s, or 0.
static size_t scheme_at(struct str s)
{
    static const char *const schemes[] = {"http://", "https://", "hxxp://", "hxxps://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (starts_lower(s, schemes[i])) {
            return strlen(schemes[i]);
        }
    }
    return 0;
}

static size_t word_length(struct str s)
{
    size_t i = 0;
    while (i < s.n && url_space(str_slice(s, i, s.n)) == 0) {
        i++;
    }
    return i;
}

// "data:image/png;base64,…", "data:,x", "data:;base64,…"; not "data:" before a date.
static bool picture_word(struct str word)
{
    while (word.n > 0 && strchr("\"'(<[", word.at[0]) && word.at[0] != '\0') {
        word = str_slice(word, 1, word.n);
    }
    if (!starts_lower(word, "data:")) {
        return false;
    }
    word = str_slice(word, 5, word.n);
    size_t i = 0;
    while (i < word.n && ascii_lower(word.at[i]) >= 'a' && ascii_lower(word.at[i]) <= 'z') {
        i++;
    }
    return i < word.n && (i == 0 ? word.at[0] == ',' || word.at[0] == ';' : word.at[i] == '/');
}

static bool has_picture(struct str typed)
{
    for (struct str rest = url_trim(typed); rest.n > 0; rest = url_trim(rest)) {
        size_t n = word_length(rest);
        if (picture_word(str_slice(rest, 0, n))) {
            return true;
        }
        rest = str_slice(rest, n, rest.n);
    }
    return false;
}

static size_t count(struct str s, const char *mark)
{
    size_t n = 0, length = strlen(mark);
    for (size_t i = 0; i + length <= s.n; i++) {
        n += memcmp(s.at + i, mark, length) == 0;
    }
    return n;
}

// Marks of the sentence around an address. One that closes stays where the address holds an opener for it.
static struct str cut_closers(struct str s)
{
    static const struct {
        const char *close, *open;
    } marks[] = {
        {".", NULL}, {",", NULL}, {";", NULL},  {":", NULL},  {"!", NULL}, {"?", NULL}, {"…", NULL}, {")", "("}, {"]", "["},
        {"}", "{"},  {"»", "«"},  {"\"", "\""}, {"'", "'"},   {">", "<"},  {"“", "„"},  {"”", "“"},  {"’", "‘"}, {"›", "‹"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *close = marks[i].close, *open = marks[i].open;
        if (!str_ends(s, close)) {
            continue;
        }
        bool same = open && strcmp(open, close) == 0;
        bool opened = open && (same ? count(s, close) % 2 == 0 : count(s, close) <= count(s, open));
        if (!opened) {
            s = str_slice(s, 0, s.n - strlen(close));
            i = (size_t)-1; // from the start again
        }
    }
    return s;
}

// [.] and (.) become a dot; hxxp becomes http.
static struct str mend(struct arena *a, struct str run)
{
    struct str copy = arena_str(a, run);
    char *out = (char *)copy.at;
    size_t n = 0;
    for (size_t i = 0; i < copy.n; i++) {
        struct str here = str_slice(run, i, run.n);
        bool dot = str_starts(here, "[.]") || str_starts(here, "(.)");
        out[n++] = dot ? '.' : run.at[i];
        i += dot ? 2 : 0;
    }
    if (starts_lower((struct str){out, n}, "hxxp")) {
        out[1] = out[2] = 't';
    }
    return (struct str){out, n};
}

static bool comparable(struct arena *a, struct str address)
{
    struct str page, host;
    return address.n > 0 && url_compare(a, address, &page, &host) == URL_FINE;
}

// Something that cannot be in a host follows it without a space: the address ends there.
static struct str cut_host(struct str address)
{
    size_t i = url_scheme(address);
    i += i < address.n && address.at[i] == '['; // IPv6 may open with one
    while (i < address.n && (address.at[i] == '\0' || !strchr(",;\"'<>()[{}|^`/\\?#", address.at[i]))) {
        i++;
    }
    return cut_closers(str_slice(address, 0, i));
}

static enum url_fault read_run(struct arena *a, struct str run, struct str *address)
{
    struct str found = cut_closers(mend(a, run));
    if (!comparable(a, found)) {
        found = cut_host(found);
        if (!comparable(a, found)) {
            return URL_NOT_WEB;
        }
    }
    *address = found;
    return URL_FINE;
}

static bool dotted_quad(struct str host)
{
    size_t dots = 0;
    for (size_t i = 0; i < host.n; i++) {
        dots += host.at[i] == '.';
        if (host.at[i] != '.' && (host.at[i] < '0' || host.at[i] > '9')) {
            return false;
        }
    }
    return dots == 3;
}

// Stricter than a host behind "http://": a date, a price or an e-mail address must not pass.
static bool looks_like_host(struct arena *a, struct str address)
{
    struct url_parts p;
    struct str host;
    if (!url_split(address, &p) || p.user > 0 || !url_host(a, p.host, &host)) {
        return false;
    }
    if (p.port.n == 0 && p.host.n < p.authority.n) { // "a.b://x", "host:"
        return false;
    }
    if (str_starts(host, "[")) {
        return true;
    }
    if (dotted_quad(host)) {
        return dotted_quad(p.host);
    }
    struct str rest = host, label = host;
    size_t labels = 0;
    for (; rest.n > 0; labels++) {
        label = str_cut(&rest, '.');
    }
    if (labels < 2 || label.n < 2) {
        return false;
    }
    for (size_t i = 0; i < label.n && !str_starts(label, "xn--"); i++) {
        if (label.at[i] < 'a' || label.at[i] > 'z') {
            return false;
        }
    }
    return true;
}

enum url_fault url_read(struct arena *a, struct str typed, struct str *address)
{
    if (typed.n > URL_MAX) {
        return URL_TOO_LONG;
    }
    if (str_blank(typed)) {
        return URL_EMPTY;
    }
    if (!str_utf8_valid(typed) || str_has_control(typed, true)) {
        return URL_CONTROL;
    }
    if (has_picture(typed)) {
        return URL_PICTURE;
    }
    for (size_t i = 0; i < typed.n; i++) {
        struct str here = str_slice(typed, i, typed.n);
        size_t scheme = scheme_at(here);
        if (scheme > 0 && scheme_at(str_slice(here, scheme, here.n)) == 0) { // of "https://https://" the second counts
            return read_run(a, str_slice(here, 0, word_length(here)), address);
        }
    }
    struct str whole = url_trim(typed);
    if (word_length(whole) < whole.n) {
        return URL_NOT_WEB; // several words
    }
    if (starts_lower(whole, "data:")) {
        return URL_PICTURE;
    }
    whole = cut_closers(mend(a, whole));
    struct str found = arena_printf(a, "http://%.*s", STR_ARG(whole));
    if (!looks_like_host(a, found) || !comparable(a, found)) {
        return URL_NOT_WEB;
    }
    *address = found;
    return URL_FINE;
}

// NFC and trimmed, in memory of its own that may be written. Text that is not UTF-8 stays as it is.
static struct str name_of(struct arena *a, struct str typed)
{
    size_t n = 0;
    struct str out;
    uint8_t *whole = NULL;
    if (typed.n > 0 && str_utf8_valid(typed)) {
        whole = u8_normalize(UNINORM_NFC, (const uint8_t *)typed.at, typed.n, NULL, &n);
    }
    out = arena_str(a, url_trim(whole ? (struct str){(const char *)whole, n} : typed));
    free(whole);
    return out;
}

static void lower(struct str s, size_t until)
{
    char *at = (char *)s.at;
    for (size_t i = 0; i < until; i++) {
        at[i] = ascii_lower(at[i]);
    }
}

// A telephone number, perhaps with digits left out: its spaces say nothing.
static struct str without_spaces_if_number(struct str s)
{
    char *at = (char *)s.at;
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t space = url_space(str_slice(s, i, s.n));
        if (space == 0 && !(at[i] >= '0' && at[i] <= '9') && at[i] != '+' && at[i] != 'x') {
            return s;
        }
        i += space ? space : 1;
    }
    for (size_t i = 0; i < s.n;) {
        size_t space = url_space(str_slice(s, i, s.n));
        if (space == 0) {
            at[n++] = at[i];
        }
        i += space ? space : 1;
    }
    return str_slice(s, 0, n);
}

struct str url_account_compare(struct arena *a, struct str app, struct str account)
{
    struct str where = name_of(a, app);
    struct str who = name_of(a, account);
    if (str_starts(who, "@")) {
        who = url_trim(str_slice(who, 1, who.n));
    }
    lower(where, where.n);
    ptrdiff_t invite = str_find_str(who, STR("/+")); // t.me/+AbC: an invitation, whose case counts
    lower(who, invite < 0 ? who.n : (size_t)invite);
    who = without_spaces_if_number(who);
    return arena_printf(a, "%.*s\n%.*s", STR_ARG(where), STR_ARG(who));
}
