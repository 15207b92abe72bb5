// people: institutions, units (institution × room), persons by name, and who is on call. What gives power (roles, whether
// a person is disabled, who holds a unit's key) are the keeper's rows; the tables here repeat it for lists only.
#pragma once
#include <stdio.h>
#include "base/arena.h"
#include "db/db.h"
#include "pack/pack.h"
#include "people/role.h"
#include "vault/keeper.h"

struct req;
struct routes;
extern const struct routes people_desk_routes;

// For web_options.person_find: fills rq->who.name and institution. A person that the desk has no row of (made by the
// keeper alone) goes by the first digits of the id.
MUST_USE enum err people_person_find(struct req *rq, const struct keeper_session *session);

// ── asked by other rooms; strings live in the arena ──
#define PEOPLE_NAME_MAX 80      // characters of a person's or a unit's name
#define PEOPLE_MAIL_MAX 120
#define PEOPLE_USER_MAX 40
#define PEOPLE_UNIT_MEMBERS_MAX 256 // as many as the keeper admits

// The name under which a person is shown; the first digits of the id where there is no row.
MUST_USE enum err people_name(struct db *db, struct arena *a, struct id person, struct str *out);
// A unit's own name, else its institution's; empty where there is no such unit.
MUST_USE enum err people_unit_name(struct db *db, struct arena *a, bool english, struct id unit, struct str *out);
// Only one member who can sign in, or none: what a second person has to approve cannot be approved there.
MUST_USE enum err people_unit_alone(struct db *db, struct id unit, bool *out);
MUST_USE enum err people_institution_find(struct db *db, struct str code, struct id *out);               // ERR_NOT_FOUND

// Does that person work there no more: disabled, or no member of the unit? Nobody of whom there is no row.
MUST_USE enum err people_left_db(struct db *db, struct id unit, struct id person, bool *left);

struct people_oncall { struct id person; struct str mail, language; int64_t order; };
// Who is to be called now for a unit, in climbing order (place, then who started first): members that are not disabled
// and have a mail address. A person with several slots stands there once.
MUST_USE enum err people_oncall(struct db *db, struct arena *a, struct id unit, int64_t now, struct people_oncall *out, size_t max, size_t *n);

// ── set-up, directly on the store (init, user …); inside one store_write ──
// Those of the pack that are not there yet.
MUST_USE enum err people_setup_institutions(struct db *db, const struct pack *p);
// Units of the pack's institutions that are not there yet: names only, their keys are made with the first members.
MUST_USE enum err people_setup_units(struct db *db, const struct pack *p);
// name may be empty. ERR_NOT_FOUND: no such institution; ERR_CONFLICT: the institution has a unit of this room.
MUST_USE enum err people_setup_unit(struct db *db, struct id unit, struct str institution_code, struct str room, struct str name);
MUST_USE enum err people_setup_person(struct db *db, struct id person, struct str user, struct str name, struct str institution_code,
                                      struct str mail, struct str language);
// As the keeper was told: the first for lists, the others also because whoever is disabled or no member is not called.
MUST_USE enum err people_setup_roles(struct db *db, struct id person, uint32_t roles);
MUST_USE enum err people_setup_disabled(struct db *db, struct id person, bool disabled);
MUST_USE enum err people_setup_left(struct db *db, struct id person); // all units: the key is a new one
MUST_USE enum err people_setup_member(struct db *db, struct id unit, struct id person);
// Always on call, for a member; order 1 to 9, 1 is called first.
MUST_USE enum err people_setup_roster(struct db *db, struct id unit, struct id person, int64_t order);

// ── for the command line ──
MUST_USE enum err people_find_user(struct db *db, struct str user, struct id *out); // ERR_NOT_FOUND
MUST_USE enum err people_print(struct db *db, FILE *to);                           // a line a person: user name, name, institution, state
#define PEOPLE_PASSWORD 24 // bytes with the final NUL
// A random first password of 80 bits in groups of four ("k7wd-…"); letters and digits that are not mistaken for others.
void people_password(char out[static PEOPLE_PASSWORD]);
