#include "http/gate.h"
#include <string.h>

#define GATE_LENGTH_DIGITS 10 // of Content-Length: no body is near that large, and nothing can overflow

static bool alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool in_set(unsigned char c, const char *set)
{
    return c && strchr(set, c);
}

enum http_method gate_method(struct str name)
{
    static const struct { struct str name; enum http_method method; } known[] = {
        {STR("GET"), HTTP_GET}, {STR("HEAD"), HTTP_HEAD}, {STR("POST"), HTTP_POST}, {STR("PUT"), HTTP_PUT}, {STR("DELETE"), HTTP_DELETE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_equal(known[i].name, name)) {
            return known[i].method;
        }
    }
    return HTTP_OTHER;
}

// A path in its plainest form: one spelling per page, so that no check of a prefix can be walked round.
static bool path_plain(struct str path)
{
    size_t part = 0; // bytes of the part so far
    for (size_t i = 1; i < path.n; i++) {
        unsigned char c = (unsigned char)path.at[i];
        if (c != '/') {
            if (!alnum(c) && !in_set(c, "-._~@+,:!")) {
                return false;
            }
            part++;
            continue;
        }
        if (part == 0) {
            return false; // "//"
        }
        part = 0;
    }
    struct str rest = str_slice(path, 1, path.n);
    while (rest.n) {
        struct str one = str_cut(&rest, '/');
        if (str_equal_z(one, ".") || str_equal_z(one, "..")) {
            return false;
        }
    }
    return true;
}

enum gate gate_target(struct str target, struct str *path, struct str *query)
{
    if (target.n > HTTP_TARGET_MAX) {
        return GATE_LARGE;
    }
    if (target.n == 0 || target.at[0] != '/') {
        return GATE_BAD; // absolute-form and authority-form are for proxies, "*" for OPTIONS
    }
    for (size_t i = 0; i < target.n; i++) {
        unsigned char c = (unsigned char)target.at[i];
        if (c <= ' ' || c >= 0x7F || in_set(c, "#\"<>\\")) {
            return GATE_BAD;
        }
    }
    struct str rest = target;
    struct str before = str_cut(&rest, '?');
    if (!path_plain(before)) {
        return GATE_NOWHERE;
    }
    *path = before;
    *query = rest;
    return GATE_OPEN;
}

static int header_of(struct str name)
{
    static const struct str names[HTTP_HEADERS] = {
        [HTTP_HOST] = STR("host"), [HTTP_COOKIE] = STR("cookie"), [HTTP_ACCEPT_LANGUAGE] = STR("accept-language"),
        [HTTP_ACCEPT_ENCODING] = STR("accept-encoding"), [HTTP_AUTHORIZATION] = STR("authorization"),
        [HTTP_CONTENT_TYPE] = STR("content-type"), [HTTP_CONTENT_ENCODING] = STR("content-encoding"),
        [HTTP_CONTENT_LENGTH] = STR("content-length"),
        [HTTP_TRANSFER_ENCODING] = STR("transfer-encoding"), [HTTP_ORIGIN] = STR("origin"),
        [HTTP_FETCH_SITE] = STR("sec-fetch-site"), [HTTP_CSRF] = STR("x-csrf-token"),
        [HTTP_PREFIX] = STR("x-isigurt-prefix"), [HTTP_IF_NONE_MATCH] = STR("if-none-match"),
        [HTTP_LAST_EVENT_ID] = STR("last-event-id"),
    };
    for (int i = 0; i < HTTP_HEADERS; i++) {
        if (names[i].n == name.n && strncasecmp(names[i].at, name.at, name.n) == 0) {
            return i;
        }
    }
    return -1;
}

void gate_head_start(struct gate_head *g)
{
    *g = (struct gate_head){0};
}

static void fault(struct gate_head *g, enum gate verdict)
{
    if (!g->verdict) {
        g->verdict = verdict;
    }
}

void gate_field(struct gate_head *g, struct str name, struct str value)
{
    g->fields++;
    g->bytes += name.n + value.n + 4; // ": " and the line's end
    if (g->fields > HTTP_FIELDS_MAX || g->bytes > HTTP_HEAD_MAX) {
        fault(g, GATE_LARGE);
        return;
    }
    if (name.n == 0) {
        fault(g, GATE_BAD);
        return;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (!alnum((unsigned char)name.at[i]) && !in_set((unsigned char)name.at[i], "!#$%&'*+-.^_`|~")) {
            fault(g, GATE_BAD);
            return;
        }
    }
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7F) {
            fault(g, GATE_BAD);
            return;
        }
    }
    int which = header_of(name);
    if (which < 0) {
        return;
    }
    value = str_trim(value);
    // An empty header is kept as present by pointing at it; two of the same could be read as either one.
    if (g->kept[which].at) {
        bool harmless = which == HTTP_ACCEPT_LANGUAGE || which == HTTP_ACCEPT_ENCODING; // the first one counts
        if (!harmless) {
            fault(g, GATE_BAD);
        }
        return;
    }
    g->kept[which] = value.at ? value : STR("");
}

enum gate gate_head_end(struct gate_head *g, struct str version)
{
    bool one_one = str_equal_z(version, "HTTP/1.1");
    if (!one_one && !str_equal_z(version, "HTTP/1.0")) {
        fault(g, GATE_BAD);
    }
    struct str host = g->kept[HTTP_HOST];
    if (one_one && host.n == 0) {
        fault(g, GATE_BAD);
    }
    for (size_t i = 0; i < host.n; i++) {
        if (!alnum((unsigned char)host.at[i]) && !in_set((unsigned char)host.at[i], "-._~:[]")) {
            fault(g, GATE_BAD);
        }
    }
    const struct str length = g->kept[HTTP_CONTENT_LENGTH], coding = g->kept[HTTP_TRANSFER_ENCODING];
    if (coding.at && (length.at || !one_one || coding.n != 7 || strncasecmp(coding.at, "chunked", 7) != 0)) {
        fault(g, GATE_BAD);
    }
    if (length.at && (length.n == 0 || length.n > GATE_LENGTH_DIGITS)) {
        fault(g, GATE_BAD);
    }
    for (size_t i = 0; i < length.n; i++) {
        if (length.at[i] < '0' || length.at[i] > '9') {
            fault(g, GATE_BAD);
        }
    }
    return g->verdict;
}

int64_t gate_length(const struct gate_head *g)
{
    int64_t n;
    return g->kept[HTTP_CONTENT_LENGTH].at && str_int(g->kept[HTTP_CONTENT_LENGTH], &n) == OK ? n : -1;
}
