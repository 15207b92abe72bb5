// err: the one set of failures. Each maps to one HTTP status (web/status.c) and one sentence a user can act on.
#pragma once

#define MUST_USE __attribute__((warn_unused_result))

enum err {
    OK = 0,
    ERR_MALFORMED,        // 400 bytes that cannot be read as what they claim to be
    ERR_UNAUTHENTICATED,  // 401 no session, an expired one, or a wrong sign-in
    ERR_FORBIDDEN,        // 403 signed in, but the role does not allow it
    ERR_NO_KEY,           // 403 the role would allow it, but nobody gave this person the key
    ERR_NOT_FOUND,        // 404 also where telling the difference would tell a secret
    ERR_METHOD,           // 405 the address exists, but not for this method
    ERR_CONFLICT,         // 409 somebody else was first, or the state does not allow it
    ERR_TOO_LARGE,        // 413
    ERR_KIND,             // 415 a body of another kind than this address takes: a file, another charset, a compressed one
    ERR_INVALID,          // 422 understood and refused; struct refusals names the fields
    ERR_LIMITED,          // 429 budget or rate; try again later
    ERR_FULL,             // 503 a queue, the disk or a pool is full; Retry-After
    ERR_AWAY,             // 503 store or keeper cannot be reached; Retry-After
    ERR_TAMPERED,         // 500 a MAC, signature or seal did not verify; always alarmed
    ERR_IO,               // 500 an operating-system call failed
    ERR_MEMORY,           // 500 an allocation or an arena's cap
    ERR_BUG,              // 500 a state that must not occur
    ERR_COUNT_
};

const char *err_name(enum err e); // "conflict"; static
