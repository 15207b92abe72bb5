// multipart/form-data as browsers send it. Strict: no preamble, no epilogue but a line's end, no nesting, no encodings.
#include <string.h>
#include <strings.h>
#include "web/inside.h"

#define BOUNDARY_MAX 70 // RFC 2046

static bool starts_word(struct str s, struct str word)
{
    return s.n >= word.n && strncasecmp(s.at, word.at, word.n) == 0;
}

static ptrdiff_t find(struct str s, struct str what)
{
    const char *at = s.n >= what.n ? memmem(s.at, s.n, what.at, what.n) : NULL;
    return at ? at - s.at : -1;
}

enum err multipart_boundary(struct str content_type, struct str *out)
{
    struct str rest = content_type;
    size_t found = 0;
    str_cut(&rest, ';');
    while (rest.n) {
        struct str one = str_trim(str_cut(&rest, ';'));
        if (!starts_word(one, STR("boundary=")))
            continue;
        struct str b = str_slice(one, 9, one.n);
        if (b.n >= 2 && b.at[0] == '"' && b.at[b.n - 1] == '"')
            b = str_slice(b, 1, b.n - 1);
        for (size_t i = 0; i < b.n; i++)
            if (b.at[i] <= ' ' || b.at[i] > '~' || b.at[i] == '"')
                return ERR_MALFORMED;
        if (b.n == 0 || b.n > BOUNDARY_MAX || found++)
            return ERR_MALFORMED;
        *out = b;
    }
    return found ? OK : ERR_MALFORMED;
}

// `; name="x"` and `; filename="x"`. Browsers write a quote as %22, so none stands inside.
static enum err disposition(struct str rest, struct part *p)
{
    bool named = false;
    while (rest.n) {
        rest = str_trim(rest);
        if (rest.n == 0)
            break;
        if (rest.at[0] != ';')
            return ERR_MALFORMED;
        rest = str_trim(str_slice(rest, 1, rest.n));
        struct str name = str_cut(&rest, '=');
        if (rest.n < 2 || rest.at[0] != '"')
            return ERR_MALFORMED;
        const char *end = memchr(rest.at + 1, '"', rest.n - 1);
        if (!end)
            return ERR_MALFORMED;
        struct str value = {rest.at + 1, (size_t)(end - rest.at - 1)};
        rest = str_slice(rest, value.n + 2, rest.n);
        if (str_equal_z(name, "name") && !named && value.n > 0 && value.n <= FORM_NAME_MAX) {
            named = true;
            p->name = value;
        } else if (str_equal_z(name, "filename") && !p->file) {
            p->file = true;
            p->file_name = value;
        } else {
            return ERR_MALFORMED;
        }
    }
    return named ? OK : ERR_MALFORMED;
}

static enum err head_read(struct str head, struct part *p)
{
    bool told = false;
    while (head.n) {
        ptrdiff_t end = find(head, STR("\r\n"));
        struct str line = str_slice(head, 0, end < 0 ? head.n : (size_t)end);
        head = end < 0 ? STR("") : str_slice(head, (size_t)end + 2, head.n);
        if (memchr(line.at, '\0', line.n) || memchr(line.at, '\n', line.n) || memchr(line.at, '\r', line.n))
            return ERR_MALFORMED;
        if (starts_word(line, STR("content-disposition: form-data"))) {
            if (told || disposition(str_slice(line, 30, line.n), p))
                return ERR_MALFORMED;
            told = true;
        } else if (!starts_word(line, STR("content-type:"))) { // what it says of itself is not believed
            return ERR_MALFORMED;
        }
    }
    return told ? OK : ERR_MALFORMED;
}

enum err multipart_read(struct str body, struct str boundary, struct part *out, size_t *n)
{
    char line[BOUNDARY_MAX + 4] = "\r\n--";
    *n = 0;
    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX)
        return ERR_MALFORMED;
    memcpy(line + 4, boundary.at, boundary.n);
    const struct str end = {line, boundary.n + 4}, first = str_slice(end, 2, end.n);
    if (!str_starts(body, first.n ? "--" : "") || body.n < first.n || memcmp(body.at, first.at, first.n) != 0)
        return ERR_MALFORMED;
    body = str_slice(body, first.n, body.n);
    while (body.n >= 2 && memcmp(body.at, "\r\n", 2) == 0) {
        body = str_slice(body, 2, body.n);
        ptrdiff_t head = find(str_slice(body, 0, body.n < PART_HEAD_MAX ? body.n : PART_HEAD_MAX), STR("\r\n\r\n"));
        if (head < 0 || *n == PARTS_MAX)
            return ERR_MALFORMED;
        struct part *p = &out[(*n)++];
        *p = (struct part){0};
        if (head_read(str_slice(body, 0, (size_t)head), p))
            return ERR_MALFORMED;
        body = str_slice(body, (size_t)head + 2, body.n); // the blank line's own end may begin the boundary
        ptrdiff_t value = find(body, end);
        if (value < 0)
            return ERR_MALFORMED;
        p->value = value < 2 ? STR("") : str_slice(body, 2, (size_t)value);
        body = str_slice(body, (size_t)value + end.n, body.n);
    }
    bool closed = (body.n == 2 && memcmp(body.at, "--", 2) == 0) || (body.n == 4 && memcmp(body.at, "--\r\n", 4) == 0);
    return closed && *n > 0 ? OK : ERR_MALFORMED;
}
