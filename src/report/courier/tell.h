// tell: what people are told about a clock of a report: an urgency and a link, nothing else.
#pragma once
#include "people/people.h"
#include "report/report.h"

struct tell {
    struct services *sv;
    enum message subject, body; // with the holes {urgency} and {link}
    int64_t urgency, now;
    struct str link;
};
// Fills the outbox, sends nothing itself; nothing where no mail server is set, or who is NULL or has no address.
MUST_USE enum err report_tell_mail(struct db *db, const struct tell *t, const struct people_oncall *who);
// The webhook, where there is one.
MUST_USE enum err report_tell_webhook(struct db *db, struct arena *a, const struct tell *t);
// Members of the unit with one of the roles (bits) that have an address: its supervisors stand at the end of every roster.
// Strings live in the arena.
MUST_USE enum err report_tell_members(struct db *db, struct arena *a, struct id unit, uint32_t roles, struct people_oncall *out, size_t max,
                                      size_t *n);
