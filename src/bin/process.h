// process: what the four programs and the command share: arguments, folders, start and stop.
#pragma once
#include <signal.h>
#include <sys/types.h>
#include "bin/layout.h"
#include "db/db.h"
#include "pack/pack.h"
#include "web/web.h"

// The four system users and what they may read; used by init (owners) and serve (who runs what).
enum program { PROGRAM_PORTAL, PROGRAM_DESK, PROGRAM_KEEPER, PROGRAM_COURIER, PROGRAMS };
extern const char *const program_name[PROGRAMS]; // "portal"
#define USER_PREFIX "isigurt-"                   // isigurt-portal …
#define GROUP_ALL "isigurt"                      // all four
#define GROUP_INTAKE "isigurt-intake"            // may read intake: desk
#define GROUP_REPLY "isigurt-reply"              // may read reply: portal
#define GROUP_RECORDS "isigurt-records"          // may write desk and call the keeper: desk, courier

// One of the four programs, started by serve: `isigurt-portal --data DIR --keys DIR [--store URL] [--listen WHERE]`.
struct process {
    struct layout layout;
    struct config config;
    struct pack *pack;
    struct store *store;              // as options say
    char listen[256];
    int listener;                     // the socket there, handed on by serve; 0: none yet
    struct buf why;                   // last failure's line
};
// 1, by SIGTERM and SIGINT: stop. 2, by SIGHUP: leave, another process does the same work now (portal, desk). In
// `serve` SIGHUP means to look at the accepted pack again, and leaves this alone.
extern volatile sig_atomic_t process_stop;

// The country pack in dir, and by it the process: the zone is its zone, the languages are its languages in their order.
// Once in a process, before it starts threads. why then holds the fault.
MUST_USE enum err process_country(const char *dir, struct pack **out, struct buf *why);
// The same for the accepted pack (layout.pack). ERR_NOT_FOUND: none was accepted yet.
MUST_USE enum err process_accepted(const struct layout *l, struct pack **out, struct buf *why);
MUST_USE enum err process_accept(const struct layout *l, const struct pack *p); // writes it
// The program of this process lives by that pack: zone and languages, as above.
MUST_USE enum err process_speak(const struct pack *p, struct buf *why);
// Reads arguments, configuration and pack, loads languages, sets zone, limits and signals. Exits with one line otherwise.
void process_start(struct process *p, enum program which, int argc, char **argv);
// Opens the store as this program may; schemas as db.h says.
struct store *process_store(struct process *p, enum program which, const char *write, const char *read);
// Holds `path`, in which its number then stands, for as long as the process lives; false where another process still holds it after `seconds`.
bool process_lock(const char *path, unsigned seconds);
pid_t process_lock_holder(const char *path); // who holds it so; 0: nobody
// The line to serve (ISIGURT_SERVE_FD), one message each way at a time:
void process_ready(int listener);     // … it answers, on this socket (0: none), which serve keeps for the next such process
MUST_USE enum err process_ask_reload(const uint8_t hash[static PACK_HASH_BYTES]); // … the pack in layout.country, if it is this one; ERR_AWAY
#define PROCESS_MESSAGE (1 + PACK_HASH_BYTES) // bytes of the longest: 'r', or 'p' and the hash
_Noreturn void process_fail(const struct process *p, const char *what, enum err e); // one line to stderr, exit 1
// Runs fn every `seconds`, and after each ring of channel, on a thread of its own until process_stop; at most four a program.
// Called by the main thread only.
void process_every(struct store *s, const char *channel, unsigned seconds, void (*fn)(void *ctx), void *ctx);
// None of the functions of a later process_every runs before this process alone holds path; it gives it back once they have
// ended, whatever the earlier ones still do. For the moment in which the desk that leaves and the one that takes over are both there.
void process_alone(const char *path);
void process_every_end(void); // waits for all of them: before anything that they use is freed
void process_sleep_until_stop(void);
