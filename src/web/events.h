// events: server-sent events of the desk, from memory to each open stream; a daemon and thread of its own.
// Bounded: 3 streams a session, 1,000 in all, the last 4,096 events kept for Last-Event-ID; heartbeat 15 s; the session
// is checked again every 60 s. A stream whose reader is too slow is closed (it catches up when it comes back).
#pragma once
#include "base/id.h"

struct events;
// Publishes to every stream whose person is a member of `unit` and has PERM_REPORT_LIST. data is JSON, one line.
// id: ingest sequence, strictly growing.
void events_publish(struct events *e, int64_t id, const char *event, struct id unit, struct str data);
// How many streams are open whose person is in the unit: the courier mails where nobody looks.
unsigned events_watchers(struct events *e, struct id unit);
