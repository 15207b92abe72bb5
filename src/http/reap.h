// reap: the open connections and how long each may take. The library's own timeout counts from the last byte, so a client
// that sends one byte now and then would stay for ever; a thread of ours looks at all of them once a second instead.
// Crowded (more than nine tenths of the places are taken): idle connections, heads and bodies have 2 s; from then on a body
// must have come at a rate that begins at HTTP_RATE_BYTES a second and doubles each second that the crowd lasts, so that
// the least progressed go first and whoever sends his report in one piece finds a place.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define HTTP_RATE_BYTES 2048 // a second: slower bodies and slower readers are cut off, crowded or not

struct reaper;
struct conn; // one open connection, from accept to close

MUST_USE enum err reaper_new(unsigned connections, struct reaper **out); // starts the thread
void reaper_stop(struct reaper *r);   // ends the thread; connections may still be closed
void reaper_free(struct reaper **r);  // after the last conn_free; may be *r == NULL
void reaper_hurry(struct reaper *r, int64_t idle); // from now on who is idle for so long (ns) is closed
unsigned reaper_open(struct reaper *r);   // connections open now
uint64_t reaper_closed(struct reaper *r); // how many it has closed

// NULL without memory. fd stays the caller's; conn_free comes before it is closed.
struct conn *conn_new(struct reaper *r, int fd);
void conn_free(struct reaper *r, struct conn *c);
// What a connection does, any thread. Deadlines are mono ns.
void conn_idle(struct conn *c);                      // waits for a request
void conn_receives(struct conn *c, int64_t deadline); // a head or a body begins
void conn_received(struct conn *c, size_t n);        // bytes of it
void conn_until(struct conn *c, int64_t deadline);   // an answer is read; 0: for ever, its request is in the pool
