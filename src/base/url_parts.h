// url_parts: the pieces of an address, for url*.c alone.
#pragma once
#include "base/arena.h"

struct url_parts { // all borrow from the address
    size_t scheme;         // bytes of "http://" or "https://"
    struct str authority;  // user, host and port as typed
    size_t user;           // bytes of "user:password@" at its start, or 0
    struct str host, port; // IPv6 with its brackets; port empty where there is none
    struct str path, query; // query without '?'; the fragment is left out
};

// How many bytes of s are "http://" or "https://", in any case; 0 where it starts with neither.
size_t url_scheme(struct str s);
// False: no scheme, or brackets or a port that cannot be; out->scheme, authority and user are right even then.
bool url_split(struct str address, struct url_parts *out);
// Lower-case Punycode, standard IPv4 or [IPv6]; false for what no host can be, and where the arena failed.
bool url_host(struct arena *a, struct str typed, struct str *out);
// Length of the white space that s starts with, in bytes of its first character; 0 for anything else.
size_t url_space(struct str s);
struct str url_trim(struct str s); // Unicode's white space off both ends
