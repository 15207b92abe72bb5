// events: server-sent events of the desk, from memory to each open stream; an epoll loop and thread of its own.
// Bounded: 3 streams a session (a fourth ends the oldest), 1,000 in all, the last 4,096 events kept for Last-Event-ID;
// heartbeat 15 s; the session is checked again every 60 s. A stream whose reader is too slow is closed (it catches up when
// it comes back). Events are written at most every 20 ms, so that 200 streams and 500 events a second cost 10,000 writes.
//
// The desk's listener takes GET /api/v1/events like any other request: the pool checks the session, then the socket is
// handed over to this thread (http_answer.take), which writes the head and everything else itself. The answer ends with
// the connection (no length, no chunks), so nginx passes it on with proxy_buffering off and no upgrade.
// Last-Event-ID, or ?after=N where there is none yet: what was published since is sent first.
#pragma once
#include "base/id.h"
#include "base/err.h"
#include "web/web.h"

struct events;
struct services;
struct web_options;
// The desk's main makes it before web_serve and frees it after. Starts two threads: the loop and the check of sessions.
MUST_USE enum err events_new(struct services *sv, const struct web_options *o, struct events **out);
void events_end_streams(struct events *e); // all that are open now
void events_free(struct events **e); // ends every stream; after web_serve has returned

// What memory does not hold any more (a client that was away long, a desk that was restarted): fn emits, oldest first,
// what was published to these units after `after`, at most 4,096 events. Called in a pool thread, once for a new stream.
// fn NULL (the default): such a client goes on with what memory holds.
typedef void events_emit(void *to, int64_t id, const char *event, struct str data);
typedef enum err events_missed(void *ctx, const struct id *units, size_t n_units, int64_t after, events_emit *emit, void *to);
void events_catch_up(struct events *e, events_missed *fn, void *ctx); // before web_serve

// Publishes to every stream whose person is a member of `unit` and has that permission. data is JSON, one line, at most
// 1,024 bytes. id: ingest sequence, strictly growing, > 0 (an equal or lower one is sent without an id, so that it does
// not move Last-Event-ID back; 0: an event that has no number). Any thread; never blocks on a reader.
void events_publish(struct events *e, int64_t id, const char *event, struct id unit, enum perm perm, struct str data);
// May one with these roles open a stream: who hears of reports, or of referrals.
bool events_for(const struct services *sv, uint32_t roles);
// How many streams are open whose person is in the unit and sees its reports: the courier mails where nobody looks.
unsigned events_watchers(struct events *e, struct id unit);
