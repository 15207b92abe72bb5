// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "oversight/oversight.h"

struct trail_in { struct str action, until; struct id person; int64_t before; };
struct trail_line {
    int64_t seq, at;
    struct id person, object, object2; // zero: nobody, nothing
    struct str action, status, detail; // detail: hex
    // for pages
    struct str at_text, person_name, action_text, status_text;
    bool somebody, something, failed;
};
struct trail_out {
    struct list entries;   // struct trail_line
    int64_t next;          // 0: the beginning was reached
    // for pages
    struct list actions;   // struct choice
    struct str person_name, next_href;
    bool end;
};

// ── anchors.c ──
struct anchor_file_in { struct str writer; };
struct anchor_row {
    struct str writer, digest; // 16 hex digits; five groups of four, to be read over a telephone
    int64_t seq, at;
    struct str at_text;        // for pages
};
struct anchors_out { struct list anchors; }; // struct anchor_row

// ── words.c ──
struct str trail_action_name(struct arena *a, uint16_t code);        // "sign_in"
struct str trail_action_text(const struct req *rq, uint16_t code);
MUST_USE enum err trail_action_read(struct str name, uint16_t *code); // ERR_MALFORMED
struct list trail_actions(struct req *rq, struct str on);            // struct choice
struct str trail_status_name(uint16_t status);                       // "ok", "not_permitted" …
struct str trail_status_text(const struct req *rq, uint16_t status);
