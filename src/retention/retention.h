// retention: how long things are kept (docs/retention.md). The rules are the country pack's; a pass in the desk's process
// acts on them. First the keys of what has ended are destroyed and its sealed bytes deleted, later its rows; a hold stops
// both. Erasure on request is the same first step at once, asked for by one person and approved by another.
#pragma once
#include "web/web.h"

#define RETENTION_EVERY 3600 // s between two passes
#define RETENTION_AHEAD 30   // days ahead that the page shows

// One pass, on any thread; *done: how many things were anonymised or deleted. What fails stays and is told in the log.
// ERR_CONFLICT: another desk acts just now, so this one has only looked.
MUST_USE enum err retention_pass(struct services *sv, int64_t now, size_t *done);
void retention_tick(void *services); // for process_every

extern const struct routes retention_desk_routes, retention_access_routes;

// After `restore`: what the lists beside the heads say was erased is emptied again (vault/erased.h). store: role admin,
// everything writable. *n: how many the backup would have brought back. why: a line.
MUST_USE enum err retention_replay(struct store *store, const char *keys_dir, const char *head_dir, int64_t now, size_t *n,
                                   struct buf *why);
