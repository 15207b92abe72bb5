// presence: whether somebody looks at a unit's queue, told by each desk program to the courier through the store.
#pragma once
#include "base/clock.h"
#include "base/id.h"
#include "db/db.h"

#define PRESENCE_HOLDS (15 * CLOCK_SECOND) // written each 5 s; after three missed ones nobody looks

MUST_USE enum err presence_write(struct store *s, struct id node, struct id unit, int64_t until); // until 0: nobody
MUST_USE enum err presence_read(struct db *db, struct id unit, int64_t now, bool *watched);
