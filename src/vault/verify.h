// verify: what the files of `audit verify` share: audit.c walks the chains, verify.c compares entries with rows, gone.c
// finds what entries name and nobody has any more.
#pragma once
#include "vault/chain.h"

#define VERIFY_NOTES_MAX 20  // lines of one kind
#define VERIFY_GONE_MAX 1024 // reports that entries name and that are not there
#define VERIFY_ERASED_MAX (1 << 20) // entries of erasures; 48 bytes each
#define VERIFY_SEALS_MAX 1024 // items whose row differs from an entry and may be matched by a later one

struct writer_state {
    uint8_t writer[8];
    const struct public_key *key;
    struct chain_at last;
    int64_t at;    // µs of the newest entry so far
    size_t notes;
};
struct restored { uint8_t writer[8]; uint64_t reached, lost; }; // of an entry "restore": (reached, lost] is gone by right
struct seal_open { struct id item; uint64_t seq; };
struct sealed { // what an entry sealed and no row holds
    struct id home, parent, item; // parent: the home above, zero where there is none; item: zero with rekey
    uint8_t kid[16], hash[32], writer[8], type; // type: 0 in entries of before
    uint64_t entry, place;        // place: seq in its home; 0: unknown
    int64_t at;
    bool rekey;
};
struct bond { struct id child, parent; }; // parent zero: child was erased, taken back or never stored
struct erased { struct id report; uint8_t hash[32]; };
struct gone { // a report that is not there; done: entries that show it was, less openings that failed
    struct id report;
    uint8_t writer[8];
    uint64_t seq;
    int64_t done;
};

struct verify {
    struct store *store;
    const struct keeper_pub *pub;
    const char *head_dir;
    bool has_install;
    uint8_t install[16]; // of the file install.id, which acknowledgements name
    struct audit_report *out;
    struct buf *why;
    struct writer_state writer[KEEPER_NODES_MAX];
    size_t n_restored;
    struct restored restored[KEEPER_NODES_MAX];
    size_t n_seals;
    struct seal_open seal[VERIFY_SEALS_MAX]; // items whose newest seal does not match the row
    size_t n_erased, cap_erased;
    struct erased *erased; // ours
    size_t n_gone;
    struct gone gone[VERIFY_GONE_MAX];
    struct id present; // the report looked for last that was there
    size_t n_missing, cap_missing, n_bonds, cap_bonds;
    struct sealed *missing; // ours
    struct bond *bond;      // ours
};

__attribute__((format(printf, 2, 3))) enum err verify_broken(struct verify *v, const char *format, ...); // ERR_TAMPERED
__attribute__((format(printf, 2, 3))) void verify_note(struct verify *v, const char *format, ...);
const char *writer_name(const uint8_t writer[8], char out[static 17]);

MUST_USE enum err verify_contents(struct verify *v, const struct audit_line *line); // after the entry itself was found good
MUST_USE enum err verify_checkpoints(struct verify *v);                             // the rows: signatures, order, heads
MUST_USE enum err verify_sealed(struct verify *v, const struct audit_line *line); // SEAL, HOME, REKEY
MUST_USE enum err verify_bond(struct verify *v, const struct audit_line *line);
MUST_USE enum err verify_seals(struct verify *v); // after all entries
MUST_USE enum err verify_erased(struct verify *v, const struct audit_line *line); // an entry AUDIT_ERASE
MUST_USE enum err verify_named(struct verify *v, const struct audit_line *line);  // one that may name a report, failed ones too
MUST_USE enum err verify_gone(struct verify *v);      // after all entries: tombstones, reports that are gone
MUST_USE enum err verify_urgencies(struct verify *v); // each changed urgency stands on an entry that says so
MUST_USE enum err verify_point(struct verify *v, const struct head_file *head, const char *source);
MUST_USE enum err verify_checkpoint(struct verify *v, const struct checkpoint *c, const char *source);
void verify_free(struct verify *v);
