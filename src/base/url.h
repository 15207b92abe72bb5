// url: web addresses and account names, as people type them. Rules: docs/protocol.md, "Same page".
// Nothing here fetches. All output lives in the arena, of which one call takes at most URL_ARENA bytes; where the arena
// has no more, the answer is URL_NOT_WEB (or the empty str) and arena_failed tells the difference.
#pragma once
#include "base/arena.h"

enum url_fault {
    URL_FINE = 0,
    URL_EMPTY,
    URL_TOO_LONG,   // more than URL_MAX bytes as typed; checked first
    URL_CONTROL,    // a control character (other than tab, CR, LF: they are white space) or broken UTF-8
    URL_PICTURE,    // data: — pictures are never accepted
    URL_NOT_WEB,    // another scheme, or nothing that looks like a host
};
#define URL_MAX 2048
#define URL_ARENA (64 * 1024)

// Reading: finds the address in what was typed ("look: hxxps://a[.]example/x)." ) and gives it exactly, nothing removed.
// - The first http(s):// or hxxp(s):// (of several in a row the last) up to white space; [.] and (.) are mended to a dot,
//   hxxp to http. Closing marks .,;:!?)]}»"' and also > “ ” ’ › … are dropped, unless the run holds an opener of theirs.
//   Where the host cannot be one because another thing follows it without a space ("https://a.example,https://b.example"),
//   the run ends there.
// - Otherwise the whole, without white space at its ends and mended likewise, if it looks like a host: labels with a dot
//   between them and a last one of two letters or more, four decimal numbers, or an IPv6 address in brackets; no user@.
//   Then "http://" is put before it.
// - A word that starts with data: and a media type, comma or semicolon is a picture wherever it stands ("data: 12 maj" is
//   a date). Whatever reads as FINE compares as FINE.
MUST_USE enum url_fault url_read(struct arena *a, struct str typed, struct str *address);

// Comparing: the form in which two addresses of the same page are equal ("http://host/path?query"), and its host (without
// port; IPv6 in brackets). Comparing what was compared changes nothing. What the rules leave open is decided here so:
// - the scheme is ignored, so that both default ports, 80 and 443, are dropped with either scheme;
// - an ASCII host is only lower-cased; others go through UTS 46 (non-transitional) and, where IDNA 2008 refuses a label
//   that browsers open (emoji), through lower case, NFKC and Punycode; %XX in a host is decoded first; "_" is fine;
// - numbers count as browsers count them: 0x7f.1, 017700000001 and 2130706433 are 127.0.0.1;
// - a backslash before the query is a slash, as in browsers; a % that starts no %XX becomes %25; of ASCII, space and
//   "<>\^`{|} are encoded; reserved characters stay as they were, encoded or not;
// - dot segments may be written %2E; names of tracking parameters are case-sensitive;
// - the trailing slash is dropped where the path ends the address and no second slash stands before it; a query after an
//   empty path gets "/".
// Takes addresses of up to 3 × URL_MAX + 64 bytes, so that its own output fits.
MUST_USE enum url_fault url_compare(struct arena *a, struct str address, struct str *page, struct str *host);

// App and account compared together: "app\naccount", NFC, trimmed, one leading @ dropped, ASCII lower case (what follows
// "/+" keeps its case); all digits, '+', 'X' and spaces: spaces dropped. The app's name: NFC, trimmed, ASCII lower case.
struct str url_account_compare(struct arena *a, struct str app, struct str account);
