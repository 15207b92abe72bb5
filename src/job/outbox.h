// outbox: what the courier has to send, kept until it is sent. A mail holds an urgency or what is due, and a link, nothing else.
#pragma once
#include "base/config.h"
#include "db/db.h"

enum outbox_kind { OUTBOX_MAIL, OUTBOX_WEBHOOK };
MUST_USE enum err outbox_add(struct db *db, enum outbox_kind kind, struct str recipient, struct str subject, struct str body,
                             int64_t due);
// Sends what is due, oldest first, at most 50 a call and for about a minute, so that a server that hangs holds up nobody.
// What fails for now is tried again after 30 s, doubling to an hour; refused for good or 12 tries: given up, with an alarm
// in the log. A crash between sending and noting sends it twice.
void outbox_run(struct store *s, const struct config *c, int64_t now);
