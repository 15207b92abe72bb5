// url: web addresses and account names, as people type them. Rules: docs/protocol.md, "Same page".
// Nothing here fetches. All output lives in the arena.
#pragma once
#include "base/arena.h"

enum url_fault {
    URL_FINE = 0,
    URL_EMPTY,
    URL_TOO_LONG,   // more than URL_MAX bytes as typed; checked first
    URL_CONTROL,    // a control character or broken UTF-8
    URL_PICTURE,    // data: — pictures are never accepted
    URL_NOT_WEB,    // another scheme, or nothing that looks like a host
};
#define URL_MAX 2048

// Reading: finds the address in what was typed ("look: hxxps://a[.]example/x)." ) and gives it exactly, nothing removed.
MUST_USE enum url_fault url_read(struct arena *a, struct str typed, struct str *address);
// Comparing: the form in which two addresses of the same page are equal ("http://host/path?query"), and its host.
MUST_USE enum url_fault url_compare(struct arena *a, struct str address, struct str *page, struct str *host);
// What may stand in lists and mails: user and password dropped, bidi overrides and other invisibles written as \u{202E}.
struct str url_show(struct arena *a, struct str address);
// App and account compared together: "app\naccount", NFC, trimmed, one leading @ dropped, ASCII lower case (what follows
// "/+" keeps its case); all digits, '+', 'X' and spaces: spaces dropped.
struct str url_account_compare(struct arena *a, struct str app, struct str account);
