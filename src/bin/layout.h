// layout: where everything of an installation lies, from --data, --keys and --store.
#pragma once
#include <stdbool.h>
#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"

#define PROCESS_PATH 4096

// Where things lie; made from --data and --keys. Absolute, no final slash.
struct layout {
    char data[PROCESS_PATH], keys[PROCESS_PATH];
    char config[PROCESS_PATH];        // DATA/isigurt.conf
    char country[PROCESS_PATH];       // DATA/country: where the pack is edited
    char pack[PROCESS_PATH];          // DATA/country.pack: the pack that was accepted, in one piece (pack_bytes)
    char ring[PROCESS_PATH];          // DATA/run/ring: datagram sockets
    char keeper_socket[PROCESS_PATH]; // DATA/run/keeper/keeper.sock
    char demo[PROCESS_PATH];          // DATA/demo-accounts.json: its presence marks demo data
    char heads[PROCESS_PATH];         // KEYS/audit
    char store[sizeof ((struct config *)0)->store]; // sqlite:DATA, or the configuration's postgres://…
};
// keys may be NULL: DATA-keys. store may be NULL: the configuration's, else SQLite in DATA.
MUST_USE enum err layout_make(struct layout *l, const char *data, const char *keys, struct buf *why);
void layout_store(struct layout *l, const struct config *c, const char *store);
// "DATA/run/ring" … a path below one of the folders; out is returned.
const char *layout_join(char out[PROCESS_PATH], const char *folder, const char *name);
bool layout_is_postgres(const struct layout *l);
// A password in the address would stand in isigurt.conf, in backups and on command lines. Never repeats the address.
MUST_USE enum err layout_store_secret(const struct layout *l, struct buf *why); // ERR_INVALID
MUST_USE enum err layout_store_local(const struct layout *l, struct buf *why);  // ERR_INVALID: the keeper, having no network, cannot reach it
