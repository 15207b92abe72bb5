// gate: which request heads are let in. libmicrohttpd accepts much that is ambiguous; what two programs in a row could
// read differently is refused here, before anybody looks at it. Pure functions, fuzzed by tests/fuzz/fuzz_http.c.
// Source: RFC 9110 section 5, RFC 9112 sections 2.2, 3.2, 5.1, 5.2, 6.1, 6.3.
#pragma once
#include "http/http.h"

enum gate {
    GATE_OPEN = 0,
    GATE_BAD,       // 400: cannot be read in one way only; the connection is closed
    GATE_NOWHERE,   // 404: readable, but names nothing we could have (percent-encoded path, "..", "//")
    GATE_LARGE,     // 431
};

// Splits "path?query". GATE_BAD for what no client may send unencoded; GATE_NOWHERE for a path that is not in its plainest form.
enum gate gate_target(struct str target, struct str *path, struct str *query);

struct gate_head {
    enum gate verdict;               // the first fault stays
    size_t fields, bytes;
    struct str kept[HTTP_HEADERS];
};
void gate_head_start(struct gate_head *g);
void gate_field(struct gate_head *g, struct str name, struct str value);
// After the last field: exactly one Host for HTTP/1.1, one clear length of the body.
enum gate gate_head_end(struct gate_head *g, struct str version);
// Bytes of the body that Content-Length announces; -1: none or chunked. Only after gate_head_end was GATE_OPEN.
int64_t gate_length(const struct gate_head *g);

enum http_method gate_method(struct str name);
