// inside: what the files of this room share. Nobody else includes it.
#pragma once
#include <pthread.h>
#include "casework/casework.h"
#include "exchange/exchange.h"
#include "report/report.h"
#include "retention/retention.h"

#define RETENTION_REPORTS_MAX 1024 // of one case
#define RETENTION_BATCH 500        // rows walked in one read
#define RETENTION_PASS_MAX 2000    // things one pass acts on; the rest with the next
#define RETENTION_SHOWN 100        // things due that are kept for the page
#define RETENTION_CODE 24          // bytes of a category's code, with NUL

enum retention_act { ACT_ANONYMISE, ACT_ERASE, ACT_DELETE };
const char *retention_act_name(enum retention_act a); // "anonymised", "erased", "deleted": as in desk.retained

struct thing {
    bool is_case;
    struct id id, unit;
    int64_t due;                   // µs
    enum retention_act act;
    bool held;
    char category[RETENTION_CODE];
};

// ── due.c ──
struct due { // filled by retention_look
    struct thing *at;
    size_t n, max;
    size_t more;                   // due too, but beyond max
};
// All that is due until `until`, cases first.
MUST_USE enum err retention_look(struct services *sv, int64_t until, struct due *out);
// The thing by id, or by a case's number. *ended: nothing is being done about it any more. ERR_NOT_FOUND; ERR_CONFLICT: a
// report in a case, whose case decides.
struct found_thing { struct thing t; bool ended, shredded; };
MUST_USE enum err retention_find_db(struct db *db, struct arena *a, struct str said, struct found_thing *out);

// ── erase.c ──
struct erasing {
    struct services *sv;
    const struct token *token;     // NULL: retention
    const struct keeper_audit_at *asked;
    struct id erasure, who;        // the request and who approves it; zero: retention
    struct thing thing;
    int64_t now;
    // inside
    size_t n;
    struct id report[RETENTION_REPORTS_MAX];
    struct keeper_erase item[RETENTION_REPORTS_MAX + 1];
    size_t n_items;
};
// Tells the keeper, then empties. ERR_CONFLICT: held, reopened or being told to its reporter meanwhile.
MUST_USE enum err retention_shred(struct erasing *x);
MUST_USE enum err retention_forget(struct services *sv, const struct thing *t, int64_t now);
// Inside a write: all of one thing, without audit. For the replay too. hash: per report of x->item.
MUST_USE enum err retention_shred_db(struct db *db, const struct erasing *x);

// ── pass.c: what the last pass saw coming, for the page ──
struct upcoming { int64_t looked; size_t n, more; struct thing at[RETENTION_SHOWN]; }; // looked: µs, 0: not yet
void retention_upcoming(struct upcoming *out);
