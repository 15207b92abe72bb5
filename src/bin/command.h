// command: the parts of `isigurt`. Each takes what stands behind its name and returns the exit code:
// 0 done, 1 it failed (one line says the mend), 2 wrong arguments.
#pragma once
#include "bin/process.h"

struct option_row { const char *name, *value, *about; const char **into; bool *flag; }; // value NULL: a flag
// Rows that mean the same wherever they stand; into: &const char *.
#define OPTION_DATA(into) {"data", "DIR", "the data directory", into, NULL}
#define OPTION_KEYS(into) {"keys", "DIR", "the keys (default: DIR-keys)", into, NULL}
#define OPTION_STORE(into) {"store", "postgres://…", "PostgreSQL instead of the SQLite files in DIR", into, NULL}
#define OPTION_AS(verb, into) {"as", "USER", verb "the administrator who does it; password and code are asked", into, NULL}
// Reads "--name value", "--name=value" and flags; anything else is refused with a line. --help prints usage and exits 0.
void command_options(int argc, char **argv, const char *usage, const char *about, const struct option_row *rows, size_t n);
_Noreturn void command_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A secret from the terminal without showing it, or a line of standard input; exits where there is none, or it is too long.
#define COMMAND_ASK_MAX 260 // bytes: the longest password that the keeper takes (256), the line's end, and one to see that it is longer
void command_ask(const char *what, char into[static COMMAND_ASK_MAX]);
extern int command_unreadable; // exit code where DATA cannot be read: 1, for `audit verify` 2
// Reads DATA's configuration; fails with one line where DATA is none.
void command_layout(struct layout *l, struct config *c, const char *data, const char *keys, const char *store);
// Asks for password and code, and signs in; exits with one line where it cannot.
void command_sign_in(struct keeper *keeper, const char *socket, const char *as, struct token *out);
void command_sign_out(struct keeper *keeper, struct token *t); // and wipes it; says so where the keeper does not answer
bool command_is_loopback(const char *listen); // HOST:PORT of loopback, or unix:PATH

int command_init(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_acknowledgement(int argc, char **argv);
int command_casefile(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_user(int argc, char **argv);
int command_pack(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_plan_report(int argc, char **argv); // of command_plan
int command_values(int argc, char **argv);
int command_targets(int argc, char **argv);
int command_config(int argc, char **argv);

// PostgreSQL: a login with a new random password (KEYS/store.PROGRAM) and its grants for each program; exits on failure.
void command_make_logins(const struct layout *l, struct buf *why);

// users.c: the system users of the four programs. Only root can make them; all are no-ops for others.
void users_make(void);                              // those that are missing
void users_own_folders(const struct layout *l);     // folders made, owners and modes set
void users_own_store(const char *schema, const char *path); // for store_create
void users_own_keys(const struct layout *l);
void users_own_config(const struct layout *l);             // DATA/isigurt.conf: the four programs read it, others do not
void users_become(enum program which);              // in a child, before exec; exits where it cannot
// Decides, before any of the others but users_make, whether each program runs as its own user: root, the users exist and can
// reach programs and data, and the data (where it exists) is theirs. NULL, or why not, for one line.
const char *users_decide(const struct layout *l);
bool users_separate(void);                          // what was decided
