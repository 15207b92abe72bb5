// inside: what the files of the keeper's server share. Not for others.
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include "vault/chain.h"
#include "vault/epoch.h"
#include "vault/person.h"
#include "vault/server.h"
#include "vault/wire.h"

#define CONNECTIONS_MAX 64
#define SESSION_LASTS (12 * CLOCK_HOUR)
#define SESSION_IDLE (30 * CLOCK_MINUTE)
#define SESSION_TOUCH (5 * CLOCK_MINUTE) // `seen` is written at most this often
#define SESSIONS_OF_PERSON 8             // at once; the oldest goes
#define BUDGET_MINUTE 40
#define BUDGET_HOUR 400
#define BUDGET_DAY 1500

struct connection {
    int fd; // -1: free
    uid_t uid;
};

struct server {
    struct keeper_options o;
    struct vault_keys *keys;
    struct chain *chain;
    pthread_mutex_t publishing;   // one directory file at a time, one writer of erased.<writer>
    int epoll, wake;              // wake: an eventfd that stays readable once the end has come
    atomic_bool ending;
    pthread_mutex_t lock;         // guards connection[].fd while accepting and closing, and the queue
    pthread_cond_t queued;
    struct connection connection[CONNECTIONS_MAX];
    struct buf checkpoint;        // signed and committed, but not yet a file; the thread of rounds_do
    struct slow *queue_first, *queue_last; // requests that wait for Argon2id
    size_t queue_n;
    int64_t strangers_full_at;    // clock_mono at which the brake for strangers is as if never used; guarded by lock
    uint8_t directory_digest[32]; // of the last file; guarded by publishing
};

// What a request needs while it is answered: locked memory, one a thread, wiped after each request.
struct scratch {
    uint8_t in[WIRE_BYTES_MAX], out[WIRE_BYTES_MAX];
    struct wire_request rq;
    struct token token;
    struct key person_sk, seed, unit_sk, home_key, spare, parent_key;
};

struct gate;
typedef enum err gate_fn(struct db *db, struct gate *g);

// One transaction that asks "may this session do this?", takes the budget, writes the entry and reads what the keys need.
struct gate {
    // in
    struct server *server;
    struct id sid;
    int64_t now;
    enum perm perm;            // PERM_SIGNED_IN: any session
    bool write;                // an entry for what is permitted; what is refused gets one always
    struct audit_line line;    // action, objects, detail; the rest is filled in
    bool budget;               // an opening of line.object
    uint8_t purpose;
    const struct id *unit;     // read this person's way into that unit …
    uint32_t epoch;            // … back to this epoch; 0: the newest
    const struct id *home;     // and which keys of this home have been replaced; NULL: none is asked for
    gate_fn *then;             // more rows of the same transaction, after the entry; an error undoes everything
    void *ctx;
    // out
    enum err verdict;          // OK: permitted and, where asked for, written down
    int64_t retry;             // seconds, ERR_LIMITED
    struct session_row session;
    struct person_row person;
    bool has_member;
    struct member_row member;
    struct epoch_row at;       // of the member's wrap
    struct link_row links[LINKS_MAX];
    size_t n_links;
    struct kid old[KEEPER_OLD_MAX]; // of home
    size_t n_old;
    bool half;                 // of the hour's budget reached by this one
    bool appended;
    struct chain_at written;
};
// OK: look at g->verdict. Otherwise the store's own failure or ERR_TAMPERED.
MUST_USE enum err gate_pass(struct gate *g);
// The same in one: verdict or failure.
MUST_USE enum err gate_pass_strict(struct gate *g);
// The second entry, for statuses 4 and 6: as good as can be done.
void gate_note(struct gate *g, enum err e);
// A buffer over the detail of g's entry; the caller sets line.n_detail.
struct buf gate_detail(struct gate *g);

struct work { // one request being answered
    struct server *server;
    struct scratch *x;
    struct gate *gate; // one a thread
    uid_t uid;
    struct buf *out;   // fields of the answer
    uint32_t retry;    // ERR_LIMITED
};

void gate_begin(struct work *w, enum perm perm, uint16_t action);
// sk of the session's person, from the token.
MUST_USE enum err session_unlock(struct work *w);
void session_key(const struct vault_keys *keys, const struct token *t, struct id sid, struct key *out);
struct id session_sid(const struct token *t);
// The seed of g->epoch (or the newest) into x->seed, after session_unlock. ERR_NO_KEY where the person is no member.
MUST_USE enum err unit_unlock(struct work *w);
MUST_USE enum err unit_walk(struct work *w, uint32_t epoch);
// The key that the path ends in, into x->home_key; before it a gate with the unit and epoch of the path's first step.
MUST_USE enum err path_unlock(struct work *w, const struct keeper_path *path);
struct id path_home(const struct keeper_path *path);
// Sets g->unit, g->epoch and g->home from the path's first step.
void gate_way(struct gate *g, const struct keeper_path *path);
// Does the path end in an older key of its home: unit → home → the same home? Such a way opens, and does nothing else.
bool path_older(const struct keeper_path *path);
MUST_USE enum err server_publish(struct server *s);
void server_publish_later(struct server *s); // after a commit: what cannot be written now is tried again by the rounds
// Alarms where one of these units (or of all that have a key) has fewer than two members who may sign in.
void members_look(struct server *s, const struct id *units, size_t n);
void members_look_all(struct server *s);

MUST_USE enum err op_sign_in(struct work *w);
MUST_USE enum err op_sign_out(struct work *w);
MUST_USE enum err op_session(struct work *w);
MUST_USE enum err op_password(struct work *w);
MUST_USE enum err op_open(struct work *w);
MUST_USE enum err op_seal(struct work *w);
MUST_USE enum err op_audit(struct work *w);
MUST_USE enum err op_tag(struct work *w);
MUST_USE enum err op_acknowledge(struct work *w);
MUST_USE enum err op_ping(struct work *w);
MUST_USE enum err op_admit(struct work *w);
MUST_USE enum err op_rotate(struct work *w);
MUST_USE enum err op_recover(struct work *w);
MUST_USE enum err op_person(struct work *w);
MUST_USE enum err op_end(struct work *w);
MUST_USE enum err op_grant(struct work *w);
MUST_USE enum err op_link(struct work *w);
MUST_USE enum err op_seal_home(struct work *w);
MUST_USE enum err op_rekey(struct work *w);
MUST_USE enum err op_rewrap(struct work *w);
MUST_USE enum err op_agree(struct work *w);
MUST_USE enum err op_trail(struct work *w);
MUST_USE enum err op_confirm(struct work *w);
MUST_USE enum err op_anchor(struct work *w);
MUST_USE enum err op_file(struct work *w);
MUST_USE enum err op_erase(struct work *w);

struct rounds { int64_t head, directory, heartbeat, checkpoint, members; }; // when last done, clock_now
void rounds_do(struct server *s, struct rounds *r); // whatever is due; one thread
MUST_USE enum err rounds_entry(struct server *s, uint16_t action, int64_t now); // an entry of the keeper's own
MUST_USE enum err rounds_checkpoint(struct server *s, int64_t now);

// Answers one packet: request in x->in (n bytes), answer in x->out; returns its length.
size_t server_answer(struct server *s, struct scratch *x, struct gate *g, uid_t uid, size_t n);
