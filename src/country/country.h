// country: the administrator's seat for the country pack. What DATA/country would change is told, what records would lose is
// refused, and what was looked at, and nothing else, takes the place of the pack in force.
#pragma once
#include "web/web.h"

extern const struct routes country_desk_routes;

struct country_look {
    struct pack *fresh;          // NULL: the folder cannot be read as a pack; freed by country_look_free
    struct buf faults;           // then: lines "file: place: what; how to mend it", in English, or nothing
    bool same;                   // the folder is the pack in force
    struct pack_changes changes;
};
// dir as it stands against the pack in force; used records are looked for in store (needs to read desk). Needs TZ set. On OK
// the caller looks at fresh and changes.refused; a pack that cannot be read is no error here. Free it whatever is returned.
MUST_USE enum err country_look(struct store *store, const struct pack *running, const char *dir, int64_t now, struct arena *arena,
                               struct country_look *out);
void country_look_free(struct country_look *l);
// What a change is, or why it is refused, in one sentence in l.
struct str country_sentence(struct arena *a, const struct lang *l, const struct pack_change *c);
#define COUNTRY_DETAIL (2 * PACK_HASH_BYTES) // bytes: AUDIT_PACK's detail, the hash before and the hash after
