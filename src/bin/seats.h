// seats: the processes that `serve` watches over. Portal and desk can give their place to a new process of the same program
// without a connection refused: the new one listens on the same socket, and only once it answers does the old one leave.
// So a country pack takes the place of another; a pack that no program can read never gets so far.
#pragma once
#include "bin/process.h"

#ifndef READY_WAIT
#define READY_WAIT (120 * CLOCK_SECOND)   // for one program to answer; a database that starts with the machine takes its time
#endif

#ifndef LEAVE_WAIT
#define LEAVE_WAIT (30 * CLOCK_SECOND)    // for one that was told to go; it gives itself 20 s (http_leave), the courier as long as a mail takes
#endif

#ifndef LOCK_WAIT
#define LOCK_WAIT (5 * CLOCK_SECOND)      // a writer's lock held without a write
#endif

#define SEATS 3                           // of one program
struct seat {
    pid_t pid;                            // 0: nobody
    int64_t started;                      // real µs
    int64_t told;                         // real µs: to go; 0: not yet
    int line;                             // to the process, -1: none
    bool answers;
    unsigned pack;                        // which of serve.pack it reads
};
struct child {
    struct seat now, next;                // next: takes over once it answers
    struct seat old;                      // leaves, finishing what it had; its line is closed
    int64_t again;                        // now: not to be started before
    unsigned deaths;                      // in a row
    int listener;                         // what it listens on, kept for the next; -1: nothing yet
    int64_t since;                        // clock, µs: reads its pack since
};
struct accepted { int fd; uint8_t hash[PACK_HASH_BYTES]; }; // fd: the file as it was, also after another replaced it
struct serve {
    struct layout layout;
    const char *portal, *desk, *store;    // as given, may be NULL
    char programs[PROCESS_PATH];
    struct child child[PROGRAMS];
    struct accepted pack[2];              // 0: in force; 1: what takes its place, fd -1: nothing
    unsigned target;                      // which of them all shall read
    uint8_t refused[PACK_HASH_BYTES];     // the last that no program could be started with
    int64_t refused_at;                   // clock, µs; 0: none
};
int64_t real_now(void);                   // µs, of no clock that tests move

// Before the first start: the pack, accepted now where none was, and old ring sockets removed. Exits with one line.
void seats_open(struct serve *s);
bool seat_start(struct serve *s, enum program which);                 // false: not now (no process, no descriptor)
bool seat_hear(struct serve *s, enum program which, struct seat *at); // what it says; false: it has ended
pid_t seat_pid(const struct serve *s, enum program which, size_t i);  // of now, next and old, i under SEATS; 0: nobody there
void seats_look(struct serve *s);         // another pack may have been accepted
void seats_step(struct serve *s);         // every 20 ms: what ended starts again, what is asked for is done
void seats_reap(struct serve *s);         // only what ended is seen to
// A process that holds a write lock of a store without writing holds up the others: it is killed and starts again. Once a second.
void seats_watch_locks(struct serve *s);

// ── inside: seats_pack.c ──
void seats_pack_open(struct serve *s);      // the pack in force, accepted now where none was; exits with one line
void seats_state_write(const struct serve *s); // DATA/run/pack
// The desk has checked the folder and written into the audit trail who asks: it is accepted if it is still that pack.
void seats_accept_asked(struct serve *s, const uint8_t hash[static PACK_HASH_BYTES]);
void seats_give_up(struct serve *s, enum program which); // a process could not be started with the new pack: all go back
