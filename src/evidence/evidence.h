// evidence: files beside something: what a file is and what is taken of it, for every room; and the files of values of the plan and
// of rows of registers, sealed each under a key of its own that the keeper wraps (keeper_files). Files of cases are sealed under
// the case's key (casework). Who may see which thing, and whether it is open, the room says that it belongs to.
#pragma once
#include "db/db.h"
#include "vault/keeper.h"
#include "web/web.h"

// ── what a file is ──
struct sniffed { const char *type, *ending; };
bool evidence_sniff(struct str bytes, struct sniffed *out); // from its bytes alone; false: nothing that is taken
// Does the name end in what such bytes are never kept as? A name without an ending says nothing.
bool evidence_name_lies(struct str name, const struct sniffed *kind);
// As people know it: without folders, and "File" where it is no clean text.
struct str evidence_name(struct req *rq, struct str sent);
// Notes, values and public reports need room too: files stop long before those do. Where the store is PostgreSQL's it watches its own disk.
bool evidence_disk_low(const struct config *c, size_t size);

// ── files of values and rows ──
#define EVIDENCE_BYTES (20u << 20)           // of one file
#define EVIDENCE_MAX KEEPER_FILES_MAX        // of one thing, those that are there
#define EVIDENCE_BODY_MAX (EVIDENCE_BYTES + (64u << 10))
#define EVIDENCE_TOLD_MAX 100                // of one thing in a list: those that were removed too, the newest

struct evidence_of { enum keeper_file_kind kind; struct id thing, owner; }; // owner: the institution whose it is
struct evidence_file {
    struct id id, person;
    int64_t at, size, removed_at;            // removed_at: INT64_MIN while it is there
    struct str name, type, person_name;      // name: empty once it is removed, and until evidence_names
    // for pages
    struct str at_text, size_text, type_text, href, remove_href;
    bool there;
    struct str sealed_name, wrap;            // what evidence_names opens
};
extern const struct shape evidence_file_shape;

// What was sent, looked at and sealed. Refuses the field `file` with a sentence, or says with a notice that the disk is low.
struct evidence_new { struct evidence_of of; struct keeper_file file; struct sniffed kind; int64_t size; struct buf sealed, name; bool many; };
MUST_USE enum err evidence_take(struct req *rq, const struct evidence_of *of, struct evidence_new *out);
void evidence_new_free(struct evidence_new *x); // also after a failure
// In the caller's write. ERR_CONFLICT and x->many: EVIDENCE_MAX are there already (evidence_refuse_many says so).
MUST_USE enum err evidence_put_db(struct db *db, struct req *rq, struct evidence_new *x);
MUST_USE enum err evidence_refuse_many(struct req *rq);

// Those of a thing, first what is there, the newest first: struct evidence_file, with the names of persons; base: the address under which they lie, "/plan/values/…".
MUST_USE enum err evidence_list_db(struct db *db, struct req *rq, const struct evidence_of *of, struct str base, struct list *out);
// Through the keeper, after the read: their names. None are there: nothing is asked.
MUST_USE enum err evidence_names(struct req *rq, const struct evidence_of *of, struct list *files);
// How many each thing of an owner has: struct evidence_count, by thing.
struct evidence_count { struct id thing; int64_t n; };
MUST_USE enum err evidence_counts_db(struct db *db, struct arena *a, enum keeper_file_kind kind, struct id owner, struct list *out);
int64_t evidence_count(const struct list *counts, struct id thing);

// rq->file becomes file `id2` of the thing, as an attachment. look: called first in the same read, says whether rq may have it, and of what.
typedef enum err evidence_look_fn(struct db *db, struct req *rq, struct evidence_of *of);
MUST_USE enum err evidence_give(struct req *rq, evidence_look_fn *look);
// Its bytes, key and name are deleted; that it was there stays. ERR_NOT_FOUND: no such file of it is there. After the write: store_scrub.
MUST_USE enum err evidence_remove_db(struct db *db, struct req *rq, const struct evidence_of *of, struct id file);
// All files of a thing that is erased or taken out: as if each was removed.
MUST_USE enum err evidence_shred_db(struct db *db, struct req *rq, const struct evidence_of *of);
void evidence_scrub(struct req *rq); // from the log too, now
