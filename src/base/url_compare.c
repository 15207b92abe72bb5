#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include "base/url.h"
#include "base/url_parts.h"

#define COMPARE_MAX (3 * URL_MAX + 64)

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t url_space(struct str s)
{
    ucs4_t c;
    if (s.n == 0) {
        return 0;
    }
    int step = u8_mbtouc(&c, (const uint8_t *)s.at, s.n);
    return step > 0 && uc_is_property_white_space(c) ? (size_t)step : 0;
}

struct str url_trim(struct str s)
{
    size_t step, end = 0;
    while ((step = url_space(s)) > 0) {
        s = str_slice(s, step, s.n);
    }
    for (size_t i = 0; i < s.n;) {
        step = url_space(str_slice(s, i, s.n));
        i += step ? step : 1;
        end = step ? end : i;
    }
    return str_slice(s, 0, end);
}

size_t url_scheme(struct str s)
{
    static const char http[] = "http";
    size_t i = 0;
    for (; i < 4; i++) {
        if (i >= s.n || ascii_lower(s.at[i]) != http[i]) {
            return 0;
        }
    }
    i += i < s.n && ascii_lower(s.at[i]) == 's';
    return str_starts(str_slice(s, i, s.n), "://") ? i + 3 : 0;
}

static size_t first_of(struct str s, const char *set)
{
    size_t i = 0;
    while (i < s.n && (s.at[i] == '\0' || !strchr(set, s.at[i]))) {
        i++;
    }
    return i;
}

bool url_split(struct str address, struct url_parts *out)
{
    *out = (struct url_parts){.scheme = url_scheme(address)};
    if (out->scheme == 0) {
        return false;
    }
    struct str rest = str_slice(address, out->scheme, address.n);
    size_t end = first_of(rest, "/\\?#");
    out->authority = str_slice(rest, 0, end);
    rest = str_slice(rest, end, rest.n);
    rest = str_slice(rest, 0, first_of(rest, "#"));
    end = first_of(rest, "?");
    out->path = str_slice(rest, 0, end);
    out->query = str_slice(rest, end + 1, rest.n);

    for (size_t i = 0; i < out->authority.n; i++) {
        out->user = out->authority.at[i] == '@' ? i + 1 : out->user;
    }
    struct str place = str_slice(out->authority, out->user, out->authority.n);
    size_t colon = first_of(place, ":");
    if (str_starts(place, "[")) {
        size_t close = first_of(place, "]");
        if (close == place.n) {
            return false;
        }
        colon = close + 1;
    }
    out->host = str_slice(place, 0, colon);
    if (colon == place.n) {
        return true;
    }
    out->port = str_slice(place, colon + 1, place.n);
    for (size_t i = 0; i < out->port.n; i++) {
        if (out->port.at[i] < '0' || out->port.at[i] > '9') {
            return false;
        }
    }
    return place.at[colon] == ':';
}

static bool unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

// Characters that stay as they are: unreserved, and reserved ones where they stand unencoded.
static bool stays(unsigned char c)
{
    return unreserved(c) || (c > 0x20 && c < 0x7F && strchr("!#$&'()*+,/:;=?@[]", c) != NULL);
}

static struct str percent(struct arena *a, struct str s)
{
    static const char digit[] = "0123456789ABCDEF";
    char *out = arena_array(a, s.n + 1, 3);
    size_t n = 0;
    for (size_t i = 0; out && i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool encoded = c == '%' && i + 2 < s.n && str_hex_digit(s.at[i + 1]) >= 0 && str_hex_digit(s.at[i + 2]) >= 0;
        if (encoded) {
            c = (unsigned char)(str_hex_digit(s.at[i + 1]) << 4 | str_hex_digit(s.at[i + 2]));
            i += 2;
        }
        if (encoded ? unreserved(c) : stays(c)) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = digit[c >> 4];
            out[n++] = digit[c & 15];
        }
    }
    return (struct str){out, n};
}

// Slashes for backslashes, percent-encoding, dot segments (RFC 3986, 5.2.4).
static struct str normal_path(struct arena *a, struct str typed)
{
    struct str copy = arena_str(a, typed);
    char *slashed = (char *)copy.at;
    for (size_t i = 0; i < copy.n; i++) {
        slashed[i] = slashed[i] == '\\' ? '/' : slashed[i];
    }
    struct str rest = percent(a, copy);
    char *out = arena_alloc(a, rest.n + 1);
    size_t n = 0;
    if (!rest.at || !out) {
        return (struct str){NULL, 0};
    }
    while (rest.n > 0) { // starts with '/'
        rest = str_slice(rest, 1, rest.n);
        size_t length = first_of(rest, "/");
        struct str segment = str_slice(rest, 0, length);
        rest = str_slice(rest, length, rest.n);
        bool up = str_equal_z(segment, "..");
        if (up) {
            while (n > 0 && out[--n] != '/') {
            }
        }
        if (up || str_equal_z(segment, ".")) {
            if (rest.n == 0) {
                out[n++] = '/';
            }
            continue;
        }
        out[n++] = '/';
        memcpy(out + n, segment.at, segment.n);
        n += segment.n;
    }
    return (struct str){out, n};
}

// 31, 31s, 1m5s, 1h2m3s
static bool is_time(struct str s)
{
    size_t i = 0;
    bool any = false;
    static const char unit[] = "hms";
    for (size_t u = 0; u < 3 && i < s.n;) {
        size_t start = i;
        while (i < s.n && s.at[i] >= '0' && s.at[i] <= '9') {
            i++;
        }
        if (i == start) {
            return false;
        }
        any = true;
        if (i == s.n) {
            return true; // seconds without their letter
        }
        while (u < 3 && s.at[i] != unit[u]) {
            u++;
        }
        if (u == 3) {
            return false;
        }
        u++;
        i++;
    }
    return any && i == s.n;
}

static bool on_video_page(struct str path)
{
    static const char *const names[] = {"v", "watch", "video", "embed", "shorts"};
    struct str rest = str_slice(path, 1, path.n);
    struct str first = str_cut(&rest, '/');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_equal_z(first, names[i])) {
            return true;
        }
    }
    return false;
}

static bool tracks(struct str parameter, bool video)
{
    struct str value = parameter;
    struct str name = str_cut(&value, '=');
    return str_starts(name, "utm_") || str_equal_z(name, "fbclid") || str_equal_z(name, "gclid") || str_equal_z(name, "si") ||
           (video && str_equal_z(name, "t") && is_time(value));
}

static struct str normal_query(struct arena *a, struct str typed, bool video)
{
    struct str rest = percent(a, typed);
    char *out = arena_alloc(a, rest.n + 1);
    size_t n = 0;
    bool more = rest.at && out && rest.n > 0, any = false;
    while (more) {
        size_t end = first_of(rest, "&");
        struct str parameter = str_slice(rest, 0, end);
        more = end < rest.n;
        rest = str_slice(rest, end + 1, rest.n);
        if (tracks(parameter, video)) {
            continue;
        }
        if (any) {
            out[n++] = '&';
        }
        memcpy(out + n, parameter.at, parameter.n);
        n += parameter.n;
        any = true;
    }
    return (struct str){out, n};
}

// ":8080", or empty for none and the default ones. False past 65535.
static bool normal_port(struct arena *a, struct str typed, struct str *out)
{
    unsigned port = 0;
    for (size_t i = 0; i < typed.n; i++) {
        port = port * 10 + (unsigned)(typed.at[i] - '0');
        if (port > 65535) {
            return false;
        }
    }
    bool none = typed.n == 0 || port == 80 || port == 443;
    *out = none ? STR("") : arena_printf(a, ":%u", port);
    return out->at != NULL;
}

enum url_fault url_compare(struct arena *a, struct str address, struct str *page, struct str *host)
{
    struct url_parts p;
    struct str name, port;
    if (address.n > COMPARE_MAX) {
        return URL_TOO_LONG;
    }
    if (address.n == 0) {
        return URL_EMPTY;
    }
    if (str_has_control(address, false) || !str_utf8_valid(address)) {
        return URL_CONTROL;
    }
    if (!url_split(address, &p) || !url_host(a, p.host, &name) || !normal_port(a, p.port, &port)) {
        return URL_NOT_WEB;
    }
    struct str path = normal_path(a, p.path);
    struct str query = normal_query(a, p.query, on_video_page(path));
    if (query.n > 0 && path.n == 0) {
        path = STR("/");
    } else if (query.n == 0 && str_ends(path, "/") && !str_ends(path, "//")) {
        path = str_slice(path, 0, path.n - 1);
    }
    char *out = arena_alloc(a, sizeof "http://?" + name.n + port.n + path.n + query.n);
    if (!out || arena_failed(a)) {
        return URL_NOT_WEB;
    }
    size_t n = 0;
    const struct str pieces[] = {STR("http://"), name, port, path, query.n ? STR("?") : STR(""), query};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (pieces[i].n) {
            memcpy(out + n, pieces[i].at, pieces[i].n);
            n += pieces[i].n;
        }
    }
    *page = (struct str){out, n};
    *host = name;
    return URL_FINE;
}
