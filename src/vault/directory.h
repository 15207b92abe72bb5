// directory: the signed public keys of units, as portal and desk read them (docs/protocol.md, "Units, persons, directory").
// The file KEYS/directory is written by the keeper; nothing in it is believed without the signature under KEYS/keeper.pub.
#pragma once
#include "crypto/crypto.h"

struct directory; // any thread; swapped whole at refresh

struct directory_unit { struct id unit; uint32_t epoch; struct public_key pk; int64_t not_before; };

// Reads keeper.pub, install.id and directory. ERR_NOT_FOUND, ERR_TAMPERED with a line in why.
MUST_USE enum err directory_open(const char *keys_dir, struct directory **out, struct buf *why);
// Looks for a newer file (call each 5 s). A lower epoch or a bad signature: keeps what it has, alarms.
void directory_refresh(struct directory *d);
void directory_close(struct directory **d);
// The newest valid epoch of a unit whose not_before has passed. ERR_NO_KEY where there is none.
MUST_USE enum err directory_find(struct directory *d, struct id unit, int64_t now, struct directory_unit *out);
// The unit that new reports are sealed to; named by a signed row. ERR_NO_KEY: the portal answers 503 with the emergency numbers.
MUST_USE enum err directory_duty(struct directory *d, int64_t now, struct directory_unit *out);
struct public_key directory_tag_key(const struct directory *d);
struct public_key directory_sign_key(const struct directory *d); // under which rows and acknowledgements verify
const uint8_t *directory_install_id(const struct directory *d); // 16 bytes
