// home: what the requests about homes that several units share have in common (op_home.c). Not for others.
#pragma once
#include "vault/inside.h"

// Purposes of the budget beside enum keeper_purpose: who gets a wrap can read, so it costs what reading costs.
#define PURPOSE_GRANT 5
#define PURPOSE_LINK 6
#define PURPOSE_REKEY 7
#define PURPOSE_FILE 8 // of a value of the plan or a row of a register: read

// Reports stay in their unit, threads belong to whoever holds the code: what is shared is a record of its own.
enum perm home_perm(enum record_type type);
// Permission, budget and entry first, the key after it, into x->home_key. What goes wrong is written down too.
// it: an item that lies under that key; its type is the home's.
MUST_USE enum err home_unlock(struct work *w, const struct keeper_path *path, const struct wire_item *it);
// The unit's newest key, where it may receive: its own unit always, others once they have accepted the version in force.
MUST_USE enum err home_receiver(struct db *db, struct gate *g, struct id unit, bool own, struct epoch_row *out);
void home_put_wrap(struct buf *out, uint32_t epoch, const uint8_t sealed[BOX_BYTES]); // one of WIRE_UNIT_WRAP_BYTES
