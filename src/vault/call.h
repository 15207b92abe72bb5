// call: one packet to the keeper and its answer; what the client's files share. Not for others.
#pragma once
#include "vault/wire.h"

struct line;
struct call {
    struct keeper *k;
    struct line *line;
    uint8_t op;
    uint32_t number;
    struct buf out; // the request, over line->out
    size_t got;     // bytes of the answer
    struct wire_answer answer;
};
// Leases a connection and writes the head. Then the fields into c->out, call_ask, call_end; t NULL: no session.
MUST_USE enum err call_begin(struct call *c, struct keeper *k, uint8_t op, const struct token *t);
// Asks, and reads the answer into c->answer, which borrows from the connection until call_end. n_expected: as in wire_answer_read.
MUST_USE enum err call_ask(struct call *c, size_t n_expected);
void call_end(struct call *c);
MUST_USE enum err call_plain(struct call *c); // call_ask and call_end, where the answer has no fields
// After whatever may end sessions or change roles and units: it is rare, so all that is kept of sessions goes.
void call_cache_clear(struct keeper *k);
bool call_path_fits(const struct keeper_path *path);
