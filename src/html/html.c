#include "html/html.h"
#include <string.h>

// Bytes that go through unchanged, so that ordinary text is copied in runs.
static bool plain(unsigned char c)
{
    return (c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'') || c == '\n' ||
        c == '\t' || c == '\r';
}

// Length of the well-formed UTF-8 sequence at s (Unicode 15, table 3-7), 0 where there is none; *point its code point.
static size_t sequence(struct str s, uint32_t *point)
{
    const unsigned char *b = (const unsigned char *)s.at;
    unsigned char c = b[0];
    size_t n = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (n == 0 || s.n < n)
        return 0;
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (b[1] < low || b[1] > high)
        return 0;
    uint32_t p = n == 2 ? c & 0x1fu : n == 3 ? c & 0x0fu : c & 0x07u;
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        p = p << 6 | (b[i] & 0x3fu);
    }
    *point = p;
    return n;
}

// Nothing of them is seen, but they change or hide what stands beside them: general category Cf, the fillers that look like
// nothing, and tags. The two joiners (200C-D) and the selectors (FE00-F, E0100-EF) make emoji and the letters of some scripts
// what they are: they stay behind one of those, and behind a digit the selector of its key (1️⃣).
static const struct { uint32_t from, to; } unseen[] = {
    {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200b},
    {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
};

static bool joins(uint32_t p)
{
    return p == 0x200c || p == 0x200d || (p >= 0xfe00 && p <= 0xfe0f) || (p >= 0xe0100 && p <= 0xe01ef);
}

#define SCRIPTS_FROM 0x0600 // Latin, Greek and Cyrillic letters stand below and need none

static bool hidden(uint32_t p, uint32_t before)
{
    if (joins(p))
        return (before < SCRIPTS_FROM || before == p) && !(p == 0xfe0f && before >= '0' && before <= '9');
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (p >= unseen[i].from && p <= unseen[i].to)
            return true;
    return false;
}

// At least one byte; returns how many were read. *before: the character before it, then this one; 0: nothing that is seen.
static size_t put_special(struct buf *out, struct str s, uint32_t *before)
{
    uint32_t behind = *before;
    *before = 0;
    switch (s.at[0]) {
    case '&': buf_put(out, STR("&amp;")); return 1;
    case '<': buf_put(out, STR("&lt;")); return 1;
    case '>': buf_put(out, STR("&gt;")); return 1;
    case '"': buf_put(out, STR("&quot;")); return 1;
    case '\'': buf_put(out, STR("&#39;")); return 1;
    default: break;
    }
    uint32_t point = 0;
    size_t n = sequence(s, &point);
    if (n == 0 || (point >= 0x80 && point < 0xa0)) { // C1 controls too
        buf_put(out, STR("\xef\xbf\xbd"));
        return n > 0 ? n : 1;
    }
    bool shown = !hidden(point, behind);
    *before = shown ? point : 0;
    if (!shown)
        buf_printf(out, "\xe2\x9f\xa8U+%04X\xe2\x9f\xa9", (unsigned)point);
    else
        buf_put(out, (struct str){s.at, n});
    return n;
}

void html_text(struct buf *out, struct str s)
{
    size_t from = 0, i = 0;
    uint32_t before = 0;
    while (i < s.n) {
        if (plain((unsigned char)s.at[i])) {
            i++;
            continue;
        }
        if (i > from)
            buf_put(out, str_slice(s, from, i));
        before = i > from ? (unsigned char)s.at[i - 1] : before;
        i += put_special(out, str_slice(s, i, s.n), &before);
        from = i;
    }
    if (i > from)
        buf_put(out, str_slice(s, from, i));
}

void html_z(struct buf *out, const char *z) { html_text(out, str_from(z)); }
void html_int(struct buf *out, int64_t v) { buf_put_int(out, v); }
void html_id(struct buf *out, struct id v) { buf_put_hex(out, v.b, sizeof v.b); }
void html_raw(struct buf *out, struct html m) { buf_put(out, m.markup); }

// What browsers strip or rewrite before they read an address (white space, controls, backslashes) is refused whole.
static bool url_safe(struct str s)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= 0x20 || c == 0x7f || c == '\\')
            return false;
    }
    if (s.n == 0 || !str_utf8_valid(s))
        return false;
    if (s.at[0] == '/')
        return s.n == 1 || s.at[1] != '/';
    if (s.at[0] == '?' || s.at[0] == '#')
        return true;
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) {
        size_t n = strlen(schemes[k]), i = 0;
        while (i < n && i < s.n && (s.at[i] | (s.at[i] >= 'A' && s.at[i] <= 'Z' ? 0x20 : 0)) == schemes[k][i])
            i++;
        if (i == n)
            return s.n > n;
    }
    return false;
}

void html_url(struct buf *out, struct str s) { html_text(out, url_safe(s) ? s : STR("#")); }

void html_url_part(struct buf *out, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
            c == '.' || c == '_' || c == '~';
        if (fine) {
            buf_put_c(out, (char)c);
        } else {
            buf_put_c(out, '%');
            buf_put_c(out, hex[c >> 4]);
            buf_put_c(out, hex[c & 15]);
        }
    }
}

void html_tel(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '+' || s.at[i] == '*' || s.at[i] == '#')
            buf_put_c(out, s.at[i]);
}

static void put_piece(void *ctx, bool is_arg, struct str piece)
{
    (void)is_arg; // translations are escaped like what is put into them: they are text, not markup
    html_text(ctx, piece);
}

void html_message(struct buf *out, const struct lang *l, enum message m, size_t n, const struct text_arg *args)
{
    text_walk(l, m, n, args, put_piece, out);
}

// The linker lays the pointers that each compiled page leaves in this section side by side, and names both ends. Pointers,
// because compilers may leave gaps between structs. NULL in a program without pages.
extern const struct html_page *const __start_isigurt_pages[] __attribute__((weak));
extern const struct html_page *const __stop_isigurt_pages[] __attribute__((weak));

const struct html_page *html_page_find(html_page_fn *write)
{
    for (const struct html_page *const *p = __start_isigurt_pages; p != __stop_isigurt_pages; p++)
        if ((*p)->write == write)
            return *p;
    return NULL;
}
