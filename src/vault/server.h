// server: the keeper process's inside, and what `isigurt init` needs of it before any process runs.
#pragma once
#include <signal.h>
#include <sys/types.h>
#include "db/db.h"
#include "vault/keeper.h"

struct keeper_options {
    struct store *store;             // writes schema keeper
    const char *keys_dir, *socket_path, *head_dir; // head_dir: where head.<writer> and checkpoints are kept, outside the database
    const struct role_table *roles;
    uid_t desk_uid;                  // SO_PEERCRED must be this, or the courier's for PING
    uid_t courier_uid;
    unsigned threads;                // default 4; Argon2id has two of its own
    void (*ready)(void);             // called once when the socket takes calls; may be NULL
};
// Serves until *stop becomes true. Locks its secrets, drops dumpability; seccomp is put on by the caller after start.
MUST_USE enum err keeper_serve(const struct keeper_options *o, const volatile sig_atomic_t *stop, struct buf *why);

// After `isigurt restore` put a backup back: drops all sessions, gives this node a new key (keeper.pub names both), and
// begins its chain with the entry "restore" that says how far the old chains had reached. ERR_CONFLICT with a line in why
// where keeper.key does not belong to the restored data. The store must be able to write keeper.
MUST_USE enum err keeper_setup_restore(struct store *store, const char *keys_dir, const char *head_dir, struct buf *why);

// After that: an entry AUDIT_ERASE on the new chain for each of these, which the restored database does not know as erased.
struct erased_line;
MUST_USE enum err keeper_setup_erased(struct store *store, const char *keys_dir, const char *head_dir, const struct erased_line *at,
                                      size_t n, struct buf *why);

// init, before the first audit entry: key files, first unit(s) and persons with their wraps. All direct on the store.
struct keeper_setup;
MUST_USE enum err keeper_setup_keys(const char *keys_dir, struct buf *why);   // keeper.key, node.key, keeper.pub, install.id, backup pair …
MUST_USE enum err keeper_setup_open(struct store *store, const char *keys_dir, struct keeper_setup **out, struct buf *why);
MUST_USE enum err keeper_setup_person(struct keeper_setup *s, struct str user, struct str password, uint32_t roles, struct id person,
                                      struct buf *totp_secret);
MUST_USE enum err keeper_setup_unit(struct keeper_setup *s, struct id unit, bool duty);          // first epoch
MUST_USE enum err keeper_setup_member(struct keeper_setup *s, struct id unit, struct id person); // wrap to a person of this setup
// The data-exchange protocol: a version comes into force (unit zero), a unit accepts it (person: who did). For a demonstration.
MUST_USE enum err keeper_setup_agree(struct keeper_setup *s, struct id unit, struct id person, uint32_t version);
MUST_USE enum err keeper_setup_finish(struct keeper_setup **s); // signs the directory file, writes the first audit entry, wipes
