// turnstile: fair turns between processes that write one SQLite file. SQLite's busy handler polls, so a process that
// commits without a pause keeps the other out for seconds; two flocks let whoever waits go next.
#pragma once
#include "base/buf.h"

struct turnstile {
    int wait, work; // files SCHEMA.wait, SCHEMA.work beside the database; -1: none
};

// Makes the files where they are missing. A lock needs read permission only. ERR_AWAY: no such folder; ERR_IO.
MUST_USE enum err turnstile_open(const char *folder, const char *schema, struct turnstile *out);
// Blocks. Whoever holds `wait` is next; a process that just left must queue there behind it. Locks of a process that
// dies are freed by the kernel.
MUST_USE enum err turnstile_enter(struct turnstile *t);
void turnstile_leave(struct turnstile *t);
void turnstile_close(struct turnstile *t);
